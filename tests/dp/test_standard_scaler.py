import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import StandardScaler

from skprivacy.dp import (
    DPStandardScaler,
    PrivacyBudgetExceeded,
    PrivacyLeakError,
    PrivacyLedger,
)
from skprivacy.dp._standard_scaler import moment_sums, moments_sensitivity

X, _ = load_breast_cancer(return_X_y=True)
BOUNDS = (X.min(axis=0), X.max(axis=0))


def test_no_neighbors_are_farther_apart():
    ends = np.linspace(-1, 1, 101)
    sums = np.array([moment_sums(np.array([[end]])).ravel() for end in ends])
    apart = np.linalg.norm(sums[:, None] - sums[None], axis=2).max()
    # It is reached: the noise is no larger than it must be.
    assert apart == pytest.approx(moments_sensitivity(1))
    # Columns add up in squares.
    whole = moment_sums(np.ones((1, 3))) - moment_sums(-np.ones((1, 3)))
    assert np.linalg.norm(whole) == pytest.approx(moments_sensitivity(3))


def test_with_next_to_no_noise_it_is_the_plain_one():
    scaler = DPStandardScaler(1e6, 0.5, bounds=BOUNDS).fit(X)
    plain = StandardScaler().fit(X)
    np.testing.assert_allclose(scaler.mean_, plain.mean_, rtol=1e-3)
    np.testing.assert_allclose(scaler.scale_, plain.scale_, rtol=1e-2)


def test_noise_is_as_large_as_the_promise_needs():
    # 400 fits of a table of zeros: what is left in the mean is noise.
    zeros, guarantee = np.zeros((50, 2)), None
    means = []
    for _ in range(400):
        scaler = DPStandardScaler(5.0, bounds=(-1, 1)).fit(zeros)
        means.append(scaler.mean_)
        guarantee = scaler.privacy_guarantee_
    expected = moments_sensitivity(2) / guarantee.mu / 50
    # 800 numbers: their deviation is off by 10% once in 16,000 runs.
    assert np.std(means) == pytest.approx(expected, rel=0.1)


def test_a_promise_is_kept_and_no_better_one_made():
    guarantee = DPStandardScaler(0.7, 1e-6, bounds=BOUNDS).fit(X).privacy_guarantee_
    assert guarantee.epsilon(1e-6) == pytest.approx(0.7, rel=1e-6)
    assert guarantee.adjacency == "replace"


def test_a_constant_column_is_not_blown_up():
    table = np.column_stack([np.full(100, 3.0), np.linspace(0, 10, 100)])
    scaler = DPStandardScaler(1.0, bounds=(0, 10)).fit(table)
    assert (scaler.scale_ > 0.5).all()
    # With noise alone it is scaled as if values were anywhere in the bounds, or wider.
    lost = DPStandardScaler(1e-3, bounds=(0, 10)).fit(table)
    assert (lost.scale_ >= 5 / np.sqrt(3) - 1e-9).all()
    assert (lost.scale_ <= 5).all()


@pytest.mark.parametrize("with_mean", [True, False])
@pytest.mark.parametrize("with_std", [True, False])
def test_there_and_back(with_mean, with_std):
    scaler = DPStandardScaler(bounds=BOUNDS, with_mean=with_mean, with_std=with_std)
    scaled = scaler.fit_transform(X)
    np.testing.assert_allclose(scaler.inverse_transform(scaled), X, atol=1e-9)
    assert np.array_equal(scaled, X) == (not with_mean and not with_std)


def test_frames_stay_frames():
    frame = pd.DataFrame(X[:, :2], columns=["one", "other"])
    scaler = DPStandardScaler(bounds=(0, 50)).set_output(transform="pandas")
    scaled = scaler.fit_transform(frame)
    assert scaled.columns.tolist() == ["one", "other"]
    assert scaler.get_feature_names_out().tolist() == ["one", "other"]


def test_two_fits_differ_unless_there_is_a_seed():
    one, other = (DPStandardScaler(bounds=BOUNDS).fit(X) for _ in range(2))
    assert not np.array_equal(one.mean_, other.mean_)
    with pytest.warns(UserWarning, match="random_state makes the noise"):
        one, other = (
            DPStandardScaler(bounds=BOUNDS, random_state=0).fit(X) for _ in "ab"
        )
    np.testing.assert_array_equal(one.mean_, other.mean_)


def test_holds_nothing_but_what_was_released():
    scaler = DPStandardScaler(bounds=BOUNDS).fit(X)
    fitted = {name for name in vars(scaler) if name.endswith("_")}
    public = {"n_features_in_", "privacy_guarantee_", "reproducible_"}
    assert fitted - public == {"mean_", "var_", "scale_"}


def test_what_is_not_public_is_refused():
    with pytest.raises(PrivacyLeakError, match="bounds"):
        DPStandardScaler().fit(X)


def test_nothing_is_released_without_budget():
    refused = DPStandardScaler(ledger=PrivacyLedger(epsilon=0.5), bounds=BOUNDS)
    with pytest.raises(PrivacyBudgetExceeded, match="DPStandardScaler.fit"):
        refused.fit(X)
    assert not hasattr(refused, "mean_")


def test_values_outside_are_moved_and_told_of():
    with pytest.warns(UserWarning, match="1 of 2 records are outside of the bounds"):
        scaler = DPStandardScaler(1e6, 0.5, bounds=(0, 1)).fit([[0.0], [9.0]])
    assert scaler.mean_ == pytest.approx([0.5], abs=1e-2)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"epsilon": 0.0}, "epsilon"),
        ({"delta": 0.0}, "delta"),
        ({"with_mean": "yes"}, "with_mean"),
        ({"bounds": (1, 0)}, "bounds must have lower ends below"),
    ],
)
def test_refuses(settings, message):
    with pytest.raises(ValueError, match=message):
        DPStandardScaler(**{"bounds": BOUNDS} | settings).fit(X)
