"""The bounds on epsilon by name, and what a threshold is chosen by for each."""

from functools import partial

from skprivacy.auditing._bayes import epsilon_bayes
from skprivacy.auditing._clopper_pearson import epsilon_clopper_pearson, log_ratio_bound
from skprivacy.auditing._gaussian_bound import (
    epsilon_gaussian,
    gaussian_bound,
    mu_bound,
)
from skprivacy.auditing._joint_bound import epsilon_joint, joint_bound

__all__ = ["BOUNDS", "Bound"]


class Bound:
    """A lower bound on epsilon from the errors of a test.

    Parameters
    ----------
    epsilon : callable
        Of true and false positives, the numbers of runs in both worlds, ``delta`` and
        ``confidence``.

    criterion : callable
        The same of arrays of counts: which of many tests has the largest bound. Cheap,
        and in any unit.

    assumption : str
        What the bound stands on, beside the runs.

    middle : float
        Confidence at which the bound is an estimate.

    of_order : callable or None, default=None
        The bound where the number of false positives was fixed, and the threshold is
        the score that has so many above it. None: the same.
    """

    def __init__(self, epsilon, criterion, assumption, middle=1e-9, of_order=None):
        self.epsilon = epsilon
        self.criterion = criterion
        self.assumption = assumption
        self.middle = middle
        self.of_order = of_order or epsilon


def _mu_criterion(true_positives, false_positives, n_in, n_out, delta, confidence):
    return mu_bound(true_positives, false_positives, n_in, n_out, confidence)


#: All of them.
BOUNDS = {
    "clopper_pearson": Bound(
        epsilon_clopper_pearson,
        log_ratio_bound,
        "nothing is assumed of the mechanism (Clopper-Pearson limits)",
    ),
    "joint": Bound(
        epsilon_joint,
        log_ratio_bound,
        "nothing is assumed of the mechanism (an exact test of both errors at once)",
        middle=0.5,
        of_order=partial(joint_bound, ordered=True),
    ),
    "gdp": Bound(
        epsilon_gaussian,
        _mu_criterion,
        "the mechanism's trade-off is that of a Gaussian release: of another one the "
        "bound may be wrong",
        middle=0.5,
        of_order=partial(gaussian_bound, ordered=True),
    ),
    "bayes": Bound(
        epsilon_bayes,
        log_ratio_bound,
        "the confidence is a posterior probability, under Jeffreys' prior of the error "
        "rates, and no rate of false alarms",
        middle=0.5,
    ),
}
