"""What InversionAttack refuses, and what it takes."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from skprivacy.attribute import ImputationBaseline, InversionAttack
from skprivacy.shadow import ShadowModels

SECRET, LABEL = "b", "y"


def table(n=50):
    """Four columns, and a label that hangs on two of them."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(n, 4)), columns=[*"abcd"])
    return frame.assign(y=frame["b"] - 3 * frame["c"] + rng.normal(size=n))


def known(records, secret=SECRET):
    return records.drop(columns=secret), records[secret]


def own():
    """A sound attack on a line, and what it is fitted on."""
    records = table()
    model = LinearRegression().fit(records.drop(columns=LABEL), records[LABEL])
    attack = InversionAttack(FrozenEstimator(model), sensitive=SECRET, label=LABEL)
    return attack, *known(records)


def test_texts_are_no_numbers():
    attack, X, secret = own()
    with pytest.raises(ValueError, match=r"y, the secret, must be numbers; got 'x'"):
        attack.fit(X, secret.astype(object).where(secret.index > 0, "x"))


def test_one_value_is_no_secret():
    attack, X, secret = own()
    with pytest.raises(ValueError, match="must have at least two values"):
        attack.fit(X, secret * 0)


def test_each_of_several_secrets_must_have_two_values():
    attack, _, _ = own()
    X, secret = known(table(), ["b", "c"])
    attack.set_params(sensitive=["b", "c"])
    with pytest.raises(ValueError, match=r"column 'c' must have at least two values"):
        attack.fit(X, secret.assign(c=1.0))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_secret_with_holes_is_refused(bad):
    attack, X, secret = own()
    with pytest.raises(ValueError, match="Input y contains"):
        attack.fit(X, secret.where(secret.index > 0, bad))


def test_without_a_label_there_is_nothing_to_invert():
    attack, X, secret = own()
    with pytest.raises(ValueError, match=r"label must name it.*got label=None"):
        attack.set_params(label=None).fit(X.drop(columns=LABEL), secret)


def test_a_label_with_holes_is_refused():
    attack, X, secret = own()
    attack.fit(X, secret)
    X.loc[0, LABEL] = np.nan
    with pytest.raises(ValueError, match="1 of 50 records have no label"):
        attack.predict(X)


def test_a_column_that_the_target_does_not_use():
    attack, X, secret = own()
    attack.set_params(sensitive="e")
    X = table()
    with pytest.raises(ValueError, match="'e' is no feature of the target"):
        attack.fit(X, secret)


def test_a_target_that_takes_no_numbers_between():
    records = table()
    records["b"] = records["b"].round()
    encoder = make_column_transformer(
        (OneHotEncoder(categories=[np.arange(-9.0, 20.0)]), ["b"]),
        remainder="passthrough",
    )
    model = make_pipeline(encoder, LinearRegression())
    model.fit(records.drop(columns=LABEL), records[LABEL])
    attack = InversionAttack(FrozenEstimator(model), sensitive=SECRET, label=LABEL)
    with pytest.raises(ValueError, match="refuses numbers between those of sensitive"):
        attack.fit(*known(records))


@pytest.mark.parametrize("name, value", [("weight", -1), ("n_grid", 2), ("prior", "x")])
def test_parameters_are_checked(name, value):
    attack, X, secret = own()
    with pytest.raises(ValueError, match=name):
        attack.set_params(**{name: value}).fit(X, secret)


def test_a_classifier_is_no_prior_of_numbers():
    attack, X, secret = own()
    with pytest.raises(ValueError, match="prior must be a regressor; got Logistic"):
        attack.set_params(prior=LogisticRegression()).fit(X, secret)


def test_it_survives_pickling():
    attack, X, secret = own()
    attack.set_params(weight=1.0).fit(X, secret)
    again = pickle.loads(pickle.dumps(attack))
    np.testing.assert_array_equal(again.predict(X), attack.predict(X))


@pytest.mark.parametrize("n", [2, 3, 10])
def test_few_records(n):
    attack, X, secret = own()
    assert np.isfinite(attack.fit(X[:n], secret[:n]).predict(X)).all()


def test_a_bare_recipe_of_shadows_is_refused():
    attack, X, secret = own()
    with pytest.raises(TypeError, match="shadow"):
        attack.set_params(shadow=LinearRegression()).fit(X, secret)
    shadow = ShadowModels(n_models=2, random_state=0)
    assert len(attack.set_params(shadow=shadow).fit(X, secret).shadow_.models_) == 2


def test_a_failed_fit_leaves_it_unfitted():
    attack, X, secret = own()
    for sick in (attack, ImputationBaseline(SECRET, label="z", values="classes")):
        with pytest.raises(ValueError):
            sick.set_params(label="z").fit(X, secret.round())
        assert not sick.__sklearn_is_fitted__()
