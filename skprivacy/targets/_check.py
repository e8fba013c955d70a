"""How an attack gets hold of its target."""

from sklearn.base import BaseEstimator, clone
from sklearn.frozen import FrozenEstimator
from sklearn.utils import get_tags
from sklearn.utils.validation import check_is_fitted

from skprivacy.targets._black_box import BlackBox

__all__ = ["allows_nan", "check_target", "check_white_box", "recipe_of"]


def check_target(target: BlackBox | FrozenEstimator) -> BlackBox:
    """Return the box through which an attack asks its target.

    Parameters
    ----------
    target : BlackBox or FrozenEstimator
        The model under attack.

    Returns
    -------
    box : BlackBox
        ``target`` itself, or a box without limits around the frozen model.

    Raises
    ------
    TypeError
        If ``target`` is bare. ``clone`` would unfit a bare estimator, as a grid search
        does at its first step.

    Examples
    --------
    >>> from sklearn.dummy import DummyClassifier
    >>> check_target(DummyClassifier())
    Traceback (most recent call last):
        ...
    TypeError: target must be wrapped, so that it stays fitted when the attack is \
cloned: BlackBox(model) for an attacker who asks it, FrozenEstimator(model) for one \
who holds it; got DummyClassifier().
    """
    if isinstance(target, BlackBox):
        return target.fit()
    if isinstance(target, FrozenEstimator):
        check_is_fitted(target.estimator)
        return BlackBox(target.estimator).fit()
    raise TypeError(
        "target must be wrapped, so that it stays fitted when the attack is cloned: "
        "BlackBox(model) for an attacker who asks it, FrozenEstimator(model) for one "
        f"who holds it; got {target!r}."
    )


def check_white_box(target: FrozenEstimator) -> BaseEstimator:
    """Return the model itself, for an attack on what it holds.

    Parameters
    ----------
    target : FrozenEstimator
        The model under attack.

    Returns
    -------
    model : estimator
        The fitted model, which is not to be changed.

    Raises
    ------
    TypeError
        If ``target`` is a box, which shows answers alone, or is bare.

    Examples
    --------
    >>> from sklearn.dummy import DummyClassifier
    >>> from sklearn.frozen import FrozenEstimator
    >>> check_white_box(FrozenEstimator(DummyClassifier().fit([[0]], [1])))
    DummyClassifier()
    """
    if isinstance(target, BlackBox):
        raise TypeError(
            "target must be FrozenEstimator(model): this attack reads what the model "
            f"holds, and a BlackBox shows its answers alone; got {target!r}."
        )
    check_target(target)
    model = target.estimator
    return model.estimator if isinstance(model, FrozenEstimator) else model


def recipe_of(target: BlackBox | FrozenEstimator) -> BaseEstimator:
    """Return the unfitted clone of a target: its recipe, defenses included.

    Parameters
    ----------
    target : BlackBox or FrozenEstimator
        The model under attack.

    Returns
    -------
    recipe : estimator

    Raises
    ------
    ValueError
        If the target is a plain function, which says nothing of how it was made.
    TypeError
        If ``target`` is neither a box nor frozen.
    """
    if not isinstance(target, BlackBox | FrozenEstimator):
        raise TypeError(
            f"target must be BlackBox(model) or FrozenEstimator(model); got {target!r}."
        )
    model = target.model if isinstance(target, BlackBox) else target.estimator
    if isinstance(model, FrozenEstimator):
        model = model.estimator
    if not hasattr(model, "fit"):
        raise ValueError(
            "recipe must be given when the target is a plain function, which does not "
            "say how it was trained: ShadowModels(RandomForestClassifier(), ...)."
        )
    return clone(model)


def allows_nan(*estimators) -> bool:
    """Whether the first of the estimators that is one takes missing values.

    Parameters
    ----------
    *estimators : object
        Targets or recipes; what has no tags, such as None, is passed over.

    Returns
    -------
    allowed : bool

    Examples
    --------
    >>> from sklearn.ensemble import HistGradientBoostingClassifier
    >>> allows_nan(None, HistGradientBoostingClassifier())
    True
    """
    for estimator in estimators:
        if hasattr(estimator, "__sklearn_tags__") and not isinstance(estimator, type):
            return get_tags(estimator).input_tags.allow_nan
    return False
