"""From a statistic to a posterior of the share."""

import numpy as np
import pytest
from scipy.stats import t as student

from skprivacy.property._posterior import (
    StatisticLaw,
    learn_law,
    posterior_of,
    shortest_interval,
    size_offset,
)

GRID = np.linspace(0.2, 0.8, 301)
FLAT = np.full(301, 1 / 301)


def known_law(**changes):
    """A line through (0.5, 0.5) of slope 0.5, with a spread of 0.1."""
    fields = {
        "center": 0.5,
        "reach": 0.3,
        "curve": np.array([0.5, 0.15]),
        "n_powers": 2,
        "uncertainty": np.zeros((2, 2)),
        "spread": np.array([np.log(0.01), 0.0]),
        "offset": 0.0,
        "freedom": 7,
    }
    return StatisticLaw(**(fields | changes))


def test_the_density_is_students():
    law = known_law()
    found = law.log_likelihood(0.6, np.array([0.5, 0.7]))
    expected = student(7, loc=[0.5, 0.6], scale=0.1).logpdf(0.6)
    np.testing.assert_allclose(found, expected)


def test_the_scale_grows_with_what_is_not_known():
    law = known_law(uncertainty=np.diag([0.0025, 0.0]))
    assert law.scale([0.5])[0] == pytest.approx(np.sqrt(0.01 + 0.0025))
    assert law.scale([0.5], factor=3.0)[0] == pytest.approx(np.sqrt(0.03 + 0.0025))


def test_the_spread_goes_with_the_share():
    law = known_law(spread=np.array([np.log(0.01), np.log(4.0)]))
    np.testing.assert_allclose(law.scale([0.2, 0.5, 0.8]), [0.05, 0.1, 0.2])


def test_a_larger_model_is_known_less_well():
    with_trend = {
        "curve": np.array([0.5, 0.15, 0.1, 0.0]),
        "uncertainty": np.zeros((4, 4)),
        "spread": np.array([np.log(0.01), 0.0, 0.0]),
    }
    law = known_law(**with_trend, offset=-0.5, beyond=0.2)
    # In the middle nothing can fade: the trend of -0.05, and what it may miss, remain.
    assert law.mean([0.5])[0] == pytest.approx(0.45)
    assert law.scale([0.5])[0] == pytest.approx(np.sqrt(0.01 + 0.05**2 + 0.2**2))
    # At the end half of the 0.15 by which the mean differs from the middle may be gone.
    assert law.scale([0.8])[0] == pytest.approx(
        np.sqrt(0.01 + 0.05**2 + 0.2**2 + 0.075**2)
    )


def test_a_posterior_by_hand():
    # Two shares; the statistic is 0 and 2 scales off: densities of Student's t.
    law = known_law(freedom=1, curve=np.array([0.5, 0.1]))
    grid, prior = np.array([0.2, 0.8]), np.array([0.75, 0.25])
    found = posterior_of(law, 0.4, grid, prior)
    # Cauchy: 1 and 1 / (1 + 4)
    np.testing.assert_allclose(found, np.array([0.75, 0.05]) / 0.8)


def test_nothing_is_likely_that_the_prior_rules_out():
    prior = np.where(GRID < 0.5, 0.0, FLAT)
    assert posterior_of(known_law(), 0.0, GRID, prior)[GRID < 0.5].max() == 0


def test_a_statistic_that_says_nothing_leaves_the_prior():
    rng = np.random.default_rng(0)
    law = learn_law(rng.uniform(0.2, 0.8, 400), rng.normal(size=400))
    found = posterior_of(law, 0.1, GRID, FLAT)
    assert np.abs(found / FLAT - 1).max() < 0.5


def test_the_law_finds_curve_and_spread():
    rng = np.random.default_rng(0)
    ratios = rng.uniform(0.2, 0.8, 4000)
    spread = 0.05 * np.exp(ratios - 0.5)
    law = learn_law(ratios, ratios**2 + spread * rng.normal(size=4000))
    np.testing.assert_allclose(law.mean(GRID), GRID**2, atol=0.01)
    np.testing.assert_allclose(law.scale(GRID), 0.05 * np.exp(GRID - 0.5), rtol=0.06)


def test_two_shares_alone_give_a_line():
    law = learn_law(np.resize([0.3, 0.7], 20), np.resize([0.0, 1.0, 0.1, 0.9], 20))
    np.testing.assert_allclose(law.mean([0.3, 0.5, 0.7]), [0.05, 0.5, 0.95], atol=1e-6)


def test_statistics_without_noise_do_no_harm():
    ratios = np.linspace(0.2, 0.8, 30)
    law = learn_law(ratios, ratios)
    low, high = shortest_interval(GRID, posterior_of(law, 0.5, GRID, FLAT), 0.95)
    assert low == high == pytest.approx(0.5)


def test_the_trend_over_sizes_is_carried_on():
    ratios = np.resize(np.linspace(0.2, 0.8, 31), 93)
    sizes = np.repeat([400, 200, 100], 31)
    offsets = size_offset(sizes, 400)
    statistics = ratios + 0.1 * offsets
    law = learn_law(ratios, statistics, offsets, float(size_offset(1600, 400)))
    np.testing.assert_allclose(law.mean(GRID), GRID - 0.05, atol=1e-6)
    np.testing.assert_allclose(
        law.at_size(ratios, statistics, offsets), ratios - 0.05, atol=1e-6
    )


def test_the_shortest_interval_may_reach_an_end():
    posterior = np.exp(-np.arange(301) / 20.0)
    low, high = shortest_interval(GRID, posterior / posterior.sum(), 0.9)
    assert low == GRID[0]
    assert high < 0.4


def test_of_a_flat_posterior_the_middle_is_taken():
    low, high = shortest_interval(GRID, FLAT, 0.9)
    assert low - 0.2 == pytest.approx(0.8 - high, abs=0.005)
    assert high - low == pytest.approx(0.54, abs=0.005)


@pytest.mark.power
@pytest.mark.parametrize("n_models", [24, 96])
def test_intervals_cover_as_often_as_they_say(n_models):
    # 600 targets, each with shadow models of its own: at 90%, the count leaves
    # 0.9 +- 4 standard deviations of 0.0122 in 1 of 15,000 runs.
    rng = np.random.default_rng(n_models)
    covered = []
    for _ in range(600):
        ends = np.resize([0.2, 0.8], n_models // 2)
        ratios = np.concatenate([ends, rng.uniform(0.2, 0.8, n_models // 2)])
        truth = rng.uniform(0.2, 0.8)
        both = np.append(ratios, truth)
        noise = 0.06 * np.exp(both - 0.5) * rng.normal(size=len(both))
        statistics = 0.4 * both + 0.2 * both**2 + noise
        law = learn_law(ratios, statistics[:-1])
        posterior = posterior_of(law, statistics[-1], GRID, FLAT)
        low, high = shortest_interval(GRID, posterior, 0.9)
        covered.append(low <= truth <= high)
    assert np.mean(covered) == pytest.approx(0.9, abs=4 * 0.0122)
