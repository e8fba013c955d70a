import numpy as np
import pytest

from skprivacy.federated.attacks import DenseNetwork


@pytest.mark.parametrize("sizes", [(3, 4), (3, 5, 4), (3, 5, 4, 2), (3, 1), (3, 4, 1)])
def test_gradients_are_those_of_the_losses(sizes):
    network = DenseNetwork(sizes)
    X = np.random.default_rng(0).normal(size=(6, 3))
    y = np.arange(6) % max(sizes[-1], 2)
    model = network.initial(0)
    steps = 1e-6 * np.eye(network.n_values)
    expected = [
        (network.losses(model + step, X, y) - network.losses(model - step, X, y)) / 2e-6
        for step in steps
    ]
    found = network.record_gradients(model, X, y)
    np.testing.assert_allclose(found, np.transpose(expected), atol=1e-7)
    np.testing.assert_allclose(network.gradient(model, X, y), found.mean(axis=0))


def test_layers_by_hand():
    network = DenseNetwork((2, 1))
    (weights, biases), *_ = network.layers([1.0, 2.0, 3.0])
    assert weights.tolist() == [[1.0], [2.0]] and biases.tolist() == [3.0]
    assert network.pack([(weights, biases)]).tolist() == [1.0, 2.0, 3.0]
    # A score of 1 + 2 - 3: both classes are as likely.
    assert network.losses([1.0, 2.0, -3.0], [[1, 1]], [1])[0] == pytest.approx(
        np.log(2)
    )


@pytest.mark.parametrize(
    ("sizes", "error"), [((3,), TypeError), ((3, 2.5), TypeError), ((0, 2), ValueError)]
)
def test_other_sizes_are_refused(sizes, error):
    with pytest.raises(error, match="sizes must"):
        DenseNetwork(sizes)


def test_other_vectors_and_records_are_refused():
    network = DenseNetwork((3, 2))
    with pytest.raises(ValueError, match="has 8 values"):
        network.layers(np.zeros(7))
    with pytest.raises(ValueError, match="3 features"):
        network.losses(np.zeros(8), np.zeros((1, 2)), [0])
    with pytest.raises(ValueError, match="classes from 0 to 1"):
        network.losses(np.zeros(8), np.zeros((1, 3)), [2])
