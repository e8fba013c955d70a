"""What a report tells of the shares that a model gives away."""

from skprivacy._report._words import decimal, number_range, share

__all__ = [
    "property_document",
    "property_rows",
    "property_section",
    "readout_row",
]


def property_document(told, plain_interval) -> dict:
    """Return all that is told of one property.

    Parameters
    ----------
    told : PropertyInferenceResult
        What was found.

    plain_interval : callable
        Turns an interval into a dict.

    Returns
    -------
    document : dict
    """
    verdict, best = told.verdict, told.best
    return {
        "property": told.property,
        "verdict": {
            "level": verdict.level,
            "headline": verdict.headline,
            "text": verdict.text,
        },
        "true_ratio": told.true_ratio,
        "base_rate": told.base_rate,
        "range": [best.grid[0], best.grid[-1]],
        "target_size": told.target_size,
        "notes": list(told.notes),
        "readout": told.readout and told.readout._asdict(),
        "best": {"access": best.access, "label": _label_of(best)},
        "readings": [
            {
                "access": reading.access,
                "label": _label_of(reading),
                "ratio": _credible(reading.interval),
                "statistic": reading.statistic,
                "roc_auc": plain_interval(reading.roc_auc),
                "accuracy": plain_interval(reading.accuracy),
                "error": reading.error,
                "error_of_guess": reading.error_of_guess,
                "size": reading.size,
                "n_models": len(reading.shadow_ratios),
            }
            for reading in told.readings
        ],
    }


def property_rows(told) -> list[dict]:
    """Write out the figures of all readings.

    Parameters
    ----------
    told : PropertyInferenceResult

    Returns
    -------
    rows : list of dict of str to str
    """
    return [
        {
            "name": f"{reading.access}, label {_label_of(reading)}",
            "access": reading.access,
            "label": _label_of(reading),
            "share": share(reading.interval.estimate),
            "interval": number_range(
                reading.interval.low, reading.interval.high, share
            ),
            "prior": number_range(reading.grid[0], reading.grid[-1], share),
            "truth": "" if told.true_ratio is None else share(told.true_ratio),
            "auc": decimal(reading.roc_auc.estimate),
            "auc_interval": number_range(reading.roc_auc.low, reading.roc_auc.high),
            "accuracy": share(reading.accuracy.estimate),
            "accuracy_interval": number_range(
                reading.accuracy.low, reading.accuracy.high, share
            ),
            "error": points(reading.error),
            "error_of_guess": points(reading.error_of_guess),
        }
        for reading in told.readings
    ]


def property_section(told) -> dict:
    """Write out what the page shows of one property.

    Parameters
    ----------
    told : PropertyInferenceResult

    Returns
    -------
    section : dict
    """
    best = told.best
    return {
        "property": told.property,
        "verdict": told.verdict,
        "rows": property_rows(told),
        "best": f"{best.access}, label {_label_of(best)}",
        "low": share(best.shadow_ratios.min()),
        "high": share(best.shadow_ratios.max()),
        "base_rate": share(told.base_rate),
        "confidence": f"{100 * best.confidence:g}%",
        "n_models": f"{len(best.shadow_ratios):,}",
        "notes": told.notes,
        "readout": readout_row(told.readout),
        "held": any(reading.hold for reading in told.readings),
    }


def readout_row(readout) -> dict | None:
    """Write out what is read without shadow models, or nothing."""
    if readout is None:
        return None
    return {
        "share": share(readout.share),
        "interval": "counted exactly"
        if readout.exact
        else number_range(readout.low, readout.high, share),
        "where": readout.where,
    }


def points(value) -> str:
    """Write a difference of shares in percentage points.

    Examples
    --------
    >>> points(0.0312)
    '3.1 points'
    """
    return f"{100 * value:.1f} points"


def _label_of(reading):
    return "held" if reading.hold else "free"


def _credible(interval):
    """Return a credible interval, behind which there are no records to count."""
    names = ("estimate", "low", "high", "confidence")
    return {name: getattr(interval, name) for name in names}
