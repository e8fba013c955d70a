"""The shipped tables: what they hold, how they are handed out, and their cards."""

import hashlib
import os
import socket
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import GroupShuffleSplit

from skprivacy.datasets import load_adult, load_credit_default, load_rand_health
from skprivacy.datasets._rand_health import OUTCOMES, TARGETS

LOADERS = [load_adult, load_credit_default, load_rand_health]
SHAPES = {
    load_adult: (48842, 14),
    load_credit_default: (30000, 23),
    load_rand_health: (20190, 31),
}
SHA256 = {
    "adult": "ea5500fe40881a61b7d6a0b3d922b9589961d7463c73fefa361d568997ab9572",
    "default_credit": (
        "33ec2c7052a56632b32eb4e55b85249b0d2a20be244d80d0a128a1f0a1c397a9"
    ),
    "rand_health": "2fbe0ca1322700b6f0ddc285507a48dc2b676a3bef8916f25af5aa115154bf55",
}
SOURCES = {
    load_adult: "adult_raw48842.parquet",
    load_credit_default: "default_credit.parquet",
    load_rand_health: "randhie.parquet",
}
SOURCE_FOLDER = Path(
    os.environ.get("SKPRIVACY_BENCHMARK_DATA")
    or Path(__file__).resolve().parents[2].parent / "shared" / "data"
)
CARD_SECTIONS = [
    "## Source",
    "## License",
    "## Rows and columns",
    "## Sensitive columns",
    "## Known traps",
    "## Preparation",
]


@pytest.fixture
def no_network(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("a loader opened a connection")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)


def assert_same_table(left, right):
    """Compare as pandas' own check does, which takes seconds for so many categories."""
    assert left.equals(right)
    assert left.columns.equals(right.columns)
    for name in left.select_dtypes("category"):
        categories = [table[name].cat.categories for table in (left, right)]
        assert categories[0].equals(categories[1])


@pytest.mark.parametrize("load", LOADERS)
def test_frame_is_data_and_target_with_the_target_last(load, no_network):
    dataset = load()
    assert dataset.data.shape == SHAPES[load]
    assert dataset.target.shape == SHAPES[load][:1]
    assert list(dataset.data.columns) == dataset.feature_names
    assert [dataset.target.name] == dataset.target_names
    assert dataset.frame.columns[-1] == dataset.target.name
    assert_same_table(dataset.frame.iloc[:, :-1], dataset.data)
    pd.testing.assert_series_equal(dataset.frame.iloc[:, -1], dataset.target)
    assert not dataset.target.isna().any()
    assert not dataset.frame.columns.has_duplicates


@pytest.mark.parametrize("load", LOADERS)
def test_return_X_y_is_data_and_target(load):
    X, y = load(return_X_y=True)
    dataset = load()
    assert_same_table(X, dataset.data)
    pd.testing.assert_series_equal(y, dataset.target)


@pytest.mark.parametrize("load", LOADERS)
def test_arrays_hold_the_values_of_the_frame(load):
    dataset, arrays = load(), load(as_frame=False)
    assert type(arrays.data) is np.ndarray and type(arrays.target) is np.ndarray
    assert arrays.frame is None
    assert arrays.feature_names == dataset.feature_names
    for position, name in enumerate(dataset.feature_names):
        missing = dataset.data[name].isna().to_numpy()
        column = arrays.data[:, position]
        assert (pd.isna(column) == missing).all()
        assert (column[~missing] == dataset.data[name].to_numpy()[~missing]).all()
    assert (arrays.target == dataset.target.to_numpy()).all()
    X, y = load(as_frame=False, return_X_y=True)
    assert type(X) is np.ndarray and y.shape == (len(X),)


@pytest.mark.parametrize("load", LOADERS)
def test_every_column_is_a_number_or_a_category_of_strings(load):
    for name, column in load().frame.items():
        if isinstance(column.dtype, pd.CategoricalDtype):
            assert all(isinstance(value, str) for value in column.cat.categories), name
            assert "?" not in column.cat.categories, name
        else:
            assert column.dtype in (np.dtype("int64"), np.dtype("float64")), name


@pytest.mark.parametrize("load", LOADERS)
def test_each_call_returns_a_table_of_its_own(load):
    first = load()
    first.data.iloc[:, 0] = 0
    assert not (load().data.iloc[:, 0] == 0).all()


def test_adult():
    adult = load_adult()
    assert adult.target.value_counts().to_dict() == {"<=50K": 37155, ">50K": 11687}
    assert adult.data["fnlwgt"].sum() == 9_263_575_662
    missing = adult.data.isna().sum()
    assert missing[missing > 0].to_dict() == {
        "workclass": 2799,
        "occupation": 2809,
        "native-country": 857,
    }
    assert adult.frame.duplicated().sum() == 52
    # The first row of UCI's adult.test, and the first of its adult.data.
    assert adult.data.loc[0, ["age", "fnlwgt"]].tolist() == [25, 226802]
    assert adult.data.loc[16281, ["age", "fnlwgt"]].tolist() == [39, 77516]


