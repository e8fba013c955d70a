"""Between which values an attack chooses."""

import numpy as np
import pandas as pd
import pytest

from skprivacy.attribute import ImputationBaseline
from skprivacy.attribute._candidates import (
    GRID,
    MOST_CLASSES,
    MOST_NUMBERS,
    Candidates,
    candidates_of,
    kind_of_secret,
    unique_rows,
)


def column(values, dtype=None):
    return np.asarray(values, dtype=dtype)[:, None]


KINDS = {
    "texts": (["a", "b"], "classes"),
    "texts as objects": (np.array(["a", "b"], dtype=object), "classes"),
    "truth values": ([True, False], "classes"),
    "few whole numbers": (np.arange(MOST_NUMBERS), "classes"),
    "many whole numbers": (np.arange(MOST_NUMBERS + 1), "numeric"),
    "few whole numbers, as floats": ([0.0, 1.0, 2.0], "classes"),
    "fractions": ([0.5, 1.0, 2.0], "numeric"),
    "numbers beside texts": (np.array([0.5, "a"], dtype=object), "classes"),
}


@pytest.mark.parametrize("name", KINDS)
def test_auto_takes_what_looks_like_a_number_for_one(name):
    secret, kind = KINDS[name]
    assert kind_of_secret(column(secret), "auto") == kind


def test_several_secrets_are_classes():
    secret = np.random.default_rng(0).normal(size=(50, 2))
    assert kind_of_secret(secret, "auto") == "classes"


def test_what_is_said_goes_before_what_it_looks_like():
    assert kind_of_secret(column([0.5, 1.5]), "classes") == "classes"
    assert kind_of_secret(column([0, 1]), "numeric") == "numeric"
    assert kind_of_secret(column(np.linspace(0, 1)), [0, 1]) == "classes"


def test_classes_are_the_values_in_order():
    found = candidates_of(column(["m", "f", "m"]), "auto")
    assert found.classes.tolist() == ["f", "m"]
    assert not found.numeric and len(found) == 2


def test_classes_of_several_secrets_are_the_pairs_that_occur():
    secret = np.array([["b", 1], ["a", 2], ["b", 1], ["a", 1]], dtype=object)
    found = candidates_of(secret, "auto")
    assert found.classes.tolist() == [["a", 1], ["a", 2], ["b", 1]]
    assert found.encode(secret).tolist() == [2, 1, 2, 0]
    assert found.encode(np.array([["b", 2]], dtype=object)).tolist() == [-1]


def test_given_candidates_may_be_more_than_occur():
    found = candidates_of(column(["b", "a"]), ["c", "b", "a", "b"])
    assert found.classes.tolist() == ["a", "b", "c"]
    pairs = candidates_of(np.array([[0, 1]]), [[1, 1], [0, 1]])
    assert pairs.classes.tolist() == [[0, 1], [1, 1]]


@pytest.mark.parametrize("values", [[1, "x", 3], pd.Series([1, "x", 3])])
def test_given_numbers_beside_texts_stay_numbers(values):
    found = candidates_of(column([1, "x"], object), values)
    assert found.classes.tolist() == [1, 3, "x"]


def test_values_that_do_not_compare_are_sorted_by_type():
    rows = column(["b", 2, "a", 1, 2], object)
    assert unique_rows(rows)[:, 0].tolist() == [1, 2, "a", "b"]


def test_equal_values_of_different_types_are_one():
    found = candidates_of(column([0, 1]), "classes")
    assert found.encode(column([1.0, 0.0])).tolist() == [1, 0]
    assert found.encode(column([True, False])).tolist() == [1, 0]


def test_a_number_with_few_values_has_them_as_its_grid():
    found = candidates_of(column([3, 1, 1, 2]), "numeric")
    assert found.numeric
    assert found.classes.tolist() == [1, 2, 3]


def test_a_number_with_many_values_has_a_grid_of_equal_shares():
    secret = column(np.arange(3200))
    grid = candidates_of(secret, "auto").classes
    assert len(grid) == GRID
    # The middle of each share of a hundred.
    np.testing.assert_allclose(grid, 49.5 + 100 * np.arange(GRID), atol=1)
    assert np.isin(grid, secret).all()


