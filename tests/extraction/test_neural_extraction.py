import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skprivacy.extraction import NeuralExtractionAttack, fidelity_score
from skprivacy.extraction._kinks import TooManyKinks, find_kinks, jump_at
from skprivacy.extraction._unit_finder import fit_units, unit_terms
from skprivacy.targets import BlackBox

TABLES = {
    "cancer": load_breast_cancer(return_X_y=True),
    "iris": load_iris(return_X_y=True),
    "diabetes": load_diabetes(return_X_y=True),
}
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def network(kind=MLPClassifier, n_units=10, **given):
    given = {"max_iter": 200, "random_state": 0, **given}
    return make_pipeline(StandardScaler(), kind(hidden_layer_sizes=n_units, **given))


def asked(function, noise=1e-15):
    """Give a function the form in which kinks are looked for."""

    def ask(at):
        values = np.asarray(function(at), dtype=float)
        return values.reshape(len(at), -1), np.full(len(at), noise)

    return ask


@pytest.mark.parametrize(
    "name, model, n_units",
    [
        ("cancer", network(n_units=20), 20),
        ("iris", network(), 10),
        ("diabetes", network(MLPRegressor), 10),
    ],
)
def test_the_copy_is_the_same_function(name, model, n_units):
    X, y = TABLES[name]
    box = BlackBox(model.fit(X[::2], y[::2]))
    copy = NeuralExtractionAttack(box, random_state=0).fit(X)
    assert copy.n_units_ == n_units
    assert copy.n_queries_ < 10_000
    box_of_records = X.min(axis=0), X.max(axis=0)
    points = np.random.default_rng(0).uniform(*box_of_records, (2000, X.shape[1]))
    for where in (X, points):
        error = fidelity_score(box, copy, where, metric="max_difference")
        assert error < (1e-6 if name != "diabetes" else 1e-6 * y.max())
    assert copy.score(X) > 1 - 1e-9


def test_decision_values_of_a_function():
    # |a + b| - |2 a - 1| on a square.
    def function(X):
        return np.abs(X[:, 0] + X[:, 1]) - np.abs(2 * X[:, 0] - 1)

    box = BlackBox(function, classes=["no", "yes"], response="decision")
    X = np.random.default_rng(0).uniform(-1, 1, (50, 2))
    copy = NeuralExtractionAttack(box, random_state=0).fit(X)
    assert copy.n_units_ == 2
    np.testing.assert_allclose(copy.decision_function(X), function(X), atol=1e-9)
    assert set(copy.predict(X)) == {"no", "yes"}


def test_names_of_columns_and_a_constant_one():
    X, y = TABLES["iris"]
    table = pd.DataFrame(X, columns=[*"abcd"]).assign(e=1.0)
    model = network(n_units=5).fit(table, y)
    copy = NeuralExtractionAttack(BlackBox(model), random_state=0).fit(table)
    np.testing.assert_allclose(
        copy.predict_proba(table), model.predict_proba(table), atol=1e-8
    )


@pytest.mark.parametrize("constant", [True, False])
def test_targets_without_units(constant):
    X, y = TABLES["diabetes"]
    model = LinearRegression()
    if constant:
        model, y = DummyClassifier(), y > 150
    copy = NeuralExtractionAttack(BlackBox(model.fit(X, y)), random_state=0).fit(X)
    assert copy.n_units_ == 0
    assert copy.score(X) == 1


@pytest.mark.parametrize(
    "model, decimals, message",
    [
        (network(n_units=(8, 8)), None, "are bent"),
        (network(activation="tanh"), None, "not made of straight lines"),
        (network(), 4, "not made of straight lines"),
        (RandomForestClassifier(5, random_state=0), None, "not made of straight lines"),
    ],
)
def test_other_targets_are_refused(model, decimals, message):
    X, y = TABLES["cancer"]
    box = BlackBox(model.fit(X, y), decimals=decimals)
    with pytest.raises(ValueError, match=message):
        NeuralExtractionAttack(box, random_state=0).fit(X)


