"""Leaving one record out by formula is leaving it out."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, Ridge, RidgeClassifier
from sklearn.naive_bayes import (
    BernoulliNB,
    CategoricalNB,
    ComplementNB,
    GaussianNB,
    MultinomialNB,
)
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, PolynomialFeatures, StandardScaler

from skprivacy.inspection import (
    leave_one_out_answers,
    memorization_scores,
    supports_leave_one_out,
)
from skprivacy.targets import BlackBox

N = 40


def table(kind, n_classes=3, n_features=4, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(N, n_features)) * [1, 10, 0.1, 3][:n_features]
    if kind == "counts":
        X = rng.integers(0, 5, size=(N, n_features)).astype(float)
    if n_classes is None:
        return X, 5 + X[:, 0] + rng.normal(size=N)
    return X, rng.permutation(np.arange(N) % n_classes)


def answers_by_refitting(model, X, y):
    """Train the last step anew without each record; the steps before stay."""
    steps, last = (model[:-1], model[-1]) if hasattr(model, "steps") else (None, model)
    Z = np.asarray(X if steps is None else steps.transform(X))
    rows = []
    for i in range(len(Z)):
        others = np.arange(len(Z)) != i
        refitted = clone(last).fit(Z[others], y[others])
        rows.append(BlackBox(refitted).query(Z[[i]])[0])
    return np.array(rows)


CASES = {
    "linear": (LinearRegression(), "numbers", None),
    "linear, no intercept": (LinearRegression(fit_intercept=False), "numbers", None),
    "ridge": (Ridge(2.5), "numbers", None),
    "ridge, no intercept": (Ridge(0.1, fit_intercept=False), "numbers", None),
    "ridge, no penalty": (Ridge(0.0), "numbers", None),
    "ridge classifier": (RidgeClassifier(0.5), "numbers", 2),
    "ridge classifier, 3": (RidgeClassifier(), "numbers", 3),
    "neighbors": (KNeighborsClassifier(3), "numbers", 3),
    "neighbors, distance": (KNeighborsClassifier(5, weights="distance"), "numbers", 2),
    "neighbors, kd-tree": (
        KNeighborsClassifier(4, algorithm="kd_tree", metric="manhattan"),
        "numbers",
        2,
    ),
    "neighbors, regressor": (KNeighborsRegressor(3), "numbers", None),
    "neighbors, regressor, distance": (
        KNeighborsRegressor(2, weights="distance"),
        "numbers",
        None,
    ),
    "Gaussian": (GaussianNB(), "numbers", 3),
    "Gaussian, smoothed": (GaussianNB(var_smoothing=0.1), "numbers", 2),
    "Gaussian, priors": (GaussianNB(priors=[0.2, 0.8]), "numbers", 2),
    "multinomial": (MultinomialNB(), "counts", 3),
    "multinomial, flat": (MultinomialNB(alpha=0.3, fit_prior=False), "counts", 2),
    "multinomial, priors": (MultinomialNB(class_prior=[0.1, 0.9]), "counts", 2),
    "complement": (ComplementNB(), "counts", 3),
    "complement, norm": (ComplementNB(norm=True), "counts", 2),
    "Bernoulli": (BernoulliNB(binarize=1.0), "counts", 3),
    "categorical": (CategoricalNB(), "counts", 3),
    "scaled neighbors": (
        make_pipeline(StandardScaler(), KNeighborsClassifier(3)),
        "numbers",
        3,
    ),
    "polynomial least squares": (
        make_pipeline(PolynomialFeatures(2, include_bias=False), LinearRegression()),
        "numbers",
        None,
    ),
    # 15 columns of 40 rows repeat others: the rank is smaller than the columns.
    "collinear": (
        make_pipeline(PolynomialFeatures(2), StandardScaler(), LinearRegression()),
        "counts",
        None,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_equal_to_refitting(name):
    recipe, kind, n_classes = CASES[name]
    X, y = table(kind, n_classes)
    model = clone(recipe).fit(X, y)
    np.testing.assert_allclose(
        leave_one_out_answers(model, X, y),
        answers_by_refitting(model, X, y),
        rtol=1e-8,
        atol=1e-8,
    )


@pytest.mark.parametrize("fit_intercept", [True, False])
def test_more_columns_than_records_equal_to_refitting(fit_intercept):
    # Every record settles a direction of its own: its leverage is 1.
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(12, 30)), rng.normal(size=12)
    model = LinearRegression(fit_intercept=fit_intercept).fit(X, y)
    np.testing.assert_allclose(
        leave_one_out_answers(model, X, y), answers_by_refitting(model, X, y), rtol=1e-8
    )


def test_one_record_alone_in_its_column_equal_to_refitting():
    # Only record 3 has a value in the last column; the others settle the rest.
    X, y = table("numbers", None)
    X = np.column_stack([X, np.arange(N) == 3])
    model = LinearRegression().fit(X, y)
    np.testing.assert_allclose(
        leave_one_out_answers(model, X, y),
        answers_by_refitting(model, X, y),
        rtol=1e-8,
        atol=1e-8,
    )


def test_class_of_one_record_is_unknown_without_it():
    X, y = table("numbers", 2)
    y[7] = 2
    for recipe in (GaussianNB(), KNeighborsClassifier(3)):
        without = leave_one_out_answers(recipe.fit(X, y), X, y)
        others = np.arange(N) != 7
        refitted = clone(recipe).fit(X[others], y[others]).predict_proba(X[[7]])
        np.testing.assert_allclose(without[7], [*refitted[0], 0], rtol=1e-8)


def test_variance_that_one_record_makes_is_gone_without_it():
    X = np.array([[0.0, 1], [0, 2], [0, 4], [5, 3], [1, 0], [2, 1], [4, 7], [3, 5]])
    y = np.repeat([0, 1], 4)
    model = GaussianNB().fit(X, y)
    np.testing.assert_allclose(
        leave_one_out_answers(model, X, y), answers_by_refitting(model, X, y), atol=1e-8
    )


def test_memorization_of_a_regressor_by_hand():
    # The mean of 0, 3 and 6 is 3; without them it is 4.5, 3 and 1.5. Distances from
    # the truth are 3, 0, 3 with the record and 4.5, 0, 4.5 without it.
    X, y = np.zeros((3, 1)), np.array([0.0, 3.0, 6.0])
    scores = memorization_scores(LinearRegression().fit(X, y), X, y)
    np.testing.assert_allclose(scores, [1.5, 0.0, 1.5], atol=1e-12)


def test_memorization_of_a_classifier_by_hand():
    # Three neighbors, itself included: record 2 has its label once of three times, and
    # none of the three others that are nearest has it.
    X, y = np.array([[0.0], [1.0], [2.1], [3.3]]), np.array([0, 0, 1, 0])
    scores = memorization_scores(KNeighborsClassifier(3).fit(X, y), X, y)
    np.testing.assert_allclose(scores, [2 / 3 - 2 / 3, 0, 1 / 3, 0], atol=1e-12)


def test_memorization_of_decision_values_is_a_difference_of_probabilities():
    X, y = table("numbers", 2)
    model = RidgeClassifier(0.5).fit(X, y)
    own, without = model.decision_function(X), leave_one_out_answers(model, X, y)[:, 1]
    side = np.where(y == 1, 1, -1)
    expected = 1 / (1 + np.exp(-side * own)) - 1 / (1 + np.exp(-side * without))
    np.testing.assert_allclose(memorization_scores(model, X, y), expected)
    assert (expected > 0).mean() > 0.9


def test_mislabeled_records_are_memorized_most():
    X, y = table("numbers", 2)
    y = (X[:, 0] > 0).astype(int)
    y[:3] = 1 - y[:3]
    for recipe in (GaussianNB(), RidgeClassifier(), KNeighborsClassifier(5)):
        scores = memorization_scores(recipe.fit(X, y), X, y)
        assert scores[:3].mean() > scores[3:].mean()


def test_frames_with_text_in_a_pipeline():
    X, y = table("numbers", 2)
    frame = pd.DataFrame(X, columns=list("abcd")).assign(
        town=np.where(X[:, 0] > 0, "A", "B")
    )
    columns = make_column_transformer(
        (OneHotEncoder(sparse_output=False), ["town"]), remainder="passthrough"
    )
    labels = np.where(y == 1, "yes", "no")
    model = make_pipeline(columns, GaussianNB()).fit(frame, labels)
    np.testing.assert_allclose(
        leave_one_out_answers(model, frame, labels),
        answers_by_refitting(model, frame, labels),
        atol=1e-8,
    )


def test_sparse_columns():
    X, y = table("counts", 2)
    sparse = make_pipeline(OneHotEncoder(), MultinomialNB()).fit(X, y)
    dense = make_pipeline(OneHotEncoder(sparse_output=False), MultinomialNB()).fit(X, y)
    np.testing.assert_allclose(
        leave_one_out_answers(sparse, X, y), answers_by_refitting(dense, X, y)
    )


def test_models_without_a_formula_are_refused():
    X, y = table("numbers", 2)
    forest = RandomForestClassifier(2).fit(X, y)
    assert not supports_leave_one_out(forest)
    with pytest.raises(TypeError, match="formula for LinearReg.*got RandomForestClas"):
        leave_one_out_answers(forest, X, y)
    with pytest.raises(TypeError, match="positive=True"):
        leave_one_out_answers(Ridge(positive=True).fit(X, y), X, y)
    with pytest.raises(TypeError, match="class_weight='balanced'"):
        memorization_scores(RidgeClassifier(class_weight="balanced").fit(X, y), X, y)
    assert supports_leave_one_out(make_pipeline(StandardScaler(), Ridge()))


@pytest.mark.parametrize("name", ["linear", "neighbors", "Gaussian", "multinomial"])
def test_other_records_than_the_training_set_are_refused(name):
    recipe, kind, n_classes = CASES[name]
    X, y = table(kind, n_classes)
    model = clone(recipe).fit(X, y)
    with pytest.raises(ValueError, match="X and y must be all records.*39"):
        leave_one_out_answers(model, X[:-1], y[:-1])


def test_labels_of_other_classes_are_refused():
    X, y = table("numbers", 3)
    model = GaussianNB().fit(X, y)
    with pytest.raises(ValueError, match=r"classes \[0, 1\], the model \[0, 1, 2\]"):
        leave_one_out_answers(model, X, np.minimum(y, 1))


def test_one_record_is_refused():
    X, y = table("numbers", None)
    with pytest.raises(ValueError, match="at least 2 records; got 1"):
        leave_one_out_answers(Ridge().fit(X, y), X[:1], y[:1])
