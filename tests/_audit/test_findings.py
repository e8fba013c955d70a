"""What is not the model's fault."""

import numpy as np
import pandas as pd
import pytest

from skprivacy._audit._findings import identifier_columns

N = 200
RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    "values, is_identifier",
    [
        (np.arange(N), True),
        ([f"person {i}" for i in range(N)], True),
        (np.arange(N).astype(float), True),
        (RNG.normal(size=N), False),
        (np.arange(N) % 100, False),
        (RNG.random(N) < 0.5, False),
        (pd.Series([None] * N, dtype=object), False),
        (pd.Series([f"p{i}" for i in range(N)], dtype="category"), True),
    ],
    ids=["int", "text", "whole float", "float", "half", "bool", "missing", "category"],
)
def test_integers_and_texts_of_ones_own(values, is_identifier):
    table = pd.DataFrame({"column": values, "other": 1})
    assert identifier_columns(table) == (("column",) if is_identifier else ())


def test_the_label_is_left_out():
    table = pd.DataFrame({"visits": np.arange(N)})
    assert identifier_columns(table, "visits") == ()
