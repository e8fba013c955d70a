"""Audits: which attacks on which model, and what they found."""

from skprivacy._audit._audit import audit
from skprivacy._audit._result import AttackResult, AuditResult, Finding, WorstCase

__all__ = ["AttackResult", "AuditResult", "Finding", "WorstCase", "audit"]
