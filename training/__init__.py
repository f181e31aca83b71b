"""The offline program: events -> dataset -> model, and the simulated world."""
