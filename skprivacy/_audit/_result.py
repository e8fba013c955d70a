"""What an audit returns."""

import math
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

import numpy as np
import pandas as pd

from skprivacy._audit._access import BLACK_BOX, WHITE_BOX
from skprivacy._audit._columns import interval_columns
from skprivacy._audit._groups import group_risk_table
from skprivacy._audit._picture import draw_attacks
from skprivacy._audit._promise import ceilings
from skprivacy._audit._risk import record_risk_table
from skprivacy._audit._sensitive_groups import sensitive_group_tables
from skprivacy._audit._verdict import Verdict, judge
from skprivacy._report import (
    as_document,
    check_writable,
    privacy_section,
    put_into,
    render_embedded,
    render_html,
    render_json,
    write_atomically,
)

__all__ = ["AttackResult", "AuditResult", "Finding", "WorstCase"]


@dataclass(frozen=True, eq=False)
class AttackResult:
    """What one attack achieved.

    Parameters
    ----------
    name : str
        Name of the attack as a reader should see it; unique in an audit.

    estimator : str
        Name of its class.

    assumes : str
        What the attacker knows and has, in one sentence.

    method : str
        How the number was got, in one or two sentences.

    reference : str
        Author and year of the method.

    scores : ndarray of shape (n_records,)
        Decision values; larger means more likely a member.

    roc_auc : Interval
        Area under the ROC curve of `scores`.

    tpr : dict of float to Interval
        True positive rate by false positive rate. The estimate is NaN where the
        non-members are too few for that rate.

    seconds : float
        Time that the attack took, with the shadow models that all attacks share.

    n_queries : int
        Records that the target was asked about.

    n_shadow_models : int
        Shadow models that the attack used.

    access : {"black box", "white box"}, default="black box"
        Whether the attacker only asks the model, or holds the model itself.

    worst_case : WorstCase or None, default=None
        What the attack achieved on the canaries, where there are any.
    """

    name: str
    estimator: str
    assumes: str
    method: str
    reference: str
    scores: np.ndarray
    roc_auc: object
    tpr: dict
    seconds: float
    n_queries: int
    n_shadow_models: int
    access: str = BLACK_BOX
    worst_case: "WorstCase | None" = None


@dataclass(frozen=True)
class WorstCase:
    """What an attack achieved on the canaries alone.

    Parameters
    ----------
    roc_auc : Interval
        Area under the ROC curve among planted and held-out canaries.

    tpr : dict of float to Interval
        True positive rate by false positive rate, among them.
    """

    roc_auc: object
    tpr: dict


