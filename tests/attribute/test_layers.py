"""Models read as layers answer as they do, and have the right gradients."""

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import RandomForestClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import (
    GammaRegressor,
    LinearRegression,
    LogisticRegression,
    Ridge,
    SGDClassifier,
)
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    PolynomialFeatures,
    RobustScaler,
    StandardScaler,
)

from skprivacy.attribute._label_likelihood import (
    log_likelihood_of_answers,
    log_likelihood_of_layers,
)
from skprivacy.attribute._layers import layers_that_answer, read_layers
from skprivacy.targets import check_target

rng = np.random.default_rng(0)
X = rng.normal(size=(60, 3)) * [1.0, 5.0, 0.2] + [0.0, 3.0, 1.0]
VALUE = X @ [1.0, -0.5, 2.0] + 0.1 * rng.normal(size=60)
TWO = (VALUE > np.median(VALUE)).astype(int)
THREE = np.digitize(VALUE, np.quantile(VALUE, [0.33, 0.67]))
QUICK = {"hidden_layer_sizes": (5, 4), "max_iter": 30, "random_state": 0}

CLASSIFIERS = [
    LogisticRegression(),
    make_pipeline(StandardScaler(), LogisticRegression()),
    make_pipeline(MinMaxScaler(), MaxAbsScaler(), LogisticRegression()),
    *(
        make_pipeline(RobustScaler(), MLPClassifier(activation=a, **QUICK))
        for a in ("identity", "logistic", "tanh", "relu")
    ),
]
REGRESSORS = [
    LinearRegression(),
    make_pipeline("passthrough", StandardScaler(), Ridge()),
    make_pipeline(StandardScaler(), MLPRegressor(activation="tanh", **QUICK)),
]


def name_of(model):
    return str(model)[:60]


def read(model, y):
    target = FrozenEstimator(model.fit(X, y))
    return layers_that_answer(target, check_target(target), X)


def assert_gradient_is_right(layers, truth, response, scale=1.0):
    """Against central differences."""
    value, gradient = log_likelihood_of_layers(layers, X, truth, response, scale)
    for j in range(X.shape[1]):
        step = np.zeros(X.shape[1])
        step[j] = 1e-6
        up, down = (
            log_likelihood_of_layers(layers, X + s, truth, response, scale)[0]
            for s in (step, -step)
        )
        slope = (up - down) / 2e-6
        np.testing.assert_allclose(gradient[:, j], slope, rtol=1e-4, atol=1e-5)
    return value


@pytest.mark.parametrize("y", [TWO, THREE], ids=["two", "three"])
@pytest.mark.parametrize("model", CLASSIFIERS, ids=name_of)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_classifiers(model, y):
    layers = read(model, y)
    value = assert_gradient_is_right(layers, y, "proba")
    answers = model.predict_proba(X)
    expected = log_likelihood_of_answers(answers, y, "proba")
    np.testing.assert_allclose(value, expected)


@pytest.mark.parametrize("model", REGRESSORS, ids=name_of)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_regressors(model):
    layers = read(model, VALUE)
    value = assert_gradient_is_right(layers, VALUE, "value", scale=0.5)
    answers = model.predict(X)[:, None]
    expected = log_likelihood_of_answers(answers, VALUE, "value", scale=0.5)
    np.testing.assert_allclose(value, expected)


@pytest.mark.parametrize(
    "model",
    [
        RandomForestClassifier(2, random_state=0),
        CalibratedClassifierCV(LogisticRegression(), cv=2),
        make_pipeline(PolynomialFeatures(2), LogisticRegression(max_iter=5000)),
        make_pipeline(MinMaxScaler(clip=True), LogisticRegression()),
        # Its probabilities are no softmax of its sums.
        make_pipeline(
            StandardScaler(),
            SGDClassifier(loss="modified_huber", alpha=1.0, random_state=0),
        ),
    ],
    ids=name_of,
)
def test_what_is_no_layers_is_left_alone(model):
    assert read(model, TWO) is None


def test_a_link_function_is_seen_in_the_answers():
    model = GammaRegressor().fit(X, np.exp(VALUE / 4))
    assert read_layers(model) is not None
    assert read(model, np.exp(VALUE / 4)) is None


def test_a_label_that_the_model_does_not_know_says_nothing():
    layers = read(LogisticRegression(), TWO)
    truth = np.where(np.arange(60) < 5, -1, TWO)
    value, gradient = log_likelihood_of_layers(layers, X, truth, "proba")
    assert (gradient[:5] == 0).all() and (gradient[5:] != 0).all()
    assert np.isfinite(value).all() and np.unique(value[:5]).size == 1


@pytest.mark.parametrize("response", ["proba", "label", "decision"])
def test_likelihood_of_answers_of_classifiers(response):
    answers = np.array([[[0.0, 1.0], [0.0, 1.0], [0.0, 1.0]]])
    own = 1 / (1 + np.exp(-1)) if response == "decision" else 1.0
    found = log_likelihood_of_answers(answers, np.array([1, 0, -1]), response)
    expected = np.log(np.array([[own, 1 - own, 0.0]]) + 0.01)
    np.testing.assert_allclose(found, expected)
