"""Records as numbers, for what must look at any table."""

import numpy as np
import pandas as pd

from skprivacy._validation import as_plain_table

__all__ = ["as_numbers"]


def as_numbers(records) -> np.ndarray:
    """Turn records into numbers; texts by their rank, missing into NaN.

    Parameters
    ----------
    records : DataFrame or ndarray of shape (n_records, n_columns)
        Records, or any table.

    Returns
    -------
    numbers : ndarray of float of shape (n_records, n_columns)

    Examples
    --------
    >>> import pandas as pd
    >>> as_numbers(pd.DataFrame({"age": [30, 40], "sex": ["m", "f"]}))
    array([[30.,  1.],
           [40.,  0.]])
    """
    records = as_plain_table(records, "records")
    if not isinstance(records, pd.DataFrame):
        records = pd.DataFrame(records).infer_objects()
    numbers = np.empty(records.shape)
    for j in range(records.shape[1]):
        column = records.iloc[:, j]
        if pd.api.types.is_numeric_dtype(column):
            numbers[:, j] = column.to_numpy(dtype=float, na_value=np.nan)
        else:
            codes, _ = pd.factorize(column.astype(str).where(column.notna()), sort=True)
            numbers[:, j] = np.where(codes >= 0, codes, np.nan)
    return numbers