def test_a_value_that_many_have_is_one_step():
    secret = column(np.append(np.zeros(900), np.arange(1, 101)))
    grid = candidates_of(secret, "auto").classes
    assert grid[0] == 0 and (np.diff(grid) > 0).all()
    assert len(grid) < 6


def test_whole_numbers_among_objects_are_numbers_if_so_said():
    secret = column(range(40), object)
    grid = candidates_of(secret, "numeric").classes.astype(float)
    assert (np.diff(grid) > 0).all()


def test_a_number_is_encoded_as_the_nearest_step():
    grid = Candidates(column([0.0, 10.0, 100.0]), numeric=True)
    numbers = column([-5, 4, 6, 54, 56, 1e9])
    assert grid.encode(numbers).tolist() == [0, 0, 1, 1, 2, 2]


@pytest.mark.parametrize("values", ["auto", "classes", "numeric"])
@pytest.mark.parametrize("secret", [[1, 1, 1], [2.5, 2.5]])
def test_one_value_is_no_secret(secret, values):
    match = rf"y, the secret, must have at least two values.*got {secret[0]} in all"
    with pytest.raises(ValueError, match=match):
        candidates_of(column(secret), values)


def test_one_given_value_is_no_choice():
    with pytest.raises(ValueError, match="values must have at least two values"):
        candidates_of(column(["a"]), ["a", "a"])


def test_ten_thousand_texts_are_too_many():
    secret = column([f"v{i}" for i in range(10_000)])
    match = rf"10000 distinct values.*at most {MOST_CLASSES}.*values='numeric'"
    with pytest.raises(ValueError, match=match):
        candidates_of(secret, "auto")


def test_ten_thousand_numbers_are_a_number():
    assert len(candidates_of(column(np.arange(10_000)), "auto")) == GRID


def test_given_candidates_lack_nothing_that_occurs():
    match = r"values lacks 2, 'b', which the attacker's own records have"
    with pytest.raises(ValueError, match=match):
        candidates_of(column([1, 2, "b"], object), [1, "a"])
    with pytest.raises(ValueError, match=r"values lacks \(1, 1\), which"):
        candidates_of(np.array([[0, 0], [1, 1]]), [[0, 0], [0, 1]])


@pytest.mark.parametrize("values", [[0, 1, np.nan], ["a", None, "b"]])
def test_a_given_candidate_is_not_missing(values):
    with pytest.raises(ValueError, match=r"values must not be missing \(NaN\)"):
        candidates_of(column(values[:1]), values)


@pytest.mark.parametrize("values", ["numerical", "AUTO", ""])
def test_other_words_are_refused(values):
    match = rf"values must be one of \['auto', 'classes', 'numeric'\].*got '{values}'"
    with pytest.raises(ValueError, match=match):
        candidates_of(column([0, 1]), values)
    with pytest.raises(ValueError, match="values must be one of"):
        ImputationBaseline(sensitive=0, values=values).fit([[0, 1], [1, 0]], [0, 1])


@pytest.mark.parametrize("values", [3, {1, 2}, None, [[0, 1], [1, 0]]])
def test_candidates_have_a_value_for_each_column(values):
    match = r"a value for each of the 1 sensitive columns; got shape"
    with pytest.raises(ValueError, match=match):
        candidates_of(column([0, 1]), values)


@pytest.mark.parametrize("secret", [["a", "b"], ["1", "10", "2"], [1, None]])
def test_texts_are_no_numbers_not_even_those_of_digits(secret):
    with pytest.raises(ValueError, match="values='numeric' needs a secret of numbers"):
        candidates_of(column(secret), "numeric")


def test_one_number_at_a_time():
    match = r"infers one secret; got 2 sensitive columns.*one at a time"
    with pytest.raises(ValueError, match=match):
        candidates_of(np.arange(8).reshape(4, 2), "numeric")
