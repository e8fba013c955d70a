"""Take out of a fitted tree model what it does not need to answer."""

from copy import deepcopy
from functools import partial
from numbers import Real

import numpy as np
from sklearn.base import BaseEstimator, is_classifier, is_regressor
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
from skprivacy.defenses._loosened_tree import LoosenedTree, gaps_of_tree, public_gaps
from skprivacy.records import as_model_input

__all__ = ["sanitize"]


def sanitize(
    model, X_public=None, *, X_train=None, max_change=0.01, random_state=None
) -> BaseEstimator:
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
        The training set. Each threshold moves into the interval between two training
        values of its node: the one that it was in, or one next to it.

    max_change : float, default=0.01
        Share of the answers to `X_train` that may change (to `X_public` where `X_train`
        is None, beyond those that the public thresholds change): labels of classifiers,
        and for numbers the mean squared change, by their variance. The thresholds pass
        as many records, and the answers of leaves get as much noise, as this allows.
        0: no noise; with `X_train`, the answers to it stay bit for bit.

    random_state : int, RandomState instance or None, default=None
        Where the thresholds fall, and the noise. It is a secret like the training set:
        with it, and the sanitized model, both may be computed back.

    Returns
    -------
    sanitized : estimator
        A copy. Its importances are 0, and what replays the training (samples of a
        bootstrap, out-of-bag answers) is gone. Its attribute ``answers_changed_`` is
        the share of answers that changed, all causes together.

    Raises
    ------
    ValueError
        If neither table is given, or `max_change` is no share.
    TypeError
        If the model has no trees.

    Notes
    -----
    Thresholds and answers are loosened by one scale, in records: a threshold passes
    so many records of its node, and a leaf answers as if so many were or were not in
    it, both drawn from Laplace distributions. The largest scale that `max_change`
    allows is found by trying, up to 4 records. It is no differential privacy.

    The answers of boosting are sums over the training rows of each leaf, and can be
    solved for who was in; the noise prevents that. Answers of trees that are fully
    grown stay telling, whatever is done to the file: each training record is alone in
    a leaf, and the forest must go on answering it. Larger leaves are the remedy.

    What stays besides: path lengths of isolation forests, the label prior of boosting,
    categories of histogram-based boosting, and what the earlier steps of a pipeline
    hold. Models of LightGBM and XGBoost are not taken.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> forest = RandomForestClassifier(10, random_state=0).fit(X, y)
    >>> safer = sanitize(forest, X_train=X, random_state=1)
    >>> bool((safer.predict(X) == forest.predict(X)).mean() >= 0.99)
    True
    >>> set(safer.estimators_[0].tree_.n_node_samples.tolist())
    {1}
    """
    if X_public is None and X_train is None:
        raise ValueError(
            "X_public or X_train must be given: thresholds move to public values, or "
            "inside the gaps of the training set; got None for both."
        )
    if not isinstance(max_change, Real) or not 0 <= float(max_change) <= 1:
        raise ValueError(f"max_change must be from 0 to 1; got {max_change!r}.")
    check_is_fitted(model)
    rng = check_random_state(random_state)
    safer = deepcopy(model)
    steps, last = _unwrap(safer)
    tables = [_transformed(steps, X, model) for X in (X_train, X_public)]
    loosen = _loosened(last, tables, rng)
    _forget(last)
    X = X_public if X_train is None else X_train
    X = as_model_input(as_table(X), model)
    safer.answers_changed_ = _loosen_as_allowed(model, safer, loosen, X, max_change)
    return safer


def _loosened(last, tables, rng):
    """Prepare every tree; return what loosens all of them by a number of records."""
    if isinstance(last, _HISTOGRAM):
        trees = [p for round_ in last._predictors for p in round_]
        leaves = [p.nodes[p.nodes["is_leaf"].astype(bool)] for p in trees]
        values, counts = (
            np.concatenate([part[name] for part in leaves])
            for name in ("value", "count")
        )
        influence = _influence(values, counts)
        parts = [_loosen_histogram(p, *tables, influence, rng) for p in trees]
        _forget_bins(last)
    elif isinstance(last, (BaseDecisionTree, BaseEnsemble)):
        trees = list(_trees_of(last))
        if not trees:
            raise TypeError(_NO_TREES.format(type(last).__name__))
        influence = 1.0
        if not is_classifier(trees[0][0]):
            influence = _influence(*_numbers_in_leaves(tree.tree_ for tree, _ in trees))
        parts = [_loosen_tree(*tree, *tables, influence, rng) for tree in trees]
    else:
        raise TypeError(_NO_TREES.format(type(last).__name__))

    def loosen(scale):
        for part in parts:
            part(scale)

    return loosen


def _numbers_in_leaves(trees):
    """Answers of all leaves, each less its root's, and their counts."""
    values, counts = [], []
    for tree in trees:
        leaf = tree.children_left < 0
        values.append((tree.value[leaf] - tree.value[0]).mean(axis=(1, 2)))
        counts.append(tree.n_node_samples[leaf])
    return np.concatenate(values), np.concatenate(counts)


def _influence(values, counts):
    """How far one record moves the answer of a leaf that is alone with it.

    Answers of leaves that are nothing but noise of their records are as large as this
    over the root of the count.
    """
    return float(np.median(np.abs(values) * np.sqrt(counts)))


