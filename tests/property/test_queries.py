"""What models answer to chosen records, as numbers."""

import numpy as np
import pandas as pd
import pytest

from skprivacy.property import flip_column
from skprivacy.property._queries import answer_numbers, answer_summary, unrest


def test_two_classes_become_log_odds():
    numbers = answer_numbers(np.array([[0.5, 0.5], [0.2, 0.8], [1.0, 0.0]]), "proba")
    assert numbers.shape == (3, 1)
    np.testing.assert_allclose(numbers[:2, 0], [0.0, np.log(4)])
    assert np.isfinite(numbers).all()


def test_more_classes_are_centered_logarithms():
    numbers = answer_numbers(np.array([[0.5, 0.25, 0.25]]), "proba")
    logs = np.log([0.5, 0.25, 0.25])
    np.testing.assert_allclose(numbers, [(logs - logs.mean())[:2]])


def test_other_answers_stay():
    answers = np.array([[1.0, 0.0], [0.0, 1.0]])
    np.testing.assert_array_equal(answer_numbers(answers, "label"), [[0.0], [1.0]])
    np.testing.assert_array_equal(answer_numbers(answers, "decision"), [[0.0], [1.0]])
    values = np.array([[3.0], [4.0]])
    np.testing.assert_array_equal(answer_numbers(values, "value"), values)


def test_summary_of_each_kind():
    numbers = np.array([[[1.0], [3.0], [10.0], [10.0]]])
    summary = answer_summary(numbers, np.array([0, 0, 1, 1]))
    first = [2.0, 1.0, 1.2, 1.5, 2.0, 2.5, 2.8]
    np.testing.assert_allclose(summary, [[*first, 10.0, 0.0, *[10.0] * 5]])


def test_unrest_by_hand():
    # Kind 0: squares 1 and 9 in units of the spread; kind 1: square 4.
    distance = np.array([[[2.0], [6.0], [2.0]]])
    spread = np.array([[2.0], [2.0], [1.0]])
    found = unrest(distance, spread, np.array([0, 0, 1]))
    np.testing.assert_allclose(found, [[np.log(5.0 / 4.0)]])


def test_what_scatters_all_answers_alike_is_no_unrest():
    distance = np.random.RandomState(0).normal(scale=0.5, size=(3, 8, 1))
    spread, strata = np.ones((8, 1)), np.repeat([0, 1], 4)
    np.testing.assert_allclose(
        unrest(1.5 * distance, spread, strata), unrest(distance, spread, strata)
    )


def test_unrest_does_not_end_in_infinity():
    found = unrest(np.zeros((1, 2, 1)), np.zeros((2, 1)), np.array([0, 1]))
    assert np.isfinite(found).all()


def test_a_model_that_saw_fewer_of_a_kind_is_less_settled_there():
    """The log ratio of mean squares is that of the numbers of records.

    20,000 squares a kind: a deviation of 0.1 has a false-alarm rate below 1e-6.
    """
    rng = np.random.RandomState(0)
    n_records = np.array([400, 100])
    strata = np.repeat([0, 1], 20_000)
    distance = rng.normal(scale=1 / np.sqrt(n_records[strata]))[None, :, None]
    contrast = unrest(distance, np.ones((40_000, 1)), strata)[0, 0]
    assert contrast == pytest.approx(np.log(100 / 400), abs=0.1)


def test_flip_in_a_frame_keeps_all_else():
    table = pd.DataFrame({"sex": pd.Categorical(["f", "m", "f"]), "age": [1, 2, 3]})
    flipped = flip_column(table, "sex")
    assert flipped["sex"].tolist() == ["m", "f", "m"]
    assert flipped["sex"].dtype == table["sex"].dtype
    assert flipped["age"].tolist() == [1, 2, 3]
    assert table["sex"].tolist() == ["f", "m", "f"]


def test_flip_in_an_array_and_with_other_values():
    array = np.array([[0.0, 5.0], [1.0, 6.0], [2.0, 7.0]])
    np.testing.assert_array_equal(
        flip_column(array, 0, values=(0.0, 1.0))[:, 0], [1.0, 0.0, 0.0]
    )


def test_flip_needs_two_values():
    with pytest.raises(ValueError, match="column 'a' has one value"):
        flip_column(pd.DataFrame({"a": [1, 1]}), "a")
    with pytest.raises(ValueError, match="column='b' is not a column"):
        flip_column(pd.DataFrame({"a": [1, 2]}), "b")


def test_one_far_answer_does_not_drown_the_others():
    distance = np.ones((2, 101, 1))
    distance[1, 0] = 1e6
    strata = np.repeat([0, 1], [100, 1])
    near, far = unrest(distance, np.ones((101, 1)), strata)[:, 0]
    assert near == pytest.approx(0)
    assert far == pytest.approx(np.log((99 + 16) / 100))


def test_an_answer_that_no_shadow_model_changes_has_a_spread():
    distance = np.full((1, 4, 1), 0.1)
    spread = np.array([[1.0], [1.0], [1.0], [0.0]])
    found = unrest(distance, spread, np.array([0, 0, 0, 1]))
    least = 0.1 * np.sqrt(0.75)
    assert found[0, 0] == pytest.approx(2 * np.log(0.1) - 2 * np.log(0.1 / least))


@pytest.mark.parametrize("column", [7, "c"])
@pytest.mark.parametrize("records", [np.ones((2, 2)), pd.DataFrame({"a": [1, 2]})])
def test_a_column_that_is_not_there_is_refused(records, column):
    with pytest.raises(ValueError, match=f"column={column!r} is not a column"):
        flip_column(records, column)


@pytest.mark.parametrize("values", [(1,), (1, 2, 3), "ab", 3])
def test_other_than_two_values_are_refused(values):
    with pytest.raises(ValueError, match="values must be two values"):
        flip_column(pd.DataFrame({"a": [1, 2]}), "a", values)
