"""LabelOnlyAttack: what it asks, what it pays, what it finds."""

import numpy as np
import pandas as pd
import pytest
from membership_scenes import Scene
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.tree import DecisionTreeClassifier

from skprivacy.membership import LabelOnlyAttack
from skprivacy.shadow import ShadowModels
from skprivacy.targets import BlackBox, QueryBudgetExceeded


@pytest.fixture(scope="module")
def scene():
    scene = Scene(RandomForestClassifier(15, random_state=0))
    shadow = ShadowModels(
        target=scene.box, n_models=16, keep_models=True, random_state=0
    )
    scene._shadow = FrozenEstimator(shadow.fit(scene.records))
    return scene


def boxed(scene, budget=None):
    return BlackBox(scene.model, response="label", budget=budget)


def test_gap_is_right_or_wrong(scene):
    attack = LabelOnlyAttack(boxed(scene), method="gap").fit(scene.records)
    right = scene.model.predict(scene.records[:, :-1]) == scene.records[:, -1]
    np.testing.assert_array_equal(
        attack.decision_function(scene.records), np.where(right, 0.5, -0.5)
    )


@pytest.mark.parametrize("response", ["proba", "label"])
def test_only_the_label_is_used(scene, response):
    labels = LabelOnlyAttack(boxed(scene), random_state=0).fit(scene.records)
    box = BlackBox(scene.model, response=response)
    other = LabelOnlyAttack(box, random_state=0).fit(scene.records)
    np.testing.assert_array_equal(
        labels.decision_function(scene.records), other.decision_function(scene.records)
    )


def test_shadow_models_beat_the_gap(scene):
    gap = LabelOnlyAttack(boxed(scene), method="gap").fit(scene.records)
    noise = LabelOnlyAttack(boxed(scene), shadow=scene.shadow, random_state=0)
    noise.fit(scene.records)
    scores = [a.score(scene.records, scene.is_member) for a in (gap, noise)]
    # The AUC of 300 against 300 has a standard error of at most 0.024.
    assert scores[1] > scores[0] + 0.05


@pytest.mark.parametrize("method", ["gap", "noise", "boundary"])
@pytest.mark.parametrize("with_shadow", [False, True])
def test_budget_of_the_box_is_kept(scene, method, with_shadow):
    box = boxed(scene, budget=6 * 600 + 7)
    shadow = scene.shadow if with_shadow else None
    attack = LabelOnlyAttack(box, method=method, shadow=shadow, random_state=0)
    attack.fit(scene.records).decision_function(scene.records)
    assert attack.n_queries_ == (1 if method == "gap" else 6)
    # Two paths of three questions would be 7 queries: one path is asked about.
    spent = {"gap": 1, "noise": 6, "boundary": 6 if with_shadow else 4}[method]
    assert box.n_queries_ == spent * 600


@pytest.mark.parametrize(("method", "fewest"), [("noise", 2), ("boundary", 4)])
def test_too_small_a_budget_is_refused_before_anything_is_asked(scene, method, fewest):
    box = boxed(scene, budget=fewest * 600 - 1)
    with pytest.raises(QueryBudgetExceeded, match=f"a query for {fewest * 600}"):
        LabelOnlyAttack(box, method=method).fit(scene.records)
    assert box.n_queries_ == 0


def test_budget_that_does_not_last_for_strangers_is_refused_at_once(scene):
    box = boxed(scene, budget=16 * 600 + 100)
    attack = LabelOnlyAttack(box, random_state=0).fit(scene.records)
    assert box.n_queries_ == 16 * 600
    with pytest.raises(QueryBudgetExceeded):
        attack.decision_function(scene.strangers)
    assert box.n_queries_ == 16 * 600
    attack.decision_function(scene.strangers[:6])
    assert box.n_queries_ == 16 * 606


