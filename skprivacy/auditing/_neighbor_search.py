"""Find the pair of neighboring data sets in which a mechanism gives most away."""

from numbers import Integral, Real

import pandas as pd
from sklearn.base import BaseEstimator, _fit_context, is_regressor
from sklearn.pipeline import Pipeline
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import HasMethods, Interval
from sklearn.utils.validation import validate_data

from skprivacy._validation import as_table
from skprivacy.auditing._claims import as_guarantee
from skprivacy.auditing._neighbors import check_kinds, neighboring_tables
from skprivacy.auditing._pair_trials import LEAST_RUNS, Trial, halving_plan
from skprivacy.auditing._runs import Mechanism, first_output
from skprivacy.dp import PrivacyGuarantee

__all__ = ["NeighborSearch"]


class NeighborSearch(BaseEstimator):
    """Search for the pair of neighboring data sets that gives a mechanism away.

    An audit is as good as the pair of data sets that it is made on. Pairs of all kinds
    are made from a table; the mechanism is run a few times on each, most pairs are
    dropped, and the others are run more often (successive halving), until one is left.

    Parameters
    ----------
    mechanism : estimator or callable
        As in :class:`MechanismAuditor`.

    kinds : "all", str or sequence of str, default="all"
        Kinds of pairs: "corner", "replace", "flip", "rare_class", "empty_cluster",
        "duplicates", "extreme", "tiny", "missing" and "remove". With "all", the last is
        left out unless the claim is about data sets with a record more or less.

    n_runs : int, default=100
        Most runs on each data set of a pair in the first round; fewer where they would
        take more than this round's share of `max_fits`.

    max_fits : int, default=5000
        Most runs in all.

    bounds : pair or None, default=None
        Lower and upper ends of the columns, as the mechanism knows them. None: those of
        its parameters ``bounds``, or its ``data_norm``; else those of the table.

    claimed : PrivacyGuarantee, float or None, default=None
        What is claimed: it says what neighbors are. A float is about data sets of which
        one record is another. None: the ``privacy_guarantee_`` of the fitted estimator.

    delta : float or None, default=0.0
        Delta at which epsilon is estimated. None: that at which the claim is stated.

    n_jobs : int or None, default=None
        Processes.

    random_state : int, RandomState instance or None, default=None
        Records and columns that are taken, and the seeds of runs.

    Attributes
    ----------
    worst_pair_ : tuple
        Two data sets, ``((X, y), (X2, y2))`` or ``((X,), (X2,))``: what
        `neighbors` of :class:`MechanismAuditor` takes.

    worst_kind_ : str
        Its kind.

    worst_detail_ : str
        What differs.

    results_ : DataFrame
        A row for each pair, the worst first: "kind", "detail", "epsilon" (a guess,
        comparable between pairs of as many runs), "auc", "is_certain" (something is
        the same in all runs on one data set and another in all on the other, or only
        one of them fails), "n_runs" on each, "failed_first", "failed_second" (runs that
        raised), "is_refused" and "error" (the message of one).

    pairs_ : list of tuple
        All pairs, in the order of `results_`: a pair that gives all away hides what
        others do.

    n_fits_ : int
        Runs in all.

    n_features_in_ : int
        Columns of the table.

    See Also
    --------
    MechanismAuditor : Its ``neighbors="search"`` bounds epsilon on the pair found.

    Notes
    -----
    The estimates of the search are *no bounds*: the largest of many guesses is too
    large. What was found is run anew by :class:`MechanismAuditor`, whose bound holds
    however the pair was chosen.

    A pair on which both data sets fail in all runs is no candidate. Neither is a
    "missing" one where all runs on the data set with the hole raise a ValueError or
    TypeError: the mechanism refuses such a table, so that its claim is not about it.
    Any other failure on one data set alone gives the record away, and ranks first.

    Public knowledge is read from the parameters ``bounds``, ``data_norm``, ``classes``
    and ``y_bounds`` of the mechanism itself, or of the first step of a pipeline.

    References
    ----------
    K. Jamieson and A. Talwalkar, "Non-stochastic Best Arm Identification and
    Hyperparameter Optimization", International Conference on Artificial Intelligence
    and Statistics, 2016.

    Examples
    --------
    A mean whose noise is made for values of at most 1, which nothing sees to:

    >>> import numpy as np
    >>> from skprivacy.auditing import NeighborSearch
    >>> def noisy_mean(X, random_state):
    ...     rng = np.random.RandomState(random_state)
    ...     return np.mean(X) + rng.laplace(scale=1 / len(X))
    >>> X = np.random.RandomState(0).uniform(size=(40, 1))
    >>> search = NeighborSearch(
    ...     noisy_mean, bounds=(0, 50), kinds=["replace", "corner"], max_fits=400,
    ...     random_state=0,
    ... ).fit(X)
    >>> search.worst_kind_
    'corner'
    """

    _parameter_constraints = {
        "mechanism": [HasMethods(["fit"]), callable],
        "kinds": [str, list, tuple],
        "n_runs": [Interval(Integral, LEAST_RUNS, None, closed="left")],
        "max_fits": [Interval(Integral, 1, None, closed="left")],
        "bounds": "no_validation",
        "claimed": [PrivacyGuarantee, Interval(Real, 0, None, closed="left"), None],
        "delta": [Interval(Real, 0, 1, closed="left"), None],
        "n_jobs": [Integral, None],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        mechanism,
        *,
        kinds="all",
        n_runs=100,
        max_fits=5000,
        bounds=None,
        claimed=None,
        delta=0.0,
        n_jobs=None,
        random_state=None,
    ):
        self.mechanism = mechanism
        self.kinds = kinds
        self.n_runs = n_runs
        self.max_fits = max_fits
        self.bounds = bounds
        self.claimed = claimed
        self.delta = delta
        self.n_jobs = n_jobs
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        """Search.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            A table as the mechanism is used on, of at least 3 records.

        y : array-like of shape (n_records,) or None, default=None
            Labels.

        Returns
        -------
        self : NeighborSearch

        Raises
        ------
        ValueError
            If a kind is unknown, if `max_fits` is too small for so many pairs, or if
            the mechanism fails on all of them.
        """
        X = as_table(X)
        validate_data(self, X, skip_check_array=True)
        rng = check_random_state(self.random_state)
        mechanism = Mechanism(self.mechanism)
        own = (X,) if y is None else (X, y)
        check_kinds(self.kinds)
        output, self.n_fits_ = first_output(mechanism, [own, own], rng.randint(2**31))
        guarantee = as_guarantee(self.claimed, output, self.delta or 0.0)
        delta = self.delta
        if delta is None:
            delta = 0.0 if guarantee is None else guarantee.stated_delta
        adjacency = "replace" if guarantee is None else guarantee.adjacency
        trials = [
            Trial(pair, delta)
            for pair in neighboring_tables(
                X,
                y,
                check_kinds(self.kinds, adjacency),
                adjacency=adjacency,
                random_state=rng,
                **self._public(),
            )
        ]
        if not trials:
            raise ValueError(
                f"kinds={self.kinds!r} yields no pair: these are about labels, and y "
                "has none that differ."
            )
        trials = self._halve(mechanism, trials, rng)
        worst = trials[0]
        self.results_ = pd.DataFrame([trial.row() for trial in trials])
        if worst.is_out:
            raise ValueError(
                "the mechanism fails on all pairs: "
                f"{'; '.join(sorted({trial.error for trial in trials}))[:500]}"
            )
        self.pairs_ = [(trial.pair.first, trial.pair.second) for trial in trials]
        self.worst_pair_ = self.pairs_[0]
        self.worst_kind_ = worst.pair.kind
        self.worst_detail_ = worst.pair.detail
        return self

    def _public(self):
        holder = self.mechanism
        if isinstance(holder, Pipeline):
            holder = holder.steps[0][1]
        known = {
            name: getattr(holder, own, None)
            for name, own in (
                ("bounds", "bounds"),
                ("norm", "data_norm"),
                ("classes", "classes"),
                ("y_bounds", "y_bounds"),
            )
        }
        if self.bounds is not None:
            known["bounds"], known["norm"] = self.bounds, None
        is_estimator = hasattr(self.mechanism, "fit")
        known["is_regression"] = (
            True if (is_estimator and is_regressor(self.mechanism)) else None
        )
        return known

    def _halve(self, mechanism, trials, rng):
        """Run all pairs, then the better ones more often; return them in order."""
        plan = halving_plan(len(trials), self.n_runs, self.max_fits - self.n_fits_)
        dropped, running = [], trials
        for n_kept, n_new in plan:
            dropped = running[n_kept:] + dropped
            running = running[:n_kept]
            for trial in running:
                seeds = rng.randint(2**31 - 1, size=(2, n_new))
                self.n_fits_ += trial.run(mechanism, seeds, self.n_jobs)
            running = sorted(running, key=Trial.merit, reverse=True)
            if running[0].is_certain and running[0].n_runs >= self.n_runs:
                break
        return running + dropped

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = False
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        tags.input_tags.allow_nan = True
        tags.non_deterministic = True
        return tags
