"""Shadow models of a known ratio."""

import joblib
import numpy as np
import pandas as pd
import pytest
from property_scenes import make_people, numbers_of
from scipy import stats
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.tree import DecisionTreeClassifier

from skprivacy.property import ModelFeatures, PropertyWorlds
from skprivacy.records import hash_records
from skprivacy.shadow import ShadowFitError

PEOPLE = numbers_of(make_people())


def make_worlds(recipe=None, property=("group", 1.0), **settings):
    recipe = DummyClassifier() if recipe is None else recipe
    settings = {"n_models": 6, "label": "bought", "random_state": 0} | settings
    return PropertyWorlds(recipe, property, **settings)


def test_training_sets_have_their_ratio_and_size():
    worlds = make_worlds(ratios=(0.2, 0.5, 0.9), size=200).fit(PEOPLE)
    np.testing.assert_array_equal(worlds.ratios_, [0.2, 0.5, 0.9] * 2)
    has = (PEOPLE["group"] == 1.0).to_numpy()
    for rows, ratio in zip(worlds.training_rows_, worlds.ratios_, strict=True):
        assert len(np.unique(rows)) == 200
        assert has[rows].mean() == ratio
    assert worlds.base_rate_ == has.mean()


def test_models_are_trained_on_these_rows():
    worlds = make_worlds(size=100).fit(PEOPLE)
    for model, rows in zip(worlds.models_, worlds.training_rows_, strict=True):
        share = (PEOPLE["bought"].to_numpy()[rows] == "yes").mean()
        np.testing.assert_allclose(model.class_prior_[1], share)


def test_the_label_may_be_held():
    table = PEOPLE.assign(bought=np.where(PEOPLE["group"] + PEOPLE["x1"] > 1, "y", "n"))
    free = make_worlds(size=200).fit(table)
    held = make_worlds(size=200, hold="label").fit(table)
    shares = [
        [model.class_prior_[1] for model in worlds.models_] for worlds in (free, held)
    ]
    assert np.ptp(shares[0]) > 0.2
    assert np.ptp(shares[1]) < 1e-9
    np.testing.assert_allclose(
        shares[1][0], (table["bought"] == "y").mean(), atol=1 / 200
    )


def test_pairs_share_records_and_turns_alternate_between_pools():
    worlds = make_worlds(size=200, ratios=(0.4, 0.6)).fit(PEOPLE)
    rows = [set(r) for r in worlds.training_rows_]
    assert worlds.n_pools_ == 2
    assert [len(rows[i] & rows[i + 1]) for i in (0, 2, 4)] == [160] * 3
    assert not (rows[0] | rows[1] | rows[4] | rows[5]) & (rows[2] | rows[3])
    alone = make_worlds(size=200, ratios=(0.4, 0.6), paired=False).fit(PEOPLE)
    assert len(set(alone.training_rows_[0]) & set(alone.training_rows_[1])) < 160


def test_one_pool_where_two_are_too_small():
    assert make_worlds(size=500).fit(PEOPLE).n_pools_ == 1
    with pytest.raises(ValueError, match=r"ratios holds 0\.[37].*size=500"):
        make_worlds(size=500, n_pools=2).fit(PEOPLE)


def test_queries_are_in_no_training_set():
    worlds = make_worlds(queries=100).fit(PEOPLE)
    assert worlds.queries_.shape == (100, 3)
    assert list(worlds.queries_.columns) == ["group", "x0", "x1"]
    has = worlds.query_strata_ % 2
    np.testing.assert_array_equal(has, worlds.queries_["group"])
    assert has.sum() == 50
    trained = np.concatenate(worlds.training_rows_)
    X = PEOPLE.drop(columns="bought").iloc[trained]
    assert not np.isin(hash_records(X), hash_records(worlds.queries_)).any()


def test_given_queries_are_kept_out():
    queries = PEOPLE.drop(columns="bought").iloc[:300]
    worlds = make_worlds(queries=queries, size=200).fit(PEOPLE)
    assert min(rows.min() for rows in worlds.training_rows_) >= 300


def test_a_distribution_of_ratios():
    worlds = make_worlds(ratios=stats.uniform(0.2, 0.4), n_models=40, size=100)
    ratios = worlds.fit(PEOPLE).ratios_
    assert len(np.unique(ratios)) == 40
    assert 0.2 <= ratios.min() < 0.3 and 0.5 < ratios.max() <= 0.6
    has = (PEOPLE["group"] == 1.0).to_numpy()
    realized = [has[rows].mean() for rows in worlds.training_rows_]
    np.testing.assert_allclose(realized, ratios, atol=0.0051)


