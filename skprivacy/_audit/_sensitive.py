"""Can a sensitive column be read off the model? The part of an audit that asks it."""

import time
import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.frozen import FrozenEstimator
from threadpoolctl import threadpool_limits

from skprivacy._audit._access import WHITE_BOX
from skprivacy._audit._groups import column_of
from skprivacy._audit._sensitive_catalog import SENSITIVE_PLAN
from skprivacy.attribute import (
    AttributeInferenceResult,
    ImputationBaseline,
    redundant_columns,
    secret_influence,
)
from skprivacy.records import take_rows
from skprivacy.shadow import ShadowModels

__all__ = ["SensitiveAttack", "SensitiveColumn", "check_sensitive", "study_sensitive"]

#: Shadow models of the attacker's own by effort.
N_SHADOW = {"fast": 8, "standard": 8, "thorough": 16}
#: Fewest outside records; half of them play the attacker's own.
FEWEST_OUTSIDE = 40
#: Records on which it is looked up whether the model uses a column.
A_FEW = 1000
#: Figures of a measure: scores of attack and imputation, advantage, gap; two measures.
N_FIGURES = 14


@dataclass(frozen=True, eq=False)
class SensitiveAttack:
    """What one attack on a sensitive column achieved.

    Parameters
    ----------
    name, access, assumes, method, reference : str
        As those of :class:`AttackResult`.

    result : AttributeInferenceResult
        The figures.

    seconds : float
        Time that the attack took, without shadow models.
    """

    name: str
    access: str
    assumes: str
    method: str
    reference: str
    result: AttributeInferenceResult
    seconds: float


@dataclass(frozen=True, eq=False)
class SensitiveColumn:
    """What can be told of one sensitive column.

    Parameters
    ----------
    column : str
        Its name.

    attacks : tuple of SensitiveAttack
        Their intervals hold simultaneously, over all sensitive columns.

    rows, other_rows : ndarray of int
        Which of the audit's records are the members, and the people who were in no
        training set, that the results are of.

    without_label : Interval
        What imputation achieves on members if not even the label is known.

    influence : float
        Share of records for which the model's answer depends on the column.

    redundant : DataFrame
        Columns, as :func:`skprivacy.attribute.redundant_columns` returns them.

    n_own, n_missing : int
        Records that played the attacker's own; records without a value, left out.
    """

    column: str
    attacks: tuple
    rows: np.ndarray
    other_rows: np.ndarray
    without_label: object
    influence: float
    redundant: pd.DataFrame
    n_own: int
    n_missing: int

    @property
    def best(self) -> SensitiveAttack:
        """The attack that proves most; then the largest advantage on members."""
        return max(self.attacks, key=_strength)

    @property
    def verdict(self):
        """What the best attack proves, in words."""
        return self.best.result.verdict

    def summary(self) -> pd.DataFrame:
        """Figures of all attacks by measure, with their intervals."""
        tables = []
        for attack in self.attacks:
            table = attack.result.summary()
            table.insert(0, "attack", attack.name)
            table.insert(1, "access", attack.access)
            tables.append(table)
        return pd.concat(tables, ignore_index=True)


_LEVELS = ("none", "unclear", "statistical", "breach")


def _strength(attack):
    result = attack.result
    level = _LEVELS.index(result.verdict.level)
    return level, result.advantage_over_imputation_.estimate


def check_sensitive(sensitive, subject):
    """Return the sensitive columns as a list; refuse what is no feature.

    Parameters
    ----------
    sensitive : str, int, list or None
        As `skprivacy.audit` takes it.

    subject : Subject
        What is audited.

    Returns
    -------
    columns : list of str or int

    Raises
    ------
    ValueError
        If a column is no feature or the label, or too few outside records are there.
    """
    if sensitive is None:
        return []
    columns = list(sensitive) if isinstance(sensitive, list | tuple) else [sensitive]
    n_features = len(subject.features)
    is_frame = isinstance(subject.records, pd.DataFrame)
    for column in columns:
        if is_frame and column == subject.label:
            raise ValueError(
                f"sensitive: {column!r} is the label: the model answers with it. Name "
                "a feature."
            )
        known = (
            column in subject.records.columns
            if is_frame
            else isinstance(column, int) and -n_features <= column < n_features
        )
        if not known:
            raise ValueError(
                f"sensitive: {column!r} is no feature of the model, which has "
                f"{subject.features}."
            )
    if len(set(columns)) < len(columns):
        raise ValueError(f"sensitive names a column twice: {columns}.")
    n_outside = int((subject.is_member == 0).sum())
    if columns and n_outside < FEWEST_OUTSIDE:
        raise ValueError(
            f"sensitive needs at least {FEWEST_OUTSIDE} records outside the training "
            f"set: half of them play the attacker's own; got {n_outside}."
        )
    return columns


