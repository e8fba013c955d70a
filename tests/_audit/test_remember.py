"""Each record is asked once."""

import numpy as np
import pytest

from skprivacy._audit import _remember
from skprivacy._audit._remember import RememberingBox
from skprivacy.targets import BlackBox, QueryBudgetExceeded


def test_only_what_is_new_is_asked():
    asked = []

    def model(X):
        asked.append(X[:, 0].tolist())
        return X[:, 0] * 10

    box = RememberingBox(BlackBox(model))
    first = box.query(np.array([[1.0], [2.0], [1.0]]))
    second = box.query(np.array([[3.0], [2.0]]))
    np.testing.assert_array_equal(first[:, 0], [10, 20, 10])
    np.testing.assert_array_equal(second[:, 0], [30, 20])
    assert asked == [[1.0, 2.0], [3.0]]
    assert box.n_queries_ == 3


def test_each_attack_is_counted_for_itself():
    box = RememberingBox(BlackBox(lambda X: X[:, 0]))
    box.query(np.array([[1.0], [2.0]]))
    box.count_from_here()
    box.query(np.array([[2.0], [2.0]]))
    assert box.n_wanted == 1


def test_a_budget_holds():
    box = RememberingBox(BlackBox(lambda X: X[:, 0], budget=2))
    box.query(np.array([[1.0], [2.0]]))
    box.query(np.array([[1.0], [2.0]]))
    with pytest.raises(QueryBudgetExceeded):
        box.query(np.array([[3.0]]))


@pytest.mark.parametrize("seed, longest", [(0, 2**20), (1, 2**20), (2, 16)])
def test_answers_and_counts_are_those_of_a_dict(seed, longest, monkeypatch):
    monkeypatch.setattr(_remember, "_LONGEST", longest)
    rng = np.random.default_rng(seed)
    box = RememberingBox(BlackBox(lambda X: X[:, 0] * 10))
    known, wanted = set(), set()
    for step in range(30):
        if step % 7 == 0:
            box.count_from_here()
            wanted.clear()
        values = rng.integers(200, size=rng.integers(1, 40)).astype(float)
        known.update(values)
        wanted.update(values)
        np.testing.assert_array_equal(box.query(values[:, None])[:, 0], values * 10)
        assert (box.n_queries_, box.n_wanted) == (len(known), len(wanted))
