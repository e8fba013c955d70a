"""What an audit finds out about a property of the training set."""

import builtins
from dataclasses import dataclass

import numpy as np
import pandas as pd

from skprivacy.metrics import Interval
from skprivacy.property._posterior import shortest_interval
from skprivacy.property._property_reading import PropertyReading
from skprivacy.property._property_readout import PropertyReadout
from skprivacy.property._property_verdict import PropertyVerdict, judge_property

__all__ = ["PropertyInferenceResult"]


@dataclass(frozen=True, eq=False, repr=False)
class PropertyInferenceResult:
    """What a model tells of the share of a property in its training set.

    Returned by :func:`audit_property`.

    Parameters
    ----------
    property : str
        The property in words, or as it was asked.

    readings : tuple of PropertyReading
        One for each kind of access and of worlds; each with ``access``, ``hold``,
        ``ratio``, ``interval``, ``posterior``, ``statistic``, ``roc_auc``,
        ``accuracy`` and ``error``.

    base_rate : float
        Share of the property in the attacker's records: what is guessed without the
        model.

    true_ratio : float or None, default=None
        The share in the training set, where whoever audits knows it.

    target_size : int or None, default=None
        Records that the model was trained on, where it is known.

    readout : PropertyReadout or None, default=None
        What the model's own numbers tell without any shadow model, with ``share``,
        ``low``, ``high``, ``exact`` and ``where``; None where they do not, or the
        attacker can only ask.

    notes : tuple of str, default=()
        What must be known beside the figures.

    Attributes
    ----------
    ratio_ : float
        Mean of the posterior.

    interval_ : Interval
        Credible interval of the share: the shortest one.

    posterior_ : Series of shape (n_ratios,)
        Probability of each share of the grid, which is its index.

    statistic_ : float
        What the best reading read off the model, before it was calibrated.

    baseline_ : Interval
        What is known without the model: the share in the attacker's records, with the
        interval of the prior.

    best : PropertyReading
        The reading with the least error over shadow models, of those whose worlds let
        the label move with the property, if there are any. All other attributes are
        of this one.

    See Also
    --------
    PropertyPosteriorDisplay : Draws it.

    Notes
    -----
    Every figure of a reading but those of the model itself is one of shadow models
    that the reader had not seen. A credible interval holds for shares that are drawn
    from the prior, and for a model that was trained as the shadow models were, on as
    many records of the same population.
    """

    # Hides the decorator of that name inside the class.
    property: str
    readings: tuple[PropertyReading, ...]
    base_rate: float
    true_ratio: float | None = None
    target_size: int | None = None
    readout: PropertyReadout | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self):
        if not self.readings:
            raise ValueError("readings must hold at least one reading; got none.")

    @builtins.property
    def best(self) -> PropertyReading:
        """The reading with the least error, with the label free if there is one."""
        free = [reading for reading in self.readings if reading.hold is None]
        return min(free or self.readings, key=lambda reading: reading.error)

    def reading(self, access=None, hold=None) -> PropertyReading:
        """Return one of the readings.

        Parameters
        ----------
        access : {"black box", "white box"} or None, default=None
            Kind of access. None: the one with the least error.

        hold : {"label"} or None, default=None
            Kind of worlds.

        Returns
        -------
        reading : PropertyReading

        Raises
        ------
        ValueError
            If there is none of the kind.
        """
        found = [
            reading
            for reading in self.readings
            if reading.hold == hold and access in (None, reading.access)
        ]
        if not found:
            raise ValueError(
                f"there is no reading with access={access!r} and hold={hold!r}; there "
                f"are {[(r.access, r.hold) for r in self.readings]}."
            )
        return min(found, key=lambda reading: reading.error)

    @builtins.property
    def ratio_(self) -> float:
        """Mean of the posterior."""
        return self.best.ratio

    @builtins.property
    def interval_(self) -> Interval:
        """Credible interval of the share."""
        return self.best.interval

    @builtins.property
    def posterior_(self) -> pd.Series:
        """Probability of each share of the grid."""
        grid = pd.Index(self.best.grid, name="ratio")
        return pd.Series(self.best.posterior, grid, name="posterior")

    @builtins.property
    def statistic_(self) -> float:
        """What was read off the model, before it was calibrated."""
        return self.best.statistic

    @builtins.property
    def baseline_(self) -> Interval:
        """What is known without the model."""
        best = self.best
        low, high = shortest_interval(best.grid, best.prior, best.confidence)
        guess = float(np.clip(self.base_rate, low, high))
        return Interval(guess, low, high, best.confidence, 0, 0)

    @builtins.property
    def verdict(self) -> PropertyVerdict:
        """How much the model tells of the share, in words."""
        return judge_property(self)

    def summary(self) -> pd.DataFrame:
        """Figures of all readings.

        Returns
        -------
        summary : DataFrame
            One row a reading:

            - ``access``, ``label`` ("free" or "held");
            - ``ratio``, ``ratio_low``, ``ratio_high``: what is read off the model;
            - ``prior_low``, ``prior_high``: what is known without it;
            - ``true_ratio``, NaN where it is unknown;
            - ``roc_auc`` and ``accuracy`` of telling the models of both worlds, the
              ends of the range, each with ``..._low`` and ``..._high``;
            - ``error``, the mean absolute error of the share over shadow models, and
              ``error_of_guess``, that of the best constant guess;
            - ``low_world``, ``high_world``, ``n_models``, ``size``.
        """
        return pd.DataFrame([self._row(reading) for reading in self.readings])

    def to_frame(self) -> pd.DataFrame:
        """Return the statistics of all shadow models.

        Returns
        -------
        models : DataFrame
            One row a shadow model and reading: ``access``, ``label``, ``ratio`` and
            ``statistic``; and one for the target in each, with ``target`` True and its
            true share, or NaN.
        """
        tables = []
        for reading in self.readings:
            known = np.nan if self.true_ratio is None else self.true_ratio
            tables.append(
                pd.DataFrame(
                    {
                        "access": reading.access,
                        "label": _label_of(reading),
                        "target": [False] * len(reading.shadow_ratios) + [True],
                        "ratio": [*reading.shadow_ratios, known],
                        "statistic": [*reading.shadow_statistics, reading.statistic],
                    }
                )
            )
        return pd.concat(tables, ignore_index=True)

    def _row(self, reading):
        prior = shortest_interval(reading.grid, reading.prior, reading.confidence)
        return {
            "access": reading.access,
            "label": _label_of(reading),
            **_ends("ratio", reading.interval),
            "prior_low": prior[0],
            "prior_high": prior[1],
            "true_ratio": np.nan if self.true_ratio is None else self.true_ratio,
            **_ends("roc_auc", reading.roc_auc),
            **_ends("accuracy", reading.accuracy),
            "error": reading.error,
            "error_of_guess": reading.error_of_guess,
            "low_world": reading.shadow_ratios.min(),
            "high_world": reading.shadow_ratios.max(),
            "n_models": len(reading.shadow_ratios),
            "size": reading.size,
        }

    def __repr__(self):
        return (
            f"PropertyInferenceResult({self.property!r}, ratio={self.interval_}, "
            f"baseline={self.baseline_})"
        )


def _label_of(reading):
    return "held" if reading.hold else "free"


def _ends(name, interval):
    return {
        name: interval.estimate,
        f"{name}_low": interval.low,
        f"{name}_high": interval.high,
    }
