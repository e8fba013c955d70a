import numpy as np
import pytest
from scipy.stats import norm

from skprivacy.dp import PrivacyGuarantee
from skprivacy.dp._privacy_loss import PrivacyLoss


def test_ceilings_of_a_gaussian_release():
    guarantee = PrivacyGuarantee.gaussian(1.5)
    expected = norm.cdf(norm.ppf(0.01) + 1.5)
    assert guarantee.max_tpr(0.01) == pytest.approx(expected)
    assert guarantee.max_reconstruction(0.01) == pytest.approx(expected)
    assert guarantee.advantage() == pytest.approx(2 * norm.cdf(0.75) - 1)
    assert guarantee.mu == 1.5


def test_ceilings_of_a_pair():
    guarantee = PrivacyGuarantee.approximate(np.log(3), 0.01)
    assert guarantee.max_tpr(0.1) == pytest.approx(0.31)
    assert guarantee.max_tpr(1.0) == 1
    assert guarantee.advantage() == pytest.approx((3 - 1 + 0.02) / (3 + 1))
    assert guarantee.mu is None
    np.testing.assert_allclose(guarantee.max_tpr([0.0, 0.1]), [0.01, 0.31])


def test_ceiling_of_a_curve_without_a_formula_is_never_too_low():
    exact = PrivacyGuarantee.gaussian(1.0)
    gridded = PrivacyGuarantee(PrivacyLoss.gaussian(1.0))
    for fpr in (0.001, 0.01, 0.2, 0.7):
        found = gridded.max_tpr(fpr)
        assert exact.max_tpr(fpr) - 1e-9 <= found <= exact.max_tpr(fpr) + 1e-3


def test_zcdp_is_as_good_as_its_formula():
    rho, delta = 0.5, 1e-6
    textbook = rho + 2 * np.sqrt(rho * np.log(1 / delta))
    found = PrivacyGuarantee.zcdp(rho).epsilon(delta)
    exact = PrivacyGuarantee.gaussian(1.0).epsilon(delta)
    assert exact < found < textbook


def test_gaussian_releases_compose_exactly():
    both = PrivacyGuarantee.gaussian(3.0).compose(PrivacyGuarantee.gaussian(4.0))
    assert both.mu == pytest.approx(5.0)


def test_pairs_compose_by_their_losses():
    one = PrivacyGuarantee.pure(0.1)
    total = one
    for _ in range(9):
        total = total.compose(one)
    assert total.epsilon(0.0) == pytest.approx(1.0, abs=0.01)
    assert total.epsilon(1e-2) < 0.9


def test_a_gaussian_and_a_pure_release_compose():
    total = PrivacyGuarantee.gaussian(0.5).compose(PrivacyGuarantee.pure(0.5))
    alone = PrivacyGuarantee.gaussian(0.5).epsilon(1e-5)
    assert alone < total.epsilon(1e-5) < alone + 0.5
    assert total.stated_delta == 1e-5


def test_renyi_divergences_add_up():
    sampled = PrivacyGuarantee.sampled_gaussian(1.0, 0.1, 10, method="rdp")
    twice = sampled.compose(sampled)
    expected = PrivacyGuarantee.sampled_gaussian(1.0, 0.1, 20, method="rdp")
    assert twice.epsilon(1e-5) == pytest.approx(expected.epsilon(1e-5))
    tight = PrivacyGuarantee.sampled_gaussian(1.0, 0.1, 20)
    assert tight.epsilon(1e-5) < expected.epsilon(1e-5)
    other = PrivacyGuarantee.approximate(1.0, 1e-6, "add_remove")
    with pytest.raises(ValueError, match="no Renyi divergences"):
        sampled.compose(other)


def test_a_full_sample_is_no_sample():
    sampled = PrivacyGuarantee.sampled_gaussian(2.0, 1.0, 4)
    exact = PrivacyGuarantee.gaussian(1.0)
    assert sampled.epsilon(1e-5) == pytest.approx(exact.epsilon(1e-5), rel=1e-4)


def test_neighbors_must_be_the_same():
    with pytest.raises(ValueError, match="different neighbors"):
        PrivacyGuarantee.pure(1).compose(PrivacyGuarantee.pure(1, "add_remove"))
    with pytest.raises(ValueError, match="adjacency must be one of"):
        PrivacyGuarantee.pure(1, "swap")
    with pytest.raises(TypeError, match="other must be a PrivacyGuarantee"):
        PrivacyGuarantee.pure(1).compose(1.0)


def test_assumptions_are_kept_once():
    one = PrivacyGuarantee.pure(1, assumptions=["bounds are public"])
    assert one.compose(one).assumptions == ("bounds are public",)


@pytest.mark.parametrize("epsilon", [-1, np.nan, np.inf])
def test_refuses_epsilons_that_are_none(epsilon):
    with pytest.raises(ValueError, match=f"epsilon must be finite .*; got {epsilon}"):
        PrivacyGuarantee.pure(epsilon)


@pytest.mark.parametrize("delta", [-0.1, 1.0, np.nan])
def test_refuses_deltas_that_are_none(delta):
    with pytest.raises(ValueError, match=f"delta must be from 0 .*; got {delta}"):
        PrivacyGuarantee.approximate(1.0, delta)
    with pytest.raises(ValueError, match="fpr must be from 0 to 1"):
        PrivacyGuarantee.pure(1.0).max_tpr(-0.1)


def test_refuses_what_is_no_number():
    with pytest.raises(TypeError, match="epsilon must be a number"):
        PrivacyGuarantee.pure("1")
    with pytest.raises(TypeError, match="delta must be a number"):
        PrivacyGuarantee.approximate(1.0, None)
    with pytest.raises(ValueError, match="orders must be above 1"):
        PrivacyGuarantee.renyi([1.0], [0.1])
    with pytest.raises(ValueError, match='method must be "pld" or "rdp"'):
        PrivacyGuarantee.sampled_gaussian(1.0, 0.1, method="gdp")
    with pytest.raises(ValueError, match="sampling_rate must be above 0"):
        PrivacyGuarantee.sampled_gaussian(1.0, 0.0)


def test_reads_well():
    assert str(PrivacyGuarantee.pure(0.5)) == "epsilon=0.5 (replace)"
    text = str(PrivacyGuarantee.approximate(1, 1e-6))
    assert text == "epsilon=1 at delta=1e-06 (replace)"
