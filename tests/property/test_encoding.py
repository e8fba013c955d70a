"""Values become the numbers that the transformers themselves give."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.feature_selection import VarianceThreshold
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    RobustScaler,
    StandardScaler,
    TargetEncoder,
)

from skprivacy.property._encoding import Encoded, encoded_by

TABLE = pd.DataFrame(
    {
        "age": [20.0, 30.0, 50.0, 60.0, 70.0, 20.0],
        "sex": list("fmmfmm"),
        "town": ["a", "b", "a", "c", "a", "d"],
    }
)
LABEL = [0, 1, 0, 1, 1, 0]


def check_codes(step, table=TABLE, y=LABEL):
    """Every followed column gives the numbers that the step gives."""
    made = step.fit_transform(table, y)
    if isinstance(step, TargetEncoder):
        made = step.transform(table)  # fit_transform cross-fits
    made = np.asarray(made.toarray() if hasattr(made, "toarray") else made, dtype=float)
    columns = encoded_by(step, [Encoded(j) for j in range(table.shape[1])])
    assert len(columns) == made.shape[1]
    followed = [k for k, column in enumerate(columns) if column.source is not None]
    for k in followed:
        values = table.iloc[:, columns[k].source]
        np.testing.assert_allclose([columns[k].code(v) for v in values], made[:, k])
    return followed


@pytest.mark.parametrize(
    "scaler",
    [
        StandardScaler(),
        StandardScaler(with_mean=False),
        StandardScaler(with_std=False),
        MinMaxScaler((-1, 1)),
        MaxAbsScaler(),
        RobustScaler(),
        RobustScaler(with_centering=False),
        RobustScaler(with_scaling=False),
        SimpleImputer(),
        FunctionTransformer(),
        VarianceThreshold(),
    ],
)
def test_numbers(scaler):
    assert check_codes(scaler, TABLE[["age"]]) == [0]


@pytest.mark.parametrize(
    "encoder",
    [
        OneHotEncoder(),
        OneHotEncoder(drop="first"),
        OneHotEncoder(drop="if_binary"),
        OneHotEncoder(min_frequency=2),
        OneHotEncoder(min_frequency=2, drop=["f", "a"]),
        OrdinalEncoder(),
        TargetEncoder(smooth=0.0, cv=2),
    ],
)
def test_categories(encoder):
    assert len(check_codes(encoder, TABLE[["sex", "town"]])) >= 2


def test_columns_in_any_order():
    step = make_column_transformer(
        (OneHotEncoder(), ["town"]),
        ("drop", ["sex"]),
        (make_pipeline(SimpleImputer(), StandardScaler()), [0]),
        sparse_threshold=0,
    )
    assert len(check_codes(step)) == 5


def test_the_rest_passes_through():
    step = make_column_transformer(
        (OrdinalEncoder(), ["town", "sex"]), remainder="passthrough"
    )
    assert len(check_codes(step)) == 3


def test_other_transformers_are_not_followed():
    step = PolynomialFeatures(2).fit(TABLE[["age"]])
    assert [column.source for column in encoded_by(step, [Encoded(0)])] == [None] * 3


def test_a_missing_value_can_be_a_category():
    step = OneHotEncoder().fit(pd.DataFrame({"a": ["x", None]}, dtype=object))
    codes = [column.code(np.nan) for column in encoded_by(step, [Encoded(0)])]
    assert codes == [0.0, 1.0]


def test_an_unknown_category_has_no_number():
    step = OrdinalEncoder().fit(TABLE[["sex"]])
    assert np.isnan(encoded_by(step, [Encoded(0)])[0].code("x"))
