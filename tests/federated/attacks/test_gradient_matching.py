import numpy as np
import pytest

from skprivacy.federated.attacks import DenseNetwork
from skprivacy.federated.attacks._gradient_matching import (
    distance,
    matching_loss,
    simulate,
)

RNG = np.random.default_rng(0)
X = RNG.normal(size=(5, 4))
CLASSES = np.array([0, 1, 1, 0, 1])
LABELS = np.eye(2)[CLASSES]
NETWORKS = [(4, 2), (4, 1), (4, 6, 2), (4, 6, 5, 1)]


def test_distances_by_hand():
    value, slope = distance(np.array([3.0, 0.0]), np.array([0.0, 2.0]))
    assert value == pytest.approx((9 + 4) / 4)
    np.testing.assert_allclose(slope, [1.5, -1.0])
    value, slope = distance(np.array([3.0, 0.0]), np.array([0.0, 2.0]), "cosine")
    assert value == 1
    np.testing.assert_allclose(slope, [0.0, -1 / 3])


@pytest.mark.parametrize("sizes", NETWORKS, ids=str)
def test_one_step_is_the_gradient(sizes):
    network = DenseNetwork(sizes)
    model = network.initial(0)
    models, update = simulate(network, model, X, LABELS)
    assert len(models) == 1
    np.testing.assert_allclose(update, network.gradient(model, X, CLASSES))


def test_steps_are_those_of_a_client():
    network = DenseNetwork((4, 6, 2))
    start = model = network.initial(0)
    for _ in range(3):
        model = model - 0.5 * network.gradient(model, X, CLASSES)
    _, update = simulate(network, start, X, LABELS, learning_rate=0.5, n_steps=3)
    np.testing.assert_allclose(start - 0.5 * update, model)


@pytest.mark.parametrize("sizes", NETWORKS, ids=str)
@pytest.mark.parametrize("loss", ["squared", "cosine"])
@pytest.mark.parametrize("n_steps", [1, 3])
def test_derivatives_are_those_of_small_differences(sizes, loss, n_steps):
    network = DenseNetwork(sizes)
    model, target = network.initial(0), RNG.normal(size=network.n_values)
    labels = RNG.dirichlet([1, 1], size=5)
    options = {"loss": loss, "learning_rate": 0.3, "n_steps": n_steps}
    _, *found = matching_loss(network, model, target, X, labels, **options)
    for which, array in enumerate((X, labels)):
        for spot in np.ndindex(array.shape):
            ends = []
            for step in (1e-6, -1e-6):
                both = [X.copy(), labels.copy()]
                both[which][spot] += step
                ends.append(matching_loss(network, model, target, *both, **options)[0])
            slope = (ends[0] - ends[1]) / 2e-6
            assert found[which][spot] == pytest.approx(slope, abs=1e-7, rel=1e-5)
