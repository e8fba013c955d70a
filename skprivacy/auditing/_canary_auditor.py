"""Audit an estimator by one record that is trained on, or not, many times."""

from numbers import Integral, Real

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, MetaEstimatorMixin, _fit_context, is_regressor
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_y, check_consistent_length, validate_data

from skprivacy._validation import as_table, check_numbers
from skprivacy.auditing._bounds import BOUNDS
from skprivacy.auditing._canary_evidence import (
    Attack,
    AttackedEstimator,
    Canary,
    GaussianRatio,
    first_signal,
)
from skprivacy.auditing._canary_record import as_label, as_row
from skprivacy.auditing._claims import as_guarantee
from skprivacy.auditing._mechanism_auditor import MechanismAuditor
from skprivacy.auditing._runs import Failure, Mechanism, first_output, run_worlds
from skprivacy.auditing._thresholds import THRESHOLDS
from skprivacy.dp import PrivacyGuarantee
from skprivacy.records import Coordinates, join_records, stack_tables, take_rows
from skprivacy.targets import allows_nan

__all__ = ["CanaryAuditor"]

#: Runs apart, beside those that count, from which a likelihood ratio is taken.
RATIO_SHARE = 0.25
#: What is taken over from the audit of the mechanism.
RESULTS = (
    "epsilon_lower_bound_",
    "epsilon_interval_",
    "epsilon_by_bound_",
    "violated_",
    "claimed_epsilon_",
    "delta_",
    "roc_",
    "scores_in_",
    "scores_out_",
    "n_failed_",
)


