"""Training set and holdout laid together."""

import warnings

import numpy as np
import pandas as pd
import pytest

from skprivacy.records import make_membership_records


def frame(ages, cities, index):
    city = pd.Categorical(cities, categories=sorted({*cities, "x"} - {None}))
    return pd.DataFrame({"age": ages, "city": city}, index=index)


TRAIN = frame([30, 40, np.nan], ["a", None, "b"], ["t0", "t1", "t2"])
HOLDOUT = frame([50, 60, 70], ["a", "c", None], ["h0", "h1", "h2"])
Y = pd.Series([0, 1, 1], name="income")


def test_types_missing_values_and_index_are_kept():
    records, is_member = make_membership_records(TRAIN, Y, HOLDOUT, Y)
    assert records.columns.tolist() == ["age", "city", "income"]
    assert records.index.tolist() == ["t0", "t1", "t2", "h0", "h1", "h2"]
    assert isinstance(records["city"].dtype, pd.CategoricalDtype)
    assert set(records["city"].cat.categories) == {"a", "b", "c", "x"}
    assert records["age"].isna().tolist() == [False, False, True, False, False, False]
    assert is_member.tolist() == [1, 1, 1, 0, 0, 0]


def test_columns_of_the_holdout_take_the_order_of_the_training_set():
    turned = HOLDOUT[["city", "age"]]
    records, _ = make_membership_records(TRAIN, Y, turned, Y, label="y")
    assert records["age"].tolist()[3:] == [50, 60, 70]


def test_duplicates_are_left_out_and_counted():
    X = np.arange(8.0).reshape(4, 2)
    holdout, y_holdout = np.vstack([X[:2], X + 10]), [0, 1, 0, 0, 1, 1]
    with pytest.warns(UserWarning, match="2 of 6 holdout records were left out"):
        records, is_member = make_membership_records(
            X, [0, 1, 0, 1], holdout, y_holdout
        )
    assert is_member.sum() == 4 and len(records) == 8


def test_a_record_with_another_label_is_another_record():
    X = np.arange(4.0).reshape(2, 2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        records, _ = make_membership_records(X, [0, 1], X, [1, 0])
    assert len(records) == 4


def test_a_group_is_on_one_side_only():
    X = np.arange(6.0).reshape(3, 2)
    with pytest.warns(UserWarning, match="1 of 3 holdout records"):
        records, _ = make_membership_records(
            X,
            [0, 1, 0],
            X + 10,
            [0, 1, 0],
            groups_train=["p", "q", "r"],
            groups_holdout=["s", "q", "t"],
            balance=False,
        )
    assert records[3:, 0].tolist() == [10.0, 14.0]


@pytest.mark.parametrize("n_train, n_holdout", [(30, 10), (10, 30)])
def test_balance_draws_from_the_larger_side(n_train, n_holdout):
    train, holdout = np.arange(n_train)[:, None], 100 + np.arange(n_holdout)[:, None]
    tables = train, np.zeros(n_train), holdout, np.zeros(n_holdout)
    records, is_member = make_membership_records(*tables, random_state=0)
    assert is_member.sum() == 10 and len(records) == 20
    again, _ = make_membership_records(*tables, random_state=0)
    np.testing.assert_array_equal(records, again)
    everyone, _ = make_membership_records(*tables, balance=False)
    assert len(everyone) == 40


def test_nothing_left_is_refused():
    X = np.arange(4.0).reshape(2, 2)
    with pytest.raises(ValueError, match="nothing is left of X_holdout"):
        make_membership_records(X, [0, 1], X, [0, 1])


@pytest.mark.parametrize(
    "change, message",
    [
        ({"X_holdout": HOLDOUT.drop(columns="age")}, r"X_holdout.*missing \['age'\]"),
        ({"X_holdout": HOLDOUT.assign(id=1)}, r"beyond them \['id'\]"),
        ({"X_holdout": np.ones((3, 2))}, "both be DataFrames or both be arrays"),
        ({"X_train": TRAIN[:0]}, "X_train: Found array with 0"),
        ({"y_holdout": Y[:2]}, "one label for each of the 3 rows"),
        ({"label": "age"}, "label='age' is the name of a feature"),
        ({"label": 3}, "label"),
        ({"groups_train": [1, 2, 3]}, "groups_train and groups_holdout"),
        (
            {"groups_train": [1], "groups_holdout": [1, 2, 3]},
            "groups_train must hold one group for each of 3 rows; got 1",
        ),
    ],
)
def test_bad_input_is_named(change, message):
    arguments = {"X_train": TRAIN, "y_train": Y, "X_holdout": HOLDOUT, "y_holdout": Y}
    with pytest.raises((ValueError, TypeError), match=message):
        make_membership_records(**(arguments | change))
