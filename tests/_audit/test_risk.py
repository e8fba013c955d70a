"""How exposed each training record is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from skprivacy._audit._exposure import Exposure
from skprivacy._audit._risk import empirical_p_value, expected_chance_hits, q_value

finite = st.floats(-10, 10, allow_nan=False).map(lambda value: round(value, 1))


def test_hand_computed_case():
    # of the references 1, 2, 2, 3, those at least as large as
    # 4: none -> 1/5; 2: three -> 4/5; 0: four -> 5/5
    np.testing.assert_allclose(
        empirical_p_value([4, 2, 0], [1, 2, 2, 3]), [1 / 5, 4 / 5, 1]
    )


@given(
    scores=st.lists(finite, min_size=1, max_size=20),
    reference=st.lists(finite, min_size=1),
)
def test_fast_way_equals_slow_way(scores, reference):
    slow = [
        (1 + sum(r >= score for r in reference)) / (len(reference) + 1)
        for score in scores
    ]
    np.testing.assert_allclose(empirical_p_value(scores, reference), slow)


def test_one_row_a_training_record_worst_first(make_result):
    result = make_result(n=300)
    risk = result.record_risk()
    assert len(risk) == 300
    assert risk["rank"].tolist() == list(range(1, 301))
    assert risk["risk"].is_monotonic_increasing
    assert sorted(risk["record"]) == list(range(300))
    assert {f"p_{attack.name}" for attack in result.attacks} <= set(risk.columns)


def test_risk_is_that_of_the_best_attack(make_result):
    result = make_result(n=300)
    risk = result.record_risk()
    np.testing.assert_array_equal(risk["risk"], risk[f"p_{result.best.name}"])
    inside = result.is_member == 1
    np.testing.assert_array_equal(
        result.best.scores[inside][risk["record"]], risk["score"]
    )


def test_ids_of_any_type_are_kept(make_result):
    ids = np.array([f"patient-{number}" for number in range(200)], dtype=object)
    risk = make_result(n=100, record_ids=ids).record_risk()
    assert set(risk["record"]) == set(ids[:100])


@pytest.mark.parametrize("seed", range(3))
def test_p_values_of_outside_like_records_are_uniform(make_result, seed):
    risk = make_result(effect=0, n=2000, seed=seed).record_risk()
    assert risk["risk"].mean() == pytest.approx(0.5, abs=0.03)


def test_q_values_of_a_hand_computed_case():
    # n p / rank: 5 * .001 / 1 = .005, 5 * .02 / 2 = .05, 5 * .03 / 3 = .05,
    # 5 * .5 / 4 = .625, 5 * .6 / 5 = .6, and the smallest of those to the right.
    p = [0.02, 0.001, 0.5, 0.03, 0.6]
    np.testing.assert_allclose(q_value(p), [0.05, 0.005, 0.6, 0.05, 0.6])
    np.testing.assert_allclose(expected_chance_hits(p)[:2], [0.1, 0.005])


@given(p=st.lists(st.floats(0.001, 1), min_size=1, max_size=30))
def test_q_values_are_those_of_scipy(p):
    np.testing.assert_allclose(q_value(p), false_discovery_control(p))


def test_q_values_hold_where_nobody_is_exposed(make_result):
    # If nothing leaks, any q below 0.1 is a false alarm: at most 10% of the tables,
    # 2 of 20 expected, 7 or more with a probability of 0.2%.
    alarms = [
        make_result(effect=0, n=500, seed=seed).record_risk()["q_value"].min() < 0.1
        for seed in range(20)
    ]
    assert sum(alarms) < 7


def test_exposed_records_are_called_so(make_result):
    risk = make_result(n=2000).record_risk()
    assert (risk["q_value"] <= 0.05).sum() > 100
    assert risk["q_value"].is_monotonic_increasing
    np.testing.assert_allclose(risk["expected_by_chance"], 2000 * risk["risk"])


def test_reasons_stand_beside_the_records(make_result):
    n = 100
    outlier = np.arange(2 * n) % 10 == 0
    memorization = np.arange(2 * n) / n
    result = make_result(
        n=n,
        exposure=Exposure(
            outlier, np.zeros((2 * n, 0), dtype=bool), (), memorization, ~outlier
        ),
    )
    risk = result.record_risk().sort_values("record")
    np.testing.assert_array_equal(risk["outlier"], outlier[:n])
    np.testing.assert_array_equal(risk["memorization"], memorization[:n])
    np.testing.assert_array_equal(risk["mislabeled"], ~outlier[:n])
    assert set(risk["reasons"]) == {"outlier", "mislabeled"}
    assert not risk["rare_category"].any()


def test_without_shadow_models_less_is_known(make_result):
    none = np.zeros((100, 0), dtype=bool)
    result = make_result(n=50, exposure=Exposure(np.zeros(100, dtype=bool), none, ()))
    columns = result.record_risk().columns
    assert "outlier" in columns and "memorization" not in columns
    assert "reasons" not in make_result(n=50).record_risk()


def test_likelihood_ratio_is_the_score_of_lira(make_result):
    result = make_result(n=100)
    lira = next(a for a in result.attacks if a.estimator == "LiRA")
    risk = result.record_risk()
    np.testing.assert_array_equal(
        risk["log_likelihood_ratio"], lira.scores[risk["record"]]
    )
