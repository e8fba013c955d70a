"""Models that are trained by gradient steps, by averages of what clients trained.

An iteration of federated averaging: each client takes an epoch of steps from the common
weights, and the new weights are the mean of what they got, weighted by records.
"""

import warnings

import numpy as np
from sklearn.base import clone, is_classifier
from sklearn.exceptions import ConvergenceWarning

from skprivacy.federated._learners._learner import Phase, SumLearner

__all__ = ["AVERAGED_CLASSIFIER", "AVERAGED_REGRESSOR", "weights_of"]

#: Epochs where the number of rounds is "auto".
AUTO_ROUNDS = 30


def check(model):
    """Refuse what has no epochs, or keeps records of its own for a test."""
    if getattr(model, "solver", "sgd") == "lbfgs":
        raise ValueError(f'solver must be "sgd" or "adam"; got {model!r}.')
    if hasattr(model, "hidden_layer_sizes") and model.learning_rate == "invscaling":
        raise ValueError(f'learning_rate must not be "invscaling"; got {model!r}.')
    if model.early_stopping or getattr(model, "average", False):
        raise ValueError(
            f"early_stopping and average must be False to learn by sums; got {model!r}."
        )


def weights_of(model) -> list:
    """Return the arrays of a linear model or a network, not copied."""
    if hasattr(model, "coefs_"):
        return [*model.coefs_, *model.intercepts_]
    return [model.coef_, model.intercept_]


def set_weights(model, flat):
    """Write weights into a model's arrays."""
    start = 0
    for array in weights_of(model):
        array[...] = flat[start : start + array.size].reshape(array.shape)
        start += array.size


def started(estimator, public):
    """Return a model of the right shape, the same at all parties.

    It is drawn with a public seed, and has seen no record.
    """
    model = clone(estimator).set_params(random_state=public["seed"])
    blank = np.zeros((1, public["n_features"]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        if is_classifier(model):
            classes = public["classes"]
            blank = np.repeat(blank, len(classes), axis=0)
            model.partial_fit(blank, classes, classes=classes)
        else:
            model.partial_fit(blank, [0.0])
    # Momentum of these steps.
    if hasattr(model, "_optimizer"):
        del model._optimizer
    return model


class RecordCount(Phase):
    """How many records there are: what the clients are weighted by."""

    def vector(self, estimator, X, y, public):
        """Count."""
        return np.array([len(X)])

    def update(self, estimator, total, public):
        """Return the number."""
        return {"n": float(np.rint(total[0]))}


class StartingWeights(Phase):
    """Where the training starts; nobody is asked."""

    def known(self, estimator, public):
        """Return the weights."""
        arrays = weights_of(started(estimator, public))
        return {"weights": np.concatenate([array.ravel() for array in arrays])}


class Epoch(Phase):
    """Weights after an epoch at each client, averaged."""

    def vector(self, estimator, X, y, public):
        """Train from the common weights, and weight what comes out."""
        model, n_done = started(estimator, public), public.get("n_epochs", 0)
        set_weights(model, public["weights"])
        model.set_params(random_state=(public["seed"] + n_done) % 2**31)
        if not hasattr(model, "coefs_"):
            # The steps that make the learning rate of a linear model smaller.
            model.t_ = 1.0 + n_done * len(X)
        labels = public["classes"][y] if is_classifier(model) else y
        with np.errstate(over="ignore", invalid="ignore"):
            model.partial_fit(X, labels)
        flat = np.concatenate([array.ravel() for array in weights_of(model)])
        return np.append(1.0, flat) * (len(X) / public["n"])

    def update(self, estimator, total, public):
        """Return the mean."""
        n_epochs = public.get("n_epochs", 0) + 1
        return {"weights": total[1:] / total[0], "n_epochs": n_epochs}

    def is_finished(self, estimator, public):
        """Whether all rounds are over."""
        return public["n_epochs"] >= (public["max_rounds"] or AUTO_ROUNDS)


def finish(model, public):
    """Set what a fit sets."""
    trained = started(model, public)
    set_weights(trained, public["weights"])
    vars(model).update(
        {name: value for name, value in vars(trained).items() if name[-1] == "_"}
    )
    for name in ("_label_binarizer", "_expanded_class_weight", "_random_state"):
        if hasattr(trained, name):
            setattr(model, name, getattr(trained, name))
    model.n_iter_ = public["n_epochs"]


PHASES = (StartingWeights(), RecordCount(), Epoch())
AVERAGED_CLASSIFIER = SumLearner(PHASES, finish, "classes", check, 2)
AVERAGED_REGRESSOR = SumLearner(PHASES, finish, "numbers", check)
