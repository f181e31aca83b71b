"""A simulated world of businesses, people and spammers, whose rates stand in ``rates.toml``."""
