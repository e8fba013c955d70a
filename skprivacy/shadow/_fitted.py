"""The shadow models of an attack: given ones, or trained now."""

from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.utils.validation import check_is_fitted

from skprivacy.shadow._shadow_models import ShadowModels

__all__ = ["fitted_shadow"]


def fitted_shadow(
    shadow, records, *, target, label, random_state, keep_models=False
) -> ShadowModels:
    """Return the given shadow models, trained first unless they are fitted.

    Parameters
    ----------
    shadow : ShadowModels, FrozenEstimator or None
        As an attack takes it; None stands for ``ShadowModels()``.

    records : DataFrame or ndarray of shape (n_records, n_features + 1)
        Pool to train on.

    target, label, random_state : object
        Those of the attack, for shadow models that have none of their own.

    keep_models : bool, default=False
        Keep the models that are trained now, for an attack that asks them about
        records outside the pool.

    Returns
    -------
    shadow : ShadowModels
        Fitted.

    Raises
    ------
    TypeError
        If ``shadow`` is something else.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.frozen import FrozenEstimator
    >>> from sklearn.linear_model import Ridge
    >>> from skprivacy.shadow import ShadowModels
    >>> shadow = ShadowModels(Ridge(), n_models=2, random_state=0).fit(np.eye(4))
    >>> frozen = FrozenEstimator(shadow)
    >>> same = fitted_shadow(frozen, None, target=None, label=None, random_state=None)
    >>> same is shadow
    True
    """
    shadow = ShadowModels() if shadow is None else shadow
    if isinstance(shadow, FrozenEstimator):
        check_is_fitted(shadow.estimator)
        return _check_shadow(shadow.estimator)
    shadow = clone(_check_shadow(shadow))
    own = {"target": target, "label": label, "random_state": random_state}
    for name, value in own.items():
        if getattr(shadow, name) is None:
            shadow.set_params(**{name: value})
    if keep_models:
        shadow.set_params(keep_models=True)
    return shadow.fit(records)


def _check_shadow(shadow):
    if not isinstance(shadow, ShadowModels):
        raise TypeError(
            "shadow must be ShadowModels(...), or FrozenEstimator(shadow) around "
            f"fitted ones; got {shadow!r}."
        )
    return shadow
