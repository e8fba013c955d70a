"""A small network of rectified linear units."""

import numpy as np
import pytest
from scipy.special import log_softmax

from skprivacy.defenses._relu_network import (
    ReluNetwork,
    cross_entropy_slope,
    make_stepper,
    network_scores,
)


def case(sizes):
    random = np.random.RandomState(0)
    network = ReluNetwork(sizes, random)
    network.values[network.n_weights :] = random.normal(
        size=sum(n for _, n in network.layers)
    )
    X = random.normal(size=(7, sizes[0]))
    targets = random.dirichlet(np.ones(sizes[-1]), size=7)
    return network, X, targets


def loss(network, X, targets):
    return -(log_softmax(network.scores(X), axis=1) * targets).sum()


def by_differences(function, at, step=1e-6):
    """Differentiate a function of an array that is changed in place."""
    found = np.empty(at.size)
    for i in range(at.size):
        kept = at.flat[i]
        at.flat[i] = kept + step
        above = function()
        at.flat[i] = kept - step
        found[i] = (above - function()) / (2 * step)
        at.flat[i] = kept
    return found.reshape(at.shape)


SIZES = [[4, 3], [4, 6, 3], [4, 6, 5, 2]]


@pytest.mark.parametrize("sizes", SIZES)
def test_the_gradient_is_what_differences_say(sizes):
    network, X, targets = case(sizes)
    passed = network.forward(X)
    gradient = network.gradient(passed, cross_entropy_slope(passed[-1], targets))
    expected = by_differences(lambda: loss(network, X, targets), network.values)
    np.testing.assert_allclose(gradient, expected, atol=1e-7)


@pytest.mark.parametrize("sizes", SIZES)
def test_the_slope_in_the_columns_is_what_differences_say(sizes):
    network, X, targets = case(sizes)
    passed = network.forward(X)
    slope = network.input_slope(passed, cross_entropy_slope(passed[-1], targets))
    expected = by_differences(lambda: loss(network, X, targets), X)
    np.testing.assert_allclose(slope, expected, atol=1e-7)


def test_first_weights_are_even_and_constants_0():
    network = ReluNetwork([50, 70, 2], np.random.RandomState(0))
    assert not network.values[network.n_weights :].any()
    reach = np.sqrt(6 / 120)
    first = network.coefs[0]
    assert reach * 0.99 < np.abs(first).max() <= reach
    # 3500 numbers: six standard deviations of their mean.
    assert abs(first.mean()) < 6 * reach / np.sqrt(3 * first.size)


def test_a_network_of_given_weights_answers_alike():
    network, X, _ = case([4, 6, 5, 2])
    again = ReluNetwork.of(network.coefs, network.intercepts)
    np.testing.assert_array_equal(again.values, network.values)
    np.testing.assert_array_equal(again.scores(X), network.scores(X))
    np.testing.assert_array_equal(
        network_scores(network.coefs, network.intercepts, X), network.forward(X)[-1]
    )
    again.values[:] = 0
    assert network.values.any()


def test_adam_by_hand():
    values = np.array([1.0])
    step = make_stepper("adam", values, 0.1)
    step(np.array([2.0]))
    np.testing.assert_allclose(values, 0.9)
    step(np.array([-1.0]))
    mean = (0.9 * 0.1 * 2 - 0.1 * 1) / (1 - 0.9**2)
    square = (0.999 * 0.001 * 4 + 0.001 * 1) / (1 - 0.999**2)
    np.testing.assert_allclose(values, 0.9 - 0.1 * mean / np.sqrt(square))


def test_descent_with_momentum_by_hand():
    values = np.array([1.0])
    step = make_stepper("sgd", values, 0.1)
    step(np.array([2.0]))
    np.testing.assert_allclose(values, 0.8)
    step(np.array([1.0]))
    np.testing.assert_allclose(values, 0.8 - 0.9 * 0.2 - 0.1)
