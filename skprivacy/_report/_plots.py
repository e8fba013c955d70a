"""The pictures of a report."""

import math

import numpy as np
from sklearn.metrics import roc_curve

from skprivacy._report._svg import INK, MUTED, OUTSIDE, SERIES, as_inline_svg, figure
from skprivacy._report._words import decimal, percent

__all__ = ["gain_svg", "histogram_svg", "roc_svg"]

MOST_CURVES = len(SERIES)
DASHES = ("-", (0, (5, 2)), (0, (2, 1.5)), (0, (7, 2, 1.5, 2)))

# What lies outside these quantiles of all scores is counted in the outermost bars.
SHOWN_QUANTILES = (0.005, 0.995)
N_BINS = 40


def roc_svg(result) -> str:
    """Draw the ROC curves of all attacks on logarithmic axes.

    Parameters
    ----------
    result : AuditResult

    Returns
    -------
    svg : str
    """
    attacks = result.ranked[:MOST_CURVES]
    n_outside = int(np.sum(np.asarray(result.is_member) == 0))
    floor = 10 ** math.floor(math.log10(1 / max(n_outside, 10)))
    with figure(380, 360) as fig:
        ax = fig.subplots()
        ax.plot([floor, 1], [floor, 1], color=MUTED, linewidth=1, linestyle=(0, (1, 2)))
        for number, attack in reversed(list(enumerate(attacks))):
            _draw_curve(ax, result.is_member, attack, number, floor)
        _draw_intervals(ax, attacks[0], floor)
        _label_roc(ax, floor)
        return as_inline_svg(
            fig,
            name="roc",
            title="ROC curves of the attacks, logarithmic axes",
            description=_describe_roc(attacks),
        )


def _draw_curve(ax, is_member, attack, number, floor):
    fpr, tpr, _ = roc_curve(is_member, attack.scores)
    ax.step(
        np.maximum(fpr, floor / 10),
        np.maximum(tpr, floor / 10),
        where="post",
        color=SERIES[number],
        label=attack.name,
        linewidth=2.4 if number == 0 else 1.4,
        linestyle=DASHES[number % len(DASHES)],
    )


def _draw_intervals(ax, attack, floor):
    """Draw the best attack's simultaneous intervals at the rates of the report."""
    for fpr, interval in attack.tpr.items():
        if not math.isnan(interval.estimate):
            low, high = (max(v, floor) for v in (interval.low, interval.high))
            ax.plot([fpr, fpr], [low, high], color=INK, linewidth=1.1, marker="_")


def _label_roc(ax, floor):
    ticks = 10.0 ** np.arange(round(math.log10(floor)), 1)
    labels = [percent(tick) for tick in ticks]
    ax.set(xscale="log", yscale="log", xlim=(floor, 1.05), ylim=(floor, 1.05))
    ax.set_xticks(ticks, labels)
    ax.set_yticks(ticks, labels)
    ax.minorticks_off()
    ax.grid(True)
    ax.set_xlabel("Outside records accused (false positive rate)")
    ax.set_ylabel("Training records named (true positive rate)")
    handles, names = ax.get_legend_handles_labels()
    ax.legend(handles[::-1], names[::-1], loc="best", handlelength=2.6)


def _describe_roc(attacks):
    parts = []
    for attack in attacks:
        rates = [
            f"{percent(interval.estimate)} of training records at {percent(fpr)} of "
            "outside records"
            for fpr, interval in sorted(attack.tpr.items(), reverse=True)
        ]
        auc = f"AUC {decimal(attack.roc_auc.estimate)}"
        parts.append(f"{attack.name}: {', '.join([auc, *rates])}.")
    return " ".join([*parts, "The dotted diagonal is guessing."])


