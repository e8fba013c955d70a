import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import FunctionTransformer
from sklearn.tree import DecisionTreeClassifier

from skprivacy.property import (
    ModelFeatures,
    PoisonedPropertyAttack,
    PropertyWorlds,
    make_poison,
)
from skprivacy.property._poison import poison_size
from skprivacy.targets import BlackBox


def make_records(n, seed):
    rng = np.random.RandomState(seed)
    group, x = rng.randint(2, size=n), rng.normal(size=n)
    label = x + rng.normal(size=n) > 1
    return pd.DataFrame({"group": group, "x": x, "label": label.astype(int)})


def make_worlds(seed, poison, **options):
    return PropertyWorlds(
        DecisionTreeClassifier(max_depth=3, random_state=0),
        ("group", 1),
        ratios=(0.4, 0.6),
        n_models=40,
        size=300,
        label="label",
        poison=poison,
        random_state=seed,
        **options,
    ).fit(make_records(2000, seed))


def power(poison, response="auto"):
    own, targets = make_worlds(0, poison, queries=200), make_worlds(1, poison)
    asked = own.queries_[own.queries_["group"] == 1]
    features = ModelFeatures("queries", queries=asked)
    own_boxes, boxes = (
        [BlackBox(model, response=response) for model in worlds.models_]
        for worlds in (own, targets)
    )
    attack = PoisonedPropertyAttack(features).fit(own_boxes, own.ratios_)
    return roc_auc_score(targets.ratios_ > 0.5, attack.decision_function(boxes))


def poison_of(n_records):
    records = make_records(900, 2)
    return make_poison(records, ("group", 1), n_records, label="label", random_state=0)


def test_poison_makes_a_property_readable():
    # At chance 40 targets reach .7 with a probability of 2 percent.
    assert power(None) < 0.7
    assert power(poison_of(130)) > 0.78


def test_labels_alone_are_enough():
    # Poison of about the size at which the label of the group tips over.
    assert power(poison_of(90), "label") > 0.8


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
        ([[1, 0], [0, 1]], {"n_records": 0}, "n_records must be at least 1"),
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


def test_score_is_the_mean_answer():
    ratios = np.tile([0.3, 0.7], 10)
    answers = np.random.RandomState(0).normal(size=(20, 6)) - 3 * ratios[:, None]
    attack = PoisonedPropertyAttack().fit(answers, ratios)
    shuffled = answers[:, [5, 3, 1, 0, 2, 4]]
    assert attack.decision_function(shuffled) == pytest.approx(
        attack.decision_function(answers)
    )
    # The more records speak against the attacker's label, the lower the answer.
    assert attack.predict([[-3.0] * 6, [0.0] * 6]).tolist() == [0.7, 0.3]


def test_features_without_answers_are_refused():
    models = [LogisticRegression().fit([[0], [1]], [0, 1])] * 4
    features = FunctionTransformer(lambda models: np.ones((len(models), 1)))
    with pytest.raises(ValueError, match="looks at answers"):
        PoisonedPropertyAttack(features).fit(models, [0, 0, 1, 1])
