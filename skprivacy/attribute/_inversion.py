"""Model inversion: the most likely numbers behind a label."""

from numbers import Integral, Real

import numpy as np
from sklearn.frozen import FrozenEstimator
from sklearn.metrics import r2_score
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from skprivacy.attribute._base import BaseTargetAttack
from skprivacy.attribute._completion import Known, as_columns
from skprivacy.attribute._gaussian import ConditionalGaussian
from skprivacy.attribute._layers import log_likelihood_of_layers, read_layers
from skprivacy.attribute._search import coordinate_search, gradient_ascent
from skprivacy.records import take_rows
from skprivacy.signals import decision_probabilities, truth_of

__all__ = ["InversionAttack"]

WEIGHTS = (0.0, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
N_TRIED = 500
N_SWEEPS = 3
SMOOTHING = 0.01
SAME_ANSWER = 1e-6
PRIOR_LABEL = False


class InversionAttack(BaseTargetAttack):
    _parameter_constraints = {
        "target": "no_validation",
        "sensitive": "no_validation",
        "label": "no_validation",
        "prior": [StrOptions({"gaussian"}), None],
        "weight": [StrOptions({"auto"}), Interval(Real, 0, None, closed="left")],
        "n_steps": [Interval(Integral, 1, None, closed="left")],
        "n_grid": [Interval(Integral, 3, None, closed="left")],
        "random_state": ["random_state"],
    }
    label_known = True
    values = "numeric"
    _estimator_type_ = "regressor"

    def __init__(
        self,
        target,
        *,
        sensitive,
        prior="gaussian",
        weight="auto",
        n_steps=200,
        n_grid=32,
        label=-1,
        random_state=None,
    ):
        self.target = target
        self.sensitive = sensitive
        self.prior = prior
        self.weight = weight
        self.n_steps = n_steps
        self.n_grid = n_grid
        self.label = label
        self.random_state = random_state

    def _settle_secret(self, secret):
        return secret.astype(float)

    def _fit(self, known, secret):
        self._low, self._high = secret.min(axis=0), secret.max(axis=0)
        self._scale = self._error_scale(known, secret)
        self._layers = self._read_layers(known, secret)
        k = secret.shape[1]
        if self.prior is None:
            self._gaussian = None
            self._middle = np.median(secret, axis=0)
            self._basis = np.eye(k)
            self._precision = None
            self._metric = np.diag(secret.var(axis=0))
            left = secret - self._middle
        else:
            table = known.table() if PRIOR_LABEL else known.features
            self._gaussian = ConditionalGaussian(table, secret)
            self._metric = self._gaussian.covariance_
            self._precision = np.linalg.inv(self._metric)
            sizes, directions = np.linalg.eigh(self._metric)
            self._basis = (directions * np.sqrt(sizes))[:, ::-1]
            left = (secret - self._gaussian.held_out_) @ np.linalg.inv(self._basis).T
        at = (np.arange(self.n_grid) + 0.5) / self.n_grid
        self._grids = [np.unique(np.quantile(left[:, j], at)) for j in range(k)]
        self.weight_ = self._choose_weight(known, secret)

    def _read_layers(self, known, secret):
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

    def _choose_weight(self, known, secret):
        if self.weight != "auto":
            return float(self.weight)
        if self.prior is None:
            return 1.0
        rng = check_random_state(self.random_state)
        rows = rng.permutation(len(secret))[:N_TRIED]
        part = Known(take_rows(known.features, rows), known.y[rows])
        center = self._gaussian.held_out_[rows]
        self.trials_ = []
        for weight in WEIGHTS:
            found = self._inverted(part, center, weight)
            self.trials_.append(r2_score(secret[rows], found))
        return WEIGHTS[int(np.argmax(self.trials_))]

    def predict(self, X):
        check_is_fitted(self)
        known = self._completer.known(self._check_known(X, reset=False))
        self._check_label(known)
        if self._gaussian is None:
            center = np.tile(self._middle, (len(known), 1))
        else:
            table = known.table() if PRIOR_LABEL else known.features
            center = self._gaussian.mean(table)
        found = self._inverted(known, center, self.weight_)
        return found[:, 0] if found.shape[1] == 1 else found

    def _inverted(self, known, center, weight):
        center = np.clip(center, self._low, self._high)
        truth = truth_of(known.y, self._box)
        if weight == 0:
            return center

        def prior(points, rows):
            if self._precision is None:
                return np.zeros(points.shape[:-1]), np.zeros(points.shape)
            left = points - center[rows]
            pull = left @ self._precision
            return -0.5 * (left * pull).sum(axis=-1), -pull

        if self._layers is not None:
            base = np.asarray(
                self._completer.complete(known.features, center), dtype=float
            )
            places = self._completer.places

            def function(points, rows):
                X = base[rows]
                X[:, places] = points
                value, gradient = log_likelihood_of_layers(
                    self._layers, X, truth[rows], self._box.response_, self._scale
                )
                p, dp = prior(points, rows)
                return weight * value + p, weight * gradient[:, places] + dp

            return gradient_ascent(
                function, center, self._metric, self._low, self._high, self.n_steps
            )

        def values(points, rows):
            n_tries = len(points)
            features = take_rows(known.features, np.tile(rows, n_tries))
            X = self._completer.complete(features, points.reshape(-1, points.shape[2]))
            answers = self._box.query(X).reshape(n_tries, len(rows), -1)
            likelihood = self._likelihood(answers, truth[rows])
            return weight * likelihood + prior(points, rows)[0]

        return coordinate_search(
            values, center, self._basis, self._grids, self._low, self._high, N_SWEEPS
        )

    def _likelihood(self, answers, truth):
        if self._box.response_ == "value":
            return -0.5 * ((answers[..., 0] - truth) / self._scale) ** 2
        if self._box.response_ == "decision":
            answers = decision_probabilities(answers)
        own = answers[..., np.arange(len(truth)), np.maximum(truth, 0)]
        return np.log(np.where(truth >= 0, own, 0) + SMOOTHING)

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
