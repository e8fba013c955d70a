"""The loss threshold."""

import numpy as np
import pytest

from skprivacy.membership import ThresholdAttack
from skprivacy.targets import BlackBox


def test_hand_computed_case():
    # The model says P(1) = first feature. Own-label probabilities are 0.8, 0.5, 0.2;
    # their log losses 0.223, 0.693, 1.609 with mean 0.842: the first two are below it.
    records = np.array([[0.8, 1.0], [0.5, 0.0], [0.2, 1.0]])
    attack = ThresholdAttack(BlackBox(lambda X: X[:, 0], classes=[0, 1])).fit(records)
    assert attack.threshold_ == pytest.approx(-0.842, abs=1e-3)
    np.testing.assert_array_equal(attack.predict(records), [1, 1, 0])
    np.testing.assert_allclose(
        attack.decision_function(records), [0.619, 0.149, -0.767], atol=1e-3
    )


def test_signals_are_those_of_the_target(overfit):
    loss = ThresholdAttack(overfit.box, signal="loss").fit(overfit.records)
    confidence = ThresholdAttack(overfit.box, signal="confidence").fit(overfit.records)
    same_order = np.corrcoef(
        *(
            np.argsort(np.argsort(a.decision_function(overfit.records), kind="stable"))
            for a in (loss, confidence)
        )
    )
    assert same_order[0, 1] > 0.999


def test_signal_that_the_answers_do_not_offer(overfit):
    box = BlackBox(overfit.model, response="label")
    with pytest.raises(ValueError, match="signal='logit'.*'loss', 'correctness'"):
        ThresholdAttack(box, signal="logit").fit(overfit.records)


def test_one_query_a_record(overfit):
    box = BlackBox(overfit.model)
    attack = ThresholdAttack(box).fit(overfit.records)
    assert box.n_queries_ == len(overfit.records)
    attack.decision_function(overfit.records[:7])
    assert box.n_queries_ == len(overfit.records) + 7
