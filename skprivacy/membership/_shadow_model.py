"""The shadow model attack: a classifier of answers."""

import numpy as np
from sklearn.base import is_classifier
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.utils import check_random_state

from skprivacy.membership._base import BaseShadowAttack
from skprivacy.membership._log_odds import fitted_clone, log_odds
from skprivacy.signals import residual_scale

__all__ = ["ShadowModelAttack", "aligned_answers"]


class ShadowModelAttack(BaseShadowAttack):
    """Learn from shadow models what an answer to a member looks like.

    A classifier is trained on the answers that shadow models give to their own members
    and to non-members, and applied to the answers of the target.

    Parameters
    ----------
    target : BlackBox or FrozenEstimator
        The model under attack.

    shadow : ShadowModels, FrozenEstimator or None, default=None
        Shadow models; fitted ones inside
        :class:`~sklearn.frozen.FrozenEstimator` are used as they are. None:
        ``ShadowModels()``.

    attack_model : classifier or None, default=None
        Any classifier with ``decision_function`` or ``predict_proba``. None: a
        :class:`~sklearn.ensemble.HistGradientBoostingClassifier`, as how the columns
        are scaled makes no difference to trees.

    per_class : bool, default=True
        One classifier for each label of the records, as in the paper; a label with
        fewer than 100 rows of members or of non-members goes to one that is trained
        on all labels. Regressors have one.

    label : str or int, default=-1
        The records' label column.

    random_state : int, RandomState instance or None, default=None
        For the rows to learn from, for the classifier, and for shadow models that have
        none of their own.

    Attributes
    ----------
    shadow_ : ShadowModels
        The fitted shadow models.

    attack_model_ : classifier
        Trained on all labels.

    attack_models_ : dict of int to classifier
        Those of single labels, by the position of the label among the classes.

    classes_ : ndarray of shape (2,)
        Non-member, member.

    n_features_in_ : int
        Columns of the records, the label included.

    See Also
    --------
    StackedAttack : Also learns from shadow models, and compares each record with the
        answers that they give to this very record.

    Notes
    -----
    Assumes that the attacker can ask the target, knows a record's label, knows how the
    target was trained, and holds records of the same population.

    A row of the classifier is one answer: the value of the record's own label, then up
    to 10 largest of the other labels, in order; of a regressor, size and sign of the
    error and the prediction. At most 50,000 rows, drawn at random from all shadow
    models, are used. A record's own answers by shadow models may be among them; which
    record a row stands for is not told to the classifier, and the membership in the
    target is not known to it.

    References
    ----------
    R. Shokri, M. Stronati, C. Song, V. Shmatikov. "Membership inference attacks against
    machine learning models". IEEE S&P 2017.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from sklearn.model_selection import train_test_split
    >>> from skprivacy.membership import ShadowModelAttack
    >>> from skprivacy.records import make_membership_records
    >>> from skprivacy.shadow import ShadowModels
    >>> from skprivacy.targets import BlackBox
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> X_train, X_holdout, y_train, y_holdout = train_test_split(
    ...     X, y, test_size=0.5, random_state=0
    ... )
    >>> model = RandomForestClassifier(random_state=0).fit(X_train, y_train)
    >>> records, is_member = make_membership_records(
    ...     X_train, y_train, X_holdout, y_holdout, random_state=0
    ... )
    >>> attack = ShadowModelAttack(
    ...     BlackBox(model), shadow=ShadowModels(n_models=4), random_state=0
    ... ).fit(records)
    >>> attack.score(records, is_member) > 0.55
    True
    """

    _parameter_constraints: dict = {
        **BaseShadowAttack._parameter_constraints,
        "attack_model": "no_validation",
        "per_class": ["boolean"],
    }

    def __init__(
        self,
        target,
        *,
        shadow=None,
        attack_model=None,
        per_class=True,
        label=-1,
        random_state=None,
    ):
        self.target = target
        self.shadow = shadow
        self.attack_model = attack_model
        self.per_class = per_class
        self.label = label
        self.random_state = random_state

    def _fit(self, records):
        _check_attack_model(self.attack_model)
        super()._fit(records)

    def _learn(self):
        shadow = self.shadow_
        rng = check_random_state(self.random_state)
        self._scale = 1.0
        if self._box.response_ == "value":
            self._scale = residual_scale(shadow.answers_[..., 0] - shadow.truth_)
        models, rows = _draw_answers(shadow.membership_.shape, rng)
        columns = self._columns(shadow.answers_[models, rows], shadow.truth_[rows])
        is_member = shadow.membership_[models, rows].astype(int)
        seed = rng.randint(np.iinfo(np.int32).max)
        recipe = self._recipe()
        self.attack_model_ = fitted_clone(recipe, columns, is_member, seed)
        self.attack_models_ = {}
        for code in self._labels_apart(shadow.truth_):
            own = shadow.truth_[rows] == code
            if np.bincount(is_member[own], minlength=2).min() >= FEWEST_ROWS:
                part = fitted_clone(recipe, columns[own], is_member[own], seed)
                self.attack_models_[int(code)] = part

    def _decide(self, records):
        asked = self._ask(records)
        columns = self._columns(asked.answers, asked.truth)
        score = log_odds(self.attack_model_, columns)
        for code, model in self.attack_models_.items():
            own = asked.truth == code
            if own.any():
                score[own] = log_odds(model, columns[own])
        return score

    def _columns(self, answers, truth):
        return aligned_answers(answers, truth, self._box.response_, self._scale)

    def _labels_apart(self, truth):
        one_for_all = not self.per_class or self._box.response_ == "value"
        return [] if one_for_all else np.unique(truth)

    def _recipe(self):
        if self.attack_model is not None:
            return self.attack_model
        return HistGradientBoostingClassifier(
            max_leaf_nodes=15, min_samples_leaf=50, early_stopping=False
        )


