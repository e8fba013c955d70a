"""Accuracy of defenses against what their most vulnerable records leak."""

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skprivacy.metrics._style import MEMBER_COLOR, NON_MEMBER_COLOR, text_color

__all__ = ["DefenseTradeoffDisplay"]

#: Where the name of a point may stand, off its error bars: shift in points, alignment.
_PLACES = tuple(
    ((x * side, y * height), ("left" if side > 0 else "right", "center"))
    for x, y in ((6, 8), (6, 20), (14, 14), (6, 32))
    for side in (1, -1)
    for height in (1, -1)
)
#: Error bars are drawn as faintly as this, as two hexadecimal digits.
_FAINT = "80"


class DefenseTradeoffDisplay:
    """Accuracy against worst-case true positive rate, one point a defense.

    It is recommended to use :meth:`from_estimator`. Better is further up and further to
    the left. An attack that guesses is right as often as it is wrong: it names a share
    of the members that is the false positive rate, where the dotted line stands.

    Parameters
    ----------
    names : list of str
        Names of the points.

    accuracy, leak : list of Interval
        Accuracy and true positive rate of each.

    is_baseline : list of bool
        Which are private models; a line joins them.

    fpr : float
        False positive rate.

    title : str
        What is found.

    Attributes
    ----------
    defenses_, baselines_ : matplotlib ErrorbarContainer or None
        Points of the defenses, and of the private models.

    ax_ : matplotlib Axes
        Axes with the points.

    figure_ : matplotlib Figure
        Figure with the axes.

    See Also
    --------
    CanaryEvaluation : The figures.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from skprivacy.defenses import DefenseTradeoffDisplay
    >>> from skprivacy.metrics import share_interval
    >>> few, many = (share_interval([True] * n + [False] * 20) for n in (5, 80))
    >>> display = DefenseTradeoffDisplay(
    ...     names=["forest", "DP"], accuracy=[many, many], leak=[many, few],
    ...     is_baseline=[False, True], fpr=0.001, title="DP leaks less",
    ... ).plot()
    >>> display.ax_.get_ylabel()
    'accuracy'
    >>> plt.close(display.figure_)
    """

    def __init__(self, *, names, accuracy, leak, is_baseline, fpr, title):
        self.names = names
        self.accuracy = accuracy
        self.leak = leak
        self.is_baseline = is_baseline
        self.fpr = fpr
        self.title = title

    @classmethod
    def from_estimator(
        cls, evaluation, *, fpr: float | None = None, ax=None
    ) -> "DefenseTradeoffDisplay":
        """Draw a fitted evaluation.

        Parameters
        ----------
        evaluation : CanaryEvaluation
            Fitted.

        fpr : float or None, default=None
            One of the false positive rates of the evaluation; None: the first.

        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.

        Returns
        -------
        display : DefenseTradeoffDisplay

        Raises
        ------
        ValueError
            If there is no such false positive rate.
        """
        check_is_fitted(evaluation)
        names = evaluation.names_
        worst = [evaluation.tpr_[name]["worst"] for name in names]
        fpr = next(iter(worst[0])) if fpr is None else fpr
        if fpr not in worst[0]:
            raise ValueError(f"fpr must be one of {list(worst[0])}; got {fpr!r}.")
        display = cls(
            names=names,
            accuracy=[evaluation.accuracy_[name] for name in names],
            leak=[rates[fpr] for rates in worst],
            is_baseline=[name in evaluation.baselines_ for name in names],
            fpr=fpr,
            title=_finding(evaluation, fpr),
        )
        return display.plot(ax=ax)

    def plot(self, ax=None) -> "DefenseTradeoffDisplay":
        """Draw the points.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.

        Returns
        -------
        display : DefenseTradeoffDisplay
            The display itself.
        """
        import matplotlib.pyplot as plt  # optional at run time, slow to load

        if ax is None:
            _, ax = plt.subplots(figsize=(7.2, 4.8), layout="constrained")
        baseline = np.array(self.is_baseline, dtype=bool)
        self.defenses_ = self._points(
            ax, ~baseline, "defenses", marker="o", color=MEMBER_COLOR
        )
        self.baselines_ = self._points(
            ax,
            baseline,
            "private models (DP)",
            marker="D",
            color=NON_MEMBER_COLOR,
            markerfacecolor="none",
            linestyle="--",
        )
        ax.set_xscale("log")
        ax.xaxis.set_major_formatter(lambda rate, _: f"{100 * rate:g}%")
        ax.set_xlim(self.fpr / 1.5, 2.5)
        ax.margins(y=0.12)
        color = text_color(ax)
        ax.axvline(self.fpr, color=color, linestyle=":", linewidth=1, label="guessing")
        percent = f"{100 * self.fpr:g}%"
        ax.set_xlabel(
            f"worst-case true positive rate at {percent} false positives "
            "(left: leaks less)"
        )
        ax.set_ylabel("accuracy")
        ax.set_title(self.title, fontsize="medium", loc="left")
        ax.legend(
            loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=3, frameon=False
        )
        self.ax_, self.figure_ = ax, ax.figure
        self._write_names(ax)
        return self

    def _shown(self, rate):
        """No attack is worse than guessing; the scale has no 0."""
        return np.maximum(rate, self.fpr)

    def _points(self, ax, chosen, label, **style):
        if not chosen.any():
            return None
        parts = []
        for intervals in (self.leak, self.accuracy):
            of_points = [i for i, c in zip(intervals, chosen, strict=True) if c]
            table = np.array([[i.estimate, i.low, i.high] for i in of_points]).T
            table = self._shown(table) if intervals is self.leak else table
            mid, low, high = table
            parts.append((mid, np.maximum([mid - low, high - mid], 0)))
        (x, x_reach), (y, y_reach) = parts
        return ax.errorbar(
            x,
            y,
            xerr=x_reach,
            yerr=y_reach,
            elinewidth=0.8,
            ecolor=style["color"] + _FAINT,
            capsize=2,
            label=label,
            **{"linestyle": "none", "markersize": 7, **style},
        )

    def _write_names(self, ax):
        """Write each name where it covers no other name and no point."""
        self.figure_.canvas.draw()
        renderer = self.figure_.canvas.get_renderer()
        x = [float(self._shown(i.estimate)) for i in self.leak]
        y = [i.estimate for i in self.accuracy]
        points = ax.transData.transform(np.column_stack([x, y]))
        frame, taken = ax.get_window_extent(renderer), []
        for i in np.argsort(-points[:, 1], kind="stable"):
            best, least = None, np.inf
            for shift, (side, height) in _PLACES:
                text = ax.annotate(
                    self.names[i],
                    (x[i], y[i]),
                    shift,
                    textcoords="offset points",
                    ha=side,
                    va=height,
                    fontsize="small",
                )
                box = text.get_window_extent(renderer)
                covered = _overlap(box, frame, taken, np.delete(points, i, axis=0))
                if covered >= least:
                    text.remove()
                    continue
                if best is not None:
                    best[0].remove()
                best, least = (text, box), covered
            taken.append(best[1])


