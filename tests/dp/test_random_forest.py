import pickle

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_digits

from skprivacy.dp import (
    DPRandomForestClassifier,
    PrivacyBudgetExceeded,
    PrivacyGuarantee,
    PrivacyLeakError,
    PrivacyLedger,
)
from skprivacy.dp._leaf_evidence import expected_shares, leaf_evidence
from skprivacy.dp._noise import NoiseSource
from skprivacy.dp._random_forest import mechanism_for
from skprivacy.dp._random_trees import apply_trees, draw_trees, leaf_sums

X, Y = load_breast_cancer(return_X_y=True)
BOUNDS = (X.min(axis=0), X.max(axis=0))
PUBLIC = {"bounds": BOUNDS, "classes": [0, 1]}


def test_trees_split_where_they_may_and_nowhere_twice():
    edges = [np.array([1.0, 2.0, 3.0]), np.array([5.0])]
    feature, threshold = draw_trees(edges, 200, 3, NoiseSource())
    assert feature.shape == threshold.shape == (200, 7)
    for tree_feature, tree_threshold in zip(feature, threshold, strict=True):
        for leaf in range(7, 15):
            node, seen = leaf, []
            while node:
                node = (node - 1) // 2
                seen.append((tree_feature[node], tree_threshold[node]))
            real = [split for split in seen if np.isfinite(split[1])]
            assert len(set(real)) == len(real)
    allowed = {(0, 1.0), (0, 2.0), (0, 3.0), (1, 5.0)}
    finite = np.isfinite(threshold)
    found = set(zip(feature[finite].tolist(), threshold[finite].tolist(), strict=True))
    # 200 roots alone leave one of four out less than once in 1e22.
    assert found == allowed


def test_columns_are_drawn_evenly():
    feature, _ = draw_trees([np.arange(9.0)] * 4, 4000, 1, NoiseSource())
    # A share of .25 with a deviation of .007; six of them, two sides, four columns.
    np.testing.assert_allclose(np.bincount(feature[:, 0]) / 4000, 0.25, atol=0.041)


def test_no_neighbors_are_farther_apart():
    rng = np.random.RandomState(0)
    trees = draw_trees([np.array([0.3, 0.7])] * 2, 5, 2, NoiseSource())
    apart = []
    for _ in range(500):
        pair = rng.uniform(size=(2, 2))
        own = np.eye(2)[rng.randint(2, size=2)]
        leaves = apply_trees(pair, *trees)
        one, other = (leaf_sums(leaves[[i]], own[[i]], 4) for i in (0, 1))
        apart.append(np.linalg.norm(one - other))
    assert max(apart) == pytest.approx(np.sqrt(2 * 5))


def test_leaves_are_those_of_the_splits():
    feature = np.array([[0, 1, 0]])
    threshold = np.array([[0.5, 0.5, 0.8]])
    points = np.array([[0.1, 0.1], [0.1, 0.5], [0.5, 0.0], [0.8, 0.0]])
    assert apply_trees(points, feature, threshold).ravel().tolist() == [0, 1, 2, 3]


def test_evidence_without_noise():
    sums, sizes = np.array([[[3.0], [-3.0]]]), np.array([[4.0, 4.0]])
    means, error = leaf_evidence(sums, sizes, 8, 0.0, 0.0, 0.25)
    # Between 9 / 16, at most .25: 3 * 4 / (16 + 4 * .25 / .25).
    np.testing.assert_allclose(means.ravel(), [0.6, -0.6])
    assert error == 0.0


def test_noise_is_not_believed():
    rng = np.random.RandomState(0)
    sums, sizes = rng.normal(size=(1, 64, 1)) * 50, rng.normal(size=(1, 64)) * 50
    means, _ = leaf_evidence(sums, sizes, 64 * 5, 50.0, 50.0, 0.25)
    # Unshrunken they are about 10.
    assert np.abs(means).max() < 0.1


def test_shares_are_those_of_the_counts_or_even():
    counts = np.tile([[6.0, 2.0], [3.0, 1.0]], (3, 1, 1))
    np.testing.assert_allclose(expected_shares(counts, 12, 0.0), [0.75, 0.25])
    np.testing.assert_allclose(expected_shares(counts, 12, 50.0), [0.5, 0.5])


