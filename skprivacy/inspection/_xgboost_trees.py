"""Trees of XGBoost as plain arrays.

A value below a threshold goes left. With histograms, a threshold is a training value.
Nodes keep the sum of the hessians of their rows, and no counts.
"""

import json

import numpy as np
from scipy.special import logit

from skprivacy.inspection._trees import (
    LEAF,
    NewtonSteps,
    TreeEnsemble,
    TreeNodes,
    edges_of_thresholds,
)

__all__ = ["read_xgboost"]

#: Objectives of which the leaves hold steps of Newton: loss, and factor of its hessian.
LOSSES = {
    "binary:logistic": ("log_loss", 1.0),
    "multi:softprob": ("log_loss", 2.0),
    "multi:softmax": ("log_loss", 2.0),
    "reg:squarederror": ("squared_error", 1.0),
}


def read_xgboost(model, outer, steps) -> TreeEnsemble:
    """Read the trees of a fitted ``XGBClassifier`` or ``XGBRegressor``.

    Parameters
    ----------
    model : estimator
        Fitted.

    outer : estimator
        What it is the end of.

    steps : tuple of transformers
        What the records pass before.

    Returns
    -------
    ensemble : TreeEnsemble

    Raises
    ------
    TypeError
        If the model is linear, drops trees, or splits columns of categories.
    """
    booster = model.get_booster()
    learner = json.loads(bytes(booster.save_raw("json")))["learner"]
    if learner["gradient_booster"]["name"] != "gbtree":
        raise TypeError(
            "the model must hold trees that all count alike (booster='gbtree'); got "
            f"{learner['gradient_booster']['name']!r}."
        )
    objective = learner["objective"]["name"]
    counts = objective == "reg:squarederror"
    trees = [
        _nodes_of(tree, counts)
        for tree in learner["gradient_booster"]["model"]["trees"]
    ]
    by_histogram = model.get_params().get("tree_method") not in ("exact", "approx")
    n_columns = int(learner["learner_model_param"]["num_feature"])
    return TreeEnsemble(
        tuple(trees),
        model,
        outer,
        tuple(steps),
        "edge" if by_histogram else "random",
        edges_of_thresholds(trees, n_columns, shift=True) if by_histogram else None,
        np.float32,
        _newton_steps(model, learner, objective, len(trees)),
    )


def _nodes_of(tree, counts):
    if any(tree["split_type"]):
        raise TypeError(
            "the model must split numbers alone; got splits of categories "
            "(enable_categorical=True). Encode them in a pipeline before the model."
        )
    left = np.array(tree["left_children"])
    leaf = left < 0
    condition = np.array(tree["split_conditions"], dtype=np.float32)
    hessian = np.array(tree["sum_hessian"], dtype=float)
    count = np.rint(hessian).astype(int) if counts else np.zeros(len(left), dtype=int)
    # Below the condition, strictly: at most the number before it.
    below = np.nextafter(condition, np.float32(-np.inf)).astype(float)
    return TreeNodes(
        feature=np.where(leaf, LEAF, tree["split_indices"]),
        threshold=np.where(leaf, np.nan, below),
        left=left,
        right=np.array(tree["right_children"]),
        n_samples=count,
        weight=count.astype(float),
        value=np.where(leaf, condition, tree["base_weights"]).astype(float)[:, None],
        missing_left=np.array(tree["default_left"], dtype=bool),
        hessian=hessian,
    )


def _newton_steps(model, learner, objective, n_trees):
    if objective not in LOSSES:
        return None
    options = _training_options(model)
    n_stages = model.get_booster().num_boosted_rounds()
    plain = (
        float(options.get("alpha", 0)) == 0 and float(options.get("subsample", 1)) == 1
    )
    plain = plain and float(options.get("max_delta_step", 0)) == 0
    n_outputs = max(int(learner["learner_model_param"]["num_class"]), 1)
    if not plain or n_trees != n_stages * n_outputs:
        return None
    score = np.ravel(json.loads(learner["learner_model_param"]["base_score"]))
    start = np.resize(score.astype(float), n_outputs)
    loss, hessian_scale = LOSSES[objective]
    return NewtonSteps(
        loss,
        logit(start) if objective == "binary:logistic" else start,
        step=float(options.get("learning_rate", options.get("eta", 0.3))),
        penalty=float(options.get("lambda", 1)),
        hessian_scale=hessian_scale,
    )


def _training_options(model):
    config = json.loads(model.get_booster().save_config())["learner"]
    return config["gradient_booster"].get("tree_train_param", {})