def aligned_answers(answers, truth, response, scale=1.0):
    """Bring the answer to each record into the same order: its own label first.

    Parameters
    ----------
    answers : ndarray of shape (n_records, n_columns)
        One answer a record.

    truth : ndarray of shape (n_records,)
        Position of each record's label among the classes, -1 where the model does not
        know it, or its true value.

    response : {"proba", "decision", "label", "value"}
        Kind of answer.

    scale : float, default=1.0
        Unit of a regressor's errors.

    Returns
    -------
    columns : ndarray of shape (n_records, n_aligned)
        Own label, then up to 10 others from the largest down. Of a regressor: minus the
        size of the error, the error, and the prediction.

    Examples
    --------
    >>> import numpy as np
    >>> aligned_answers(np.array([[0.1, 0.7, 0.2]]), np.array([2]), "proba")
    array([[0.2, 0.7, 0.1]])
    >>> aligned_answers(np.array([[3.0]]), np.array([5.0]), "value")
    array([[-2., -2.,  3.]])
    """
    if response == "value":
        error = (answers[:, 0] - truth) / scale
        return np.column_stack([-np.abs(error), error, answers[:, 0] / scale])
    # What was never seen in training is as far down as can be.
    answers = np.nan_to_num(answers, neginf=LOWEST)
    known = truth >= 0
    lowest = LOWEST if response == "decision" else 0.0
    own = np.where(known, answers[np.arange(len(truth)), np.maximum(truth, 0)], lowest)
    others = answers.astype(float)
    others[np.flatnonzero(known), truth[known]] = -np.inf
    others = -np.sort(-others, axis=1)[:, : min(answers.shape[1] - 1, 10)]
    return np.column_stack([own, others])


def _draw_answers(shape, rng):
    """Draw models and records, each pair at most once."""
    size = shape[0] * shape[1]
    # Without a permutation of all pairs, of which there may be hundreds of millions.
    draw = rng.randint(size, size=2 * MAX_ROWS) if size > 2 * MAX_ROWS else None
    pairs = rng.permutation(size if draw is None else np.unique(draw))[:MAX_ROWS]
    return np.divmod(pairs, shape[1])


def _check_attack_model(attack_model):
    if attack_model is not None and not is_classifier(attack_model):
        raise TypeError(
            "attack_model must be a classifier of scikit-learn, unfitted, or None; got "
            f"{attack_model!r}."
        )


#: Answers to learn from at the most.
MAX_ROWS = 50_000

#: Fewest answers to members, and to non-members, for a classifier of one label.
FEWEST_ROWS = 100

#: Stands for a decision value of minus infinity.
LOWEST = -1e3
