"""Kinds of models that answers are learned with."""

import warnings
from typing import NamedTuple

import numpy as np
from sklearn.base import BaseEstimator, clone, is_classifier
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestRegressor,
)
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from skprivacy._validation import encode_labels
from skprivacy.extraction._refitted_boosting import RefittedBoosting
from skprivacy.extraction._surrogate_kernel import KernelSurrogate, NumberScaler
from skprivacy.extraction._surrogate_scale import AnswerScale, finest_probability

__all__ = ["Family", "Surrogate", "families", "families_of", "quick_families"]

#: Points up to which kernels learn labels.
MANY = 5000
#: Models that learn several columns at once.
TAKES_ALL = (
    RidgeCV,
    ExtraTreesRegressor,
    RandomForestRegressor,
    KernelSurrogate,
    MLPRegressor,
)
#: Points from which boosted trees are weighed anew: with fewer they gain little.
FEWEST_REFITTED = 400
#: Added to probabilities that are exactly linear as log-odds.
SMALL = 1e-12
#: Added where a sum of trees is looked for: with more it is none.
SMALL_OF_TREES = 1e-6


class Family(NamedTuple):
    """A kind of model, what it learns, and with how many answers at most.

    ``least`` is added to each probability before its logarithm is taken. The copy
    averages ``n_starts`` models of different seeds; one will do for the race.
    """

    name: str
    estimator: BaseEstimator
    is_logit: bool
    least: float = 1e-3
    most: float = np.inf
    n_starts: int = 1


class Surrogate:
    """One model of a family, which answers as the target does.

    Parameters
    ----------
    family : Family
        What is trained.

    response : {"proba", "decision", "label", "value"}
        What the target answers with.

    seed : int
        Seed of its randomness.
    """

    def __init__(self, family, response, seed):
        self.family, self.response, self.seed = family, response, seed

    def fit(self, features, answers):
        """Learn answers, shape (n_points, n_columns), from features."""
        self._n_columns = answers.shape[1]
        with warnings.catch_warnings():
            if self.family.name == "network":
                # The race says whether it was trained for long enough.
                warnings.simplefilter("ignore", ConvergenceWarning)
            return self._fit(features, answers)

    def _fit(self, features, answers):
        model = _seeded(self.family.estimator, self.seed)
        # What never changes, some models refuse to learn.
        self._constant = answers[0] if (answers == answers[0]).all() else None
        if self._constant is not None:
            return self
        if is_classifier(model):
            labels = answers.argmax(axis=1)
            if (labels == labels[0]).all():
                self._constant = np.eye(self._n_columns)[labels[0]]
                return self
            self._models = [model.fit(features, labels)]
            return self
        is_share = self.response in ("proba", "label")
        eps = finest_probability(answers, self.family.least) if is_share else 0.0
        self._scale = AnswerScale(self.response, self.family.is_logit and is_share, eps)
        learned = self._scale.forward(answers)
        self._center = learned.mean(axis=0)
        spread = learned.std(axis=0)
        self._spread = np.where(spread > 0, spread, 1.0)
        learned = (learned - self._center) / self._spread
        if _takes_all(model):
            y = learned if learned.shape[1] > 1 else learned[:, 0]
            self._models = [model.fit(features, y)]
        else:
            self._models = [clone(model).fit(features, y) for y in learned.T]
        return self

    def answers(self, features):
        """Answer to points, laid out as the target's answers."""
        if self._constant is not None:
            return np.tile(self._constant, (len(features), 1))
        if is_classifier(self._models[0]):
            return self._class_answers(features)
        learned = np.column_stack([m.predict(features) for m in self._models])
        return self._scale.backward(learned * self._spread + self._center)

    def _class_answers(self, features):
        (model,) = self._models
        told = np.zeros((len(features), self._n_columns))
        if hasattr(model, "predict_proba"):
            told[:, model.classes_] = model.predict_proba(features)
        else:
            codes = encode_labels(model.predict(features), np.arange(self._n_columns))
            told[np.arange(len(told)), codes] = 1.0
        return told


def families(response, n_points, label_response="auto"):
    """Families that race against each other.

    Parameters
    ----------
    response : {"proba", "decision", "label", "value"}
        What the target answers with.

    n_points : int
        Answers there are to learn from; what takes too long with so many stays out.

    label_response : {"logit", "label", "auto"}, default="auto"
        Whether probabilities are learned as log-odds alone, as labels, or both as they
        are and as log-odds.

    Returns
    -------
    families : list of Family
    """
    if response == "label" or (response == "proba" and label_response == "label"):
        found = _label_families(n_points)
    else:
        found = _answer_families(n_points)
        if response != "proba":
            found = [f for f in found if not f.name.endswith("of probabilities")]
        elif label_response == "logit":
            found = [f._replace(is_logit=True) for f in found]
    return [family for family in found if n_points <= family.most]


