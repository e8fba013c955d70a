"""Whether a claimed epsilon is true: lower bounds from what runs give away.

An audit can refute a claim. It can't confirm one.
"""

from skprivacy.auditing._audit_guarantee import audit_guarantee
from skprivacy.auditing._bayes import epsilon_bayes
from skprivacy.auditing._canary_auditor import CanaryAuditor
from skprivacy.auditing._clopper_pearson import epsilon_clopper_pearson
from skprivacy.auditing._gaussian_bound import epsilon_gaussian
from skprivacy.auditing._guarantee_audit import GuaranteeAudit, MethodOutcome
from skprivacy.auditing._joint_bound import epsilon_joint
from skprivacy.auditing._mechanism_auditor import MechanismAuditor
from skprivacy.auditing._neighbor_search import NeighborSearch
from skprivacy.auditing._one_run import epsilon_one_run, one_run_p_value
from skprivacy.auditing._one_run_auditor import OneRunAuditor
from skprivacy.auditing._one_run_gaussian import epsilon_one_run_gaussian
from skprivacy.auditing._replay_auditor import ReplayAuditor
from skprivacy.auditing._roc import AuditRoc
from skprivacy.auditing._roc_display import AuditRocDisplay

__all__ = [
    "AuditRoc",
    "AuditRocDisplay",
    "CanaryAuditor",
    "GuaranteeAudit",
    "MechanismAuditor",
    "MethodOutcome",
    "NeighborSearch",
    "OneRunAuditor",
    "ReplayAuditor",
    "audit_guarantee",
    "epsilon_bayes",
    "epsilon_clopper_pearson",
    "epsilon_gaussian",
    "epsilon_joint",
    "epsilon_one_run",
    "epsilon_one_run_gaussian",
    "one_run_p_value",
]
