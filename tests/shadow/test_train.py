"""Training one shadow model."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import QuantileTransformer

from skprivacy.shadow import ShadowFitError, ShadowModels
from skprivacy.shadow._train import _fit_params_of, with_random_states


@pytest.fixture
def records():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(80, 3))
    return np.column_stack([X, X[:, 0] + 0.3 * rng.normal(size=80) > 0])


def test_every_source_of_randomness_gets_a_seed_of_its_own():
    recipe = make_pipeline(
        QuantileTransformer(random_state=1), RandomForestClassifier(random_state=1)
    )
    seeded = with_random_states(recipe, 7).get_params()
    a = seeded["quantiletransformer__random_state"]
    b = seeded["randomforestclassifier__random_state"]
    assert len({1, a, b}) == 3


def test_what_has_a_row_each_is_cut_down():
    weights = np.arange(5.0)
    params = {"sample_weight": weights, "check_input": True, "other": [1, 2]}
    cut = _fit_params_of(params, np.array([0, 3]), 5)
    np.testing.assert_array_equal(cut["sample_weight"], [0.0, 3.0])
    assert cut["check_input"] is True and cut["other"] == [1, 2]


def test_sample_weight_reaches_each_model(records):
    # Weight 0 for a class: the models know it, but never predict it.
    weight = np.where(records[:, -1] == 1, 0.0, 1.0)
    shadow = ShadowModels(LogisticRegression(), n_models=4, random_state=0)
    plain = shadow.fit(records).answers_
    weighted = shadow.fit(records, sample_weight=weight).answers_
    assert weighted[..., 1].mean() < 0.1 < plain[..., 1].mean()


class FailsOnSomeRows(ClassifierMixin, BaseEstimator):
    """Fails where a certain record is in the training set."""

    def fit(self, X, y):
        if (X[:, 0] > 99).any():
            raise ArithmeticError("the forbidden record")
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        return np.full((len(X), len(self.classes_)), 1 / len(self.classes_))

    def predict(self, X):
        return np.repeat(self.classes_[0], len(X))


def test_a_failed_fit_names_index_seed_and_cause(records):
    records[5, 0] = 100.0
    shadow = ShadowModels(FailsOnSomeRows(), n_models=4, random_state=0)
    with pytest.raises(ShadowFitError, match=r"shadow model \d \(seed \d+\)") as info:
        shadow.fit(records)
    assert "ArithmeticError: the forbidden record" in str(info.value)
    assert isinstance(info.value.__cause__, ArithmeticError)


@pytest.mark.parametrize("model", ["model", LogisticRegression, None])
def test_seeds_are_given_to_estimators_alone(model):
    with pytest.raises(TypeError, match="model must be an unfitted estimator"):
        with_random_states(model, 0)
