"""From an estimator and an engine to a fitted estimator."""

import numpy as np
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline

from skprivacy.federated._column_parts import (
    is_active,
    learn_columns,
    learn_encoder,
    made_up_row,
    names_of,
    needs_fit,
)
from skprivacy.federated._learners import find_learner
from skprivacy.federated._learners._columns import ClassCounts
from skprivacy.federated._learners._encoders import ENCODERS, check_encoder

__all__ = ["check_learnable", "learn", "takes_tables", "target_of"]


def learn(estimator, engine, **facts):
    """Fit an estimator by sums over clients.

    Parameters
    ----------
    estimator : estimator
        One that a learner is registered for, an encoder of categories, or a Pipeline
        or ColumnTransformer of such.

    engine : LocalEngine
        Who asks the clients.

    **facts
        What is public before: ``classes``, ``bounds``, ``y_bounds``, ``max_rounds``,
        ``seed``; None where it is not.

    Returns
    -------
    fitted : estimator
        A fitted clone.
    """
    fitted = clone(estimator)
    if isinstance(fitted, ColumnTransformer):
        return learn_columns(fitted, engine, lambda part: learn(part, engine, **facts))
    if isinstance(fitted, ENCODERS):
        return learn_encoder(fitted, engine)
    if not isinstance(fitted, Pipeline):
        return _learn_one(fitted, engine, facts)
    steps = [(name, step) for name, step in fitted.steps if is_active(step)]
    for position, (name, step) in enumerate(steps):
        if needs_fit(step):
            step = learn(step, engine, **facts)
            fitted.set_params(**{name: step})
        else:
            step.fit(made_up_row(engine.schema))
        if position + 1 < len(steps):
            engine.transform(step)
        # They were of the columns before this step.
        facts["bounds"] = None
    return fitted


def check_learnable(estimator):
    """Refuse what no learner fits, before any client is asked.

    Raises
    ------
    ValueError
        If there is none, or it does not serve these parameters.
    """
    for part in _parts(estimator):
        if isinstance(part, ENCODERS):
            check_encoder(part)
        else:
            find_learner(part)


def target_of(estimator):
    """Return what an estimator learns from: "classes", "numbers" or None."""
    targets = [
        find_learner(part).target
        for part in _parts(estimator)
        if not isinstance(part, ENCODERS)
    ]
    return next((target for target in targets if target is not None), None)


def takes_tables(estimator) -> bool:
    """Whether the first step takes columns of texts and categories."""
    while isinstance(estimator, Pipeline):
        steps = [step for _, step in estimator.steps if is_active(step)]
        if not steps:
            return False
        estimator = steps[0]
    return isinstance(estimator, (ColumnTransformer, *ENCODERS))


def _parts(estimator):
    """Yield all that must be learned of an estimator."""
    if isinstance(estimator, Pipeline):
        inner = [step for _, step in estimator.steps]
    elif isinstance(estimator, ColumnTransformer):
        inner = [part[1] for part in estimator.transformers]
        inner.append(estimator.remainder)
    else:
        if needs_fit(estimator):
            yield estimator
        return
    for part in inner:
        if is_active(part):
            yield from _parts(part)


def _learn_one(estimator, engine, facts):
    learner = find_learner(estimator)
    public = {**facts, **engine.facts}
    if learner.target == "classes":
        public["classes"] = _learn_classes(estimator, engine, public)
        if len(public["classes"]) < learner.min_classes:
            raise ValueError(
                f"{type(estimator).__name__} needs samples of at least "
                f"{learner.min_classes} classes in the data, but the data contains "
                f"only {len(public['classes'])} class: {public['classes'].tolist()}."
            )
    for phase in learner.phases:
        known = phase.known(estimator, public)
        if known is not None:
            public |= known
            continue
        while True:
            total = engine.add(phase, estimator, learner.target, public)
            public |= phase.update(estimator, total, public)
            if phase.is_finished(estimator, public):
                break
    learner.finish(estimator, public)
    estimator.n_features_in_ = engine.n_features
    names = names_of(engine.schema)
    if names is not None:
        estimator.feature_names_in_ = np.array(names, dtype=object)
    return estimator


def _learn_classes(estimator, engine, public):
    """Return the labels that there are; told in the clear if nobody gave them."""
    if public["classes"] is None:
        return engine.labels()
    counts = ClassCounts()
    total = engine.add(counts, estimator, "classes", public)
    return counts.update(estimator, total, public)["classes"]
