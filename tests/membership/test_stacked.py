"""The attack that is learned on shadow models that play the target."""

import numpy as np
import pandas as pd
import pytest
from membership_scenes import Scene
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression

from skprivacy.membership import LiRA, StackedAttack
from skprivacy.membership._company import Company, RecordSpace
from skprivacy.membership._stacked_evidence import (
    evidence_columns,
    learn_priors,
    stack_signals,
)
from skprivacy.records import hash_records
from skprivacy.shadow import ShadowModels


@pytest.fixture(scope="module")
def forest():
    return Scene(RandomForestClassifier(20, random_state=0))


def stacked(scene, **options):
    attack = StackedAttack(scene.box, shadow=scene.shadow, random_state=0, **options)
    return attack.fit(scene.records)


def test_not_below_its_strongest_column(forest):
    lira = LiRA(forest.box, shadow=forest.shadow).fit(forest.records)
    best = lira.score(forest.records, forest.is_member)
    assert stacked(forest).score(forest.records, forest.is_member) > best - 0.01


def test_columns_of_one_record_by_hand():
    # Confidence .9 under the target; .4, .6 without the record and .7, .9 with it.
    answers = np.array([[0.1, 0.9]])
    p = np.array([0.4, 0.6, 0.7, 0.9])
    shadow = np.stack([1 - p, p], axis=1)[:, None, :]
    inside = np.array([[False], [False], [True], [True]])
    truth = np.array([1])
    signals = stack_signals(shadow, truth, "proba")
    priors = [learn_priors(s, inside, np.ones(1)) for s in signals]
    found = evidence_columns(answers, shadow, inside, truth, "proba", 1.0, priors)
    # The last columns: ratio of RMIA, log(.9 / ((.8 + .5) / 2)), and the rank among
    # models with the record: above .7, equal to .9.
    np.testing.assert_allclose(found.online[0, -2:], [np.log(0.9 / 0.65), 0.75])
    # Of models without it: log(.9 / .5), above both, the confidence, the label.
    np.testing.assert_allclose(found.offline[0, -4:], [np.log(0.9 / 0.5), 1, 0.9, 1])


def test_the_pretend_target_and_its_complement_are_not_among_the_others(forest):
    # A shadow of two pairs leaves two models for each that plays the target.
    attack = StackedAttack(
        forest.box, shadow=ShadowModels(n_models=4), n_neighbors=0, random_state=0
    ).fit(forest.records)
    assert attack.n_pretend_ == 4
    assert attack.score(forest.records, forest.is_member) > 0.7


def test_too_few_shadow_models_are_refused(forest):
    attack = StackedAttack(forest.box, shadow=ShadowModels(n_models=2))
    with pytest.raises(ValueError, match="shadow must hold enough models.*n_models=2"):
        attack.fit(forest.records)


def test_final_estimator_of_ones_own(forest):
    attack = stacked(forest, final_estimator=LogisticRegression(max_iter=2000))
    assert isinstance(attack.final_estimator_, LogisticRegression)
    assert attack.score(forest.records, forest.is_member) > 0.85


def test_final_estimator_that_is_no_classifier_is_refused(forest):
    with pytest.raises(TypeError, match="final_estimator must be a classifier"):
        stacked(forest, final_estimator=RandomForestRegressor())


def test_records_outside_the_pool_are_judged_without_their_own_models(forest):
    # 150 members are in the pool of the attack, the other 150 are not.
    pool = np.r_[forest.records[:150], forest.records[300:450]]
    shadow = ShadowModels(target=forest.box, n_models=8, random_state=0).fit(pool)
    attack = StackedAttack(forest.box, shadow=FrozenEstimator(shadow), random_state=0)
    attack.fit(pool)
    others = np.r_[forest.records[150:300], forest.records[450:]]
    truth = np.repeat([1, 0], 150)
    assert attack.score(others, truth) > 0.8


def test_same_seed_same_scores(forest):
    first, second = (
        stacked(forest).decision_function(forest.records[:20]) for _ in range(2)
    )
    np.testing.assert_array_equal(first, second)


def test_a_record_is_not_its_own_neighbor():
    table = np.array([[0.0], [0.0], [1.0], [5.0]])
    company = Company(table, hash_records(table), 2)
    # The two equal records are neither each other's neighbor nor their own.
    assert company.of(table[:1], hash_records(table[:1])).tolist() == [[2, -1]]
    assert company.of(table[3:], hash_records(table[3:]))[0, 0] == 2


def test_records_of_texts_become_points():
    table = pd.DataFrame({"age": [30, 40, None], "job": ["clerk", "smith", "clerk"]})
    points = RecordSpace(table).points(table)
    assert points.shape == (3, 3) and np.isfinite(points).all()
    # 30 and 40 are one standard deviation around their mean; the missing age is there.
    np.testing.assert_allclose(points[:, 0], [-1, 1, 0])