def test_labels_are_refused():
    X, y = TABLES["iris"]
    box = BlackBox(network(n_units=2).fit(X, y), response="label")
    with pytest.raises(ValueError, match="Labels alone do not tell where"):
        NeuralExtractionAttack(box).fit(X)


def test_whole_numbers_are_refused():
    with pytest.raises(ValueError, match="between whole numbers nothing"):
        NeuralExtractionAttack(BlackBox(np.sum)).fit(np.eye(3, dtype=int))


def test_too_few_queries():
    X, y = TABLES["cancer"]
    model = network(n_units=20).fit(X, y)
    box = BlackBox(model, budget=160)
    with pytest.raises(ValueError, match="needs 161 queries"):
        NeuralExtractionAttack(box).fit(X)
    assert box.n_queries_ == 0
    attack = NeuralExtractionAttack(BlackBox(model), max_queries=500, random_state=0)
    with pytest.raises(ValueError, match="max_queries=500 do not suffice"):
        attack.fit(X)


def test_kinks_of_all_outputs():
    # One output bends at .2, the other at .7.
    def function(t):
        return np.column_stack([np.maximum(0, t - 0.2), 1 - np.abs(t - 0.7)])

    np.testing.assert_allclose(find_kinks(asked(function)), [0.2, 0.7], atol=1e-12)


@pytest.mark.parametrize(
    "kinks",
    [
        [],
        [0.5],
        # Next to an end, next to each other, on one side of where their lines meet.
        [0.003, 0.6],
        [0.4, 0.4001],
        [0.995, 0.9999],
        np.linspace(0.1, 0.9, 30) ** 2,
    ],
)
def test_kinks_wherever_they_lie(kinks):
    rng = np.random.default_rng(0)
    slopes = rng.normal(size=len(kinks))

    def function(t):
        return t + np.maximum(0, t[:, None] - kinks) @ slopes if len(kinks) else t

    np.testing.assert_allclose(find_kinks(asked(function)), kinks, atol=1e-9)


@pytest.mark.parametrize("function", [np.exp, lambda t: (t > 0.3) * 1.0])
def test_what_is_not_made_of_lines_has_too_many_kinks(function):
    with pytest.raises(TooManyKinks):
        find_kinks(asked(function))


def test_kinks_where_answers_are_not_sure_are_left_out():
    def ask(t):
        noise = np.where(t > 0.6, 1e-3, 1e-15)
        return (np.abs(t - 0.3) + np.abs(t - 0.8))[:, None], noise

    np.testing.assert_allclose(find_kinks(ask), [0.3], atol=1e-9)


def test_jump_of_the_gradient():
    # Beyond a + 2 b = 0 the gradient grows by (3, 6).
    def function(z):
        return z[:, 0] + 3 * np.maximum(0, z[:, 0] + 2 * z[:, 1])

    ends = np.full(2, -1.0), np.full(2, 1.0)
    way = np.array([1.0, 0.0])
    jump = jump_at(asked(function), np.zeros(2), way, 0.01, *ends)
    np.testing.assert_allclose(jump, [[3], [6]], atol=1e-9)


def test_units_by_hand():
    planes = np.array([[-1.0, 1.0, 0.0], [0.0, 0.6, 0.8]])
    # |3 - 1| = 2 and |.6 * 3 - .8 * 4| = 1.4.
    terms = unit_terms(np.array([[3.0, -4.0]]), planes)
    np.testing.assert_allclose(terms, [[1, 3, -4, 2, 1.4]])
    z = np.random.default_rng(0).uniform(-2, 2, (50, 2))
    truth = np.array([[0.5], [1], [-1], [2], [3]])
    found = fit_units(z, unit_terms(z, planes) @ truth, np.ones(50), planes)
    np.testing.assert_allclose(found, truth, atol=1e-9)
