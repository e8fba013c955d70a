"""What is raised where a promise would be broken."""

__all__ = [
    "PrivacyBudgetExceeded",
    "PrivacyLeakError",
    "PrivacyLeakWarning",
    "PrivateFitWarning",
]


class PrivacyLeakError(ValueError):
    """Something that must be public would be read off the private data."""


class PrivacyLeakWarning(UserWarning):
    """Something that must be public was read off the private data."""


class PrivateFitWarning(UserWarning):
    """Something that must be known of a private model before it is released.

    Shadow models, which nobody releases, do not give it.
    """


class PrivacyBudgetExceeded(RuntimeError):  # noqa: N818 - as users know it
    """A release would spend more than is left; nothing was released."""
