"""Conditions of ``--fail-if``: ``METRIC[.low|.high] OP NUMBER``.

METRIC is ``auc``, ``tpr@0.01``, ``tpr@0.001`` (or ``tpr@1%``), of any attack, or
``blind``, the AUC of the records alone. ``.low`` and ``.high`` are the ends of its
interval. OP is ``>``, ``>=``, ``<`` or ``<=``. NUMBER may be written with ``%``.
"""

import math
import operator
import re
from dataclasses import dataclass

__all__ = ["GRAMMAR", "Condition", "parse_condition"]

GRAMMAR = (
    "METRIC[.low|.high] OP NUMBER, where METRIC is auc, blind, tpr@0.01 or tpr@0.001 "
    "and OP is >, >=, < or <=; for example 'tpr@0.01 > 0.05' or 'auc.low > 0.6'"
)
RATES = (0.01, 0.001)
OPERATORS = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
_NUMBER = r"(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?%?"
_CONDITION = re.compile(
    rf"\s*(?P<metric>auc|blind|tpr@(?P<fpr>{_NUMBER}))(?:\.(?P<end>low|high))?"
    rf"\s*(?P<operator>>=|<=|>|<)\s*(?P<bound>{_NUMBER})\s*"
)


@dataclass(frozen=True)
class Condition:
    """A condition on the figures of an audit.

    Parameters
    ----------
    text : str
        As the user wrote it.

    metric : {"auc", "blind", "tpr"}
        The figure.

    fpr : float or None
        The false positive rate of ``"tpr"``.

    end : {"estimate", "low", "high"}
        The estimate or an end of its interval.

    operator : {">", ">=", "<", "<="}

    bound : float
    """

    text: str
    metric: str
    fpr: float | None
    end: str
    operator: str
    bound: float

    def holds(self, result) -> bool:
        """Whether the figure of any attack meets the condition.

        Raises
        ------
        ValueError
            If the figure could not be measured, which must not pass as a success.
        """
        values = [getattr(interval, self.end) for interval in self._intervals(result)]
        if all(math.isnan(value) for value in values):
            raise ValueError(
                f"--fail-if {self.text!r} cannot be judged: {self.needed_outsiders:,} "
                "records from outside are needed, there are "
                f"{result.best.roc_auc.n_non_members:,}."
            )
        return any(OPERATORS[self.operator](value, self.bound) for value in values)

    @property
    def needed_outsiders(self) -> int:
        """Fewest records from outside with which the figure can be measured."""
        return 1 if self.fpr is None else math.ceil(round(1 / self.fpr, 6))

    def _intervals(self, result):
        match self.metric:
            case "blind":
                return [result.blind]
            case "auc":
                return [attack.roc_auc for attack in result.attacks]
        return [attack.tpr[self.fpr] for attack in result.attacks]


def parse_condition(text: str) -> Condition:
    """Read a condition.

    Parameters
    ----------
    text : str

    Returns
    -------
    condition : Condition

    Raises
    ------
    ValueError
        If the text does not follow the grammar.

    Examples
    --------
    >>> condition = parse_condition("tpr@1%.low > 5%")
    >>> condition.metric, condition.fpr, condition.end, condition.bound
    ('tpr', 0.01, 'low', 0.05)
    """
    found = _CONDITION.fullmatch(text)
    if not found:
        raise ValueError(f"--fail-if {text!r} is not of the form {GRAMMAR}.")
    fpr = None if found["fpr"] is None else _number(found["fpr"])
    if fpr is not None and fpr not in RATES:
        known = " and ".join(f"{rate:g}" for rate in RATES)
        raise ValueError(
            f"--fail-if {text!r}: the TPR is measured at the FPR of {known} only."
        )
    return Condition(
        text=text,
        metric=found["metric"].split("@")[0],
        fpr=fpr,
        end=found["end"] or "estimate",
        operator=found["operator"],
        bound=_number(found["bound"]),
    )


def _number(text):
    # Rounded, as 0.1% must be the key 0.001 and not 0.001 and a bit.
    return round(float(text[:-1]) / 100, 12) if text.endswith("%") else float(text)
