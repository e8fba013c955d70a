"""Attribute inference from which completions the target predicts rightly."""

import numpy as np
from sklearn.utils._param_validation import HasMethods, StrOptions

from skprivacy.attribute._base import BaseTargetAttack, lead_of_the_first
from skprivacy.attribute._imputation import LEAST_CHANCE, Imputer
from skprivacy.signals import truth_of

__all__ = ["ConfidenceAttack"]

#: Answers no further apart are the same: what rounding makes of a sum over trees.
SAME = 1e-9
#: What a value loses that the answers rule out: more than the imputer can give it.
RULED_OUT = 2 * np.log(LEAST_CHANCE)


class ConfidenceAttack(BaseTargetAttack):
    """Take the value with which the target predicts the right label, and is sure of it.

    Each candidate value is put into the record, and the target is asked. If one value
    alone makes it predict the record's label, this is the value. If several do, it is
    the one with which the target is the most confident; if none does, the one with
    which it is the least confident of its mistake. Known in the literature as CSMIA,
    and with labels alone as LOMIA.

    Parameters
    ----------
    target : BlackBox or FrozenEstimator
        The model under attack.

    sensitive : str, int or list
        Sensitive column: its name, or its position among the target's features; or
        several, which are inferred together.

    mode : {"confidence", "label_only"}, default="confidence"
        With "label_only" a record is decided where one value alone makes the target
        predict its label; the others are left to the imputer.

    imputer : classifier or None, default=None
        Decides between values that the target's answers do not tell apart. It guesses
        the secret from what is known, as in
        :class:`~skprivacy.attribute.ImputationBaseline`; for a number its step on the
        grid. None: gradient boosting; for a number the density of a forest.

    values : {"auto", "classes", "numeric"} or array-like, default="auto"
        What the secret may be. "classes": one of the values that `y` has. "numeric": a
        number. "auto": numbers of more than 20 different values, or with fractions,
        are numbers. Or the candidates themselves.

    label : str, int, default=-1
        The label's column in ``X``.

    label_known : bool, default=True
        Whether the label of the records under attack is known; this attack needs it.

    random_state : int, RandomState instance or None, default=None
        For the imputer.

    Attributes
    ----------
    imputer_ : classifier
        The fitted imputer.

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
        If the label of the records under attack is not known; if the target answers
        with labels alone and ``mode`` is "confidence"; or if it answers with values and
        ``mode`` is "label_only".

    See Also
    --------
    MarginalPriorAttack : How common the value is, and how often the target errs.
    LearnedAttack : Learns how far to trust the target.

    Notes
    -----
    Assumes that the attacker can ask the target, holds complete records of the same
    population, and knows of a record all but the secret.

    Of a regressor the value is taken with which its answer comes nearest to the label.

    What is done with ties is most of the result where the target is little influenced
    by the secret. Here the imputer chooses between the values that are level. In the
    paper's own code chance does, and for labels alone a model is trained on the records
    that are decided, with the values that they were given as its truth; it then infers
    the value of all records, those that were decided too. Here those keep their value,
    and the imputer has learned from the attacker's own records.

    References
    ----------
    S. Mehnaz et al. "Are your sensitive attributes private? Novel model inversion
    attribute inference attacks on classification models". USENIX Security 2022.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from skprivacy.attribute import ConfidenceAttack
    >>> from skprivacy.targets import BlackBox
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(600, 4))
    >>> X[:, 1] = rng.integers(2, size=600)  # the secret
    >>> y = rng.integers(2, size=600)
    >>> model = RandomForestClassifier(20, random_state=0).fit(X[:300], y[:300])
    >>> known, secret = np.column_stack([np.delete(X, 1, axis=1), y]), X[:, 1]
    >>> attack = ConfidenceAttack(BlackBox(model), sensitive=1, random_state=0)
    >>> attack.fit(known[300:], secret[300:]).score(known[:300], secret[:300]) > 0.6
    True
    """

    _parameter_constraints: dict = {
        **BaseTargetAttack._parameter_constraints,
        "mode": [StrOptions({"confidence", "label_only"})],
        "imputer": [HasMethods(["fit", "predict_proba"]), None],
        "random_state": ["random_state"],
    }
    _needs_label = True

    def __init__(
        self,
        target,
        *,
        sensitive,
        mode="confidence",
        imputer=None,
        values="auto",
        label=-1,
        label_known=True,
        random_state=None,
    ):
        self.target = target
        self.sensitive = sensitive
        self.mode = mode
        self.imputer = imputer
        self.values = values
        self.label = label
        self.label_known = label_known
        self.random_state = random_state

    def _fit(self, known, secret):
        self._check_response()
        self._scale = self._error_scale(known, secret)
        self._imputer = Imputer(self.imputer, self._candidates, self.random_state)
        self._imputer.fit(known.table(), secret)
        self.imputer_ = self._imputer.estimator_

    def _read(self, known, values):
        answers = self._ask(known, values)
        truth = truth_of(known.y, self._box)
        if self._box.response_ == "value":
            return -np.abs(answers[..., :1] - truth[:, None]).swapaxes(0, 1)
        right = answers.argmax(axis=-1) == truth
        confidence = np.zeros(right.shape)
        if self.mode != "label_only":
            confidence = _confidence(answers, self._box.response_)
        return np.stack([right.T, confidence.T], axis=-1)

    def _weigh(self, prior, read, steps=None):
        return np.where(self._left(read), prior, prior + RULED_OUT)

    def _left(self, read):
        """Candidates between which the imputer decides."""
        if self._box.response_ == "value":
            return best_of(read[..., 0] / self._scale)
        right, confidence = read[..., 0].astype(bool), read[..., 1]
        if self.mode == "label_only":
            return the_only_right(right)
        return most_confident_right(right, confidence)

    def _check_response(self):
        response = self._box.response_
        if self.mode == "confidence" and response == "label":
            raise ValueError(
                "mode='confidence' needs a target that says how sure it is, but it has "
                "response='label'. Use mode='label_only'."
            )
        if self.mode == "label_only" and response == "value":
            raise ValueError(
                "mode='label_only' needs a classifier: a value is never quite right. "
                "For a regressor use mode='confidence', which takes the nearest answer."
            )


