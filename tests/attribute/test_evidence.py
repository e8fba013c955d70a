"""What speaks for each candidate, by hand."""

import numpy as np
import pytest

from skprivacy.attribute._evidence import (
    EVIDENCE,
    candidate_evidence,
    out_reference,
    over_the_rest,
)


class TestOverTheRest:
    @pytest.mark.parametrize(
        ("evidence", "lead"),
        [
            ([1.0, 4.0, 2.0], [-3.0, 2.0, -2.0]),
            ([4.0, 1.0], [3.0, -3.0]),
            ([2.0, 2.0, 1.0], [0.0, 0.0, -1.0]),
            ([5.0, 5.0, 5.0], [0.0, 0.0, 0.0]),
            ([-1.0, -3.0, -2.0], [1.0, -2.0, -1.0]),
        ],
    )
    def test_by_hand(self, evidence, lead):
        assert over_the_rest(np.array([evidence])).tolist() == [lead]

    def test_the_largest_is_the_only_one_above_0(self):
        evidence = np.random.default_rng(0).normal(size=(50, 7))
        lead = over_the_rest(evidence)
        assert ((lead > 0).sum(axis=1) == 1).all()
        np.testing.assert_array_equal(lead.argmax(axis=1), evidence.argmax(axis=1))

    def test_nothing_changes_if_all_candidates_gain_the_same(self):
        evidence = np.random.default_rng(0).normal(size=(50, 7))
        np.testing.assert_allclose(over_the_rest(evidence + 3), over_the_rest(evidence))


class TestOutReference:
    # Four models, three records, two candidates.
    signals = np.array(
        [
            [[1.0, 2.0], [4.0, 0.0], [9.0, 9.0]],
            [[3.0, 6.0], [8.0, 0.0], [9.0, 9.0]],
            [[50.0, 50.0], [50.0, 50.0], [9.0, 9.0]],
            [[50.0, 50.0], [50.0, 50.0], [9.0, 9.0]],
        ]
    )

    def test_by_hand(self):
        inside = np.array([[False] * 3, [False] * 3, [True] * 3, [True] * 3])
        mean, deviation = out_reference(self.signals, inside)
        assert mean.tolist() == [[2, 4], [6, 0], [9, 9]]
        expected = [[np.sqrt(2), np.sqrt(8)], [np.sqrt(8), 0], [0, 0]]
        np.testing.assert_allclose(deviation, expected)

    def test_a_record_that_is_in_every_model_has_what_is_usual(self):
        inside = np.array([[False] * 3, [False] * 3, [True] * 3, [True] * 3])
        inside[:, 2] = True
        mean, deviation = out_reference(self.signals, inside)
        assert mean[2].tolist() == [4, 2]
        usual = [(np.sqrt(2) + np.sqrt(8)) / 2, np.sqrt(8) / 2]
        np.testing.assert_allclose(deviation[2], usual)

    def test_a_record_that_is_out_of_one_model_has_the_usual_deviation(self):
        inside = np.array([[False] * 3, [False] * 3, [True] * 3, [True] * 3])
        inside[1, 1] = True
        mean, deviation = out_reference(self.signals, inside)
        assert mean[1].tolist() == [4, 0]
        np.testing.assert_allclose(deviation[1], [np.sqrt(2) / 2, np.sqrt(8) / 2])

    def test_strangers_are_out_of_all_models(self):
        mean, deviation = out_reference(self.signals, np.zeros((4, 3), dtype=bool))
        np.testing.assert_allclose(mean, self.signals.mean(axis=0))
        np.testing.assert_allclose(deviation, self.signals.std(axis=0, ddof=1))

    def test_records_that_are_in_every_model_have_the_mean_of_all(self):
        mean, deviation = out_reference(self.signals, np.ones((4, 3), dtype=bool))
        np.testing.assert_allclose(mean, [self.signals.mean(axis=(0, 1))] * 3)
        assert (deviation == 0).all()

    @pytest.mark.parametrize("n_models", [1, 2, 3])
    def test_few_models_leave_no_hole(self, n_models):
        inside = np.random.default_rng(0).random((n_models, 3)) < 0.5
        found = out_reference(self.signals[:n_models], inside)
        assert np.isfinite(found).all()

    def test_it_changes_nothing_that_it_is_given(self):
        signals, inside = self.signals.copy(), np.ones((4, 3), dtype=bool)
        out_reference(signals, inside)
        np.testing.assert_array_equal(signals, self.signals)
        assert inside.all()


class TestCandidateEvidence:
    def test_by_hand(self):
        found = candidate_evidence(
            np.log([[0.25, 0.75]]),
            signal=np.array([[5.0, 1.0]]),
            mean=np.array([[2.0, 0.0]]),
            deviation=np.array([[0.7, 0.2]]),
        )
        assert found.shape == (1, 2, len(EVIDENCE))
        first, second = (
            {n: v for n, v in zip(EVIDENCE, row, strict=True)} for row in found[0]
        )
        expected_of_first = {
            "imputer": np.log(0.25),
            "imputer, over the rest": -np.log(3),
            "signal": 5,
            "signal, over the mean": 2,
            "signal, over the rest": 4,
            "calibrated": 3,
            "calibrated, over the mean": 1,
            "calibrated, over the rest": 2,
            "standardized": 3,
            "standardized, over the rest": 1,
            "reference": 2,
            "largest signal": 5,
            "largest calibrated": 3,
        }
        assert first == pytest.approx(expected_of_first)
        assert second["calibrated"] == 1
        assert second["standardized"] == pytest.approx(1 / 0.5)
        assert second["largest signal"] == 5

    def test_candidates_in_another_order_have_the_same_evidence(self):
        rng = np.random.default_rng(0)
        parts = rng.random((4, 30, 5))
        order = rng.permutation(5)
        found = candidate_evidence(*parts)
        turned = candidate_evidence(*parts[:, :, order])
        np.testing.assert_allclose(turned, found[:, order])

    def test_a_deviation_of_0_is_no_hole(self):
        zeros = np.zeros((2, 3))
        assert np.isfinite(candidate_evidence(zeros, zeros + 9, zeros, zeros)).all()
