"""Records that would tell as much."""

import numpy as np
import pytest
from scipy.stats import binom

from skprivacy.property import n_leaked


def test_by_hand():
    # 1 - 0.8 ** 2 = 0.36; of 0.2 and 0.8 a quarter is alike, of 0.5 and 0.6 0.5 / 0.6.
    assert n_leaked(0.9, (0.2, 0.8)) == pytest.approx(np.log(0.36) / np.log(0.25))
    assert n_leaked(0.9, (0.6, 0.5)) == pytest.approx(np.log(0.36) / np.log(5 / 6))


@pytest.mark.parametrize("ratios", [(0.3, 0.7), (0.5, 0.6), (0.1, 0.2), (0.0, 0.1)])
@pytest.mark.parametrize("n", [1, 5, 40])
def test_no_rule_does_better_with_fewer(ratios, n):
    """The best rule on n records has an accuracy that needs at most n of them."""
    counts = np.arange(n + 1)
    chances = [binom.pmf(counts, n, ratio) for ratio in ratios]
    accuracy = 0.5 * np.maximum(*chances).sum()
    assert n_leaked(accuracy, ratios) <= n


def test_the_ends():
    assert n_leaked(0.5, (0.2, 0.8)) == n_leaked(0.3, (0.2, 0.8)) == 0
    assert n_leaked(0.9, (0.4, 0.4)) == 0
    assert n_leaked(1.0, (0.4, 0.5)) == np.inf
    assert n_leaked(0.9, (0, 1)) == n_leaked(1.0, (0, 1)) == 1
    assert n_leaked(0.8, (0.2, 0.3)) < n_leaked(0.9, (0.2, 0.3))


@pytest.mark.parametrize("ratios", [(0.2,), (0.2, 1.2), (0.2, np.nan), (0.1, 0.2, 0.3)])
def test_bad_ratios(ratios):
    with pytest.raises(ValueError, match="two shares from 0 to 1"):
        n_leaked(0.9, ratios)


def test_bad_accuracy():
    with pytest.raises(ValueError, match="'accuracy' parameter"):
        n_leaked(1.2, (0.2, 0.3))
