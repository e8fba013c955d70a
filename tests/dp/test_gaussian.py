import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from skprivacy.dp._gaussian import (
    GaussianDP,
    gaussian_delta,
    gaussian_epsilon,
    gaussian_mu,
    gaussian_trade_off,
)


@pytest.mark.parametrize("epsilon", [-1.0, 0.0, 0.5, 3.0])
@pytest.mark.parametrize("mu", [0.1, 1.0, 2.5])
def test_delta_is_what_the_densities_say(epsilon, mu):
    def surplus(x):
        return max(norm.pdf(x, mu) - np.exp(epsilon) * norm.pdf(x), 0.0)

    expected, _ = quad(surplus, -12, 16, points=[epsilon / mu + mu / 2], limit=200)
    assert gaussian_delta(epsilon, mu) == pytest.approx(expected, abs=1e-9)


def test_large_epsilons_do_not_overflow():
    assert gaussian_delta(5000.0, 1.0) == 0
    assert gaussian_delta(800.0, 60.0) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("delta", [1e-2, 1e-5, 1e-12])
def test_epsilon_undoes_delta_and_is_never_too_small(delta):
    epsilon = gaussian_epsilon(delta, 0.7)
    assert gaussian_delta(epsilon, 0.7) <= delta
    assert gaussian_delta(epsilon, 0.7) == pytest.approx(delta, rel=1e-6)


@pytest.mark.parametrize(("epsilon", "delta"), [(0.1, 1e-5), (1, 1e-6), (50, 1e-9)])
def test_mu_keeps_the_promise(epsilon, delta):
    mu = gaussian_mu(epsilon, delta)
    assert gaussian_delta(epsilon, mu) <= delta
    assert gaussian_delta(epsilon, mu * 1.001) > delta


def test_nothing_is_told_without_a_signal():
    assert gaussian_epsilon(0.0, 0.0) == 0
    assert gaussian_epsilon(0.0, 0.1) == np.inf


def test_trade_off_is_that_of_the_likelihood_ratio():
    threshold = 1.3
    fpr, fnr = norm.sf(threshold), norm.cdf(threshold - 0.8)
    assert gaussian_trade_off(fpr, 0.8) == pytest.approx(fnr)
    assert GaussianDP(0.8).trade_off(fpr) == pytest.approx(fnr)
