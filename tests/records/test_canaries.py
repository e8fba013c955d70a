"""Records that a model is likely to keep."""

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import roc_auc_score

from skprivacy.records import hash_records, join_records, make_canaries

KINDS = ["mislabeled", "outlier", "duplicate", "rare"]
N = 400


@pytest.fixture
def mixed():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(
        {
            "age": rng.integers(18, 90, N),
            "income": rng.lognormal(size=N),
            "town": rng.choice([*"abcd"], N, p=[0.6, 0.3, 0.08, 0.02]),
            "job": pd.Categorical(rng.choice(["x", "y", None], N, p=[0.8, 0.1, 0.1])),
            "smokes": rng.random(N) < 0.1,
        },
        index=np.arange(N) + 1000,
    )
    y = pd.Series(rng.choice(["no", "yes"], N, p=[0.8, 0.2]), X.index, name="ill")
    return X, y


def known(column, values):
    return values.isin(column) | (values.isna() & column.isna().any())


@pytest.mark.parametrize("kind", KINDS)
def test_every_value_is_one_of_its_column(mixed, kind):
    X, y = mixed
    X_canaries, y_canaries = make_canaries(X, y, kind=kind, n=60, random_state=0)
    pd.testing.assert_series_equal(X_canaries.dtypes, X.dtypes)
    for column in X:
        assert known(X[column], X_canaries[column]).all()
    assert y_canaries.isin(y).all()
    assert y_canaries.name == "ill" and y_canaries.dtype == y.dtype
    assert X_canaries.index.tolist() == y_canaries.index.tolist() == list(range(60))


@pytest.mark.parametrize("kind", KINDS)
def test_none_is_in_the_data_and_none_is_there_twice(mixed, kind):
    X, y = mixed
    canaries = make_canaries(X, y, kind=kind, n=60, random_state=0)
    hashes = hash_records(join_records(*canaries))
    in_data = np.isin(hashes, hash_records(join_records(X, y)))
    assert len(set(hashes)) == 60
    # The first of each pair of "duplicate" is the real one.
    expected = np.arange(60) % 2 == 0 if kind == "duplicate" else np.zeros(60, bool)
    np.testing.assert_array_equal(in_data, expected)


def test_mislabeled_have_real_features_and_the_other_label(mixed):
    X, y = mixed
    X_canaries, y_canaries = make_canaries(X, y, n=60, random_state=0)
    label = dict(zip(hash_records(X), y, strict=True))
    for features, wrong in zip(hash_records(X_canaries), y_canaries, strict=True):
        assert label[features] != wrong


def test_outliers_have_values_from_the_ends(mixed):
    X, y = mixed
    X_canaries, _ = make_canaries(X, y, kind="outlier", n=60, random_state=0)
    # 2% of 400 are 8 records at each end.
    low, high = np.sort(X["income"])[[7, -8]]
    outside = (X_canaries["income"] <= low) | (X_canaries["income"] >= high)
    assert outside.all()
    # A town that 2% have is drawn in 1 of 4 cases: 15 of 60, 4 sd are 13.4.
    assert (X_canaries["town"] == "d").sum() > 1


def test_twins_differ_in_the_label_alone(mixed):
    X, y = mixed
    X_canaries, y_canaries = make_canaries(X, y, kind="duplicate", n=60, random_state=0)
    features = hash_records(X_canaries)
    np.testing.assert_array_equal(features[::2], features[1::2])
    assert len(set(features)) == 30
    assert (y_canaries[::2].to_numpy() != y_canaries[1::2].to_numpy()).all()


def test_twins_of_three_classes_share_no_record(mixed):
    X, _ = mixed
    y = np.arange(N) % 3
    X_canaries, y_canaries = make_canaries(X, y, kind="duplicate", n=400)
    assert len(set(hash_records(X_canaries))) == 200
    assert len(set(hash_records(join_records(X_canaries, y_canaries)))) == 400


