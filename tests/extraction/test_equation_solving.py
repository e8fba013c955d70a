import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, softmax
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import (
    load_breast_cancer,
    load_diabetes,
    load_digits,
    load_iris,
    load_wine,
)
from sklearn.discriminant_analysis import (
    LinearDiscriminantAnalysis,
    QuadraticDiscriminantAnalysis,
)
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import (
    LinearRegression,
    LogisticRegression,
    PoissonRegressor,
    Ridge,
)
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC

from skprivacy.extraction import EquationSolvingAttack, FamilyDetector, fidelity_score
from skprivacy.extraction._forms import Form
from skprivacy.extraction._inexact import bisect_edges, decimals_of
from skprivacy.extraction._least_squares import fit_answers
from skprivacy.extraction._links import link_noise, scores_of, to_answers
from skprivacy.extraction._shares import fit_shares, log_shares
from skprivacy.targets import BlackBox

TABLES = {
    "cancer": load_breast_cancer(return_X_y=True),
    "digits": load_digits(return_X_y=True),
    "wine": load_wine(return_X_y=True),
    "diabetes": load_diabetes(return_X_y=True),
}


def scaled(model):
    return make_pipeline(StandardScaler(), model)


def steal(name, model, **given):
    """Fit on every other record; the copy's largest error on the rest."""
    X, y = TABLES[name]
    box = BlackBox(
        model.fit(X[::2], y[::2]),
        response=given.pop("response", "auto"),
        decimals=given.pop("decimals", None),
    )
    copy = EquationSolvingAttack(box, random_state=0, **given).fit(X)
    return copy, fidelity_score(box, copy, X[1::2], metric="max_difference")


@pytest.mark.parametrize(
    "name, model, n_terms",
    [
        ("cancer", scaled(LogisticRegression()), 31),
        ("digits", scaled(LogisticRegression(max_iter=1000)), 62),
        ("wine", scaled(LogisticRegression()), 14),
        ("wine", LinearDiscriminantAnalysis(), 14),
        # Four that tell one-vs-rest models among them.
        ("wine", GaussianNB(), 27 + 4),
        ("wine", QuadraticDiscriminantAnalysis(reg_param=1e-3), 105 + 4),
        ("diabetes", LinearRegression(), 11),
        ("diabetes", Ridge(), 11),
        ("diabetes", PoissonRegressor(), 11),
    ],
)
@pytest.mark.filterwarnings("ignore:.* features do not vary")
def test_as_many_queries_as_terms_give_the_very_answers(name, model, n_terms):
    copy, error = steal(name, model)
    assert error < 1e-9
    assert copy.is_exact_
    assert copy.decimals_ is None
    # Three more to see whether they do.
    assert copy.n_queries_ <= n_terms + 3
    assert copy.score(TABLES[name][0]) == 1


def test_without_checks_d_plus_one_queries():
    copy, error = steal("cancer", scaled(LogisticRegression()), n_check=0)
    assert error < 1e-9
    assert copy.n_queries_ == 31


@pytest.mark.parametrize(
    "model", [GaussianNB(), QuadraticDiscriminantAnalysis(reg_param=1e-3)]
)
def test_saturated_answers_are_asked_nearer_by(model):
    # Log-odds of hundreds: many probabilities are 0 to the last digit.
    _, error = steal("cancer", model)
    assert error < 1e-9


@pytest.mark.parametrize("name", ["cancer", "wine"])
def test_decision_values_and_coefficients(name):
    model = scaled(LinearSVC(C=0.1))
    copy, error = steal(name, model, response="decision")
    assert error < 1e-9
    X = TABLES[name][0]
    np.testing.assert_allclose(copy.decision_function(X), model.decision_function(X))
    coef = model[-1].coef_ / model[0].scale_
    np.testing.assert_allclose(copy.coef_, coef, rtol=1e-6)
    intercept = model[-1].intercept_ - coef @ model[0].mean_
    np.testing.assert_allclose(copy.intercept_, intercept, rtol=1e-6)
    assert not hasattr(copy, "predict_proba")


