import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from skprivacy.defenses import ProtectedOutput
from skprivacy.extraction import PathFindingAttack
from skprivacy.extraction._grid import Grid
from skprivacy.extraction._partition import Partition, best_cut
from skprivacy.extraction._space import QuerySpace
from skprivacy.extraction._thresholds import Thresholds
from skprivacy.targets import BlackBox

CANCER = load_breast_cancer(return_X_y=True)
DIABETES = load_diabetes(return_X_y=True)
IRIS = load_iris(return_X_y=True)


def uniform(X, n_points=20_000):
    return np.random.default_rng(1).uniform(
        X.min(axis=0), X.max(axis=0), (n_points, X.shape[1])
    )


def thresholds_of(model, X):
    """Those of the target, as it compares single-precision numbers."""
    tree = model.tree_
    found = [[] for _ in range(X.shape[1])]
    for j, t in zip(tree.feature, tree.threshold, strict=True):
        if j >= 0:
            found[j].append(t)
    return [np.unique(part) for part in found]


@pytest.mark.parametrize("asks_others", [False, True])
def test_every_leaf_and_threshold_of_a_regression_tree(asks_others):
    X, y = DIABETES
    model = DecisionTreeRegressor(max_depth=5, random_state=0).fit(X[::2], y[::2])
    copy = PathFindingAttack(BlackBox(model), random_state=0)
    bounds = np.column_stack([X.min(axis=0), X.max(axis=0)])
    copy.set_params(bounds=bounds).fit(X[1::2] if asks_others else X)
    assert copy.is_complete_
    assert copy.n_leaves_ == model.get_n_leaves()
    # What was measured before with plain code is 144 for each leaf.
    assert copy.n_queries_ / copy.n_leaves_ < 80
    for ours, theirs in zip(copy.thresholds_, thresholds_of(model, X), strict=True):
        # To one step of single precision, which is all that a tree tells apart.
        np.testing.assert_allclose(ours, theirs, rtol=2e-7)
    for points in (X, uniform(X)):
        np.testing.assert_array_equal(copy.predict(points), model.predict(points))


def test_points_just_beside_thresholds():
    X, y = IRIS
    model = DecisionTreeClassifier(max_depth=3, random_state=0).fit(X, y)
    copy = PathFindingAttack(BlackBox(model), random_state=0).fit(X)
    near = np.concatenate(
        [
            np.nextafter(np.float32(t), np.float32(side))
            for part in thresholds_of(model, X)
            for t in part
            for side in (-9, 9)
        ],
        axis=None,
    )
    points = np.tile(np.median(X, axis=0), (4 * len(near), 1))
    points[np.arange(len(points)), np.repeat(np.arange(4), len(near))] = np.tile(
        near, 4
    )
    points = np.clip(points, X.min(axis=0), X.max(axis=0))
    np.testing.assert_array_equal(
        copy.predict_proba(points), model.predict_proba(points)
    )


@pytest.mark.parametrize("response", ["proba", "label"])
def test_leaves_that_share_answers(response):
    X, y = CANCER
    model = DecisionTreeClassifier(random_state=0).fit(X[::2], y[::2])
    box = BlackBox(model, response=response)
    copy = PathFindingAttack(box, random_state=0).fit(X)
    assert copy.score(X) == 1
    assert copy.score(uniform(X)) > 0.999
    assert hasattr(copy, "predict_proba") == (response == "proba")
    assert copy.n_queries_ / model.get_n_leaves() < 400


def test_a_leaf_between_others_with_one_answer_is_found_by_the_checks():
    def function(X):
        return ((X[:, 0] > 0.4) & (X[:, 0] <= 0.7)) * 1.0

    # No record lies in it, and the answer at both ends is that of the records.
    X = np.column_stack([[0.0, 0.1, 0.9, 1.0], [0.0, 1.0, 0.0, 1.0]])
    trusting = PathFindingAttack(BlackBox(function), n_check=0).fit(X)
    assert trusting.n_leaves_ == 1
    careful = PathFindingAttack(BlackBox(function), random_state=0).fit(X)
    assert careful.n_leaves_ == 3
    np.testing.assert_allclose(careful.thresholds_[0], [0.4, 0.7], rtol=1e-6)


