"""Answers bent by a reversed sigmoid."""

import numpy as np
import pytest

from skprivacy.defenses._reverse_sigmoid import largest_beta, reverse_sigmoid


def random_answers(n_classes, seed=0):
    """Answers of every kind: flat, peaked, in tenths, with zeros; no ties."""
    rng = np.random.default_rng(seed)
    proba = np.vstack(
        [
            rng.dirichlet(np.full(n_classes, concentration), size=1000)
            for concentration in (0.02, 0.1, 0.5, 2, 20)
        ]
    )
    proba = np.vstack([proba, np.round(proba, 1)])
    proba = proba[np.abs(proba.sum(axis=1) - 1) < 1e-9]
    ordered = np.sort(proba, axis=1)
    return proba[ordered[:, -1] - ordered[:, -2] > 1e-6]


def test_the_formula():
    # logit(.8) = log(4), and the sigmoid of half of it is 2/3.
    found = reverse_sigmoid(np.array([[0.8, 0.2]]), beta=0.6, gamma=0.5)
    np.testing.assert_allclose(found, [[0.8 - 0.6 / 6, 0.2 + 0.6 / 6]])
    # What falls below 0 is 0, and the rest is divided by its sum.
    found = reverse_sigmoid(np.array([[0.5, 0.4, 0.1]]), beta=-2.0, gamma=1.0)
    kept = np.array([0.5, 0.4 + 2 * (0.4 - 0.5), 0.0])
    np.testing.assert_allclose(found, [kept / kept.sum()])


def test_two_answers_are_told_as_one():
    sure = np.linspace(0.5, 1, 1001)
    told = reverse_sigmoid(np.stack([sure, 1 - sure], axis=1), 0.9, 0.1)[:, 0]
    # It rises, then falls: the certain are told as less than the nearly certain.
    peak = told.argmax()
    assert 0 < peak < 1000
    assert (np.diff(told[: peak + 1]) > 0).all()
    assert (np.diff(told[peak:]) < 0).all()


@pytest.mark.parametrize("n_classes", [2, 3, 4, 10])
@pytest.mark.parametrize("gamma", [0.01, 0.1, 0.7, 1.0, 3.0])
def test_below_the_bound_labels_stay(gamma, n_classes):
    proba = random_answers(n_classes)
    told = reverse_sigmoid(proba, 0.999 * largest_beta(gamma, n_classes), gamma)
    np.testing.assert_array_equal(told.argmax(axis=1), proba.argmax(axis=1))
    np.testing.assert_allclose(told.sum(axis=1), 1)


@pytest.mark.parametrize("gamma", [0.1, 1.0, 3.0])
def test_above_the_bound_of_two_classes_labels_change(gamma):
    proba = random_answers(2)
    told = reverse_sigmoid(proba, 1.3 * largest_beta(gamma, 2), gamma)
    assert (told.argmax(axis=1) != proba.argmax(axis=1)).any()


def test_the_bound_of_many_classes_is_needed():
    # A class of probability 0 gets nearly beta / 2.
    proba = np.append(np.full(9, 0.9 / 9 - 0.001), [0.109, 0.0])[None, :]
    assert proba.sum() == pytest.approx(1.0)
    gamma = 0.8
    bound = largest_beta(gamma, 11)
    assert reverse_sigmoid(proba, bound, gamma).argmax() == 9
    assert reverse_sigmoid(proba, 1.3 * bound, gamma).argmax() == 10
