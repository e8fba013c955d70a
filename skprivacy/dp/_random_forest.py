"""Forests of random trees, whose leaves are released with noise."""

from numbers import Integral, Real

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, _fit_context
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import validate_data

from skprivacy.dp._base import PRIVACY_CONSTRAINTS, PrivateFitMixin
from skprivacy.dp._bins import even_edges, private_bins
from skprivacy.dp._class_answers import ClassAnswersMixin
from skprivacy.dp._drawn_tree import draw_labeled_tree
from skprivacy.dp._gaussian import gaussian_mu
from skprivacy.dp._guarantee import PrivacyGuarantee
from skprivacy.dp._leaf_evidence import expected_shares, leaf_evidence
from skprivacy.dp._public import clip_to_bounds, public_bounds, public_classes
from skprivacy.dp._random_trees import (
    apply_trees,
    draw_trees,
    leaf_sums,
    share_of_columns,
)
from skprivacy.dp._release import release_gaussian

__all__ = ["DPRandomForestClassifier", "depth_worth_splitting", "mechanism_for"]

ASSUMPTION = "the number of records, bounds and classes are public"
#: All records, over the noise of one count: below, a tree that is drawn serves better.
SIGNAL_OF_RECORDS = 150.0
#: Trees to draw one from, for each of `n_estimators`.
TREES_TO_DRAW_FROM = 10

#: Records of a class in a leaf, by even spreads, over the noise of the forest.
SIGNAL_OF_LEAF = 3.0
#: Shallowest and deepest trees that are drawn.
DEPTHS = 4, 8
#: Noise alone moves the log-odds of a record by about this at most.
NOISE_IN_LOG_ODDS = 0.35
#: Least share of a class, of an even one, that a record may be given.
LEAST_SHARE = 0.01


class BaseRandomForest(BaseEstimator):
    """What forests share: how their trees are drawn."""

    _parameter_constraints = {
        **PRIVACY_CONSTRAINTS,
        "bounds": "no_validation",
        "n_estimators": [Interval(Integral, 1, None, closed="left")],
        "max_depth": [Interval(Integral, 1, 20, closed="both"), StrOptions({"auto"})],
        "max_bins": [Interval(Integral, 2, 256, closed="both")],
        "bin_share": [Interval(Real, 0, 1, closed="left")],
    }

    def _draw(self, X, lower, upper, mu, n_values, noise):
        """Draw trees, and return the leaves of the records and the budget left."""
        edges, mu = private_bins(
            X, lower, upper, self.max_bins, mu, self.bin_share, noise
        )
        depth = self.max_depth
        if depth == "auto":
            depth = depth_worth_splitting(len(X), mu, n_values)
        trees = draw_trees(edges, self.n_estimators, depth, noise)
        self.feature_, self.threshold_ = trees
        self.max_depth_ = depth
        return apply_trees(X, *trees), mu

    def _leaves_of(self, X):
        """Return the leaf of each record in each tree."""
        return apply_trees(X, self.feature_, self.threshold_)

    def _mean_of_leaves(self, leaves):
        """Average what leaves hold: of shape (n_records, n_values)."""
        mean = np.zeros((len(leaves), self.leaf_values_.shape[2]))
        for values, own in zip(self.leaf_values_, leaves.T, strict=True):
            mean += values[own]
        return mean / len(self.leaf_values_)


