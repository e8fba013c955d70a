"""What a report tells of copies of the model."""

import math

from skprivacy._report._words import decimal, number_range, percent, share

__all__ = [
    "extraction_document",
    "extraction_rows",
    "extraction_section",
    "extraction_sentences",
    "fidelity_words",
]

#: Fidelity whose cost is told.
LEVELS = (0.9, 0.95, 0.99)
#: Price of 1,000 answers that costs are told for.
PRICE = 1.0


def extraction_document(study) -> dict | None:
    """Return all that is told of copies, or nothing.

    Parameters
    ----------
    study : ExtractionStudy or None

    Returns
    -------
    document : dict or None
    """
    if study is None:
        return None
    return {
        "attack": study.attack,
        "family": study.family,
        "exact": study.exact,
        "response": study.response,
        "budget": study.budget,
        "measure": study.measure,
        "n_pool": study.n_pool,
        "n_judges": study.n_judges,
        "curve": [
            {"n_queries": n, "fidelity": fidelity}
            for n, fidelity in zip(study.n_queries, study.fidelity, strict=True)
        ],
        "fidelity": {
            "estimate": study.fidelity[-1],
            "low": study.low,
            "high": study.high,
            "confidence": 0.95,
        },
        "costs": [
            {"fidelity": level, "n_queries": study.queries_for(level)}
            for level in LEVELS
        ],
        "monitor": _monitor_document(study.watch),
    }


def _monitor_document(watch):
    if watch is None:
        return None
    return {
        "first_alarm": watch.first_alarm,
        "n_watched": watch.n_watched,
        "least": watch.least,
        "n_stream": watch.n_stream,
        "false_alarms": {
            "estimate": watch.false_alarms.estimate,
            "low": watch.false_alarms.low,
            "high": watch.false_alarms.high,
            "confidence": watch.false_alarms.confidence,
        },
    }


def extraction_rows(study) -> list[dict]:
    """Write out what each fidelity costs.

    Parameters
    ----------
    study : ExtractionStudy

    Returns
    -------
    rows : list of dict of str to str
    """
    rows = []
    for level in LEVELS:
        n = study.queries_for(level)
        known = not math.isnan(n)
        rows.append(
            {
                "level": share(level),
                "queries": (
                    _queries(study, n)
                    if known
                    else f"more than {max(study.n_queries):,}"
                ),
                "cost": money(PRICE * n / 1000) if known else "–",
            }
        )
    return rows


def extraction_section(study) -> dict | None:
    """Write out what the page shows of copies, or nothing.

    Parameters
    ----------
    study : ExtractionStudy or None

    Returns
    -------
    section : dict or None
    """
    if study is None:
        return None
    headline, *rest = extraction_sentences(study)
    return {
        "headline": headline,
        "text": " ".join(rest),
        "attack": study.attack,
        "rows": extraction_rows(study),
        "points": [
            {"queries": f"{n:,}", "fidelity": fidelity_words(study, fidelity)}
            for n, fidelity in zip(study.n_queries, study.fidelity, strict=True)
        ],
        "measure": _MEASURES[study.measure],
        "n_pool": f"{study.n_pool:,}",
        "n_judges": f"{study.n_judges:,}",
        "budget": f"{study.budget:,}",
        "price": money(PRICE),
        "exact": study.exact,
    }


_MEASURES = {
    "agreement": "share of records that get the same label from the copy",
    "r2": "share of the variance of the model's answers that the copy has right (R²)",
}


def extraction_sentences(study) -> list[str]:
    """Say in words what a copy costs: the headline, then what stands behind it.

    Parameters
    ----------
    study : ExtractionStudy

    Returns
    -------
    sentences : list of str
    """
    n, n_last = study.queries_for(), f"{study.n_queries[-1]:,}"
    ends = number_range(study.low, study.high, share)
    interval = f" (95% interval {ends})" if ends else ""
    if math.isnan(n):
        headline = (
            f"A copy at 99% costs more than the {n_last} queries that were tried, with "
            f"which the best copy reached {fidelity_words(study, study.best)}."
        )
    else:
        headline = (
            f"A copy at 99% costs {_queries(study, n)} queries, or "
            f"{money(PRICE * n / 1000)} at a price of {money(PRICE)} per 1,000."
        )
    last = study.fidelity[-1]
    reached = (
        f"gave the model's own label to {share(last)} of records"
        if study.measure == "agreement"
        else f"reached {fidelity_words(study, last)} on records"
    )
    kind = "exact copy" if study.exact else "copy"
    behind = (
        f"After {n_last} queries, the {kind} of {study.attack} {reached} that the "
        f"attacker did not hold{interval}."
    )
    return [headline, behind, *_monitor_sentence(study.watch)]


def _monitor_sentence(watch):
    """Say whether the owner would have noticed, and what that costs in false alarms."""
    if watch is None:
        return
    alarms = watch.false_alarms
    low, high = percent(alarms.low), percent(alarms.high)
    false = (
        f"it takes {percent(alarms.estimate)} (95% interval {low} to {high}) of "
        f"streams of {watch.n_stream:,} ordinary records for an attack"
    )
    if watch.first_alarm is not None:
        yield (
            "A monitor that knows the training set would have noticed after "
            f"{watch.first_alarm:,} queries; {false}."
        )
    elif watch.n_watched < watch.least:
        yield (
            f"A monitor of queries first looks after {watch.least:,}: by then the copy "
            "was made."
        )
    else:
        yield (
            "A monitor that knows the training set noticed nothing in "
            f"the first {watch.n_watched:,} queries; {false}."
        )


def _queries(study, n):
    """Write queries that were read off the curve; before it begins there is no more."""
    return f"{'at most' if n <= study.n_queries[0] else 'about'} {about(n)}"


def fidelity_words(study, value) -> str:
    """Write a fidelity: a percentage of labels, or R2 as a number."""
    return share(value) if study.measure == "agreement" else f"R² {decimal(value)}"


def about(n: float) -> str:
    """Write a number that was interpolated with no more than three digits.

    Examples
    --------
    >>> about(34.0), about(1234.5)
    ('34', '1,230')
    """
    digits = 0 if n < 1000 else 2 - int(math.log10(n))
    return f"{int(round(n, digits)):,}"


def money(amount: float) -> str:
    """Write an amount of dollars; small ones with as many digits as they need.

    Examples
    --------
    >>> money(1.0), money(0.015), money(0.3), money(12.5)
    ('$1', '$0.015', '$0.30', '$12.50')
    """
    if amount < 0.001:
        return "less than $0.001"
    if amount < 0.1:
        return f"${amount:.2g}"
    return f"${amount:,.2f}".removesuffix(".00")
