import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skprivacy.federated import _shamir

SECRET = bytes(range(32))


def test_a_polynomial_by_hand(monkeypatch):
    monkeypatch.setattr(_shamir, "_uniform", lambda shape: np.array([[3], [65520]]))
    # 5 + 3 x - x^2
    shares = _shamir.split([5], 3, np.array([1, 2, 10]))
    assert shares[:, 0].tolist() == [7, 7, (5 + 30 - 100) % 65521]


@pytest.mark.parametrize("holders", [*itertools.combinations(range(5), 3)])
def test_any_three_of_five_open_it(holders):
    points = np.array([1, 4, 9, 300, 65520])
    shares = _shamir.split(_shamir.to_symbols(SECRET), 3, points)
    chosen = list(holders)
    opened = _shamir.combine(points[chosen], shares[chosen])
    assert _shamir.from_symbols(opened) == SECRET


@settings(max_examples=20, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.integers(1, 200), st.integers(0, 50))
def test_every_secret_comes_back(secret, threshold, more):
    points = np.arange(1, threshold + more + 1)
    shares = _shamir.split(_shamir.to_symbols(secret), threshold, points)
    opened = _shamir.combine(points[more:], shares[more:])
    assert _shamir.from_symbols(opened) == secret


def test_one_share_less_fits_every_secret():
    """Whatever the secret is, some polynomial goes through the shares that are seen."""
    points = np.array([2, 5])
    seen = _shamir.split([41], 3, np.array([2, 5, 8]))[:2]
    last = [
        int(_shamir.evaluate_at(8, np.array([0, 2, 5]), np.vstack([[secret], seen]))[0])
        for secret in range(50)
    ]
    assert len(set(last)) == 50
    for secret, share in zip(range(50), last, strict=True):
        found = _shamir.combine(np.append(points, 8), np.vstack([seen, [share]]))
        assert found.tolist() == [secret]


def test_shares_of_one_secret_are_uniform():
    """Chi-square of 40 cells at a false alarm of 1e-6."""
    shares = [_shamir.split(np.full(200, 7), 2, np.array([1]))[0] for _ in range(20)]
    counts, _ = np.histogram(np.concatenate(shares), bins=40, range=(0, 65521))
    assert ((counts - 100) ** 2 / 100).sum() < 96.6


def test_sums_of_products_are_exact_at_the_largest_threshold_of_a_large_cohort():
    left = np.full((1, 60000), 65520)
    assert _shamir._times(left, left.T).item() == 60000 % 65521


def test_logarithms_and_powers_belong_together():
    powers, logs = _shamir._tables()
    assert len(np.unique(powers)) == 65520
    assert (powers[logs[1:]] == np.arange(1, 65521)).all()


def test_symbols_that_are_no_secret():
    assert _shamir.from_symbols(np.full(17, 65520)) is None
    assert _shamir.from_symbols(_shamir.to_symbols(b"\xff" * 32)) == b"\xff" * 32


def test_a_secret_has_32_bytes():
    with pytest.raises(ValueError, match="32 bytes; got 31"):
        _shamir.to_symbols(b"a" * 31)