def test_rare_take_the_rarest_categories(mixed):
    X, y = mixed
    X_canaries, _ = make_canaries(X, y, kind="rare", n=60, random_state=0)
    # Half of the median number of records of a town, about (120 + 32) / 2 / 2 = 38,
    # is passed by "a" and "b".
    assert set(X_canaries["town"]) <= {"c", "d"}
    assert set(X_canaries["smokes"]) == {True}
    assert known(X["age"], X_canaries["age"]).all()


@pytest.mark.parametrize("kind", ["mislabeled", "outlier", "duplicate"])
def test_numbers_as_labels(kind):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(N, 3))
    y = X[:, 0] + 0.1 * rng.normal(size=N)
    X_canaries, y_canaries = make_canaries(X, y, kind=kind, n=50, random_state=0)
    assert isinstance(X_canaries, np.ndarray) and X_canaries.dtype == X.dtype
    assert np.isin(y_canaries, y).all()
    if kind == "mislabeled":
        rank = {value: i for i, value in enumerate(np.sort(y))}
        own = [y[np.all(X == row, axis=1)][0] for row in X_canaries]
        distance = [
            abs(rank[a] - rank[b]) for a, b in zip(own, y_canaries, strict=True)
        ]
        assert set(distance) == {N // 2}


def test_counts_as_labels_move_away():
    y = np.random.default_rng(0).poisson(30, N)
    X = np.arange(N, dtype=float)[:, None]
    X_canaries, y_canaries = make_canaries(X, y, n=50, random_state=0)
    assert (y_canaries != y[X_canaries[:, 0].astype(int)]).all()
    assert y_canaries.dtype == y.dtype


def test_an_array_of_objects_stays_one(mixed):
    X, y = mixed
    X_canaries, y_canaries = make_canaries(
        X.to_numpy(dtype=object), y.to_numpy(), kind="outlier", n=20, random_state=0
    )
    assert X_canaries.dtype == object and y_canaries.dtype == y.to_numpy().dtype
    assert set(X_canaries[:, 2]) <= set("abcd")


def test_same_seed_same_canaries(mixed):
    one, two = (make_canaries(*mixed, n=20, random_state=3) for _ in range(2))
    pd.testing.assert_frame_equal(one[0], two[0])
    pd.testing.assert_series_equal(one[1], two[1])


def test_a_model_keeps_them_better_than_others(mixed):
    X = mixed[0][["age", "income"]]
    y = pd.Series(np.where(X["income"] > 1, "yes", "no"), X.index)
    X_canaries, y_canaries = make_canaries(X[200:], y[200:], n=60, random_state=0)
    X_all = pd.concat([X[:200], X_canaries[:30]])
    y_all = pd.concat([y[:200], y_canaries[:30]])
    model = RandomForestClassifier(50, random_state=0).fit(X_all, y_all)

    def auc(members, others):
        own = [
            model.predict_proba(X)[np.arange(len(y)), (y == "yes").astype(int)]
            for X, y in (members, others)
        ]
        truth = np.repeat([1, 0], [len(own[0]), len(own[1])])
        return roc_auc_score(truth, np.concatenate(own))

    real = auc((X[:200], y[:200]), (X[200:], y[200:]))
    planted = auc(
        (X_canaries[:30], y_canaries[:30]), (X_canaries[30:], y_canaries[30:])
    )
    assert planted > real + 0.1


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"kind": "odd"}, "kind"),
        ({"n": 0}, "n"),
        ({"kind": "duplicate", "n": 3}, "n must be even for kind='duplicate'"),
        ({"n": N + 1}, "n=401 different new records can't be made of 400"),
        ({"random_state": "x"}, "random_state"),
    ],
)
def test_bad_arguments_are_named(mixed, arguments, message):
    with pytest.raises(ValueError, match=message):
        make_canaries(*mixed, **arguments)


def test_bad_data_are_named(mixed):
    X, y = mixed
    with pytest.raises(ValueError, match="at least two different labels"):
        make_canaries(X, np.zeros(N), n=2)
    with pytest.raises(ValueError, match="y must hold one label for each"):
        make_canaries(X, y[:-1], n=2)
    with pytest.raises(ValueError, match="needs a column of categories"):
        make_canaries(np.random.default_rng(0).normal(size=(N, 2)), y, kind="rare")
