import numpy as np
import pytest
from scipy.stats import entropy

from skprivacy.property._divergence import answer_probabilities, divergence_to_worlds
from skprivacy.property._queries import answer_numbers


def test_divergence_is_that_of_the_target_from_each_shadow_model():
    rng = np.random.RandomState(0)
    proba = rng.dirichlet(np.full(3, 5), size=(2, 4))
    shadow = rng.dirichlet(np.full(3, 5), size=(4, 4))
    worlds = np.array([0, 1, 0, 1])
    got = divergence_to_worlds(proba, shadow, worlds)
    expected = np.mean(
        [entropy(proba[1, q], shadow[m, q]) for q in range(4) for m in (0, 2)]
    )
    assert got.shape == (2, 2)
    assert got[1, 0] == pytest.approx(expected)


def test_probabilities_of_zero_are_no_infinite_divergence():
    sure = np.array([[[1.0, 0.0]]])
    got = divergence_to_worlds(sure, 1 - sure, np.array([0]))
    assert 6 < got[0, 0] < 7.5


@pytest.mark.parametrize("n_classes", [2, 3])
def test_numbers_of_answers_turn_back_into_probabilities(n_classes):
    proba = np.random.RandomState(0).dirichlet(np.full(n_classes, 5), size=6)
    numbers = answer_numbers(proba, "proba").reshape(1, -1)
    assert answer_probabilities(numbers, 6)[0] == pytest.approx(proba)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_labels_alone_turn_back_into_sure_answers(n_classes):
    labels = np.eye(n_classes)[[0, 1, 1, n_classes - 1]]
    numbers = answer_numbers(labels, "label").reshape(1, -1)
    assert answer_probabilities(numbers, 4)[0] == pytest.approx(labels)
