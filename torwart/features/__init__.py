"""What is known about a message, as numbers: one group a module, every feature declared once."""