@dataclass(frozen=True)
class Finding:
    """What must be known beside the figures of the attacks.

    Parameters
    ----------
    kind : str
        What was found: ``"split_leaks"``, ``"identifier"``, ``"duplicates"``,
        ``"overfit"``, ``"few_non_members"``, ``"near_chance"``, ...

    severity : {"info", "warning", "critical"}
        How much it changes what the figures mean.

    message : str
        A full sentence for people who are not statisticians.

    columns : tuple of str, default=()
        The columns that it is about.
    """

    kind: str
    severity: str
    message: str
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, repr=False)
class AuditResult:
    """What `skprivacy.audit` found out about a model.

    Shown in a notebook, it is the report.

    Parameters
    ----------
    attacks : tuple of AttackResult
        At least one attack; all were scored on the same records.

    is_member : ndarray of shape (n_records,)
        1 for a record of the training set, 0 for one from outside.

    record_ids : ndarray of shape (n_records,)
        Row label, or row number, in the table that the record came from.

    signal : ndarray of shape (n_records,)
        The plain signal of each record, before any attack.

    signal_name : str
        What `signal` is.

    blind : Interval
        AUC of membership told from the records alone, without the model.

    findings : tuple of Finding
        What is not the model's fault, or must be known.

    train_score, holdout_score : float
        The model's own score on its training set and outside it.

    score_name : str
        What these scores are, ``"accuracy"`` or ``"R^2"``.

    model : dict
        ``repr``, ``type``, ``task``, ``n_features`` and ``classes``.

    data : dict
        ``n_train``, ``n_holdout``, ``n_dropped_holdout``, ``label``, ``features``.

    settings : dict
        What is needed to run the audit again: effort, seed, versions, ...

    records : DataFrame or ndarray of shape (n_records, n_features + 1), default=None
        The records themselves, for :meth:`group_risk`. Neither report holds any value
        of them, but for the names of the groups that were asked for.

    rows : ndarray of int of shape (n_records,), default=None
        Row number of each record in the table that it came from.

    exposure : Exposure, default=None
        What may explain that a record is exposed.

    groups : tuple, default=()
        Columns whose subgroups are in the reports.

    sensitive : tuple of SensitiveColumn, default=()
        Whether sensitive columns can be inferred; one for each that was asked for,
        with ``column``, ``verdict``, ``summary()``, ``best``, ``attacks`` (each with
        its :class:`~skprivacy.attribute.AttributeInferenceResult` as ``result``),
        ``influence`` and ``redundant``.

    properties : tuple of PropertyInferenceResult, default=()
        Which share of the training set has a property, as the model tells it; one for
        each that was asked for, as :func:`skprivacy.property.audit_property` returns
        it.

    extraction : ExtractionStudy or None, default=None
        What a copy of the model costs, if that was asked for: the curve ``n_queries``
        and ``fidelity``, ``queries_for(level)``, ``cost_of(level, price=...)``,
        ``exact``, ``attack``.

    leaks : DataFrame
        What the model itself holds, as `skprivacy.inspection.leak_scan` tells it;
        empty where the model is behind a box.

    remedies : DataFrame
        What defenses would change, the least leak first; empty unless the effort is
        "thorough". Each row is one defense, measured on models trained on halves of all
        records: ``score`` on other records and its ``change``, true positive rate
        ``tpr`` at a false positive rate of 1% and ``auc``, with standard errors.

    promise : Promise or None, default=None
        Where the model has one, its ``guarantee``, a
        :class:`~skprivacy.dp.PrivacyGuarantee`, and the steps that are ``uncovered``.

    guarantee_audit : GuaranteeAudit or None, default=None
        Whether the guarantee itself stood up to an audit, as
        :func:`skprivacy.auditing.audit_guarantee` returns it.
    """

    attacks: tuple[AttackResult, ...]
    is_member: np.ndarray
    record_ids: np.ndarray
    signal: np.ndarray
    signal_name: str
    blind: object
    findings: tuple[Finding, ...]
    train_score: float
    holdout_score: float
    score_name: str
    model: dict
    data: dict
    settings: dict
    records: Any = None
    rows: Any = None
    exposure: Any = None
    groups: tuple = ()
    sensitive: tuple = ()
    properties: tuple = ()
    extraction: Any = None
    leaks: pd.DataFrame = field(default_factory=pd.DataFrame)
    remedies: pd.DataFrame = field(default_factory=pd.DataFrame)
    promise: Any = None
    guarantee_audit: Any = None

    def __post_init__(self):
        names = [attack.name for attack in self.attacks]
        if not names:
            raise ValueError("attacks must hold at least one AttackResult.")
        if len(set(names)) < len(names):
            raise ValueError(f"attacks must have different names, got {names}.")
        columns = {"record_ids": self.record_ids, "signal": self.signal}
        columns |= {f"the scores of {a.name}": a.scores for a in self.attacks}
        for name, values in columns.items():
            if len(values) != len(self.is_member):
                raise ValueError(
                    f"{name} must have one value for each of the "
                    f"{len(self.is_member)} records, got {len(values)}."
                )

    @property
    def ranked(self) -> tuple[AttackResult, ...]:
        """The attacks, the best first: by TPR at the FPR of 1%, then by AUC."""
        return tuple(sorted(self.attacks, key=_strength, reverse=True))

    @property
    def best(self) -> AttackResult:
        """The attack with the largest TPR at an FPR of 1%; by AUC where that is equal.

        Its intervals cover that it was chosen: those of all attacks hold
        simultaneously.
        """
        return self.ranked[0]

    def best_of(self, access: str) -> AttackResult | None:
        """Return the best attack of one kind of access.

        Parameters
        ----------
        access : {"black box", "white box"}
            What the attacker can reach.

        Returns
        -------
        attack : AttackResult or None
            None if no attack of this kind was run.
        """
        if access not in (BLACK_BOX, WHITE_BOX):
            raise ValueError(
                f"access must be {BLACK_BOX!r} or {WHITE_BOX!r}; got {access!r}."
            )
        return next((a for a in self.ranked if a.access == access), None)

    @property
    def levels(self) -> dict[str, str]:
        """How much was seen to leak to each kind of attacker, as in the verdict.

        The level of "white box" is that of all attacks: whoever holds the model can
        also ask it. Kinds of access of which no attack was run are left out.
        """
        levels = {}
        for access in (BLACK_BOX, WHITE_BOX):
            if self.best_of(access) is not None:
                able = [a for a in self.attacks if access in (WHITE_BOX, a.access)]
                levels[access] = judge(able, able[0], self.blind).level
        return levels

    def group_tables(self) -> list[pd.DataFrame]:
        """Risk of the groups that were asked for, as the reports show it.

        Returns
        -------
        tables : list of DataFrame
            As :meth:`group_risk` returns them, for the best attack; and if that is a
            white-box one, for the best black-box attack too. ``attrs`` has ``column``
            and ``attack``.
        """
        asking = self.best_of(BLACK_BOX)
        kinds = [None] if asking in (None, self.best) else [None, BLACK_BOX]
        tables = []
        for column in self.groups:
            for access in kinds:
                table = self.group_risk(column, access=access)
                table.attrs["column"] = str(column)
                tables.append(table)
        return tables

    def sensitive_group_tables(self) -> list[list[pd.DataFrame]]:
        """How much sensitive columns are given away of each subgroup.

        Returns
        -------
        tables : list of lists of DataFrame
            For each sensitive column one table for each column of groups, as
            :meth:`~skprivacy.attribute.AttributeInferenceResult.by_group` returns it,
            of the best attack.
        """
        return [sensitive_group_tables(self, studied) for studied in self.sensitive]

    @property
    def judgment(self) -> Verdict:
        """The verdict with its level: none, slight, some, strong or unclear."""
        return judge(self.attacks, self.best, self.blind)

    @property
    def verdict(self) -> str:
        """What the audit found, in words for people who are not statisticians."""
        return str(self.judgment)

    def summary(self) -> pd.DataFrame:
        """Figures of all attacks.

        Returns
        -------
        summary : DataFrame
            One row an attack, the best first. The intervals hold simultaneously.
        """
        return pd.DataFrame([_summary_row(attack) for attack in self.ranked])

    def ceilings(self) -> pd.DataFrame:
        """Figures of all attacks beside what the model's guarantee allows.

        Returns
        -------
        ceilings : DataFrame
            One row a figure of an attack, the best first: ``attack``, ``access``,
            ``figure``, ``estimate`` with ``low`` and ``high``, ``ceiling``, and
            ``exceeded``: even the low end is above the ceiling. Then the guarantee, or
            an assumption of it, is false. No row where the model has no guarantee.
        """
        return ceilings(self.promise, self.ranked)

    def worst_case(self) -> pd.DataFrame:
        """Figures of all attacks on the canaries alone.

        Returns
        -------
        figures : DataFrame
            One row an attack, in the order of :meth:`summary`; no row without canaries.
        """
        return pd.DataFrame(
            [_worst_row(attack) for attack in self.ranked if attack.worst_case]
        )

    def record_risk(self) -> pd.DataFrame:
        """How exposed each training record is, and why it may be.

        Returns
        -------
        risk : DataFrame
            One row a training record, the most exposed first, with the columns

            - ``rank``; ``record``, its id;
            - ``risk``, the share of non-members that the best attack scores at least as
              high, as an empirical p-value (small means exposed);
            - ``q_value``, the same adjusted for the number of records looked at: of all
              records up to this one, the share that is expected to look so exposed by
              chance;
            - ``expected_by_chance``, how many of the records would have so small a
              ``risk`` if nothing leaked;
            - ``score`` of the best attack;
            - ``log_likelihood_ratio`` of LiRA, in nats, where it was run: how much
              likelier the answer is with the record than without it;
            - ``memorization``, where shadow models were trained: how much more
              probability models give to the record's label if they were trained on it
              (of a regressor: by how many standard deviations they are nearer);
            - ``outlier``, ``rare_category``, ``mislabeled`` and ``reasons``, which
              has them in words: what makes the record stand out;
            - ``inferred``, where sensitive columns were asked for: those that the best
              attack names rightly of this person, and imputation does not;
            - ``p_...``, such a p-value for each attack.
        """
        return record_risk_table(self)

    def group_risk(
        self, column, *, attack: str | None = None, access: str | None = None
    ) -> pd.DataFrame:
        """How exposed the training records of each subgroup are.

        Parameters
        ----------
        column : str, int, array-like or pair of array-likes
            A column of the records, by name, or by position in an array; or one group
            for each record of the result; or a pair with one group for each row of
            ``X_train`` and of ``X_holdout``. Numbers of more than 20 different values
            are cut at their quartiles.

        attack : str or None, default=None
            Name of the attack. None: the best one.

        access : {"black box", "white box"} or None, default=None
            Where `attack` is None: the best attack of this kind of access.

        Returns
        -------
        risk : DataFrame
            The first row is of all records, each other one of a subgroup. ``roc_auc``
            and ``tpr_at_fpr_0.01`` compare the group's members with its own
            non-members: what an attacker reaches who knows the group.
            ``pooled_tpr_at_fpr_0.01`` is the share of the group's members that are
            named by the threshold that accuses 1% of all non-members; it is known for
            small groups too. ``alert`` says that the group is proven to be much more
            exposed than the whole: the lower end of its pooled rate is above the upper
            end of the rate of all, and the rate is at least twice as large; or the
            same holds of the AUC, and it is larger by at least 0.05.

        Raises
        ------
        ValueError
            If there is no such column or attack, or groups do not fit the records.

        Notes
        -----
        All intervals of a table hold simultaneously (Bonferroni), also over the
        attacks where the best one was chosen. A group of fewer than 10 members or 10
        non-members has no AUC, one of fewer than 100 non-members no rate of its own.
        """
        return group_risk_table(self, column, attack, access)

    def plot(self, ax=None):
        """Draw what each attack finds, beside what guessing finds: one picture.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.

        Returns
        -------
        ax : matplotlib Axes
            True positive rates at 1% false positives with their intervals; AUCs where
            there are too few non-members for these. The title says what was found.
        """
        return draw_attacks(self, ax)

    def plot_roc(self, ax=None):
        """Draw the ROC curves of all attacks on logarithmic axes.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.

        Returns
        -------
        ax : matplotlib Axes
        """
        from skprivacy.metrics import MembershipRocDisplay  # loads matplotlib

        # Told apart in grayscale too.
        styles = cycle(("-", "--", "-.", (0, (1, 1)), (0, (5, 1, 1, 1, 1, 1))))
        for attack, style in zip(self.ranked, styles, strict=False):
            display = MembershipRocDisplay.from_predictions(
                self.is_member, attack.scores, name=attack.name, ax=ax, linestyle=style
            )
            ax = display.ax_
        return ax

    def to_html(self, path, *, n_exposed: int = 10):
        """Write the report as one HTML file that needs nothing else.

        Parameters
        ----------
        path : str or path-like
            The file; an existing one is replaced.

        n_exposed : int, default=10
            Number of most exposed training records that are listed by their ids; 0
            leaves the list out. Values of records are never written.

        Returns
        -------
        path : Path

        Raises
        ------
        OSError
            If the file cannot be written.
        """
        path = check_writable(path)
        return write_atomically(path, render_html(self, n_exposed=n_exposed))

    def to_json(self, path):
        """Write the figures for machines, in a versioned schema.

        Parameters
        ----------
        path : str or path-like
            The file; an existing one is replaced.

        Returns
        -------
        path : Path

        Raises
        ------
        OSError
            If the file cannot be written.
        """
        path = check_writable(path)
        return write_atomically(path, render_json(self))

    def to_model_card(self, card=None):
        """Write the privacy section of a model card, in Markdown.

        Parameters
        ----------
        card : str, path-like, skops.card.Card or None, default=None
            Where to put it: a README, as model hubs show it, where the section of an
            earlier audit is replaced; or a card of skops. None: nowhere.

        Returns
        -------
        card : str, Path or Card
            The section, if `card` is None; else the file or the card.

        Raises
        ------
        TypeError
            If `card` is something else.
        OSError
            If the file cannot be written.
        """
        section = privacy_section(self)
        return section if card is None else put_into(card, section)

    def to_dict(self) -> dict:
        """Return what `to_json` writes, as plain dicts, lists, strings and numbers."""
        return as_document(self)

    def _repr_html_(self):
        return render_embedded(self)

    def __repr__(self):
        best = self.best
        figures = [f"AUC {_short(best.roc_auc)}"] + [
            f"TPR@{fpr:.1%} {_short(best.tpr[fpr])}"
            for fpr in sorted(best.tpr, reverse=True)
        ]
        return (
            f"<AuditResult of {self.model['type']}: {len(self.attacks)} attacks, best "
            f"{best.name} ({best.access}): {', '.join(figures)}. "
            f"{self.judgment.headline}>"
        )