class CanaryAuditor(MetaEstimatorMixin, BaseEstimator):
    """Find out what epsilon training has at least, by an attack on one record.

    The estimator is fitted many times with a canary among its records, and many times
    without. How well a membership attack tells the models apart bounds epsilon. Nothing
    of a model is looked at but its answer to the canary.

    Parameters
    ----------
    estimator : classifier or regressor
        What is audited.

    canary : "auto", tuple or array-like of shape (n_features,), default="auto"
        The record: its features and its label ``(x, y)``; or features alone, which get
        another label than the record that is next to them. With "auto" it is the record
        of the table that is farthest from the middle, with another label.

    n_runs : int, default=1000
        Runs with the canary, and as many without.

    attack : {"auto", "loss", "likelihood_ratio", "learned"} or membership attack, \
            default="auto"
        - "loss", which is also "auto": the log-odds of the canary's label, or minus the
          squared error of a regressor. It needs no other runs.
        - "likelihood_ratio": of Gaussians that are fitted to the log-odds in other
          runs, a quarter as many.
        - "learned": a classifier learns from all signals and the answer, on a quarter
          of the runs, as in :class:`MechanismAuditor`.
        - An attack of :mod:`skprivacy.membership`, as ``LiRA(None)``: it is fitted
          once, on a model that does not count, and turned on that of each run.

    claimed : PrivacyGuarantee, float or None, default=None
        What is claimed. None: the ``privacy_guarantee_`` of the fitted estimator, or of
        all steps of a pipeline. If it is about data sets of which one record is
        another, the canary takes the place of one; else it is added.

    delta : float or None, default=0.0
        Delta at which epsilon is bounded. None: that at which the claim is stated.

    bound : {"clopper_pearson", "joint", "gdp", "bayes"}, default="clopper_pearson"
        As in :class:`MechanismAuditor`.

    threshold : {"bonferroni", "split", "multisplit"}, default="bonferroni"
        As in :class:`MechanismAuditor`.

    confidence : float, default=0.95
        Probability with which the bound holds.

    n_jobs : int or None, default=None
        Processes.

    random_state : int, RandomState instance or None, default=None
        Seeds of runs, and what is drawn.

    Attributes
    ----------
    epsilon_lower_bound_ : float
        Epsilon is at least so large.

    epsilon_interval_ : Interval
        The same with an estimate; its upper end is infinite.

    epsilon_by_bound_ : dict of str to float
        The lower bound by each method.

    violated_ : bool or None
        Whether the claim is refuted; None where there is none.

    claimed_epsilon_ : float or None
        Epsilon that is claimed at `delta_`.

    delta_ : float
        Delta of the bounds.

    canary_ : tuple
        Its features, a table of one row, and its label, an array of one.

    neighbors_ : tuple
        The data sets with the canary and without, each ``(X, y)``.

    roc_ : AuditRoc
        Operating points of the attack.

    scores_in_, scores_out_ : ndarray
        Scores of the canary under models with it, and without.

    n_failed_ : tuple of int
        Fits that raised, with the canary and without.

    n_fits_ : int
        Fits in all.

    assumptions_ : tuple of str
        What must be true for the bound to hold.

    n_features_in_ : int
        Columns of the table.

    See Also
    --------
    MechanismAuditor : Looks at all that a fitted model holds.
    NeighborSearch : Looks for data sets that are worse than one's own.

    References
    ----------
    M. Jagielski, J. Ullman and A. Oprea, "Auditing Differentially Private Machine
    Learning: How Private is Private SGD?", Advances in Neural Information Processing
    Systems, 2020.

    M. Nasr, S. Song, A. Thakurta, N. Papernot and N. Carlini, "Adversary Instantiation:
    Lower Bounds for Differentially Private Machine Learning", IEEE Symposium on
    Security and Privacy, 2021.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skprivacy.auditing import CanaryAuditor
    >>> from skprivacy.dp import DPGaussianNB
    >>> X, y = load_iris(return_X_y=True)
    >>> private = DPGaussianNB(1.0, bounds=(0, 8), classes=[0, 1, 2])
    >>> auditor = CanaryAuditor(private, n_runs=100, delta=None).fit(X, y)
    >>> auditor.violated_
    False
    """

    _parameter_constraints = {
        "estimator": [HasMethods(["fit", "predict"])],
        "canary": [StrOptions({"auto"}), tuple, "array-like"],
        "n_runs": [Interval(Integral, 20, None, closed="left")],
        "attack": [
            StrOptions({"auto", "loss", "likelihood_ratio", "learned"}),
            HasMethods(["fit", "decision_function", "set_params"]),
        ],
        "claimed": [PrivacyGuarantee, Interval(Real, 0, None, closed="left"), None],
        "delta": [Interval(Real, 0, 1, closed="left"), None],
        "bound": [StrOptions(set(BOUNDS))],
        "threshold": [StrOptions(set(THRESHOLDS))],
        "confidence": [Interval(Real, 0, 1, closed="neither")],
        "n_jobs": [Integral, None],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        estimator,
        *,
        canary="auto",
        n_runs=1000,
        attack="auto",
        claimed=None,
        delta=0.0,
        bound="clopper_pearson",
        threshold="bonferroni",
        confidence=0.95,
        n_jobs=None,
        random_state=None,
    ):
        self.estimator = estimator
        self.canary = canary
        self.n_runs = n_runs
        self.attack = attack
        self.claimed = claimed
        self.delta = delta
        self.bound = bound
        self.threshold = threshold
        self.confidence = confidence
        self.n_jobs = n_jobs
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y):
        """Fit with the canary and without, and bound epsilon.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            The other records.

        y : array-like of shape (n_records,)
            Their labels.

        Returns
        -------
        self : CanaryAuditor

        Raises
        ------
        ValueError
            If the canary does not fit the table, or there is no other label for it.
        """
        X, labels = self._check(X, y)
        rng = check_random_state(self.random_state)
        mechanism = Mechanism(self.estimator)
        given = (X, _like(labels, y))
        model, n_tries = first_output(mechanism, [given, given], rng.randint(2**31 - 1))
        guarantee = as_guarantee(self.claimed, model, self.delta or 0.0)
        adjacency = "replace" if guarantee is None else guarantee.adjacency
        canary, place = self._place_canary(X, labels)
        worlds = _worlds(X, labels, canary, place, adjacency)
        worlds = [(table, _like(own, y)) for table, own in worlds]
        attacked = AttackedEstimator(
            self.estimator, canary, self._prepared(X, y, labels, canary, model)
        )
        score, n_apart = self._score_of(attacked, worlds, rng)
        auditor = MechanismAuditor(
            attacked,
            neighbors=tuple(worlds),
            score=score,
            n_runs=self.n_runs,
            delta=self.delta,
            confidence=self.confidence,
            bound=self.bound,
            threshold=self.threshold,
            claimed=self.claimed,
            n_jobs=self.n_jobs,
            random_state=rng.randint(2**31 - 1),
        ).fit()
        for name in RESULTS:
            setattr(self, name, getattr(auditor, name))
        self.n_fits_ = auditor.n_fits_ + n_tries + n_apart
        # Of the seeds by the names that they have here.
        in_other_words = {Mechanism(attacked).assumption: mechanism.assumption}
        self.assumptions_ = (
            "nothing is needed of the attacker but one answer to the canary",
            *(in_other_words.get(one, one) for one in auditor.assumptions_),
        )
        self.canary_ = canary.X, canary.y
        self.neighbors_ = tuple(worlds)
        return self

    def _check(self, X, y):
        X = as_table(X)
        if y is None:
            raise ValueError(
                f"{type(self).__name__} requires y to be passed, but the target y is "
                "None."
            )
        validate_data(self, X, skip_check_array=True)
        if is_regressor(self.estimator):
            labels = check_numbers(y)
        else:
            labels = _check_y(y)
            check_classification_targets(labels)
        check_consistent_length(X, labels)
        if len(X) < 3:
            raise ValueError(f"X must have at least 3 records; got n_samples={len(X)}.")
        return X, labels

    def _place_canary(self, X, labels):
        """Return the canary, and the record whose place it takes."""
        if isinstance(self.canary, str):
            points = Coordinates(X)(X)
            distance = np.linalg.norm(points - points.mean(axis=0), axis=1)
            place = int(np.argmax(distance))
            row = take_rows(X, [place])
            return Canary(row, self._another(labels, place)), place
        has_label = isinstance(self.canary, tuple)
        if has_label and len(self.canary) != 2:
            raise ValueError(
                "canary must be features and a label (x, y), or features alone; got a "
                f"tuple of {len(self.canary)}."
            )
        x = self.canary[0] if has_label else self.canary
        row = as_row(x, X)
        place = len(X) - 1
        if has_label:
            return Canary(row, as_label(self.canary[1], labels)), place
        points = Coordinates(X)
        near = np.linalg.norm(points(X) - points(row), axis=1)
        return Canary(row, self._another(labels, int(np.argmin(near)))), place

    def _another(self, labels, i):
        if is_regressor(self.estimator):
            low, high = labels.min(), labels.max()
            other = low if labels[i] - low > high - labels[i] else high
        else:
            others = np.unique(labels[labels != labels[i]])
            other = others[-1] if len(others) else labels[i]
        if other == labels[i]:
            raise ValueError(
                "y holds one class, or one value, only, so that there is no other "
                "label for the canary. Give one: canary=(x, y)."
            )
        return np.array([other], dtype=labels.dtype)

    def _prepared(self, X, y, labels, canary, model):
        if isinstance(self.attack, str):
            return "learned" if self.attack == "learned" else "loss"
        label = -1
        if isinstance(X, pd.DataFrame):
            label = getattr(y, "name", None) or "label"
        records = join_records(X, labels, label if label != -1 else None)
        own = canary.as_record(label if label != -1 else None)
        return Attack(self.attack, stack_tables([records, own]), own, label, model)

    def _score_of(self, attacked, worlds, rng):
        """Return what scores an attacked estimator, and how many fits that took."""
        if attacked.attack == "learned":
            return "auto", 0
        if self.attack != "likelihood_ratio":
            return first_signal, 0
        n_apart = max(int(RATIO_SHARE * self.n_runs), 10)
        seeds = rng.randint(2**31 - 1, size=(2, n_apart))
        found = run_worlds(
            Mechanism(attacked), worlds, seeds, first_signal, self.n_jobs
        )
        signals = [
            np.array([one for one in own if not isinstance(one, Failure)])
            for own in found
        ]
        if not all(len(own) for own in signals):
            # There is nothing to compare but that it fails.
            return first_signal, 2 * n_apart
        return GaussianRatio(*signals), 2 * n_apart

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        tags.input_tags.allow_nan = allows_nan(self.estimator)
        tags.non_deterministic = True
        return tags


def _like(labels, y):
    """Labels in the container of those given."""
    if isinstance(y, pd.Series):
        return pd.Series(labels, name=y.name)
    return labels


def _worlds(X, labels, canary, place, adjacency):
    """Return the data sets with the canary, and without."""
    rest = np.arange(len(X))
    if adjacency == "replace":
        rest = rest[rest != place]
    with_canary = (
        stack_tables([take_rows(X, rest), canary.X]),
        np.concatenate([labels[rest], canary.y]),
    )
    order = rest if adjacency != "replace" else np.append(rest, place)
    without = stack_tables([take_rows(X, order)]), labels[order]
    return [with_canary, without]
