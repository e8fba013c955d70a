"""Trees of a fitted model as plain arrays, whatever kind of model it is."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sklearn.ensemble import BaseEnsemble
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.tree import BaseDecisionTree
from sklearn.utils.validation import check_is_fitted

from skprivacy.records import as_model_input

__all__ = ["TreeEnsemble", "TreeNodes", "read_trees"]

LEAF = -1


@dataclass(frozen=True, eq=False)
class TreeNodes:
    """One tree, a row a node; node 0 is the root.

    Parameters
    ----------
    feature : ndarray of int of shape (n_nodes,)
        Column of the tree's input that is compared; -1 in a leaf.

    threshold : ndarray of float of shape (n_nodes,)
        A value of at most this much goes left; NaN in a leaf.

    left, right : ndarray of int of shape (n_nodes,)
        Children; -1 in a leaf.

    n_samples : ndarray of int of shape (n_nodes,)
        Different training rows in the node.

    weight : ndarray of float of shape (n_nodes,)
        The same rows, each with its weight: how often a bootstrap drew it.

    value : ndarray of float of shape (n_nodes, n_outputs)
        What the node answers: shares of the classes, or a number.

    missing_left : ndarray of bool of shape (n_nodes,)
        Whether a missing value goes left.

    seed : int or None
        The tree's own ``random_state``, where it holds one.

    columns : ndarray of int or None
        Columns of the ensemble's input that the tree sees; None for all, in order.
    """

    feature: np.ndarray
    threshold: np.ndarray
    left: np.ndarray
    right: np.ndarray
    n_samples: np.ndarray
    weight: np.ndarray
    value: np.ndarray
    missing_left: np.ndarray
    seed: int | None = None
    columns: np.ndarray | None = None

    @property
    def is_leaf(self) -> np.ndarray:
        """Whether each node is a leaf."""
        return self.left == LEAF


@dataclass(frozen=True, eq=False)
class TreeEnsemble:
    """The trees of a model, and how records become what they compare.

    Parameters
    ----------
    trees : tuple of TreeNodes
        At least one.

    model : estimator
        The fitted model that holds the trees: the last step of a pipeline.

    steps : tuple of transformers
        What the records pass before.

    outer : estimator
        The whole model.

    splits : {"midpoint", "random"}
        "midpoint": a threshold lies in the middle between two neighboring training
        values of the node. "random": it was drawn between the smallest and the largest.
    """

    trees: tuple[TreeNodes, ...]
    model: Any
    outer: Any
    steps: tuple = field(default=())
    splits: str = "midpoint"

    def transform(self, X) -> np.ndarray:
        """Numbers that the trees compare.

        Parameters
        ----------
        X : DataFrame or ndarray of shape (n_records, n_features)
            Features as the whole model takes them.

        Returns
        -------
        values : ndarray of float32 of shape (n_records, n_columns)
            In the precision in which trees compare.
        """
        X = as_model_input(X, self.outer)
        for step in self.steps:
            X = step.transform(X)
        if hasattr(X, "toarray"):
            X = X.toarray()
        return np.ascontiguousarray(np.asarray(X), dtype=np.float32)


def read_trees(model) -> TreeEnsemble:
    """Read the trees of a fitted model.

    Parameters
    ----------
    model : fitted estimator
        A tree, a forest, boosted or bagged trees, an isolation forest, or a pipeline
        that ends in one.

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
    >>> nodes.n_samples, nodes.threshold.round(2)
    (array([150,  50, 100]), array([0.8,  nan,  nan]))
    """
    steps, last = _unwrap(model)
    check_is_fitted(last)
    trees = tuple(_sklearn_trees(last))
    if not trees:
        raise TypeError(
            "the model must hold decision trees (a tree, a forest, boosted or bagged "
            f"trees, or a pipeline that ends in one); got {type(last).__name__}."
        )
    return TreeEnsemble(trees, last, model, tuple(steps), _splits(last))


def _unwrap(model):
    """Return the transformers of a pipeline, and the model at its end."""
    if isinstance(model, FrozenEstimator):
        return _unwrap(model.estimator)
    if isinstance(model, Pipeline):
        before = [
            step for _, step in model.steps[:-1] if step not in (None, "passthrough")
        ]
        inner, last = _unwrap(model.steps[-1][1])
        return before + inner, last
    return [], model


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
        feature=np.where(leaf, LEAF, arrays.feature),
        threshold=np.where(leaf, np.nan, arrays.threshold),
        left=np.where(leaf, LEAF, arrays.children_left),
        right=np.where(leaf, LEAF, arrays.children_right),
        n_samples=np.array(arrays.n_node_samples),
        weight=np.array(arrays.weighted_n_node_samples),
        value=arrays.value[:, 0, :].copy(),
        missing_left=np.asarray(missing, dtype=bool).copy(),
        seed=tree.random_state if isinstance(tree.random_state, int) else None,
        columns=None if columns is None else np.asarray(columns),
    )


def _splits(model):
    members = getattr(model, "estimators_", [model])
    first = np.asarray(members, dtype=object).ravel()[0]
    return "random" if getattr(first, "splitter", "best") == "random" else "midpoint"