def test_tables_with_whole_numbers_and_constants():
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "age": rng.integers(20, 60, 300),
            "same": 1.0,
            "size": rng.normal(size=300),
            "old": rng.integers(2, size=300).astype(bool),
        }
    )
    y = table["age"] * np.where(table["old"], 1, -1) + 9 * table["size"]
    model = DecisionTreeRegressor(max_leaf_nodes=8, random_state=0).fit(table, y)
    copy = PathFindingAttack(BlackBox(model), random_state=0).fit(table)
    assert copy.n_leaves_ == 8
    np.testing.assert_array_equal(copy.predict(table), model.predict(table))
    for t in copy.thresholds_[0]:
        assert t % 1 == 0.5


def test_constant_target_is_one_leaf():
    X, y = IRIS
    copy = PathFindingAttack(BlackBox(DummyClassifier().fit(X, y))).fit(X)
    assert copy.n_leaves_ == 1
    assert copy.score(X) == 1


@pytest.mark.parametrize("limit", ["max_queries", "budget"])
def test_when_queries_run_out_the_rest_is_guessed(limit):
    X, y = DIABETES
    model = DecisionTreeRegressor(max_leaf_nodes=60, random_state=0).fit(X, y)
    box = BlackBox(model, budget=1000 if limit == "budget" else None)
    attack = PathFindingAttack(box, random_state=0)
    if limit == "max_queries":
        attack.set_params(max_queries=1000)
    with pytest.warns(UserWarning, match="the copy knows .* leaves, in which"):
        copy = attack.fit(X[::2])
    assert not copy.is_complete_
    assert 900 < copy.n_queries_ <= 1000
    print(copy.score(X[1::2]), copy.score(X))
    assert copy.score(X) > 0.1
    known = copy._partition.holding(copy._grid.positions(X)).any(axis=1)
    np.testing.assert_array_equal(copy.predict(X[known]), model.predict(X[known]))


def test_forest_with_a_limit():
    X, y = IRIS
    model = RandomForestClassifier(3, random_state=0).fit(X, y)
    attack = PathFindingAttack(BlackBox(model), max_queries=700, random_state=0)
    with pytest.warns(UserWarning, match="queries ran out"):
        assert attack.fit(X).score(X) > 0.9


def test_a_copy_that_settled_no_leaf_guesses_everywhere():
    # Noise that is keyed on the record makes each answer a leaf of its own.
    X, y = load_breast_cancer(return_X_y=True)
    tree = DecisionTreeClassifier(max_depth=2, random_state=0)
    noisy = ProtectedOutput(tree, "noise", random_state=0).fit(X, y)
    attack = PathFindingAttack(BlackBox(noisy), max_queries=200, random_state=0)
    with pytest.warns(UserWarning, match="queries ran out"):
        copy = attack.fit(X)
    assert copy.n_leaves_ == 0 and not copy.is_complete_
    assert set(copy.predict(X)) <= {0, 1}


def test_smooth_target_is_refused():
    X, y = DIABETES
    with pytest.raises(ValueError, match="change from one number to the next"):
        PathFindingAttack(BlackBox(LinearRegression().fit(X, y))).fit(X)


def test_target_that_is_not_deterministic():
    rng = np.random.default_rng(0)

    def target(X):
        return rng.normal(size=len(X))

    with pytest.raises(ValueError, match="the same question differently"):
        PathFindingAttack(BlackBox(target)).fit(IRIS[0])
    # With few queries nothing is asked twice on purpose.
    with pytest.raises(ValueError, match="the same question in two ways"):
        PathFindingAttack(BlackBox(target, budget=150)).fit(IRIS[0])


