"""Columns of texts, which the first step makes numbers of."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.compose import (
    ColumnTransformer,
    make_column_selector,
    make_column_transformer,
)
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import CategoricalNB, GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    StandardScaler,
)

from skprivacy.federated import FederatedClassifier, FederatedTransformer
from skprivacy.federated._learners._encoders import united

RNG = np.random.default_rng(0)
CLIENTS = np.arange(80) % 4
TABLE = pd.DataFrame(
    {
        "age": RNG.integers(18, 80, 80),
        "job": pd.Categorical(RNG.choice(["cook", "nurse"], 80)),
        "income": RNG.lognormal(size=80),
        "town": RNG.choice(["A", "B", "C"], 80).astype(object),
    }
)
#: Known to one client alone.
TABLE.loc[np.flatnonzero(CLIENTS == 2)[:3], "town"] = "D"
Y = (TABLE["age"] + 20 * (TABLE["town"] == "A") + RNG.normal(0, 9, 80) > 55).to_numpy()
NUMBERS = make_column_selector(dtype_include="number")
OTHERS = make_column_selector(dtype_exclude="number")


def fit(model, X=TABLE, **parameters):
    wrapper = FederatedTransformer if hasattr(model, "transform") else None
    wrapper = wrapper or FederatedClassifier
    parameters = {"aggregation": "plain", **parameters}
    return wrapper(model, **parameters).fit(X, Y, groups=CLIENTS)


@pytest.mark.parametrize(
    "parts",
    [
        [("n", StandardScaler(), NUMBERS), ("c", OneHotEncoder(), OTHERS)],
        [
            ("n", make_pipeline(StandardScaler(), MinMaxScaler()), ["income", "age"]),
            ("c", OneHotEncoder(drop="if_binary", sparse_output=False), [3, 1]),
        ],
        [
            ("o", OrdinalEncoder(), ["town"]),
            (
                "f",
                FunctionTransformer(np.log1p, feature_names_out="one-to-one"),
                slice("income", "income"),
            ),
            ("k", "passthrough", ["age"]),
            ("d", "drop", "job"),
            ("e", StandardScaler(), []),
        ],
        [("n", MinMaxScaler(), [True, False, True, False])],
    ],
    ids=["selectors", "pipelines", "mixed", "mask"],
)
def test_columns_are_learned_part_by_part(parts):
    recipe = ColumnTransformer(parts)
    pooled = clone(recipe).fit(TABLE)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ours = fit(recipe)
        found = ours.transform(TABLE)
    dense = [
        np.asarray(getattr(t, "todense", lambda t=t: t)())
        for t in (found, pooled.transform(TABLE))
    ]
    np.testing.assert_allclose(*dense, atol=1e-12)
    names = pooled.get_feature_names_out().tolist()
    assert ours.get_feature_names_out().tolist() == names
    assert ours.estimator_.get_params().keys() == recipe.get_params().keys()
    kinds = [type(part[1]) for part in pooled.transformers_]
    assert [type(part[1]) for part in ours.estimator_.transformers_] == kinds


@pytest.mark.parametrize("aggregation", ["plain", "secure"])
def test_a_model_behind_encoders(aggregation):
    columns = make_column_transformer(
        (StandardScaler(), NUMBERS), (OneHotEncoder(handle_unknown="ignore"), OTHERS)
    )
    newton = LogisticRegression(solver="newton-cholesky", tol=1e-12)
    recipe = make_pipeline(columns, newton)
    pooled = clone(recipe).fit(TABLE, Y)
    ours = fit(recipe, aggregation=aggregation)
    np.testing.assert_allclose(
        ours.predict_proba(TABLE), pooled.predict_proba(TABLE), atol=1e-8
    )
    assert ours.n_features_in_ == 4
    assert ours.estimator_.feature_names_in_.tolist() == [*TABLE.columns]


def test_given_categories_are_not_asked_for():
    encoder = OrdinalEncoder(categories=[["cook", "nurse"], ["A", "B", "C"]])
    recipe = make_pipeline(encoder, CategoricalNB())
    with pytest.warns(UserWarning, match="client 2 takes no part.*unknown categories"):
        model = fit(recipe, TABLE[["job", "town"]])
    assert model.clients_ == (0, 1, 3)
    assert model.estimator_[0].categories_[1].tolist() == ["A", "B", "C"]


def test_a_client_without_a_number_is_left_out():
    broken = TABLE.copy()
    broken.loc[np.flatnonzero(CLIENTS == 1)[0], "income"] = np.nan
    columns = make_column_transformer((StandardScaler(), NUMBERS))
    with pytest.warns(UserWarning, match="client 1 takes no part.*NaN"):
        model = fit(make_pipeline(columns, GaussianNB()), broken)
    pooled = StandardScaler().fit(TABLE.loc[CLIENTS != 1, ["age", "income"]])
    scaler = model.estimator_[0].named_transformers_["standardscaler"]
    np.testing.assert_allclose(scaler.mean_, pooled.mean_)


def test_missing_categories_are_one():
    holes = TABLE[["town"]].copy()
    holes.iloc[[0, 5], 0] = np.nan
    pooled = OneHotEncoder().fit(holes)
    ours = fit(OneHotEncoder(), holes).estimator_
    assert (ours.transform(holes) != pooled.transform(holes)).nnz == 0
    assert len(ours.categories_[0]) == 5


def test_an_array_of_texts():
    model = fit(OrdinalEncoder(), TABLE[["job", "town"]].to_numpy(object))
    assert model.estimator_.categories_[1].tolist() == ["A", "B", "C", "D"]


@pytest.mark.parametrize(
    "model, message",
    [
        (OneHotEncoder(min_frequency=3), "min_frequency and max_categories"),
        (OneHotEncoder(categories=[["A"]]), "for 4 columns; got 1"),
        (
            make_column_transformer(("drop", ["age"]), remainder=MinMaxScaler()),
            "remainder of a ColumnTransformer",
        ),
    ],
    ids=["frequency", "categories", "remainder"],
)
def test_what_is_not_learned_is_refused(model, message):
    with pytest.raises(ValueError, match=message):
        fit(model)


def test_bounds_are_not_of_texts():
    with pytest.raises(ValueError, match="bounds must be None where"):
        fit(OneHotEncoder(), bounds=(0, 1))


def test_texts_and_numbers_are_not_mixed():
    with pytest.raises(ValueError, match="all texts or all numbers"):
        united([[["a"]], [[1]]])
