import numpy as np
import pytest

from skprivacy.federated.attacks import (
    DenseNetwork,
    GradientInversionAttack,
    ServerView,
)
from skprivacy.federated.attacks._pair_rows import pair_rows, unit_effects

X = np.random.default_rng(0).normal(size=(40, 6))
Y = np.arange(40) % 2


def test_pairs_by_hand():
    # Two records with r = 0.5 and -2, and units for {}, {0}, {1}, {0, 1}, thrice each.
    records = np.array([[1.0, 2.0, 1.0], [4.0, 3.0, 1.0]])
    active = np.tile([[0, 1, 0, 1], [0, 0, 1, 1]], 3)
    effects = np.linspace(1.0, 3.0, 12)
    gradient = effects * (records.T @ (np.array([[0.5], [-2.0]]) * active))
    # Equal sets count once: each record tells two pairs apart, which is too few.
    assert len(pair_rows(gradient[:2], gradient[2], effects)[0]) == 0
    # With a third record there are four.
    records = np.vstack([records, [7.0, 0.0, 1.0]])
    active = np.array(list(np.ndindex(2, 2, 2)))[:7].T
    gradient = effects[:7] * (records.T @ (np.array([[0.5], [-2.0], [0.7]]) * active))
    rows, n_pairs = pair_rows(gradient[:2], gradient[2], effects[:7])
    np.testing.assert_allclose(np.sort(rows[:, 0]), [1.0, 4.0, 7.0])
    assert n_pairs.tolist() == [3, 3, 3]


@pytest.mark.parametrize("n_outputs", [1, 2])
def test_batches_in_networks_of_two_classes(n_outputs):
    network = DenseNetwork((6, 150, n_outputs))
    model = network.initial(0)
    updates = [[network.gradient(model, X[:12], Y[:12])]]
    known = ServerView.plain(updates, parameters=[model])
    attack = GradientInversionAttack(network)
    assert attack.fit(known).score(X[:12]) == 1
    assert attack.fit(ServerView.plain(updates)).score(X[:12]) < 0.6
    # And the records are among the first rows, which single units can't tell.
    attack.set_params(n_records=24)
    assert attack.fit(known).score(X[:12]) > 0.6
    assert attack.fit(ServerView.plain(updates)).score(X[:12]) < 0.3


def test_pairs_come_through_a_secure_sum():
    network = DenseNetwork((6, 150, 2))
    model = network.initial(0)
    updates = [network.gradient(model, X[[i]], Y[[i]]) for i in range(8)]
    view = ServerView.secure([updates], parameters=[model])
    assert GradientInversionAttack(network).fit(view).score(X[:8]) == 1
    masked = GradientInversionAttack(network, source="masked").fit(view)
    assert masked.score(X[:8]) == 0


def test_only_where_the_formula_holds():
    network = DenseNetwork((2, 3, 2))
    vector = np.arange(network.n_values, dtype=float)
    assert unit_effects(network, vector).tolist() == [1.0, 1.0, 1.0]
    assert unit_effects(network, None) is None
    for sizes in ((2, 2), (2, 3, 3), (2, 3, 3, 2)):
        network = DenseNetwork(sizes)
        assert unit_effects(network, np.zeros(network.n_values)) is None
