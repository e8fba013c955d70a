import numpy as np
import pytest
from scipy.special import logsumexp
from scipy.stats import chi2

from skprivacy.dp import PrivacyGuarantee
from skprivacy.federated import DistributedGaussian, FixedPoint, SumPlan
from skprivacy.federated._distributed_noise import discrete_gaussian, summed_divergences

FIXED = FixedPoint(bound=1.0, fraction_bits=10)


@pytest.mark.parametrize("deviation", [0.3, 1.0, 4.5])
def test_noise_has_the_law_of_a_discrete_gaussian(deviation):
    """Chi-square at a false alarm of 1e-9."""
    n, edge = 40_000, int(np.ceil(2.5 * deviation))
    noise = discrete_gaussian(deviation, n)
    support = np.arange(-200, 201)
    law = np.exp(-(support**2) / (2 * deviation**2))
    law /= law.sum()
    inside = np.abs(support) <= edge
    expected = n * np.append(law[inside], law[~inside].sum())
    counts = [(noise == one).sum() for one in support[inside]]
    counts.append((np.abs(noise) > edge).sum())
    cells = expected > 5
    statistic = ((np.array(counts) - expected)[cells] ** 2 / expected[cells]).sum()
    assert statistic < chi2.isf(1e-9, cells.sum())


def test_wide_noise_is_as_wide_as_told():
    noise = discrete_gaussian(2.0**30, 40_000).astype(float)
    assert abs(noise.std() / 2.0**30 - 1) < 6.5 / np.sqrt(2 * 40_000)
    assert abs(noise.mean()) < 6.5 * 2.0**30 / 200


def test_divergences_by_hand():
    # tau = 10 (exp(-2 pi^2 .25 / 2) + exp(-2 pi^2 .25 * 2 / 3)) for three of .5
    tau = 10 * (np.exp(-(np.pi**2) / 4) + np.exp(-(np.pi**2) / 3))
    l2, l1 = 2 / np.sqrt(0.75), 4 / np.sqrt(0.75)
    expected = min(
        1.5 * l2**2 + tau * 4,
        1.5 * (l2**2 + 2 * l1 * tau + 4 * tau**2),
        1.5 * (l2 + 2 * tau) ** 2,
    )
    found = summed_divergences(0.5, 3, 4, 2.0, 4.0, orders=(3.0,))
    assert found == pytest.approx([expected])


@pytest.mark.parametrize("order", [1.5, 4.0, 9.3])
def test_the_divergence_is_an_upper_bound_of_the_true_one(order):
    """Of the sum of three parts, by convolution."""
    deviation = 0.8
    support = np.arange(-30, 31)
    part = np.exp(-(support**2) / (2 * deviation**2))
    part /= part.sum()
    total = np.convolve(np.convolve(part, part), part)
    moved, kept = total[1:], total[:-1]
    inside = (moved > 1e-60) & (kept > 1e-60)
    logs = order * np.log(moved[inside]) + (1 - order) * np.log(kept[inside])
    true = logsumexp(logs) / (order - 1)
    (bound,) = summed_divergences(deviation, 3, 1, 1.0, 1.0, orders=(order,))
    assert true <= bound <= 1.2 * true


def test_much_noise_is_as_private_as_gaussian_noise():
    noise = DistributedGaussian(clip_norm=1.0, deviation=2.0)
    guarantee = noise.guarantee(25, 1, FixedPoint(fraction_bits=20))
    gaussian = PrivacyGuarantee.zcdp(2 / (4.0 * 25))
    assert guarantee.epsilon() == pytest.approx(gaussian.epsilon(), rel=1e-3)
    assert guarantee.adjacency == "replace" and len(guarantee.assumptions) == 3


def test_what_is_set_to_zero_moves_half_as_far():
    noise = DistributedGaussian(1.0, 2.0, adjacency="add_remove")
    guarantee = noise.guarantee(25, 1, FixedPoint(fraction_bits=20))
    gaussian = PrivacyGuarantee.zcdp(1 / (8 * 25.0), "add_remove")
    assert guarantee.epsilon() == pytest.approx(gaussian.epsilon(), rel=1e-3)


def test_dropouts_and_rounding_cost():
    noise = DistributedGaussian(1.0, 1.0)
    epsilons = [noise.guarantee(n, 50, FIXED).epsilon() for n in (40, 30, 20, 1)]
    assert epsilons == sorted(epsilons) and epsilons[0] < epsilons[-1] / 4
    coarse = FixedPoint(fraction_bits=2)
    assert noise.guarantee(40, 50, coarse).epsilon() > 1.3 * epsilons[0]
    with pytest.raises(ValueError, match="no client is left whose noise is unknown"):
        noise.guarantee(0, 50, FIXED)


def test_calibrated_noise_keeps_its_epsilon_and_not_much_less():
    noise = DistributedGaussian.calibrate(
        1.5, delta=1e-6, clip_norm=2.0, n_noisy=30, n_values=20, fixed_point=FIXED
    )
    assert 1.499 < noise.guarantee(30, 20, FIXED).epsilon(1e-6) <= 1.5


def test_a_vector_is_shortened_to_its_norm():
    noise = DistributedGaussian(clip_norm=5.0, deviation=1.0)
    short, was_longer = noise.shorten([6.0, 8.0])
    assert short.tolist() == [3.0, 4.0] and was_longer
    same, was_longer = noise.shorten([3.0, 4.0])
    assert same.tolist() == [3.0, 4.0] and not was_longer


def test_a_plan_sets_room_aside_for_noise():
    noise = DistributedGaussian(clip_norm=1.0, deviation=100.0)
    plan = SumPlan(n_values=10, n_clients=50, noise=noise)
    bits = plan.fixed_point.fraction_bits
    assert bits < SumPlan(n_values=10, n_clients=50).fixed_point.fraction_bits
    with pytest.raises(ValueError, match="take fewer fraction_bits"):
        SumPlan(10, 50, fixed_point=FixedPoint(1.0, bits + 1), noise=noise)


@pytest.mark.parametrize(
    "arguments, error, match",
    [
        ({"clip_norm": 0.0, "deviation": 1.0}, ValueError, "clip_norm"),
        ({"clip_norm": 1.0, "deviation": -1.0}, ValueError, "deviation"),
        ({"clip_norm": 1.0, "deviation": "a"}, TypeError, "deviation"),
        (
            {"clip_norm": 1.0, "deviation": 1.0, "adjacency": "x"},
            ValueError,
            "adjacency",
        ),
    ],
)
def test_bad_arguments(arguments, error, match):
    with pytest.raises(error, match=match):
        DistributedGaussian(**arguments)


def test_a_vector_of_too_large_norm_is_refused_where_told():
    noise = DistributedGaussian(clip_norm=1.0, deviation=1.0)
    fixed = FixedPoint(bound=1.0, fraction_bits=8, clip="error")
    plan = SumPlan(2, 3, fixed_point=fixed, noise=noise)
    with pytest.raises(ValueError, match="longer than clip_norm=1.0"):
        plan.encode([0.9, 0.9])
    with pytest.raises(ValueError, match="bound=0.5 is below noise.clip_norm=1.0"):
        SumPlan(2, 3, fixed_point=FixedPoint(bound=0.5), noise=noise)
