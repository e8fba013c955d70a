"""Principal components from one private release of second moments."""

from numbers import Integral, Real

import numpy as np
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
    _fit_context,
)
from sklearn.utils import check_array
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import check_is_fitted, validate_data

from skprivacy.dp._base import PRIVACY_CONSTRAINTS, PrivateFitMixin
from skprivacy.dp._public import clip_norm, public_norm
from skprivacy.dp._release import release_gaussian
from skprivacy.dp._symmetric import from_triangle, triangle

__all__ = ["DPPCA", "leading_directions", "second_moments", "second_sensitivity"]

#: How large columns stand beside their products: the mean may be noisier than these,
#: of which all directions are made.
MEAN_WEIGHT = 0.4


class DPPCA(
    PrivateFitMixin, ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator
):
    r"""Principal components with differential privacy.

    Sums of all products of two columns, and of columns, are released at once with
    Gaussian noise; components are the leading eigenvectors of the covariance that
    follows.

    Parameters
    ----------
    n_components : int or None, default=None
        How many components to keep; None: all.

    epsilon : float, default=1.0
        Epsilon of the guarantee, at `delta`.

    delta : float, default=1e-5
        Above 0; well below one over the number of records.

    data_norm : float or None, default=None
        The longest that a record may be, by the Euclidean norm; longer ones are
        shortened. It must be public knowledge. Bring columns to comparable, public
        scales beforehand.

    centered : bool, default=False
        Whether columns have mean 0 by what everybody knows: then no mean is released,
        or taken away, and there is less noise.

    on_leak : {"raise", "warn"}, default="raise"
        What to do where `data_norm` is not given, and would be read off the data.

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

    components_ : ndarray of shape (n_components, n_features)
        Directions, the leading one first; the largest weight of each is positive.

    explained_variance_ : ndarray of shape (n_components,)
        Variance along each by what was released: noise in it too, and at least 0.

    explained_variance_ratio_ : ndarray of shape (n_components,)
        Share of each in the sum over all directions.

    mean_ : ndarray of shape (n_features,)
        Mean of each column; 0 if `centered`.

    n_components_ : int
        Components.

    n_features_in_ : int
        Columns.

    Raises
    ------
    PrivacyLeakError
        If `data_norm` is not given.
    PrivacyBudgetExceeded
        If the ledger has not enough left.

    See Also
    --------
    sklearn.decomposition.PCA : Without privacy.

    Notes
    -----
    Neighbors are data sets of which one record is another; the number of records is
    public. With :math:`x` the record, scaled to a length of 1 at most, neighbors'
    :math:`\sum x x^T` are at most :math:`\sqrt{2}` apart, counting both halves of the
    matrix, and together with :math:`w \sum x` at most :math:`(2 + w^2) / \sqrt{2}`;
    :math:`w = 0.4`.

    References
    ----------
    C. Dwork, K. Talwar, A. Thakurta, L. Zhang. "Analyze Gauss: optimal bounds for
    privacy-preserving principal component analysis". STOC 2014.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skprivacy.dp import DPPCA
    >>> X, _ = load_digits(return_X_y=True)
    >>> X = X / 16 - 0.5  # pixels are from 0 to 16
    >>> pca = DPPCA(2, epsilon=5.0, data_norm=4.0).fit(X)
    >>> pca.transform(X).shape
    (1797, 2)
    >>> print(pca.privacy_guarantee_)
    epsilon=5 at delta=1e-05 (1.121-GDP, replace)
    """

    _parameter_constraints = {
        **PRIVACY_CONSTRAINTS,
        "n_components": [Interval(Integral, 1, None, closed="left"), None],
        "data_norm": [Interval(Real, 0, None, closed="neither"), None],
        "centered": ["boolean"],
    }

    def __init__(
        self,
        n_components=None,
        *,
        epsilon=1.0,
        delta=1e-5,
        data_norm=None,
        centered=False,
        on_leak="raise",
        ledger=None,
        random_state=None,
    ):
        self.n_components = n_components
        self.epsilon = epsilon
        self.delta = delta
        self.data_norm = data_norm
        self.centered = centered
        self.on_leak = on_leak
        self.ledger = ledger
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        """Release the moments, and find their directions.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            Records. What is longer than `data_norm` is shortened.

        y : None
            Not used.

        Returns
        -------
        self : DPPCA

        Raises
        ------
        ValueError
            If there are fewer columns than components.
        """
        X = validate_data(self, X, dtype=float)
        n, d = X.shape
        n_components = d if self.n_components is None else self.n_components
        if n_components > d:
            raise ValueError(
                f"n_components must be at most the number of columns, {d}; got "
                f"{n_components}."
            )
        norm = public_norm(self.data_norm, X, self.on_leak)
        records = clip_norm(X, norm) / norm
        known = "the number of records and data_norm are public"
        if self.centered:
            known += ", and so is that columns have mean 0"
        mu, noise = self._start_gaussian_fit(known)
        sensitivity = second_sensitivity(not self.centered)
        sums = second_moments(records, not self.centered)
        released = release_gaussian(sums, sensitivity, mu, noise) / n
        mean = np.zeros(d)
        if not self.centered:
            # A mean of records of length 1 is no longer than that.
            mean = released[:d] / MEAN_WEIGHT
            mean /= max(np.linalg.norm(mean), 1.0)
            released = released[d:]
        covariance = from_triangle(released, d) - np.outer(mean, mean)
        variance, directions = leading_directions(covariance)
        variance = np.maximum(variance, 0.0) * norm**2 * n / max(n - 1, 1)
        share = variance / max(variance.sum(), np.finfo(float).tiny)
        self.components_ = directions[:n_components]
        self.explained_variance_ = variance[:n_components]
        self.explained_variance_ratio_ = share[:n_components]
        self.mean_ = mean * norm
        self.n_components_ = n_components
        return self

    @property
    def _n_features_out(self):
        return self.n_components_

    def transform(self, X):
        """Place records along the components.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            Records.

        Returns
        -------
        placed : ndarray of shape (n_records, n_components)
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype=float, reset=False)
        return (X - self.mean_) @ self.components_.T

    def inverse_transform(self, X):
        """Return the records at places along the components.

        Parameters
        ----------
        X : array-like of shape (n_records, n_components)
            Places.

        Returns
        -------
        records : ndarray of shape (n_records, n_features)
        """
        check_is_fitted(self)
        X = check_array(X, dtype=float)
        if X.shape[1] != self.n_components_:
            raise ValueError(
                f"X must have a column for each of the {self.n_components_} "
                f"components; got {X.shape[1]}."
            )
        return X @ self.components_ + self.mean_


def second_moments(records, mean) -> np.ndarray:
    """Sum up columns, and their products.

    Parameters
    ----------
    records : ndarray of shape (n_records, n_features)
        Records, no longer than 1.

    mean : bool
        Whether sums of columns are needed.

    Returns
    -------
    moments : ndarray
        Sums of columns, weighted, if needed, and the triangle of sums of products.

    Examples
    --------
    >>> second_moments(np.array([[0.5], [1.0]]), True)
    array([0.6 , 1.25])
    """
    products = triangle(records.T @ records)
    if not mean:
        return products
    return np.concatenate([MEAN_WEIGHT * records.sum(axis=0), products])


def second_sensitivity(mean) -> float:
    r"""How far apart the moments of neighbors can be, by the Euclidean norm.

    The square distance of records :math:`x, x'` of length 1 with :math:`a = x \cdot
    x'` is :math:`2 - 2 a^2`, and with the mean :math:`w^2 (2 - 2 a)` more: at most 2,
    and :math:`(2 + w^2)^2 / 2`.

    Parameters
    ----------
    mean : bool
        Whether sums of columns are released as well.

    Returns
    -------
    sensitivity : float

    Examples
    --------
    >>> [round(second_sensitivity(mean) ** 2, 4) for mean in (False, True)]
    [2.0, 2.3328]
    """
    weight = MEAN_WEIGHT if mean else 0.0
    return float((2 + weight**2) / np.sqrt(2))


def leading_directions(matrix):
    """Return eigenvalues from the largest on, and their directions.

    Parameters
    ----------
    matrix : ndarray of shape (n_columns, n_columns)
        Symmetric.

    Returns
    -------
    values : ndarray of shape (n_columns,)
        Falling.

    directions : ndarray of shape (n_columns, n_columns)
        One a row; the largest number of each, by its size, is positive.

    Examples
    --------
    >>> values, directions = leading_directions(np.diag([1.0, 2.0]))
    >>> values, directions + 0.0
    (array([2., 1.]), array([[0., 1.],
           [1., 0.]]))
    """
    values, vectors = np.linalg.eigh(matrix)
    directions = vectors.T[::-1]
    largest = np.abs(directions).argmax(axis=1)
    signs = np.sign(directions[np.arange(len(directions)), largest])
    return values[::-1], directions * signs[:, None]
