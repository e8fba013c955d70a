"""How closely a copy follows the model that it was copied from."""

from typing import Any

import numpy as np

from skprivacy._validation import as_table
from skprivacy.targets import BlackBox, check_target

__all__ = ["answer_distance", "fidelity_score", "label_agreement", "r2_of_answers"]


def label_agreement(answers, copied):
    """Share of records that get the same label.

    Parameters
    ----------
    answers, copied : ndarray of shape (n_records, n_classes)
        Answers of the target and of its copy, one column a class.

    Returns
    -------
    agreement : float
    """
    return float(np.mean(answers.argmax(axis=1) == copied.argmax(axis=1)))


def answer_distance(answers, copied):
    """Mean distance of answers: half the sum of the absolute differences.

    Of probabilities it is the total variation distance, 0 to 1; of single numbers half
    of their difference.

    Parameters
    ----------
    answers, copied : ndarray of shape (n_records, n_columns)
        Answers of the target and of its copy.

    Returns
    -------
    distance : float
    """
    return float(np.abs(answers - copied).sum(axis=1).mean() / 2)


def r2_of_answers(answers, copied):
    """Share of the target's variance that the copy has right.

    Parameters
    ----------
    answers, copied : ndarray of shape (n_records, n_columns)
        Answers of the target and of its copy.

    Returns
    -------
    r2 : float
        Of a target that answers the same to all: 1 if the copy does too, else 0.
    """
    left = float(((answers - copied) ** 2).sum())
    spread = float(((answers - answers.mean(axis=0)) ** 2).sum())
    if spread == 0:
        return float(left == 0)
    return 1 - left / spread


def fidelity_score(target, copy, X, *, metric="auto") -> float:
    """How closely a copy follows its target.

    Parameters
    ----------
    target : BlackBox or FrozenEstimator
        The model that was copied. It is asked without rounding and without a budget:
        to measure is not to attack.

    copy : fitted estimator
        The copy: a fitted attack, or any classifier or regressor.

    X : DataFrame or array-like of shape (n_records, n_features)
        Records to compare them on.

    metric : {"auto", "agreement", "distance", "max_difference", "r2"}, default="auto"
        - "agreement": share of records with the same label;
        - "distance": mean total variation distance of probabilities, 0 to 1;
        - "max_difference": the largest difference of any answer;
        - "r2": share of the variance of the target's answers that the copy has right.

        "auto": agreement of classifiers, R2 of regressors.

    Returns
    -------
    fidelity : float

    Raises
    ------
    ValueError
        If `metric` compares what the target, or the copy, does not answer with.

    See Also
    --------
    EquationSolvingAttack : Copies whose probabilities are the target's.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.frozen import FrozenEstimator
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skprivacy.extraction import fidelity_score
    >>> X, y = load_iris(return_X_y=True)
    >>> model = LogisticRegression(max_iter=1000).fit(X, y)
    >>> copy = DecisionTreeClassifier(random_state=0).fit(X, model.predict(X))
    >>> fidelity_score(FrozenEstimator(model), copy, X)
    1.0
    >>> round(fidelity_score(FrozenEstimator(model), copy, X, metric="distance"), 2)
    0.1
    """
    if not isinstance(metric, str) or metric not in METRICS:
        raise ValueError(f"metric must be one of {sorted(METRICS)}; got {metric!r}.")
    box = unlimited(check_target(target))
    if not hasattr(copy, "predict") or isinstance(copy, type):
        raise TypeError(f"copy must be a fitted estimator; got {copy!r}.")
    X = as_table(X)
    is_number = box.response_ == "value"
    if metric == "auto":
        metric = "r2" if is_number else "agreement"
    if metric == "agreement":
        if is_number:
            raise ValueError(
                "metric='agreement' compares labels, and the target answers with "
                "numbers; 'r2' and 'max_difference' compare those."
            )
        return float(np.mean(box.predict(X) == copy.predict(X)))
    method = {"proba": "predict_proba", "decision": "decision_function"}.get(
        box.response_, "predict"
    )
    if box.response_ == "label":
        raise ValueError(
            f"metric={metric!r} compares probabilities or numbers, and the target "
            "answers with labels alone; 'agreement' compares those."
        )
    if not hasattr(copy, method):
        raise ValueError(
            f"metric={metric!r} compares what the target answers with, and "
            f"{type(copy).__name__} has no {method}."
        )
    theirs, ours = (
        np.asarray(getattr(model, method)(X), dtype=float).reshape(len(X), -1)
        for model in (box, copy)
    )
    if theirs.shape != ours.shape:
        raise ValueError(
            f"the target answers with {theirs.shape[1]} columns, the copy with "
            f"{ours.shape[1]}."
        )
    return METRICS[metric](theirs, ours)


def unlimited(box):
    """Return the target without budget, rounding or hidden classes, to measure by."""
    return BlackBox(box.model, response=box.response_, classes=box.classes)


def largest_difference(answers, copied):
    """Largest absolute difference of any answer."""
    return float(np.abs(answers - copied).max())


METRICS: dict[str, Any] = {
    "auto": None,
    "agreement": label_agreement,
    "distance": answer_distance,
    "max_difference": largest_difference,
    "r2": r2_of_answers,
}
