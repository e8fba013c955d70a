"""Random forests, by summed histograms: all trees grow in the same rounds."""

from hashlib import sha256
from numbers import Integral

import numpy as np
from sklearn.base import is_classifier
from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor

from skprivacy.federated._learners._boosting import CellCounts, bins_of
from skprivacy.federated._learners._columns import (
    ColumnBounds,
    ColumnMoments,
    sum_error,
    with_target,
)
from skprivacy.federated._learners._forest_tree import (
    EPSILON,
    as_sklearn_tree,
    best_cut,
    impurity,
    nodes_of_rows,
    root,
    weight_of,
)
from skprivacy.federated._learners._learner import Phase, SumLearner

__all__ = ["FOREST_CLASSIFIER", "FOREST_REGRESSOR", "bootstrap_weights"]

#: Bins of a column: forests are as good with few, and bytes grow with them.
MOST_BINS = 64
#: Values of one sum; more are asked in several.
MOST_VALUES = 2**20
#: Rounding that gains are compared with, also where there is less: so that secure and
#: plain sums split alike.
LEAST_ERROR = 1e-8
CRITERIA = ("gini", "entropy", "log_loss", "squared_error")
#: Parameters that must have these values.
FIXED = {
    "max_leaf_nodes": None,
    "min_weight_fraction_leaf": 0.0,
    "min_impurity_decrease": 0.0,
    "ccp_alpha": 0.0,
    "class_weight": None,
    "monotonic_cst": None,
    "oob_score": False,
    "warm_start": False,
}


def check(forest):
    """Refuse what sums can't serve."""
    given = forest.get_params()
    for name, value in FIXED.items():
        if name in given and given[name] != value:
            raise ValueError(
                f"{name} must be {value!r} to learn by sums; got {given[name]!r}."
            )
    if forest.criterion not in CRITERIA:
        raise ValueError(
            f"criterion must be one of {CRITERIA} to learn by sums; got "
            f"{forest.criterion!r}."
        )
    for name in ("min_samples_split", "min_samples_leaf"):
        if not isinstance(given[name], Integral):
            raise ValueError(
                f"{name} must be a number of records to learn by sums, not a share; "
                f"got {given[name]!r}."
            )


def bootstrap_weights(seed, client, n_records, n_trees, rate):
    """Say how often each tree draws each record: Poisson numbers.

    A record's number does not depend on how many others there are, so that clients
    draw for themselves what one party would draw for all: given their sum over all
    clients, Poisson numbers are those of drawing so many records with replacement from
    the pooled table. Drawing within each client would not be: a client of one record
    would have it in each tree.

    Parameters
    ----------
    seed : int
        Public.

    client : int or str
        Name of the client.

    n_records, n_trees : int
        How many.

    rate : float
        Mean.

    Returns
    -------
    weights : ndarray of shape (n_trees, n_records)
    """
    name = int.from_bytes(sha256(repr(client).encode()).digest()[:16], "big")
    rng = np.random.default_rng([seed, name])
    return rng.poisson(rate, (n_trees, n_records)).astype(float)


class FloatCells(CellCounts):
    """Where values lie, in the precision of scikit-learn's trees."""

    max_bins = MOST_BINS

    def vector(self, estimator, X, y, public):
        """Count the records in cells, and beside them."""
        return np.append(super().vector(estimator, _rounded(X), y, public), len(X))

    def update(self, estimator, total, public):
        """Return the thresholds, and the number of records."""
        news = super().update(estimator, total[:-1], public)
        return {**news, "n": round(total[-1])}


