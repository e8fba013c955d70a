"""Find the trees in a fitted model, whatever is around them."""

from dataclasses import replace

import numpy as np
from sklearn.ensemble import (
    BaggingClassifier,
    BaggingRegressor,
    BaseEnsemble,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import FixedThresholdClassifier, TunedThresholdClassifierCV
from sklearn.pipeline import Pipeline
from sklearn.tree import BaseDecisionTree
from sklearn.utils.validation import check_is_fitted

from skprivacy.defenses import (
    ResampledClassifier,
    ResampledRegressor,
    SanitizedClassifier,
    SanitizedRegressor,
)
from skprivacy.inspection._hist_trees import (
    HIST_MODELS,
    KnownCategories,
    hist_edges,
    hist_steps,
    hist_trees,
)
from skprivacy.inspection._lightgbm_trees import read_lightgbm
from skprivacy.inspection._trees import LEAF, NewtonSteps, TreeEnsemble, TreeNodes
from skprivacy.inspection._xgboost_trees import read_xgboost

__all__ = ["read_trees"]


def read_trees(model) -> TreeEnsemble:
    """Read the trees of a fitted model.

    Parameters
    ----------
    model : fitted estimator
        A tree, a forest, boosted or bagged trees, histogram gradient boosting, an
        isolation forest, a model of LightGBM or XGBoost as an estimator, or a pipeline
        or search that ends in one.

    Returns
    -------
    ensemble : TreeEnsemble

    Raises
    ------
    TypeError
        If the model holds no trees that can be read.
    NotFittedError
        If it is not fitted.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> tree = DecisionTreeClassifier(max_depth=1, random_state=0).fit(X, y)
    >>> nodes = read_trees(tree).trees[0]
    >>> nodes.n_samples.tolist(), nodes.threshold.round(2).tolist()
    ([150, 50, 100], [0.8, nan, nan])
    """
    steps, last = _unwrap(model)
    check_is_fitted(last)
    library = type(last).__module__.partition(".")[0]
    if library in READERS:
        return READERS[library](last, model, tuple(steps))
    if isinstance(last, HIST_MODELS):
        return TreeEnsemble(
            tuple(hist_trees(last)),
            last,
            model,
            (*steps, KnownCategories(last)),
            "edge",
            hist_edges(last),
            np.float64,
            hist_steps(last),
        )
    if isinstance(last, MIXTURES):
        return _read_members(last, model, tuple(steps))
    trees = tuple(_sklearn_trees(last))
    if not trees:
        raise TypeError(
            "the model must hold decision trees (a tree, a forest, boosted or bagged "
            f"trees, or a pipeline that ends in one); got {type(last).__name__}."
            f"{WHY_NOT.get(type(last).__name__, '')}"
        )
    return TreeEnsemble(
        trees, last, model, tuple(steps), _splits(last), newton=_newton_steps(last)
    )


#: Boosting of other libraries, by the name of the library.
READERS = {"lightgbm": read_lightgbm, "xgboost": read_xgboost}


def _unwrap(model):
    """Return the transformers of a pipeline, and the model at its end."""
    if isinstance(model, FrozenEstimator):
        return _unwrap(model.estimator)
    for inner in ("best_estimator_", "regressor_"):
        # A search, or a model of a transformed target.
        if inner in getattr(model, "__dict__", {}):
            return _unwrap(vars(model)[inner])
    if isinstance(model, WRAPPERS):
        check_is_fitted(model)
        return _unwrap(model.estimator_)
    if isinstance(model, Pipeline):
        before = [
            step for _, step in model.steps[:-1] if step not in (None, "passthrough")
        ]
        inner, last = _unwrap(model.steps[-1][1])
        return before + inner, last
    return [], model


#: Models whose trees are those of their `estimator_`.
WRAPPERS = (
    FixedThresholdClassifier,
    TunedThresholdClassifierCV,
    ResampledClassifier,
    ResampledRegressor,
    SanitizedClassifier,
    SanitizedRegressor,
)

#: Why the trees of some models are left alone.
WHY_NOT = {
    "OneVsRestClassifier": " Its trees know two classes, one against the rest.",
    "OneVsOneClassifier": " Each of its trees was trained on two classes alone.",
    "CalibratedClassifierCV": " Its members were trained on parts of the rows.",
    "StackingClassifier": " Its final estimator sees answers in place of records.",
    "StackingRegressor": " Its final estimator sees answers in place of records.",
}

#: Models whose members see the same rows and labels, and may be more than a tree each.
MIXTURES = (BaggingClassifier, BaggingRegressor, VotingClassifier, VotingRegressor)


def _read_members(model, outer, steps):
    """Put the trees of all members side by side, each with its own way to its input."""
    columns = getattr(model, "estimators_features_", [None] * len(model.estimators_))
    members = [read_trees(member) for member in model.estimators_]
    kinds = {(part.dtype, part.trees[0].value.shape[1]) for part in members}
    if len(kinds) > 1:
        raise TypeError(
            f"the members of {type(model).__name__} must be trees of one kind, so that "
            "all compare in the same precision and answer alike; got "
            f"{sorted({type(part.model).__name__ for part in members})}."
        )
    trees = [
        replace(
            nodes,
            columns=nodes.columns if seen is None else _seen(nodes, part, seen),
            steps=(*part.steps, *nodes.steps),
        )
        for part, seen in zip(members, columns, strict=True)
        for nodes in part.trees
    ]
    # Each member has bins of its own: of those, the counts alone are comparable.
    middles = all(part.splits == "midpoint" for part in members)
    splits = "midpoint" if middles else "random"
    dtype = members[0].dtype
    return TreeEnsemble(tuple(trees), model, outer, steps, splits, dtype=dtype)


def _seen(nodes, part, seen):
    """Columns of the whole input that a tree of a member sees."""
    if nodes.columns is None:
        return np.asarray(seen)
    if part.steps:
        raise TypeError(
            "the members must not choose columns after a transformer, where they are "
            "no columns of the input any more."
        )
    return np.asarray(seen)[nodes.columns]


def _sklearn_trees(model):
    if isinstance(model, BaseDecisionTree):
        yield _nodes_of(model)
    elif isinstance(model, BaseEnsemble):
        members = np.asarray(model.estimators_, dtype=object).ravel()
        columns = getattr(model, "estimators_features_", [None] * len(members))
        for member, seen in zip(members, columns, strict=True):
            if isinstance(member, BaseDecisionTree):
                yield _nodes_of(member, seen)


def _nodes_of(tree, columns=None):
    arrays = tree.tree_
    leaf = arrays.children_left < 0
    missing = getattr(arrays, "missing_go_to_left", np.zeros(len(leaf)))
    return TreeNodes(
        feature=np.where(leaf, LEAF, arrays.feature).astype(int),
        threshold=np.where(leaf, np.nan, arrays.threshold),
        left=np.where(leaf, LEAF, arrays.children_left).astype(int),
        right=np.where(leaf, LEAF, arrays.children_right).astype(int),
        n_samples=np.array(arrays.n_node_samples).astype(int),
        weight=np.array(arrays.weighted_n_node_samples),
        value=arrays.value[:, 0, :].copy(),
        missing_left=np.asarray(missing, dtype=bool).copy(),
        seed=tree.random_state if isinstance(tree.random_state, int) else None,
        columns=None if columns is None else np.asarray(columns),
        impurity=arrays.impurity.copy(),
    )


def _newton_steps(model):
    """How gradient boosting made its leaves' answers, from the usual start."""
    if not isinstance(model, GradientBoostingClassifier | GradientBoostingRegressor):
        return None
    if model.init is not None or model.loss not in ("log_loss", "squared_error"):
        return None
    no_record = np.zeros((1, model.n_features_in_), dtype=np.float32)
    start = np.ravel(model._raw_predict_init(no_record)).astype(float)
    n_outputs = len(start)
    step = (n_outputs - 1) / n_outputs if n_outputs > 1 else 1.0
    return NewtonSteps(model.loss, start, step, shrink=model.learning_rate)


def _splits(model):
    members = getattr(model, "estimators_", [model])
    first = np.asarray(members, dtype=object).ravel()[0]
    return "random" if getattr(first, "splitter", "best") == "random" else "midpoint"
