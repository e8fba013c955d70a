"""How exposed each training record is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skprivacy._audit._risk import empirical_p_value

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
