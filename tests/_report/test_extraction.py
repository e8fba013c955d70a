"""What is said of copies, in words."""

import numpy as np
import pytest

from skprivacy._audit._extraction import ExtractionStudy
from skprivacy._audit._extraction_watch import QueryWatch
from skprivacy._report._extraction import (
    about,
    extraction_document,
    extraction_rows,
    extraction_section,
    extraction_sentences,
    money,
)
from skprivacy._report._extraction_plots import fidelity_svg
from skprivacy.metrics import Interval


def watch(first_alarm=150, n_watched=500):
    return QueryWatch(
        first_alarm=first_alarm,
        n_watched=n_watched,
        least=100,
        false_alarms=Interval(0.02, 0.005, 0.07, 0.95, 100, 0),
        n_stream=500,
    )


def study(fidelity=(0.9, 0.98, 1.0), exact=False, measure="agreement", watch=None):
    return ExtractionStudy(
        attack="SurrogateAttack",
        family="forest",
        exact=exact,
        budget=1000,
        n_queries=np.array([100, 400, 1600]),
        fidelity=np.array(fidelity),
        low=np.nan if measure == "r2" else 0.99,
        high=np.nan if measure == "r2" else 1.0,
        measure=measure,
        n_pool=50,
        n_judges=50,
        response="proba",
        watch=watch,
    )


def test_a_cost_between_two_copies_is_interpolated():
    headline, behind = extraction_sentences(study())
    # Half way from .98 to 1, on the logarithm: 400 * 2.
    assert headline == (
        "A copy at 99% costs about 800 queries, or $0.80 at a price of $1 per 1,000."
    )
    assert "to 100% of records" in behind and "(95% interval 99% to 100%)" in behind


def test_the_first_copy_is_an_upper_end():
    rows = extraction_rows(study())
    assert [row["queries"] for row in rows] == ["at most 100", "about 238", "about 800"]
    assert [row["cost"] for row in rows] == ["$0.10", "$0.24", "$0.80"]


def test_there_is_no_half_way_to_an_exact_copy():
    headline, behind = extraction_sentences(study(exact=True))
    assert "about 1,600 queries, or $1.60" in headline
    assert "the exact copy of SurrogateAttack" in behind


def test_what_was_not_reached_is_not_extrapolated():
    headline, _ = extraction_sentences(study((0.8, 0.93, 0.92)))
    assert headline == (
        "A copy at 99% costs more than the 1,600 queries that were tried, with which "
        "the best copy reached 93%."
    )
    assert extraction_rows(study((0.8, 0.93, 0.92)))[-1] == {
        "level": "99%",
        "queries": "more than 1,600",
        "cost": "–",
    }


def test_numbers_are_told_as_r2():
    headline, behind = extraction_sentences(study((0.8, 0.9, 0.95), measure="r2"))
    assert "reached R² 0.950." in headline
    assert "interval" not in behind


FALSE_ALARMS = (
    "it takes 2% (95% interval 0.5% to 7%) of streams of 500 ordinary records for an "
    "attack."
)


@pytest.mark.parametrize(
    ("seen", "sentence"),
    [
        (
            watch(),
            "A monitor that knows the training set would have noticed after 150 "
            f"queries; {FALSE_ALARMS}",
        ),
        (
            watch(None),
            "A monitor that knows the training set noticed nothing in the first 500 "
            "queries; "
            f"{FALSE_ALARMS}",
        ),
        (
            watch(None, 99),
            "A monitor of queries first looks after 100: by then the copy was made.",
        ),
    ],
)
def test_it_says_whether_the_owner_would_have_noticed(seen, sentence):
    assert extraction_sentences(study(watch=seen))[2:] == [sentence]
    assert extraction_section(study(watch=seen))["text"].endswith(sentence)


def test_the_monitor_is_in_the_document():
    told = extraction_document(study(watch=watch()))["monitor"]
    assert told["first_alarm"] == 150 and told["false_alarms"]["high"] == 0.07
    assert extraction_document(study())["monitor"] is None
    assert len(extraction_sentences(study())) == 2


def test_nothing_is_told_of_no_copies():
    assert extraction_document(None) is None
    assert extraction_section(None) is None


@pytest.mark.parametrize("measure", ["agreement", "r2"])
@pytest.mark.parametrize("exact", [True, False])
def test_the_picture_tells_all_points(measure, exact):
    svg = fidelity_svg(study(exact=exact, measure=measure), name="f")
    assert 'id="f-title"' in svg
    assert "1,600 queries:" in svg


def test_a_curve_far_below_is_drawn():
    assert "-0.500" in fidelity_svg(study((-0.5, 0.1, 0.2), measure="r2"), name="f")


@pytest.mark.parametrize(
    ("amount", "text"),
    [(0.0004, "less than $0.001"), (0.05, "$0.05"), (1234.5, "$1,234.50")],
)
def test_money(amount, text):
    assert money(amount) == text


def test_interpolated_numbers_have_three_digits():
    assert about(123456.0) == "123,000"
