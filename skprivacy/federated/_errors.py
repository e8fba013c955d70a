"""What ends a round, or a client's part in it."""

__all__ = ["CohortTooSmall", "ProtocolError", "TooManyDropouts", "UnsafeModel"]


class ProtocolError(RuntimeError):
    """A message that the protocol does not allow; who raises it goes no further."""


class CohortTooSmall(ProtocolError):  # noqa: N818 - says what it is
    """So few clients that their sum would tell too much of each."""


class TooManyDropouts(ProtocolError):  # noqa: N818 - says what it is
    """Too few clients are left to take the masks away; nothing is revealed."""


class UnsafeModel(ProtocolError):  # noqa: N818 - says what it is
    """A model that a client computes no update for."""
