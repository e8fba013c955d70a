"""Gaussian naive Bayes from one private release of its sums."""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, _fit_context
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import validate_data

from skprivacy.dp._base import PRIVACY_CONSTRAINTS, PrivateFitMixin
from skprivacy.dp._class_answers import GaussianAnswersMixin
from skprivacy.dp._public import public_bounds, public_classes, to_unit_range
from skprivacy.dp._release import release_gaussian

__all__ = ["DPGaussianNB", "naive_bayes_sums", "sums_sensitivity"]

#: Whose square is still a number.
WIDEST = 1e150
#: Least and largest lower limit of a variance, of a range from -1 to 1.
LEAST_VARIANCE = 0.01, 1 / 3
#: How large squares stand beside the values themselves.
SQUARE_WEIGHT = 0.5


class DPGaussianNB(
    GaussianAnswersMixin, PrivateFitMixin, ClassifierMixin, BaseEstimator
):
    r"""Gaussian naive Bayes with differential privacy.

    Counts, sums and sums of squares of all classes are released at once, with Gaussian
    noise; all else is made of these.

    Parameters
    ----------
    epsilon : float, default=1.0
        Epsilon of the guarantee, at `delta`.

    delta : float, default=1e-5
        Above 0; well below one over the number of records.

    bounds : pair or None, default=None
        Lower and upper end of each column, numbers or one a column. They must be public
        knowledge.

    classes : array-like or None, default=None
        All classes that a record may be of. They must be public knowledge.

    on_leak : {"raise", "warn"}, default="raise"
        What to do where bounds or classes are not given, and would be read off the
        data.

    ledger : PrivacyLedger or None, default=None
        Books the fit. None: that of the block around it, if any.

    random_state : int, RandomState instance or None, default=None
        None: noise that nobody can draw again. With a seed it hides nothing from who
        knows it.

    Attributes
    ----------
    privacy_guarantee_ : PrivacyGuarantee
        What the fit promises.

    reproducible_ : bool
        Whether the noise can be drawn again.

    classes_ : ndarray of shape (n_classes,)
        Classes.

    class_prior_ : ndarray of shape (n_classes,)
        Share of each.

    theta_, var_ : ndarray of shape (n_classes, n_features)
        Mean and variance of each column in each class.

    n_features_in_ : int
        Columns.

    Raises
    ------
    PrivacyLeakError
        If bounds or classes are not given.
    PrivacyBudgetExceeded
        If the ledger has not enough left.

    See Also
    --------
    sklearn.naive_bayes.GaussianNB : Without privacy.

    Notes
    -----
    Neighbors are data sets of which one record is another; the number of records is
    public. With values scaled to -1 to 1 a record adds
    :math:`(a, x, b (2 x^2 - 1))` to the sums of its class, whose length is at most
    :math:`\sqrt{a^2 + d (1 + b^2)}`. A neighbor takes one such vector away and adds
    another.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from skprivacy.dp import DPGaussianNB
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> # As if these ends were known to everybody.
    >>> bounds = (X.min(axis=0), X.max(axis=0))
    >>> model = DPGaussianNB(epsilon=10.0, bounds=bounds, classes=[0, 1]).fit(X, y)
    >>> print(model.privacy_guarantee_)
    epsilon=10 at delta=1e-05 (2-GDP, replace)
    >>> model.score(X, y) > 0.8
    True
    """

    _parameter_constraints = {
        **PRIVACY_CONSTRAINTS,
        "bounds": "no_validation",
        "classes": ["array-like", None],
    }

    def __init__(
        self,
        epsilon=1.0,
        delta=1e-5,
        *,
        bounds=None,
        classes=None,
        on_leak="raise",
        ledger=None,
        random_state=None,
    ):
        self.epsilon = epsilon
        self.delta = delta
        self.bounds = bounds
        self.classes = classes
        self.on_leak = on_leak
        self.ledger = ledger
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y):
        """Release the sums, and make the model of them.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            Records. What is outside of the bounds is moved to their ends.

        y : array-like of shape (n_records,)
            Classes.

        Returns
        -------
        self : DPGaussianNB
        """
        X, y = validate_data(self, X, y, dtype=float)
        check_classification_targets(y)
        classes = public_classes(self.classes, y, self.on_leak)
        lower, upper = public_bounds(self.bounds, X, self.on_leak)
        scaled, center, reach = to_unit_range(X, lower, upper)
        mu, noise = self._start_gaussian_fit(
            "the number of records, bounds and classes are public"
        )
        sums = naive_bayes_sums(scaled, np.searchsorted(classes, y), len(classes))
        sensitivity = sums_sensitivity(X.shape[1])
        released = release_gaussian(sums, sensitivity, mu, noise)
        self.classes_ = classes
        self._from_sums(released, sensitivity / mu, len(X), center, reach)
        return self

    def _from_sums(self, sums, deviation, n_records, center, reach):
        if np.max(reach) > WIDEST:
            raise ValueError(
                f"bounds must be at most {2 * WIDEST:g} apart, so that a variance is a "
                "number; those of X are farther where none are given."
            )
        d = len(center)
        n_classes = len(self.classes_)
        counts = np.clip(sums[:, 0] / np.sqrt(d) + n_records / n_classes, 1.0, None)
        counts *= n_records / counts.sum()
        mean = np.clip(sums[:, 1 : d + 1] / counts[:, None], -1, 1)
        squares = sums[:, d + 1 :] / SQUARE_WEIGHT / counts[:, None]
        # What noise can make of a variance is no variance: a column would outvote all
        # others where it happens to be next to nothing.
        least = deviation / (2 * SQUARE_WEIGHT * counts[:, None])
        least = np.clip(least, *LEAST_VARIANCE)
        var = np.clip((squares + 1) / 2 - mean**2, least, 1.0)
        self.class_prior_ = counts / counts.sum()
        self.theta_, self.var_ = mean * reach + center, var * reach**2


