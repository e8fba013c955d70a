"""The weights of a network, whatever the order of its hidden units."""

import numpy as np

__all__ = ["canonical_order", "read_network"]

QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)


def canonical_order(weights, intercepts):
    """Sort the hidden units of each layer by the sum of what comes in.

    Training may give the units of a layer in any order, with the same answers. Sorted,
    networks can be compared.

    Parameters
    ----------
    weights : list of ndarray of shape (n_in, n_out)
        Weights of each layer.

    intercepts : list of ndarray of shape (n_out,)
        Intercepts of each layer.

    Returns
    -------
    weights, intercepts : list of ndarray
        Of a network that answers the same.

    References
    ----------
    K. Ganju, Q. Wang, W. Yang, C. A. Gunter, N. Borisov. "Property inference attacks on
    fully connected neural networks using permutation invariant representations". ACM
    CCS 2018.

    Examples
    --------
    >>> import numpy as np
    >>> weights = [np.array([[3.0, 1.0]]), np.array([[5.0], [7.0]])]
    >>> sorted_weights, _ = canonical_order(weights, [np.zeros(2), np.zeros(1)])
    >>> sorted_weights[0].tolist(), sorted_weights[1].tolist()
    ([[1.0, 3.0]], [[7.0], [5.0]])
    """
    weights, intercepts = list(weights), list(intercepts)
    for layer in range(len(weights) - 1):
        order = np.argsort(weights[layer].sum(axis=0), kind="stable")
        weights[layer] = weights[layer][:, order]
        intercepts[layer] = intercepts[layer][order]
        weights[layer + 1] = weights[layer + 1][order]
    return weights, intercepts


def read_network(model, names) -> dict:
    """Read a multi-layer perceptron.

    Parameters
    ----------
    model : MLPClassifier or MLPRegressor
        Fitted.

    names : list of str
        Columns that it takes.

    Returns
    -------
    numbers : dict of str to float
        Sorted weights; and for each column, numbers that no order of the units
        changes: the mean and the size of its weights, and what flows from it to the
        outputs through all layers.
    """
    weights, intercepts = canonical_order(model.coefs_, model.intercepts_)
    n_in = weights[0].shape[0]
    names = names if len(names) == n_in else [str(j) for j in range(n_in)]
    numbers: dict[str, float] = {}
    for layer, (w, b) in enumerate(zip(weights, intercepts, strict=True)):
        rows = names if layer == 0 else range(len(w))
        numbers |= {
            f"weight {layer} {row} {k}": x
            for row, line in zip(rows, w, strict=True)
            for k, x in enumerate(line)
        }
        numbers |= {f"intercept {layer} {k}": x for k, x in enumerate(b)}
        numbers |= {f"mean weight {layer}": w.mean(), f"size {layer}": w.std()}
        numbers |= {
            f"intercept quantile {layer} {q}": x
            for q, x in zip(QUANTILES, np.quantile(b, QUANTILES), strict=True)
        }
    through, size = weights[0], np.abs(weights[0])
    for w in weights[1:]:
        through, size = through @ w, size @ np.abs(w)
    for j, name in enumerate(names):
        numbers[f"mean of {name}"] = weights[0][j].mean()
        numbers[f"size of {name}"] = np.sqrt(np.mean(weights[0][j] ** 2))
        for k in range(through.shape[1]):
            numbers[f"flow {name} {k}"] = through[j, k]
            numbers[f"size of flow {name} {k}"] = size[j, k]
    return numbers