def test_shares_are_even_unless_noise_would_hardly_be_so_uneven():
    # Two classes of 50 each: apart by 10 and by 30 in all, with noise of 10 in each
    # total. Squares over noise of 0.5 and 4.5; seldom above 6.63. With 40: 8.
    for apart, first in ((10, 50.0), (30, 50.0), (40, 50 + 20 * (1 - 1 / 8))):
        counts = np.array([[[50 + apart / 2, 50 - apart / 2]]])
        shares = expected_shares(counts, 100, 10.0)
        np.testing.assert_allclose(shares, [first / 100, 1 - first / 100])


def test_what_all_classes_have_too_much_is_noise():
    counts = np.array([[[70.0, 30.0]]])
    np.testing.assert_allclose(
        expected_shares(counts + 15, 100, 4.0), expected_shares(counts, 100, 4.0)
    )


def test_even_classes_stay_even():
    rng = np.random.RandomState(0)
    noise = 100 + 30 * rng.normal(size=(2000, 1, 1, 3))
    uneven = sum(np.ptp(expected_shares(one, 300, 30.0)) > 0 for one in noise)
    # 20 by expectation; outside of 3 to 45 once in a million runs.
    assert 3 <= uneven <= 45


def test_with_next_to_no_noise_counts_are_exact():
    model = DPRandomForestClassifier(1e6, 0.5, **PUBLIC).fit(X, Y)
    np.testing.assert_allclose(model.class_prior_, np.bincount(Y) / len(Y), rtol=1e-3)


def test_learns_two_classes_and_ten():
    scores = [
        DPRandomForestClassifier(5.0, **PUBLIC).fit(X, Y).score(X, Y) for _ in "abc"
    ]
    # .94 with a deviation of .01.
    assert np.mean(scores) > 0.88
    digits, kinds = load_digits(return_X_y=True)
    model = DPRandomForestClassifier(5.0, bounds=(0, 16), classes=range(10))
    # .88 with a deviation of .01.
    assert model.fit(digits, kinds).score(digits, kinds) > 0.8


def test_a_rare_class_is_found_among_columns_that_say_nothing():
    rng = np.random.RandomState(0)
    table = rng.uniform(size=(4000, 12))
    rare = (table[:, 0] > 0.75).astype(int)
    model = DPRandomForestClassifier(10.0, bounds=(0, 1), classes=[0, 1])
    # Always the commonest class: .75. Other draws of noise gave .79 to .95.
    assert model.fit(table, rare).score(table, rare) > 0.77


def test_a_promise_is_kept_and_no_better_one_made():
    model = DPRandomForestClassifier(3.0, 1e-6, **PUBLIC).fit(X, Y)
    assert model.privacy_guarantee_.epsilon(1e-6) == pytest.approx(3.0, rel=1e-6)
    assert model.privacy_guarantee_.adjacency == "replace"


def test_noise_of_counts_is_what_is_left_of_the_budget(monkeypatch):
    releases = []

    def record(values, sensitivity, mu, noise):
        releases.append(mu)
        return np.asarray(values, dtype=float)

    monkeypatch.setattr("skprivacy.dp._random_forest.release_gaussian", record)
    monkeypatch.setattr("skprivacy.dp._bins.release_gaussian", record)
    model = DPRandomForestClassifier(10.0, bin_share=0.5, bounds=(0, 1), classes=[0, 1])
    model.fit(np.random.RandomState(0).uniform(size=(2000, 2)), np.arange(2000) % 2)
    assert len(releases) == 2
    total = np.sqrt(np.sum(np.square(releases)))
    assert total == pytest.approx(model.privacy_guarantee_.mu)


@pytest.mark.parametrize("mechanism", ["gaussian", "exponential"])
def test_a_pickle_holds_the_promise_and_no_record(mechanism):
    model = DPRandomForestClassifier(mechanism=mechanism, **PUBLIC).fit(X, Y)
    again = pickle.loads(pickle.dumps(model))
    assert again.privacy_guarantee_ == model.privacy_guarantee_
    fitted = {name for name in vars(model) if name.endswith("_")}
    assert fitted == {
        "class_prior_",
        "classes_",
        "exponent_",
        "feature_",
        "leaf_values_",
        "max_depth_",
        "mechanism_",
        "n_features_in_",
        "privacy_guarantee_",
        "reproducible_",
        "threshold_",
    }
    np.testing.assert_array_equal(again.predict(X), model.predict(X))