def naive_bayes_sums(scaled, codes, n_classes) -> np.ndarray:
    """Sum up what naive Bayes needs, for each class.

    Parameters
    ----------
    scaled : ndarray of shape (n_records, n_features)
        Records, from -1 to 1.

    codes : ndarray of int of shape (n_records,)
        Classes.

    n_classes : int
        How many there are.

    Returns
    -------
    sums : ndarray of shape (n_classes, 1 + 2 * n_features)
        The count, less an equal share, in units of the square root of the number of
        columns; sums; and sums of ``2 x^2 - 1``, weighted.

    Examples
    --------
    >>> naive_bayes_sums(np.array([[1.0], [0.0], [-1.0]]), np.array([0, 0, 1]), 2)
    array([[ 0.5,  1. ,  0. ],
           [-0.5, -1. ,  0.5]])
    """
    n, d = scaled.shape
    parts = np.column_stack(
        [np.full(n, np.sqrt(d)), scaled, SQUARE_WEIGHT * (2 * scaled**2 - 1)]
    )
    sums = np.zeros((n_classes, parts.shape[1]))
    np.add.at(sums, codes, parts)
    sums[:, 0] -= np.sqrt(d) * n / n_classes
    return sums


def sums_sensitivity(n_features) -> float:
    """How far apart the sums of neighbors can be.

    Parameters
    ----------
    n_features : int
        Columns.

    Returns
    -------
    sensitivity : float
        Euclidean, if one record becomes another: of another class, with all values at
        an end; or, of its own class, from one end to the other.

    Examples
    --------
    >>> round(sums_sensitivity(1) ** 2, 6)
    4.5
    """
    elsewhere = 2 * n_features * (2 + SQUARE_WEIGHT**2)
    within = 4 * n_features
    return float(np.sqrt(max(elsewhere, within)))
