import numpy as np
import pytest

from skprivacy.federated.attacks._adam import adam, descend
from skprivacy.federated.attacks._cells import Cells, pool, weighted_median

GROUP = np.array([1, 2])
X = np.array([[0.0, 1, 0], [2.0, 1, 0], [4.0, 0, 1], [6.0, 1, 0]])
CELLS = Cells([GROUP], X)
SPREAD = np.sqrt(5)


def test_rows_of_variables_by_hand():
    rows = CELLS.decode(np.array([[1.0, 0.0, np.log(3)]]))
    np.testing.assert_allclose(rows, [[3 + SPREAD, 0.25, 0.75]])
    np.testing.assert_allclose(
        CELLS.encode(np.array([[3 + SPREAD, 0.0, 1.0]]), sure=5), [[1.0, 0.0, 5.0]]
    )
    # Beyond what others have.
    assert CELLS.encode(np.array([[99.0, 0.0, 1.0]]))[0, 0] == CELLS.high[0]


@pytest.mark.parametrize("what", ["rows", "surprise"])
def test_derivatives_by_variables(what):
    def value(variables):
        rows = CELLS.decode(variables)
        if what == "surprise":
            return CELLS.surprise(rows)
        slopes = np.array([[0.5, -1.0, 2.0]])
        return (rows * slopes).sum(), slopes

    point = np.array([[0.3, 0.2, -0.4]])
    found = CELLS.pull_back(CELLS.decode(point), value(point)[1])
    for spot in range(3):
        step = 1e-6 * np.eye(3)[[spot]]
        slope = (value(point + step)[0] - value(point - step)[0]) / 2e-6
        assert found[0, spot] == pytest.approx(slope, abs=1e-7)


def test_surprise_by_hand():
    shares = (3 + 0.5) / 5, (1 + 0.5) / 5
    value, _ = CELLS.surprise(np.array([[3 + SPREAD, 1.0, 0.0], [3.0, 0.0, 1.0]]))
    assert value == pytest.approx((0.5 - np.log(shares[0]) - np.log(shares[1])) / 2)


def test_the_likeliest_row():
    values = np.r_[np.linspace(0, 1, 5), np.full(10, 7.0), 9.0]
    table = np.column_stack([values, np.eye(2)[[1] * 10 + [0] * 6]])
    row = Cells([GROUP], table).likeliest_row(tolerance=0.1)
    # Any value near enough to the ten is as good.
    assert abs(row[0] - 7) <= 0.1 * values.std() and row[1:].tolist() == [0.0, 1.0]


def test_drawn_rows_keep_categories_whole():
    rows = CELLS.drawn_rows(50, np.random.RandomState(0))
    assert set(rows[:, 0]) == {0.0, 2.0, 4.0, 6.0}
    assert (rows[:, 1:].sum(axis=1) == 1).all() and len(np.unique(rows, axis=0)) > 4


def test_equal_cells_and_matched_rows():
    guess = np.array([[4.1, 0.4, 0.6], [0.0, 0.9, 0.1]])
    truth = np.array([[0.0, 1, 0], [4.0, 0, 1]])
    assert CELLS.match(guess, truth, tolerance=0.1).tolist() == [1, 0]
    equal = CELLS.equal(guess[[1, 0]], truth, tolerance=0.1)
    assert equal.tolist() == [[True, True], [True, True]]
    # Categories first: 0.1 of a number is more than 0.01 deviations.
    equal = CELLS.equal(guess[[1, 0]], truth, tolerance=0.01)
    assert equal.tolist() == [[True, True], [True, False]]


def test_rows_that_can_be_records():
    rows = [[1.0, 0, 1], [1.0, 1, 1], [1.0, 0.5, 0.5], [99.0, 0, 1], [np.nan, 0, 1]]
    assert CELLS.valid(np.array(rows)).tolist() == [True] + [False] * 4


def test_medians_by_weight():
    values = np.array([[3.0, 1.0], [1.0, 2.0], [2.0, 3.0]])
    assert weighted_median(values, np.array([0.2, 0.2, 0.6])).tolist() == [2.0, 3.0]
    assert weighted_median(values, np.full(3, 1 / 3)).tolist() == [2.0, 2.0]


def test_batches_are_pooled_in_one_order():
    first = np.array([[0.0, 0.9, 0.1], [6.0, 0.2, 0.8]])
    second = np.array([[6.4, 0.4, 0.6], [0.2, 0.7, 0.3]])
    chances = np.array([[0.9, 0.1], [0.2, 0.8]])
    rows, labels, ordered = pool(
        CELLS, [(second, chances[::-1]), (first, chances)], np.array([2.0, 1.0]), 0.3
    )
    np.testing.assert_allclose(ordered, [first, second[::-1]])
    # The better one has two thirds of the weight.
    np.testing.assert_allclose(rows, [[0.0, 1, 0], [6.0, 0, 1]])
    assert labels.tolist() == [0, 1]


def test_descent_over_a_kink_and_to_the_last_digits():
    def objective(x):
        kink, bowl = np.abs(x[0] - 1), (x[1] - 2) ** 2
        return kink + bowl, np.array([np.sign(x[0] - 1), 2 * (x[1] - 2)])

    bounds = np.full(2, -5.0), np.array([5.0, 1.5])
    point, value = adam(objective, np.zeros(2), bounds, 300)
    np.testing.assert_allclose(point, [1.0, 1.5], atol=0.01)
    better, least = descend(objective, np.zeros(2), bounds, 300)
    assert least <= value and better[1] == 1.5
