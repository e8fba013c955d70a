"""Two reports beside each other: before a change of the model, and after."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TypeGuard

from skprivacy._report._words import percent

__all__ = ["Change", "compare_reports", "differences_of_audits", "load_report"]

#: What makes two audits no measure of the model alone.
SAME_DATA = ("n_train", "n_holdout", "n_dropped_holdout", "n_canaries", "label")
SAME_SETTINGS = ("effort", "n_shadow_models")
MAJOR = 1


def load_report(path, name="path") -> dict:
    """Read a report that ``AuditResult.to_json`` has written.

    Parameters
    ----------
    path : str or path-like
        The file.

    name : str, default="path"
        The argument's name, for error messages.

    Returns
    -------
    document : dict

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is no such report, or one of a later version whose keys mean other things.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{name}: there is no file {str(path)!r}.")
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{name}: {str(path)!r} is not JSON: {error}.") from error
    schema = document.get("schema") if isinstance(document, dict) else None
    if schema != "skprivacy.audit":
        raise ValueError(
            f"{name}: {str(path)!r} is not the report of an audit: its schema is "
            f"{schema!r}, and must be 'skprivacy.audit'."
        )
    version = str(document.get("schema_version"))
    if version.split(".")[0] != str(MAJOR):
        raise ValueError(
            f"{name}: {str(path)!r} has the schema_version {version!r}; this release "
            f"reads {MAJOR}.x."
        )
    return document


@dataclass(frozen=True)
class Change:
    """One figure of one attack, in both reports.

    Parameters
    ----------
    attack, access : str
        Whose, and what the attacker can reach.

    figure : str
        "AUC", or "TPR at 1% FPR".

    before, after : dict or None
        Intervals: ``estimate``, ``low`` and ``high``; None where there is none.
    """

    attack: str
    access: str
    figure: str
    before: dict | None
    after: dict | None

    @property
    def direction(self) -> str:
        """Whether the leak is seen to be "less" or "more"; "unclear" if neither.

        Seen is what the intervals tell apart: they don't overlap.
        """
        before, after = self.before, self.after
        if not _is_known(before) or not _is_known(after):
            return "unclear"
        if after["high"] < before["low"]:
            return "less"
        return "more" if after["low"] > before["high"] else "unclear"


def compare_reports(before, after) -> list[Change]:
    """Put the figures of two reports beside each other, attack by attack.

    Parameters
    ----------
    before, after : dict
        Of `load_report`.

    Returns
    -------
    changes : list of Change
        Attacks of the first report in its order, then those that only the second has.
    """
    sides = [{_key(a): a for a in report["attacks"]} for report in (before, after)]
    changes = []
    for attack, access in dict.fromkeys([*sides[0], *sides[1]]):
        figures = [_figures(side.get((attack, access))) for side in sides]
        for figure in dict.fromkeys([*figures[0], *figures[1]]):
            before, after = (f.get(figure) for f in figures)
            changes.append(Change(attack, access, figure, before, after))
    return changes


def differences_of_audits(before, after) -> list[str]:
    """Say what besides the model differs between two audits."""
    told = []
    for part, names in (("data", SAME_DATA), ("settings", SAME_SETTINGS)):
        for name in names:
            values = [report.get(part, {}).get(name) for report in (before, after)]
            if values[0] != values[1]:
                told.append(f"{name} is {values[0]} before and {values[1]} after")
    return told


def _key(attack):
    return attack["name"], attack.get("access", "black box")


def _figures(attack):
    if attack is None:
        return {}
    rates = {
        f"TPR at {percent(rate['fpr'])} FPR": rate for rate in attack["tpr_at_fpr"]
    }
    return {"AUC": attack["roc_auc"], **rates}


def _is_known(interval) -> TypeGuard[dict]:
    return interval is not None and None not in (interval["low"], interval["high"])
