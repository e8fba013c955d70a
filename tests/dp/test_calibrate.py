import numpy as np
import pytest

from skprivacy.dp import PrivacyGuarantee, calibrate_noise


@pytest.mark.parametrize("n_releases", [1, 20])
def test_promise_is_kept_and_no_more(n_releases):
    noise = calibrate_noise(epsilon=2.0, delta=1e-5, n_releases=n_releases)
    mu = np.sqrt(n_releases) / noise
    assert PrivacyGuarantee.gaussian(mu).epsilon(1e-5) == pytest.approx(2.0, rel=1e-6)


def test_advantage():
    guarantee = PrivacyGuarantee.gaussian(1 / calibrate_noise(advantage=0.2))
    assert guarantee.advantage() == pytest.approx(0.2)


def test_rates():
    guarantee = PrivacyGuarantee.gaussian(1 / calibrate_noise(tpr=0.05, fpr=0.01))
    assert guarantee.max_tpr(0.01) == pytest.approx(0.05)


@pytest.mark.parametrize(
    "promise",
    [{"epsilon": 1.0, "delta": 1e-5}, {"advantage": 0.2}, {"tpr": 0.1, "fpr": 0.01}],
)
def test_samples_need_less_noise(promise):
    settings = {"n_releases": 30, "sampling_rate": 0.1}
    noise = calibrate_noise(**promise, **settings)
    assert noise < calibrate_noise(**promise, n_releases=30)
    kept = PrivacyGuarantee.sampled_gaussian(noise, 0.1, 30)
    less = PrivacyGuarantee.sampled_gaussian(0.99 * noise, 0.1, 30)
    for guarantee, holds in ((kept, True), (less, False)):
        reached = {
            "epsilon": guarantee.epsilon(1e-5) <= 1.0,
            "advantage": guarantee.advantage() <= 0.2,
            "tpr": guarantee.max_tpr(0.01) <= 0.1,
        }
        assert reached[next(iter(promise))] == holds


@pytest.mark.parametrize(
    ("promise", "message"),
    [
        ({}, "one promise must be given"),
        ({"epsilon": 1.0}, "one promise must be given"),
        ({"epsilon": 1.0, "delta": 1e-5, "advantage": 0.1}, "one promise"),
        ({"epsilon": 0.0, "delta": 1e-5}, "epsilon must be finite and above 0; got 0"),
        ({"epsilon": 1.0, "delta": 0.0}, "delta must be above 0"),
        ({"advantage": 1.0}, "advantage must be below 1; got 1.0"),
        ({"tpr": 0.01, "fpr": 0.1}, "tpr must be at least fpr"),
        ({"advantage": 0.1, "n_releases": 0}, "n_releases must be a whole number"),
        ({"advantage": 0.1, "sampling_rate": 2}, "sampling_rate must be from 0 to 1"),
        ({"advantage": 0.1, "sampling_rate": 0}, "sampling_rate must be above 0"),
    ],
)
def test_refuses(promise, message):
    with pytest.raises(ValueError, match=message):
        calibrate_noise(**promise)


@pytest.mark.parametrize("value", [np.nan, "1", 1j, np.inf])
@pytest.mark.parametrize("name", ["n_releases", "sampling_rate"])
def test_what_is_no_number_is_refused_by_its_name(name, value):
    with pytest.raises((TypeError, ValueError), match=f"{name} must be"):
        calibrate_noise(advantage=0.1, **{name: value})
