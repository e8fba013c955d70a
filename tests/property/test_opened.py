"""Models are taken apart, and their columns named."""

import numpy as np
import pandas as pd
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, make_column_transformer
from sklearn.ensemble import BaggingClassifier, StackingClassifier, VotingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler

from skprivacy.property._opened import (
    input_names,
    names_after,
    open_model,
    positions,
)

RNG = np.random.RandomState(0)
X = RNG.normal(size=(40, 3))
Y = (X[:, 0] + 0.1 * RNG.normal(size=40) > 0).astype(int)


def opened(model):
    return [
        (part.path, type(part.fitted).__name__, part.columns)
        for part in open_model(model, input_names(model), names_after)
    ]


def test_a_pipeline_with_a_column_transformer():
    table = pd.DataFrame({"age": [1.0, 2, 3, 4], "sex": list("ffmm")})
    model = make_pipeline(
        make_column_transformer(
            (StandardScaler(), ["age"]), (OneHotEncoder(), ["sex"])
        ),
        LogisticRegression(),
    ).fit(table, [0, 1, 0, 1])
    names = ["standardscaler__age", "onehotencoder__sex_f", "onehotencoder__sex_m"]
    assert opened(model) == [
        ("columntransformer/standardscaler", "StandardScaler", ["age"]),
        ("columntransformer/onehotencoder", "OneHotEncoder", ["sex"]),
        ("logisticregression", "LogisticRegression", names),
    ]


def test_shells_are_opened():
    search = GridSearchCV(make_pipeline(MinMaxScaler(), GaussianNB()), {}, cv=2)
    model = FrozenEstimator(search.fit(X, Y))
    names = ["x0", "x1", "x2"]
    assert opened(model) == [
        ("minmaxscaler", "MinMaxScaler", names),
        ("gaussiannb", "GaussianNB", names),
    ]


def test_members_that_chance_orders_have_the_same_path():
    model = BaggingClassifier(
        GaussianNB(), n_estimators=2, max_features=2, random_state=0
    ).fit(X, Y)
    seen = [[f"x{j}" for j in part] for part in model.estimators_features_]
    assert opened(model) == [("", "GaussianNB", part) for part in seen]


def test_members_with_names_keep_them():
    members = [("a", GaussianNB()), ("b", LogisticRegression())]
    paths = [path for path, *_ in opened(VotingClassifier(members).fit(X, Y))]
    assert paths == ["a", "b"]
    stacked = StackingClassifier(members, GaussianNB()).fit(X, Y)
    assert [path for path, *_ in opened(stacked)] == ["a", "b", "final"]


def test_a_calibrated_model_has_numbers_of_its_own():
    model = CalibratedClassifierCV(GaussianNB(), cv=2).fit(X, Y)
    kinds = [kind for _, kind, _ in opened(model)]
    assert kinds == ["GaussianNB", "GaussianNB", "CalibratedClassifierCV"]


def test_a_union_of_steps():
    union = FeatureUnion([("a", MinMaxScaler()), ("b", StandardScaler())])
    model = make_pipeline(union, GaussianNB()).fit(X, Y)
    assert [path for path, *_ in opened(model)] == [
        "featureunion/a",
        "featureunion/b",
        "gaussiannb",
    ]
    assert len(opened(model)[-1][2]) == 6


def test_names_of_steps_without_names():
    class Own:
        def transform(self, X):
            return X

    assert names_after("passthrough", ["a"]) == ["a"]
    assert names_after(Own(), ["a"]) == []


@pytest.mark.parametrize(
    "key",
    [
        ["c", "a"],
        slice("b", "c"),
        slice(None, "b"),
        [0, -2],
        slice(1, 3),
        [False, True, True],
        np.array([True, False, False]),
    ],
)
def test_columns_are_those_that_the_transformer_takes(key):
    table = pd.DataFrame([[0.0, 1.0, 2.0], [0.0, 1.0, 2.0]], columns=list("abc"))
    step = ColumnTransformer([("a", "passthrough", key)]).fit(table)
    key = step.transformers_[0][2]
    assert positions(step, key, 3) == step.transform(table)[0].astype(int).tolist()
    # Texts are taken as one column, which no key of a list gives.
    assert positions(step, "b", 3) == positions(step, 1, 3) == positions(step, -2, 3)
