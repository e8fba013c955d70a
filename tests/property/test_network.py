"""Networks that answer the same have the same numbers."""

import numpy as np
import pytest
from sklearn.neural_network import MLPClassifier

from skprivacy.property import ModelFeatures
from skprivacy.property._network import read_network

RNG = np.random.RandomState(0)
X = RNG.normal(size=(60, 3))
Y = (X[:, 0] > 0).astype(int)


@pytest.fixture
def network():
    return MLPClassifier((5, 4), max_iter=3, random_state=0).fit(X, Y)


def permuted(network):
    """Give the hidden units another order."""
    first, second = RNG.permutation(5), RNG.permutation(4)
    other = MLPClassifier((5, 4), max_iter=3, random_state=0).fit(X, Y)
    w, b = network.coefs_, network.intercepts_
    other.coefs_ = [w[0][:, first], w[1][first][:, second], w[2][second]]
    other.intercepts_ = [b[0][first], b[1][second], b[2]]
    return other


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_the_order_of_hidden_units_changes_nothing(network):
    other = permuted(network)
    np.testing.assert_allclose(other.predict_proba(X), network.predict_proba(X))
    first, second = (read_network(model, list("abc")) for model in (network, other))
    assert first.keys() == second.keys()
    np.testing.assert_allclose(list(first.values()), list(second.values()))
    unsorted = [w.ravel() for w in (network.coefs_[0], other.coefs_[0])]
    assert not np.allclose(*unsorted)


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_flow_is_what_a_network_without_kinks_does(network):
    numbers = read_network(network, list("abc"))
    flow = network.coefs_[0] @ network.coefs_[1] @ network.coefs_[2]
    assert numbers["flow b 0"] == pytest.approx(flow[1, 0])


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_features_of_networks(network):
    numbers = ModelFeatures("parameters").fit_transform([network, permuted(network)])
    np.testing.assert_allclose(numbers[0], numbers[1])
