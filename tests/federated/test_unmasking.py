import numpy as np
import pytest

from skprivacy.federated import ProtocolError
from skprivacy.federated._shamir import split, to_symbols
from skprivacy.federated._unmasking import agreed_secret, shares_by_owner

SECRET = bytes(range(32))
POINTS = np.arange(1, 13)


def shares_with_lies(liars, threshold=5):
    shares = split(to_symbols(SECRET), threshold, POINTS)
    for liar in liars:
        shares[liar] += liar**2 + 1
    return shares


@pytest.mark.parametrize("liars", [[], [0], [4, 5], [0, 3, 11], [0, 1, 2, 3]])
def test_a_secret_is_opened_and_who_lied_is_told(liars):
    secret, found = agreed_secret(
        POINTS, shares_with_lies(liars), 5, lambda secret: secret == SECRET
    )
    assert secret == SECRET
    # Where the first shares open it, nobody looks at the others.
    assert found == (
        [] if not set(liars) & set(range(5)) else [one + 1 for one in liars]
    )


def test_a_secret_that_its_owner_did_not_commit_to():
    with pytest.raises(ProtocolError, match="the 12 shares of a secret don't fit"):
        agreed_secret(POINTS, shares_with_lies([]), 5, lambda secret: False)


def test_shares_are_sorted_by_whose_secret_they_open():
    owners = {0: np.array([1, 2]), 2: np.array([0, 1]), 5: np.array([], dtype=int)}
    rows = {
        holder: np.arange(17 * len(whose), dtype="<u2") + 1000 * holder
        for holder, whose in owners.items()
    }
    replies = {holder: one.tobytes() for holder, one in rows.items()}
    found = shares_by_owner(replies, owners.__getitem__)
    assert {owner: one[0].tolist() for owner, one in found.items()} == {
        0: [3],
        1: [1, 3],
        2: [1],
    }
    assert (found[1][1] == [rows[0][:17], rows[2][17:]]).all()
    assert shares_by_owner({5: b""}, owners.__getitem__) == {}
