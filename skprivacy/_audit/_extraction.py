"""What does it cost to copy the model? The part of an audit that tries."""

import math
import warnings
from dataclasses import dataclass
from numbers import Integral

import numpy as np
from threadpoolctl import threadpool_limits

from skprivacy._audit._extraction_watch import (
    MOST_NATURAL,
    QueryWatch,
    watch_queries,
)
from skprivacy.extraction import (
    AutoExtraction,
    EquationSolvingAttack,
    SurrogateAttack,
)
from skprivacy.metrics import share_interval
from skprivacy.records import as_model_input, split_records, take_rows
from skprivacy.targets import BlackBox, QueryBudgetExceeded

__all__ = ["ExtractionStudy", "check_extraction", "queries_for", "study_extraction"]

#: Answers that the attacker may buy if no number is given.
BUDGET = 1000
#: Fewest answers that a surrogate learns from.
FEWEST_ANSWERS = 10
#: Fewest that a copy can be learned from, its parts that are drawn as a curve included.
FEWEST_QUERIES = 40
#: Fewest records from outside: half of them are asked, half judge.
FEWEST_RECORDS = 40
#: Shares of the answers at which smaller copies are made for the curve.
SHARES = (1 / 8, 1 / 3)
#: Records that judge at most.
MOST_JUDGES = 2000
#: Models that surrogates are made of.
ESTIMATOR = "auto"
#: Records on which an exact copy must answer as the model does, and how nearly.
N_CHECKS, SAME = 20, 1e-6
#: A copy this faithful serves as the model itself.
LEVEL = 0.99


@dataclass(frozen=True, eq=False)
class ExtractionStudy:
    """What copying the model costs.

    Parameters
    ----------
    attack : str
        Name of the attack that made the best copy.

    family : str
        What the model was taken for by its answers.

    exact : bool
        Whether the copy is an exact one.

    budget : int
        Answers that the attacker could buy.

    n_queries : ndarray of int of shape (n_copies,)
        Answers that each copy cost, growing.

    fidelity : ndarray of shape (n_copies,)
        Share of records with the same label as the model gives; of numbers R2.

    low, high : float
        Ends of the 95% interval of the last copy's fidelity; NaN for R2.

    measure : {"agreement", "r2"}
        What fidelity is.

    n_pool, n_judges : int
        Records that the attacker held, and other ones that fidelity was judged on.

    response : str
        What the model answered with.

    watch : QueryWatch or None, default=None
        What a monitor makes of the queries of the last copy; None if the training set
        is too small to learn from.
    """

    attack: str
    family: str
    exact: bool
    budget: int
    n_queries: np.ndarray
    fidelity: np.ndarray
    low: float
    high: float
    measure: str
    n_pool: int
    n_judges: int
    response: str
    watch: QueryWatch | None = None

    @property
    def best(self) -> float:
        """Fidelity of the most faithful copy."""
        return float(self.fidelity.max())

    def queries_for(self, level: float = LEVEL) -> float:
        """Tell how many queries such a copy costs; NaN where none reached it.

        Parameters
        ----------
        level : float, default=0.99
            Fidelity that is wanted.

        Returns
        -------
        n_queries : float
            Between two copies on the curve it is interpolated, but for the jump to an
            exact copy, which there is no way half across.
        """
        return queries_for(self.n_queries, self.fidelity, level, jumps=self.exact)

    def cost_of(self, level: float = LEVEL, *, price: float = 1.0) -> float:
        """Tell the price of such a copy; NaN where none reached it.

        Parameters
        ----------
        level : float, default=0.99
            Fidelity that is wanted.

        price : float, default=1.0
            Price of 1,000 answers.

        Returns
        -------
        cost : float
        """
        return price * self.queries_for(level) / 1000


