"""What does the model say of its training set as a whole? The part that asks it."""

import warnings

import numpy as np
import pandas as pd
from sklearn.frozen import FrozenEstimator
from threadpoolctl import threadpool_limits

from skprivacy.property import audit_property, has_property
from skprivacy.records import split_records, take_rows

__all__ = ["check_properties", "study_properties"]

#: Shadow models of each kind of worlds by effort.
N_MODELS = {"fast": 48, "standard": 128, "thorough": 256}
#: Fewest outside records with, and without, the property.
FEWEST_OF_EACH = 20


def check_properties(properties, subject):
    """Return what is asked for as a list, with the true shares; refuse what can't be.

    Parameters
    ----------
    properties : str, tuple, callable, list or None
        As `skprivacy.audit` takes it.

    subject : Subject
        What is audited, canaries included: the model was trained on them too.

    Returns
    -------
    properties : list
        Pairs of a property and its share in the training set.

    Raises
    ------
    ValueError
        If one can't be told of the records, too few outside records have it, or do not
        have it, or shadow models can't be trained.
    """
    if properties is None:
        return []
    asked = list(properties) if isinstance(properties, list) else [properties]
    if asked and not subject.has_recipe:
        raise ValueError(
            "property needs shadow models: give the unfitted model as recipe."
        )
    is_member = subject.is_member == 1
    plain = ~is_member & ~subject.is_canary
    found = []
    for one in asked:
        mask = has_property(one, subject.records)
        for name, n in (
            ("with", mask[plain].sum()),
            ("without", (~mask[plain]).sum()),
        ):
            if n < FEWEST_OF_EACH:
                raise ValueError(
                    f"property={one!r}: the holdout has {int(n)} records {name} it; at "
                    f"least {FEWEST_OF_EACH} are needed: the attacker's shadow models "
                    "are trained on them."
                )
        found.append((one, float(mask[is_member].mean())))
    return found


def study_properties(
    properties, subject, *, effort, recipe, memory, n_jobs, seed, confidence
):
    """Ask of each property which share the model gives away.

    Parameters
    ----------
    properties : list
        As :func:`check_properties` returns it.

    subject : Subject
        What is audited, without canaries: its outside records are the attacker's.

    effort : str
        Effort of the audit.

    recipe, memory, n_jobs
        For the shadow models.

    seed : int
        Decides all draws.

    confidence : float
        Of the intervals.

    Returns
    -------
    results : tuple of PropertyInferenceResult
    """
    if not properties:
        return ()
    outside = np.flatnonzero(subject.is_member == 0)
    n_train = int((subject.is_member == 1).sum())
    X, y = split_records(take_rows(subject.records, outside), subject.label)
    if isinstance(X, pd.DataFrame):
        # The property may be about the label, by its name.
        y = pd.Series(np.asarray(y), index=X.index, name=subject.label)
    model = subject.box if subject.held is None else subject.held
    if recipe is None:
        recipe = _inner(subject)
    results = []
    with threadpool_limits(1, user_api="openmp"), warnings.catch_warnings():
        # What they say is told by the result.
        warnings.simplefilter("ignore", UserWarning)
        for one, true_ratio in properties:
            results.append(
                audit_property(
                    model,
                    X,
                    y,
                    property=one,
                    n_models=N_MODELS[effort],
                    recipe=recipe,
                    true_ratio=true_ratio,
                    target_size=n_train,
                    confidence=confidence,
                    memory=memory,
                    n_jobs=n_jobs,
                    random_state=seed,
                )
            )
    return tuple(results)


def _inner(subject):
    model = subject.box.model
    return model.estimator if isinstance(model, FrozenEstimator) else model
