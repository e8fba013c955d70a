"""Pictures of what a model tells of a share."""

import numpy as np

from skprivacy._report._svg import INK, MUTED, OUTSIDE, SERIES, as_inline_svg, figure
from skprivacy._report._words import decimal, share

__all__ = ["posterior_svg", "worlds_svg"]

N_BINS = 16


def worlds_svg(told, *, name: str) -> str:
    """Draw the statistic of the shadow models of both worlds, and that of the model.

    Parameters
    ----------
    told : PropertyInferenceResult

    name : str
        Prefix of the ids inside the picture.

    Returns
    -------
    svg : str
    """
    best = told.best
    ends = share(best.shadow_ratios.min()), share(best.shadow_ratios.max())
    low, high = best.worlds
    everything = np.concatenate([low, high, [best.statistic]])
    spare = 0.02 * np.ptp(everything) + 1e-3
    edges = np.linspace(everything.min() - spare, everything.max() + spare, N_BINS + 1)
    worlds = (
        (low, ends[0], OUTSIDE, (0, (3, 1.5)), 0.10),
        (high, ends[1], SERIES[0], "-", 0.22),
    )
    with figure(330, 225) as fig:
        ax = fig.subplots()
        for values, end, color, dash, alpha in worlds:
            counts = np.histogram(values, edges)[0]
            ax.stairs(counts, edges, fill=True, color=color, alpha=alpha)
            ax.stairs(
                counts,
                edges,
                color=color,
                linewidth=1.6,
                linestyle=dash,
                label=f"Trained on {end}",
            )
        ax.axvline(best.statistic, color=INK, linewidth=2, label="This model")
        ax.margins(x=0)
        ax.set_yticks([])
        ax.spines["left"].set_visible(False)
        ax.set_xlabel("What the attack reads off a model")
        ax.set_ylabel("Shadow models")
        fig.legend(loc="outside upper left", ncols=2, handlelength=2)
        return as_inline_svg(
            fig,
            name=name,
            title=f"Shadow models by their share of {told.property}",
            description=(
                f"Median of {len(low)} models trained on {ends[0]}: "
                f"{decimal(np.median(low))}; of {len(high)} trained on {ends[1]}: "
                f"{decimal(np.median(high))}; this model: {decimal(best.statistic)}."
            ),
        )


def posterior_svg(told, *, name: str) -> str:
    """Draw how likely each share is, with the interval and the true share.

    Parameters
    ----------
    told : PropertyInferenceResult

    name : str
        Prefix of the ids inside the picture.

    Returns
    -------
    svg : str
    """
    best, interval = told.best, told.interval_
    inside = (best.grid >= interval.low) & (best.grid <= interval.high)
    with figure(330, 225) as fig:
        ax = fig.subplots()
        ax.fill_between(
            best.grid,
            best.posterior,
            where=inside,
            color=SERIES[0],
            alpha=0.22,
            linewidth=0,
            label=f"{100 * interval.confidence:g}% interval",
        )
        ax.plot(
            best.grid,
            best.posterior,
            color=SERIES[0],
            linewidth=2,
            label="With the model",
        )
        ax.plot(
            best.grid,
            best.prior,
            color=OUTSIDE,
            linewidth=1.4,
            linestyle=(0, (3, 1.5)),
            label="Without it",
        )
        if told.true_ratio is not None:
            ax.axvline(
                told.true_ratio,
                color=MUTED,
                linewidth=1.2,
                linestyle=(0, (1, 2)),
                label="Truth",
            )
        ax.set_ylim(bottom=0)
        ax.margins(x=0)
        ax.set_yticks([])
        ax.spines["left"].set_visible(False)
        ax.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f}%")
        ax.set_xlabel("Share of the training set")
        ax.set_ylabel("How likely")
        fig.legend(loc="outside upper left", ncols=2, handlelength=2)
        truth = (
            "" if told.true_ratio is None else f" In truth {share(told.true_ratio)}."
        )
        return as_inline_svg(
            fig,
            name=name,
            title=f"How likely each share of {told.property} is",
            description=(
                f"Between {share(interval.low)} and {share(interval.high)} with "
                f"{100 * interval.confidence:g}%; of all shares from "
                f"{share(best.grid[0])} to {share(best.grid[-1])}.{truth}"
            ),
        )
