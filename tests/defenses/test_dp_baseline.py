"""The private model that defenses are compared with."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import make_classification

from skprivacy.defenses._dp_baseline import PublicEncoder, dp_baselines

TABLE = pd.DataFrame(
    {
        "size": [1.0, 2.0, np.nan, 4.0, 5.0, 6.0],
        "rare": [0, 0, 0, 0, 0, 1],
        "kind": pd.Categorical(list("aababb")),
        "flag": [True, False, True, False, True, True],
        "empty": [np.nan] * 6,
    }
)


def unscaled(table):
    encoder = PublicEncoder().fit(TABLE)
    return encoder, encoder._encoded(table)


def test_columns_are_centered_and_only_numbers_scaled():
    _, encoded = unscaled(TABLE)
    assert encoded.shape == (6, 7)
    np.testing.assert_allclose(encoded.mean(axis=0), 0, atol=1e-12)
    size, rare, a, b, no, yes, empty = encoded.T
    assert np.std(size[[0, 1, 3, 4, 5]]) == pytest.approx(1)
    np.testing.assert_allclose(rare, TABLE["rare"] - 1 / 6)
    np.testing.assert_allclose(a, [0.5, 0.5, -0.5, 0.5, -0.5, -0.5])
    np.testing.assert_allclose(yes, TABLE["flag"] - 2 / 3)
    np.testing.assert_array_equal(empty, 0)


def test_what_is_missing_or_beyond_the_ends():
    strange = TABLE[:3].assign(size=[1e9, -1e9, np.nan], kind=["c", None, "a"])
    _, encoded = unscaled(strange)
    _, known = unscaled(TABLE)
    np.testing.assert_allclose(encoded[:2, 0], [known[:, 0].max(), known[:, 0].min()])
    assert encoded[2, 0] == 0
    # An unknown kind is none of the known ones.
    np.testing.assert_allclose(encoded[:2, 2:4], -0.5)


@pytest.mark.parametrize("as_array", [False, True])
def test_no_record_is_longer_than_one(as_array):
    table = TABLE.to_numpy(dtype=object) if as_array else TABLE
    encoded = PublicEncoder().fit(table).transform(table)
    lengths = np.linalg.norm(encoded, axis=1)
    assert lengths.max() <= 1 + 1e-12
    assert np.sum(lengths > 1 - 1e-12) >= 3
    np.testing.assert_allclose(encoded, PublicEncoder().fit(TABLE).transform(TABLE))


def test_training_changes_nothing_of_the_scales():
    X, y = make_classification(200, random_state=0)
    recipe = dp_baselines([50], X[:100], [0, 1])["DP epsilon=50"]
    model = clone(recipe)
    with warnings.catch_warnings():
        # Nothing is to be shortened, which would be told.
        warnings.simplefilter("error")
        model.fit(1e3 * X[100:], y[100:])
    probe = X[:5]
    np.testing.assert_array_equal(
        model[:-1].transform(probe), PublicEncoder().fit(X[:100]).transform(probe)
    )
    assert model[-1].privacy_guarantee_.epsilon() == pytest.approx(50, rel=1e-3)


def test_constant_columns_are_no_obstacle():
    X = np.column_stack([np.ones(20), np.arange(20.0)])
    assert np.isfinite(PublicEncoder().fit(X).transform(X)).all()
    assert not PublicEncoder().fit(np.ones((5, 2))).transform(np.ones((5, 2))).any()
