"""Trees and bins of histogram gradient boosting, as plain arrays."""

import numpy as np
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)

from skprivacy.inspection._trees import LEAF, NewtonSteps, TreeNodes

__all__ = ["HIST_MODELS", "KnownCategories", "hist_edges", "hist_steps", "hist_trees"]

HIST_MODELS = (HistGradientBoostingClassifier, HistGradientBoostingRegressor)


class KnownCategories:
    """What histogram boosting does with its input before the trees see it.

    Columns of categories stand first, as codes; a code that was not there in training
    is missing.

    Parameters
    ----------
    model : HistGradientBoostingClassifier or HistGradientBoostingRegressor
        Fitted.
    """

    def __init__(self, model):
        self.model = model

    def transform(self, X):
        """Return what the trees compare.

        Parameters
        ----------
        X : DataFrame or ndarray of shape (n_records, n_features)
            Features as the model takes them.

        Returns
        -------
        values : ndarray of float of shape (n_records, n_columns)
        """
        values = np.asarray(self.model._preprocess_X(X, reset=False), dtype=float)
        categorical = np.flatnonzero(_is_categorical(self.model))
        if len(categorical):
            values = values.copy()
        for j in categorical:
            known = np.isin(values[:, j], self.model._bin_mapper.bin_thresholds_[j])
            values[~known, j] = np.nan
        return values


def hist_trees(model):
    """Yield the trees of a fitted model, stage by stage.

    Parameters
    ----------
    model : HistGradientBoostingClassifier or HistGradientBoostingRegressor
        Fitted.

    Yields
    ------
    nodes : TreeNodes
        Its `value` is what the tree adds to the raw prediction.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.ensemble import HistGradientBoostingRegressor
    >>> X, y = load_iris(return_X_y=True)
    >>> model = HistGradientBoostingRegressor(max_iter=3, random_state=0).fit(X, y)
    >>> [int(nodes.n_samples[0]) for nodes in hist_trees(model)]
    [150, 150, 150]
    """
    for stage in model._predictors:
        for predictor in stage:
            yield _nodes_of(predictor)


def hist_edges(model):
    """Edges of each column's bins.

    Parameters
    ----------
    model : HistGradientBoostingClassifier or HistGradientBoostingRegressor
        Fitted.

    Returns
    -------
    edges : tuple of ndarray
        Ascending; empty for a column of categories.
    """
    categorical = _is_categorical(model)
    return tuple(
        # Older releases of scikit-learn keep an edge as often as it is a quantile.
        np.zeros(0) if is_category else np.unique(np.asarray(edges, dtype=float))
        for edges, is_category in zip(
            model._bin_mapper.bin_thresholds_, categorical, strict=True
        )
    )


def hist_steps(model):
    """How the leaves' answers were made.

    Parameters
    ----------
    model : HistGradientBoostingClassifier or HistGradientBoostingRegressor
        Fitted.

    Returns
    -------
    newton : NewtonSteps or None
        None for losses whose leaves hold quantiles, or are made otherwise.
    """
    if model.loss not in ("log_loss", "squared_error"):
        return None
    if getattr(model, "class_weight", None) is not None:
        return None
    return NewtonSteps(
        loss=model.loss,
        start=np.ravel(model._baseline_prediction).astype(float),
        step=model.learning_rate,
        penalty=model.l2_regularization,
    )


def _nodes_of(predictor):
    nodes = predictor.nodes
    leaf = nodes["is_leaf"].astype(bool)
    category = nodes["is_categorical"].astype(bool) & ~leaf
    count = nodes["count"].astype(int)
    return TreeNodes(
        feature=np.where(leaf, LEAF, nodes["feature_idx"]).astype(int),
        threshold=np.where(leaf | category, np.nan, nodes["num_threshold"]),
        left=np.where(leaf, LEAF, nodes["left"].astype(int)),
        right=np.where(leaf, LEAF, nodes["right"].astype(int)),
        n_samples=count,
        weight=count.astype(float),
        value=nodes["value"].astype(float)[:, None],
        missing_left=nodes["missing_go_to_left"].astype(bool),
        categories_left={
            int(i): _members(predictor.raw_left_cat_bitsets[nodes["bitset_idx"][i]])
            for i in np.flatnonzero(category)
        },
    )


def _members(bitset):
    """Numbers whose bit is set: 32 of them a word."""
    words = np.asarray(bitset, dtype=np.uint32)
    bits = (words[:, None] >> np.arange(32, dtype=np.uint32)) & 1
    return np.flatnonzero(bits.ravel())


def _is_categorical(model):
    known = model._bin_mapper.is_categorical_
    n_columns = len(model._bin_mapper.bin_thresholds_)
    return np.zeros(n_columns, dtype=bool) if known is None else np.asarray(known, bool)
