"""What a masked vector tells: nothing, seen where something would show.

Chi-square of 256 cells: a statistic above 424 has a chance of 1e-10, from the operating
system's randomness as from ours.
"""

import os

import numpy as np
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from federated_scenes import Round

from skprivacy.federated import FixedPoint
from skprivacy.federated._masks import add_masks, self_mask_key

LIMIT = 424.0
N_VECTORS, N_VALUES = 1000, 64


def chi_square(words, byte):
    """Statistic of one byte of each word, 0 the lowest."""
    counts = np.bincount(words.ravel() >> (8 * byte) & 255, minlength=256)
    expected = words.size / 256
    return ((counts - expected) ** 2 / expected).sum()


@pytest.fixture(scope="module")
def masked():
    """What reaches the server: 250 rounds of four clients, all with the same input."""
    vectors = []
    for _ in range(N_VECTORS // 4):
        scene = Round(4, N_VALUES, security="semi_honest").until("masked_input")
        replies = [scene.reply(client) for client in scene.clients]
        vectors += [np.frombuffer(reply[-4 * N_VALUES :], "<u4") for reply in replies]
    return np.array(vectors)


@pytest.fixture(scope="module")
def unmasked():
    values = np.random.default_rng(0).uniform(-1, 1, N_VECTORS * N_VALUES)
    return FixedPoint(bound=1.0, fraction_bits=20).encode(values)[0]


def test_high_bytes_of_masked_vectors_are_uniform(masked):
    assert masked.shape == (N_VECTORS, N_VALUES)
    assert chi_square(masked, 3) < LIMIT
    assert chi_square(masked, 2) < LIMIT


def test_equal_inputs_give_unrelated_messages(masked):
    """Words of two clients agree in each bit half of the time, and sums are uniform."""
    assert chi_square(masked[1:] - masked[:-1], 3) < LIMIT
    agree = np.unpackbits((masked[1:] ^ masked[:-1]).view(np.uint8)).mean()
    assert abs(agree - 0.5) < 6.5 * 0.5 / np.sqrt(32 * (N_VECTORS - 1) * N_VALUES)


def test_the_test_passes_the_randomness_of_the_operating_system():
    words = np.frombuffer(os.urandom(4 * N_VECTORS * N_VALUES), "<u4")
    assert chi_square(words, 3) < LIMIT


def test_the_test_finds_vectors_that_are_not_masked(unmasked):
    assert chi_square(unmasked, 3) > 100 * LIMIT
    # The low byte would not have shown it.
    assert chi_square(unmasked, 0) < LIMIT


def test_the_test_finds_masks_of_20_bits(unmasked):
    short = np.frombuffer(os.urandom(unmasked.nbytes), "<u4") & (2**20 - 1)
    assert chi_square(unmasked + short, 3) > 100 * LIMIT
    assert chi_square(unmasked + short, 0) < LIMIT


@pytest.mark.parametrize("word", ["<u4", "<u8"])
def test_a_mask_is_the_whole_stream_of_its_key(word):
    key = bytes(range(32))
    words = np.ones(50_000, dtype=word)
    add_masks(words, [(key, 1)])
    stream = Cipher(algorithms.AES(key), modes.CTR(bytes(16))).encryptor()
    expected = np.frombuffer(stream.update(bytes(words.nbytes)), word)
    assert (words == expected + np.ones(1, dtype=word)).all()


def test_what_is_added_can_be_taken_away():
    keys = [os.urandom(32) for _ in range(300)]
    words = np.arange(10, dtype="<u4")
    add_masks(words, [(key, 1) for key in keys])
    assert (words != np.arange(10)).any()
    add_masks(words, [(key, -1) for key in reversed(keys)])
    assert (words == np.arange(10)).all()


def test_keys_are_of_a_place_in_a_round():
    keys = {
        self_mask_key(b"s" * 32, context, position)
        for context in (b"a" * 32, b"b" * 32)
        for position in (0, 1)
    }
    assert len(keys) == 4 and {len(key) for key in keys} == {32}