def _overlap(box, frame, boxes, points):
    """How much a name covers, in pixels of area; a point counts as much as a name."""
    area = sum(
        max(0.0, min(box.x1, other.x1) - max(box.x0, other.x0))
        * max(0.0, min(box.y1, other.y1) - max(box.y0, other.y0))
        for other in boxes
    )
    near = 5
    inside = (points > [box.x0 - near, box.y0 - near]).all(axis=1)
    inside &= (points < [box.x1 + near, box.y1 + near]).all(axis=1)
    outside = box.x0 < frame.x0 or box.x1 > frame.x1
    outside |= box.y0 < frame.y0 or box.y1 > frame.y1
    return area + box.width * box.height * (inside.sum() + 2 * outside)


def _finding(evaluation, fpr):
    """Say in a sentence what the picture shows."""
    names = [n for n in evaluation.names_ if n not in evaluation.baselines_]
    n = f"{len(names)} model" + "s" * (len(names) > 1)
    if evaluation.baselines_:
        beaten = sum(evaluation.beaten_by(name, fpr) is not None for name in names)
        if not beaten:
            return f"No private model of comparable accuracy leaks less than any of {n}"
        return f"Private models of comparable accuracy leak less than {beaten} of {n}"
    worst = {name: evaluation.tpr_[name]["worst"][fpr].estimate for name in names}
    least = min(names, key=worst.get)
    return (
        f"{least!r} leaks least of {n}: {100 * worst[least]:.3g}% of the worst "
        "canaries are named"
    )
