"""Learn from runs in both worlds which outputs are typical of which."""

import numpy as np
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from skprivacy.auditing._thresholds import bound_from_scores

__all__ = ["LearnedScore"]

#: Columns that classifiers are given, those first that tell most by themselves.
MOST_COLUMNS = 40
#: Robust deviations beyond which a value is as good as any other.
FAR = 10.0
#: Directions in which outputs vary less than this share of the widest are of rounding.
LEAST_SPREAD = 1e-12


class LearnedScore:
    """A score of outputs, learned from some: larger means "more like the first world".

    Classifiers are tried in cross-validation: a linear one, one with squares, and
    boosted trees; the first and the last also on columns that were rotated and scaled
    until none varies with another, so that what noise has in common cancels. The one
    with the largest bound on epsilon is kept (Bichsel et al. 2021 take a linear one,
    and a network).

    Parameters
    ----------
    delta : float, default=0.0
        Delta of the bound.

    random_state : int, default=0
        Folds, and the order of ties.

    with_trees : bool, default=True
        Whether boosted trees are tried, which take the longest and need many outputs.

    Attributes
    ----------
    merit_ : tuple of (float, float)
        Of outputs that were not learned from: a guess of epsilon, too large where it is
        the largest of many, and the ROC AUC.

    Examples
    --------
    >>> rng = np.random.RandomState(0)
    >>> first, second = rng.normal([3.0, 0.0], size=(100, 2)), rng.normal(size=(100, 2))
    >>> score = LearnedScore().fit(first, second)
    >>> score(np.array([[5.0, 0.0]])) > score(np.array([[-2.0, 0.0]]))
    array([ True])
    """

    def __init__(self, delta=0.0, random_state=0, with_trees=True):
        self.delta = delta
        self.random_state = random_state
        self.with_trees = with_trees

    def fit(self, first, second):
        """Learn.

        Parameters
        ----------
        first, second : ndarray of shape (n_runs, n_columns)
            Outputs in either world; NaN where one has no such part.

        Returns
        -------
        self : LearnedScore
        """
        table = np.concatenate([first, second])
        y = np.repeat([1, 0], [len(first), len(second)])
        self.center_, self.scale_ = _robust(table)
        scaled = self._scaled(table)
        tells = np.maximum(
            _difference(scaled, y), _difference(np.abs(scaled - scaled.mean(0)), y)
        )
        best = np.argsort(-tells, kind="stable")[:MOST_COLUMNS]
        self.columns_ = best[tells[best] > 0]
        self.model_, self.merit_ = None, (0.0, 0.5)
        if len(self.columns_):
            self._choose(scaled[:, self.columns_], y)
        return self

    def __call__(self, table) -> np.ndarray:
        """Score outputs.

        Parameters
        ----------
        table : ndarray of shape (n_runs, n_columns)
            As in :meth:`fit`.

        Returns
        -------
        score : ndarray of shape (n_runs,)
        """
        if self.model_ is None:
            return np.zeros(len(table))
        columns = self._scaled(table)[:, self.columns_]
        return self.model_.decision_function(self.form_(columns))

    def _scaled(self, table):
        scaled = np.clip((table - self.center_) / self.scale_, -FAR, FAR)
        # That there is no such part is a value as well, far from all others.
        return np.where(np.isnan(scaled), 2 * FAR, scaled)

    def _choose(self, columns, y):
        folds = StratifiedKFold(3, shuffle=True, random_state=self.random_state)
        best = None
        for form, model in self._candidates(columns, y):
            scores = cross_val_predict(
                model, form(columns), y, cv=folds, method="decision_function"
            )
            bound = bound_from_scores(
                scores[y == 1],
                scores[y == 0],
                threshold="bonferroni",
                delta=self.delta,
                confidence=0.5,
                random_state=self.random_state,
            )
            merit = (bound.epsilon, roc_auc_score(y, scores))
            if best is None or merit > best:
                best, self.form_, self.model_ = merit, form, model
        self.merit_ = best
        self.model_.fit(self.form_(columns), y)

    def _candidates(self, columns, y):
        linear = LogisticRegression(C=0.1, max_iter=500)
        trees = HistGradientBoostingClassifier(
            max_iter=40,
            max_leaf_nodes=8,
            min_samples_leaf=10,
            early_stopping=False,
            random_state=self.random_state,
        )
        forms = [_as_is, _with_squares]
        rotated = [_Whitened(columns, y)] if columns.shape[1] > 1 else []
        candidates = [(form, clone(linear)) for form in forms + rotated]
        if self.with_trees:
            candidates += [(form, clone(trees)) for form in [_as_is, *rotated]]
        return candidates


class _Whitened:
    """Columns rotated and scaled: of one deviation, and uncorrelated, within worlds."""

    def __init__(self, columns, y):
        self.center = columns.mean(axis=0)
        within = columns - np.where(
            y[:, None] == 1, columns[y == 1].mean(axis=0), columns[y == 0].mean(axis=0)
        )
        variance, axes = np.linalg.eigh(within.T @ within / len(within))
        # What never varies within a world is seen as it is.
        kept = variance > LEAST_SPREAD * max(variance[-1], 1.0)
        self.axes = axes / np.sqrt(np.where(kept, variance, 1.0))

    def __call__(self, columns):
        return np.clip((columns - self.center) @ self.axes, -FAR, FAR)


def _as_is(columns):
    return columns


def _with_squares(columns):
    return np.concatenate([columns, columns**2 / FAR], axis=1)


def _robust(table):
    """Median and spread of each column, whatever its outliers."""
    filled = np.where(np.isnan(table).all(axis=0), 0.0, table)
    low, center, high = np.nanquantile(filled, [0.1, 0.5, 0.9], axis=0)
    spread = (high - low) / 2
    deviation = np.nanstd(filled, axis=0)
    spread = np.where(spread > 0, spread, deviation)
    return center, np.where(spread > 0, spread, 1.0)


def _difference(columns, y):
    """How far apart the means of both worlds are, in standard errors."""
    first, second = columns[y == 1], columns[y == 0]
    apart = np.abs(first.mean(axis=0) - second.mean(axis=0))
    error = np.sqrt(first.var(0) / len(first) + second.var(0) / len(second))
    # Where nothing varies within a world, any difference is as large as it can be.
    return np.where(apart > 1e-12, apart / np.maximum(error, 1e-12), 0.0)
