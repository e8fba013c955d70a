"""OneHotEncoder and OrdinalEncoder: categories are told in the clear, or given."""

import numpy as np
import pandas as pd
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder

__all__ = ["ENCODERS", "check_encoder", "fit_encoder", "own_categories", "united"]

ENCODERS = (OneHotEncoder, OrdinalEncoder)


def check_encoder(encoder):
    """Refuse what needs to know how frequent categories are.

    Raises
    ------
    ValueError
        If the encoder has `min_frequency` or `max_categories`.
    """
    if encoder.min_frequency is not None or encoder.max_categories is not None:
        raise ValueError(
            "min_frequency and max_categories must be None to learn from what clients "
            f"tell; got {encoder!r}."
        )


def own_categories(X) -> list:
    """Return what occurs in each column of a client's table."""
    table = pd.DataFrame(X)
    return [table.iloc[:, j].unique().tolist() for j in range(table.shape[1])]


def united(told) -> list:
    """Return the categories of all clients, sorted, missing values last.

    Parameters
    ----------
    told : list of list of list
        Of each client, for each column.

    Returns
    -------
    categories : list of ndarray

    Examples
    --------
    >>> united([[["b", None], [2]], [["a"], [1, 2]]])
    [array(['a', 'b', None], dtype=object), array([1, 2])]
    """
    categories = []
    for columns in zip(*told, strict=True):
        values = {value for column in columns for value in column}
        missing = [value for value in values if pd.isna(value)]
        present = list(values.difference(missing))
        if len({isinstance(value, str) for value in present}) > 1:
            raise ValueError(
                "categories of a column must be all texts or all numbers; got "
                f"{sorted(map(repr, present))[:10]}."
            )
        present.sort()
        # Two NaN are two values of a set.
        last: list[float | None] = [None] if None in missing else []
        last += [np.nan] if any(value is not None for value in missing) else []
        is_text = any(isinstance(value, str) for value in present) or None in last
        dtype = object if is_text else None
        categories.append(np.array([*present, *last], dtype=dtype))
    return categories


def fit_encoder(encoder, categories, columns):
    """Fit an encoder to one row of first categories.

    Parameters
    ----------
    encoder : OneHotEncoder or OrdinalEncoder
        Fitted in place.

    categories : list of ndarray
        Of each column.

    columns : list of str or None
        Names of the columns, where they are texts.

    Returns
    -------
    encoder : OneHotEncoder or OrdinalEncoder
    """
    given = encoder.categories
    row = pd.DataFrame([[column[0] for column in categories]], dtype=object)
    for j, column in enumerate(categories):
        if column.dtype != object:
            row[j] = row[j].astype(column.dtype)
    if columns is not None:
        row.columns = columns
    encoder.set_params(categories=categories)
    encoder.fit(row if columns is not None else row.to_numpy())
    return encoder.set_params(categories=given)
