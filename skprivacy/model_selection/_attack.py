"""Attack a recipe, or a model, with shadow models trained on its own records."""

import copy
from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas.api.types import is_hashable
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.utils.validation import _check_y, check_consistent_length

from skprivacy._validation import as_table
from skprivacy.membership import RMIA, BaseMembershipAttack, LiRA
from skprivacy.records import join_records, split_records, take_rows
from skprivacy.shadow import ShadowModels, pretend_targets

__all__ = [
    "Attacked",
    "as_attack",
    "attack_model",
    "attack_recipe",
    "check_data",
    "check_n_models",
    "records_of",
    "scores_outside",
    "train_shadow",
]

_NAMED = {"lira": LiRA, "rmia": RMIA}


class Attacked(NamedTuple):
    """What an attack says of records, for each of its targets.

    Parameters
    ----------
    is_member : ndarray of bool of shape (n_targets, n_records)
        Truth.

    score : ndarray of shape (n_targets, n_records)
        Larger means more like a member.
    """

    is_member: np.ndarray
    score: np.ndarray


def as_attack(attack):
    """Return an attack that waits for its target.

    Parameters
    ----------
    attack : {"lira", "rmia"} or membership attack
        A name, or an attack whose target is None, such as ``LiRA(None)``.

    Returns
    -------
    attack : membership attack

    Raises
    ------
    ValueError
        If the name is not known, or the attack has a target already.
    TypeError
        If it is something else.

    Examples
    --------
    >>> as_attack("rmia")
    RMIA(target=None)
    """
    if isinstance(attack, str):
        if attack not in _NAMED:
            raise ValueError(
                f"attack must be one of {sorted(_NAMED)}, or a membership attack such "
                f"as LiRA(None); got {attack!r}."
            )
        return _NAMED[attack](None)
    if not isinstance(attack, BaseMembershipAttack):
        raise TypeError(
            f"attack must be one of {sorted(_NAMED)}, or a membership attack such as "
            f"LiRA(None); got {attack!r}."
        )
    if attack.target is not None:
        raise ValueError(
            "attack must have target=None, as it is given each target in turn; got "
            f"{attack!r}."
        )
    return attack


def check_data(X, y, estimator):
    """Return features and labels that records can be made of.

    Parameters
    ----------
    X : DataFrame or array-like of shape (n_records, n_features)
        Features.

    y : array-like of shape (n_records,)
        Labels.

    estimator : estimator
        Named in messages.

    Returns
    -------
    X : DataFrame or ndarray of shape (n_records, n_features)

    y : ndarray of shape (n_records,)

    Raises
    ------
    ValueError
        If X is empty, or y has missing values, another length, or two dimensions.
    TypeError
        If X is sparse, or a value in it is neither a text nor a number.
    """
    X, y = as_table(X), _check_y(y, estimator=estimator)
    check_consistent_length(X, y)
    if isinstance(X, np.ndarray) and X.dtype.kind == "O":
        for value in X.ravel():
            if not is_hashable(value):
                raise TypeError(
                    "X: each argument must be a string or a number; got a value of "
                    f"type {type(value).__name__}."
                )
    return X, y


def check_n_models(n_models: int) -> int:
    """Refuse a number of shadow models of which none can be a target.

    Parameters
    ----------
    n_models : int
        Half of them are complements of the others.

    Returns
    -------
    n_models : int
        As given.

    Raises
    ------
    ValueError
        If it is odd or below 4.

    Examples
    --------
    >>> check_n_models(8)
    8
    """
    if n_models < 4 or n_models % 2:
        raise ValueError(
            "n_models must be even and at least 4: a target, its complement and two "
            f"others; got n_models={n_models}."
        )
    return n_models


def records_of(X, y):
    """Lay features and labels together, and name the label's column.

    Parameters
    ----------
    X : DataFrame or ndarray of shape (n_records, n_features)
        Features.

    y : array-like of shape (n_records,)
        Labels.

    Returns
    -------
    records : DataFrame or ndarray of shape (n_records, n_features + 1)

    label : str or int
        The label's column.

    Examples
    --------
    >>> import numpy as np
    >>> records_of(np.array([[1, 2], [3, 4]]), [0, 1])
    (array([[1, 2, 0],
           [3, 4, 1]]), -1)
    """
    y = np.asarray(y)
    if not isinstance(X, pd.DataFrame):
        return join_records(X, y), -1
    label = "label"
    if all(isinstance(column, int | np.integer) for column in X.columns):
        # scikit-learn refuses names of which some are texts and some are not.
        label = int(max(X.columns)) + 1
    while label in X.columns:
        label += "_"
    return join_records(X, y, label), label


