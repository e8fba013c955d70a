"""Several attacks in scikit-learn's ensembles."""

import numpy as np
import pytest
from sklearn.ensemble import StackingClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import QuantileTransformer, StandardScaler

from skprivacy.membership import (
    RMIA,
    CalibratedAttack,
    LiRA,
    QuantileAttack,
    ThresholdAttack,
)
from skprivacy.shadow import TransductiveKFold


@pytest.fixture
def attacks(overfit):
    return [
        (kind.__name__, kind(overfit.box, shadow=overfit.shadow))
        for kind in (RMIA, LiRA, CalibratedAttack)
    ]


def test_hard_vote_is_the_majority(attacks, overfit):
    vote = VotingClassifier(attacks, voting="hard")
    vote.fit(overfit.records, overfit.is_member)
    called = [a.fit(overfit.records).predict(overfit.records) for _, a in attacks]
    np.testing.assert_array_equal(
        vote.predict(overfit.records), np.sum(called, axis=0) >= 2
    )


@pytest.mark.parametrize("cv", ["prefit", TransductiveKFold(2)], ids=["prefit", "cv"])
def test_stack_learns_from_the_scores(cv, attacks, overfit):
    if cv == "prefit":
        attacks = [(name, attack.fit(overfit.records)) for name, attack in attacks]
    final = make_pipeline(StandardScaler(), LogisticRegression())
    stack = StackingClassifier(attacks, final, cv=cv, stack_method="decision_function")
    known = np.arange(600) % 2 == 0
    stack.fit(overfit.records[known], overfit.is_member[known])
    scores = stack.decision_function(overfit.records[~known])
    assert roc_auc_score(overfit.is_member[~known], scores) > 0.9
    if cv == "prefit":
        np.testing.assert_array_equal(
            stack.transform(overfit.records)[:, 0],
            attacks[0][1].decision_function(overfit.records),
        )


def test_attack_fitted_on_strangers_can_be_stacked(overfit):
    quantile = QuantileAttack(overfit.box, random_state=0).fit(overfit.strangers)
    threshold = ThresholdAttack(overfit.box).fit(overfit.records)
    stack = StackingClassifier([("q", quantile), ("t", threshold)], cv="prefit")
    known = np.arange(600) % 2 == 0
    stack.fit(overfit.records[known], overfit.is_member[known])
    scores = stack.decision_function(overfit.records[~known])
    assert roc_auc_score(overfit.is_member[~known], scores) > 0.8


def test_mean_rank_is_near_to_the_best(attacks, overfit):
    scores = np.column_stack(
        [a.fit(overfit.records).decision_function(overfit.records) for _, a in attacks]
    )
    ranks = QuantileTransformer(n_quantiles=600).fit_transform(scores)
    alone = [roc_auc_score(overfit.is_member, s) for s in scores.T]
    together = roc_auc_score(overfit.is_member, ranks.mean(axis=1))
    assert together > max(alone) - 0.02
