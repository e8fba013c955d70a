"""The strength of the regularization, from what a model learned."""

from typing import NamedTuple

import numpy as np
from scipy.special import expit, softmax
from sklearn.base import BaseEstimator, _fit_context
from sklearn.linear_model import (
    ElasticNet,
    Lasso,
    LinearRegression,
    LogisticRegression,
    Ridge,
)
from sklearn.pipeline import Pipeline
from sklearn.svm import LinearSVC
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.validation import validate_data

from skprivacy._validation import check_numbers, encode_labels
from skprivacy.targets import check_white_box

__all__ = ["HyperparameterAttack", "solve_strengths"]

MODELS = {
    "ridge": Ridge,
    "lasso": Lasso,
    "elastic_net": ElasticNet,
    "logistic": LogisticRegression,
    "squared_hinge": LinearSVC,
}


class Gradients(NamedTuple):
    """Gradients at what was learned, one row a coefficient."""

    loss: np.ndarray
    penalties: np.ndarray


def solve_strengths(gradients):
    """Strengths with which the penalties balance the loss.

    At the minimum of L(w) + sum_k s_k R_k(w) the gradient is zero. That is one equation
    a coefficient, which are solved for the strengths by least squares.

    Parameters
    ----------
    gradients : Gradients
        Of the loss, shape (n_coefficients,), and of the penalties, shape
        (n_coefficients, n_penalties).

    Returns
    -------
    strengths : ndarray of shape (n_penalties,)

    residual : float
        What is left of the gradient, as a share of that of the loss: near 0 where loss,
        penalties and data are those of the training.

    Examples
    --------
    >>> import numpy as np
    >>> w = np.array([[1.0], [-2.0]])
    >>> strengths, residual = solve_strengths(Gradients(-3 * w[:, 0], w))
    >>> bool(np.isclose(strengths[0], 3)), bool(residual < 1e-12)
    (True, True)
    """
    loss, penalties = gradients
    strengths, *_ = np.linalg.lstsq(penalties, -loss, rcond=None)
    rest = np.linalg.norm(loss + penalties @ strengths)
    size = np.linalg.norm(loss)
    return strengths, float(rest / size) if size > 0 else 0.0


class HyperparameterAttack(BaseEstimator):
    """Computes how strongly a linear model was regularized.

    Training ends where the gradient of the loss and that of the penalty balance. Who
    holds the coefficients, or a copy of them, and the training data solves for the
    weight that makes them do so: what its owner may have paid to find by search.

    Parameters
    ----------
    target : FrozenEstimator
        A fitted model with ``coef_`` and ``intercept_``: the target, or a copy such as
        a fitted :class:`EquationSolvingAttack`. A pipeline's earlier steps are applied
        to the data first.

    model : {"auto", "ridge", "lasso", "elastic_net", "logistic", "squared_hinge"}, \
default="auto"
        What was minimized, as the classes of scikit-learn do: "logistic" is
        `LogisticRegression` with the penalty L2, "squared_hinge" is `LinearSVC`. "auto"
        goes by the class of the model, and must be set for copies.

    Attributes
    ----------
    hyperparameters_ : dict of str to float
        ``alpha``, ``C``, or ``alpha`` and ``l1_ratio``, as scikit-learn calls them.

    residual_ : float
        What is left of the gradient, as a share of that of the loss. Near 0: found.
        Otherwise the data are not those of the training, the loss or penalty is
        another, or training stopped early.

    n_features_in_ : int
        Features of the data.

    Raises
    ------
    ValueError
        If the model has no coefficients, they do not fit the data, or it is not known
        what was minimized.

    See Also
    --------
    EquationSolvingAttack : Gets the coefficients by asking.

    References
    ----------
    B. Wang, N. Z. Gong. "Stealing hyperparameters in machine learning". IEEE Symposium
    on Security and Privacy 2018.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.frozen import FrozenEstimator
    >>> from sklearn.linear_model import Ridge
    >>> from skprivacy.extraction import HyperparameterAttack
    >>> X, y = load_diabetes(return_X_y=True)
    >>> model = Ridge(alpha=0.37).fit(X, y)
    >>> found = HyperparameterAttack(FrozenEstimator(model)).fit(X, y)
    >>> round(found.hyperparameters_["alpha"], 6)
    0.37
    """

    _parameter_constraints = {
        "target": "no_validation",
        "model": [StrOptions({"auto", *MODELS})],
    }

    def __init__(self, target, *, model="auto"):
        self.target = target
        self.model = model

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y):
        """Solve for the hyperparameters.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Training data.

        y : array-like of shape (n_records,)
            Its labels or numbers.

        Returns
        -------
        self : object
            The attack, with what it found.
        """
        model = check_white_box(self.target)
        checked, y = validate_data(self, X, y, dtype="numeric")
        X = X if hasattr(X, "columns") else checked
        if isinstance(model, Pipeline):
            X, model = model[:-1].transform(X) if len(model) > 1 else X, model[-1]
        kind = self._kind(model)
        X = np.asarray(X, dtype=float)
        coef, intercept = _coefficients(model, X)
        if kind in ("logistic", "squared_hinge"):
            y = _codes(y, model, len(coef))
        with np.errstate(over="ignore", invalid="ignore"):
            gradients = GRADIENTS[kind](X, y, coef, intercept)
            size = np.linalg.norm(gradients.loss)
        if not np.isfinite(size):
            raise ValueError("X and y must be smaller: their products are infinite.")
        if not gradients.penalties.any():
            raise ValueError(
                "target: all its coefficients are 0, on which any strength of the "
                "penalty leaves the same trace."
            )
        strengths, self.residual_ = solve_strengths(gradients)
        self.hyperparameters_ = _named(kind, strengths)
        return self

    def _kind(self, model):
        if self.model != "auto":
            return self.model
        for kind, known in MODELS.items():
            if type(model) is known:
                return kind
        if isinstance(model, LinearRegression):
            return "ridge"
        raise ValueError(
            f"model must be one of {sorted(MODELS)} for a {type(model).__name__}, "
            "which does not say what was minimized; got 'auto'."
        )

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        return tags


