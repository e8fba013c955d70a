"""Ask each record once, however many attacks want to know."""

from dataclasses import dataclass

import numpy as np

from skprivacy.records import hash_records
from skprivacy.targets import BlackBox

__all__ = ["RememberingBox"]

#: Longer parts are not joined any more, which would take their memory once again.
_LONGEST = 2**20


class RememberingBox(BlackBox):
    """A box that does not ask its model again what it has asked before.

    Parameters
    ----------
    box : BlackBox
        The box that is asked, its limits and its budget included.
    """

    def __init__(self, box):
        super().__init__(**box.get_params())
        self.box = box
        self._parts = []
        self._count = 0
        self._names = None

    def query(self, X):
        """Ask about what is new, and recall the rest.

        Parameters
        ----------
        X : table of shape (n_records, n_features)
            Features.

        Returns
        -------
        answers : ndarray of shape (n_records, n_columns)
        """
        hashes = hash_records(X)
        distinct, first, place = np.unique(
            hashes, return_index=True, return_inverse=True
        )
        known = np.zeros(len(distinct), dtype=bool)
        found = []
        for part in self._parts:
            here, row = part.find(distinct)
            part.wanted[row[here]] = self._count
            known |= here
            found.append((here, part.answers[row[here]]))
        if not known.all():
            # In the order in which they came, as a budget ends at one of them.
            new = np.sort(first[~known])
            rows = X.iloc[new] if hasattr(X, "iloc") else X[new]
            asked = self.box.query(rows)
            here = ~known
            added = asked[np.searchsorted(new, first[here])]
            found.append((here, added))
            self._remember(_Part(distinct[here], added, self._count))
        answers = np.empty((len(distinct), found[0][1].shape[1]), found[0][1].dtype)
        for here, some in found:
            answers[here] = some
        return answers[place]

    def _remember(self, part):
        """Keep few parts: each at least twice as long as the next, or very long."""
        while self._parts:
            last = len(self._parts[-1].hashes)
            if last >= min(2 * len(part.hashes), _LONGEST):
                break
            part = self._parts.pop().joined(part)
        self._parts.append(part)

    def name_features(self, names):
        """Say what the features are called, where the model does not know."""
        self._names = np.asarray(names, dtype=object)

    @property
    def feature_names_in_(self):
        """Names of the features, the model's own or those that it was told."""
        if self._names is not None:
            return self._names
        return self.model.feature_names_in_

    def count_from_here(self):
        """Start to count the records that one attack wants to know about."""
        self._count += 1

    @property
    def n_wanted(self):
        """Different records that were wanted since the count began."""
        return sum(int((part.wanted == self._count).sum()) for part in self._parts)

    @property
    def n_queries_(self):
        """Records that the model was asked about."""
        return self.box.n_queries_


@dataclass
class _Part:
    """Answers by the hash of what was asked, in the order of the hashes."""

    hashes: np.ndarray
    answers: np.ndarray
    #: The count during which each was wanted last.
    wanted: np.ndarray | int

    def __post_init__(self):
        self.wanted = np.broadcast_to(self.wanted, len(self.hashes)).astype(np.int32)

    def find(self, hashes):
        row = np.searchsorted(self.hashes, hashes)
        row = np.minimum(row, len(self.hashes) - 1)
        return self.hashes[row] == hashes, row

    def joined(self, other):
        hashes = np.concatenate([self.hashes, other.hashes])
        order = np.argsort(hashes, kind="stable")
        answers = np.concatenate([self.answers, other.answers])
        wanted = np.concatenate([self.wanted, other.wanted])
        return _Part(hashes[order], answers[order], wanted[order])
