"""What a model tells of a share, in words."""

from typing import NamedTuple

__all__ = ["PropertyVerdict", "judge_property"]

HEADLINES = {
    "none": "The model tells nothing of the share that could be measured.",
    "unclear": "Such models tell the share; how much this one does is not clear.",
    "some": "The model tells something of the share.",
    "strong": "The model tells the share.",
}
#: Share of what was possible without the model that it must rule out for each level.
SOME, STRONG = 0.1, 0.5


class PropertyVerdict(NamedTuple):
    """A judgment of what a model tells of its training set as a whole.

    Parameters
    ----------
    level : {"none", "unclear", "some", "strong"}
        ``"none"``: models of both worlds are not proven to be told apart.
        ``"unclear"``: they are, but the interval is hardly narrower than without the
        model. ``"some"``: it is narrower.
        ``"strong"``: it is less than half as wide, by shadow models or without them.

    headline : str
        The level in a few words.

    readout, shares, worlds, held, truth : str
        A sentence each, or nothing: what is read without shadow models; which shares
        are credible by shadow models; how well models of both worlds are told apart,
        and where the shares of the classes are the same in both; the true share.
    """

    level: str
    headline: str
    readout: str
    shares: str
    worlds: str
    held: str = ""
    truth: str = ""

    @property
    def text(self) -> str:
        """The figures with their intervals."""
        return " ".join(filter(None, self[2:]))

    def __str__(self):
        return f"{self.headline} {self.text}"


def judge_property(result) -> PropertyVerdict:
    """Say what the best reading tells.

    Parameters
    ----------
    result : PropertyInferenceResult

    Returns
    -------
    verdict : PropertyVerdict
    """
    level = level_of(result.best)
    readout = _readout_sentence(result)
    if readout:
        level = "strong"
    return PropertyVerdict(
        level,
        HEADLINES[level],
        readout=readout,
        shares=_share_sentence(result, after_readout=bool(readout)),
        worlds=_worlds_sentence(result.best),
        held=_held_sentence(result),
        truth=_truth_sentence(result),
    )


def level_of(reading) -> str:
    """Return how much one reading tells: none, unclear, some or strong."""
    if reading.roc_auc.low <= 0.5:
        return "none"
    if reading.narrowing < SOME:
        return "unclear"
    return "strong" if reading.narrowing >= STRONG else "some"


def share(value) -> str:
    """Write a share as a percentage with one decimal.

    Examples
    --------
    >>> share(0.3333), share(1.0)
    ('33.3%', '100%')
    """
    return f"{100 * value:.1f}".removesuffix(".0") + "%"


def _share_sentence(result, after_readout):
    interval, grid = result.interval_, result.best.grid
    shares = f"{share(interval.low)} to {share(interval.high)}"
    who = (
        f"Shadow models say {shares}"
        if after_readout
        else f"Of the training records, {shares} have the property {result.property}"
    )
    return (
        f"{who} ({100 * interval.confidence:g}% credible interval; best guess "
        f"{share(interval.estimate)}). Without the model, all from {share(grid[0])} to "
        f"{share(grid[-1])} was taken for possible."
    )


def _readout_sentence(result):
    readout, grid = result.readout, result.best.grid
    if readout is None:
        return ""
    if readout.exact:
        return (
            f"The model file holds the share of {result.property} itself, "
            f"{share(readout.share)}: {readout.where}."
        )
    if readout.high - readout.low > (grid[-1] - grid[0]) / 2:
        return ""
    return (
        f"Of the training records, {share(readout.share)} ({share(readout.low)} to "
        f"{share(readout.high)}) have the property {result.property}, read off the "
        f"model file without any shadow model: {readout.where}."
    )


def _worlds_sentence(reading):
    low, high = reading.shadow_ratios.min(), reading.shadow_ratios.max()
    auc, accuracy = reading.roc_auc, reading.accuracy
    return (
        f"Models trained alike with a share of {share(low)} are told from those with "
        f"{share(high)} in {100 * accuracy.estimate:.0f}% of cases "
        f"({100 * accuracy.low:.0f}% to {100 * accuracy.high:.0f}%; AUC "
        f"{auc.estimate:.2f}, {auc.low:.2f} to {auc.high:.2f}), by an attacker who "
        f"{_CAN[reading.access]}."
    )


_CAN = {
    "black box": "can only ask the model",
    "white box": "holds the model file",
}


def _held_sentence(result):
    alike = [r for r in result.readings if r.access == result.best.access]
    free, held = ([r for r in alike if r.hold == hold] for hold in (None, "label"))
    if not free or not held:
        return ""
    auc = held[0].roc_auc
    return (
        "Where the shares of the classes are the same in all worlds, so that only the "
        f"property itself differs, the AUC is {auc.estimate:.2f} ({auc.low:.2f} to "
        f"{auc.high:.2f})."
    )


def _truth_sentence(result):
    if result.true_ratio is None:
        return ""
    interval = result.interval_
    inside = interval.low <= result.true_ratio <= interval.high
    return f"The true share is {share(result.true_ratio)}" + (
        "." if inside else ", which the interval of the shadow models misses."
    )
