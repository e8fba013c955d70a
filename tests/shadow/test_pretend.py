"""Settings chosen on shadow models, each taken as the target in turn."""

import numpy as np
import pytest

from skprivacy.shadow import best_on_pretend_targets, pretend_targets
from skprivacy.shadow._pretend import attack_power


def halves(n_pairs, n, seed=0):
    rng = np.random.default_rng(seed)
    membership = []
    for _ in range(n_pairs):
        half = np.zeros(n, bool)
        half[rng.permutation(n)[: n // 2]] = True
        membership += [half, ~half]
    return np.array(membership)


def test_complement_is_left_out():
    for target, others in pretend_targets(halves(4, 20)):
        assert target not in others and target ^ 1 not in others
        assert len(others) == 6


def test_without_pairs_only_the_target_is_left_out():
    membership = np.random.default_rng(0).random((5, 50)) < 0.5
    for target, others in pretend_targets(membership):
        assert target not in others and len(others) == 4


def test_two_models_are_too_few():
    assert list(pretend_targets(halves(1, 20))) == []


def test_power_of_a_hand_computed_case():
    # By score: member, non-member, member, non-member. Ahead of the non-members are
    # 1/2 and 2/2 of the members: AUC 3/4; at no false alarm 1/2 are named.
    truth = np.array([True, False, True, False])
    assert attack_power(truth, np.array([4.0, 3.0, 2.0, 1.0])) == 0.75 + 0.5


@pytest.mark.parametrize("best", [0.0, 0.3, 1.0])
def test_the_candidate_that_names_members_wins(best):
    membership = halves(4, 400)
    rng = np.random.default_rng(1)
    noise = rng.normal(size=membership.shape)

    def attack(target, others, records):
        truth, luck = membership[target, records], noise[target, records]
        return lambda candidate: (2 - abs(candidate - best)) * truth + luck

    assert best_on_pretend_targets((0.0, 0.3, 1.0), attack, membership) == best


def test_first_candidate_where_there_are_too_few_models():
    assert best_on_pretend_targets((5, 6), None, halves(1, 20)) == 5
