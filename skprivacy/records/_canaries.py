"""Records that a model is likely to keep: the worst case of an audit."""

from numbers import Integral

import numpy as np
import pandas as pd
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions, validate_params

from skprivacy._validation import as_table
from skprivacy.records._identity import hash_records
from skprivacy.records._table import join_records

__all__ = ["make_canaries"]

KINDS = ("mislabeled", "outlier", "duplicate", "rare")

#: Names the label's column of a table while hashes are taken of its values.
_LABEL = ("label of canaries",)
#: Share of a column's records that count as its lower, and its upper, end.
_TAIL = 0.02
#: A column of whole numbers with no more different values than this has categories.
_MOST_CATEGORIES = 20
#: Draws before it is given up to find records that are new.
_MOST_DRAWS = 20


@validate_params(
    {
        "kind": [StrOptions(set(KINDS))],
        "n": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def make_canaries(X, y, *, kind: str = "mislabeled", n: int = 100, random_state=None):
    """Make records that a model is likely to learn by heart.

    Planted before training, half of them trained on and half held out, they measure
    what the model gives away of the records that are hardest to protect.

    Parameters
    ----------
    X : DataFrame or array-like of shape (n_records, n_features)
        Features of real records. Best are records that are not trained on themselves.

    y : array-like of shape (n_records,)
        Their labels: classes, or numbers.

    kind : {"mislabeled", "outlier", "duplicate", "rare"}, default="mislabeled"
        What makes them stand out.

        - "mislabeled": a real record with another class; with numbers as labels, with
          the label that stands half of all ranks away.
        - "outlier": in each column of numbers a value from the lower or the upper end,
          in each other column any seen value, all alike likely; the label too.
        - "duplicate": pairs of records, one below the other, with the same features
          and different labels: a real record, and its mislabeled twin. `n` is even.
        - "rare": a real record with the rarest categories: in each categorical column
          (texts, categories, truth values, whole numbers of few different values) one
          of those that less than half of the median number of records have, or the
          rarest one.

    n : int, default=100
        Number of canaries. To measure a false positive rate of 1%, at least 100 must be
        held out: make 200 or more.

    random_state : int, RandomState instance or None, default=None
        Decides what is drawn.

    Returns
    -------
    X_canaries : DataFrame or ndarray of shape (n, n_features)
        Features; each value is one that its column of `X` holds. A DataFrame keeps the
        types of its columns and is numbered from 0.

    y_canaries : Series or ndarray of shape (n,)
        Labels, each one that `y` holds.

    Raises
    ------
    ValueError
        If there is only one label, `n` is odd for "duplicate", no column has categories
        for "rare", or so many different new records can't be found.

    See Also
    --------
    skprivacy.audit : Its `canaries` says which records these are.

    Notes
    -----
    No canary equals a record of `X` and `y`, but for the first of each pair of
    "duplicate", and no two are equal. Only values of the same column are recombined, so
    that a categorical or whole-number column holds nothing that can't exist; a
    combination may be one that does not (a pregnant man). That is what makes it stand
    out.

    References
    ----------
    M. Aerni, J. Zhang, F. Tramèr. "Evaluations of machine learning privacy defenses are
    misleading". ACM CCS 2024. They audit with mislabeled images, images from another
    source, and pairs of equal images of which one is mislabeled, each where it is the
    worst case of a defense. "rare" is an addition of this package.

    Examples
    --------
    >>> import pandas as pd
    >>> from skprivacy.records import make_canaries
    >>> X = pd.DataFrame({"age": [30, 40, 50, 60], "sex": ["m", "f", "f", "m"]})
    >>> X_canaries, y_canaries = make_canaries(X, [0, 1, 1, 0], n=2, random_state=0)
    >>> X_canaries
       age sex
    0   30   m
    1   60   m
    >>> y_canaries
    array([1, 1])
    """
    X = as_table(X)
    labels = y if isinstance(y, pd.Series) else pd.Series(np.asarray(y))
    known = hash_records(join_records(X, labels.to_numpy(), _LABEL))
    if labels.nunique() < 2:
        raise ValueError("y must hold at least two different labels; got one.")
    if kind == "duplicate" and n % 2:
        raise ValueError(f"n must be even for kind='duplicate', which pairs; got {n}.")
    rng = check_random_state(random_state)
    frame = X if isinstance(X, pd.DataFrame) else pd.DataFrame(X)
    # The first twin of a pair is a real record; only the second must be new.
    step = 2 if kind == "duplicate" else 1
    features, truth = _draw_new(kind, frame, labels, n // step, known, rng)
    if kind == "duplicate":
        features, truth = _with_real_twins(features, truth, labels)
    return _like_given(features, truth, X, y)


def _draw_new(kind, X, y, n, known, rng):
    """Draw until there are ``n`` different records that are not in the data."""
    parts, seen = [], set()
    for _ in range(_MOST_DRAWS):
        rows, drawn = _MAKERS[kind](X, y, max(n, 20), rng)
        records = hash_records(join_records(rows, drawn.to_numpy(), _LABEL))
        # No two pairs of twins may share the real record.
        key = hash_records(rows) if kind == "duplicate" else records
        new = ~np.isin(records, known)
        new &= ~pd.Series(key).isin(seen) & ~pd.Series(key).where(new).duplicated()
        taken = np.flatnonzero(new)[: n - len(seen)]
        seen.update(key[taken].tolist())
        parts.append((rows.iloc[taken], drawn.iloc[taken]))
        if len(seen) == n:
            return tuple(pd.concat(part) for part in zip(*parts, strict=True))
    raise ValueError(
        f"n={n} different new records can't be made of {len(X)}; only {len(seen)} "
        "were found. Ask for fewer, or give more records."
    )


def _mislabeled(X, y, n, rng):
    rows = rng.choice(len(X), n, replace=n > len(X))
    return X.iloc[rows], other_labels(y, rows, rng)


def _outlier(X, y, n, rng):
    drawn = {}
    for j in range(X.shape[1]):
        column = X.iloc[:, j]
        if _is_number(column):
            drawn[j] = _from_the_ends(column, n, rng)
        else:
            drawn[j] = _any_value(column, n, rng)
    return _columns(X, drawn), _any_value(y, n, rng)


def _rare(X, y, n, rng):
    rows = rng.choice(len(X), n, replace=n > len(X))
    drawn = {j: X.iloc[rows, j] for j in range(X.shape[1])}
    categorical = [j for j in drawn if _has_categories(X.iloc[:, j])]
    if not categorical:
        raise ValueError(
            "kind='rare' needs a column of categories: texts, categories, truth values "
            f"or whole numbers of at most {_MOST_CATEGORIES} different values."
        )
    for j in categorical:
        drawn[j] = _rarest_values(X.iloc[:, j], n, rng)
    return _columns(X, drawn), y.iloc[rows]


_MAKERS = {
    "mislabeled": _mislabeled,
    "outlier": _outlier,
    "duplicate": _mislabeled,
    "rare": _rare,
}


def _with_real_twins(features, truth, y):
    """Put above each mislabeled record the real one that it was made from."""
    # Rows still bear the number of the record that they were drawn from.
    real = y.iloc[truth.index.to_numpy()]
    order = np.arange(2 * len(truth)).reshape(2, -1).T.ravel()
    return (
        pd.concat([features, features]).iloc[order],
        pd.concat([real, truth]).iloc[order],
    )


def other_labels(y, rows, rng):
    """Give each record a label that others have; index: the record's row number."""
    if _is_number(y) and y.nunique() > _MOST_CATEGORIES:
        order = np.argsort(y.to_numpy(), kind="stable")
        rank = np.empty(len(y), dtype=int)
        rank[order] = np.arange(len(y))
        taken = order[(rank[rows] + len(y) // 2) % len(y)]
        return y.iloc[taken].set_axis(rows)
    codes, classes = pd.factorize(y)
    shift = rng.randint(1, len(classes), size=len(rows))
    other = (codes[rows] + shift) % len(classes)
    first = np.unique(codes, return_index=True)[1]
    return y.iloc[first[other]].set_axis(rows)


def _from_the_ends(column, n, rng):
    """Values from the lower and the upper end of a column of numbers."""
    values = column[column.notna()]
    if values.empty:
        return _any_value(column, n, rng)
    order = np.argsort(values.to_numpy(), kind="stable")
    size = max(1, round(_TAIL * len(order)))
    ends = np.concatenate([order[:size], order[-size:]])
    return values.iloc[rng.choice(ends, n)]


def _any_value(column, n, rng):
    """Seen values, all alike likely however many records have them."""
    codes, _ = pd.factorize(column, use_na_sentinel=False)
    first = np.unique(codes, return_index=True)[1]
    return column.iloc[rng.choice(first, n)]


def _rarest_values(column, n, rng):
    codes, _ = pd.factorize(column, use_na_sentinel=False)
    _, first, counts = np.unique(codes, return_index=True, return_counts=True)
    rare = counts < np.median(counts) / 2
    rare = rare if rare.any() else counts == counts.min()
    return column.iloc[rng.choice(first[rare], n)]


def _columns(X, drawn):
    """Put columns of drawn values together, each with its own type."""
    return pd.DataFrame(
        {j: values.reset_index(drop=True) for j, values in drawn.items()}
    ).set_axis(X.columns, axis=1)


def _is_number(column):
    if column.dtype == object:
        column = column.infer_objects()
    dtype = column.dtype
    return pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_bool_dtype(
        dtype
    )


def _has_categories(column):
    if not _is_number(column):
        return True
    values = column.dropna().to_numpy(dtype=float)
    return bool(np.all(values == np.round(values))) and (
        len(np.unique(values)) <= _MOST_CATEGORIES
    )


def _like_given(features, truth, X, y):
    """Return the canaries in the containers of the data."""
    truth = truth.reset_index(drop=True)
    if isinstance(y, pd.Series):
        truth = truth.rename(y.name)
    else:
        truth = truth.to_numpy(dtype=np.asarray(y).dtype)
    if isinstance(X, pd.DataFrame):
        return features.reset_index(drop=True), truth
    return features.to_numpy(dtype=X.dtype), truth
