"""Audit a training procedure by one run with many canaries."""

import warnings
from numbers import Integral, Real

import numpy as np
from sklearn.base import BaseEstimator, _fit_context
from sklearn.utils import check_random_state, get_tags
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.validation import validate_data

from skprivacy._validation import as_table
from skprivacy.auditing._claims import as_guarantee
from skprivacy.auditing._one_run import epsilon_one_run, one_run_p_value
from skprivacy.auditing._one_run_canaries import plant_canaries
from skprivacy.auditing._one_run_gaussian import curve_p_value, epsilon_one_run_gaussian
from skprivacy.auditing._one_run_score import (
    count_right,
    guess_extremes,
    label_signal,
    subtract_references,
)
from skprivacy.auditing._roc import audit_roc
from skprivacy.auditing._runs import Mechanism
from skprivacy.dp import PrivacyGuarantee
from skprivacy.metrics import Interval as EpsilonInterval

__all__ = ["OneRunAuditor"]

ADJACENCIES = ("auto", "replace", "add_remove")
BOUNDS = {"steinke": epsilon_one_run, "fdp": epsilon_one_run_gaussian}


class OneRunAuditor(BaseEstimator):
    """Find out what epsilon a training procedure has at least, from one training run.

    Canaries are records that a model is likely to keep. A coin decides for each, by
    itself, whether it is trained on. The better it is guessed from the model which ones
    were, the larger epsilon must be. The bound holds with the stated confidence; an
    audit that finds nothing proves nothing.

    Parameters
    ----------
    estimator : estimator
        Unfitted classifier or regressor.

    canaries : {"mislabeled", "outlier"} or tuple, default="mislabeled"
        - "mislabeled": real records with another label.
        - "outlier": in each column a value from either end, or any that was seen.
        - ``(X_canaries, y_canaries)``.
        - ``(X_canaries, y_canaries, X_others, y_others)``: a coin decides between each
          canary and its other, which stands in the same row.

    n_canaries : int or None, default=None
        How many are made. None: 1000, but mislabeled ones of half of the records at
        most. Where they are given, their number counts.

    guess_fraction : float, default=0.1
        Share of the canaries that something is guessed of: the half of it with the
        highest scores was trained on, the half with the lowest was not. To try several
        and keep the best would void the bound.

    method : {"steinke", "fdp"}, default="steinke"
        What the number of right guesses is held against: an epsilon and a delta
        (:func:`epsilon_one_run`), or a whole trade-off curve. For the bound it is then
        that of a Gaussian release (:func:`epsilon_one_run_gaussian`), for `violated_`
        that of the claim.

    delta : float or None, default=1e-5
        Delta at which epsilon is bounded. None: that at which the claim is stated.

    signal : "auto" or callable, default="auto"
        ``signal(model, X, y)`` gives a number for each record, larger where the model
        looks more as if it was trained on it. With "auto" it is the log-odds of the
        record's label, or the negative squared error.

    n_references : int, default=8
        Models of the auditor's own, trained by other coins. Their mean signal is
        subtracted: some canaries are likelier than others by themselves.

    adjacency : {"auto", "replace", "add_remove"}, default="auto"
        What becomes of a canary that is not trained on: another record is in its row,
        or it is left out. It must be what the claim is about. "auto": as the claim has
        it, and "replace" for an epsilon, or where nothing is claimed.

    confidence : float, default=0.95
        Probability with which the bound holds.

    claimed : PrivacyGuarantee, float or None, default=None
        What is claimed: a guarantee, or an epsilon at `delta`. None: the
        ``privacy_guarantee_`` of the fitted estimator, if it has one.

    random_state : int, RandomState instance or None, default=None
        Canaries, coins, and seeds of the estimator where it has one.

    Attributes
    ----------
    epsilon_lower_bound_ : float
        Epsilon is at least so large.

    epsilon_interval_ : Interval
        The same with an estimate. Its upper end is infinite: no audit shows that
        another one would not find more.

    p_value_ : float or None
        Chance, at most, of so many right guesses if the claim were true; None without a
        claim.

    violated_ : bool or None
        Whether the claim is refuted; None where there is none.

    claimed_epsilon_ : float or None
        Epsilon that is claimed at `delta_`.

    delta_ : float
        Delta of the bound.

    adjacency_ : {"replace", "add_remove"}
        What a coin decided about.

    n_canaries_, n_guesses_, n_correct_ : int
        Canaries, guesses, and right guesses.

    included_ : ndarray of bool of shape (n_canaries,)
        Which canaries were trained on.

    guesses_ : ndarray of int of shape (n_canaries,)
        1: guessed to be trained on, -1: not, 0: no guess.

    scores_ : ndarray of shape (n_canaries,)
        Scores.

    roc_ : AuditRoc
        Operating points of the scores.

    model_ : estimator
        The model that was trained by the coins.

    n_fits_ : int
        Models that were trained.

    assumptions_ : tuple of str
        What must be true for the bound to hold.

    n_features_in_ : int
        Columns.

    feature_names_in_ : ndarray of shape (n_features_in_,)
        Their names, where they are strings.

    See Also
    --------
    MechanismAuditor : Many runs on two data sets: a tighter bound, at more cost.
    AuditRocDisplay : A picture of what was found.

    Notes
    -----
    The theorem is about the coins: data sets in which one coin falls otherwise must be
    neighbors as the claim means it. If one record may replace another, a canary that is
    not trained on leaves its row to another record, and the number of records tells
    nothing: to the true record of a mislabeled canary, which is nowhere else; to the
    same outlier with another label; or, where canaries alone are given, to a record of
    `X`, which is taken out of it. An audit that leaves canaries out would accuse a
    mechanism that takes the number of records as public, as it may.

    Coins are independent: half of the canaries exactly would void the theorem.
    References see all but the coins of the run that is audited.

    Canaries get in each other's way. A model of few numbers can't tell of each of many,
    so that the bound is often far below what one canary and many runs would show.

    References
    ----------
    T. Steinke, M. Nasr and M. Jagielski, "Privacy Auditing with One (1) Training Run",
    Advances in Neural Information Processing Systems, 2023.

    S. Mahloujifar, L. Melis and K. Chaudhuri, "Auditing f-Differential Privacy in One
    Run", International Conference on Machine Learning, 2025.

    Examples
    --------
    A tree learns every record by heart:

    >>> from sklearn.datasets import load_iris
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skprivacy.auditing import OneRunAuditor
    >>> X, y = load_iris(return_X_y=True)
    >>> tree = DecisionTreeClassifier(random_state=0)
    >>> auditor = OneRunAuditor(
    ...     tree, guess_fraction=0.4, claimed=1.0, random_state=0
    ... ).fit(X, y)
    >>> auditor.n_correct_, auditor.n_guesses_, auditor.n_canaries_
    (30, 30, 75)
    >>> round(auditor.epsilon_lower_bound_, 2), auditor.violated_
    (2.25, True)
    """

    _parameter_constraints = {
        "estimator": [HasMethods(["fit"])],
        "canaries": [StrOptions({"mislabeled", "outlier"}), tuple, list],
        "n_canaries": [Interval(Integral, 2, None, closed="left"), None],
        "guess_fraction": [Interval(Real, 0, 1, closed="right")],
        "method": [StrOptions(set(BOUNDS))],
        "delta": [Interval(Real, 0, 1, closed="left"), None],
        "signal": [StrOptions({"auto"}), callable],
        "n_references": [Interval(Integral, 0, None, closed="left")],
        "adjacency": [StrOptions(set(ADJACENCIES))],
        "confidence": [Interval(Real, 0, 1, closed="neither")],
        "claimed": [PrivacyGuarantee, Interval(Real, 0, None, closed="left"), None],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        estimator,
        *,
        canaries="mislabeled",
        n_canaries=None,
        guess_fraction=0.1,
        method="steinke",
        delta=1e-5,
        signal="auto",
        n_references=8,
        adjacency="auto",
        confidence=0.95,
        claimed=None,
        random_state=None,
    ):
        self.estimator = estimator
        self.canaries = canaries
        self.n_canaries = n_canaries
        self.guess_fraction = guess_fraction
        self.method = method
        self.delta = delta
        self.signal = signal
        self.n_references = n_references
        self.adjacency = adjacency
        self.confidence = confidence
        self.claimed = claimed
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y):
        """Train with canaries, guess which, and bound epsilon.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Records that are trained on beside the canaries.

        y : array-like of shape (n_records,)
            Their labels.

        Returns
        -------
        self : OneRunAuditor

        Raises
        ------
        ValueError
            If canaries can't be made, or are not like the records; if the signal is not
            one number for each; if the claim is about other neighbors than
            `adjacency`; or if `delta` is 0 for "fdp".
        """
        X, y = self._check_data(X, y)
        mechanism = Mechanism(self.estimator)
        rng = check_random_state(self.random_state)
        looked = self._take_adjacency(mechanism, X, y, rng)
        planted = plant_canaries(
            X, y, self.canaries, self.n_canaries, self.adjacency_, rng
        )
        m = self.n_canaries_ = len(planted.y_canaries)
        coins = rng.uniform(size=(1 + self.n_references, m)) < 0.5
        seeds = rng.randint(2**31 - 1, size=len(coins))
        order = rng.uniform(size=m)
        self.included_ = coins[0]
        self.model_ = mechanism.run(planted.world(self.included_), seeds[0])
        self.n_fits_ = looked + len(coins)
        self._take_claim()
        self.scores_ = self._signals(self.model_, planted)
        if self.n_references:
            usual = [
                self._signals(mechanism.run(planted.world(own), seed), planted)
                for own, seed in zip(coins[1:], seeds[1:], strict=True)
            ]
            self.scores_ = subtract_references(self.scores_, np.array(usual), coins[1:])
        self.guesses_ = guess_extremes(self.scores_, self.guess_fraction, order)
        self.roc_ = audit_roc(
            self.scores_[self.included_], self.scores_[~self.included_]
        )
        self._judge()
        self.assumptions_ = (
            "the claim is about data sets that differ in one record, which is another"
            if self.adjacency_ == "replace"
            else "the claim is about data sets of which one has a record more",
            "each canary was trained on or not by a coin of its own",
            mechanism.assumption,
            "nothing is assumed of the mechanism"
            if self.method == "steinke"
            else "the mechanism's trade-off is that of a Gaussian release: of another "
            "one the bound may be wrong",
        )
        return self

    def _check_data(self, X, y):
        if self.method == "fdp" and self.delta == 0:
            raise ValueError(
                'delta must be above 0 for method="fdp": at 0 the epsilon of a '
                "Gaussian release is infinite."
            )
        X = as_table(X)
        if len(X) < 2:
            raise ValueError(
                "canaries are made of at least 2 records; got n_samples=1, of which "
                "nothing can be made."
            )
        validate_data(self, X, skip_check_array=True)
        if y is None:
            raise ValueError(
                f"{type(self).__name__} requires y to be passed, but the target y is "
                "None."
            )
        labels = np.asarray(y)
        if labels.ndim != 1 or len(labels) != len(X):
            raise ValueError(
                f"y must have one label for each of {len(X)} records; got an array of "
                f"shape {labels.shape}."
            )
        return X, labels

    def _take_adjacency(self, mechanism, X, y, rng) -> int:
        """Find out what a coin decides about; return how many fits that took."""
        self.adjacency_ = self.adjacency
        if self.adjacency != "auto":
            return 0
        guarantee, looked = self.claimed, 0
        if guarantee is None:
            # What it claims stands on a fitted one, and canaries depend on it: one more
            # fit, on the data alone.
            seed = rng.randint(2**31 - 1)
            guarantee = as_guarantee(None, mechanism.run((X, y), seed))
            looked = 1
        self.adjacency_ = getattr(guarantee, "adjacency", "replace")
        return looked

    def _take_claim(self):
        guarantee = as_guarantee(self.claimed, self.model_, self.delta or 0.0)
        self.delta_ = self.delta
        if self.delta is None:
            self.delta_ = 0.0 if guarantee is None else guarantee.stated_delta
        if self.method == "fdp" and self.delta_ == 0:
            raise ValueError(
                'delta must be above 0 for method="fdp"; got None, which is 0 here: '
                "nothing is claimed, or at a delta of 0."
            )
        self.claimed_epsilon_, self._claim = None, guarantee
        if guarantee is None:
            return
        # An epsilon is claimed for whatever neighbors are asked for.
        if not isinstance(self.claimed, Real) and (
            guarantee.adjacency != self.adjacency_
        ):
            raise ValueError(
                f"adjacency={self.adjacency!r}, but the claim is about neighbors of "
                f"the kind {guarantee.adjacency!r}: what is found of others can't "
                "refute it."
            )
        self.claimed_epsilon_ = guarantee.epsilon(self.delta_)
        if np.isinf(self.claimed_epsilon_):
            warnings.warn(
                f"at a delta of {self.delta_:g} the claim says nothing ({guarantee}), "
                "so that nothing can refute it. Give the delta that it is stated at, "
                "or delta=None, which takes it from the claim.",
                UserWarning,
                stacklevel=4,
            )

    def _signals(self, model, planted):
        own = self._signal(model, planted.X_canaries, planted.y_canaries)
        if not planted.is_pair:
            return own
        return own - self._signal(model, planted.X_others, planted.y_others)

    def _signal(self, model, X, y):
        signal = label_signal if self.signal == "auto" else self.signal
        found = np.asarray(signal(model, X, y), dtype=float)
        if found.shape != (len(y),) or not np.isfinite(found).all():
            raise ValueError(
                f"signal must return one finite number for each of {len(y)} records; "
                f"got an array of shape {found.shape} with "
                f"{int((~np.isfinite(found)).sum())} that are not finite."
            )
        return found

    def _judge(self):
        self.n_guesses_ = int(np.count_nonzero(self.guesses_))
        self.n_correct_ = count_right(self.guesses_, self.included_)
        counts = self.n_correct_, self.n_guesses_, self.n_canaries_
        bound, delta = BOUNDS[self.method], self.delta_
        low = bound(*counts, delta=delta, confidence=self.confidence)
        middle = bound(*counts, delta=delta, confidence=0.5)
        self.epsilon_lower_bound_ = low
        self.epsilon_interval_ = EpsilonInterval(
            estimate=max(float(middle), low),
            low=low,
            high=float("inf"),
            confidence=float(self.confidence),
            n_members=int(self.included_.sum()),
            n_non_members=int((~self.included_).sum()),
        )
        self.p_value_ = self.violated_ = None
        if self._claim is None:
            return
        claimed = self.claimed_epsilon_
        if self.method == "fdp":
            # Not by the bound, which is that of a Gaussian release: the claim may be
            # about something else, and be true.
            self.p_value_ = curve_p_value(*counts, self._claim)
            self.violated_ = bool(self.p_value_ < 1 - self.confidence)
            return
        # An infinite epsilon is nothing that could be refuted.
        self.p_value_ = (
            one_run_p_value(*counts, claimed, delta=delta)
            if np.isfinite(claimed)
            else 1.0
        )
        self.violated_ = bool(low > claimed)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        # Columns are only passed on.
        own, inner = tags.input_tags, get_tags(self.estimator).input_tags
        own.string, own.categorical = inner.string, inner.categorical
        own.allow_nan = inner.allow_nan
        return tags
