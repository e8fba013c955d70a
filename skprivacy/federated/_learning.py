"""From an estimator and an engine to a fitted estimator."""

from sklearn.base import clone
from sklearn.pipeline import Pipeline
from sklearn.utils import get_tags

from skprivacy.federated._learners import find_learner
from skprivacy.federated._learners._columns import ClassCounts

__all__ = ["check_learnable", "learn", "target_of"]


def learn(estimator, engine, **facts):
    """Fit an estimator by sums over clients.

    Parameters
    ----------
    estimator : estimator
        One that a learner is registered for, or a Pipeline of such.

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
    if not isinstance(fitted, Pipeline):
        return _learn_one(fitted, engine, facts)
    steps = _active_steps(fitted)
    for position, step in enumerate(steps):
        if _learns(step):
            _learn_one(step, engine, facts)
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
    if isinstance(estimator, Pipeline):
        for step in _active_steps(estimator):
            if _learns(step):
                find_learner(step)
    else:
        find_learner(estimator)


def target_of(estimator):
    """Return what an estimator learns from: "classes", "numbers" or None."""
    if not isinstance(estimator, Pipeline):
        return find_learner(estimator).target
    targets = [find_learner(s).target for s in _active_steps(estimator) if _learns(s)]
    return next((target for target in targets if target is not None), None)


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
    return estimator


def _learn_classes(estimator, engine, public):
    """Return the labels that there are; told in the clear if nobody gave them."""
    if public["classes"] is None:
        return engine.labels()
    counts = ClassCounts()
    total = engine.add(counts, estimator, "classes", public)
    return counts.update(estimator, total, public)["classes"]


def _active_steps(pipeline):
    steps = [step for _, step in pipeline.steps]
    return [step for step in steps if step is not None and step != "passthrough"]


def _learns(step):
    """Whether a step must be fitted; others are the same wherever they are."""
    return get_tags(step).requires_fit
