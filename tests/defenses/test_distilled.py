"""A student that sees no private record, only what a teacher says of others."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris, make_classification
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.estimator_checks import parametrize_with_checks

from skprivacy.defenses import DistilledClassifier
from skprivacy.defenses._distilled import surest
from skprivacy.membership import CalibratedAttack
from skprivacy.shadow import ShadowModels
from skprivacy.targets import BlackBox

X, Y = load_iris(return_X_y=True)
LABELS = np.array(["setosa", "versicolor", "virginica"])[Y]
TREE = DecisionTreeClassifier(random_state=0)
PRIVATE, PUBLIC = slice(0, None, 2), slice(1, None, 2)


class TestSurest:
    def test_the_share_with_the_lowest_entropies(self):
        proba = np.array([[0.6, 0.4], [1, 0], [0.3, 0.7], [0.1, 0.9], [0.5, 0.5]])
        rng = np.random.RandomState(0)
        assert surest(proba, 0.6, rng).tolist() == [1, 2, 3]
        assert surest(proba, 0.41, rng).tolist() == [1, 2, 3]
        assert surest(proba, 1, rng).tolist() == [0, 1, 2, 3, 4]
        assert surest(proba, 1e-9, rng).tolist() == [1]

    def test_of_equal_ones_any(self):
        rng = np.random.RandomState(0)
        chosen = [surest(np.eye(2)[[0] * 10], 0.3, rng) for _ in range(200)]
        counts = np.bincount(np.concatenate(chosen), minlength=10)
        # 60 of each, with a deviation of 6.5; 4 of them: 1 in 1,600 for any of ten.
        assert np.abs(counts - 60).max() < 26


def test_the_student_learns_the_softened_answers_of_the_teacher():
    model = DistilledClassifier(
        GaussianNB(), X_public=X[PUBLIC], temperature=2.0, entropy_quantile=0.8
    ).fit(X[PRIVATE], LABELS[PRIVATE])
    told = GaussianNB().fit(X[PRIVATE], LABELS[PRIVATE]).predict_proba(X[PUBLIC])
    chosen = surest(told, 0.8, np.random.RandomState(0))
    soft = np.sqrt(told[chosen])
    soft /= soft.sum(axis=1, keepdims=True)
    means = soft.T @ X[PUBLIC][chosen] / soft.sum(axis=0)[:, None]
    np.testing.assert_allclose(model.student_.theta_, means, atol=1e-4)
    assert model.n_public_ == 60


def test_private_records_reach_the_teacher_alone():
    # A wrong label of a record that is nearest to no public one.
    nearest = KNeighborsClassifier(1)
    nearest.fit(X[PRIVATE], LABELS[PRIVATE])
    asked = nearest.kneighbors(X[PUBLIC], return_distance=False)
    lone = np.setdiff1d(np.flatnonzero(Y[PRIVATE] == 0), asked)
    y = LABELS[PRIVATE].copy()
    y[lone] = "virginica"
    model = DistilledClassifier(nearest, X_public=X[PUBLIC]).fit(X[PRIVATE], y)
    assert len(lone) > 3
    assert set(nearest.fit(X[PRIVATE], y).predict(X[PRIVATE][lone])) == {"virginica"}
    assert set(model.predict(X[PRIVATE][lone])) == {"setosa"}


def test_it_narrows_the_gap_between_members_and_others():
    # 300 members, 300 others, of which a third has a random label: the accuracies of a
    # tree are 1 and about .65, with deviations of .03.
    X, y = make_classification(900, 10, flip_y=0.3, random_state=0)
    members, others = (X[:300], y[:300]), (X[300:600], y[300:600])
    assert clone(TREE).fit(*members).score(*members) == 1
    for public in (X[600:], None):
        model = DistilledClassifier(TREE, X_public=public, random_state=0)
        model.fit(*members)
        assert model.score(*members) - model.score(*others) < 0.2


def test_without_public_records_the_labels_of_half_are_not_used():
    model = DistilledClassifier(GaussianNB(), random_state=0)
    model.fit(X, LABELS)
    assert model.n_public_ == 75
    assert model.score(X, LABELS) > 0.9
    lone = DistilledClassifier(GaussianNB(), random_state=0).fit(X[:2], LABELS[:2])
    assert lone.n_public_ == 1


def test_nothing_but_the_student_is_kept():
    model = DistilledClassifier(TREE, X_public=X[PUBLIC], random_state=0)
    model.fit(X[PRIVATE], LABELS[PRIVATE])
    fitted = {name for name in vars(model) if name.endswith("_")}
    assert fitted == {
        "student_",
        "classes_",
        "n_features_in_",
        "n_public_",
        "privacy_guarantee_",
    }
    assert model.privacy_guarantee_ is None
    proba = model.predict_proba(X)
    again = clone(model).fit(X[PRIVATE], LABELS[PRIVATE])
    for same in (pickle.loads(pickle.dumps(model)), again):
        np.testing.assert_array_equal(same.predict_proba(X), proba)


def test_columns_of_public_tables_are_found_by_name():
    table = pd.DataFrame(X, columns=[*"abcd"])
    turned = table[PUBLIC][[*"dcba"]]
    recipe = make_pipeline(StandardScaler(), LogisticRegression())
    model = DistilledClassifier(recipe, X_public=turned)
    assert model.fit(table[PRIVATE], LABELS[PRIVATE]).score(table, LABELS) > 0.9


def test_models_of_any_kind():
    model = DistilledClassifier(LinearSVC(), TREE, X_public=X[PUBLIC])
    model.fit(X[PRIVATE], LABELS[PRIVATE])
    assert model.score(X, LABELS) > 0.85
    assert not hasattr(DistilledClassifier(TREE, LinearSVC()), "predict_proba")
    # Public records of one class alone teach one class alone.
    one = DistilledClassifier(LinearSVC(), X_public=X[:5]).fit(X, LABELS)
    assert set(one.predict(X)) == {"setosa"}


def test_searches_pipelines_and_shadow_models():
    model = DistilledClassifier(TREE, X_public=X[PUBLIC], random_state=0)
    grid = {"entropy_quantile": [0.01, 1.0], "student": [None, GaussianNB()]}
    search = GridSearchCV(model, grid, cv=2).fit(X[PRIVATE], LABELS[PRIVATE])
    assert search.best_params_["entropy_quantile"] == 1
    steps = make_pipeline(StandardScaler(), DistilledClassifier(TREE, random_state=0))
    assert steps.fit(X, LABELS).score(X, LABELS) > 0.85
    model.fit(X[PRIVATE], Y[PRIVATE])
    shadow = ShadowModels(n_models=2, keep_models=True, random_state=0)
    attack = CalibratedAttack(BlackBox(model), shadow=shadow)
    attack.fit(np.column_stack([X, Y]))
    for shadow_model in attack.shadow_.models_:
        np.testing.assert_array_equal(shadow_model.X_public, X[PUBLIC])


def test_refuses():
    with pytest.raises(ValueError, match="student must be a classifier"):
        DistilledClassifier(TREE, LinearRegression()).fit(X, Y)
    with pytest.raises(ValueError, match="X_public must have the 4 columns .* got 3"):
        DistilledClassifier(TREE, X_public=X[:, :3]).fit(X, Y)
    with pytest.raises(ValueError, match="without X_public at least 2 .* n_samples=1"):
        DistilledClassifier(TREE).fit(X[:1], Y[:1])
    with pytest.raises(ValueError, match="'temperature' parameter"):
        DistilledClassifier(TREE, temperature=0).fit(X, Y)
    with pytest.raises(ValueError, match="'entropy_quantile' parameter"):
        DistilledClassifier(TREE, entropy_quantile=0).fit(X, Y)
    with pytest.raises(TypeError, match="sample_weight"):
        DistilledClassifier(TREE).fit(X, Y, sample_weight=np.ones(150))


@parametrize_with_checks(
    [
        DistilledClassifier(TREE, random_state=0),
        DistilledClassifier(GaussianNB(), LogisticRegression(), temperature=1.5),
    ]
)
def test_scikit_learn_contract(estimator, check):
    check(estimator)
