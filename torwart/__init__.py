"""Torwart: how likely a business message is abuse, and what to do about it."""
