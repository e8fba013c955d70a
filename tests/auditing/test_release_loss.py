"""Losses of releases against hand-computed ones."""

import numpy as np
import pytest

from skprivacy.auditing._release_loss import (
    ReleaseLoss,
    permute_and_flip_chances,
    release_loss,
    total_epsilon,
)
from skprivacy.dp._observed import Release


def loss(law, one, other, sensitivity=1.0, scale=1.0, **more):
    return release_loss(
        *(
            Release(law, np.array(v, float), sensitivity, scale, **more)
            for v in (one, other)
        )
    )


def test_laplace_counts_absolute_differences():
    found = loss("laplace", [1.0, 5.0, 2.0], [2.0, 5.0, 0.0], scale=4.0)
    assert (found.moved, found.epsilon, found.chance) == (3.0, 0.75, 0.25)
    assert loss("geometric", 3, 5, scale=0.5).epsilon == 4.0


def test_gaussian_counts_the_distance():
    found = loss("gaussian", [0.0, 0.0], [3.0, 4.0], scale=10.0)
    assert (found.moved, found.mu, found.epsilon) == (5.0, 0.5, 0.0)


def test_a_tree_that_is_drawn_with_its_classes_against_all_of_them():
    rng, epsilon = np.random.default_rng(0), 0.8

    class Counted:
        def __init__(self, counts):
            self._counts = counts

        def counts(self):
            yield from (self._counts[:2], self._counts[2:])

    one = rng.integers(0, 5, (3, 2, 2))
    other = one.copy()
    for tree, (old, new) in zip(other, [(0, 1), (1, 0), (0, 0)], strict=True):
        tree[old, 0] -= 1  # a record of class 0 becomes one of class 1, elsewhere
        tree[new, 1] += 1
    logs = [
        np.array(
            [
                epsilon / 2 * (tree[0, a] + tree[1, b])
                for tree in counts
                for a in range(2)
                for b in range(2)
            ]
        )
        for counts in (one, other)
    ]
    ratio = np.subtract(*(each - np.log(np.exp(each).sum()) for each in logs))
    releases = (
        Release("labeled_tree", Counted(counts), 1.0, 2 / epsilon)
        for counts in (one, other)
    )
    found = release_loss(*releases)
    assert found.moved == 1.0
    assert found.epsilon == pytest.approx(ratio.max())
    assert found.backward == pytest.approx(-ratio.min())


def test_no_noise_hides_nothing():
    assert loss("laplace", 1.0, 2.0, scale=0.0).epsilon == np.inf
    assert loss("gaussian", 1.0, 2.0, scale=0.0).mu == np.inf
    assert loss("laplace", 1.0, 1.0, scale=0.0).epsilon == 0.0
    assert loss("laplace", np.nan, 1.0).epsilon == np.inf
    assert loss("laplace", np.nan, np.nan).epsilon == 0.0


def test_truncated_laplace_has_its_largest_ratio_at_an_end():
    inside = loss("truncated_laplace", 1.0, 3.0, scale=2.0, bounds=(0.0, 4.0))
    assert inside.epsilon == pytest.approx(1.0)
    # From below both: the upper end has half of exp(-|v|), the lower one the rest.
    outside = loss("truncated_laplace", -2.0, -1.0, bounds=(0.0, 1.0))
    assert outside.backward == pytest.approx(np.log(np.exp(-2) / np.exp(-3)))
    lower = np.log((1 - np.exp(-2) / 2) / (1 - np.exp(-1) / 2))
    assert outside.epsilon == pytest.approx(lower)
    # Without an upper end, as if nothing were truncated.
    half_open = loss("truncated_laplace", 1.0, 3.0, bounds=(0.0, np.inf))
    assert half_open.epsilon == half_open.backward == pytest.approx(2.0)


def test_bounded_laplace_counts_what_is_outside_of_the_bounds():
    """Against the ratio of densities on a grid."""
    scale, grid = 2.0, np.linspace(0, 3, 30_001)
    densities = []
    for value in (0.5, 2.0):
        density = np.exp(-np.abs(grid - value) / scale)
        densities.append(np.log(density / np.trapezoid(density, grid)))
    ratios = densities[0] - densities[1]
    found = loss("bounded_laplace", 0.5, 2.0, scale=scale, bounds=(0.0, 3.0))
    assert found.epsilon == pytest.approx(ratios.max(), abs=1e-6)
    assert found.backward == pytest.approx(-ratios.min(), abs=1e-6)
    half_open = loss("bounded_laplace", 0.0, 50.0, scale=1.0, bounds=(0.0, np.inf))
    # Of a value at the end twice as much is inside.
    assert half_open.epsilon == pytest.approx(50 + np.log(2))
    assert half_open.backward == pytest.approx(50 - np.log(2))


