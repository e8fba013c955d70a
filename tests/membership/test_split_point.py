"""Split points and leaf counts as evidence of membership."""

import numpy as np
import pandas as pd
import pytest
from membership_scenes import Scene
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.tree import DecisionTreeClassifier

from skprivacy.defenses import sanitize
from skprivacy.inspection import read_trees
from skprivacy.inspection._split_ratio import (
    leaf_log_ratio,
    stranger_log_ratios,
    tree_log_ratios,
)
from skprivacy.membership import SplitPointAttack, ThresholdAttack
from skprivacy.membership._split_point import _combine
from skprivacy.targets import BlackBox


def scene(model=None, seed=0, n=150):
    """Members, others, and others again, with a model of the first."""
    X, y = load_breast_cancer(return_X_y=True)
    order = np.random.default_rng(seed).permutation(len(X))[: 3 * n]
    table = np.column_stack([X, y])[order]
    model = RandomForestClassifier(20, random_state=0) if model is None else model
    model.fit(table[:n, :-1], table[:n, -1])
    return FrozenEstimator(model), table[:n], table[n : 2 * n], table[2 * n :]


def test_leaf_ratio_by_hand():
    # 3 of 4 candidates against a prior of 1/2: log(3/1) - log(1).
    ratio = leaf_log_ratio(np.array([3.0]), np.array([4.0]), 0.5)
    assert ratio == pytest.approx(np.log(3))


def test_split_ratio_by_hand():
    # The tree knows 1 and 4; its leaves hold one row each. Candidates 1, 2 (left), and
    # 4, 9 (right) have a chance of 1/2 each by the leaves. Only 1 and 4 have the middle
    # 2.5, so that without them, nothing explains the threshold but the 1e-6.
    model = DecisionTreeClassifier().fit([[1.0], [4.0]], [0, 1])
    nodes = read_trees(model).trees[0]
    values = np.array([[1.0], [2.0], [4.0], [9.0]])
    label = np.array([0, 0, 1, 1])
    leaf, split = tree_log_ratios(nodes, values, label, 2, 0.5)
    assert leaf == pytest.approx(0)
    # 1 or 4: (1/1e-6 of the rest). 2: gap against none. 9: has no part in it.
    assert split[[0, 2]] == pytest.approx(np.log(2e6), abs=1e-3)
    assert split[1] == pytest.approx(-np.log(2e6), abs=1e-3)
    assert split[3] == pytest.approx(0, abs=1e-9)


def test_stranger_ratio_by_hand():
    # Without 4 there is no pair; added alone it makes the pair (1, 4), of weight
    # P(1 there) * P(2 not there) = 1/2 * 1/2, against the 1e-6 of the largest.
    model = DecisionTreeClassifier().fit([[1.0], [4.0]], [0, 1])
    nodes = read_trees(model).trees[0]
    values = np.array([[1.0], [2.0], [9.0]])
    new = np.array([[4.0], [3.5]])
    _, split = stranger_log_ratios(
        nodes, values, np.array([0, 0, 1]), 2, 0.5, new, np.array([1, 1])
    )
    assert split[0] == pytest.approx(np.log((1 + 1e-6) / 1e-6))
    assert split[1] == pytest.approx(0)


def test_strangers_all_at_once_as_one_at_a_time():
    frozen, members, others, _ = scene()
    nodes = read_trees(frozen.estimator).trees[0]
    table = np.vstack([members[:100], others[:100]]).astype(np.float32)
    new = np.vstack([members[100:], others[100:]]).astype(np.float32)
    X, y, X_new, y_new = table[:, :-1], table[:, -1], new[:, :-1], new[:, -1]
    y, y_new = y.astype(int), y_new.astype(int)
    leaf, split = stranger_log_ratios(nodes, X, y, 2, 0.4, X_new, y_new)
    slow = [
        [
            r[-1]
            for r in tree_log_ratios(nodes, np.vstack([X, a]), np.append(y, b), 2, 0.4)
        ]
        for a, b in zip(X_new, y_new, strict=True)
    ]
    slow_leaf, slow_split = np.transpose(slow)
    np.testing.assert_allclose(leaf, slow_leaf)
    # The others of its leaf keep what is thought of them: close, not equal.
    assert np.corrcoef(split, slow_split)[0, 1] > 0.98
    assert np.mean(np.abs(split - slow_split) < 1) > 0.8


