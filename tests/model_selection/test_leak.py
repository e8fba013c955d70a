"""One number of an attack's scores, and how sure it is."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from skprivacy.metrics import tpr_at_fpr
from skprivacy.model_selection._leak import check_metric, leak_of, leak_value

IS_MEMBER = np.array([True, True, True, False, False, False, False])
SCORE = np.array([0.2, 0.4, 0.9, 0.1, 0.2, 0.3, 0.8])


def test_values_of_a_hand_computed_case():
    # Non-members below each member: 1 and a tie, 3, 4.
    assert leak_value("auc", IS_MEMBER, SCORE) == pytest.approx((1.5 + 3 + 4) / 12)
    # One of four may be accused: above .3 are two of three members.
    assert leak_value("tpr@0.25", IS_MEMBER, SCORE) == pytest.approx(2 / 3)
    assert leak_value("advantage", IS_MEMBER, SCORE) == pytest.approx(2 / 3 - 1 / 4)


def test_auc_is_that_of_scikit_learn_with_ties():
    rng = np.random.default_rng(0)
    is_member, score = rng.random(200) < 0.3, rng.integers(5, size=200)
    assert leak_value("auc", is_member, score) == pytest.approx(
        roc_auc_score(is_member, score)
    )


def test_equal_scores_are_drawn_from():
    # Above .5 is one member. Of the two non-members at .5, one may be accused, and so
    # half of the three members there.
    is_member = np.repeat([True, False], 5)
    score = np.array([0.9, 0.5, 0.5, 0.5, 0.1, 0.5, 0.5, 0.1, 0.1, 0.1])
    assert leak_value("tpr@0.2", is_member, score) == pytest.approx((1 + 1.5) / 5)
    assert leak_value("tpr@0.4", is_member, score) == pytest.approx(4 / 5)
    # What tpr_at_fpr finds in scores that are all different.
    score = np.random.default_rng(0).normal(is_member)
    for fpr in (0.2, 0.5, 0.99):
        expected = tpr_at_fpr(is_member, score, fpr)
        assert leak_value(f"tpr@{fpr}", is_member, score) == pytest.approx(expected)


def test_the_error_is_the_spread_over_draws():
    rng = np.random.default_rng(0)
    drawn = []
    for _ in range(60):
        is_member = np.repeat([[True, False]], 200, axis=1)
        drawn.append(leak_of("auc", is_member, rng.normal(is_member)))
    spread = np.std([leak.value for leak in drawn], ddof=1)
    error = np.mean([leak.standard_error for leak in drawn])
    # The spread of 60 draws has a deviation of 9%: four of them.
    assert error == pytest.approx(spread, rel=0.36)


def test_targets_that_answer_alike_do_not_make_it_surer():
    rng = np.random.default_rng(0)
    is_member = np.repeat([[True, False]], 200, axis=1)
    score = rng.normal(is_member)
    one = leak_of("auc", is_member, score)
    many = leak_of("auc", np.repeat(is_member, 9, 0), np.repeat(score, 9, 0))
    assert many.value == pytest.approx(one.value)
    assert many.standard_error == pytest.approx(one.standard_error)
    assert (many.n_targets, many.n_members) == (9, 9 * one.n_members)


def test_too_few_non_members_for_the_rate():
    with pytest.warns(UserWarning, match="cannot be measured with 4"):
        leak = leak_of("tpr@0.01", IS_MEMBER[None], SCORE[None])
    assert np.isnan(leak.value) and np.isnan(leak.standard_error)


@pytest.mark.parametrize("name", ["f1", "tpr@", "tpr@0", "tpr@1", "tpr@nan", None])
def test_no_such_metric(name):
    with pytest.raises(ValueError, match="metric must be 'auc', 'advantage' or"):
        check_metric(name)
