"""The bounds on epsilon by name, and what a threshold is chosen by for each."""

from skprivacy.auditing._bayes import epsilon_bayes
from skprivacy.auditing._clopper_pearson import epsilon_clopper_pearson, log_ratio_bound
from skprivacy.auditing._gaussian_bound import epsilon_gaussian, mu_bound

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
    """

    def __init__(self, epsilon, criterion, assumption, middle=1e-9):
        self.epsilon = epsilon
        self.criterion = criterion
        self.assumption = assumption
        self.middle = middle


def _mu_criterion(true_positives, false_positives, n_in, n_out, delta, confidence):
    return mu_bound(true_positives, false_positives, n_in, n_out, confidence)


#: All of them.
BOUNDS = {
    "clopper_pearson": Bound(
        epsilon_clopper_pearson,
        log_ratio_bound,
        "nothing is assumed of the mechanism (Clopper-Pearson limits)",
    ),
    "gdp": Bound(
        epsilon_gaussian,
        _mu_criterion,
        "the mechanism's trade-off is that of a Gaussian release: of another one the "
        "bound may be wrong",
    ),
    "bayes": Bound(
        epsilon_bayes,
        log_ratio_bound,
        "the confidence is a posterior probability, under Jeffreys' prior of the error "
        "rates, and no rate of false alarms",
        middle=0.5,
    ),
}
