"""ROC curve of an attack on logarithmic axes."""

import numpy as np
from sklearn.utils._response import _get_response_values_binary

from skprivacy.metrics._intervals import tpr_bounds
from skprivacy.metrics._roc import count_above
from skprivacy.metrics._scorer import SCORE_METHODS
from skprivacy.metrics._scores import (
    allowed_false_positives,
    operating_points,
    split_scores,
)
from skprivacy.metrics._style import CURVE_COLORS, shade, text_color

__all__ = ["MembershipRocDisplay"]

POINTS_PER_DECADE = 12
CURVE_GID, ONCE_GID = "skprivacy-roc", "skprivacy-roc-{}"


class MembershipRocDisplay:
    """ROC curve of a membership attack on logarithmic axes.

    It is recommended to use :meth:`from_estimator` or :meth:`from_predictions` to
    create a display. All parameters are stored as attributes. Several displays may be
    drawn on the same axes: each takes the next color, and what they share is drawn
    once.

    Parameters
    ----------
    fpr, tpr : ndarray of shape (n_points,)
        Operating points of the attack, in ascending order.

    n_members, n_non_members : int
        Number of records behind the curve. It begins at a false positive rate of
        ``1 / n_non_members``; what lies below cannot be measured and is grayed out.

    band_fpr, band_low, band_high : ndarray of shape (n_rates,), default=None
        Confidence interval of the true positive rate at some false positive rates.

    confidence : float, default=None
        Confidence of the band, for the legend.

    roc_auc : float, default=None
        Area under the curve, for the legend.

    name : str, default=None
        Name of the attack, for the legend.

    pos_label : int, float, bool or str, default=None
        Label of the members, shown at the axes where it is given.

    Attributes
    ----------
    line_ : matplotlib Line2D
        The curve.

    band_ : matplotlib artist or None
        The interval band.

    chance_level_ : matplotlib Line2D or None
        The diagonal, where this display drew it.

    ax_ : matplotlib Axes
        Axes with the curve.

    figure_ : matplotlib Figure
        Figure with the axes.

    See Also
    --------
    tpr_at_fpr_interval : The interval that the band consists of.

    Notes
    -----
    A logarithmic axis shows what an attack achieves at the rates where few people are
    accused wrongly, which the usual axes hide [1]_. The band holds at each rate by
    itself, not at all of them together.

    References
    ----------
    .. [1] N. Carlini, S. Chien, M. Nasr, S. Song, A. Terzis and F. Tramer, "Membership
       Inference Attacks From First Principles", IEEE Symposium on Security and
       Privacy, 2022.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import numpy as np
    >>> from skprivacy.metrics import MembershipRocDisplay
    >>> rng = np.random.default_rng(0)
    >>> y = np.repeat([0, 1], 500)
    >>> display = MembershipRocDisplay.from_predictions(y, rng.normal(y), name="toy")
    >>> display.line_.get_label()
    'toy (AUC 0.76)'
    >>> plt.close(display.figure_)
    """

    def __init__(
        self,
        *,
        fpr,
        tpr,
        n_members,
        n_non_members,
        band_fpr=None,
        band_low=None,
        band_high=None,
        confidence=None,
        roc_auc=None,
        name=None,
        pos_label=None,
    ):
        self.fpr = fpr
        self.tpr = tpr
        self.n_members = n_members
        self.n_non_members = n_non_members
        self.band_fpr = band_fpr
        self.band_low = band_low
        self.band_high = band_high
        self.confidence = confidence
        self.roc_auc = roc_auc
        self.name = name
        self.pos_label = pos_label

    @classmethod
    def from_estimator(
        cls,
        estimator,
        X,
        y,
        *,
        confidence: float = 0.95,
        name: str | None = None,
        ax=None,
        pos_label=None,
        **kwargs,
    ) -> "MembershipRocDisplay":
        """Draw the ROC curve of a fitted attack.

        Parameters
        ----------
        estimator : estimator
            Fitted binary classifier with ``decision_function`` or ``predict_proba``;
            the former is preferred.

        X : DataFrame or array-like of shape (n_records, n_columns)
            Records.

        y : array-like of shape (n_records,)
            Whether each record is a member.

        confidence : float, default=0.95
            Confidence of the band.

        name : str, default=None
            Name for the legend; by default that of the class.

        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.

        pos_label : int, float, bool or str, default=None
            Label of the members; by default ``estimator.classes_[1]``.

        **kwargs : dict
            For :meth:`plot`.

        Returns
        -------
        display : MembershipRocDisplay

        Examples
        --------
        >>> import matplotlib.pyplot as plt
        >>> from sklearn.datasets import make_classification
        >>> from sklearn.linear_model import LogisticRegression
        >>> from skprivacy.metrics import MembershipRocDisplay
        >>> X, y = make_classification(random_state=0)
        >>> attack = LogisticRegression().fit(X, y)
        >>> display = MembershipRocDisplay.from_estimator(attack, X, y)
        >>> display.name
        'LogisticRegression'
        >>> plt.close(display.figure_)
        """
        y_score, label = _get_response_values_binary(
            estimator, X, list(SCORE_METHODS), pos_label=pos_label
        )
        display = cls._from_scores(y, y_score, label, confidence)
        display.name = type(estimator).__name__ if name is None else name
        display.pos_label = pos_label
        return display.plot(ax=ax, **kwargs)

    @classmethod
    def from_predictions(
        cls,
        y_true,
        y_score,
        *,
        confidence: float = 0.95,
        name: str | None = None,
        ax=None,
        pos_label=None,
        **kwargs,
    ) -> "MembershipRocDisplay":
        """Draw the ROC curve of an attack's scores.

        Parameters
        ----------
        y_true : array-like of shape (n_records,)
            Whether each record is a member.

        y_score : array-like of shape (n_records,)
            Larger means more likely a member. May be infinite.

        confidence : float, default=0.95
            Confidence of the band.

        name : str, default=None
            Name for the legend.

        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.

        pos_label : int, float, bool or str, default=None
            Label of the members; by default the larger of the two.

        **kwargs : dict
            For :meth:`plot`.

        Returns
        -------
        display : MembershipRocDisplay

        Raises
        ------
        ValueError
            If `y_true` has not two labels, `y_score` holds NaN, or the lengths differ.

        Examples
        --------
        >>> import matplotlib.pyplot as plt
        >>> from skprivacy.metrics import MembershipRocDisplay
        >>> y_true, y_score = [0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]
        >>> display = MembershipRocDisplay.from_predictions(y_true, y_score)
        >>> display.fpr.tolist(), display.tpr.tolist()
        ([0.0, 0.5, 1.0], [0.5, 1.0, 1.0])
        >>> plt.close(display.figure_)
        """
        display = cls._from_scores(
            y_true, y_score, pos_label, confidence, names=("y_true", "y_score")
        )
        display.name, display.pos_label = name, pos_label
        return display.plot(ax=ax, **kwargs)

    @classmethod
    def _from_scores(cls, y, score, pos_label, confidence, names=("y", "score")):
        if not 0 < confidence < 1:
            raise ValueError(f"confidence must be between 0 and 1; got {confidence!r}.")
        members, non_members = split_scores(y, score, pos_label, names=names)
        m, n = len(members), len(non_members)
        n_false, n_true = operating_points(members, non_members)
        # Of several thresholds with the same false positives the lowest names most.
        best = np.append(np.diff(n_false) > 0, True)
        fpr, tpr = n_false[best] / n, n_true[best] / m
        area = np.trapezoid(np.append(0, n_true) / m, np.append(0, n_false) / n)
        rates = _band_rates(n)
        alpha = (1 - confidence) / 2
        bounds = np.array(
            [tpr_bounds(members, non_members, rate, alpha, alpha) for rate in rates]
        ).reshape(-1, 2)
        at_rates = [
            count_above(members, non_members, allowed_false_positives(n, rate))
            for rate in rates
        ]
        estimates = np.array(at_rates) / m
        return cls(
            fpr=fpr,
            tpr=tpr,
            n_members=m,
            n_non_members=n,
            band_fpr=rates,
            band_low=np.minimum(bounds[:, 0], estimates),
            band_high=np.maximum(bounds[:, 1], estimates),
            confidence=confidence,
            roc_auc=float(area),
        )

    def plot(
        self,
        ax=None,
        *,
        name: str | None = None,
        plot_band: bool = True,
        plot_chance_level: bool = True,
        **kwargs,
    ) -> "MembershipRocDisplay":
        """Draw the curve.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.

        name : str, default=None
            Name for the legend; by default the one that is stored.

        plot_band : bool, default=True
            Whether to draw the interval band.

        plot_chance_level : bool, default=True
            Whether to draw the diagonal, which is what guessing achieves.

        **kwargs : dict
            For matplotlib's ``plot``, such as ``color``.

        Returns
        -------
        display : MembershipRocDisplay
            The display itself.
        """
        if ax is None:
            import matplotlib.pyplot as plt  # slow to load, and needed only here

            _, ax = plt.subplots(figsize=(5.6, 5.6), layout="constrained")
        self.ax_, self.figure_ = ax, ax.figure
        self.line_ = self._draw_curve(self.name if name is None else name, kwargs)
        self.band_ = self._draw_band() if plot_band else None
        self.chance_level_ = self._draw_chance_level() if plot_chance_level else None
        self._set_axes()
        self._draw_legend()
        return self

    def _draw_curve(self, name, kwargs):
        n_curves = sum(_is_curve(line) for line in self.ax_.lines)
        style = {
            "linestyle": ("-", "--", "-.")[n_curves // len(CURVE_COLORS) % 3],
            "linewidth": 1.8,
            "label": _curve_label(name, self.roc_auc),
        }
        if not {"color", "c"} & kwargs.keys():
            style["color"] = CURVE_COLORS[n_curves % len(CURVE_COLORS)]
        for short, long in (("ls", "linestyle"), ("lw", "linewidth")):
            if short in kwargs:
                del style[long]
        start = 1 / self.n_non_members
        tpr_at_start = np.asarray(self.tpr)[np.asarray(self.fpr) <= start * (1 + 1e-9)]
        later = np.asarray(self.fpr) > start * (1 + 1e-9)
        (line,) = self.ax_.plot(
            np.append(start, np.asarray(self.fpr)[later]),
            np.append(tpr_at_start[-1:], np.asarray(self.tpr)[later]),
            drawstyle="steps-post",
            **(style | kwargs),
        )
        line.set_gid(CURVE_GID)
        return line

    def _draw_band(self):
        if self.band_fpr is None or len(self.band_fpr) == 0:
            return None
        label = None
        if self.confidence is not None and self._is_first("band"):
            label = f"{100 * self.confidence:g}% interval at each rate"
        band = self.ax_.fill_between(
            self.band_fpr,
            self.band_low,
            self.band_high,
            color=self.line_.get_color(),
            alpha=0.18,
            linewidth=0,
            label=label,
        )
        band.set_gid(ONCE_GID.format("band"))
        return band

    def _draw_chance_level(self):
        if not self._is_first("chance"):
            return None
        (line,) = self.ax_.plot(
            [1e-12, 1],
            [1e-12, 1],
            color=text_color(self.ax_),
            linestyle=":",
            linewidth=1.2,
            alpha=0.8,
            label="guessing",
        )
        line.set_gid(ONCE_GID.format("chance"))
        return line

    def _draw_legend(self):
        handles, labels = self.ax_.get_legend_handles_labels()
        # Curves first: what all of them share would else stand between them.
        order = sorted(range(len(handles)), key=lambda i: not _is_curve(handles[i]))
        self.ax_.legend(
            [handles[i] for i in order],
            [labels[i] for i in order],
            loc="lower right",
            fontsize="small",
            framealpha=0.6,
        )

    def _is_first(self, what):
        children = self.ax_.get_children()
        return all(artist.get_gid() != ONCE_GID.format(what) for artist in children)

    def _set_axes(self):
        ax, n = self.ax_, self.n_non_members
        left = 0.5 / n
        if not self._is_first("limit"):
            left = min(left, ax.get_xlim()[0])
        info = f" (label: {self.pos_label})" if self.pos_label is not None else ""
        ax.set(
            xscale="log",
            yscale="log",
            xlim=(left, 1),
            ylim=(left, 1),
            aspect="equal",
            xlabel="False positive rate (non-members accused)",
            ylabel=f"True positive rate (members{info} named)",
        )
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_formatter(_percent)
            axis.set_minor_formatter(_no_text)
        if self._is_first("limit"):
            area = shade(ax, left, 1 / n, f"not measurable with {n:,} non-members")
            area.set_gid(ONCE_GID.format("limit"))


def _band_rates(n_non_members):
    """Return rates from one false positive to nearly all, evenly on a log axis."""
    if n_non_members < 2:
        return np.array([])
    n_points = int(np.log10(n_non_members) * POINTS_PER_DECADE) + 2
    return np.geomspace(1 / n_non_members, 1 - 1 / n_non_members / 2, n_points)


def _is_curve(artist):
    return artist.get_gid() == CURVE_GID


def _curve_label(name, roc_auc):
    if roc_auc is None:
        return name
    return f"AUC {roc_auc:.2f}" if name is None else f"{name} (AUC {roc_auc:.2f})"


def _percent(value, position):
    return f"{100 * value:g}%"


def _no_text(value, position):
    return ""