def families_of(estimator, response, label_response="auto"):
    """Ways in which an estimator can learn answers, which race against each other.

    Parameters
    ----------
    estimator : estimator
        Classifier or regressor.

    response, label_response : str
        As in `families`.

    Returns
    -------
    families : list of Family
    """
    name = type(estimator).__name__
    plain = Family(name, estimator, False)
    if response != "proba" or label_response == "label" or is_classifier(estimator):
        return [plain]
    found = [
        Family(f"{name} of log-odds", estimator, True, SMALL),
        Family(f"{name} of bounded log-odds", estimator, True),
    ]
    if label_response == "auto":
        found.append(plain._replace(name=f"{name} of probabilities"))
    return found


def quick_families(response, n_points, label_response="auto"):
    """Families that choose the next queries, in less time."""
    if response == "label" or (response == "proba" and label_response == "label"):
        trees = ExtraTreesClassifier(30, max_features=0.5)
        boosting = HistGradientBoostingClassifier(**_steps(n_points, quick=True))
    else:
        trees = ExtraTreesRegressor(30, max_features=0.5)
        boosting = HistGradientBoostingRegressor(**_steps(n_points, quick=True))
    return [Family("trees", trees, False), Family("boosting", boosting, True)]


def _answer_families(n_points):
    boosting = HistGradientBoostingRegressor(**_steps(n_points))
    alphas = np.logspace(-8, 3, 12)
    # Some thousand steps will do, however many answers there are. They hold no noise:
    # the penalty makes up for few of them, and shrinks as there are more.
    n_epochs = int(np.clip(1_000_000 // n_points, 100, 300))
    network = MLPRegressor(
        hidden_layer_sizes=(128, 64),
        alpha=float(np.clip(100 / n_points, 0.01, 0.1)),
        max_iter=n_epochs,
        n_iter_no_change=n_epochs,
    )
    found = [
        Family("linear", make_pipeline(StandardScaler(), RidgeCV(alphas)), True, SMALL),
        Family("trees", ExtraTreesRegressor(100, max_features=0.5), False),
        Family("forest", RandomForestRegressor(100, max_features=0.33), False),
        Family("boosting", boosting, True),
        Family("boosting of probabilities", boosting, False),
        Family("kernel", KernelSurrogate(), True, 1e-4),
        Family(
            "network", make_pipeline(NumberScaler(), network), True, 1e-4, n_starts=3
        ),
    ]
    return found + (_refitted_families() if n_points >= FEWEST_REFITTED else [])


def _refitted_families():
    deep = RefittedBoosting(max_depth=6, learning_rate=0.05, alpha=10.0)
    # A forest is a sum of the probabilities of its trees.
    even = clone(deep).set_params(alpha=100.0)
    least = SMALL_OF_TREES
    return [
        Family("refitted boosting", RefittedBoosting(), True, least, n_starts=3),
        Family("deep refitted boosting", deep, True, least, n_starts=3),
        Family("deep refitted boosting of probabilities", even, False, n_starts=3),
    ]


def _label_families(n_points):
    return [
        Family("linear", _standard(LogisticRegression(C=10, max_iter=500)), False),
        Family("trees", ExtraTreesClassifier(200, max_features=0.5), False),
        Family("boosting", HistGradientBoostingClassifier(**_steps(n_points)), False),
        Family("kernel", make_pipeline(NumberScaler(), SVC(C=10)), False, most=MANY),
    ]


def _steps(n_points, quick=False):
    """Boosting in small steps; answers hold no noise, so that leaves may be small."""
    return {
        "learning_rate": 0.15 if quick else 0.05,
        "max_iter": 60 if quick else 300 if n_points < 5000 else 400,
        "min_samples_leaf": 5 if n_points < 200 else 10,
        "max_leaf_nodes": 15 if n_points < 5000 else 31,
        "max_features": 0.3,
        "early_stopping": False,
    }


def _standard(model):
    return make_pipeline(StandardScaler(), model)


def _takes_all(model):
    """Whether a model learns several columns at once."""
    last = model.steps[-1][1] if hasattr(model, "steps") else model
    return isinstance(last, TAKES_ALL)


def _seeded(estimator, seed):
    model = clone(estimator)
    seeds = {
        key: seed
        for key, value in model.get_params().items()
        if key.split("__")[-1] == "random_state" and value is None
    }
    return model.set_params(**seeds)
