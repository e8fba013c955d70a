"""Why a record may be exposed."""

import numpy as np
import pandas as pd
import pytest
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB

from skprivacy._audit._exposure import (
    Exposure,
    contradicts_its_label,
    exact_memorization,
    memorization,
    outlier_score,
    rare_categories,
    study,
)
from skprivacy._audit._remember import RememberingBox
from skprivacy._audit._subject import prepare
from skprivacy.shadow import ShadowModels
from skprivacy.targets import BlackBox

INSIDE = np.array([[True], [True], [False], [False]])


def two_classes(*own):
    own = np.array(own).reshape(-1, 1, 1)
    return np.concatenate([own, 1 - own], axis=-1)


def test_memorization_of_probabilities():
    # (0.8 + 1.0) / 2 - (0.2 + 0.4) / 2
    answers = two_classes(0.8, 1.0, 0.2, 0.4)
    found = memorization("proba", answers, np.array([0]), INSIDE)
    np.testing.assert_allclose(found, [0.6])


def test_memorization_of_labels_is_how_often_they_are_right():
    answers = two_classes(1.0, 1.0, 0.0, 1.0)
    np.testing.assert_allclose(
        memorization("label", answers, np.array([0]), INSIDE), [0.5]
    )


def test_memorization_of_a_regressor_is_in_standard_deviations():
    # Outside, the residuals are 2 and -2: their scale is 2 / 0.6745. Inside 0 and 1.
    answers = np.array([5.0, 6.0, 7.0, 3.0]).reshape(4, 1, 1)
    found = memorization("value", answers, np.array([5.0]), INSIDE)
    np.testing.assert_allclose(found, [(2 - 0.5) / 2 * 0.6744897501960817])


def test_nothing_is_known_of_a_record_that_all_models_have():
    answers = two_classes(0.9, 0.9, 0.9, 0.9)
    all_in = np.ones((4, 1), dtype=bool)
    assert np.isnan(memorization("proba", answers, np.array([0]), all_in))
    for response in ("proba", "value"):
        found = contradicts_its_label(response, answers, np.array([0]), all_in)
        assert found.tolist() == [False]


@pytest.mark.parametrize("own, doubted", [(0.2, True), (0.21, False), (0.0, True)])
def test_a_label_is_doubted_where_another_is_four_times_as_likely(own, doubted):
    answers = two_classes(0.99, 0.99, own, own)
    found = contradicts_its_label("proba", answers, np.array([0]), INSIDE)
    assert found.tolist() == [doubted]


def test_decision_values_are_read_as_probabilities():
    # Softmax of (0, 2) is (0.119, 0.881): more than four times; of (0, 1) it is not.
    for other, doubted in ((2.0, True), (1.0, False)):
        answers = np.tile([0.0, other], (4, 1, 1))
        found = contradicts_its_label("decision", answers, np.array([0]), INSIDE)
        assert found.tolist() == [doubted]


def test_a_label_that_no_model_knows_is_doubted():
    answers = two_classes(0.5, 0.5, 0.5, 0.5)
    found = contradicts_its_label("proba", answers, np.array([-1]), INSIDE)
    assert found.tolist() == [True]


def test_a_value_that_models_do_not_expect_is_doubted():
    # Residuals outside of 1 each, and of 9: the median is 1, 9 > 3 / 0.6745 = 4.4.
    answers = np.tile([[1.0], [1.0], [9.0]], (4, 1, 1)).reshape(4, 3, 1)
    membership = np.tile(INSIDE, (1, 3))
    found = contradicts_its_label("value", answers, np.zeros(3), membership)
    assert found.tolist() == [False, False, True]


def test_outliers_of_mixed_columns():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(
        {
            "size": rng.normal(size=300),
            "town": ["a", "b"] * 150,
            "rest": np.where(np.arange(300) % 2, np.nan, 1.0),
            "none": np.nan,
        }
    )
    X.loc[7, ["size", "town"]] = [8.0, "c"]
    assert outlier_score(X, 0).argmax() == 7


def test_rare_categories_are_found_and_names_are_not():
    n = 300
    X = pd.DataFrame(
        {
            "town": ["a"] * 286 + ["b"] * 9 + [None] * 5,
            "name": [f"n{i}" for i in range(n)],
            "flag": [True] * 290 + [False] * 10,
            "number": np.arange(n),
        }
    )
    rare, columns = rare_categories(X)
    assert columns == ("town", "flag")
    np.testing.assert_array_equal(np.flatnonzero(rare[:, 0]), np.arange(286, 300))
    assert not rare[:, 1].any()


def test_arrays_of_numbers_have_no_categories():
    rare, columns = rare_categories(np.zeros((5, 2)))
    assert rare.shape == (5, 0) and columns == ()


def test_reasons_are_listed():
    exposure = Exposure(
        outlier=np.array([True, False, False]),
        rare=np.array([[True, True], [False, True], [False, False]]),
        rare_columns=("town", "job"),
        mislabeled=np.array([True, False, False]),
    )
    assert exposure.reasons().tolist() == [
        "outlier, rare town, rare job, mislabeled",
        "rare job",
        "",
    ]


N = 60


def subject_of(model, y, *, held=True, changed=False):
    X = np.random.default_rng(0).normal(size=(2 * N, 3))
    model.fit(X[:N] + changed, y[:N])
    box = RememberingBox(BlackBox(model).fit())
    tables = X[:N], y[:N], X[N:], y[N:]
    frozen = FrozenEstimator(model) if held else None
    return prepare(box, *tables, held=frozen), tables


def test_memorization_by_formula_is_that_of_refitting():
    y = np.random.default_rng(1).normal(size=2 * N)
    subject, (X, y_in, X_out, y_out) = subject_of(Ridge(), y)
    found = exact_memorization(subject)
    rest = np.delete(np.arange(N), 7)
    without = Ridge().fit(X[rest], y_in[rest]).predict(X[7:8])
    model = Ridge().fit(X, y_in)
    # In standard deviations: the median size of residuals outside over 0.6745.
    scale = np.median(np.abs(model.predict(X_out) - y_out)) / 0.6744897501960817
    nearer = abs(without - y_in[7]) - abs(model.predict(X[7:8]) - y_in[7])
    assert found[7] == pytest.approx(nearer[0] / scale)
    assert np.isnan(found[N:]).all() and not np.isnan(found[:N]).any()


def test_memorization_by_formula_where_there_is_one():
    y = np.random.default_rng(1).integers(0, 2, 2 * N)
    assert exact_memorization(subject_of(GaussianNB(), y)[0]) is not None
    assert exact_memorization(subject_of(GaussianNB(), y, held=False)[0]) is None
    assert exact_memorization(subject_of(LogisticRegression(), y)[0]) is None
    # The model was trained on something else.
    assert exact_memorization(subject_of(GaussianNB(), y, changed=True)[0]) is None


@pytest.mark.parametrize("model", [GaussianNB(), Ridge()])
def test_blocks_give_what_all_records_together_give(model, monkeypatch):
    y = np.random.default_rng(1).integers(0, 2, 2 * N)
    subject, _ = subject_of(model, y, held=False)
    shadow = ShadowModels(target=subject.box, n_models=4, random_state=0)
    shadow.fit(subject.records)
    shown = subject.box.response_, shadow.answers_, shadow.truth_, shadow.membership_
    monkeypatch.setattr("skprivacy.shadow._store.BLOCK", 4 * 7)
    exposure = study(subject, shadow, 0)
    np.testing.assert_allclose(exposure.memorization, memorization(*shown))
    np.testing.assert_array_equal(exposure.mislabeled, contradicts_its_label(*shown))
