"""What can be read off a model with one kind of access, in one kind of world."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from sklearn.model_selection import GroupKFold

from skprivacy.metrics import Interval, roc_auc_interval, share_interval
from skprivacy.property._blocks import block_regressor
from skprivacy.property._posterior import (
    StatisticLaw,
    learn_law,
    posterior_of,
    shortest_interval,
    size_offset,
)
from skprivacy.property._ratio_regressor import RatioRegressor

__all__ = ["PropertyReading", "ShareReader", "out_of_fold"]

#: Folds in which shadow models are read by what has not seen them.
N_FOLDS = 5


@dataclass(frozen=True, eq=False)
class PropertyReading:
    """What one attack reads off a model about the share of a property.

    Parameters
    ----------
    access : {"black box", "white box"}
        Whether the attacker only asks the model, or holds it.

    hold : {"label"} or None
        "label": in all worlds the shares of the classes are the same, so that the
        property alone differs. None: the label moves with the property.

    statistic : float
        What was read off the model: a regression's answer, before it is calibrated.

    grid : ndarray of shape (n_ratios,)
        Shares that were considered, in even steps.

    prior, posterior : ndarray of shape (n_ratios,)
        How likely each is without, and with, the model; with sum 1.

    shadow_ratios, shadow_statistics : ndarray of shape (n_models,)
        The share of each shadow model, and what was read off it by a regression that
        had not seen it; as it would be at the size of the model under attack.

    law : StatisticLaw
        How the statistic depends on the share.

    factor : ndarray of shape (n_ratios,)
        How much more the model may vary than shadow models do, at each share.

    size : int
        Records that the largest shadow models were trained on.

    confidence : float
        Of the intervals.

    n_comparisons : int
        Intervals of AUC and accuracy that hold together.
    """

    access: str
    hold: str | None
    statistic: float
    grid: np.ndarray
    prior: np.ndarray
    posterior: np.ndarray
    shadow_ratios: np.ndarray
    shadow_statistics: np.ndarray
    law: StatisticLaw
    factor: np.ndarray
    size: int
    confidence: float
    n_comparisons: int = 1

    @property
    def name(self) -> str:
        """Both in words."""
        return f"{self.access}, label {'held' if self.hold else 'free'}"

    @cached_property
    def ratio(self) -> float:
        """Mean of the posterior."""
        return float(self.posterior @ self.grid)

    @cached_property
    def interval(self) -> Interval:
        """The shortest interval that holds so much of the posterior."""
        ends = shortest_interval(self.grid, self.posterior, self.confidence)
        # The mean of a lopsided posterior may lie outside the shortest interval.
        low, high = min(ends[0], self.ratio), max(ends[1], self.ratio)
        n_models = len(self.shadow_ratios)
        return Interval(self.ratio, low, high, self.confidence, n_models, 0)

    @cached_property
    def narrowing(self) -> float:
        """Share of the prior's interval that the model rules out."""
        low, high = shortest_interval(self.grid, self.prior, self.confidence)
        return float(1 - (self.interval.high - self.interval.low) / (high - low))

    @cached_property
    def worlds(self) -> tuple[np.ndarray, np.ndarray]:
        """Statistics of the shadow models of both worlds: the ends of the range."""
        ends = self.shadow_ratios.min(), self.shadow_ratios.max()
        return tuple(
            self.shadow_statistics[np.isclose(self.shadow_ratios, end)] for end in ends
        )

    @cached_property
    def roc_auc(self) -> Interval:
        """How often a model of the upper world has the larger statistic."""
        low, high = self.worlds
        return roc_auc_interval(
            np.repeat([0, 1], [len(low), len(high)]),
            np.concatenate([low, high]),
            confidence=self.confidence,
            n_comparisons=self.n_comparisons,
        )

    @cached_property
    def accuracy(self) -> Interval:
        """Share of models of both worlds that are told by a threshold from the others.

        The threshold is half-way between the means of both worlds, without the model.
        """
        low, high = self.worlds
        below = low < (_mean_without_each(low) + high.mean()) / 2
        above = high >= (low.mean() + _mean_without_each(high)) / 2
        return share_interval(
            np.concatenate([below, above]),
            confidence=self.confidence,
            n_comparisons=self.n_comparisons,
        )

    @cached_property
    def error(self) -> float:
        """Mean absolute error of the estimate over the shadow models.

        They are judged like the model itself, as if they were of other records.
        """
        estimates = [
            posterior_of(self.law, statistic, self.grid, self.prior, self.factor)
            @ self.grid
            for statistic in self.shadow_statistics
        ]
        return float(np.abs(estimates - self.shadow_ratios).mean())

    @cached_property
    def error_of_guess(self) -> float:
        """The same error of the best constant guess."""
        ratios = self.shadow_ratios
        return float(np.abs(ratios - np.median(ratios)).mean())


