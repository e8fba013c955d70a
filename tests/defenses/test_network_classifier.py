"""What classifiers that train a network share."""

import pickle
import time

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler, scale

from skprivacy.defenses import (
    AdversarialRegularizationClassifier,
    AdversarialTrainingClassifier,
    HighEntropyClassifier,
    MixupClassifier,
    RelaxLossClassifier,
)
from skprivacy.defenses._network_classifier import hold_out
from skprivacy.membership import CalibratedAttack
from skprivacy.shadow import ShadowModels
from skprivacy.targets import BlackBox

X, Y = load_iris(return_X_y=True)
X = scale(X)
NAMES = load_iris().target_names[Y]
QUICK = {"max_iter": 20, "learning_rate": 0.02, "random_state": 0}
#: An ordinary network.
PLAIN = MixupClassifier(0.0, **QUICK)
EACH = [
    PLAIN,
    MixupClassifier(0.5, label_smoothing=0.1, early_stopping=True, **QUICK),
    RelaxLossClassifier(**QUICK),
    HighEntropyClassifier(**QUICK),
    AdversarialRegularizationClassifier(**QUICK),
    AdversarialTrainingClassifier(n_steps=2, **QUICK),
]
each = pytest.mark.parametrize(
    "model", EACH, ids=lambda model: f"{type(model).__name__}-{model.get_params()}"[:24]
)


@each
def test_it_learns_texts_in_a_data_frame(model):
    table = pd.DataFrame(X, columns=[*"abcd"])
    fitted = clone(model).fit(table, NAMES)
    assert fitted.score(table, NAMES) > 0.85
    assert fitted.feature_names_in_.tolist() == [*"abcd"]
    proba = fitted.predict_proba(table)
    np.testing.assert_allclose(proba.sum(axis=1), 1)
    np.testing.assert_array_equal(
        fitted.predict(table), fitted.classes_[proba.argmax(axis=1)]
    )
    assert fitted.privacy_guarantee_ is None
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.predict_proba(table), proba)


@each
def test_the_seed_decides_all(model):
    one, two, other = (
        clone(model).set_params(random_state=seed).fit(X, Y).predict_proba(X)
        for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(one, two)
    assert not np.array_equal(one, other)


@each
def test_weights_count(model):
    weight = np.where(Y == 2, 1e-9, 1.0)
    fitted = clone(model).fit(X, Y, sample_weight=weight)
    assert (fitted.predict(X) == 2).sum() < 5
    # Records of weight 0 are as good as absent, and their class is not known.
    without = clone(model).fit(X[Y < 2], Y[Y < 2])
    zero = clone(model).fit(X, Y, sample_weight=1.0 * (Y < 2))
    assert zero.classes_.tolist() == [0, 1]
    np.testing.assert_array_equal(zero.predict_proba(X), without.predict_proba(X))


@each
def test_in_a_pipeline_and_a_grid(model):
    pipeline = make_pipeline(StandardScaler(), clone(model))
    grid = {f"{pipeline.steps[-1][0]}__hidden_layer_sizes": [(), (8, 4)]}
    search = GridSearchCV(pipeline, grid, cv=2).fit(X, NAMES)
    assert search.best_score_ > 0.75


def test_without_hidden_layers_it_is_logistic_regression():
    X, y = load_breast_cancer(return_X_y=True)
    X = scale(X)[:, :10]
    alpha = 0.01
    # Weights of two classes of which each is the other's negative: half the penalty.
    exact = LogisticRegression(C=1 / (alpha / 2 * len(X)), tol=1e-10, max_iter=10_000)
    expected = exact.fit(X, y).predict_proba(X)
    model = MixupClassifier(
        0.0,
        hidden_layer_sizes=(),
        solver="sgd",
        learning_rate=0.3,
        batch_size=len(X),
        max_iter=1000,
        alpha=alpha,
    ).fit(X, y)
    np.testing.assert_allclose(model.predict_proba(X), expected, atol=1e-6)
    slope = model.coefs_[0][:, 1] - model.coefs_[0][:, 0]
    np.testing.assert_allclose(slope, exact.coef_[0], atol=1e-5)


def test_it_is_no_slower_than_twice_another():
    X, y = load_breast_cancer(return_X_y=True)
    X = scale(X)
    ours = MixupClassifier(0.0, max_iter=10)
    theirs = MLPClassifier((64,), batch_size=64, max_iter=10, tol=0.0)

    def seconds(model):
        start = time.process_time()
        model.fit(X, y)
        return time.process_time() - start

    seconds(ours)
    # The best of three: what else the machine does only makes it slower.
    with pytest.warns(UserWarning, match="Maximum iterations"):
        best = min(seconds(theirs) for _ in range(3))
    assert min(seconds(ours) for _ in range(3)) < 2 * best


def test_the_recipe_of_shadow_models_includes_it():
    target = BlackBox(clone(RelaxLossClassifier(**QUICK)).fit(X[::2], Y[::2]))
    shadow = ShadowModels(n_models=2, keep_models=True, random_state=0)
    attack = CalibratedAttack(target, shadow=shadow).fit(np.column_stack([X, Y]))
    assert all(isinstance(m, RelaxLossClassifier) for m in attack.shadow_.models_)


def test_a_share_of_each_class_is_held_out():
    codes = np.repeat([0, 1, 2], [20, 7, 1])
    is_out = hold_out(codes, 0.3, np.random.RandomState(0))
    assert np.bincount(codes[is_out], minlength=3).tolist() == [6, 2, 0]
    nearly = hold_out(codes, 1 - 1e-12, np.random.RandomState(0))
    assert np.bincount(codes[~nearly]).tolist() == [1, 1, 1]


def test_bad_input():
    with pytest.raises(ValueError, match=r"hidden_layer_sizes must be .* got \(3, 0\)"):
        MixupClassifier(hidden_layer_sizes=(3, 0)).fit(X, Y)
    with pytest.raises(ValueError, match="hidden_layer_sizes must be"):
        MixupClassifier(hidden_layer_sizes=[2.5]).fit(X, Y)
    with pytest.raises(ValueError, match="at least 2 classes; y has one class alone"):
        MixupClassifier().fit(X, np.ones(len(X)))
    with pytest.raises(ValueError, match="sample_weight must not be negative"):
        MixupClassifier().fit(X, Y, sample_weight=-np.ones(len(X)))
    with pytest.raises(ValueError, match=r"(?i)sample_weight|sample weight"):
        MixupClassifier().fit(X, Y, sample_weight=np.zeros(len(X)))
    with pytest.raises(ValueError, match="'solver' parameter"):
        MixupClassifier(solver="lbfgs").fit(X, Y)
    with pytest.raises(ValueError, match="'learning_rate' parameter"):
        MixupClassifier(learning_rate=0).fit(X, Y)
    too_long = MixupClassifier(solver="sgd", learning_rate=1e200)
    with (
        np.errstate(all="ignore"),
        pytest.raises(ValueError, match="too large to be numbers .* learning_rate=1e"),
    ):
        too_long.fit(X, Y)
