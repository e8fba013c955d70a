"""Where a model tells the share of a class as it is."""

from collections.abc import Iterator

import numpy as np
from scipy.special import expit, softmax
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
)

from skprivacy.inspection import read_trees
from skprivacy.property._encoding import same_value
from skprivacy.property._opened import input_names, names_after, open_model
from skprivacy.property._reading import (
    DEVIATIONS,
    Reading,
    sees_a_draw,
    settled,
    whole_sample,
)

__all__ = ["label_readings"]


def label_readings(model, value) -> Iterator[Reading]:
    """Read the share of a class wherever a classifier tells it.

    Parameters
    ----------
    model : fitted classifier
        The whole model.

    value : object
        The class.

    Yields
    ------
    reading : Reading
    """
    yield from settled(_told(model, value))
    yield from _roots(model, value)


def _told(model, value):
    """Ask all rules about all models inside."""
    draws = sees_a_draw(model)
    for part in open_model(model, input_names(model), names_after):
        place = _place_inside(part.fitted, model, value)
        if not part.is_model or place is None or _reweighted(part.fitted):
            continue
        for rule in (_first_guess, _counts, _stored_labels):
            told = rule(part.fitted, place)
            if told is not None:
                share, name = told
                yield f"{part.path} {name}".strip(), share, not draws


def _first_guess(model, place):
    """Boosting begins with the shares of the classes."""
    if isinstance(model, HistGradientBoostingClassifier):
        start = np.ravel(model._baseline_prediction).astype(float)
        if len(start) == 1:
            share = float(expit(start[0]))
            share = share if place == 1 else 1 - share
        else:
            share = float(softmax(start)[place])
        return share, "_baseline_prediction"
    if isinstance(model, GradientBoostingClassifier):
        shares = getattr(model.init_, "class_prior_", None)
        if shares is None:
            return None
        return float(shares[place]), "init_.class_prior_"
    return None


def _counts(model, place):
    for name, given in (
        ("class_count_", None),
        ("class_prior_", "priors"),
        ("priors_", "priors"),
    ):
        if given is not None and getattr(model, given, None) is not None:
            continue
        counts = getattr(model, name, None)
        if counts is not None and np.ndim(counts) == 1 and len(counts) > place:
            return float(counts[place] / np.sum(counts)), name
    return None


def _stored_labels(model, place):
    labels = getattr(model, "_y", getattr(model, "y_train_", None))
    if labels is None or np.ndim(labels) != 1:
        return None
    return float(np.mean(np.asarray(labels) == place)), "stored labels"


def _roots(model, value):
    """Roots of classification trees answer with the shares of their records."""
    try:
        ensemble = read_trees(model)
    except TypeError:
        return
    place = _place(getattr(ensemble.model, "classes_", None), value)
    if place is None or _reweighted(ensemble.model) or ensemble.newton is not None:
        return
    roots = np.array([nodes.value[0] for nodes in ensemble.trees])
    if roots.shape[1] != len(ensemble.model.classes_) or (roots < 0).any():
        return
    shares = roots[:, place] / roots.sum(axis=1)
    share = float(shares.mean())
    where = "answers of the roots"
    if whole_sample(ensemble):
        yield Reading(share, share, share, True, where)
        return
    # Trees on different draws scatter about the share of all records.
    n = max(float(np.mean([nodes.weight[0] for nodes in ensemble.trees])), 1.0)
    spread = np.sqrt(max(share * (1 - share), 1 / n) / n / len(shares))
    low, high = share - DEVIATIONS * spread, share + DEVIATIONS * spread
    yield Reading(share, max(low, 0.0), min(high, 1.0), False, where)


def _place(classes, value):
    if classes is None or isinstance(classes, list):
        return None
    places = [k for k, one in enumerate(classes) if same_value(one, value)]
    return places[0] if places else None


def _place_inside(member, model, value):
    """Place of a class in a member, which may know the classes by their places."""
    outer, own = getattr(model, "classes_", None), getattr(member, "classes_", None)
    if outer is None or own is None or isinstance(own, list):
        return _place(own, value)
    if len(own) != len(outer):
        return None
    by_place = np.array_equal(own, np.arange(len(own)))
    return _place(outer if by_place else own, value)


def _reweighted(model):
    return getattr(model, "class_weight", None) is not None