def train_shadow(
    recipe, records, label, n_models, random_state, n_jobs=None, fit_params=None
):
    """Train a recipe on halves of records, and keep the models.

    Parameters
    ----------
    recipe : estimator
        Unfitted.

    records : DataFrame or ndarray of shape (n_records, n_features + 1)
        Records.

    label : str or int
        The label's column.

    n_models : int
        An even number.

    random_state : int or RandomState
        Decides the halves and the randomness of each model.

    n_jobs : int or None, default=None
        Models trained at the same time.

    fit_params : dict or None, default=None
        Passed to the fit of each model.

    Returns
    -------
    shadow : ShadowModels
        Fitted.
    """
    shadow = ShadowModels(
        recipe,
        n_models=n_models,
        keep_models=True,
        label=label,
        random_state=random_state,
        n_jobs=n_jobs,
    )
    return shadow.fit(records, **(fit_params or {}))


def scores_outside(shadow, records, scorer) -> np.ndarray:
    """Score each model that was kept on the records that it was not trained on.

    Parameters
    ----------
    shadow : ShadowModels
        Fitted on the records, with models kept.

    records : DataFrame or ndarray of shape (n_records, n_features + 1)
        Records.

    scorer : callable
        ``scorer(model, X, y)``.

    Returns
    -------
    scores : ndarray of shape (n_models,)
    """
    X, y = split_records(records, shadow.label)
    unseen = [np.flatnonzero(~rows) for rows in shadow.membership_]
    scores = [
        scorer(model, take_rows(X, rows), y[rows])
        for model, rows in zip(shadow.models_, unseen, strict=True)
    ]
    return np.array(scores, dtype=float)


def attack_recipe(attack, shadow, records) -> Attacked:
    """Attack each of the shadow models with the help of the others.

    Parameters
    ----------
    attack : membership attack
        Without a target.

    shadow : ShadowModels
        Fitted on the records, with models kept.

    records : DataFrame or ndarray of shape (n_records, n_features + 1)
        Records.

    Returns
    -------
    attacked : Attacked
        A row for each model.
    """
    n_models = len(shadow.membership_)
    played = list(pretend_targets(shadow.membership_, n_models))
    score = [
        _score(attack, shadow.models_[target], _only(shadow, others), records)
        for target, others in played
    ]
    targets = [target for target, _ in played]
    return Attacked(shadow.membership_[targets], np.array(score))


def attack_model(attack, model, is_member, shadow, records) -> Attacked:
    """Attack one model of which the members are known.

    Parameters
    ----------
    attack : membership attack
        Without a target.

    model : estimator
        Fitted.

    is_member : ndarray of bool of shape (n_records,)
        Which records it was trained on.

    shadow : ShadowModels
        Fitted on the records.

    records : DataFrame or ndarray of shape (n_records, n_features + 1)
        Records.

    Returns
    -------
    attacked : Attacked
        Of one row.
    """
    score = _score(attack, model, shadow, records)
    return Attacked(is_member[None, :], score[None, :])


def _score(attack, model, shadow, records):
    attack = clone(attack)
    # A white-box attack is given the model, and one that asks makes its box of it.
    given = {"target": FrozenEstimator(model), "label": shadow.label}
    params = attack.get_params(deep=False)
    if "shadow" in params:
        given["shadow"] = FrozenEstimator(shadow)
    if "random_state" in params and params["random_state"] is None:
        given["random_state"] = 0
    attack.set_params(**given).fit(records)
    return attack.decision_function(records)


def _only(shadow, models):
    """Fitted shadow models as if only these had been trained."""
    part = copy.copy(shadow)
    part.membership_ = shadow.membership_[models]
    part.answers_ = shadow.answers_[models]
    part.seeds_ = shadow.seeds_[models]
    part.models_ = [shadow.models_[i] for i in models]
    return part
