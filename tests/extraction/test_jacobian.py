import numpy as np
import pandas as pd
from sklearn.linear_model import LinearRegression

from skprivacy.extraction import SurrogateAttack
from skprivacy.extraction._jacobian import jacobian_step
from skprivacy.extraction._table_space import TableSpace
from skprivacy.targets import BlackBox

TABLE = pd.DataFrame(
    {
        "x": [0.0, 5.0, 10.0],
        "n": [0, 5, 10],
        "kind": ["a", "b", "c"],
        "other": ["u", "v", "v"],
    }
)
SPACE = TableSpace(TABLE)
SPREAD = np.array([4.0, 4.0, np.nan, np.nan])


def tell(codes, rows):
    """Up with x, down with n, most of all for kind c, a little for v."""
    worth = np.array([0.0, -1.0, 9.0])[codes[:, 2].astype(int)]
    return codes[:, 0] - codes[:, 1] + worth + codes[:, 3]


def test_one_step_by_hand():
    start = np.array([[5.0, 5.0, 0.0, 0.0]])
    up = jacobian_step(tell, start, SPACE, SPREAD, 0.5)
    assert up.tolist() == [[7, 3, 2, 0]]
    down = jacobian_step(tell, start, SPACE, SPREAD, -0.5)
    # Away from it, kind b is the one that lowers the answer.
    assert down.tolist() == [[3, 7, 1, 0]]


def test_points_stay_within_the_space():
    start = np.array([[9.5, 0.5, 2.0, 1.0]])
    moved = jacobian_step(tell, start, SPACE, SPREAD, 0.5)
    # At the ends, and at the best values, there is nothing to gain.
    assert moved.tolist() == [[10, 0, 2, 1]]


def test_an_answer_that_is_level_moves_nothing():
    start = SPACE.records
    moved = jacobian_step(
        lambda codes, rows: np.ones(len(codes)), start, SPACE, SPREAD, 1
    )
    np.testing.assert_array_equal(moved, start)


def test_each_record_has_an_answer_of_its_own():
    sign = np.array([1.0, -1.0])

    def own(codes, rows):
        return sign[rows] * codes[:, 0]

    start = np.array([[5.0, 5.0, 0.0, 0.0]] * 2)
    moved = jacobian_step(own, start, SPACE, SPREAD, 0.5)
    assert moved[:, 0].tolist() == [7, 3]


def test_missing_numbers_stay_missing():
    space = TableSpace(np.array([[1.0, np.nan], [2.0, 3.0], [4.0, 5.0]]))
    moved = jacobian_step(
        lambda codes, rows: codes[:, 0], space.records, space, np.ones(2), 0.5
    )
    np.testing.assert_array_equal(moved, [[1.5, np.nan], [2.5, 3], [4, 5]])


def test_queries_are_records_moved_by_half_a_spread():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 2))
    asked = []

    def function(queries):
        asked.append(queries)
        return queries @ [1.0, -2.0]

    attack = SurrogateAttack(
        BlackBox(function),
        estimator=LinearRegression(),
        strategy="jacobian",
        budget=40,
        batch_size=10,
        random_state=0,
    )
    attack.fit(X)
    first, crafted = np.vstack(asked)[:10], np.vstack(asked)[10:20]
    spread = X.std(axis=0)
    ways = (crafted[:, None] - first[None]) / spread
    # Each is one of the records before, moved by half a spread, or not, in each column.
    size = np.abs(ways)
    steps = np.isclose(size, 0.5) | np.isclose(size, 0)
    ends = np.isclose(crafted, X.min(axis=0)) | np.isclose(crafted, X.max(axis=0))
    assert (steps | ends[:, None]).all(axis=2).any(axis=1).all()
    assert len(np.unique(np.vstack(asked), axis=0)) == 40
