import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

from skprivacy.dp import (
    DPPCA,
    PrivacyBudgetExceeded,
    PrivacyLeakError,
    PrivacyLedger,
)
from skprivacy.dp._pca import leading_directions, second_moments, second_sensitivity

X = load_digits(return_X_y=True)[0] / 16 - 0.5


def captured(pca, records):
    """Share of the variance that components keep."""
    placed = (records - records.mean(axis=0)) @ pca.components_.T
    return placed.var(axis=0).sum() / records.var(axis=0).sum()


@pytest.mark.parametrize("mean", [True, False])
def test_no_neighbors_are_farther_apart(mean):
    rng = np.random.RandomState(0)
    angles = np.append(rng.uniform(0, 2 * np.pi, 400), np.linspace(0, 2 * np.pi, 25))
    lengths = np.where(rng.uniform(size=425) < 0.5, rng.uniform(size=425), 1.0)
    lengths[-25:] = 1.0
    records = lengths[:, None] * np.column_stack([np.cos(angles), np.sin(angles)])
    each = np.array([second_moments(record[None], mean) for record in records])
    apart = np.linalg.norm(each[:, None] - each[None], axis=2).max()
    largest = second_sensitivity(mean)
    assert apart <= largest + 1e-9
    # It is reached: the noise is no larger than it must be.
    assert apart == pytest.approx(largest, rel=1e-3)


def test_directions_by_hand():
    root = np.sqrt(0.5)
    values, directions = leading_directions(np.array([[2.0, 1.0], [1.0, 2.0]]))
    np.testing.assert_allclose(values, [3.0, 1.0])
    np.testing.assert_allclose(np.abs(directions), np.full((2, 2), root))
    assert directions[0, 0] > 0
    assert directions[1].max() == pytest.approx(root)


def test_with_next_to_no_noise_it_is_the_plain_one():
    pca = DPPCA(5, epsilon=1e6, delta=0.5, data_norm=4.0).fit(X)
    plain = PCA(5).fit(X)
    assert np.abs((pca.components_ * plain.components_).sum(axis=1)).min() > 0.999
    np.testing.assert_allclose(
        pca.explained_variance_, plain.explained_variance_, rtol=0.01
    )
    np.testing.assert_allclose(
        pca.explained_variance_ratio_, plain.explained_variance_ratio_, rtol=0.01
    )
    np.testing.assert_allclose(pca.mean_, plain.mean_, atol=1e-3)


def test_centered_records_need_no_mean():
    pca = DPPCA(3, epsilon=1e6, delta=0.5, data_norm=4.0, centered=True).fit(X)
    plain = np.linalg.svd(X)[2][:3]
    assert not pca.mean_.any()
    assert np.abs((pca.components_ * plain).sum(axis=1)).min() > 0.999
    assert "mean 0" in pca.privacy_guarantee_.assumptions[0]


def test_learns():
    best = captured(PCA(5).fit(X), X)
    kept = [captured(DPPCA(5, epsilon=5.0, data_norm=4.0).fit(X), X) for _ in range(5)]
    # .97 of the best with a deviation of .005; directions at random keep .14 of it.
    assert np.mean(kept) > 0.9 * best


def test_a_promise_is_kept_and_no_better_one_made():
    pca = DPPCA(epsilon=0.7, delta=1e-6, data_norm=4.0).fit(X)
    assert pca.privacy_guarantee_.epsilon(1e-6) == pytest.approx(0.7, rel=1e-6)
    assert pca.privacy_guarantee_.adjacency == "replace"


def test_there_and_back():
    pca = DPPCA(data_norm=4.0).fit(X)
    np.testing.assert_allclose(pca.inverse_transform(pca.transform(X)), X, atol=1e-9)
    across = pca.components_ @ pca.components_.T
    np.testing.assert_allclose(across, np.eye(64), atol=1e-9)
    assert pca.explained_variance_ratio_.sum() == pytest.approx(1.0)
    assert (pca.explained_variance_ >= 0).all()
    with pytest.raises(ValueError, match="a column for each of the 64 components"):
        pca.inverse_transform(X[:, :3])


def test_frames_stay_frames_and_have_names():
    frame = pd.DataFrame(X)
    frame.columns = [f"pixel {i}" for i in range(64)]
    pca = DPPCA(2, data_norm=4.0).set_output(transform="pandas")
    assert pca.fit_transform(frame).columns.tolist() == ["dppca0", "dppca1"]


def test_one_record_gives_finite_numbers():
    pca = DPPCA(2, data_norm=4.0).fit(X[:1])
    assert np.isfinite(pca.transform(X)).all()


def test_holds_nothing_but_what_was_released():
    pca = DPPCA(2, data_norm=4.0).fit(X)
    fitted = {name for name in vars(pca) if name.endswith("_")}
    public = {"n_features_in_", "n_components_", "privacy_guarantee_", "reproducible_"}
    released = {"components_", "explained_variance_", "explained_variance_ratio_"}
    assert fitted - public == released | {"mean_"}


def test_what_is_not_public_is_refused():
    with pytest.raises(PrivacyLeakError, match="data_norm must be given"):
        DPPCA(2).fit(X)


def test_nothing_is_released_without_budget():
    pca = DPPCA(2, data_norm=4.0, ledger=PrivacyLedger(epsilon=0.5))
    with pytest.raises(PrivacyBudgetExceeded, match=r"DPPCA\.fit"):
        pca.fit(X)
    assert not hasattr(pca, "components_")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"epsilon": 0.0}, "epsilon"),
        ({"data_norm": 0.0}, "data_norm"),
        ({"n_components": 0}, "n_components"),
        ({"n_components": 65}, "at most the number of columns, 64; got 65"),
    ],
)
def test_refuses(settings, message):
    with pytest.raises(ValueError, match=message):
        DPPCA(**{"data_norm": 4.0} | settings).fit(X)
