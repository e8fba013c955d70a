import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skprivacy.federated import ProtocolError
from skprivacy.federated._wire import expect, pack, read, unpack, write

DIGEST = b"d" * 32


def test_what_is_written_is_read():
    message = read(write("share_keys", "north", DIGEST, [b"x", [1, 2]]), DIGEST)
    assert message.stage == "share_keys" and message.sender == "north"
    assert message.body == [b"x", [1, 2]]


@pytest.mark.parametrize("n_bytes", [0, 2**16, 2**16 + 1, 10**6])
def test_long_fields_are_written_as_msgpack_does(n_bytes):
    field = b"x" * n_bytes
    for body in ([field], [[1, "a"], field, None], []):
        message = write("masked_input", "north", DIGEST, body)
        assert unpack(message) == [1, 2, DIGEST, "north", body]
        if n_bytes > 2**16:
            assert message == pack([1, 2, DIGEST, "north", body])
    view = np.arange(3, dtype="<u4").data
    assert read(write("unmask", 1, DIGEST, [view]), DIGEST).body == [bytes(view)]


@pytest.mark.parametrize(
    "fields, match",
    [
        ([2, 0, DIGEST, 1, []], "has version 2, not 1"),
        ([True, 0, DIGEST, 1, []], "has version True"),
        ([1, 9, DIGEST, 1, []], "no stage; got 9"),
        ([1, "0", DIGEST, 1, []], "no stage; got '0'"),
        ([1, 0, b"e" * 32, 1, []], "another round, or another plan"),
        ([1, 0, DIGEST, 1], "not the five fields"),
        ([1, 0, DIGEST, 1.5, []], "no body or no sender"),
        ([1, 0, DIGEST, 1, {}], "no body or no sender"),
        ("text", "not the five fields"),
    ],
)
def test_messages_of_another_form(fields, match):
    with pytest.raises(ProtocolError, match=match):
        read(pack(fields), DIGEST)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=60))
def test_bytes_of_any_kind_end_in_one_kind_of_error(data):
    with pytest.raises(ProtocolError):
        read(data, DIGEST)


def test_what_is_deeply_nested_is_refused():
    with pytest.raises(ProtocolError, match="can't be read"):
        unpack(b"\x91" * 100_000 + b"\x00")


def test_a_length_that_is_claimed_and_not_there_takes_no_memory():
    with pytest.raises(ProtocolError, match="can't be read"):
        unpack(b"\xc6\xff\xff\xff\xff")
    with pytest.raises(ProtocolError, match="can't be read"):
        unpack(b"\xdd\xff\xff\xff\xff")


def test_what_is_no_bytes():
    with pytest.raises(TypeError, match="a message is bytes; got str"):
        unpack("text")


@pytest.mark.parametrize(
    "kinds, match",
    [
        ([("a", 2)], "has 1 fields; got 2"),
        ([("a", 3), ("b", list)], "a must have 3 bytes; got 2"),
        ([("a", bytes), ("b", 2)], "b must have 2 bytes; got list"),
        ([("a", int), ("b", list)], "a must be of int; got bytes"),
    ],
)
def test_fields_of_another_kind(kinds, match):
    message = read(write("unmask", None, DIGEST, [b"xy", []]), DIGEST)
    with pytest.raises(ProtocolError, match=match):
        expect(message, "unmask", kinds)
    with pytest.raises(ProtocolError, match="'share_keys' is due; got one of 'unmask'"):
        expect(message, "share_keys", kinds)
