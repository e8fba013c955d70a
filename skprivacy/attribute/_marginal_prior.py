"""Attribute inference from how often values occur and how often the target errs."""

import numpy as np

from skprivacy.attribute._base import BaseTargetAttack
from skprivacy.signals import truth_of

__all__ = ["MarginalPriorAttack"]


class MarginalPriorAttack(BaseTargetAttack):
    """Weigh how common a value is by how well the target's answer fits the label.

    Each candidate value is put into the record, and the target is asked. The likeliest
    is the value for which its share in the population, times the chance of such an
    answer where the label is the record's, is largest. What else is known of the record
    reaches the attack through the target alone. Known in the literature as MAP, for
    maximum a posteriori.

    Parameters
    ----------
    target : BlackBox or FrozenEstimator
        The model under attack. Of a classifier's answer only the predicted class is
        used.

    sensitive : str, int or list
        Sensitive column: its name, or its position among the target's features; or
        several, which are inferred together.

    values : {"auto", "classes", "numeric"} or array-like, default="auto"
        What the secret may be. "classes": one of the values that `y` has. "numeric": a
        number. "auto": numbers of more than 20 different values, or with fractions,
        are numbers. Or the candidates themselves.

    label : str, int, default=-1
        The label's column in ``X``.

    label_known : bool, default=True
        Whether the label of the records under attack is known; this attack needs it.

    Attributes
    ----------
    prior_ : ndarray of shape (n_candidates,)
        Share of each candidate among the attacker's own records.

    confusion_ : ndarray of shape (n_target_classes, n_target_classes)
        Chance of each predicted class (column) where the label is that of the row; only
        for classifiers.

    error_scale_ : float
        Standard deviation of the target's error; only for regressors.

    classes_ : ndarray
        Candidate values; not for a numeric secret.

    grid_ : ndarray of shape (n_candidates,)
        Steps of the number line, between which numbers are then looked for; for a
        numeric secret.

    n_features_in_ : int
        Columns that are known.

    Raises
    ------
    ValueError
        If the label of the records under attack is not known.

    See Also
    --------
    ConfidenceAttack : How sure the target is, instead of how often it errs.
    ImputationBaseline : What to compare it with.

    Notes
    -----
    Assumes that the attacker can ask the target, holds complete records of the same
    population, and knows of a record all but the secret.

    Shares, and the chances of answers, count every case once more than it was seen, so
    that none is ruled out. A label that the target does not know tells nothing, and the
    share alone decides. In the papers the attacker knows shares and errors from
    elsewhere; here they are measured on the attacker's own records, which the target
    was not trained on, so that a model that errs there and not on its members has a
    diagonal that is too weak for members. Several sensitive columns have one share for
    each combination, where the first paper multiplies the shares of the columns.

    References
    ----------
    M. Fredrikson, E. Lantz, S. Jha, S. Lin, D. Page, T. Ristenpart. "Privacy in
    pharmacogenetics: an end-to-end case study of personalized warfarin dosing". USENIX
    Security 2014.

    S. Yeom, I. Giacomelli, M. Fredrikson, S. Jha. "Privacy risk in machine learning:
    analyzing the connection to overfitting". IEEE CSF 2018.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skprivacy.attribute import MarginalPriorAttack
    >>> from skprivacy.targets import BlackBox
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(600, 4))
    >>> X[:, 1] = rng.integers(2, size=600)  # the secret
    >>> y = np.where(rng.random(600) < 0.8, X[:, 1], 1 - X[:, 1])
    >>> model = DecisionTreeClassifier(random_state=0).fit(X[:300], y[:300])
    >>> known, secret = np.column_stack([np.delete(X, 1, axis=1), y]), X[:, 1]
    >>> attack = MarginalPriorAttack(BlackBox(model), sensitive=1)
    >>> attack.fit(known[300:], secret[300:]).score(known[:300], secret[:300]) > 0.7
    True
    """

    _needs_label = True

    def __init__(self, target, *, sensitive, values="auto", label=-1, label_known=True):
        self.target = target
        self.sensitive = sensitive
        self.values = values
        self.label = label
        self.label_known = label_known

    def _fit(self, known, secret):
        codes = self._candidates.encode(secret)
        self.prior_ = smoothed_shares(codes, len(self._candidates))
        if self._box.response_ == "value":
            self.error_scale_ = self._error_scale(known, secret)
            return
        answers = self._box.query(self._completer.complete(known.features, secret))
        truth = truth_of(known.y, self._box)
        self.confusion_ = smoothed_confusion(
            truth, answers.argmax(axis=1), answers.shape[1]
        )

    def _log_prior(self, known):
        return np.tile(np.log(self.prior_), (len(known), 1))

    def _read(self, known, values):
        answers = self._ask(known, values)
        if self._box.response_ == "value":
            fit = self._signal(answers, known, self.error_scale_)
        else:
            truth = truth_of(known.y, self._box)
            fit = log_chance_of_answer(self.confusion_, truth, answers.argmax(axis=-1))
        return fit.T[:, :, None]

    def _weigh(self, prior, read, steps=None):
        return prior + read[..., 0]


def smoothed_shares(codes, n_values):
    """Shares of values, each counted once more than it was seen.

    Parameters
    ----------
    codes : ndarray of int of shape (n_records,)
        Position of each record's value.

    n_values : int
        How many values there are.

    Returns
    -------
    shares : ndarray of shape (n_values,)

    Examples
    --------
    >>> smoothed_shares(np.array([0, 0, 1]), 3)
    array([0.5       , 0.33333333, 0.16666667])
    """
    counts = np.bincount(codes, minlength=n_values) + 1.0
    return counts / counts.sum()


def smoothed_confusion(truth, predicted, n_classes):
    """Chance of each predicted class, given the true one.

    Parameters
    ----------
    truth : ndarray of int of shape (n_records,)
        Position of each record's label; -1 where the target does not know it.

    predicted : ndarray of int of shape (n_records,)
        Position of the predicted class.

    n_classes : int
        How many classes the target knows.

    Returns
    -------
    confusion : ndarray of shape (n_classes, n_classes)
        Rows, for the true class, sum to 1. Each cell was counted once more than it was
        seen.

    Examples
    --------
    >>> smoothed_confusion(np.array([0, 0, 1]), np.array([0, 0, 0]), 2)
    array([[0.75      , 0.25      ],
           [0.66666667, 0.33333333]])
    """
    seen = truth >= 0
    cell = truth[seen] * n_classes + predicted[seen]
    counts = np.bincount(cell, minlength=n_classes**2).reshape(n_classes, -1) + 1.0
    return counts / counts.sum(axis=1, keepdims=True)


def log_chance_of_answer(confusion, truth, predicted):
    """Log-chance of predictions, given the records' labels.

    Parameters
    ----------
    confusion : ndarray of shape (n_classes, n_classes)
        As :func:`smoothed_confusion` gives it.

    truth : ndarray of int of shape (n_records,)
        Position of each record's label; -1 where the target does not know it.

    predicted : ndarray of int of shape (..., n_records)
        Position of the predicted class.

    Returns
    -------
    log_chance : ndarray of shape (..., n_records)
        The same for all predictions where the label is not known.

    Examples
    --------
    >>> confusion = np.array([[0.75, 0.25], [0.5, 0.5]])
    >>> np.exp(log_chance_of_answer(confusion, np.array([0, -1]), np.array([[1, 1]])))
    array([[0.25, 1.  ]])
    """
    return np.where(truth >= 0, np.log(confusion)[truth, predicted], 0.0)
