"""The one picture of an audit."""

import math

from skprivacy._audit._access import BLACK_BOX, WHITE_BOX
from skprivacy._report._words import percent
from skprivacy.metrics._style import CURVE_COLORS

__all__ = ["draw_attacks"]

#: A rate where an attacker accuses 1 in 100 others.
FPR = 0.01
COLORS = {BLACK_BOX: CURVE_COLORS[0], WHITE_BOX: CURVE_COLORS[1]}
#: Told apart in grayscale too.
MARKERS = {BLACK_BOX: "o", WHITE_BOX: "s"}
WORDS = {BLACK_BOX: "who asks the model", WHITE_BOX: "who holds its file"}
MUTED = "#70757d"


def draw_attacks(result, ax=None):
    """Draw what each attack finds, with its interval, beside what guessing finds.

    Parameters
    ----------
    result : AuditResult

    ax : matplotlib Axes, default=None
        Where to draw; None makes a new figure.

    Returns
    -------
    ax : matplotlib Axes
    """
    attacks = result.ranked[::-1]
    rates = [attack.tpr.get(FPR) for attack in attacks]
    is_rate = all(r is not None and not math.isnan(r.estimate) for r in rates)
    figures = rates if is_rate else [attack.roc_auc for attack in attacks]
    guess = FPR if is_rate else 0.5
    if ax is None:
        import matplotlib.pyplot as plt  # slow to load, and needed only here

        size = (7.2, 1.7 + 0.32 * len(attacks))
        _, ax = plt.subplots(figsize=size, layout="constrained")
    ax.axvline(guess, color=MUTED, linewidth=1.2, linestyle=(0, (4, 2)))
    for row, (attack, figure) in enumerate(zip(attacks, figures, strict=True)):
        color = COLORS[attack.access]
        ax.plot([figure.low, figure.high], [row, row], color=color, linewidth=2)
        marker = MARKERS[attack.access]
        ax.plot(figure.estimate, row, marker, color=color, clip_on=False, zorder=3)
    _set_axes(ax, attacks, figures, guess, is_rate)
    _set_legend(ax, attacks)
    ax.set_title(
        f"{result.judgment.headline}\n{_finding(figures[-1], is_rate)}",
        loc="left",
        fontsize="medium",
    )
    return ax


def _finding(best, is_rate):
    ends = f"{percent(best.low)} to {percent(best.high)}"
    if is_rate:
        return (
            f"The best attack names {percent(best.estimate)} ({ends}) of the training "
            "records,\nwhere it wrongly names 1% of the others"
        )
    return f"The best attack has an AUC of {best.estimate:.2f} ({ends})"


def _set_axes(ax, attacks, figures, guess, is_rate):
    from matplotlib.ticker import PercentFormatter

    ax.set_yticks(range(len(attacks)), [attack.name for attack in attacks])
    ax.set_ylim(-0.7, len(attacks) - 0.3)
    highest = max(figure.high for figure in figures)
    if is_rate:
        ax.set_xlim(0, min(1.02, max(1.15 * highest, 3 * guess)))
        ax.xaxis.set_major_formatter(PercentFormatter(1, symbol="%"))
        ax.set_xlabel("Training records named, at 1% of the others (95% interval)")
    else:
        ax.set_xlim(min(0.4, *(figure.low for figure in figures)), 1.01)
        ax.set_xlabel("AUC (95% interval)")
    ax.annotate(
        "guessing",
        (guess, 0),
        xytext=(3, 3),
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
        color=MUTED,
        fontsize="small",
    )
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x", color="#dedbd4", linewidth=0.6)
    ax.set_axisbelow(True)


def _set_legend(ax, attacks):
    for access in sorted({attack.access for attack in attacks}):
        style = {"color": COLORS[access], "label": f"attacker {WORDS[access]}"}
        ax.plot([], [], MARKERS[access], **style)
    ax.legend(loc="lower right", frameon=False, fontsize="small")
