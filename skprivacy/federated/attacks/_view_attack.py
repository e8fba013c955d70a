"""What scikit-learn is told of attacks on a server's view."""

__all__ = ["ViewAttackMixin"]


class ViewAttackMixin:
    """Marks an estimator that is fitted on a :class:`ServerView`, and has no `y`."""

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        # What is fitted on is no table of numbers.
        tags.input_tags.two_d_array = False
        tags.target_tags.required = False
        return tags
