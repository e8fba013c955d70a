"""The model under attack, as an attacker can reach it."""

from skprivacy.targets._answers import align_to_classes
from skprivacy.targets._black_box import BlackBox, QueryBudgetExceeded
from skprivacy.targets._check import (
    allows_nan,
    check_target,
    check_white_box,
    recipe_of,
)
from skprivacy.targets._http_model import HTTPModel, HTTPModelError

__all__ = [
    "BlackBox",
    "HTTPModel",
    "HTTPModelError",
    "QueryBudgetExceeded",
    "align_to_classes",
    "allows_nan",
    "check_target",
    "check_white_box",
    "recipe_of",
]
