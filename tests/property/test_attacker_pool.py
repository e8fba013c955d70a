"""The attacker's records: some are asked about, shadow models get the others."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LinearRegression

from skprivacy.property._attacker_pool import AttackerPool, flipped_queries

ENDS, GRID = (0.2, 0.8), np.linspace(0.2, 0.8, 7)


class Recorder(ClassifierMixin, BaseEstimator):
    """A model that is its training set."""

    def fit(self, X, y):
        self.classes_, self.X_, self.y_ = np.unique(y), X, np.asarray(y)
        return self

    def predict(self, X):
        return np.full(len(X), self.classes_[0])


def make_pool(recipe=None, n=400):
    """Half have the property, and of these half are of class 1."""
    X = pd.DataFrame({"id": np.arange(n), "sex": np.resize(["f", "m"], n)})
    y = pd.Series(np.resize([0, 0, 1, 1], n), name="y")
    recipe = Recorder() if recipe is None else recipe
    return AttackerPool(X, y, "sex == 'f'", recipe, np.random.RandomState(0))


def train(pool, hold=None, sizes=(60,), n_models=16):
    return pool.train(hold, ENDS, sizes, n_models, GRID, np.random.RandomState(1))


def test_what_is_asked_about_is_in_no_training_set():
    pool = make_pool()
    asked = set(pool.queries["id"])
    assert len(asked) == 80  # a fifth of each half
    assert (pool.queries["sex"] == "f").sum() == 40
    for model in train(pool).models:
        assert not asked & set(model.X_["id"])


def test_queries_have_their_kinds():
    pool = make_pool()
    sexes, classes = pool.queries["sex"] == "f", pool.queries["id"] % 4 >= 2
    assert (pool.query_strata == 2 * classes + sexes).all()


def test_shares_are_as_they_say():
    shadows = train(make_pool())
    found = [(model.X_["sex"] == "f").mean() for model in shadows.models]
    np.testing.assert_allclose(found, shadows.ratios, atol=0.5 / 60 + 1e-6)


def test_with_the_label_held_classes_are_alike():
    shadows = train(make_pool(), hold="label")
    assert {model.y_.mean() for model in shadows.models} == {0.5}


def test_sizes_have_as_many_of_both_pools():
    shadows = train(make_pool(), sizes=(60, 30, 15), n_models=32)
    assert np.unique(shadows.sizes, return_counts=True)[1].tolist() == [8, 8, 16]
    assert [len(model.X_) for model in shadows.models] == shadows.sizes.tolist()
    assert (shadows.factor >= 1).all()
    # Of a small size the models 4i and 4i + 2 are of two halves of the pool.
    small = [set(m.X_["id"]) for m in shadows.models if len(m.X_) == 15]
    first = set.union(*(s for i, s in enumerate(small) if i % 4 < 2))
    second = set.union(*(s for i, s in enumerate(small) if i % 4 >= 2))
    assert not first & second


def test_half_of_what_there_is_may_be_taken():
    # 160 of each sex are left: at 0.8 that is enough for 200 records.
    assert make_pool().largest(None, ENDS) == 100


def test_numbers_have_no_classes_to_hold():
    assert make_pool().can_hold(ENDS)
    assert not make_pool(LinearRegression()).can_hold(ENDS)


def test_a_feature_is_turned_round():
    queries = pd.DataFrame({"town": ["a", "b", "c", "b", "a"], "x": range(5)})
    flipped = flipped_queries(queries, "town == 'a'")
    assert flipped["town"].tolist() == ["b", "a", "a", "a", "b"]
    assert flipped["x"].tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    "asked", ["town == 'a' and x > 2", ("y", 1), "town == 'z'", lambda t: t["x"] > 1]
)
def test_what_can_not_be_turned_round_is_none(asked):
    queries = pd.DataFrame({"town": ["a", "b"], "x": range(2)})
    assert flipped_queries(queries, asked) is None


def test_the_label_of_an_array_is_no_feature():
    queries = np.array([[0.0, 1.0], [1.0, 5.0]])
    assert flipped_queries(queries, (2, 1.0)) is None
    assert flipped_queries(queries, (-1, 1.0)) is None
    assert flipped_queries(queries, (0, 1.0)).tolist() == [[1.0, 1.0], [0.0, 5.0]]
