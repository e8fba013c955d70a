"""Lists of fitted models, as the attacks take them."""

from sklearn.base import is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.utils.validation import check_is_fitted

from skprivacy.targets import BlackBox

__all__ = ["check_models", "inside"]


def check_models(models, name="X") -> list:
    """Return models as a list.

    Parameters
    ----------
    models : sequence of fitted models
        Estimators, frozen ones, or boxes.

    name : str, default="X"
        The argument's name, for error messages.

    Returns
    -------
    models : list

    Raises
    ------
    TypeError
        If it is no sequence, or holds something that is no model.
    ValueError
        If it is empty, or holds classifiers and regressors at once.
    NotFittedError
        If a model is not fitted.

    Examples
    --------
    >>> from sklearn.dummy import DummyClassifier
    >>> check_models([DummyClassifier().fit([[0]], [1])])
    [DummyClassifier()]
    >>> check_models(DummyClassifier())
    Traceback (most recent call last):
        ...
    TypeError: X must be a list of fitted models, such as [model]; got \
DummyClassifier().
    """
    is_list = hasattr(models, "__len__") and hasattr(models, "__iter__")
    if hasattr(models, "predict") or not is_list:
        raise TypeError(
            f"{name} must be a list of fitted models, such as [model]; got {models!r}."
        )
    models = list(models)
    if not models:
        raise ValueError(f"{name} is an empty list: at least one model is needed.")
    for i, model in enumerate(models):
        _check_one(model, f"{name}[{i}]")
    kinds = {_is_classifier(model) for model in models}
    if len(kinds) > 1:
        raise ValueError(
            f"{name} must hold models of one kind; got classifiers and regressors."
        )
    return models


def inside(model):
    """Return the model itself, for who reads what it holds.

    Parameters
    ----------
    model : estimator, FrozenEstimator or BlackBox
        A model of the list.

    Returns
    -------
    model : estimator

    Raises
    ------
    TypeError
        If it is a box, which shows answers alone.
    """
    if isinstance(model, BlackBox):
        raise TypeError(
            "a BlackBox shows its answers alone: read it with "
            'ModelFeatures("queries", queries=...), or give the model itself; got '
            f"{model!r}."
        )
    return model.estimator if isinstance(model, FrozenEstimator) else model


def _check_one(model, name):
    if isinstance(model, type) or not (
        hasattr(model, "predict") or isinstance(model, BlackBox)
    ):
        raise TypeError(f"{name} must be a fitted model; got {model!r}.")
    if isinstance(model, BlackBox):
        model.fit()
        return
    try:
        check_is_fitted(model)
    except NotFittedError as error:
        raise NotFittedError(
            f"{name} must be fitted, but is not: {model!r}."
        ) from error


def _is_classifier(model):
    # A plain function in a box is told by what it answers alone.
    if isinstance(model, BlackBox):
        return model.response_ != "value"
    return is_classifier(model)
