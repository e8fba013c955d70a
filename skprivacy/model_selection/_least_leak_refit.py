"""The setting that leaks least among those that are as good as the best."""

import re
from functools import partial
from numbers import Real

import numpy as np
from sklearn.utils._param_validation import Interval, StrOptions, validate_params

__all__ = ["least_leak_index", "least_leak_refit"]


@validate_params(
    {
        "max_loss": [StrOptions({"1se"}), Interval(Real, 0, None, closed="left")],
        "score": [str],
        "leak": [str],
    },
    prefer_skip_nested_validation=True,
)
def least_leak_refit(max_loss="1se", *, score="accuracy", leak="leak"):
    """Rule for ``refit=`` of grid searches: the least leak near the best score.

    Parameters
    ----------
    max_loss : "1se" or float, default="1se"
        How far below the best mean score a setting may be: one standard error of the
        best one's mean over the splits (the rule by which Breiman et al. prune trees
        [1]_), or a number in the units of the score, such as 0.01 of accuracy.

    score : str, default="accuracy"
        Name of the score in ``scoring=``.

    leak : str, default="leak"
        Name of a :func:`privacy_scorer` in ``scoring=``: minus the leak, so that the
        greatest is the least.

    Returns
    -------
    refit : callable
        ``refit(cv_results)`` gives the index of the setting. Of settings that leak the
        same the one with the best score is taken; those without a score, or without a
        leak, are left out.

    Raises
    ------
    ValueError
        If `max_loss` is something else; when it is called, if a name is not among the
        results, nothing is left, or "1se" meets fewer than two splits.

    See Also
    --------
    RegularizedSearchCV : A search with this rule inside.

    Notes
    -----
    The leak of the setting that is picked is the least of several noisy figures, and
    so too low on average: attack the final model on records of its own.

    References
    ----------
    .. [1] L. Breiman, J. H. Friedman, R. A. Olshen and C. J. Stone, "Classification
       and Regression Trees", 1984.

    Examples
    --------
    The second loses .01 of accuracy and leaks less; the third loses too much.

    >>> from skprivacy.model_selection import least_leak_refit
    >>> results = {
    ...     "mean_test_accuracy": [0.85, 0.84, 0.80],
    ...     "mean_test_leak": [-0.30, -0.10, -0.02],
    ... }
    >>> least_leak_refit(0.02)(results)
    1
    """
    return partial(least_leak_index, max_loss=max_loss, score=score, leak=leak)


def least_leak_index(cv_results, *, max_loss, score, leak):
    """Index of the setting that leaks least of those that are good enough.

    Parameters
    ----------
    cv_results : dict of str to array-like
        As ``cv_results_`` of a grid search.

    max_loss, score, leak : object
        As :func:`least_leak_refit` takes them.

    Returns
    -------
    index : int
    """
    means = _column(cv_results, f"mean_test_{score}")
    leaks = _column(cv_results, f"mean_test_{leak}")
    usable = np.isfinite(means) & np.isfinite(leaks)
    if not usable.any():
        raise ValueError(
            f"no setting has both a finite mean_test_{score} and a finite "
            f"mean_test_{leak}: got {means.tolist()} and {leaks.tolist()}."
        )
    best = int(np.argmax(np.where(usable, means, -np.inf)))
    loss = (
        _one_standard_error(cv_results, score, best) if max_loss == "1se" else max_loss
    )
    # What is at the limit is in, also where 0.85 - 0.01 is a little above 0.84.
    allowed = usable & (means >= means[best] - loss - 1e-12)
    order = np.lexsort((-means, -leaks))
    return int(next(i for i in order if allowed[i]))


def _one_standard_error(cv_results, score, best):
    name = re.compile(rf"split\d+_test_{re.escape(score)}")
    splits = [cv_results[key][best] for key in cv_results if name.fullmatch(key)]
    if len(splits) < 2:
        raise ValueError(
            "max_loss='1se' needs the scores of at least 2 splits, "
            f"split0_test_{score} and so on; got {len(splits)}. A number needs none."
        )
    return float(np.std(splits, ddof=1) / np.sqrt(len(splits)))


def _column(cv_results, name):
    if name not in cv_results:
        known = [key[10:] for key in cv_results if key.startswith("mean_test_")]
        raise ValueError(
            f"{name!r} is not among the results, which have the scores {known}. Name "
            "the score and the leak as in scoring=."
        )
    return np.asarray(cv_results[name], dtype=float)
