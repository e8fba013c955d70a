"""The likelihood ratio attack."""

from numbers import Integral, Real
from typing import NamedTuple

import numpy as np
from scipy.special import expit
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions

from skprivacy.membership._base import BaseShadowAttack
from skprivacy.records import Perturber
from skprivacy.shadow import (
    Moments,
    ShadowAnswers,
    best_on_pretend_targets,
    moments,
)
from skprivacy.shadow._likelihood import (
    SMOOTHING,
    contrast,
    log_likelihood_ratio,
    one_sided_evidence,
    pull_together,
)
from skprivacy.shadow._pretend import pretend_records
from skprivacy.shadow._shrinkage import (
    Prior,
    estimated_variance,
    normal_prior,
    variance_prior,
)
from skprivacy.shadow._store import in_blocks
from skprivacy.signals import decision_log_odds, label_log_odds

__all__ = ["LiRA"]


class LiRA(BaseShadowAttack):
    """Compare how likely the target's answer is with and without the record.

    For each record the shadow models with it, and those without it, give a Gaussian of
    the signal: the log-odds of the record's label, or a regressor's prediction. The
    score is the log of the ratio of the two densities at the target's own signal.

    Parameters
    ----------
    target : BlackBox or FrozenEstimator
        The model under attack.

    shadow : ShadowModels, FrozenEstimator or None, default=None
        Shadow models; fitted ones inside
        :class:`~sklearn.frozen.FrozenEstimator` are used as they are. None:
        ``ShadowModels()``.

    mode : {"auto", "online", "offline"}, default="auto"
        "online" uses models with and without the record, "offline" only those without
        it. "auto" is online for records of the shadow models' pool and offline for
        others.

    variance : {"auto", "global", "record", "shrunk"}, default="auto"
        Variance of the Gaussians: one for all records, each record's own, or each
        record's own pulled towards the mean as far as its deviation can be noise. With
        the last, how far the two Gaussians of a record lie apart is pulled towards what
        is usual in the same way.
        "auto" is "global" where there are fewer than 4 shadow models on a side, and
        "shrunk" otherwise, which comes to "record" by itself as they grow in number.

    fix_small : bool, default=True
        Correct what a small number of shadow models gets wrong: widen each Gaussian for
        its mean being an estimate, and keep variances away from zero where all shadow
        models happen to agree.

    smoothing : float or "auto", default="auto"
        Added to the probabilities before the log-odds are taken. Models with coarse
        probabilities (forests, neighbors) answer 0 and 1, of which the log-odds are
        extreme and far from Gaussian. "auto" takes the value with which the attack is
        strongest on the shadow models, each taken as the target in turn; the truth is
        not used. Without effect on decision values and regressors.

    queries : int, default=1
        Queries for each record: itself and altered copies, whose scores are averaged.
        On tables it made the attack weaker, or no stronger; see the user guide. Shadow
        models are asked about the copies, too: with ``keep_models=False`` they are
        trained once more for that.

    label : str or int, default=-1
        The records' label column.

    random_state : int, RandomState instance or None, default=None
        For shadow models that have none of their own, and for altered copies.

    Attributes
    ----------
    shadow_ : ShadowModels
        The fitted shadow models.

    smoothing_ : float
        The smoothing in force.

    variance_ : str
        The kind of variance in force.

    classes_ : ndarray of shape (2,)
        Non-member, member.

    n_features_in_ : int
        Columns of the records, the label included.

    See Also
    --------
    RMIA : Needs fewer shadow models.

    Notes
    -----
    Assumes that the attacker can ask the target, knows a record's label, knows how the
    target was trained, and holds records of the same population; online, that the
    records under attack are among those that shadow models were trained on.

    Offline scores have the order of the paper's one-sided test; they are put on the
    scale of the likelihood ratio by the average distance between models with and
    without a record in the pool, so that both kinds can stand in one list. The offline
    test of a regressor looks towards the true value: a prediction nearer to it than
    that of models without the record speaks for membership.

    References
    ----------
    N. Carlini, S. Chien, M. Nasr, S. Song, A. Terzis, F. Tramer. "Membership inference
    attacks from first principles". IEEE S&P 2022, Algorithm 1. The shrunk variance and
    the choice of the smoothing are additions of this package.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from sklearn.model_selection import train_test_split
    >>> from skprivacy.membership import LiRA
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
    >>> attack = LiRA(
    ...     BlackBox(model), shadow=ShadowModels(n_models=8), random_state=0
    ... ).fit(records)
    >>> round(attack.score(records, is_member), 1)
    0.7
    """

    _parameter_constraints: dict = {
        **BaseShadowAttack._parameter_constraints,
        "mode": [StrOptions({"auto", "online", "offline"})],
        "variance": [StrOptions({"auto", "global", "record", "shrunk"})],
        "fix_small": ["boolean"],
        "smoothing": [StrOptions({"auto"}), Interval(Real, 0, None, closed="neither")],
        "queries": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(
        self,
        target,
        *,
        shadow=None,
        mode="auto",
        variance="auto",
        fix_small=True,
        smoothing="auto",
        queries=1,
        label=-1,
        random_state=None,
    ):
        self.target = target
        self.shadow = shadow
        self.mode = mode
        self.variance = variance
        self.fix_small = fix_small
        self.smoothing = smoothing
        self.queries = queries
        self.label = label
        self.random_state = random_state

    def predict_proba(self, X):
        """Probability of membership where half of all records are members.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features + 1)
            Records.

        Returns
        -------
        proba : ndarray of shape (n_records, 2)
            Of non-members and members. As good as the Gaussians are: extreme values
            are not to be taken at their word.
        """
        decision = self.decision_function(X)
        return np.column_stack([expit(-decision), expit(decision)])

    def _fit(self, records):
        super()._fit(records)
        if self.queries > 1:
            seed = check_random_state(self.random_state).randint(2**31 - 1)
            self._perturber = Perturber(records, self.label, seed)

    def _learn(self):
        shadow = self.shadow_
        self.variance_ = self._resolve_variance()
        self.smoothing_ = self._resolve_smoothing()
        inside, outside = self._moments(
            ShadowAnswers(shadow.answers_, shadow.membership_, shadow.truth_)
        )
        towards = self._towards(outside.mean, shadow.truth_)
        self._priors = self._learn_priors(inside, outside, towards)
        # Members' average distance; a model without any leaves the order as it is.
        z = (inside.mean - outside.mean) * towards
        z = z / np.sqrt(self._variance_of(outside, self._priors.outside))
        self._shift = max(float(np.nanmean(z)), _SMALLEST_SHIFT)

    def _decide(self, records):
        shadow = self.shadow_.query(records)
        score = self._compare(self._ask(records), shadow)
        if self.queries == 1:
            return score
        n_copies = self.queries - 1
        copies = self._perturber.copies(records, n_copies, **_COPIES)
        # A copy was seen where its record was.
        of_copies = self.shadow_.query(copies)._replace(
            membership=np.repeat(shadow.membership, n_copies, axis=1)
        )
        scores = self._compare(self._ask(copies), of_copies)
        total = score + scores.reshape(len(score), n_copies).sum(axis=1)
        return total / self.queries

    def _moments(self, shadow):
        """Moments of the signal with each record and without it."""

        def both(rows):
            signals = self._signal(shadow.answers[:, rows], shadow.truth[rows])
            membership = shadow.membership[:, rows]
            return (*moments(signals, membership), *moments(signals, ~membership))

        found = in_blocks(both, *shadow.membership.shape)
        return Moments(*found[:3]), Moments(*found[3:])

    def _compare(self, asked, shadow):
        signal = self._signal(asked.answers, asked.truth)
        inside, outside = self._moments(shadow)
        covered = (inside.n > 0) & (outside.n > 0)
        if self.mode == "online" and not covered.all():
            raise ValueError(
                "mode='online' needs records of the shadow models' pool; "
                f"{int((~covered).sum())} of {len(covered)} are not in it. Use "
                "mode='auto' or 'offline', or fit the attack on these records."
            )
        online = covered & (self.mode != "offline")
        towards = self._towards(outside.mean, asked.truth)
        score = np.where(
            online,
            self._online(signal, inside, outside, towards, self._priors),
            self._offline(signal, outside, towards),
        )
        # Nothing is known of a record that every shadow model was trained on.
        return np.where(outside.n > 0, score, 0.0)

    def _online(self, signal, inside, outside, towards, priors):
        variance_in = self._variance_of(inside, priors.inside)
        variance_out = self._variance_of(outside, priors.outside)
        # Members stand above non-members in every record, also of a regressor.
        inside = inside._replace(mean=inside.mean * towards)
        outside = outside._replace(mean=outside.mean * towards)
        gaussians = inside.mean, variance_in, outside.mean, variance_out
        if self.variance_ == "shrunk":
            gaussians = pull_together(
                contrast(inside, outside, variance_in, variance_out),
                priors.distance,
                priors.log_ratio,
                (inside.mean + outside.mean) / 2,
                (variance_in, variance_out),
            )
        return log_likelihood_ratio(signal * towards, *gaussians)

    def _offline(self, signal, outside, towards):
        variance = self._variance_of(outside, self._priors.outside)
        return one_sided_evidence(
            signal * towards, outside.mean * towards, variance, self._shift
        )

    def _learn_priors(self, inside, outside, towards):
        """Learn from all records together what holds of any one of them."""
        of_inside = variance_prior(inside.variance, inside.n)
        of_outside = variance_prior(outside.variance, outside.n)
        apart = contrast(
            inside._replace(mean=inside.mean * towards),
            outside._replace(mean=outside.mean * towards),
            self._variance_of(inside, of_inside),
            self._variance_of(outside, of_outside),
        )
        return _Priors(
            of_inside,
            of_outside,
            normal_prior(apart.distance, apart.distance_error),
            normal_prior(apart.log_ratio, apart.log_ratio_error),
        )

    def _signal(self, answers, truth, smoothing=None):
        """Return the number whose distribution is taken to be Gaussian."""
        response = self._box.response_
        if response == "value":
            return answers[..., 0]
        if response == "decision":
            return decision_log_odds(answers, truth)
        smoothing = self.smoothing_ if smoothing is None else smoothing
        return label_log_odds(answers, truth, smoothing)

    def _towards(self, mean_out, truth):
        """Where a member's signal moves to: 1 up, -1 down."""
        if self._box.response_ != "value":
            return np.ones(len(truth))
        return np.where(truth >= mean_out, 1.0, -1.0)

    def _variance_of(self, side, prior):
        return estimated_variance(
            side.variance, side.n, prior, self.variance_, self.fix_small
        )

    def _resolve_variance(self):
        if self.variance != "auto":
            return self.variance
        membership = self.shadow_.membership_
        n_in = np.median(membership.sum(axis=0))
        smaller_side = min(n_in, len(membership) - n_in)
        return "global" if smaller_side < _FEWEST_FOR_OWN_VARIANCE else "shrunk"

    def _resolve_smoothing(self):
        if self.smoothing != "auto":
            return float(self.smoothing)
        if self._box.response_ in ("value", "decision"):
            return SMOOTHING[0]
        shadow = self.shadow_
        records = pretend_records(len(shadow.truth_))
        answers, truth = shadow.answers_[:, records], shadow.truth_[records]
        signals = {s: self._signal(answers, truth, s) for s in SMOOTHING}

        def attack(target, others, records):
            membership = shadow.membership_[np.ix_(others, records)]

            def score(smoothing):
                part = signals[smoothing]
                inside = moments(part[others], membership)
                outside = moments(part[others], ~membership)
                towards = self._towards(outside.mean, truth)
                priors = self._learn_priors(inside, outside, towards)
                ratio = self._online(part[target], inside, outside, towards, priors)
                return np.nan_to_num(ratio, posinf=0.0, neginf=0.0)

            return score

        return best_on_pretend_targets(SMOOTHING, attack, shadow.membership_)


class _Priors(NamedTuple):
    """What all records together say of any one of them."""

    inside: Prior
    outside: Prior
    distance: Prior
    log_ratio: Prior


#: How copies are altered where there are several queries.
_COPIES = {"share": 0.1, "scale": 0.1}

_FEWEST_FOR_OWN_VARIANCE = 4
_SMALLEST_SHIFT = 1e-3
