"""diffprivlib's Gaussian naive Bayes, with room for a record that changes its class."""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, _fit_context
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import validate_data

from skprivacy.dp._class_answers import GaussianAnswersMixin
from skprivacy.dp._diffprivlib_base import (
    PURE_CONSTRAINTS,
    SoundFitMixin,
)
from skprivacy.dp._diffprivlib_compat import library_model
from skprivacy.dp._public import public_bounds, public_classes, to_unit_range

__all__ = ["DiffprivlibGaussianNB"]

#: Part of epsilon with which the library is called: a record that changes its class
#: costs 5/3 of what the library accounts for.
PART = 3 / 5
#: Least variance, of a range of 1.
LEAST_VARIANCE = 1e-4


class DiffprivlibGaussianNB(
    GaussianAnswersMixin, SoundFitMixin, ClassifierMixin, BaseEstimator
):
    r"""Gaussian naive Bayes with diffprivlib's noise, made sound.

    Counts, means and variances of each class are released one by one.

    Parameters
    ----------
    epsilon : float, default=1.0
        Epsilon of the guarantee, without a delta.

    bounds : pair or None, default=None
        Lower and upper end of each column, numbers or one a column. They must be public
        knowledge.

    classes : array-like or None, default=None
        All classes that a record may be of. They must be public knowledge.

    on_leak : {"raise", "warn"}, default="raise"
        What to do where `bounds` or `classes` are not given, and would be read off the
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
        If `bounds` or `classes` are not given.
    PrivacyBudgetExceeded
        If the ledger has not enough left.

    See Also
    --------
    skprivacy.dp.DPGaussianNB : More accurate, with a delta.

    Notes
    -----
    A record that changes its class changes two counts, two sums and two variances,
    where the library accounts for one of each. With columns scaled to -1/2 to 1/2 the
    two sums cost as much as one; counts and variances cost twice a third of epsilon
    each. Classes without records are released like all others.

    References
    ----------
    J. Vaidya et al., "Differentially Private Naive Bayes Classification", WI-IAT 2013.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skprivacy.dp import DiffprivlibGaussianNB
    >>> X, y = load_iris(return_X_y=True)
    >>> model = DiffprivlibGaussianNB(1e3, bounds=(0, 8), classes=[0, 1, 2]).fit(X, y)
    >>> print(model.privacy_guarantee_)
    epsilon=1e+03 (replace)
    >>> model.score(X, y) > 0.8
    True
    """

    _parameter_constraints = {
        **PURE_CONSTRAINTS,
        "bounds": "no_validation",
        "classes": ["array-like", None],
    }

    def __init__(
        self,
        epsilon=1.0,
        *,
        bounds=None,
        classes=None,
        on_leak="raise",
        ledger=None,
        random_state=None,
    ):
        self.epsilon = epsilon
        self.bounds = bounds
        self.classes = classes
        self.on_leak = on_leak
        self.ledger = ledger
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y):
        """Release counts, means and variances.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            Records. What is outside of the bounds is moved to their ends.

        y : array-like of shape (n_records,)
            Classes.

        Returns
        -------
        self : DiffprivlibGaussianNB
        """
        X, y = validate_data(self, X, y, dtype=float)
        check_classification_targets(y)
        classes = public_classes(self.classes, y, self.on_leak)
        ends = public_bounds(self.bounds, X, self.on_leak)
        scaled, center, reach = to_unit_range(X, *ends)
        library, random_state, _ = self._start_library_fit(
            ", the classes and the bounds",
        )
        epsilon = PART * self.epsilon
        counts = library.mechanisms.GeometricTruncated(
            epsilon=epsilon / 3,
            sensitivity=1,
            lower=1,
            upper=len(X),
            random_state=random_state,
        )
        ends = -0.5 * np.ones(X.shape[1]), 0.5 * np.ones(X.shape[1])
        moments = library_model("GaussianNB", epsilon=epsilon, bounds=ends)
        released = []
        for one in classes:
            members = scaled[y == one] / 2
            count = counts.randomise(len(members))
            mean, var = moments._update_mean_variance(
                0, 0.0, 0.0, members, random_state=random_state, n_noisy=count
            )
            released.append((count, mean, var))
        noisy, means, variances = (
            np.array(part) for part in zip(*released, strict=True)
        )
        self.classes_ = classes
        self.class_prior_ = noisy / noisy.sum()
        self.theta_ = 2 * means * reach + center
        self.var_ = np.maximum(variances, LEAST_VARIANCE) * (2 * reach) ** 2
        return self
