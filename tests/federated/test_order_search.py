import numpy as np
import pytest

from skprivacy.federated._learners._order_search import (
    OrderSearch,
    floats_of_keys,
    order_keys,
)

TINY, HUGE = np.nextafter(0, 1), np.finfo(float).max


def search(clients, n_digits, absent=()):
    """Search with plain sums; without some clients after the first round."""
    phase, public, n_rounds = OrderSearch(n_digits), {}, 0
    while True:
        total = sum(phase.vector(None, X, None, public) for X in clients)
        public |= phase.update(None, total, public)
        n_rounds += 1
        if phase.is_finished(None, public):
            return public, n_rounds
        clients = [X for i, X in enumerate(clients) if i not in absent]


def test_keys_are_in_the_order_of_floats():
    values = np.array([-HUGE, -1.5, -TINY, 0.0, TINY, 1.0, 1.5, HUGE])
    keys = order_keys(values)
    assert (np.diff(keys.astype(object)) > 0).all()
    assert (floats_of_keys(keys) == values).all()


def test_both_zeros_are_one():
    assert order_keys(np.array([0.0])) == order_keys(np.array([-0.0]))


def test_eight_digits_are_exact():
    rng = np.random.default_rng(0)
    scales = np.array([1e-300, 1e-3, 1.0, 1e300])
    clients = [rng.normal(size=(5, 4)) * scales for _ in range(4)]
    clients[2][0] = [-TINY, 0.0, HUGE, -HUGE]
    public, n_rounds = search(clients, 8)
    everything = np.vstack(clients)
    assert n_rounds == 8
    assert (public["lower"] == everything.min(axis=0)).all()
    assert (public["upper"] == everything.max(axis=0)).all()


def test_two_digits_enclose_within_a_sixteenth():
    values = np.array([[1990.0, -3.3], [2024.0, 7.0]])
    public, n_rounds = search([values[:1], values[1:]], 2)
    assert n_rounds == 2
    assert public["lower"].tolist() == [1984.0, pytest.approx(-3.375)]
    assert public["upper"] == pytest.approx([2048.0, 7.25])
    assert (public["lower"] <= [1990, -3.3]).all()
    assert (public["upper"] >= [2024, 7.0]).all()


def test_search_begins_again_when_the_end_has_left():
    clients = [np.array([[1.0]]), np.array([[2.0]]), np.array([[1e9]])]
    public, n_rounds = search(clients, 8, absent=[2])
    assert (public["lower"], public["upper"]) == (1.0, 2.0)
    assert n_rounds > 8