def test_strangers_are_told_apart_and_need_no_company():
    frozen, members, others, _ = scene()
    records = np.vstack([members[:100], others[:100]])
    new = np.vstack([members[100:], others[100:]])
    attack = SplitPointAttack(frozen, random_state=0).fit(records)
    score = attack.decision_function(new)
    assert attack.score(new, np.repeat([1, 0], 50)) > 0.8
    np.testing.assert_allclose(attack.decision_function(new[7:9]), score[7:9])


def test_strangers_to_boosting_need_no_company():
    # Equations of answers are scaled; by the candidates, and not by the company.
    boosting = HistGradientBoostingClassifier(max_iter=10, random_state=0)
    frozen, members, others, _ = scene(boosting)
    records = np.vstack([members[:100], others[:100]])
    new = np.vstack([members[100:], others[100:]])
    attack = SplitPointAttack(frozen, random_state=0).fit(records)
    score = attack.decision_function(new)
    np.testing.assert_allclose(attack.decision_function(new[7:9]), score[7:9])


def test_extra_trees_use_leaf_counts_only():
    frozen, members, others, _ = scene(ExtraTreesClassifier(10, random_state=0))
    attack = SplitPointAttack(frozen, random_state=0).fit(np.vstack([members, others]))
    ensemble = read_trees(frozen.estimator)
    assert ensemble.splits == "random"
    values = np.vstack([members, others])[:, :-1].astype(np.float32)
    y = np.r_[members[:, -1], others[:, -1]].astype(int)
    _, split = tree_log_ratios(ensemble.trees[0], values, y, 2, 0.5, midpoints=False)
    assert not split.any()
    assert attack.score(np.vstack([members, others]), np.repeat([1, 0], 150)) > 0.6


def test_regressor():
    frozen, members, others, _ = scene(RandomForestRegressor(20, random_state=0))
    records = np.vstack([members, others])
    attack = SplitPointAttack(frozen, random_state=0).fit(records)
    assert attack.score(records, np.repeat([1, 0], 150)) > 0.7


def test_mixed_table():
    rng = np.random.default_rng(0)
    n = 300
    frame = pd.DataFrame(
        {
            "job": rng.choice(["a", "b", "c"], n),
            "age": rng.normal(size=n),
            "income": rng.integers(0, 2, n),
        }
    )
    model = make_pipeline(
        make_column_transformer((OneHotEncoder(), ["job"]), remainder="passthrough"),
        RandomForestClassifier(20, random_state=0),
    ).fit(frame.iloc[:100, :2], frame["income"].iloc[:100])
    records = frame.iloc[:200]
    attack = SplitPointAttack(FrozenEstimator(model), label="income", random_state=0)
    attack.fit(records)
    assert attack.score(records, np.repeat([1, 0], 100)) > 0.8
    new = attack.decision_function(frame.iloc[200:])
    assert new.shape == (100,) and np.isfinite(new).all()


def test_nobody_is_a_member():
    # Of 150 + 150 who are not, the AUC has a standard error of 0.033: beyond 4 of
    # them once in 16,000.
    frozen, _, others, more = scene()
    records = np.vstack([others, more])
    attack = SplitPointAttack(frozen, random_state=0).fit(records)
    auc = attack.score(records, np.repeat([1, 0], 150))
    assert abs(auc - 0.5) < 4 * 0.0334


def test_bad_targets():
    frozen, members, _, _ = scene()
    with pytest.raises(TypeError, match="target"):
        SplitPointAttack(BlackBox(frozen.estimator)).fit(members)
    line = LogisticRegression(max_iter=9999).fit(members[:, :3], members[:, -1])
    with pytest.raises(TypeError, match="decision trees"):
        SplitPointAttack(FrozenEstimator(line)).fit(members[:, [0, 1, 2, -1]])


