"""Bars of what attacks on a sensitive column gain over imputation."""

import numpy as np

from skprivacy.attribute._result import AttributeInferenceResult
from skprivacy.metrics._style import MEMBER_COLOR, NON_MEMBER_COLOR, text_color

__all__ = ["AttributeGainDisplay"]


class AttributeGainDisplay:
    """How well a sensitive column is inferred, of members and of others.

    It is recommended to use :meth:`from_results` or :meth:`from_estimators`. One pair
    of bars an attack, members above others, and one for imputation without the model,
    on the same records.

    Parameters
    ----------
    names : list of str
        Names of the rows, imputation among them.

    members, others : list of Interval
        Scores of the rows on both kinds of records.

    measure : str
        What the scores are.

    sensitive : str
        Name of the sensitive column.

    Attributes
    ----------
    bars_ : tuple of matplotlib BarContainer
        Bars of members, and of others.

    ax_ : matplotlib Axes
        Axes with the bars.

    figure_ : matplotlib Figure
        Figure with the axes.

    See Also
    --------
    AttributeInferenceResult : The figures.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from skprivacy.attribute import AttributeGainDisplay
    >>> from skprivacy.metrics import share_interval
    >>> few, many = (share_interval([True] * n + [False] * 40) for n in (40, 60))
    >>> display = AttributeGainDisplay(
    ...     names=["imputation", "attack"], members=[few, many], others=[few, few],
    ...     measure="accuracy", sensitive="sex",
    ... ).plot()
    >>> display.ax_.get_xlabel()
    'accuracy of sex'
    >>> plt.close(display.figure_)
    """

    def __init__(self, *, names, members, others, measure, sensitive):
        self.names = names
        self.members = members
        self.others = others
        self.measure = measure
        self.sensitive = sensitive

    @classmethod
    def from_results(
        cls, results, *, measure: str | None = None, ax=None
    ) -> "AttributeGainDisplay":
        """Draw attacks on the same column beside imputation.

        Parameters
        ----------
        results : AttributeInferenceResult or sequence of them
            Results on the same records.

        measure : str or None, default=None
            One of the measures of the results; None: the main one.

        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.

        Returns
        -------
        display : AttributeGainDisplay

        Raises
        ------
        ValueError
            If there is no result, they are of different columns, records or kinds, or
            there is no such measure.
        """
        if isinstance(results, AttributeInferenceResult):
            results = [results]
        results = list(results)
        if not results:
            raise ValueError("results must hold at least one result; got none.")
        columns = {result.sensitive for result in results}
        if len(columns) > 1:
            raise ValueError(
                f"results must be of one sensitive column; got {sorted(columns)}."
            )
        gains = [_gain(result, measure) for result in results]
        first = gains[0]
        _check_comparable(gains)
        display = cls(
            names=["Imputation", *(result.name for result in results)],
            members=[first.imputation_score, *(g.score for g in gains)],
            others=[
                first.imputation_score_on_others,
                *(g.score_on_others for g in gains),
            ],
            measure=first.measure,
            sensitive=columns.pop(),
        )
        return display.plot(ax=ax)

    @classmethod
    def from_estimators(
        cls,
        attack,
        imputation,
        X_members,
        y_members,
        X_others,
        y_others,
        *,
        measure: str | None = None,
        ax=None,
        **options,
    ) -> "AttributeGainDisplay":
        """Let fitted estimators guess, and draw how well they do.

        Parameters
        ----------
        attack, imputation : estimator
            Fitted, as :meth:`AttributeInferenceResult.from_estimators` takes them.

        X_members, y_members, X_others, y_others : tables and arrays
            Records without the secret, and the secret.

        measure : str or None, default=None
            One of the measures of the result; None: the main one.

        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.

        **options : dict
            For :meth:`AttributeInferenceResult.from_estimators`.

        Returns
        -------
        display : AttributeGainDisplay
        """
        sides = (X_members, y_members, X_others, y_others)
        result = AttributeInferenceResult.from_estimators(
            attack, imputation, *sides, **options
        )
        return cls.from_results(result, measure=measure, ax=ax)

    def plot(self, ax=None) -> "AttributeGainDisplay":
        """Draw the bars.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.

        Returns
        -------
        display : AttributeGainDisplay
            The display itself.
        """
        import matplotlib.pyplot as plt  # optional at run time, slow to load

        if ax is None:
            height = 0.9 + 0.62 * len(self.names)
            _, ax = plt.subplots(figsize=(6.4, height), layout="constrained")
        rows = np.arange(len(self.names))
        sides = (
            ("Training records", self.members, MEMBER_COLOR, -0.19, None),
            ("Others", self.others, NON_MEMBER_COLOR, 0.19, "//"),
        )
        bars = []
        for label, intervals, color, shift, hatch in sides:
            bars.append(_bars(ax, rows + shift, intervals, label, color, hatch))
        ax.set_yticks(rows, self.names)
        ax.invert_yaxis()
        ax.axvline(
            self.members[0].estimate, color=text_color(ax), linewidth=1, linestyle=":"
        )
        ax.set_xlabel(f"{self.measure} of {self.sensitive}")
        ax.legend(
            loc="upper center",
            bbox_to_anchor=(0.5, 1.02 + 0.3 / len(rows)),
            ncols=2,
            frameon=False,
        )
        self.bars_ = tuple(bars)
        self.ax_, self.figure_ = ax, ax.figure
        return self


def _gain(result, measure):
    for gain in result.gains_:
        if measure in (None, gain.measure):
            return gain
    raise ValueError(
        f"measure must be one of {[g.measure for g in result.gains_]} or None; got "
        f"{measure!r}."
    )


def _check_comparable(gains):
    """Refuse to draw one imputation for all where there are several."""
    measures = sorted({gain.measure for gain in gains})
    if len(measures) > 1:
        raise ValueError(f"results must have one measure; got {measures}.")
    found = {
        (_figure(gain.imputation_score), _figure(gain.imputation_score_on_others))
        for gain in gains
    }
    if len(found) > 1:
        raise ValueError(
            "results must be on the same records and beside the same imputation, which "
            f"is drawn once; got {len(found)} different scores of imputation: "
            f"{sorted(found)} (of members and of others)."
        )


def _figure(interval):
    return f"{interval.estimate:.6g} of {interval.n_members or interval.n_non_members}"


def _bars(ax, places, intervals, label, color, hatch):
    estimates = np.array([i.estimate for i in intervals])
    ends = np.array([[i.estimate - i.low, i.high - i.estimate] for i in intervals]).T
    return ax.barh(
        places,
        estimates,
        height=0.36,
        xerr=np.nan_to_num(ends),
        color=color,
        alpha=0.85,
        hatch=hatch,
        edgecolor="white" if hatch else color,
        error_kw={"ecolor": text_color(ax), "elinewidth": 1, "capsize": 2},
        label=label,
    )
