"""Looking for the numbers with a known answer."""

import numpy as np
import pytest

from skprivacy.attribute._answer_match import AnswerError
from skprivacy.attribute._answer_search import (
    MOST_SEARCHED,
    NumberLine,
    search_numbers,
)

EXACT = AnswerError(1e-9, 1e-9)
GRID = np.linspace(0, 10, 6)


def search(function, known, error=EXACT, own=None, most=MOST_SEARCHED):
    """Search for all that ``function`` turns into what is known; a row a record."""
    line = NumberLine(np.linspace(0, 10, 101) if own is None else own, GRID)
    known = np.asarray(known, dtype=float)[:, None]
    asked = []

    def ask(rows, values):
        asked.extend(values.tolist())
        return function(values)[:, None] - known[rows]

    values = np.tile(np.union1d(GRID, line.ends), (len(known), 1))
    gaps = function(values)[:, :, None] - known[:, None]
    chances = np.full((len(known), len(GRID)), 1 / len(GRID))
    return search_numbers(ask, line, chances, values, gaps, error, most), asked


def test_shares_of_the_own_records_by_hand():
    line = NumberLine(np.array([0.0, 1.0, 1.0, 3.0]), np.array([0.0, 2.0]))
    # Half of 0's own quarter, 0.25 + half of the two at 1, 0.75 + half of the last; and
    # no further down than 0, but up by the range.
    np.testing.assert_allclose(
        line.share(np.array([0.0, 1.0, 3.0, 6.0])), [0.125, 0.5, 0.875, 1.0]
    )
    np.testing.assert_allclose(line.value(np.array([0.5, 0.6875])), [1.0, 2.0])
    # The steps part at 1, which has half of the records below it.
    below = line.chance_below(np.array([[0.8, 0.2]]), np.array([[0.25, 0.5, 0.75]]))
    np.testing.assert_allclose(below, [[0.4, 0.8, 0.9]])


@pytest.mark.parametrize(
    ("own", "ends"),
    [([2.0, 4.0], [1, 6]), ([-1.5, 1.5], [-4.5, 4.5]), ([-4.0, -2.0], [-6, -1])],
)
def test_the_line_goes_on_but_not_to_another_sign(own, ends):
    line = NumberLine(np.array(own), np.array(own))
    np.testing.assert_allclose(line.ends, ends)


def test_the_number_behind_a_smooth_answer_is_solved_for():
    truth = np.array([0.03, 2.0, 5.5, 9.97, 14.0])
    found, _ = search(lambda v: np.exp(v / 3), np.exp(truth / 3))
    np.testing.assert_allclose(found.mean(), truth, atol=1e-6)


def test_two_numbers_with_the_answer_share_the_chance():
    found, _ = search(lambda v: (v - 4) ** 2, [1.3**2])
    near = [found.chances[np.abs(found.values - v) < 1e-6].sum() for v in (2.7, 5.3)]
    np.testing.assert_allclose(near, [0.5, 0.5], atol=0.05)


def test_steps_of_the_answer_are_found_to_their_ends():
    # The answer is 1 from 3.3 to 4.1, in the middle of which the mean lies.
    def answer(v):
        return 1.0 * ((v > 3.3) & (v < 4.1))

    found, _ = search(answer, [1])
    assert answer(found.values[found.chances > 1e-9]).all()
    assert found.mean()[0] == pytest.approx(3.7, abs=0.05)


def test_all_numbers_within_the_rounding_are_level():
    found, _ = search(lambda v: v / 100, [0.04], AnswerError(0.005, 1e-6))
    assert found.mean()[0] == pytest.approx(4.0, abs=0.05)
    inside = found.chances[np.abs(found.values - 4) <= 0.501].sum()
    assert inside == pytest.approx(1, abs=0.05)


def test_whole_numbers_stay_whole():
    found, asked = search(lambda v: v**2, [49.0], own=np.arange(11.0))
    assert found.mean()[0] == pytest.approx(7)
    assert asked and all(v == round(v) for v in asked)


def test_an_answer_that_no_number_has_leads_to_the_nearest():
    found, _ = search(lambda v: -np.abs(v - 6.2), [0.5])
    assert found.mean()[0] == pytest.approx(6.2, abs=0.05)


def test_no_answer_depends_on_the_number():
    found, _ = search(np.zeros_like, [0.0, 1.0])
    np.testing.assert_allclose(found.mean(), 5, atol=0.7)
    np.testing.assert_allclose(found.chances.sum(axis=1), 1)


@pytest.mark.parametrize("most", [0, 1, 20])
def test_no_more_is_asked_than_may_be(most):
    found, asked = search(np.sin, [0.3, 0.7, 0.1], most=most)
    assert len(asked) <= 3 * most
    assert np.isfinite(found.mean()).all()
