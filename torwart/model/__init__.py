"""The fitted model: its trees, how it is stored, and why it says what it says."""
