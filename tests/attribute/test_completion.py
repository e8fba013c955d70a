"""How what is known becomes records, and records questions to the target."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from skprivacy.attribute import BayesAttack, ImputationBaseline, LearnedAttack
from skprivacy.attribute._completion import Completer, Known, as_columns
from skprivacy.shadow import ShadowModels
from skprivacy.targets import BlackBox

FEATURES = pd.DataFrame({"c": [3.0, 3.5], "a": [1.0, 1.5]})
LABELED = FEATURES.assign(income=[0, 1])


def fitted_on(columns, model=None):
    """A target that takes these columns, in this order."""
    X = pd.DataFrame(np.eye(len(columns) + 1)[:, : len(columns)], columns=columns)
    model = LogisticRegression() if model is None else model
    return BlackBox(model.fit(X, np.arange(len(X)) % 2))


def completer(X, secret, sensitive, label="income", label_known=True, box=None):
    secret = pd.DataFrame(secret) if isinstance(X, pd.DataFrame) else secret
    return Completer(X, secret, as_columns(sensitive), label, label_known, box)


class TestFrames:
    def test_the_target_is_asked_in_its_own_order(self):
        box = fitted_on([*"abc"])
        c = completer(LABELED, [7.0, 8.0], "b", box=box)
        X = c.complete(c.known(LABELED).features, np.array([9.0]))
        assert X.columns.tolist() == [*"abc"]
        assert X.to_numpy().tolist() == [[1, 9, 3], [1.5, 9, 3.5]]
        assert c.in_target

    def test_one_value_for_each_record(self):
        c = completer(LABELED, [7.0, 8.0], "b", box=fitted_on([*"abc"]))
        X = c.complete(FEATURES, np.array([[7.0], [8.0]]))
        assert X["b"].tolist() == [7, 8]

    def test_several_secrets(self):
        box = fitted_on(["s", "c", "b", "a"])
        secret = pd.DataFrame({"b": [True, False], "s": ["x", "y"]})
        c = completer(LABELED, secret, ["b", "s"], box=box)
        X = c.complete(FEATURES, np.array([True, "x"], dtype=object))
        assert X.columns.tolist() == ["s", "c", "b", "a"]
        assert X["b"].dtype == bool and X["s"].tolist() == ["x", "x"]

    def test_records_have_the_label_last(self):
        c = completer(LABELED, [7.0, 8.0], "b", box=fitted_on([*"abc"]))
        records = c.records(c.own(LABELED), np.array([9.0]))
        assert records.columns.tolist() == [*"abc", "income"]
        assert records["income"].tolist() == [0, 1]
        assert c.record_label == "income"

    @pytest.mark.parametrize("label", [-1, 2])
    def test_a_label_by_its_position_is_known_by_its_name(self, label):
        c = completer(LABELED, [7.0, 8.0], "b", label=label, box=fitted_on([*"abc"]))
        assert c.record_label == "income"
        known = c.known(LABELED[["income", "a", "c"]])
        assert known.y.tolist() == [0, 1]
        assert known.features.columns.tolist() == ["a", "c"]

    @pytest.mark.parametrize("label", ["income", -1])
    def test_a_label_that_is_not_known_is_passed_over(self, label):
        box = fitted_on([*"abc"])
        c = completer(LABELED, [7.0, 8.0], "b", label, label_known=False, box=box)
        for X in (LABELED, FEATURES):
            known = c.known(X)
            assert known.y is None
            pd.testing.assert_frame_equal(known.table(), FEATURES)
        assert c.own(LABELED).y.tolist() == [0, 1]

    def test_a_table_without_a_label(self):
        c = completer(FEATURES, [7.0, 8.0], "b", label=None)
        assert c.own(FEATURES).y is None
        X = c.complete(FEATURES, np.array([9.0]))
        assert X.columns.tolist() == ["c", "a", "b"]

    def test_the_label_alone_is_known(self):
        only = LABELED[["income"]]
        c = completer(only, [7.0, 8.0], "b", box=fitted_on(["b"]))
        known = c.known(only)
        assert known.y.tolist() == [0, 1] and known.features.shape == (2, 0)
        assert len(known) == 2
        X = c.complete(known.features, np.array([9.0]))
        assert X.to_numpy().tolist() == [[9], [9]]

    def test_a_target_that_does_not_use_the_secret(self):
        c = completer(LABELED, [7.0, 8.0], "b", box=fitted_on(["a", "c"]))
        assert not c.in_target
        X = c.complete(FEATURES, np.array([9.0]))
        assert X.columns.tolist() == ["a", "c"]

    def test_a_target_of_some_columns_is_given_those(self):
        c = completer(LABELED, [7.0, 8.0], "b", box=fitted_on(["a"]))
        assert not c.in_target
        with pytest.raises(ValueError, match=r"not known to the target \['c'\]"):
            c.complete(FEATURES, np.array([9.0]))


TYPES = {
    "category": pd.Series(["x", "y"], dtype=pd.CategoricalDtype(["y", "x", "z"])),
    "whole numbers": pd.Series([1, 2], dtype="int8"),
    "text": pd.Series(["x", "y"]),
    "truth values": pd.Series([True, False]),
    "missing allowed": pd.Series([1, 2], dtype="Int64"),
}


@pytest.mark.parametrize("name", TYPES)
def test_a_value_has_the_type_of_the_column(name):
    secret = TYPES[name]
    c = completer(FEATURES, secret, "b", label=None)
    X = c.complete(FEATURES, secret.to_numpy()[:1])
    assert X["b"].dtype == secret.dtype
    assert X["b"].tolist() == [secret[0]] * 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("category", "new"),
        ("whole numbers", 1.5),
        ("whole numbers", 1000),
        ("whole numbers", "new"),
        ("truth values", 2),
        ("missing allowed", 1.5),
    ],
)
def test_a_candidate_is_asked_about_as_it_is(name, value):
    c = completer(FEATURES, TYPES[name], "b", label=None)
    X = c.complete(FEATURES, np.array([value], dtype=object))
    assert X["b"].tolist() == [value, value]


class TestArrays:
    X = np.array([[1, 2, 0], [3, 4, 1]])

    @pytest.mark.parametrize(
        ("position", "expected"),
        [(0, [9, 1, 2]), (1, [1, 9, 2]), (2, [1, 2, 9]), (-1, [1, 2, 9])],
    )
    def test_a_value_goes_to_its_position(self, position, expected):
        c = completer(self.X, np.array([[5], [6]]), position, label=-1)
        known = c.known(self.X)
        assert known.y.tolist() == [0, 1]
        X = c.complete(known.features, np.array([9]))
        assert X[0].tolist() == expected
        records = c.records(known, np.array([9]))
        assert records[1].tolist() == [*X[1], 1] and c.record_label == -1

    def test_several_positions_in_any_order(self):
        c = completer(self.X, np.array([[5, 6]] * 2), [3, 0], label=-1)
        X = c.complete(c.known(self.X).features, np.array([8, 9]))
        assert X[0].tolist() == [9, 1, 2, 8]

    def test_texts_beside_numbers(self):
        c = completer(self.X, np.array([["x"], ["y"]]), 1, label=-1)
        X = c.complete(c.known(self.X).features, np.array(["x"]))
        assert X[0].tolist() == [1, "x", 2]

    def test_a_label_elsewhere(self):
        c = completer(self.X, np.array([[5], [6]]), 0, label=0)
        known = c.known(self.X)
        assert known.y.tolist() == [1, 3]
        assert known.features.tolist() == [[2, 0], [4, 1]]

    def test_a_label_that_is_not_known_may_be_left_out(self):
        c = completer(self.X, np.array([[5], [6]]), 0, label=-1, label_known=False)
        for X in (self.X, self.X[:, :2]):
            known = c.known(X)
            assert known.y is None and known.features.tolist() == [[1, 2], [3, 4]]

    def test_the_label_alone_is_known(self):
        c = completer(self.X[:, 2:], np.array([[5], [6]]), 0, label=-1)
        known = c.known(self.X[:, 2:])
        assert known.features.shape == (2, 0)
        assert known.table().tolist() == [[0], [1]]


class TestMissingCells:
    def test_they_get_the_usual_value_where_the_target_takes_none(self):
        X = pd.DataFrame(
            {
                "a": [1.0, 2.0, 9.0],
                "t": pd.Categorical(["u", "v", "v"]),
                "n": [4, 4, 5],
                "empty": [np.nan] * 3,
            }
        )
        encoder = make_column_transformer((OneHotEncoder(), ["t"]))
        model = make_pipeline(encoder, LogisticRegression())
        model.fit(X.assign(b=1), [0, 1, 1])
        c = completer(X, [7.0, 8.0, 9.0], "b", label=None, box=BlackBox(model))
        asked = pd.DataFrame(
            {"a": [np.nan], "t": [None], "n": [np.nan], "empty": [np.nan]}
        )
        filled = c.complete(asked, np.array([9.0]))
        assert filled.iloc[0].tolist() == [2.0, "v", 4, 0, 9.0]
        assert asked.isna().all(axis=None)

    def test_they_are_left_where_the_target_takes_them(self):
        model = HistGradientBoostingClassifier(max_iter=1)
        c = completer(LABELED, [7.0, 8.0], "b", box=fitted_on([*"abc"], model))
        X = c.complete(FEATURES.assign(a=np.nan), np.array([9.0]))
        assert X["a"].isna().all()

    def test_a_number_among_texts_stays_one(self):
        X = np.array([[1.0, "u"], [2.0, "v"], [9.0, "v"]], dtype=object)
        model = make_pipeline(
            make_column_transformer((OneHotEncoder(), [2])), LogisticRegression()
        )
        model.fit(np.insert(X, 0, 1.0, axis=1), [0, 1, 1])
        secret = np.array([[7.0]] * 3)
        c = completer(X, secret, 0, label=None, box=BlackBox(model))
        asked = np.array([[np.nan, None]], dtype=object)
        assert c.complete(asked, np.array([7.0])).tolist() == [[7.0, 2.0, "v"]]


def test_known_counts_records():
    known = Known(np.zeros((5, 2)), np.arange(5))
    assert len(known) == 5
    assert known.table().tolist() == [[0, 0, i] for i in range(5)]


def test_the_label_has_a_name_of_its_own_in_the_table():
    known = Known(pd.DataFrame({"label": [1.0], "label_": [2.0]}), np.array([3]))
    assert known.table().columns.tolist() == ["label", "label_", "label__"]


@pytest.mark.parametrize("sensitive", ["b", 3, ["b"], ("a", "b"), [0, 2]])
def test_columns_are_names_or_positions(sensitive):
    expected = sensitive if isinstance(sensitive, list | tuple) else [sensitive]
    assert as_columns(sensitive) == tuple(expected)


@pytest.mark.parametrize("sensitive", [None, 1.5, True, ["a", None], {"a"}])
def test_what_is_no_column(sensitive):
    with pytest.raises(TypeError, match="sensitive must be the name of a column"):
        as_columns(sensitive)


@pytest.mark.parametrize("sensitive", [[], ["a", "a"], [1, 1]])
def test_there_is_a_column_and_each_once(sensitive):
    with pytest.raises(ValueError, match=r"one column or several different ones; got"):
        as_columns(sensitive)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"sensitive": "income"}, r"sensitive='income' is the label"),
        ({"sensitive": "a"}, r"X must come without.*holds \['a'\].*X\.drop"),
        ({"sensitive": "z"}, r"\['z'\] are no features of the target.*\['a', 'b', 'c'"),
        ({"sensitive": 1}, r"\[1\] are no features of the target"),
        ({"X": LABELED.drop(columns="a")}, r"missing \['a'\], not known.*\[\]"),
        ({"X": LABELED.assign(d=1)}, r"missing \[\], not known.*\['d'\]"),
        ({"label": "class"}, r"label='class' is not a column of the records"),
        ({"label": 7}, r"label=7 is not a column of the records"),
    ],
)
def test_columns_of_frames_that_are_not_as_they_should(change, match):
    given = {"X": LABELED, "sensitive": "b", "secret": [7.0, 8.0]} | change
    with pytest.raises(ValueError, match=match):
        completer(**given, box=fitted_on([*"abc"]))


@pytest.mark.parametrize(
    ("sensitive", "match"),
    [
        ("b", r"sensitive='b' is a name, but X is an array"),
        (3, r"sensitive=3 is no position among the target's 3 features \(0 to 2\)"),
        (-4, r"sensitive=-4 is no position"),
        ([0, -4], r"names a column twice: \(0, -4\)"),
    ],
)
def test_columns_of_arrays_that_are_not_as_they_should(sensitive, match):
    secret = np.zeros((2, np.size(sensitive)))
    with pytest.raises(ValueError, match=match):
        completer(TestArrays.X, secret, sensitive, label=-1)


def test_a_frame_for_a_target_that_knows_no_names():
    model = LogisticRegression().fit(np.eye(3), [0, 1, 1])
    with pytest.raises(ValueError, match="the target was trained on an array.*'b'"):
        completer(LABELED, [7.0, 8.0], "b", box=BlackBox(model))


def table_of(n=200, seed=0):
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "a": rng.normal(size=n),
            "b": pd.Categorical(rng.choice(["p", "q"], n)),
            "c": rng.choice(["u", "v", "w"], n),
        }
    )
    return table, rng.integers(2, size=n)


def pipeline():
    encoder = make_column_transformer(
        (OneHotEncoder(), ["b", "c"]), remainder="passthrough"
    )
    return make_pipeline(encoder, RandomForestClassifier(10, random_state=0))


def test_the_label_is_the_last_column_unless_it_is_named():
    table, y = table_of()
    box = BlackBox(pipeline().fit(table[:100], y[:100]))
    X, secret = table[["c", "a"]].assign(income=y), table["b"]
    last, named = (
        LearnedAttack(
            box,
            sensitive="b",
            label=label,
            shadow=ShadowModels(n_models=2),
            random_state=0,
        )
        .fit(X[100:], secret[100:])
        .predict_proba(X[:100])
        for label in (-1, "income")
    )
    np.testing.assert_array_equal(last, named)


def test_columns_come_in_the_order_of_fit():
    table, y = table_of()
    box = BlackBox(pipeline().fit(table, y))
    X, secret = table[["c", "a"]].assign(income=y), table["b"]
    attack = BayesAttack(box, sensitive="b", label="income", weight=1, random_state=0)
    attack.fit(X, secret)
    with pytest.raises(ValueError, match="Feature names must be in the same order"):
        attack.predict(X[["a", "c", "income"]])
    with pytest.raises(ValueError, match="yet now missing"):
        attack.predict(X[["c", "income"]])


def test_one_column_twice_is_refused():
    table, y = table_of()
    X = pd.concat([table[["a", "a"]], pd.Series(y, name="income")], axis=1)
    with pytest.raises(ValueError, match=r"X has columns of the same name: \['a'\]"):
        ImputationBaseline(sensitive="b").fit(X, table["b"])


@pytest.mark.parametrize("label", ["label", None])
def test_records_may_come_in_the_other_container(label):
    own = pd.DataFrame({"age": [1.0, 2.0], "label": [0.0, 1.0]})
    own = own if label else own.drop(columns="label")
    secret = pd.DataFrame({"sex": [0.0, 1.0]})
    named = Completer(own, secret, ("sex",), label, True)
    known = named.known(own.to_numpy())
    assert known.features.columns.tolist() == ["age"]
    with pytest.raises(ValueError, match="X has 3 columns; the attack was fitted on"):
        named.known(np.ones((2, 3)))
    plain = Completer(own.to_numpy(), secret.to_numpy(), (0,), label and -1, True)
    assert plain.known(own).features.tolist() == [[1.0], [2.0]]
