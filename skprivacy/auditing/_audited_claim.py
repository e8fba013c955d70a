"""What is audited of a model: how it is trained, on which data, what it promises."""

from dataclasses import dataclass
from typing import Any

from sklearn.base import BaseEstimator, clone
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from skprivacy._validation import as_table
from skprivacy.auditing._claims import as_guarantee
from skprivacy.auditing._runs import Mechanism, check_not_frozen
from skprivacy.dp import PrivacyGuarantee
from skprivacy.dp._promise import promise_of

__all__ = ["AuditedClaim", "take_claim"]


@dataclass(frozen=True)
class AuditedClaim:
    """A claim, and all that is needed to look into it.

    Parameters
    ----------
    name : str
        What is audited.

    estimator : estimator
        Unfitted.

    fitted : estimator
        As it would be released.

    X, y : table and ndarray or None
        What it is trained on.

    guarantee : PrivacyGuarantee
        What is claimed.

    delta : float
        Delta at which epsilon is bounded.

    uncovered : tuple of str
        Steps before it that learn from the data without a guarantee.
    """

    name: str
    estimator: BaseEstimator
    fitted: Any
    X: Any
    y: Any
    guarantee: PrivacyGuarantee
    delta: float
    uncovered: tuple[str, ...] = ()


def take_claim(model, X, y, claimed, delta, seed) -> AuditedClaim:
    """Find out what a model claims; fit it where that is not known before.

    Parameters
    ----------
    model : estimator
        Fitted or not.

    X, y : table and array-like or None
        Data to fit it on.

    claimed : PrivacyGuarantee, float or None
        What is claimed, if the model does not say.

    delta : float or None
        Delta at which epsilon is bounded. None: that of the claim.

    seed : int
        For the fit.

    Returns
    -------
    claim : AuditedClaim

    Raises
    ------
    ValueError
        If nothing is claimed, X and y have not the same length, or the model can't be
        fitted on them.
    """
    X = as_table(X)
    check_consistent_length(X, y)
    while isinstance(model, FrozenEstimator):
        model = model.estimator
    check_not_frozen(model)
    # One that is fitted is fitted as well: no method could be run where that fails, and
    # a report without any would look as if there were nothing to find.
    anew = _fit(model, X, y, seed)
    fitted = model if _is_fitted(model) else anew
    promise = promise_of(fitted)
    if claimed is None and promise is None:
        raise ValueError(
            f"claimed must be given: {type(_last(fitted)).__name__} has no "
            "privacy_guarantee_ that could be audited."
        )
    guarantee = as_guarantee(claimed, None, delta or 0.0)
    uncovered = () if promise is None else promise.uncovered
    if uncovered:
        # What these steps give away is no secret to anybody: they promise nothing.
        X, fitted = fitted[:-1].transform(X), fitted[-1]
        promise = promise_of(fitted)
    if guarantee is None and promise is not None:
        guarantee = promise.guarantee
    return AuditedClaim(
        name=type(_last(fitted)).__name__,
        estimator=clone(fitted),
        fitted=fitted,
        X=X,
        y=y,
        guarantee=guarantee,
        delta=guarantee.stated_delta if delta is None else delta,
        uncovered=uncovered,
    )


def _is_fitted(model) -> bool:
    if isinstance(model, Pipeline):
        # scikit-learn asks the last step alone.
        steps = (step for _, step in model.steps if hasattr(step, "fit"))
        return all(map(_is_fitted, steps))
    try:
        check_is_fitted(model)
    except (NotFittedError, TypeError):
        return False
    return True


def _fit(model, X, y, seed):
    try:
        return Mechanism(model).run((X,) if y is None else (X, y), seed)
    except (ValueError, TypeError) as error:
        labels = "" if y is not None else " without labels (y is None)"
        raise ValueError(
            f"{type(_last(model)).__name__} can't be fitted on X{labels}, so that "
            f"there is nothing to audit: {error}"
        ) from error


def _last(model):
    return _last(model.steps[-1][1]) if isinstance(model, Pipeline) else model
