"""Scorers for grid searches over attacks."""

from numbers import Real

from sklearn.metrics import make_scorer
from sklearn.utils._param_validation import Interval, validate_params

from skprivacy.metrics._roc import tpr_at_fpr

__all__ = ["SCORE_METHODS", "tpr_at_fpr_scorer"]

# A decision value before a probability: probabilities may round to ties at 0 and 1.
SCORE_METHODS = ("decision_function", "predict_proba")


@validate_params(
    {"fpr": [Interval(Real, 0, 1, closed="right")]},
    prefer_skip_nested_validation=True,
)
def tpr_at_fpr_scorer(fpr: float):
    """Scorer of the true positive rate at a false positive rate.

    Parameters
    ----------
    fpr : float
        False positive rate, in (0, 1].

    Returns
    -------
    scorer : callable
        ``scorer(estimator, X, y)``, for ``scoring=`` of
        :class:`~sklearn.model_selection.GridSearchCV` and its like. It asks for
        ``decision_function``, or ``predict_proba`` where there is none, and applies
        :func:`tpr_at_fpr`.

    Raises
    ------
    ValueError
        If `fpr` is not in (0, 1].

    Notes
    -----
    Each fold needs ``1 / fpr`` non-members of its own: with fewer the score of the fold
    is NaN, with a warning, and so is the mean over folds. Five folds of 4,000
    non-members have 800 each, which is enough for a rate of 0.01 and not for 0.001.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.model_selection import cross_val_score
    >>> from skprivacy.metrics import tpr_at_fpr_scorer
    >>> rng = np.random.default_rng(0)
    >>> y = np.repeat([0, 1], 500)
    >>> X = rng.normal(2 * y)[:, np.newaxis]
    >>> scorer = tpr_at_fpr_scorer(0.1)
    >>> cross_val_score(LogisticRegression(), X, y, scoring=scorer, cv=2).round(2)
    array([0.73, 0.8 ])
    """
    return make_scorer(tpr_at_fpr, response_method=SCORE_METHODS, fpr=fpr)
