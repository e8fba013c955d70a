import numpy as np
import pytest
from scipy.stats import kstest

from skprivacy.dp._noise import NoiseSource, grid_step, on_grid
from skprivacy.dp._release import release_gaussian, release_laplace

#: A Kolmogorov-Smirnov test that is right fails in one of 10,000 runs; these draws are
#: seeded, so that they pass or fail once and for all.
RARE = 1e-4


def seeded(seed=0):
    with pytest.warns(UserWarning, match="random_state makes the noise reproducible"):
        return NoiseSource(seed)


@pytest.mark.parametrize("law", ["uniform", "norm", "laplace"])
def test_laws(law):
    draw = {"uniform": "uniform", "norm": "normal", "laplace": "laplace"}[law]
    drawn = getattr(seeded(), draw)(20_000)
    assert kstest(drawn, law).pvalue > RARE


def test_without_a_seed_no_two_sources_agree():
    one, other = NoiseSource(), NoiseSource()
    assert one.is_secure
    assert not np.intersect1d(one.uniform(100), other.uniform(100)).size


def test_with_a_seed_they_do():
    np.testing.assert_array_equal(seeded(3).normal((2, 5)), seeded(3).normal((2, 5)))
    assert not seeded(3).is_secure
    assert sorted(seeded().permutation(5)) == list(range(5))
    assert 0 <= seeded().seed() < 2**31


def test_tails_are_not_cut_short():
    # A uniform number of 32 bits could not be farther out than 6.2.
    drawn = NoiseSource()
    drawn.uniform = lambda size: np.array([2.0**-60, 1 - 2.0**-53])
    assert drawn.normal(2)[0] < -8.5
    assert drawn.normal(2)[1] > 8


def test_grid_is_a_millionth_of_the_noise():
    for deviation in (1e-9, 0.3, 1.0, 7e5):
        ratio = deviation / grid_step(deviation)
        assert 2**20 <= ratio < 2**21
        assert np.log2(grid_step(deviation)) % 1 == 0


def test_rounds_to_the_grid():
    np.testing.assert_array_equal(on_grid([0.3, -0.9], 0.5), [0.5, -1.0])


@pytest.mark.parametrize("release", [release_gaussian, release_laplace])
def test_released_numbers_lie_on_one_grid_whatever_the_data(release):
    step = grid_step(2.0 / 0.5)
    for values in (np.zeros(50), np.full(50, np.pi)):
        released = release(values, 2.0, 0.5, NoiseSource())
        np.testing.assert_array_equal(released / step % 1, 0.0)


def test_noise_has_the_stated_spread():
    released = release_gaussian(np.full(20_000, 5.0), 3.0, 0.5, seeded())
    assert kstest((released - 5) / 6, "norm").pvalue > RARE
    released = release_laplace(np.full(20_000, 5.0), 3.0, 0.5, seeded())
    assert kstest((released - 5) / 6, "laplace").pvalue > RARE


def test_what_nobody_changes_needs_no_noise():
    assert release_gaussian([1.5], 0.0, 1.0, NoiseSource()) == 1.5
    assert release_laplace([1.5], 0.0, 1.0, NoiseSource()) == 1.5