def test_randomized_response_counts_codes_that_differ():
    found = loss("randomized_response", [0, 1, 2], [0, 2, 2], scale=1.5, bounds=(0, 2))
    assert (found.moved, found.epsilon) == (1.0, 1.5)
    assert found.chance == pytest.approx(np.exp(1.5) / (np.exp(1.5) + 2))


def test_choice_is_the_exponential_mechanism():
    found = loss(
        "choice", [[2.0, 0.0], [1.0, 1.0]], [[1.0, 1.0], [1.0, 1.0]], scale=2.0
    )
    chances = np.exp(1.0) / (1 + np.exp(1.0)), 0.5
    assert found.epsilon == pytest.approx(np.log(chances[0] / 0.5))
    assert found.backward == pytest.approx(-np.log((1 - chances[0]) / 0.5))
    assert found.moved == 1.0
    monotonic = loss("choice", [2.0, 0.0], [1.0, 1.0], is_monotonic=True)
    # One up and one down, where all should have moved one way.
    assert monotonic.moved == 2.0


def test_permute_and_flip_agrees_with_flipping():
    rng = np.random.RandomState(0)
    scores = np.array([0.0, -0.5, -1.2])
    counts = np.zeros(3)
    for _ in range(20_000):
        for one in rng.permutation(3):
            if rng.uniform() < np.exp(scores[one]):
                counts[one] += 1
                break
    chances = np.exp(permute_and_flip_chances(scores[None]))[0]
    assert chances.sum() == pytest.approx(1.0)
    # Four standard errors: a false alarm in 16,000 seeds, for each of the three.
    assert counts / 20_000 == pytest.approx(chances, abs=0.015)


def test_flipping_a_label_costs_a_monotonic_choice_twice():
    found = loss(
        "permute_and_flip", [20.0, 0.0], [19.0, 1.0], scale=1.0, is_monotonic=True
    )
    # Of the class that had none; the other one is as good as certain.
    assert found.backward == pytest.approx(2.0, abs=1e-6)
    assert found.epsilon < 0.01
    assert found.exceeds(1.0)


def test_bingham_has_the_spread_in_both_directions_together():
    found = loss("bingham", np.diag([1.0, 0.0]), np.diag([0.0, 1.0]), scale=4.0)
    assert (found.moved, found.spread) == (1.0, 0.5)
    assert total_epsilon([found]) == 0.25
    # However it is divided, it can't make up for less of the one direction.
    assert total_epsilon([found, ReleaseLoss(1.0, 2.0, 0.0)]) == 2.0


def test_losses_add_up_in_one_direction():
    opposed = [ReleaseLoss(1.0, 1.0, 0.2), ReleaseLoss(1.0, 0.2, 1.0)]
    assert total_epsilon(opposed) == pytest.approx(1.2)
    assert total_epsilon([*opposed, ReleaseLoss(1.0, 0.5)]) == pytest.approx(1.7)


def test_an_unknown_law_is_not_judged():
    assert np.isnan(loss("?", 1.0, 2.0).epsilon)
    texts = release_loss(*(Release("?", one, np.inf, np.nan) for one in ("a", "b")))
    assert np.isnan(texts.epsilon)
    assert np.isnan(total_epsilon([ReleaseLoss(1.0, np.nan), ReleaseLoss(1.0, 1.0)]))


def test_totals():
    assert total_epsilon([]) == 0.0
    pure = [ReleaseLoss(1.0, 2.0, chance=0.5), ReleaseLoss(1.0, 1.0, chance=0.5)]
    assert total_epsilon(pure) == 3.0
    # Both at their largest ratio in a quarter of all runs.
    assert total_epsilon(pure, 0.01) == pytest.approx(3 + np.log(1 - 0.01 / 0.25))
    # Too rare for that: the first one alone.
    assert total_epsilon(pure, 0.3) == pytest.approx(2 + np.log(1 - 0.3 / 0.5))
    assert total_epsilon([ReleaseLoss(1.0, mu=1.0)]) == np.inf
    assert total_epsilon([ReleaseLoss(1.0, mu=np.inf)], 0.1) == np.inf
    both = [ReleaseLoss(1.0, 0.1, chance=0.5), ReleaseLoss(1.0, mu=1.0)]
    assert total_epsilon(both, 1e-5) == pytest.approx(4.3767, abs=1e-3)


def test_epsilon_at_a_delta_is_below_that_of_a_laplace_release():
    """Exactly: 1 - exp((epsilon - loss) / 2) is the delta of a single one."""
    exact = 2.0 + 2 * np.log(1 - 0.01)
    found = total_epsilon([loss("laplace", 0.0, 2.0)], 0.01)
    assert found <= exact
    assert found == pytest.approx(exact, abs=0.02)


def test_sensitivities_are_compared_beyond_rounding():
    assert not ReleaseLoss(1.0 + 1e-8).exceeds(1.0)
    assert ReleaseLoss(1.001).exceeds(1.0)
    assert ReleaseLoss(np.inf).exceeds(1.0)
