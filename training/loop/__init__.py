"""The closed loop: one world under several defences, with spammers who react to what gets through."""