def test_credit_default():
    credit = load_credit_default()
    assert credit.target.sum() == 6636
    assert credit.data["AGE"].sum() == 1_064_565
    assert credit.data["LIMIT_BAL"].sum() == 5_024_529_680
    assert not credit.data.isna().any(axis=None)
    assert list(credit.data["EDUCATION"].cat.categories) == list("0123456")
    assert list(credit.data["MARRIAGE"].cat.categories) == list("0123")
    assert credit.feature_names[:5] == ["LIMIT_BAL", "SEX", "EDUCATION", "MARRIAGE"] + [
        "AGE"
    ]
    assert credit.frame.duplicated().sum() == 35


def test_rand_health():
    rand = load_rand_health()
    assert rand.target.name == "mdvis" and rand.target.sum() == 57_752
    missing = rand.data.isna().sum()
    assert missing[missing > 0].to_dict() == {
        "educdec": 4,
        "ghindx": 5223,
        "mdeoff": 5,
        "pioff": 5,
    }
    assert rand.groups.nunique() == 5912
    assert rand.groups.value_counts().max() == 5
    assert rand.groups.index.equals(rand.data.index)
    assert type(load_rand_health(as_frame=False).groups) is np.ndarray


@pytest.mark.parametrize("target", TARGETS)
def test_rand_health_hides_what_gives_the_target_away(target):
    rand = load_rand_health(target=target)
    assert rand.target.name == target and rand.target_names == [target]
    assert not set(rand.feature_names) & {*OUTCOMES, "zper"}
    assert rand.data.shape == (20190, 31)
    assert not rand.target.isna().any()


def test_rand_health_split_by_row_has_the_same_people_on_both_sides():
    rand = load_rand_health()
    train = np.random.default_rng(0).random(len(rand.data)) < 0.5
    shared = np.isin(rand.groups[~train], rand.groups[train]).mean()
    # Half of the rows are in training, and a person has three or five: seldom none.
    assert shared > 0.7
    split = GroupShuffleSplit(n_splits=1, test_size=0.5, random_state=0)
    train, holdout = next(split.split(rand.data, groups=rand.groups))
    assert not np.isin(rand.groups.iloc[holdout], rand.groups.iloc[train]).any()


@pytest.mark.parametrize("target", ["zper", "lnmeddol", "plan", None])
def test_rand_health_refuses_other_targets(target):
    with pytest.raises(ValueError, match="'target' parameter of load_rand_health"):
        load_rand_health(target=target)


@pytest.mark.parametrize("load", LOADERS)
@pytest.mark.parametrize("name", ["return_X_y", "as_frame"])
def test_flags_are_checked(load, name):
    with pytest.raises(ValueError, match=f"'{name}' parameter of {load.__name__}"):
        load(**{name: "auto"})


@pytest.mark.parametrize("load", LOADERS)
def test_card_has_its_sections_and_names_every_column(load):
    dataset = load()
    positions = [dataset.DESCR.find(section) for section in CARD_SECTIONS]
    assert -1 not in positions and positions == sorted(positions)
    assert f"`skprivacy.datasets.{load.__name__}`" in dataset.DESCR
    assert f"{len(dataset.data):,}" in dataset.DESCR
    for name in dataset.frame.columns:
        if not name.startswith(("PAY_", "BILL_AMT")):
            assert f"`{name}`" in dataset.DESCR, name


@pytest.mark.parametrize("load", LOADERS)
def test_sensitive_features_are_features_that_the_card_names(load):
    dataset = load()
    section = dataset.DESCR.split("## Sensitive columns")[1].split("##")[0]
    assert dataset.sensitive_features
    assert set(dataset.sensitive_features) <= set(dataset.feature_names)
    assert all(f"`{name}`" in section for name in dataset.sensitive_features)


def test_files_are_the_ones_that_were_checked():
    folder = files("skprivacy.datasets.data")
    shipped = {f.name: f.read_bytes() for f in folder.iterdir() if ".csv" in f.name}
    assert {
        name.removesuffix(".csv.gz"): hashlib.sha256(content).hexdigest()
        for name, content in shipped.items()
    } == SHA256
    assert sum(map(len, shipped.values())) < 3_000_000


@pytest.mark.parametrize("load", LOADERS)
def test_values_are_those_of_the_source(load):
    path = SOURCE_FOLDER / SOURCES[load]
    if not path.exists():
        pytest.skip(f"the source table {path.name} is not on this machine")
    source, frame = pd.read_parquet(path), load().frame
    for name in frame.columns:
        expected = source[name].replace("?", None)
        missing = expected.isna().to_numpy()
        assert (frame[name].isna().to_numpy() == missing).all(), name
        assert (
            frame[name].to_numpy()[~missing] == expected.to_numpy()[~missing]
        ).all(), name
