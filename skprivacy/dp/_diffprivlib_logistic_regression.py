"""diffprivlib's logistic regression, with a proof that applies to it."""

from numbers import Real

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin, _fit_context
from sklearn.utils._param_validation import Interval
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from skprivacy.dp._diffprivlib_base import PURE_CONSTRAINTS, SoundFitMixin
from skprivacy.dp._public import clip_norm, public_classes, public_norm

__all__ = ["DiffprivlibLogisticRegression", "logistic_loss", "with_constant"]

#: Largest slope at which a minimum counts as one.
SLOPE = 1e-7
#: Steps of L-BFGS, at most.
MAX_STEPS = 10_000


class DiffprivlibLogisticRegression(SoundFitMixin, ClassifierMixin, BaseEstimator):
    r"""Logistic regression on diffprivlib's vector mechanism, made sound.

    A random linear term is added to the loss, and the minimum is the model.

    Parameters
    ----------
    epsilon : float, default=1.0
        Epsilon of the guarantee, without a delta.

    data_norm : float or None, default=None
        Euclidean norm of a record, at most. It must be public knowledge; longer records
        are shortened.

    classes : array-like or None, default=None
        All classes that a record may be of. They must be public knowledge.

    C : float, default=1.0
        Inverse strength of regularization, of the intercept too.

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

    coef_ : ndarray of shape (n_models, n_features)
        Coefficients: one model of two classes, otherwise one for each class against the
        others.

    intercept_ : ndarray of shape (n_models,)
        Intercepts.

    n_features_in_ : int
        Columns.

    Raises
    ------
    PrivacyLeakError
        If `data_norm` or `classes` are not given.
    PrivacyBudgetExceeded
        If the ledger has not enough left.
    RuntimeError
        If L-BFGS finds no minimum: the proof is about the minimum alone.

    See Also
    --------
    skprivacy.dp.DPLogisticRegression : More accurate, with a delta.

    Notes
    -----
    The proof wants every coefficient regularized, and records no longer than 1. So
    records are scaled to :math:`1 / \sqrt{2}` and get a constant column of
    :math:`1 / \sqrt{2}`, whose coefficient is the intercept. Of :math:`k > 2` classes
    each has :math:`\epsilon / k`.

    References
    ----------
    K. Chaudhuri, C. Monteleoni and A. D. Sarwate, "Differentially Private Empirical
    Risk Minimization", Journal of Machine Learning Research 12, 2011.

    Examples
    --------
    >>> import numpy as np
    >>> from skprivacy.dp import DiffprivlibLogisticRegression
    >>> X = np.random.RandomState(0).uniform(-1, 1, (500, 1))
    >>> model = DiffprivlibLogisticRegression(10.0, data_norm=1.0, classes=[0, 1])
    >>> model = model.fit(X, (X[:, 0] > 0).astype(int))
    >>> print(model.privacy_guarantee_)
    epsilon=10 (replace)
    >>> model.predict([[-0.8], [0.8]])
    array([0, 1])
    """

    _parameter_constraints = {
        **PURE_CONSTRAINTS,
        "data_norm": [Interval(Real, 0, None, closed="neither"), None],
        "classes": ["array-like", None],
        "C": [Interval(Real, 0, None, closed="neither")],
    }

    def __init__(
        self,
        epsilon=1.0,
        *,
        data_norm=None,
        classes=None,
        C=1.0,
        on_leak="raise",
        ledger=None,
        random_state=None,
    ):
        self.epsilon = epsilon
        self.data_norm = data_norm
        self.classes = classes
        self.C = C
        self.on_leak = on_leak
        self.ledger = ledger
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y):
        """Minimize the loss with a random linear term.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            Records.

        y : array-like of shape (n_records,)
            Classes.

        Returns
        -------
        self : DiffprivlibLogisticRegression
        """
        X, y = validate_data(self, X, y, dtype=float)
        check_classification_targets(y)
        classes = public_classes(self.classes, y, self.on_leak)
        norm = public_norm(self.data_norm, X, self.on_leak)
        records = with_constant(clip_norm(X, norm), norm)
        library, random_state, _ = self._start_library_fit(
            ", the classes and the largest norm",
            f"the minimum is exact (its slope is at most {SLOPE:g})",
        )
        modeled = classes[1:] if len(classes) == 2 else classes
        mechanism = library.mechanisms.Vector(
            epsilon=self.epsilon / len(modeled),
            function_sensitivity=0.25,
            data_sensitivity=1.0,
            dimension=records.shape[1],
            alpha=1 / self.C,
            n=len(X),
            random_state=random_state,
        )
        found = np.array(
            [
                self._minimize(mechanism.randomise(logistic_loss), records, y == one)
                for one in modeled
            ]
        )
        self.classes_ = classes
        self.coef_ = found[:, :-1] / (norm * np.sqrt(2))
        self.intercept_ = found[:, -1] / np.sqrt(2)
        return self

    def _minimize(self, noisy_loss, records, is_class):
        signs = np.where(is_class, 1.0, -1.0)
        done = minimize(
            noisy_loss,
            np.zeros(records.shape[1]),
            args=(records, signs, 1 / (self.C * len(records))),
            jac=True,
            method="L-BFGS-B",
            options={"ftol": 0.0, "gtol": SLOPE / 10, "maxiter": MAX_STEPS},
        )
        if np.abs(done.jac).max() > SLOPE:
            raise RuntimeError(
                f"no minimum was found in {MAX_STEPS} steps, and the guarantee is "
                "about the minimum alone: regularize more, with less than "
                f"C={self.C:g}. What the fit spent is booked."
            )
        return done.x

    def decision_function(self, X):
        """Scores of the classes.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            Records.

        Returns
        -------
        scores : ndarray of shape (n_records,) or (n_records, n_classes)
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype=float, reset=False)
        scores = X @ self.coef_.T + self.intercept_
        return scores[:, 0] if scores.shape[1] == 1 else scores

    def predict_proba(self, X):
        """Probability of each class.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            Records.

        Returns
        -------
        proba : ndarray of shape (n_records, n_classes)
        """
        scores = self.decision_function(X)
        if scores.ndim == 1:
            return np.column_stack([expit(-scores), expit(scores)])
        # Shares of the largest score are safe where all are far below 0.
        logs = -np.logaddexp(0, -scores)
        shares = np.exp(logs - logs.max(axis=1, keepdims=True))
        return shares / shares.sum(axis=1, keepdims=True)

    def predict(self, X):
        """Return the likeliest class.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            Records.

        Returns
        -------
        y : ndarray of shape (n_records,)
        """
        scores = self.decision_function(X)
        if scores.ndim == 1:
            return self.classes_[(scores > 0).astype(int)]
        return self.classes_[scores.argmax(axis=1)]


def with_constant(X, norm) -> np.ndarray:
    """Scale records of a norm, and a constant column with them, to norm 1.

    Parameters
    ----------
    X : ndarray of shape (n_records, n_features)
        Records.

    norm : float
        Of the longest that there may be.

    Returns
    -------
    records : ndarray of shape (n_records, n_features + 1)

    Examples
    --------
    >>> records = with_constant(np.array([[3.0, 4.0], [0.0, 0.0]]), 5.0)
    >>> np.linalg.norm(records, axis=1) ** 2
    array([1. , 0.5])
    """
    scaled = np.column_stack([X / norm, np.ones(len(X))])
    return scaled / np.sqrt(2)


def logistic_loss(coef, records, signs, strength) -> tuple:
    """Logistic loss with regularization, and its gradient.

    Parameters
    ----------
    coef : ndarray of shape (n_features,)
        Coefficients.

    records : ndarray of shape (n_records, n_features)
        Records.

    signs : ndarray of shape (n_records,)
        -1 or 1.

    strength : float
        Of the regularization.

    Returns
    -------
    loss : float
        Mean of the records, and half the squared norm of the coefficients times
        `strength`.

    gradient : ndarray of shape (n_features,)

    Examples
    --------
    >>> loss, gradient = logistic_loss(np.zeros(1), np.ones((2, 1)), np.ones(2), 1.0)
    >>> round(loss, 3), gradient
    (0.693, array([-0.5]))
    """
    margins = signs * (records @ coef)
    loss = np.logaddexp(0, -margins).mean() + strength / 2 * coef @ coef
    slopes = -signs * expit(-margins) / len(records)
    return float(loss), records.T @ slopes + strength * coef
