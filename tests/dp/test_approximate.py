import numpy as np
import pytest

from skprivacy.dp._approximate import ApproximateDP, approximate_trade_off


def test_trade_off_by_hand():
    # epsilon = log 4, delta = .1: 1 - .1 - 4 * .1, and (1 - .1 - .5) / 4.
    assert approximate_trade_off(0.1, np.log(4), 0.1) == pytest.approx(0.5)
    assert approximate_trade_off(0.5, np.log(4), 0.1) == pytest.approx(0.1)
    assert approximate_trade_off(0.95, np.log(4), 0.1) == 0


def test_curve_passes_through_its_own_pair():
    curve = ApproximateDP(1.2, 1e-3)
    assert curve.delta(1.2) == pytest.approx(1e-3)
    assert curve.epsilon(1e-3) == pytest.approx(1.2)
    assert curve.epsilon(1e-4) == np.inf


def test_delta_at_zero_is_the_largest_advantage():
    expected = (np.e - 1 + 2 * 0.01) / (np.e + 1)
    assert ApproximateDP(1.0, 0.01).delta(0.0) == pytest.approx(expected)


@pytest.mark.parametrize("delta", [0.05, 0.2, 0.4])
def test_epsilon_undoes_delta(delta):
    curve = ApproximateDP(1.0, 0.01)
    assert curve.delta(curve.epsilon(delta)) == pytest.approx(delta)
    assert ApproximateDP(1.0, 0.01).epsilon(0.9) == 0
