"""What the page shows, as plain words and numbers: the template only lays it out."""

import math
from dataclasses import dataclass

import numpy as np

from skprivacy._report._advice import advise
from skprivacy._report._extraction import extraction_section
from skprivacy._report._groups import shown_groups
from skprivacy._report._guarantee import guarantee_section
from skprivacy._report._json import plain_leaks
from skprivacy._report._property import property_section
from skprivacy._report._sensitive import sensitive_document
from skprivacy._report._words import decimal, number_range, odds, percent, times

__all__ = ["view_of"]

LEVEL_NAMES = {
    "none": "No evidence of leakage",
    "slight": "Near chance",
    "some": "Some leakage",
    "strong": "Strong leakage",
    "unclear": "Not clear",
}
BLACK_BOX = "black box"
WHO = {
    "white box": "Who holds the model file",
    "black box": "Who can only ask the model, as behind an API",
}
SETTING_NAMES = {
    "effort": "Effort",
    "n_shadow_models": "Shadow models",
    "shadow_stopped_by": "No more shadow models, because",
    "random_state": "Random seed",
    "confidence": "Confidence of the intervals, all together",
    "n_comparisons": "Intervals that hold together",
    "skprivacy": "skprivacy",
    "sklearn": "scikit-learn",
    "python": "Python",
    "created": "Made",
    "seconds": "Seconds in all",
    "shadow_seconds": "Seconds for shadow models",
}


@dataclass(frozen=True)
class Figure:
    """A number with its interval, written out, and its place on a scale of 0 to 100."""

    title: str
    value: str
    interval: str
    chance: str
    explanation: str
    estimate: float | None
    low: float
    high: float
    guess: float


def view_of(result, *, n_exposed: int) -> dict:
    """Gather what the template shows.

    Parameters
    ----------
    result : AuditResult

    n_exposed : int
        Number of most exposed records to list.

    Returns
    -------
    view : dict
    """
    best = result.best
    return {
        "result": result,
        "verdict": result.judgment,
        "level_name": LEVEL_NAMES[result.judgment.level],
        "best": best,
        "rates": sorted(best.tpr, reverse=True),
        "numbers": headline_figures(best),
        "accesses": accesses(result),
        "blind": auc_figure(result.blind, "Blind baseline", ""),
        "leaks": result.blind.low > 0.5,
        "inside": inside_rows(result.leaks),
        "telling": telling_columns(result.findings),
        "findings": listed_findings(result.findings),
        "rows": [attack_row(attack) for attack in result.ranked],
        "assumptions": assumptions(result.ranked),
        "exposed": exposed_rows(result, n_exposed),
        "explained": result.exposure is not None,
        "chance_hits": chance_hits(result),
        "groups": [group_section(table) for table in result.group_tables()],
        "sensitive": sensitive_sections(result),
        "properties": [property_section(told) for told in result.properties],
        "extraction": extraction_section(result.extraction),
        "guarantee": guarantee_section(result),
        "worst": worst_rows(result),
        "scores": model_scores(result),
        "advice": advise(result),
        "remedies": remedy_rows(result),
        "facts": facts(result),
        "n_members": int(np.sum(np.asarray(result.is_member) == 1)),
        "n_outside": int(np.sum(np.asarray(result.is_member) == 0)),
    }


def headline_figures(attack) -> list[Figure]:
    """Return the numbers at the top of the page: AUC and the TPR at each FPR."""
    figures = [
        auc_figure(
            attack.roc_auc,
            "AUC",
            "How often a training record scores above a record from outside.",
        )
    ]
    return figures + [
        tpr_figure(attack.tpr[fpr], fpr) for fpr in sorted(attack.tpr, reverse=True)
    ]


def accesses(result) -> list[dict]:
    """Say for each kind of access how much was seen to leak, and to what attack."""
    if len(result.levels) < 2:
        return []
    return [
        {
            "access": access,
            "who": WHO[access],
            "level": level,
            "level_name": LEVEL_NAMES[level],
            "best": (best := result.best_of(access)),
            "figures": headline_figures(best),
        }
        for access, level in reversed(result.levels.items())
    ]


def auc_figure(interval, title, explanation) -> Figure:
    """Write out an AUC."""
    return Figure(
        title=title,
        value=decimal(interval.estimate),
        interval=number_range(interval.low, interval.high),
        chance="guessing: 0.5",
        explanation=explanation,
        **_on_scale(interval, 0.5),
    )


