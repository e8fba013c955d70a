import numpy as np
import pytest
from federated_scenes import Round

from skprivacy.federated import (
    CohortTooSmall,
    FixedPoint,
    ProtocolError,
    SecureSumClient,
    SumPlan,
    TooManyDropouts,
    new_signing_key,
    verify_key,
)
from skprivacy.federated._client import SEALED_BYTES
from skprivacy.federated._wire import pack, unpack, write

BOTH = pytest.mark.parametrize("security", ["active", "semi_honest"])


def changed(message, place, value):
    """Give the message with another field."""
    fields = unpack(message)
    fields[4][place] = value(fields[4][place]) if callable(value) else value
    return pack(fields)


def refuses(scene, client, message, match, error=ProtocolError):
    """Check that a client refuses a message, and leaves."""
    party = scene.clients[client]
    with pytest.raises(error, match=match):
        party.reply(message, scene.values[client])
    assert party.stage == "left"
    secrets = (party._mask_seed, party._self_seed, party._shares, party._seal_keys)
    assert secrets == (None,) * 4
    with pytest.raises(ProtocolError, match="is not due: the client is at 'left'"):
        party.reply(scene.messages[client], scene.values[client])


@pytest.mark.parametrize(
    "lists, match",
    [
        (([0, 1, 2, 3], [3, 4]), "both a survivor and a dropout: both of its secrets"),
        (([0, 1, 2, 3, 4], [0, 1, 2, 3, 4]), "both a survivor and a dropout"),
        (([0, 1, 2, 3], []), "not together those who shared keys"),
        (([0, 1, 2, 3, 3], [4]), "not sorted, or has a client twice"),
        (([0, 1, 2, 3], [4, 4]), "not sorted, or has a client twice"),
        (([1, 0, 2, 3], [4]), "not sorted"),
        (([0, 1, 2, 9], [3, 4]), "holds what is no client"),
        (([0, 1, 2, True], [3, 4]), "holds what is no client"),
        (([0, 1, 2, "3"], [4]), "holds what is no client"),
        (([1, 2, 3, 4], [0]), "this client is not among the survivors"),
        (([0, 1], [2, 3, 4]), "2 survivors; the plan asks for 3"),
        ((7, [4]), "survivors must be of list; got int"),
    ],
)
@BOTH
def test_lists_that_a_client_refuses(security, lists, match):
    stage = "consistency" if security == "active" else "unmask"
    scene = Round(security=security).until(stage)
    more = [] if security == "active" else [[], b""]
    message = write(stage, None, scene.plan.digest, [*lists, *more])
    refuses(scene, 0, message, match)


@BOTH
def test_a_second_unmask_request_is_refused(security):
    """Even for the same lists: and for others it would give the other kind of share."""
    scene = Round(security=security).until("unmask")
    scene.reply(0)
    with pytest.raises(
        ProtocolError, match="'unmask' is not due: the client is at 'done'"
    ):
        scene.reply(0)
    assert scene.clients[0]._shares is None


@BOTH
def test_each_stage_comes_once_and_in_order(security):
    scene = Round(security=security).until("masked_input")
    refuses(scene, 0, unpack_stage(scene, "unmask"), "'unmask' is not due")
    message = scene.messages[1]
    scene.reply(1)
    refuses(scene, 1, message, "'masked_input' is not due")


def unpack_stage(scene, stage):
    return write(stage, None, scene.plan.digest, [[], [], [], b""])


def test_one_client_is_of_one_round():
    client = Round().clients[0]
    client.advertise_keys()
    with pytest.raises(
        ProtocolError, match="goes through each stage of one round once"
    ):
        client.advertise_keys()
    assert client.stage == "left"


