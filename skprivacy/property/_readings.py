"""Where a model tells the share of a value as it is."""

from collections.abc import Iterator

import numpy as np
from sklearn.impute import KNNImputer, SimpleImputer
from sklearn.naive_bayes import CategoricalNB
from sklearn.preprocessing import QuantileTransformer, StandardScaler, TargetEncoder

from skprivacy.inspection import read_trees
from skprivacy.property._encoding import Encoded, encoded_by, same_value
from skprivacy.property._opened import open_model
from skprivacy.property._reading import (
    DEVIATIONS,
    Reading,
    sees_a_draw,
    settled,
    whole_sample,
)
from skprivacy.property._tree_shares import share_at_root, told_shares

__all__ = ["column_readings", "share_from_mean"]

#: Numbers of one code differ by rounding alone.
ROUNDING = 1e-6


def column_readings(model, n_features, source, value) -> Iterator[Reading]:
    """Read the share of a value of a column wherever a model tells it.

    Parameters
    ----------
    model : fitted estimator
        The whole model.

    n_features : int
        Columns of the records.

    source : int
        Position of the column.

    value : object
        The value.

    Yields
    ------
    reading : Reading
    """
    start = [Encoded(j) for j in range(n_features)]
    yield from settled(_told(model, start, source, value))
    yield from _tree_reading(model, source, value)


def _told(model, start, source, value):
    """Ask all rules about all columns that come of one."""
    draws = sees_a_draw(model)
    for part in open_model(model, start, encoded_by):
        rules = _MODEL_RULES if part.is_model else _STEP_RULES
        for rule in rules:
            for j, column in enumerate(part.columns):
                if column.source != source:
                    continue
                told = rule(part.fitted, j, column, value)
                if told is not None:
                    share, name = told
                    # Steps see all records, but for those inside of members.
                    exact = not (draws and part.is_model)
                    yield f"{part.path} {name} of column {j}".strip(), share, exact


def share_from_mean(mean, column: Encoded, value, var=None):
    """Turn the mean of a column of two numbers into the share of one.

    Parameters
    ----------
    mean : float
        Mean of the column's numbers.

    column : Encoded
        How values became numbers.

    value : object
        Whose share is wanted.

    var : float or None, default=None
        Their variance. A column of numbers is taken for one of 0 and 1 where the
        variance is that of one.

    Returns
    -------
    share : float or None
        None where more than two numbers stand in the column.

    Examples
    --------
    >>> flag = Encoded(0, known=(0, 1))
    >>> share_from_mean(0.3, flag, 1), share_from_mean(0.3, flag, 0)
    (0.3, 0.7)
    >>> share_from_mean(0.3, Encoded(0), 1, var=0.21)
    0.3
    >>> share_from_mean(0.3, Encoded(0), 1, var=2.0) is None
    True
    """
    own = column.code(value)
    if column.known is None:
        if not (same_value(value, 0) or same_value(value, 1)):
            return None
        others = {column.code(1 - value)}
    else:
        others = {
            column.code(one) for one in column.known if not same_value(one, value)
        }
    if len(others) != 1 or not np.isfinite([own, *others]).all() or own in others:
        return None
    other = others.pop()
    share = (mean - other) / (own - other)
    if not -ROUNDING <= share <= 1 + ROUNDING:
        return None
    share = float(np.clip(share, 0, 1))
    if column.known is None:
        usual = share * (1 - share) * (own - other) ** 2
        if var is None or abs(var - usual) > ROUNDING * (own - other) ** 2:
            return None
    return share


def _tree_reading(model, source, value):
    try:
        ensemble = read_trees(model)
    except TypeError:
        return
    if not ensemble.tells_counts:
        return
    told = told_shares(ensemble, source, value)
    low, high = 0.0, 1.0
    if whole_sample(ensemble):
        low, high = float(told.low.max()), float(told.high.min())
        if low == high:
            yield Reading(low, low, high, True, "counts of nodes")
            return
    if len(told.shares):
        share, deviation = share_at_root(told)
        share = float(np.clip(share, low, high))
        yield Reading(
            share,
            max(low, share - DEVIATIONS * deviation),
            min(high, share + DEVIATIONS * deviation),
            False,
            f"counts of nodes at {len(told.shares)} splits",
        )


def _standard_scaler(step, j, column, value):
    if isinstance(step, StandardScaler) and step.mean_ is not None:
        var = None if step.var_ is None else step.var_[j]
        share = share_from_mean(step.mean_[j], column, value, var)
        return None if share is None else (share, "mean_")
    return None


