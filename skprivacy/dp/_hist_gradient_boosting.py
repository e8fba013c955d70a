"""Gradient boosting of shallow random trees, with noise in every gradient."""

from numbers import Integral, Real

import numpy as np
from scipy.special import softmax
from sklearn.base import BaseEstimator, ClassifierMixin, _fit_context
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import validate_data

from skprivacy.dp._base import PRIVACY_CONSTRAINTS, PrivateFitMixin
from skprivacy.dp._bins import private_bins
from skprivacy.dp._class_answers import ClassAnswersMixin
from skprivacy.dp._public import clip_to_bounds, public_bounds, public_classes
from skprivacy.dp._release import release_gaussian

__all__ = ["DPHistGradientBoostingClassifier", "draw_splits", "private_boosting"]

#: Steps are so long that noise alone moves a score by about this, in all.
NOISE_IN_SCORES = 1.5
#: Longest step, in units of the mean gradient of all records.
LONGEST_STEP = 6.0


class DPHistGradientBoostingClassifier(
    ClassAnswersMixin, PrivateFitMixin, ClassifierMixin, BaseEstimator
):
    r"""Gradient boosting with differential privacy.

    Columns are cut into bins by histograms with noise. Each round draws a few splits
    at random, sums up what the model is still wrong by on each side of them, and adds
    that sum with Gaussian noise to the scores.

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

    max_iter : int, default=400
        Rounds. The noise of each grows with the root of their number, and its share in
        the sum is the same.

    max_depth : int, default=3
        Splits of a round, each at a column of its own choice. With one the model is
        additive in the columns.

    max_bins : int, default=32
        Bins of a column.

    bin_share : float, default=0.1
        Part of the budget for bins. Where records are too few for that, bins are of
        equal width, and nothing is spent.

    learning_rate : float or "auto", default="auto"
        Length of a step, in units of the mean gradient of all records. "auto": so that
        over all rounds noise moves a score by 1.5, but no longer than 6; it depends on
        what is public alone.

    on_leak : {"raise", "warn"}, default="raise"
        What to do where bounds or classes are not given, and would be read off the
        data.

    ledger : PrivacyLedger or None, default=None
        Books the fit. None: that of the block around it, if any.

    random_state : int, RandomState instance or None, default=None
        None: splits and noise that nobody can draw again. With a seed noise hides
        nothing from who knows it.

    Attributes
    ----------
    privacy_guarantee_ : PrivacyGuarantee
        What the fit promises.

    reproducible_ : bool
        Whether the noise can be drawn again.

    classes_ : ndarray of shape (n_classes,)
        Classes.

    feature_, threshold_ : ndarray of shape (max_iter, max_depth)
        Columns and values of the splits of each round. What is less is below.

    leaf_values_ : ndarray of shape (max_iter, 2**max_depth, n_classes)
        What each round adds to the scores; the first split is the highest bit.

    n_iter_ : int
        Rounds.

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
    DPLogisticRegression : For straight lines.
    sklearn.ensemble.HistGradientBoostingClassifier : Without privacy.

    Notes
    -----
    Neighbors are data sets of which one record is another; the number of records is
    public. A record adds its gradient, shortened to a length of 1, to one leaf of each
    round. The sums of neighbors are at most 2 apart, so that with noise of standard
    deviation :math:`2 \sqrt{T} / \mu` in each of :math:`T` rounds, all of them together
    are :math:`\mu`-GDP, whichever way each was chosen after the others. The count of
    the bins comes before, and their squares add up.

    Boosting of random splits on bins with noise is that of DP-EBM [1]_, which goes
    through the columns one by one. Here a round may split several.

    References
    ----------
    .. [1] H. Nori, R. Caruana, Z. Bu, J. H. Shen, J. Kulkarni. "Accuracy,
       interpretability, and differential privacy via explainable boosting". ICML 2021.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from skprivacy.dp import DPHistGradientBoostingClassifier
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> # As if these ends were known to everybody.
    >>> public = {"bounds": (X.min(axis=0), X.max(axis=0)), "classes": [0, 1]}
    >>> model = DPHistGradientBoostingClassifier(epsilon=5.0, **public).fit(X, y)
    >>> model.score(X, y) > 0.8
    True
    >>> print(model.privacy_guarantee_)
    epsilon=5 at delta=1e-05 (1.121-GDP, replace)
    """

    _parameter_constraints = {
        **PRIVACY_CONSTRAINTS,
        "bounds": "no_validation",
        "classes": ["array-like", None],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "max_depth": [Interval(Integral, 1, 12, closed="both")],
        "max_bins": [Interval(Integral, 2, 256, closed="both")],
        "bin_share": [Interval(Real, 0, 1, closed="left")],
        "learning_rate": [
            Interval(Real, 0, None, closed="neither"),
            StrOptions({"auto"}),
        ],
    }

    def __init__(
        self,
        epsilon=1.0,
        delta=1e-5,
        *,
        bounds=None,
        classes=None,
        max_iter=400,
        max_depth=3,
        max_bins=32,
        bin_share=0.1,
        learning_rate="auto",
        on_leak="raise",
        ledger=None,
        random_state=None,
    ):
        self.epsilon = epsilon
        self.delta = delta
        self.bounds = bounds
        self.classes = classes
        self.max_iter = max_iter
        self.max_depth = max_depth
        self.max_bins = max_bins
        self.bin_share = bin_share
        self.learning_rate = learning_rate
        self.on_leak = on_leak
        self.ledger = ledger
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y):
        """Boost.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            Records. What is outside of the bounds is moved to their ends.

        y : array-like of shape (n_records,)
            Classes.

        Returns
        -------
        self : DPHistGradientBoostingClassifier
        """
        X, y = validate_data(self, X, y, dtype=float)
        check_classification_targets(y)
        classes = public_classes(self.classes, y, self.on_leak)
        lower, upper = public_bounds(self.bounds, X, self.on_leak)
        X = clip_to_bounds(X, lower, upper)
        mu, noise = self._start_gaussian_fit(
            "the number of records, bounds and classes are public"
        )
        edges, mu = private_bins(
            X, lower, upper, self.max_bins, mu, self.bin_share, noise
        )
        splits = draw_splits(edges, self.max_iter, self.max_depth, noise)
        own = np.eye(len(classes))[np.searchsorted(classes, y)]
        step = self._step(mu, len(X))
        self.leaf_values_ = private_boosting(X, own, *splits, mu, step, noise)
        self.feature_, self.threshold_ = splits
        self.classes_ = classes
        self.n_iter_ = self.max_iter
        return self

    def _step(self, mu, n_records):
        if self.learning_rate != "auto":
            return self.learning_rate
        # In all rounds together the noise of a sum is that of a single release.
        longest = NOISE_IN_SCORES * mu * n_records / 2
        return min(longest / self.max_iter, LONGEST_STEP)

    def _log_scores(self, X):
        scores = np.zeros((len(X), len(self.classes_)))
        rounds = zip(self.feature_, self.threshold_, self.leaf_values_, strict=True)
        for features, thresholds, values in rounds:
            scores += values[leaf_of(X, features, thresholds)]
        return scores


