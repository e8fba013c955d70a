"""Numbers as words: percentages, intervals, odds."""

import math

__all__ = [
    "decimal",
    "interval_words",
    "number_range",
    "odds",
    "percent",
    "share",
    "times",
]

MISSING = "not measurable"

# An interval this wide (in percentage points) is told without, with one, with two
# decimals: more digits than the data carry would look like knowledge.
_DECIMALS_BY_WIDTH = ((4.0, 0), (0.4, 1), (0.04, 2))


def percent(value: float, *, decimals: int | None = None) -> str:
    """Write a share as a percentage.

    Parameters
    ----------
    value : float
        A share, 0.12 for 12%; NaN is allowed.

    decimals : int, default=None
        Digits after the point; None takes as many as leave two significant digits,
        at most three.

    Returns
    -------
    text : str

    Examples
    --------
    >>> percent(0.124), percent(0.0234), percent(0.00123), percent(0.0)
    ('12%', '2.3%', '0.12%', '0%')
    """
    if math.isnan(value):
        return MISSING
    if decimals is not None:
        return f"{100 * value:.{decimals}f}%"
    text = f"{100 * value:.{_significant_decimals(100 * value)}f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text}%"


def share(value) -> str:
    """Write a share as a percentage with one decimal.

    Examples
    --------
    >>> share(0.3333), share(1.0)
    ('33.3%', '100%')
    """
    return f"{100 * value:.1f}".removesuffix(".0") + "%"


def _significant_decimals(value):
    if value == 0 or abs(value) >= 10:
        return 0
    return 1 if abs(value) >= 1 else min(3, 1 - math.floor(math.log10(abs(value))))


def interval_words(interval, of_what: str = "") -> str:
    """Write an interval of a share: the estimate, then the interval in brackets.

    The number of digits follows the width of the interval.

    Examples
    --------
    >>> from skprivacy.metrics import Interval
    >>> interval_words(Interval(0.12, 0.09, 0.15, 0.95, 4000, 4000), "of records")
    '12% of records (95% interval 9% to 15%)'
    """
    width = 100 * (interval.high - interval.low)
    digits = next((d for w, d in _DECIMALS_BY_WIDTH if width >= w), 3)
    estimate, low, high = (
        percent(v, decimals=digits)
        for v in (interval.estimate, interval.low, interval.high)
    )
    start = f"{estimate} {of_what}".rstrip()
    return f"{start} ({percent(interval.confidence)} interval {low} to {high})"


def decimal(value: float) -> str:
    """Write a number with three decimals; NaN in words."""
    return MISSING if math.isnan(value) else f"{value:.3f}"


def number_range(low: float, high: float, write=decimal) -> str:
    """Write the two ends of an interval, or nothing where they are unknown.

    Examples
    --------
    >>> number_range(0.5, 0.75), number_range(0.01, 0.02, percent)
    ('0.500 to 0.750', '1% to 2%')
    """
    return "" if math.isnan(low + high) else f"{write(low)} to {write(high)}"


def odds(rate: float) -> str:
    """Write a rate as "1 in n".

    Examples
    --------
    >>> odds(0.001)
    '1 in 1,000'
    """
    return f"1 in {round(1 / rate):,}"


def times(value: float, chance: float) -> str:
    """Say how many times chance a rate is; nothing for an unknown rate.

    Examples
    --------
    >>> times(0.284, 0.01), times(0.012, 0.01)
    ('28 times guessing', '1.2 times guessing')
    """
    if math.isnan(value):
        return ""
    ratio = value / chance
    return (
        f"{ratio:,.0f} times guessing" if ratio >= 10 else f"{ratio:.2g} times guessing"
    )
