"""What follows from how recipients answer a sender."""
