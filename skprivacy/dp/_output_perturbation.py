"""Noise on the parameters of a fit that no record can move far."""

from numbers import Real

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, log_softmax
from sklearn.base import BaseEstimator, ClassifierMixin, _fit_context, clone
from sklearn.linear_model import LogisticRegression
from sklearn.utils._param_validation import Interval
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from skprivacy.dp._base import PRIVACY_CONSTRAINTS, PrivateFitMixin
from skprivacy.dp._public import clip_norm, public_classes, public_norm
from skprivacy.dp._release import release_gaussian

__all__ = ["OutputPerturbation", "optimum_sensitivity", "penalized_optimum"]

#: The penalty is so large that noise moves a log-odds by this over the number of
#: classes, as whose shares the weights shrink; and C at most that, of records no longer
#: than 1.
NOISE_IN_LOG_ODDS = 0.6
LARGEST_C = 30.0
#: How far from 0 the gradient may be at what is taken for the optimum, in units of the
#: longest gradient of one record. It is accounted for.
SLACK = 1e-3


class OutputPerturbation(PrivateFitMixin, ClassifierMixin, BaseEstimator):
    r"""Logistic regression whose optimum is released with noise.

    With a penalty, no record moves the optimum farther than is known beforehand:
    Gaussian noise as large as that hides it.

    Parameters
    ----------
    estimator : LogisticRegression or None, default=None
        Gives the penalty, by its `C`, and `fit_intercept`. The penalty must be the
        square one, and no classes weighted. None: a penalty by a rule that needs what
        is public alone.

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

    estimator_ : LogisticRegression
        With noise in its weights.

    classes_ : ndarray of shape (n_classes,)
        Classes.

    C_ : float
        One over the penalty; public.

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
    DPLogisticRegression : Loses less to noise, with few records above all.

    Notes
    -----
    Neighbors are data sets of which one record is another; the number of records is
    public. The optimum of :math:`\sum_i \ell_i(w) + |w|^2 / (2 C)`, of gradients no
    longer than :math:`L`, is at most :math:`2 L C` from that of a neighbor: with
    :math:`\lambda = 1 / (n C)` the :math:`2 L / (n \lambda)` of the literature.
    :math:`L` is the length of a record, its constant included, times :math:`\sqrt{2}`
    for more than two classes. The constant is penalized too: without, there is no such
    bound. An optimum that is found but nearly is farther away by what its gradient
    says, which is allowed for.

    References
    ----------
    K. Chaudhuri, C. Monteleoni, A. D. Sarwate. "Differentially private empirical risk
    minimization". JMLR 2011.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.preprocessing import minmax_scale
    >>> from skprivacy.dp import OutputPerturbation
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> X = minmax_scale(X, (-1, 1))  # as if the ends were known to everybody
    >>> model = OutputPerturbation(epsilon=10.0, data_norm=5.0, classes=[0, 1])
    >>> model.fit(X, y).score(X, y) > 0.6
    True
    >>> print(model.privacy_guarantee_)
    epsilon=10 at delta=1e-05 (2-GDP, replace)
    """

    _parameter_constraints = {
        **PRIVACY_CONSTRAINTS,
        "estimator": "no_validation",
        "data_norm": [Interval(Real, 0, None, closed="neither"), None],
        "classes": ["array-like", None],
    }

    def __init__(
        self,
        estimator=None,
        *,
        epsilon=1.0,
        delta=1e-5,
        data_norm=None,
        classes=None,
        on_leak="raise",
        ledger=None,
        random_state=None,
    ):
        self.estimator = estimator
        self.epsilon = epsilon
        self.delta = delta
        self.data_norm = data_norm
        self.classes = classes
        self.on_leak = on_leak
        self.ledger = ledger
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y):
        """Find the optimum, and release it with noise.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            Records. What is longer than `data_norm` is shortened.

        y : array-like of shape (n_records,)
            Classes.

        Returns
        -------
        self : OutputPerturbation

        Raises
        ------
        TypeError
            If `estimator` is another.
        ValueError
            If it has another penalty, or weighs classes.
        RuntimeError
            If the optimum is not found to the precision that is accounted for.
        """
        _check_estimator(self.estimator)
        X, y = validate_data(self, X, y, dtype=float)
        check_classification_targets(y)
        classes = public_classes(self.classes, y, self.on_leak)
        norm = public_norm(self.data_norm, X, self.on_leak)
        model = clone(self.estimator or LogisticRegression())
        records = clip_norm(X, norm) / norm
        if model.fit_intercept:
            records = np.column_stack([records, np.ones(len(X))])
        mu, noise = self._start_gaussian_fit(
            "the number of records, data_norm and classes are public"
        )
        longest = np.sqrt(1.0 + model.fit_intercept)
        if self.estimator is None:
            unit = optimum_sensitivity(longest, len(classes), 1.0)
            noise_allowed = NOISE_IN_LOG_ODDS / len(classes)
            C = min(noise_allowed * mu / (unit * longest), LARGEST_C)
        else:
            # Of records as they are, weights are as much smaller.
            C = model.C * norm**2
        codes = np.searchsorted(classes, y)
        weights = penalized_optimum(records, codes, len(classes), C, longest)
        sensitivity = optimum_sensitivity(longest, len(classes), C)
        released = release_gaussian(weights, sensitivity, mu, noise)
        self.classes_ = classes
        self.C_ = C / norm**2
        self.estimator_ = self._filled(model, released, norm)
        return self

    def _filled(self, model, weights, norm):
        n_features = self.n_features_in_
        model.set_params(C=self.C_)
        model.classes_ = self.classes_
        model.n_features_in_ = n_features
        model.coef_ = weights[:n_features].T / norm
        model.intercept_ = np.zeros(weights.shape[1])
        if model.fit_intercept:
            model.intercept_ = weights[-1].copy()
        return model

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
        X = self._checked(X)
        return self.estimator_.decision_function(X)

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
        X = self._checked(X)
        return self.estimator_.predict_proba(X)

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
        X = self._checked(X)
        return self.estimator_.predict(X)

    def _checked(self, X):
        check_is_fitted(self)
        return validate_data(self, X, dtype=float, reset=False)


