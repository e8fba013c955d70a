"""The package's own contract, kept by every membership attack."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from membership_scenes import TRIALS, Scene, fit, fitted
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.metrics import RocCurveDisplay, roc_auc_score
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import get_tags

from skprivacy.membership import LiRA, ThresholdAttack
from skprivacy.shadow import ShadowModels
from skprivacy.targets import BlackBox

NAMES = list(TRIALS)
#: Each attack with each kind of answer that it works on.
ANSWERS = [
    (name, response) for name, trial in TRIALS.items() for response in trial.responses
]


@cache
def answering(response):
    """A scene whose target gives one kind of answer."""
    recipe = SVC() if response == "decision" else DecisionTreeClassifier(random_state=0)
    return Scene(recipe, response=response)


@pytest.fixture(scope="module")
def memory(tmp_path_factory):
    """A folder in which equal shadow models are trained once."""
    return tmp_path_factory.mktemp("memory")


@pytest.mark.parametrize("name", NAMES)
def test_members_of_an_overfit_model_score_higher(name, overfit):
    attack = fitted(name, overfit)
    assert attack.score(overfit.records, overfit.is_member) > TRIALS[name].least


@pytest.mark.parametrize("name", NAMES)
def test_members_of_an_overfit_regressor_score_higher(name, overfit_regressor):
    attack = fitted(name, overfit_regressor)
    auc = attack.score(overfit_regressor.records, overfit_regressor.is_member)
    trial = TRIALS[name]
    assert auc > (trial.least_regressor or trial.least - 0.1)


@pytest.mark.power
@pytest.mark.parametrize("name", NAMES)
def test_nobody_is_a_member(name, nobody):
    # The model was trained on others. The AUC of 300 against 300 has a standard error
    # of sqrt(601 / (12 * 300 * 300)) = 0.0236; four of them: false alarm 1 in 16,000.
    records, is_member, error = nobody.records, nobody.is_member, 0.0236
    attack = TRIALS[name].make(nobody)
    if TRIALS[name].fits_on == "strangers":
        # Every second record is its own; with 150 against 150 the error is 0.0334.
        attack.fit(records[::2])
        records, is_member, error = records[1::2], is_member[1::2], 0.0334
    else:
        attack.fit(records)
    assert abs(attack.score(records, is_member) - 0.5) < 4 * error


@pytest.mark.power
@pytest.mark.parametrize("name", NAMES)
def test_shuffled_truth_is_chance(name, overfit):
    truth = np.random.default_rng(0).permutation(overfit.is_member)
    auc = fitted(name, overfit).score(overfit.records, truth)
    assert abs(auc - 0.5) < 4 * 0.0236


@pytest.mark.parametrize("name", NAMES)
def test_the_truth_is_not_looked_at(name, overfit):
    attack = TRIALS[name].make(overfit)
    assert not get_tags(attack).target_tags.required
    if TRIALS[name].fits_on == "records":
        attack = fitted(name, overfit)
    else:
        attack.fit(overfit.records)
    plain = attack.decision_function(overfit.records)
    # The opposite of the truth: whoever learned from it would be misled the most.
    wrong = ~overfit.is_member.astype(bool)
    told = clone(attack).fit(overfit.records, wrong).decision_function(overfit.records)
    np.testing.assert_array_equal(plain, told)


@pytest.mark.parametrize("name", NAMES)
def test_target_is_never_refitted(name, overfit):
    before = overfit.box.query(overfit.records[:, :-1])
    attack = fit(name, overfit)
    attack.score(overfit.records, overfit.is_member)
    target = clone(attack).target
    inner = target.estimator if isinstance(target, FrozenEstimator) else target.model
    assert inner is overfit.model
    np.testing.assert_array_equal(before, overfit.box.query(overfit.records[:, :-1]))


@pytest.mark.parametrize("name", NAMES)
def test_score_does_not_depend_on_record_order_or_company(name, overfit):
    attack = fitted(name, overfit)
    order = np.random.default_rng(0).permutation(len(overfit.records))[:50]
    np.testing.assert_allclose(
        attack.decision_function(overfit.records)[order],
        attack.decision_function(overfit.records[order]),
        rtol=1e-9,
    )


@pytest.mark.parametrize("name", NAMES)
def test_predict_is_the_sign_of_the_decision(name, overfit):
    attack = fitted(name, overfit)
    np.testing.assert_array_equal(
        attack.predict(overfit.records), attack.decision_function(overfit.records) > 0
    )


@pytest.mark.parametrize("name", NAMES)
def test_names_of_the_classes_come_from_y(name, overfit):
    attack = TRIALS[name].make(overfit)
    names = np.where(overfit.is_member == 1, "member", "alien")
    attack.fit(overfit.records, names)
    assert attack.classes_.tolist() == ["alien", "member"]
    assert set(attack.predict(overfit.records)) == {"alien", "member"}
    assert attack.score(overfit.records, names) > 0.75


@pytest.mark.parametrize("name", NAMES)
def test_frames_and_arrays_score_alike(name, overfit, memory):
    attack = fitted(name, overfit)
    expected = attack.decision_function(overfit.records)
    columns = [f"x{j}" for j in range(6)] + ["income"]
    # The label stands in front, known by its name.
    frame = pd.DataFrame(overfit.records, columns=columns)[["income", *columns[:-1]]]
    strangers = pd.DataFrame(overfit.strangers, columns=columns)[frame.columns]
    attack = clone(attack).set_params(**{TRIALS[name].label: "income"})
    if TRIALS[name].fits_on == "strangers":
        attack.fit(strangers)
    else:
        if "shadow" in attack.get_params(deep=False):
            shadow = ShadowModels(n_models=16, memory=memory, random_state=0)
            attack.set_params(shadow=shadow)
        attack.fit(frame)
    np.testing.assert_allclose(attack.decision_function(frame), expected, rtol=1e-9)


@pytest.mark.parametrize(("name", "response"), ANSWERS)
def test_every_kind_of_answer_can_be_attacked(name, response):
    scene = answering(response)
    attack = fitted(name, scene)
    decision = attack.decision_function(scene.records)
    assert np.isfinite(decision).all()
    assert attack.score(scene.records, scene.is_member) > 0.55


@pytest.mark.parametrize("name", NAMES)
def test_labels_that_nobody_knows_are_not_members(name, overfit):
    attack = fitted(name, overfit)
    unseen = overfit.records[:5].copy()
    unseen[:, -1] = 9.0
    known = attack.decision_function(overfit.records[overfit.is_member == 1])
    decision = attack.decision_function(np.vstack([overfit.records[:5], unseen]))[5:]
    assert np.isfinite(decision).all()
    assert (decision <= np.median(known)).all()


@pytest.mark.parametrize("name", NAMES)
def test_works_with_roc_display(name, overfit):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    attack = fitted(name, overfit)
    display = RocCurveDisplay.from_estimator(attack, overfit.records, overfit.is_member)
    expected = roc_auc_score(
        overfit.is_member, attack.decision_function(overfit.records)
    )
    assert display.roc_auc == pytest.approx(expected)


def test_white_box_target_is_asked_like_a_box(overfit):
    frozen = ThresholdAttack(FrozenEstimator(overfit.model)).fit(overfit.records)
    boxed = ThresholdAttack(overfit.box).fit(overfit.records)
    np.testing.assert_array_equal(
        frozen.decision_function(overfit.records),
        boxed.decision_function(overfit.records),
    )


def test_bare_target_is_refused_with_both_ways_to_wrap_it(overfit):
    with pytest.raises(TypeError, match=r"target.*BlackBox\(model\).*FrozenEstimator"):
        ThresholdAttack(overfit.model).fit(overfit.records)


def test_shadow_of_another_kind_is_refused(overfit):
    with pytest.raises(TypeError, match="shadow must be ShadowModels"):
        LiRA(overfit.box, shadow=RandomForestClassifier()).fit(overfit.records)


def test_fitted_shadow_is_used_as_it_is(overfit):
    attack = LiRA(overfit.box, shadow=overfit.shadow).fit(overfit.records)
    assert attack.shadow_ is overfit.shadow.estimator


def test_unfitted_shadow_takes_what_it_lacks_from_the_attack(overfit):
    shadow = ShadowModels(n_models=4)
    attack = LiRA(overfit.box, shadow=shadow, random_state=5).fit(overfit.records)
    assert attack.shadow_.target is overfit.box
    assert attack.shadow_.random_state == 5
    assert shadow.target is None and not hasattr(shadow, "answers_")


def test_equal_unfitted_shadows_share_their_work(tmp_path):
    scene = Scene(HistGradientBoostingClassifier(max_iter=5))
    memory = tmp_path / "memory"
    scores = []
    for _ in range(2):
        shadow = ShadowModels(n_models=4, memory=memory)
        attack = LiRA(scene.box, shadow=shadow, random_state=0).fit(scene.records)
        scores.append(attack.decision_function(scene.records))
        assert len(list(memory.rglob("*.result"))) == 4
    np.testing.assert_array_equal(*scores)


def test_function_without_recipe_says_how_to_give_one(overfit):
    box = BlackBox(overfit.model.predict_proba, classes=[0, 1])
    with pytest.raises(ValueError, match="recipe must be given"):
        LiRA(box).fit(overfit.records)
    shadow = ShadowModels(overfit.recipe, n_models=4)
    attack = LiRA(box, shadow=shadow, random_state=0).fit(overfit.records)
    assert attack.score(overfit.records, overfit.is_member) > 0.8


@pytest.mark.parametrize("name", NAMES)
def test_one_class_of_truth_is_refused(name, overfit):
    with pytest.raises(ValueError, match="y must hold two classes"):
        TRIALS[name].make(overfit).fit(overfit.records, np.ones(600, int))


@pytest.mark.parametrize("name", ["CalibratedAttack", "LiRA", "LiRA, offline", "RMIA"])
def test_records_in_all_shadows_or_in_none(name, overfit):
    # Of 3 models on 70% each, 34% of the records are in all and 3% in none.
    shadow = ShadowModels(n_models=3, subsample=0.7, paired=False)
    attack = TRIALS[name].make(overfit).set_params(shadow=shadow, random_state=0)
    decision = attack.fit(overfit.records).decision_function(overfit.records)
    inside = attack.shadow_.membership_.sum(axis=0)
    assert (inside == 0).any() and (inside == 3).any()
    assert np.isfinite(decision).all()
    assert attack.score(overfit.records, overfit.is_member) > 0.7


@pytest.mark.parametrize(
    "name", ["BASEAttack", "CalibratedAttack", "LiRA", "RMIA", "StackedAttack"]
)
def test_blocks_of_records_are_compared_as_all_at_once(name, overfit, monkeypatch):
    at_once = fitted(name, overfit).decision_function(overfit.records)
    monkeypatch.setattr("skprivacy.shadow._store.BLOCK", 1000)
    in_blocks = fit(name, overfit).decision_function(overfit.records)
    np.testing.assert_allclose(in_blocks, at_once, rtol=1e-9, atol=1e-12)
