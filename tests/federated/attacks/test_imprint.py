import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

from skprivacy.federated import ClientGuard, UnsafeModel
from skprivacy.federated.attacks import DenseNetwork, ImprintAttack, ServerView
from skprivacy.federated.attacks._imprint import bin_rows

RNG = np.random.default_rng(0)
X = RNG.normal(size=(1080, 6))
Y = RNG.integers(2, size=1080)
NETWORK = DenseNetwork((6, 256, 2))


def planted(network=NETWORK, n_clients=10, size=8, y=Y):
    attack = ImprintAttack(network, random_state=0)
    model = attack.plant(X[80:])
    updates = [
        network.gradient(model, X[i : i + size], y[i : i + size])
        for i in range(0, n_clients * size, size)
    ]
    return attack, model, updates


def test_bins_by_hand():
    # Record (1, 2) moves units 0 and 1, record (3, 4) unit 0; unit 2 sees nothing.
    biases = np.array([3.0, 1.0, 0.0])
    weights = np.array([[2 * 3.0 + 1.0, 1.0, 0.0], [2 * 4.0 + 2.0, 2.0, 0.0]])
    rows, bins = bin_rows(weights, biases)
    assert rows.tolist() == [[3.0, 4.0], [1.0, 2.0]] and bins.tolist() == [0, 1]


@pytest.mark.parametrize(
    "network",
    [NETWORK, DenseNetwork((6, 256, 5, 2)), DenseNetwork((6, 256, 1))],
    ids=["softmax", "deeper", "logistic"],
)
def test_records_come_through_the_sum(network):
    attack, model, updates = planted(network)
    view = ServerView.secure([updates], parameters=[model])
    score = attack.fit(view).score(X[:80])
    # About (1 - 1 / 256) ** 79 = 0.73 of them are alone; less three standard errors.
    assert score > 0.73 - 3 * np.sqrt(0.73 * 0.27 / 80)
    assert attack.baseline_score(X[:80], X[80:], random_state=0) == 0


def test_masked_words_give_nothing():
    attack, model, updates = planted()
    view = ServerView.secure([updates], parameters=[model])
    attack.set_params(source="masked").fit(view)
    assert len(attack.rows_) > 2000 and attack.score(X[:80]) == 0


def test_the_guard_refuses_what_is_planted_and_no_drawn_layer():
    _, model, _ = planted()
    guard = ClientGuard([(6, 256), (256, 2)])
    with pytest.raises(UnsafeModel, match="layer 0: 100% of its units measure"):
        guard.check(NETWORK.layers(model))
    guard.check(NETWORK.layers(NETWORK.initial(0)), X[:40])


def test_bad_input():
    attack, model, updates = planted()
    with pytest.raises(NotFittedError):
        ImprintAttack(NETWORK).fit(ServerView.plain([updates]))
    with pytest.raises(ValueError, match="another model"):
        attack.fit(ServerView.plain([updates], parameters=[model + 1]))
    with pytest.raises(ValueError, match="hidden layer"):
        ImprintAttack(DenseNetwork((6, 2))).plant(X)
    with pytest.raises(ValueError, match="6 features"):
        attack.plant(X[:, :5])
