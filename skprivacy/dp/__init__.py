"""Differential privacy: guarantees, and models that have one."""

from skprivacy.dp._guarantee import PrivacyGuarantee

__all__ = ["PrivacyGuarantee"]
