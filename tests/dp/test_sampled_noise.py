import pytest

from skprivacy.dp import calibrate_noise
from skprivacy.dp._sampled_noise import sampled_guarantee


def test_noise_is_enough_and_hardly_more():
    epsilon, rate = 0.5, 0.1
    noise, guarantee = sampled_guarantee(epsilon, 1e-5, 10, rate)
    assert guarantee.epsilon(1e-5) <= epsilon
    least = calibrate_noise(
        epsilon=epsilon, delta=1e-5, n_releases=10, sampling_rate=rate
    )
    assert least * 0.999 <= noise <= least * 1.01


def test_agrees_with_dp_accounting():
    pytest.importorskip("dp_accounting")
    from dp_accounting import dp_event, pld

    noise, _ = sampled_guarantee(1.0, 1e-5, 20, 0.1)
    one = dp_event.PoissonSampledDpEvent(0.1, dp_event.GaussianDpEvent(noise))
    accountant = pld.PLDAccountant().compose(one, 20)
    # What it calls epsilon is rounded up, too.
    assert accountant.get_epsilon(1e-5) == pytest.approx(1.0, rel=0.01)


def test_large_epsilons_are_kept_by_divergences():
    noise, guarantee = sampled_guarantee(500.0, 1e-5, 100, 0.05)
    assert 0 < noise < 1
    assert 499.9 < guarantee.epsilon(1e-5) <= 500.0


def test_small_epsilons_are_kept_by_losses():
    noise, guarantee = sampled_guarantee(0.002, 1e-5, 2, 0.5)
    assert 0.0019 < guarantee.epsilon(1e-5) <= 0.002
    assert noise > 100