def test_budget_that_is_too_small():
    box = BlackBox(lambda X: X[:, 0], budget=9)
    with pytest.raises(ValueError, match="a first leaf needs 10 queries"):
        PathFindingAttack(box).fit(IRIS[0])


def test_positions_count_single_precision_numbers():
    X = np.array([[-1.0, 3.0], [1.0, 9.0]])
    grid = Grid(QuerySpace(X))
    # Zero is in the middle, and its two signs are one number.
    np.testing.assert_array_equal(grid.positions(np.array([[0.0, 5.0]]))[0, 0], 0)
    np.testing.assert_array_equal(grid.positions(np.array([[-0.0, 5.0]]))[0, 0], 0)
    assert grid.lower[0] == -grid.upper[0]
    rng = np.random.default_rng(0)
    values = rng.uniform([-1, 3], [1, 9], (100, 2)).astype(np.float32).astype(float)
    positions = grid.positions(values)
    np.testing.assert_array_equal(grid.values(positions), values)
    above = np.nextafter(values.astype(np.float32), np.float32(99))
    np.testing.assert_array_equal(grid.values(positions + 1), above)


def test_bounds_are_kept_in_single_precision():
    # The nearest single-precision number to .1 lies above it, that to -.1 below.
    space = QuerySpace(np.array([[-0.1], [0.1]]))
    grid = Grid(space)
    assert grid.values(grid.upper)[0] <= 0.1
    assert grid.values(grid.lower)[0] >= -0.1


def test_likely_thresholds_are_those_of_a_tree():
    X, y = IRIS
    grid = Grid(QuerySpace(X))
    likely = grid.thresholds_between(grid.positions(X))
    model = DecisionTreeClassifier(random_state=0).fit(X, y)
    positions = [
        (j, grid.positions(np.full((1, 4), t))[0, j] - (np.float32(t) > t))
        for j, part in enumerate(thresholds_of(model, X))
        for t in part
    ]
    assert sum(p in likely[j] for j, p in positions) >= len(positions) - 1


def test_known_thresholds_need_two_queries():
    grid = Grid(QuerySpace(np.array([[0.0], [1.0]])))
    last = int(grid.positions(np.array([[0.3]]))[0, 0])
    asked = []

    def is_same(ways, positions):
        asked.extend(positions)
        return positions <= last

    thresholds = Thresholds(grid, [np.empty(0, dtype=int)])
    ends = np.array([0]), grid.lower, grid.upper
    assert thresholds.search(is_same, *ends).tolist() == [last]
    n_first = len(asked)
    assert 20 < n_first < 45
    assert thresholds.search(is_same, *ends).tolist() == [last]
    assert len(asked) == n_first + 2


def test_cut_along_a_face_that_cuts_no_box():
    low, high = np.array([0, 0]), np.array([9, 9])
    lows = np.array([[0, 0], [5, 0], [0, 4], [5, 7]])
    highs = np.array([[4, 3], [9, 6], [4, 9], [9, 9]])
    assert best_cut(low, high, lows, highs) == (0, 4)


def test_partition_of_a_square():
    part = Partition(np.array([0, 0]), np.array([9, 9]))
    assert [end.tolist() for end in part.settle()] == [[0, 0], [9, 9]]
    part.add(np.array([0, 0]), np.array([9, 4]), 7, np.array([1, 1]))
    assert [end.tolist() for end in part.settle()] == [[0, 5], [9, 9]]
    part.add(np.array([0, 5]), np.array([9, 9]), 8, np.array([1, 9]))
    assert part.settle() is None
    assert part.find(np.array([[3, 4], [3, 5]])).tolist() == [0, 1]
    # The second box loses what lies beyond 5, as its seed is at 1.
    part.cut(1, 0, 5)
    assert [end.tolist() for end in part.settle()] == [[6, 5], [9, 9]]
    part.add(np.array([6, 5]), np.array([9, 9]), 9, np.array([8, 8]))
    assert part.settle() is None
    assert part.find(np.array([[5, 5], [6, 5]])).tolist() == [1, 2]
    assert part.rebuilt().n_cells == 3
