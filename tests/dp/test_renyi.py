import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from skprivacy.dp._gaussian import gaussian_epsilon
from skprivacy.dp._renyi import (
    ORDERS,
    RenyiDP,
    gaussian_renyi,
    renyi_delta,
    renyi_epsilon,
)


@pytest.mark.parametrize("order", [2, 3, 8])
def test_divergence_of_a_sample_is_the_integral(order):
    noise, rate = 0.8, 0.1

    def density(x):
        return rate * norm.pdf(x, 1, noise) + (1 - rate) * norm.pdf(x, 0, noise)

    def moment(x):
        other = norm.pdf(x, 0, noise)
        return (density(x) / other) ** order * other

    expected = np.log(quad(moment, -10, 25, limit=400)[0]) / (order - 1)
    assert gaussian_renyi(noise, rate, [order])[0] == pytest.approx(expected, rel=1e-6)


def test_without_sampling_it_is_the_gaussian_one():
    expected = np.array(ORDERS) / (2 * 1.5**2)
    np.testing.assert_allclose(gaussian_renyi(1.5, 1 - 1e-12), expected, rtol=1e-6)
    np.testing.assert_allclose(gaussian_renyi(1.5), expected)
    assert (gaussian_renyi(1.5, 0.0) == 0).all()


def test_delta_undoes_epsilon():
    divergences = gaussian_renyi(1.0)
    epsilon = renyi_epsilon(ORDERS, divergences, 1e-6)
    assert renyi_delta(ORDERS, divergences, epsilon) == pytest.approx(1e-6)
    assert renyi_delta(ORDERS, divergences, 0.0) <= 1
    assert renyi_epsilon(ORDERS, divergences, 0) == np.inf


def test_bound_lies_above_the_exact_epsilon():

    for delta in (1e-3, 1e-6):
        bound = RenyiDP(ORDERS, tuple(gaussian_renyi(1.0))).epsilon(delta)
        exact = gaussian_epsilon(delta, 1.0)
        assert exact < bound < 1.3 * exact


def test_agrees_with_another_accountant():
    rdp = pytest.importorskip("dp_accounting.rdp")
    accounting = pytest.importorskip("dp_accounting")
    for noise, rate, times in [(1.0, 0.01, 1000), (2.0, 0.2, 50), (0.7, 1.0, 3)]:
        orders = [float(order) for order in ORDERS]
        accountant = rdp.RdpAccountant(orders)
        event = accounting.PoissonSampledDpEvent(
            rate, accounting.GaussianDpEvent(noise)
        )
        accountant.compose(event, times)
        theirs = accountant.get_epsilon(1e-5)
        ours = renyi_epsilon(ORDERS, times * gaussian_renyi(noise, rate), 1e-5)
        assert ours == pytest.approx(theirs, rel=0.01)
