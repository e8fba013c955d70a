"""The shadow model attack."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB

from skprivacy.membership import ShadowModelAttack
from skprivacy.membership import _shadow_model as module
from skprivacy.membership._shadow_model import aligned_answers


def test_own_label_first_then_the_others_from_the_largest_down():
    answers = np.array([[0.2, 0.1, 0.7], [0.2, 0.1, 0.7], [0.2, 0.1, 0.7]])
    aligned = aligned_answers(answers, np.array([0, 1, -1]), "proba")
    # A label that nobody knows has nothing; of three others the two largest are kept.
    np.testing.assert_array_equal(
        aligned, [[0.2, 0.7, 0.1], [0.1, 0.7, 0.2], [0.0, 0.7, 0.2]]
    )


def test_errors_of_a_regressor_are_counted_in_their_own_unit():
    # Prediction 7, truth 1, unit 2: size 3, error 3, prediction 3.5.
    aligned = aligned_answers(np.array([[7.0]]), np.ones(1), "value", 2.0)
    np.testing.assert_array_equal(aligned, [[-3.0, 3.0, 3.5]])


@pytest.mark.parametrize("attack_model", [GaussianNB(), LogisticRegression()])
def test_any_classifier_learns_it(overfit, attack_model):
    attack = ShadowModelAttack(
        overfit.box, shadow=overfit.shadow, attack_model=attack_model, random_state=0
    ).fit(overfit.records)
    assert attack.score(overfit.records, overfit.is_member) > 0.8
    assert type(attack.attack_model_) is type(attack_model)
    assert not hasattr(attack_model, "classes_")


def test_one_classifier_a_class(overfit):
    make = {"shadow": overfit.shadow, "random_state": 0}
    apart = ShadowModelAttack(overfit.box, **make).fit(overfit.records)
    together = ShadowModelAttack(overfit.box, per_class=False, **make)
    together.fit(overfit.records)
    assert sorted(apart.attack_models_) == [0, 1]
    assert together.attack_models_ == {}
    assert not np.allclose(
        apart.decision_function(overfit.records),
        together.decision_function(overfit.records),
    )


def test_rare_labels_share_a_classifier(overfit, monkeypatch):
    monkeypatch.setattr(module, "FEWEST_ROWS", 10**9)
    attack = ShadowModelAttack(overfit.box, shadow=overfit.shadow, random_state=0)
    assert attack.fit(overfit.records).attack_models_ == {}
    assert attack.score(overfit.records, overfit.is_member) > 0.8


@pytest.mark.parametrize("shape", [(3, 5), (100, 3000)])
def test_answers_are_drawn_once_and_bounded(monkeypatch, shape):
    monkeypatch.setattr(module, "MAX_ROWS", 1000)
    models, rows = module._draw_answers(shape, np.random.RandomState(0))
    assert len(models) == min(shape[0] * shape[1], 1000)
    assert len(set(zip(models.tolist(), rows.tolist(), strict=True))) == len(models)
    assert models.max() < shape[0] and rows.max() < shape[1]


def test_regressor_as_attack_model_is_refused(overfit):
    attack = ShadowModelAttack(overfit.box, attack_model=Ridge())
    with pytest.raises(TypeError, match="attack_model must be a classifier"):
        attack.fit(overfit.records)
