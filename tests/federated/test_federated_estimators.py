import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB, MultinomialNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, StandardScaler

from skprivacy.federated import (
    CohortTooSmall,
    FederatedClassifier,
    FederatedRegressor,
    FederatedTransformer,
    Phase,
    SumLearner,
    register_learner,
)
from skprivacy.federated._learners import LEARNERS

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3)) + np.arange(60)[:, None] % 2
Y = np.array(["no", "yes"])[np.arange(60) % 2]
CLIENTS = np.array(["north", "south", "east", "west", "center"])[np.arange(60) // 12]


def plain(model=None, **parameters):
    model = GaussianNB() if model is None else model
    return FederatedClassifier(model, aggregation="plain", **parameters)


def same(model, other):
    np.testing.assert_allclose(model.theta_, other.theta_, atol=1e-9)
    np.testing.assert_allclose(model.var_, other.var_, atol=1e-9)
    assert model.classes_.tolist() == other.classes_.tolist()


@pytest.mark.parametrize("aggregation", ["plain", "secure"])
def test_a_fit_tells_who_took_part(aggregation):
    model = FederatedClassifier(GaussianNB(), aggregation=aggregation)
    assert model.fit(X, Y, groups=CLIENTS) is model
    same(model.estimator_, GaussianNB().fit(X, Y))
    assert set(model.clients_) == set(CLIENTS)
    assert model.failed_clients_ == {}
    # Two for the bounds, one for the deviations, one for the classes.
    assert model.n_rounds_ == 4
    n_values = 2 * (2 * 3 * 256) + (1 + 2 * 3) + 2 * (1 + 2 * 3)
    vectors = 5 * 8 * n_values
    most = vectors if aggregation == "plain" else vectors + 4 * 5 * 2000
    assert vectors <= model.bytes_sent_ <= most
    assert model.score(X, Y) > 0.6


def test_bounds_save_rounds_and_are_kept():
    model = plain(bounds=(-9, [9, 9, 9])).fit(X, Y, groups=CLIENTS)
    assert model.n_rounds_ == 2
    same(model.estimator_, GaussianNB().fit(X, Y))
    outside = X.copy()
    outside[0, 1] = 10.0
    with pytest.warns(UserWarning, match=r"'north' takes no part.*bounds.*\[1\]"):
        model.fit(outside, Y, groups=CLIENTS)


def test_bounds_of_a_target():
    target = X.sum(axis=1)
    model = FederatedRegressor(
        Ridge(), bounds=(-9, 9), y_bounds=(-20, 20), aggregation="plain"
    )
    model.fit(X, target, groups=CLIENTS)
    assert model.n_rounds_ == 2
    assert model.estimator_.coef_ == pytest.approx(Ridge().fit(X, target).coef_)
    model.set_params(y_bounds=(-20, np.sort(target)[-2]))
    with pytest.warns(UserWarning, match="takes no part.*y_bounds"):
        model.fit(X, target, groups=CLIENTS)
    assert len(model.clients_) == 4


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_client_with_missing_values_is_left_out(bad):
    broken = X.copy()
    broken[CLIENTS == "east", 2] = bad
    with pytest.warns(UserWarning, match="client 'east' takes no part.*(NaN|inf)"):
        model = FederatedClassifier(GaussianNB()).fit(broken, Y, groups=CLIENTS)
    kept = CLIENTS != "east"
    same(model.estimator_, GaussianNB().fit(X[kept], Y[kept]))
    assert [*model.failed_clients_] == ["east"]
    assert "east" not in model.clients_


def test_a_client_with_a_missing_target_is_left_out():
    target = X.sum(axis=1)
    target[0] = np.nan
    model = FederatedRegressor(LinearRegression(), aggregation="plain")
    with pytest.warns(UserWarning, match="client 'north' takes no part"):
        model.fit(X, target, groups=CLIENTS)
    np.testing.assert_allclose(model.estimator_.coef_, 1.0)


@pytest.mark.parametrize("missing", [None, np.nan])
def test_a_client_with_a_missing_label_is_left_out(missing):
    labels = Y.astype(object)
    labels[0] = missing
    with pytest.warns(UserWarning, match="client 'north' takes no part.*Input y"):
        model = plain().fit(X, labels, groups=CLIENTS)
    kept = CLIENTS != "north"
    same(model.estimator_, GaussianNB().fit(X[kept], Y[kept]))


def test_a_client_that_fails_in_a_later_step_is_left_out():
    # The first step is learned from all, the second without the one below zero.
    table = np.abs(X)
    table[CLIENTS == "west"] *= -1
    recipe = make_pipeline(MinMaxScaler((-1, 1)), MultinomialNB())
    with pytest.warns(UserWarning, match="takes no part: Negative values"):
        model = plain(recipe, min_clients=1).fit(table, Y, groups=CLIENTS)
    assert model.estimator_[0].data_min_.max() < 0
    assert "west" in model.failed_clients_


def test_values_that_no_word_holds_make_a_client_fail():
    table = np.abs(X)
    table[0] = 1e12
    with pytest.warns(UserWarning, match="'north' takes no part.*beyond the bound"):
        model = FederatedClassifier(MultinomialNB()).fit(table, Y, groups=CLIENTS)
    kept = CLIENTS != "north"
    pooled = MultinomialNB().fit(table[kept], Y[kept])
    np.testing.assert_allclose(model.estimator_.feature_count_, pooled.feature_count_)


def test_too_few_clients_end_the_fit():
    broken = X.copy()
    broken[CLIENTS == "east"] = np.nan
    with (
        pytest.warns(UserWarning, match="takes no part"),
        pytest.raises(CohortTooSmall, match="4 clients.*min_clients=5.*'east' failed"),
    ):
        plain(min_clients=5).fit(broken, Y, groups=CLIENTS)


def test_clients_of_one_class_and_of_one_record():
    order = np.argsort(Y, kind="stable")
    sizes = np.repeat([0, 1, 2, 3], [1, 29, 28, 2])
    model = FederatedClassifier(GaussianNB()).fit(X[order], Y[order], groups=sizes)
    same(model.estimator_, GaussianNB().fit(X, Y))
    assert model.clients_ == (0, 1, 2, 3)


def test_given_classes_are_counted_and_others_refused():
    model = plain(classes=["maybe", "yes", "no"]).fit(X, Y, groups=CLIENTS)
    same(model.estimator_, GaussianNB().fit(X, Y))
    assert model.n_rounds_ == 5
    other = Y.astype(object)
    other[CLIENTS == "south"] = "never"
    with pytest.warns(UserWarning, match="the label 'never' is not among"):
        model.fit(X, other, groups=CLIENTS)
    assert model.classes_.tolist() == ["no", "yes"]


def test_one_class_is_told():
    with pytest.raises(ValueError, match="at least 2 classes.*only 1 class"):
        plain(LogisticRegression()).fit(X, np.zeros(60), groups=CLIENTS)


def test_clients_must_be_named():
    with pytest.raises(ValueError, match="groups must say which client"):
        FederatedClassifier(GaussianNB()).fit(X, Y)
    with pytest.raises(ValueError, match="groups must say which client"):
        plain().fit(X, Y)
    alone = plain(min_clients=1).fit(X, Y)
    same(alone.estimator_, GaussianNB().fit(X, Y))


@pytest.mark.parametrize(
    "groups, error",
    [
        (CLIENTS[:-1], ValueError),
        (np.full(60, 0.5), TypeError),
        (-np.arange(60), ValueError),
    ],
    ids=["length", "float", "negative"],
)
def test_ids_of_clients_are_checked(groups, error):
    with pytest.raises(error):
        plain().fit(X, Y, groups=groups)


def test_two_clients_hide_nothing():
    with pytest.raises(ValueError, match="min_clients must be 3 at least"):
        FederatedClassifier(GaussianNB(), min_clients=2).fit(X, Y, groups=CLIENTS)


@pytest.mark.parametrize(
    "model",
    [
        KNeighborsClassifier(),
        make_pipeline(StandardScaler(), KNeighborsClassifier()),
    ],
    ids=["model", "pipeline"],
)
def test_what_can_be_learned_is_listed(model):
    with pytest.raises(ValueError, match="KNeighbors.*by sums.*GaussianNB.*Ridge"):
        plain(model).fit(X, Y, groups=CLIENTS)


@pytest.mark.parametrize(
    "wrapper, model, message",
    [
        (FederatedClassifier, Ridge(), "must be a classifier"),
        (FederatedRegressor, GaussianNB(), "must be a regressor"),
        (FederatedTransformer, GaussianNB(), "must be a transformer"),
    ],
    ids=["classifier", "regressor", "transformer"],
)
def test_each_wrapper_takes_its_kind(wrapper, model, message):
    with pytest.raises(ValueError, match=message):
        wrapper(model).fit(X, Y, groups=CLIENTS)


def test_the_fitted_model_is_an_ordinary_one():
    table = pd.DataFrame(X, columns=["a", "b", "c"])
    recipe = make_pipeline("passthrough", StandardScaler(), GaussianNB())
    recipe = Pipeline(
        [("scale", StandardScaler()), ("none", None), ("nb", GaussianNB())]
    )
    model = plain(recipe).fit(table, Y, groups=pd.Series(CLIENTS))
    alone = pickle.loads(pickle.dumps(model.estimator_))
    assert isinstance(alone, Pipeline)
    assert alone.feature_names_in_.tolist() == ["a", "b", "c"]
    assert (alone.predict(table) == model.predict(table)).all()
    pooled = clone(recipe).fit(table, Y)
    np.testing.assert_allclose(alone.predict_proba(table), pooled.predict_proba(table))


def test_steps_that_learn_nothing_are_applied():
    recipe = make_pipeline(FunctionTransformer(np.exp), GaussianNB())
    model = plain(recipe).fit(X, Y, groups=CLIENTS)
    same(model.estimator_[-1], GaussianNB().fit(np.exp(X), Y))


def test_a_transformer_names_its_columns():
    table = pd.DataFrame(X, columns=["a", "b", "c"])
    model = FederatedTransformer(StandardScaler(), aggregation="plain")
    model.set_output(transform="pandas")
    scaled = model.fit_transform(table, groups=CLIENTS)
    assert [*scaled.columns] == ["a", "b", "c"]
    np.testing.assert_allclose(model.inverse_transform(scaled), X)


def test_a_grid_search_hands_the_clients_on():
    with config_context(enable_metadata_routing=True):
        search = GridSearchCV(plain(), {"estimator__var_smoothing": [1e-9, 10.0]}, cv=2)
        search.fit(X, Y, groups=CLIENTS)
    assert search.best_estimator_.clients_ == tuple(np.unique(CLIENTS).tolist())


def test_a_pipeline_hands_the_clients_on():
    outer = make_pipeline(FunctionTransformer(), plain())
    outer.fit(X, Y, federatedclassifier__groups=CLIENTS)
    assert len(outer[-1].clients_) == 5


class Largest(TransformerMixin, BaseEstimator):
    def fit(self, X, y=None):
        self.count_ = len(X)
        return self

    def transform(self, X):
        return X / self.count_


class Count(Phase):
    def vector(self, estimator, X, y, public):
        return np.array([len(X)])

    def update(self, estimator, total, public):
        return {"n": total[0]}


def test_others_can_register_a_learner(monkeypatch):
    monkeypatch.setattr("skprivacy.federated._learners.LEARNERS", dict(LEARNERS))

    def finish(estimator, public):
        estimator.count_ = public["n"]

    register_learner(Largest, SumLearner((Count(),), finish))
    model = FederatedTransformer(Largest()).fit(X, groups=CLIENTS)
    assert model.estimator_.count_ == 60
    with pytest.raises(TypeError, match="a type and a SumLearner"):
        register_learner(Largest(), finish)


def test_texts_are_no_numbers_to_learn():
    alone = {"aggregation": "plain", "min_clients": 1}
    with pytest.raises(ValueError, match="y must hold numbers"):
        FederatedRegressor(Ridge(), **alone).fit([[0.0], [1.0]], ["no", "yes"])


@pytest.mark.filterwarnings("error")
def test_an_infinite_variance_is_refused():
    alone = {"aggregation": "plain", "min_clients": 1}
    scaler = FederatedTransformer(StandardScaler(), **alone)
    with pytest.raises(ValueError, match="X must be smaller"):
        scaler.fit([[1e300], [-1e300]])
