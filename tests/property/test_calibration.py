import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from skprivacy.property._calibration import LEAST_SLOPE, Calibration


def test_two_worlds_are_a_logistic_regression():
    rng = np.random.RandomState(0)
    worlds = np.tile([0, 1], 50)
    scores = np.column_stack([np.zeros(100), 3 * worlds + 2 * rng.normal(size=100)])
    got = np.diff(Calibration(scores, worlds).log_odds(scores))[:, 0]
    compared = scores - scores.mean(axis=1, keepdims=True)
    # The slope of the difference is half that of the difference in units of the scale,
    # and penalized in those units.
    column = (compared[:, 1:] - compared[:, :1]) / compared.std()
    expected = LogisticRegression(C=1.0, tol=1e-8).fit(column, worlds)
    assert got == pytest.approx(expected.decision_function(column), abs=1e-2)


def test_offset_moves_the_threshold_between_the_worlds():
    scores = np.column_stack([np.zeros(40), np.tile([10.0, 12.0], 20)])
    calibration = Calibration(scores, np.tile([0, 1], 20))
    logits = np.diff(calibration.log_odds(np.array([[0.0, 10.9], [0.0, 11.1]])))
    assert logits[0] < 0 < logits[1]


def test_order_is_never_turned_around():
    scores = np.column_stack([np.zeros(40), np.tile([1.0, -1.0], 20)])
    calibration = Calibration(scores, np.tile([0, 1], 20))
    assert calibration.slope == pytest.approx(LEAST_SLOPE / calibration.scale)


def test_equal_scores_leave_the_share_of_each_world():
    worlds = np.array([0, 1, 1, 1])
    logits = Calibration(np.zeros((4, 2)), worlds).log_odds(np.zeros((1, 2)))
    assert np.diff(logits)[0] == pytest.approx(np.log(3), abs=1e-4)


def test_three_worlds():
    rng = np.random.RandomState(0)
    worlds = np.tile([0, 1, 2], 30)
    scores = 2 * np.eye(3)[worlds] + rng.normal(size=(90, 3))
    logits = Calibration(scores, worlds).log_odds(scores)
    assert (logits.argmax(axis=1) == worlds).mean() > 0.8
