"""A sanitized model answers as before and holds less."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from sklearn.utils.estimator_checks import parametrize_with_checks

from skprivacy.defenses import SanitizedClassifier, SanitizedRegressor, sanitize
from skprivacy.defenses._loosened_tree import Gaps, LoosenedTree, gaps_of_tree
from skprivacy.inspection import leak_scan, read_trees
from skprivacy.membership import SplitPointAttack, ThresholdAttack

MODELS = [
    DecisionTreeClassifier(random_state=0),
    DecisionTreeRegressor(random_state=0),
    RandomForestClassifier(5, random_state=0, oob_score=True),
    RandomForestRegressor(5, random_state=0),
    ExtraTreesClassifier(5, random_state=0),
    GradientBoostingClassifier(n_estimators=5, subsample=0.5, random_state=0),
    GradientBoostingRegressor(n_estimators=5, random_state=0),
    BaggingClassifier(n_estimators=5, max_features=0.5, random_state=0),
    AdaBoostClassifier(DecisionTreeClassifier(max_depth=3), n_estimators=5),
    IsolationForest(n_estimators=5, random_state=0),
    HistGradientBoostingClassifier(max_iter=5, min_samples_leaf=3, random_state=0),
    HistGradientBoostingRegressor(max_iter=5, early_stopping=True, random_state=0),
    make_pipeline(StandardScaler(), RandomForestClassifier(5, random_state=0)),
]


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 4))
    return X, (X[:, 0] + rng.normal(size=200) > 0).astype(int)


def answers(model, X):
    if hasattr(model, "score_samples"):
        return model.score_samples(X)
    return model.predict_proba(X) if is_classifier(model) else model.predict(X)


@pytest.mark.filterwarnings("ignore:Some inputs do not have OOB")
@pytest.mark.parametrize("recipe", MODELS, ids=repr)
def test_answers_to_the_training_set_stay_bit_for_bit(recipe, data):
    X, y = data
    model = clone(recipe).fit(X, y)
    before = pickle.dumps(model)
    safer = sanitize(model, X_train=X, max_change=0, random_state=1)
    np.testing.assert_array_equal(answers(safer, X), answers(model, X))
    assert pickle.dumps(model) == before
    again = pickle.loads(pickle.dumps(safer))
    np.testing.assert_array_equal(answers(again, X), answers(model, X))
    assert all(
        value is None
        for name, value in safer.get_params().items()
        if name.endswith("random_state")
    )


def test_missing_values_keep_their_side(data):
    X, y = data
    X[::7, 0] = np.nan
    for recipe in (
        RandomForestClassifier(5),
        HistGradientBoostingClassifier(max_iter=5),
    ):
        model = recipe.fit(X, y)
        safer = sanitize(model, X_train=X, max_change=0, random_state=1)
        np.testing.assert_array_equal(safer.predict_proba(X), model.predict_proba(X))


def test_categories_of_histogram_boosting_keep_their_side(data):
    X, y = data
    frame = pd.DataFrame(X, columns=list("abcd"))
    frame["town"] = pd.Categorical(np.where(X[:, 1] > 0, "A", "B"))
    model = HistGradientBoostingClassifier(
        max_iter=5, categorical_features="from_dtype"
    ).fit(frame, y)
    safer = sanitize(model, X_train=frame, max_change=0, random_state=1)
    np.testing.assert_array_equal(
        safer.predict_proba(frame), model.predict_proba(frame)
    )


def midpoints_found(model, X):
    """Share of thresholds that are midpoints of two neighboring values of a column."""
    found = total = 0
    for tree in read_trees(model).trees:
        for feature in range(X.shape[1]):
            values = np.unique(X[:, feature].astype(np.float32)).astype(float)
            pairs = (values[:, None] + values) / 2
            own = tree.threshold[tree.feature == feature]
            found += np.isin(own, pairs).sum()
            total += len(own)
    return found / total


def test_no_threshold_is_a_midpoint_any_more(data):
    X, y = data
    model = RandomForestClassifier(5, random_state=0).fit(X, y)
    assert midpoints_found(model, X) > 0.99
    assert midpoints_found(sanitize(model, X_train=X, random_state=1), X) == 0


@pytest.mark.filterwarnings("ignore:Some inputs do not have OOB")
def test_counts_and_seeds_are_gone(data):
    X, y = data
    model = RandomForestClassifier(5, random_state=0, oob_score=True).fit(X, y)
    safer = sanitize(model, X_train=X, random_state=1)
    assert not hasattr(safer, "oob_decision_function_")
    with pytest.raises(AttributeError):
        _ = safer.estimators_samples_
    for tree in read_trees(safer).trees:
        assert tree.seed is None
        assert set(tree.n_samples) == {1} and set(tree.weight) == {1.0}
    boosting = HistGradientBoostingClassifier(max_iter=3, random_state=0).fit(X, y)
    safer = sanitize(boosting, X_train=X, random_state=1)
    assert all(len(edges) == 0 for edges in safer._bin_mapper.bin_thresholds_)
    assert set(safer._predictors[0][0].nodes["count"]) == {1}


@pytest.mark.filterwarnings("ignore:Some inputs do not have OOB")
@pytest.mark.parametrize("recipe", MODELS[:-1], ids=repr)
def test_the_scan_finds_nothing_grave_any_more(recipe, data):
    X, y = data
    model = clone(recipe).fit(X, y)
    assert "node_counts" in set(leak_scan(model)["kind"])
    safer = sanitize(model, X_train=X, random_state=1)
    # The label prior of boosting is part of its answers.
    assert set(leak_scan(safer)["kind"]) <= {"counts", "statistics"}


def test_thresholds_move_to_public_values(data):
    X, y = data
    public = np.round(np.random.default_rng(1).normal(size=(101, 4)), 1)
    model = RandomForestClassifier(5, random_state=0).fit(X, y)
    safer = sanitize(model, public, random_state=1)
    for tree in read_trees(safer).trees:
        inner = ~tree.is_leaf
        for feature, threshold in zip(
            tree.feature[inner], tree.threshold[inner], strict=True
        ):
            column = public[:, feature].astype(np.float32)
            assert np.isclose(column, threshold).any()
    # 101 values a column are coarser than 200 records: some answers change.
    assert 0.7 < np.mean(safer.predict(X) == model.predict(X)) < 1


def test_bad_input(data):
    X, y = data
    tree = DecisionTreeClassifier().fit(X, y)
    for share in (-0.1, 1.5, "all"):
        with pytest.raises(ValueError, match="max_change must be from 0 to 1"):
            sanitize(tree, X_train=X, max_change=share)
    with pytest.raises(ValueError, match="X_public or X_train must be given"):
        sanitize(tree)
    with pytest.raises(TypeError, match="decision trees.*got LogisticRegression"):
        sanitize(LogisticRegression().fit(X, y), X_train=X)
    with pytest.raises(TypeError, match="decision trees.*got BaggingClassifier"):
        bagging = BaggingClassifier(LogisticRegression(), n_estimators=2).fit(X, y)
        sanitize(bagging, X_train=X)


def test_gaps_around_a_threshold():
    # One split at 3.5 of 1, 2, 2, 5, 9: three records are on the left. In the gap
    # 1-2 two fewer are, in 2-5 as many, in 5-9 one more. The other column is no matter.
    X = np.array([[1.0, 2.0, 2.0, 5.0, 9.0], np.zeros(5)]).T
    tree = (
        *np.array([[0, -1, -1], [3.5, 0, 0]]),
        np.array([1, -1, -1]),
        np.array([2, -1, -1]),
        np.zeros(3, bool),
        np.ones(3, bool),
    )
    movable = np.array([True, False, False])
    gaps = gaps_of_tree(X, tree, movable, None, np.random.RandomState(0))
    assert gaps.offset.tolist() == [-2, 0, 1]
    for value, low, high in zip(gaps.threshold, [1, 2, 5], [2, 5, 9], strict=True):
        assert low <= value < high


def test_values_and_thresholds_of_a_loosened_tree():
    # Two leaves of 2 and 4 rows: one row moves them by 1/2 and 1/4. The root is mute.
    class Fixed:
        def laplace(self, size):
            return np.ones(size)

    gaps = Gaps(np.zeros(3, int), np.array([-2, 0, 1]), np.array([1.5, 3.0, 7.0]))
    tree = LoosenedTree(
        np.array([3.5, 0, 0]),
        np.array([9.0, 1.0, 2.0]),
        np.array([False, True, True]),
        1 / np.array([6, 2, 4]),
        gaps,
        Fixed(),
    )
    assert tree.values(0).tolist() == [0, 1, 2]
    assert tree.values(2.0).tolist() == [0, 2, 2.5]
    assert tree.thresholds(0)[0] == 3 and tree.thresholds(0.4)[0] == 3
    assert tree.thresholds(0.6)[0] == 7 and tree.thresholds(50.0)[0] == 7


@pytest.mark.parametrize("recipe", MODELS, ids=repr)
def test_the_stated_share_of_answers_is_kept(recipe, data):
    X, y = data
    model = clone(recipe).fit(X, y)
    safer = sanitize(model, X_train=X, max_change=0.05, random_state=1)
    before, after = model.predict(X), safer.predict(X)
    if is_regressor(model):
        changed = np.mean((before - after) ** 2) / np.var(before)
    else:
        changed = np.mean(before != after)
    assert changed == safer.answers_changed_ <= 0.05
    if hasattr(safer, "predict_proba"):
        proba = safer.predict_proba(X)
        assert (proba >= 0).all()
        np.testing.assert_allclose(proba.sum(axis=1), 1)


def test_leaves_of_boosting_are_not_solved_any_more():
    # 300 members and 300 others. The bound is what confidence gives and 4 times the
    # standard error of an AUC of two such samples, 0.0236.
    rng = np.random.default_rng(0)
    X = rng.normal(size=(600, 5))
    y = (X[:, 0] + rng.normal(size=600) > 0).astype(int)
    is_member = np.repeat([1, 0], 300)
    records = np.column_stack([X, y])
    model = HistGradientBoostingClassifier(random_state=0).fit(X[:300], y[:300])

    def auc(attack):
        return attack.fit(records).score(records, is_member)

    found = {}
    for share in (0, 0.01):
        safer = sanitize(model, X_train=X[:300], max_change=share, random_state=1)
        found[share] = auc(SplitPointAttack(FrozenEstimator(safer)))
    confidence = auc(ThresholdAttack(FrozenEstimator(safer), signal="logit"))
    assert found[0] > confidence + 4 * 0.0236
    assert found[0.01] < confidence + 4 * 0.0236


def test_inner_nodes_do_not_answer(data):
    # With its children's, the answer of an inner node tells the counts.
    X, y = data
    forest = RandomForestClassifier(3, random_state=0).fit(X, y)
    tree = sanitize(forest, X_train=X, random_state=1).estimators_[0].tree_
    assert not tree.value[tree.children_left >= 0].any()


def test_a_sanitized_recipe_is_cloned_as_a_whole(data):
    X, y = data
    recipe = SanitizedClassifier(
        RandomForestClassifier(5, random_state=0), max_change=0
    )
    model = clone(recipe).fit(X, y)
    plain = RandomForestClassifier(5, random_state=0).fit(X, y)
    np.testing.assert_array_equal(model.predict_proba(X), plain.predict_proba(X))
    assert midpoints_found(model.estimator_, X) == 0


@parametrize_with_checks(
    [
        SanitizedClassifier(DecisionTreeClassifier(random_state=0), random_state=0),
        SanitizedRegressor(DecisionTreeRegressor(random_state=0), random_state=0),
    ]
)
def test_scikit_learn_contract(estimator, check):
    check(estimator)
