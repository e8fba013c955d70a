import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.linear_model import SGDClassifier, SGDRegressor
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skprivacy.federated import FederatedClassifier, FederatedRegressor
from skprivacy.federated._learners._averaging import (
    Epoch,
    StartingWeights,
    started,
    weights_of,
)

X, Y = load_iris(return_X_y=True)
X = StandardScaler().fit_transform(X)
TARGET = X[:, 0] - X[:, 1]
CLIENTS = np.random.default_rng(0).choice(4, len(X), p=[0.1, 0.2, 0.3, 0.4])


def fit(model, y=Y, n_rounds="auto", **parameters):
    wrapper = FederatedRegressor if y is TARGET else FederatedClassifier
    parameters = {"aggregation": "plain", "random_state": 0, **parameters}
    return wrapper(model, n_rounds=n_rounds, **parameters).fit(X, y, groups=CLIENTS)


@pytest.mark.parametrize(
    "model, y, least",
    [
        (SGDClassifier(), Y, 0.85),
        (SGDClassifier(loss="log_loss"), Y > 0, 0.95),
        (SGDRegressor(), TARGET, 0.95),
        (MLPClassifier(hidden_layer_sizes=8, learning_rate_init=0.1), Y, 0.85),
        (MLPRegressor(hidden_layer_sizes=8, learning_rate_init=0.1), TARGET, 0.8),
    ],
    ids=["sgd", "binary", "line", "network", "curve"],
)
def test_models_learn_from_averages(model, y, least):
    ours = fit(model, y, n_rounds=12)
    assert ours.n_rounds_ == 13
    assert ours.estimator_.n_iter_ == 12
    assert ours.score(X, y) > least
    assert type(ours.estimator_) is type(model)


@pytest.mark.parametrize(
    "model", [SGDClassifier(), MLPClassifier(hidden_layer_sizes=3)], ids=["sgd", "mlp"]
)
def test_weights_are_the_mean_by_records(model):
    public = {"seed": 5, "n_features": 4, "classes": np.arange(3), "n": 150.0}
    public |= StartingWeights().known(model, public)
    phase, parts = Epoch(), []
    for client in range(4):
        mine = CLIENTS == client
        vector = phase.vector(model, X[mine], Y[mine], public)
        # What one client alone ends with.
        alone = started(model, public)
        if isinstance(model, SGDClassifier):
            alone.t_ = 1.0
        alone.partial_fit(X[mine], Y[mine])
        flat = np.concatenate([array.ravel() for array in weights_of(alone)])
        np.testing.assert_allclose(vector, np.append(1, flat) * mine.sum() / 150)
        parts.append(vector)
    news = phase.update(model, sum(parts), public)
    mean = sum(part[1:] for part in parts)
    np.testing.assert_allclose(news["weights"], mean)
    assert np.abs(mean).max() > 0


def test_there_are_thirty_epochs():
    assert fit(SGDRegressor(), TARGET).estimator_.n_iter_ == 30


def test_secure_sums_average_alike():
    plain = fit(SGDClassifier(), n_rounds=3)
    secure = fit(SGDClassifier(), n_rounds=3, aggregation="secure")
    off = np.abs(plain.estimator_.coef_ - secure.estimator_.coef_).max()
    assert 0 < off < 1e-6
    assert secure.n_rounds_ == 4


def test_a_pipeline_is_trained():
    recipe = make_pipeline(StandardScaler(), SGDClassifier())
    model = fit(recipe, n_rounds=5)
    assert model.score(X, Y) > 0.8
    again = fit(clone(recipe), n_rounds=5)
    assert (model.estimator_[-1].coef_ == again.estimator_[-1].coef_).all()


@pytest.mark.parametrize(
    "model, message",
    [
        (MLPClassifier(solver="lbfgs"), "solver must be"),
        (MLPClassifier(solver="sgd", learning_rate="invscaling"), "learning_rate"),
        (SGDClassifier(early_stopping=True), "early_stopping and average"),
        (SGDClassifier(average=True), "early_stopping and average"),
        (SGDClassifier(class_weight="balanced"), "balanced"),
    ],
    ids=["solver", "rate", "stopping", "average", "weight"],
)
def test_what_averages_do_not_serve_is_refused(model, message):
    with pytest.raises(ValueError, match=message):
        fit(model)
