"""What an attacker can reach of a model."""

__all__ = ["BLACK_BOX", "WHITE_BOX", "who"]

#: The attacker asks the model, and sees its answers.
BLACK_BOX = "black box"
#: The attacker holds the fitted model, as in a file, and reads what it holds.
WHITE_BOX = "white box"


def who(access: str) -> str:
    """Say who can attack in this way.

    Parameters
    ----------
    access : {"black box", "white box"}

    Returns
    -------
    text : str

    Examples
    --------
    >>> who("white box")
    'an attacker who holds the model file'
    """
    can = {
        BLACK_BOX: "can only ask the model",
        WHITE_BOX: "holds the model file",
    }[access]
    return f"an attacker who {can}"
