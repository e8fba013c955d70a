"""The shadow model attack."""

import numpy as np
import pytest
from membership_scenes import Scene
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB

from skprivacy.membership import ShadowModelAttack
from skprivacy.membership._log_odds import log_odds
from skprivacy.membership._shadow_model import MAX_ROWS, _draw_answers, aligned_answers


@pytest.fixture(scope="module")
def forest():
    return Scene(RandomForestClassifier(20, random_state=0))


def test_own_label_stands_first_and_the_others_from_the_largest_down():
    answers = np.array([[0.1, 0.7, 0.2], [0.1, 0.7, 0.2]])
    aligned = aligned_answers(answers, np.array([2, 1]), "proba")
    assert aligned.tolist() == [[0.2, 0.7, 0.1], [0.7, 0.2, 0.1]]


def test_label_that_the_model_does_not_know_has_no_probability():
    aligned = aligned_answers(np.array([[0.4, 0.6]]), np.array([-1]), "proba")
    assert aligned.tolist() == [[0.0, 0.6]]


def test_class_that_was_never_seen_has_a_finite_decision():
    aligned = aligned_answers(np.array([[-np.inf, 2.0]]), np.array([0]), "decision")
    assert np.isfinite(aligned).all()


@pytest.mark.parametrize("attack_model", [LogisticRegression(), GaussianNB()])
def test_any_classifier_can_be_the_attack_model(forest, attack_model):
    attack = ShadowModelAttack(
        forest.box, shadow=forest.shadow, attack_model=attack_model, random_state=0
    ).fit(forest.records)
    assert isinstance(attack.attack_model_, type(attack_model))
    assert attack.score(forest.records, forest.is_member) > 0.8
    assert not hasattr(attack_model, "classes_")


def test_it_learns_from_the_shadow_models_own_members(forest):
    # 16 models, 600 records: 9,600 answers, half of them to members.
    attack = ShadowModelAttack(
        forest.box, shadow=forest.shadow, attack_model=LogisticRegression()
    ).fit(forest.records)
    shadow = forest.shadow.estimator
    rows = np.tile(np.arange(600), 16)
    columns = aligned_answers(
        shadow.answers_.reshape(9600, 2), shadow.truth_[rows], "proba"
    )
    own = shadow.truth_[rows] == 1
    truth = shadow.membership_.ravel()
    direct = LogisticRegression().fit(columns[own], truth[own])
    asked = aligned_answers(
        forest.model.predict_proba(forest.records[:, :-1]),
        forest.records[:, -1].astype(int),
        "proba",
    )
    ones = forest.records[:, -1] == 1
    np.testing.assert_allclose(
        attack.decision_function(forest.records)[ones],
        log_odds(direct, asked[ones]),
        atol=1e-2,
    )


def test_a_rare_label_goes_to_the_classifier_of_all():
    scene = Scene(RandomForestClassifier(5, random_state=0))
    scene.records[:8, -1] = 2.0
    scene.model.fit(scene.records[:300, :-1], scene.records[:300, -1])
    attack = ShadowModelAttack(scene.box, shadow=scene.shadow, random_state=0)
    attack.fit(scene.records)
    # 8 records in 8 models each: 64 answers to members.
    assert set(attack.attack_models_) == {0, 1}
    assert np.isfinite(attack.decision_function(scene.records)).all()


def test_one_for_all_labels_and_for_regressors(forest):
    attack = ShadowModelAttack(forest.box, shadow=forest.shadow, per_class=False)
    assert attack.fit(forest.records).attack_models_ == {}
    scene = Scene(RandomForestRegressor(10, random_state=0), regression=True)
    attack = ShadowModelAttack(scene.box, shadow=scene.shadow).fit(scene.records)
    assert attack.attack_models_ == {}


def test_many_answers_are_drawn_without_repetition():
    models, rows = _draw_answers((1000, 1000), np.random.RandomState(0))
    assert len(models) <= MAX_ROWS and len(models) > 0.9 * MAX_ROWS
    assert len(np.unique(models * 1000 + rows)) == len(models)


def test_what_is_no_classifier_is_refused(forest):
    attack = ShadowModelAttack(forest.box, attack_model=RandomForestRegressor())
    with pytest.raises(TypeError, match="attack_model must be a classifier.*Regressor"):
        attack.fit(forest.records)
