"""Tables from files, and whether they fit a model."""

import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from skprivacy._cli._errors import BadInput
from skprivacy._cli._tables import features_for, load_table, split_label


@pytest.fixture
def table():
    return pd.DataFrame({"a": [1, 2, 3], "b": [0.5, np.nan, 2.5], "y": ["u", "v", "u"]})


@pytest.mark.parametrize("name", ["t.csv", "t.CSV", "t.csv.gz", "my.data.csv"])
def test_csv(table, tmp_path, name):
    table.to_csv(tmp_path / name, index=False)
    pd.testing.assert_frame_equal(load_table(tmp_path / name, "--train"), table)


@pytest.mark.parametrize("name", ["t.parquet", "t.pq"])
def test_parquet(table, tmp_path, name):
    pytest.importorskip("pyarrow")
    table.to_parquet(tmp_path / name)
    loaded = load_table(tmp_path / name, "--train")
    pd.testing.assert_frame_equal(loaded, table, check_dtype=False)


def test_parquet_without_pyarrow_says_what_to_install(tmp_path, monkeypatch):
    (tmp_path / "t.parquet").write_bytes(b"PAR1")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "fastparquet", None)
    with pytest.raises(BadInput, match="needs pyarrow: pip install pyarrow"):
        load_table(tmp_path / "t.parquet", "--train")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.xlsx", "a,y\n1,2\n", r"must be a .csv or a .parquet"),
        ("t", "a,y\n1,2\n", r"must be a .csv or a .parquet"),
        ("t.csv", "", "cannot be read"),
        ("t.csv", "a,y\n1,2\n1,2,3,4\n", "cannot be read"),
        ("t.csv", "a,y\n", "has no rows"),
    ],
)
def test_bad_files_are_named(tmp_path, name, content, message):
    (tmp_path / name).write_text(content)
    with pytest.raises(BadInput, match=f"--train '.*{name}' {message}"):
        load_table(tmp_path / name, "--train")


def test_a_file_that_is_no_text_is_named(tmp_path):
    (tmp_path / "t.csv").write_bytes(b"\xff\xfe\x00\x80,\x00")
    with pytest.raises(BadInput, match=r"t\.csv"):
        load_table(tmp_path / "t.csv", "--train")


def test_label_is_split_off(table):
    X, y = split_label(table, "y", "--train")
    assert X.columns.tolist() == ["a", "b"]
    assert y.tolist() == ["u", "v", "u"]


def test_an_absent_label_names_the_columns(table):
    with pytest.raises(BadInput, match="'z' is not a column of --holdout.* a, b, y"):
        split_label(table, "z", "--holdout")


def test_long_lists_of_columns_are_cut():
    table = pd.DataFrame(np.zeros((1, 50)), columns=[f"c{i}" for i in range(50)])
    with pytest.raises(BadInput, match="c19 and 30 more"):
        split_label(table, "z", "--train")


def test_missing_labels_are_counted(table):
    with pytest.raises(BadInput, match="'b' is missing in 1 rows"):
        split_label(table, "b", "--train")


class TestFeatures:
    @pytest.fixture
    def X(self):
        return pd.DataFrame({"a": [0, 1, 2, 3], "b": [1, 0, 1, 0]})

    @pytest.fixture
    def named(self, X):
        return LogisticRegression().fit(X, [0, 0, 1, 1])

    def test_columns_are_put_in_the_order_of_the_model(self, X, named):
        got = features_for(named, X[["b", "a"]], "--train")
        pd.testing.assert_frame_equal(got, X)

    def test_unknown_columns_are_left_out_and_said(self, X, named, capsys):
        got = features_for(named, X.assign(id=9), "--train")
        pd.testing.assert_frame_equal(got, X)
        assert (
            "--train: columns that the model does not know" in capsys.readouterr().err
        )

    def test_absent_columns_are_named(self, X, named):
        with pytest.raises(BadInput, match="--train lacks columns .*: b"):
            features_for(named, X[["a"]], "--train")

    def test_a_model_of_an_array_gets_an_array(self, X):
        model = LogisticRegression().fit(X.to_numpy(), [0, 0, 1, 1])
        assert isinstance(features_for(model, X, "--train"), np.ndarray)
        with pytest.raises(BadInput, match="has 1 columns .* trained on 2"):
            features_for(model, X[["a"]], "--train")

    def test_a_model_that_tells_nothing_gets_the_table(self, X):
        assert features_for(object(), X, "--train") is X
