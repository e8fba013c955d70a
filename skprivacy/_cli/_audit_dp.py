"""Auditing a guarantee from the command line."""

import json

from skprivacy._cli._errors import BadInput

__all__ = ["claim_of", "print_audited", "write_audited"]

COLORS = {
    "refuted": "red",
    "proof broken": "red",
    "not refuted": "green",
    "not applicable": "dim",
}


def claim_of(epsilon, delta, adjacency):
    """Return what was claimed on the command line, or None.

    Parameters
    ----------
    epsilon : float or None
    delta : float or None
    adjacency : {"replace", "add-remove"} or None
        None: "replace".

    Returns
    -------
    guarantee : PrivacyGuarantee or None
        None where the model is to say it.

    Raises
    ------
    BadInput
        If an adjacency is given of a claim that the model makes.
    """
    from skprivacy.dp import PrivacyGuarantee

    if epsilon is None:
        if adjacency is not None:
            raise BadInput(
                "--adjacency says what --claimed-epsilon is about, which was not given."
            )
        return None
    kind = (adjacency or "replace").replace("-", "_")
    return PrivacyGuarantee.approximate(epsilon, delta or 0.0, kind)


def print_audited(audited) -> None:
    """Print the table of methods, and the sentence."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console  # loaded when there is something to show
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("Method and what it found", overflow="fold")
    table.add_column("Verdict", no_wrap=True)
    for title in ("Epsilon", "Fits", "Seconds"):
        table.add_column(title, justify="right", no_wrap=True)
    for one in audited.outcomes:
        pair = f" ({one.neighbors})" if one.neighbors else ""
        table.add_row(
            Text.assemble((one.method, "bold"), f"{pair}\n", (one.said, "dim")),
            Text(one.verdict, style=COLORS[one.verdict]),
            "–" if one.epsilon is None else f"≥ {one.epsilon:.2f}",
            f"{one.n_fits:,}",
            f"{one.seconds:.1f}",
        )
    console = Console(highlight=False)
    console.print(table)
    for step in audited.uncovered:
        console.print(Text(f"Not covered, and not audited: {step}."))
    color = "red" if audited.violated else "green"
    console.print(Text(audited.summary, style=f"bold {color}"))


def write_audited(path, audited):
    """Write what was found to a JSON file, whole or not at all.

    Parameters
    ----------
    path : str or path-like
    audited : GuaranteeAudit

    Returns
    -------
    path : Path
    """
    from skprivacy._report import check_writable, write_atomically

    path = check_writable(path, "--json")
    return write_atomically(path, json.dumps(audited.to_dict(), indent=2) + "\n")
