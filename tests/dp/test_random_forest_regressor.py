import numpy as np
import pytest
from sklearn.datasets import load_diabetes

from skprivacy.dp import (
    DPRandomForestRegressor,
    PrivacyBudgetExceeded,
    PrivacyLeakError,
    PrivacyLedger,
)
from skprivacy.dp._noise import NoiseSource
from skprivacy.dp._random_forest_regressor import scale_sums
from skprivacy.dp._random_trees import apply_trees, draw_trees, leaf_sums

X, Y = load_diabetes(return_X_y=True)
PUBLIC = {"bounds": (-0.2, 0.2), "y_bounds": (0, 400)}


def test_no_neighbors_are_farther_apart():
    rng = np.random.RandomState(0)
    trees = draw_trees([np.array([0.3, 0.7])] * 2, 5, 2, NoiseSource())
    apart = []
    for _ in range(500):
        pair = rng.uniform(size=(2, 2))
        values = np.column_stack([np.ones(2), rng.choice([-1.0, 0.0, 1.0], 2)])
        leaves = apply_trees(pair, *trees)
        one, other = (leaf_sums(leaves[[i]], values[[i]], 4) for i in (0, 1))
        apart.append(np.linalg.norm(one - other))
    assert max(apart) == pytest.approx(2 * np.sqrt(5))


def test_sums_of_the_scale_are_no_farther_apart():
    rng = np.random.RandomState(0)
    rest = rng.choice([-2.0, 0.0, 2.0, 3.0], size=(2000, 2, 1))
    more = rng.choice([-9.0, -1.0, 0.0, 0.5, 1.0], size=(2000, 2, 1))
    apart = [
        np.linalg.norm(scale_sums(r[0], m[0], 1.0) - scale_sums(r[1], m[1], 1.0))
        for r, m in zip(rest, more, strict=True)
    ]
    assert max(apart) == pytest.approx(2.0)


def test_learns():
    scores = [
        DPRandomForestRegressor(10.0, **PUBLIC).fit(X, Y).score(X, Y) for _ in "abc"
    ]
    # .28 with a deviation of .04.
    assert np.mean(scores) > 0.1


def test_with_next_to_no_noise_one_column_is_followed():
    table = np.random.RandomState(0).uniform(size=(3000, 1))
    y = 5 + 2 * table[:, 0]
    model = DPRandomForestRegressor(1e5, 0.5, bounds=(0, 1), y_bounds=(5, 7))
    assert model.fit(table, y).score(table, y) > 0.95
    assert model.mean_ == pytest.approx(y.mean(), abs=0.01)


def test_answers_stay_within_their_bounds():
    model = DPRandomForestRegressor(0.01, **PUBLIC).fit(X, Y)
    answers = model.predict(X)
    assert np.isfinite(answers).all()
    assert answers.min() >= 0
    assert answers.max() <= 400


def test_the_budget_is_spent_exactly(monkeypatch):
    releases = []

    def record(values, sensitivity, mu, noise):
        releases.append(mu)
        return np.asarray(values, dtype=float)

    module = "skprivacy.dp._random_forest_regressor.release_gaussian"
    monkeypatch.setattr(module, record)
    monkeypatch.setattr("skprivacy.dp._bins.release_gaussian", record)
    model = DPRandomForestRegressor(50.0, bin_share=0.5, **PUBLIC).fit(X[:, :2], Y)
    assert len(releases) == 3
    total = np.sqrt(np.sum(np.square(releases)))
    assert total == pytest.approx(model.privacy_guarantee_.mu)


def test_a_model_holds_no_record():
    model = DPRandomForestRegressor(**PUBLIC).fit(X, Y)
    assert {name for name in vars(model) if name.endswith("_")} == {
        "feature_",
        "leaf_values_",
        "max_depth_",
        "mean_",
        "n_features_in_",
        "privacy_guarantee_",
        "reproducible_",
        "threshold_",
        "y_bounds_",
    }


def test_what_is_not_public_is_refused():
    with pytest.raises(PrivacyLeakError, match="y_bounds must be given"):
        DPRandomForestRegressor(bounds=(-1, 1)).fit(X, Y)
    with pytest.raises(PrivacyLeakError, match="bounds must be given"):
        DPRandomForestRegressor(y_bounds=(0, 400)).fit(X, Y)


def test_nothing_is_released_without_budget():
    model = DPRandomForestRegressor(ledger=PrivacyLedger(0.5, 1e-5), **PUBLIC)
    with pytest.raises(PrivacyBudgetExceeded):
        model.fit(X, Y)
    assert not hasattr(model, "leaf_values_")


@pytest.mark.parametrize("y_bounds", [3, (1, 1), (2, 1), (0, np.inf), (0, 1, 2)])
def test_refuses_bounds_of_y(y_bounds):
    with pytest.raises(ValueError, match="y_bounds must be"):
        DPRandomForestRegressor(bounds=(-1, 1), y_bounds=y_bounds).fit(X, Y)


def test_texts_are_no_numbers():
    with pytest.raises(ValueError, match="y must hold numbers; got values of type"):
        DPRandomForestRegressor(on_leak="warn").fit([[0.0], [1.0]], ["no", "yes"])
