"""How well two worlds were told apart, and how well a claim lets them be."""

import numpy as np
from sklearn.utils._param_validation import StrOptions, validate_params

from skprivacy.auditing._claims import as_guarantee
from skprivacy.auditing._roc import audit_roc
from skprivacy.auditing._thresholds import bound_from_scores
from skprivacy.dp import PrivacyGuarantee
from skprivacy.dp._gaussian import gaussian_mu
from skprivacy.metrics._style import CURVE_COLORS, MEMBER_COLOR, text_color

__all__ = ["AuditRocDisplay"]

#: What the axes show of runs, and of canaries.
AXES = {
    "runs": ("second world taken for the first", "first world recognized"),
    "canaries": ("canaries left out, named", "canaries trained on, named"),
}
#: Rates that borders are drawn at.
N_RATES = 400


class AuditRocDisplay:
    """The ROC curve of an audit, and the region that the claim leaves to it.

    It is recommended to use :meth:`from_auditor` or :meth:`from_scores` to create a
    display. All parameters are stored as attributes.

    Parameters
    ----------
    fpr, tpr : ndarray of shape (n_points,)
        How often each threshold names the first world in the second, and in the first.

    n_in, n_out : int
        Runs in the first and the second world; or canaries that were trained on, and
        that were not.

    epsilon_lower_bound : float
        What was found.

    confidence : float
        Probability with which it holds.

    delta : float, default=0.0
        Delta of the bound and of the claim.

    claimed_epsilon : float or None, default=None
        What is claimed.

    violated : bool or None, default=None
        Whether the claim is refuted.

    points : ndarray of shape (n_tests, 2) or None, default=None
        False and true positive rates of the tests that the bound is from.

    is_gaussian : bool, default=False
        Whether the bound is that of a Gaussian release.

    counted : {"runs", "canaries"}, default="runs"
        What `n_in` and `n_out` are numbers of.

    Attributes
    ----------
    line_ : matplotlib Line2D
        The curve.

    region_ : matplotlib artist or None
        What the claim allows.

    claimed_line_ : matplotlib Line2D or None
        Curve of the Gaussian release of the claimed epsilon, where delta is above 0.

    found_line_ : matplotlib Line2D or None
        Border of the region that the bound allows, where it is above 0: that of the
        Gaussian release, or of epsilon and delta.

    points_ : matplotlib Line2D or None
        The tests that the bound is from.

    ax_ : matplotlib Axes
        Axes with the curve.

    figure_ : matplotlib Figure
        Figure with the axes.

    See Also
    --------
    skprivacy.metrics.MembershipRocDisplay : That of a membership attack.

    Notes
    -----
    A curve that leaves the region refutes nothing by itself: it is one of runs, and
    its highest threshold was not fixed beforehand. What counts is the title.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import numpy as np
    >>> from skprivacy.auditing import AuditRocDisplay
    >>> rng = np.random.RandomState(0)
    >>> scores = rng.laplace(2.0, size=2000), rng.laplace(0.0, size=2000)
    >>> display = AuditRocDisplay.from_scores(*scores, claimed=1.0)
    >>> display.title
    'Epsilon is at least 1.70 (95%); claimed 1: refuted'
    >>> plt.close(display.figure_)
    """

    def __init__(
        self,
        *,
        fpr,
        tpr,
        n_in,
        n_out,
        epsilon_lower_bound,
        confidence,
        delta=0.0,
        claimed_epsilon=None,
        violated=None,
        points=None,
        is_gaussian=False,
        counted="runs",
    ):
        self.fpr = fpr
        self.tpr = tpr
        self.n_in = n_in
        self.n_out = n_out
        self.epsilon_lower_bound = epsilon_lower_bound
        self.confidence = confidence
        self.delta = delta
        self.claimed_epsilon = claimed_epsilon
        self.violated = violated
        self.points = points
        self.is_gaussian = is_gaussian
        self.counted = counted

    @classmethod
    def from_auditor(cls, auditor, *, ax=None, **kwargs) -> "AuditRocDisplay":
        """Draw what an auditor found.

        Parameters
        ----------
        auditor : MechanismAuditor or OneRunAuditor
            Fitted; or another one with the same attributes.

        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.

        **kwargs : dict
            For :meth:`plot`.

        Returns
        -------
        display : AuditRocDisplay

        Raises
        ------
        TypeError
            If it has no ``roc_``: it was not fitted, or told no worlds apart.

        Examples
        --------
        >>> import matplotlib.pyplot as plt
        >>> from sklearn.datasets import load_iris
        >>> from sklearn.tree import DecisionTreeClassifier
        >>> from skprivacy.auditing import AuditRocDisplay, OneRunAuditor
        >>> tree = DecisionTreeClassifier(random_state=0)
        >>> auditor = OneRunAuditor(tree, guess_fraction=0.4, random_state=0)
        >>> auditor = auditor.fit(*load_iris(return_X_y=True))
        >>> AuditRocDisplay.from_auditor(auditor).title
        'Epsilon is at least 2.25 (95%)'
        >>> plt.close()
        """
        roc = getattr(auditor, "roc_", None)
        if roc is None:
            raise TypeError(
                "auditor must be fitted, and one that tells two worlds apart by a "
                f"score; {type(auditor).__name__} has no roc_."
            )
        display = cls(
            **vars(roc),
            epsilon_lower_bound=auditor.epsilon_lower_bound_,
            confidence=auditor.confidence,
            delta=auditor.delta_,
            claimed_epsilon=auditor.claimed_epsilon_,
            violated=auditor.violated_,
            points=_points(auditor),
            counted="canaries" if hasattr(auditor, "guesses_") else "runs",
            is_gaussian="gdp" == getattr(auditor, "bound", None)
            or "fdp" == getattr(auditor, "method", None),
        )
        return display.plot(ax=ax, **kwargs)

    @classmethod
    def from_scores(
        cls,
        scores_in,
        scores_out,
        *,
        claimed=None,
        delta=0.0,
        bound="clopper_pearson",
        threshold="bonferroni",
        confidence=0.95,
        random_state=None,
        ax=None,
        **kwargs,
    ) -> "AuditRocDisplay":
        """Bound epsilon from scores of runs in both worlds, and draw it.

        Parameters
        ----------
        scores_in, scores_out : array-like of shape (n_runs,)
            Scores of independent runs in the first and the second world; larger means
            "more like the first".

        claimed : PrivacyGuarantee, float or None, default=None
            What is claimed: a guarantee, or an epsilon at `delta`.

        delta : float, default=0.0
            Delta at which epsilon is bounded.

        bound, threshold, confidence, random_state
            As in :class:`MechanismAuditor`.

        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.

        **kwargs : dict
            For :meth:`plot`.

        Returns
        -------
        display : AuditRocDisplay

        Raises
        ------
        ValueError
            If there are fewer than two scores of either world, or one is NaN.

        Examples
        --------
        >>> import matplotlib.pyplot as plt
        >>> from skprivacy.auditing import AuditRocDisplay
        >>> display = AuditRocDisplay.from_scores(range(50), range(-40, 10))
        >>> display.n_in, display.violated
        (50, None)
        >>> plt.close(display.figure_)
        """
        scores = [np.asarray(own, dtype=float) for own in (scores_in, scores_out)]
        for name, own in zip(("scores_in", "scores_out"), scores, strict=True):
            if own.ndim != 1 or len(own) < 2 or np.isnan(own).any():
                raise ValueError(
                    f"{name} must be at least two numbers in one dimension, and not "
                    f"NaN; got an array of shape {own.shape} with "
                    f"{int(np.isnan(own).sum())} NaN."
                )
        test = bound_from_scores(
            *scores,
            bound=bound,
            threshold=threshold,
            delta=delta,
            confidence=confidence,
            random_state=random_state,
        )
        guarantee = as_guarantee(claimed, None, delta)
        epsilon = None if guarantee is None else guarantee.epsilon(delta)
        display = cls(
            **vars(audit_roc(*scores)),
            epsilon_lower_bound=test.epsilon,
            confidence=confidence,
            delta=delta,
            claimed_epsilon=epsilon,
            violated=None if epsilon is None else bool(test.epsilon > epsilon),
            points=_point_of(test),
            is_gaussian=bound == "gdp",
        )
        return display.plot(ax=ax, **kwargs)

    @property
    def title(self) -> str:
        """What was found, in one line."""
        found = f"Epsilon is at least {self.epsilon_lower_bound:.2f}"
        found += f" ({100 * self.confidence:g}%"
        found += ", if Gaussian)" if self.is_gaussian else ")"
        if self.claimed_epsilon is None:
            return found
        verdict = "refuted" if self.violated else "not refuted"
        return f"{found}; claimed {self.claimed_epsilon:.3g}: {verdict}"

    @validate_params(
        {"scale": [StrOptions({"log", "linear"})]}, prefer_skip_nested_validation=True
    )
    def plot(self, ax=None, *, scale="log", **kwargs) -> "AuditRocDisplay":
        """Draw it.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.

        scale : {"log", "linear"}, default="log"
            Of both axes. A logarithmic one shows few false positives, where most of a
            large epsilon is seen; a linear one both ends alike.

        **kwargs : dict
            For the curve, as matplotlib's ``plot`` takes them.

        Returns
        -------
        display : AuditRocDisplay
            The display itself.
        """
        if ax is None:
            import matplotlib.pyplot as plt  # slow to load, and needed only here

            _, ax = plt.subplots(figsize=(5.6, 5.8), layout="constrained")
        self.ax_, self.figure_ = ax, ax.figure
        left = 0.5 / max(self.n_in, self.n_out, 1)
        rates = _rates(left, scale)
        self.region_, self.claimed_line_ = self._draw_claim(rates)
        self.found_line_ = self._draw_found(rates)
        ax.plot(
            *(rates, rates),
            color=text_color(ax),
            linestyle=":",
            linewidth=1,
            label="guessing",
        )
        style = {"color": CURVE_COLORS[0], "linewidth": 1.8, "label": self._name}
        (self.line_,) = ax.plot(
            self.fpr, self.tpr, drawstyle="steps-post", **(style | kwargs)
        )
        self.points_ = self._draw_points(left if scale == "log" else 0.0)
        low = left if scale == "log" else 0.0
        ax.set(
            xscale=scale,
            yscale=scale,
            xlim=(low, 1),
            ylim=(low, 1),
            aspect="equal",
            xlabel=f"False positive rate ({AXES[self.counted][0]})",
            ylabel=f"True positive rate ({AXES[self.counted][1]})",
        )
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_formatter(_percent)
        ax.set_title(self.title.replace("; ", "\n"), fontsize="medium")
        ax.legend(loc="lower right", fontsize="small", framealpha=0.8)
        return self

    @property
    def _name(self):
        return f"audit ({self.n_in:,} and {self.n_out:,} {self.counted})"

    @property
    def _at_delta(self):
        return f" at delta {self.delta:g}" if self.delta else ""

    def _draw_claim(self, rates):
        if self.claimed_epsilon is None or np.isinf(self.claimed_epsilon):
            return None, None
        claim = PrivacyGuarantee.approximate(self.claimed_epsilon, self.delta)
        gray = text_color(self.ax_)
        region = self.ax_.fill_between(
            rates,
            # What names the wrong world too often tells them apart as well.
            1 - claim.max_tpr(1 - rates),
            claim.max_tpr(rates),
            facecolor=gray,
            edgecolor=gray,
            alpha=0.14,
            linewidth=0.8,
            label=f"allowed by epsilon {self.claimed_epsilon:.3g}{self._at_delta}",
        )
        if self.delta == 0 or self.claimed_epsilon == 0:
            return region, None
        mu = gaussian_mu(self.claimed_epsilon, self.delta)
        (line,) = self.ax_.plot(
            rates,
            PrivacyGuarantee.gaussian(mu).max_tpr(rates),
            color=gray,
            linestyle="--",
            linewidth=1.2,
            label=f"Gaussian release of that epsilon (mu {mu:.2g})",
        )
        return region, line

    def _draw_found(self, rates):
        if self.epsilon_lower_bound <= 0:
            return None
        found, label = self.epsilon_lower_bound, "at least"
        guarantee = PrivacyGuarantee.approximate(found, self.delta)
        if self.is_gaussian:
            mu = gaussian_mu(found, self.delta)
            guarantee = PrivacyGuarantee.gaussian(mu)
            label = "Gaussian release of at least"
        (line,) = self.ax_.plot(
            rates,
            guarantee.max_tpr(rates),
            color=MEMBER_COLOR,
            linestyle="-.",
            linewidth=1.4,
            label=f"{label} epsilon {found:.2f}",
        )
        return line

    def _draw_points(self, low):
        if self.points is None or len(self.points) == 0:
            return None
        # A rate of zero has no place on a logarithmic axis: it stands at its edge.
        fpr, tpr = np.maximum(np.asarray(self.points, dtype=float), low).T
        (points,) = self.ax_.plot(
            fpr,
            tpr,
            linestyle="none",
            marker="o",
            markersize=8,
            markerfacecolor=MEMBER_COLOR,
            markeredgecolor=text_color(self.ax_),
            clip_on=False,
            zorder=5,
            label="what the bound is from",
        )
        return points


def _percent(value, position):
    return f"{100 * value:g}%"


def _rates(left, scale):
    if scale == "log":
        return np.geomspace(left, 1.0, N_RATES)
    # Borders are steep at both ends.
    half = np.geomspace(1e-6, 0.5, N_RATES // 2)
    return np.concatenate([[0.0], half, 1 - half[::-1], [1.0]])


def _point_of(test):
    n_in, n_out = max(test.n_in, 1), max(test.n_out, 1)
    return np.array([[test.false_positives / n_out, test.true_positives / n_in]])


def _points(auditor):
    """Rates of the test that a bound is from; of one run, those of both guesses."""
    if hasattr(auditor, "test_"):
        return _point_of(auditor.test_)
    if not hasattr(auditor, "guesses_"):
        return None
    included = auditor.included_
    shares = [
        [np.mean(named[own]) if own.any() else 0.0 for own in (~included, included)]
        for named in (auditor.guesses_ == 1, auditor.guesses_ > -1)
    ]
    return np.array(shares)
