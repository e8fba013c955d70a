"""Equations over columns of texts."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from skprivacy.extraction import (
    AutoExtraction,
    EquationSolvingAttack,
    LowdMeekAttack,
    NeuralExtractionAttack,
    PathFindingAttack,
    SurrogateAttack,
    ThresholdSearchAttack,
)
from skprivacy.extraction._design_space import DesignSpace
from skprivacy.extraction._table_space import TableSpace
from skprivacy.targets import BlackBox

RNG = np.random.default_rng(0)
N = 300
TABLE = pd.DataFrame(
    {
        "age": RNG.integers(20, 60, N),
        "color": RNG.choice(["red", "green", "blue"], N, p=[0.2, 0.2, 0.6]),
        "size": RNG.normal(size=N),
        "kind": pd.Categorical(RNG.choice(["a", "b", "c", "d"], N)),
        "note": RNG.choice(np.array(["x", "y", None], dtype=object), N),
    }
)
SCORE = TABLE["size"] + (TABLE["color"] == "red") + TABLE["age"] / 20 - 2
BINARY = (SCORE + RNG.normal(size=N) > 0).to_numpy().astype(int)
TEXTS = make_column_selector(dtype_exclude="number")


def fitted(model, y, numbers=None):
    encoder = make_column_transformer(
        (OneHotEncoder(), TEXTS), remainder=numbers or StandardScaler()
    )
    return make_pipeline(encoder, model).fit(TABLE, y)


LOGISTIC = fitted(LogisticRegression(), BINARY)


@pytest.mark.parametrize("n_classes", [2, 4])
def test_logistic_regression_behind_one_hot_columns_is_copied_exactly(n_classes):
    y = BINARY if n_classes == 2 else BINARY + 2 * (TABLE["kind"] == "a")
    model = fitted(LogisticRegression(max_iter=1000), y)
    asked = []

    def function(table):
        # What the encoder does not know, it refuses.
        asked.append(table)
        return model.predict_proba(table)

    box = BlackBox(function, classes=range(n_classes))
    copy = EquationSolvingAttack(box).fit(TABLE)
    # Two numbers, 2 + 3 + 2 values beside the references, 1; and three checks.
    assert copy.n_queries_ == 1 + 2 + 7 + 3
    assert copy.form_ == "linear" and copy.is_exact_
    shuffled = TABLE.apply(lambda column: column.sample(frac=1, random_state=1).values)
    shuffled = shuffled.astype(TABLE.dtypes)
    for table in (TABLE, shuffled):
        difference = copy.predict_proba(table) - model.predict_proba(table)
        assert np.abs(difference).max() < 1e-9
    assert copy.score(shuffled) == 1
    queries = pd.concat(asked)
    assert (queries.dtypes == TABLE.dtypes).all()
    assert queries["age"].between(20, 60).all()


def test_coefficients_are_those_of_values_against_the_reference():
    y = 3 * (TABLE["color"] == "red") - 2 * (TABLE["kind"] == "b") + 5 * TABLE["size"]
    model = fitted(LinearRegression(), y, "passthrough")
    copy = EquationSolvingAttack(BlackBox(model)).fit(TABLE)
    found = dict(zip(copy.coef_names_, copy.coef_[0], strict=True))
    assert found["size"] == pytest.approx(5)
    assert found["age"] == pytest.approx(0, abs=1e-9)
    # The most frequent value of a column with a majority is the reference.
    assert "color=blue" not in found
    assert found["color=red"] == pytest.approx(3)
    kinds = {key[-1]: found.get(f"kind={key[-1]}", 0.0) for key in "abcd"}
    assert kinds["b"] - kinds["d"] == pytest.approx(-2)
    assert len(found) == copy.coef_.shape[1] == 2 + 2 + 3 + 2


def test_rounded_answers():
    copy = EquationSolvingAttack(BlackBox(LOGISTIC, decimals=3), random_state=0)
    copy.fit(TABLE)
    assert copy.decimals_ == 3
    difference = copy.predict_proba(TABLE) - LOGISTIC.predict_proba(TABLE)
    assert np.abs(difference).max() < 2e-3


def test_values_that_fit_did_not_see_are_named():
    copy = EquationSolvingAttack(BlackBox(LOGISTIC)).fit(TABLE)
    with pytest.raises(ValueError, match=r"'color' holds \['pink'\].*knows nothing"):
        copy.predict(TABLE[:2].assign(color=["pink", "red"]))
    with pytest.raises(ValueError, match=r"'note' holds \['z'\]"):
        copy.predict(TABLE[:2].assign(note=["z", None]))
    with pytest.raises(ValueError, match=r"'color' holds \[(None|nan)\]"):
        copy.predict(TABLE[:2].assign(color=[None, "red"]))
    # A table of numbers alone has other columns.
    with pytest.raises(ValueError, match="feature names"):
        copy.predict(TABLE[["age", "size"]])


def test_what_no_equation_is_made_for():
    missing = TABLE.assign(size=TABLE["size"].where(TABLE["size"] > 0))
    with pytest.raises(ValueError, match=r"missing.*\['size'\].*SurrogateAttack"):
        EquationSolvingAttack(BlackBox(LOGISTIC)).fit(missing)
    with pytest.raises(ValueError, match="form='quadratic'.*'color', 'kind', 'note'"):
        EquationSolvingAttack(BlackBox(LOGISTIC), form="quadratic").fit(TABLE)
    tree = fitted(DecisionTreeClassifier(random_state=0), BINARY)
    with pytest.raises(ValueError, match="no linear or diagonal form"):
        EquationSolvingAttack(BlackBox(tree)).fit(TABLE)
    with pytest.raises(ValueError, match="minimum of 2 is required"):
        EquationSolvingAttack(BlackBox(LOGISTIC)).fit(TABLE[:1])


@pytest.mark.parametrize(
    "attack",
    [LowdMeekAttack, NeuralExtractionAttack, PathFindingAttack, ThresholdSearchAttack],
)
def test_others_name_the_columns_and_what_copies_them(attack):
    ordinal = make_column_transformer(
        (OrdinalEncoder(), TEXTS), remainder="passthrough"
    )
    model = make_pipeline(ordinal, DecisionTreeClassifier()).fit(TABLE, BINARY)
    box = BlackBox(model)
    with pytest.raises(ValueError, match=r"\['color', 'kind', 'note'\]. Surrogate"):
        attack(box).fit(TABLE)
    assert box.n_queries_ == 0


def test_auto_solves_equations_on_texts():
    surrogate = SurrogateAttack(None, strategy="records", batch_size=200)
    box = BlackBox(LOGISTIC)
    copy = AutoExtraction(box, budget=100, surrogate=surrogate, random_state=0)
    copy.fit(TABLE)
    assert isinstance(copy.attack_, EquationSolvingAttack) and copy.is_exact_
    # Some of the records that it is held against are known by then.
    assert 13 < copy.n_queries_ == box.n_queries_ <= 13 + 20
    assert copy.score(TABLE) == 1


def test_there_and_back():
    space = DesignSpace(TableSpace(TABLE))
    box = BlackBox(LOGISTIC)
    center = space.snap(np.median(space.records, axis=0))
    around, moved = space.around(center)
    assert (moved[around.integer & (around.upper == 1)] == 0).all()
    for found in (space, around):
        assert found.n_features == 2 + 2 + 3 + 2
        table = found.table(found.records, box)
        pd.testing.assert_frame_equal(table, TABLE, check_dtype=True)
        np.testing.assert_array_equal(found.encode_table(TABLE), found.records)
        points = found.uniform(100, np.random.RandomState(0))
        again = found.encode_table(found.table(points, box))
        np.testing.assert_array_equal(again, points)


def test_columns_that_do_not_vary_are_numbered_as_in_the_table():
    table = TABLE.assign(color="red", size=1.0)
    model = make_pipeline(
        make_column_transformer((OneHotEncoder(), TEXTS), remainder="passthrough"),
        LogisticRegression(max_iter=5000),
    ).fit(table, BINARY)
    with pytest.warns(UserWarning, match=r"2 of 5 features.*positions \[1, 2\]"):
        copy = EquationSolvingAttack(BlackBox(model)).fit(table)
    assert copy.score(table) == 1


@pytest.mark.parametrize("missing", [None, np.nan])
def test_what_is_missing_is_asked_as_the_table_has_it(missing):
    texts = np.array(["x", missing, "y", missing], dtype=object)
    table = pd.DataFrame({"note": pd.Series(texts, dtype=object), "age": range(4)})
    space = TableSpace(table)
    back = space.decode(space.records)["note"].tolist()
    assert back[1] is missing or (missing is not None and np.isnan(back[1]))
    assert (back[3] is None) == (missing is None)
