"""The default learners."""

import numpy as np
from sklearn.ensemble import StackingClassifier, StackingRegressor

from skprivacy.property._blocks import (
    block_classifier,
    block_regressor,
    pool_folds,
    turns_of,
)


def test_turns():
    np.testing.assert_array_equal(
        turns_of(np.array([0, 1, 2, 0, 1, 2])), [0] * 3 + [1] * 3
    )
    np.testing.assert_array_equal(turns_of(np.array([0, 0, 1, 1])), [0, 1, 0, 1])
    np.testing.assert_array_equal(
        turns_of(np.array([0.1, 0.4, 0.2, 0.7])), [0, 0, 1, 1]
    )


def test_folds_are_the_pools():
    worlds = np.tile([0, 1], 6)
    (train, test), (other_train, other_test) = pool_folds(worlds)
    np.testing.assert_array_equal(test, [2, 3, 6, 7, 10, 11])
    np.testing.assert_array_equal(train, other_test)
    np.testing.assert_array_equal(test, other_train)


def test_no_folds_where_one_would_lack_a_world():
    assert pool_folds(np.array([0, 1])) == []
    assert pool_folds(np.array([0, 0, 0, 1])) == []


def blocks_of(rng, worlds, n_noise=200):
    noise = rng.normal(size=(len(worlds), n_noise))
    signal = worlds + rng.normal(scale=0.3, size=len(worlds))
    numbers = np.column_stack([noise, signal])
    return numbers, {"noise": slice(0, n_noise), "signal": slice(n_noise, n_noise + 1)}


def test_a_small_block_is_heard_beside_a_large_one():
    rng = np.random.RandomState(0)
    worlds = np.tile([0, 1], 30)
    numbers, blocks = blocks_of(rng, worlds)
    classifier = block_classifier(blocks, worlds)
    assert isinstance(classifier, StackingClassifier)
    fresh = np.tile([0, 1], 100)
    score = classifier.fit(numbers, worlds).score(blocks_of(rng, fresh)[0], fresh)
    # 95% of them are told apart by the signal alone; below 0.85 is 4.5 sigma.
    assert score > 0.85


def test_the_regressor_hears_it_too():
    rng = np.random.RandomState(0)
    ratios = rng.uniform(size=60)
    numbers, blocks = blocks_of(rng, 10 * ratios)
    regressor = block_regressor(blocks, ratios)
    assert isinstance(regressor, StackingRegressor)
    fresh = rng.uniform(size=200)
    score = regressor.fit(numbers, ratios).score(blocks_of(rng, 10 * fresh)[0], fresh)
    assert score > 0.8
