"""How the package's plots look."""

__all__ = ["CURVE_COLORS", "MEMBER_COLOR", "NON_MEMBER_COLOR", "shade", "text_color"]

# From the palette of Okabe and Ito, which stays distinct to the color-blind; only what
# is legible (contrast of 3 at least) on white and on near-black. Gray comes last.
CURVE_COLORS = ("#0072B2", "#D55E00", "#009E73", "#BC6496", "#7F7F7F")
MEMBER_COLOR, NON_MEMBER_COLOR = "#D55E00", "#0072B2"


def text_color(ax):
    """Color of the axes' own text, whatever the style in force."""
    return ax.xaxis.label.get_color()


def shade(ax, start, stop, label):
    """Gray out a range of the horizontal axis and say why."""
    color = text_color(ax)
    area = ax.axvspan(start, stop, color=color, alpha=0.08, linewidth=0, zorder=0)
    ax.text(
        (start * stop) ** 0.5,
        0.98,
        label,
        transform=ax.get_xaxis_transform(),
        rotation=90,
        ha="center",
        va="top",
        fontsize="small",
        color=color,
        alpha=0.8,
    )
    return area
