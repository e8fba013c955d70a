"""The audit: which attacks on which model, shared work, one result."""

import platform
import time
from collections.abc import Hashable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from numbers import Integral, Real

import numpy as np
import pandas as pd
import sklearn
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions, validate_params

from skprivacy._audit._blind import blind_scores
from skprivacy._audit._exposure import study
from skprivacy._audit._extraction import check_extraction, study_extraction
from skprivacy._audit._extraction_findings import extraction_findings
from skprivacy._audit._findings import exposed_groups, find_all, number_of_models
from skprivacy._audit._groups import column_of
from skprivacy._audit._inside import look_inside
from skprivacy._audit._plan import EFFORTS, planned_attacks, that_can_run
from skprivacy._audit._promise import audit_promise
from skprivacy._audit._promise_findings import promise_findings
from skprivacy._audit._property import check_properties, study_properties
from skprivacy._audit._property_findings import property_findings
from skprivacy._audit._remedies import measure_remedies
from skprivacy._audit._remember import RememberingBox
from skprivacy._audit._result import AuditResult
from skprivacy._audit._score import FPRS, run_attack
from skprivacy._audit._sensitive import check_sensitive, study_sensitive
from skprivacy._audit._sensitive_findings import sensitive_findings
from skprivacy._audit._subject import check_tables, prepare
from skprivacy._version import __version__
from skprivacy.dp._promise import promise_of
from skprivacy.metrics import roc_auc_interval
from skprivacy.shadow import ShadowModels
from skprivacy.targets import BlackBox, check_target

__all__ = ["audit"]

#: Confidence with which all intervals of an audit hold together.
CONFIDENCE = 0.95