def tpr_figure(interval, fpr) -> Figure:
    """Write out a TPR at an FPR."""
    known = not math.isnan(interval.estimate)
    above = times(interval.estimate, fpr) if interval.low > fpr else ""
    needed = math.ceil(round(1 / fpr, 6))
    return Figure(
        title=f"TPR at {percent(fpr)} FPR",
        value=rate(interval.estimate),
        interval=number_range(interval.low, interval.high, rate),
        chance=", ".join(filter(None, [f"guessing: {percent(fpr)}", above])),
        explanation=(
            f"Training records named when {odds(fpr)} outside records is accused."
            if known
            else f"This needs at least {needed:,} outside records; there are "
            f"{interval.n_non_members:,}."
        ),
        **_on_scale(interval, fpr),
    )


def rate(value: float) -> str:
    """Write a rate with one decimal, below 1% with two."""
    return percent(value, decimals=None if value == 0 else 1 if value >= 0.01 else 2)


def _on_scale(interval, chance):
    known = not math.isnan(interval.estimate)
    low, high = (interval.low, interval.high) if known else (0.0, 0.0)
    return {
        "estimate": 100 * interval.estimate if known else None,
        "low": 100 * low,
        "high": 100 * high,
        "guess": 100 * chance,
    }


def listed_findings(findings) -> list:
    """Order findings, the gravest first; the split that leaks has a box of its own."""
    return sorted((f for f in findings if f.kind != "split_leaks"), key=_severity)


def telling_columns(findings) -> list[str]:
    """Name the columns that tell members from non-members without the model."""
    return [c for f in findings if f.kind == "split_leaks" for c in f.columns]


def _severity(finding):
    order = ("critical", "warning", "info")
    return order.index(finding.severity) if finding.severity in order else len(order)


def attack_row(attack) -> dict:
    """Write out a row of the table of attacks."""
    return {
        "attack": attack,
        "figures": headline_figures(attack),
        "seconds": f"{attack.seconds:,.1f}",
    }


def assumptions(attacks) -> list[tuple[str, list[str]]]:
    """List what attackers are assumed to know, each once, with the attacks' names."""
    names: dict[str, list[str]] = {}
    for attack in attacks:
        names.setdefault(attack.assumes, []).append(attack.name)
    return list(names.items())


def exposed_rows(result, n_exposed) -> list[dict]:
    """List the most exposed training records: ids, and who agrees on them."""
    if not n_exposed:
        return []
    table = result.record_risk().head(n_exposed)
    n_outside = int(np.sum(np.asarray(result.is_member) == 0))
    p_columns = [f"p_{attack.name}" for attack in result.attacks]
    return [
        {
            "record": row["record"],
            # risk = (1 + number) / (n + 1), solved for the number
            "above": round(row["risk"] * (n_outside + 1)) - 1,
            "agree": sum(row[column] <= 0.01 for column in p_columns),
            "reasons": row.get("reasons", ""),
        }
        for row in table.to_dict("records")
    ]


def chance_hits(result) -> dict:
    """Say how many records look exposed, and how many would by chance alone."""
    table = result.record_risk()
    limit = 0.01
    return {
        "found": f"{int((table['risk'] <= limit).sum()):,}",
        "expected": f"{limit * len(table):,.0f}",
        "sure": f"{int((table['q_value'] <= 0.05).sum()):,}",
    }


def group_section(table) -> dict:
    """Write out the risk of the subgroups of one column."""
    table = shown_groups(table)
    return {
        "column": table.attrs["column"],
        "attack": table.attrs["attack"],
        "n_left_out": table.attrs["n_left_out"],
        "rows": [
            {
                "group": "All records" if number == 0 else str(row["group"]),
                "n_members": f"{row['n_members']:,}",
                "n_non_members": f"{row['n_non_members']:,}",
                "cells": [
                    _cell(row, "roc_auc", decimal),
                    _cell(row, "tpr_at_fpr_0.01", rate),
                    _cell(row, "pooled_tpr_at_fpr_0.01", rate),
                ],
                "alert": row["alert"],
            }
            for number, row in enumerate(table.to_dict("records"))
        ],
    }


def _cell(row, name, write):
    ends = number_range(row[f"{name}_low"], row[f"{name}_high"], write)
    return {"value": write(row[name]), "interval": ends}


def sensitive_sections(result) -> list[dict]:
    """Write out what can be inferred of each sensitive column."""
    tables = result.sensitive_group_tables()
    sections = []
    for studied, of_groups in zip(result.sensitive, tables, strict=True):
        document = sensitive_document(studied, of_groups, lambda interval: interval)
        parts = [("Value", "value", document["values"])]
        parts += [(g["column"], "group", g["rows"]) for g in document["groups"]]
        sections.append(
            document
            | {
                "verdict": studied.verdict,
                "rows": [
                    {
                        "attack": attack,
                        "measure": gain.measure.replace("R2", "R²"),
                        "cells": [
                            _gain_cell(getattr(gain, name)) for name in _GAIN_CELLS
                        ],
                    }
                    for attack in studied.attacks
                    for gain in attack.result.gains_
                ],
                "without_label": percent(studied.without_label.estimate),
                "influence_share": percent(studied.influence),
                "parts": [
                    {
                        "title": title,
                        "rows": [
                            {
                                "name": row[key],
                                "n_members": f"{row['n_members']:,}",
                                "cells": [
                                    _part_cell(row[name]) for name in _PART_CELLS
                                ],
                            }
                            for row in rows
                        ],
                    }
                    for title, key, rows in parts
                    if rows
                ],
            }
        )
    return sections


