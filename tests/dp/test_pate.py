import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from skprivacy.dp import PATEClassifier, PrivacyLeakError
from skprivacy.dp._noise import NoiseSource
from skprivacy.dp._pate import (
    SHARE_OF_CHECKS,
    affordable_answers,
    confident_votes,
)

X, Y = load_breast_cancer(return_X_y=True)
TRAIN, PUBLIC, TEST = slice(0, 300), slice(300, 450), slice(450, None)


def private(**settings):
    settings = {"n_teachers": 20, "epsilon": 20.0, "classes": [0, 1]} | settings
    settings = {"X_public": X[PUBLIC]} | settings
    return PATEClassifier(**settings).fit(X[TRAIN], Y[TRAIN])


def test_noise_adds_up_to_the_promise():
    asked = []

    class Recorder(NoiseSource):
        def normal(self, size):
            asked.append(size)
            return np.zeros(size)

    counts = np.tile([9, 1], (30, 1))
    rows, labels = confident_votes(counts, 5, 10, 0.7, Recorder())
    assert (rows.tolist(), set(labels)) == (list(range(10)), {0})
    assert asked == [(30,), (10, 2)]
    of_check = np.sqrt(30 / SHARE_OF_CHECKS) / 0.7
    of_vote = np.sqrt(2 * 10 / (1 - SHARE_OF_CHECKS)) / 0.7
    total = 30 / of_check**2 + 2 * 10 / of_vote**2
    assert total == pytest.approx(0.7**2)


def test_affordable_answers_have_the_wanted_noise():
    n_answers = affordable_answers(1.5, 12.0)
    noise = np.sqrt(2 * n_answers / (1 - SHARE_OF_CHECKS)) / 1.5
    assert noise <= 12.0 < noise * 1.05


def test_only_what_teachers_agree_upon_gets_a_label():
    counts = np.array([[50, 50], [100, 0], [0, 100], [60, 40]])
    rows, labels = confident_votes(counts, 80, 4, 1e3, NoiseSource())
    assert (rows.tolist(), labels.tolist()) == ([1, 2], [0, 1])


def test_learns():
    # .95 with a deviation of .02.
    assert private().score(X[TEST], Y[TEST]) > 0.85
    assert private().predict_proba(X[TEST]).shape == (119, 2)


def test_a_promise_is_kept_and_no_teacher():
    model = private(epsilon=3.0)
    assert model.privacy_guarantee_.epsilon(1e-5) == pytest.approx(3.0)
    fitted = {name for name in vars(model) if name.endswith("_")}
    assert "teachers_" not in fitted
    assert {"student_", "n_answers_", "classes_"} <= fitted


def test_without_public_records_points_are_drawn():
    bounds = (X.min(axis=0), X.max(axis=0))
    model = private(X_public=None, bounds=bounds, n_answers=200)
    assert model.score(X[TEST], Y[TEST]) > 0.5
    with pytest.raises(PrivacyLeakError, match="bounds must be given"):
        private(X_public=None)


def test_tables():
    table = pd.DataFrame(X, columns=[f"c{i}" for i in range(30)])
    turned = table[PUBLIC][table.columns[::-1]]
    model = PATEClassifier(
        n_teachers=20, epsilon=20.0, X_public=turned, classes=[0, 1]
    ).fit(table[TRAIN], Y[TRAIN])
    assert model.score(table[TEST], Y[TEST]) > 0.85


def test_students_of_any_kind():
    assert hasattr(private(student=DecisionTreeClassifier()), "predict_proba")
    assert not hasattr(private(student=LinearSVC()), "predict_proba")


def test_if_nobody_agrees_there_is_nothing_to_learn():
    model = private(threshold=1.0, epsilon=1e5, classes=[0, 1, 2], n_teachers=150)
    assert model.n_answers_ < 150
    lonely = private(n_answers=1, epsilon=1e5)
    assert len(set(lonely.predict(X[TEST]))) == 1
    assert lonely.predict_proba(X[TEST]).sum() == pytest.approx(119)


def test_refuses():
    with pytest.raises(PrivacyLeakError, match="classes must be given"):
        private(classes=None)
    with pytest.raises(ValueError, match="X_public must have the 30 columns .* got 4"):
        private(X_public=X[PUBLIC, :4])
    with pytest.raises(ValueError, match="n_teachers=200 needs at least 400 records"):
        private(n_teachers=200)
    with pytest.raises(ValueError, match="threshold"):
        private(threshold=1.5)
