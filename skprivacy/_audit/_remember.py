"""Ask each record once, however many attacks want to know."""

import numpy as np

from skprivacy.records import hash_records
from skprivacy.targets import BlackBox

__all__ = ["RememberingBox"]


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
        self.answers_ = {}
        self._wanted = set()
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
        self._wanted.update(hashes.tolist())
        known = self.answers_
        _, first = np.unique(hashes, return_index=True)
        new = np.sort([i for i in first if hashes[i] not in known]).astype(int)
        if len(new):
            rows = X.iloc[new] if hasattr(X, "iloc") else X[new]
            answers = self.box.query(rows)
            known.update(zip(hashes[new].tolist(), answers, strict=True))
        return np.stack([known[h] for h in hashes.tolist()])

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
        self._wanted.clear()

    @property
    def n_wanted(self):
        """Different records that were wanted since the count began."""
        return len(self._wanted)

    @property
    def n_queries_(self):
        """Records that the model was asked about."""
        return self.box.n_queries_
