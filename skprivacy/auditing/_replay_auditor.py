"""Compares what is released of neighboring data sets, release by release."""

from numbers import Integral, Real

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, _fit_context
from sklearn.utils import check_random_state, get_tags
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.validation import (
    check_consistent_length,
    column_or_1d,
    validate_data,
)

from skprivacy._validation import as_table
from skprivacy.auditing._claims import as_guarantee
from skprivacy.auditing._neighboring_pairs import KINDS, neighboring_pairs, public_of
from skprivacy.auditing._release_loss import release_loss, total_epsilon
from skprivacy.auditing._replay import ROUNDING, differing_parts, record, repeat
from skprivacy.auditing._runs import check_not_frozen
from skprivacy.dp import PrivacyGuarantee
from skprivacy.records import take_rows

__all__ = ["ReplayAuditor"]

#: How close to an optimum that was released solvers end.
CLOSE_TO_OPTIMUM = 1e-3
#: So many neighbors are compared with one fit on the data as they are.
PAIRS_OF_A_FIT = 5
#: By how much of itself an epsilon may be above the claim, by rounding.
ABOVE = 1e-6
#: Records that models are asked about.
N_ROWS = 20


class ReplayAuditor(BaseEstimator):
    r"""Compares what is released of neighboring data sets, release by release.

    The estimator is fitted on a data set, and all that it releases with noise is noted:
    the value, the noise, what came out. It is fitted on a neighbor with the same seed,
    and each release comes out as it did before. How far the values before noise are
    apart is what an attacker learns; all else must be the same.

    It sees the noise of :mod:`skprivacy.dp` and of diffprivlib.

    Parameters
    ----------
    estimator : estimator
        What is audited. It is cloned for each fit.

    neighbors : {"all", "replace", "remove", "flip"}, default="all"
        A record becomes another one, in turns with its label; is removed; or has
        another label. "all": those that the claim is about.

    n_pairs : int, default=25
        Pairs of data sets of each kind. Every second one has records in corners of the
        ``bounds`` of the estimator.

    claimed : PrivacyGuarantee, float or None, default=None
        What is claimed: a guarantee; or an epsilon, of all kinds of neighbors. None:
        the ``privacy_guarantee_`` of the fitted estimator, or of all steps of a
        pipeline, if there is one.

    random_state : int, RandomState instance or None, default=None
        Where seeds and neighbors come from.

    Attributes
    ----------
    epsilon_lower_bound_ : float
        Epsilon of the worst pair, at `delta_`. Infinite if something was decided, or
        left the fit, without noise. NaN if the guarantee counts on something that
        nobody knows, as which records were sampled: then sensitivities alone are
        compared.

    violated_ : bool or None
        Whether it is above the claim; where it is NaN, whether a sensitivity is
        violated. None where there is no claim.

    claimed_epsilon_ : float or None
        Epsilon that is claimed at `delta_`.

    delta_ : float
        Delta of the claim; 0 without one.

    pairs_ : DataFrame
        A row for each pair: its kind, the record that differs, the epsilon of its
        releases, how many moved by more than their sensitivity, whether the fit took
        another course, how many parts left it without noise, and the epsilon of all.

    releases_ : DataFrame
        A row for each release of a fit: how it is hidden, how many numbers it has, its
        sensitivity and the scale of the noise, and by how much it moved at most.

    sensitivity_violations_ : DataFrame
        A row for each release that moved by more than its sensitivity.

    diverged_ : DataFrame
        A row for each pair on which the fit took another course, and which.

    bypassed_ : DataFrame
        A row for each part of the model, or of its answers, that differs though all
        that was released is the same: it has no noise.

    overwrites_input_ : bool
        Whether a fit changed the arrays that it was given.

    n_fits_ : int
        Fits in all.

    assumptions_ : tuple of str
        What must be true for the bound to hold.

    n_features_in_ : int
        Columns.

    See Also
    --------
    MechanismAuditor : Looks at what comes out alone, and needs thousands of fits.

    Notes
    -----
    The epsilon is of all releases together, as an accountant counts them. Of a model
    that is computed from them, and told without them, it may be less. Laplace noise
    counts with the output at which the ratio of densities is largest, so that the
    epsilon of several releases is exact if none is computed from those before it, and
    else that of the course that was noted.

    A fit takes another course if it decides by the data, and not by what was released.
    That is counted as an infinite epsilon. It need not be one: both ways may lead to
    the same distribution.

    Its parts are random by a seed that both fits share. What a fit draws from other
    sources shows as a difference, and is found out by comparing the data set with
    itself.

    References
    ----------
    T. Cebere, D. Erb, D. Desfontaines, A. Bellet and J. Fitzsimons, "Privacy in Theory,
    Bugs in Practice: Grey-Box Auditing of Differential Privacy Libraries",
    arXiv:2602.17454, 2026.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skprivacy.auditing import ReplayAuditor
    >>> from skprivacy.dp import DiffprivlibEstimator
    >>> X, y = load_iris(return_X_y=True)
    >>> claimed = DiffprivlibEstimator(
    ...     "GaussianNB", params={"bounds": (0, 8)}, sound="as_is"
    ... )
    >>> auditor = ReplayAuditor(claimed, n_pairs=4, random_state=0).fit(X, y)
    >>> auditor.violated_, auditor.diverged_["reason"].unique().tolist()
    (True, ['a release is truncated_laplace instead of geometric'])
    """

    _parameter_constraints = {
        "estimator": [HasMethods(["fit", "get_params"])],
        "neighbors": [StrOptions({"all", *KINDS})],
        "n_pairs": [Interval(Integral, 1, None, closed="left")],
        "claimed": [PrivacyGuarantee, Interval(Real, 0, None, closed="left"), None],
        "random_state": ["random_state"],
    }

    def __init__(
        self, estimator, *, neighbors="all", n_pairs=25, claimed=None, random_state=None
    ):
        self.estimator = estimator
        self.neighbors = neighbors
        self.n_pairs = n_pairs
        self.claimed = claimed
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        """Fit on neighboring data sets, and compare what is released.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Records.

        y : array-like of shape (n_records,) or None, default=None
            Labels, if the estimator takes any.

        Returns
        -------
        self : ReplayAuditor

        Raises
        ------
        ValueError
            If the claim is about other neighbors than `neighbors`; if the estimator
            draws noise that is not seen; or if it can't be fitted twice in the same
            way.
        """
        check_not_frozen(self.estimator)
        X, y = self._checked(X, y)
        rng = check_random_state(self.random_state)
        world = (X,) if y is None else (X, y)
        self._rows = take_rows(X, _spread(len(X)))
        self.n_fits_ = 0
        base = self._recorded(world, rng)
        self._take_claim(base.model)
        self._check_repeats(base, rng)
        kinds = self._kinds(y)
        public = public_of(self.estimator, y)
        pairs = (
            pair
            for kind in kinds
            for pair in neighboring_pairs(X, y, kind, self.n_pairs, public, rng)
        )
        self._compare(pairs, base, rng)
        self._conclude(kinds)
        # No records stay in the auditor.
        del self._rows, self._found
        return self

    def _checked(self, X, y):
        X = as_table(X)
        validate_data(self, X, skip_check_array=True)
        if len(X) < 2:
            raise ValueError(
                "X must have at least two records, of which one becomes another; got "
                f"n_samples={len(X)}."
            )
        if y is not None:
            y = column_or_1d(y, warn=True)
            check_consistent_length(X, y)
        return X, y

    def _recorded(self, world, rng):
        self.n_fits_ += 1
        seed = int(rng.randint(2**31 - 1))
        run = record(self.estimator, world, seed, self._rows)
        if _has(run, "vector"):
            # Solvers end close to the optimum that was released, and not there.
            self.n_fits_ += 1
            run.numbers = repeat(self.estimator, world, run, self._rows).numbers
        return run

    def _take_claim(self, model):
        own = as_guarantee(None, model)
        guarantee = own
        if self.claimed is not None:
            delta = 0.0 if own is None else own.stated_delta
            guarantee = as_guarantee(self.claimed, delta=delta)
        self._guarantee = None if isinstance(self.claimed, Real) else guarantee
        self.delta_, self.claimed_epsilon_ = 0.0, None
        if guarantee is not None:
            self.delta_ = float(guarantee.stated_delta or 0.0)
            self.claimed_epsilon_ = float(guarantee.epsilon(self.delta_))

    def _kinds(self, y):
        """Kinds of neighbors that the claim is about, of those that are wanted."""
        able = [kind for kind in KINDS if kind != "flip" or y is not None]
        about = KINDS
        if self._guarantee is not None:
            is_about_removal = self._guarantee.adjacency == "add_remove"
            about = ("remove",) if is_about_removal else ("replace", "flip")
        if self.neighbors == "all":
            return [kind for kind in able if kind in about]
        if self.neighbors not in able:
            raise ValueError('neighbors="flip" needs labels; got y=None.')
        if self.neighbors not in about:
            raise ValueError(
                f"the claim, {self._guarantee}, is about neighbors of the kinds "
                f"{about}; got neighbors={self.neighbors!r}. Claim an epsilon, as a "
                "number, to hold it against any kind."
            )
        return [self.neighbors]

    def _check_repeats(self, base, rng):
        """Compare the data with themselves: what differs then is not of the data."""
        if base.observer.counts[0] == 0:
            other = self._recorded(base.world, rng)
            if differing_parts(base.numbers, other.numbers):
                raise ValueError(
                    f"estimator={self.estimator!r} is random, but none of its noise "
                    "comes from where it would be seen: skprivacy.dp and diffprivlib. "
                    "Audit what comes out, with a MechanismAuditor."
                )
        again = repeat(self.estimator, base.world, base, self._rows)
        self.n_fits_ += 1
        losses = _losses(base, again)
        if again.observer.divergence or any(one.moved > 1e-6 for one in losses):
            raise ValueError(
                f"estimator={self.estimator!r} is random by more than its releases, "
                "and a seed does not repeat it: "
                f"{again.observer.divergence or 'values before noise differ'}. Set the "
                "random_state of all its parts."
            )
        self._unlike = set(
            differing_parts(base.numbers, again.numbers, _tolerance(base))
        )

    def _compare(self, pairs, base, rng):
        rows, self._found = [], {"moved": [], "courses": [], "parts": []}
        self._n_refused, fits = 0, [_Fit(base.world, base)]
        self.overwrites_input_ = base.is_overwritten
        self._is_hidden = bool(base.observer.hidden_draws)
        releases = [_described(one.release) for one in base.observer.noted]
        for number, pair in enumerate(pairs):
            run = self._run_of(pair, fits, rng)
            if run is None:
                self._n_refused += 1
                continue
            again = repeat(self.estimator, pair.second, run, self._rows, pair.removed)
            self.n_fits_ += 1
            self.overwrites_input_ |= run.is_overwritten
            # On another course, releases are not of the same things.
            losses = [] if again.observer.divergence else _losses(run, again)
            rows.append(self._row(number, pair, run, again, losses))
            for described, loss in zip(releases, losses, strict=False):
                described["most_moved"] = max(described["most_moved"], loss.moved)
        columns = [
            "kind",
            "record",
            "loss",
            "sensitivity_violations",
            "diverged",
            "bypassed",
            "epsilon",
        ]
        self.pairs_ = pd.DataFrame(rows, columns=columns)
        columns = ["law", "n_values", "sensitivity", "scale", "most_moved"]
        self.releases_ = pd.DataFrame(releases, columns=columns)

    def _run_of(self, pair, fits, rng):
        """Fit on the first data set, or take a fit that was not used often."""
        fit = next((one for one in fits if one.is_of(pair.first)), None)
        if fit is None:
            # The data as they are, and the one before: no others come again.
            fits[1:] = [_Fit(pair.first)]
            fit = fits[1]
        if fit.n_uses % PAIRS_OF_A_FIT == 0 and (fit.run is None or fit.n_uses > 0):
            try:
                fit.run = self._recorded(pair.first, rng)
            except Exception:  # noqa: BLE001 - it may refuse corners as it likes.
                return None
        fit.n_uses += 1
        return fit.run

    def _row(self, number, pair, run, again, losses):
        moved = [
            (number, pair.kind, at, noted.release, loss)
            for at, (noted, loss) in enumerate(
                zip(run.observer.noted, losses, strict=False)
            )
            if loss.exceeds(noted.release.sensitivity)
        ]
        self._found["moved"].extend(moved)
        parts = {}
        course = again.observer.divergence
        if course:
            self._found["courses"].append((number, pair.kind, course))
        else:
            parts = differing_parts(run.numbers, again.numbers, _tolerance(run))
            parts = {k: v for k, v in parts.items() if k not in self._unlike}
            self._found["parts"].extend((name, v) for name, v in parts.items())
        loss = np.nan
        if not (course or run.observer.hidden_draws):
            loss = total_epsilon(losses, self.delta_)
        epsilon = np.inf if course or parts else loss
        found = len(moved), bool(course), len(parts)
        return (pair.kind, pair.record, loss, *found, epsilon)

    def _conclude(self, kinds):
        moved, courses = self._found["moved"], self._found["courses"]
        self.sensitivity_violations_ = pd.DataFrame(
            [
                (number, kind, at, one.law, loss.moved, one.sensitivity)
                for number, kind, at, one, loss in moved
            ],
            columns=["pair", "kind", "release", "law", "moved", "sensitivity"],
        )
        self.diverged_ = pd.DataFrame(courses, columns=["pair", "kind", "reason"])
        parts = pd.DataFrame(self._found["parts"], columns=["part", "difference"])
        found = parts.groupby("part", sort=False)["difference"]
        self.bypassed_ = found.agg(n_pairs="count", largest="max").reset_index()
        epsilons = self.pairs_["epsilon"]
        self.epsilon_lower_bound_ = float(epsilons.max())
        self.violated_ = None
        if self.claimed_epsilon_ is not None:
            allowed = self.claimed_epsilon_ * (1 + ABOVE)
            self.violated_ = bool((epsilons > allowed).any())
            if epsilons.isna().any():
                self.violated_ |= len(moved) > 0
        self._assume(kinds)

    def _assume(self, kinds):
        said = [
            "the epsilon is of all that is released with noise, as an accountant "
            "counts it; of a model that is told without it, it may be less",
            "all noise comes from skprivacy.dp or diffprivlib, and is drawn as it says",
            f"neighbors are of the kinds {', '.join(kinds)}; others were not looked at",
        ]
        if self._is_hidden:
            said.append(
                "the guarantee counts on something that nobody knows, so that the "
                "epsilon of what was released is not that of the claim: sensitivities "
                "alone were compared"
            )
        elif (self.releases_["law"] == "noisy_objective").any():
            said.append(
                "the loss of an optimum depends on where it is, and is not computed: "
                "gradients alone were compared with their sensitivity"
            )
        if len(self.diverged_):
            said.append("what is decided by the data has another distribution then")
        if self.diverged_["reason"].str.startswith("there are").any():
            said.append(
                "releases are compared in their order: where one is left out and "
                "another one added, those in between are not of the same things"
            )
        if self._unlike:
            said.append(
                "these differ between two fits on the same data, and were not "
                f"compared: {', '.join(sorted(self._unlike))}"
            )
        if self._n_refused:
            said.append(
                f"{self._n_refused} pairs were left out, as the estimator refused to "
                "be fitted on the first data set"
            )
        self.assumptions_ = tuple(said)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.non_deterministic = True
        inner = get_tags(self.estimator)
        tags.input_tags.allow_nan = inner.input_tags.allow_nan
        tags.input_tags.string = inner.input_tags.string
        tags.input_tags.categorical = inner.input_tags.categorical
        tags.target_tags = inner.target_tags
        return tags


class _Fit:
    """A fit on a data set, and how many neighbors it was compared with."""

    def __init__(self, world, run=None):
        self.world, self.run, self.n_uses = world, run, 0

    def is_of(self, world):
        return all(one is other for one, other in zip(self.world, world, strict=True))


def _spread(n_records):
    return np.unique(np.linspace(0, n_records - 1, N_ROWS).astype(int))


def _losses(run, again):
    noted = run.observer.noted
    return [
        release_loss(one.release, other, one.released)
        for one, other in zip(noted, again.observer.releases, strict=False)
    ]


def _has(run, law):
    return any(one.release.law == law for one in run.observer.noted)


def _tolerance(run):
    return CLOSE_TO_OPTIMUM if _has(run, "vector") else ROUNDING


def _described(release):
    return {
        "law": release.law,
        "n_values": int(np.size(release.value)),
        "sensitivity": release.sensitivity,
        "scale": release.scale,
        "most_moved": 0.0,
    }
