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

__all__ = [
    "bounds_after",
    "check_learnable",
    "learn",
    "n_private_sums",
    "takes_tables",
    "target_of",
]


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
        ``seed``, ``privacy``; None where it is not.

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
            is_private = facts["privacy"] is not None
            bounds = bounds_after(step, facts["bounds"]) if is_private else None
            facts["bounds"] = bounds
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


def n_private_sums(estimator) -> int:
    """Count the sums that a fit takes where bounds and classes are public.

    Raises
    ------
    ValueError
        If no sensitivity of one of them is known.
    """
    total = 0
    for part in _parts(estimator):
        learner = None if isinstance(part, ENCODERS) else find_learner(part)
        if learner is None or not learner.can_be_private:
            raise ValueError(
                f"privacy must be None for {type(part).__name__}: how far a record "
                "moves its sums is not bounded. What can be private: BernoulliNB, "
                "ComplementNB, GaussianNB, LinearDiscriminantAnalysis, "
                "LinearRegression, MultinomialNB, PCA, Ridge, StandardScaler, and "
                "pipelines of these."
            )
        total += len(learner.private_phases)
    return total


def bounds_after(step, bounds):
    """Return between which values an affine step takes values between bounds.

    Parameters
    ----------
    step : transformer
        StandardScaler or PCA, fitted.

    bounds : pair of ndarray of shape (n_features,)
        Before the step.

    Returns
    -------
    bounds : pair of ndarray of shape (n_features_out,)

    Examples
    --------
    >>> from sklearn.preprocessing import StandardScaler
    >>> scaler = StandardScaler().fit([[0.0], [4.0]])
    >>> bounds_after(scaler, (np.array([0.0]), np.array([6.0])))
    (array([-1.]), array([2.]))
    """
    lower, upper = bounds
    middle, reach = (lower + upper) / 2, (upper - lower) / 2
    moved = step.transform(np.vstack([middle, middle + np.diag(reach)]))
    width = np.abs(moved[1:] - moved[0]).sum(axis=0)
    return moved[0] - width, moved[0] + width


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
    privacy = facts["privacy"]
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
            # Before the clients are asked, who would all refuse the same.
            norm = None if privacy is None else phase.record_norm(estimator, public)
            total = engine.add(phase, estimator, learner.target, public)
            if privacy is not None:
                noise = privacy.spread(norm, len(total), public["n_clients"])
                public["noise"] = noise
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
    if public["privacy"] is not None:
        return public["classes"]
    counts = ClassCounts()
    total = engine.add(counts, estimator, "classes", public)
    return counts.update(estimator, total, public)["classes"]