def test_records_of_fit_are_asked_once(scene):
    box = boxed(scene)
    attack = LabelOnlyAttack(box, random_state=0).fit(scene.records)
    asked = box.n_queries_
    attack.decision_function(scene.records[::-1])
    assert box.n_queries_ == asked


@pytest.mark.parametrize(
    ("method", "budget", "fewest"), [("noise", 1, 2), ("boundary", 3, 4)]
)
def test_budget_below_what_the_method_needs(scene, method, budget, fewest):
    attack = LabelOnlyAttack(boxed(scene), method=method, budget=budget)
    with pytest.raises(ValueError, match=f"budget must be at least {fewest}.*{budget}"):
        attack.fit(scene.records)


def test_unknown_method(scene):
    with pytest.raises(ValueError, match="'method' parameter"):
        LabelOnlyAttack(boxed(scene), method="luck").fit(scene.records)


def test_kept_and_retrained_shadow_models_score_alike(scene):
    retrained = ShadowModels(target=scene.box, n_models=16, random_state=0)
    scores = [
        LabelOnlyAttack(boxed(scene), shadow=s, budget=4, random_state=0)
        .fit(scene.records)
        .decision_function(scene.records)
        for s in (scene.shadow, retrained)
    ]
    np.testing.assert_allclose(*scores)


class Spy:
    """Answer "no", and remember what was asked."""

    classes_ = np.array(["no", "yes"])

    def __init__(self):
        self.seen = []

    def predict(self, X):
        self.seen.append(X)
        return np.full(len(X), "no")


@pytest.mark.parametrize("method", ["noise", "boundary"])
def test_the_target_sees_no_value_that_can_not_exist(method):
    rng = np.random.default_rng(0)
    records = pd.DataFrame(
        {
            "size": rng.normal(size=120),
            "children": rng.integers(0, 40, size=120),
            "color": pd.Categorical(rng.choice(["red", "blue"], size=120)),
            "smokes": rng.integers(2, size=120).astype(bool),
            "label": rng.choice(["no", "yes"], size=120),
        }
    )
    spy = Spy()
    box = BlackBox(spy, response="label")
    LabelOnlyAttack(box, method=method, label="label", random_state=0).fit(records)
    seen = pd.concat(spy.seen)
    assert len(seen) == 16 * 120
    pd.testing.assert_series_equal(seen.dtypes, records.dtypes[:-1])
    for column in ("children", "color", "smokes"):
        assert set(seen[column]) <= set(records[column])
    assert seen["size"].between(records["size"].min(), records["size"].max()).all()


def test_mixed_tables_through_a_pipeline():
    rng = np.random.default_rng(1)
    n = 240
    records = pd.DataFrame(
        {
            "size": rng.normal(size=n),
            "city": rng.choice([*"abcdefgh"], size=n),
            "label": rng.integers(2, size=n),
        }
    )
    columns = make_column_transformer(
        (OneHotEncoder(), ["city"]), remainder="passthrough"
    )
    recipe = make_pipeline(columns, DecisionTreeClassifier(random_state=0))
    model = recipe.fit(records[: n // 2][["size", "city"]], records["label"][: n // 2])
    shadow = ShadowModels(n_models=8, keep_models=True)
    attack = LabelOnlyAttack(
        BlackBox(model, response="label"), shadow=shadow, label="label", random_state=0
    ).fit(records)
    # Labels are coins: right for all members and half of the others, an AUC of 0.75
    # by the gap alone.
    assert attack.score(records, np.arange(n) < n // 2) > 0.7


def test_tolerance_of_a_regressor_is_the_usual_error(overfit_regressor):
    box = overfit_regressor.box
    records = overfit_regressor.records
    attack = LabelOnlyAttack(box, method="gap").fit(records)
    error = np.abs(overfit_regressor.model.predict(records[:, :-1]) - records[:, -1])
    assert attack.tolerance_ == np.median(error)
    np.testing.assert_array_equal(attack.predict(records), error <= attack.tolerance_)
