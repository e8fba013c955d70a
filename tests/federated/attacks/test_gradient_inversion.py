import numpy as np
import pytest
from sklearn.base import clone

from skprivacy.federated.attacks import (
    DenseNetwork,
    GradientInversionAttack,
    ServerView,
)
from skprivacy.federated.attacks._gradient_inversion import unit_rows
from skprivacy.federated.attacks._recovered_rows import marginal_rows

X = np.random.default_rng(0).normal(size=(40, 6))
Y = np.arange(40) % 3
SOFTMAX = DenseNetwork((6, 3))
MLP = DenseNetwork((6, 300, 3))


def updates(network, n_clients, size, factor=1.0):
    model = network.initial(1)
    return [
        factor * network.gradient(model, X[rows], Y[rows])
        for rows in np.arange(n_clients * size).reshape(n_clients, size)
    ]


def test_units_by_hand():
    # Three units of the record (1, 2), one of a mix, and one that saw nothing.
    biases = np.array([2.0, -1.0, 0.5, 1.0, 0.0])
    weights = np.outer([1.0, 2.0], biases)
    weights[:, 3] = [5.0, 0.0]
    rows, n_units = unit_rows(weights, biases)
    np.testing.assert_allclose(rows, [[1.0, 2.0], [5.0, 0.0]])
    assert n_units.tolist() == [3, 1]
    assert len(unit_rows(np.zeros((2, 3)), np.zeros(3))[0]) == 0


@pytest.mark.parametrize("network", [SOFTMAX, MLP], ids=["softmax", "mlp"])
@pytest.mark.parametrize("factor", [1.0, -0.01])
def test_one_record_is_recovered_to_the_last_digits(network, factor):
    view = ServerView.plain([updates(network, 10, 1, factor)])
    attack = GradientInversionAttack(network, n_records=1).fit(view)
    np.testing.assert_allclose(attack.rows_, X[:10], atol=1e-6)
    assert attack.origins_["client"].tolist() == list(range(10))
    assert attack.score(X[:10], tolerance=1e-6) == 1
    assert attack.recovered(X[8:12]).tolist() == [True, True, False, False]
    assert attack.baseline_score(X[:10], X[10:], random_state=0) == 0


def test_a_batch_mixes_in_softmax_and_separates_in_a_network():
    scores = {
        network: GradientInversionAttack(network)
        .fit(ServerView.plain([updates(network, 4, 4)]))
        .score(X[:16])
        for network in (SOFTMAX, MLP)
    }
    assert scores[SOFTMAX] == 0 and scores[MLP] > 0.9


def test_a_secure_sum_gives_less_and_the_masked_words_nothing():
    alone = updates(MLP, 8, 1)
    view = ServerView.secure([alone])
    whole = GradientInversionAttack(MLP).fit(view)
    # The sum of eight clients of one record is the update of a batch of eight.
    batch = GradientInversionAttack(MLP).fit(ServerView.plain([updates(MLP, 1, 8)]))
    assert whole.score(X[:8]) == batch.score(X[:8]) > 0
    assert (
        GradientInversionAttack(SOFTMAX)
        .fit(ServerView.secure([updates(SOFTMAX, 8, 1)]))
        .score(X[:8])
        == 0
    )
    masked = GradientInversionAttack(MLP, source="masked").fit(view)
    assert len(masked.rows_) > 2000 and masked.score(X[:8]) == 0


def test_marginal_rows_know_the_columns_alone():
    table = np.array([[0.0, 1.0], [10.0, 11.0]])
    rows = marginal_rows(table, 100, random_state=0)
    assert set(rows[:, 0]) == {0.0, 10.0} and set(rows[:, 1]) == {1.0, 11.0}
    assert len(np.unique(rows, axis=0)) == 4


def test_bad_input():
    attack = GradientInversionAttack(SOFTMAX)
    with pytest.raises(TypeError, match="ServerView"):
        attack.fit(X)
    with pytest.raises(ValueError, match="21 values"):
        attack.fit(ServerView.plain([np.ones((2, 20))]))
    attack.fit(ServerView.plain([updates(SOFTMAX, 2, 1)]))
    with pytest.raises(ValueError, match="6 features"):
        attack.score(X[:, :5])
    with pytest.raises(ValueError, match="n_records"):
        clone(attack).set_params(n_records=0).fit(None)