def _imputer(step, j, column, value):
    if isinstance(step, SimpleImputer) and step.strategy == "mean":
        if len(step.statistics_) > j:
            share = share_from_mean(float(step.statistics_[j]), column, value)
            return None if share is None else (share, "statistics_")
    return None


def _centered(step, j, column, value):
    """PCA and the like keep the means that they take away."""
    if isinstance(step, StandardScaler) or not hasattr(step, "components_"):
        return None
    means = getattr(step, "mean_", None)
    if means is None or np.shape(means) != (step.n_features_in_,):
        return None
    share = share_from_mean(means[j], column, value)
    return None if share is None else (share, "mean_")


def _quantiles(step, j, column, value):
    if not isinstance(step, QuantileTransformer):
        return None
    values = np.asarray(step.quantiles_)[:, j]
    own = column.code(value)
    if len(np.unique(values)) > 2 or not np.isfinite(own):
        return None
    return float(np.mean(np.abs(values - own) < ROUNDING)), "quantiles_"


def _target_encoder(step, j, column, value):
    """Read two means of the label and the mean of both: the weights follow."""
    if not isinstance(step, TargetEncoder) or step.smooth != 0:
        return None
    known, target = step.categories_[j], np.ravel(step.target_mean_)
    own = [k for k, one in enumerate(known) if same_value(one, value)]
    if len(known) != 2 or len(own) != 1:
        return None
    means = np.array(step.encodings_[j * len(target) : (j + 1) * len(target)])
    own_means, other_means = means[:, own[0]], means[:, 1 - own[0]]
    widest = np.abs(own_means - other_means).argmax()
    gap = own_means[widest] - other_means[widest]
    if abs(gap) < ROUNDING:
        return None
    return float((target[widest] - other_means[widest]) / gap), "encodings_"


def _stored_rows(fitted, j, column, value):
    """Nearest neighbors, and imputers by them, keep the records."""
    if not isinstance(fitted, KNNImputer) and not hasattr(fitted, "predict"):
        return None
    rows = getattr(fitted, "_fit_X", getattr(fitted, "X_train_", None))
    own = column.code(value)
    if rows is None or np.ndim(rows) != 2 or np.isnan(own):
        return None
    numbers = rows[:, [j]]
    numbers = numbers.toarray() if hasattr(numbers, "toarray") else numbers
    numbers = np.asarray(numbers, dtype=float)
    return float(np.mean(np.abs(numbers - own) < ROUNDING)), "stored records"


def _class_means(model, j, column, value):
    """Gaussian naive Bayes and discriminant analysis: means of each class."""
    means = getattr(model, "theta_", getattr(model, "means_", None))
    counts = getattr(model, "class_count_", getattr(model, "priors_", None))
    if getattr(model, "priors", None) is not None:
        counts = getattr(model, "class_count_", None)
    if means is None or counts is None or np.ndim(means) != 2:
        return None
    weights = np.asarray(counts) / np.sum(counts)
    means = np.asarray(means)[:, j]
    var = getattr(model, "var_", None)
    if var is not None:
        within = np.asarray(var)[:, j] - getattr(model, "epsilon_", 0.0)
        mean = weights @ means
        var = weights @ (within + (means - mean) ** 2)
    share = share_from_mean(weights @ means, column, value, var)
    return None if share is None else (share, "means of the classes")


def _feature_counts(model, j, column, value):
    """Count as naive Bayes of counts does."""
    if isinstance(model, CategoricalNB):
        code, counts = column.code(value), np.asarray(model.category_count_[j])
        if np.isnan(code) or not 0 <= code < counts.shape[1]:
            return None
        return float(counts[:, int(code)].sum() / counts.sum()), "category_count_"
    counts = getattr(model, "feature_count_", None)
    if counts is None or np.ndim(counts) != 2 or not hasattr(model, "class_count_"):
        return None
    mean = np.asarray(counts)[:, j].sum() / np.sum(model.class_count_)
    binary = hasattr(model, "binarize")
    if column.known is None and not binary:
        return None
    var = mean * (1 - mean) if binary else None
    share = share_from_mean(mean, column, value, var)
    return None if share is None else (share, "feature_count_")


_STEP_RULES = (
    *(_standard_scaler, _imputer, _quantiles, _target_encoder, _stored_rows, _centered),
)
_MODEL_RULES = (_feature_counts, _class_means, _stored_rows)
