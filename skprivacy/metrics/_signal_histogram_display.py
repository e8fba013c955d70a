"""Histogram of a signal among members and among non-members."""

from numbers import Integral

import numpy as np
from sklearn.utils._response import _get_response_values_binary

from skprivacy.metrics._scorer import SCORE_METHODS
from skprivacy.metrics._scores import split_scores
from skprivacy.metrics._style import MEMBER_COLOR, NON_MEMBER_COLOR

__all__ = ["SignalHistogramDisplay"]

# Share of the finite values at either end that may lie beyond the range shown.
SHARE_BEYOND = 0.005


class SignalHistogramDisplay:
    """Histograms of a signal, those of members and non-members laid over each other.

    It is recommended to use :meth:`from_estimator` or :meth:`from_predictions` to
    create a display. All parameters are stored as attributes.

    Parameters
    ----------
    bin_edges : ndarray of shape (n_bins + 1,)
        Edges of the bins.

    members, non_members : ndarray of shape (n_bins,)
        Share of the members, and of the non-members, in each bin.

    n_members, n_non_members : int
        Number of records behind the histograms.

    n_beyond : int, default=0
        Number of records beyond the range, which the outermost bins include.

    name : str, default=None
        Name of the signal, for the horizontal axis.

    pos_label : int, float, bool or str, default=None
        Label of the members, shown in the legend where it is given.

    Attributes
    ----------
    line_ : list of two matplotlib StepPatch
        The histograms, that of the members first.

    ax_ : matplotlib Axes
        Axes with the histograms.

    figure_ : matplotlib Figure
        Figure with the axes.

    Notes
    -----
    The range shown spans 99% of the finite values, so that neither infinite scores nor
    a few extreme ones squeeze the rest into one bin. Records beyond are counted in the
    outermost bins, and the axis says how many they are.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import numpy as np
    >>> from skprivacy.metrics import SignalHistogramDisplay
    >>> rng = np.random.default_rng(0)
    >>> y = np.repeat([0, 1], 500)
    >>> display = SignalHistogramDisplay.from_predictions(y, rng.normal(y), bins=20)
    >>> round(float(display.members.sum()), 6)
    1.0
    >>> plt.close(display.figure_)
    """

    def __init__(
        self,
        *,
        bin_edges,
        members,
        non_members,
        n_members,
        n_non_members,
        n_beyond=0,
        name=None,
        pos_label=None,
    ):
        self.bin_edges = bin_edges
        self.members = members
        self.non_members = non_members
        self.n_members = n_members
        self.n_non_members = n_non_members
        self.n_beyond = n_beyond
        self.name = name
        self.pos_label = pos_label

    @classmethod
    def from_estimator(
        cls,
        estimator,
        X,
        y,
        *,
        bins=50,
        name: str | None = None,
        ax=None,
        pos_label=None,
        **kwargs,
    ) -> "SignalHistogramDisplay":
        """Draw the histograms of a fitted attack's scores.

        Parameters
        ----------
        estimator : estimator
            Fitted binary classifier with ``decision_function`` or ``predict_proba``;
            the former is preferred.

        X : DataFrame or array-like of shape (n_records, n_columns)
            Records.

        y : array-like of shape (n_records,)
            Whether each record is a member.

        bins : int or array-like of shape (n_bins + 1,), default=50
            Number of bins, or their edges.

        name : str, default=None
            Name of the signal; by default "Score of" and the class.

        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.

        pos_label : int, float, bool or str, default=None
            Label of the members; by default ``estimator.classes_[1]``.

        **kwargs : dict
            For :meth:`plot`.

        Returns
        -------
        display : SignalHistogramDisplay

        Examples
        --------
        >>> import matplotlib.pyplot as plt
        >>> from sklearn.datasets import make_classification
        >>> from sklearn.linear_model import LogisticRegression
        >>> from skprivacy.metrics import SignalHistogramDisplay
        >>> X, y = make_classification(random_state=0)
        >>> attack = LogisticRegression().fit(X, y)
        >>> display = SignalHistogramDisplay.from_estimator(attack, X, y)
        >>> display.name
        'Score of LogisticRegression'
        >>> plt.close(display.figure_)
        """
        y_score, label = _get_response_values_binary(
            estimator, X, list(SCORE_METHODS), pos_label=pos_label
        )
        display = cls._from_scores(y, y_score, label, bins)
        display.name = f"Score of {type(estimator).__name__}" if name is None else name
        display.pos_label = pos_label
        return display.plot(ax=ax, **kwargs)

    @classmethod
    def from_predictions(
        cls,
        y_true,
        y_score,
        *,
        bins=50,
        name: str | None = None,
        ax=None,
        pos_label=None,
        **kwargs,
    ) -> "SignalHistogramDisplay":
        """Draw the histograms of a signal.

        Parameters
        ----------
        y_true : array-like of shape (n_records,)
            Whether each record is a member.

        y_score : array-like of shape (n_records,)
            The signal: larger means more likely a member. May be infinite.

        bins : int or array-like of shape (n_bins + 1,), default=50
            Number of bins, or their edges.

        name : str, default=None
            Name of the signal.

        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.

        pos_label : int, float, bool or str, default=None
            Label of the members; by default the larger of the two.

        **kwargs : dict
            For :meth:`plot`.

        Returns
        -------
        display : SignalHistogramDisplay

        Raises
        ------
        ValueError
            If `y_true` has not two labels, `y_score` holds NaN, or the lengths differ.

        Examples
        --------
        >>> import matplotlib.pyplot as plt
        >>> from skprivacy.metrics import SignalHistogramDisplay
        >>> y_true, y_score = [0, 0, 1, 1], [0.1, 0.4, 0.4, 0.8]
        >>> display = SignalHistogramDisplay.from_predictions(
        ...     y_true, y_score, bins=[0, 0.5, 1]
        ... )
        >>> display.members.tolist(), display.non_members.tolist()
        ([0.5, 0.5], [1.0, 0.0])
        >>> plt.close(display.figure_)
        """
        display = cls._from_scores(
            y_true, y_score, pos_label, bins, names=("y_true", "y_score")
        )
        display.name, display.pos_label = name, pos_label
        return display.plot(ax=ax, **kwargs)

    @classmethod
    def _from_scores(cls, y, score, pos_label, bins, names=("y", "score")):
        members, non_members = split_scores(y, score, pos_label, names=names)
        pooled = np.concatenate([members, non_members])
        edges = _bin_edges(pooled, bins)
        beyond = (pooled < edges[0]) | (pooled > edges[-1])
        member_share, non_member_share = (
            np.histogram(np.clip(side, edges[0], edges[-1]), edges)[0] / len(side)
            for side in (members, non_members)
        )
        return cls(
            bin_edges=edges,
            members=member_share,
            non_members=non_member_share,
            n_members=len(members),
            n_non_members=len(non_members),
            n_beyond=int(beyond.sum()),
        )

    def plot(
        self, ax=None, *, name: str | None = None, **kwargs
    ) -> "SignalHistogramDisplay":
        """Draw the histograms.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.

        name : str, default=None
            Name of the signal; by default the one that is stored.

        **kwargs : dict
            For matplotlib's ``stairs``, such as ``alpha``; for both histograms.

        Returns
        -------
        display : SignalHistogramDisplay
            The display itself.
        """
        if ax is None:
            import matplotlib.pyplot as plt  # slow to load, and needed only here

            _, ax = plt.subplots(figsize=(6.4, 4.0), layout="constrained")
        self.ax_, self.figure_ = ax, ax.figure
        info = f" (label: {self.pos_label})" if self.pos_label is not None else ""
        groups = [
            (f"members{info}", self.members, self.n_members, MEMBER_COLOR, "-"),
            (
                "non-members",
                self.non_members,
                self.n_non_members,
                NON_MEMBER_COLOR,
                ":",
            ),
        ]
        self.line_ = []
        for group, share, n, color, linestyle in groups:
            style = {"fill": True, "alpha": 0.35, "linewidth": 0, "color": color}
            ax.stairs(share, self.bin_edges, **(style | kwargs))
            outline = {"color": color, "linewidth": 1.6, "linestyle": linestyle}
            label = f"{n:,} {group}"
            self.line_.append(ax.stairs(share, self.bin_edges, label=label, **outline))
        ax.set(
            xlim=(self.bin_edges[0], self.bin_edges[-1]),
            xlabel=self._axis_label(self.name if name is None else name),
            ylabel="Share of records",
        )
        ax.set_ylim(bottom=0)
        ax.legend(fontsize="small", framealpha=0.6)
        return self

    def _axis_label(self, name):
        label = "Score" if name is None else name
        if self.n_beyond:
            label += f"\n(outermost bars include {self.n_beyond:,} records beyond)"
        return label


def _bin_edges(values, bins):
    if not isinstance(bins, Integral):
        edges = np.asarray(bins, dtype=float)
        if edges.ndim != 1 or len(edges) < 2 or not (np.diff(edges) > 0).all():
            raise ValueError(
                f"bins must be a number of bins or at least two ascending edges; got "
                f"{bins!r}."
            )
        return edges
    if bins < 1:
        raise ValueError(f"bins must be at least 1; got {bins!r}.")
    return np.linspace(*_finite_range(values), bins + 1)


def _finite_range(values):
    """Range of the middle 99% of the finite values, never empty."""
    finite = values[np.isfinite(values)]
    if len(finite) == 0:
        return -1.0, 1.0
    low, high = np.quantile(finite, [SHARE_BEYOND, 1 - SHARE_BEYOND])
    if low == high:
        low, high = finite.min(), finite.max()
    if low == high:
        low, high = low - 0.5, high + 0.5
    return float(low), float(high)
