"""Reading a shipped table, and handing it out in scikit-learn's form."""

from collections.abc import Sequence
from importlib.resources import files

import numpy as np
import pandas as pd
from sklearn.utils import Bunch

__all__ = ["as_dataset", "read_table"]

DATA_MODULE = "skprivacy.datasets.data"
DESCR_MODULE = "skprivacy.datasets.descr"


def read_table(name: str, *, categories: Sequence[str] = ()) -> pd.DataFrame:
    """Read one of the tables that the package ships.

    Parameters
    ----------
    name : str
        The file's name without ``.csv.gz``.

    categories : sequence of str, default=()
        Columns to read as categories of strings, whatever their values look like.

    Returns
    -------
    table : DataFrame of shape (n_records, n_columns)
        Integers are ``int64``, decimals ``float64``, an empty cell is missing.
    """
    with (files(DATA_MODULE) / f"{name}.csv.gz").open("rb") as stream:
        table = pd.read_csv(
            stream,
            compression="gzip",
            dtype=dict.fromkeys(categories, str),
            # Only an empty cell is missing: "None" or "NA" could be a value.
            keep_default_na=False,
            na_values=[""],
        )
    return table.astype(dict.fromkeys(categories, "category"))


def as_dataset(
    table: pd.DataFrame,
    *,
    name: str,
    target: str,
    sensitive: Sequence[str],
    return_X_y: bool,
    as_frame: bool,
    groups: pd.Series | None = None,
) -> Bunch | tuple:
    """Split a table into features and target, in the form of ``fetch_openml``.

    Parameters
    ----------
    table : DataFrame of shape (n_records, n_features + 1)
        Features and target.

    name : str
        Name of the shipped file and of its data card, without suffix.

    target : str
        The target's column.

    sensitive : sequence of str
        Columns that a person would mind being inferred.

    return_X_y, as_frame : bool
        As in the public loaders.

    groups : Series of shape (n_records,), default=None
        The person that each row is about, where a person has several.

    Returns
    -------
    dataset : Bunch, or (X, y) if `return_X_y`
    """
    X, y = table.drop(columns=target), table[target]
    # The target comes last, where `label=-1` finds it.
    frame = pd.concat([X, y], axis=1) if as_frame else None
    feature_names = list(X.columns)
    if not as_frame:
        X, y = X.to_numpy(), np.asarray(y)
        groups = None if groups is None else groups.to_numpy()
    if return_X_y:
        return X, y
    dataset = Bunch(
        data=X,
        target=y,
        frame=frame,
        feature_names=feature_names,
        target_names=[target],
        sensitive_features=[c for c in sensitive if c in feature_names],
        DESCR=(files(DESCR_MODULE) / f"{name}.md").read_text(encoding="utf-8"),
        filename=f"{name}.csv.gz",
        data_module=DATA_MODULE,
    )
    if groups is not None:
        dataset.groups = groups
    return dataset
