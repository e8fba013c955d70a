"""Whether a claimed epsilon is true: lower bounds from what runs give away.

An audit can refute a claim. It can't confirm one.
"""

from skprivacy.auditing._bayes import epsilon_bayes
from skprivacy.auditing._canary_auditor import CanaryAuditor
from skprivacy.auditing._clopper_pearson import epsilon_clopper_pearson
from skprivacy.auditing._gaussian_bound import epsilon_gaussian
from skprivacy.auditing._mechanism_auditor import MechanismAuditor
from skprivacy.auditing._neighbor_search import NeighborSearch
from skprivacy.auditing._one_run import epsilon_one_run, one_run_p_value
from skprivacy.auditing._one_run_auditor import OneRunAuditor
from skprivacy.auditing._one_run_gaussian import epsilon_one_run_gaussian
from skprivacy.auditing._roc import AuditRoc
from skprivacy.auditing._roc_display import AuditRocDisplay

__all__ = [
    "AuditRoc",
    "AuditRocDisplay",
    "CanaryAuditor",
    "MechanismAuditor",
    "NeighborSearch",
    "OneRunAuditor",
    "epsilon_bayes",
    "epsilon_clopper_pearson",
    "epsilon_gaussian",
    "epsilon_one_run",
    "epsilon_one_run_gaussian",
    "one_run_p_value",
]
