import numpy as np
import pytest

from skprivacy.extraction._cells import CellCoder, cell_codes


def test_codes_by_hand():
    # Below 20, to 30 and above: a number that is a threshold is on the lower side.
    X = np.array([[5.0, 0.1], [20.0, 0.2], [20.1, 0.3], [30.0, 0.4], [31.0, 0.5]])
    codes = cell_codes(X, [np.array([20.0, 30.0]), None])
    np.testing.assert_array_equal(codes[:, 0], [0, 0, 1, 1, 2])
    np.testing.assert_array_equal(codes[:, 1], X[:, 1])


def test_input_is_not_changed():
    X = np.array([[5.0]])
    cell_codes(X, [np.array([1.0])])
    assert X[0, 0] == 5


def test_thresholds_of_another_number_of_features():
    with pytest.raises(ValueError, match="each of the 2 features.*got 1"):
        CellCoder([np.array([1.0])]).fit(np.ones((3, 2)))


def test_coder_is_the_formula():
    X = np.random.default_rng(0).normal(size=(20, 2))
    thresholds = [np.array([-1.0, 0.5]), np.array([0.0])]
    np.testing.assert_array_equal(
        CellCoder(thresholds).fit(X).transform(X), cell_codes(X, thresholds)
    )
