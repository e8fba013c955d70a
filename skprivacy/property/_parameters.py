"""Parameters of models and of the steps before them, by name."""

__all__ = ["read_parameters", "read_preprocessing"]


def read_parameters(model) -> dict:
    """Read the parameters of a fitted model."""
    return {}


def read_preprocessing(model) -> dict:
    """Read what the steps before a model hold."""
    return {}
