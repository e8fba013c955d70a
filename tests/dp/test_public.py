import numpy as np
import pytest

from skprivacy.dp import PrivacyLeakError, PrivacyLeakWarning
from skprivacy.dp._public import (
    clip_norm,
    clip_to_bounds,
    public_bounds,
    public_classes,
)

X = np.array([[0.0, 5.0], [2.0, 9.0]])


def test_bounds_are_one_for_all_or_one_a_column():
    lower, upper = public_bounds((0, [3, 10]), X)
    assert lower.tolist() == [0, 0]
    assert upper.tolist() == [3, 10]


def test_bounds_are_not_read_off_the_data():
    with pytest.raises(PrivacyLeakError, match="bounds must be given"):
        public_bounds(None, X)
    with pytest.warns(PrivacyLeakWarning, match="They were read off the data"):
        lower, upper = public_bounds(None, X, "warn")
    assert (lower.tolist(), upper.tolist()) == ([0, 5], [2, 9])


@pytest.mark.parametrize(
    ("bounds", "message"),
    [
        (3, r"must be a pair \(lower, upper\); got 3"),
        ((0, 1, 2), "must be a pair"),
        ((0, [1, 2, 3]), r"one upper end, .* 2 columns; got the shape \(3,\)"),
        ((0, np.nan), "must be finite; got upper ends nan"),
        ((5, [9, 4]), "lower ends below upper ones; got 5 and 4 for column 1"),
        ((1, 1), "lower ends below upper ones; got 1 and 1 for column 0"),
    ],
)
def test_refuses_bounds(bounds, message):
    with pytest.raises(ValueError, match=message):
        public_bounds(bounds, X)


def test_who_is_outside_is_moved_and_counted():
    with pytest.warns(UserWarning, match="1 of 2 records are outside"):
        clipped = clip_to_bounds(X, np.array([0.0, 6.0]), np.array([2.0, 9.0]))
    assert clipped.tolist() == [[0, 6], [2, 9]]


def test_who_is_too_long_is_shortened_and_counted():
    with pytest.warns(UserWarning, match="1 of 2 records are longer"):
        clipped = clip_norm(np.array([[3.0, 4.0], [0.0, 1.0]]), 2.5)
    np.testing.assert_allclose(clipped, [[1.5, 2.0], [0.0, 1.0]])


def test_classes_are_not_read_off_the_data():
    with pytest.raises(PrivacyLeakError, match="classes must be given"):
        public_classes(None, np.array([0, 1]))
    with pytest.warns(PrivacyLeakWarning):
        assert public_classes(None, np.array([1, 0]), "warn").tolist() == [0, 1]
    assert public_classes(["b", "a", "c"], np.array(["a"])).tolist() == ["a", "b", "c"]


def test_refuses_classes():
    with pytest.raises(ValueError, match="at least two; got 1 class"):
        public_classes([1], np.array([1]))
    with pytest.raises(ValueError, match=r"not in classes=\[0, 1\]: \[2\]"):
        public_classes([0, 1], np.array([0, 2]))
