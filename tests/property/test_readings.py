"""Shares are read where they stand."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import (
    LinearDiscriminantAnalysis,
    QuadraticDiscriminantAnalysis,
)
from sklearn.ensemble import (
    BaggingClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.impute import KNNImputer, SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import BernoulliNB, CategoricalNB, GaussianNB, MultinomialNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    OneHotEncoder,
    OrdinalEncoder,
    QuantileTransformer,
    StandardScaler,
    TargetEncoder,
)
from sklearn.svm import NuSVC
from sklearn.tree import DecisionTreeClassifier

from skprivacy.inspection import read_trees
from skprivacy.property._encoding import Encoded
from skprivacy.property._reading import whole_sample
from skprivacy.property._readings import column_readings, share_from_mean

RNG = np.random.RandomState(0)
SHARE = 0.35
GROUP = RNG.permutation(np.arange(200) < SHARE * 200)
Z = RNG.normal(size=200)
FLAG = pd.DataFrame({"sex": GROUP * 1.0, "z": Z})
TEXT = pd.DataFrame({"sex": np.where(GROUP, "f", "m")})
Y = (Z + GROUP > 0.5).astype(int)


def read(model, table, value, exact=True):
    """Shares that a model tells of a value in the first column."""
    found = column_readings(model.fit(table, Y), table.shape[1], 0, value)
    return {
        reading.where.removesuffix(" of column 0"): reading.share
        for reading in found
        if reading.exact == exact
    }


@pytest.mark.parametrize(
    ("model", "where"),
    [
        (make_pipeline(StandardScaler(), LogisticRegression()), "standardscaler mean_"),
        (
            make_pipeline(KNNImputer(), LogisticRegression()),
            "knnimputer stored records",
        ),
        (GaussianNB(), "means of the classes"),
        (BernoulliNB(), "feature_count_"),
        (KNeighborsClassifier(), "stored records"),
        (DecisionTreeClassifier(max_depth=1), "counts of nodes"),
    ],
)
def test_columns_of_0_and_1(model, where):
    table = FLAG[["sex"]] if isinstance(model, DecisionTreeClassifier) else FLAG
    for value, share in ((1, SHARE), (0, 1 - SHARE)):
        assert read(model, table, value)[where] == pytest.approx(share)


@pytest.mark.parametrize(
    ("model", "where"),
    [
        (LinearDiscriminantAnalysis(), "means of the classes"),
        (QuadraticDiscriminantAnalysis(), "means of the classes"),
        (GaussianNB(), "means of the classes"),
        (MultinomialNB(), "feature_count_"),
        (CategoricalNB(), "category_count_"),
        (KNeighborsClassifier(), "stored records"),
        (
            make_pipeline(SimpleImputer(), LogisticRegression()),
            "simpleimputer statistics_",
        ),
        (make_pipeline(PCA(), LogisticRegression()), "pca mean_"),
        (make_pipeline(StandardScaler(), LogisticRegression()), "standardscaler mean_"),
    ],
)
def test_columns_behind_an_encoder(model, where):
    encoded = make_pipeline(OrdinalEncoder(), *_steps(model))
    for value, share in (("f", SHARE), ("m", 1 - SHARE)):
        found = read(encoded, TEXT, value)
        assert next(x for name, x in found.items() if name.endswith(where)) == (
            pytest.approx(share)
        )


def _steps(model):
    return [step for _, step in model.steps] if hasattr(model, "steps") else [model]


def test_stored_records_may_be_sparse():
    model = make_pipeline(OneHotEncoder(), KNeighborsClassifier()).fit(TEXT, Y)
    assert sparse.issparse(model[-1]._fit_X)
    shares = [found.share for found in column_readings(model, 1, 0, "f")]
    assert shares == pytest.approx([SHARE, SHARE])


def test_means_of_the_label_without_smoothing():
    model = make_pipeline(TargetEncoder(smooth=0.0), LogisticRegression())
    assert read(model, TEXT, "f") == pytest.approx({"targetencoder encodings_": SHARE})
    smooth = make_pipeline(TargetEncoder(smooth=10.0), LogisticRegression())
    assert read(smooth, TEXT, "f") == {}


def test_quantiles_of_two_values():
    model = make_pipeline(QuantileTransformer(n_quantiles=100), LogisticRegression())
    found = read(model, FLAG, 1)["quantiletransformer quantiles_"]
    assert found == pytest.approx(SHARE, abs=0.01)


def test_the_mean_of_other_numbers_is_no_share():
    table = FLAG.assign(sex=RNG.uniform(size=200))
    assert read(make_pipeline(StandardScaler(), GaussianNB()), table, 1) == {}
    # The mean of an imputer alone can't be told from one.
    assert read(make_pipeline(SimpleImputer(), LogisticRegression()), FLAG, 1) == {}


def test_the_mean_of_three_codes_is_no_share():
    towns = pd.DataFrame({"town": RNG.choice(["a", "b", "c"], 200)})
    model = make_pipeline(OrdinalEncoder(), StandardScaler(), LogisticRegression())
    assert read(model, towns, "b") == {}
    one_hot = make_pipeline(
        OneHotEncoder(sparse_output=False), StandardScaler(), LogisticRegression()
    )
    shares = list(read(one_hot, towns, "b").values())
    assert shares == pytest.approx([np.mean(towns["town"] == "b")])


def test_coefficients_tell_no_share():
    assert read(LogisticRegression(), FLAG, 1) == {}
    assert read(LogisticRegression(), FLAG, 1, exact=False) == {}


@pytest.mark.parametrize(
    "inner", [GaussianNB(), make_pipeline(StandardScaler(), NuSVC())]
)
def test_members_on_draws_are_no_counts_and_their_mean_is_nearer(inner):
    bag = BaggingClassifier(inner, 20, random_state=0).fit(FLAG, Y)
    (found,) = column_readings(bag, 2, 0, 1)
    assert not found.exact
    # Of 20 draws of 200 records.
    assert found.low < SHARE < found.high
    assert found.high - found.low < 0.06


def test_bounds_of_trees_that_saw_all_records():
    model = HistGradientBoostingClassifier(max_iter=20).fit(FLAG, Y)
    readings = list(column_readings(model, 2, 0, 1))
    assert len(readings) == 1
    assert readings[0].low <= SHARE <= readings[0].high
    assert readings[0].share == pytest.approx(SHARE, abs=0.1)


@pytest.mark.parametrize(
    ("model", "whole"),
    [
        (DecisionTreeClassifier(), True),
        (ExtraTreesClassifier(3), True),
        (ExtraTreesClassifier(3, bootstrap=True), False),
        (RandomForestClassifier(3), False),
        (RandomForestClassifier(3, bootstrap=False), True),
        (GradientBoostingClassifier(n_estimators=3), True),
        (GradientBoostingClassifier(n_estimators=3, subsample=0.5), False),
        (GradientBoostingClassifier(n_estimators=3, n_iter_no_change=1), False),
        (HistGradientBoostingClassifier(max_iter=3), True),
        (HistGradientBoostingClassifier(max_iter=3, early_stopping=True), False),
        (BaggingClassifier(DecisionTreeClassifier(), 3), False),
        (make_pipeline(StandardScaler(), RandomForestClassifier(3)), False),
    ],
)
def test_who_sees_all_records(model, whole):
    assert whole_sample(read_trees(model.fit(FLAG, Y))) is whole


def test_share_from_mean_by_hand():
    column = Encoded(0, lambda value: {"f": -2.0, "m": 1.0}[value], ("f", "m"))
    assert share_from_mean(0.25, column, "f") == pytest.approx(0.25)
    assert share_from_mean(9.0, column, "f") is None
    # A column of which the encoder knows one value alone has no other.
    assert share_from_mean(0.0, Encoded(0, lambda value: 0.0, ("f",)), "f") is None
