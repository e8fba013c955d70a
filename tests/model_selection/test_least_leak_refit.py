"""The rule that picks a setting, on results made by hand."""

import pickle

import numpy as np
import pytest

from skprivacy.model_selection import least_leak_refit

RESULTS = {
    "mean_test_accuracy": np.array([0.85, 0.84, 0.835, 0.70]),
    "split0_test_accuracy": np.array([0.83, 0.84, 0.835, 0.70]),
    "split1_test_accuracy": np.array([0.85, 0.84, 0.835, 0.70]),
    "split2_test_accuracy": np.array([0.87, 0.84, 0.835, 0.70]),
    "split3_test_accuracy": np.array([0.85, 0.84, 0.835, 0.70]),
    "mean_test_leak": np.array([-0.3, -0.2, -0.1, -0.01]),
}


@pytest.mark.parametrize(
    ("max_loss", "picked"), [(0, 0), (0.01, 1), (0.0149, 1), (0.015, 2), (0.2, 3)]
)
def test_a_stated_loss_counts_its_limit_in(max_loss, picked):
    assert least_leak_refit(max_loss)(RESULTS) == picked


def test_one_standard_error_of_the_best_mean():
    # Deviation of .83, .85, .87, .85: sqrt(.0008 / 3); by the root of 4, .0082.
    assert least_leak_refit()(RESULTS) == 0
    # Of .81, .85, .89, .85: sqrt(.0032 / 3) / 2 = .0163.
    wider = RESULTS | {
        "split0_test_accuracy": np.array([0.81, 0.84, 0.835, 0.70]),
        "split2_test_accuracy": np.array([0.89, 0.84, 0.835, 0.70]),
    }
    assert least_leak_refit("1se")(wider) == 2


def test_of_equal_leaks_the_better_score():
    results = {
        "mean_test_accuracy": [0.80, 0.85, 0.84],
        "mean_test_leak": [-0.1, -0.3, -0.1],
    }
    assert least_leak_refit(0.2)(results) == 2


def test_what_failed_is_left_out():
    results = {
        "mean_test_accuracy": [0.9, np.nan, 0.8, 0.85],
        "mean_test_leak": [np.nan, -0.1, -0.2, -0.3],
    }
    assert least_leak_refit(0.01)(results) == 3
    assert least_leak_refit(0.06)(results) == 2


def test_other_names_and_pickle():
    results = {"mean_test_r2": [0.5, 0.4], "mean_test_auc": [-0.9, -0.6]}
    rule = pickle.loads(pickle.dumps(least_leak_refit(0.2, score="r2", leak="auc")))
    assert rule(results) == 1


def test_bad_input():
    with pytest.raises(ValueError, match="'max_loss' parameter"):
        least_leak_refit("2se")
    with pytest.raises(ValueError, match="'max_loss' parameter"):
        least_leak_refit(-0.1)
    with pytest.raises(ValueError, match=r"'mean_test_leak' is not among.*accuracy"):
        least_leak_refit(0.1)({"mean_test_accuracy": [0.9]})
    with pytest.raises(ValueError, match="no setting has both"):
        least_leak_refit(0.1)({"mean_test_accuracy": [1], "mean_test_leak": [np.nan]})
    short = {"mean_test_accuracy": [0.9], "mean_test_leak": [-0.1]}
    with pytest.raises(ValueError, match="at least 2 splits"):
        least_leak_refit()(short)
