"""What an audit knows of an attack before it runs it."""

from collections.abc import Callable
from dataclasses import dataclass

from sklearn.exceptions import NotFittedError

from skprivacy._audit._access import BLACK_BOX, WHITE_BOX
from skprivacy.inspection import read_trees

__all__ = ["PlannedAttack", "always", "has_trees"]


def always(*_):
    """Say yes to any question."""
    return True


def has_trees(subject):
    """Whether the model that is held is one of trees that can be read."""
    try:
        read_trees(subject.held)
    except (TypeError, NotFittedError):
        return False
    return True


@dataclass(frozen=True)
class PlannedAttack:
    """An attack as an audit runs and explains it.

    Parameters
    ----------
    name : str
        As a reader sees it.

    make : callable
        ``make(target, label)`` gives the unfitted attack.

    assumes : str
        What the attacker knows and has.

    method : str
        How the score comes about.

    reference : str
        Author and year.

    needs_shadow : bool, default=False
        Whether shadow models are trained for it.

    fits_on : str, default="all"
        What it is fitted on. "all": all records, without the truth. "non_members":
        non-members alone; each record is scored by an attack that has not seen it.
        "non_members_crossed": the same, but the attack knows the records of its ``fit``
        again and scores each by a part of itself that has not seen it. "truth": records
        with the truth; each is scored by an attack that has not seen it.

    access : {"black box", "white box"}, default="black box"
        Whether it asks the model alone, or reads what the model holds. The latter gets
        the model itself, inside ``FrozenEstimator``, as its target.

    applies : callable, default=always
        ``applies(subject)`` says whether it can be run on what is audited. It is not
        asked for a white-box attack where there is only a box.

    needs : str, default=""
        What `applies` asks for, in words for an error message.

    in_auto : callable, default=always
        ``in_auto(subject, effort)`` says whether "auto" runs it, given what it costs.
    """

    name: str
    make: Callable
    assumes: str
    method: str
    reference: str
    needs_shadow: bool = False
    fits_on: str = "all"
    access: str = BLACK_BOX
    applies: Callable = always
    needs: str = ""
    in_auto: Callable = always

    def can_run(self, subject) -> bool:
        """Whether the attack can be run on what is audited."""
        if self.access == WHITE_BOX and subject.held is None:
            return False
        return bool(self.applies(subject))
