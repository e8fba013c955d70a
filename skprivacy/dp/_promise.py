"""What is promised of a model as a whole, its steps together."""

from dataclasses import dataclass

from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.utils import get_tags

from skprivacy.dp._guarantee import PrivacyGuarantee

__all__ = ["Promise", "promise_of"]


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
