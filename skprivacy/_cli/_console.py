"""What a person sees in the terminal."""

import math
from contextlib import contextmanager

from skprivacy._report._extraction import extraction_rows
from skprivacy._report._property import property_rows, readout_row
from skprivacy._report._view import LEVEL_NAMES
from skprivacy._report._view import WHO as ACCESS
from skprivacy._report._words import number_range, percent

__all__ = ["print_leaks", "print_result", "show_progress"]

COLORS = {
    "none": "green",
    "slight": "cyan",
    "some": "yellow",
    "strong": "red",
    "unclear": "magenta",
}


def print_result(result) -> None:
    """Print the summary as a table, the findings and the verdict."""
    from rich.console import Console  # loaded when there is something to show
    from rich.text import Text

    console = Console(highlight=False)
    console.print(_summary_table(result))
    for studied in result.sensitive:
        console.print(_gain_table(studied))
    if result.properties:
        console.print(_property_table(result.properties))
    if result.extraction is not None:
        console.print(_extraction_table(result.extraction))
    for finding in result.findings:
        console.print(Text(f"{finding.severity}: {finding.message}"))
    verdict = result.judgment
    console.print()
    for access, level in result.levels.items():
        if len(result.levels) > 1:
            who = ACCESS[access]
            console.print(
                Text.assemble(f"{who}: ", (LEVEL_NAMES[level], COLORS[level]))
            )
    console.print(Text(verdict.headline, style=f"bold {COLORS[verdict.level]}"))
    console.print(Text(verdict.text))


def _summary_table(result):
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    rates = sorted(result.best.tpr, reverse=True)
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("Attack", no_wrap=True)
    for title in ["AUC", *(f"TPR at {percent(rate)} FPR" for rate in rates)]:
        table.add_column(title, justify="right")
    for attack in result.ranked:
        cells = [_cell(attack.roc_auc, "{:.3f}".format)]
        cells += [_cell(attack.tpr[rate], _rate) for rate in rates]
        name = Text.assemble(attack.name, "\n", (attack.access, "dim"))
        table.add_row(name, *cells)
    return table


def _gain_table(studied):
    """Tabulate attacks on a sensitive column beside imputation."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    measure = studied.best.result.gains_[0].measure
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column(f"Inferring {studied.column}", no_wrap=True)
    for title in (measure, "Imputation", "Advantage", "On others", "Member gap"):
        table.add_column(title, justify="right")
    for attack in studied.attacks:
        gain = attack.result.gains_[0]
        figures = (
            gain.score,
            gain.imputation_score,
            gain.advantage,
            gain.advantage_on_others,
            gain.member_gap,
        )
        name = Text.assemble(attack.name, "\n", (attack.access, "dim"))
        table.add_row(name, *(_cell(figure, "{:.3f}".format) for figure in figures))
    return table


def _property_table(results):
    """Tabulate which shares a model gives away: a line for each reading."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("Share of the training set", overflow="fold")
    for title in ("As the model tells it", "Without it", "In truth", "Worlds, AUC"):
        table.add_column(title, justify="right")
    for result in results:
        if result.readout is not None:
            read = readout_row(result.readout)
            table.add_row(
                Text.assemble(result.property, "\n", ("read without worlds", "dim")),
                Text.assemble(read["share"], "\n", (read["interval"], "dim")),
            )
        for row in property_rows(result):
            name = Text.assemble(result.property, "\n", (row["name"], "dim"))
            share = Text.assemble(row["share"], "\n", (row["interval"], "dim"))
            auc = Text.assemble(row["auc"], "\n", (row["auc_interval"], "dim"))
            table.add_row(name, share, row["prior"], row["truth"], auc)
    return table


def _extraction_table(study):
    """Tabulate what copies of the model cost."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("Fidelity of a copy", no_wrap=True)
    for title in ("Queries", "At $1 per 1,000"):
        table.add_column(title, justify="right")
    for row in extraction_rows(study):
        table.add_row(row["level"], row["queries"], row["cost"])
    return table


SEVERITY_COLORS = {"critical": "red", "warning": "yellow", "info": "dim"}


def print_leaks(leaks) -> None:
    """Print what a leak scan found: a table, then each remedy once."""
    from rich.console import Console  # loaded when there is something to show
    from rich.text import Text

    console = Console(highlight=False)
    if leaks.empty:
        console.print(Text("Nothing was found that is known to leak."))
        return
    console.print(_leak_table(leaks))
    console.print(Text("What would help", style="bold"))
    for remedy, found in leaks.groupby("remedy", sort=False):
        kinds = ", ".join(found["kind"].unique())
        console.print(Text.assemble((f"{kinds}: ", "bold"), remedy))


def _leak_table(leaks):
    from pandas import NA
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("Severity", no_wrap=True)
    table.add_column("Where and what", overflow="fold")
    table.add_column("Rows, at least", justify="right", no_wrap=True)
    for leak in leaks.itertuples():
        rows = "" if leak.n_rows is NA else f"{leak.n_rows:,}"
        table.add_row(
            Text(leak.severity, style=SEVERITY_COLORS[leak.severity]),
            Text.assemble((leak.where, "bold"), "\n", leak.meaning),
            rows,
        )
    return table


def _cell(interval, write):
    """Write the estimate, and its interval below."""
    from rich.text import Text

    if math.isnan(interval.estimate):
        return Text("not measurable", style="dim")
    ends = number_range(interval.low, interval.high, write)
    return Text.assemble(write(interval.estimate), "\n", (ends, "dim"))


def _rate(value):
    return f"{100 * value:.1f}%"


@contextmanager
def show_progress(what):
    """Show a bar on stderr while models are trained, if it is a terminal.

    Parameters
    ----------
    what : str
        Stands before the bar.
    """
    from rich.console import Console  # loaded when there is something to show

    console = Console(stderr=True)
    if not console.is_terminal:
        yield
        return
    from skprivacy.shadow import report_progress

    with _bar(console) as progress:
        task = progress.add_task(what, total=None)

        def finished(done, total):
            progress.update(task, completed=done, total=total)

        with report_progress(finished):
            yield


def _bar(console):
    from rich import progress

    columns = (
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        progress.MofNCompleteColumn(),
        progress.TimeRemainingColumn(),
    )
    # Transient: what stays in the terminal is the result.
    return progress.Progress(*columns, console=console, transient=True)
