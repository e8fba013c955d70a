"""What models of a canary evaluation are trained on."""

import numpy as np
import pandas as pd
import pytest

from skprivacy.defenses._canary_setting import KINDS, plan_canaries

N, EACH = 200, 15


@pytest.fixture(params=["array", "table"])
def planned(request):
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.normal(size=(N, 2)), np.arange(N) % 3])
    y = rng.integers(3, size=N)
    if request.param == "table":
        X = pd.DataFrame(X, columns=["a", "b", "kind"])
        X["kind"] = pd.Categorical.from_codes(X["kind"].astype(int), list("xyz"))
    draws = np.random.RandomState(0)
    return X, y, plan_canaries(X, y, KINDS, EACH, 0.3, draws)


def as_tuples(X, y):
    return [(*row, label) for row, label in zip(np.asarray(X).tolist(), y, strict=True)]


def of_kind(setting, kind):
    X, y = setting.X_canaries, setting.y_canaries
    rows = np.flatnonzero(setting.kind == kind)
    X = X.iloc[rows] if isinstance(X, pd.DataFrame) else X[rows]
    return as_tuples(X, y[rows])


def fixed(setting):
    n = setting.n_fixed
    return as_tuples(setting.X[:n], setting.y[:n])


def test_every_kind_is_there_and_test_records_are_nowhere_else(planned):
    X, y, setting = planned
    assert [*pd.Series(setting.kind).value_counts()[list(KINDS)]] == [EACH] * 4
    test = as_tuples(setting.X_test, setting.y_test)
    assert len(test) == 60
    # Two kinds took the place of their records.
    assert setting.n_fixed == 140 - 2 * EACH
    others = {*fixed(setting), *of_kind(setting, "clean")}
    assert not others & set(test)
    assert {*test, *others} <= set(as_tuples(X, y))


def test_columns_keep_their_types(planned):
    X, _, setting = planned
    if isinstance(X, pd.DataFrame):
        assert (setting.X.dtypes == X.dtypes).all()
    else:
        assert setting.X.dtype == X.dtype


def test_clean_canaries_are_records_that_nobody_else_has(planned):
    X, y, setting = planned
    clean = of_kind(setting, "clean")
    assert len(set(clean)) == EACH
    assert not set(clean) & set(fixed(setting))


def test_mislabeled_ones_take_the_place_of_their_record(planned):
    X, y, setting = planned
    label_of = {record[:-1]: record[-1] for record in as_tuples(X, y)}
    features = {record[:-1] for record in fixed(setting)}
    for record in of_kind(setting, "mislabeled"):
        assert label_of[record[:-1]] != record[-1]
        assert record[:-1] not in features


def test_duplicates_have_a_twin_with_another_label(planned):
    _, _, setting = planned
    label_of = {record[:-1]: record[-1] for record in fixed(setting)}
    for record in of_kind(setting, "duplicate"):
        assert label_of[record[:-1]] != record[-1]


def test_outliers_are_new_records_of_known_values(planned):
    X, y, setting = planned
    known = as_tuples(X, y)
    assert not set(of_kind(setting, "outlier")) & set(known)
    values = [set(column) for column in zip(*known, strict=True)]
    for record in of_kind(setting, "outlier"):
        assert all(v in seen for v, seen in zip(record, values, strict=True))


def test_a_model_has_what_is_fixed_and_its_canaries(planned):
    _, _, setting = planned
    inside = setting.kind == "clean"
    rows = setting.rows(inside)
    assert len(rows) == setting.n_fixed + EACH
    taken = as_tuples(np.asarray(setting.X)[rows], setting.y[rows])
    assert taken == fixed(setting) + of_kind(setting, "clean")


def test_the_same_kinds_in_any_order_are_the_same():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 2)), rng.integers(2, size=60)
    one, other = (
        plan_canaries(X, y, kinds, 4, 0.3, np.random.RandomState(0))
        for kinds in (("clean", "outlier"), ("outlier", "clean"))
    )
    np.testing.assert_array_equal(one.X, other.X)


def test_copies_are_no_clean_canaries():
    X = np.repeat(np.arange(40.0), 2)[:, None]
    y = np.repeat(np.arange(40) % 2, 2)
    with pytest.raises(ValueError, match="occur once in X and y; 0 do"):
        plan_canaries(X, y, ("clean",), 5, 0.3, np.random.RandomState(0))


def test_too_few_records_are_refused():
    X, y = np.arange(40.0)[:, None], np.arange(40) % 2
    with pytest.raises(ValueError, match=r"n_canaries=8 of 2 kinds take 16 of the 28"):
        plan_canaries(X, y, ("clean", "mislabeled"), 8, 0.3, np.random.RandomState(0))


def test_a_class_of_one_record_is_no_obstacle():
    X, y = np.arange(40.0)[:, None], np.arange(40) % 2
    y[7] = 2
    setting = plan_canaries(X, y, ("outlier",), 4, 0.3, np.random.RandomState(0))
    assert len(setting.y_test) == 12
