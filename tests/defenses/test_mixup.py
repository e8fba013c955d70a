"""Mixed records, smooth labels, early stopping."""

import numpy as np
import pytest
from scipy.special import log_softmax
from sklearn.datasets import make_classification

from skprivacy.defenses import MixupClassifier
from skprivacy.defenses._mixup import mix_records

X, Y = make_classification(200, 30, n_informative=5, flip_y=0.2, random_state=0)
SETTINGS = {"max_iter": 60, "learning_rate": 0.01, "random_state": 0}


def mean_confidence(model):
    return model.predict_proba(X)[np.arange(len(Y)), Y].mean()


def test_the_loss_of_a_mixture_is_that_of_both_labels():
    rng = np.random.default_rng(0)
    records, own = rng.normal(size=(5, 3)), np.eye(2)[[0, 1, 1, 0, 1]]
    weight, partner, share = rng.uniform(1, 3, 5), np.array([3, 0, 2, 4, 1]), 0.3
    mixed, targets, total = mix_records(records, own, weight, partner, share)
    np.testing.assert_allclose(mixed, 0.3 * records + 0.7 * records[partner])
    logs = log_softmax(mixed @ rng.normal(size=(3, 2)), axis=1)

    def loss(targets):
        return -(logs * targets).sum(axis=1)

    apart = 0.3 * weight * loss(own) + 0.7 * weight[partner] * loss(own[partner])
    np.testing.assert_allclose(total * loss(targets), apart)


def test_each_brake_makes_it_less_sure_of_its_records():
    plain = mean_confidence(MixupClassifier(0.0, **SETTINGS).fit(X, Y))
    assert plain > 0.95
    for brake in (
        {"mixup": 1.0},
        {"mixup": 0.0, "label_smoothing": 0.3},
        {"mixup": 0.0, "early_stopping": True},
    ):
        model = MixupClassifier(**brake, **SETTINGS).fit(X, Y)
        assert mean_confidence(model) < plain - 0.05


def test_smooth_labels_are_what_is_learned():
    model = MixupClassifier(0.0, label_smoothing=0.4, alpha=0.0, max_iter=300)
    model.set_params(learning_rate=0.01, random_state=0).fit(X, Y)
    own = model.predict_proba(X)[np.arange(len(Y)), Y]
    np.testing.assert_allclose(np.median(own), 1 - 0.4 / 2, atol=0.01)


def test_early_stopping_keeps_the_best_weights():
    model = MixupClassifier(0.0, early_stopping=True, n_iter_no_change=5, **SETTINGS)
    model.fit(X, Y)
    assert 5 < model.n_iter_ < 60
    # Without waiting it ends where the best is, five epochs before.
    best = model.n_iter_ - 5
    shorter = MixupClassifier(0.0, early_stopping=True, **SETTINGS)
    shorter.set_params(max_iter=best, n_iter_no_change=100).fit(X, Y)
    np.testing.assert_array_equal(shorter.predict_proba(X), model.predict_proba(X))


def test_bad_input():
    with pytest.raises(ValueError, match="validation_fraction=0.1 of n_samples=4"):
        MixupClassifier(early_stopping=True).fit(X[:4], [0, 0, 1, 1])
    with pytest.raises(ValueError, match="'mixup' parameter"):
        MixupClassifier(-0.1).fit(X, Y)
    with pytest.raises(ValueError, match="'label_smoothing' parameter"):
        MixupClassifier(label_smoothing=1.0).fit(X, Y)
