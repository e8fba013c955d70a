"""What a model card says of privacy: a section in Markdown."""

import re
from pathlib import Path

from skprivacy._report._files import check_writable, write_atomically
from skprivacy._report._words import percent

__all__ = ["TITLE", "privacy_section", "put_into"]

TITLE = "Privacy"
#: Around the section of a README, so that the next audit replaces it.
START, END = "<!-- skprivacy: start -->", "<!-- skprivacy: end -->"
#: What may end a cell, begin a link or code, or take the escape of the next away.
_SPECIAL = re.compile(r"[\\|\[\]`]")
_SECTION = re.compile(re.escape(START) + ".*?" + re.escape(END), re.DOTALL)


def privacy_section(result) -> str:
    """Write what was measured, without a heading.

    Parameters
    ----------
    result : AuditResult

    Returns
    -------
    markdown : str
        The verdict, a table of the attacks, what it was measured on, and findings. No
        value of a record.
    """
    verdict, data, settings = result.judgment, result.data, result.settings
    rates = sorted(result.best.tpr, reverse=True)
    titles = ["Attack", "Attacker", "AUC"]
    titles += [f"TPR at {percent(rate)} FPR" for rate in rates]
    rows = [
        [attack.name, attack.access, _cell(attack.roc_auc)]
        + [_cell(attack.tpr[rate]) for rate in rates]
        for attack in result.ranked
    ]
    table = [titles, ["---"] * len(titles), *rows]
    lines = [f"**{_inert(verdict.headline)}** {_inert(verdict.text)}", ""]
    lines += ["| " + " | ".join(map(_inert, row)) + " |" for row in table]
    lines += [
        "",
        f"Membership inference on {data['n_train']:,} training records and "
        f"{data['n_holdout'] - data['n_dropped_holdout']:,} others, "
        f"{settings['n_shadow_models']} shadow models, seed "
        f"{settings['random_state']}; skprivacy {settings['skprivacy']}, scikit-learn "
        f"{settings['sklearn']}, {str(settings['created'])[:10]}. TPR: share of the "
        "training records that an attacker names, who wrongly names the stated share "
        f"(FPR) of the others. All intervals hold at once with "
        f"{percent(settings['confidence'])}. It says what these attacks found, "
        "not what others might.",
    ]
    if result.promise is not None:
        lines += ["", f"Claimed: {_inert(result.promise.guarantee)}."]
    told = [f"- {one.severity}: {_inert(one.message)}" for one in result.findings]
    return "\n".join(lines + ([""] + told if told else [])) + "\n"


def put_into(card, section):
    """Put the section into a card.

    Parameters
    ----------
    card : str, path-like or skops.card.Card
        A README in Markdown, which is made if it is not there; or a card.

    section : str
        Of `privacy_section`.

    Returns
    -------
    card : Path or Card

    Raises
    ------
    TypeError
        If it is something else.
    OSError
        If the file can't be read or written.
    """
    if not isinstance(card, str | Path) and hasattr(card, "add"):
        card.add(**{TITLE: section})
        return card
    path = check_writable(card, "card")
    marked = f"{START}\n## {TITLE}\n\n{section}{END}"
    if not path.exists():
        return write_atomically(path, marked + "\n")
    text = path.read_text(encoding="utf-8")
    if _SECTION.search(text):
        text = _SECTION.sub(lambda _: marked, text, count=1)
    else:
        text = f"{text.rstrip()}\n\n{marked}\n"
    return write_atomically(path, text)


def _cell(interval):
    if interval is None or interval.low != interval.low:
        return "unknown"
    return f"{interval.estimate:.3f} ({interval.low:.3f} to {interval.high:.3f})"


def _inert(text):
    """Return text that is text in Markdown, also where names hold markup or links."""
    text = str(text).replace("&", "&amp;").replace("<", "&lt;")
    return " ".join(_SPECIAL.sub(r"\\\g<0>", text).split())
