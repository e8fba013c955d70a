"""What the steps before a model hold, by name."""

import numpy as np
from sklearn.preprocessing import KBinsDiscretizer, QuantileTransformer, TargetEncoder

from skprivacy.property._opened import input_names, names_after, open_model

__all__ = ["PRESENCE", "mean_by_name", "read_preprocessing", "read_step"]

#: A name that begins so is a 1 where it is there, and a 0 where it is not.
PRESENCE = "has "
#: Attributes that hold a number for each column that the step takes.
_PER_COLUMN = (
    *("mean_", "var_", "data_min_", "data_max_", "max_abs_", "center_", "scale_"),
    *("statistics_", "lambdas_", "variances_", "scores_", "idf_"),
)
#: Attributes that hold numbers in an order that does not depend on chance.
_IN_ORDER = ("explained_variance_ratio_", "singular_values_", "target_mean_")
QUANTILES = np.linspace(0, 1, 7)


def read_preprocessing(model) -> dict:
    """Read what the steps before a model hold.

    Parameters
    ----------
    model : fitted estimator
        Pipelines, column transformers and searches are opened, and mixtures of them.

    Returns
    -------
    numbers : dict of str to float
        Of steps that stand in several members, the mean.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import MaxAbsScaler
    >>> model = make_pipeline(MaxAbsScaler(), Ridge()).fit([[0], [2]], [0, 1])
    >>> read_preprocessing(model)
    {'maxabsscaler max_abs_ x0': 2.0, 'maxabsscaler scale_ x0': 2.0}
    """
    found = []
    for part in open_model(model, input_names(model), names_after):
        if not part.is_model:
            numbers = read_step(part.fitted, part.columns)
            found.append({_at(part.path, name): x for name, x in numbers.items()})
    return mean_by_name(found)


def read_step(step, names) -> dict:
    """Read what one transformer holds.

    Parameters
    ----------
    step : fitted transformer
        Scalers, imputers, encoders, bins, quantiles, PCA, and others by the names of
        their attributes.

    names : list of str
        Columns that it takes.

    Returns
    -------
    numbers : dict of str to float

    Examples
    --------
    >>> from sklearn.preprocessing import OneHotEncoder
    >>> read_step(OneHotEncoder().fit([["f"], ["m"]]), ["sex"])
    {'has sex=f': 1.0, 'has sex=m': 1.0, 'categories sex': 2.0}
    """
    numbers: dict[str, float] = {}
    for attribute in _PER_COLUMN:
        values = _numeric(getattr(step, attribute, None))
        if values is not None and values.ndim == 1:
            of_column = _named(names, len(values))
            # KBins and the like have no use for a name twice.
            numbers |= {
                f"{attribute} {n}": x for n, x in zip(of_column, values, strict=True)
            }
    for attribute in _IN_ORDER:
        values = _numeric(getattr(step, attribute, None))
        if values is not None:
            numbers |= {f"{attribute} {i}": x for i, x in enumerate(np.ravel(values))}
    numbers |= _categories(step, names)
    if isinstance(step, TargetEncoder):
        numbers |= _encodings(step, names)
    numbers |= _edges(step, names)
    rows = _numeric(getattr(step, "_fit_X", None))
    if rows is not None and rows.ndim == 2 and len(rows):
        # An imputer by neighbors keeps its records.
        of_column = _named(names, rows.shape[1])
        known = np.maximum((~np.isnan(rows)).sum(axis=0), 1)
        means = np.nansum(rows, axis=0) / known
        numbers |= {f"mean {n}": x for n, x in zip(of_column, means, strict=True)}
    inner = getattr(step, "initial_imputer_", None)
    if inner is not None:
        numbers |= read_step(inner, names)
    return {name: float(x) for name, x in numbers.items() if np.isfinite(x)}


def mean_by_name(found) -> dict:
    """Average numbers of the same name.

    Parameters
    ----------
    found : list of dict
        Numbers of each member.

    Returns
    -------
    numbers : dict of str to float

    Examples
    --------
    >>> mean_by_name([{"a": 1.0}, {"a": 3.0, "b": 2.0}])
    {'a': 2.0, 'b': 2.0}
    """
    lists: dict[str, list] = {}
    for numbers in found:
        for name, value in numbers.items():
            lists.setdefault(name, []).append(value)
    return {name: float(np.mean(values)) for name, values in lists.items()}


def _at(path, name):
    if name.startswith(PRESENCE):
        return f"{PRESENCE}{path} {name.removeprefix(PRESENCE)}"
    return f"{path} {name}"


def _numeric(values):
    if values is None or callable(values):
        return None
    try:
        return np.asarray(values, dtype=float)
    except (TypeError, ValueError):  # the most frequent text, or rows of sparse data
        return None


def _named(names, n):
    return names if len(names) == n else range(n)


def _categories(step, names):
    lists = getattr(step, "categories_", None)
    if lists is None:
        return {}
    rare = getattr(step, "_infrequent_indices", None) or [None] * len(lists)
    numbers = {}
    for name, known, few in zip(_named(names, len(lists)), lists, rare, strict=True):
        numbers |= {f"{PRESENCE}{name}={value}": 1.0 for value in known}
        numbers[f"categories {name}"] = len(known)
        if few is not None:
            numbers |= {f"{PRESENCE}rare {name}={value}": 1.0 for value in known[few]}
            numbers[f"rare {name}"] = len(few)
    return numbers


def _encodings(step, names):
    n_classes = max(len(step.encodings_) // len(step.categories_), 1)
    numbers = {}
    for i, means in enumerate(step.encodings_):
        name = _named(names, len(step.categories_))[i // n_classes]
        known = step.categories_[i // n_classes]
        numbers |= {
            f"encoding {i % n_classes} {name}={value}": x
            for value, x in zip(known, means, strict=True)
        }
    return numbers


def _edges(step, names):
    if isinstance(step, KBinsDiscretizer):
        columns = list(step.bin_edges_)
    elif isinstance(step, QuantileTransformer):
        columns = list(np.asarray(step.quantiles_).T)
    else:
        return {}
    numbers = {}
    for name, edges in zip(_named(names, len(columns)), columns, strict=True):
        # Bins that are too narrow are left out: their number tells, too.
        numbers[f"edges {name}"] = len(edges)
        numbers |= {
            f"edge {q:.2f} {name}": x
            for q, x in zip(QUANTILES, np.quantile(edges, QUANTILES), strict=True)
        }
    return numbers
