"""Intervals as columns of a table."""

import math

__all__ = ["interval_columns"]


def interval_columns(name, interval):
    """Name the estimate and both ends of an interval; NaN where there is none.

    Parameters
    ----------
    name : str
        Name of the figure.

    interval : Interval or None

    Returns
    -------
    columns : dict of str to float

    Examples
    --------
    >>> interval_columns("auc", None)
    {'auc': nan, 'auc_low': nan, 'auc_high': nan}
    """
    return {
        name: math.nan if interval is None else interval.estimate,
        f"{name}_low": math.nan if interval is None else interval.low,
        f"{name}_high": math.nan if interval is None else interval.high,
    }