@validate_params(
    {
        "effort": [StrOptions(set(EFFORTS))],
        "n_shadow_models": [
            StrOptions({"auto"}),
            Interval(Integral, 4, None, closed="left"),
            None,
        ],
        "time_budget": [Interval(Real, 0, None, closed="neither"), None],
        "attacks": [str, list, tuple],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def audit(
    model,
    X_train,
    y_train,
    X_holdout,
    y_holdout,
    *,
    recipe: BaseEstimator | None = None,
    effort: str = "standard",
    n_shadow_models: int | str | None = None,
    time_budget: float | None = None,
    attacks: str | Sequence = "auto",
    canaries: Sequence | None = None,
    groups: Hashable | Sequence | None = None,
    sensitive: Hashable | Sequence | None = None,
    property=None,
    extraction: bool | int = False,
    n_jobs: int | None = None,
    memory=None,
    random_state=None,
) -> AuditResult:
    """Attack a model and say what it gives away about its training set.

    Parameters
    ----------
    model : fitted estimator, BlackBox or FrozenEstimator
        The model. A bare estimator, or one inside
        :class:`~sklearn.frozen.FrozenEstimator`, is attacked through all that it
        answers, and by attackers who hold the model itself ("white box"). A
        :class:`~skprivacy.targets.BlackBox` says what an attacker can reach of it; no
        attack looks behind it.

    X_train : DataFrame or array-like of shape (n_train, n_features)
        Features that the model was trained on.

    y_train : array-like of shape (n_train,)
        Their labels.

    X_holdout, y_holdout : tables like the first two
        Other records of the same population. Those that are in the training set too
        are left out.

    recipe : estimator or None, default=None
        Unfitted model for the shadow models. None: the model's own clone. Without it
        a plain function is attacked only by what needs no shadow models.

    effort : {"fast", "standard", "thorough"}, default="standard"
        16, 64 or 256 shadow models. "thorough" also measures what defenses would
        change.

    n_shadow_models : int, "auto" or None, default=None
        Shadow models for attacks on membership: an even number from 4 on, or "auto",
        which trains them until an attack among themselves has settled. None: by the
        effort.

    time_budget : float or None, default=None
        Seconds after which no more of these shadow models are trained. None: no limit.
        The result then depends on the machine; a finding says how many there are.

    attacks : "auto" or list, default="auto"
        "auto", or names of attacks and attacks that are set up. An attack whose ``fit``
        needs the truth is cross-validated. "auto" takes all that can be run on the
        model and are not too costly for the effort.

    canaries : pair of array-likes or None, default=None
        Which rows of the training set, and which rows of the holdout, are records that
        were planted as a worst case (:func:`~skprivacy.records.make_canaries`): for
        each table a mask, or row numbers. Attacks are judged on them alone, beside the
        figures of all other records, which they do not touch.

    groups : str, int, list or None, default=None
        Columns whose subgroups are compared in both reports, by name, or by position
        in arrays. The names of the groups, which are values of these columns, then
        stand in the reports.

    sensitive : str, int, list or None, default=None
        Sensitive features, by name, or by position in arrays. Of each it is asked
        whether it can be inferred of people by whoever knows all else of them
        (attribute inference). Half of the holdout plays the attacker's own records,
        the other half people who were in no training set.

    property : str, tuple, callable, list or None, default=None
        Of which share of the training set it is asked whether the model gives it away
        (property inference): a query such as ``"sex == 'Female'"``, a pair of column
        and value, or a function of the records; see
        :func:`~skprivacy.property.has_property`. A list asks for several. The holdout
        plays the attacker's records.

    extraction : bool or int, default=False
        Whether it is measured what a copy of the model costs (model extraction), and
        how many answers the attacker may buy; True is 1,000. Half of the holdout plays
        the attacker's records, without labels; on the other half copies are judged.

    n_jobs : int or None, default=None
        Shadow models trained at the same time.

    memory : str, path-like, joblib.Memory or None, default=None
        Where shadow models are stored as they finish, so that an interrupted audit
        goes on where it stopped. Needs an int as `random_state`.

    random_state : int, RandomState instance or None, default=None
        All randomness of the audit comes from it.

    Returns
    -------
    result : AuditResult
        Figures with intervals, the risk of each record, the verdict, the report.

    Raises
    ------
    ValueError
        If the model is not fitted, its features are not those of the tables, it can't
        answer to them, or nothing is left of the holdout; if an attack was asked for
        that can't be run on the model, or canaries or groups do not fit the tables; if
        too few records of the holdout have a property, or do not have it, or are left
        to copy the model with.
    ShadowFitError
        If a shadow model can't be trained.

    Notes
    -----
    All intervals of a result hold simultaneously (Bonferroni), so that the best attack
    may be chosen after the fact; those of sensitive columns among themselves. An attack
    never sees the truth that it is judged by.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.model_selection import train_test_split
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skprivacy import audit
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> X_train, X_holdout, y_train, y_holdout = train_test_split(
    ...     X, y, test_size=0.5, random_state=0
    ... )
    >>> model = DecisionTreeClassifier(random_state=0).fit(X_train, y_train)
    >>> result = audit(
    ...     model, X_train, y_train, X_holdout, y_holdout, effort="fast", random_state=0
    ... )
    >>> result.best_of("white box").name
    'Split points'
    """
    began = time.perf_counter()
    if isinstance(n_shadow_models, Integral) and n_shadow_models % 2:
        raise ValueError(
            "n_shadow_models must be even, as shadow models come in pairs; got "
            f"{n_shadow_models}."
        )
    seed = int(check_random_state(random_state).randint(np.iinfo(np.int32).max))
    box = RememberingBox(_as_box(model))
    has_recipe = recipe is not None or hasattr(_inner_model(box), "fit")
    planned = planned_attacks(attacks, has_recipe)
    tables = check_tables(box, X_train, y_train, X_holdout, y_holdout)
    subject = prepare(box, *tables, held=_held_model(model), canaries=canaries)
    subject = replace(subject, has_recipe=has_recipe)
    planned = that_can_run(planned, subject, attacks, effort)
    columns = _check_groups(groups, subject)
    sensitive = check_sensitive(sensitive, subject)
    properties = check_properties(property, subject)
    extraction = check_extraction(extraction, subject)

    shadow, shadow_began = None, time.perf_counter()
    if any(plan.needs_shadow for plan in planned):
        shadow = ShadowModels(
            recipe,
            target=box,
            n_models=n_shadow_models or EFFORTS[effort],
            time_budget=time_budget,
            label=subject.label,
            memory=memory,
            n_jobs=n_jobs,
            random_state=seed,
        ).fit(subject.records)
    shadow_seconds = time.perf_counter() - shadow_began
    stopped_by = None
    if shadow is not None and (n_shadow_models == "auto" or time_budget is not None):
        stopped_by = shadow.stopped_by_

    # The intervals of each attack, on canaries too, and the one of the blind baseline.
    n_populations = 2 if subject.is_canary.any() else 1
    n_comparisons = n_populations * (1 + len(FPRS)) * len(planned) + 1
    judged = {"confidence": CONFIDENCE, "n_comparisons": n_comparisons}
    results = tuple(
        run_attack(plan, subject, shadow, shadow_seconds, seed, **judged)
        for plan in planned
    )
    exposure = study(subject, shadow, seed)
    n_canaries = int(subject.is_canary.sum())
    subject = subject.without_canaries()
    blind = blind_scores(subject.records, subject.is_member, seed)
    blind = roc_auc_interval(subject.is_member, blind, **judged)
    studied = study_sensitive(
        sensitive,
        subject,
        effort=effort,
        recipe=recipe,
        memory=memory,
        n_jobs=n_jobs,
        seed=seed,
        confidence=CONFIDENCE,
    )
    told = study_properties(
        properties,
        subject,
        effort=effort,
        recipe=recipe,
        memory=memory,
        n_jobs=n_jobs,
        seed=seed,
        confidence=CONFIDENCE,
    )
    copied = study_extraction(extraction, subject, seed=seed)
    remedies = pd.DataFrame()
    if effort == "thorough" and has_recipe:
        remedies = measure_remedies(
            _inner_model(box) if recipe is None else recipe,
            subject,
            n_jobs=n_jobs,
            seed=seed,
        )
    promise = promise_of(_inner_model(box))
    audited = audit_promise(
        promise,
        _inner_model(box),
        X_train,
        y_train,
        effort=effort,
        n_jobs=n_jobs,
        memory=memory,
        random_state=seed,
    )
    leaks, inside = look_inside(model, _inner_model(box), *tables[:2])
    result = AuditResult(
        attacks=results,
        is_member=subject.is_member,
        record_ids=subject.record_ids,
        signal=subject.signal,
        signal_name=subject.signal_name,
        blind=blind,
        findings=find_all(subject, blind, results)
        + (number_of_models(shadow) if stopped_by else ())
        + sensitive_findings(studied)
        + property_findings(told)
        + extraction_findings(copied)
        + promise_findings(promise, results, blind.low > 0.5, audited)
        + inside,
        train_score=subject.train_score,
        holdout_score=subject.holdout_score,
        score_name=subject.score_name,
        model=_describe_model(box, subject),
        data={
            "n_train": len(tables[0]),
            "n_holdout": len(tables[2]),
            "n_dropped_holdout": subject.n_dropped,
            "n_canaries": n_canaries,
            "label": str(subject.label),
            "features": subject.features,
        },
        records=subject.records,
        rows=subject.rows,
        exposure=exposure,
        groups=columns,
        sensitive=studied,
        properties=told,
        extraction=copied,
        settings={
            "effort": effort,
            "n_shadow_models": 0 if shadow is None else shadow.n_models_,
            "shadow_stopped_by": stopped_by,
            "random_state": _as_int_or_none(random_state),
            **judged,
            "sklearn": sklearn.__version__,
            "skprivacy": __version__,
            "python": platform.python_version(),
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "shadow_seconds": round(shadow_seconds, 3),
            "seconds": round(time.perf_counter() - began, 3),
        },
        leaks=leaks,
        remedies=remedies,
        promise=promise,
        guarantee_audit=audited,
    )
    return replace(result, findings=result.findings + exposed_groups(result))


def _as_box(model):
    if isinstance(model, BlackBox | FrozenEstimator):
        return check_target(model)
    try:
        return BlackBox(model).fit()
    except NotFittedError as error:
        raise ValueError(
            f"model must be fitted before it is audited; got an unfitted {model!r}."
        ) from error


def _held_model(model):
    """Return the model for attackers who hold it, or None behind a box."""
    if isinstance(model, BlackBox):
        return None
    return model if isinstance(model, FrozenEstimator) else FrozenEstimator(model)


def _check_groups(groups, subject) -> tuple:
    """Return the columns of groups as a tuple; refuse what is no column."""
    if groups is None:
        return ()
    groups = tuple(groups) if isinstance(groups, list | tuple) else (groups,)
    for column in groups:
        try:
            column_of(subject.records, column)
        except ValueError as error:
            raise ValueError(f"groups: {error}") from error
    return groups


def _inner_model(box):
    model = box.model
    return model.estimator if isinstance(model, FrozenEstimator) else model


def _last_step(model):
    return _last_step(model.steps[-1][1]) if isinstance(model, Pipeline) else model


def _as_int_or_none(random_state):
    return int(random_state) if isinstance(random_state, Integral) else None


def _describe_model(box, subject):
    model = _inner_model(box)
    classes = None
    if box.response_ != "value":
        classes = [str(c) for c in box.classes_]
    return {
        "repr": repr(model),
        "type": type(_last_step(model)).__name__,
        "task": "regression" if box.response_ == "value" else "classification",
        "n_features": len(subject.features),
        "classes": classes,
        "response": box.response_,
    }
