"""Evidence that canaries were in a model."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score
from sklearn.tree import DecisionTreeClassifier

from skprivacy.defenses._canary_scores import (
    gaussian_evidence,
    label_evidence,
    leave_one_out_scores,
)
from skprivacy.membership import LiRA
from skprivacy.shadow import ShadowModels
from skprivacy.signals import label_log_odds
from skprivacy.targets import BlackBox


def memberships(n_models, n_canaries, rng):
    halves = rng.random((n_models // 2, n_canaries)) < 0.5
    return np.stack([halves, ~halves], axis=1).reshape(n_models, n_canaries)


def as_answers(own):
    """Probabilities of two classes, of which the second is every canary's label."""
    return np.stack([1 - own, own], axis=-1)


class TestFormulas:
    def test_gaussians_of_few_models(self):
        # Means 1.1 and -.1; variances .02, which 2 models widen by a half: 1.2² / .06.
        signals = np.array([[1.0], [1.2], [0.0], [-0.2]])
        inside = np.array([[True], [True], [False], [False]])
        found = gaussian_evidence(np.array([1.1]), signals, inside)
        np.testing.assert_allclose(found, 24.0)

    def test_no_evidence_where_no_model_is_without_the_canary(self):
        signals = np.arange(8.0).reshape(4, 2)
        inside = np.array([[True, True], [True, False], [True, True], [True, False]])
        found = gaussian_evidence(np.array([9.0, 9.0]), signals, inside)
        assert found[0] == 0 and found[1] != 0

    def test_the_ratio_is_that_of_lira(self):
        rng = np.random.default_rng(0)
        X, y = rng.normal(size=(60, 3)), rng.integers(2, size=60)
        recipe = DecisionTreeClassifier(max_depth=4, random_state=0)
        records = np.column_stack([X, y])
        box = BlackBox(recipe.fit(X[:30], y[:30]))
        shadow = ShadowModels(n_models=12, random_state=0)
        lira = LiRA(box, shadow=shadow, smoothing=0.05, variance="shrunk").fit(records)
        inside = lira.shadow_.membership_
        answers = np.concatenate([box.query(X)[None], lira.shadow_.answers_])
        signal, *signals = label_log_odds(answers, y, 0.05)
        np.testing.assert_allclose(
            gaussian_evidence(signal, np.array(signals), inside),
            lira.decision_function(records),
        )

    def test_labels_that_tell_nothing(self):
        inside = np.array([[True], [False], [True], [False]])
        always = label_evidence(np.array([1]), np.ones((4, 1)), inside)
        np.testing.assert_allclose(always, 0, atol=0.1)


class TestLeaveOneOut:
    def test_equal_answers_tell_nothing(self):
        inside = memberships(8, 10, np.random.default_rng(0))
        answers = as_answers(np.full(inside.shape, 0.7))
        scores = leave_one_out_scores(answers, np.ones(10, int), inside, "proba")
        # Not even how many other models have the canary.
        np.testing.assert_array_equal(scores, 0)

    @pytest.mark.parametrize("response", ["proba", "label"])
    def test_random_answers_tell_nothing(self, response):
        rng = np.random.default_rng(1)
        inside = memberships(12, 60, rng)
        own = rng.random(inside.shape)
        own = own if response == "proba" else np.round(own)
        scores = leave_one_out_scores(
            as_answers(own), np.ones(60, int), inside, response
        )
        # 360 of each: a standard error of .0215; false alarm 1 in 1,000.
        assert abs(roc_auc_score(inside.ravel(), scores.ravel()) - 0.5) < 0.071

    def test_certain_answers_tell_all(self):
        rng = np.random.default_rng(2)
        inside = memberships(12, 20, rng)
        own = np.where(inside, 0.9, 0.4) + 0.05 * rng.random(inside.shape)
        truth = np.ones(20, int)
        for response in ("proba", "label"):
            answers = as_answers(own if response == "proba" else np.round(own))
            scores = leave_one_out_scores(answers, truth, inside, response)
            assert roc_auc_score(inside.ravel(), scores.ravel()) == 1.0
        answers = np.log(as_answers(own))
        scores = leave_one_out_scores(answers, truth, inside, "decision")
        assert roc_auc_score(inside.ravel(), scores.ravel()) == 1.0

    def test_hidden_probabilities_leave_the_label(self):
        rng = np.random.default_rng(3)
        inside = memberships(16, 60, rng)
        right = np.where(inside, 0.9, 0.3) > rng.random(inside.shape)
        # Probabilities are drawn at random; only which is larger is true.
        own = np.where(right, 1, -1) * rng.random(inside.shape) / 2 + 0.5
        by_label = as_answers(right.astype(float))
        scores, of_labels = (
            leave_one_out_scores(answers, np.ones(60, int), inside, response)
            for answers, response in ((as_answers(own), "proba"), (by_label, "label"))
        )
        found, of_labels = (
            roc_auc_score(inside.ravel(), score.ravel())
            for score in (scores, of_labels)
        )
        assert of_labels > 0.75
        assert found > of_labels - 0.05
