"""Two pictures: the statistic in both worlds, and what is known of the share."""

import numpy as np

from skprivacy.metrics._style import MEMBER_COLOR, NON_MEMBER_COLOR, text_color
from skprivacy.property._audit_property import audit_property
from skprivacy.property._property_result import PropertyInferenceResult
from skprivacy.property._property_verdict import share

__all__ = ["PropertyPosteriorDisplay"]

N_BINS = 16


class PropertyPosteriorDisplay:
    """What a model tells of the share of a property in its training set.

    It is recommended to use :meth:`from_result` or :meth:`from_estimator`. On the left
    the statistic of shadow models of both worlds, and that of the model under attack;
    on the right how likely each share is, with the credible interval.

    Parameters
    ----------
    low_world, high_world : ndarray of shape (n_models,)
        Statistics of the shadow models of both worlds.

    low_ratio, high_ratio : float
        The share in each world.

    statistic : float
        What was read off the model.

    grid, prior, posterior : ndarray of shape (n_ratios,)
        Shares in even steps, and how likely each is without and with the model.

    interval : Interval
        Credible interval.

    property : str
        The property in words.

    true_ratio : float or None, default=None
        The true share, where it is known.

    Attributes
    ----------
    posterior_line_ : matplotlib Line2D
        Curve of the posterior.

    axes_ : ndarray of two matplotlib Axes
        Axes with the worlds, and with the posterior.

    figure_ : matplotlib Figure
        Figure with the axes.

    See Also
    --------
    PropertyInferenceResult : The figures.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import numpy as np
    >>> from skprivacy.metrics import Interval
    >>> from skprivacy.property import PropertyPosteriorDisplay
    >>> rng = np.random.default_rng(0)
    >>> grid = np.linspace(0.2, 0.8, 61)
    >>> posterior = np.exp(-(((grid - 0.4) / 0.05) ** 2) / 2)
    >>> display = PropertyPosteriorDisplay(
    ...     low_world=rng.normal(0.2, 0.05, 32), high_world=rng.normal(0.8, 0.05, 32),
    ...     low_ratio=0.2, high_ratio=0.8, statistic=0.4, grid=grid,
    ...     prior=np.ones(61) / 61, posterior=posterior / posterior.sum(),
    ...     interval=Interval(0.4, 0.3, 0.5, 0.95, 64, 0), property="sex == 'f'",
    ... ).plot()
    >>> display.axes_[1].get_xlabel()
    "Share of sex == 'f'"
    >>> plt.close(display.figure_)
    """

    def __init__(
        self,
        *,
        low_world,
        high_world,
        low_ratio,
        high_ratio,
        statistic,
        grid,
        prior,
        posterior,
        interval,
        property,
        true_ratio=None,
    ):
        self.low_world = low_world
        self.high_world = high_world
        self.low_ratio = low_ratio
        self.high_ratio = high_ratio
        self.statistic = statistic
        self.grid = grid
        self.prior = prior
        self.posterior = posterior
        self.interval = interval
        self.property = property
        self.true_ratio = true_ratio

    @classmethod
    def from_result(
        cls, result, *, access=None, hold="best", ax=None
    ) -> "PropertyPosteriorDisplay":
        """Draw one reading of a result.

        Parameters
        ----------
        result : PropertyInferenceResult
            What :func:`audit_property` found.

        access : {"black box", "white box"} or None, default=None
            Kind of access. None: the one with the least error.

        hold : {"best", "label"} or None, default="best"
            Kind of worlds. "best": that of ``result.best``.

        ax : pair of matplotlib Axes or None, default=None
            Where to draw; None makes a new figure.

        Returns
        -------
        display : PropertyPosteriorDisplay

        Raises
        ------
        TypeError
            If it is no such result.
        ValueError
            If it has no reading of this kind.
        """
        if not isinstance(result, PropertyInferenceResult):
            raise TypeError(
                "result must be a PropertyInferenceResult, as audit_property returns "
                f"it; got {result!r}."
            )
        hold = result.best.hold if hold == "best" else hold
        reading = result.reading(access, hold)
        low, high = reading.worlds
        display = cls(
            low_world=low,
            high_world=high,
            low_ratio=reading.shadow_ratios.min(),
            high_ratio=reading.shadow_ratios.max(),
            statistic=reading.statistic,
            grid=reading.grid,
            prior=reading.prior,
            posterior=reading.posterior,
            interval=reading.interval,
            property=result.property,
            true_ratio=result.true_ratio,
        )
        return display.plot(ax=ax)

    @classmethod
    def from_estimator(
        cls, model, X_pool, y_pool, *, property, ax=None, **options
    ) -> "PropertyPosteriorDisplay":
        """Attack a fitted model, and draw what is found.

        Parameters
        ----------
        model : fitted estimator, FrozenEstimator or BlackBox
            The model under attack.

        X_pool, y_pool : table and array
            The attacker's records.

        property : tuple, str or callable
            Which records have the property.

        ax : pair of matplotlib Axes or None, default=None
            Where to draw; None makes a new figure.

        **options : dict
            For :func:`audit_property`.

        Returns
        -------
        display : PropertyPosteriorDisplay
        """
        result = audit_property(model, X_pool, y_pool, property=property, **options)
        return cls.from_result(result, ax=ax)

    def plot(self, ax=None) -> "PropertyPosteriorDisplay":
        """Draw both pictures.

        Parameters
        ----------
        ax : pair of matplotlib Axes or None, default=None
            Where to draw; None makes a new figure.

        Returns
        -------
        display : PropertyPosteriorDisplay
            The display itself.

        Raises
        ------
        ValueError
            If `ax` is not a pair.
        """
        import matplotlib.pyplot as plt  # optional at run time, slow to load

        if ax is None:
            _, ax = plt.subplots(1, 2, figsize=(9.6, 3.4), layout="constrained")
        axes = np.ravel(np.asarray(ax, dtype=object))
        if len(axes) != 2:
            raise ValueError(
                f"ax must be a pair of axes, for worlds and posterior; got {len(axes)}."
            )
        self._plot_worlds(axes[0])
        self._plot_posterior(axes[1])
        self.axes_, self.figure_ = axes, axes[0].figure
        return self

    def _plot_worlds(self, ax):
        everything = np.concatenate([self.low_world, self.high_world, [self.statistic]])
        edges = bin_edges(everything)
        for values, ratio, color, hatch in (
            (self.low_world, self.low_ratio, NON_MEMBER_COLOR, None),
            (self.high_world, self.high_ratio, MEMBER_COLOR, "//"),
        ):
            ax.hist(
                values,
                edges,
                color=color,
                alpha=0.55,
                hatch=hatch,
                edgecolor=color,
                label=f"trained on {share(ratio)}",
            )
        ax.axvline(
            self.statistic, color=text_color(ax), linewidth=2, label="this model"
        )
        ax.set_xlabel("Statistic")
        ax.set_ylabel("Shadow models")
        _legend_above(ax, 3)

    def _plot_posterior(self, ax):
        step = self.grid[1] - self.grid[0]
        inside = (self.grid >= self.interval.low) & (self.grid <= self.interval.high)
        density = self.posterior / step
        (self.posterior_line_,) = ax.plot(
            self.grid, density, color=MEMBER_COLOR, linewidth=2, label="with the model"
        )
        ax.fill_between(
            self.grid,
            density,
            where=inside,
            color=MEMBER_COLOR,
            alpha=0.25,
            linewidth=0,
            label=f"{100 * self.interval.confidence:g}% interval",
        )
        ax.plot(
            self.grid,
            self.prior / step,
            color=NON_MEMBER_COLOR,
            linestyle="--",
            label="without",
        )
        if self.true_ratio is not None:
            ax.axvline(
                self.true_ratio, color=text_color(ax), linestyle=":", label="truth"
            )
        ax.set_ylim(bottom=0)
        ax.set_xlabel(f"Share of {self.property}")
        ax.set_ylabel("Density")
        _legend_above(ax, 2)


def bin_edges(values) -> np.ndarray:
    """Return the edges of even bins over all values; of some width where all are one.

    Examples
    --------
    >>> bin_edges(np.array([0.5, 0.5]))[[0, -1]].round(6)
    array([0.499, 0.501])
    """
    low, high = float(np.min(values)), float(np.max(values))
    spare = 1e-3 if high == low else 0.02 * (high - low)
    return np.linspace(low - spare, high + spare, N_BINS + 1)


def _legend_above(ax, n_columns):
    ax.legend(
        loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=n_columns, frameon=False
    )
