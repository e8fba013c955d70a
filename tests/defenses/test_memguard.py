"""Noise on answers after which a membership classifier can't decide."""

import pickle

import numpy as np
import pytest
from scipy.special import expit, softmax

from skprivacy.defenses._membership_classifier import MembershipClassifier
from skprivacy.defenses._memguard import (
    distortion,
    undecided_answers,
    use_within_bound,
)


def scene(n_classes, n=100):
    """Answers to members, which are surer, and to others; a classifier of them."""
    rng = np.random.default_rng(0)
    proba = np.vstack(
        [
            rng.dirichlet(np.full(n_classes, 0.3), size=n),
            rng.dirichlet(np.full(n_classes, 1.0), size=n),
        ]
    )
    is_member = np.repeat([True, False], n)
    return proba, is_member, MembershipClassifier(proba, is_member, 0)


@pytest.fixture(params=[2, 3, 6], scope="module")
def case(request):
    return scene(request.param)


class TestMembershipClassifier:
    def test_it_tells_members_from_others(self, case):
        proba, is_member, classifier = case
        assert ((classifier.log_odds(proba) > 0) == is_member).mean() > 0.6

    def test_the_order_of_the_classes_does_not_matter(self, case):
        proba, _, classifier = case
        np.testing.assert_allclose(
            classifier.log_odds(proba[:, ::-1]), classifier.log_odds(proba)
        )

    def test_the_gradient_is_that_of_differences(self, case):
        proba, _, classifier = case
        logits = np.log(proba[:5] + 0.01)
        log_odds, gradient = classifier.gradient(logits)
        np.testing.assert_allclose(
            log_odds, classifier.log_odds(softmax(logits, axis=1))
        )
        for j, step in enumerate(1e-5 * np.eye(logits.shape[1])):
            up, down = (
                classifier.log_odds(softmax(logits + side * step, axis=1))
                for side in (1, -1)
            )
            np.testing.assert_allclose(gradient[:, j], (up - down) / 2e-5, atol=1e-7)

    def test_answers_that_are_all_the_same(self):
        same = np.tile([0.5, 0.5], (10, 1))
        classifier = MembershipClassifier(same, np.arange(10) < 5, 0)
        assert np.abs(classifier.log_odds(same)).max() < 0.1


class TestUndecidedAnswers:
    def test_the_classifier_is_undecided_and_labels_stay(self, case):
        proba, _, classifier = case
        told = undecided_answers(proba, classifier)
        np.testing.assert_allclose(told.sum(axis=1), 1)
        np.testing.assert_array_equal(told.argmax(axis=1), proba.argmax(axis=1))
        before, after = (
            np.abs(expit(classifier.log_odds(p)) - 0.5) for p in (proba, told)
        )
        assert (after <= before).mean() > 0.99
        assert np.quantile(after, 0.95) < 0.01 < np.median(before)

    def test_of_two_classes_it_is_the_nearest_such_answer(self):
        proba, _, classifier = scene(2)
        told = undecided_answers(proba, classifier)
        sure = np.linspace(0.5, 1, 20_001)
        log_odds = classifier.log_odds(np.stack([sure, 1 - sure], axis=1))
        (turns,) = np.nonzero(np.diff(np.sign(log_odds)))
        assert len(turns) == 1
        np.testing.assert_allclose(told.max(axis=1), sure[turns[0]], atol=1e-4)
        # No low bits tell from which answer it was reached.
        assert len(np.unique(told.max(axis=1))) <= 2

    def test_certain_and_tied_answers_can_be_moved(self):
        _, _, classifier = scene(3)
        proba = np.array([[1.0, 0.0, 0.0], [0.0, 0.5, 0.5], [1 / 3, 1 / 3, 1 / 3]])
        told = undecided_answers(proba, classifier)
        np.testing.assert_array_equal(told.argmax(axis=1), [0, 1, 0])
        assert (distortion(proba, told) > 0).all()

    def test_an_answer_is_the_same_wherever_it_stands(self):
        proba, _, classifier = scene(3)
        proba = proba[::5]
        told = undecided_answers(proba, classifier)
        np.testing.assert_allclose(
            undecided_answers(proba[7:8], classifier), told[7:8], atol=2e-6
        )
        np.testing.assert_allclose(
            undecided_answers(proba[:, [2, 0, 1]], classifier),
            told[:, [2, 0, 1]],
            atol=2e-6,
        )
        again = pickle.loads(pickle.dumps(classifier))
        np.testing.assert_array_equal(undecided_answers(proba, again), told)


class TestUseWithinBound:
    def test_expected_distortion_keeps_the_bound(self):
        proba, _, classifier = scene(2)
        told = undecided_answers(proba, classifier)
        assert distortion(proba, told).max() > 0.3
        n = 500
        uniforms = (np.arange(n) + 0.5) / n
        for bound in (0.0, 0.1, 0.3):
            expected = np.array(
                [
                    distortion(
                        np.tile(p, (n, 1)),
                        use_within_bound(
                            np.tile(p, (n, 1)),
                            np.tile(t, (n, 1)),
                            classifier,
                            bound,
                            uniforms,
                        ),
                    ).mean()
                    for p, t in zip(proba[:20], told[:20], strict=True)
                ]
            )
            assert expected.max() <= bound + 1 / n
            # And what is allowed is used.
            assert (expected.max() > 0.9 * bound) or bound == 0

    def test_nothing_is_told_that_makes_the_classifier_surer(self):
        proba, _, classifier = scene(2)
        order = np.argsort(np.abs(classifier.log_odds(proba)))
        vague, sure = proba[order[:1]], proba[order[-1:]]
        zero = np.zeros(1)
        kept = use_within_bound(vague, sure, classifier, 2.0, zero)
        np.testing.assert_array_equal(kept, vague)
        moved = use_within_bound(sure, vague, classifier, 2.0, zero)
        np.testing.assert_array_equal(moved, vague)


def test_distortion_is_the_summed_difference():
    found = distortion(np.array([[1.0, 0.0], [0.3, 0.7]]), np.array([[0.0, 1.0]] * 2))
    np.testing.assert_allclose(found, [2.0, 0.6])