def _coefficients(model, X):
    if not hasattr(model, "coef_"):
        raise ValueError(
            f"target must have coef_ and intercept_; {type(model).__name__} has none."
        )
    coef = np.atleast_2d(np.asarray(model.coef_, dtype=float))
    intercept = np.broadcast_to(np.asarray(model.intercept_, dtype=float), len(coef))
    if coef.shape[1] != X.shape[1]:
        raise ValueError(
            f"X has {X.shape[1]} features, and the target has coefficients for "
            f"{coef.shape[1]}."
        )
    return coef, intercept


def _codes(y, model, n_rows):
    codes = encode_labels(y, model.classes_)
    if (codes < 0).any():
        raise ValueError(
            f"y holds labels that the target does not know: "
            f"{np.unique(np.asarray(y)[codes < 0]).tolist()}."
        )
    n_classes = len(model.classes_)
    return codes[:, None] == (np.array([1]) if n_rows == 1 else np.arange(n_classes))


def _squared(X, y, coef, intercept):
    rest = check_numbers(y) - X @ coef[0] - intercept[0]
    return -X.T @ rest


def _ridge(X, y, coef, intercept):
    return Gradients(_squared(X, y, coef, intercept), coef.T)


def _lasso(X, y, coef, intercept):
    # The penalty has a gradient only where a coefficient is not 0.
    kept = coef[0] != 0
    loss = _squared(X, y, coef, intercept) / len(X)
    return Gradients(loss[kept], np.sign(coef[0, kept])[:, None])


def _elastic_net(X, y, coef, intercept):
    kept = coef[0] != 0
    loss = _squared(X, y, coef, intercept) / len(X)
    w = coef[0, kept]
    return Gradients(loss[kept], np.column_stack([np.sign(w), w]))


def _logistic(X, is_class, coef, intercept):
    if len(coef) > 1:
        # Softmax answers the same when all classes are shifted; a penalty does not
        # let them be.
        coef = coef - coef.mean(axis=0)
    scores = X @ coef.T + intercept
    proba = expit(scores) if len(coef) == 1 else softmax(scores, axis=1)
    return Gradients(((proba - is_class).T @ X).ravel(), coef.reshape(-1, 1))


def _squared_hinge(X, is_class, coef, intercept):
    sign = np.where(is_class, 1.0, -1.0)
    slack = np.maximum(0, 1 - sign * (X @ coef.T + intercept))
    return Gradients((-2 * (sign * slack).T @ X).ravel(), coef.reshape(-1, 1))


def _named(kind, strengths):
    if kind in ("logistic", "squared_hinge"):
        strength = float(strengths[0])
        return {"C": 1 / strength if strength else np.inf}
    if kind == "elastic_net":
        alpha = float(strengths.sum())
        return {"alpha": alpha, "l1_ratio": float(strengths[0]) / alpha}
    return {"alpha": float(strengths[0])}


GRADIENTS = {
    "ridge": _ridge,
    "lasso": _lasso,
    "elastic_net": _elastic_net,
    "logistic": _logistic,
    "squared_hinge": _squared_hinge,
}
