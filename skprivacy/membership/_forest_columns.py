"""Evidence from inside of a model of trees, for an attack that learns from columns."""

import numpy as np
from sklearn.frozen import FrozenEstimator

from skprivacy.inspection import read_trees
from skprivacy.inspection._bootstrap import replay_bootstrap
from skprivacy.membership._forest_evidence import Candidates
from skprivacy.records import as_model_input, find_records, take_rows
from skprivacy.signals import truth_of
from skprivacy.targets import check_target

__all__ = ["ForestColumns", "holds_trees"]


class ForestColumns:
    """What the trees of a model say of a list of records, and of further ones.

    Parameters
    ----------
    model : fitted estimator
        A model of which :func:`holds_trees` is true.

    X : DataFrame or ndarray of shape (n_records, n_features)
        Features of the list, among which the training rows are.

    y : ndarray of shape (n_records,)
        Their labels.

    hashes : ndarray of shape (n_records,)
        Their hashes.

    like : ForestColumns or None, default=None
        Read no more than what this one found: no bootstrap samples where it has none,
        no counts where its model does not tell them.

    Attributes
    ----------
    hashes : ndarray of shape (n_records,)
        Hashes of the list.

    columns : ndarray of shape (n_records, n_columns)
        Evidence on the list.
    """

    def __init__(self, model, X, y, hashes, like=None):
        self._box = check_target(FrozenEstimator(model))
        self.hashes = hashes
        replayed = like is None or like._known.draws.known
        self._known = Candidates(
            model,
            as_model_input(X, self._box),
            truth_of(y, self._box),
            replay_bootstrap(model) if replayed else None,
            counts=like is None or like._known.tells_counts,
        )
        self.columns = _with_pulled_in(self._known.columns())

    def of(self, X, y, hashes):
        """Columns of other records, or of some on the list.

        Parameters
        ----------
        X, y, hashes : table and arrays
            As for the list.

        Returns
        -------
        columns : ndarray of shape (n_records, n_columns)
        """
        place = find_records(self.hashes, hashes)
        columns = self.columns[place]
        new = np.flatnonzero(place < 0)
        if len(new):
            X = take_rows(as_model_input(X, self._box), new)
            truth = truth_of(y, self._box)[new]
            further = self._known.further_columns(X, truth)
            columns[new] = _with_pulled_in(further)
        return columns


def holds_trees(models):
    """Whether the trees of all models can be read.

    Parameters
    ----------
    models : list of estimators
        Fitted models.

    Returns
    -------
    holds : bool
    """
    try:
        for model in models:
            read_trees(model)
    except TypeError:
        return False
    return True


def _with_pulled_in(columns):
    """Add logarithms, in which evidence that is large does not outweigh the rest."""
    return np.hstack([columns, np.sign(columns) * np.log1p(np.abs(columns))])
