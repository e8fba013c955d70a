"""The attack that suits the target."""

import warnings
from numbers import Integral

import numpy as np
import pandas as pd
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import check_is_fitted

from skprivacy.extraction._answer_store import MEMORY
from skprivacy.extraction._base import BaseExtractionAttack
from skprivacy.extraction._design_space import missing_numbers, text_columns
from skprivacy.extraction._equation_solving import EquationSolvingAttack
from skprivacy.extraction._family_detector import FamilyDetector
from skprivacy.extraction._meter import Meter
from skprivacy.extraction._neural_extraction import NeuralExtractionAttack
from skprivacy.extraction._path_finding import PathFindingAttack
from skprivacy.extraction._surrogate import SurrogateAttack
from skprivacy.extraction._table_space import TableSpace
from skprivacy.extraction._threshold_search import ThresholdSearchAttack
from skprivacy.records import as_model_input, take_rows
from skprivacy.targets import (
    BlackBox,
    QueryBudgetExceeded,
    check_target,
)

__all__ = ["AutoExtraction"]

#: Exact attacks by what the detector says.
EXACT = {
    "constant": ThresholdSearchAttack,
    "linear": EquationSolvingAttack,
    "one_vs_rest": EquationSolvingAttack,
    "quadratic": EquationSolvingAttack,
    "naive_bayes": EquationSolvingAttack,
    "network": NeuralExtractionAttack,
    "rounded": EquationSolvingAttack,
    "tree": PathFindingAttack,
    "stumps": ThresholdSearchAttack,
}
#: What is learned better with the thresholds that lines show than from records alone.
SUMS_OF_TREES = ("boosting", "ensemble", "forest")
#: Records on which an exact copy must answer as the target does.
N_CHECKS = 20
#: Largest difference that counts as none.
TOLERANCE = 1e-6
#: Most of the budget that goes into telling the family.
DETECTION = 0.25
#: Answers that are kept for a surrogate, in case the exact attack fails.
KEPT = 0.5