def test_what_is_released_follows_from_public_numbers():
    # A budget of 0.3 is a mu of 0.09: 398 records are 35 times the noise of a count.
    few = DPRandomForestClassifier(0.3, **PUBLIC).fit(X[:398], Y[:398])
    assert few.mechanism_ == "exponential"
    assert mechanism_for(1500, 0.1) == "gaussian"
    assert mechanism_for(1499, 0.1) == "exponential"


def test_a_tree_is_drawn_with_a_pure_promise():
    model = DPRandomForestClassifier(0.3, **PUBLIC).fit(X, Y)
    assert model.privacy_guarantee_ == PrivacyGuarantee.pure(
        0.3, assumptions=model.privacy_guarantee_.assumptions
    )
    assert model.feature_.shape == model.threshold_.shape == (1, 7)
    assert model.leaf_values_.shape == (1, 8, 2)
    np.testing.assert_array_equal(np.abs(model.leaf_values_), 0.25)
    # Halfway between a coin and always.
    proba = model.predict_proba(X)
    np.testing.assert_allclose(np.sort(proba, axis=1), np.tile([0.25, 0.75], (569, 1)))


def test_a_tree_that_is_drawn_learns_where_counts_tell_nothing():
    scores = {
        mechanism: [
            DPRandomForestClassifier(
                0.2, mechanism=mechanism, n_estimators=20, **PUBLIC
            )
            .fit(X, Y)
            .score(X, Y)
            for _ in range(6)
        ]
        for mechanism in ("exponential", "gaussian")
    }
    # .89 and .67, means of six with deviations of .02 and .03.
    assert np.mean(scores["exponential"]) > 0.8 > np.mean(scores["gaussian"])


def test_with_next_to_no_noise_the_best_of_the_trees_is_drawn():
    table = np.random.RandomState(0).uniform(size=(300, 3))
    kinds = np.array(["a", "b", "c"])[np.digitize(table[:, 1], [0.25, 0.75])]
    model = DPRandomForestClassifier(
        1e4,
        mechanism="exponential",
        max_depth=2,
        max_bins=4,
        n_estimators=200,
        bounds=(0, 1),
        classes=["a", "b", "c"],
    ).fit(table, kinds)
    # A tree has the two right splits once in 60; none of 2,000 once in 1e14.
    assert model.score(table, kinds) == 1.0
    assert model.privacy_guarantee_.epsilon(0.0) == 1e4


def test_depth_of_a_tree_grows_with_the_number_of_classes():
    table, kinds = np.arange(90.0)[:, None], np.arange(90)
    for k, depth in ((2, 3), (3, 4), (10, 6), (40, 8)):
        model = DPRandomForestClassifier(
            mechanism="exponential", n_estimators=1, bounds=(0, 90), classes=range(k)
        ).fit(table, kinds % k)
        assert model.max_depth_ == depth


def test_what_is_not_public_is_refused():
    with pytest.raises(PrivacyLeakError, match="bounds"):
        DPRandomForestClassifier(classes=[0, 1]).fit(X, Y)
    with pytest.raises(PrivacyLeakError, match="classes"):
        DPRandomForestClassifier(bounds=BOUNDS).fit(X, Y)


@pytest.mark.parametrize("mechanism", ["gaussian", "exponential"])
def test_nothing_is_released_without_budget(mechanism):
    ledger = PrivacyLedger(0.5, 1e-5)
    model = DPRandomForestClassifier(ledger=ledger, mechanism=mechanism, **PUBLIC)
    with pytest.raises(PrivacyBudgetExceeded, match="DPRandomForestClassifier.fit"):
        model.fit(X, Y)
    assert not hasattr(model, "leaf_values_")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"epsilon": 0.0}, "epsilon"),
        ({"mechanism": "laplace"}, "mechanism"),
        ({"n_estimators": 0}, "n_estimators"),
        ({"max_depth": 0}, "max_depth"),
        ({"max_bins": 1}, "max_bins"),
        ({"bin_share": 1.0}, "bin_share"),
    ],
)
def test_refuses(settings, message):
    with pytest.raises(ValueError, match=message):
        DPRandomForestClassifier(**PUBLIC | settings).fit(X, Y)