_GAIN_CELLS = (
    "score",
    "imputation_score",
    "advantage",
    "advantage_on_others",
    "member_gap",
)
_PART_CELLS = ("score", "imputation_score", "advantage", "member_gap")


def _gain_cell(interval):
    ends = number_range(interval.low, interval.high, decimal)
    return {"value": decimal(interval.estimate), "interval": ends}


def _part_cell(ends):
    shown = number_range(ends["low"], ends["high"], decimal)
    return {"value": decimal(ends["estimate"]), "interval": shown}


def worst_rows(result) -> dict | None:
    """Write out what the attacks reach on the canaries, or nothing without any."""
    rows = [
        {
            "attack": attack,
            "figures": headline_figures(attack.worst_case),
            "others": rate(attack.tpr[0.01].estimate) if 0.01 in attack.tpr else "",
        }
        for attack in result.ranked
        if attack.worst_case is not None
    ]
    if not rows:
        return None
    counts = rows[0]["attack"].worst_case.roc_auc
    return {
        "rows": rows,
        "n_planted": f"{counts.n_members:,}",
        "n_held_out": f"{counts.n_non_members:,}",
    }


def inside_rows(leaks) -> list[dict]:
    """Write out what the model itself holds."""
    return [leak | {"count": _count(leak)} for leak in plain_leaks(leaks)]


def _count(leak):
    members = f"in {leak['n_objects']:,} members" if leak["n_objects"] > 1 else ""
    rows = leak["n_rows"]
    known = "" if rows is None else f"{rows:,} row{'s' if rows != 1 else ''}"
    return ", ".join(filter(None, [known, members]))


def model_scores(result) -> dict:
    """Write out the model's score inside and outside its training set."""
    write = _accuracy if result.score_name == "accuracy" else decimal
    gap = result.train_score - result.holdout_score
    name = result.score_name.replace("^2", "²")
    return {
        "name": name[:1].upper() + name[1:],
        "train": write(result.train_score),
        "holdout": write(result.holdout_score),
        "gap": f"{100 * gap:.1f} points" if write is _accuracy else decimal(gap),
        "large": gap > 0.05,
        "train_width": _clip(result.train_score),
        "holdout_width": _clip(result.holdout_score),
    }


def _accuracy(value):
    return f"{100 * value:.1f}%"


def _clip(share):
    return 100 * min(max(share, 0.0), 1.0) if math.isfinite(share) else 0.0


def remedy_rows(result) -> list[dict]:
    """Write out what defenses would change, the least leak first."""
    write = _accuracy if result.score_name == "accuracy" else decimal
    return [
        {
            "defense": row["defense"],
            "score": write(row["score"]),
            "change": f"{100 * row['change']:+.1f}"
            if write is _accuracy
            else f"{row['change']:+.3f}",
            "tpr": rate(row["tpr"]),
            "tpr_error": f"± {percent(2 * row['tpr_error'], decimals=1)}",
            "auc": decimal(row["auc"]),
            "auc_error": f"± {2 * row['auc_error']:.3f}",
        }
        for row in result.remedies.to_dict("records")
    ]


def facts(result) -> list[tuple[str, str]]:
    """List what is needed to run the audit again."""
    data, model = result.data, result.model
    rows = [
        ("Model", model.get("type", "")),
        ("Task", model.get("task", "")),
        ("Classes", _listed(model.get("classes"))),
        ("Label", data.get("label")),
        ("Training records given", data.get("n_train")),
        ("Outside records given", data.get("n_holdout")),
        (
            "Outside records dropped, as they are in the training set too",
            data.get("n_dropped_holdout"),
        ),
        ("Canaries among both", data.get("n_canaries") or None),
        ("Features", _listed(data.get("features"))),
    ]
    known = [*SETTING_NAMES, *sorted(set(result.settings) - set(SETTING_NAMES))]
    rows += [
        (SETTING_NAMES.get(name, name), result.settings[name])
        for name in known
        if name in result.settings
    ]
    return [(name, _written(value)) for name, value in rows if value not in (None, "")]


def _listed(values):
    return ", ".join(map(str, values)) if values else None


def _written(value):
    match value:
        case bool() | str():
            return str(value)
        case int() | np.integer():
            return f"{value:,}" if abs(value) >= 10_000 else str(value)
        case float() | np.floating():
            return f"{value:,.4g}"
    return str(value)
