"""A forest of random trees for numbers, whose leaves are released with noise."""

import numpy as np
from sklearn.base import RegressorMixin, _fit_context
from sklearn.utils.validation import check_is_fitted, validate_data

from skprivacy._validation import check_numbers
from skprivacy.dp._base import PrivateFitMixin
from skprivacy.dp._leaf_evidence import leaf_evidence
from skprivacy.dp._public import clip_to_bounds, public_bounds, tell_leak
from skprivacy.dp._random_forest import BaseRandomForest
from skprivacy.dp._random_trees import leaf_sums, share_of_columns
from skprivacy.dp._release import release_gaussian

__all__ = ["DPRandomForestRegressor", "public_y_bounds", "scale_sums"]

#: Part of the budget for by how much the average of the trees is too small.
SCALE_SHARE = 0.05
#: Noise alone moves an answer by about this part of half the range, at most.
NOISE_IN_ANSWERS = 0.1
#: Variance of numbers from -1 to 1, by a guess that needs no data.
SPREAD = 1 / 3


class DPRandomForestRegressor(PrivateFitMixin, RegressorMixin, BaseRandomForest):
    r"""Forest of random trees for numbers, with differential privacy.

    Trees split at random, at places that are public or were released before, and know
    of no record. Counts and sums of `y` in all leaves of all trees are released at
    once, with Gaussian noise; then two numbers that say by how much the average of the
    trees is too small.

    Parameters
    ----------
    epsilon : float, default=1.0
        Epsilon of the guarantee, at `delta`.

    delta : float, default=1e-5
        Above 0; well below one over the number of records.

    bounds : pair or None, default=None
        Lower and upper end of each column, numbers or one a column. They must be public
        knowledge.

    y_bounds : pair or None, default=None
        Lower and upper end of `y`. They must be public knowledge; noise is as large as
        they are wide.

    n_estimators : int, default=100
        Trees. Noise in a leaf grows with the root of their number, and is the same in
        their average.

    max_depth : int or "auto", default="auto"
        Splits on the way to a leaf. "auto": as many as records and budget are enough
        for, by what is public alone.

    max_bins : int, default=32
        Places at which a column may be split, and one.

    bin_share : float, default=0.1
        Part of the budget for finding these places where the records are, from
        histograms with noise. Where records are too few for that, places are at equal
        distances, and nothing is spent.

    on_leak : {"raise", "warn"}, default="raise"
        What to do where bounds are not given, and would be read off the data.

    ledger : PrivacyLedger or None, default=None
        Books the fit. None: that of the block around it, if any.

    random_state : int, RandomState instance or None, default=None
        None: trees and noise that nobody can draw again. With a seed noise hides
        nothing from who knows it.

    Attributes
    ----------
    privacy_guarantee_ : PrivacyGuarantee
        What the fit promises.

    reproducible_ : bool
        Whether the noise can be drawn again.

    mean_ : float
        Mean of `y`.

    feature_, threshold_ : ndarray of shape (n_estimators, 2**max_depth_ - 1)
        Column and value of each split. What is less goes to node ``2 i + 1``, the
        rest to ``2 i + 2``.

    leaf_values_ : ndarray of shape (n_estimators, 2**max_depth_, 1)
        What each leaf adds to the mean.

    y_bounds_ : tuple of float
        Ends between which answers lie.

    max_depth_ : int
        Splits on the way to a leaf.

    n_features_in_ : int
        Columns.

    Raises
    ------
    PrivacyLeakError
        If bounds are not given.
    PrivacyBudgetExceeded
        If the ledger has not enough left.

    See Also
    --------
    DPRandomForestClassifier : For classes.

    Notes
    -----
    Neighbors are data sets of which one record is another; the number of records is
    public. With `y` scaled to -1 to 1 a record adds :math:`(1, y)` to one leaf of each
    of :math:`T` trees, and the sums of neighbors are at most :math:`2 \sqrt{T}` apart:
    whether it moves to other leaves, or from one end to the other.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from skprivacy.dp import DPRandomForestRegressor
    >>> X, y = load_diabetes(return_X_y=True)
    >>> model = DPRandomForestRegressor(
    ...     epsilon=10.0, bounds=(-0.2, 0.2), y_bounds=(0, 400)
    ... ).fit(X, y)
    >>> model.score(X, y) > 0.1
    True
    """

    _parameter_constraints = {
        **BaseRandomForest._parameter_constraints,
        "y_bounds": "no_validation",
    }

    def __init__(
        self,
        epsilon=1.0,
        delta=1e-5,
        *,
        bounds=None,
        y_bounds=None,
        n_estimators=100,
        max_depth="auto",
        max_bins=32,
        bin_share=0.1,
        on_leak="raise",
        ledger=None,
        random_state=None,
    ):
        self.epsilon = epsilon
        self.delta = delta
        self.bounds = bounds
        self.y_bounds = y_bounds
        self.n_estimators = n_estimators
        self.max_depth = max_depth
        self.max_bins = max_bins
        self.bin_share = bin_share
        self.on_leak = on_leak
        self.ledger = ledger
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y):
        """Draw trees, and release the sums of their leaves.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            Records. What is outside of the bounds is moved to their ends.

        y : array-like of shape (n_records,)
            Numbers. What is outside of `y_bounds` is moved to its ends.

        Returns
        -------
        self : DPRandomForestRegressor
        """
        X, y = validate_data(self, X, y, dtype=float, y_numeric=True)
        lower, upper = public_bounds(self.bounds, X, self.on_leak)
        y = check_numbers(y)
        low, high = public_y_bounds(self.y_bounds, y, self.on_leak)
        X = clip_to_bounds(X, lower, upper)
        center, reach = (low + high) / 2, (high - low) / 2
        scaled = np.clip((y - center) / reach, -1.0, 1.0)
        mu, noise = self._start_gaussian_fit(
            "the number of records, bounds and y_bounds are public"
        )
        leaves, mu = self._draw(X, lower, upper, mu, 2, noise)
        values = np.column_stack([np.ones(len(X)), scaled])
        sums = leaf_sums(leaves, values, 2**self.max_depth_)
        sensitivity = 2 * np.sqrt(self.n_estimators)
        mu_of_sums = mu * np.sqrt(1 - SCALE_SHARE)
        released = release_gaussian(sums, sensitivity, mu_of_sums, noise)
        mean, error = self._from_sums(released, len(X), sensitivity / mu_of_sums)
        more = self._mean_of_leaves(leaves)[:, 0]
        scale = self._scale(scaled - mean, more, mu * np.sqrt(SCALE_SHARE), noise)
        scale = min(scale, NOISE_IN_ANSWERS / max(error, 1e-12))
        self.leaf_values_ = self.leaf_values_ * scale * reach
        self.mean_ = mean * reach + center
        self.y_bounds_ = (low, high)
        return self

    def _from_sums(self, sums, n_records, deviation):
        n_trees, n_leaves, _ = sums.shape
        mean = sums[:, :, 1].sum() / n_trees / n_records
        noise = deviation**2 * n_leaves / n_trees / n_records**2
        # Drawn towards the middle as far as noise might be all.
        mean = float(np.clip(mean * max(1 - noise / max(mean**2, 1e-300), 0), -1, 1))
        sizes = sums[:, :, 0]
        self.leaf_values_, error = leaf_evidence(
            (sums[:, :, 1] - mean * sizes)[:, :, None],
            sizes,
            n_records,
            deviation * np.sqrt(1 + mean**2),
            deviation,
            SPREAD,
        )
        return mean, error

    def _scale(self, rest, more, mu, noise):
        # A bound that follows from what was released, whatever the records are.
        largest = np.abs(self.leaf_values_).max(axis=(1, 2)).mean()
        if largest == 0:
            return 1.0
        sums = scale_sums(rest, more, largest)
        along, square = release_gaussian(sums, 2.0, mu, noise)
        square += len(rest) / 2
        least = 2.0 / mu
        # One, where nothing is known but noise.
        scale = (2 * along / largest + least) / (max(square, 0.0) + least)
        whole = 1 / share_of_columns(self.n_features_in_, self.max_depth_)
        return float(np.clip(scale, 0.0, max(whole, 1.0)))

    def predict(self, X):
        """Return the mean of `y` to expect.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            Records.

        Returns
        -------
        y : ndarray of shape (n_records,)
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype=float, reset=False)
        more = self._mean_of_leaves(self._leaves_of(X))[:, 0]
        return np.clip(self.mean_ + more, *self.y_bounds_)


def public_y_bounds(y_bounds, y, on_leak="raise"):
    """Return the ends between which ``y`` lies.

    Parameters
    ----------
    y_bounds : pair or None
        Lower and upper end. None: those of the data, which tell of them.

    y : ndarray of shape (n_records,)
        Numbers.

    on_leak : {"raise", "warn"}, default="raise"
        What to do if there are none.

    Returns
    -------
    low, high : float

    Raises
    ------
    PrivacyLeakError
        If there are none.
    ValueError
        If they are no pair of finite numbers, or the wrong way round.

    Examples
    --------
    >>> public_y_bounds((0, 10), np.zeros(3))
    (0.0, 10.0)
    """
    if y_bounds is None:
        tell_leak(
            "y_bounds must be given: the smallest and the largest y tell of the "
            "records that have them. Say between which values y lies by what everybody "
            "knows.",
            on_leak,
        )
        low, high = float(y.min()), float(y.max())
        return low, high if high > low else low + 1.0
    ends = np.asarray(y_bounds, dtype=float)
    if ends.shape != (2,):
        raise ValueError(f"y_bounds must be a pair (lower, upper); got {y_bounds!r}.")
    if not np.isfinite(ends).all() or ends[0] >= ends[1]:
        raise ValueError(
            "y_bounds must be finite, the lower end below the upper one; got "
            f"{y_bounds!r}."
        )
    return float(ends[0]), float(ends[1])


def scale_sums(rest, more, largest) -> np.ndarray:
    """Sum up what says by how much answers are too small.

    Parameters
    ----------
    rest : ndarray of shape (n_records,)
        What is to be explained, from -2 to 2.

    more : ndarray of shape (n_records,)
        What answers explain.

    largest : float
        Bound of ``more``.

    Returns
    -------
    sums : ndarray of shape (2,)
        Products, in units of two times the bound; and squares in units of its
        square, less one half each. Neighbors are at most 2 apart.

    Examples
    --------
    >>> scale_sums(np.array([2.0, -1.0]), np.array([1.0, -0.5]), 1.0)
    array([1.25, 0.25])
    """
    unit = np.clip(more / largest, -1.0, 1.0)
    products = np.clip(rest / 2, -1.0, 1.0) * unit
    return np.array([products.sum(), np.sum(unit**2 - 0.5)])
