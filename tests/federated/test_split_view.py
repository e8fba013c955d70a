"""A server that shows clients different lists of survivors, to get both secrets of one.

It collects vectors as it should, and then tells some neighbors of its victim that the
victim dropped out, and the others that it survived. Where a threshold of each kind of
share comes in, it takes all masks off the victim's vector.
"""

import numpy as np
import pytest
from federated_scenes import Round

from skprivacy.federated import ProtocolError
from skprivacy.federated._masks import add_masks, pair_masks, self_mask_key
from skprivacy.federated._shamir import combine, from_symbols
from skprivacy.federated._wire import read, write

N, VICTIM = 20, 3
SECRET = [0.25, -0.75, 0.5]


def collect(scene):
    """Run the round up to the masked vectors; return that of the victim."""
    scene.values[VICTIM] = SECRET
    scene.until("masked_input")
    replies = {client: scene.reply(client) for client in scene.clients}
    vectors = {}
    for client, reply in replies.items():
        scene.server.receive(reply)
        (vector,) = read(reply, scene.plan.digest).body
        vectors[client] = np.frombuffer(vector, "<u4").copy()
    scene.messages = scene.server.advance()
    return vectors[VICTIM]


def ask(scene, client, lists, signers=(), signatures=b""):
    message = write(
        "unmask", None, scene.plan.digest, [*lists, list(signers), signatures]
    )
    reply = scene.clients[client].unmask(message)
    return [
        np.frombuffer(part, "<u2").reshape(-1, 17)
        for part in read(reply, scene.plan.digest).body
    ]


def attack(threshold):
    """Return what the server finds of the victim's vector, or None."""
    scene = Round(N, security="semi_honest", n_neighbors="all", threshold=threshold)
    masked = collect(scene)
    everyone = list(range(N))
    others = [one for one in everyone if one != VICTIM]
    found = {"seed": ([], []), "key": ([], [])}
    for client in others:
        if len(found["key"][0]) < min(threshold, len(others) // 2):
            # To these the victim is a dropout.
            kind, row = "key", ask(scene, client, [others, [VICTIM]])[1][0]
        else:
            near = [one for one in everyone if one != client]
            kind, row = (
                "seed",
                ask(scene, client, [everyone, []])[0][near.index(VICTIM)],
            )
        found[kind][0].append(client + 1)
        found[kind][1].append(row)
    if any(len(points) < threshold for points, _ in found.values()):
        return None
    seed, key = (
        from_symbols(combine(points[:threshold], rows[:threshold]))
        for points, rows in (
            (np.array(one), np.array(two)) for one, two in found.values()
        )
    )
    cohort = scene.server._cohort
    publics = {one: cohort.mask_key(one) for one in others}
    pairs = pair_masks(key, VICTIM, publics, cohort.context)
    add_masks(masked, [(self_mask_key(seed, cohort.context, VICTIM), -1)])
    add_masks(masked, [(key, -sign) for key, sign in pairs])
    return scene.plan.fixed_point.decode(masked)


@pytest.mark.parametrize("threshold", [5, 9])
def test_up_to_half_of_the_neighbors_the_vector_of_a_client_is_found(threshold):
    """Clients that check nothing but their own lists: the semi-honest model."""
    assert attack(threshold).tolist() == SECRET


def test_above_half_there_are_not_enough_shares():
    assert attack(10) is None


@pytest.mark.parametrize("threshold", [5, 9, 10])
def test_the_active_model_refuses_such_thresholds(threshold):
    with pytest.raises(ValueError, match="threshold must be from 11 to 19"):
        Round(N, n_neighbors="all", threshold=threshold)


def test_the_active_model_refuses_lists_that_too_few_signed():
    """Each client signs one list, so that two lists have no quorum each."""
    scene = Round(N, n_neighbors="all", peers=False)
    collect(scene)
    everyone = list(range(N))
    others = [one for one in everyone if one != VICTIM]
    shown = {client: [everyone, []] for client in everyone}
    shown |= {client: [others, [VICTIM]] for client in others[:10]}
    signatures = {}
    for client, lists in shown.items():
        message = write("consistency", None, scene.plan.digest, lists)
        reply = scene.clients[client].consistency(message)
        (signatures[client],) = read(reply, scene.plan.digest).body
    assert scene.server._cohort.graph.quorum == 12
    for client, lists in shown.items():
        same = [one for one in everyone if shown[one] == lists]
        assert len(same) == 10
        told = b"".join(signatures[one] for one in same)
        with pytest.raises(ProtocolError, match="12 survivors must have signed"):
            ask(scene, client, lists, same, told)
    # Nor is it of use to pass signatures on the other list off as ones on this.
    scene = Round(N, n_neighbors="all", peers=False)
    collect(scene)
    for client in everyone:
        lists = [others, [VICTIM]] if client in others[:10] else [everyone, []]
        message = write("consistency", None, scene.plan.digest, lists)
        reply = scene.clients[client].consistency(message)
        (signatures[client],) = read(reply, scene.plan.digest).body
    told = b"".join(signatures[one] for one in everyone)
    with pytest.raises(ProtocolError, match="did not sign these lists"):
        ask(scene, 19, [everyone, []], everyone, told)
