"""Picture of what copies of the model cost."""

import math

from skprivacy._report._extraction import fidelity_words
from skprivacy._report._svg import INK, OUTSIDE, SERIES, as_inline_svg, figure

__all__ = ["fidelity_svg"]

LEVEL = 0.99


def fidelity_svg(study, *, name: str) -> str:
    """Draw fidelity against queries, and the level at which a copy is as good.

    Parameters
    ----------
    study : ExtractionStudy

    name : str
        Prefix of the ids inside the picture.

    Returns
    -------
    svg : str
    """
    n, fidelity = study.n_queries, study.fidelity
    agreement = study.measure == "agreement"
    bottom = min(fidelity.min(), 0.9)
    bottom = max(math.floor(20 * (bottom - 0.02)) / 20, 0.0)
    with figure(560, 250) as fig:
        ax = fig.subplots()
        ax.axhline(
            LEVEL, color=OUTSIDE, linewidth=1.2, linestyle=(0, (3, 1.5)), label="99%"
        )
        # An exact copy is not come near to by and by.
        style = "steps-post" if study.exact else "default"
        ax.plot(
            n,
            fidelity,
            color=SERIES[0],
            linewidth=2,
            marker="o",
            markersize=5,
            drawstyle=style,
            label="Copies",
            clip_on=False,
        )
        wanted = study.queries_for(LEVEL)
        if not math.isnan(wanted):
            ax.axvline(wanted, color=INK, linewidth=1, linestyle=(0, (1, 2)))
        ax.set_xscale("log")
        ax.set_xlim(0.9 * n[0], 1.15 * n[-1])
        ax.set_xticks(n, [f"{value:,}" for value in n])
        ax.minorticks_off()
        ax.set_ylim(bottom, 1.005)
        if agreement:
            ax.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f}%")
        ax.set_xlabel("Queries")
        ax.set_ylabel("Same label" if agreement else "R²")
        fig.legend(loc="outside upper left", ncols=2, handlelength=2)
        return as_inline_svg(
            fig,
            name=name,
            title="Fidelity of copies by the queries that they cost",
            description="; ".join(
                f"{count:,} queries: {fidelity_words(study, value)}"
                for count, value in zip(n, fidelity, strict=True)
            )
            + ".",
        )
