"""A network trained on records that are moved to where it errs."""

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.preprocessing import scale

from skprivacy.defenses import AdversarialTrainingClassifier, MixupClassifier
from skprivacy.defenses._adversarial_training import move_records
from skprivacy.defenses._relu_network import ReluNetwork

X, Y = load_iris(return_X_y=True)
X = scale(X)
OWN = np.eye(3)[Y]
SETTINGS = {"max_iter": 40, "learning_rate": 0.01, "random_state": 0}


class TestMovedRecords:
    line = ReluNetwork.of([np.array([[1.0, -1.0], [-2.0, 2.0]])], [np.zeros(2)])

    def test_one_step_goes_to_the_border(self):
        # The score of the first class grows with the first column.
        records, own = np.array([[0.3, 0.1]] * 2), np.eye(2)
        moved = move_records(self.line, records, own, np.array([0.2, 0.05]), 1)
        np.testing.assert_allclose(moved, [[0.1, 0.15], [0.5, 0.05]])

    def test_more_steps_stay_within_it(self):
        rng = np.random.default_rng(0)
        network = ReluNetwork([4, 8, 3], np.random.RandomState(0))
        reach = np.array([0.3, 0.0, 0.1, 0.2])
        start = X + reach * rng.uniform(-1, 1, X.shape)
        moved = move_records(network, X, OWN, reach, 7, start)
        assert (np.abs(moved - X) <= reach + 1e-12).all()
        np.testing.assert_array_equal(moved[:, 1], X[:, 1])

    def test_of_a_line_all_ways_end_in_the_same_corner(self):
        records, own = np.array([[0.3, 0.1]] * 2), np.eye(2)
        reach = np.array([0.2, 0.05])
        one = move_records(self.line, records, own, reach, 1)
        for start in (None, records - reach):
            many = move_records(self.line, records, own, reach, 5, start)
            np.testing.assert_allclose(many, one)


@pytest.mark.parametrize("method", ["pgd", "fgsm"])
def test_it_withstands_what_another_does_not(method):
    plain = AdversarialTrainingClassifier(0.0, **SETTINGS).fit(X, Y)
    robust = AdversarialTrainingClassifier(0.3, method=method, **SETTINGS).fit(X, Y)
    assert robust.robust_score(X, Y) > plain.robust_score(X, Y, perturbation=0.3)
    assert robust.robust_score(X, Y) <= robust.score(X, Y)


def test_columns_of_0_stay_and_the_others_are_in_their_own_unit():
    model = AdversarialTrainingClassifier([0.3, 0, 0, 0.3], **SETTINGS).fit(X, Y)
    # In another unit, with the network in the same one.
    unit = np.array([10.0, 1.0, 1.0, 100.0])
    larger = AdversarialTrainingClassifier(
        [3.0, 0, 0, 30.0], **SETTINGS, hidden_layer_sizes=()
    )
    larger.fit(X, Y)
    larger.coefs_ = [model.coefs_[0] / unit[:, None], *model.coefs_[1:]]
    larger.intercepts_ = model.intercepts_
    assert larger.robust_score(X * unit, Y) == model.robust_score(X, Y)
    assert model.robust_score(X, Y, perturbation=0.0) == model.score(X, Y)


def test_without_perturbation_it_is_an_ordinary_network():
    one = AdversarialTrainingClassifier(0.0, **SETTINGS).fit(X, Y)
    two = MixupClassifier(0.0, **SETTINGS).fit(X, Y)
    np.testing.assert_array_equal(one.predict_proba(X), two.predict_proba(X))


def test_the_score_takes_weights_and_is_of_the_seed():
    model = AdversarialTrainingClassifier(0.3, **SETTINGS).fit(X, Y)
    assert model.robust_score(X, Y) == model.robust_score(X, Y)
    alone = model.robust_score(X[Y == 1], Y[Y == 1])
    assert np.isclose(model.robust_score(X, Y, sample_weight=1.0 * (Y == 1)), alone)
    assert model.robust_score(X, np.full(len(X), 9)) == 0.0


def test_bad_input():
    for perturbation, message in [
        ([0.1, 0.1], "one for each of 4 columns"),
        ([[0.1] * 4], r"shape \(1, 4\)"),
        ([0.1, 0.1, 0.1, -1.0], "finite and not negative"),
        ([0.1, 0.1, 0.1, np.inf], "finite and not negative"),
        (-0.1, "'perturbation' parameter"),
    ]:
        with pytest.raises(ValueError, match=message):
            AdversarialTrainingClassifier(perturbation).fit(X, Y)
    model = AdversarialTrainingClassifier(**SETTINGS).fit(X, Y)
    with pytest.raises(ValueError, match="n_steps must be a whole number"):
        model.robust_score(X, Y, n_steps=0)
    with pytest.raises(ValueError, match="one for each of 4 columns"):
        model.robust_score(X, Y, perturbation=[1.0])
