"""Answers whose largest probabilities alone are told."""

import numpy as np

from skprivacy.defenses._truncation import keep_largest


def test_the_largest_are_kept():
    proba = np.array([[0.1, 0.2, 0.3, 0.4]])
    np.testing.assert_allclose(keep_largest(proba, 2), [[0.15, 0.15, 0.3, 0.4]])
    np.testing.assert_allclose(keep_largest(proba, 4), proba)
    np.testing.assert_allclose(keep_largest(proba, 9), proba)