def test_trees_that_may_have_left_a_record_out_say_little_against_it():
    # A split that is sure the record was not drawn: log(0.6 * 0 + 0.4) a tree, twice.
    never = (np.zeros(1), np.full(1, -1e3), 0.6)
    assert _combine([never, never], 0.5)[0] == pytest.approx(2 * np.log(0.4))
    # One that saw all rows is believed: leaf log 2 at half weight, split log 3.
    seen = (np.log([2.0]), np.log([3.0]), 1.0)
    assert _combine([seen], 0.5)[0] == pytest.approx(np.log(3 * 2**0.5))


@pytest.mark.parametrize(
    ("recipe", "least"),
    [
        (DecisionTreeClassifier(min_samples_leaf=5, random_state=0), 0.8),
        (RandomForestClassifier(20, min_samples_leaf=5, random_state=0), 0.9),
        (ExtraTreesClassifier(20, min_samples_leaf=5, random_state=0), 0.8),
        (GradientBoostingClassifier(n_estimators=20, random_state=0), 0.6),
        (HistGradientBoostingClassifier(max_iter=5, random_state=0), 0.95),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_kind_of_trees_is_read(recipe, least):
    case = Scene(recipe)
    auc = SplitPointAttack(case.frozen, random_state=0).fit(case.records)
    auc = auc.score(case.records, case.is_member)
    asked = ThresholdAttack(case.box).fit(case.records)
    assert auc > max(least, asked.score(case.records, case.is_member))


def boosting(**options):
    return scene(HistGradientBoostingClassifier(max_iter=30, **options))


def test_boosting_is_solved_without_a_model_of_ones_own():
    frozen, members, others, more = boosting()
    records = np.vstack([members, others])
    attack = SplitPointAttack(frozen).fit(records)
    assert attack.leaf_weight_ is None
    assert attack.score(records, np.repeat([1, 0], 150)) > 0.99
    # Strangers fill no leaf that lacks a row.
    assert np.mean(attack.decision_function(more) < 0) > 0.9


def test_a_member_that_the_list_lacks_fills_leaves():
    frozen, members, others, more = boosting()
    attack = SplitPointAttack(frozen).fit(np.vstack([members[5:], others]))
    missing = attack.decision_function(members[:5])
    assert np.median(missing) > np.quantile(attack.decision_function(more), 0.9)


def test_answers_of_boosting_are_solved_where_counts_were_removed():
    frozen, members, others, _ = boosting()
    X = members[:, :-1]
    safer = FrozenEstimator(
        sanitize(frozen.estimator, X_train=X, max_change=0, random_state=0)
    )
    records = np.vstack([members, others])
    attack = SplitPointAttack(safer).fit(records)
    assert attack.score(records, np.repeat([1, 0], 150)) > 0.7


def test_equations_of_other_people_name_nobody():
    # As test_nobody_is_a_member.
    frozen, _, others, more = boosting()
    records = np.vstack([others, more])
    auc = SplitPointAttack(frozen).fit(records).score(records, np.repeat([1, 0], 150))
    assert abs(auc - 0.5) < 4 * 0.0334


def test_thresholds_that_were_moved_are_not_read():
    frozen, members, others, _ = scene()
    records = np.vstack([members, others])
    attack = SplitPointAttack(frozen, random_state=0).fit(records)
    assert attack.reads_thresholds_
    X_train = members[:, :-1]
    moved = sanitize(frozen.estimator, X_train=X_train, max_change=0, random_state=0)
    attack = SplitPointAttack(FrozenEstimator(moved), random_state=0).fit(records)
    assert not attack.reads_thresholds_
    # Its leaves still tell: 150 against 150 has a standard error of .033 under chance.
    assert attack.score(records, np.repeat([1, 0], 150)) > 0.5 + 3 * 0.034
