import numpy as np
import pytest
from federated_scenes import Round
from hypothesis import given, settings
from hypothesis import strategies as st

from skprivacy.federated import ProtocolError, SecureSumServer, TooManyDropouts
from skprivacy.federated._wire import pack, read, unpack, write

STAGES = ["advertise_keys", "share_keys", "masked_input", "consistency", "unmask"]
BOTH = pytest.mark.parametrize("security", ["active", "semi_honest"])


def changed_body(message, change):
    fields = unpack(message)
    change(fields[4])
    return pack(fields)


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_what_is_malformed_is_refused_and_changes_nothing(data):
    stage = data.draw(st.sampled_from(STAGES))
    scene = Round(4).until(stage)
    good = scene.reply(0)
    kind = data.draw(st.sampled_from(["cut", "longer", "flipped", "noise", "other"]))
    if kind == "cut":
        bad = good[: data.draw(st.integers(0, len(good) - 1))]
    elif kind == "longer":
        bad = good + data.draw(st.binary(min_size=1, max_size=9))
    elif kind == "noise":
        bad = data.draw(st.binary(max_size=200))
    elif kind == "other":
        # A message of the same stage, of another round.
        bad = Round(4).until(stage).reply(0)
    else:
        # In the header, where no change is a message of the client.
        place = data.draw(st.integers(0, 36))
        bad = bytearray(good)
        bad[place] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(ProtocolError):
        scene.server.receive(bytes(bad), sender=0)
    scene.server.receive(good, sender=0)
    for client in (1, 2, 3):
        scene.server.receive(scene.reply(client))
    scene.messages = scene.server.advance()
    assert scene.finish().sum_.tolist() == [2.0] * 3


@pytest.mark.parametrize("stage", STAGES)
def test_a_message_that_comes_twice_or_late_is_refused(stage):
    scene = Round().until(stage)
    replies = [scene.reply(client) for client in scene.clients]
    for reply in replies:
        scene.server.receive(reply)
    with pytest.raises(ProtocolError, match="second message|sent keys before"):
        scene.server.receive(replies[0])
    scene.messages = scene.server.advance()
    with pytest.raises(ProtocolError, match="the server is at"):
        scene.server.receive(replies[1])
    assert scene.finish().survivors_ == (0, 1, 2, 3, 4)


@pytest.mark.parametrize("stage", STAGES)
def test_messages_come_in_any_order(stage):
    scene = Round().until(stage)
    for client in reversed(scene.clients):
        scene.server.receive(scene.reply(client))
    scene.messages = scene.server.advance()
    assert scene.finish().sum_.tolist() == [2.5] * 3


@BOTH
def test_a_server_that_restarts_goes_on(security):
    scene = Round(security=security)
    seen = []
    while scene.server.stage != "done":
        seen.append(scene.server.stage)
        for client in scene.messages:
            scene.server.receive(scene.reply(client))
            state = scene.server.to_bytes()
            scene.server = SecureSumServer.from_bytes(
                state, scene.plan, peers=scene.peers or None
            )
        scene.messages = scene.server.advance()
    assert scene.server.result_.sum_.tolist() == [2.5] * 3
    assert seen == [one for one in STAGES if security == "active" or one != STAGES[3]]


def test_a_state_of_another_round():
    state = Round().until("masked_input").server.to_bytes()
    with pytest.raises(ProtocolError, match="another round"):
        SecureSumServer.from_bytes(state, Round().plan)


def test_who_is_waited_for():
    scene = Round(4)
    assert scene.server.waiting_for is None
    scene.until("share_keys")
    scene.server.receive(scene.reply(2))
    assert scene.server.waiting_for == [0, 1, 3]


def test_a_client_can_not_speak_for_another():
    scene = Round().until("share_keys")
    with pytest.raises(ProtocolError, match="says that it is of 0; it came from 1"):
        scene.server.receive(scene.reply(0), sender=1)


def test_a_stranger_is_not_let_in():
    scene = Round()
    message = unpack(scene.reply(0))
    message[3] = 99
    with pytest.raises(ProtocolError, match="client 99 are not its own"):
        scene.server.receive(pack(message))
    scene = Round().until("share_keys")
    late = write("share_keys", 99, scene.plan.digest, [b"", b""])
    with pytest.raises(ProtocolError, match="no message of client 99 is due"):
        scene.server.receive(late)


def test_more_clients_than_planned():
    scene = Round(3, security="semi_honest")
    for client in scene.clients:
        scene.server.receive(scene.reply(client))
    with pytest.raises(ProtocolError, match="3 clients already"):
        scene.server.receive(scene.make_client(7).advertise_keys())


