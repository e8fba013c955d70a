import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import (
    AdaBoostClassifier,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)

from skprivacy.extraction import ThresholdSearchAttack, fidelity_score
from skprivacy.extraction._grid import Grid
from skprivacy.extraction._space import QuerySpace
from skprivacy.extraction._steps import StepScanner, is_additive
from skprivacy.extraction._threshold_search import likely_steps
from skprivacy.extraction._thresholds import Thresholds
from skprivacy.targets import BlackBox

TABLES = {
    "cancer": load_breast_cancer(return_X_y=True),
    "wine": load_wine(return_X_y=True),
    "diabetes": load_diabetes(return_X_y=True),
}
STUMPS = {"max_depth": 1, "random_state": 0}


@pytest.mark.parametrize(
    "name, model, link",
    [
        ("cancer", AdaBoostClassifier(n_estimators=20, random_state=0), "softmax"),
        ("cancer", GradientBoostingClassifier(**STUMPS), "softmax"),
        ("cancer", HistGradientBoostingClassifier(**STUMPS), "softmax"),
        ("wine", GradientBoostingClassifier(n_estimators=20, **STUMPS), "softmax"),
        ("diabetes", GradientBoostingRegressor(**STUMPS), "identity"),
        ("diabetes", HistGradientBoostingRegressor(loss="poisson", **STUMPS), "log"),
    ],
)
@pytest.mark.parametrize("rows", [slice(None), slice(1, None, 2)])
def test_stumps_are_copied_exactly(name, model, link, rows):
    X, y = TABLES[name]
    box = BlackBox(model.fit(X[::2], y[::2]))
    bounds = np.column_stack([X.min(axis=0), X.max(axis=0)])
    attack = ThresholdSearchAttack(box, bounds=bounds, random_state=0)
    copy = attack.fit(X[rows])
    assert copy.is_complete_ and copy.is_exact_
    assert copy.link_ == link
    # About 25 halvings lead to single precision, a few more queries to a decimal.
    n_steps = sum(len(part) for part in copy.thresholds_)
    assert copy.n_queries_ < 31 + 10 * X.shape[1] + 32 * n_steps
    points = np.random.default_rng(0).uniform(*bounds.T, (2000, X.shape[1]))
    for where in (X, points):
        assert fidelity_score(box, copy, where, metric="max_difference") < 1e-9


def test_thresholds_are_the_target_s():
    X, y = TABLES["diabetes"]
    model = GradientBoostingRegressor(n_estimators=30, **STUMPS).fit(X, y)
    copy = ThresholdSearchAttack(BlackBox(model), random_state=0).fit(X)
    theirs = [set() for _ in copy.thresholds_]
    for (stump,) in model.estimators_:
        theirs[stump.tree_.feature[0]].add(stump.tree_.threshold[0])
    for ours, found in zip(copy.thresholds_, theirs, strict=True):
        np.testing.assert_allclose(ours, sorted(found), rtol=1e-6)


def test_whole_numbers():
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {"age": rng.integers(20, 60, 300), "size": rng.normal(size=300)}
    )
    y = table["age"] / 10 + table["size"]
    model = GradientBoostingRegressor(**STUMPS).fit(table, y)
    copy = ThresholdSearchAttack(BlackBox(model), random_state=0).fit(table)
    np.testing.assert_allclose(copy.predict(table), model.predict(table), atol=1e-9)
    assert (copy.thresholds_[0] % 1 == 0.5).all()


def test_steps_up_and_down_between_records_are_found_by_the_checks():
    # Neither end of the line, nor the eight records that it begins with, lie in it.
    X = np.column_stack([np.linspace(0, 1, 101)] * 2)

    def function(X):
        return 1.0 * ((X[:, 0] > 0.205) & (X[:, 0] < 0.255)) + (X[:, 1] > 0.7)

    attack = ThresholdSearchAttack(BlackBox(function), n_check=100, random_state=0)
    copy = attack.fit(X)
    np.testing.assert_allclose(copy.thresholds_[0], [0.205, 0.255], atol=1e-6)
    np.testing.assert_allclose(copy.predict(X), function(X))


def test_constant_target():
    X, y = TABLES["diabetes"]
    model = DummyRegressor().fit(X, y)
    copy = ThresholdSearchAttack(BlackBox(model), random_state=0).fit(X)
    np.testing.assert_array_equal(copy.predict(X), model.predict(X))
    assert all(len(part) == 0 for part in copy.thresholds_)


