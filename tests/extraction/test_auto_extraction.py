import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import (
    AdaBoostClassifier,
    GradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from skprivacy.extraction import (
    AutoExtraction,
    EquationSolvingAttack,
    NeuralExtractionAttack,
    PathFindingAttack,
    SurrogateAttack,
    ThresholdSearchAttack,
    _cell_copy,
    fidelity_score,
)
from skprivacy.extraction._surrogate_families import Family
from skprivacy.targets import BlackBox

X, Y = load_breast_cancer(return_X_y=True)
QUICK = SurrogateAttack(None, estimator=Ridge(), strategy="records", batch_size=2000)


@pytest.mark.parametrize(
    "model, attack",
    [
        (make_pipeline(StandardScaler(), LogisticRegression()), EquationSolvingAttack),
        (GaussianNB(), EquationSolvingAttack),
        (DecisionTreeClassifier(max_depth=3, random_state=0), PathFindingAttack),
        (AdaBoostClassifier(n_estimators=20, random_state=0), ThresholdSearchAttack),
        (
            make_pipeline(
                StandardScaler(),
                MLPClassifier(hidden_layer_sizes=(5,), max_iter=2000, random_state=0),
            ),
            NeuralExtractionAttack,
        ),
    ],
)
def test_picks_the_exact_attack(model, attack):
    box = BlackBox(model.fit(X[::2], Y[::2]), budget=20_000)
    copy = AutoExtraction(box, budget=20_000, surrogate=QUICK, random_state=0).fit(X)
    assert isinstance(copy.attack_, attack)
    assert copy.is_exact_ and copy.reason_ == ""
    assert copy.n_queries_ == box.n_queries_ <= 20_000
    assert fidelity_score(box, copy, X, metric="max_difference") < 1e-6


def test_falls_back_to_a_surrogate_within_the_budget():
    model = RandomForestClassifier(30, random_state=0).fit(X[::2], Y[::2])
    box = BlackBox(model)
    copy = AutoExtraction(box, budget=1500, surrogate=QUICK, random_state=0).fit(X)
    assert copy.family_ == "forest" and not copy.is_exact_
    assert "no exact attack on 'forest'" in copy.reason_
    assert isinstance(copy.attack_, SurrogateAttack)
    assert copy.n_queries_ == box.n_queries_ == 1500
    assert copy.score(X) > 0.9


def test_boosting_is_learned_with_its_thresholds(monkeypatch):
    ridge = [Family("ridge", Ridge(), True)]
    monkeypatch.setattr(_cell_copy, "families", lambda *args: ridge)
    monkeypatch.setattr(_cell_copy, "N_TREES", 30)
    model = GradientBoostingClassifier(n_estimators=30, random_state=0)
    box = BlackBox(model.fit(X[::2], Y[::2]))
    copy = AutoExtraction(box, budget=1500, random_state=0).fit(X)
    assert copy.family_ == "boosting" and not copy.is_exact_
    assert "no exact attack on 'boosting'" in copy.reason_
    assert isinstance(copy.attack_, ThresholdSearchAttack)
    assert copy.n_queries_ == box.n_queries_ == 1500
    assert copy.score(X) > 0.9


def test_an_exact_attack_that_cannot_finish_is_replaced():
    # Its leaves need more queries than half of what is left.
    model = DecisionTreeClassifier(random_state=0).fit(X[::2], Y[::2])
    box = BlackBox(model)
    copy = AutoExtraction(box, budget=1100, surrogate=QUICK, random_state=0).fit(X)
    assert copy.family_ == "tree" and not copy.is_exact_
    assert copy.reason_.startswith("PathFindingAttack: ")
    assert copy.n_queries_ <= 1100


def test_mixed_tables_and_labels_go_to_the_surrogate():
    table = pd.DataFrame({"age": np.arange(40.0), "kind": ["a", "b"] * 20})
    box = BlackBox(lambda X: np.sin(X["age"]) + (X["kind"] == "a"))
    copy = AutoExtraction(box, budget=60, surrogate=QUICK, random_state=0).fit(table)
    assert copy.family_ == "unknown" and "no linear or" in copy.reason_
    assert copy.n_queries_ == 60 and isinstance(copy.attack_, SurrogateAttack)
    gaps = table.assign(age=table["age"].where(table["age"] > 3))
    copy = AutoExtraction(
        BlackBox(lambda X: X["age"].fillna(0)),
        budget=30,
        surrogate=QUICK,
        random_state=2,
    ).fit(gaps)
    assert copy.n_queries_ == 30 and "no numbers" in copy.reason_
    model = DecisionTreeClassifier(random_state=0).fit(X, Y)
    copy = AutoExtraction(
        BlackBox(model, response="label"), budget=60, surrogate=QUICK, random_state=0
    ).fit(X)
    assert copy.family_ == "unknown" and "response='label'" in copy.reason_
    assert copy.n_queries_ == 60
