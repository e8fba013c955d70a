"""All evidence of a forest's inside, weighed on forests of one's own."""

import numpy as np
import pytest
from sklearn.ensemble import (
    BaggingClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from skprivacy.membership import WhiteBoxForestAttack
from skprivacy.membership._forest_evidence import EVIDENCE, forest_evidence
from skprivacy.membership._white_box_forest import pull_in

RNG = np.random.default_rng(0)
X = RNG.normal(size=(400, 5))
Y = (X[:, 0] + RNG.normal(size=400) > 0).astype(int)
RECORDS = np.column_stack([X, Y])
IS_MEMBER = np.repeat([1, 0], 200)


def attack_on(model, **params):
    model.fit(X[:200], Y[:200])
    attack = WhiteBoxForestAttack(FrozenEstimator(model), random_state=0, **params)
    return attack.fit(RECORDS)


@pytest.mark.parametrize(
    "model",
    [
        RandomForestClassifier(20, random_state=0, min_samples_leaf=5),
        ExtraTreesClassifier(20, random_state=0),
        DecisionTreeClassifier(random_state=0),
        GradientBoostingClassifier(random_state=0),
    ],
    ids=lambda model: type(model).__name__,
)
def test_any_model_of_trees_is_read(model):
    attack = attack_on(model, n_models=1)
    assert attack.score(RECORDS, IS_MEMBER) > 0.75


@pytest.mark.parametrize(
    "model",
    [
        HistGradientBoostingClassifier(max_iter=10, random_state=0),
        BaggingClassifier(
            HistGradientBoostingClassifier(max_iter=4), n_estimators=3, random_state=0
        ),
    ],
    ids=["boosted", "bagged"],
)
def test_steps_of_boosting_are_no_shares_of_classes(model):
    attack = attack_on(model, n_models=1)
    # Read as shares of one class, half of the leaves would hold less than nobody.
    assert {"leaf", "density"} <= set(attack.evidence_names_)
    evidence, _ = forest_evidence(model, X, Y)
    assert np.isfinite(evidence).all()
    assert attack.score(RECORDS, IS_MEMBER) > 0.6


def test_without_seeds_no_row_is_named():
    model = RandomForestClassifier(20).fit(X[:200], Y[:200])
    for tree in model.estimators_:
        tree.random_state = None
    attack = WhiteBoxForestAttack(FrozenEstimator(model), n_models=1, random_state=0)
    attack.fit(RECORDS)
    assert set(attack.row_) == {-1}
    assert attack.seed_ is None
    assert not {"margin", "lead"} & set(attack.evidence_names_)
    assert attack.score(RECORDS, IS_MEMBER) > 0.8


def test_any_classifier_weighs_the_evidence():
    forest = RandomForestClassifier(20, random_state=0)
    attack = attack_on(forest, n_models=1, final_estimator=LogisticRegression(C=0.01))
    assert attack.final_estimator_.C == 0.01
    assert attack.score(RECORDS, IS_MEMBER) > 0.9


def test_evidence_of_candidates_and_of_others_has_the_same_columns():
    model = RandomForestClassifier(20, random_state=0).fit(X[:200], Y[:200])
    evidence, names = forest_evidence(model, X, Y)
    assert names == EVIDENCE and evidence.shape == (400, len(EVIDENCE))
    assert np.isfinite(evidence).all()
    others, _ = forest_evidence(model, X[:7], Y[:7], candidates=(X[100:], Y[100:]))
    assert others.shape == (7, len(EVIDENCE))


def test_large_evidence_is_pulled_in():
    # sign(-e + 1) * log(1 + e - 1) = -1.
    assert pull_in(np.array([[1 - np.e]])).tolist() == [[1 - np.e, pytest.approx(-1)]]


def test_model_without_trees_is_refused():
    model = LogisticRegression().fit(X, Y)
    with pytest.raises(TypeError, match="must hold decision trees"):
        WhiteBoxForestAttack(FrozenEstimator(model)).fit(RECORDS)
