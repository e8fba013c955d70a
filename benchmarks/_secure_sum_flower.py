"""Time of a client in the SecAgg+ stages of Flower 1.41, without its transport.

Only imported where ``flwr`` is installed.
"""

import importlib
import os
import time

import numpy as np
from flwr.common import ndarrays_to_parameters
from flwr.common.secure_aggregation.crypto.symmetric_encryption import (
    encrypt,
    generate_shared_key,
)
from flwr.common.secure_aggregation.secaggplus_constants import Key
from flwr.common.secure_aggregation.secaggplus_utils import share_keys_plaintext_concat
from flwr.supercore.primitives.asymmetric import (
    bytes_to_private_key,
    bytes_to_public_key,
    generate_key_pairs,
    private_key_to_bytes,
    public_key_to_bytes,
)

# The package has a function of the module's name.
mod = importlib.import_module("flwr.client.mod.secure_aggregation.secaggplus_mod")
ME = 1


def flower_client(n_neighbors, threshold, n_values, dropout):
    """Time and bytes of one client with so many neighbors.

    Parameters
    ----------
    n_neighbors, threshold : int
        As many others as in our graph; shares that open a secret.

    n_values : int
        Values of the vector.

    dropout : float
        Share of neighbors that sent shares and no vector.

    Returns
    -------
    milliseconds, ratio : float
        CPU time, and bytes sent over the vector of 4-byte words.
    """
    others = range(ME + 1, ME + 1 + n_neighbors)
    pairs = {one: (generate_key_pairs(), generate_key_pairs()) for one in others}
    n_shares = n_neighbors + 1
    state = mod.SecAggPlusState()
    state.nid = ME
    vector = ndarrays_to_parameters([np.zeros(n_values, dtype=np.float32)])
    setup = {
        Key.SAMPLE_NUMBER: n_shares,
        Key.SHARE_NUMBER: n_shares,
        Key.THRESHOLD: threshold,
        Key.CLIPPING_RANGE: 8.0,
        Key.TARGET_RANGE: 2**22,
        Key.MOD_RANGE: 2**32,
        Key.MAX_WEIGHT: 1000.0,
    }
    clock = time.process_time
    start = clock()
    sent = [mod._setup(state, setup)]
    spent = clock() - start
    publics = {
        str(one): [public_key_to_bytes(first[1]), public_key_to_bytes(second[1])]
        for one, (first, second) in pairs.items()
    }
    publics[str(ME)] = [state.pk1, state.pk2]
    start = clock()
    sent.append(mod._share_keys(state, publics))
    spent += clock() - start
    share = os.urandom(52)
    sealed = [
        encrypt(
            generate_shared_key(
                bytes_to_private_key(private_key_to_bytes(second[0])),
                bytes_to_public_key(state.pk2),
            ),
            share_keys_plaintext_concat(one, ME, share, share),
        )
        for one, (_, second) in pairs.items()
    ]
    told = {Key.CIPHERTEXT_LIST: sealed, Key.SOURCE_LIST: list(others)}
    start = clock()
    sent.append(mod._collect_masked_vectors(state, told, 1, vector))
    spent += clock() - start
    n_dead = round(dropout * n_neighbors)
    lists = {
        Key.ACTIVE_NODE_ID_LIST: [ME, *others][: n_shares - n_dead],
        Key.DEAD_NODE_ID_LIST: [ME, *others][n_shares - n_dead :],
    }
    start = clock()
    sent.append(mod._unmask(state, lists))
    spent += clock() - start
    return 1e3 * spent, sum(map(_n_bytes, sent)) / (4 * n_values)


def _n_bytes(value):
    if isinstance(value, dict):
        return sum(_n_bytes(one) for one in value.values())
    if isinstance(value, list | tuple):
        return sum(_n_bytes(one) for one in value)
    return len(value) if isinstance(value, bytes) else 8
