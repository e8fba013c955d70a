import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.utils.estimator_checks import parametrize_with_checks

from skprivacy.extraction._refitted_boosting import RefittedBoosting, leaf_columns


def test_columns_by_hand():
    # Two trees of three and five nodes; leaves 1 and 2, 3 and 4.
    columns = leaf_columns(np.array([[1, 3], [2, 4], [2, 3]]), np.array([3, 5]))
    assert columns.shape == (3, 8)
    rows, at = columns.nonzero()
    np.testing.assert_array_equal(at, [1, 6, 2, 7, 2, 6])
    np.testing.assert_array_equal(rows, [0, 0, 1, 1, 2, 2])


@parametrize_with_checks([RefittedBoosting(n_estimators=5)])
def test_scikit_learn(estimator, check):
    check(estimator)


def test_values_that_are_solved_for_together_copy_a_sum_of_trees_better():
    rng = np.random.default_rng(0)
    X = rng.integers(0, 6, size=(3000, 4)).astype(float)
    target = GradientBoostingRegressor(n_estimators=30, max_depth=2, random_state=0)
    target.fit(X, np.sin(X[:, 0]) * X[:, 1] + X[:, 2] * (X[:, 3] > 2))
    answers = target.predict(X)
    plain = GradientBoostingRegressor(
        n_estimators=100, max_depth=4, subsample=0.5, max_features=0.3, random_state=0
    )
    ours = RefittedBoosting(100, random_state=0)
    errors = [
        np.mean(
            (model.fit(X[:500], answers[:500]).predict(X[500:]) - answers[500:]) ** 2
        )
        for model in (plain, ours)
    ]
    assert errors[1] < 0.5 * errors[0]


def test_penalty_pulls_to_the_mean():
    X = np.arange(20.0)[:, None]
    y = (X[:, 0] > 10) * 1.0
    far = RefittedBoosting(10, alpha=1e9, random_state=0).fit(X, y).predict(X)
    np.testing.assert_allclose(far, y.mean(), atol=1e-4)


def test_bad_parameters():
    with pytest.raises(ValueError, match="'alpha' parameter of RefittedBoosting"):
        RefittedBoosting(alpha=0).fit(np.ones((4, 1)), np.ones(4))
