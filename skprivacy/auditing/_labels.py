"""Labels that records can have."""

import numpy as np
from sklearn.utils.multiclass import type_of_target

from skprivacy._validation import classes_of

__all__ = ["Labels"]


class Labels:
    """Labels that there are, and others that there can be.

    Parameters
    ----------
    y : array-like of shape (n_records,) or None
        Labels: classes, or numbers.

    classes, y_bounds, is_regression : object
        As in ``neighboring_tables``.

    Examples
    --------
    >>> labels = Labels([0, 0, 1], classes=[0, 1, 5])
    >>> labels.ends(0), labels.rare_and_common()
    ((0, 5), (5, 0))
    """

    def __init__(self, y, classes=None, y_bounds=None, is_regression=None):
        self.y = None if y is None else np.asarray(y)
        if y is None:
            self.is_regression, self.can_differ = False, False
            return
        if self.y.dtype.kind in "US":
            # Else a longer class would be cut.
            self.y = self.y.astype(object)
        y = self.y
        if is_regression is None:
            looks = type_of_target(y) if classes is None else "multiclass"
            is_regression = looks.startswith("continuous")
        self.is_regression = is_regression
        if is_regression:
            y = self.y = y.astype(float)
            self.low, self.high = (y.min(), y.max()) if y_bounds is None else y_bounds
            self.can_differ = self.low != self.high
            return
        known = classes_of(y)
        more = [] if classes is None else np.asarray(classes).tolist()
        unseen = [c for c in more if c not in set(known.tolist())]
        self.classes = [*known.tolist(), *unseen]
        self.can_differ = len(self.classes) > 1

    def cycle(self, n):
        """Labels of ``n`` records, all that there are in turn."""
        if self.y is None:
            return None
        if self.is_regression:
            return np.resize(self.y, n)
        return np.resize(np.array(self.classes, dtype=self.y.dtype), n)

    def ends(self, label):
        """Two labels as far apart as can be, the first one the given."""
        if not self.can_differ:
            return label, label
        if self.is_regression:
            return self.low, self.high
        others = [c for c in self.classes if c != label]
        return label, others[-1]

    def rare_and_common(self):
        """Return the class of the fewest records, and that of the most."""
        counts = [np.sum(self.y == c) for c in self.classes]
        rare = int(np.argmin(counts[::-1]))
        rare = len(counts) - 1 - rare
        counts[rare] = -1
        return self.classes[rare], self.classes[int(np.argmax(counts))]
