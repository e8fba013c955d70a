"""The scores of random inputs in the place of an answer's own."""

import numpy as np
import pandas as pd

from skprivacy.defenses._hamp import (
    descending_scores,
    random_records,
    replace_scores,
)


def test_classes_keep_their_order_and_nothing_else():
    proba = np.array([[0.7, 0.1, 0.2], [0.0, 0.05, 0.95]])
    scores = np.array([[0.4, 0.35, 0.25], [0.5, 0.5, 0.0]])
    expected = [[0.4, 0.25, 0.35], [0.0, 0.5, 0.5]]
    np.testing.assert_array_equal(replace_scores(proba, scores), expected)


def test_of_equal_classes_the_first_goes_first():
    found = replace_scores(np.array([[0.2, 0.4, 0.4]]), np.array([[0.6, 0.3, 0.1]]))
    np.testing.assert_array_equal(found, [[0.1, 0.6, 0.3]])


def test_one_score_is_always_the_largest():
    scores = descending_scores(np.array([[0.2, 0.4, 0.4], [0.1, 0.2, 0.7]]))
    assert scores[0, 0] > scores[0, 1]
    np.testing.assert_allclose(scores, [[0.4, 0.4, 0.2], [0.7, 0.2, 0.1]], atol=1e-6)
    np.testing.assert_allclose(scores.sum(axis=1), 1)
    np.testing.assert_array_equal(descending_scores(np.ones((2, 1))), np.ones((2, 1)))


def test_columns_of_random_records_are_drawn_by_themselves():
    X = np.repeat([[0, 0], [1, 1]], 50, axis=0)
    drawn = random_records(X, 2000, np.random.RandomState(0))
    # Of each of the four pairs 500 are expected, with a deviation of 20.
    pairs = np.bincount(2 * drawn[:, 0] + drawn[:, 1], minlength=4)
    assert np.abs(pairs - 500).max() < 100


def test_a_frame_keeps_its_columns_and_types():
    X = pd.DataFrame(
        {
            "age": [20, 30, 40],
            "kind": pd.Categorical(["a", "b", "a"], categories=["a", "b", "c"]),
            "text": ["x", None, "z"],
            "size": [0.5, np.nan, 1.5],
        },
        index=[7, 7, 9],
    )
    drawn = random_records(X, 50, np.random.RandomState(0))
    assert len(drawn) == 50
    pd.testing.assert_series_equal(drawn.dtypes, X.dtypes)
    for name in X:
        assert set(drawn[name].dropna()) == set(X[name].dropna())