class DPRandomForestClassifier(
    ClassAnswersMixin, PrivateFitMixin, ClassifierMixin, BaseRandomForest
):
    r"""Forest of random trees with differential privacy.

    Trees split at random, at places that are public or were released before, and know
    of no record. Counts of the classes in all leaves of all trees are released at
    once, with Gaussian noise. Where records are too few for that, one of many trees is
    drawn, with the classes of its leaves, by how many records it gets right.

    Parameters
    ----------
    epsilon : float, default=1.0
        Epsilon of the guarantee, at `delta`.

    delta : float, default=1e-5
        Above 0; well below one over the number of records. A tree that is drawn has a
        delta of 0.

    bounds : pair or None, default=None
        Lower and upper end of each column, numbers or one a column. They must be public
        knowledge.

    classes : array-like or None, default=None
        All classes that a record may be of. They must be public knowledge.

    mechanism : {"auto", "gaussian", "exponential"}, default="auto"
        "gaussian": counts of all leaves with noise. "exponential": one tree is drawn,
        and is all that is released. "auto": counts, if all records together are at
        least 150 times the noise that one count alone would need; it depends on what
        is public alone.

    n_estimators : int, default=100
        Trees. Noise in a leaf grows with the root of their number, and is the same in
        their average. A single tree is drawn from 10 times as many.

    max_depth : int or "auto", default="auto"
        Splits on the way to a leaf. "auto": so many that the records of a class in a
        leaf, if all were spread evenly, are 3 times the noise of the forest; a tree
        that is drawn has 4 to 8 leaves a class. It depends on what is public alone.

    max_bins : int, default=32
        Places at which a column may be split, and one.

    bin_share : float, default=0.1
        Part of the budget for finding these places where the records are, from
        histograms with noise. Where records are too few for that, or a tree is drawn,
        places are at equal distances, and nothing is spent.

    on_leak : {"raise", "warn"}, default="raise"
        What to do where bounds or classes are not given, and would be read off the
        data.

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

    classes_ : ndarray of shape (n_classes,)
        Classes.

    class_prior_ : ndarray of shape (n_classes,)
        Share of each; even, if a tree was drawn.

    mechanism_ : {"gaussian", "exponential"}
        What was released.

    feature_, threshold_ : ndarray of shape (n_trees, 2**max_depth_ - 1)
        Column and value of each split, of `n_estimators` trees or the one that was
        drawn. What is less goes to node ``2 i + 1``, the rest to ``2 i + 2``.

    leaf_values_ : ndarray of shape (n_trees, 2**max_depth_, n_classes)
        By how much the share of each class is larger than in all records, shrunken.

    exponent_ : float
        How often the evidence of an average path counts.

    max_depth_ : int
        Splits on the way to a leaf.

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
    DPRandomForestRegressor : For numbers.
    DPHistGradientBoostingClassifier : Learns which columns matter.

    Notes
    -----
    Neighbors are data sets of which one record is another; the number of records is
    public. A record is in one leaf of each of :math:`T` trees; its neighbor is in
    others, or of another class, by which counts move by :math:`\sqrt{2 T}` at most.

    A path asks for few of the columns, and an average over paths says less than all
    columns together. Were the columns independent given the class, log-odds against
    those of all records would add up: they are multiplied by one over the share of
    the columns that a path asks for.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from skprivacy.dp import DPRandomForestClassifier
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> # As if these ends were known to everybody.
    >>> bounds = (X.min(axis=0), X.max(axis=0))
    >>> model = DPRandomForestClassifier(epsilon=5.0, bounds=bounds, classes=[0, 1])
    >>> model.fit(X, y).score(X, y) > 0.8
    True
    >>> print(model.privacy_guarantee_)
    epsilon=5 at delta=1e-05 (1.121-GDP, replace)

    With a tenth of it one tree is drawn.

    >>> model.set_params(epsilon=0.5).fit(X, y).score(X, y) > 0.7
    True
    >>> model.mechanism_, print(model.privacy_guarantee_)
    epsilon=0.5 (replace)
    ('exponential', None)
    """

    _parameter_constraints = {
        **BaseRandomForest._parameter_constraints,
        "classes": ["array-like", None],
        "mechanism": [StrOptions({"auto", "gaussian", "exponential"})],
    }

    def __init__(
        self,
        epsilon=1.0,
        delta=1e-5,
        *,
        bounds=None,
        classes=None,
        mechanism="auto",
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
        self.classes = classes
        self.mechanism = mechanism
        self.n_estimators = n_estimators
        self.max_depth = max_depth
        self.max_bins = max_bins
        self.bin_share = bin_share
        self.on_leak = on_leak
        self.ledger = ledger
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y):
        """Draw trees, and release the counts of their leaves.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            Records. What is outside of the bounds is moved to their ends.

        y : array-like of shape (n_records,)
            Classes.

        Returns
        -------
        self : DPRandomForestClassifier
        """
        X, y = validate_data(self, X, y, dtype=float)
        check_classification_targets(y)
        classes = public_classes(self.classes, y, self.on_leak)
        lower, upper = public_bounds(self.bounds, X, self.on_leak)
        X = clip_to_bounds(X, lower, upper)
        codes = np.searchsorted(classes, y)
        mechanism = self.mechanism
        if mechanism == "auto":
            mechanism = mechanism_for(len(X), gaussian_mu(self.epsilon, self.delta))
        if mechanism == "gaussian":
            self._release_counts(X, codes, classes, lower, upper)
        else:
            self._draw_one(X, codes, classes, lower, upper)
        self.mechanism_ = mechanism
        return self

    def _release_counts(self, X, codes, classes, lower, upper):
        mu, noise = self._start_gaussian_fit(ASSUMPTION)
        leaves, mu = self._draw(X, lower, upper, mu, len(classes), noise)
        counts = leaf_sums(leaves, np.eye(len(classes))[codes], 2**self.max_depth_)
        sensitivity = np.sqrt(2 * self.n_estimators)
        released = release_gaussian(counts, sensitivity, mu, noise)
        self.classes_ = classes
        self._from_counts(released, len(X), sensitivity / mu)

    def _draw_one(self, X, codes, classes, lower, upper):
        noise = self._start_private_fit(
            PrivacyGuarantee.pure(self.epsilon, assumptions=(ASSUMPTION,))
        )
        k = len(classes)
        depth = self.max_depth
        if depth == "auto":
            depth = min(2 + int(np.ceil(np.log2(k))), DEPTHS[1])
        feature, threshold, labels = draw_labeled_tree(
            X,
            codes,
            k,
            even_edges(lower, upper, self.max_bins),
            TREES_TO_DRAW_FROM * self.n_estimators,
            depth,
            self.epsilon,
            noise,
        )
        self.feature_, self.threshold_, self.max_depth_ = feature, threshold, depth
        self.classes_ = classes
        self.class_prior_ = np.full(k, 1 / k)
        self.leaf_values_ = (np.eye(k)[labels] - 1 / k)[None] / 2
        self.exponent_ = 1.0

    def _from_counts(self, counts, n_records, deviation):
        n_classes = len(self.classes_)
        prior = expected_shares(counts, n_records, deviation)
        sizes = counts.sum(axis=2)
        # Of what is left of a count when the share of its size is taken away.
        left = 1 - 2 / n_classes + np.sum(prior**2)
        self.leaf_values_, error = leaf_evidence(
            counts - prior * sizes[:, :, None],
            sizes,
            n_records,
            deviation * np.sqrt(left),
            deviation * np.sqrt(n_classes),
            (1 - np.sum(prior**2)) / n_classes,
        )
        self.class_prior_ = prior
        whole = 1 / share_of_columns(self.n_features_in_, self.max_depth_)
        # Noise is multiplied as well. Relative to a share between an even one and all.
        moved = max(error * np.sqrt(n_classes), 1e-12)
        self.exponent_ = float(min(whole, NOISE_IN_LOG_ODDS / moved))

    def _log_scores(self, X):
        more, prior = self._mean_of_leaves(self._leaves_of(X)), self.class_prior_
        shares = np.maximum(prior + more, LEAST_SHARE / len(prior))
        return np.log(prior) + self.exponent_ * np.log(shares / prior)


def mechanism_for(n_records, mu) -> str:
    """Say what is released, by what is public alone.

    Parameters
    ----------
    n_records : int
        Records.

    mu : float
        Budget of a Gaussian release.

    Returns
    -------
    mechanism : {"gaussian", "exponential"}

    Examples
    --------
    >>> mechanism_for(30_000, 0.03), mechanism_for(400, 0.03)
    ('gaussian', 'exponential')
    """
    enough = n_records * mu >= SIGNAL_OF_RECORDS
    return "gaussian" if enough else "exponential"


def depth_worth_splitting(n_records, mu, n_values) -> int:
    """Say how deep trees are, by what is public alone.

    Parameters
    ----------
    n_records : int
        Records.

    mu : float
        Budget of the leaves.

    n_values : int
        Numbers that are released of a leaf.

    Returns
    -------
    depth : int
        From 4 to 8.

    Examples
    --------
    >>> depth_worth_splitting(30_000, 0.3, 2), depth_worth_splitting(100, 0.03, 2)
    (8, 4)
    """
    leaves = n_records * mu / (np.sqrt(2) * SIGNAL_OF_LEAF * n_values)
    return int(np.clip(round(float(np.log2(max(leaves, 1.0)))), *DEPTHS))
