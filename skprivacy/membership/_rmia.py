"""The robust membership inference attack."""

from numbers import Real

import numpy as np
from sklearn.utils._param_validation import Interval, StrOptions

from skprivacy.membership._base import BaseShadowAttack
from skprivacy.membership._empirical import break_ties, pairwise_rate
from skprivacy.shadow import best_on_pretend_targets, moments
from skprivacy.shadow._pretend import pretend_records
from skprivacy.shadow._store import in_blocks
from skprivacy.signals import ask, compute_signal, residual_scale

__all__ = ["RMIA", "membership_ratio"]


class RMIA(BaseShadowAttack):
    r"""Compare a record with the rest of the population, in the target and in others.

    A record's ratio is its probability under the target over its average probability
    under shadow models. The score is the share of the population whose ratio it reaches
    :math:`\gamma` times.

    Parameters
    ----------
    target : BlackBox or FrozenEstimator
        The model under attack.

    shadow : ShadowModels, FrozenEstimator or None, default=None
        Shadow models; fitted ones inside
        :class:`~sklearn.frozen.FrozenEstimator` are used as they are. None:
        ``ShadowModels()``.

    offline_a : float in [0, 1] or "auto", default="auto"
        For records that no shadow model was trained on, the average over models with
        them is unknown; it is taken to be ``a * p_out + 1 - a``. "auto" takes the value
        with which the attack is strongest on the shadow models, each taken as the
        target in turn; the truth is not used.

    gamma : float, default=1.0
        How many times as large a record's ratio must be; at least 1.

    population : table of shape (n_population, n_features + 1) or None, default=None
        Records to compare with. None: the pool of the shadow models.

    label : str or int, default=-1
        The records' label column.

    random_state : int, RandomState instance or None, default=None
        For shadow models that have none of their own.

    Attributes
    ----------
    shadow_ : ShadowModels
        The fitted shadow models.

    offline_a_ : float
        The value in force.

    population_ratio_ : ndarray of shape (n_population,)
        Ratios of the population, sorted.

    classes_ : ndarray of shape (2,)
        Non-member, member.

    n_features_in_ : int
        Columns of the records, the label included.

    See Also
    --------
    LiRA : Stronger where there are many shadow models and members stand out by more
        than a probability shows.

    Notes
    -----
    Assumes that the attacker can ask the target, knows a record's label, knows how the
    target was trained, and holds records of the same population.

    The score is the rate of all pairs minus 1/2, so that a member is called where its
    ratio is above the middle of the population; records between the same two of the
    population are put in the order of their ratios. For a regressor, the probability is
    the density of the true value under a Gaussian around the prediction, with the
    spread of the residuals of models without the record.

    References
    ----------
    S. Zarifzadeh, P. Liu, R. Shokri. "Low-cost high-power membership inference
    attacks". ICML 2024.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from sklearn.model_selection import train_test_split
    >>> from skprivacy.membership import RMIA
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
    >>> attack = RMIA(
    ...     BlackBox(model), shadow=ShadowModels(n_models=8), random_state=0
    ... ).fit(records)
    >>> round(attack.score(records, is_member), 1)
    0.7
    """

    _parameter_constraints: dict = {
        **BaseShadowAttack._parameter_constraints,
        "offline_a": [StrOptions({"auto"}), Interval(Real, 0, 1, closed="both")],
        "gamma": [Interval(Real, 1, None, closed="left")],
        "population": ["array-like", None],
    }

    def __init__(
        self,
        target,
        *,
        shadow=None,
        offline_a="auto",
        gamma=1.0,
        population=None,
        label=-1,
        random_state=None,
    ):
        self.target = target
        self.shadow = shadow
        self.offline_a = offline_a
        self.gamma = gamma
        self.population = population
        self.label = label
        self.random_state = random_state

    def _fit(self, records):
        super()._fit(records)
        population = records if self.population is None else self.population
        self.population_ratio_ = np.sort(self._ratio(population))

    def _learn(self):
        shadow = self.shadow_
        if self._box.response_ == "value":
            out = ~shadow.membership_
            self.scale_ = residual_scale((shadow.answers_[..., 0] - shadow.truth_)[out])
        self.offline_a_ = self._resolve_offline_a()

    def _decide(self, records):
        ratio = self._ratio(records)
        rate = pairwise_rate(ratio, self.population_ratio_, self.gamma)
        step = 1 / len(self.population_ratio_)
        return break_ties(rate, np.log(ratio), step) - 0.5

    def _ratio(self, records):
        asked = ask(self._box, records, self.label)
        shadow = self.shadow_.query(records)

        def ratio(rows):
            return membership_ratio(
                self._probability(asked.answers[rows], asked.truth[rows]),
                self._probability(shadow.answers[:, rows], shadow.truth[rows]),
                shadow.membership[:, rows],
                self.offline_a_,
            )

        return in_blocks(ratio, *shadow.membership.shape)

    def _probability(self, answers, truth):
        """Probability of the record's own label, never 0."""
        response = self._box.response_
        if response == "value":
            scale = self.scale_
            log_density = compute_signal(
                "gaussian_log_likelihood", answers, truth, response, scale
            )
            probability = np.exp(log_density) * scale * np.sqrt(2 * np.pi)
        else:
            name = "correctness" if response == "label" else "confidence"
            probability = compute_signal(name, answers, truth, response)
        return np.maximum(probability, SMALLEST_PROBABILITY)

    def _resolve_offline_a(self):
        if self.offline_a != "auto":
            return float(self.offline_a)
        shadow = self.shadow_
        records = pretend_records(len(shadow.truth_))
        part = self._probability(shadow.answers_[:, records], shadow.truth_[records])

        def attack(target, others, records):
            # Only models without the record, as for a record outside the pool.
            out = ~shadow.membership_[np.ix_(others, records)]
            mean_out = moments(part[others], out).mean
            return lambda a: np.nan_to_num(part[target] / offline_average(mean_out, a))

        return best_on_pretend_targets(OFFLINE_A, attack, shadow.membership_)


