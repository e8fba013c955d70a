"""Membership of records that are known in part."""

import numpy as np
import pandas as pd
import pytest
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from skprivacy.membership import (
    RMIA,
    CalibratedAttack,
    RangeAttack,
    ThresholdAttack,
)
from skprivacy.membership._completions import NearestDonors
from skprivacy.membership._range import upper_trimmed_mean
from skprivacy.shadow import ShadowModels
from skprivacy.targets import BlackBox

#: Answers with the first feature.
BOX = BlackBox(lambda X: np.asarray(X, dtype=float)[:, 0], classes=[0, 1])


def completions(donors, records, n=2, tolerance=None):
    return NearestDonors(donors, n, tolerance or {}, 0).complete(records)


@pytest.mark.parametrize(
    ("trim", "expected"), [(0.0, 2.0), (0.5, 3.5), (0.74, 3.5), (0.99, 4.0)]
)
def test_trimmed_mean_on_a_hand_computed_case(trim, expected):
    # Of 4, 1, 0, 3: none, the lowest two, again two of 2.96, or three are dropped.
    scores = np.array([4.0, 1.0, 0.0, 3.0])
    assert upper_trimmed_mean(scores, trim) == expected


def test_nearest_donors_fill_what_is_unknown():
    donors = np.array([[1.0, 0.0, 1.0], [2.0, 5.0, 1.0], [3.0, 5.5, 1.0]])
    made = completions(donors, np.array([[np.nan, 5.1, 1.0], [7.0, 5.0, 0.0]]))
    # 5.0 is nearest to 5.1, then 5.5; the second record is complete.
    np.testing.assert_array_equal(
        made.table, [[2.0, 5.1, 1.0], [3.0, 5.1, 1.0], [7.0, 5.0, 0.0]]
    )
    np.testing.assert_array_equal(made.record, [0, 0, 1])


def test_a_donor_fills_all_columns_at_once():
    rng = np.random.default_rng(0)
    a = rng.normal(size=50)
    donors = np.column_stack([a, -a, rng.normal(size=50)])
    made = completions(donors, np.array([[np.nan, np.nan, 0.0]]), n=10)
    np.testing.assert_array_equal(made.table[:, 0], -made.table[:, 1])
    assert len(np.unique(made.table[:, 0])) == 10


def test_mixed_frame_is_completed_by_its_own_kinds():
    donors = pd.DataFrame(
        {
            "age": [30, 40, 50],
            "city": ["Ulm", "Bonn", "Bonn"],
            "kind": pd.Categorical(["a", "b", "a"]),
            "label": [0, 1, 1],
        }
    )
    records = pd.DataFrame(
        {
            "age": [np.nan, 41],
            "city": ["Ulm", None],
            "kind": pd.Categorical(["a", None], categories=["a", "c"]),
            "label": [0, 1],
        }
    )
    table = completions(donors, records, n=1).table
    assert table["age"].tolist() == [30, 41]
    assert table["city"].tolist() == ["Ulm", "Bonn"]
    assert table["kind"].tolist() == ["a", "b"]


def test_tolerance_keeps_to_the_interval_and_to_seen_values():
    donors = np.array([[20.0, 0.0], [24.0, 0.0], [26.0, 1.0], [40.0, 1.0]])
    made = completions(donors, np.array([[25.0, 0.0], [70.0, 0.0]]), 40, {0: 2.0})
    first, second = made.table[:40, 0], made.table[40:, 0]
    # The stated value first, then the values of the interval that somebody has.
    assert first[0] == 25.0 and set(first[1:]) == {24.0, 26.0}
    # Nobody is between 68 and 72: whole numbers as all others.
    assert set(second) <= {68.0, 69.0, 70.0, 71.0, 72.0} and len(set(second)) > 2


