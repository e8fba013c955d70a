"""Tell people who train models on tabular data what those models give away."""

from skprivacy._audit import AuditResult, audit
from skprivacy._version import __version__

__all__ = ["AuditResult", "__version__", "audit"]
