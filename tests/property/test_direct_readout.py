"""One model, no shadow models, and its share."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skprivacy.property import DirectReadout
from skprivacy.targets import BlackBox

SHARES = [0.2, 0.5, 0.8]


def scene(share, seed=0, n=300):
    rng = np.random.RandomState(seed)
    group = rng.permutation(np.arange(n) < share * n)
    table = pd.DataFrame({"sex": np.where(group, "f", "m"), "z": rng.normal(size=n)})
    return table, np.where(table["z"] + group > 0.5, "yes", "no")


@pytest.fixture(scope="module")
def forests():
    model = make_pipeline(
        make_column_transformer((OneHotEncoder(), ["sex"]), (StandardScaler(), ["z"])),
        RandomForestClassifier(20, random_state=0),
    )
    return [clone(model).fit(*scene(share)) for share in SHARES]


def test_shares_of_forests(forests):
    readout = DirectReadout("sex", "f")
    found = readout.predict(forests)
    np.testing.assert_allclose(found, SHARES, atol=0.03)
    np.testing.assert_allclose(DirectReadout("sex", "m").predict(forests), 1 - found)
    low, high = readout.predict_interval(forests).T
    assert np.all((low <= SHARES) & (high >= SHARES))
    assert readout.score(forests, SHARES) > 0.98


def test_shares_of_the_label(forests):
    found = DirectReadout(value="yes").predict(forests)
    wanted = [np.mean(scene(share)[1] == "yes") for share in SHARES]
    np.testing.assert_allclose(found, wanted, atol=0.03)


def test_the_exact_comes_first():
    table = pd.DataFrame({"a": [0.0, 1, 1, 1], "b": [0.0, 1, 2, 3]})
    forest = RandomForestClassifier(5, random_state=0)
    model = make_pipeline(StandardScaler(), forest).fit(table, [0, 1, 1, 1])
    readings = DirectReadout("a", 1).readings([model])
    assert readings["where"].iloc[0] == "standardscaler mean_ of column 0"
    assert readings["where"].iloc[1].startswith("counts of nodes")
    assert readings["exact"].tolist() == [True, False]
    assert DirectReadout(0, 1).predict([model]) == pytest.approx(0.75)


def test_nothing_told_is_an_error_or_the_default():
    model = LogisticRegression().fit([[0.0], [1], [1]], [0, 1, 1])
    with pytest.raises(ValueError, match=r"X\[0\] does not tell the share of 0 = 1"):
        DirectReadout(0, 1).predict([model])
    readout = DirectReadout(0, 1, default=0.4)
    assert readout.predict([model]) == 0.4
    np.testing.assert_array_equal(readout.predict_interval([model]), [[0, 1]])
    assert len(readout.readings([model])) == 0


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("height", 1, "column='height' is no feature"),
        (2, 1, "position from 0 to 1; got 2"),
        (-1, 1, "position from 0 to 1; got -1"),
        (1.5, 1, "a name, a position or None"),
        (None, "maybe", "one of the classes"),
    ],
)
def test_bad_arguments(forests, column, value, message):
    with pytest.raises(ValueError, match=message):
        DirectReadout(column, value).predict(forests)


def test_bad_models(forests):
    with pytest.raises(TypeError, match="must be a list of fitted models"):
        DirectReadout("sex", "f").predict(forests[0])
    with pytest.raises(ValueError, match="empty list"):
        DirectReadout("sex", "f").predict([])
    with pytest.raises(NotFittedError):
        DirectReadout("sex", "f").predict([GaussianNB()])
    with pytest.raises(TypeError, match="shows its answers alone"):
        DirectReadout("sex", "f").predict([BlackBox(forests[0])])
    line = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])
    with pytest.raises(ValueError, match="needs classifiers"):
        DirectReadout(value=1).predict([line])
    with pytest.raises(ValueError, match="trained on an array"):
        DirectReadout("sex", "f").predict([line])
    with pytest.raises(ValueError, match="'default' parameter"):
        DirectReadout("sex", "f", default=2).predict(forests)


def test_an_estimator_like_any_other(forests):
    readout = DirectReadout("sex", "f")
    before = readout.predict(forests)
    copy = pickle.loads(pickle.dumps(clone(readout).fit(forests, SHARES)))
    np.testing.assert_array_equal(copy.predict(forests), before)
    frozen = [FrozenEstimator(model) for model in forests]
    np.testing.assert_array_equal(readout.predict(frozen), before)
