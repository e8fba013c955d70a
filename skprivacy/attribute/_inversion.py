"""Model inversion: the likeliest numbers behind a label."""

from numbers import Integral, Real

import numpy as np
from sklearn.base import is_regressor
from sklearn.frozen import FrozenEstimator
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from skprivacy.attribute._base import BaseShadowAttack
from skprivacy.attribute._candidates import numeric_secrets
from skprivacy.attribute._completion import as_columns
from skprivacy.attribute._gaussian import ConditionalGaussian, Flat, spread_of
from skprivacy.attribute._label_likelihood import (
    log_likelihood_of_answers,
    log_likelihood_of_layers,
)
from skprivacy.attribute._layers import layers_that_answer
from skprivacy.attribute._search import (
    best_beyond_noise,
    coordinate_search,
    gradient_ascent,
)
from skprivacy.signals import truth_of

__all__ = ["InversionAttack"]

#: Weights that are tried. 0 is among them: where answers do not help, they do not harm.
WEIGHTS = (0.0, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
#: Records on which they are tried.
N_TRIED = 1000
#: The same for pairs of a shadow model and one of its members, all asked of each model.
N_TRIED_ON_SHADOWS = 400
#: Records that are inverted at a time, each with as many values as the grid has.
BATCH = 2000
#: No model is trusted to err less than this share of the label's spread.
LEAST_ERROR = 1e-3


class InversionAttack(BaseShadowAttack):
    """Model inversion: the numbers with which the target's answer fits the label best.

    The most likely input behind an answer is looked for by climbing: along the gradient
    of a linear model or a multi-layer perceptron that the attacker holds, alone or
    behind scalers, and along one direction after the other where the target can only
    be asked, or has no gradient. A prior from the attacker's own records keeps it
    among numbers that occur.

    Parameters
    ----------
    target : BlackBox or FrozenEstimator
        The model under attack. Gradients are used of the latter alone.

    sensitive : str, int or list
        Sensitive column of numbers: its name, or its position among the target's
        features; or several, which are looked for together, up to the whole record.

    prior : {"auto"}, regressor or None, default="auto"
        What is likely before the target is asked: a Gaussian around what the known
        columns and the label tell. "auto": around the guess of boosting, as in
        :class:`~skprivacy.attribute.ImputationBaseline`, or of ridge regression,
        whichever is nearer to records that were held out. A regressor guesses instead
        of these. None: nothing, as in the paper; the answer then goes to the end of the
        range wherever the model's does.

    weight : float or "auto", default="auto"
        How many times the log-likelihood of the target's answer counts. 1 is Bayes'
        rule, if the prior did not know the label; 0 the prior alone. "auto": the one
        that brings the attack nearest to the truth of the attacker's own records, and 0
        unless it is nearer than the prior by more than chance. Without a prior there is
        nothing to weigh.

    shadow : ShadowModels, FrozenEstimator or None, default=None
        Shadow models, trained on the attacker's own records, of whose members the
        weight is learned: for attackers who take the records for members of the
        training set. None: it is learned of the own records, which were in no training
        set. Not used where `weight` is a number.

    n_steps : int, default=200
        Most steps along gradients.

    n_grid : int, default=32
        Steps of the grid in each direction where there is no gradient: quantiles of
        the distance from the prior's mean. Between the best two it is looked closer.

    label : str or int, default=-1
        The label's column in ``X``.

    random_state : int, RandomState instance or None, default=None
        For the prior, for which records the weight is tried on, and for shadow models
        that have no seed of their own.

    Attributes
    ----------
    weight_ : float
        The weight in use.

    shadow_ : ShadowModels
        The fitted shadow models; only where the weight was learned of them.

    n_features_in_ : int
        Columns that are known.

    See Also
    --------
    BayesAttack : Weighs candidate values, also classes, instead of climbing.
    ImputationBaseline : What to compare it with.

    Notes
    -----
    Assumes that the attacker can ask the target or holds it, holds complete records of
    the same population, and knows the label.

    Of a smooth model it finds what is typical of the known columns and the label, not a
    person. Only a model that knows its members by heart gives their own numbers away,
    and that takes `shadow`, to learn that it is to be believed.

    References
    ----------
    M. Fredrikson, S. Jha, T. Ristenpart. "Model inversion attacks that exploit
    confidence information and basic countermeasures". ACM CCS 2015; there without a
    Gaussian prior and a weight, which are additions of this package.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.frozen import FrozenEstimator
    >>> from sklearn.linear_model import LinearRegression
    >>> from skprivacy.attribute import InversionAttack
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(300, 3))
    >>> y = X @ [1.0, 2.0, 3.0]
    >>> model = LinearRegression().fit(X[:100], y[:100])
    >>> known, secret = np.column_stack([X[:, [0, 2]], y]), X[:, 1]
    >>> attack = InversionAttack(FrozenEstimator(model), sensitive=1, prior=None)
    >>> attack.fit(known[100:], secret[100:]).score(known[:100], secret[:100]) > 0.99
    True
    """

    _parameter_constraints: dict = {
        "target": "no_validation",
        "shadow": "no_validation",
        "sensitive": "no_validation",
        "label": "no_validation",
        "prior": [StrOptions({"auto"}), HasMethods(["fit", "predict"]), None],
        "weight": [StrOptions({"auto"}), Interval(Real, 0, None, closed="left")],
        "n_steps": [Interval(Integral, 1, None, closed="left")],
        "n_grid": [Interval(Integral, 3, None, closed="left")],
        "random_state": ["random_state"],
    }
    label_known = True
    values = "numeric"
    _estimator_type_ = "regressor"
    _needs_label = True

    def __init__(
        self,
        target,
        *,
        sensitive,
        prior="auto",
        weight="auto",
        shadow=None,
        n_steps=200,
        n_grid=32,
        label=-1,
        random_state=None,
    ):
        self.target = target
        self.sensitive = sensitive
        self.prior = prior
        self.weight = weight
        self.shadow = shadow
        self.n_steps = n_steps
        self.n_grid = n_grid
        self.label = label
        self.random_state = random_state

    def _settle_secret(self, secret):
        return numeric_secrets(secret)

    def _show_candidates(self):
        """There are none: it looks between the numbers."""

    def _fit(self, known, secret):
        self._range = secret.min(axis=0), secret.max(axis=0)
        self._scale = self._error_scale(known, secret)
        if self._box.response_ == "value":
            spread = truth_of(known.y, self._box).std()
            self._scale = max(self._scale, LEAST_ERROR * spread)
        self._layers = self._read_layers(known, secret)
        if self.prior is None:
            self._prior = Flat(secret)
        else:
            estimator = None if isinstance(self.prior, str) else self.prior
            if estimator is not None and not is_regressor(estimator):
                raise ValueError(f"prior must be a regressor; got {estimator!r}.")
            self._prior = ConditionalGaussian(
                known.table(), secret, estimator, self.random_state
            )
        left = secret - self._prior.held_out_
        left = left @ np.linalg.inv(self._prior.basis_).T
        # The middle of each of n_grid shares; and the ends, between which all lies.
        at = np.r_[0, (np.arange(self.n_grid) + 0.5) / self.n_grid, 1]
        self._grids = [np.unique(np.quantile(column, at)) for column in left.T]
        self.weight_ = self._settle_weight(known, secret)

    def _read_layers(self, known, secret):
        if not isinstance(self.target, FrozenEstimator):
            return None
        X = self._completer.complete(known.features, secret)
        return layers_that_answer(self.target, self._box, X)

    def _settle_weight(self, known, secret):
        if not isinstance(self.weight, str):
            return float(self.weight)
        if self.prior is None:
            # Alone, the answers lead to the same place whatever they weigh.
            return 1.0
        rng = check_random_state(self.random_state)
        if self.shadow is None:
            rows, ask = rng.permutation(len(secret))[:N_TRIED], None
        else:
            rows, ask = self._people_of_shadows(known, secret, rng)
        part = known.take(rows)
        center = self._prior.held_out_[rows]
        errors = []
        for weight in WEIGHTS:
            found = self._inverted(part, center, weight, ask)
            left = (found - secret[rows]) / spread_of(secret)
            errors.append((left**2).mean(axis=1))
        return WEIGHTS[best_beyond_noise(np.array(errors))]

    def _people_of_shadows(self, known, secret, rng):
        """Let each shadow model play the target, with its members as the people."""
        self.shadow_ = self._train_shadow(known, secret)
        membership = self.shadow_.query(self._completer.records(known, secret))
        model, rows = np.nonzero(membership.membership)
        picked = rng.permutation(len(rows))[:N_TRIED_ON_SHADOWS]
        model, rows = model[picked], rows[picked]

        def ask(known, points, pair):
            records = self._completer.records(known, points)
            answers = self.shadow_.query(records).answers
            return answers[model[pair], np.arange(len(pair))]

        return rows, ask

    def _ask_target(self, known, points, rows):
        X = self._completer.complete(known.features, points)
        try:
            return self._box.query(X)
        except ValueError as error:
            raise ValueError(
                f"the target refuses numbers between those of sensitive="
                f"{self.sensitive!r}, which InversionAttack tries. LearnedAttack and "
                f"BayesAttack try those of y alone. It says: {error}"
            ) from error

    def predict(self, X):
        """Infer the secret of records.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_known)
            What is known of the records, the label among it.

        Returns
        -------
        secret : ndarray of shape (n_records,) or (n_records, n_secrets)
            Numbers within the range of the attacker's own records.
        """
        check_is_fitted(self)
        known = self._completer.known(self._check_known(X, reset=False))
        self._check_label(known)
        center = self._prior.mean(known.table())
        found = self._inverted(known, center, self.weight_)
        return found[:, 0] if found.shape[1] == 1 else found

    def _inverted(self, known, center, weight, ask=None):
        """Look for the best numbers of each record, a batch at a time."""
        center = np.clip(center, *self._range)
        if weight == 0:
            return center
        truth, found = truth_of(known.y, self._box), np.empty_like(center)
        for start in range(0, len(center), BATCH):
            rows = np.arange(start, min(start + BATCH, len(center)))
            part = known.take(rows)
            told = part, truth[rows], center[rows], weight
            if ask is None and self._layers is not None:
                found[rows] = self._climb(*told)
            else:
                found[rows] = self._search(*told, ask or self._ask_target, rows)
        return found

    def _climb(self, known, truth, center, weight):
        places = self._completer.places
        base = self._completer.complete(known.features, center)
        base = np.asarray(base, dtype=float)

        def function(points, rows):
            X = base[rows]
            X[:, places] = points
            fit, gradient = log_likelihood_of_layers(
                self._layers, X, truth[rows], self._box.response_, self._scale
            )
            prior, pull = self._prior.log_density(points - center[rows])
            return weight * fit + prior, weight * gradient[:, places] + pull

        metric = self._prior.covariance_
        return gradient_ascent(function, center, metric, *self._range, self.n_steps)

    def _search(self, known, truth, center, weight, ask, place):
        def function(points, rows):
            tried = np.tile(rows, len(points))
            part = known.take(tried)
            answers = ask(part, points.reshape(len(tried), -1), place[tried])
            fit = log_likelihood_of_answers(
                answers.reshape(len(points), len(rows), -1),
                truth[rows],
                self._box.response_,
                self._scale,
            )
            return weight * fit + self._prior.log_density(points - center[rows])[0]

        basis = self._prior.basis_
        return coordinate_search(function, center, basis, self._grids, *self._range)

    def __sklearn_is_fitted__(self):
        return hasattr(self, "weight_")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        several = len(as_columns(self.sensitive)) > 1
        tags.target_tags.multi_output = several
        tags.target_tags.single_output = not several
        return tags