@pytest.mark.parametrize(
    "place, value, match",
    [
        (0, lambda ids: ids[::-1], "not sorted, or not unique"),
        (0, lambda ids: [0, 0, *ids[2:]], "not sorted, or not unique"),
        (0, lambda ids: [*ids[:-1], b"4"], "neither a whole number nor a text"),
        (0, lambda ids: ids[:-1], "64 bytes of keys for each id"),
        (0, lambda ids: [*ids[1:], 9], "this client is not in the cohort"),
        (1, lambda keys: keys[:-1], "64 bytes of keys for each id"),
        (1, lambda keys: keys[:-64] + keys[64:128], "a public key occurs twice"),
        (1, lambda keys: bytes(32) + keys[32:], "keys are not those that it sent"),
        (1, lambda keys: keys[:-64] + b"x" * 32 + b"y" * 32, "did not sign its keys"),
        (2, lambda signed: signed[:-1], "a signature of each neighbor"),
        (2, lambda signed: signed[:-64] + b"x" * 64, "client 4 did not sign its keys"),
    ],
)
def test_a_cohort_that_a_client_refuses(place, value, match):
    scene = Round().until("share_keys")
    refuses(scene, 0, changed(scene.messages[0], place, value), match)


def test_a_client_that_nobody_knows_is_refused():
    scene = Round()
    scene.clients[0].peers = {one: scene.peers[one] for one in range(4)}
    scene.until("share_keys")
    refuses(scene, 0, scene.messages[0], r"clients that nobody knows: \[4\]")


def test_a_key_with_which_every_secret_is_the_same():
    scene = Round(security="semi_honest").until("share_keys")
    weak = changed(scene.messages[0], 1, lambda keys: keys[:-32] + bytes(32))
    refuses(scene, 0, weak, "sent a key that is none")


def test_a_cohort_below_the_minimum():
    scene = Round(5, security="semi_honest", min_clients=4).until("share_keys")
    ids, keys, _ = unpack(scene.messages[0])[4]
    small = write("share_keys", None, scene.plan.digest, [ids[:3], keys[:192], b""])
    refuses(scene, 0, small, "3 clients sent keys; the plan asks for 4", CohortTooSmall)


def test_a_threshold_that_is_not_safe_for_those_who_came():
    """Of 9 clients 5 shares are above half of the neighbors, and for 4 too many."""
    scene = Round(9, threshold=5).until("share_keys")
    ids, keys, _ = unpack(scene.messages[0])[4]
    few = write("share_keys", None, scene.plan.digest, [ids[:4], keys[:256], b""])
    refuses(scene, 0, few, "not safe for 4 clients: threshold must be from 3 to 3")


@pytest.mark.parametrize(
    "place, value, match",
    [
        (0, [0, 1, 2, 3, 3], "not sorted, or has a client twice"),
        (0, [1, 2, 3, 4], "this client's shares did not reach the server"),
        (1, lambda sealed: sealed[:-1], "one sealed share of each neighbor"),
        (1, lambda sealed: b"x" + sealed[1:], "was changed, or was not meant for"),
        (
            1,
            lambda sealed: (
                sealed[SEALED_BYTES : 2 * SEALED_BYTES] + sealed[SEALED_BYTES:]
            ),
            "the share from client number 1 was changed, or was not meant",
        ),
    ],
)
def test_shares_that_a_client_refuses(place, value, match):
    scene = Round().until("masked_input")
    refuses(scene, 0, changed(scene.messages[0], place, value), match)


def test_shares_of_another_client_can_not_be_read():
    """The server gives client 0 what client 2 sealed for client 1."""
    scene = Round(security="semi_honest").until("masked_input")
    others = unpack(scene.messages[1])[4][1]  # from 0, 2, 3, 4
    mixed = changed(
        scene.messages[0],
        1,
        lambda sealed: (
            sealed[:SEALED_BYTES]
            + others[SEALED_BYTES : 2 * SEALED_BYTES]
            + sealed[2 * SEALED_BYTES :]
        ),
    )
    refuses(scene, 0, mixed, "client number 2 was changed, or was not meant")


