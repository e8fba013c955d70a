"""Trees of a fitted model as plain arrays, whatever kind of model it is."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from skprivacy.records import as_model_input

__all__ = ["LEAF", "NewtonSteps", "TreeEnsemble", "TreeNodes", "edges_of_thresholds"]

#: Stands for "no node" and "no column".
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

    steps : tuple of transformers
        What those columns pass before the tree: the tree of a bagged pipeline.

    impurity : ndarray of float of shape (n_nodes,) or None
        Impurity of each node; None where the model does not keep it.

    categories_left : dict of int to ndarray
        For nodes that split a column of categories: those that go left.

    hessian : ndarray of float of shape (n_nodes,) or None
        For boosting that keeps it, the sum of the hessians of each node's rows.
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
    steps: tuple = ()
    impurity: np.ndarray | None = None
    categories_left: dict = field(default_factory=dict)
    hessian: np.ndarray | None = None

    @property
    def is_leaf(self) -> np.ndarray:
        """Whether each node is a leaf."""
        return self.left == LEAF


@dataclass(frozen=True, eq=False)
class NewtonSteps:
    """How boosting made the answers of its leaves.

    A leaf answers ``-step * sum(gradient) / (sum(hessian) + penalty)``, each sum over
    its rows.

    Parameters
    ----------
    loss : {"log_loss", "squared_error"}
        The loss of a raw prediction; the squared one is halved.

    start : ndarray of float of shape (n_outputs,)
        Raw prediction before the first tree.

    step : float, default=1.0
        Learning rate, where the leaves hold it.

    shrink : float, default=1.0
        Share of a leaf's answer that is added to the raw prediction.

    penalty : float, default=0.0
        Of the square of a leaf's answer.

    hessian_scale : float, default=1.0
        Factor of the hessian.

    first : int, default=0
        First stage whose answers are made so.
    """

    loss: str
    start: np.ndarray
    step: float = 1.0
    shrink: float = 1.0
    penalty: float = 0.0
    hessian_scale: float = 1.0
    first: int = 0


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

    splits : {"midpoint", "random", "edge"}
        "midpoint": a threshold lies in the middle between two neighboring training
        values of the node. "random": it was drawn between the smallest and the largest.
        "edge": it is one of `edges`.

    edges : tuple of ndarray or None
        For models that bin: the edges of each column's bins; empty where the column
        is not binned.

    dtype : type
        Precision in which the trees compare.

    newton : NewtonSteps or None
        For boosting, how the answers were made, where it is known.
    """

    trees: tuple[TreeNodes, ...]
    model: Any
    outer: Any
    steps: tuple = field(default=())
    splits: str = "midpoint"
    edges: tuple | None = None
    dtype: type = np.float32
    newton: NewtonSteps | None = None

    @property
    def tells_counts(self) -> bool:
        """Whether the nodes tell how many rows they hold; not where it was removed."""
        return any(nodes.n_samples[0] > 1 for nodes in self.trees)

    def transform(self, X) -> np.ndarray:
        """Numbers that the trees compare.

        Parameters
        ----------
        X : DataFrame or ndarray of shape (n_records, n_features)
            Features as the whole model takes them.

        Returns
        -------
        values : ndarray of float of shape (n_records, n_columns)
            In the precision in which trees compare, or, where trees have steps of
            their own, in double precision.
        """
        X = as_model_input(X, self.outer)
        for step in self.steps:
            X = step.transform(X)
        if hasattr(X, "toarray"):
            X = X.toarray()
        # What steps of a tree's own take is not rounded yet.
        own_steps = any(nodes.steps for nodes in self.trees)
        dtype = np.float64 if own_steps else self.dtype
        return np.ascontiguousarray(np.asarray(X), dtype=dtype)

    def tree_values(self, nodes, values) -> np.ndarray:
        """Numbers that one of the trees compares.

        Parameters
        ----------
        nodes : TreeNodes
            One of `trees`.

        values : ndarray of shape (n_records, n_columns)
            From :meth:`transform`.

        Returns
        -------
        values : ndarray of shape (n_records, n_tree_columns)
            The columns that the tree sees, after the steps of its own.
        """
        if nodes.columns is not None:
            values = values[:, nodes.columns]
        for step in nodes.steps:
            values = step.transform(values)
        if hasattr(values, "toarray"):
            values = values.toarray()
        return np.ascontiguousarray(np.asarray(values), dtype=self.dtype)


def edges_of_thresholds(trees, n_columns, more=None, shift=False):
    """Return the edges of bins at which some tree splits.

    Parameters
    ----------
    trees : sequence of TreeNodes
        Trees of one model.

    n_columns : int
        Columns that they see.

    more : sequence of array-like or None, default=None
        Further numbers for each column.

    shift : bool, default=False
        Whether an edge is the number after the threshold, in single precision.

    Returns
    -------
    edges : tuple of ndarray
        Ascending, for each column.

    Examples
    --------
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skprivacy.inspection import read_trees
    >>> trees = read_trees(DecisionTreeClassifier().fit([[1], [4]], [0, 1])).trees
    >>> edges_of_thresholds(trees, 1)[0].tolist()
    [2.5]
    """
    column = np.concatenate([nodes.feature for nodes in trees])
    threshold = np.concatenate([nodes.threshold for nodes in trees])
    if shift:
        threshold = np.nextafter(threshold.astype(np.float32), np.float32(np.inf))
    split = ~np.isnan(threshold)
    column, threshold = column[split], threshold[split].astype(float)
    more = [[] for _ in range(n_columns)] if more is None else more
    return tuple(
        np.unique(np.concatenate([threshold[column == j], np.array(more[j], float)]))
        for j in range(n_columns)
    )
