"""The stacked attack."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import roc_auc_score

from skprivacy.membership import LiRA, StackedAttack
from skprivacy.membership._stacked_evidence import evidence_columns, learn_priors
from skprivacy.metrics import tpr_at_fpr
from skprivacy.shadow import ShadowModels, moments
from skprivacy.targets import BlackBox


def stacked(scene, **params):
    return StackedAttack(scene.box, shadow=scene.shadow, random_state=0, **params)


@pytest.mark.power
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
    priors = [learn_priors(moments(correct, inside), moments(correct, ~inside))]
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


@pytest.fixture(scope="module")
def forest():
    """A forest that remembers little, records, members, and shadow models kept."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 4))
    y = (X[:, 0] + rng.normal(size=300) > 0).astype(int)
    model = RandomForestClassifier(15, min_samples_leaf=5, random_state=0)
    model.fit(X[:150], y[:150])
    records = np.column_stack([X, y])
    shadow = ShadowModels(
        target=BlackBox(model),
        recipe=clone(model),
        n_models=6,
        keep_models=True,
        random_state=0,
    ).fit(records)
    return model, records, np.repeat([1, 0], 150), FrozenEstimator(shadow)


def test_inside_of_trees_is_read_where_all_models_are_held(forest):
    model, records, is_member, shadow = forest
    power = {}
    for target in (FrozenEstimator(model), BlackBox(model)):
        attack = StackedAttack(target, shadow=shadow, random_state=0).fit(records)
        assert attack.white_box_ == isinstance(target, FrozenEstimator)
        assert attack.n_pretend_ == (4 if attack.white_box_ else 6)
        power[attack.white_box_] = attack.score(records, is_member)
    assert power[True] > max(0.95, power[False] + 0.1)


def test_inside_gives_a_record_the_same_score_in_any_company(forest):
    model, records, _, shadow = forest
    attack = StackedAttack(FrozenEstimator(model), shadow=shadow, random_state=0)
    decision = attack.fit(records).decision_function(records)
    some = np.array([200, 7, 3])
    alone = attack.decision_function(records[some])
    np.testing.assert_allclose(alone, decision[some], rtol=1e-6)
    strangers = records[:9] + [0.01, 0, 0, 0, 0]
    assert np.isfinite(attack.decision_function(strangers)).all()


def test_inside_is_left_alone_where_the_pool_has_more_records(forest):
    model, records, _, shadow = forest
    attack = StackedAttack(FrozenEstimator(model), shadow=shadow, random_state=0)
    assert not attack.fit(records[:200] + [0.01, 0, 0, 0, 0]).white_box_


def test_models_without_trees_are_asked_alone(forest):
    _, records, _, _ = forest
    model = LogisticRegression().fit(records[:150, :-1], records[:150, -1])
    shadow = ShadowModels(n_models=4, keep_models=True, random_state=0)
    attack = StackedAttack(FrozenEstimator(model), shadow=shadow, random_state=0)
    assert not attack.fit(records).white_box_


def test_too_few_models_to_play_the_target(overfit):
    attack = StackedAttack(overfit.box, shadow=ShadowModels(n_models=2), random_state=0)
    with pytest.raises(ValueError, match="at least 4 in pairs, or 3; got n_models=2"):
        attack.fit(overfit.records)


def test_regressor_as_final_estimator_is_refused(overfit):
    with pytest.raises(TypeError, match="final_estimator must be a classifier"):
        stacked(overfit, final_estimator=Ridge()).fit(overfit.records)


def test_scores_do_not_depend_on_the_blocks(overfit, monkeypatch):
    def scores():
        attack = stacked(overfit, n_pretend=2, final_estimator=LogisticRegression())
        return attack.fit(overfit.records).decision_function(overfit.records)

    whole = scores()
    monkeypatch.setattr("skprivacy.shadow._store.BLOCK", 16 * 70)
    np.testing.assert_allclose(scores(), whole, rtol=1e-9)