def out_of_fold(numbers, blocks, ratios) -> np.ndarray:
    """Read shadow models by regressions that have not seen them.

    Models 2i and 2i + 1 share training records and stay together; so do the pairs of
    two pools.

    Parameters
    ----------
    numbers : ndarray of shape (n_models, n_features)
        What the models are told by.

    blocks : dict of str to slice
        Columns of each kind of number.

    ratios : ndarray of shape (n_models,)
        Their shares.

    Returns
    -------
    statistics : ndarray of shape (n_models,)
    """
    together = np.arange(len(ratios)) // 4
    statistics = np.empty(len(ratios))
    folds = GroupKFold(min(N_FOLDS, together[-1] + 1))
    for train, test in folds.split(numbers, groups=together):
        fitted = _regressor(blocks, ratios[train]).fit(numbers[train], ratios[train])
        statistics[test] = fitted.predict(numbers[test])
    return statistics


class ShareReader:
    """Learns on shadow models what a model's numbers say of its share.

    Parameters
    ----------
    numbers : ndarray of shape (n_models, n_features)
        Numbers of the shadow models.

    blocks : dict of str to slice
        Columns of each kind of number.

    ratios, sizes : ndarray of shape (n_models,)
        Their shares, and how many records each was trained on.

    size : int
        How many the models under attack were trained on.

    grid, prior : ndarray of shape (n_ratios,)
        Shares that are considered, and how likely they are.

    factor : ndarray of shape (n_ratios,)
        As :func:`pool_factor` returns it.

    **told : dict
        What else readings are to say of themselves.
    """

    def __init__(
        self, numbers, blocks, ratios, sizes, *, size, grid, prior, factor, **told
    ):
        statistics = out_of_fold(numbers, blocks, ratios)
        largest = int(sizes.max())
        offsets = size_offset(sizes, largest)
        law = learn_law(ratios, statistics, offsets, float(size_offset(size, largest)))
        if size > largest and (sizes < largest).any():
            missed = missed_by_trend(numbers, blocks, ratios, sizes)
            law = replace(law, beyond=missed * float(np.log2(size / largest)))
        self.attack = _regressor(blocks, ratios).fit(numbers, ratios)
        self.law = law
        self.told = told | {
            "grid": grid,
            "prior": prior,
            "factor": factor,
            "shadow_ratios": ratios,
            "shadow_statistics": law.at_size(ratios, statistics, offsets),
            "law": law,
            "size": largest,
        }

    def read(self, target) -> PropertyReading:
        """Read a model.

        Parameters
        ----------
        target : ndarray of shape (n_features,)
            Numbers of the model under attack.

        Returns
        -------
        reading : PropertyReading
        """
        statistic = float(self.attack.predict(target[None])[0])
        told = [self.told[name] for name in ("grid", "prior", "factor")]
        posterior = posterior_of(self.law, statistic, *told)
        return PropertyReading(statistic=statistic, posterior=posterior, **self.told)


def missed_by_trend(numbers, blocks, ratios, sizes) -> float:
    """Say how far a statistic is off at twice the size that it was learned at.

    Learned from the smaller shadow models, and carried on to the largest ones.

    Parameters
    ----------
    numbers : ndarray of shape (n_models, n_features)
        What the models are told by.

    blocks : dict of str to slice
        Columns of each kind of number.

    ratios, sizes : ndarray of shape (n_models,)
        Their shares and the sizes of their training sets, of which the largest is twice
        as large as the next.

    Returns
    -------
    missed : float
        Root mean square over the shares.
    """
    small = sizes < sizes.max()
    known = int(sizes[small].max())
    fitted = _regressor(blocks, ratios[small]).fit(numbers[small], ratios[small])
    law = learn_law(
        ratios[small],
        out_of_fold(numbers[small], blocks, ratios[small]),
        size_offset(sizes[small], known),
        float(size_offset(sizes.max(), known)),
    )
    large = ratios[~small]
    missed = fitted.predict(numbers[~small]) - law.mean(large)
    # By how much on average, and how that goes with the share.
    line = np.polynomial.Polynomial.fit(large, missed, 1)
    return float(np.sqrt(np.mean(line(large) ** 2)))


def _regressor(blocks, ratios):
    # Not clipped: its answers must be free to err on both sides, or they would have no
    # spread at the ends.
    learner = block_regressor(blocks, ratios)
    return RatioRegressor(final_estimator=learner, clip=False)


def _mean_without_each(values):
    return (values.sum() - values) / max(len(values) - 1, 1)
