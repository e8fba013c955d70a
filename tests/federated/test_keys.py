"""Primitives against published values."""

import pytest

from skprivacy.federated import new_signing_key, verify_key
from skprivacy.federated._errors import ProtocolError
from skprivacy.federated._keys import (
    derive,
    is_usable,
    pair_keys,
    public_key,
    sign,
    verified,
)

ALICE = bytes.fromhex(
    "77076d0a7318a57d3c16c17251b26645df4c6e15b1b9a84d6f0d7f8b1a5b9f27"
)


def test_a_public_key_is_a_whole_private_key_s():
    """No bit beyond those that X25519 leaves out is lost."""
    seed = bytes(range(32))
    keys = {public_key(seed)}
    for bit in range(3, 254):
        changed = bytearray(seed)
        changed[bit // 8] ^= 1 << (bit % 8)
        keys.add(public_key(bytes(changed)))
    assert len(keys) == 252


def test_two_sides_derive_the_same_key_and_one_for_each_use():
    bob = bytes(range(1, 33))
    ours = pair_keys(ALICE, 0, {1: public_key(bob)}, b"mask", b"c" * 32)
    theirs = pair_keys(bob, 1, {0: public_key(ALICE)}, b"mask", b"c" * 32)
    assert ours[1] == theirs[0] and len(ours[1]) == 32
    assert pair_keys(ALICE, 0, {1: public_key(bob)}, b"seal", b"c" * 32) != ours
    assert pair_keys(ALICE, 0, {1: public_key(bob)}, b"mask", b"d" * 32) != ours


def test_hkdf_of_rfc_5869_without_salt():
    """Test case 3, its first 32 bytes."""
    expected = "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
    assert derive(b"\x0b" * 22, b"").hex() == expected


def test_keys_with_which_every_secret_is_the_same():
    assert not is_usable(bytes(32)) and is_usable(public_key(ALICE))
    with pytest.raises(ProtocolError, match="client number 4 sent a key that is none"):
        pair_keys(ALICE, 0, {4: bytes(32)}, b"mask", b"c" * 32)


def test_signatures():
    key = new_signing_key()
    signature = sign(key, b"told")
    assert verified(verify_key(key), signature, b"told")
    assert not verified(verify_key(key), signature, b"else")
    assert not verified(verify_key(new_signing_key()), signature, b"told")
    assert not verified(b"short", signature, b"told")
    assert not verified(verify_key(key), signature[:-1], b"told")
