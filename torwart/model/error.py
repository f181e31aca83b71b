"""What is raised when a model cannot be used."""


class ModelError(ValueError):
    """A model folder that is damaged, foreign or of another Torwart; the message says where and what would be right."""
