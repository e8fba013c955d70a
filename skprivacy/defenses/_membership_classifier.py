"""A classifier of answers, to members and to others, with a gradient."""

import warnings

import numpy as np
from scipy.special import softmax
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

__all__ = ["LEAST", "MembershipClassifier"]

#: Smaller probabilities have about the logarithm of this.
LEAST = 1e-4
#: Penalty of large weights. The smoother the network, the more answers can be moved to
#: where it is undecided.
PENALTY = 10.0


class MembershipClassifier:
    """Tells answers to members from others; it can be differentiated.

    A network with one layer of 16 units looks at the logarithms of the probabilities,
    in order of size.

    Parameters
    ----------
    proba : ndarray of shape (n_answers, n_classes)
        Answers.

    is_member : ndarray of bool of shape (n_answers,)
        Which of them are to members.

    random_state : RandomState
        How the network starts.

    Examples
    --------
    >>> sure, unsure = np.tile([0.99, 0.01], (50, 1)), np.tile([0.6, 0.4], (50, 1))
    >>> classifier = MembershipClassifier(
    ...     np.vstack([sure, unsure]), np.repeat([True, False], 50), 0
    ... )
    >>> bool(classifier.log_odds(np.array([[0.01, 0.99]]))[0] > 0)
    True
    """

    def __init__(self, proba, is_member, random_state):
        looks = self._looks(proba)[0]
        self._mean = looks.mean(axis=0)
        spread = looks.std(axis=0)
        self._spread = np.where(spread > 0, spread, 1.0)
        network = MLPClassifier(
            (16,),
            activation="tanh",
            solver="lbfgs",
            alpha=PENALTY,
            random_state=random_state,
        )
        with warnings.catch_warnings():
            # What it has learned by then is what will be hidden.
            warnings.simplefilter("ignore", ConvergenceWarning)
            network.fit((looks - self._mean) / self._spread, is_member)
        self._weights, self._biases = network.coefs_, network.intercepts_

    def log_odds(self, proba):
        """Log-odds of "member".

        Parameters
        ----------
        proba : ndarray of shape (n_answers, n_classes)
            Answers, their classes in any order.

        Returns
        -------
        log_odds : ndarray of shape (n_answers,)
        """
        return self._forward(self._looks(proba)[0])[0]

    def gradient(self, logits):
        """Log-odds, and how they change with each of the logarithms.

        Parameters
        ----------
        logits : ndarray of shape (n_answers, n_classes)
            Logarithms of the answers, up to a constant, in any order.

        Returns
        -------
        log_odds : ndarray of shape (n_answers,)

        gradient : ndarray of shape (n_answers, n_classes)
        """
        looks, order = self._looks(softmax(logits, axis=1))
        log_odds, hidden = self._forward(looks)
        back = (1 - hidden**2) * self._weights[1][:, 0]
        # Through the logarithm and the softmax, then back to the order of the classes.
        by_proba = back @ self._weights[0].T / self._spread / np.exp(looks)
        proba = np.exp(looks) - LEAST
        by_logit = proba * (by_proba - (proba * by_proba).sum(axis=1, keepdims=True))
        gradient = np.empty_like(by_logit)
        np.put_along_axis(gradient, order, by_logit, axis=1)
        return log_odds, gradient

    def _forward(self, looks):
        inside = (looks - self._mean) / self._spread
        hidden = np.tanh(inside @ self._weights[0] + self._biases[0])
        return (hidden @ self._weights[1] + self._biases[1])[:, 0], hidden

    def _looks(self, proba):
        order = np.argsort(-proba, axis=1, kind="stable")
        # Differences between the very small count for nothing, and 0 has a logarithm.
        return np.log(np.take_along_axis(proba, order, axis=1) + LEAST), order