def optimum_sensitivity(longest, n_classes, C) -> float:
    """How far apart the optima of neighbors can be, by the Euclidean norm.

    Parameters
    ----------
    longest : float
        Length of the longest record, its constant included.

    n_classes : int
        Classes.

    C : float
        One over the penalty.

    Returns
    -------
    sensitivity : float
        Of what is nearly the optimum, as of :func:`penalized_optimum`.

    Examples
    --------
    >>> round(optimum_sensitivity(1.0, 2, 0.5), 6)
    1.001
    """
    return 2 * _longest_gradient(longest, n_classes) * C * (1 + SLACK)


def _longest_gradient(longest, n_classes):
    return longest * (1.0 if n_classes == 2 else np.sqrt(2))


def penalized_optimum(records, codes, n_classes, C, longest) -> np.ndarray:
    """Minimize the sum of log losses and the penalty.

    Parameters
    ----------
    records : ndarray of shape (n_records, n_columns)
        Records.

    codes : ndarray of int of shape (n_records,)
        Classes; some may have no record.

    n_classes : int
        How many there are.

    C : float
        One over the penalty.

    longest : float
        Length of the longest record.

    Returns
    -------
    weights : ndarray of shape (n_columns, 1) or (n_columns, n_classes)
        Of two classes those of the log-odds of the second. The gradient there is
        shorter than `SLACK` times the longest of one record.

    Raises
    ------
    RuntimeError
        If such are not found.
    """
    shape = (records.shape[1], 1 if n_classes == 2 else n_classes)
    own = np.eye(n_classes)[codes]

    def objective(flat):
        weights = flat.reshape(shape)
        scores = records @ weights
        if n_classes == 2:
            sign = 2 * codes - 1
            loss = np.logaddexp(0, -sign * scores[:, 0]).sum()
            rest = (expit(scores[:, 0]) - codes)[:, None]
        else:
            logs = log_softmax(scores, axis=1)
            loss = -logs[own > 0].sum()
            rest = np.exp(logs) - own
        gradient = records.T @ rest + weights / C
        return loss + (flat @ flat) / (2 * C), gradient.ravel()

    allowed = SLACK * _longest_gradient(longest, n_classes)
    size = int(np.prod(shape))
    settings = {"maxiter": 10_000, "maxfun": 100_000, "ftol": 0.0}
    settings["gtol"] = allowed / np.sqrt(size)
    found = minimize(
        objective, np.zeros(size), jac=True, method="L-BFGS-B", options=settings
    )
    away = np.linalg.norm(objective(found.x)[1])
    if away > allowed:
        raise RuntimeError(
            f"The optimum was not found: its gradient is {away:.2g} long, and the "
            f"guarantee needs at most {allowed:.2g}. Take a smaller C."
        )
    return found.x.reshape(shape)


def _check_estimator(estimator):
    """Refuse what has no known bound on how far a record moves it."""
    if estimator is None:
        return
    if type(estimator) is not LogisticRegression:
        raise TypeError(
            "estimator must be a LogisticRegression or None: of no other is it known "
            f"how far a record moves its weights; got {estimator!r}."
        )
    if getattr(estimator, "penalty", "l2") not in ("l2", "deprecated"):
        raise ValueError(
            "estimator must have the square penalty, penalty='l2': with others a "
            f"record may move weights any distance; got {estimator.penalty!r}."
        )
    if estimator.l1_ratio not in (None, 0, 0.0):
        raise ValueError(
            "estimator must have the square penalty alone, l1_ratio=0; got "
            f"{estimator.l1_ratio!r}."
        )
    if not (isinstance(estimator.C, Real) and 0 < estimator.C < np.inf):
        raise ValueError(
            "estimator must have a penalty, C above 0 and finite: without one a record "
            f"may move weights any distance; got C={estimator.C!r}."
        )
    if estimator.class_weight is not None:
        raise ValueError(
            "estimator must not weigh classes: a record of a rare one would move "
            f"weights farther; got class_weight={estimator.class_weight!r}."
        )
    if estimator.solver == "liblinear":
        raise ValueError(
            "estimator must not have solver='liblinear', whose loss of more than two "
            "classes is another; take the default, 'lbfgs'."
        )