def _strength(attack):
    """Sort key: TPR at the FPR of 1%, then AUC; an unknown rate counts least."""
    tpr = attack.tpr[0.01].estimate if 0.01 in attack.tpr else math.nan
    return (-math.inf if math.isnan(tpr) else tpr, attack.roc_auc.estimate)


def _summary_row(attack):
    return {
        "attack": attack.name,
        "access": attack.access,
        **_figure_columns(attack),
        "n_members": attack.roc_auc.n_members,
        "n_non_members": attack.roc_auc.n_non_members,
        "seconds": attack.seconds,
        "n_queries": attack.n_queries,
        "n_shadow_models": attack.n_shadow_models,
    }


def _worst_row(attack):
    return {
        "attack": attack.name,
        "access": attack.access,
        **_figure_columns(attack.worst_case),
        "n_members": attack.worst_case.roc_auc.n_members,
        "n_non_members": attack.worst_case.roc_auc.n_non_members,
    }


def _figure_columns(figures):
    columns = interval_columns("roc_auc", figures.roc_auc)
    for fpr in sorted(figures.tpr, reverse=True):
        columns |= interval_columns(f"tpr_at_fpr_{fpr:g}", figures.tpr[fpr])
    return columns


def _short(interval):
    return f"{interval.estimate:.3f} [{interval.low:.3f}, {interval.high:.3f}]"