def gain_svg(studied, *, name: str) -> str:
    """Draw how well a sensitive column is inferred, of members and of others.

    Parameters
    ----------
    studied : SensitiveColumn

    name : str
        Prefix of the ids inside the picture.

    Returns
    -------
    svg : str
    """
    gains = [attack.result.gains_[0] for attack in studied.attacks]
    first = gains[0]
    rows = [("Imputation", first.imputation_score, first.imputation_score_on_others)]
    rows += [
        (attack.name, gain.score, gain.score_on_others)
        for attack, gain in zip(studied.attacks, gains, strict=True)
    ]
    with figure(420, 60 + 42 * len(rows)) as fig:
        ax = fig.subplots()
        for side, label, shift, color in (
            (1, "Training records", -0.18, SERIES[0]),
            (2, "People in no training set", 0.18, OUTSIDE),
        ):
            for number, row in enumerate(rows):
                _draw_bar(ax, number + shift, row[side], color, label, number == 0)
        ax.axvline(rows[0][1].estimate, color=MUTED, linewidth=1, linestyle=(0, (1, 2)))
        ax.set_yticks(range(len(rows)), [row[0] for row in rows])
        ax.invert_yaxis()
        ax.set_xlabel(f"{_MEASURE_NAMES[first.measure]} of {studied.column}")
        fig.legend(loc="outside upper left", ncols=2, handlelength=2)
        return as_inline_svg(
            fig,
            name=name,
            title=f"How well {studied.column} is inferred",
            description=" ".join(
                f"{row}: {decimal(inside.estimate)} of training records, "
                f"{decimal(outside.estimate)} of others."
                for row, inside, outside in rows
            ),
        )


_MEASURE_NAMES = {"accuracy": "Accuracy", "R2": "R²"}


def _draw_bar(ax, place, interval, color, label, is_first):
    ax.barh(
        place,
        interval.estimate,
        height=0.34,
        color=color,
        alpha=0.75,
        label=label if is_first else None,
    )
    if not math.isnan(interval.low):
        ends = [interval.low, interval.high]
        ax.plot(ends, [place] * 2, color=INK, linewidth=1.1, marker="|")


def histogram_svg(scores, is_member, *, name: str, label: str, title: str) -> str:
    """Draw how scores are distributed over members and non-members.

    Parameters
    ----------
    scores : array-like of shape (n_records,)
        Infinite and missing values are left out.

    is_member : array-like of shape (n_records,)

    name : str
        Prefix of the ids inside the picture.

    label : str
        What the scores are, for the axis.

    title : str
        What is read out instead of the picture.

    Returns
    -------
    svg : str
    """
    scores = np.asarray(scores, dtype=float)
    inside = np.asarray(is_member) == 1
    finite = np.isfinite(scores)
    low, high = _shown_range(scores[finite])
    shown = np.clip(scores, low, high)
    edges = np.linspace(low, high, N_BINS + 1)
    groups = {
        "Training records": (shown[inside & finite], SERIES[0], "-", 0.22),
        "Outside records": (shown[~inside & finite], OUTSIDE, (0, (3, 1.5)), 0.10),
    }
    with figure(330, 225) as fig:
        ax = fig.subplots()
        for group, (values, color, dash, alpha) in groups.items():
            shares = np.histogram(values, edges)[0] / max(len(values), 1)
            ax.stairs(shares, edges, fill=True, color=color, alpha=alpha)
            ax.stairs(
                shares, edges, color=color, linewidth=1.6, linestyle=dash, label=group
            )
        ax.set_yticks([])
        ax.spines["left"].set_visible(False)
        ax.margins(x=0)
        ax.set_xlabel(label)
        ax.set_ylabel("Share of records")
        fig.legend(loc="outside upper left", ncols=2, handlelength=2)
        return as_inline_svg(
            fig, name=name, title=title, description=_describe(groups, label)
        )


def _shown_range(scores):
    if not len(scores):
        return 0.0, 1.0
    low, high = np.quantile(scores, SHOWN_QUANTILES)
    return (low, high) if high > low else (low - 0.5, low + 0.5)


def _describe(groups, label):
    parts = [
        f"{group}: median {np.median(values):.3g}, middle half "
        f"{np.quantile(values, 0.25):.3g} to {np.quantile(values, 0.75):.3g}."
        for group, (values, *_) in groups.items()
        if len(values)
    ]
    return f"Histogram of {label}. " + " ".join(parts)
