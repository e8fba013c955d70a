"""Answers changed on the scale of their logarithms."""

import numpy as np

from skprivacy.defenses._log_scale import add_to_logs, soften


def test_temperature_is_the_root_of_odds():
    found = soften(np.array([[0.1, 0.9]]), 2)
    np.testing.assert_allclose(found[0, 1] / found[0, 0], 3)
    sure = soften(np.array([[0.0, 1.0]]), 2)
    np.testing.assert_allclose(sure, [[0, 1]], atol=1e-100)


def test_what_is_added_multiplies_the_odds():
    found = add_to_logs(np.array([[0.2, 0.8]]), np.array([[np.log(4), 0.0]]))
    np.testing.assert_allclose(found, [[0.5, 0.5]])
