"""The report as one HTML page."""

from functools import cache
from html import escape
from importlib.resources import files

import numpy as np

from skprivacy._report._extraction_plots import fidelity_svg
from skprivacy._report._plots import gain_svg, histogram_svg, roc_svg
from skprivacy._report._property_plots import posterior_svg, worlds_svg
from skprivacy._report._view import view_of

__all__ = ["render_embedded", "render_html"]


def render_html(result, *, n_exposed: int = 10) -> str:
    """Render a result as a page that needs no other file, no script and no network.

    Parameters
    ----------
    result : AuditResult

    n_exposed : int, default=10
        Number of most exposed training records to list by id.

    Returns
    -------
    html : str
    """
    from markupsafe import Markup  # comes with jinja2; loaded when a report is made

    view = view_of(result, n_exposed=n_exposed)
    svgs = {name: Markup(svg) for name, svg in pictures(result).items()}
    style = Markup(_read("report.css"))
    return _template().render(view, svgs=svgs, style=style)


def render_embedded(result) -> str:
    """Render a result for a notebook.

    The page sits in a frame of its own, so that neither its style nor the notebook's
    reaches the other; the frame runs no script.
    """
    page = escape(render_html(result), quote=True)
    return (
        f'<iframe srcdoc="{page}" sandbox="" title="Privacy audit" '
        'style="width:100%;height:46rem;max-height:85vh;border:1px solid #8884;'
        'border-radius:8px;resize:vertical"></iframe>'
    )


def pictures(result) -> dict[str, str]:
    """Draw the pictures of a report."""
    best, n_members = result.best, int(np.sum(result.is_member))
    svgs = {
        "roc": roc_svg(result),
        "signal": histogram_svg(
            result.signal,
            result.is_member,
            name="signal",
            label=result.signal_name,
            title=f"{result.signal_name} of {n_members:,} training and outside records",
        ),
        "score": histogram_svg(
            best.scores,
            result.is_member,
            name="score",
            label=f"Score of {best.name}",
            title=f"Score of {best.name} for training and outside records",
        ),
    }
    for number, studied in enumerate(result.sensitive):
        svgs[f"gain{number}"] = gain_svg(studied, name=f"gain{number}")
    for number, told in enumerate(result.properties):
        for kind, draw in (("worlds", worlds_svg), ("posterior", posterior_svg)):
            svgs[f"{kind}{number}"] = draw(told, name=f"{kind}{number}")
    if result.extraction is not None:
        svgs["fidelity"] = fidelity_svg(result.extraction, name="fidelity")
    return svgs


def _read(name):
    return files("skprivacy._report").joinpath("templates", name).read_text("utf-8")


@cache
def _template():
    from jinja2 import Environment, StrictUndefined  # loaded when a report is made

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(_read("report.html.j2"))