@pytest.mark.parametrize("limit", ["max_queries", "budget"])
def test_when_queries_run_out_large_steps_come_first(limit):
    X, y = TABLES["diabetes"]
    model = GradientBoostingRegressor(**STUMPS).fit(X[::2], y[::2])
    box = BlackBox(model, budget=250 if limit == "budget" else None)
    attack = ThresholdSearchAttack(box, random_state=0)
    if limit == "max_queries":
        attack.set_params(max_queries=250)
    with pytest.warns(UserWarning, match="queries ran out after 250"):
        copy = attack.fit(X[1::2])
    assert not copy.is_complete_
    assert copy.score(X[1::2]) > 0.95


@pytest.mark.parametrize(
    "name, model",
    [
        ("diabetes", GradientBoostingRegressor(max_depth=2, random_state=0)),
        ("cancer", HistGradientBoostingClassifier(max_iter=10, random_state=0)),
    ],
)
def test_deeper_trees_are_refused_after_a_few_queries(name, model):
    X, y = TABLES[name]
    box = BlackBox(model.fit(X, y))
    with pytest.raises(ValueError, match="scores are no sums over the features"):
        ThresholdSearchAttack(box, deeper="error", random_state=0).fit(X)
    # Three are asked twice.
    assert box.n_queries_ <= 3 * 10 + 2 + 3


def test_labels_are_refused():
    X, y = TABLES["cancer"]
    model = GradientBoostingClassifier(n_estimators=2, **STUMPS).fit(X, y)
    with pytest.raises(ValueError, match="response='label'.*PathFindingAttack"):
        ThresholdSearchAttack(BlackBox(model, response="label")).fit(X)


def test_budget_that_is_too_small():
    X, y = TABLES["diabetes"]
    box = BlackBox(DummyRegressor().fit(X, y), budget=61)
    with pytest.raises(ValueError, match="must allow for 62 queries.*got 61"):
        ThresholdSearchAttack(box).fit(X)
    assert box.n_queries_ == 0


def test_sums_by_hand():
    # f = a + 2 b at (1, 2) and (3, 4), crosswise at (1, 4) and (3, 2).
    assert is_additive(*np.array([[[5.0]], [[11.0]], [[9.0]], [[7.0]]]))
    # f = a b: 2 + 12 against 4 + 6.
    assert not is_additive(*np.array([[[2.0]], [[12.0]], [[4.0]], [[6.0]]]))
    assert not is_additive(*np.array([[[np.inf]], [[1.0]], [[1.0]], [[1.0]]]))


def test_scanner_ends_at_numbers_that_follow_each_other():
    records = np.array([[0.0], [0.3], [1.0]])
    space = QuerySpace(records)
    grid = Grid(space, double=True)
    at = grid.positions(records)

    def ask(points):
        return (grid.values(points) > 0.3) * 1.0

    likely = likely_steps(grid, Grid(space), records)
    scanner = StepScanner(ask, grid, Thresholds(grid, likely), at[0], at)
    ((positions, answers),) = scanner.scan()
    (last,) = np.flatnonzero(answers[1:, 0] != answers[:-1, 0])
    # A record lies there, so that the step is known to the last digit.
    assert positions[last] == at[1, 0]
    assert positions[last + 1] == at[1, 0] + 1


@pytest.mark.parametrize("ends", [(1.0, 16.0), (-9.0, 1e9), (-16.0, -1.0), (0.0, 1e-3)])
@pytest.mark.parametrize("share", [0.01, 0.7])
def test_steps_anywhere_are_found_in_a_few_dozen_queries(ends, share):
    records = np.array(ends)[:, None]
    step = ends[0] + share * (ends[1] - ends[0])
    space = QuerySpace(records)
    grid = Grid(space, double=True)

    def ask(points):
        return (grid.values(points) > step) * 1.0

    at = grid.positions(records)
    scanner = StepScanner(ask, grid, Thresholds(grid, [at[:, 0]]), at[0], at)
    ((positions, answers),) = scanner.scan()
    (last,) = np.flatnonzero(answers[1:, 0] != answers[:-1, 0])
    below, above = grid.values(positions[last : last + 2, None])[:, 0]
    assert below <= step < above
    assert above - below <= 2e-7 * abs(step)
    assert len(positions) < 60