@pytest.mark.parametrize("name", ["cancer", "wine"])
def test_coefficients_and_decision_function_of_logistic_regression(name):
    model = scaled(LogisticRegression())
    copy, _ = steal(name, model)
    X = TABLES[name][0]
    np.testing.assert_allclose(
        copy.decision_function(X), model.decision_function(X), atol=1e-7
    )
    np.testing.assert_allclose(copy.coef_, model[-1].coef_ / model[0].scale_, rtol=1e-6)


def test_label_order_of_the_classes_is_kept():
    X, y = TABLES["cancer"]
    model = scaled(LogisticRegression()).fit(X, np.array(["bad", "good"])[y])
    copy = EquationSolvingAttack(BlackBox(model)).fit(X)
    np.testing.assert_array_equal(copy.predict(X), model.predict(X))


def test_features_that_do_not_vary_are_named():
    X, y = TABLES["diabetes"]
    model = LinearRegression().fit(X, y)
    held = X.copy()
    held[:, 3] = 0.01
    with pytest.warns(UserWarning, match=r"1 of 10 features .* positions \[3\]"):
        copy = EquationSolvingAttack(BlackBox(model)).fit(held)
    np.testing.assert_allclose(copy.predict(held), model.predict(held))
    bounds = np.column_stack([X.min(axis=0), X.max(axis=0)])
    copy = EquationSolvingAttack(BlackBox(model), bounds=bounds).fit(held)
    np.testing.assert_allclose(copy.predict(X), model.predict(X))


def test_whole_numbers_in_a_table():
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {"age": rng.integers(20, 60, 50), "old": rng.integers(2, size=50)}
    ).assign(size=rng.normal(size=50))
    chance = expit(table["age"] / 20 - 2 + table["size"] * table["old"])

    def function(X):
        assert (X["age"] % 1 == 0).all()
        p = expit(X["age"] / 20 - 2 + X["size"] * X["old"])
        return np.column_stack([1 - p, p])

    copy = EquationSolvingAttack(BlackBox(function, classes=[0, 1])).fit(table)
    assert copy.form_ == "quadratic"
    np.testing.assert_allclose(copy.predict_proba(table)[:, 1], chance, atol=1e-9)


@pytest.mark.parametrize("decimals, error", [(2, 1e-4), (3, 1e-5), (4, 1e-6)])
def test_rounded_probabilities_of_two_classes(decimals, error):
    copy, found = steal("cancer", scaled(LogisticRegression()), decimals=decimals)
    assert found < error
    assert copy.decimals_ == decimals
    assert not copy.is_exact_
    assert copy.n_queries_ <= 20 * 31


def test_every_further_query_for_a_term_helps():
    errors = [
        steal("cancer", scaled(LogisticRegression()), decimals=2, n_per_term=n)[1]
        for n in (4, 16, 28)
    ]
    assert errors[1] < errors[0] / 20
    assert errors[2] < errors[1] / 20


def test_rounded_probabilities_of_three_classes():
    copy, error = steal("wine", scaled(LogisticRegression()), decimals=3)
    assert error < 2e-3
    assert copy.score(TABLES["wine"][0]) == 1


def test_rounded_naive_bayes_is_told_from_a_linear_model():
    copy, error = steal("cancer", GaussianNB(), decimals=2)
    assert copy.form_ == "diagonal"
    assert error < 1e-2


@pytest.mark.parametrize("model", [Ridge(), PoissonRegressor()])
def test_rounded_numbers(model):
    copy, error = steal("diabetes", model, decimals=0)
    assert copy.decimals_ == 0
    # A thousandth of what is shown.
    assert error < 5e-3


