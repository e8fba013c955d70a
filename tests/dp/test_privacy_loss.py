import numpy as np
import pytest

from skprivacy.dp._approximate import ApproximateDP
from skprivacy.dp._gaussian import gaussian_delta, gaussian_epsilon
from skprivacy.dp._privacy_loss import (
    LossDistribution,
    PrivacyLoss,
    connect_the_dots,
)

EPSILONS = np.linspace(0, 6, 25)


def test_chances_are_kept_by_both_neighbors():
    losses = np.array([-0.2, 0.0, 0.3])
    with_it = np.array([0.4, 0.6])
    # Losses in between: the density ratios are e^-.1 and e^.1.
    without_it = with_it * np.exp([0.1, -0.1])
    chances = connect_the_dots(with_it, without_it, losses)
    assert chances.sum() == pytest.approx(1)
    assert (chances * np.exp(-losses)).sum() == pytest.approx(without_it.sum())


@pytest.mark.parametrize("mu", [0.05, 1.0, 4.0])
@pytest.mark.parametrize("times", [1, 7])
def test_gaussian_releases_are_never_below_and_hardly_above(mu, times):
    loss = PrivacyLoss.gaussian(1 / mu).repeat(times)
    exact = gaussian_delta(EPSILONS, mu * np.sqrt(times))
    found = loss.delta(EPSILONS)
    assert (found >= exact - 1e-12).all()
    np.testing.assert_allclose(found, exact, atol=2e-7)


def test_delta_by_hand():
    # Chance .7 of a loss of 1, .2 of -1, .1 of an infinite one.
    one = LossDistribution(-1, np.array([0.2, 0.0, 0.7]), 0.1, 1.0)
    expected = 0.1 + 0.7 * (1 - np.exp(-0.5))
    assert one.delta(0.5) == pytest.approx(expected)
    assert one.delta(1.0) == pytest.approx(0.1)
    twice = one.compose(one)
    # Losses of 2, 0 and -2; infinite unless both are finite.
    expected = 0.19 + 0.49 * (1 - np.exp(-1.0))
    assert twice.delta(1.0) == pytest.approx(expected)


def test_randomized_response_composes_by_binomials():
    epsilon, times = 0.3, 4
    p = 1 / (1 + np.exp(-epsilon))
    loss = PrivacyLoss.approximate(epsilon).repeat(times)
    k = np.arange(times + 1)
    choose = np.array([1, 4, 6, 4, 1])
    chances = choose * p**k * (1 - p) ** (times - k)
    losses = (2 * k - times) * epsilon
    for at in (0.0, 0.35, 1.0):
        expected = (chances * np.maximum(0, -np.expm1(at - losses))).sum()
        assert loss.delta(at) == pytest.approx(expected, abs=1e-9)


def test_one_pair_stays_what_it_is():
    loss, curve = PrivacyLoss.approximate(1.0, 1e-3), ApproximateDP(1.0, 1e-3)
    np.testing.assert_allclose(loss.delta(EPSILONS), curve.delta(EPSILONS), atol=1e-12)
    assert loss.epsilon(1e-3) == pytest.approx(1.0, abs=1e-6)
    assert loss.epsilon(1e-4) == np.inf


def test_a_sample_tells_differently_of_who_is_in_and_who_is_not():
    loss = PrivacyLoss.gaussian(0.8, 0.1)
    assert loss.remove.delta(1.0) > 2 * loss.add.delta(1.0)
    assert loss.delta(1.0) == loss.remove.delta(1.0)


def test_infinite_losses_add_up():
    loss = PrivacyLoss.approximate(0.1, 1e-3).repeat(5)
    assert loss.delta(10.0) == pytest.approx(1 - (1 - 1e-3) ** 5)


def test_epsilon_is_the_least_on_the_curve():
    loss = PrivacyLoss.gaussian(1.0).repeat(4)
    epsilon = loss.epsilon(1e-6)
    assert loss.delta(epsilon) <= 1e-6 < loss.delta(epsilon - 1e-6)
    assert epsilon == pytest.approx(gaussian_epsilon(1e-6, 2.0), rel=1e-5)


def test_steps_must_be_the_same():
    one, other = PrivacyLoss.approximate(1.0), PrivacyLoss.approximate(1.0, step=1e-3)
    with pytest.raises(ValueError, match="step must be the same"):
        one.compose(other)


@pytest.mark.parametrize(
    ("noise", "rate", "times"), [(1.0, 0.01, 1000), (2.0, 0.2, 50), (0.6, 0.3, 2)]
)
@pytest.mark.parametrize("delta", [1e-3, 1e-6])
def test_agrees_with_another_accountant(noise, rate, times, delta):
    accounting = pytest.importorskip("dp_accounting")
    pld = pytest.importorskip("dp_accounting.pld")
    accountant = pld.PLDAccountant()
    event = accounting.PoissonSampledDpEvent(rate, accounting.GaussianDpEvent(noise))
    accountant.compose(event, times)
    theirs = accountant.get_epsilon(delta)
    ours = PrivacyLoss.gaussian(noise, rate).repeat(times).epsilon(delta)
    # Both lie above the truth: ours may be the tighter one, but not by much.
    assert theirs * 0.999 <= ours <= theirs * 1.01
