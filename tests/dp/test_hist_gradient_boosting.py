import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_digits

from skprivacy.dp import (
    DPHistGradientBoostingClassifier,
    PrivacyBudgetExceeded,
    PrivacyLeakError,
    PrivacyLedger,
)
from skprivacy.dp._hist_gradient_boosting import draw_splits, leaf_gradients, leaf_of
from skprivacy.dp._noise import NoiseSource

X, Y = load_breast_cancer(return_X_y=True)
PUBLIC = {"bounds": (X.min(axis=0), X.max(axis=0)), "classes": [0, 1]}


def test_gradient_of_two_records():
    scores = np.array([[0.0, 0.0], [np.log(3), 0.0]])
    own = np.array([[0.0, 1.0], [1.0, 0.0]])
    sums = leaf_gradients(np.array([1, 1]), own, scores, 2)
    np.testing.assert_allclose(sums, [[0.0, 0.0], [-0.25, 0.25]])


@pytest.mark.parametrize("n_classes", [2, 3])
def test_no_neighbors_are_farther_apart(n_classes):
    rng = np.random.RandomState(0)
    apart = []
    for _ in range(500):
        scores = rng.choice([-50.0, 0.0, 50.0], size=(2, n_classes))
        own = np.eye(n_classes)[rng.randint(n_classes, size=2)]
        leaves = rng.randint(2, size=2)
        one, other = (
            leaf_gradients(leaves[[i]], own[[i]], scores[[i]], 2) for i in (0, 1)
        )
        apart.append(np.linalg.norm(one - other))
    assert max(apart) <= 2 + 1e-9
    # It is reached: the noise is no larger than it must be.
    assert max(apart) == pytest.approx(2)


def test_splits_are_drawn_evenly_from_the_edges():
    edges = [np.array([1.0, 2.0]), np.array([5.0])]
    feature, threshold = draw_splits(edges, 2000, 2, NoiseSource())
    assert feature.shape == threshold.shape == (2000, 2)
    shares = [np.mean(threshold == value) for value in (1.0, 2.0, 5.0)]
    # Deviations of .007 to .008.
    np.testing.assert_allclose(shares, [0.25, 0.25, 0.5], atol=0.05)
    assert ((threshold == 5.0) == (feature == 1)).all()


def test_an_edge_is_above():
    table = np.array([[0.0], [0.5], [1.0]])
    assert leaf_of(table, [0], [0.5]).tolist() == [0, 1, 1]


def test_one_round_without_noise_is_the_mean_gradient():
    table, y = np.array([[0.0], [0.0], [1.0], [1.0]]), [0, 0, 1, 0]
    model = DPHistGradientBoostingClassifier(
        1e9,
        0.5,
        bounds=(0, 1),
        classes=[0, 1],
        max_iter=1,
        max_depth=1,
        max_bins=2,
        learning_rate=4.0,
    ).fit(table, y)
    np.testing.assert_allclose(
        model.leaf_values_[0], [[1.0, -1.0], [0.0, 0.0]], atol=0.02
    )


def test_the_budget_is_spent_exactly(monkeypatch):
    releases = []

    def record(values, sensitivity, mu, noise):
        releases.append(mu)
        return np.asarray(values, dtype=float)

    module = "skprivacy.dp._hist_gradient_boosting.release_gaussian"
    monkeypatch.setattr(module, record)
    monkeypatch.setattr("skprivacy.dp._bins.release_gaussian", record)
    model = DPHistGradientBoostingClassifier(
        20.0, bin_share=0.5, max_iter=7, bounds=(0, 1), classes=[0, 1]
    )
    model.fit(np.random.RandomState(0).uniform(size=(2000, 2)), np.arange(2000) % 2)
    assert len(releases) == 8
    total = np.sqrt(np.sum(np.square(releases)))
    assert total == pytest.approx(model.privacy_guarantee_.mu)


def test_learns_two_classes_and_ten():
    scores = [
        DPHistGradientBoostingClassifier(5.0, **PUBLIC).fit(X, Y).score(X, Y)
        for _ in "abc"
    ]
    # .94 with a deviation of .01.
    assert np.mean(scores) > 0.88
    digits, kinds = load_digits(return_X_y=True)
    model = DPHistGradientBoostingClassifier(10.0, bounds=(0, 16), classes=range(10))
    # .92 with a deviation of .01.
    assert model.fit(digits, kinds).score(digits, kinds) > 0.8


def test_learns_what_two_columns_say_together():
    table = np.random.RandomState(0).uniform(size=(5000, 2))
    y = (table[:, 0] > 0.5) ^ (table[:, 1] > 0.5)
    model = DPHistGradientBoostingClassifier(10.0, bounds=(0, 1), classes=[0, 1])
    # An additive model is right in half of the cases.
    assert model.fit(table, y.astype(int)).score(table, y.astype(int)) > 0.8


def test_a_promise_is_kept_and_no_better_one_made():
    model = DPHistGradientBoostingClassifier(0.7, 1e-6, **PUBLIC).fit(X, Y)
    assert model.privacy_guarantee_.epsilon(1e-6) == pytest.approx(0.7, rel=1e-6)


def test_a_model_holds_no_record():
    model = DPHistGradientBoostingClassifier(**PUBLIC).fit(X, Y)
    assert {name for name in vars(model) if name.endswith("_")} == {
        "classes_",
        "feature_",
        "leaf_values_",
        "n_features_in_",
        "n_iter_",
        "privacy_guarantee_",
        "reproducible_",
        "threshold_",
    }


def test_what_is_not_public_is_refused():
    with pytest.raises(PrivacyLeakError, match="bounds"):
        DPHistGradientBoostingClassifier(classes=[0, 1]).fit(X, Y)
    with pytest.raises(PrivacyLeakError, match="classes"):
        DPHistGradientBoostingClassifier(bounds=PUBLIC["bounds"]).fit(X, Y)


def test_nothing_is_released_without_budget():
    model = DPHistGradientBoostingClassifier(ledger=PrivacyLedger(0.5, 1e-5), **PUBLIC)
    with pytest.raises(PrivacyBudgetExceeded):
        model.fit(X, Y)
    assert not hasattr(model, "leaf_values_")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"epsilon": np.nan}, "epsilon"),
        ({"max_iter": 0}, "max_iter"),
        ({"max_depth": 13}, "max_depth"),
        ({"learning_rate": 0.0}, "learning_rate"),
    ],
)
def test_refuses(settings, message):
    with pytest.raises(ValueError, match=message):
        DPHistGradientBoostingClassifier(**PUBLIC | settings).fit(X, Y)