def queries_for(n_queries, fidelity, level, *, jumps=False) -> float:
    """Read off a curve where it first reaches a level.

    Parameters
    ----------
    n_queries : array-like of shape (n_points,)
        Queries, growing.

    fidelity : array-like of shape (n_points,)
        What was reached with them.

    level : float
        What is wanted.

    jumps : bool, default=False
        Whether the last point is not reached gradually.

    Returns
    -------
    n_queries : float
        On a straight line over the logarithm of the queries; NaN if the curve stays
        below.

    Examples
    --------
    >>> queries_for([100, 400], [0.9, 1.0], 0.95)
    200.0
    >>> queries_for([100, 400], [0.9, 1.0], 0.95, jumps=True)
    400.0
    >>> queries_for([100, 400], [0.9, 0.94], 0.95)
    nan
    """
    reached = np.flatnonzero(np.asarray(fidelity) >= level)
    if not len(reached):
        return math.nan
    at = int(reached[0])
    last = len(fidelity) - 1
    if at == 0 or (jumps and at == last):
        return float(n_queries[at])
    share = (level - fidelity[at - 1]) / (fidelity[at] - fidelity[at - 1])
    ends = np.log([n_queries[at - 1], n_queries[at]])
    return float(round(math.exp(ends[0] + share * (ends[1] - ends[0])), 6))


def check_extraction(extraction, subject):
    """Return how many answers the attacker may buy; refuse what can't be tried.

    Parameters
    ----------
    extraction : bool, int or None
        As `skprivacy.audit` takes it.

    subject : Subject
        What is audited.

    Returns
    -------
    budget : int
        0 if nothing was asked for.

    Raises
    ------
    TypeError
        If it is neither a bool nor a whole number.
    ValueError
        If the budget, or the holdout, is too small.
    """
    if extraction is None or extraction is False:
        return 0
    if not isinstance(extraction, bool | np.bool_ | Integral):
        raise TypeError(
            "extraction must be True, False or a number of queries; got "
            f"{extraction!r}."
        )
    is_switch = isinstance(extraction, bool | np.bool_)
    if is_switch and not extraction:
        return 0
    budget = BUDGET if is_switch else int(extraction)
    if budget < FEWEST_QUERIES:
        raise ValueError(
            f"extraction must be True or a budget of at least {FEWEST_QUERIES} "
            f"queries; got {extraction!r}."
        )
    n_outside = int((~(subject.is_member == 1) & ~subject.is_canary).sum())
    if n_outside < FEWEST_RECORDS:
        raise ValueError(
            f"extraction needs at least {FEWEST_RECORDS} records in the holdout, half "
            f"to ask with and half to judge; it has {n_outside}."
        )
    return budget


def study_extraction(budget, subject, *, seed):
    """Copy the model by asking it, and judge the copies.

    Parameters
    ----------
    budget : int
        As :func:`check_extraction` returns it.

    subject : Subject
        What is audited, without canaries. Half of the outside records are the
        attacker's, without labels; the other half judges.

    seed : int
        Decides all draws.

    Returns
    -------
    study : ExtractionStudy or None
        None if nothing was asked for, or too little is left of the model's own budget.
    """
    if not budget:
        return None
    box = subject.box
    outside = np.flatnonzero(subject.is_member == 0)
    outside = np.random.RandomState(seed).permutation(outside)
    half = len(outside) // 2
    X, _ = split_records(take_rows(subject.records, outside), subject.label)
    X = as_model_input(X, box)
    pool = take_rows(X, np.arange(half))
    judges = take_rows(X, np.arange(half, min(len(outside), half + MOST_JUDGES)))
    # All attacks have asked of these records: it costs the model's budget nothing.
    truth = box.query(judges)
    if box.budget is not None:
        budget = min(budget, box.budget - box.n_queries_)
        if budget < FEWEST_QUERIES:
            return None
    number = box.response_ == "value"
    with threadpool_limits(1, user_api="openmp"), warnings.catch_warnings():
        # What an attack says to its user is not what the reader must know.
        warnings.simplefilter("ignore", UserWarning)
        limited = _Limited(box, budget)
        copy, n_all = _best_copy(limited, pool, seed)
        points = [(n_all, _fidelity(truth, copy, judges, box))]
        for share in SHARES:
            n = int(share * n_all)
            if n >= FEWEST_ANSWERS:
                small = SurrogateAttack(
                    _Limited(box, n).box(),
                    estimator=ESTIMATOR,
                    budget=n,
                    random_state=seed,
                ).fit(pool)
                points.append((n, _fidelity(truth, small, judges, box)))
    auto = isinstance(copy, AutoExtraction)
    points.sort()
    n_queries, fidelity = (np.array(column) for column in zip(*points, strict=True))
    low = high = math.nan
    if not number:
        same = np.arange(len(judges)) < round(fidelity[-1] * len(judges))
        low, high = (ends := share_interval(same)).low, ends.high
    return ExtractionStudy(
        attack=type(copy.attack_ if auto else copy).__name__,
        family=copy.family_ if auto else copy.form_,
        exact=bool(copy.is_exact_) if auto else True,
        budget=int(budget),
        n_queries=n_queries.astype(int),
        fidelity=fidelity,
        low=low,
        high=high,
        measure="r2" if number else "agreement",
        n_pool=half,
        n_judges=len(judges),
        response=box.response_,
        watch=_watched(limited, subject, judges, truth, seed),
    )


