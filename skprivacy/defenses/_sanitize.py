"""Take out of a fitted tree model what it does not need to answer."""

from copy import deepcopy

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.ensemble import (
    BaseEnsemble,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.tree import BaseDecisionTree
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from skprivacy._validation import as_table
from skprivacy.records import as_model_input

__all__ = ["sanitize", "threshold_intervals"]


def sanitize(model, X_public=None, *, X_train=None, random_state=None) -> BaseEstimator:
    """Return a copy of a tree model without exact thresholds, counts and seeds.

    Parameters
    ----------
    model : fitted estimator
        A tree, a forest, boosted or bagged trees, an isolation forest, or a pipeline
        that ends in one. It is not changed.

    X_public : table of shape (n_public, n_features) or None, default=None
        Records that are no secret. Thresholds move to their values where `X_train`
        allows it, and to the nearest of them where `X_train` is None.

    X_train : table of shape (n_records, n_features) or None, default=None
        The training set. Each threshold moves inside the interval between the two
        neighboring training values of its node, so that the answers to all training
        records stay the same.

    random_state : int, RandomState instance or None, default=None
        Where in their intervals the thresholds fall. It is a secret like the training
        set: with it, and the sanitized model, thresholds may be computed back.

    Returns
    -------
    sanitized : estimator
        A copy. Its importances are 0, and what replays the training (samples of a
        bootstrap, out-of-bag answers) is gone.

    Raises
    ------
    ValueError
        If neither table is given.
    TypeError
        If the model has no trees.

    Notes
    -----
    The answers themselves stay, and so does what they give away: values of leaves, path
    lengths of isolation forests, the label prior of boosting, categories of
    histogram-based boosting, and what the earlier steps of a pipeline hold. So does the
    shape of the trees: every leaf has a training record in it, and whoever knows all
    candidates may find one alone in its leaf. `X_public` without `X_train`, which moves
    records between leaves, and larger leaves are the remedies for that.
    Without `X_train`, answers change; compare the two models' answers on records of
    your own for the share that do.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> forest = RandomForestClassifier(10, random_state=0).fit(X, y)
    >>> safer = sanitize(forest, X_train=X, random_state=1)
    >>> bool((safer.predict_proba(X) == forest.predict_proba(X)).all())
    True
    >>> set(safer.estimators_[0].tree_.n_node_samples.tolist())
    {1}
    """
    if X_public is None and X_train is None:
        raise ValueError(
            "X_public or X_train must be given: thresholds move to public values, or "
            "inside the gaps of the training set; got None for both."
        )
    check_is_fitted(model)
    rng = check_random_state(random_state)
    safer = deepcopy(model)
    steps, last = _unwrap(safer)
    tables = [_transformed(steps, X, model) for X in (X_train, X_public)]
    if isinstance(last, _HISTOGRAM):
        _sanitize_histogram(last, *tables, rng)
    elif isinstance(last, (BaseDecisionTree, BaseEnsemble)):
        trees = list(_trees_of(last))
        if not trees:
            raise TypeError(_NO_TREES.format(type(last).__name__))
        for tree, columns in trees:
            _sanitize_tree(tree, columns, *tables, rng)
    else:
        raise TypeError(_NO_TREES.format(type(last).__name__))
    _forget(last)
    return safer


_NO_TREES = (
    "model must hold decision trees (a tree, a forest, boosted or bagged trees, or a "
    "pipeline that ends in one); got {}."
)
_HISTOGRAM = (HistGradientBoostingClassifier, HistGradientBoostingRegressor)


def threshold_intervals(X, feature, threshold, left, right, missing_left, numeric):
    """Interval in which each threshold can move without sending a record elsewhere.

    Parameters
    ----------
    X : ndarray of shape (n_records, n_features)
        Training set.

    feature, threshold, left, right, missing_left : ndarray of shape (n_nodes,)
        The tree; leaves have a negative `left`.

    numeric : ndarray of bool of shape (n_nodes,)
        False where a node compares no number; both its children are then taken to
        have all its records, which makes their intervals smaller and never wrong.

    Returns
    -------
    low, high : ndarray of shape (n_nodes,)
        ``low <= threshold < high``; NaN where no record goes to one of the sides.

    Examples
    --------
    >>> import numpy as np
    >>> one = np.array([True])
    >>> low, high = threshold_intervals(
    ...     np.array([[1.0], [2.0], [5.0]]), *np.array([[0, -1, -1], [3.5, 0, 0]]),
    ...     np.array([1, -1, -1]), np.array([2, -1, -1]), np.zeros(3, bool),
    ...     np.ones(3, bool),
    ... )
    >>> float(low[0]), float(high[0])
    (2.0, 5.0)
    """
    low, high = np.full((2, len(feature)), np.nan)
    waiting = [(0, np.arange(len(X)))]
    while waiting:
        node, rows = waiting.pop()
        if left[node] < 0:
            continue
        if not numeric[node]:
            waiting += [(left[node], rows), (right[node], rows)]
            continue
        values = X[rows, int(feature[node])]
        missing = np.isnan(values)
        below = values <= threshold[node]
        above = ~below & ~missing
        if below.any() and above.any():
            low[node], high[node] = values[below].max(), values[above].min()
        goes_left = np.where(missing, missing_left[node], below)
        waiting += [(left[node], rows[goes_left]), (right[node], rows[~goes_left])]
    return low, high


def _moved(feature, threshold, inner, intervals, public, rng):
    """Move thresholds to public values, or to random ones in their intervals."""
    moved = threshold.copy()
    for node in np.flatnonzero(inner):
        values = None if public is None else public[int(feature[node])]
        if intervals is None:
            if len(values):
                moved[node] = values[np.abs(values - threshold[node]).argmin()]
            continue
        low, high = intervals[0][node], intervals[1][node]
        if not low < high:
            continue
        drawn = low + rng.uniform() * (high - low)
        if values is not None:
            inside = values[(values > low) & (values < high)]
            drawn = rng.choice(inside) if len(inside) else drawn
        # The rounding must not reach the upper value, which goes right.
        moved[node] = min(drawn, np.nextafter(high, -np.inf))
    return moved


def _public_values(X):
    """Return quantiles of each public column: no finer than its records are."""
    if X is None:
        return None
    grid = np.linspace(0, 1, min(len(X), _MOST_QUANTILES))
    columns = []
    for column in X.T:
        known = column[np.isfinite(column)]
        columns.append(np.unique(np.quantile(known, grid)) if len(known) else known)
    return columns


_MOST_QUANTILES = 255


def _sanitize_tree(tree, columns, X_train, X_public, rng):
    old = tree.tree_
    kind, arguments, state = old.__reduce__()
    state = dict(state)
    nodes, state["values"] = state["nodes"].copy(), state["values"].copy()
    tables = [
        X if X is None or columns is None else X[:, columns]
        for X in (X_train, X_public)
    ]
    # Trees compare single precision.
    tables = [None if X is None else X.astype(np.float32) for X in tables]
    inner = nodes["left_child"] >= 0
    names = nodes.dtype.names
    missing_left = (
        nodes["missing_go_to_left"] == 1
        if "missing_go_to_left" in names
        else np.zeros(len(nodes), bool)
    )
    intervals = None
    if tables[0] is not None:
        intervals = threshold_intervals(
            tables[0].astype(float),
            nodes["feature"],
            nodes["threshold"],
            nodes["left_child"],
            nodes["right_child"],
            missing_left,
            inner,
        )
    nodes["threshold"] = _moved(
        nodes["feature"],
        nodes["threshold"],
        inner & (nodes["feature"] >= 0),
        intervals,
        _public_values(None if tables[1] is None else tables[1].astype(float)),
        rng,
    )
    nodes["n_node_samples"], nodes["weighted_n_node_samples"] = 1, 1.0
    nodes["impurity"] = 0.0
    state["nodes"] = nodes
    tree.tree_ = kind(*arguments)
    tree.tree_.__setstate__(state)


def _sanitize_histogram(model, X_train, X_public, rng):
    public = _public_values(X_public)
    for round_ in model._predictors:
        for predictor in round_:
            nodes = predictor.nodes.copy()
            leaf = nodes["is_leaf"].astype(bool)
            numeric = ~leaf & ~nodes["is_categorical"].astype(bool)
            left = np.where(leaf, -1, nodes["left"].astype(int))
            intervals = None
            if X_train is not None:
                intervals = threshold_intervals(
                    X_train,
                    nodes["feature_idx"],
                    nodes["num_threshold"],
                    left,
                    nodes["right"].astype(int),
                    nodes["missing_go_to_left"].astype(bool),
                    numeric,
                )
            # An infinite threshold tells missing values from all others.
            movable = numeric & np.isfinite(nodes["num_threshold"])
            nodes["num_threshold"] = _moved(
                nodes["feature_idx"],
                nodes["num_threshold"],
                movable,
                intervals,
                public,
                rng,
            )
            nodes["count"], nodes["gain"], nodes["bin_threshold"] = 1, 0.0, 0
            predictor.nodes = nodes
    mapper = model._bin_mapper
    categorical = np.asarray(mapper.is_categorical_, dtype=bool)
    mapper.bin_thresholds_ = [
        edges if keep else np.empty(0)
        for edges, keep in zip(mapper.bin_thresholds_, categorical, strict=True)
    ]
    mapper.n_bins_non_missing_ = np.where(categorical, mapper.n_bins_non_missing_, 1)
    mapper.random_state = None


def _unwrap(model):
    if isinstance(model, FrozenEstimator):
        return _unwrap(model.estimator)
    if isinstance(model, Pipeline):
        before = [s for _, s in model.steps[:-1] if s not in (None, "passthrough")]
        inner, last = _unwrap(model.steps[-1][1])
        return before + inner, last
    return [], model


def _transformed(steps, X, model):
    if X is None:
        return None
    X = as_model_input(as_table(X), model)
    for step in steps:
        X = step.transform(X)
    X = X.toarray() if hasattr(X, "toarray") else X
    last = _unwrap(model)[1]
    preprocessor = getattr(last, "_preprocessor", None)
    if preprocessor is not None:
        # Histogram-based boosting brings its categorical columns to the front.
        X = preprocessor.transform(X)
    return np.asarray(X, dtype=float)


def _trees_of(model):
    if isinstance(model, BaseDecisionTree):
        yield model, None
        return
    members = np.asarray(model.estimators_, dtype=object).ravel()
    columns = getattr(model, "estimators_features_", [None] * len(members))
    for member, seen in zip(members, columns, strict=True):
        if isinstance(member, BaseDecisionTree):
            yield member, seen


#: What only the training needed: it replays who was drawn, or was not.
_OF_THE_TRAINING = (
    "_seeds",
    "_n_samples",
    "_n_samples_bootstrap",
    "_rng",
    "_random_seed",
    "_feature_subsample_rng",
    "oob_score_",
    "oob_scores_",
    "oob_decision_function_",
    "oob_prediction_",
    "oob_improvement_",
    "train_score_",
    "validation_score_",
    "estimator_errors_",
)


def _forget(model):
    """Remove seeds and what replays the training, also of the trees inside."""
    for name in _OF_THE_TRAINING:
        vars(model).pop(name, None)
    if isinstance(model, BaseEstimator):
        names = [n for n in model.get_params() if n.split("__")[-1] == "random_state"]
        model.set_params(**dict.fromkeys(names, None))
    if isinstance(model, BaseEnsemble):
        inside = [getattr(model, "estimator_", None)]
        inside += list(np.asarray(model.estimators_, dtype=object).ravel())
        for member in inside:
            if isinstance(member, BaseEstimator):
                _forget(member)
