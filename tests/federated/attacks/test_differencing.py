import numpy as np
import pytest

from skprivacy.federated.attacks import (
    DenseNetwork,
    DifferencingAttack,
    GradientInversionAttack,
    ServerView,
)
from skprivacy.federated.attacks._differencing import open_sums

NETWORK = DenseNetwork((4, 3))
X = np.random.default_rng(0).normal(size=(8, 4))
UPDATES = {
    client: NETWORK.gradient(NETWORK.initial(0), X[[client]], [client % 3])
    for client in range(8)
}
WITHOUT_5 = {client: vector for client, vector in UPDATES.items() if client != 5}


def test_solving_by_hand():
    # ab, bc and ca determine all three; ab and bc none of them.
    pairs = np.array([[1, 1, 0], [0, 1, 1], [1, 0, 1]], dtype=bool)
    vectors, is_open = open_sums(pairs, np.array([[3.0], [5.0], [4.0]]))
    np.testing.assert_allclose(vectors, [[1.0], [2.0], [3.0]])
    assert is_open.all()
    assert not open_sums(pairs[:2], np.array([[3.0], [5.0]]))[1].any()


def test_cohorts_that_differ_by_one_give_that_client():
    attack = DifferencingAttack().fit(ServerView.secure([UPDATES, WITHOUT_5]))
    assert attack.clients_ == (5,)
    assert attack.score({5: UPDATES[5]}) == 1
    assert attack.score(UPDATES) == 1 / 8
    inversion = GradientInversionAttack(NETWORK).fit(attack.view_)
    assert inversion.score(X[[5]], tolerance=1e-6) == 1


def test_a_dropout_is_a_difference_too():
    view = ServerView.secure([UPDATES])
    again = ServerView.secure([UPDATES], dropouts={2: "masked_input"})
    both = ServerView((*view.rounds, *again.rounds))
    assert DifferencingAttack().fit(both).score({2: UPDATES[2]}) == 1


def test_cohorts_that_differ_by_two_give_nobody():
    rest = {client: UPDATES[client] for client in range(6)}
    attack = DifferencingAttack().fit(ServerView.secure([UPDATES, rest]))
    assert attack.clients_ == () and attack.view_ is None
    assert attack.score(UPDATES) == 0


def test_clients_that_changed_are_not_found():
    moved = {client: vector + 0.1 for client, vector in WITHOUT_5.items()}
    attack = DifferencingAttack().fit(ServerView.secure([UPDATES, moved]))
    assert attack.clients_ == (5,) and attack.score({5: UPDATES[5]}) == 0


def test_other_updates_are_refused():
    attack = DifferencingAttack().fit(ServerView.plain([UPDATES, WITHOUT_5]))
    with pytest.raises(ValueError, match="one client"):
        attack.score({})
    with pytest.raises(ValueError, match="shape"):
        attack.score({5: [1.0]})