def test_features_alone_may_be_kept():
    queries = PEOPLE.drop(columns="bought").iloc[:20]
    features = ModelFeatures("queries", queries=queries)
    settings = {"recipe": LogisticRegression(), "queries": queries}
    kept = make_worlds(**settings).fit(PEOPLE)
    small = make_worlds(**settings, keep_models=False, features=features).fit(PEOPLE)
    assert not hasattr(small, "models_")
    np.testing.assert_allclose(
        small.features_, features.fit_transform(kept.models_), rtol=1e-9
    )


def test_the_seed_decides_whatever_n_jobs():
    recipe = DecisionTreeClassifier(max_features=1)
    X = PEOPLE.drop(columns="bought")
    with joblib.parallel_config("threading"):
        answers = [
            [model.predict_proba(X) for model in worlds.fit(PEOPLE).models_]
            for worlds in (make_worlds(recipe, n_jobs=n) for n in (1, 2))
        ]
    np.testing.assert_array_equal(answers[0], answers[1])
    other = make_worlds(recipe, random_state=1).fit(PEOPLE).models_[0]
    assert (other.predict_proba(X) != answers[0][0]).any()


def test_models_are_stored_and_recalled(tmp_path):
    first = make_worlds(DecisionTreeClassifier(), memory=tmp_path).fit(PEOPLE)
    n_files = len(list(tmp_path.rglob("*.result")))
    # A copy whose texts are other objects.
    copy = pd.concat([PEOPLE.iloc[:600], PEOPLE.iloc[600:]]).copy()
    again = make_worlds(DecisionTreeClassifier(), memory=tmp_path).fit(copy)
    assert n_files == 6 == len(list(tmp_path.rglob("*.result")))
    for one, other in zip(first.models_, again.models_, strict=True):
        assert joblib.hash(one.get_params()) == joblib.hash(other.get_params())


def test_arrays_and_regressors():
    array = PEOPLE[["group", "x0", "x1"]].to_numpy()
    worlds = PropertyWorlds(Ridge(), (0, 1.0), n_models=4, queries=20, random_state=0)
    worlds.fit(array)
    assert worlds.models_[0].n_features_in_ == 2
    assert set(worlds.query_strata_) == {0, 1}


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        (
            {"property": ("group", 7.0)},
            ValueError,
            "constant: none of the 1200 records",
        ),
        ({"property": "x0 > -99"}, ValueError, "constant: all of the 1200 records"),
        ({"ratios": (0.3, 1.2)}, ValueError, "shares from 0 to 1; got 1.2"),
        ({"ratios": (0.3, np.nan)}, ValueError, "shares from 0 to 1; got nan"),
        ({"ratios": ()}, ValueError, r"list of shares such as \(0.3, 0.7\); got \[\]"),
        ({"ratios": (0.1, 0.2, 0.3), "n_models": 2}, ValueError, "number of worlds, 3"),
        ({"size": 1000}, ValueError, r"can't provide at size=1000: feasible are"),
        ({"queries": 1000}, ValueError, "half of the 1200 records; got 1000"),
        ({"queries": [[1.0]]}, ValueError, "queries must have the 3 features"),
        (
            {"recipe": DummyClassifier},
            TypeError,
            "recipe must be an unfitted estimator",
        ),
        ({"keep_models": False}, ValueError, "keep_models=False needs features="),
        ({"label": "sold"}, ValueError, "label='sold' is not a column"),
    ],
)
def test_bad_input_is_named(settings, error, message):
    with pytest.raises(error, match=message):
        make_worlds(**settings).fit(PEOPLE)


def test_holding_the_label_needs_classes():
    with pytest.raises(ValueError, match='hold="label".*needs a classifier'):
        PropertyWorlds(Ridge(), (0, 1.0), hold="label").fit(
            PEOPLE[["group", "x0", "x1"]].to_numpy()
        )


def test_a_recipe_that_fails_names_the_model():
    table = pd.concat([PEOPLE.assign(x0="text")])
    with pytest.raises(ShadowFitError, match="shadow model 0 .*on .* records"):
        make_worlds(LogisticRegression()).fit(table)
