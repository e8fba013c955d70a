"""Which attacks an audit runs."""

from dataclasses import replace

from sklearn.base import BaseEstimator, clone
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.utils import get_tags

from skprivacy._audit._access import BLACK_BOX, WHITE_BOX
from skprivacy._audit._catalog import PLAN
from skprivacy._audit._planned import PlannedAttack
from skprivacy.membership import BaseMembershipAttack

__all__ = ["EFFORTS", "planned_attacks", "that_can_run", "with_shadow"]

#: Shadow models by effort.
EFFORTS = {"fast": 16, "standard": 64, "thorough": 256}


def planned_attacks(attacks, has_recipe):
    """List the attacks of an audit, as far as this can be said before any work.

    Parameters
    ----------
    attacks : "auto" or list of str and of attacks
        As `skprivacy.audit` takes it.

    has_recipe : bool
        Whether shadow models can be trained.

    Returns
    -------
    planned : list of PlannedAttack

    Raises
    ------
    ValueError
        If a name is not known, none is left, or shadow models are needed and can't be
        trained.
    TypeError
        If an item is neither a name nor an attack.
    """
    if isinstance(attacks, str):
        if attacks != "auto":
            raise ValueError(
                "attacks must be 'auto' or a list of names and attacks; got "
                f"{attacks!r}. The names are {list(PLAN)}."
            )
        return [p for p in PLAN.values() if has_recipe or not p.needs_shadow]
    planned = [_planned(attack) for attack in attacks]
    if not planned:
        raise ValueError("attacks must hold at least one attack; got an empty list.")
    needing = [p.name for p in planned if p.needs_shadow]
    if needing and not has_recipe:
        raise ValueError(
            f"recipe must be given for {needing}: the model is a plain function, which "
            "does not say how shadow models are to be trained."
        )
    return _with_different_names(planned)


def that_can_run(planned, subject, attacks, effort):
    """Leave out what can't be run on this model, or costs "auto" too much.

    Parameters
    ----------
    planned : list of PlannedAttack
        As :func:`planned_attacks` returns it.

    subject : Subject
        What is audited.

    attacks : "auto" or list
        As `skprivacy.audit` takes it. What was asked for by name is not left out.

    effort : str
        Effort of the audit.

    Returns
    -------
    planned : list of PlannedAttack

    Raises
    ------
    ValueError
        If an attack was asked for that can't be run.
    """
    if isinstance(attacks, str):
        return [p for p in planned if p.can_run(subject) and p.in_auto(subject, effort)]
    for plan in planned:
        if plan.can_run(subject):
            continue
        if plan.access == WHITE_BOX and subject.held is None:
            raise ValueError(
                f"attacks holds {plan.name!r}, which reads what the model holds, but "
                "model is a BlackBox, which shows answers alone. Pass the fitted model "
                "itself, or FrozenEstimator(model)."
            )
        raise ValueError(
            f"attacks holds {plan.name!r}, which needs {plan.needs or 'another model'}."
        )
    return planned


def _planned(attack):
    if isinstance(attack, str):
        if attack not in PLAN:
            raise ValueError(
                f"attacks holds {attack!r}, which is not known; the names are "
                f"{list(PLAN)}."
            )
        return PLAN[attack]
    if not isinstance(attack, BaseEstimator) or isinstance(attack, type):
        raise TypeError(
            "attacks must hold names or attack estimators; got "
            f"{attack!r} of type {type(attack).__name__}."
        )
    return _of_an_estimator(attack)


def _of_an_estimator(attack):
    """Plan an attack that the caller has set up."""
    known = PLAN.get(type(attack).__name__)
    takes_shadow = "shadow" in attack.get_params(deep=False)
    return PlannedAttack(
        name=known.name if known else type(attack).__name__,
        make=lambda target, label: clone(attack),
        assumes=known.assumes
        if known
        else f"As documented by {type(attack).__name__}.",
        method=known.method if known else f"As documented by {type(attack).__name__}.",
        reference=known.reference if known else "",
        needs_shadow=takes_shadow and attack.shadow is None,
        fits_on=known.fits_on if known else _needs_truth(attack),
        access=known.access if known else _access_of(attack),
    )


def _access_of(attack):
    """Say what an attack of the caller's own reaches: what its target lets it."""
    for kind in type(attack).__mro__:
        if kind.__name__ in PLAN:
            return PLAN[kind.__name__].access
    holds = isinstance(attack, BaseMembershipAttack) and isinstance(
        attack.target, FrozenEstimator
    )
    return WHITE_BOX if holds else BLACK_BOX


def _needs_truth(attack):
    # A pipeline does not say itself whether its last step needs the truth.
    last = attack.steps[-1][1] if isinstance(attack, Pipeline) else attack
    return "truth" if get_tags(last).target_tags.required else "all"


def _with_different_names(planned):
    """Add a number to the names of attacks that share one."""
    from_name = {}
    result = []
    for plan in planned:
        from_name[plan.name] = number = from_name.get(plan.name, 0) + 1
        name = plan.name if number == 1 else f"{plan.name} ({number})"
        result.append(replace(plan, name=name))
    return result


def with_shadow(attack, shadow):
    """Give an attack the shadow models that all share, unless it has its own."""
    if shadow is not None and "shadow" in attack.get_params(deep=False):
        if attack.shadow is None:
            attack.set_params(shadow=FrozenEstimator(shadow))
    return attack
