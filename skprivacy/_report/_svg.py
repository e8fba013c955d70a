"""Matplotlib figures as SVG that lives inside a page and takes its colors from it."""

import io
import re
from contextlib import contextmanager
from html import escape

__all__ = [
    "COLORS",
    "INK",
    "MUTED",
    "OUTSIDE",
    "RULE",
    "SERIES",
    "as_inline_svg",
    "figure",
]

# Matplotlib wants to know its colors; the page knows them only when it is read, as
# they differ between light and dark. So figures are drawn in these stand-ins, which
# occur nowhere else, and each is then replaced by a variable of the page's style.
INK, MUTED, RULE, OUTSIDE = "#010203", "#010204", "#010205", "#010206"
PAPER = "#010207"
SERIES = tuple(f"#0102{number:02x}" for number in range(0x10, 0x18))
COLORS = {
    INK: "--ink",
    MUTED: "--muted",
    RULE: "--rule",
    OUTSIDE: "--outside",
    PAPER: "--paper",
} | {color: f"--series-{number}" for number, color in enumerate(SERIES)}

_STYLE = {
    "axes.edgecolor": RULE,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "font.size": 11,
    "grid.color": RULE,
    "grid.linewidth": 0.6,
    "legend.edgecolor": "none",
    "legend.facecolor": PAPER,
    "legend.framealpha": 0.85,
    "svg.fonttype": "none",
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": MUTED,
    "xtick.labelcolor": MUTED,
    "ytick.color": MUTED,
    "ytick.labelcolor": MUTED,
}


@contextmanager
def figure(width: float, height: float):
    """Give a new figure of so many points, with the report's style in force."""
    # Loaded when a report is made: matplotlib takes longer than the package itself.
    from matplotlib import style
    from matplotlib.figure import Figure

    # "default" first, so that a report does not change with the reader's matplotlibrc.
    with style.context(["default", _STYLE]):
        yield Figure(figsize=(width / 72, height / 72), layout="constrained")


def as_inline_svg(fig, *, name: str, title: str, description: str) -> str:
    """Turn a figure into an SVG element.

    Parameters
    ----------
    fig : matplotlib Figure

    name : str
        Prefix of the ids inside, different for each figure of a page.

    title, description : str
        What is read out instead of the picture.

    Returns
    -------
    svg : str
    """
    import matplotlib as mpl

    buffer = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": name}):
        fig.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    svg = buffer.getvalue()
    # Neither the metadata nor a style sheet that would apply to the whole page.
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<(metadata|style)\b.*?</\1>", "", svg, flags=re.S)
    svg = _with_own_ids(_with_page_style(svg), name)
    return _with_alternative(svg, name, title, description)


def _with_page_style(svg):
    for stand_in, variable in COLORS.items():
        svg = svg.replace(stand_in, f"var({variable})")
    svg = re.sub(r"(font: [^;\"]*?[\d.]+px) [^;\"]*", r"\1 var(--sans)", svg)
    return re.sub(r"font-family: [^;\"]*", "font-family: var(--sans)", svg)


def _with_own_ids(svg, name):
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', svg)
    svg = re.sub(r'href="#([^"]+)"', rf'href="#{name}-\1"', svg)
    return re.sub(r"url\(#([^)]+)\)", rf"url(#{name}-\1)", svg)


def _with_alternative(svg, name, title, description):
    """Let the picture scale with the page, and say what it shows."""
    attributes, rest = svg.split(">", 1)
    attributes = re.sub(r'\s(width|height)="[^"]*"', "", attributes)
    return (
        f'{attributes} role="img" aria-labelledby="{name}-title {name}-desc">'
        f'<title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-desc">{escape(description)}</desc>{rest}'
    )
