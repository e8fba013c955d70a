"""How models learn from what other models answer."""

import numpy as np
import pandas as pd
import pytest
from joblib import parallel_config
from sklearn import config_context
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_iris
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from skprivacy.defenses._teaching import (
    answers_left_out,
    check_classifiers,
    class_answers,
    draw_seeds,
    fit_on_labels,
    fit_on_parts,
    fit_on_soft_labels,
    weight_argument,
)

X, Y = load_iris(return_X_y=True)
CLASSES = np.array(["setosa", "versicolor", "virginica"])
LABELS = CLASSES[Y]


class Share(ClassifierMixin, BaseEstimator):
    """Answers with the share of each class among its records, whatever it is asked."""

    def fit(self, X, y):
        self.classes_, counts = np.unique(y, return_counts=True)
        self.share_ = counts / len(y)
        return self

    def predict(self, X):
        return np.repeat(self.classes_[self.share_.argmax()], len(X))

    def predict_proba(self, X):
        return np.tile(self.share_, (len(X), 1))


class TestClassAnswers:
    def test_classes_that_a_model_never_saw_have_no_chance(self):
        first_and_last = Y != 1
        model = GaussianNB().fit(X[first_and_last], LABELS[first_and_last])
        proba = class_answers(model, X, CLASSES)
        np.testing.assert_array_equal(proba[:, 1], 0)
        np.testing.assert_array_equal(proba[:, [0, 2]], model.predict_proba(X))

    def test_a_label_has_all_of_the_probability(self):
        model = LinearSVC().fit(X, LABELS)
        proba = class_answers(model, X, CLASSES)
        np.testing.assert_array_equal(proba.sum(axis=1), 1)
        np.testing.assert_array_equal(CLASSES[proba.argmax(axis=1)], model.predict(X))


class TestLeftOut:
    def test_answers_are_the_mean_of_the_models_without_the_record(self):
        y = np.array(["a", "b", "b", "c"])
        left_out = np.array([[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1]], dtype=bool)
        found = answers_left_out(
            Share(), np.zeros((4, 1)), y, left_out, [0, 0, 0], np.unique(y)
        )
        # Shares of a, b, c: among b c, among a c, and among a b.
        without = np.array([[0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]])
        expected = [without[0], without[:2].mean(0), without[1:].mean(0), without[2]]
        np.testing.assert_allclose(found, expected)

    def test_a_part_of_one_class_answers_with_it(self):
        left_out = np.zeros((2, 150), dtype=bool)
        left_out[0, 50:], left_out[1, :50] = True, True
        found = answers_left_out(
            LogisticRegression(), X, LABELS, left_out, [0, 0], CLASSES
        )
        np.testing.assert_array_equal(found[50:], np.tile([1, 0, 0], (100, 1)))
        np.testing.assert_array_equal(found[:50, 0], 0)

    def test_jobs_change_nothing(self):
        left_out = np.random.default_rng(0).random((3, 150)) < 0.5
        left_out[0] |= ~left_out.any(axis=0)
        trees = DecisionTreeClassifier(max_features=1)
        with parallel_config("threading"):
            one, two = (
                answers_left_out(trees, X, LABELS, left_out, [1, 2, 3], CLASSES, n_jobs)
                for n_jobs in (1, 2)
            )
        np.testing.assert_array_equal(one, two)


class TestSoftLabels:
    def test_naive_bayes_learns_weighted_means(self):
        # Of a class: the mean of all records, weighted with its probability.
        proba = np.random.default_rng(0).dirichlet(np.ones(3), size=150)
        model = fit_on_soft_labels(GaussianNB(), X, proba, CLASSES)
        means = proba.T @ X / proba.sum(axis=0)[:, None]
        np.testing.assert_allclose(model.theta_, means)
        np.testing.assert_allclose(model.class_prior_, proba.mean(axis=0))

    def test_logistic_regression_is_at_the_optimum_of_the_cross_entropy(self):
        proba = np.random.default_rng(0).dirichlet(np.ones(2), size=150)
        model = fit_on_soft_labels(
            LogisticRegression(C=np.inf, tol=1e-8), X, proba, CLASSES[:2]
        )
        told = model.predict_proba(X)
        # Without a penalty, errors are at right angles to every column.
        np.testing.assert_allclose(X.T @ (told - proba), 0, atol=1e-3)

    def test_certain_labels_are_labels(self):
        soft = fit_on_soft_labels(GaussianNB(), X, np.eye(3)[Y], CLASSES)
        hard = GaussianNB().fit(X, LABELS)
        np.testing.assert_allclose(soft.predict_proba(X), hard.predict_proba(X))

    def test_what_takes_no_weights_learns_the_likeliest_class(self):
        proba = np.random.default_rng(0).dirichlet(np.ones(3), size=150)
        soft = fit_on_soft_labels(KNeighborsClassifier(1), X, proba, CLASSES)
        hard = KNeighborsClassifier(1).fit(X, CLASSES[proba.argmax(axis=1)])
        np.testing.assert_array_equal(soft.predict(X), hard.predict(X))

    def test_weights_reach_the_last_step(self):
        proba = np.eye(3)[Y] * 0.8 + 0.2 / 3
        pipeline = make_pipeline(StandardScaler(), GaussianNB())
        model = fit_on_soft_labels(pipeline, X, proba, CLASSES)
        np.testing.assert_allclose(model[-1].class_prior_, 1 / 3)
        steps = make_pipeline(StandardScaler(), pipeline)
        assert weight_argument(steps) == "pipeline__gaussiannb__sample_weight"
        assert weight_argument(make_pipeline(KNeighborsClassifier())) is None

    def test_weights_reach_the_last_step_where_metadata_is_routed(self):
        proba = np.eye(3)[Y] * 0.8 + 0.2 / 3
        scale = make_column_transformer((StandardScaler(), [0, 1]))
        pipeline = make_pipeline(StandardScaler(), scale, make_pipeline(GaussianNB()))
        plain = fit_on_soft_labels(pipeline, X, proba, CLASSES)
        with config_context(enable_metadata_routing=True):
            routed = fit_on_soft_labels(pipeline, X, proba, CLASSES)
        np.testing.assert_array_equal(routed.predict_proba(X), plain.predict_proba(X))

    def test_one_class_that_is_left_is_always_told(self):
        for student in (LogisticRegression(), KNeighborsClassifier()):
            model = fit_on_soft_labels(student, X, np.eye(3)[[1] * 150], CLASSES)
            assert set(model.predict(X)) == {"versicolor"}

    def test_tables_stay_tables(self):
        table = pd.DataFrame(X, columns=[*"abcd"])
        model = fit_on_soft_labels(GaussianNB(), table, np.eye(3)[Y], CLASSES)
        assert model.feature_names_in_.tolist() == [*"abcd"]


def test_seeds_are_drawn_for_every_model():
    trees = DecisionTreeClassifier(max_features=1, random_state=0)
    seeds = draw_seeds(np.random.RandomState(0), 2)
    half = np.arange(0, 150, 2)
    one, two = fit_on_parts(trees, X, Y, [half, half], seeds)
    assert one.random_state != two.random_state
    again = fit_on_labels(trees, X[half], Y[half], seeds[1])
    np.testing.assert_array_equal(again.tree_.threshold, two.tree_.threshold)
    assert fit_on_labels(trees, X, Y).random_state == 0


def test_refuses_what_is_no_classifier():
    check_classifiers(estimator=GaussianNB(), student=None)
    with pytest.raises(ValueError, match="student must be a classifier; got Linear"):
        check_classifiers(estimator=GaussianNB(), student=LinearRegression())
