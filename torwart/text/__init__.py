"""Reading text: normalisation, hashed n-grams, the text classifier."""
