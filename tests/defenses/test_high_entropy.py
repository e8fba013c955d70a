"""A network that is taught to be unsure."""

import numpy as np
import pytest
from scipy.special import entr, log_softmax
from scipy.stats import entropy as entropy_of
from sklearn.datasets import load_iris
from sklearn.preprocessing import scale

from skprivacy.defenses import HighEntropyClassifier
from skprivacy.defenses._high_entropy import high_entropy_slope, top_probability

X, Y = load_iris(return_X_y=True)
X = scale(X)
SETTINGS = {"max_iter": 60, "learning_rate": 0.01, "random_state": 0}


@pytest.mark.parametrize("n_classes", [2, 3, 100])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_labels_have_the_entropy_that_they_should(share, n_classes):
    top = top_probability(share, n_classes)
    label = np.full(n_classes, (1 - top) / (n_classes - 1))
    label[0] = top
    assert label.argmax() == 0
    np.testing.assert_allclose(entropy_of(label), share * np.log(n_classes))


def test_at_the_ends():
    assert top_probability(1, 4) == 0.25
    assert top_probability(0, 4) == 1.0


def test_the_slope_is_what_differences_say():
    rng = np.random.default_rng(0)
    scores, targets = rng.normal(size=(4, 3)), rng.dirichlet(np.ones(3), size=4)

    def loss(scores):
        logs = log_softmax(scores, axis=1)
        own = -(targets * logs).sum(axis=1)
        return (own - 0.7 * entr(np.exp(logs)).sum(axis=1)).sum()

    step = 1e-6 * np.eye(12).reshape(12, 4, 3)
    expected = [(loss(scores + s) - loss(scores - s)) / 2e-6 for s in step]
    found = high_entropy_slope(scores, targets, 0.7)
    np.testing.assert_allclose(found.ravel(), expected, atol=1e-8)


def test_answers_are_unsure_and_right():
    model = HighEntropyClassifier(0.9, strength=0.0, **SETTINGS).fit(X, Y)
    assert model.score(X, Y) > 0.9
    proba = model.predict_proba(X)
    top = top_probability(0.9, 3)
    np.testing.assert_allclose(np.median(proba.max(axis=1)), top, atol=0.05)
    more = HighEntropyClassifier(0.9, strength=1.0, **SETTINGS).fit(X, Y)
    assert entr(more.predict_proba(X)).sum() > entr(proba).sum()


def test_bad_input():
    with pytest.raises(ValueError, match="'entropy' parameter"):
        HighEntropyClassifier(0.0).fit(X, Y)
    with pytest.raises(ValueError, match="'strength' parameter"):
        HighEntropyClassifier(strength=-1).fit(X, Y)
