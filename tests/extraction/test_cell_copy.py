import pickle
import warnings

import numpy as np
import pytest
from sklearn.datasets import load_iris, make_classification
from sklearn.ensemble import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
)

from skprivacy.extraction import (
    SurrogateAttack,
    ThresholdSearchAttack,
    _cell_copy,
    _surrogate,
    fidelity_score,
)
from skprivacy.extraction._surrogate_families import Family
from skprivacy.targets import BlackBox

X, Y = make_classification(4000, 6, n_informative=5, n_redundant=0, random_state=0)


@pytest.fixture(autouse=True)
def one_plain_family(monkeypatch):
    """Let one boosting alone stand for the plain surrogate, here and there."""

    def families(response, n_points, label_response="auto"):
        boosting = HistGradientBoostingRegressor(
            max_iter=50, min_samples_leaf=10, max_leaf_nodes=8
        )
        return [Family("boosting", boosting, True)]

    monkeypatch.setattr(_cell_copy, "families", families)
    monkeypatch.setattr(_cell_copy, "N_TREES", 25)
    monkeypatch.setattr(_surrogate, "families", families)


@pytest.mark.power
@pytest.mark.parametrize(
    "model",
    [
        GradientBoostingRegressor(n_estimators=30, random_state=0),
        RandomForestClassifier(30, max_depth=4, random_state=0),
    ],
)
def test_deeper_trees_are_copied_better_than_by_a_plain_surrogate(model):
    # Seed 0, the same number of queries.
    box = BlackBox(model.fit(X[:1000], Y[:1000]))
    plain, ours = (
        fidelity_score(box, attack.fit(X[1000:3000]), X[3000:], metric="distance")
        for attack in (
            SurrogateAttack(box, budget=800, random_state=0),
            ThresholdSearchAttack(box, deeper_budget=800, random_state=0),
        )
    )
    assert box.n_queries_ == 1600
    assert ours < plain


@pytest.fixture(scope="module")
def boosting():
    return GradientBoostingRegressor(n_estimators=10, random_state=0).fit(X, Y)


@pytest.mark.parametrize("limit", ["deeper_budget", "max_queries", "budget"])
def test_budget_is_spent_to_the_last_query(boosting, limit):
    box = BlackBox(boosting, budget=140 if limit == "budget" else None)
    attack = ThresholdSearchAttack(box, random_state=0)
    if limit != "budget":
        attack.set_params(**{limit: 140})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        copy = attack.fit(X[:300])
    assert copy.n_queries_ == box.n_queries_ == 140
    assert not copy.is_exact_ and not copy.is_complete_
    assert copy.link_ is None
    assert sum(copy.weights_.values()) == pytest.approx(1)
    assert copy.errors_.keys() == copy.weights_.keys()
    # So few pay for no line.
    assert all(len(part) == 0 for part in copy.thresholds_)


def test_budget_that_is_too_small(boosting):
    attack = ThresholdSearchAttack(BlackBox(boosting), deeper_budget=50, random_state=0)
    with pytest.raises(ValueError, match="must allow for 65 queries .*got 50"):
        attack.fit(X)


def test_three_classes_and_fewer_records_than_answers():
    points, labels = load_iris(return_X_y=True)
    model = GradientBoostingClassifier(n_estimators=5, random_state=0)
    box = BlackBox(model.fit(points, labels))
    attack = ThresholdSearchAttack(box, deeper_budget=240, random_state=0)
    copy = attack.fit(points)
    proba = copy.predict_proba(points)
    np.testing.assert_allclose(proba.sum(axis=1), 1)
    assert copy.score(points) > 0.95
    assert copy.n_queries_ == 240


def test_the_copy_is_the_same_again_and_survives_being_stored(boosting):
    told = []
    for _ in range(2):
        attack = ThresholdSearchAttack(
            BlackBox(boosting), deeper_budget=120, random_state=3
        )
        told.append(attack.fit(X[:300]).predict(X[300:320]))
    np.testing.assert_array_equal(*told)
    stored = pickle.loads(pickle.dumps(attack))
    np.testing.assert_array_equal(stored.predict(X[300:320]), told[0])
