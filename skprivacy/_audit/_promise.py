"""What a model's guarantee allows any attack, beside what the attacks reached."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.utils import get_tags

from skprivacy.dp import PrivacyGuarantee

__all__ = [
    "Promise",
    "ceilings",
    "max_auc",
    "max_tpr",
    "promise_of",
]
#: False positive rates at which the largest ROC curve is summed up.
GRID = np.concatenate([[0.0], np.geomspace(1e-9, 1.0, 4000)])


@dataclass(frozen=True)
class Promise:
    """The guarantee of a model, and what of the model it does not cover.

    Parameters
    ----------
    guarantee : PrivacyGuarantee
        Of all steps that have one, together.

    uncovered : tuple of str
        Steps that learned from the training set without one.
    """

    guarantee: PrivacyGuarantee
    uncovered: tuple[str, ...] = ()


def promise_of(model) -> Promise | None:
    """Read the guarantee off a fitted model.

    Parameters
    ----------
    model : estimator
        Of a pipeline, the guarantees of its steps are added up.

    Returns
    -------
    promise : Promise or None
        None where the last step has none.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skprivacy.dp import DPGaussianNB
    >>> X, y = np.random.default_rng(0).random((100, 2)), np.arange(100) % 2
    >>> private = DPGaussianNB(bounds=(-3, 3), classes=[0, 1])
    >>> promise = promise_of(make_pipeline(StandardScaler(), private).fit(X, y))
    >>> round(promise.guarantee.epsilon(), 3), promise.uncovered
    (1.0, ('standardscaler',))
    """
    steps = [(name, step) for name, step in _steps(model) if step is not None]
    found = [getattr(step, "privacy_guarantee_", None) for _, step in steps]
    if not found or not isinstance(found[-1], PrivacyGuarantee):
        return None
    whole, uncovered = found[-1], []
    for (name, step), one in zip(steps[:-1], found[:-1], strict=True):
        if isinstance(one, PrivacyGuarantee) and one.adjacency == whole.adjacency:
            whole = one.compose(whole)
        elif get_tags(step).requires_fit:
            uncovered.append(name)
    return Promise(whole, tuple(uncovered))


def _steps(model):
    if isinstance(model, FrozenEstimator):
        return _steps(model.estimator)
    if not isinstance(model, Pipeline):
        return [(type(model).__name__, model)]
    return [
        (name, step)
        for outer, estimator in model.steps
        if estimator != "passthrough"
        for name, step in (
            _steps(estimator)
            if isinstance(estimator, Pipeline)
            else [(outer, estimator)]
        )
    ]


def max_tpr(guarantee, fpr):
    """Largest true positive rate where a member is told from another record.

    An audit compares models with one record to models with another in its place. If
    neighbors are those with a record more, that is two steps: leave one out, add one.

    Parameters
    ----------
    guarantee : PrivacyGuarantee
        What holds.

    fpr : float or ndarray
        False positive rates.

    Returns
    -------
    tpr : float or ndarray

    Examples
    --------
    >>> by_one = PrivacyGuarantee.pure(1.0, "add_remove")
    >>> round(max_tpr(PrivacyGuarantee.pure(1.0), 0.01), 4), round(
    ...     max_tpr(by_one, 0.01), 4
    ... )
    (0.0272, 0.0739)
    """
    tpr = guarantee.max_tpr(fpr)
    return guarantee.max_tpr(tpr) if guarantee.adjacency == "add_remove" else tpr


def max_auc(guarantee) -> float:
    """Area under the curve of :func:`max_tpr`, rounded up.

    Examples
    --------
    >>> round(max_auc(PrivacyGuarantee.pure(0.0)), 2)
    0.5
    >>> # Of a Gaussian release it is known: Phi(mu / sqrt(2)).
    >>> round(max_auc(PrivacyGuarantee.gaussian(1.0)), 2)
    0.76
    """
    # The curve rises: its right ends are above it everywhere.
    tpr = np.asarray(max_tpr(guarantee, GRID[1:]))
    return float(min(np.sum(tpr * np.diff(GRID)), 1.0))


def ceilings(promise, attacks) -> pd.DataFrame:
    """Set the figures of attacks beside what the guarantee allows.

    Parameters
    ----------
    promise : Promise or None
        None: an empty table.

    attacks : sequence of AttackResult

    Returns
    -------
    table : DataFrame
        One row a figure of an attack: ``attack``, ``access``, ``figure``, ``estimate``,
        ``low``, ``high``, ``ceiling`` and ``exceeded``, whether even the low end is
        above the ceiling.
    """
    rows = []
    for attack in attacks if promise is not None else ():
        of = [("roc_auc", attack.roc_auc, max_auc(promise.guarantee))]
        of += [
            (f"tpr_at_fpr_{fpr:g}", attack.tpr[fpr], max_tpr(promise.guarantee, fpr))
            for fpr in sorted(attack.tpr, reverse=True)
        ]
        rows += [
            {
                "attack": attack.name,
                "access": attack.access,
                "figure": name,
                "estimate": interval.estimate,
                "low": interval.low,
                "high": interval.high,
                "ceiling": ceiling,
                "exceeded": bool(interval.low > ceiling),
            }
            for name, interval, ceiling in of
        ]
    names = "attack access figure estimate low high ceiling exceeded".split()
    return pd.DataFrame(rows, columns=names)
