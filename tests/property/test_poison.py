import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from skprivacy.property import PropertyWorlds, make_poison
from skprivacy.property._poison import poison_size


def make_records(n, seed):
    rng = np.random.RandomState(seed)
    group, x = rng.randint(2, size=n), rng.normal(size=n)
    label = x + rng.normal(size=n) > 1
    return pd.DataFrame({"group": group, "x": x, "label": label.astype(int)})


def test_poison_has_the_property_and_another_label():
    records = make_records(200, 0)
    poison = make_poison(records, ("group", 1), 30, label="label", random_state=0)
    assert list(poison.columns) == list(records.columns)
    assert (poison["group"] == 1).all()
    # The rarest label of the group is the attacker's.
    assert (poison["label"] == 1).all()
    source = records[(records["group"] == 1) & (records["label"] == 0)]
    assert set(poison["x"]) <= set(source["x"])
    assert poison["x"].nunique() == 30
    assert (records["label"] == make_records(200, 0)["label"]).all()


def test_few_records_are_taken_again():
    records = np.array([[1, 0], [1, 0], [0, 1]])
    poison = make_poison(records, (0, 1), 5, poison_label=1)
    assert poison.tolist() == [[1, 1]] * 5


@pytest.mark.parametrize(
    "records, options, message",
    [
        ([[0, 0], [0, 1]], {}, "no record has the property"),
        ([[1, 0], [1, 0]], {}, "all records with the property have the label"),
        ([[1, 0], [0, 1]], {"poison_label": 7}, "poison_label must be one of"),
        ([[1, 1], [0, 0]], {"poison_label": 1}, "already"),
        ([[1, 0], [0, 1]], {"n_records": 0}, "n_records must be .* at least 1"),
    ],
)
def test_poison_that_can_not_be_made(records, options, message):
    options = {"n_records": 3} | options
    with pytest.raises(ValueError, match=message):
        make_poison(np.array(records), (0, 1), **options)


def test_size_of_a_share():
    # 100 of 2000 are 5 percent of all that the model is trained on.
    assert poison_size(0.05, 1900) == 100
    assert poison_size(0, 1900) == 0
    with pytest.raises(ValueError, match="less than 1"):
        poison_size(1, 10)


class Remembering(LogisticRegression):
    def fit(self, X, y):
        self.seen_ = np.column_stack([X, y])
        return super().fit(X, y)


def test_every_training_set_holds_the_poison():
    records = np.random.RandomState(0).randint(2, size=(200, 3))
    poison = np.array([[1, 7, 0], [1, 8, 1]])
    worlds = PropertyWorlds(
        Remembering(), (0, 1), n_models=4, size=20, poison=poison, random_state=0
    ).fit(records)
    for model, rows in zip(worlds.models_, worlds.training_rows_, strict=True):
        assert len(model.seen_) == 22
        assert len(rows) == 20
        assert model.seen_[-2:].tolist() == poison.tolist()


def test_poison_of_other_columns_is_refused():
    records = make_records(200, 0)
    with pytest.raises(ValueError, match="poison must have the columns"):
        PropertyWorlds(
            LogisticRegression(),
            ("group", 1),
            label="label",
            n_models=2,
            poison=records.rename(columns={"x": "z"}),
        ).fit(records)


@pytest.mark.parametrize("n_records", [0, 1.5, 1j, "2"])
def test_other_than_a_number_of_records_is_refused(n_records):
    records = pd.DataFrame({"sex": ["f", "m", "f"], "rich": [0, 0, 1]})
    with pytest.raises((ValueError, TypeError), match="n_records"):
        make_poison(records, ("sex", "f"), n_records, label="rich")
