import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.datasets import make_blobs

from skprivacy.dp import (
    DPKMeans,
    PrivacyBudgetExceeded,
    PrivacyLeakError,
    PrivacyLedger,
)
from skprivacy.dp._kmeans import cluster_sums, clusters_sensitivity, spread_points
from skprivacy.dp._noise import NoiseSource

CENTERS = [[-6, -6], [-6, 6], [6, -6], [6, 6]]
X, _ = make_blobs(900, centers=CENTERS, random_state=0)
BOUNDS = (-10, 10)


@pytest.mark.parametrize("n_features", [1, 3])
def test_no_neighbors_are_farther_apart(n_features):
    rng = np.random.RandomState(0)
    ends = rng.choice([-1.0, 0.0, 1.0], size=(500, 2, n_features))
    apart = [
        np.linalg.norm(
            cluster_sums(pair[:1], own[:1], 3) - cluster_sums(pair[1:], own[1:], 3)
        )
        for pair, own in zip(ends, rng.randint(3, size=(500, 2)), strict=True)
    ]
    # It is reached: the noise is no larger than it must be.
    assert max(apart) == pytest.approx(clusters_sensitivity(n_features))


def test_learns():
    total = X.var(axis=0).sum() * len(X)
    plain = -KMeans(4, n_init=3, random_state=0).fit(X).score(X) / total
    models = [DPKMeans(4, epsilon=10.0, bounds=BOUNDS) for _ in range(9)]
    kept = [-model.fit(X).score(X) for model in models]
    # .03 without noise, .03 to .04 with it.
    assert np.median(kept) / total < 2 * plain


def test_starting_points_do_not_depend_on_data_and_are_apart():
    points = spread_points(4, 2, NoiseSource())
    away = np.linalg.norm(points[:, None] - points[None], axis=2)
    # 400 candidates in a square of side 1: the four are nearly its corners.
    assert away[~np.eye(4, dtype=bool)].min() > 0.5
    assert np.abs(points).max() <= 0.5


def test_steps_follow_from_what_is_public():
    steps = [DPKMeans(3, epsilon=e, bounds=BOUNDS).fit(X).n_iter_ for e in (0.01, 100)]
    assert steps == [2, 6]
    other = DPKMeans(3, bounds=BOUNDS).fit(np.zeros((900, 2)))
    assert other.n_iter_ == DPKMeans(3, bounds=BOUNDS).fit(X).n_iter_
    assert DPKMeans(3, bounds=BOUNDS, n_iter=4).fit(X).n_iter_ == 4


def test_an_empty_cluster_gets_noise_like_all_others():
    # All records are at one point: every other cluster is empty.
    with pytest.warns(UserWarning, match="random_state makes the noise"):
        one, other = (
            DPKMeans(5, bounds=BOUNDS, n_iter=1, random_state=seed)
            .fit(np.zeros((50, 2)))
            .cluster_centers_
            for seed in (0, 1)
        )
    assert (one != other).all()
    # As of one seed and two tables: no center stays as if nothing were there.
    settings = {"epsilon": 50.0, "bounds": BOUNDS, "n_iter": 2, "random_state": 0}
    with pytest.warns(UserWarning, match="random_state makes the noise"):
        model = DPKMeans(5, **settings).fit(np.zeros((50, 2)))
    assert len(np.unique(model.cluster_centers_, axis=0)) == 5


def test_a_promise_is_kept_whatever_the_steps():
    for n_iter in (1, 10):
        model = DPKMeans(3, epsilon=0.7, delta=1e-6, bounds=BOUNDS, n_iter=n_iter)
        guarantee = model.fit(X).privacy_guarantee_
        assert guarantee.epsilon(1e-6) == pytest.approx(0.7, rel=1e-6)
        assert guarantee.adjacency == "replace"


def test_columns_of_other_bounds_keep_their_distances():
    wide = X * [1.0, 1000.0]
    model = DPKMeans(2, epsilon=1e3, bounds=([-10, -1e4], [10, 1e4])).fit(wide)
    nearest = model.predict([[0.0, 6000.0], [0.0, -6000.0]])
    assert nearest[0] != nearest[1]


def test_answers_agree_and_more_clusters_than_records_are_fine():
    model = DPKMeans(8, bounds=BOUNDS)
    labels = model.fit_predict(X[:3])
    np.testing.assert_array_equal(labels, model.predict(X[:3]))
    away = ((X[:3] - model.cluster_centers_[labels]) ** 2).sum()
    assert model.score(X[:3]) == pytest.approx(-away)


def test_holds_nothing_but_what_was_released():
    model = DPKMeans(3, bounds=BOUNDS).fit(X)
    fitted = {name for name in vars(model) if name.endswith("_")}
    public = {"n_features_in_", "privacy_guarantee_", "reproducible_", "n_iter_"}
    assert fitted - public == {"cluster_centers_"}


def test_what_is_not_public_is_refused():
    with pytest.raises(PrivacyLeakError, match="bounds must be given"):
        DPKMeans(3).fit(X)


def test_nothing_is_released_without_budget():
    model = DPKMeans(3, bounds=BOUNDS, ledger=PrivacyLedger(epsilon=0.5))
    with pytest.raises(PrivacyBudgetExceeded, match=r"DPKMeans\.fit"):
        model.fit(X)
    assert not hasattr(model, "cluster_centers_")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"epsilon": 0.0}, "epsilon"),
        ({"n_clusters": 0}, "n_clusters"),
        ({"n_iter": "many"}, "n_iter"),
        ({"bounds": (1, 0)}, "bounds must have lower ends below"),
    ],
)
def test_refuses(settings, message):
    with pytest.raises(ValueError, match=message):
        DPKMeans(**{"bounds": BOUNDS} | settings).fit(X)