def membership_ratio(probability, shadow_probabilities, membership, offline_a):
    r"""Probability under the target over its average under models of the world.

    The average is half over models with the record and half over those without:
    :math:`p(x) = (p_{in} + p_{out}) / 2`. Where no model has the record,
    :math:`p_{in}` is taken to be :math:`a\,p_{out} + 1 - a`.

    Parameters
    ----------
    probability : ndarray of shape (n_records,)
        Under the target.

    shadow_probabilities : ndarray of shape (n_models, n_records)
        Under the shadow models; positive.

    membership : ndarray of bool of shape (n_models, n_records)
        Which model was trained on which record.

    offline_a : float
        Between 0 and 1.

    Returns
    -------
    ratio : ndarray of shape (n_records,)

    References
    ----------
    Zarifzadeh et al. 2024, the likelihood ratio of a record and, for the offline case,
    its linear approximation.

    Examples
    --------
    The first record: 0.8 / ((0.9 + 0.3) / 2). The second is in no model: 0.8 over the
    average of 0.4 and 0.5 * 0.4 + 0.5.

    >>> import numpy as np
    >>> shadow = np.array([[0.9, 0.4], [0.3, 0.4]])
    >>> inside = np.array([[True, False], [False, False]])
    >>> membership_ratio(np.array([0.8, 0.8]), shadow, inside, 0.5).round(3)
    array([1.333, 1.455])
    """
    mean_in = moments(shadow_probabilities, membership).mean
    mean_out = moments(shadow_probabilities, ~membership).mean
    average = np.where(
        np.isnan(mean_in),
        offline_average(mean_out, offline_a),
        (mean_in + mean_out) / 2,
    )
    # A record that every model has: what is known is the average with it.
    return probability / np.where(np.isnan(mean_out), mean_in, average)


def offline_average(mean_out, offline_a):
    """Average probability, guessed from models without the record.

    Parameters
    ----------
    mean_out : ndarray of shape (n_records,)
        Mean probability under models without the record.

    offline_a : float
        Between 0 and 1; 1 takes models with the record to answer alike.

    Returns
    -------
    average : ndarray of shape (n_records,)

    Examples
    --------
    >>> import numpy as np
    >>> offline_average(np.array([0.4]), 0.5)
    array([0.55])
    """
    return ((1 + offline_a) * mean_out + (1 - offline_a)) / 2


#: Values of ``offline_a`` to choose from.
OFFLINE_A = tuple(np.arange(11) / 10)

#: Stands for a probability of 0, so that ratios are finite.
SMALLEST_PROBABILITY = 1e-12
