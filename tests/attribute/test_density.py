"""The density of a number by the leaves of a forest."""

import numpy as np
import pytest
from sklearn.ensemble import RandomForestRegressor

from skprivacy.attribute._density import MARGINAL, ForestDensity
from skprivacy.attribute._learned import draw_steps


@pytest.fixture(scope="module")
def records():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 3))
    steps = np.digitize(X[:, 0] + 0.3 * rng.normal(size=400), [-1, 0, 1])
    return X, steps


@pytest.fixture(scope="module")
def density(records):
    return ForestDensity(np.array([0.0, 1.0, 2.0, 9.0]), random_state=0).fit(*records)


def test_chances_sum_to_1_and_none_is_0(density, records):
    for chances in (density.predict_proba(records[0]), density.oob_decision_function_):
        np.testing.assert_allclose(chances.sum(axis=1), 1)
        assert chances.min() > 0


def test_the_mean_of_the_density_is_what_the_forest_predicts_out_of_bag(records):
    X, steps = records
    grid = np.array([0.0, 1.0, 2.0, 9.0])
    density = ForestDensity(grid, leaf_sizes=(5,), random_state=0).fit(X, steps)
    forest = RandomForestRegressor(
        200, min_samples_leaf=5, max_features=0.5, oob_score=True, random_state=0
    ).fit(X, grid[steps])
    expected = (1 - MARGINAL) * forest.oob_prediction_ + MARGINAL * grid[steps].mean()
    np.testing.assert_allclose(density.oob_decision_function_ @ grid, expected)
    expected = (1 - MARGINAL) * forest.predict(X) + MARGINAL * grid[steps].mean()
    np.testing.assert_allclose(density.predict_proba(X) @ grid, expected)


def test_strangers_are_told_as_well_as_records_out_of_bag(density):
    rng = np.random.default_rng(1)
    X = rng.normal(size=(400, 3))
    steps = np.digitize(X[:, 0] + 0.3 * rng.normal(size=400), [-1, 0, 1])
    assert np.mean(density.predict(X) == steps) > 0.6


def test_a_record_that_every_tree_drew_has_the_marginal():
    X, steps = np.arange(12.0)[:, None], np.arange(12) % 2
    density = ForestDensity(np.array([0.0, 1.0]), n_estimators=1, random_state=0)
    density.fit(X, steps)
    drawn = np.unique(density.forest_.estimators_samples_[0])
    np.testing.assert_allclose(density.oob_decision_function_[drawn], 0.5)


@pytest.mark.parametrize(("noise", "size"), [(0, 5), (50, 40)])
def test_leaves_are_as_large_as_suits_the_records(noise, size):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 3))
    steps = np.digitize(X[:, 0] + noise * rng.normal(size=400), [-50, -1, 0, 1, 50])
    density = ForestDensity(np.arange(6.0), leaf_sizes=(5, 40), random_state=0)
    assert density.fit(X, steps).min_samples_leaf_ == size


def test_a_step_that_nobody_has_is_unlikely(records):
    X, steps = records
    density = ForestDensity(np.arange(6.0), random_state=0).fit(X, steps)
    assert density.predict_proba(X)[:, 4:].max() == 0


def test_holes_are_no_obstacle(records):
    X, steps = records
    holes = np.where(np.arange(400)[:, None] % 3 == 0, np.nan, X)
    density = ForestDensity(np.arange(4.0), random_state=0).fit(holes, steps)
    assert np.isfinite(density.predict_proba(holes)).all()
    whole = ForestDensity(np.arange(4.0), random_state=0).fit(X, steps)
    assert np.isfinite(whole.predict_proba(holes)).all()


def test_steps_are_drawn_as_likely_as_they_are():
    chances = np.array([[0.2, 0.0, 0.8]] * 5000)
    drawn = draw_steps(np.log(chances + 1e-12), 4, np.random.RandomState(0))
    assert drawn.shape == (5000, 4)
    share = np.bincount(drawn.ravel(), minlength=3) / drawn.size
    # Five standard errors of a share of 20,000: a false alarm in a million.
    np.testing.assert_allclose(share, chances[0], atol=5 * np.sqrt(0.16 / 20_000))
