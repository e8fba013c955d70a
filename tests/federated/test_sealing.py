import pytest

from skprivacy.federated import ProtocolError
from skprivacy.federated._keys import public_key, random_seed
from skprivacy.federated._sealing import OVERHEAD, seal, seal_keys, unseal

CONTEXT, SHARES = b"c" * 32, bytes(68)


@pytest.fixture
def key():
    mine, other = random_seed(), random_seed()
    (ours,) = seal_keys(mine, 3, {8: public_key(other)}, CONTEXT).values()
    (theirs,) = seal_keys(other, 8, {3: public_key(mine)}, CONTEXT).values()
    assert ours == theirs and len(ours) == 32
    (elsewhere,) = seal_keys(mine, 3, {8: public_key(other)}, b"d" * 32).values()
    assert elsewhere != ours
    return ours


def test_what_is_sealed_can_be_opened_by_whom_it_is_for(key):
    sealed = seal(key, SHARES, CONTEXT, 3, 8)
    assert len(sealed) == len(SHARES) + OVERHEAD
    assert unseal(key, sealed, CONTEXT, 3, 8) == SHARES
    # The same shares look different each time.
    assert seal(key, SHARES, CONTEXT, 3, 8) != sealed


@pytest.mark.parametrize(
    "context, sender, receiver",
    [(b"d" * 32, 3, 8), (CONTEXT, 8, 3), (CONTEXT, 3, 7), (CONTEXT, 4, 8)],
    ids=["round or cohort", "direction", "receiver", "sender"],
)
def test_it_can_be_opened_as_nothing_else(key, context, sender, receiver):
    sealed = seal(key, SHARES, CONTEXT, 3, 8)
    with pytest.raises(ProtocolError, match=f"the share from client number {sender}"):
        unseal(key, sealed, context, sender, receiver)


@pytest.mark.parametrize("place", [0, 12, 40, -1])
def test_any_change_shows(key, place):
    sealed = bytearray(seal(key, SHARES, CONTEXT, 3, 8))
    sealed[place] ^= 1
    with pytest.raises(ProtocolError, match="was changed"):
        unseal(key, bytes(sealed), CONTEXT, 3, 8)


@pytest.mark.parametrize("n_bytes", [0, 5, 12, 27])
def test_what_is_cut_short(key, n_bytes):
    sealed = seal(key, SHARES, CONTEXT, 3, 8)
    with pytest.raises(ProtocolError, match="was changed"):
        unseal(key, sealed[:n_bytes], CONTEXT, 3, 8)
