"""Model inversion: the likeliest numbers behind a label."""

from numbers import Integral, Real

import numpy as np
from sklearn.frozen import FrozenEstimator
from sklearn.metrics import r2_score
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from skprivacy.attribute._base import BaseShadowAttack
from skprivacy.attribute._completion import Known, as_columns
from skprivacy.attribute._gaussian import ConditionalGaussian, spread_of
from skprivacy.attribute._layers import log_likelihood_of_layers, read_layers
from skprivacy.attribute._search import coordinate_search, gradient_ascent
from skprivacy.records import take_rows
from skprivacy.signals import decision_probabilities, truth_of

__all__ = ["InversionAttack"]

#: Weights that are tried. 0 is among them: where answers do not help, they do not harm.
WEIGHTS = (0.0, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
#: Records on which they are tried.
N_TRIED = 1000
#: The same for pairs of a shadow model and one of its members, all asked of each model.
N_TRIED_ON_SHADOWS = 400
N_SWEEPS = 3
#: Records that are inverted at a time, each with as many values as the grid has.
BATCH = 2000
#: Chances of 0 and 1 are finite: as far as one record in a hundred goes.
SMOOTHING = 0.01
#: Answers that differ by more than this are not those of the layers that were read.
SAME_ANSWER = 1e-6


class InversionAttack(BaseShadowAttack):
    _parameter_constraints = {
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
        try:
            numbers = secret.astype(float)
        except (TypeError, ValueError) as error:
            raise ValueError(
                "y, the secret, must be numbers, as InversionAttack looks between "
                f"them; got {secret.iloc[0].tolist()} and others. LearnedAttack and "
                "BayesAttack infer classes."
            ) from error
        for name, column in numbers.items():
            if column.nunique() < 2:
                raise ValueError(
                    "y, the secret, must have at least two values, as there is nothing "
                    f"to infer otherwise; got {column.iloc[0]} in all {len(column)} "
                    f"records of column {name!r}."
                )
        return numbers

    def _show_candidates(self):
        """There are none: it looks between the numbers."""

    def _fit(self, known, secret):
        self._low, self._high = secret.min(axis=0), secret.max(axis=0)
        self._scale = self._error_scale(known, secret)
        self._layers = self._read_layers(known, secret)
        if self.prior is None:
            self._gaussian = self._precision = None
            self._middle = np.median(secret, axis=0)
            self._metric = np.diag(secret.var(axis=0))
            self._basis = np.eye(secret.shape[1])
            left = secret - self._middle
        else:
            estimator = None if isinstance(self.prior, str) else self.prior
            table = known.table()
            self._gaussian = ConditionalGaussian(
                table, secret, estimator, self.random_state
            )
            self._metric = self._gaussian.covariance_
            self._precision = np.linalg.inv(self._metric)
            sizes, directions = np.linalg.eigh(self._metric)
            self._basis = (directions * np.sqrt(sizes))[:, ::-1]
            left = (secret - self._gaussian.held_out_) @ np.linalg.inv(self._basis).T
        at = (np.arange(self.n_grid) + 0.5) / self.n_grid
        self._grids = [np.unique(np.quantile(column, at)) for column in left.T]
        self.weight_ = self._settle_weight(known, secret)

    def _read_layers(self, known, secret):
        """Read the target as layers, if it is held and answers as they do."""
        if not isinstance(self.target, FrozenEstimator):
            return None
        layers = read_layers(self.target)
        if layers is None or self._box.response_ not in ("proba", "value"):
            return None
        X = self._completer.complete(known.features, secret)
        answers, numbers = self._box.query(X), np.asarray(X, dtype=float)
        read = layers.outputs(numbers)
        if self._box.response_ == "proba":
            read = decision_probabilities(read)
        if read.shape != answers.shape or np.abs(read - answers).max() > SAME_ANSWER:
            return None
        return layers

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
        part = Known(take_rows(known.features, rows), known.y[rows])
        center = self._gaussian.held_out_[rows]
        errors = []
        for weight in WEIGHTS:
            found = self._inverted(part, center, weight, ask)
            left = (found - secret[rows]) / spread_of(secret)
            errors.append((left**2).mean(axis=1))
        self.trials_ = [1 - e.mean() for e in errors]
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
        if self._gaussian is None:
            center = np.tile(self._middle, (len(known), 1))
        else:
            center = self._gaussian.mean(known.table())
        found = self._inverted(known, center, self.weight_)
        return found[:, 0] if found.shape[1] == 1 else found

    def _inverted(self, known, center, weight, ask=None):
        """Look for the best numbers of each record, a batch at a time."""
        center = np.clip(center, self._low, self._high)
        if weight == 0:
            return center
        found = np.empty_like(center)
        for start in range(0, len(center), BATCH):
            rows = np.arange(start, min(start + BATCH, len(center)))
            part = Known(take_rows(known.features, rows), known.y[rows])
            if ask is None and self._layers is not None:
                found[rows] = self._climb(part, center[rows], weight)
            else:
                found[rows] = self._search(part, center[rows], weight, rows, ask)
        return found

    def _climb(self, known, center, weight):
        places, truth = self._completer.places, truth_of(known.y, self._box)
        base = self._completer.complete(known.features, center)
        base = np.asarray(base, dtype=float)

        def function(points, rows):
            X = base[rows]
            X[:, places] = points
            fit, gradient = log_likelihood_of_layers(
                self._layers,
                X,
                truth[rows],
                self._box.response_,
                self._scale,
                SMOOTHING,
            )
            prior, pull = self._log_prior(points - center[rows])
            return weight * fit + prior, weight * gradient[:, places] + pull

        return gradient_ascent(
            function, center, self._metric, self._low, self._high, self.n_steps
        )

    def _search(self, known, center, weight, place, ask=None):
        truth = truth_of(known.y, self._box)
        ask = self._ask_target if ask is None else ask

        def function(points, rows):
            tried = np.tile(rows, len(points))
            part = Known(take_rows(known.features, tried), known.y[tried])
            answers = ask(part, points.reshape(len(tried), -1), place[tried])
            fit = log_likelihood_of_answers(
                answers.reshape(len(points), len(rows), -1),
                truth[rows],
                self._box.response_,
                self._scale,
            )
            return weight * fit + self._log_prior(points - center[rows])[0]

        return coordinate_search(
            function, center, self._basis, self._grids, self._low, self._high, N_SWEEPS
        )

    def _log_prior(self, left):
        """Log-density of a distance from the prior mean, and its gradient."""
        if self._precision is None:
            return np.zeros(left.shape[:-1]), np.zeros_like(left)
        pull = -left @ self._precision
        return 0.5 * (left * pull).sum(axis=-1), pull

    def score(self, X, y, sample_weight=None):
        return float(r2_score(y, self.predict(X), sample_weight=sample_weight))

    def __sklearn_is_fitted__(self):
        return hasattr(self, "weight_")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        several = len(as_columns(self.sensitive)) > 1
        tags.target_tags.multi_output = several
        tags.target_tags.single_output = not several
        return tags


def log_likelihood_of_answers(answers, truth, response, scale=1.0):
    """How likely answers make the labels.

    Parameters
    ----------
    answers : ndarray of shape (..., n_records, n_columns)
        Answers.

    truth : ndarray of shape (n_records,)
        Labels: positions among the classes, -1 for one that the target does not know;
        or numbers.

    response : {"proba", "decision", "label", "value"}
        What the answers are.

    scale : float, default=1.0
        Standard deviation of a regressor's error.

    Returns
    -------
    log_likelihood : ndarray of shape (..., n_records)

    Examples
    --------
    >>> answers = np.array([[[0.99, 0.01]]])
    >>> log_likelihood_of_answers(answers, np.array([0]), "proba")
    array([[0.]])
    """
    if response == "value":
        return -0.5 * ((answers[..., 0] - truth) / scale) ** 2
    if response == "decision":
        answers = decision_probabilities(answers)
    own = answers[..., np.arange(len(truth)), np.maximum(truth, 0)]
    return np.log(np.where(truth >= 0, own, 0) + SMOOTHING)


def best_beyond_noise(errors):
    """Position of the least error, unless the first is as good but for noise.

    Parameters
    ----------
    errors : ndarray of shape (n_choices, n_records)
        Squared errors of each choice for the same records.

    Returns
    -------
    best : int
        The first choice, unless the mean of another's is less by more than the
        standard error of the difference.

    Examples
    --------
    >>> best_beyond_noise(np.array([[1.0, 1.0], [0.5, 0.4], [0.9, 0.2]]))
    1
    >>> best_beyond_noise(np.array([[1.0, 1.0], [1.5, 0.4]]))
    0
    """
    best = int(errors.mean(axis=1).argmin())
    gain = errors[0] - errors[best]
    noise = gain.std() / np.sqrt(len(gain))
    return best if gain.mean() > noise else 0
