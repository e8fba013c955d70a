"""A share that was read, and whether it is one of all records."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

__all__ = ["DEVIATIONS", "Reading", "sees_a_draw", "settled", "whole_sample"]

#: Share of a normal distribution within so many standard deviations: 0.95.
DEVIATIONS = 1.96


class Reading(NamedTuple):
    """A share, and where it was read.

    Parameters
    ----------
    share : float
        Share of the training set.

    low, high : float
        Interval; where it is exact, the share itself.

    exact : bool
        Whether it is a count, and no estimate.

    where : str
        What told it.
    """

    share: float
    low: float
    high: float
    exact: bool
    where: str


def settled(found: Iterable[tuple[str, float, bool]]) -> Iterator[Reading]:
    """Make one reading of what several members tell.

    Parameters
    ----------
    found : iterable of (where, share, exact)
        What was read; whether it is of all records.

    Yields
    ------
    reading : Reading
        Of several members, which have each seen a part of the records, the mean, and
        how far it may be off as they scatter.

    Examples
    --------
    >>> list(settled([("a", 0.3, True)]))
    [Reading(share=0.3, low=0.3, high=0.3, exact=True, where='a')]
    >>> [reading.share for reading in settled([("b", 0.25, True), ("b", 0.75, True)])]
    [0.5]
    """
    lists: dict[str, list] = {}
    for where, share, exact in found:
        lists.setdefault(where, []).append((float(share), exact))
    for where, told in lists.items():
        shares = np.array([share for share, _ in told])
        share = float(shares.mean())
        if len(told) == 1:
            exact = told[0][1]
            low, high = (share, share) if exact else (0.0, 1.0)
            yield Reading(share, low, high, exact, where)
            continue
        off = DEVIATIONS * float(shares.std(ddof=1)) / np.sqrt(len(shares))
        yield Reading(share, max(share - off, 0.0), min(share + off, 1.0), False, where)


def whole_sample(ensemble) -> bool:
    """Say whether each tree was grown on all training records, each counted once.

    Parameters
    ----------
    ensemble : TreeEnsemble
        Trees of a model.

    Returns
    -------
    whole : bool
    """
    roots = {
        (int(nodes.n_samples[0]), float(nodes.weight[0])) for nodes in ensemble.trees
    }
    return len(roots) == 1 and not sees_a_draw(ensemble.outer)


def sees_a_draw(model) -> bool:
    """Say whether a model, or one inside, was trained on a part of the records.

    Parameters
    ----------
    model : fitted estimator
        The whole model.

    Returns
    -------
    draws : bool
        True for bootstraps, subsamples, and records that are held out to stop early.
    """
    for part in _all_models(model):
        if getattr(part, "bootstrap", False) is True:
            return True
        for name in ("subsample", "max_samples", "bagging_fraction"):
            share = getattr(part, name, None)
            if isinstance(share, int | float) and share != 1.0:
                return True
        stops = getattr(part, "do_early_stopping_", False)
        if stops or getattr(part, "n_iter_no_change", None) and hasattr(part, "init_"):
            return True
        if (
            hasattr(part, "calibrated_classifiers_")
            and getattr(part, "cv", 0) != "prefit"
        ):
            return True
    return False


def _all_models(model):
    seen = [model]
    for one in seen:
        for name in ("estimator", "best_estimator_", "regressor_", "estimator_"):
            inner = getattr(one, "__dict__", {}).get(name)
            if hasattr(inner, "predict"):
                seen.append(inner)
        if hasattr(one, "steps"):
            seen.append(one.steps[-1][1])
        named = getattr(one, "named_estimators_", {})
        seen += [member for member in named.values() if hasattr(member, "predict")]
    return seen
