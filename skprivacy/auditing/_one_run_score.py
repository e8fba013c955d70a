"""From the answers of a model to guesses about which canaries it was trained on."""

import numpy as np

from skprivacy.records import as_model_input
from skprivacy.signals import compute_signal, label_log_odds, truth_of
from skprivacy.targets import BlackBox

__all__ = ["count_right", "guess_extremes", "label_signal", "subtract_references"]

#: Added to both probabilities before their ratio is taken. A leaf or a few neighbors
#: that are all of one mind say 0 or 1, which is not infinitely sure.
SMOOTHING = 1e-3


def label_signal(model, X, y) -> np.ndarray:
    """How well a model knows the label of each record.

    Parameters
    ----------
    model : estimator
        Fitted classifier or regressor.

    X : DataFrame or ndarray of shape (n_records, n_features)
        Records.

    y : ndarray of shape (n_records,)
        Labels.

    Returns
    -------
    signal : ndarray of shape (n_records,)
        Log-odds of the label; where there are no probabilities the same of decision
        values, or whether the label is predicted; of values the squared error, negated.

    Raises
    ------
    ValueError
        If the model knows none of the labels.

    Examples
    --------
    >>> from sklearn.linear_model import LinearRegression
    >>> X = np.array([[0.0], [1.0]])
    >>> model = LinearRegression().fit(X, [0.0, 2.0])
    >>> label_signal(model, X, np.array([3.0, 2.0])).round(6).tolist()
    [-9.0, -0.0]
    """
    box = BlackBox(model)
    answers = box.query(as_model_input(X, box))
    truth = truth_of(y, box)
    if box.response_ == "proba":
        return label_log_odds(answers, truth, SMOOTHING)
    name = "logit" if box.response_ == "decision" else "loss"
    return compute_signal(name, answers, truth, box.response_)


def subtract_references(signals, usual, included) -> np.ndarray:
    """Signals of the model, less what they would be with the coin on its edge.

    Canaries differ: some labels are likely whether they were trained on or not. Models
    that were trained by other coins say how likely; what their own coins did to them is
    taken out, by the mean over all canaries.

    Parameters
    ----------
    signals : ndarray of shape (n_canaries,)
        Of the model.

    usual : ndarray of shape (n_references, n_canaries)
        Of the others.

    included : ndarray of bool of shape (n_references, n_canaries)
        Their coins.

    Returns
    -------
    scores : ndarray of shape (n_canaries,)

    Examples
    --------
    >>> usual = np.array([[3.0, 5.0], [1.0, 7.0]])
    >>> included = np.array([[True, False], [False, True]])
    >>> subtract_references(np.array([3.0, 7.0]), usual, included).tolist()
    [1.0, 1.0]
    """
    n_in, n_out = included.sum(), (~included).sum()
    effect = 0.0
    if n_in and n_out:
        effect = usual[included].mean() - usual[~included].mean()
    return signals - (usual - effect * (included - 0.5)).mean(axis=0)


def guess_extremes(scores, guess_fraction, order) -> np.ndarray:
    """Guess that the highest scores were trained on, and the lowest were not.

    Parameters
    ----------
    scores : ndarray of shape (n_canaries,)
        Scores.

    guess_fraction : float
        Share that something is guessed of, half of it on either side; at least one.

    order : ndarray of shape (n_canaries,)
        Which of equal scores comes first; not by anything that the coins decide.

    Returns
    -------
    guesses : ndarray of int of shape (n_canaries,)
        1, -1, or 0 where nothing is guessed.

    Examples
    --------
    >>> guess_extremes(np.array([0.5, 9.0, -3.0, 1.0]), 0.5, np.arange(4))
    array([ 0,  1, -1,  0])
    """
    k = max(int(guess_fraction * len(scores) / 2), 1)
    ranked = np.lexsort((order, scores))
    guesses = np.zeros(len(scores), dtype=int)
    guesses[ranked[:k]], guesses[ranked[-k:]] = -1, 1
    return guesses


def count_right(guesses, included) -> int:
    """Count the guesses that are right.

    Parameters
    ----------
    guesses : ndarray of int of shape (n_canaries,)
        From :func:`guess_extremes`.

    included : ndarray of bool of shape (n_canaries,)
        Which canaries were trained on.

    Returns
    -------
    n_correct : int

    Examples
    --------
    >>> count_right(np.array([1, 0, -1]), np.array([True, True, True]))
    1
    """
    return int(np.sum((guesses == 1) & included) + np.sum((guesses == -1) & ~included))