@pytest.mark.parametrize("client", [-1, "", "a" * 256, True, 2**63])
def test_ids_that_are_none(client):
    scene = Round(security="semi_honest")
    keys = unpack(scene.reply(0))[4]
    with pytest.raises(ProtocolError):
        scene.server.receive(write("advertise_keys", client, scene.plan.digest, keys))


@pytest.mark.parametrize(
    "keys, match",
    [
        (lambda keys, others: keys[:32] * 2, "a key of client 0 is another one's too"),
        (lambda keys, others: others[32:] + keys[32:], "is another one's too"),
        (
            lambda keys, others: keys[:32] + bytes(32),
            "client 0 sent a key that is none",
        ),
    ],
)
def test_keys_for_which_others_would_leave(keys, match):
    scene = Round(security="semi_honest")
    others = scene.reply(1)
    scene.server.receive(others)
    scene.server = SecureSumServer.from_bytes(scene.server.to_bytes(), scene.plan)
    bad = changed_body(
        scene.reply(0),
        lambda body: body.__setitem__(0, keys(body[0], unpack(others)[4][0])),
    )
    with pytest.raises(ProtocolError, match=match):
        scene.server.receive(bad)


@pytest.mark.parametrize("n_missing", [1, 2, 64])
def test_a_vector_of_another_length(n_missing):
    scene = Round(n_values=64).until("masked_input")
    short = changed_body(
        scene.reply(0), lambda body: body.__setitem__(0, body[0][4 * n_missing :])
    )
    with pytest.raises(ProtocolError, match="vector must have 256 bytes"):
        scene.server.receive(short)


def lie(place):
    """Change the first share of a kind that a client sends."""

    def change(body):
        # Not the lowest symbol: X25519 does not look at a key's lowest three bits.
        body[place] = body[place][:2] + bytes([body[place][2] ^ 1]) + body[place][3:]

    return change


@BOTH
@pytest.mark.parametrize("kind", [0, 1], ids=["seed", "mask key"])
def test_a_client_that_lies_about_its_share_is_found(security, kind):
    scene = Round(8, security=security, n_neighbors="all")
    scene.until("masked_input")
    scene.step(absent={7})
    scene.until("unmask")
    for client in scene.messages:
        reply = scene.reply(client)
        if client == 0:
            reply = changed_body(reply, lie(kind))
        scene.server.receive(reply)
    scene.server.advance()
    result = scene.server.result_
    assert result.sum_.tolist() == [3.5] * 3
    assert result.liars_ == (0,)


def test_a_lie_that_nothing_can_be_held_against_ends_the_round():
    """With as many shares as the threshold there is no other set to try."""
    scene = Round(4).until("unmask")
    for client in scene.messages:
        reply = scene.reply(client)
        if client == 2:
            reply = changed_body(reply, lie(0))
        scene.server.receive(reply)
    with pytest.raises(ProtocolError, match="don't fit together"):
        scene.server.advance()
    assert scene.server.stage == "aborted"


def test_a_round_that_aborted_keeps_nothing():
    scene = Round(5).until("masked_input")
    for client in (0, 1, 2):
        scene.server.receive(scene.reply(client))
    with pytest.raises(TooManyDropouts):
        scene.server.advance()
    assert scene.server._total is None
    for call in (scene.server.advance, scene.server.to_bytes):
        with pytest.raises(ProtocolError, match="the round is over"):
            call()


def test_a_round_is_not_used_twice():
    scene = Round()
    scene.finish()
    with pytest.raises(ProtocolError, match="the round is over"):
        scene.server.advance()
    with pytest.raises(
        ProtocolError, match="goes through each stage of one round once"
    ):
        scene.clients[0].advertise_keys()


def test_a_wrong_signature_drops_a_client_where_peers_are_known():
    scene = Round(5)
    wrong = changed_body(scene.reply(0), lambda body: body.__setitem__(1, b"x" * 64))
    with pytest.raises(ProtocolError, match="keys of client 0 are not its own"):
        scene.server.receive(wrong)
    scene = Round(5).until("consistency")
    with pytest.raises(ProtocolError, match="not on these lists"):
        scene.server.receive(write("consistency", 0, scene.plan.digest, [b"x" * 64]))


def test_vectors_are_added_as_they_come():
    scene = Round(4, security="semi_honest").until("masked_input")
    replies = [scene.reply(client) for client in scene.clients]
    for reply in replies:
        scene.server.receive(reply)
    vectors = [
        np.frombuffer(read(one, scene.plan.digest).body[0], "<u4") for one in replies
    ]
    assert (scene.server._total == sum(vectors[1:], vectors[0])).all()
    assert len(scene.server.to_bytes()) < 1000
