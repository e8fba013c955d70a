"""Fidelity of copies against the answers that they cost."""

from skprivacy.metrics._style import CURVE_COLORS

__all__ = ["FidelityCurveDisplay"]

LABELS = {
    "fidelity": "fidelity",
    "distance": "mean distance of the answers",
}


class FidelityCurveDisplay:
    """How a copy comes nearer to its target with every answer.

    It is recommended to use :meth:`from_estimators`.

    Parameters
    ----------
    curves : dict of str to dict
        For each name a learning curve: ``"n_queries"`` and the measure, lists of the
        same length.

    measure : {"fidelity", "distance"}, default="fidelity"
        What is drawn.

    Attributes
    ----------
    lines_ : list of matplotlib Line2D
        One for each curve.

    ax_ : matplotlib Axes
        Axes with the curves.

    figure_ : matplotlib Figure
        Figure with the axes.

    See Also
    --------
    SurrogateAttack : Has such a curve.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from skprivacy.extraction import FidelityCurveDisplay
    >>> curve = {"n_queries": [100, 200], "fidelity": [0.8, 0.9]}
    >>> display = FidelityCurveDisplay(curves={"records": curve}).plot()
    >>> display.ax_.get_xlabel()
    'queries'
    >>> plt.close(display.figure_)
    """

    def __init__(self, *, curves, measure="fidelity"):
        self.curves = curves
        self.measure = measure

    @classmethod
    def from_estimators(
        cls, copies, *, measure="fidelity", ax=None
    ) -> "FidelityCurveDisplay":
        """Draw the learning curves of fitted attacks.

        Parameters
        ----------
        copies : SurrogateAttack, or dict of str to SurrogateAttack
            Fitted attacks, by the names that are to stand in the legend.

        measure : {"fidelity", "distance"}, default="fidelity"
            What is drawn.

        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.

        Returns
        -------
        display : FidelityCurveDisplay

        Raises
        ------
        ValueError
            If an attack has no learning curve, or there is no such measure.
        """
        if not isinstance(copies, dict):
            copies = {type(copies).__name__: copies}
        without = [n for n, c in copies.items() if not hasattr(c, "learning_curve_")]
        if without or not copies:
            raise ValueError(
                "copies must be fitted attacks with a learning_curve_, as "
                f"SurrogateAttack has; {without or 'none'} given without."
            )
        curves = {name: copy.learning_curve_ for name, copy in copies.items()}
        return cls(curves=curves, measure=measure).plot(ax=ax)

    def plot(self, ax=None) -> "FidelityCurveDisplay":
        """Draw the curves.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.

        Returns
        -------
        display : FidelityCurveDisplay
            The display itself.
        """
        import matplotlib.pyplot as plt  # optional at run time, slow to load

        if self.measure not in LABELS:
            raise ValueError(
                f"measure must be one of {sorted(LABELS)}; got {self.measure!r}."
            )
        if ax is None:
            _, ax = plt.subplots(layout="constrained")
        self.lines_ = []
        for i, (name, curve) in enumerate(self.curves.items()):
            (line,) = ax.plot(
                curve["n_queries"],
                curve[self.measure],
                color=CURVE_COLORS[i % len(CURVE_COLORS)],
                linestyle=("-", "--", ":")[i // len(CURVE_COLORS) % 3],
                marker="o",
                markersize=4,
                label=name,
            )
            self.lines_.append(line)
        ax.set_xscale("log")
        ax.set_xlabel("queries")
        ax.set_ylabel(LABELS[self.measure])
        ax.legend(frameon=False)
        self.ax_, self.figure_ = ax, ax.figure
        return self
