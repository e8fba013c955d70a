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
