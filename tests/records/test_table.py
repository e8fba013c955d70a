"""Records as one table: features and label."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from skprivacy.records import as_model_input, join_records, split_records


@pytest.fixture
def frame():
    return pd.DataFrame(
        {"age": [30, 40], "city": pd.Categorical(["a", "b"]), "income": ["low", "high"]}
    )


@pytest.mark.parametrize("label", ["income", -1, 2])
def test_label_of_a_frame_by_name_or_position(frame, label):
    X, y = split_records(frame, label)
    assert X.columns.tolist() == ["age", "city"]
    assert y.tolist() == ["low", "high"]
    assert isinstance(X["city"].dtype, pd.CategoricalDtype)


def test_label_in_front_of_an_array():
    X, y = split_records(np.array([[1.0, 5.0, 6.0]]), 0)
    np.testing.assert_array_equal(X, [[5.0, 6.0]])
    np.testing.assert_array_equal(y, [1.0])


def test_numbers_come_back_from_an_array_of_objects():
    records = join_records(np.array([[1.5], [2.5]]), np.array(["no", "yes"]))
    assert records.dtype == object
    X, y = split_records(records)
    assert X.dtype == float and y.dtype.kind == "U"


def test_join_and_split_are_inverse(frame):
    X, y = split_records(frame)
    pd.testing.assert_frame_equal(
        join_records(X, y, "income"), frame, check_dtype=False
    )


@pytest.mark.parametrize(
    "y, label, name",
    [
        (pd.Series([0, 1], name="risk"), None, "risk"),
        (pd.Series([0, 1]), None, "label"),
        ([0, 1], "given", "given"),
    ],
)
def test_name_of_the_label(frame, y, label, name):
    assert join_records(frame, y, label).columns[-1] == name


@pytest.mark.parametrize(
    "records, label, message",
    [
        (np.ones((2, 3)), "income", "label='income' is not a column"),
        (np.ones((2, 3)), 3, "label=3 is not a column"),
        (np.ones((2, 1)), -1, r"1 feature\(s\)"),
        (np.ones((0, 3)), -1, "records: Found array with 0"),
        (np.ones(3), -1, "Expected 2D array"),
        (np.array([[1.0, np.inf]]), -1, "records contains infinity"),
        (sparse.eye(3).tocsr(), -1, "Sparse data was passed for records"),
    ],
)
def test_bad_records_are_named(records, label, message):
    with pytest.raises((ValueError, TypeError), match=message):
        split_records(records, label)


def test_columns_of_the_same_name_are_refused(frame):
    frame.columns = ["age", "age", "income"]
    with pytest.raises(ValueError, match=r"columns of the same name: \['age'\]"):
        split_records(frame, "income")


@pytest.mark.parametrize(
    "y, label, message",
    [
        ([0], None, "one label for each of the 2 rows"),
        ([[0], [1]], None, "one label for each"),
        ([0, 1], "age", "label='age' is the name of a feature"),
    ],
)
def test_bad_labels_are_named(frame, y, label, message):
    with pytest.raises(ValueError, match=message):
        join_records(frame, y, label)


class TestModelInput:
    X = pd.DataFrame({"a": [0.0, 1.0, 2.0], "b": [1.0, 0.0, 1.0]})
    named = LogisticRegression().fit(X, [0, 1, 1])
    nameless = LogisticRegression().fit(X.to_numpy(), [0, 1, 1])

    def test_columns_take_the_order_of_the_model(self):
        turned = as_model_input(self.X[["b", "a"]], self.named)
        pd.testing.assert_frame_equal(turned, self.X)

    def test_the_container_is_the_one_of_the_training(self):
        assert isinstance(as_model_input(self.X, self.nameless), np.ndarray)
        table = as_model_input(self.X.to_numpy(), self.named)
        pd.testing.assert_frame_equal(table, self.X)

    def test_a_function_takes_what_there_is(self):
        assert as_model_input(self.X, len) is self.X

    def test_other_features_are_named(self):
        other = self.X.rename(columns={"b": "c"})
        with pytest.raises(ValueError, match=r"missing \['b'\].*\['c'\]"):
            as_model_input(other, self.named)
        with pytest.raises(ValueError, match="1 features.*trained on 2"):
            as_model_input(self.X.to_numpy()[:, :1], self.named)
