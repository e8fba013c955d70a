"""What the trees of a model split on, where, and how many records go which way."""

import numpy as np

from skprivacy.inspection import read_trees
from skprivacy.property._opened import input_names, names_after, open_model
from skprivacy.property._preprocessing import mean_by_name

__all__ = ["read_structure"]

QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)


def read_structure(model) -> dict:
    """Read the structure of a model's trees.

    Parameters
    ----------
    model : fitted estimator
        As :func:`skprivacy.inspection.read_trees` takes it; of a mixture, the members
        that have trees.

    Returns
    -------
    numbers : dict of str to float
        For each column that the trees compare: its share of the splits and of the
        records that pass one, the share of records that go left (by size, and at the
        largest node), how far the answers right and left differ, quantiles of the
        thresholds, importance. For the trees: leaves, quantiles of leaf sizes and
        answers, the root's answer. Empty for a model without trees.

    Examples
    --------
    >>> from sklearn.tree import DecisionTreeRegressor
    >>> tree = DecisionTreeRegressor().fit([[0.0], [1.0], [1.0], [1.0]], [0, 1, 1, 1])
    >>> numbers = read_structure(tree)
    >>> numbers["left share x0"], numbers["threshold 0.5 x0"], numbers["leaves"]
    (0.25, 0.5, 2.0)
    """
    whole = _trees_of(model)
    if whole is not None:
        return _numbers(whole)
    found = []
    for part in open_model(model, input_names(model), names_after):
        ensemble = _trees_of(part.fitted) if part.is_model else None
        if ensemble is not None:
            numbers = _numbers(ensemble, part.columns)
            found.append({f"{part.path} {name}": x for name, x in numbers.items()})
    return mean_by_name(found)


def _trees_of(model):
    try:
        return read_trees(model)
    except TypeError:
        return None


def _numbers(ensemble, names=None):
    numbers = {
        name: x
        for part in (_columns(ensemble, names), _leaves(ensemble), _roots(ensemble))
        for name, x in part.items()
    }
    return {name: float(x) for name, x in numbers.items() if np.isfinite(x)}


def _columns(ensemble, names):
    """Say what trees tell of each column."""
    splits, known = _splits_of(ensemble, names)
    numbers = {"splits a tree": len(splits["column"]) / len(ensemble.trees)}
    if not len(splits["column"]):
        return numbers
    column, n = splits["column"], splits["n"]
    # Without counts all nodes are alike, and the shares that go left are not told.
    counted = ensemble.tells_counts

    def total(values):
        return np.bincount(column, values, minlength=len(known))

    every = {"splits": total(np.ones(len(n))) / len(n)}
    if counted:
        every["splits by records"] = total(n) / n.sum()
        for power, name in ((1, "left share"), (3, "left share of large")):
            every[name] = total(n**power * splits["left"]) / total(n**power)
    weight = n if counted else np.ones(len(n))
    every["difference"] = total(weight * splits["difference"]) / total(weight)
    if np.isfinite(splits["gain"]).all():
        every["importance"] = total(splits["gain"]) / max(splits["gain"].sum(), 1e-12)
    for what, values in every.items():
        numbers |= {f"{what} {k}": x for k, x in zip(known, values, strict=True)}
    for i, name in enumerate(known):
        here = np.flatnonzero(column == i)
        if counted:
            largest = here[n[here].argmax()]
            numbers[f"left share of largest {name}"] = splits["left"][largest]
        thresholds = splits["threshold"][here]
        thresholds = thresholds[np.isfinite(thresholds)]
        if len(thresholds):
            numbers |= {
                f"threshold {q} {name}": x
                for q, x in zip(
                    QUANTILES, np.quantile(thresholds, QUANTILES), strict=True
                )
            }
    return numbers


def _splits_of(ensemble, names):
    """Column, size, share to the left, ... of each split; the columns' names."""
    names = input_names(ensemble.outer) if names is None else names
    for step in ensemble.steps:
        names = _after(step, names)
    parts: dict[str, list] = {}
    places: dict[str, int] = {}
    for nodes in ensemble.trees:
        of_column = [
            places.setdefault(n, len(places)) for n in _tree_names(nodes, names)
        ]
        split = np.flatnonzero(~nodes.is_leaf)
        left, right = nodes.left[split], nodes.right[split]
        n = np.maximum(nodes.n_samples, 1).astype(float)
        first = nodes.value[:, -1]
        gain = np.full(len(split), np.nan)
        if nodes.impurity is not None:
            mass = nodes.weight * nodes.impurity
            gain = mass[split] - mass[left] - mass[right]
        found = {
            "column": np.array(of_column, dtype=int)[nodes.feature[split]],
            "n": n[split],
            "left": n[left] / (n[left] + n[right]),
            "difference": first[right] - first[left],
            "threshold": nodes.threshold[split],
            "gain": gain,
        }
        for name, values in found.items():
            parts.setdefault(name, []).append(values)
    splits = {name: np.concatenate(values) for name, values in parts.items()}
    used, splits["column"] = np.unique(splits["column"], return_inverse=True)
    return splits, np.array(list(places), dtype=object)[used]


def _after(step, names):
    if hasattr(step, "model"):  # categories of histogram boosting come first
        categorical = getattr(step.model, "is_categorical_", None)
        if categorical is None or not names:
            return names
        order = np.argsort(~np.asarray(categorical, dtype=bool), kind="stable")
        return [names[j] for j in order]
    return names_after(step, names)


def _tree_names(nodes, names):
    if nodes.columns is not None:
        names = [names[j] for j in nodes.columns] if names else []
    for step in nodes.steps:
        names = _after(step, names)
    last = nodes.feature.max(initial=-1)
    if last >= len(names):  # a step does not name its columns
        return [f"column {j}" for j in range(last + 1)]
    return names


def _leaves(ensemble):
    counts = np.array([nodes.is_leaf.sum() for nodes in ensemble.trees], dtype=float)
    numbers = {"leaves": counts.mean(), "spread of leaves": counts.std()}
    numbers["trees"] = len(counts)
    leaves = [(nodes, nodes.is_leaf) for nodes in ensemble.trees]
    if ensemble.tells_counts:
        sizes = np.concatenate([nodes.n_samples[leaf] for nodes, leaf in leaves])
        numbers |= {
            f"leaf size {q}": x
            for q, x in zip(
                QUANTILES,
                np.quantile(np.log(np.maximum(sizes, 1)), QUANTILES),
                strict=True,
            )
        }
    answers = np.concatenate([nodes.value[leaf] for nodes, leaf in leaves])
    for k in range(answers.shape[1]):
        numbers[f"mean answer {k}"] = answers[:, k].mean()
        numbers |= {
            f"answer {k} {q}": x
            for q, x in zip(
                QUANTILES, np.quantile(answers[:, k], QUANTILES), strict=True
            )
        }
    return numbers


def _roots(ensemble):
    """Answers at the roots: of a forest, the shares of the classes."""
    roots = np.array([nodes.value[0] for nodes in ensemble.trees])
    numbers = {f"root answer {k}": x for k, x in enumerate(roots.mean(axis=0))}
    start = np.ravel(getattr(ensemble.model, "_baseline_prediction", ()))
    return numbers | {f"baseline {k}": x for k, x in enumerate(start)}