class Growing(Phase):
    """Histograms of nodes of all trees, of the columns that each looks at."""

    def vector(self, estimator, X, y, public):
        """Add up the drawn records in each bin of each column of each asked node."""
        binned = bins_of(_rounded(X), public["thresholds"])
        plan = _Plan(estimator, public)
        weights = self._weights(estimator, len(X), public)
        parts = []
        for tree, asked in plan.by_tree():
            rows = np.flatnonzero(weights[tree] > 0)
            nodes = nodes_of_rows(plan.trees[tree], binned[rows])
            cells, at, n_cells = _cells(asked, nodes, binned[rows], plan.sizes)
            w, target = weights[tree][rows][at], y[rows][at]
            histogram = np.zeros((n_cells, plan.n_channels))
            histogram[:, 0] = np.bincount(cells, minlength=n_cells)
            if is_classifier(estimator):
                n_classes = plan.n_channels - 1
                flat = np.bincount(cells * n_classes + target, w, n_cells * n_classes)
                histogram[:, 1:] = flat.reshape(n_cells, n_classes)
            else:
                z = (target - public["center"][-1]) / public["scale"][-1]
                for channel, values in enumerate((w, w * z, w * z**2), 1):
                    histogram[:, channel] = np.bincount(cells, values, n_cells)
            parts.append(histogram.ravel())
        return np.concatenate(parts)

    def update(self, estimator, total, public):
        """Split nodes, and say which are looked at next."""
        plan = _Plan(estimator, public)
        error = 0.0
        if is_classifier(estimator):
            # All that is added up are whole numbers.
            total = np.rint(total)
        else:
            error = max(sum_error(public, public["n"]), LEAST_ERROR)
        trees, later, start = plan.trees, [], 0
        for tree, asked in plan.by_tree():
            for node, tried, features in asked:
                sizes = plan.sizes[features]
                histogram = np.zeros((len(sizes), sizes.max(), plan.n_channels))
                for j, size in enumerate(sizes):
                    end = start + size * plan.n_channels
                    histogram[j, :size] = total[start:end].reshape(size, -1)
                    start = end
                one = (tree, node, tried, features)
                later += self._split(estimator, plan, one, histogram, error)
        n_rounds = public.get("forest_rounds", 0) + 1
        is_last = public["max_rounds"] is not None and n_rounds >= public["max_rounds"]
        queue = [] if is_last else [*plan.left_over, *later]
        return {"forest": trees, "queue": queue, "forest_rounds": n_rounds}

    def is_finished(self, estimator, public):
        """Whether all nodes are split that may be."""
        return not public["queue"]

    def _weights(self, estimator, n_records, public):
        if not estimator.bootstrap:
            return np.ones((estimator.n_estimators, n_records))
        share = estimator.max_samples
        if share is None:
            share = 1.0
        elif isinstance(share, Integral):
            share = share / public["n"]
        return bootstrap_weights(
            _seed(estimator, public),
            public["client"],
            n_records,
            estimator.n_estimators,
            share,
        )

    def _split(self, estimator, plan, one, histogram, error):
        """Split a node if it can be; return what must be looked at later."""
        t, node, tried, features = one
        tree, criterion = plan.trees[t], estimator.criterion
        if tree["stats"][node] is None:
            tree["stats"][node] = histogram[0].sum(axis=0)
            if not _may_split(estimator, tree["stats"][node], 0, error):
                return []
        draws = None
        if isinstance(estimator, (ExtraTreesClassifier, ExtraTreesRegressor)):
            draws = np.random.default_rng([plan.seed, t, node, tried, 1]).random(
                len(features)
            )
        found = best_cut(
            histogram,
            plan.sizes[features],
            criterion,
            min_samples_leaf=estimator.min_samples_leaf,
            error=error,
            draws=draws,
        )
        if found is None:
            tried += len(features)
            return [(t, node, tried)] if tried < len(plan.usable) else []
        position, cut, *sides = found
        tree["feature"][node], tree["bin"][node] = int(features[position]), cut
        later = []
        for side, stats in zip(("left", "right"), sides, strict=True):
            child, depth = len(tree["depth"]), tree["depth"][node] + 1
            tree[side][node] = child
            for name, value in root().items():
                tree[name] += value
            tree["depth"][child], tree["stats"][child] = depth, stats
            if _may_split(estimator, stats, depth, error):
                later.append((t, child, 0))
        return later


class _Plan:
    """What one round asks: nodes, and the columns of each, that all parties know."""

    def __init__(self, estimator, public):
        n_trees = estimator.n_estimators
        given = public.get("forest")
        # Clients keep what they were told: grown is a copy.
        self.trees = [
            {name: [*values] for name, values in tree.items()}
            for tree in given or [root() for _ in range(n_trees)]
        ]
        queue = public.get("queue") or [(t, 0, 0) for t in range(n_trees)]
        self.sizes = np.array([len(cuts) + 1 for cuts in public["thresholds"]])
        self.seed = _seed(estimator, public)
        n_classes = len(public["classes"]) if is_classifier(estimator) else 3
        self.n_channels = 1 + n_classes
        # Columns of one bin split nothing; where all are, one tells what there is.
        self.usable = np.flatnonzero(self.sizes > 1)
        if not len(self.usable):
            self.usable = np.array([0])
        n_looked_at = _n_features(estimator.max_features, len(self.sizes))
        self.asked, room = [], MOST_VALUES
        for t, node, tried in queue:
            order = np.random.default_rng([self.seed, t, node]).permutation(self.usable)
            # Where no column can be cut more are looked at, twice as many each time.
            features = order[tried : tried + max(n_looked_at, tried)]
            room -= self.sizes[features].sum() * self.n_channels
            if room < 0 and self.asked:
                break
            self.asked.append((t, node, tried, features))
        self.left_over = queue[len(self.asked) :]

    def by_tree(self):
        """Yield each tree, and what is asked of it."""
        trees = {}
        for t, *rest in self.asked:
            trees.setdefault(t, []).append(rest)
        yield from trees.items()


