"""Which parameters of an estimator keep it from learning records by heart."""

from sklearn.base import BaseEstimator
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import (
    ElasticNet,
    Lasso,
    LogisticRegression,
    Ridge,
    RidgeClassifier,
    SGDClassifier,
    SGDRegressor,
)
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import Pipeline
from sklearn.svm import SVC, SVR, LinearSVC, LinearSVR
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

__all__ = ["auto_grid"]

# One parameter at a time, and a few pairs: each setting costs a set of shadow models.
_TREE: list[dict] = [
    {"min_samples_leaf": [5, 10, 20, 50, 100]},
    {"max_depth": [3, 6, 10]},
    {"max_features": [0.3], "min_samples_leaf": [10, 50]},
]
_FOREST = [
    {"min_samples_leaf": [5, 10, 20, 50, 100]},
    {"max_depth": [3, 6, 10]},
    {"max_features": [1], "min_samples_leaf": [10, 50]},
]
#: For forests whose trees draw their records.
_BOOTSTRAP = [{"max_samples": [0.1], "min_samples_leaf": [1, 10]}]
_HIST_BOOSTING: list[dict] = [
    {"max_iter": [10, 25, 50]},
    {"min_samples_leaf": [50, 100, 200]},
    {"l2_regularization": [10.0, 100.0]},
    {"early_stopping": [True]},
    {"max_iter": [10, 25, 50], "min_samples_leaf": [100]},
    {"max_iter": [25, 50], "max_depth": [2]},
]
_BOOSTING: list[dict] = [
    {"n_estimators": [10, 25, 50]},
    {"min_samples_leaf": [20, 50, 100]},
    {"n_estimators": [25, 50], "subsample": [0.5], "min_samples_leaf": [20]},
    {"n_estimators": [25, 50], "max_depth": [1]},
]
_NETWORK: list[dict] = [
    {"alpha": [0.01, 0.1, 1.0, 10.0]},
    {"early_stopping": [True], "alpha": [1e-4, 1.0]},
]
_C = [{"C": [1e-4, 1e-3, 1e-2, 1e-1, 1.0]}]
_NEIGHBORS: dict[str, list] = {"n_neighbors": [10, 20, 50, 100], "weights": ["uniform"]}

_GRIDS: list[tuple[tuple[type, ...], list[dict]]] = [
    ((DecisionTreeClassifier, DecisionTreeRegressor), _TREE),
    ((RandomForestClassifier, RandomForestRegressor), _FOREST),
    ((ExtraTreesClassifier, ExtraTreesRegressor), _FOREST),
    ((HistGradientBoostingClassifier, HistGradientBoostingRegressor), _HIST_BOOSTING),
    ((GradientBoostingClassifier, GradientBoostingRegressor), _BOOSTING),
    ((MLPClassifier, MLPRegressor), _NETWORK),
    ((LogisticRegression, LinearSVC, LinearSVR), _C),
    ((SVC, SVR), [{"C": [1e-2, 1e-1, 1.0]}]),
    ((Ridge, RidgeClassifier), [{"alpha": [1.0, 10.0, 100.0, 1e3, 1e4]}]),
    ((Lasso, ElasticNet, KernelRidge), [{"alpha": [1e-3, 1e-2, 1e-1, 1.0]}]),
    ((SGDClassifier, SGDRegressor), [{"alpha": [1e-3, 1e-2, 1e-1]}]),
    ((GaussianNB,), [{"var_smoothing": [1e-4, 1e-2, 1e-1]}]),
    ((KNeighborsClassifier, KNeighborsRegressor), [_NEIGHBORS]),
]


def auto_grid(estimator, n_records: int) -> list[dict]:
    """Return the grid over an estimator's own regularization parameters.

    Parameters
    ----------
    estimator : estimator
        One of scikit-learn's, a pipeline that ends in one, or a wrapper around one as
        its ``estimator``, ``regressor`` or ``classifier``.

    n_records : int
        Records to train on. More neighbors than half of a half are left out.

    Returns
    -------
    grid : list of dict
        For :class:`~sklearn.model_selection.ParameterGrid`. The first changes nothing:
        the estimator's own setting is a candidate too.

    Raises
    ------
    ValueError
        If there is none for the estimator.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sklearn.svm import SVC
    >>> auto_grid(make_pipeline(StandardScaler(), SVC()), 1000)
    [{}, {'svc__C': [0.01, 0.1, 1.0]}]
    """
    prefix, inner = _innermost(estimator)
    grid = next((grid for kinds, grid in _GRIDS if isinstance(inner, kinds)), None)
    if grid is None:
        raise ValueError(
            "param_grid='auto' knows no regularization parameters of "
            f"{type(inner).__name__}; give a grid, such as "
            f"param_grid={{'{prefix}alpha': [0.1, 1, 10]}}."
        )
    if getattr(inner, "bootstrap", False) is True:
        grid = grid + _BOOTSTRAP
    if grid == [_NEIGHBORS]:
        few = [k for k in _NEIGHBORS["n_neighbors"] if k <= max(n_records // 4, 1)]
        grid = [_NEIGHBORS | {"n_neighbors": few}] if few else []
    return [{}] + [
        {prefix + name: values for name, values in part.items()} for part in grid
    ]


def _innermost(estimator):
    """Return the estimator that learns, and what its parameters are prefixed with."""
    if isinstance(estimator, Pipeline):
        step, last = estimator.steps[-1]
        prefix, inner = _innermost(last)
        return f"{step}__{prefix}", inner
    # A parameter: forests have an attribute "estimator", which is none.
    params = estimator.get_params(deep=False)
    for name in ("estimator", "regressor", "classifier"):
        wrapped = params.get(name)
        if isinstance(wrapped, BaseEstimator):
            prefix, inner = _innermost(wrapped)
            return f"{name}__{prefix}", inner
    return "", estimator