class AutoExtraction(BaseExtractionAttack):
    """Tells what the target is, and copies it exactly if that can be done.

    First :class:`FamilyDetector` asks what kind of model it is. If there is an exact
    attack on that kind, it gets half of the budget, and its copy is held against
    records that it has not asked. If there is none, if it refuses, or if its copy
    differs, :class:`SurrogateAttack` spends the rest, or :class:`ThresholdSearchAttack`
    where the target is a forest or boosting.

    Parameters
    ----------
    target : BlackBox or FrozenEstimator
        The model under attack.

    budget : int, default=2000
        Queries in all; fewer if the target's own budget is smaller.

    surrogate : SurrogateAttack or None, default=None
        What is used where there is no exact attack; its ``target`` and ``budget`` are
        set. None: one with its default values, and `ThresholdSearchAttack` on forests
        and boosting.

    memory : str, path-like or None, default=None
        Folder in which answers are kept as soon as they are there. Where the target
        goes down, `fit` with the same `random_state`, a number, goes on where it ended,
        and pays for nothing twice. One folder a target, for any attacks.

    bounds : array-like of shape (n_features, 2) or None, default=None
        Lower and upper end of each feature, between which points are crafted. None: the
        range in the ``X`` of `fit`.

    random_state : int, RandomState instance or None, default=None
        Randomness of all parts.

    Attributes
    ----------
    family_ : str
        What the target was taken for, as `FamilyDetector.family_`; "unknown" where it
        could not be told.

    attack_ : estimator
        The fitted attack whose copy this is.

    is_exact_ : bool
        Whether it is an exact one, whose copy gave the target's answers to all records
        that it was held against, but for their rounding.

    reason_ : str
        Why no exact attack was used; empty where one was.

    is_deterministic_ : bool or None
        Whether two points got the same answers twice; None where that was not looked
        at, as answers are labels or `X` has columns that are no numbers.

    classes_ : ndarray of shape (n_classes,)
        The target's classes; only where it is a classifier.

    n_queries_ : int
        Points that were asked, by all parts.

    n_features_in_ : int
        Features that the target takes.

    See Also
    --------
    FamilyDetector : Says what the target is.
    SurrogateAttack : Copies what cannot be copied exactly.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skprivacy.extraction import AutoExtraction
    >>> from skprivacy.targets import BlackBox
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> model = LogisticRegression(max_iter=10_000).fit(X, y)
    >>> copy = AutoExtraction(BlackBox(model), random_state=0).fit(X)
    >>> copy.family_, copy.is_exact_, copy.score(X)
    ('linear', True, 1.0)
    """

    _parameter_constraints: dict = {
        **BaseExtractionAttack._parameter_constraints,
        "memory": MEMORY,
        "budget": [Interval(Integral, 1, None, closed="left")],
        "surrogate": [SurrogateAttack, None],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        target,
        *,
        budget=2000,
        surrogate=None,
        memory=None,
        bounds=None,
        random_state=None,
    ):
        self.target = target
        self.budget = budget
        self.surrogate = surrogate
        self.memory = memory
        self.bounds = bounds
        self.random_state = random_state

    def fit(self, X, y=None):
        """Ask the target, and copy it.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            What queries look like: unlabelled records, in the types of their columns.

        y : object
            Ignored: what the target answers is asked for.

        Returns
        -------
        self : object
            The fitted attack, which is the copy.
        """
        self._validate_params()
        box = check_target(self.target)
        rng = check_random_state(self.random_state)
        seed = int(rng.randint(2**31 - 1))
        table = self._surrogate()._check_table(X, reset=True)
        self._check_ignored(X, y)
        left = np.inf if box.budget is None else box.budget - box.n_queries_
        store = self._store_of(box)
        meter = Meter(box, store, int(min(self.budget, left + store.n_unused)))
        exact = self._detect(meter, X, table, seed)
        attack = self._try_exact(exact, meter, X, table, seed)
        self.is_exact_ = attack is not None
        if attack is None:
            attack = self._learn_trees(meter, X, seed)
        if attack is None:
            attack = self._surrogate(meter.box(), seed)
            # It learns from what was asked already, which it does not pay for.
            given = meter.asked()
            n_given = 0 if given is None else len(given[1])
            attack.set_params(budget=max(meter.left + n_given, 1))
            attack._fit_from(X, given)
        # The copy is held against the target itself, and spends its budget no more.
        self.attack_ = attack.set_params(target=self.target)
        self._shown = attack._shown
        for name in ("n_features_in_", "feature_names_in_", "classes_"):
            if hasattr(attack, name):
                setattr(self, name, getattr(attack, name))
        self.n_queries_ = meter.n_queries - store.n_replayed
        return self

    def _surrogate(self, target=None, seed=None):
        attack = self.surrogate or SurrogateAttack(None)
        attack = SurrogateAttack(**{**attack.get_params(deep=False), "target": target})
        if target is None:
            attack.target = self.target
        if self.bounds is not None:
            attack.bounds = self.bounds
        if attack.random_state is None:
            attack.random_state = seed
        return attack

    def _detect(self, meter, X, table, seed):
        """Find out what the target is; return the exact attack on it, or None."""
        self.family_, self.reason_ = "unknown", ""
        self.is_deterministic_ = None
        if not _all_numbers(table):
            if text_columns(table) and not missing_numbers(table):
                return EquationSolvingAttack
            self.reason_ = "X has columns that are no numbers, or misses some"
            return None
        # Whether the target contradicts itself is not to be told from memory.
        box = meter.box(int(DETECTION * meter.left), reuse=False)
        detector = FamilyDetector(box, bounds=self.bounds, random_state=seed)
        try:
            self.family_ = detector.fit(X).family_
        except ValueError:
            # It costs less to try whether equations hold than to tell what it is.
            return EquationSolvingAttack
        self.is_deterministic_ = self.family_ != "noisy"
        if self.family_ == "noisy":
            warnings.warn(
                "the target answers the same question differently when asked again, by "
                f"up to {detector.evidence_['noise']:.2g}; a surrogate learns what it "
                "answers on average.",
                UserWarning,
                stacklevel=3,
            )
        if self.family_ not in EXACT:
            self.reason_ = f"there is no exact attack on {self.family_!r}"
        return EXACT.get(self.family_)

    def _try_exact(self, exact, meter, X, table, seed):
        if exact is None:
            return None
        box = meter.box(limit=max(int((1 - KEPT) * meter.left), 0))
        attack = exact(box, bounds=self.bounds)
        if "random_state" in attack.get_params():
            attack.set_params(random_state=seed)
        if exact is ThresholdSearchAttack:
            # What is not exact is no business of an exact attack.
            attack.set_params(deeper="error")
        if self.family_ == "rounded":
            n_terms = table.shape[1] + 1
            attack.set_params(n_per_term=int(np.clip(box.budget // n_terms, 1, 20)))
        try:
            with warnings.catch_warnings():
                # What it could not finish is found by the check.
                warnings.simplefilter("ignore", UserWarning)
                attack.fit(X)
        except (ValueError, QueryBudgetExceeded) as error:
            self.reason_ = f"{exact.__name__}: {error}"
            return None
        space = TableSpace(table, self.bounds)
        allowed = space.decode(space.records)
        checked = take_rows(allowed, self._rows_to_check(meter, allowed, seed))
        told, _ = meter.ask(as_model_input(checked, box))
        found = attack._answers(attack._checked(checked))
        scale = 1 if box.response_ == "proba" else max(np.abs(told).max(), 1e-300)
        worst = np.abs(told - found).max(initial=0) / scale
        decimals = getattr(attack, "decimals_", None)
        # What is rounded differs by half of the last decimal.
        rounding = 0.0 if decimals is None else 0.51 * 10.0**-decimals / scale
        if worst > TOLERANCE + rounding:
            self.reason_ = f"{exact.__name__}: its copy differs by {worst:.1e}"
            return None
        return attack

    def _learn_trees(self, meter, X, seed):
        """Learn a sum of deeper trees, unless another surrogate is asked for."""
        if self.surrogate is not None or self.family_ not in SUMS_OF_TREES:
            return None
        attack = ThresholdSearchAttack(
            meter.box(),
            deeper_budget=max(meter.left, 1),
            bounds=self.bounds,
            random_state=seed,
        )
        try:
            return attack.fit(X)
        except ValueError:
            # What is left may be enough for the plain surrogate.
            return None

    def _rows_to_check(self, meter, table, seed):
        """Choose records that a copy is held against, some of them known already."""
        known = meter.knows(as_model_input(table, meter.box()))
        rows = np.random.RandomState(seed).permutation(len(table))
        old, new = rows[known[rows]], rows[~known[rows]]
        old = old[: N_CHECKS // 2]
        return np.append(old, new[: min(N_CHECKS - len(old), meter.left)])

    def _answers(self, X):
        return self.attack_._answers(X)

    def _checked(self, X):
        check_is_fitted(self)
        return self.attack_._checked(X)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        if isinstance(self.target, BlackBox):
            tags.input_tags.allow_nan = (
                self._surrogate().__sklearn_tags__().input_tags.allow_nan
            )
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        return tags


def _all_numbers(table):
    if isinstance(table, pd.DataFrame):
        kinds = table.dtypes
        if not all(pd.api.types.is_numeric_dtype(kind) for kind in kinds):
            return False
        return not table.isna().to_numpy().any()
    return table.dtype.kind in "fiub" and bool(np.isfinite(table).all())
