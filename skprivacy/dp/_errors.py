"""What is raised where a promise would be broken."""

__all__ = ["PrivacyBudgetExceeded", "PrivacyLeakError", "PrivacyLeakWarning"]


class PrivacyLeakError(ValueError):
    """Something that must be public would be read off the private data."""


class PrivacyLeakWarning(UserWarning):
    """Something that must be public was read off the private data."""


class PrivacyBudgetExceeded(RuntimeError):  # noqa: N818 - as users know it
    """A release would spend more than is left; nothing was released."""
