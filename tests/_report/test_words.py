"""Numbers as words."""

import math

import pytest

from skprivacy._report._words import (
    decimal,
    interval_words,
    number_range,
    odds,
    percent,
    times,
)
from skprivacy.metrics import Interval


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "100%"),
        (0.124, "12%"),
        (0.0234, "2.3%"),
        (0.02, "2%"),
        (0.001, "0.1%"),
        (0.00123, "0.12%"),
        (0.00001, "0.001%"),
        (0.0, "0%"),
        (math.nan, "not measurable"),
    ],
)
def test_percent(value, text):
    assert percent(value) == text


def test_percent_with_decimals_keeps_them():
    assert percent(0.05, decimals=1) == "5.0%"


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (0.09, 0.15, "12% (95% interval 9% to 15%)"),
        (0.11, 0.13, "12.0% (95% interval 11.0% to 13.0%)"),
        (0.119, 0.121, "12.00% (95% interval 11.90% to 12.10%)"),
    ],
)
def test_digits_follow_the_width_of_the_interval(low, high, text):
    assert interval_words(Interval(0.12, low, high, 0.95, 10, 10)) == text


def test_unknown_ends_are_not_written():
    assert number_range(math.nan, math.nan) == ""
    assert times(math.nan, 0.01) == ""
    assert decimal(math.nan) == "not measurable"


@pytest.mark.parametrize(
    ("rate", "text"),
    [(0.01, "1 in 100"), (0.001, "1 in 1,000"), (1e-5, "1 in 100,000")],
)
def test_odds(rate, text):
    assert odds(rate) == text