def test_too_few_neighbors_shared_keys():
    scene = Round(5).until("masked_input")
    few = changed(scene.messages[0], 0, [0, 1, 2])
    refuses(scene, 0, few, "2 neighbors are left of 4", TooManyDropouts)


def test_a_vector_that_can_not_be_sent_does_not_end_the_round():
    scene = Round(fixed_point=FixedPoint(clip="error")).until("masked_input")
    client, message = scene.clients[0], scene.messages[0]
    for bad in ([9.0, 0, 0], [np.nan, 0, 0], [1.0], [[1.0] * 3], None):
        with pytest.raises(ValueError, match="values"):
            client.masked_input(message, bad)
    assert client.stage == "masked_input"
    assert scene.finish().sum_.tolist() == [2.5] * 3


def test_signatures_that_do_not_prove_that_others_saw_the_same_lists():
    scene = Round(6).until("unmask")
    message = scene.messages[0]
    signers, signatures = unpack(message)[4][2:]
    assert signers == [0, 1, 2, 3]
    few = changed(changed(message, 2, signers[:-1]), 3, signatures[:-64])
    refuses(scene, 0, few, "4 survivors must have signed the lists; got 3")
    twice = changed(message, 2, [0, 1, 2, 2])
    refuses(scene, 1, twice, "not sorted, or has a client twice")
    wrong = changed(message, 3, lambda signed: signed[:-64] + signed[:64])
    refuses(scene, 2, wrong, "client 3 did not sign these lists")
    short = changed(message, 3, lambda signed: signed[:-1])
    refuses(scene, 3, short, "a signature of each signer")
    other = changed(changed(message, 0, [0, 1, 2, 4, 5]), 1, [3])
    refuses(scene, 4, other, "not those that it signed")


@BOTH
def test_a_client_goes_on_from_its_state(security):
    scene = Round(5, security=security)
    absent, seen = set(), 0
    while scene.server.stage != "done":
        for client in scene.clients:
            restored = SecureSumClient.from_bytes(
                scene.clients[client].to_bytes(),
                scene.plan,
                signing_key=scene.signing.get(client),
                peers=scene.peers or None,
            )
            assert restored.stage == scene.clients[client].stage
            scene.clients[client] = restored
            seen += 1
        if scene.server.stage == "masked_input":
            absent = {4}
        scene.step(absent)
    assert scene.server.result_.sum_.tolist() == [2.0] * 3
    assert seen >= 20
    with pytest.raises(ProtocolError, match="another round"):
        SecureSumClient.from_bytes(
            scene.clients[0].to_bytes(), SumPlan(1, 3, security="semi_honest")
        )


def test_a_message_of_a_client_is_none_of_the_server():
    scene = Round().until("share_keys")
    fields = unpack(scene.messages[0])
    fields[3] = 1
    refuses(scene, 0, pack(fields), "of a client, not of the server")


def test_keys_that_the_active_model_needs():
    plan, key = SumPlan(1, 3), new_signing_key()
    with pytest.raises(ValueError, match="needs a signing_key"):
        SecureSumClient(0, plan)
    with pytest.raises(ValueError, match="needs peers"):
        SecureSumClient(0, plan, signing_key=key)
    with pytest.raises(ValueError, match=r"this one \(1\) with that"):
        SecureSumClient(1, plan, signing_key=key, peers={0: verify_key(key)})


@pytest.mark.parametrize(
    "client, error",
    [(1.5, TypeError), (True, TypeError), (-1, ValueError), ("", ValueError)],
)
def test_bad_ids(client, error):
    with pytest.raises(error, match="client ids are"):
        SecureSumClient(client, SumPlan(1, 3, security="semi_honest"))


def test_a_plan_is_a_plan():
    with pytest.raises(TypeError, match="must be a SumPlan; got 3"):
        SecureSumClient(0, 3)
