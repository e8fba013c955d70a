import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import (
    AdaBoostClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
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


def test_boosting_is_learned_with_its_thresholds(monkeypatch, few_steps):
    ridge = [Family("ridge", Ridge(), True)]
    monkeypatch.setattr(_cell_copy, "families", lambda *args: ridge)
    monkeypatch.setattr(_cell_copy, "N_TREES", 30)
    model = GradientBoostingClassifier(n_estimators=30, random_state=0)
    box = BlackBox(model.fit(X[::2], Y[::2]))
    copy = AutoExtraction(box, budget=700, random_state=0).fit(X)
    assert copy.family_ == "boosting" and not copy.is_exact_
    assert "no exact attack on 'boosting'" in copy.reason_
    assert isinstance(copy.attack_, ThresholdSearchAttack)
    # What telling the family has asked is not paid for again.
    assert 600 < copy.n_queries_ == box.n_queries_ <= 700
    assert copy.score(X) > 0.9


class Recorder:
    """A target that notes what it is asked."""

    def __init__(self, model):
        self.model, self.asked = model, []

    def __call__(self, X):
        self.asked.extend(map(tuple, X))
        return self.model.predict_proba(X)


@pytest.mark.parametrize(
    "model", [LogisticRegression(max_iter=5000), DecisionTreeClassifier(random_state=0)]
)
def test_no_answer_is_paid_for_twice(model):
    target = Recorder(model.fit(X[::2], Y[::2]))
    box = BlackBox(target, classes=[0, 1], budget=400)
    copy = AutoExtraction(box, budget=400, surrogate=QUICK, random_state=0).fit(X)
    # But for two that show whether the target contradicts itself.
    assert len(target.asked) == copy.n_queries_ == len(set(target.asked)) + 2
    if not copy.is_exact_:
        # The surrogate begins with all of them.
        assert copy.attack_.n_answers_ == len(set(target.asked))


def test_small_budgets_suffice_to_tell_the_family():
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X[::2], Y[::2])
    copy = AutoExtraction(BlackBox(model), budget=120, random_state=0).fit(X)
    assert copy.family_ == "linear" and copy.is_exact_
    # The family, equations, and records that are held against the copy.
    assert copy.n_queries_ <= 80
    rounded = BlackBox(model, decimals=3)
    copy = AutoExtraction(rounded, budget=1000, random_state=0, surrogate=QUICK).fit(X)
    assert copy.family_ == "rounded" and copy.attack_.decimals_ == 3
    assert copy.is_exact_ and copy.score(X) == 1


def test_a_target_that_contradicts_itself_gets_a_surrogate():
    rng = np.random.RandomState(0)
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X[::2], Y[::2])

    def answer(X):
        odds = model.decision_function(X) + 0.3 * rng.normal(size=len(X))
        return np.column_stack([expit(-odds), expit(odds)])

    box = BlackBox(answer, classes=[0, 1])
    copy = AutoExtraction(box, budget=200, surrogate=QUICK, random_state=0)
    with pytest.warns(UserWarning, match="same question differently"):
        copy.fit(X)
    assert copy.is_deterministic_ is False
    assert copy.family_ == "noisy" and not copy.is_exact_
    assert np.mean(copy.predict(X) == model.predict(X)) > 0.9


def test_an_exact_attack_that_cannot_finish_is_replaced():
    # Its leaves need more queries than half of what is left.
    model = DecisionTreeClassifier(random_state=0).fit(X[::2], Y[::2])
    box = BlackBox(model)
    copy = AutoExtraction(box, budget=600, surrogate=QUICK, random_state=0).fit(X)
    assert copy.family_ == "tree" and not copy.is_exact_
    assert copy.reason_.startswith("PathFindingAttack: ")
    assert copy.n_queries_ <= 600


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


def test_missing_values_in_an_array_are_asked_of_who_takes_them():
    rng = np.random.RandomState(0)
    holes = np.where(rng.rand(*X.shape) < 0.1, np.nan, X)
    model = HistGradientBoostingClassifier(max_iter=20).fit(holes[::2], Y[::2])
    copy = AutoExtraction(BlackBox(model), budget=200, surrogate=QUICK, random_state=0)
    assert copy.fit(holes[1::2]).score(holes) > 0.9
