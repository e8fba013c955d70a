"""Attribute inference from the target's answer to the true record."""

import numpy as np
from scipy.special import softmax
from sklearn.utils._param_validation import HasMethods

from skprivacy.attribute._answer_columns import as_answers_of, check_answer
from skprivacy.attribute._answer_match import answer_distance, learn_error
from skprivacy.attribute._answer_search import (
    MOST_SEARCHED,
    NumberLine,
    search_numbers,
)
from skprivacy.attribute._base import BaseTargetAttack
from skprivacy.attribute._imputation import Imputer
from skprivacy.records import take_rows

__all__ = ["ReleasedAnswerAttack"]


class ReleasedAnswerAttack(BaseTargetAttack):
    r"""Take the value with which the target answers what it is known to have answered.

    A list of scores was published, or a letter tells the person's. Each candidate value
    is put into the record, and the target is asked: where it answers what was released,
    the record is the true one. Values with the same answer are left to the imputer.

    Parameters
    ----------
    target : BlackBox or FrozenEstimator
        The model under attack.

    sensitive : str, int or list
        Sensitive column: its name, or its position among the target's features; or
        several, which are inferred together.

    answer : str, int or list
        Columns of ``X`` with the target's answer to the true record: names or
        positions. Of a classifier one with the probability, or the decision value, of
        the second of two classes, or one for each class in the order of ``classes_``;
        or the label, where the target answers with labels alone. Of a regressor its
        value.

    imputer : classifier or None, default=None
        Decides between values with the same answer. It guesses the secret from what is
        known beside the answer, as in
        :class:`~skprivacy.attribute.ImputationBaseline`; for a number its step on the
        grid. None: gradient boosting; for a number the density of a forest.

    values : {"auto", "classes", "numeric"} or array-like, default="auto"
        What the secret may be. "classes": one of the values that `y` has. "numeric": a
        number. "auto": numbers of more than 20 different values, or with fractions,
        are numbers. Or the candidates themselves.

    label : str, int or None, default=-1
        The label's column in ``X``; None where there is none. It is for the imputer
        alone.

    label_known : bool, default=True
        Whether the label of the records under attack is known.

    random_state : int, RandomState instance or None, default=None
        For the imputer.

    Attributes
    ----------
    error_ : AnswerError
        By how much known answers differ from the target's, by the attacker's own
        records: ``width``, within which they match, and ``scale``, on which they match
        less beyond.

    imputer_ : classifier
        The fitted imputer.

    classes_ : ndarray
        Candidate values; not for a numeric secret.

    grid_ : ndarray of shape (n_candidates,)
        Steps of the number line, between which numbers are then looked for; for a
        numeric secret.

    n_features_in_ : int
        Columns that are known, those of the answer among them.

    Raises
    ------
    ValueError
        If a column of the answer is not there, is the label's or a feature of the
        target; or if an answer is missing, or not what such a target answers.

    See Also
    --------
    LearnedAttack : Does without the answer to the true record.
    InversionAttack : Has the label in the place of the answer.

    Notes
    -----
    Assumes that the attacker can ask the target, holds complete records of the same
    population, and knows of a record all but the secret, and what the target answered
    to it. Whether the record was in training plays no part.

    The attacker's own records must have the answer too, published in the same way: the
    attacker asks the target for it, and rounds it as those of the others were. By how
    much it differs from what the target says of them is learned: not at all, as
    rounding does, or as noise does.

    In :class:`~skprivacy.attribute.AttributeInferenceResult` the yardstick is given the
    same columns, so that it learns what the answer alone says of the secret; what is
    left is what asking the target adds.

    References
    ----------
    An addition of this package to the attack of M. Fredrikson et al. "Privacy in
    Pharmacogenetics: An End-to-End Case Study of Personalized Warfarin Dosing". USENIX
    Security 2014, which completes the record in the same way, and compares the target's
    answers with the true outcome.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skprivacy.attribute import ReleasedAnswerAttack
    >>> from skprivacy.targets import BlackBox
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(300, 4))
    >>> X[:, 1] = rng.integers(2, size=300)  # the secret
    >>> y = (X.sum(axis=1) > 0).astype(int)
    >>> model = LogisticRegression().fit(X[:100], y[:100])
    >>> score = model.predict_proba(X)[:, 1].round(3)  # was released
    >>> known = np.column_stack([np.delete(X, 1, axis=1), score, y])
    >>> attack = ReleasedAnswerAttack(
    ...     BlackBox(model), sensitive=1, answer=-2, random_state=0
    ... )
    >>> attack.fit(known[:200], X[:200, 1]).score(known[200:], X[200:, 1]) > 0.9
    True
    """

    _parameter_constraints: dict = {
        **BaseTargetAttack._parameter_constraints,
        "answer": "no_validation",
        "imputer": [HasMethods(["fit", "predict_proba"]), None],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        target,
        *,
        sensitive,
        answer,
        imputer=None,
        values="auto",
        label=-1,
        label_known=True,
        random_state=None,
    ):
        self.target = target
        self.sensitive = sensitive
        self.answer = answer
        self.imputer = imputer
        self.values = values
        self.label = label
        self.label_known = label_known
        self.random_state = random_state

    def _answer_columns(self):
        return check_answer(self.answer)

    def _check_label(self, known):
        super()._check_label(known)
        as_answers_of(self._box, known.answer)

    def _fit(self, known, secret):
        X = self._completer.complete(known.features, secret)
        released = as_answers_of(self._box, known.answer)
        answers = self._box.query(X)
        self.error_ = learn_error(
            answer_distance(answers, released),
            float(abs(answers).max()),
            is_label=self._box.response_ == "label",
        )
        own = self._completer.as_attacked(known)
        self._imputer = Imputer(self.imputer, self._candidates, self.random_state)
        self._imputer.fit(own.table(), secret)
        self.imputer_ = self._imputer.estimator_
        if self._candidates.numeric:
            self._line = NumberLine(secret[:, 0], self.grid_)

    def _read(self, known, values):
        released = as_answers_of(self._box, known.answer)
        return answer_distance(self._ask(known, values), released).T[:, :, None]

    def _posterior(self, known):
        """Look between the steps of the grid for numbers with the known answer."""
        chances = softmax(self._log_prior(known), axis=1)
        released = as_answers_of(self._box, known.answer)
        values = np.union1d(self.grid_, self._line.ends)
        gaps = self._ask(known, values[:, None]).swapaxes(0, 1) - released[:, None]

        def ask(rows, numbers):
            features = take_rows(known.features, rows)
            return self._ask_about(features, numbers[:, None]) - released[rows]

        return search_numbers(
            ask,
            self._line,
            chances,
            np.tile(values, (len(known), 1)),
            gaps,
            self.error_,
            self._n_to_try(len(known)),
        )

    def _weigh(self, prior, read, steps=None):
        return prior + self.error_.log_match(read[..., 0])

    def _n_to_try(self, n_records):
        if self._box.budget is None:
            return MOST_SEARCHED
        return min(
            MOST_SEARCHED, (self._box.budget - self._box.n_queries_) // n_records
        )
