"""Messages as bytes: one version, one form for each stage, nothing else let in."""

from dataclasses import dataclass

from skprivacy.federated._errors import ProtocolError
from skprivacy.federated._extra import load

__all__ = ["STAGES", "Message", "expect", "pack", "read", "unpack", "write"]

VERSION = 1
#: Bytes of a field that is not copied twice, and what MessagePack writes before one.
LONG = 2**16
BIN_32 = b"\xc6"
STAGES = (
    "advertise_keys",
    "share_keys",
    "masked_input",
    "consistency",
    "unmask",
)


@dataclass(frozen=True)
class Message:
    """What was read.

    Attributes
    ----------
    stage : str
        The stage that a client does with it, or has done.

    sender : int, str or None
        Id of the client; None for the server.

    body : list
        What it says.
    """

    stage: str
    sender: object
    body: list


def pack(value) -> bytes:
    """Write numbers, texts, bytes and lists as MessagePack."""
    return load("msgpack").packb(value, use_bin_type=True)


def unpack(data):
    """Read MessagePack; a ProtocolError where it is none, or more than that.

    Parameters
    ----------
    data : bytes
        What another party sent.

    Returns
    -------
    value : object
    """
    msgpack = load("msgpack")
    if not isinstance(data, bytes | bytearray | memoryview):
        raise TypeError(f"a message is bytes; got {type(data).__name__}.")
    try:
        return msgpack.unpackb(data, raw=False, strict_map_key=True)
    except (msgpack.UnpackException, ValueError, RecursionError) as error:
        raise ProtocolError(f"the message can't be read: {error}") from error


def write(stage, sender, digest, body) -> bytes:
    """Write a message.

    Parameters
    ----------
    stage, sender, body
        As in :class:`Message`.

    digest : bytes
        Names the plan of the round.

    Returns
    -------
    data : bytes
    """
    # As pack would write it, but that vectors are copied once: growing its buffer for
    # a vector of millions takes as long as several masks.
    packer = load("msgpack").Packer(use_bin_type=True)
    parts = [packer.pack_array_header(5)]
    parts += map(packer.pack, (VERSION, STAGES.index(stage), digest, sender))
    parts.append(packer.pack_array_header(len(body)))
    for one in body:
        if isinstance(one, memoryview) or (isinstance(one, bytes) and len(one) > LONG):
            parts += [BIN_32, memoryview(one).nbytes.to_bytes(4, "big"), one]
        else:
            parts.append(packer.pack(one))
    return b"".join(parts)


def read(data, digest) -> Message:
    """Read a message of this version and round.

    Parameters
    ----------
    data : bytes
        What another party sent.

    digest : bytes
        Names the plan of the round.

    Returns
    -------
    message : Message

    Raises
    ------
    ProtocolError
        If it is cut short, has another form, or belongs to another round.
    """
    fields = unpack(data)
    if not isinstance(fields, list) or len(fields) != 5:
        raise ProtocolError("the message has not the five fields of one.")
    version, stage, its_digest, sender, body = fields
    if version != VERSION or isinstance(version, bool):
        raise ProtocolError(f"the message has version {version!r}, not {VERSION}.")
    if type(stage) is not int or not 0 <= stage < len(STAGES):
        raise ProtocolError(f"the message is of no stage; got {stage!r}.")
    if its_digest != digest:
        raise ProtocolError("the message belongs to another round, or another plan.")
    if not isinstance(body, list) or not isinstance(sender, int | str | None):
        raise ProtocolError("the message has no body or no sender.")
    return Message(STAGES[stage], sender, body)


def expect(message, stage, kinds):
    """Return the fields of a message's body, each of its kind.

    Parameters
    ----------
    message : Message
        What was read.

    stage : str
        The stage that it must be of.

    kinds : list of (str, type or int)
        Name and type of each field; a number stands for bytes of that length.

    Returns
    -------
    fields : list

    Raises
    ------
    ProtocolError
        If it is of another stage, or a field is not what it must be.
    """
    if message.stage != stage:
        raise ProtocolError(
            f"a message of the stage {stage!r} is due; got one of {message.stage!r}."
        )
    if len(message.body) != len(kinds):
        raise ProtocolError(
            f"a message of {stage!r} has {len(kinds)} fields; got {len(message.body)}."
        )
    for (name, kind), field in zip(kinds, message.body, strict=True):
        if isinstance(kind, int):
            if not isinstance(field, bytes) or len(field) != kind:
                size = len(field) if isinstance(field, bytes) else type(field).__name__
                raise ProtocolError(f"{name} must have {kind} bytes; got {size}.")
        elif type(field) is not kind:
            raise ProtocolError(
                f"{name} must be of {kind.__name__}; got {type(field).__name__}."
            )
    return message.body
