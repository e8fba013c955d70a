"""What the gain of an attack over imputation means, in words."""

from typing import NamedTuple

__all__ = ["AttributeVerdict", "judge_gain"]

HEADLINES = {
    "none": "Nothing beyond imputation was found.",
    "statistical": "The model tells what holds for everybody (statistical inference).",
    "breach": "Training on people gave their secret away (privacy breach).",
    "unclear": "A gap between members and others, but no gain on members.",
}


class AttributeVerdict(NamedTuple):
    """A judgment of an attack on a sensitive column.

    Parameters
    ----------
    level : {"none", "statistical", "breach", "unclear"}
        ``"none"``: no advantage over imputation is proven. ``"statistical"``: the
        model tells more than imputation, but no more of members than of people who
        were never in. ``"breach"``: it tells more of members, and more than imputation.
        ``"unclear"``: members are told from others, without an advantage on members.

    headline : str
        The level in a few words.

    text : str
        The figures with their intervals.
    """

    level: str
    headline: str
    text: str

    def __str__(self):
        return f"{self.headline} {self.text}"


def judge_gain(gains, sensitive) -> AttributeVerdict:
    """Say what the figures prove, by the low ends of their intervals.

    Parameters
    ----------
    gains : sequence of Gain
        Figures by measure, the main one first.

    sensitive : str
        Name of the sensitive column.

    Returns
    -------
    verdict : AttributeVerdict
    """
    level, told = "none", gains[0]
    for candidate, proves in _LEVELS:
        proven = [gain for gain in gains if proves(gain)]
        if proven:
            level, told = candidate, proven[0]
            break
    return AttributeVerdict(level, HEADLINES[level], _figures(told, sensitive))


def _is_breach(gain):
    return gain.advantage.low > 0 and gain.member_gap.low > 0


def _is_statistical(gain):
    return gain.advantage.low > 0 or gain.advantage_on_others.low > 0


def _is_unclear(gain):
    return gain.member_gap.low > 0


_LEVELS = (
    ("breach", _is_breach),
    ("statistical", _is_statistical),
    ("unclear", _is_unclear),
)


def _figures(gain, sensitive):
    confidence = f"{100 * gain.advantage.confidence:g}%"
    write = _R2 if gain.measure == "R2" else _SHARE
    score, points, ends = write
    return (
        f"Of training records, {sensitive} is inferred with {_name(gain.measure)} "
        f"{score(gain.score)}, by imputation without the model "
        f"{score(gain.imputation_score)}: an advantage of {points(gain.advantage)} "
        f"({confidence} interval {ends(gain.advantage)}). Of people who were in no "
        f"training set the advantage is {points(gain.advantage_on_others)} "
        f"({ends(gain.advantage_on_others)}). The gap, {points(gain.member_gap)} "
        f"({ends(gain.member_gap)}), is what training on the person adds."
    )


def _name(measure):
    return {
        "accuracy": "an accuracy of",
        "balanced accuracy": "a balanced accuracy of",
        "R2": "an R² of",
        "within tolerance": "a share within the tolerance of",
    }[measure]


#: How a score, a difference and the ends of an interval are written.
_SHARE = (
    lambda i: f"{100 * i.estimate:.1f}%",
    lambda i: f"{100 * i.estimate:+.1f} points",
    lambda i: f"{100 * i.low:+.1f} to {100 * i.high:+.1f}",
)
_R2 = (
    lambda i: f"{i.estimate:.3f}",
    lambda i: f"{i.estimate:+.3f}",
    lambda i: f"{i.low:+.3f} to {i.high:+.3f}",
)
