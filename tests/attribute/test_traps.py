"""What makes attribute inference look strong or weak by itself."""

import numpy as np
import pandas as pd
import pytest
from attribute_scenes import LABEL, SECRET, known, scene
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from skprivacy.attribute import redundant_columns, secret_influence
from skprivacy.targets import BlackBox


def people(n=300, seed=0):
    rng = np.random.default_rng(seed)
    secret = rng.choice(["single", "married", "widowed"], n)
    table = pd.DataFrame(
        {
            "noise": rng.normal(size=n),
            "spouse": np.where(secret == "married", "yes", "no"),
            "copy": pd.Categorical(np.char.upper(secret)),
            "empty": np.nan,
        }
    )
    return table, secret


class TestRedundantColumns:
    def test_the_most_telling_column_comes_first(self):
        found = redundant_columns(*people(), random_state=0)
        assert found["column"].tolist()[:2] == ["copy", "spouse"]
        found = found.set_index("column")
        assert found.loc["copy"].tolist() == [1, 1]
        assert found.loc["noise", "explained"] < 0.1
        assert found.loc["noise", "settled"] < 0.1

    def test_a_column_may_settle_one_value_alone(self):
        table, secret = people()
        found = redundant_columns(table, secret, random_state=0).set_index("column")
        married = np.mean(secret == "married")
        assert found.loc["spouse", "settled"] == pytest.approx(married)
        assert 0.3 < found.loc["spouse", "explained"] < 0.8

    def test_what_nearly_everybody_has_is_not_settled(self):
        secret = np.arange(400) % 20 == 0
        table = pd.DataFrame({"copy": secret.astype(int)})
        found = redundant_columns(table, secret, random_state=0)
        assert found.loc[0, "explained"] == 1
        assert found.loc[0, "settled"] == pytest.approx(1 / 20)

    def test_of_a_number_r2_is_told(self):
        rng = np.random.default_rng(0)
        secret, noise = rng.normal(size=(2, 500))
        table = np.column_stack([noise, 2 * secret])
        found = redundant_columns(table, secret, random_state=0)
        assert found["column"].tolist() == ["column 1", "column 0"]
        assert found.loc[0, "explained"] > 0.9 > 0.1 > found.loc[1, "explained"]
        assert found["settled"].tolist() == [0, 0]

    def test_the_same_seed_gives_the_same_table(self):
        one, two = (redundant_columns(*people(), random_state=3) for _ in range(2))
        pd.testing.assert_frame_equal(one, two)

    @pytest.mark.parametrize(
        ("y", "match"),
        [
            ([1] * 300, "at least two values"),
            ([0, 1], "inconsistent numbers of samples"),
            ([0, 1, np.nan] * 100, "100 of 300 records have no secret"),
            (["a", "b", None] * 100, "100 of 300 records have no secret"),
            (None, "y is the secret"),
            ([f"v{i}" for i in range(300)], "300 distinct values"),
        ],
    )
    def test_what_is_no_secret(self, y, match):
        with pytest.raises(ValueError, match=match):
            redundant_columns(people()[0], y)


def influence(model, table, y, sensitive, **settings):
    X = table.drop(columns=sensitive).assign(label=y)
    settings = {"sensitive": sensitive, "label": "label"} | settings
    return secret_influence(BlackBox(model), X, table[sensitive], **settings)


class TestSecretInfluence:
    def test_a_forest_that_knows_the_secret_by_heart(self):
        where = scene()
        X, secret = known(where.members)
        share = secret_influence(where.box, X, secret, sensitive=SECRET, label=LABEL)
        assert share > 0.5

    def test_a_column_without_weight_has_none(self):
        rng = np.random.default_rng(0)
        table = pd.DataFrame(rng.integers(2, size=(100, 2)), columns=["a", "b"])
        y = table["a"].to_numpy()
        model = LogisticRegression().fit(table, y)
        model.coef_[0, 1] = 0
        assert influence(model, table, y, "b") == 0
        assert influence(model, table, y, "a") == 1

    def test_it_counts_the_records_for_which_it_matters(self):
        def answer(X):
            return np.where(X[:, 0] < 30, X[:, 1], 0.5)

        X = np.column_stack([np.arange(100), np.zeros(100)])
        box = BlackBox(answer, classes=[0, 1])
        share = secret_influence(box, X, np.arange(100) % 2, sensitive=1)
        assert share == pytest.approx(0.3)

    def test_a_secret_that_is_no_feature_has_none(self):
        table = pd.DataFrame(np.eye(4), columns=[*"abcd"])
        model = LogisticRegression().fit(table[["a", "b"]], [0, 1, 0, 1])
        only = table[["a", "b", "d"]]
        assert influence(model, only, [0, 1, 0, 1], "d") == 0

    def test_texts_in_a_pipeline(self):
        table, secret = people()
        encoder = make_column_transformer((OneHotEncoder(), ["copy", "spouse"]))
        model = make_pipeline(encoder, LogisticRegression())
        y = secret == "widowed"
        model.fit(table, y)
        assert influence(model, table, y, "copy") == 1
        assert (
            influence(
                model,
                table.drop(columns="empty").assign(empty=0),
                y,
                ["copy", "spouse"],
            )
            == 1
        )
        assert influence(model, table, y, "noise") == 0

    @pytest.mark.parametrize(
        ("settings", "match"),
        [
            ({"sensitive": LABEL}, "is the label"),
            ({"sensitive": "age"}, "are no features of the target"),
            ({"label": "class"}, "label='class' is not a column"),
            ({"values": [0, 2]}, "values lacks 1"),
            ({"values": "number"}, "values must be one of"),
        ],
    )
    def test_what_cannot_be_asked(self, settings, match):
        X, secret = known(scene().members)
        settings = {"sensitive": SECRET, "label": LABEL} | settings
        with pytest.raises(ValueError, match=match):
            secret_influence(scene().box, X, secret, **settings)

    def test_a_secret_with_holes(self):
        X, secret = known(scene().members)
        holes = secret.where(np.arange(300) > 1)
        with pytest.raises(ValueError, match="2 of 300 records have no secret"):
            secret_influence(scene().box, X, holes, sensitive=SECRET, label=LABEL)


@pytest.mark.filterwarnings("error")
def test_numbers_near_the_largest_float_do_not_overflow():
    X = np.random.default_rng(0).normal(size=(60, 2))
    small, large = (
        redundant_columns(X, X[:, 0] * unit, values="numeric", random_state=0)
        for unit in (1.0, 1e300)
    )
    pd.testing.assert_frame_equal(small, large)
