"""What must be known of how cheaply the model is copied."""

import math

from skprivacy._audit._result import Finding
from skprivacy._report import extraction_sentences

__all__ = ["extraction_findings"]


def extraction_findings(study):
    """Collect the findings on copies of the model.

    Parameters
    ----------
    study : ExtractionStudy or None

    Returns
    -------
    findings : tuple of Finding
    """
    if study is None:
        return ()
    if study.exact:
        kind, severity = "extraction_exact", "warning"
    elif not math.isnan(study.queries_for()):
        kind, severity = "extraction_faithful", "warning"
    else:
        kind, severity = "extraction_partial", "info"
    return (Finding(kind, severity, " ".join(extraction_sentences(study))),)
