import numpy as np
import pytest

from skprivacy.property import DistinguishingAttack, ModelFeatures
from skprivacy.property._rules import RuleAttack


class Fixed:
    def scores(self, numbers):
        return np.column_stack([0 * numbers[:, 0], numbers[:, 0]])


class FixedAttack(RuleAttack):
    def __init__(self, features=None):
        self.features = features

    def _learn(self, numbers, worlds):
        return Fixed()


def test_scores_of_few_models_are_left_as_they_are():
    attack = FixedAttack().fit([[0.0], [1.0]], ["a", "b"])
    assert attack.decision_function([[-2.0], [3.0]]).tolist() == [-2, 3]
    assert attack.predict([[-2.0], [3.0]]).tolist() == ["a", "b"]
    assert attack.predict_proba([[0.0]]).tolist() == [[0.5, 0.5]]
    assert attack.predict_proba([[3.0]])[0, 1] == pytest.approx(1 / (1 + np.exp(-3)))


def test_scores_of_more_models_are_calibrated():
    numbers = np.tile([10.0, 12.0], 8)[:, None]
    attack = FixedAttack().fit(numbers, np.tile([0, 1], 8))
    assert attack.decision_function([[10.5], [11.5]]).tolist() == pytest.approx(
        (np.array([-1, 1]) * attack.decision_function([[11.5]])).tolist(), abs=1e-3
    )


def test_y_of_another_length_than_numbers():
    with pytest.raises(ValueError, match="inconsistent numbers"):
        DistinguishingAttack().fit(np.ones((4, 1)), [0, 1, 0])


def test_answers_are_laid_out_query_by_query():
    attack = FixedAttack(ModelFeatures("queries", queries=[[0], [1], [2]]))
    attack.blocks_ = {"changes": slice(0, 2), "answers": slice(2, 8)}
    answers = attack._answers(np.arange(16.0).reshape(2, 8))
    assert answers[0].tolist() == [[2, 3], [4, 5], [6, 7]]
