"""Who was in the bag of each part of a bagging model, whatever the parts are."""

import numpy as np
from scipy.special import logsumexp
from sklearn.base import is_classifier

from skprivacy.membership._replay_ratio import ReplayedRows

__all__ = ["BagCandidates", "pattern_ratio"]

#: Steps, in standard deviations, by which parts with a row may be surer of it.
STEPS = (0.25, 0.5, 1.0, 1.5, 2.0)


def pattern_ratio(signal, inside, step):
    """Log-likelihood ratio of "the record is that row" over "it is nobody's".

    A part's signal on a record is taken to be Gaussian with variance 1, and higher by
    `step` where the part has the record.

    Parameters
    ----------
    signal : ndarray of shape (n_records, n_parts)
        Standardized.

    inside : ndarray of bool of shape (n_rows, n_parts)
        Which row each part has.

    step : float
        How much higher.

    Returns
    -------
    ratio : ndarray of shape (n_records, n_rows)

    Examples
    --------
    One part, signal 1, row inside: 1 * 1 - 1 / 2.

    >>> pattern_ratio(np.array([[1.0]]), np.array([[True]]), 1.0)
    array([[0.5]])
    """
    centered = inside - inside.mean(axis=0) * (len(inside) > 1)
    return step * signal @ centered.T - step**2 / 2 * (centered**2).sum(axis=1)


class BagCandidates:
    """Candidates compared with the bags of a model.

    Parameters
    ----------
    model : fitted estimator
        A bagging model, or a pipeline that ends in one.

    X : table of shape (n_records, n_features)
        Features.

    truth : ndarray of shape (n_records,)
        Position of each label among the classes, or the true value.

    counts : ndarray of int of shape (n_rows, n_parts)
        How often each row was drawn for each part.
    """

    def __init__(self, model, X, truth, counts):
        self.model, self.inside = model, (counts > 0).astype(float)
        signal = self._signal(X, truth)
        self.spread = max(float(np.std(signal)), 1e-12)
        # The step under which the candidates as a whole are likeliest; half of them,
        # or as many as there are rows, are taken to be members.
        share = np.clip(len(counts) / max(len(truth), 1), 0.01, 0.5)
        scores = [self._rows(signal, step) for step in STEPS]
        fit = [
            np.logaddexp(np.log(share) + s.score, np.log1p(-share)).sum()
            for s in scores
        ]
        best = int(np.argmax(fit))
        self.step, self.rows = STEPS[best], scores[best]

    def further(self, X, truth):
        """Compare other records, each for itself.

        Parameters
        ----------
        X, truth : table and array
            As for the candidates.

        Returns
        -------
        nothing : None
            In the place of leaves.

        rows : ReplayedRows
        """
        return None, self._rows(self._signal(X, truth), self.step)

    def _rows(self, signal, step):
        n = len(signal)
        score, row = np.empty(n), np.empty(n, dtype=int)
        for start in range(0, n, BLOCK):
            part = slice(start, start + BLOCK)
            ratio = pattern_ratio(signal[part] / self.spread, self.inside, step)
            score[part] = logsumexp(ratio, axis=1) - np.log(ratio.shape[1])
            row[part] = ratio.argmax(axis=1)
        nothing = np.zeros(n)
        return ReplayedRows(score, row, nothing, nothing, np.zeros((0, n)))

    def _signal(self, X, truth):
        """How much surer than the others each part is of the record's label."""
        steps, last = [], self.model
        while hasattr(last, "steps"):
            steps, last = [*steps, *(s for _, s in last.steps[:-1])], last.steps[-1][1]
        for step in steps:
            X = step.transform(X)
        X = np.asarray(X)
        parts = zip(last.estimators_, last.estimators_features_, strict=True)
        sure = [self._sure(part, X[:, columns], truth, last) for part, columns in parts]
        sure = np.column_stack(sure)
        return sure - sure.mean(axis=1, keepdims=True)

    def _sure(self, part, X, truth, model):
        if not is_classifier(model):
            return -np.abs(part.predict(X) - truth)
        if not hasattr(part, "predict_proba"):
            return (part.predict(X) == truth).astype(float)
        proba = np.zeros((len(X), len(model.classes_) + 1))
        proba[:, np.asarray(part.classes_, dtype=int)] = part.predict_proba(X)
        # A label that nobody knows stands at -1: the last column, which is empty.
        return proba[np.arange(len(X)), truth.astype(int)]


#: Records that are compared with all rows at once.
BLOCK = 2_000
