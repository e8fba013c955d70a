"""What must be known of the shares that a model gives away."""

from skprivacy._audit._result import Finding

__all__ = ["property_findings"]


def property_findings(results):
    """Collect the findings on all properties.

    Parameters
    ----------
    results : sequence of PropertyInferenceResult

    Returns
    -------
    findings : tuple of Finding
    """
    found = []
    for result in results:
        found += [_told(result), *_notes(result)]
    return tuple(finding for finding in found if finding is not None)


def _told(result):
    verdict = result.verdict
    severity = {"strong": "warning", "some": "info", "unclear": "info"}.get(
        verdict.level
    )
    if severity is None:
        return None
    start = f"{result.property}: {verdict.headline}"
    return Finding(
        f"property_{verdict.level}",
        severity,
        " ".join(filter(None, [start, verdict.readout, verdict.shares, verdict.truth])),
    )


def _notes(result):
    return [
        Finding("property_worlds", "info", f"{result.property}: {note}")
        for note in result.notes
    ]
