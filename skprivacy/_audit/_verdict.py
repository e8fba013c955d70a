"""What an audit found, in words for people who are not statisticians."""

import math
from dataclasses import dataclass

from skprivacy._audit._access import WHITE_BOX, who
from skprivacy._report._words import interval_words, odds, percent

__all__ = ["Verdict", "judge"]

LEVELS = ("none", "slight", "some", "strong", "unclear")

# What the data prove is the low end of an interval. These are conventions of this
# package, not of the literature. With as many members as non-members among the
# candidates, a TPR of 5% at an FPR of 1% means that five of six accusations are right,
# and 1% at 0.1% that ten of eleven are; "some" is two of three, and four of five.
STRONG_TPR = {0.01: 0.05, 0.001: 0.01}
STRONG_AUC = 0.7
SOME_TPR = {0.01: 0.02, 0.001: 0.004}
SOME_AUC = 0.55

HEADLINES = {
    "none": "Near chance: no evidence of leakage.",
    "slight": "Near chance: hardly more than guessing.",
    "some": "Some leakage.",
    "strong": "Strong leakage.",
    "unclear": "Not clear: the split leaks by itself.",
}

SEES_THE_INSIDE = " who sees the inside of the model,"
STRONGER_ATTACKS = (
    "Stronger attacks may exist: an attacker who knows most of the other training "
    "records and trains many more shadow models,{} or who can plant records in its "
    "training set."
)


@dataclass(frozen=True)
class Verdict:
    """A judgment of an audit.

    Parameters
    ----------
    level : {"none", "slight", "some", "strong", "unclear"}
        How much the model was seen to leak. ``"none"``: every interval holds the
        value of guessing. ``"slight"``: above guessing, but near it. ``"unclear"``:
        attacks succeed, and so does guessing from the records without the model.

    headline : str
        The level in a few words.

    text : str
        The most telling figure, with its interval, and what it does not prove.
    """

    level: str
    headline: str
    text: str

    def __str__(self):
        return f"{self.headline} {self.text}"


def judge(attacks, best, blind) -> Verdict:
    """Say in words what the attacks found.

    Parameters
    ----------
    attacks : sequence of AttackResult
        All attacks; their intervals hold simultaneously.

    best : AttackResult
        The attack that is told of.

    blind : Interval
        AUC of telling members from the records alone, without the model.

    Returns
    -------
    verdict : Verdict
    """
    level = leakage_level(attacks)
    figure = _figure_sentences(attacks, best)
    if level != "none" and blind.low > 0.5:
        return Verdict("unclear", HEADLINES["unclear"], f"{_split(blind)} {figure}")
    stronger = STRONGER_ATTACKS.format(
        "" if any(a.access == WHITE_BOX for a in attacks) else SEES_THE_INSIDE
    )
    ending = {
        "none": f"{_room_for_a_leak(best)} {stronger}",
        "slight": stronger,
    }.get(level, "")
    return Verdict(level, HEADLINES[level], f"{figure} {ending}".rstrip())


def leakage_level(attacks) -> str:
    """Grade what the intervals of all attacks prove.

    The low end of each interval is compared with what guessing gives and with the
    thresholds of this module; the highest grade of any attack counts, which is fair
    as the intervals hold simultaneously.

    Returns
    -------
    level : {"none", "slight", "some", "strong"}
    """
    if any(_exceeds(a, STRONG_AUC, STRONG_TPR) for a in attacks):
        return "strong"
    if any(_exceeds(a, SOME_AUC, SOME_TPR) for a in attacks):
        return "some"
    return "slight" if any(True for _ in _above_chance(attacks)) else "none"


def _exceeds(attack, auc, tpr):
    return attack.roc_auc.low >= auc or any(
        interval.low >= tpr.get(fpr, math.inf) for fpr, interval in attack.tpr.items()
    )


def _above_chance(attacks):
    """Yield attacks with the figures above guessing, the lowest FPR first."""
    for attack in attacks:
        for fpr in sorted(attack.tpr):
            if attack.tpr[fpr].low > fpr:
                yield attack, attack.tpr[fpr], fpr
        if attack.roc_auc.low > 0.5:
            yield attack, attack.roc_auc, None


def _figure_sentences(attacks, best):
    """Tell the most telling figure, and what the other kind of attacker reaches."""
    others = [attack for attack in attacks if attack is not best]
    attack, interval, fpr = next(_above_chance([best, *others]), None) or (
        best,
        *_plain_figure(best),
    )
    figure = _say(who(attack.access), interval, fpr)
    if len({a.access for a in attacks}) == 1:
        return figure
    return f"{figure} {_of_the_others(attacks, attack, fpr)}"


def _of_the_others(attacks, told, fpr):
    """Say what the figure is for attackers with the other kind of access."""
    others = [a for a in attacks if a.access != told.access]
    interval = max((_figure(a, fpr) for a in others), key=lambda i: i.estimate)
    if told.access == WHITE_BOX:
        one = "One who can only ask the model, as behind an API,"
    elif interval.estimate > _figure(told, fpr).estimate:
        one = "One who holds the model file"
    else:
        return "Reading the model file itself told an attacker no more."
    doubt = ", not shown to be more than guessing"
    chance = 0.5 if fpr is None else fpr
    if interval.low > chance or not _figure(told, fpr).low > chance:
        doubt = ""
    if fpr is None:
        does = f"picks the right one in {interval_words(interval, 'of cases')}"
    else:
        does = f"names {interval_words(interval)}"
    return f"{one} {does}{doubt}."


def _figure(attack, fpr):
    return attack.roc_auc if fpr is None else attack.tpr[fpr]


def _plain_figure(attack):
    """Pick the figure to tell of an attack that does no better than guessing."""
    measurable = [f for f in sorted(attack.tpr, reverse=True) if _known(attack.tpr[f])]
    if not measurable:
        return attack.roc_auc, None
    return attack.tpr[measurable[0]], measurable[0]


def _known(interval):
    return not math.isnan(interval.estimate)


def _say(attacker, interval, fpr):
    if fpr is None:
        return (
            f"Shown one training record and one from outside, {attacker} picks the "
            f"right one in {interval_words(interval, 'of cases')}; guessing gets 50%."
        )
    return (
        f"{attacker[0].upper()}{attacker[1:]} and wrongly accuses {odds(fpr)} outside "
        f"records names {interval_words(interval, 'of the training records')}; "
        f"guessing would name {percent(fpr)}."
    )


def _room_for_a_leak(best):
    interval, _ = _plain_figure(best)
    return (
        f"With {interval.n_members:,} training records and {interval.n_non_members:,} "
        "from outside, a leak below the upper end of the interval would not be seen."
    )


def _split(blind):
    return (
        "The records alone tell members from non-members, without any model (AUC "
        f"{blind.estimate:.2f}, {percent(blind.confidence)} interval {blind.low:.2f} "
        f"to {blind.high:.2f}), so what the attacks reach is not to be blamed on the "
        "model before the split is mended."
    )
