"""The stacked attack."""

import numpy as np
import pytest
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import roc_auc_score

from skprivacy.membership import LiRA, StackedAttack
from skprivacy.membership._stacked_evidence import evidence_columns, learn_priors
from skprivacy.metrics import tpr_at_fpr
from skprivacy.shadow import ShadowModels


def stacked(scene, **params):
    return StackedAttack(scene.box, shadow=scene.shadow, random_state=0, **params)


def test_is_not_behind_lira(overfit):
    lira = LiRA(overfit.box, shadow=overfit.shadow).fit(overfit.records)
    attack = stacked(overfit).fit(overfit.records)
    # The AUC of 300 against 300 differs by about 0.01 between two good attacks.
    of_lira = lira.score(overfit.records, overfit.is_member)
    assert attack.score(overfit.records, overfit.is_member) > of_lira - 0.02
    decision = attack.decision_function(overfit.records)
    assert tpr_at_fpr(overfit.is_member, decision, 0.05) > 0.3


def test_pretend_target_is_not_among_its_own_references(overfit, monkeypatch):
    shadow = overfit.shadow.estimator
    seen = []

    def spy(answers, others, membership, *rest):
        seen.append((answers, others, membership))
        return evidence_columns(answers, others, membership, *rest)

    monkeypatch.setattr("skprivacy.membership._stacked.evidence_columns", spy)
    attack = stacked(overfit, n_pretend=4).fit(overfit.records)
    assert attack.n_pretend_ == 4
    # The last comparison is that of the target with all of them.
    *pretend, (_, _, everything) = seen
    assert len(pretend) == 4 and len(everything) == 16
    for answers, others, membership in pretend:
        (model,) = np.flatnonzero((shadow.answers_ == answers).all(axis=(1, 2)))
        kept = np.setdiff1d(np.arange(16), [model, model ^ 1])
        np.testing.assert_array_equal(others, shadow.answers_[kept])
        np.testing.assert_array_equal(membership, shadow.membership_[kept])
        # What is left says nothing of the membership: as many models on each side.
        assert set(membership.sum(axis=0)) == {7}


def test_columns_on_a_hand_computed_case():
    # One record, labels alone; right with it in both models, wrong without in both.
    right, wrong = [[0.0, 1.0]], [[1.0, 0.0]]
    shadow = np.array([right, right, wrong, wrong])
    inside = np.array([[True], [True], [False], [False]])
    truth = np.array([1])
    correct = shadow[:, :, 1]
    priors = [learn_priors(correct, inside, np.ones(1))]
    evidence = evidence_columns(
        np.array(right), shadow, inside, truth, "label", 1.0, priors
    )
    # Without: signal 1, its distance from the mean 0 is 1, and that mean.
    np.testing.assert_array_equal(evidence.offline[0, [0, 2, 3]], [1.0, 1.0, 0.0])
    # Ranks: above all models without it, level with those that have it.
    assert evidence.offline[0, -3] == 1.0 and evidence.online[0, -1] == 0.5
    # Ratio of RMIA: log(1 / ((1 + 0) / 2)) = log 2.
    assert evidence.online[0, -2] == pytest.approx(np.log(2))


def test_strangers_are_scored_without_models_that_have_them(overfit):
    shadow = ShadowModels(target=overfit.box, n_models=16, random_state=0)
    shadow = FrozenEstimator(shadow.set_params(keep_models=True).fit(overfit.strangers))
    attack = StackedAttack(overfit.box, shadow=shadow, random_state=0)
    for known in (overfit.strangers, overfit.records):
        decision = attack.fit(known).decision_function(overfit.records)
        assert np.isfinite(decision).all()
        assert roc_auc_score(overfit.is_member, decision) > 0.85


def test_neighbors_can_be_left_out(overfit):
    plain = stacked(overfit, n_neighbors=0).fit(overfit.records)
    full = stacked(overfit).fit(overfit.records)
    n_columns = [
        a.final_estimator_.estimators_[1].n_features_in_ for a in (plain, full)
    ]
    assert n_columns[1] - n_columns[0] == 8
    assert plain.score(overfit.records, overfit.is_member) > 0.9


def test_any_classifier_takes_the_columns(overfit):
    attack = stacked(overfit, final_estimator=LogisticRegression(max_iter=2000, C=0.01))
    attack.fit(overfit.records)
    assert isinstance(attack.final_estimator_, LogisticRegression)
    assert attack.score(overfit.records, overfit.is_member) > 0.9


def test_too_few_models_to_play_the_target(overfit):
    attack = StackedAttack(overfit.box, shadow=ShadowModels(n_models=2), random_state=0)
    with pytest.raises(ValueError, match="at least 4 in pairs, or 3; got n_models=2"):
        attack.fit(overfit.records)


def test_regressor_as_final_estimator_is_refused(overfit):
    with pytest.raises(TypeError, match="final_estimator must be a classifier"):
        stacked(overfit, final_estimator=Ridge()).fit(overfit.records)
