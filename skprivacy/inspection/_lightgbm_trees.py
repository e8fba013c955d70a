"""Trees of LightGBM as plain arrays.

A threshold is the upper edge of a bin: the number after the middle of two neighboring
values of the training column. Edges at which no tree splits are not in the model.
"""

import numpy as np

from skprivacy.inspection._trees import (
    LEAF,
    NewtonSteps,
    TreeEnsemble,
    TreeNodes,
    edges_of_thresholds,
)

__all__ = ["read_lightgbm"]

#: Objectives of which the leaves hold steps of Newton.
LOSSES = {"binary": "log_loss", "multiclass": "log_loss", "regression": "squared_error"}


class CategoryCodes:
    """Codes of pandas categories, as they were in training.

    Parameters
    ----------
    categories : list of list
        Of each column of categories, in order.
    """

    def __init__(self, categories):
        self.categories = categories or []

    def transform(self, X):
        """Return numbers alone.

        Parameters
        ----------
        X : DataFrame or ndarray of shape (n_records, n_features)
            Features as the model takes them.

        Returns
        -------
        values : ndarray of float of shape (n_records, n_features)
        """
        if not hasattr(X, "columns") or not self.categories:
            return np.asarray(X, dtype=float)
        X = X.copy()
        names = [name for name in X if X[name].dtype == "category"]
        for name, known in zip(names, self.categories, strict=True):
            codes = X[name].cat.set_categories(known).cat.codes
            X[name] = codes.astype(float).where(codes >= 0)
        return X.to_numpy(dtype=float)


def read_lightgbm(model, outer, steps) -> TreeEnsemble:
    """Read the trees of a fitted ``LGBMClassifier`` or ``LGBMRegressor``.

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
        If leaves hold linear models, or zeros count as missing.
    """
    dump = model.booster_.dump_model()
    trees = [_nodes_of(tree["tree_structure"]) for tree in dump["tree_info"]]
    n_rows = max(nodes.n_samples[0] for nodes in trees)
    for nodes in trees:
        if len(nodes.left) == 1:
            # A tree without a split does not say for how many rows.
            nodes.n_samples[:] = nodes.weight[:] = n_rows
    extremes = [
        [info["min_value"], info["max_value"]] if not info["values"] else []
        for info in (
            dump["feature_infos"].get(name, {"values": [0]})
            for name in dump["feature_names"]
        )
    ]
    return TreeEnsemble(
        tuple(trees),
        model,
        outer,
        (*steps, CategoryCodes(dump["pandas_categorical"])),
        "edge",
        edges_of_thresholds(trees, dump["max_feature_idx"] + 1, extremes),
        np.float64,
        _newton_steps(model, dump),
    )


def _nodes_of(root):
    parts, at = [root], 0
    left, right = [], []
    while at < len(parts):
        inner = "left_child" in parts[at]
        left.append(len(parts) if inner else LEAF)
        right.append(len(parts) + 1 if inner else LEAF)
        if inner:
            parts += [parts[at]["left_child"], parts[at]["right_child"]]
        at += 1
    if any("leaf_coeff" in part for part in parts):
        raise TypeError("the model must hold a number in each leaf; got linear models.")
    if any(part.get("missing_type") == "Zero" for part in parts):
        raise TypeError("the model must not take zeros for missing values.")
    category = [part.get("decision_type") == "==" for part in parts]
    threshold = np.array(
        [
            np.nan if is_category else part.get("threshold", np.nan)
            for part, is_category in zip(parts, category, strict=True)
        ],
        dtype=float,
    )
    count = np.array(
        [part.get("internal_count", part.get("leaf_count", 0)) for part in parts]
    )
    return TreeNodes(
        feature=np.array([part.get("split_feature", LEAF) for part in parts]),
        threshold=threshold,
        left=np.array(left),
        right=np.array(right),
        n_samples=count,
        weight=count.astype(float),
        value=_numbers(parts, "value")[:, None],
        missing_left=np.array(
            [
                _missing_left(part, is_category)
                for part, is_category in zip(parts, category, strict=True)
            ]
        ),
        categories_left={
            i: np.array([int(code) for code in part["threshold"].split("||")])
            for i, part in enumerate(parts)
            if category[i]
        },
        hessian=_numbers(parts, "weight"),
    )


def _numbers(parts, name):
    found = [
        part.get(f"leaf_{name}", part.get(f"internal_{name}", 0)) for part in parts
    ]
    return np.array(found, dtype=float)


def _missing_left(part, is_category):
    if is_category or "left_child" not in part:
        return False
    if part["missing_type"] == "None":
        # None was missing in training: what is missing now counts as 0.
        return part["threshold"] >= 0
    return part["default_left"]


def _newton_steps(model, dump):
    options = model.get_params()
    objective = dump["objective"].split()
    loss = LOSSES.get(objective[0])
    plain = not options.get("reg_alpha") and options["boosting_type"] == "gbdt"
    if loss is None or "sqrt" in objective or not plain:
        return None
    n_outputs = dump["num_tree_per_iteration"]
    return NewtonSteps(
        loss,
        np.zeros(n_outputs),
        step=options["learning_rate"],
        penalty=options.get("reg_lambda") or 0.0,
        hessian_scale=n_outputs / (n_outputs - 1) if n_outputs > 1 else 1.0,
        # The first leaves hold the start, too.
        first=1,
    )
