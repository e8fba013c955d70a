"""What each method of ProtectedOutput makes of the answers of a model."""

from typing import NamedTuple

import numpy as np
from sklearn.base import is_classifier

from skprivacy.defenses._cross_fit import member_and_other_answers
from skprivacy.defenses._hamp import descending_scores, random_records, replace_scores
from skprivacy.defenses._keyed_numbers import keyed_normals, keyed_uniforms
from skprivacy.defenses._log_scale import add_to_logs, soften
from skprivacy.defenses._membership_classifier import MembershipClassifier
from skprivacy.defenses._memguard import undecided_answers, use_within_bound
from skprivacy.defenses._reverse_sigmoid import largest_beta, reverse_sigmoid
from skprivacy.defenses._rounding import round_to_step, round_to_sum
from skprivacy.defenses._truncation import keep_largest

__all__ = ["METHODS", "learn_beside", "told_probabilities", "told_values"]

#: Part of its bound that `beta` is by default.
PART_OF_BOUND = 0.99
#: Random inputs whose scores stand in for those of records.
N_RANDOM = 1000


class Method(NamedTuple):
    """What is true of a method."""

    #: Whether it is for regressors, too.
    for_regressors: bool = False
    #: Whether the label is that of the model, whatever is told.
    keeps_label: bool = False
    #: Whether anything is drawn by the secret.
    is_drawn: bool = False


METHODS = {
    "round": Method(for_regressors=True),
    "top_k": Method(),
    "label": Method(keeps_label=True),
    "temperature": Method(),
    "noise": Method(for_regressors=True, is_drawn=True),
    "reverse_sigmoid": Method(keeps_label=True),
    "memguard": Method(keeps_label=True, is_drawn=True),
    "hamp": Method(keeps_label=True, is_drawn=True),
}


def learn_beside(model, X, y, fit_params):
    """Learn what a method needs beside the model, and set it on the estimator.

    Parameters
    ----------
    model : ProtectedOutput
        With ``estimator_``, and its secret.

    X : DataFrame or ndarray of shape (n_records, n_features)
        What the estimator was trained on.

    y : array-like of shape (n_records,)
        Labels, or numbers.

    fit_params : dict
        With what it was trained.
    """
    random = np.random.RandomState(np.frombuffer(model._key, dtype=np.uint32))
    if not is_classifier(model.estimator_):
        if model.method == "noise":
            model.noise_scale_ = model.scale * np.std(np.asarray(y, float), axis=0)
        return
    if model.method == "reverse_sigmoid":
        model.beta_ = beta_in_force(model.beta, model.gamma, len(model.classes_))
    if model.method == "memguard" and len(model.classes_) > 1:
        answers = member_and_other_answers(
            model.estimator, X, y, model.classes_, model.cv, random, fit_params
        )
        model._membership = MembershipClassifier(*answers, random)
    if model.method == "hamp":
        inputs = random_records(X, N_RANDOM, random)
        model._scores = descending_scores(model.estimator_.predict_proba(inputs))


def beta_in_force(beta, gamma, n_classes):
    """Return `beta`, or the default one, if it keeps labels."""
    if n_classes < 2:
        return 0.0 if beta is None else beta
    bound = largest_beta(gamma, n_classes)
    if beta is None:
        return PART_OF_BOUND * bound
    if beta >= bound:
        raise ValueError(
            f"beta must be less than {bound:.4g} for labels to stay what they are with "
            f"gamma={gamma} and {n_classes} classes; got beta={beta}. None takes "
            f"{PART_OF_BOUND * bound:.4g}."
        )
    return beta


def told_probabilities(model, X, proba):
    """Probabilities that are told in the place of a classifier's own.

    Parameters
    ----------
    model : ProtectedOutput
        That is fitted.

    X : DataFrame or ndarray of shape (n_records, n_features)
        Records.

    proba : ndarray of shape (n_records, n_classes)
        What the model inside says of them.

    Returns
    -------
    proba : ndarray of shape (n_records, n_classes)
    """
    if model.method == "round":
        return round_to_sum(proba, model.decimals)
    if model.method == "top_k":
        return keep_largest(proba, model.top_k)
    if model.method == "temperature":
        return soften(proba, model.temperature)
    if model.method == "reverse_sigmoid":
        return reverse_sigmoid(proba, model.beta_, model.gamma)
    if model.method == "noise":
        noise = keyed_normals(X, proba.shape[1], model._key)
        return add_to_logs(proba, model.scale * noise)
    if proba.shape[1] < 2:
        # Of one class there is nothing to hide.
        return proba
    uniforms = keyed_uniforms(X, 1, model._key)[:, 0]
    if model.method == "hamp":
        scores = model._scores[(uniforms * len(model._scores)).astype(int)]
        return replace_scores(proba, scores)
    told = undecided_answers(proba, model._membership)
    return use_within_bound(
        proba, told, model._membership, model.max_distortion, uniforms
    )


def told_values(model, X, values):
    """Predictions that are told in the place of a regressor's own.

    Parameters
    ----------
    model : ProtectedOutput
        That is fitted.

    X : DataFrame or ndarray of shape (n_records, n_features)
        Records.

    values : ndarray of shape (n_records,) or (n_records, n_outputs)
        What the model inside says of them.

    Returns
    -------
    values : ndarray of the same shape
    """
    if model.method == "noise":
        n_outputs = values.shape[1] if values.ndim > 1 else 1
        noise = keyed_normals(X, n_outputs, model._key)
        return values + model.noise_scale_ * noise.reshape(values.shape)
    if model.step is not None:
        return round_to_step(values, model.step)
    return np.round(values, model.decimals)