def _loosen_as_allowed(model, safer, loosen, X, max_change):
    """Loosen a model as far as the share of changed answers allows; return the share.

    Answers that moving thresholds to public values changes are no part of the limit.
    """
    before = model.predict(X)

    def changed(scale, since=before):
        loosen(scale)
        return _share_changed(model, since, safer.predict(X))

    least = changed(0.0)
    if max_change == 0:
        return least
    tight = safer.predict(X)
    fits, too_far = 0.0, None
    for scale in _SCALES:
        if changed(scale, tight) > max_change:
            too_far = scale
            break
        fits = scale
    for _ in range(_N_HALVINGS if too_far else 0):
        middle = (fits + too_far) / 2
        if changed(middle, tight) > max_change:
            too_far = middle
        else:
            fits = middle
    return changed(fits)


#: Scales that are tried, in records, until one is too far; then halfway, so often.
_SCALES = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0)
_N_HALVINGS = 5


def _share_changed(model, before, after):
    """Share of answers that differ, or of their variance where they are numbers."""
    if is_regressor(model):
        error, variance = np.mean((before - after) ** 2), np.var(before)
        return float(error / variance if variance > 0 else error > 0)
    return float(np.mean(np.reshape(before != after, (len(before), -1)).any(axis=1)))


_NO_TREES = (
    "model must hold decision trees (a tree, a forest, boosted or bagged trees, or a "
    "pipeline that ends in one); got {}."
)
_HISTOGRAM = (HistGradientBoostingClassifier, HistGradientBoostingRegressor)


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


def _loosen_tree(tree, columns, X_train, X_public, influence, rng):
    """Remove counts and impurities of a tree of scikit-learn; return it loosened."""
    _, _, state = tree.tree_.__reduce__()
    nodes, n_rows = state["nodes"].copy(), state["nodes"]["n_node_samples"].copy()
    tables = [
        X if X is None or columns is None else X[:, columns]
        for X in (X_train, X_public)
    ]
    # Trees compare single precision.
    tables = [None if X is None else X.astype(np.float32).astype(float) for X in tables]
    inner = nodes["left_child"] >= 0
    missing_left = (
        nodes["missing_go_to_left"] == 1
        if "missing_go_to_left" in nodes.dtype.names
        else np.zeros(len(nodes), bool)
    )
    gaps = _gaps(
        nodes["feature"],
        nodes["threshold"],
        nodes["left_child"],
        nodes["right_child"],
        missing_left,
        inner,
        movable=inner & (nodes["feature"] >= 0),
        tables=tables,
        rng=rng,
    )
    loosened = LoosenedTree(
        nodes["threshold"].copy(),
        state["values"],
        ~inner,
        influence / n_rows,
        gaps,
        rng,
        is_share=is_classifier(tree),
    )
    nodes["n_node_samples"], nodes["weighted_n_node_samples"] = 1, 1.0
    nodes["impurity"] = 0.0
    return partial(_write_tree, tree, nodes, loosened)


def _write_tree(tree, nodes, loosened, scale):
    kind, arguments, state = tree.tree_.__reduce__()
    nodes = nodes.copy()
    nodes["threshold"] = loosened.thresholds(scale)
    values = np.ascontiguousarray(loosened.values(scale))
    tree.tree_ = kind(*arguments)
    tree.tree_.__setstate__(dict(state) | {"nodes": nodes, "values": values})


def _loosen_histogram(predictor, X_train, X_public, influence, rng):
    """As :func:`_loosen_tree`, for a tree of histogram-based boosting."""
    nodes = predictor.nodes.copy()
    leaf = nodes["is_leaf"].astype(bool)
    numeric = ~leaf & ~nodes["is_categorical"].astype(bool)
    gaps = _gaps(
        nodes["feature_idx"],
        nodes["num_threshold"],
        np.where(leaf, -1, nodes["left"].astype(int)),
        nodes["right"].astype(int),
        nodes["missing_go_to_left"].astype(bool),
        numeric,
        # An infinite threshold tells missing values from all others.
        movable=numeric & np.isfinite(nodes["num_threshold"]),
        tables=(X_train, X_public),
        rng=rng,
    )
    influence = influence / np.maximum(nodes["count"], 1)
    loosened = LoosenedTree(
        nodes["num_threshold"].copy(), nodes["value"].copy(), leaf, influence, gaps, rng
    )
    nodes["count"], nodes["gain"], nodes["bin_threshold"] = 1, 0.0, 0
    return partial(_write_histogram, predictor, nodes, loosened)


def _write_histogram(predictor, nodes, loosened, scale):
    nodes = nodes.copy()
    nodes["num_threshold"] = loosened.thresholds(scale)
    nodes["value"] = loosened.values(scale)
    predictor.nodes = nodes


def _gaps(*tree, movable, tables, rng):
    X_train, X_public = tables
    public = _public_values(X_public)
    if X_train is None:
        return public_gaps(*tree[:2], movable, public)
    return gaps_of_tree(X_train, tree, movable, public, rng)


def _forget_bins(model):
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
    try:
        return np.asarray(X, dtype=float)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"X must hold numbers where it comes to the trees: {error}. Texts are "
            "encoded in a step of the model."
        ) from error


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
