"""Changes that flip a copy, tried on the target."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from skprivacy.extraction import evasion_transfer
from skprivacy.targets import BlackBox


def step(column, at=0.0):
    """Label by one column."""
    return lambda X: (np.asarray(X, dtype=float)[:, column] > at).astype(int)


def box(function, **options):
    return BlackBox(function, classes=[0, 1], response="label", **options)


class Copy(DummyClassifier):
    """A fitted classifier that labels by a function."""

    def __init__(self, function=None):
        self.function = function

    def predict(self, X):
        return self.function(X)

    predict_proba = property()


def copy_of(function):
    copy = Copy(function)
    copy.classes_ = np.array([0, 1])
    return copy


X = np.random.default_rng(0).normal(size=(200, 3))


def test_all_changes_of_an_exact_copy_flip_the_target():
    target = box(step(1))
    told = evasion_transfer(target, copy_of(step(1)), X, random_state=0)
    assert told.share.estimate == 1.0 and told.flips_target.all()
    assert told.n_records == len(told.rows) == 200
    # One column, the nearest of ten values on the other side.
    assert (told.n_changes == 1).all()
    differs = told.changed != X
    assert differs[:, 1].all() and not differs[:, [0, 2]].any()
    values = np.sort(X[:, 1])[np.linspace(0, 199, 10).round().astype(int)]
    lowest_above, highest_below = values[values > 0].min(), values[values <= 0].max()
    expected = np.where(X[:, 1] > 0, highest_below, lowest_above)
    np.testing.assert_array_equal(told.changed[:, 1], expected)
    # A third of the random changes are of that column, half of these cross.
    assert 0.05 < told.by_chance.estimate < 0.35
    # The records as they were, changed, and changed at random.
    assert told.n_queries == target.n_queries_ == 600


def test_changes_of_a_copy_of_something_else_do_not():
    told = evasion_transfer(box(step(0)), copy_of(step(2)), X, random_state=0)
    assert told.share.estimate == 0.0 and not told.flips_target.any()
    assert "200 of 200 records flip the copy" in str(told)


def test_a_second_column_is_changed_where_one_is_not_enough():
    model = LogisticRegression(C=1e6).fit(X, (X.sum(axis=1) > 0).astype(int))
    far = np.vstack([X, np.full((1, 3), X.min())])
    one = evasion_transfer(BlackBox(model), model, far, max_changes=1)
    two = evasion_transfer(BlackBox(model), model, far, max_changes=3, n_values=5)
    assert 200 not in one.rows and 200 in two.rows
    assert two.n_changes[two.rows == 200] >= 2
    assert len(two.rows) > len(one.rows)


def test_margin_goes_beyond_the_boundary():
    model = LogisticRegression().fit(X, (X[:, 0] > 0).astype(int))
    told = evasion_transfer(BlackBox(model), model, X, margin=0.5)
    proba = model.predict_proba(told.changed)
    assert (np.abs(proba[:, 1] - proba[:, 0]) >= 0.5).all()


def test_tables_keep_their_types():
    rng = np.random.default_rng(1)
    table = pd.DataFrame(
        {
            "age": rng.integers(20, 60, 120),
            "kind": pd.Categorical(rng.choice([*"uvw"], 120)),
            "pay": rng.normal(size=120),
        },
        index=np.arange(120) + 1000,
    )
    y = ((table["kind"] == "u") | (table["pay"] > 1)).astype(int)
    encoder = make_column_transformer(
        (OneHotEncoder(), ["kind"]), remainder="passthrough"
    )
    model = make_pipeline(encoder, RandomForestClassifier(5, random_state=0))
    model.fit(table, y)
    told = evasion_transfer(BlackBox(model), model, table, random_state=0)
    assert told.share.estimate == 1.0
    assert told.changed.dtypes.equals(table.dtypes)
    assert told.changed.index.tolist() == table.index[told.rows].tolist()
    assert told.changed["age"].isin(table["age"]).all()


def test_a_copy_that_never_changes_flips_nothing():
    copy = DummyClassifier(strategy="constant", constant=0).fit(X, np.arange(200) % 2)
    told = evasion_transfer(box(step(0)), copy, X)
    assert len(told.rows) == told.n_queries == 0
    assert np.isnan(told.share.estimate) and len(told.changed) == 0


def test_bad_input():
    number = LinearRegression().fit(X, X[:, 0])
    with pytest.raises(ValueError, match="target must be a classifier"):
        evasion_transfer(BlackBox(number), copy_of(step(0)), X)
    with pytest.raises(ValueError, match=r"margin=0.1 needs a copy with predict_proba"):
        evasion_transfer(box(step(0)), copy_of(step(0)), X, margin=0.1)
    with pytest.raises(ValueError, match="'max_changes' parameter"):
        evasion_transfer(box(step(0)), copy_of(step(0)), X, max_changes=0)
