import numpy as np
import pytest
from scipy import stats

from skprivacy.metrics._count_budget import count_budget


@pytest.mark.parametrize("n", [20, 400, 10_000])
@pytest.mark.parametrize("p", [0.01, 0.3, 0.99])
@pytest.mark.parametrize("alpha", [0.2, 0.025, 0.001])
def test_levels_spend_alpha_and_no_more(n, p, alpha):
    start, levels = count_budget(n, p, alpha)
    if levels is None:
        assert stats.binom.pmf(0, n, p) >= alpha
        return
    counts = np.arange(n + 1)
    level = np.ones(n + 1)
    level[start : start + len(levels)] = levels
    level[start + len(levels) :] = levels[-1]
    spent = stats.binom.pmf(counts, n, p) @ level
    assert spent <= alpha * (1 + 1e-9)
    # Counts are whole, so the last of them may not be affordable.
    assert spent >= 0.5 * alpha


def test_levels_fall_with_the_count():
    start, levels = count_budget(4000, 0.01, 0.025)
    assert 0 < start < 40
    assert (np.diff(levels) <= 0).all()
    assert levels[-1] > 0.025 / 4  # dearer than splitting alpha only where counts vary


def test_certain_and_impossible_counts():
    # No trial can fail to be above: N = 10, so the test may spend all of alpha.
    start, levels = count_budget(10, 1.0, 0.025)
    assert start == 10 and levels == pytest.approx([0.025])
    assert count_budget(10, 0.0, 0.025) == (0, None)
