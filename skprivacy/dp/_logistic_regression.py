"""Logistic regression by gradients with noise."""

from numbers import Integral, Real

import numpy as np
from scipy.special import softmax
from sklearn.base import BaseEstimator, ClassifierMixin, _fit_context
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from skprivacy.dp._base import PRIVACY_CONSTRAINTS, PrivateFitMixin
from skprivacy.dp._class_answers import ClassAnswersMixin
from skprivacy.dp._public import clip_norm, public_classes, public_norm
from skprivacy.dp._release import release_gaussian

__all__ = ["DPLogisticRegression", "clipped_gradient", "private_descent"]

#: Of an exponential mean over the gradients.
MOMENTUM = 0.9
#: Steps are so long that noise alone moves a log-odds by this, in all.
NOISE_IN_LOG_ODDS = 3.0
#: Longest step, of records no longer than 1 and a constant.
LONGEST_STEP = 32.0
#: Fewest and most steps, where their number is not given.
STEPS = 100, 400
#: Longest gradient of a record that is not shortened, where it is not given: about the
#: length at the start, and no gradient is longer than the second.
CLIP_NORMS = 1.0, 2.0


class DPLogisticRegression(
    ClassAnswersMixin, PrivateFitMixin, ClassifierMixin, BaseEstimator
):
    r"""Logistic regression with differential privacy.

    Gradient descent on all records, from 0, with Gaussian noise in every gradient. It
    is one model for any number of classes, and stops while it is still small: which
    takes the place of a penalty.

    Parameters
    ----------
    epsilon : float, default=1.0
        Epsilon of the guarantee, at `delta`.

    delta : float, default=1e-5
        Above 0; well below one over the number of records.

    data_norm : float or None, default=None
        The longest that a record may be, by the Euclidean norm; longer ones are
        shortened. It must be public knowledge. Bring columns to comparable, public
        scales beforehand.

    classes : array-like or None, default=None
        All classes that a record may be of. They must be public knowledge.

    n_iter : int or "auto", default="auto"
        Gradients. The noise of each grows with the root of their number, and its share
        in the sum is the same. "auto": 100, and up to 400 where the longest steps would
        otherwise not go as far as noise allows; it depends on what is public alone.

    clip_norm : float or "auto", default="auto"
        The longest gradient of one record, of records scaled to a length of 1 beside a
        constant of 1. "auto": 1, about what it is at the start, and up to 2, the
        longest that there is, where even 400 of the longest steps leave noise to spare;
        it depends on what is public alone.

    learning_rate : float or "auto", default="auto"
        Length of a step. "auto": so that over all steps the noise moves a log-odds by
        3, but no longer than 32; it depends on what is public alone.

    fit_intercept : bool, default=True
        Whether to learn a constant.

    on_leak : {"raise", "warn"}, default="raise"
        What to do where `data_norm` or `classes` are not given, and would be read off
        the data.

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

    coef_ : ndarray of shape (1, n_features) or (n_classes, n_features)
        Weights; of two classes those of the log-odds of the second.

    intercept_ : ndarray of shape (1,) or (n_classes,)
        Constants.

    n_iter_ : int
        Gradients.

    clip_norm_ : float
        The longest gradient of one record.

    n_features_in_ : int
        Columns.

    Raises
    ------
    PrivacyLeakError
        If `data_norm` or `classes` are not given.
    PrivacyBudgetExceeded
        If the ledger has not enough left.

    See Also
    --------
    DPGaussianNB : Needs no scales but bounds.

    Notes
    -----
    Neighbors are data sets of which one record is another; the number of records is
    public. A sum of gradients of length :math:`C` at most differs between neighbors by
    :math:`2 C` at most, so that with noise of standard deviation :math:`2 C \sqrt{T} /
    \mu` in each of :math:`T` sums, all of them together are :math:`\mu`-GDP, whichever
    way each was chosen after the others.

    References
    ----------
    R. Bassily, A. Smith, A. Thakurta. "Private empirical risk minimization: efficient
    algorithms and tight error bounds". FOCS 2014; accounting by J. Dong, A. Roth, W. J.
    Su. "Gaussian differential privacy". JRSS B 2022.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.preprocessing import minmax_scale
    >>> from skprivacy.dp import DPLogisticRegression
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> X = minmax_scale(X, (-1, 1))  # as if the ends were known to everybody
    >>> model = DPLogisticRegression(epsilon=5.0, data_norm=5.0, classes=[0, 1])
    >>> model.fit(X, y).score(X, y) > 0.8
    True
    >>> print(model.privacy_guarantee_)
    epsilon=5 at delta=1e-05 (1.121-GDP, replace)
    """

    _parameter_constraints = {
        **PRIVACY_CONSTRAINTS,
        "data_norm": [Interval(Real, 0, None, closed="neither"), None],
        "classes": ["array-like", None],
        "n_iter": [Interval(Integral, 1, None, closed="left"), StrOptions({"auto"})],
        "clip_norm": [Interval(Real, 0, None, closed="neither"), StrOptions({"auto"})],
        "learning_rate": [
            Interval(Real, 0, None, closed="neither"),
            StrOptions({"auto"}),
        ],
        "fit_intercept": ["boolean"],
    }

    def __init__(
        self,
        epsilon=1.0,
        delta=1e-5,
        *,
        data_norm=None,
        classes=None,
        n_iter="auto",
        clip_norm="auto",
        learning_rate="auto",
        fit_intercept=True,
        on_leak="raise",
        ledger=None,
        random_state=None,
    ):
        self.epsilon = epsilon
        self.delta = delta
        self.data_norm = data_norm
        self.classes = classes
        self.n_iter = n_iter
        self.clip_norm = clip_norm
        self.learning_rate = learning_rate
        self.fit_intercept = fit_intercept
        self.on_leak = on_leak
        self.ledger = ledger
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y):
        """Descend along gradients with noise.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            Records. What is longer than `data_norm` is shortened.

        y : array-like of shape (n_records,)
            Classes.

        Returns
        -------
        self : DPLogisticRegression
        """
        X, y = validate_data(self, X, y, dtype=float)
        check_classification_targets(y)
        classes = public_classes(self.classes, y, self.on_leak)
        norm = public_norm(self.data_norm, X, self.on_leak)
        records = clip_norm(X, norm) / norm
        if self.fit_intercept:
            records = np.column_stack([records, np.ones(len(X))])
        mu, noise = self._start_gaussian_fit(
            "the number of records, data_norm and classes are public"
        )
        own = np.eye(len(classes))[np.searchsorted(classes, y)]
        step = self._plan(mu, len(X))
        weights = private_descent(
            records, own, mu, noise, self.n_iter_, self.clip_norm_, step
        )
        self.classes_ = classes
        self._keep(weights, norm)
        return self

    def _plan(self, mu, n_records):
        """Choose number and length of the steps, by what is public alone."""
        # In all steps together the noise of a sum is that of a single release.
        way = NOISE_IN_LOG_ODDS * mu * n_records / 2
        longest = LONGEST_STEP if self.learning_rate == "auto" else np.inf
        clip, n_iter, step = self.clip_norm, self.n_iter, self.learning_rate
        if clip == "auto":
            clip = float(np.clip(way / (STEPS[1] * longest), *CLIP_NORMS))
        if n_iter == "auto":
            n_iter = int(np.clip(np.ceil(way / clip / longest), *STEPS))
        self.clip_norm_, self.n_iter_ = clip, n_iter
        return min(way / clip / n_iter, LONGEST_STEP) if step == "auto" else step

    def _keep(self, weights, norm):
        if len(self.classes_) == 2:
            weights = weights[:, 1:] - weights[:, :1]
        n_features = self.n_features_in_
        self.coef_ = weights[:n_features].T / norm
        self.intercept_ = np.zeros(weights.shape[1])
        if self.fit_intercept:
            self.intercept_ = weights[-1]

    def decision_function(self, X):
        """Score the classes.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            Records.

        Returns
        -------
        scores : ndarray of shape (n_records,) or (n_records, n_classes)
            Of two classes the log-odds of the second.
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype=float, reset=False)
        scores = self._linear_scores(X)
        return scores[:, 0] if scores.shape[1] == 1 else scores

    def _linear_scores(self, X):
        return X @ self.coef_.T + self.intercept_

    def _log_scores(self, X):
        scores = self._linear_scores(X)
        if scores.shape[1] == 1:
            return np.column_stack([np.zeros(len(scores)), scores])
        return scores


def clipped_gradient(records, own, weights, clip_norm) -> np.ndarray:
    """Sum of the gradients of the log loss, each of a bounded length.

    Parameters
    ----------
    records : ndarray of shape (n_records, n_columns)
        Records.

    own : ndarray of shape (n_records, n_classes)
        1 for the class of each, 0 for others.

    weights : ndarray of shape (n_columns, n_classes)
        Weights.

    clip_norm : float
        The longest that the gradient of a record may be.

    Returns
    -------
    gradient : ndarray of shape (n_columns, n_classes)

    Examples
    --------
    >>> own = np.array([[1.0, 0.0]])
    >>> clipped_gradient(np.array([[2.0]]), own, np.zeros((1, 2)), 10.0)
    array([[-1.,  1.]])
    >>> clipped_gradient(np.array([[2.0]]), own, np.zeros((1, 2)), 0.5 * 2**0.5)
    array([[-0.5,  0.5]])
    """
    rest = softmax(records @ weights, axis=1) - own
    # The gradient of a record is an outer product, whose length is that of both.
    lengths = np.linalg.norm(rest, axis=1) * np.linalg.norm(records, axis=1)
    return records.T @ (rest / np.maximum(lengths / clip_norm, 1.0)[:, None])


def private_descent(records, own, mu, noise, n_iter, clip_norm, step) -> np.ndarray:
    """Descend along sums of clipped gradients with noise.

    Parameters
    ----------
    records : ndarray of shape (n_records, n_columns)
        Records.

    own : ndarray of shape (n_records, n_classes)
        1 for the class of each, 0 for others.

    mu : float
        All gradients together are ``mu``-GDP.

    noise : NoiseSource
        Where noise comes from.

    n_iter : int
        Gradients.

    clip_norm : float
        The longest gradient of a record.

    step : float
        Length of a step, of a mean gradient.

    Returns
    -------
    weights : ndarray of shape (n_columns, n_classes)
    """
    weights = np.zeros((records.shape[1], own.shape[1]))
    mean = np.zeros_like(weights)
    for _ in range(n_iter):
        gradient = clipped_gradient(records, own, weights, clip_norm)
        released = release_gaussian(
            gradient, 2 * clip_norm, mu / np.sqrt(n_iter), noise
        )
        mean = MOMENTUM * mean + (1 - MOMENTUM) * released / len(records)
        weights = weights - step * mean
    return weights
