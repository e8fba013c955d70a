"""Histogram gradient boosting, by summed histograms."""

import numpy as np
from scipy.special import expit, softmax
from sklearn.base import is_classifier
from sklearn.ensemble._hist_gradient_boosting.predictor import TreePredictor

from skprivacy.federated._learners._columns import (
    ColumnBounds,
    ColumnMoments,
    sum_error,
    with_target,
)
from skprivacy.federated._learners._histogram_tree import (
    grow,
    leaf_values,
    new_tree,
    nodes_of_rows,
    predictor_nodes,
)
from skprivacy.federated._learners._learner import Phase, SumLearner

__all__ = [
    "BOOSTING_CLASSIFIER",
    "BOOSTING_REGRESSOR",
    "CellCounts",
    "bins_of",
    "thresholds_of_cells",
]

#: Cells of equal width between the bounds of a column, from which bins are made.
N_CELLS = 2048
#: Rounding that gains are compared with, also where there is less: so that secure and
#: plain sums split alike.
LEAST_ERROR = 1e-8


def check(model):
    """Refuse what sums can't serve."""
    losses = "log_loss" if is_classifier(model) else "squared_error"
    given = model.categorical_features
    wrong = {
        f'loss must be "{losses}"': model.loss != losses,
        'early_stopping must be "auto" or False, which are the same': (
            model.early_stopping is True
        ),
        "categorical_features must be None or left out": not (
            given is None or (isinstance(given, str) and given == "from_dtype")
        ),
        "monotonic_cst and interaction_cst must be None": (
            model.monotonic_cst is not None or model.interaction_cst is not None
        ),
        "max_features must be 1.0": model.max_features != 1.0,
        "class_weight must be None": getattr(model, "class_weight", None) is not None,
    }
    for message, is_wrong in wrong.items():
        if is_wrong:
            raise ValueError(f"{message} to learn by sums; got {model!r}.")


def thresholds_of_cells(counts, lower, upper, max_bins):
    """Cut a column where its values lie.

    Parameters
    ----------
    counts : ndarray of shape (n_cells,)
        Records in cells of equal width.

    lower, upper : float
        Ends of the column.

    max_bins : int
        Most bins.

    Returns
    -------
    thresholds : ndarray
        Upper ends of the bins but the last: between all cells with records, or at
        quantiles where there are too many.

    Examples
    --------
    >>> thresholds_of_cells(np.array([5.0, 0.0, 1.0, 2.0]), 0.0, 8.0, 255)
    array([3., 6.])
    >>> thresholds_of_cells(np.array([5.0, 0.0, 1.0, 2.0]), 0.0, 8.0, 2)
    array([3.])
    """
    edges = np.linspace(lower, upper, len(counts) + 1)
    full = np.flatnonzero(counts > 0.5)
    if len(full) <= max_bins:
        return (edges[full[:-1] + 1] + edges[full[1:]]) / 2
    reached = np.cumsum(counts[full]) / counts.sum()
    shares = np.arange(1, max_bins) / max_bins
    last = np.unique(np.searchsorted(reached, shares - 1e-12))
    last = last[last < len(full) - 1]
    return (edges[full[last] + 1] + edges[full[last + 1]]) / 2


class CellCounts(Phase):
    """Where the values of each column lie: the bins of all trees."""

    #: Most bins; None: the estimator says.
    max_bins: int | None = None

    def vector(self, estimator, X, y, public):
        """Count the records in cells."""
        d = X.shape[1]
        lower, upper = public["lower"][:d], public["upper"][:d]
        with np.errstate(divide="ignore", invalid="ignore"):
            at = (X - lower) / (upper - lower) * N_CELLS
        cells = np.clip(np.nan_to_num(at), 0, N_CELLS - 1).astype(int)
        cells += np.arange(d) * N_CELLS
        return np.bincount(cells.ravel(), minlength=d * N_CELLS).astype(float)

    def update(self, estimator, total, public):
        """Return the thresholds."""
        counts = np.rint(total).reshape(-1, N_CELLS)
        max_bins = self.max_bins or estimator.max_bins
        ends = zip(counts, public["lower"], public["upper"], strict=False)
        return {"thresholds": [thresholds_of_cells(*e, max_bins) for e in ends]}


class TargetSums(Phase):
    """Number of records, and of each class, or the mean of the target."""

    def vector(self, estimator, X, y, public):
        """Add them up."""
        return np.append(_targets(estimator, y, public).sum(axis=0), len(y))

    def update(self, estimator, total, public):
        """Return what is predicted before the first tree."""
        means = total[:-1] / total[-1]
        if is_classifier(estimator):
            tiny = np.finfo(float).eps
            means = np.clip(means, tiny, 1 - tiny)
            if len(means) == 1:
                baseline = np.log(means / (1 - means))
            else:
                baseline = np.log(means) - np.log(means).mean()
        else:
            baseline = means
        return {"n": np.rint(total[-1]), "baseline": baseline, "trees": []}


def bins_of(X, thresholds):
    """Return the bin of each value: how many thresholds of its column are below it.

    Examples
    --------
    >>> bins_of(np.array([[0.5, 3.0], [2.0, 1.0]]), [np.array([1.0]), np.array([2.0])])
    array([[0, 1],
           [1, 0]])
    """
    columns = zip(thresholds, X.T, strict=True)
    return np.column_stack([np.searchsorted(cuts, x) for cuts, x in columns])


