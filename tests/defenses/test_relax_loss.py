"""A network that is trained down to a loss, and no further."""

import numpy as np
import pytest
from scipy.special import log_softmax, softmax
from sklearn.datasets import make_classification

from skprivacy.defenses import RelaxLossClassifier
from skprivacy.defenses._relax_loss import flat_targets, relaxed_slope

SCORES = np.array([[2.0, 1.0, 0.0], [0.0, 0.5, 3.0]])
OWN = np.eye(3)[[0, 2]]
EVEN = np.ones(2)
#: Of the batch above.
LOSS = -(log_softmax(SCORES, axis=1) * OWN).sum(axis=1).mean()


class TestFormula:
    def test_above_the_target_it_descends(self):
        ordinary = softmax(SCORES, axis=1) - OWN
        for epoch in (0, 1):
            found = relaxed_slope(SCORES, OWN, EVEN, epoch, LOSS - 0.01)
            np.testing.assert_allclose(found, ordinary)

    def test_below_it_even_epochs_go_back(self):
        found = relaxed_slope(SCORES, OWN, EVEN, 2, LOSS + 0.01)
        np.testing.assert_allclose(found, OWN - softmax(SCORES, axis=1))

    def test_below_it_odd_epochs_flatten_the_rest_alone(self):
        found = relaxed_slope(SCORES, OWN, EVEN, 1, LOSS + 0.01)
        proba = softmax(SCORES, axis=1)
        np.testing.assert_allclose(found[OWN > 0], 0, atol=1e-15)
        rest = (1 - proba[0, 0]) / 2
        np.testing.assert_allclose(found[0, 1:], proba[0, 1:] - rest)

    def test_of_two_classes_odd_epochs_leave_it(self):
        scores, own = SCORES[:, :2], np.eye(2)
        found = relaxed_slope(scores, own, EVEN, 1, 100.0)
        np.testing.assert_allclose(found, 0, atol=1e-15)

    def test_the_loss_of_a_batch_is_weighted(self):
        losses = -(log_softmax(SCORES, axis=1) * OWN).sum(axis=1)
        between = losses.mean()
        # The first has the larger loss: alone it is above their mean, else below.
        above = relaxed_slope(SCORES, OWN, np.array([1.0, 1e-9]), 0, between)
        below = relaxed_slope(SCORES, OWN, np.array([1e-9, 1.0]), 0, between)
        np.testing.assert_allclose(above, -below)

    def test_flat_targets_sum_to_one(self):
        proba = np.random.default_rng(0).dirichlet(np.ones(4), size=20)
        own = np.eye(4)[np.arange(20) % 4]
        found = flat_targets(proba, own)
        np.testing.assert_allclose(found.sum(axis=1), 1)
        np.testing.assert_allclose(found[own > 0], proba[own > 0])


@pytest.mark.parametrize("target_loss", [0.3, 0.6])
def test_the_training_loss_stays_where_it_is_told(target_loss):
    X, y = make_classification(200, 30, n_informative=5, random_state=0)
    settings = {"max_iter": 60, "learning_rate": 0.01, "random_state": 0}
    plain = RelaxLossClassifier(0.0, **settings).fit(X, y)
    relaxed = RelaxLossClassifier(target_loss, **settings).fit(X, y)

    def loss(model):
        return -np.log(model.predict_proba(X)[np.arange(200), y]).mean()

    assert loss(plain) < 0.05
    assert abs(loss(relaxed) - target_loss) < 0.1


def test_bad_input():
    with pytest.raises(ValueError, match="'target_loss' parameter"):
        RelaxLossClassifier(-1.0).fit([[0.0], [1.0]], [0, 1])