def _watched(limited, subject, judges, truth, seed):
    """Let a monitor that knows the training set look at the queries."""
    box = subject.box
    members = np.flatnonzero(subject.is_member == 1)
    members = np.random.RandomState(seed).permutation(members)[:MOST_NATURAL]
    natural, _ = split_records(take_rows(subject.records, members), subject.label)
    natural = as_model_input(natural, box)
    # Of these records, too, all attacks have asked.
    answers = box.query(natural) if len(natural) else truth[:0]
    return watch_queries(
        limited.asked, limited.answers, natural, answers, judges, truth, box, seed
    )


def _best_copy(limited, pool, seed):
    """Copy by equations, which costs little where it works; else by what suits."""
    copy = _solved(limited, pool, seed)
    if copy is None:
        surrogate = SurrogateAttack(None, estimator=ESTIMATOR)
        copy = AutoExtraction(
            limited.box(), budget=limited.left, surrogate=surrogate, random_state=seed
        ).fit(pool)
    return copy, limited.n_queries


def _solved(limited, pool, seed):
    """Solve for coefficients with half of the budget; None if they do not hold."""
    try:
        copy = EquationSolvingAttack(
            limited.box(limited.left // 2), random_state=seed
        ).fit(pool)
        checks = take_rows(pool, np.arange(min(N_CHECKS, len(pool))))
        method = {"proba": "predict_proba", "value": "predict"}.get(
            limited.response, "decision_function"
        )
        told = np.asarray(getattr(limited.box(), method)(checks), dtype=float)
        found = np.asarray(getattr(copy, method)(checks), dtype=float)
    except (ValueError, QueryBudgetExceeded):
        # Not such a model, or not such answers; what was asked is paid for.
        return None
    scale = 1.0 if limited.response == "proba" else max(np.abs(told).max(), 1e-300)
    return copy if np.abs(told - found).max() <= SAME * scale else None


class _Limited:
    """The model within a budget that several attacks share."""

    def __init__(self, box, budget):
        self._box, self.budget, self.n_queries = box, budget, 0
        self.asked, self.answers = [], []
        self.response = box.response_

    @property
    def left(self):
        return self.budget - self.n_queries

    def box(self, limit=None):
        """Put it behind a box of its own, from which no more can be had."""
        return BlackBox(
            self,
            response=self.response,
            classes=None if self.response == "value" else self._box.classes_,
            budget=self.left if limit is None else limit,
        )

    def __sklearn_tags__(self):
        # What the model takes, missing values above all.
        return self._box.__sklearn_tags__()

    def __call__(self, X):
        answers = self._box.query(X)
        self.n_queries += len(X)
        self.asked.append(X)
        self.answers.append(answers)
        if self.response == "value":
            return answers[:, 0]
        if self.response == "label":
            return self._box.classes_[answers.argmax(axis=1)]
        return answers


def _fidelity(truth, copy, judges, box):
    found = copy.predict(judges)
    if box.response_ == "value":
        left = ((truth[:, 0] - found) ** 2).sum()
        spread = ((truth[:, 0] - truth[:, 0].mean()) ** 2).sum()
        return float(1 - left / spread) if spread else float(left == 0)
    return float(np.mean(box.classes_[truth.argmax(axis=1)] == found))
