"""Records as numbers."""

import numpy as np
import pandas as pd

from skprivacy.records import as_numbers


def test_texts_become_ranks_and_missing_stays_missing():
    table = pd.DataFrame({"a": ["b", None, "a"], "n": [1, 2, 3]})
    expected = [[1, 1], [np.nan, 2], [0, 3]]
    np.testing.assert_array_equal(as_numbers(table), expected)
    np.testing.assert_array_equal(as_numbers(table.to_numpy(dtype=object)), expected)
