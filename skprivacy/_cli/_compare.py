"""``skprivacy compare``: what a change of the model has done."""

import math

from skprivacy._report import Change, differences_of_audits

__all__ = ["print_comparison"]

COLORS = {"less": "green", "more": "red", "unclear": "dim"}


def print_comparison(before: dict, after: dict, changes: list[Change]) -> None:
    """Print the figures side by side, what else differs, and a sentence."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console  # loaded when there is something to show
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("Attack")
    table.add_column("Figure", no_wrap=True)
    for title in ("Before", "After"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("Leak")
    for change in changes:
        table.add_row(
            Text.assemble(change.attack, "\n", (change.access, "dim")),
            change.figure,
            _cell(change.before),
            _cell(change.after),
            Text(change.direction, style=COLORS[change.direction]),
        )
    console.print(table)
    for told in differences_of_audits(before, after):
        console.print(Text(f"warning: {told}: the figures are not of the model alone."))
    console.print(Text(f"Before: {before['verdict']['text']}"))
    console.print(Text(f"After: {after['verdict']['text']}"))
    console.print(Text(sentence(changes), style="bold"))


def sentence(changes) -> str:
    """Say how many figures went where.

    Examples
    --------
    >>> sentence([])
    'No figure is in both reports.'
    """
    both = [one for one in changes if one.before is not None and one.after is not None]
    if not both:
        return "No figure is in both reports."
    counts = {
        which: sum(one.direction == which for one in both) for which in ("less", "more")
    }
    told = f"Of {len(both)} figures, {counts['less']} show less leak and "
    told += f"{counts['more']} more; of the others the intervals overlap."
    return told


def _cell(interval):
    if interval is None:
        return "-"
    ends = [interval[name] for name in ("estimate", "low", "high")]
    if any(end is None or math.isnan(end) for end in ends):
        return "unknown"
    return "{:.3f}\n{:.3f} to {:.3f}".format(*ends)
