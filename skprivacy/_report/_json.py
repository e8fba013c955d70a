"""The report for machines. The schema is described in docs/report_schema.md."""

import json
import math

import numpy as np
from pandas import NA

from skprivacy._report._extraction import extraction_document
from skprivacy._report._groups import ends_of, shown_groups
from skprivacy._report._guarantee import guarantee_document
from skprivacy._report._property import property_document
from skprivacy._report._sensitive import sensitive_document

__all__ = ["SCHEMA_VERSION", "as_document", "plain_leaks", "render_json", "render_scan"]

# Grows in its second part when something is added, in its first when what a reader
# relies on changes its name, place or meaning.
SCHEMA_VERSION = "1.7"


def as_document(result) -> dict:
    """Return a result as plain dicts, lists, strings, numbers and None.

    Parameters
    ----------
    result : AuditResult

    Returns
    -------
    document : dict
        As described in ``docs/report_schema.md``. Unknown numbers are None.
    """
    verdict = result.judgment
    return _plain(
        {
            "schema": "skprivacy.audit",
            "schema_version": SCHEMA_VERSION,
            "verdict": {
                "level": verdict.level,
                "headline": verdict.headline,
                "text": verdict.text,
            },
            "best_attack": result.best.name,
            "access": [
                {
                    "access": access,
                    "level": level,
                    "best_attack": result.best_of(access).name,
                }
                for access, level in result.levels.items()
            ],
            "attacks": [_attack(attack) for attack in result.ranked],
            "groups": [_groups(table) for table in result.group_tables()],
            "sensitive": [
                sensitive_document(studied, tables, _interval)
                for studied, tables in zip(
                    result.sensitive, result.sensitive_group_tables(), strict=True
                )
            ],
            "properties": [
                property_document(told, _interval) for told in result.properties
            ],
            "extraction": extraction_document(result.extraction),
            "remedies": result.remedies.to_dict("records"),
            "guarantee": guarantee_document(result),
            "blind_baseline": {"roc_auc": _interval(result.blind)},
            "findings": [_finding(finding) for finding in result.findings],
            "leaks": plain_leaks(result.leaks),
            "overfitting": {
                "score_name": result.score_name,
                "train_score": result.train_score,
                "holdout_score": result.holdout_score,
                "gap": result.train_score - result.holdout_score,
            },
            "model": result.model,
            "data": result.data,
            "settings": result.settings,
        }
    )


def render_json(result) -> str:
    """Return the document of a result as strict JSON text (NaN is null)."""
    return _as_text(as_document(result))


def render_scan(model_type, leaks) -> str:
    """Return the document of a leak scan as strict JSON text."""
    return _as_text(
        {
            "schema": "skprivacy.scan",
            "schema_version": "1.0",
            "model": {"type": model_type},
            "leaks": _plain(plain_leaks(leaks)),
        }
    )


def _as_text(document):
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _attack(attack):
    return {
        "name": attack.name,
        "estimator": attack.estimator,
        "access": attack.access,
        **_figures(attack),
        "worst_case": attack.worst_case and _figures(attack.worst_case),
        "seconds": attack.seconds,
        "n_queries": attack.n_queries,
        "n_shadow_models": attack.n_shadow_models,
        "assumes": attack.assumes,
        "method": attack.method,
        "reference": attack.reference,
    }


def _figures(of):
    rates = sorted(of.tpr, reverse=True)
    return {
        "roc_auc": _interval(of.roc_auc),
        "tpr_at_fpr": [{"fpr": fpr, **_interval(of.tpr[fpr])} for fpr in rates],
    }


def _groups(table):
    """Figures of subgroups, but of those with so few members that a name says who."""
    table = shown_groups(table)
    return {
        "column": table.attrs["column"],
        "attack": table.attrs["attack"],
        "fpr": 0.01,
        "n_left_out": table.attrs["n_left_out"],
        "rows": [
            {
                "group": str(row["group"]),
                "n_members": row["n_members"],
                "n_non_members": row["n_non_members"],
                **{
                    name: ends_of(row, column)
                    for name, column in _GROUP_FIGURES.items()
                },
                "alert": row["alert"],
            }
            for row in table.to_dict("records")
        ],
    }


_GROUP_FIGURES = {
    "roc_auc": "roc_auc",
    "own_tpr": "tpr_at_fpr_0.01",
    "pooled_tpr": "pooled_tpr_at_fpr_0.01",
}


def _interval(interval):
    names = ("estimate", "low", "high", "confidence", "n_members", "n_non_members")
    return {name: getattr(interval, name) for name in names}


def _finding(finding):
    return {
        "kind": finding.kind,
        "severity": finding.severity,
        "message": finding.message,
        "columns": list(finding.columns),
    }


def plain_leaks(leaks) -> list[dict]:
    """Return what a leak scan found as plain dicts; an unknown number is None."""
    return [
        {name: None if value is NA else value for name, value in leak.items()}
        for leak in leaks.to_dict("records")
    ]


def _plain(value):
    """Reduce to what JSON can hold; what it cannot hold becomes its text."""
    match value:
        case dict():
            return {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple() | set() | np.ndarray():
            return [_plain(item) for item in value]
        case None | bool() | str():
            return value
        case np.bool_():
            return bool(value)
        case int() | np.integer():
            return int(value)
        case float() | np.floating():
            return float(value) if math.isfinite(value) else None
    return str(value)
