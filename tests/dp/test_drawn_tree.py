from itertools import product

import numpy as np
import pytest

from skprivacy.dp._drawn_tree import draw_labeled_tree, leaf_counts, log_weights
from skprivacy.dp._noise import NoiseSource
from skprivacy.dp._random_trees import apply_trees, draw_trees, leaf_sums

EDGES = [np.array([0.25, 0.5, 0.75])] * 2
EPSILON = 0.7


def chances(leaves, codes, n_classes, n_leaves):
    """Chance of each tree with each labels, by the definition: all are written out."""
    labels = np.array(list(product(range(n_classes), repeat=n_leaves)))
    right = (labels[:, leaves] == codes[:, None]).sum(axis=1)
    weights = np.exp(EPSILON / 2 * right)
    return labels, weights / weights.sum()


def test_weights_are_sums_over_all_labels():
    rng = np.random.RandomState(0)
    leaves, codes = rng.randint(4, size=(9, 5)), rng.randint(3, size=9)
    counts = leaf_counts(leaves, codes, 4, 3)
    labels = np.array(list(product(range(3), repeat=4)))
    right = (labels[:, leaves] == codes[:, None]).sum(axis=1)
    found = np.exp(log_weights(counts, EPSILON))
    np.testing.assert_allclose(found, np.exp(EPSILON / 2 * right).sum(axis=0))


def test_counts_are_those_of_the_leaves():
    rng = np.random.RandomState(0)
    leaves, codes = rng.randint(4, size=(50, 7)), rng.randint(3, size=50)
    wanted = leaf_sums(leaves, np.eye(3)[codes], 4)
    np.testing.assert_array_equal(leaf_counts(leaves, codes, 4, 3), wanted)


def test_no_neighbor_is_told_apart_by_more_than_epsilon():
    rng = np.random.RandomState(0)
    trees = draw_trees(EDGES, 6, 2, NoiseSource())
    losses = []
    for _ in range(200):
        X, codes = rng.uniform(size=(8, 2)), rng.randint(2, size=8)
        one = chances(apply_trees(X, *trees), codes, 2, 4)[1]
        X[0], codes[0] = rng.uniform(size=2), rng.randint(2)
        other = chances(apply_trees(X, *trees), codes, 2, 4)[1]
        losses.append(np.abs(np.log(one / other)).max())
    assert max(losses) <= EPSILON
    # Half of it is the ratio of weights, and the sum of weights has the rest.
    assert max(losses) > EPSILON / 2


def test_trees_with_labels_are_drawn_by_their_chance(monkeypatch):
    rng = np.random.RandomState(0)
    X, codes = rng.uniform(size=(12, 2)), rng.randint(2, size=12)
    trees = draw_trees(EDGES, 3, 1, NoiseSource())
    trees = trees[0], trees[1] + 1e-9 * np.arange(3)[:, None]
    labels, wanted = chances(apply_trees(X, *trees), codes, 2, 2)

    def same(edges, n_trees, depth, noise):
        return trees

    monkeypatch.setattr("skprivacy.dp._drawn_tree.draw_trees", same)
    found, noise, n = np.zeros_like(wanted), NoiseSource(), 1000
    for _ in range(n):
        drawn = draw_labeled_tree(X, codes, 2, EDGES, 3, 1, EPSILON, noise)
        tree = np.flatnonzero(trees[1][:, 0] == drawn[1][0, 0])
        found[(labels == drawn[2]).all(axis=1), tree] += 1
    # Chi-squared with 11 degrees of freedom: above 45 five times in a million.
    assert np.sum((found - n * wanted) ** 2 / (n * wanted)) < 45


@pytest.mark.parametrize("n_trees", [1, 50, 51, 120])
def test_every_tree_is_looked_at(n_trees, monkeypatch):
    asked = []

    def record(edges, n, depth, noise):
        asked.append(n)
        return draw_trees(edges, n, depth, noise)

    monkeypatch.setattr("skprivacy.dp._drawn_tree.draw_trees", record)
    X, codes = np.random.RandomState(0).uniform(size=(9, 2)), np.arange(9) % 2
    drawn = draw_labeled_tree(X, codes, 2, EDGES, n_trees, 2, 1.0, NoiseSource())
    assert sum(asked) == n_trees
    assert [one.shape for one in drawn] == [(1, 3), (1, 3), (4,)]


def test_gumbel_noise_has_its_law():
    drawn = NoiseSource().gumbel(40_000)
    # Deviations of mean and of shares: .0064 and .0025 at most.
    assert np.mean(drawn) == pytest.approx(np.euler_gamma, abs=0.032)
    for place in (-1.0, 0.0, 2.0):
        share = np.exp(-np.exp(-place))
        assert np.mean(drawn <= place) == pytest.approx(share, abs=0.0125)
