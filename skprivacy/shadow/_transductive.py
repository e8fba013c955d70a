"""Cross-validation for attacks that do not look at the truth."""

import numpy as np
from sklearn.model_selection import StratifiedKFold
from sklearn.utils import indexable

__all__ = ["TransductiveKFold"]


class TransductiveKFold:
    """All records for ``fit``, a fold of them for ``score``.

    An attack whose ``fit`` ignores the truth may know the records that it is scored on:
    it is how the attacker works, who holds the records and asks which were members.
    Plain cross-validation would take from its shadow models what the attacker has.

    Do not use it with an attack whose ``fit`` uses the truth (the tag
    ``target_tags.required`` is True): its score would be that of the training data.

    Parameters
    ----------
    n_splits : int, default=5
        Folds; at least 2. Members and non-members are spread evenly over them.

    shuffle : bool, default=True
        Draw the folds at random.

    random_state : int, RandomState instance or None, default=0
        Decides the folds. A fixed number by default, so that all candidates of a
        search are scored on the same folds.

    Examples
    --------
    >>> import numpy as np
    >>> from skprivacy.shadow import TransductiveKFold
    >>> cv = TransductiveKFold(2)
    >>> for fitted_on, scored_on in cv.split(np.zeros((6, 1)), [0, 0, 0, 1, 1, 1]):
    ...     print(fitted_on, len(scored_on))
    [0 1 2 3 4 5] 3
    [0 1 2 3 4 5] 3
    """

    def __init__(self, n_splits=5, *, shuffle=True, random_state=0):
        self.n_splits = n_splits
        self.shuffle = shuffle
        self.random_state = random_state

    def split(self, X, y, groups=None):
        """Yield the indices of each fold.

        Parameters
        ----------
        X : array-like of shape (n_records, n_columns)
            Records.

        y : array-like of shape (n_records,)
            Truth, for folds that hold members and non-members alike.

        groups : object
            Ignored.

        Yields
        ------
        fitted_on : ndarray of int of shape (n_records,)
            All records.

        scored_on : ndarray of int
            The fold.
        """
        X, y = indexable(X, y)
        everyone = np.arange(len(y))
        folds = StratifiedKFold(
            self.n_splits,
            shuffle=self.shuffle,
            random_state=self.random_state if self.shuffle else None,
        )
        for _, fold in folds.split(np.zeros((len(y), 1)), y):
            yield everyone, fold

    def get_n_splits(self, X=None, y=None, groups=None):
        """Return the number of folds.

        Parameters
        ----------
        X, y, groups : object
            Ignored.

        Returns
        -------
        n_splits : int
        """
        return self.n_splits

    def __repr__(self):
        return (
            f"TransductiveKFold(n_splits={self.n_splits}, shuffle={self.shuffle}, "
            f"random_state={self.random_state})"
        )
