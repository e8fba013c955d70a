"""Audit a mechanism by many runs on two neighboring data sets."""

import warnings
from functools import partial
from numbers import Integral, Real

import numpy as np
from sklearn.base import BaseEstimator, _fit_context, clone
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions

from skprivacy.auditing._bounds import BOUNDS
from skprivacy.auditing._claims import as_guarantee, check_neighbors
from skprivacy.auditing._learned_score import LearnedScore
from skprivacy.auditing._neighbor_search import NeighborSearch
from skprivacy.auditing._readout import probe_rows, read_output, stack_readouts
from skprivacy.auditing._roc import audit_roc
from skprivacy.auditing._runs import (
    Failure,
    Mechanism,
    as_worlds,
    first_output,
    run_worlds,
)
from skprivacy.auditing._thresholds import THRESHOLDS, bound_from_scores
from skprivacy.dp import PrivacyGuarantee
from skprivacy.metrics import Interval as EpsilonInterval

__all__ = ["MechanismAuditor"]

#: Share of the runs that a score is learned from.
LEARN_SHARE = 0.25


class MechanismAuditor(BaseEstimator):
    r"""Find out what epsilon a mechanism has at least, by running it many times.

    It is run on two neighboring data sets. The better its outputs tell on which of them
    it was run, the larger epsilon must be. The bound holds with the stated confidence;
    an audit that finds nothing proves nothing.

    Parameters
    ----------
    mechanism : estimator or callable
        What is audited: an estimator, which is cloned and fitted on each data set; or a
        function of the data set, which returns a model, a number, an array, or a list
        or dictionary of these. It gets a seed for each run where it has a parameter
        ``random_state``.

    neighbors : pair, "search" or NeighborSearch
        Two neighboring data sets, each a tuple ``(X, y)``, or ``X`` alone. A
        :class:`NeighborSearch` makes pairs of the data that `fit` gets, and finds the
        worst; the bound is from runs of their own. "search" is one by default.

    score : "auto" or callable, default="auto"
        A number for each output (a fitted estimator, or what the function returns),
        larger where it looks more like the first data set. It must be chosen without
        these runs. With "auto" a classifier is learned, on a quarter of the runs, from
        all that the fitted estimator holds and answers; the bound is from the others
        (the idea of DP-Sniper).

    n_runs : int, default=2000
        Runs on each of both data sets.

    delta : float or None, default=0.0
        Delta at which epsilon is bounded. None: that at which the claim is stated.

    confidence : float, default=0.95
        Probability with which the bound holds.

    bound : {"clopper_pearson", "gdp", "bayes"}, default="clopper_pearson"
        How epsilon follows from the errors of a test; see
        :func:`epsilon_clopper_pearson`, which assumes nothing, :func:`epsilon_gaussian`
        and :func:`epsilon_bayes`.

    threshold : {"bonferroni", "split", "multisplit"}, default="bonferroni"
        How the choice of a threshold is paid for: all that are looked at were fixed
        beforehand and share the error; it is chosen on half of the runs and the bound
        is from the other half; or the median of 31 splits counts, at half of the error.

    claimed : PrivacyGuarantee, float or None, default=None
        What is claimed: a guarantee, or an epsilon at `delta`. None: the
        ``privacy_guarantee_`` of the fitted estimator, if it has one.

    n_jobs : int or None, default=None
        Processes.

    random_state : int, RandomState instance or None, default=None
        Seeds of runs, splits and the learned score.

    Attributes
    ----------
    epsilon_lower_bound_ : float
        Epsilon is at least so large.

    epsilon_interval_ : Interval
        The same with an estimate. Its upper end is infinite: no audit shows that
        another one would not find more.

    epsilon_by_bound_ : dict of str to float
        The lower bound by each of the three methods. Each has the stated confidence by
        itself: to choose the largest afterwards is not paid for.

    violated_ : bool or None
        Whether the claim is refuted; None where there is none.

    claimed_epsilon_ : float or None
        Epsilon that is claimed at `delta_`.

    delta_ : float
        Delta of the bounds.

    roc_ : AuditRoc
        Operating points of the score, on the runs that it was not learned from.

    scores_in_, scores_out_ : ndarray
        Scores of those runs, on the first and the second data set.

    test_ : ThresholdTest
        The bound, and the counts of the test that it is from.

    n_fits_ : int
        Runs in all, those of the search too.

    search_ : NeighborSearch
        The search, where there was one.

    n_failed_ : tuple of int
        Runs that raised, on the first and the second data set.

    n_distinct_ : tuple of int
        Different outputs among the runs on either data set.

    assumptions_ : tuple of str
        What must be true for the bound to hold.

    See Also
    --------
    NeighborSearch : Searches the data sets, within a number of runs that you choose.
    skprivacy.dp.PrivacyGuarantee : What a claim means for attacks.

    Notes
    -----
    An estimator whose ``random_state`` is None is left to draw its own noise. A seed
    would give all runs the same noise, and accuse any mechanism: it stands for a fresh
    one in each run, drawn from the `random_state` of the auditor, so that the audit can
    be repeated. Worlds share no seeds. What follows from the data, as a seed that is
    computed from them does, is not changed, and is found.

    A run that raises is an output of its own, as who waits for the model sees. Where
    it happens on one data set and not on the other it is evidence, and a warning says
    so. With a score that is given, a failure stands beyond all scores: on the side of
    the first data set if a run on it, before those that count, failed, else on that of
    the second. What can be run on neither data set raises its error.

    Runs are not booked in a :class:`~skprivacy.dp.PrivacyLedger`: audit with data that
    you may look at.

    References
    ----------
    M. Jagielski, J. Ullman and A. Oprea, "Auditing Differentially Private Machine
    Learning: How Private is Private SGD?", Advances in Neural Information Processing
    Systems, 2020.

    B. Bichsel, S. Steffen, I. Bogunovic and M. Vechev, "DP-Sniper: Black-Box Discovery
    of Differential Privacy Violations using Classifiers", IEEE Symposium on Security
    and Privacy, 2021.

    Examples
    --------
    A sum of numbers from 0 to 1, with noise for an epsilon of 2 where 1 is claimed:

    >>> import numpy as np
    >>> from skprivacy.auditing import MechanismAuditor
    >>> def noisy_sum(X, random_state):
    ...     rng = np.random.RandomState(random_state)
    ...     return np.sum(X) + rng.laplace(scale=0.5)
    >>> auditor = MechanismAuditor(
    ...     noisy_sum, neighbors=([[1.0], [0.0]], [[0.0], [0.0]]), score=float,
    ...     n_runs=1000, claimed=1.0, random_state=0,
    ... ).fit()
    >>> auditor.violated_, 1 < auditor.epsilon_lower_bound_ < 2
    (True, True)
    """

    _parameter_constraints = {
        "mechanism": [HasMethods(["fit"]), callable],
        "neighbors": "no_validation",
        "score": [StrOptions({"auto"}), callable],
        "n_runs": [Interval(Integral, 20, None, closed="left")],
        "delta": [Interval(Real, 0, 1, closed="left"), None],
        "confidence": [Interval(Real, 0, 1, closed="neither")],
        "bound": [StrOptions(set(BOUNDS))],
        "threshold": [StrOptions(set(THRESHOLDS))],
        "claimed": [PrivacyGuarantee, Interval(Real, 0, None, closed="left"), None],
        "n_jobs": [Integral, None],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        mechanism,
        *,
        neighbors,
        score="auto",
        n_runs=2000,
        delta=0.0,
        confidence=0.95,
        bound="clopper_pearson",
        threshold="bonferroni",
        claimed=None,
        n_jobs=None,
        random_state=None,
    ):
        self.mechanism = mechanism
        self.neighbors = neighbors
        self.score = score
        self.n_runs = n_runs
        self.delta = delta
        self.confidence = confidence
        self.bound = bound
        self.threshold = threshold
        self.claimed = claimed
        self.n_jobs = n_jobs
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X=None, y=None):
        """Run the mechanism in both worlds, and bound epsilon.

        Parameters
        ----------
        X, y : table and array-like, or None
            The data that a search makes pairs of. Otherwise not looked at: the data
            are `neighbors`.

        Returns
        -------
        self : MechanismAuditor

        Raises
        ------
        ValueError
            If `neighbors` is no pair, or none that the claim is about; if the score is
            no number; or if `delta` is 0 for the Gaussian bound.
        Exception
            That of the mechanism, if it can be run on neither data set.
        """
        if self.bound == "gdp" and self.delta == 0:
            raise ValueError(
                'delta must be above 0 for bound="gdp": at 0 the epsilon of a Gaussian '
                "release is infinite."
            )
        mechanism = Mechanism(self.mechanism)
        rng = check_random_state(self.random_state)
        neighbors, n_searched = self.neighbors, 0
        search = self._new_search()
        if search is not None:
            self._search(search, X, y, rng)
            neighbors, n_searched = self.search_.worst_pair_, self.search_.n_fits_
        worlds = as_worlds(neighbors)
        seeds = rng.randint(2**31 - 1, size=(2, self.n_runs))
        self._take_claim(mechanism, worlds, rng.randint(2**31 - 1))
        score_seed, bound_seed = rng.randint(2**31 - 1, size=2)
        read = self._reader(worlds)
        outcomes = run_worlds(mechanism, worlds, seeds, read, self.n_jobs)
        self.n_fits_ = n_searched + self._n_tries + 2 * self.n_runs
        self._count_failures(outcomes)
        self._score(outcomes, int(score_seed))
        self.roc_ = audit_roc(self.scores_in_, self.scores_out_)
        self._bound(int(bound_seed))
        self.violated_ = None
        if self.claimed_epsilon_ is not None:
            self.violated_ = bool(self.epsilon_lower_bound_ > self.claimed_epsilon_)
        self.assumptions_ = (
            "the two data sets are neighbors as the claim means it",
            "the runs are independent of each other",
            mechanism.assumption,
            BOUNDS[self.bound].assumption,
        )
        return self

    def _new_search(self):
        if isinstance(self.neighbors, NeighborSearch):
            return clone(self.neighbors)
        if not isinstance(self.neighbors, str) or self.neighbors != "search":
            return None
        own = {"claimed": self.claimed, "delta": self.delta, "n_jobs": self.n_jobs}
        return NeighborSearch(self.mechanism, **own)

    def _search(self, search, X, y, rng):
        if X is None:
            raise ValueError(
                "a search for neighbors makes pairs of a table: fit needs X, and y "
                "where the mechanism has labels."
            )
        if search.random_state is None:
            search.set_params(random_state=rng.randint(2**31 - 1))
        self.search_ = search.fit(X, y)

    def _take_claim(self, mechanism, worlds, seed):
        first, self._n_tries = first_output(mechanism, worlds, seed)
        guarantee = as_guarantee(self.claimed, first, self.delta or 0.0)
        self.delta_ = self.delta
        if self.delta is None:
            self.delta_ = 0.0 if guarantee is None else guarantee.stated_delta
        self.claimed_epsilon_ = None
        if guarantee is None:
            return
        if not isinstance(self.claimed, Real):
            check_neighbors(worlds, guarantee)
        self.claimed_epsilon_ = guarantee.epsilon(self.delta_)
        if np.isinf(self.claimed_epsilon_):
            warnings.warn(
                f"at a delta of {self.delta_:g} the claim says nothing ({guarantee}), "
                "so that nothing can refute it. Give the delta that it is stated at, "
                "or delta=None, which takes it from the claim.",
                UserWarning,
                stacklevel=4,
            )

    def _reader(self, worlds):
        if self.score == "auto":
            return partial(read_output, rows=probe_rows(worlds))
        return partial(_scored, score=self.score)

    def _count_failures(self, outcomes):
        failures = [
            [one for one in own if isinstance(one, Failure)] for own in outcomes
        ]
        self.n_failed_ = tuple(len(own) for own in failures)
        if sum(self.n_failed_):
            warnings.warn(
                f"the mechanism raised in {self.n_failed_[0]} and {self.n_failed_[1]} "
                f"of {self.n_runs} runs on the first and the second data set, which "
                "counts as an output of its own. See that it does what you mean: "
                f"{(failures[0] or failures[1])[0].text}",
                UserWarning,
                stacklevel=4,
            )

    def _score(self, outcomes, seed):
        if self.score == "auto":
            n_first = len(outcomes[0])
            table = stack_readouts([*outcomes[0], *outcomes[1]])
            tables = table[:n_first], table[n_first:]
            n_learned = max(int(LEARN_SHARE * self.n_runs), 3)
            learned = LearnedScore(self.delta_, seed)
            learned.fit(*(own[:n_learned] for own in tables))
            scores = [learned(own[n_learned:]) for own in tables]
        else:
            # Settled by a run that is not counted, on which side a failure stands.
            of_failure = np.inf if self._n_tries > 1 else -np.inf
            scores = [
                np.array(
                    [of_failure if isinstance(one, Failure) else one for one in own]
                )
                for own in outcomes
            ]
            tables = [own[:, None] for own in scores]
        self.scores_in_, self.scores_out_ = scores
        # Missing parts are equal to each other, which NaN would not be.
        tables = [np.where(np.isnan(own), np.inf, own) for own in tables]
        self.n_distinct_ = tuple(len(np.unique(own, axis=0)) for own in tables)
        if max(self.n_distinct_) == 1:
            warnings.warn(
                "every run on a data set ended the same: the mechanism has no "
                "randomness, or the score does not see it.",
                UserWarning,
                stacklevel=4,
            )

    def _bound(self, seed):
        tests = {
            name: bound_from_scores(
                self.scores_in_,
                self.scores_out_,
                bound=name,
                threshold=self.threshold,
                delta=self.delta_,
                confidence=self.confidence,
                random_state=seed,
            )
            for name in BOUNDS
            if name != "gdp" or self.delta_ > 0
        }
        self.epsilon_by_bound_ = {name: test.epsilon for name, test in tests.items()}
        test = self.test_ = tests[self.bound]
        rule = BOUNDS[self.bound]
        middle = rule.epsilon(*test[1:], delta=self.delta_, confidence=rule.middle)
        self.epsilon_lower_bound_ = test.epsilon
        self.epsilon_interval_ = EpsilonInterval(
            estimate=max(float(middle), test.epsilon),
            low=test.epsilon,
            high=float("inf"),
            confidence=float(self.confidence),
            n_members=len(self.scores_in_),
            n_non_members=len(self.scores_out_),
        )

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        # The data are a parameter: what fit is given is not looked at.
        tags.input_tags.two_d_array = False
        tags.no_validation = True
        tags.non_deterministic = True
        return tags


def _scored(output, score):
    value = np.asarray(score(output), dtype=float)
    if value.size != 1 or np.isnan(value).any():
        raise ValueError(
            "score must return one number for each output, and not NaN; got "
            f"{value.ravel()[:3].tolist()} ({value.size} numbers)."
        )
    return float(value.ravel()[0])