class Boosting(Phase):
    """Histograms of the nodes that may be split next, in the trees of all classes."""

    def vector(self, estimator, X, y, public):
        """Add up records, gradients and Hessians in each bin of each needed node."""
        targets = _targets(estimator, y, public)
        gradients, hessians = _derivatives(estimator, self._scores(X, public), targets)
        thresholds = public["thresholds"]
        binned = bins_of(X, thresholds)
        parts = []
        growing, needed = self._growing(public)
        for k, (tree, wanted) in enumerate(zip(growing, needed, strict=True)):
            nodes = nodes_of_rows(tree, binned)
            for position in wanted:
                rows = _below(tree, position)[nodes]
                for column, cuts in zip(binned[rows].T, thresholds, strict=True):
                    for weights in (None, gradients[rows, k], hessians[rows, k]):
                        parts.append(np.bincount(column, weights, len(cuts) + 1))
        return np.concatenate(parts).astype(float)

    def update(self, estimator, total, public):
        """Split nodes; when the trees of an iteration are grown, begin the next."""
        sizes = [len(cuts) + 1 for cuts in public["thresholds"]]
        histograms = self._unpack(total, sizes)
        growing, needed = self._growing(public)
        limits = {
            "l2": estimator.l2_regularization,
            "min_samples_leaf": estimator.min_samples_leaf,
            "max_leaves": estimator.max_leaf_nodes,
            "max_depth": estimator.max_depth,
            "error": max(sum_error(public, public["n"]), LEAST_ERROR),
        }
        for k, tree in enumerate(growing):
            found = {position: next(histograms) for position in needed[k]}
            needed[k] = grow(tree, found, **limits)
        n_rounds = public.get("boosting_rounds", 0) + 1
        news = {"boosting_rounds": n_rounds, "boosting_done": False}
        if any(needed):
            return {**news, "growing": growing, "needed": needed}
        shrinkage = estimator.learning_rate
        new = [predictor_nodes(t, public["thresholds"], shrinkage) for t in growing]
        trees = [*public["trees"], new]
        is_last = public["max_rounds"] is not None and n_rounds >= public["max_rounds"]
        done = is_last or len(trees) >= estimator.max_iter
        return {**news, "trees": trees, "growing": None, "boosting_done": done}

    def is_finished(self, estimator, public):
        """Whether all trees are grown."""
        return public["boosting_done"]

    def _growing(self, public):
        if public.get("growing") is None:
            n_trees = len(public["baseline"])
            return [new_tree() for _ in range(n_trees)], [[0] for _ in range(n_trees)]
        return public["growing"], public["needed"]

    def _scores(self, X, public):
        scores = np.tile(public["baseline"], (len(X), 1))
        for trees in public["trees"]:
            for k, nodes in enumerate(trees):
                scores[:, k] += leaf_values(nodes, X)
        return scores

    def _unpack(self, total, sizes):
        """Yield histograms, padded to one number of bins."""
        start = 0
        while start < len(total):
            histogram = np.zeros((len(sizes), max(sizes), 3))
            for feature, size in enumerate(sizes):
                part = total[start : start + 3 * size].reshape(3, size)
                histogram[feature, :size] = part.T
                start += 3 * size
            yield histogram


def _below(tree, position):
    """Whether each node is the one at a position, or below it."""
    below = np.arange(len(tree)) == position
    for parent, node in enumerate(tree):
        if below[parent] and "left" in node:
            below[[node["left"], node["right"]]] = True
    return below


def _targets(estimator, y, public):
    """Return one column, or one a class where there are three or more."""
    if not is_classifier(estimator):
        return ((y - public["center"][-1]) / public["scale"][-1])[:, None]
    n_classes = len(public["classes"])
    return y[:, None].astype(float) if n_classes == 2 else np.eye(n_classes)[y]


def _derivatives(estimator, scores, targets):
    """Return gradients and Hessians of the loss by the scores."""
    if not is_classifier(estimator):
        return scores - targets, np.ones_like(scores)
    P = expit(scores) if scores.shape[1] == 1 else softmax(scores, axis=1)
    return P - targets, P * (1 - P)


def _finish(model, public, labels, scale, shift):
    """Let a fit to two rows set up the model, and put the trees into it."""
    given = model.get_params()
    d = len(public["thresholds"])
    model.set_params(max_iter=1, early_stopping=False, warm_start=False, verbose=0)
    model.fit(np.arange(len(labels))[:, None] * np.ones(d), labels)
    model.set_params(**given)
    none = np.zeros((0, 8), dtype=np.uint32)
    model._predictors = []
    for trees in public["trees"]:
        predictors = []
        for nodes in trees:
            nodes = nodes.copy()
            nodes["value"] *= scale
            predictors.append(TreePredictor(nodes, none, none))
        model._predictors.append(predictors)
    model._baseline_prediction = (public["baseline"] * scale + shift)[None, :]
    model.n_trees_per_iteration_ = len(public["baseline"])


def finish_classifier(model, public):
    """Set what a fit sets."""
    _finish(model, public, public["classes"], 1.0, 0.0)


def finish_regressor(model, public):
    """Set what a fit sets, in the unit of the target."""
    scale, shift = public["scale"][-1], public["center"][-1]
    _finish(model, public, np.array([0.0, 1.0]), scale, shift)


BOOSTING_CLASSIFIER = SumLearner(
    (ColumnBounds(), CellCounts(), TargetSums(), Boosting()),
    finish_classifier,
    "classes",
    check,
    2,
)
BOOSTING_REGRESSOR = SumLearner(
    (
        ColumnBounds(with_target),
        ColumnMoments(with_target),
        CellCounts(),
        TargetSums(),
        Boosting(),
    ),
    finish_regressor,
    "numbers",
    check,
)
