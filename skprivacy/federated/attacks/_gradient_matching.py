"""How far the update of guessed records is from one that was seen, and which way."""

import numpy as np

from skprivacy.federated.attacks._network import chances

__all__ = ["distance", "matching_loss", "simulate"]


def distance(update, target, loss="squared"):
    r"""Return the distance of two updates, and its derivative by the first.

    ``"squared"`` is :math:`|u - t|^2 / |t|^2`, ``"cosine"`` is
    :math:`1 - u^T t / |u| |t|`.

    Parameters
    ----------
    update : ndarray of shape (n_values,)
        Of guessed records.

    target : ndarray of shape (n_values,)
        What the server saw; not all 0.

    loss : {"squared", "cosine"}, default="squared"
        Which distance.

    Returns
    -------
    distance : float

    derivative : ndarray of shape (n_values,)
    """
    size = np.linalg.norm(target)
    if loss == "squared":
        off = (update - target) / size
        return float(off @ off), 2 * off / size
    own = max(np.linalg.norm(update), 1e-300)
    cosine = update @ target / (own * size)
    return float(1 - cosine), (cosine * update / own - target / size) / own


def matching_loss(
    network,
    parameters,
    target,
    X,
    labels,
    *,
    loss="squared",
    learning_rate=1.0,
    n_steps=1,
):
    r"""Return the distance of the update of guessed records, and its derivatives.

    A client makes T steps :math:`\theta_{t + 1} = \theta_t - \eta g_t` by the gradient
    :math:`g_t` of the mean loss of all its records; the update is :math:`\sum_t g_t`.
    With the derivative v of the distance by the update, its derivative by the records
    is

    .. math::

        \sum_t \frac{\partial}{\partial x} \lambda_t^T g_t, \quad
        \lambda_{T - 1} = v, \quad
        \lambda_{t - 1} = \lambda_t - \eta H_t \lambda_t

    where :math:`H_t` is the Hessian at the t-th model. With one step it is the
    derivative of :math:`v^T g_0`.

    Parameters
    ----------
    network : DenseNetwork
        The model.

    parameters : ndarray of shape (n_values,)
        What was sent out.

    target : ndarray of shape (n_values,)
        Sum of the gradients that the server saw.

    X : ndarray of shape (n_records, n_features)
        Guessed records.

    labels : ndarray of shape (n_records, n_classes)
        Guessed chances of classes.

    loss : {"squared", "cosine"}, default="squared"
        Of :func:`distance`.

    learning_rate : float, default=1.0
        :math:`\eta`; with one step it has no effect.

    n_steps : int, default=1
        T.

    Returns
    -------
    distance : float

    by_records : ndarray of shape (n_records, n_features)
        Derivative by the records.

    by_labels : ndarray of shape (n_records, n_classes)
        Derivative by the chances.
    """
    models, update = simulate(
        network, parameters, X, labels, learning_rate=learning_rate, n_steps=n_steps
    )
    value, slope = distance(update, target, loss)
    by_records, by_labels = np.zeros_like(X), np.zeros_like(labels)
    adjoint = slope
    for model in models[::-1]:
        records, classes, hessian = _along(network, model, adjoint, X, labels)
        by_records += records
        by_labels += classes
        if n_steps > 1:
            adjoint = adjoint - learning_rate * hessian
    return value, by_records, by_labels


def simulate(network, parameters, X, labels, *, learning_rate=1.0, n_steps=1):
    """Return the models before each step, and the sum of the steps' gradients.

    Parameters
    ----------
    network, parameters, X, labels, learning_rate, n_steps
        As in :func:`matching_loss`.

    Returns
    -------
    models : list of ndarray of shape (n_values,)

    update : ndarray of shape (n_values,)
    """
    model, models, total = np.asarray(parameters, dtype=float), [], 0.0
    for _ in range(n_steps):
        models.append(model)
        inputs, errors = _sweep(network, model, X, labels)[:2]
        gradient = network.pack(
            [
                (values.T @ error, error.sum(axis=0))
                for values, error in zip(inputs, errors, strict=True)
            ]
        )
        total = total + gradient
        model = model - learning_rate * gradient
    return models, total


def _sweep(network, model, X, labels):
    """Return inputs of layers, derivatives of the loss by outputs, and chances."""
    layers = network.layers(model)
    inputs = [X]
    for weights, biases in layers[:-1]:
        inputs.append(np.maximum(inputs[-1] @ weights + biases, 0))
    found = chances(inputs[-1] @ layers[-1][0] + layers[-1][1])
    # Of a single output, the first class has none.
    errors = [((found - labels) / len(X))[:, -network.sizes[-1] :]]
    for (weights, _), values in zip(layers[:0:-1], inputs[:0:-1], strict=True):
        errors.append((errors[-1] @ weights.T) * (values > 0))
    return inputs, errors[::-1], found


def _along(network, model, direction, X, labels):
    """Return derivatives of direction times gradient, by records, labels and model.

    The product is the slope of the mean loss along the direction: all that the two
    sweeps hold is differentiated along it (dots), which needs no tape.
    """
    layers, moved = network.layers(model), network.layers(direction)
    inputs, errors, found = _sweep(network, model, X, labels)
    dots = [np.zeros_like(X)]
    for number, ((weights, _), (step, shift)) in enumerate(
        zip(layers, moved, strict=True), 1
    ):
        out = dots[-1] @ weights + inputs[number - 1] @ step + shift
        dots.append(out * (inputs[number] > 0) if number < len(layers) else out)
    scores = dots.pop()
    if scores.shape[1] == 1:
        scores = np.hstack([np.zeros_like(scores), scores])
    spread = found * (scores - (found * scores).sum(axis=1, keepdims=True)) / len(X)
    back = spread[:, -network.sizes[-1] :]
    hessian = []
    for number in range(len(layers) - 1, -1, -1):
        weights, step = layers[number][0], moved[number][0]
        values, error = inputs[number], errors[number]
        hessian.append((dots[number].T @ error + values.T @ back, back.sum(axis=0)))
        back = back @ weights.T + error @ step.T
        if number:
            back = back * (values > 0)
    return back, -scores / len(X), network.pack(hessian[::-1])
