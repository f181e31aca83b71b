"""Parts of the event classifier's benchmark."""
