"""The attack on the thresholds of trees."""

import numpy as np
import pandas as pd
import pytest
from membership_scenes import Scene
from sklearn.compose import make_column_transformer
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.tree import DecisionTreeClassifier

from skprivacy.membership import SplitPointAttack, ThresholdAttack
from skprivacy.membership._split_point import _combine
from skprivacy.targets import BlackBox


def attacked(scene, **options):
    attack = SplitPointAttack(scene.frozen, random_state=0, **options)
    return attack.fit(scene.records)


def test_trees_that_may_have_left_a_record_out_say_little_against_it():
    # A split that is sure the record was not drawn: log(0.6 * 0 + 0.4) a tree, twice.
    never = (np.zeros(1), np.full(1, -1e3), 0.6)
    assert _combine([never, never], 0.5)[0] == pytest.approx(2 * np.log(0.4))
    # One that saw all rows is believed: leaf log 2 at half weight, split log 3.
    seen = (np.log([2.0]), np.log([3.0]), 1.0)
    assert _combine([seen], 0.5)[0] == pytest.approx(np.log(3 * 2**0.5))


@pytest.mark.parametrize(
    ("recipe", "least"),
    [
        (DecisionTreeClassifier(min_samples_leaf=5, random_state=0), 0.8),
        (RandomForestClassifier(20, min_samples_leaf=5, random_state=0), 0.9),
        (ExtraTreesClassifier(20, min_samples_leaf=5, random_state=0), 0.8),
        (GradientBoostingClassifier(n_estimators=20, random_state=0), 0.6),
        (HistGradientBoostingClassifier(max_iter=5, random_state=0), 0.95),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_kind_of_trees_is_read(recipe, least):
    scene = Scene(recipe)
    auc = attacked(scene).score(scene.records, scene.is_member)
    asked = ThresholdAttack(scene.box).fit(scene.records)
    assert auc > max(least, asked.score(scene.records, scene.is_member))


def test_model_of_other_people_names_nobody():
    # AUC of 300 against 300: standard error 0.0236; four of them: 1 in 16,000.
    scene = Scene(RandomForestClassifier(20, random_state=0), nobody=True)
    auc = attacked(scene).score(scene.records, scene.is_member)
    assert abs(auc - 0.5) < 4 * 0.0236


def test_another_record_is_scored_as_if_it_were_added_to_the_list():
    scene = Scene(DecisionTreeClassifier(random_state=0))
    rows = np.r_[0:100, 300:400]
    attack = SplitPointAttack(scene.frozen, n_models=0).fit(scene.records[rows])
    assert attack.leaf_weight_ == 0.5
    member, stranger = scene.records[150], scene.strangers[0]
    alone = attack.decision_function(member[None])
    together = attack.decision_function(np.vstack([stranger, member]))
    assert alone[0] == together[1]
    added = SplitPointAttack(scene.frozen, n_models=0)
    added.fit(np.vstack([scene.records[rows], member]))
    assert added.decision_function(member[None])[0] == pytest.approx(alone[0])


def test_table_of_texts_and_numbers_behind_an_encoder():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "wage": rng.normal(size=400).round(3),
            "job": rng.choice(["clerk", "smith", "cook"], 400),
            "sick": rng.integers(0, 2, 400),
        }
    )
    columns = make_column_transformer(
        (OneHotEncoder(sparse_output=False), ["job"]), remainder="passthrough"
    )
    model = make_pipeline(columns, RandomForestClassifier(20, random_state=0))
    model.fit(frame[["wage", "job"]][:200], frame["sick"][:200])
    attack = SplitPointAttack(FrozenEstimator(model), label="sick", random_state=0)
    assert attack.fit(frame).score(frame, np.repeat([1, 0], 200)) > 0.9


def test_box_is_refused_as_its_inside_is_out_of_reach():
    scene = Scene(DecisionTreeClassifier(random_state=0))
    with pytest.raises(TypeError, match=r"target must be FrozenEstimator\(model\)"):
        SplitPointAttack(BlackBox(scene.model)).fit(scene.records)


def test_model_without_trees_is_refused():
    scene = Scene(LogisticRegression())
    with pytest.raises(TypeError, match="must hold decision trees.*LogisticRegression"):
        attacked(scene)