def test_rounded_decision_values():
    _, error = steal("cancer", scaled(LinearSVC()), response="decision", decimals=1)
    assert error < 1e-3


def test_noise_is_averaged_and_said():
    X, y = TABLES["diabetes"]
    model = Ridge().fit(X, y)
    rng = np.random.default_rng(0)
    box = BlackBox(lambda X: model.predict(X) + rng.normal(size=len(X)))
    with pytest.warns(UserWarning, match="same question the same way twice"):
        copy = EquationSolvingAttack(box, random_state=0).fit(X)
    # Its mean error is that of 11 terms from 220 answers: below the noise of 1.
    assert np.abs(copy.predict(X) - model.predict(X)).mean() < 0.3


@pytest.mark.parametrize("model", [DummyClassifier(strategy="prior"), DummyRegressor()])
def test_constant_target(model):
    X, y = TABLES["cancer"]
    model.fit(X, y)
    copy = EquationSolvingAttack(BlackBox(model)).fit(X)
    assert copy.score(X) == 1
    np.testing.assert_allclose(copy.predict(X), model.predict(X))


@pytest.mark.parametrize(
    "name, model, decimals",
    [
        (
            "diabetes",
            MLPRegressor(hidden_layer_sizes=5, max_iter=50, random_state=0),
            None,
        ),
        ("wine", RandomForestClassifier(10, max_depth=3, random_state=0), None),
        ("wine", RandomForestClassifier(10, max_depth=3, random_state=0), 2),
    ],
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_other_models_are_refused(name, model, decimals):
    with pytest.raises(ValueError, match="are no linear or diagonal or quadratic"):
        steal(name, model, decimals=decimals)


def test_labels_alone_are_refused():
    with pytest.raises(ValueError, match="response='label'.*LowdMeekAttack"):
        steal("cancer", LinearSVC(), response="label")


def test_terms_of_a_quadratic_form():
    form = Form("quadratic", np.array([True, False]))
    # 1, a, b, a squared, ab; b takes two values and has no square of its own.
    assert form.terms(np.array([[2.0, 1.0]])).tolist() == [[1, 2, 1, 4, 2]]
    assert form.n_terms == len(form.steps(np.ones((2, 2)))) == 5


def test_links_are_inverse():
    answers = np.array([[0.2, 0.3, 0.5], [0.1, 0.8, 0.1]])
    back = to_answers(scores_of(answers, "softmax"), "softmax")
    np.testing.assert_allclose(back, answers)
    # log(.2 / .5) and log(.3 / .5)
    expected = [-0.91629073, -0.51082562]
    np.testing.assert_allclose(scores_of(answers, "softmax")[0], expected)


def test_noise_of_a_probability_that_was_taken_from_one():
    # 2^-30 is a multiple of 2^-53; 1e-9 is not, and was computed by itself.
    coarse = np.array([[1 - 2.0**-30, 2.0**-30]])
    assert link_noise(coarse, "softmax")[0] == 2.0**-23
    assert link_noise(np.array([[1 - 1e-9, 1e-9]]), "softmax")[0] < 1e-15
    assert link_noise(np.array([[1.0, 0.0]]), "softmax")[0] == np.inf


@pytest.mark.parametrize(
    "values, decimals",
    [([0.25, 0.5], 2), ([0.1, 0.333], 3), ([1 / 3, 0.5], None), ([0.0, 1.0], None)],
)
def test_decimals_of_probabilities(values, decimals):
    answers = np.column_stack([np.array(values), 1 - np.array(values)])
    assert decimals_of(answers, "proba") == decimals


def test_bisection_finds_changes_that_were_expected_elsewhere():
    truth = np.array([0.1, 0.5, 0.93])

    def is_above(share, rows):
        return share > truth[rows]

    start, width = np.array([0.9, 0.5001, 0.2]), np.full(3, 1e-3)
    place, error = bisect_edges(is_above, start, width, 90)
    np.testing.assert_allclose(place, truth, atol=1e-5)
    assert (np.abs(place - truth) <= error).all()


def test_least_squares_of_probabilities_with_zeros():
    rng = np.random.default_rng(0)
    terms = np.column_stack([np.ones(300), 3 * rng.normal(size=(300, 2))])
    truth = np.array([[0.5, -1.0], [2.0, 0.3], [-1.0, 1.0]])
    answers = np.round(to_answers(terms @ truth, "softmax"), 2)
    assert (answers == 0).any()
    found = fit_answers(terms, answers, "softmax", 0.01)
    np.testing.assert_allclose(found, truth, atol=0.05)


def test_shares_by_hand_and_back():
    np.testing.assert_allclose(
        np.exp(log_shares(np.array([[0.0, -np.log(3)]]))), [[2 / 3, 1 / 3]]
    )
    rng = np.random.RandomState(0)
    terms = np.column_stack([np.ones(30), rng.normal(size=(30, 3))])
    truth = rng.normal(size=(4, 3))
    found, error = fit_shares(terms, np.exp(log_shares(terms @ truth)))
    assert error < 1e-12
    np.testing.assert_allclose(found, truth, atol=1e-8)
    _, error = fit_shares(terms, rng.dirichlet(np.ones(3), 30))
    assert error > 1e-2


@pytest.mark.parametrize(
    "table, model",
    [
        ("iris", OneVsRestClassifier(LogisticRegression())),
        ("wine", OneVsRestClassifier(LogisticRegression())),
        ("wine", CalibratedClassifierCV(LinearSVC(), ensemble=False, cv=3)),
    ],
)
def test_one_vs_rest(table, model):
    X, y = {"iris": load_iris, "wine": load_wine}[table](return_X_y=True)
    model = make_pipeline(StandardScaler(), model).fit(X[::2], y[::2])
    box = BlackBox(model)
    copy = EquationSolvingAttack(box, random_state=0).fit(X)
    assert copy.link_ == "one_vs_rest" and copy.is_exact_
    d = X.shape[1]
    # Equations, checks, a line that tells the form.
    assert copy.n_queries_ == box.n_queries_ == np.ceil(2.25 * (d + 1)) + 3 + 4
    truth = model.predict_proba(X)
    assert np.abs(copy.predict_proba(X) - truth).max() < 1e-9
    scores = copy.decision_function(X)
    np.testing.assert_allclose(softmax(scores, axis=1), truth, atol=1e-9)
    assert FamilyDetector(box, random_state=0).fit(X).family_ == "one_vs_rest"
    with pytest.raises(ValueError, match="one-vs-rest form of .* features needs"):
        EquationSolvingAttack(BlackBox(model, budget=d + 1 + 3 + 4)).fit(X)


@pytest.mark.parametrize(
    "model",
    [
        CalibratedClassifierCV(LinearSVC(), ensemble=False, cv=3),
        OneVsRestClassifier(LogisticRegression()),
    ],
)
def test_sigmoids_of_two_classes_are_logistic(model):
    X, y = load_breast_cancer(return_X_y=True)
    model = make_pipeline(StandardScaler(), model).fit(X[::2], y[::2])
    copy = EquationSolvingAttack(BlackBox(model)).fit(X)
    assert copy.n_queries_ == X.shape[1] + 4
    assert np.abs(copy.predict_proba(X) - model.predict_proba(X)).max() < 1e-9


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_pairwise_probabilities_are_refused():
    # They come out of an iteration that stops early.
    X, y = load_wine(return_X_y=True)
    for chosen in (y < 2, y < 3):
        model = make_pipeline(
            StandardScaler(), SVC(kernel="linear", probability=True, random_state=0)
        ).fit(X[chosen], y[chosen])
        with pytest.raises(ValueError, match="are no linear or diagonal or quadratic"):
            EquationSolvingAttack(BlackBox(model)).fit(X)