def draw_splits(edges, n_rounds, depth, noise):
    """Draw columns and thresholds.

    Parameters
    ----------
    edges : list of ndarray
        Where each column may be split, at least one number.

    n_rounds, depth : int
        Rounds, and splits of a round.

    noise : NoiseSource
        Where chance comes from.

    Returns
    -------
    feature : ndarray of int of shape (n_rounds, depth)

    threshold : ndarray of shape (n_rounds, depth)
    """
    shape = n_rounds, depth
    feature = (noise.uniform(shape) * len(edges)).astype(int)
    chance = noise.uniform(shape)
    threshold = np.empty(shape)
    for at, column in np.ndenumerate(feature):
        own = edges[column]
        threshold[at] = own[int(chance[at] * len(own))]
    return feature, threshold


def leaf_of(X, features, thresholds) -> np.ndarray:
    """Return on which sides of some splits records are, as a number.

    Examples
    --------
    >>> leaf_of(np.array([[0.0, 1.0], [1.0, 0.0]]), [0, 1], [0.5, 0.5])
    array([1, 2])
    """
    leaf = np.zeros(len(X), dtype=int)
    for column, threshold in zip(features, thresholds, strict=True):
        leaf = 2 * leaf + (X[:, column] >= threshold)
    return leaf


def leaf_gradients(leaves, own, scores, n_leaves) -> np.ndarray:
    """Sum up what scores are wrong by, in each leaf.

    Parameters
    ----------
    leaves : ndarray of int of shape (n_records,)
        Leaves.

    own : ndarray of shape (n_records, n_classes)
        1 for the class of each record, 0 for others.

    scores : ndarray of shape (n_records, n_classes)
        Scores.

    n_leaves : int
        How many leaves there are.

    Returns
    -------
    sums : ndarray of shape (n_leaves, n_classes)
        That of a record is no longer than 1: neighbors are no farther apart than 2.

    Examples
    --------
    >>> leaf_gradients(np.array([0]), np.array([[1.0, 0.0]]), np.zeros((1, 2)), 2)
    array([[ 0.5, -0.5],
           [ 0. ,  0. ]])
    """
    wrong = own - softmax(scores, axis=1)
    lengths = np.sqrt(np.einsum("ij,ij->i", wrong, wrong))
    wrong /= np.maximum(lengths, 1.0)[:, None]
    columns = [np.bincount(leaves, one, minlength=n_leaves) for one in wrong.T]
    return np.column_stack(columns)


def private_boosting(X, own, feature, threshold, mu, step, noise) -> np.ndarray:
    """Add up sums of gradients with noise.

    Parameters
    ----------
    X : ndarray of shape (n_records, n_features)
        Records.

    own : ndarray of shape (n_records, n_classes)
        1 for the class of each, 0 for others.

    feature, threshold : ndarray of shape (n_rounds, depth)
        Splits, which know of no record.

    mu : float
        All rounds together are ``mu``-GDP.

    step : float
        Length of a step, of a mean gradient.

    noise : NoiseSource
        Where noise comes from.

    Returns
    -------
    values : ndarray of shape (n_rounds, 2**depth, n_classes)
    """
    n_rounds, depth = feature.shape
    values = np.empty((n_rounds, 2**depth, own.shape[1]))
    scores = np.zeros_like(own)
    # Columns are read one by one.
    X = np.asfortranarray(X)
    for number in range(n_rounds):
        leaves = leaf_of(X, feature[number], threshold[number])
        sums = leaf_gradients(leaves, own, scores, 2**depth)
        released = release_gaussian(sums, 2.0, mu / np.sqrt(n_rounds), noise)
        values[number] = step * released / len(X)
        scores += values[number][leaves]
    return values