def study_sensitive(
    columns, subject, *, effort, recipe, memory, n_jobs, seed, confidence
):
    """Attack each sensitive column.

    Parameters
    ----------
    columns : list of str or int
        As :func:`check_sensitive` returns them.

    subject : Subject
        What is audited, without canaries.

    effort : str
        Effort of the audit.

    recipe, memory, n_jobs
        For the shadow models.

    seed : int
        Decides which outside records play the attacker's own.

    confidence : float
        Of all intervals of all columns together.

    Returns
    -------
    studied : tuple of SensitiveColumn
    """
    if not columns:
        return ()
    is_frame = isinstance(subject.records, pd.DataFrame)
    if is_frame and not hasattr(subject.box, "feature_names_in_"):
        # A plain function takes its features as they stand in the tables.
        subject.box.name_features(subject.features)
    outside = np.flatnonzero(subject.is_member == 0)
    own, others = np.array_split(np.random.default_rng(seed).permutation(outside), 2)
    plans = [plan for plan in SENSITIVE_PLAN if plan.can_run(subject, effort)]
    shadow = None
    if any(plan.needs_shadow for plan in plans):
        # Of the attacker's own records alone: those of the membership attacks would
        # have seen the secrets that are to be inferred.
        shadow = ShadowModels(
            recipe,
            target=subject.box,
            n_models=N_SHADOW[effort],
            label=subject.label,
            keep_models=True,
            memory=memory,
            n_jobs=n_jobs,
            random_state=seed,
        ).fit(take_rows(subject.records, np.sort(own)))
        shadow = FrozenEstimator(shadow)
    judged = {
        "confidence": confidence,
        "n_comparisons": N_FIGURES * len(plans) * len(columns),
    }
    return tuple(
        _study(
            column, subject, np.sort(own), np.sort(others), plans, shadow, seed, judged
        )
        for column in columns
    )


def _study(column, subject, own, others, plans, shadow, seed, judged):
    name = column if isinstance(column, str) else subject.features[column]
    secret = pd.Series(column_of(subject.records, column)).reset_index(drop=True)
    told = secret.notna().to_numpy()
    members = np.flatnonzero((subject.is_member == 1) & told)
    sides = [
        _known(subject, column, secret, rows[told[rows]])
        for rows in (own, members, others)
    ]
    settings = {
        "sensitive": column
        if isinstance(column, str)
        else column % len(subject.features),
        "label": subject.label,
        "random_state": seed,
    }
    try:
        with threadpool_limits(1, user_api="openmp"), warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            return _attacked(
                name,
                subject,
                sides,
                plans,
                shadow,
                settings,
                judged,
                pool=_pool(subject, column, secret, own, seed),
                rows=members,
                other_rows=others[told[others]],
                n_missing=int((~told).sum()),
            )
    except ValueError as error:
        raise ValueError(f"sensitive={name!r}: {error}") from error


def _known(subject, column, secret, rows):
    """Split records into what is known and the secret."""
    records = take_rows(subject.records, rows)
    if isinstance(records, pd.DataFrame):
        X = records.drop(columns=column)
    else:
        X = np.delete(records, column % len(subject.features), axis=1)
    return X, secret.iloc[rows].reset_index(drop=True)


def _pool(subject, column, secret, own, seed):
    """Return all people but the attacker's own, in no order that tells members.

    Those whose secret nobody noted too, since they may have been in training.
    """
    pool = np.setdiff1d(np.arange(len(secret)), own)
    pool = np.random.default_rng(seed).permutation(pool)
    return _known(subject, column, secret, pool)[0]


def _attacked(
    name,
    subject,
    sides,
    plans,
    shadow,
    settings,
    judged,
    *,
    pool,
    rows,
    other_rows,
    n_missing,
):
    (X_own, y_own), members, others = sides
    baseline = ImputationBaseline(**settings).fit(X_own, y_own)
    attacks = []
    for plan in plans:
        began = time.perf_counter()
        target = subject.held if plan.access == WHITE_BOX else subject.box
        options = {"shadow": shadow} if plan.needs_shadow else {}
        options |= {"pool": pool} if plan.needs_pool else {}
        attack = plan.make(target, **settings, **options).fit(X_own, y_own)
        result = AttributeInferenceResult.from_estimators(
            attack,
            baseline,
            *members,
            *others,
            name=plan.name,
            sensitive=name,
            **judged,
        )
        attacks.append(
            SensitiveAttack(
                plan.name,
                plan.access,
                plan.assumes,
                plan.method,
                plan.reference,
                result,
                time.perf_counter() - began,
            )
        )
    blind = ImputationBaseline(**settings | {"label_known": False}).fit(X_own, y_own)
    blind = AttributeInferenceResult.from_estimators(
        blind, baseline, *members, *others, sensitive=name, **judged
    )
    a_few = slice(A_FEW)
    told = {k: settings[k] for k in ("sensitive", "label")}
    return SensitiveColumn(
        column=name,
        attacks=tuple(attacks),
        rows=rows,
        other_rows=other_rows,
        without_label=blind.gains_[0].score,
        influence=secret_influence(subject.box, X_own[a_few], y_own[a_few], **told),
        redundant=redundant_columns(
            X_own, y_own, random_state=settings["random_state"]
        ),
        n_own=len(X_own),
        n_missing=n_missing,
    )
