"""What an attack achieves: rates, confidence intervals, scorers and plots.

In every function ``y`` says which records are members and larger scores mean "more
likely a member".
"""

from skprivacy.metrics._epsilon import epsilon_from_roc, epsilon_from_roc_interval
from skprivacy.metrics._intervals import (
    Interval,
    roc_auc_interval,
    tpr_at_fpr_interval,
)
from skprivacy.metrics._membership_roc_display import MembershipRocDisplay
from skprivacy.metrics._paired import (
    combined_interval,
    paired_difference_interval,
    r2_gain_interval,
    r2_interval,
    share_interval,
)
from skprivacy.metrics._roc import membership_advantage, tpr_at_fpr
from skprivacy.metrics._scorer import tpr_at_fpr_scorer
from skprivacy.metrics._signal_histogram_display import SignalHistogramDisplay

__all__ = [
    "Interval",
    "MembershipRocDisplay",
    "SignalHistogramDisplay",
    "combined_interval",
    "epsilon_from_roc",
    "epsilon_from_roc_interval",
    "membership_advantage",
    "paired_difference_interval",
    "r2_gain_interval",
    "r2_interval",
    "roc_auc_interval",
    "share_interval",
    "tpr_at_fpr",
    "tpr_at_fpr_interval",
    "tpr_at_fpr_scorer",
]
