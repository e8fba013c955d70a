"""A network trained against an attack that is trained against it."""

import numpy as np
import pytest
from scipy.special import log_softmax, softmax
from sklearn.datasets import make_classification

from skprivacy.defenses import AdversarialRegularizationClassifier
from skprivacy.defenses._adversarial_regularization import attack_gain_slope
from skprivacy.defenses._relu_network import ReluNetwork

X, Y = make_classification(400, 30, n_informative=5, flip_y=0.2, random_state=0)
TRAIN, REFERENCE, TEST = slice(0, 150), slice(150, 300), slice(300, 400)
SETTINGS = {"max_iter": 100, "learning_rate": 0.005, "random_state": 0}


def test_the_slope_is_what_differences_say():
    random = np.random.RandomState(0)
    attack = ReluNetwork([6, 8, 2], random)
    scores, own = random.normal(size=(4, 3)), np.eye(3)[[0, 2, 1, 1]]

    def gain(scores):
        answers = np.hstack([softmax(scores, axis=1), own])
        return log_softmax(attack.scores(answers), axis=1)[:, 1].sum()

    step = 1e-6 * np.eye(12).reshape(12, 4, 3)
    expected = [(gain(scores + s) - gain(scores - s)) / 2e-6 for s in step]
    found = attack_gain_slope(attack, scores, own)
    np.testing.assert_allclose(found.ravel(), expected, atol=1e-8)


def fit(strength, **more):
    model = AdversarialRegularizationClassifier(strength, **(SETTINGS | more))
    return model.fit(
        X[TRAIN], Y[TRAIN], X_reference=X[REFERENCE], y_reference=Y[REFERENCE]
    )


def gap(model):
    """How much surer it is of its own records than of others."""

    def confidence(rows):
        n_rows = rows.stop - rows.start
        return model.predict_proba(X[rows])[np.arange(n_rows), Y[rows]].mean()

    return confidence(TRAIN) - confidence(TEST)


def test_strength_brings_members_and_others_together():
    plain, regularized = (fit(s, learning_rate=0.001) for s in (0.0, 3.0))
    assert gap(plain) > 0.1
    assert gap(regularized) < 0.75 * gap(plain)
    assert regularized.score(X[TEST], Y[TEST]) > plain.score(X[TEST], Y[TEST]) - 0.1
    assert -1 <= regularized.attack_advantage_ <= 1


def test_the_reference_records_have_a_part():
    one = fit(3.0, max_iter=10).predict_proba(X)
    model = AdversarialRegularizationClassifier(3.0, **(SETTINGS | {"max_iter": 10}))
    model.fit(X[TRAIN], Y[TRAIN], X_reference=X[TEST], y_reference=Y[TEST])
    assert np.abs(model.predict_proba(X) - one).max() > 1e-3


def test_without_strength_what_is_held_out_has_none():
    kept = AdversarialRegularizationClassifier(0.0, reference_fraction=0.5, **SETTINGS)
    y = np.arange(100) % 2
    confidence = kept.fit(X[:100], y).predict_proba(X[:100])[np.arange(100), y]
    # Labels without any sense are learned by heart where they are trained on.
    assert 40 <= (confidence > 0.9).sum() <= 85


def test_bad_input():
    model = AdversarialRegularizationClassifier(max_iter=1)
    with pytest.raises(ValueError, match="given together or not at all"):
        model.fit(X, Y, X_reference=X)
    with pytest.raises(ValueError, match=r"classes that y has not: \[7\]"):
        model.fit(X, Y, X_reference=X[:2], y_reference=[7, 0])
    with pytest.raises(ValueError, match="X has 3 features"):
        model.fit(X, Y, X_reference=X[:, :3], y_reference=Y)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        model.fit(X, Y, X_reference=X, y_reference=Y[:3])
    with pytest.raises(ValueError, match="reference_fraction=0.3 of n_samples=4"):
        model.fit(X[:4], [0, 0, 1, 1])
    with pytest.raises(ValueError, match="'n_attack_steps' parameter"):
        AdversarialRegularizationClassifier(n_attack_steps=0).fit(X, Y)
