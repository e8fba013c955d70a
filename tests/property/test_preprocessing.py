"""What steps hold is read by name."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.decomposition import PCA
from sklearn.ensemble import BaggingRegressor
from sklearn.impute import KNNImputer, SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    KBinsDiscretizer,
    OneHotEncoder,
    QuantileTransformer,
    StandardScaler,
    TargetEncoder,
)

from skprivacy.property import ModelFeatures
from skprivacy.property._preprocessing import read_preprocessing, read_step

TOWNS = pd.DataFrame({"town": ["a", "a", "b", "b", "c"], "age": [1.0, 2, 3, 4, 5]})


def test_names_are_those_of_columns_and_categories():
    model = make_pipeline(
        make_column_transformer(
            (OneHotEncoder(), ["town"]), (StandardScaler(), ["age"])
        ),
        Ridge(),
    ).fit(TOWNS, [0.0, 1, 2, 3, 4])
    numbers = read_preprocessing(model)
    assert numbers["has columntransformer/onehotencoder town=c"] == 1
    assert numbers["columntransformer/standardscaler mean_ age"] == 3


def test_rare_categories_are_told():
    numbers = read_step(OneHotEncoder(min_frequency=2).fit(TOWNS[["town"]]), ["town"])
    assert numbers["rare town"] == 1
    assert numbers["has rare town=c"] == 1
    assert "has rare town=a" not in numbers


def test_target_encodings_by_category():
    encoder = TargetEncoder(smooth=0.0, target_type="continuous", cv=2)
    encoder.fit(TOWNS[["town"]], [0.0, 2.0, 1.0, 3.0, 9.0])
    numbers = read_step(encoder, ["town"])
    assert numbers["encoding 0 town=a"] == pytest.approx(1)
    assert numbers["encoding 0 town=c"] == pytest.approx(9)
    assert numbers["target_mean_ 0"] == pytest.approx(3)


@pytest.mark.parametrize("column", [[0.0], ["text"]])
def test_statistics_that_are_texts_are_left_out(column):
    step = SimpleImputer(strategy="most_frequent").fit(
        np.array([column, column], dtype=object)
    )
    assert read_step(step, ["a"]) == ({"statistics_ a": 0.0} if column == [0.0] else {})


@pytest.mark.filterwarnings("ignore:Bins whose width")
def test_edges_have_as_many_numbers_whatever_is_left_out():
    x = np.r_[np.zeros(50), np.arange(50.0)][:, None]
    options = {"strategy": "quantile", "quantile_method": "averaged_inverted_cdf"}
    few = read_step(KBinsDiscretizer(20, **options).fit(x), ["x"])
    many = read_step(
        KBinsDiscretizer(20, **options).fit(np.arange(100.0)[:, None]), ["x"]
    )
    assert few.keys() == many.keys()
    assert few["edges x"] < many["edges x"] == 21
    quantiles = QuantileTransformer(n_quantiles=10).fit(x)
    assert read_step(quantiles, ["x"])["edge 1.00 x"] == 49


def test_means_of_stored_rows_leave_missing_values_out():
    step = KNNImputer().fit([[1.0, np.nan], [3.0, 5.0]])
    assert read_step(step, ["a", "b"]) == {"mean a": 2.0, "mean b": 5.0}


def test_principal_components_keep_means():
    numbers = read_step(PCA(1).fit([[0.0, 1.0], [2.0, 5.0]]), ["a", "b"])
    assert numbers["mean_ b"] == 3
    assert numbers["explained_variance_ratio_ 0"] == pytest.approx(1)


def test_steps_of_members_are_averaged():
    X = np.arange(20.0)[:, None]
    model = BaggingRegressor(
        make_pipeline(StandardScaler(), Ridge()), n_estimators=3, random_state=0
    ).fit(X, X[:, 0])
    means = [member[0].mean_[0] for member in model.estimators_]
    assert read_preprocessing(model)["standardscaler mean_ x0"] == pytest.approx(
        np.mean(means)
    )


def test_what_some_models_lack_is_what_is_usual():
    def fitted(rows):
        return make_pipeline(OneHotEncoder(handle_unknown="ignore"), Ridge()).fit(
            TOWNS.iloc[rows][["town"]], np.arange(len(rows))
        )

    features = ModelFeatures("parameters").fit([fitted([0, 1, 4]), fitted([0, 2])])
    names = features.get_feature_names_out().tolist()
    numbers = features.transform([fitted([0, 2])])[0]
    assert numbers[names.index("steps__has onehotencoder town=c")] == 0
    usual = features.transform([fitted([0, 1, 4])])[0]
    coefficient = names.index("parameters__ridge coef_ town_c")
    assert numbers[coefficient] == usual[coefficient]
