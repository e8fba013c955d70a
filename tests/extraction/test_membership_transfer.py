"""Membership attacks on a copy, beside those on the target."""

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.tree import DecisionTreeClassifier

from skprivacy.extraction import membership_transfer
from skprivacy.membership import CalibratedAttack, ShadowModelAttack, ThresholdAttack
from skprivacy.shadow import ShadowModels
from skprivacy.targets import BlackBox

N = 150
TRAINED = []


class Counted(RandomForestClassifier):
    """A forest that says when it is trained."""

    def fit(self, X, y):
        TRAINED.append(len(X))
        return super().fit(X, y)


@pytest.fixture(scope="module")
def scene():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(3 * N, 4))
    y = (X[:, 0] + rng.normal(size=3 * N) > 0).astype(int)
    model = RandomForestClassifier(20, random_state=0).fit(X[:N], y[:N])
    records = np.column_stack([X, y])[: 2 * N]
    return model, X, y, records, np.repeat([1, 0], N)


def test_a_copy_that_is_the_target_gives_as_much_away(scene):
    model, _, _, records, is_member = scene
    box = BlackBox(model)
    told = membership_transfer(ThresholdAttack(box), model, records, is_member)
    np.testing.assert_array_equal(told.score_on_copy, told.score_on_target)
    assert told.auc_on_copy.estimate == told.auc_on_target.estimate > 0.7
    assert told.tpr_on_copy.low <= told.tpr_on_copy.estimate <= told.tpr_on_copy.high
    # The attack on the copy asks nothing; that on the target to fit and to score.
    assert box.n_queries_ == told.n_queries == 2 * len(records)


def test_a_copy_of_other_records_gives_less_away(scene):
    model, X, _, records, is_member = scene
    copy = DecisionTreeClassifier(max_depth=3).fit(
        X[2 * N :], model.predict(X[2 * N :])
    )
    told = membership_transfer(
        ThresholdAttack(FrozenEstimator(model)), copy, records, is_member
    )
    assert told.auc_on_copy.high < told.auc_on_target.low
    expected = roc_auc_score(is_member, told.score_on_copy)
    assert told.auc_on_copy.estimate == pytest.approx(expected)
    assert "on the copy" in str(told) and "TPR at 0.01 FPR" in str(told)


def test_shadow_models_are_of_the_targets_recipe_and_trained_once(scene):
    model, X, _, records, is_member = scene
    TRAINED.clear()
    copy = LogisticRegression().fit(X[2 * N :], model.predict(X[2 * N :]))
    shadow = ShadowModels(Counted(5, random_state=0), n_models=4, random_state=0)
    attack = CalibratedAttack(BlackBox(model), shadow=shadow, random_state=0)
    told = membership_transfer(attack, copy, records, is_member)
    assert len(TRAINED) == 4
    assert told.auc_on_copy.estimate < told.auc_on_target.estimate


def test_what_stands_for_the_target_is_left_alone(scene):
    model, _, _, records, is_member = scene
    attack = ThresholdAttack(BlackBox(model))
    membership_transfer(attack, model, records, is_member, fpr=0.1)
    assert attack.target.model is model and not hasattr(attack, "classes_")


def test_the_copy_is_asked_without_the_targets_rounding(scene):
    model, _, _, records, is_member = scene
    box = BlackBox(model, decimals=0)
    told = membership_transfer(ThresholdAttack(box), model, records, is_member)
    assert len(np.unique(told.score_on_copy)) > len(np.unique(told.score_on_target))


def test_an_attack_without_a_target_is_refused(scene):
    model, _, _, records, is_member = scene
    with pytest.raises(TypeError, match="attack must be a membership attack"):
        membership_transfer(LogisticRegression(), model, records, is_member)


def test_a_copy_that_answers_otherwise_is_refused(scene):
    model, X, y, records, is_member = scene
    copy = LinearRegression().fit(X, y)
    with pytest.raises(ValueError, match="LinearRegression has no predict_proba"):
        membership_transfer(ThresholdAttack(BlackBox(model)), copy, records, is_member)


def test_lengths_must_agree(scene):
    model, _, _, records, is_member = scene
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        membership_transfer(
            ThresholdAttack(BlackBox(model)), model, records, is_member[1:]
        )


def test_shadow_model_attack_runs_on_a_copy(scene):
    model, X, _, records, is_member = scene
    copy = LogisticRegression().fit(X[2 * N :], model.predict(X[2 * N :]))
    shadow = ShadowModels(n_models=4, random_state=0)
    attack = ShadowModelAttack(BlackBox(model), shadow=shadow, random_state=0)
    told = membership_transfer(attack, copy, records, is_member)
    assert np.isfinite(told.score_on_copy).all()