def best_of(score):
    """Candidates with the best score of each record.

    Parameters
    ----------
    score : ndarray of shape (n_records, n_candidates)
        Larger is better.

    Returns
    -------
    best : ndarray of bool of shape (n_records, n_candidates)
        Several of a record where they are level but for rounding.

    Examples
    --------
    >>> best_of(np.array([[0.2, 0.7, 0.7]]))
    array([[False,  True,  True]])
    """
    return score >= score.max(axis=1, keepdims=True) - SAME


def the_only_right(right):
    """Candidate that alone makes the target predict the label.

    Parameters
    ----------
    right : ndarray of bool of shape (n_records, n_candidates)
        Whether the target predicts the record's label.

    Returns
    -------
    left : ndarray of bool of shape (n_records, n_candidates)
        All of a record where none or several do.

    Examples
    --------
    >>> the_only_right(np.array([[True, False], [True, True], [False, False]]))
    array([[ True, False],
           [ True,  True],
           [ True,  True]])
    """
    return np.where(right.sum(axis=1, keepdims=True) == 1, right, True)


def most_confident_right(right, confidence):
    """Most confident candidates with the right label, or least confident without.

    Parameters
    ----------
    right : ndarray of bool of shape (n_records, n_candidates)
        Whether the target predicts the record's label.

    confidence : ndarray of shape (n_records, n_candidates)
        How sure it is of what it predicts.

    Returns
    -------
    left : ndarray of bool of shape (n_records, n_candidates)
        Several of a record where the target is as sure of one as of another.

    Examples
    --------
    >>> right = np.array([[True, True, False], [False, False, False]])
    >>> most_confident_right(right, np.array([[0.6, 0.7, 0.9], [0.6, 0.7, 0.6]]))
    array([[False,  True, False],
           [ True, False,  True]])
    """
    some = right.any(axis=1, keepdims=True)
    # Among right predictions the sure ones are better, among wrong ones the unsure.
    return best_of(np.where(some, np.where(right, confidence, -np.inf), -confidence))


def _confidence(answers, response):
    if response == "proba":
        return answers.max(axis=-1)
    return lead_of_the_first(answers)
