"""Tables of records from files, and whether they fit a model."""

from pathlib import Path

from skprivacy._cli._errors import BadInput, say

__all__ = ["features_for", "load_table", "split_label"]

MOST_NAMES = 20


def load_table(path, name: str):
    """Read a table from a CSV or parquet file.

    Parameters
    ----------
    path : str or path-like
        ``.csv`` (also compressed, as ``.csv.gz``), ``.parquet`` or ``.pq``.

    name : str
        The option that named the file, for error messages.

    Returns
    -------
    table : DataFrame
    """
    import pandas as pd  # loaded for tables only, so that --help and --version are fast

    path = Path(path)
    suffixes = [suffix.lower() for suffix in path.suffixes]
    try:
        if ".csv" in suffixes[-2:]:
            table = pd.read_csv(path)
        elif suffixes and suffixes[-1] in (".parquet", ".pq"):
            table = pd.read_parquet(path)
        else:
            raise BadInput(f"{name} {str(path)!r} must be a .csv or a .parquet file.")
    except ImportError as error:
        raise BadInput(
            f"{name} {str(path)!r}: reading parquet needs pyarrow: pip install pyarrow"
        ) from error
    except (ValueError, OSError) as error:  # also what pandas raises on bad CSV
        raise BadInput(f"{name} {str(path)!r} cannot be read: {error}") from error
    if not len(table):
        raise BadInput(f"{name} {str(path)!r} has no rows.")
    return table


def split_label(table, label: str, name: str):
    """Part a table into features and label.

    Raises
    ------
    BadInput
        If the label is no column, or misses values.
    """
    if label not in table.columns:
        raise BadInput(
            f"--label {label!r} is not a column of {name}; its columns are "
            f"{_listed(table.columns)}."
        )
    missing = int(table[label].isna().sum())
    if missing:
        raise BadInput(f"{name}: the label {label!r} is missing in {missing:,} rows.")
    return table.drop(columns=label), table[label]


def features_for(model, X, name: str):
    """Give the columns that a model was trained on, in its order.

    Parameters
    ----------
    model : estimator

    X : DataFrame
        Features; columns that the model does not know are left out, and named on
        stderr.

    name : str
        The option that named the file, for error messages.

    Returns
    -------
    X : DataFrame or ndarray
        An array where the model was trained on one, without names.
    """
    names = getattr(model, "feature_names_in_", None)
    if names is None:
        return _by_position(model, X, name)
    absent = [column for column in names if column not in X.columns]
    if absent:
        raise BadInput(
            f"{name} lacks columns that the model was trained on: {_listed(absent)}."
        )
    extra = [column for column in X.columns if column not in set(names)]
    if extra:
        say(
            "note",
            f"{name}: columns that the model does not know are left out: "
            f"{_listed(extra)}.",
        )
    return X[list(names)]


def _by_position(model, X, name):
    """Nothing but the number of columns can be checked without names."""
    expected = getattr(model, "n_features_in_", None)
    if expected is None:
        return X
    if X.shape[1] != expected:
        raise BadInput(
            f"{name} has {X.shape[1]} columns besides the label; the model was trained "
            f"on {expected}, without names."
        )
    return X.to_numpy()


def _listed(names):
    names = list(map(str, names))
    rest = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" and {rest} more" if rest > 0 else "")
