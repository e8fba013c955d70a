"""Kernel ridge regression that finds its own settings."""

import numpy as np
from scipy.linalg import cho_factor, cho_solve, eigh
from sklearn.base import BaseEstimator, RegressorMixin, TransformerMixin
from sklearn.metrics.pairwise import rbf_kernel

__all__ = ["KernelSurrogate", "NumberScaler", "left_out_errors"]

#: Kernels that are tried: widths beside that of scikit-learn's ``gamma="scale"``.
WIDTHS = (1.0, 0.3, 3.0)
ALPHAS = np.logspace(-5, 0, 6)
#: Points on which settings are tried.
N_TRIED = 500
#: Points up to which the equations are solved exactly, and centers beyond.
N_EXACT, N_CENTERS = 5000, 3000


class NumberScaler(TransformerMixin, BaseEstimator):
    """Standardizes columns; those of nothing but 0 and 1 only where it is told to.

    Whoever trains a network or a kernel standardizes numbers, and often leaves the
    columns of categories as they are. Rare values then weigh little, which makes
    another model of it.

    Parameters
    ----------
    indicators : bool, default=False
        Whether columns of 0 and 1 are standardized, too.
    """

    def __init__(self, indicators=False):
        self.indicators = indicators

    def fit(self, X, y=None):
        """Find the means and spreads of columns."""
        self.mean_, spread = X.mean(axis=0), X.std(axis=0)
        self.scale_ = np.where(spread > 0, spread, 1.0)
        if not self.indicators:
            kept = np.isin(X, (0, 1)).all(axis=0)
            self.mean_[kept], self.scale_[kept] = 0.0, 1.0
        return self

    def transform(self, X):
        """Standardize."""
        return (X - self.mean_) / self.scale_


def left_out_errors(kernel, y, alphas):
    """Mean squared error of kernel ridge regression on points left out one at a time.

    Parameters
    ----------
    kernel : ndarray of shape (n_points, n_points)
        Kernel between the points.

    y : ndarray of shape (n_points,) or (n_points, n_outputs)
        What is learned.

    alphas : ndarray of shape (n_alphas,)
        Added to the diagonal.

    Returns
    -------
    errors : ndarray of shape (n_alphas,)

    Examples
    --------
    >>> kernel = np.array([[1.0, 0.5], [0.5, 1.0]])
    >>> left_out_errors(kernel, np.array([1.0, 3.0]), [1.0])
    array([3.8125])
    """
    values, vectors = eigh(kernel)
    values = np.maximum(values, 0)
    along = vectors.T @ y.reshape(len(y), -1)
    errors = []
    for alpha in alphas:
        inverse = 1 / (values[:, None] + alpha)
        dual = vectors @ (inverse * along)
        # What a point's own weight says of its error once it is left out.
        errors.append(np.mean((dual / (vectors**2 @ inverse)) ** 2))
    return np.array(errors)


class KernelSurrogate(RegressorMixin, BaseEstimator):
    """Kernel ridge regression with the scale, width and alpha that suit the answers.

    They are chosen by the errors on points left out one at a time.

    Parameters
    ----------
    random_state : int, RandomState instance or None, default=None
        On which points settings are tried, and which are centers.

    Attributes
    ----------
    scaler_ : NumberScaler
        How columns are scaled.

    gamma_, alpha_ : float
        Coefficient of the kernel, and strength of the ridge.
    """

    def __init__(self, random_state=None):
        self.random_state = random_state

    def fit(self, X, y):
        """Choose the settings, and solve the equations."""
        rng = np.random.default_rng(self.random_state)
        order = rng.permutation(len(X))
        self._choose(X, y, order[:N_TRIED])
        points = self.scaler_.transform(X)
        if len(X) <= N_EXACT:
            self._centers, left = points, rbf_kernel(points, gamma=self.gamma_)
            right = y
        else:
            self._centers = points[order[:N_CENTERS]]
            kernel = rbf_kernel(points, self._centers, gamma=self.gamma_)
            left = kernel.T @ kernel / self.alpha_
            right = kernel.T @ y / self.alpha_
            left += rbf_kernel(self._centers, gamma=self.gamma_)
            # Centers that are alike make the equations alike.
            left.flat[:: len(left) + 1] += 1e-6 * np.trace(left) / len(left)
        if len(X) <= N_EXACT:
            left.flat[:: len(left) + 1] += self.alpha_
        self._dual = cho_solve(cho_factor(left, overwrite_a=True), right)
        return self

    def predict(self, X):
        """Predict numbers."""
        points = self.scaler_.transform(X)
        parts = [
            rbf_kernel(points[i : i + 2000], self._centers, gamma=self.gamma_)
            @ self._dual
            for i in range(0, len(points), 2000)
        ]
        return np.concatenate(parts)

    def _choose(self, X, y, tried):
        best = np.inf
        for scaler in (NumberScaler(), NumberScaler(indicators=True)):
            points = scaler.fit(X).transform(X)
            scale = 1 / max(points.shape[1] * points.var(), 1e-300)
            for width in WIDTHS:
                kernel = rbf_kernel(points[tried], gamma=width * scale)
                errors = left_out_errors(kernel, y[tried], ALPHAS)
                if errors.min() < best:
                    best = errors.min()
                    self.scaler_, self.gamma_ = scaler, width * scale
                    self.alpha_ = float(ALPHAS[errors.argmin()])
            if not np.isin(X, (0, 1)).all(axis=0).any():
                break