def _cells(asked, nodes, binned, sizes):
    """Return the cells that records fall into, which records, and how many cells."""
    width = max(len(features) for _, _, features in asked)
    table = np.full((len(asked), width), -1)
    offsets = np.zeros((len(asked), width), dtype=int)
    last = max([nodes.max(initial=0), *(node for node, _, _ in asked)])
    slots, n_cells = np.full(last + 1, -1), 0
    for slot, (node, _, features) in enumerate(asked):
        slots[node] = slot
        ends = np.cumsum(sizes[features])
        table[slot, : len(features)] = features
        offsets[slot, : len(features)] = n_cells + ends - sizes[features]
        n_cells += ends[-1]
    rows = np.flatnonzero(slots[nodes] >= 0)
    here = slots[nodes[rows]]
    features = table[here]
    cells = offsets[here] + binned[rows[:, None], features]
    is_asked = features >= 0
    at = np.broadcast_to(rows[:, None], cells.shape)
    return cells[is_asked], at[is_asked], n_cells


def _may_split(estimator, stats, depth, error):
    count = round(stats[0])
    weight = weight_of(stats, estimator.criterion)
    least = max(estimator.min_samples_split, 2 * estimator.min_samples_leaf, 2)
    pure = EPSILON
    if weight > 0:
        pure = max(EPSILON, error / weight)
    return (
        count >= least
        and (estimator.max_depth is None or depth < estimator.max_depth)
        and impurity(stats, estimator.criterion) > pure
    )


def _n_features(asked, n_features):
    """Return how many columns a node looks at, as scikit-learn reads `max_features`."""
    if asked is None:
        return n_features
    if asked == "sqrt":
        return max(1, int(np.sqrt(n_features)))
    if asked == "log2":
        return max(1, int(np.log2(n_features)))
    if isinstance(asked, Integral):
        return int(asked)
    return max(1, int(asked * n_features))


def _seed(estimator, public):
    """Return a seed that all know: of the forest, if it has one."""
    given = estimator.random_state
    return int(given) if isinstance(given, Integral) else public["seed"]


def _rounded(X):
    """Round as scikit-learn's trees do before they compare."""
    with np.errstate(over="ignore"):
        X = X.astype(np.float32)
    if not np.isfinite(X).all():
        raise ValueError("values are too large for 32 bits, which trees use.")
    return X.astype(float)


def _finish(forest, public, labels, scale=1.0, shift=0.0):
    """Let a fit to one row a class set up the forest, and put the trees into it."""
    given = forest.get_params()
    row = {"bootstrap": False, "max_samples": None, "n_jobs": None, "verbose": 0}
    forest.set_params(**row, random_state=_seed(forest, public))
    forest.fit(np.zeros((len(labels), len(public["thresholds"]))), labels)
    forest.set_params(**given)
    # What indexes of drawn records are made from; those are the clients'.
    for name in ("_n_samples", "_n_samples_bootstrap"):
        delattr(forest, name)
    trees = _without_empty(public["forest"])
    for model, tree in zip(forest.estimators_, trees, strict=True):
        model.tree_ = as_sklearn_tree(
            tree, model.tree_, public["thresholds"], forest.criterion, scale, shift
        )


def _without_empty(trees):
    """Let trees that drew no record answer what all others' roots do together."""
    drawn = [tree["stats"][0] for tree in trees if tree["stats"][0][0] > 0.5]
    if not drawn:
        raise ValueError("no tree drew a record: there are too few for a bootstrap.")
    for tree in trees:
        if tree["stats"][0][0] < 0.5:
            tree["stats"][0] = np.sum(drawn, axis=0)
    return trees


def finish_classifier(forest, public):
    """Set what a fit sets."""
    _finish(forest, public, public["classes"])


def finish_regressor(forest, public):
    """Set what a fit sets, in the unit of the target."""
    scale, shift = public["scale"][-1], public["center"][-1]
    _finish(forest, public, np.zeros(1), scale, shift)


FOREST_CLASSIFIER = SumLearner(
    (ColumnBounds(), FloatCells(), Growing()), finish_classifier, "classes", check
)
FOREST_REGRESSOR = SumLearner(
    (ColumnBounds(with_target), ColumnMoments(with_target), FloatCells(), Growing()),
    finish_regressor,
    "numbers",
    check,
)