def test_hand_computed_score():
    # Unknown: the first feature, with which the target answers. The loss of a
    # completion is log p; the better half of 0.2, 0.4, 0.8, 0.5 is 0.8 and 0.5.
    donors = np.array([[0.2, 0, 1], [0.4, 0, 1], [0.8, 0, 1], [0.5, 0, 1.0]])
    inner = ThresholdAttack(BOX).fit(donors)
    attack = RangeAttack(FrozenEstimator(inner), n_completions=4).fit(donors)
    expected = np.log([0.8, 0.5]).mean() - inner.threshold_
    score = attack.decision_function(np.array([[np.nan, 0.0, 1.0]]))
    np.testing.assert_allclose(score, [expected])
    largest = attack.set_params(aggregate="max").decision_function([[np.nan, 0, 1]])
    np.testing.assert_allclose(largest, [np.log(0.8) - inner.threshold_])


def test_complete_records_score_as_by_the_inner_attack(overfit):
    inner = RMIA(overfit.box, shadow=overfit.shadow).fit(overfit.records)
    attack = RangeAttack(FrozenEstimator(inner)).fit(overfit.records)
    assert attack.attack_ is inner
    np.testing.assert_array_equal(
        attack.decision_function(overfit.records),
        inner.decision_function(overfit.records),
    )


def test_one_call_for_all_completions(overfit, monkeypatch):
    hidden = overfit.records[:40].copy()
    hidden[::2, 3] = np.nan
    attack = RangeAttack(ThresholdAttack(overfit.box), n_completions=5)
    attack.fit(overfit.strangers)
    asked = []
    score = attack.attack_.decision_function
    monkeypatch.setattr(
        attack.attack_,
        "decision_function",
        lambda X: asked.append(len(X)) or score(X),
    )
    attack.decision_function(hidden)
    assert asked == [20 + 20 * 5]


@pytest.mark.parametrize("regression", [False, True])
def test_members_stand_out_with_a_column_unknown(
    regression, overfit, overfit_regressor
):
    scene = overfit_regressor if regression else overfit
    shadow = ShadowModels(n_models=8, keep_models=True, random_state=0)
    inner = CalibratedAttack(scene.box, shadow=shadow)
    hidden = scene.records.copy()
    hidden[np.arange(600), np.arange(600) % 6] = np.nan
    attack = RangeAttack(inner).fit(scene.strangers)
    # 0.5 + 4 standard errors of 300 against 300: false alarm 1 in 30,000.
    assert attack.score(hidden, scene.is_member) > 0.5 + 4 * 0.0236
    medians = np.nanmedian(scene.strangers, axis=0)
    naive = attack.attack_.decision_function(
        np.where(np.isnan(hidden), medians, hidden)
    )
    assert attack.score(hidden, scene.is_member) > roc_auc_score(scene.is_member, naive)


def test_company_does_not_change_a_score(overfit):
    hidden = overfit.records[:50].copy()
    hidden[::2, 3] = np.nan
    attack = RangeAttack(
        ThresholdAttack(overfit.box), tolerance={0: 0.3}, random_state=0
    ).fit(overfit.strangers)
    np.testing.assert_allclose(
        attack.decision_function(hidden)[10:12], attack.decision_function(hidden[10:12])
    )


def test_parameters_of_the_inner_attack_can_be_set(overfit):
    attack = RangeAttack(ThresholdAttack(overfit.box))
    assert attack.set_params(attack__signal="confidence").attack.signal == "confidence"
    assert attack.target is overfit.box


def test_bad_input_is_refused(overfit):
    inner = ThresholdAttack(overfit.box)
    with pytest.raises(TypeError, match="attack must be a membership attack"):
        RangeAttack(LogisticRegression()).fit(overfit.records)
    with pytest.raises(ValueError, match="tolerance names 'age'"):
        RangeAttack(inner, tolerance={"age": 2}).fit(overfit.records)
    with pytest.raises(ValueError, match="tolerance of 0 must be a number"):
        RangeAttack(inner, tolerance={0: -1}).fit(overfit.records)
    table = pd.DataFrame({"city": ["Ulm", "Bonn"], "label": [0.0, 1.0]})
    with pytest.raises(ValueError, match="'city', which holds no numbers"):
        RangeAttack(ThresholdAttack(BOX), tolerance={"city": 1}).fit(table)
    with pytest.raises(ValueError, match="records given to fit must be complete"):
        RangeAttack(ThresholdAttack(BOX)).fit(np.full((9, 7), np.nan))
