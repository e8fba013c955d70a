"""A student of models that were each trained without the records they explain."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_iris, make_classification
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.estimator_checks import parametrize_with_checks

from skprivacy.defenses import SelfDistillationClassifier
from skprivacy.defenses._self_distillation import draw_left_out
from skprivacy.membership import CalibratedAttack
from skprivacy.shadow import ShadowModels
from skprivacy.targets import BlackBox

X, Y = load_iris(return_X_y=True)
LABELS = np.array(["setosa", "versicolor", "virginica"])[Y]
TREE = DecisionTreeClassifier(random_state=0)
FEW = {"n_submodels": 5, "n_excluding": 2, "random_state": 0}


def test_each_record_is_left_out_by_as_many_models():
    left_out = draw_left_out(2000, 5, 2, np.random.RandomState(0))
    np.testing.assert_array_equal(left_out.sum(axis=0), 2)
    # A model is without 800 records with a deviation of 22; 4 of them: 3 in 10,000.
    assert np.abs(left_out.sum(axis=1) - 800).max() < 4 * 22
    # Two given models are without both with chance 1/10, by a deviation of 14.
    together = left_out.astype(int) @ left_out.T
    assert np.abs(together[np.triu_indices(5, 1)] - 200).max() < 4 * 14


def test_of_what_a_record_says_of_itself_the_student_learns_nothing():
    # Wrong labels of records that stand alone: all others say what they should be.
    y = LABELS.copy()
    wrong = np.array([3, 17, 30, 44])
    y[wrong] = "virginica"
    plain = clone(TREE).fit(X, y)
    assert (plain.predict(X[wrong]) == "virginica").all()
    student = SelfDistillationClassifier(TREE, **FEW).fit(X, y)
    assert (student.predict(X[wrong]) == "setosa").all()
    assert student.score(X, LABELS) > 0.9


def test_it_narrows_the_gap_between_members_and_others():
    # 300 members, 300 others, of which a third has a random label: the accuracies of a
    # tree are 1 and about .65, with deviations of .03.
    X, y = make_classification(600, 10, flip_y=0.3, random_state=0)
    members, others = (X[:300], y[:300]), (X[300:], y[300:])
    student = SelfDistillationClassifier(TREE, **FEW).fit(*members)
    gap = student.score(*members) - student.score(*others)
    assert clone(TREE).fit(*members).score(*members) == 1
    assert gap < 0.15


def test_nothing_but_the_student_is_kept():
    model = SelfDistillationClassifier(TREE, **FEW).fit(X, LABELS)
    fitted = {name for name in vars(model) if name.endswith("_")}
    assert fitted == {"student_", "classes_", "n_features_in_", "privacy_guarantee_"}
    assert model.privacy_guarantee_ is None
    proba = model.predict_proba(X)
    np.testing.assert_allclose(proba.sum(axis=1), 1)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict_proba(X), proba)
    same = clone(model).fit(X, LABELS)
    np.testing.assert_array_equal(same.predict_proba(X), proba)


def test_students_of_any_kind():
    soft = SelfDistillationClassifier(TREE, student=LogisticRegression(C=100), **FEW)
    assert soft.fit(X, LABELS).score(X, LABELS) > 0.9
    hard = SelfDistillationClassifier(TREE, student=KNeighborsClassifier(), **FEW)
    assert hard.fit(X, LABELS).score(X, LABELS) > 0.9
    votes = SelfDistillationClassifier(LinearSVC(), student=GaussianNB(), **FEW)
    assert votes.fit(X, LABELS).score(X, LABELS) > 0.9
    assert hasattr(votes, "predict_proba")
    assert not hasattr(SelfDistillationClassifier(LinearSVC()), "predict_proba")


def test_a_class_of_one_record():
    y = LABELS.copy()
    y[7] = "alone"
    model = SelfDistillationClassifier(TREE, **FEW).fit(X, y)
    assert model.predict_proba(X).shape == (150, 4)
    # Who is without the record does not know the class: nobody says it of the record,
    # and of no other record does anybody but who has it.
    assert model.predict(X[[7]]) == ["setosa"]


def test_tables_of_texts_in_a_pipeline():
    table = pd.DataFrame({"leaf": np.where(X[:, 2] > 2.5, "long", "short"), "n": Y})
    encode = make_column_transformer((OneHotEncoder(), ["leaf"]))
    recipe = make_pipeline(encode, LogisticRegression())
    model = SelfDistillationClassifier(recipe, **FEW).fit(table, LABELS)
    # Of the long ones, half are of each of two classes.
    assert model.score(table, LABELS) == pytest.approx(2 / 3, abs=0.01)
    assert model.feature_names_in_.tolist() == ["leaf", "n"]


def test_searches_and_pipelines():
    grid = {"estimator__max_depth": [1, 3], "n_excluding": [1, 3]}
    search = GridSearchCV(SelfDistillationClassifier(TREE, **FEW), grid, cv=2)
    assert search.fit(X, LABELS).best_params_["estimator__max_depth"] == 3
    steps = make_pipeline(StandardScaler(), SelfDistillationClassifier(TREE, **FEW))
    assert steps.fit(X, LABELS).score(X, LABELS) > 0.9


def test_shadow_models_have_the_defense():
    model = SelfDistillationClassifier(TREE, **FEW).fit(X[::2], Y[::2])
    shadow = ShadowModels(n_models=2, keep_models=True, random_state=0)
    attack = CalibratedAttack(BlackBox(model), shadow=shadow)
    attack.fit(np.column_stack([X, Y]))
    one, two = attack.shadow_.models_
    assert isinstance(one, SelfDistillationClassifier)
    assert one.random_state != two.random_state


def test_refuses():
    def fit(estimator=TREE, n=150, **settings):
        SelfDistillationClassifier(estimator, **(FEW | settings)).fit(X[:n], Y[:n])

    with pytest.raises(ValueError, match="estimator must be a classifier"):
        fit(LinearRegression())
    with pytest.raises(ValueError, match="student must be a classifier"):
        fit(student=LinearRegression())
    with pytest.raises(ValueError, match="n_excluding=5 must be below n_submodels=5"):
        fit(n_excluding=5)
    with pytest.raises(ValueError, match="need more records than n_samples=1"):
        fit(n=1)
    with pytest.raises(ValueError, match="'n_submodels' parameter"):
        fit(n_submodels=1)
    with pytest.raises(TypeError, match="sample_weight"):
        SelfDistillationClassifier(TREE).fit(X, Y, sample_weight=np.ones(150))


@parametrize_with_checks([SelfDistillationClassifier(TREE, **FEW)])
def test_scikit_learn_contract(estimator, check):
    check(estimator)
