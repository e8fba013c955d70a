import numpy as np

from skprivacy.extraction._line_search import LineSearch

GRID = np.linspace(0, 1, 101)


def search(function, records, features, limit, seed=0):
    asked = []

    def ask(X):
        asked.append(X)
        return function(X)

    n_columns = function(records).shape[1]
    found = LineSearch(ask, records, n_columns, np.random.RandomState(seed))
    found.scan(features, limit)
    n_asked = sum(map(len, asked))
    assert n_asked == len(found.points) == len(found.answers) <= limit
    return found


def test_steps_are_found_between_the_values_of_records():
    found = search(
        lambda X: np.column_stack([X[:, 0] > 0.403, X[:, 0] > 0.851]) * 1.0,
        GRID[:, None],
        [0],
        200,
    )
    np.testing.assert_allclose(found.thresholds[0], [0.405, 0.855])


def test_a_step_of_one_branch_is_seen_on_a_line_through_it():
    # The second feature counts only where the first is above the middle.
    rng = np.random.default_rng(0)
    records = np.column_stack([rng.permutation(GRID), rng.permutation(GRID)])

    def function(X):
        return ((X[:, 0] > 0.5) & (X[:, 1] > 0.305))[:, None] * 1.0

    found = search(function, records, [1, 0], 500)
    np.testing.assert_allclose(found.thresholds[1], [0.305])


def test_few_values_take_few_queries():
    records = np.repeat([[0.0], [1.0], [2.0]], 50, axis=0)
    found = search(lambda X: X * 1.0, records, [0], 500)
    np.testing.assert_array_equal(found.thresholds[0], [0.5, 1.5])
    # Four lines of all three values.
    assert len(found.points) == 12


def test_the_limit_holds_and_the_largest_step_comes_first():
    def function(X):
        return ((X > 0.203) * 1.0) + ((X > 0.703) * 10.0)

    # 16 places to begin with; three more halve the gap around the larger step.
    found = search(function, GRID[:, None], [0], 19)
    assert len(found.points) == 19
    assert len(found.thresholds[0]) <= 1
    assert search(function, GRID[:, None], [0], 1).points.shape == (0, 1)


def test_a_feature_without_two_values_is_passed_over():
    found = search(lambda X: X[:, :1], np.ones((5, 2)), [0, 1], 50)
    assert len(found.points) == 0
