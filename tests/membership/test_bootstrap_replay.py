"""Bootstrap samples drawn again, and the rows that records are taken for."""

from itertools import product

import numpy as np
import pytest
from sklearn.ensemble import (
    BaggingClassifier,
    ExtraTreesClassifier,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.frozen import FrozenEstimator
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skprivacy.inspection import replay_bootstrap
from skprivacy.inspection._draws import Draws
from skprivacy.inspection._multiplicity import (
    LARGEST_COUNT,
    expected_rows,
    rows_of_class,
)
from skprivacy.membership import BootstrapReplayAttack
from skprivacy.membership._replay_ratio import replay_rows

RNG = np.random.default_rng(0)
X = RNG.normal(size=(300, 5))
Y = (X[:, 0] + RNG.normal(size=300) > 0).astype(int)


def without_seeds(model):
    model.random_state = None
    for tree in model.estimators_:
        tree.random_state = None
    return model


def test_two_rows_of_weight_four_by_hand():
    # 4 draws to rows a, b, each one at least: (1, 3) in 4 ways, (2, 2) in 6, (3, 1) in
    # 4. A row drawn once stands in 8 of 14 ways, as one drawn 3 times; twice in 6, two.
    np.testing.assert_allclose(
        expected_rows(2, 4), [8 / 14, 12 / 14, 8 / 14, 0, 0], atol=1e-12
    )


@pytest.mark.parametrize(("n_rows", "weight"), [(1, 5), (3, 5), (3, 7), (4, 6)])
def test_expected_rows_are_those_of_all_ways_to_deal(n_rows, weight):
    ways = np.zeros(LARGEST_COUNT + 3)
    total = 0
    for deal in product(range(n_rows), repeat=weight):
        counts = np.bincount(deal, minlength=n_rows)
        if counts.min() > 0:
            total += 1
            np.add.at(ways, counts, 1)
    np.testing.assert_allclose(
        expected_rows(n_rows, weight), ways[1 : LARGEST_COUNT + 1] / total, atol=1e-12
    )


def test_rows_of_two_classes_add_up_to_the_leaf():
    rows = rows_of_class(5, 4, 4) * 2
    # The two classes are alike: together 5 rows, less those drawn more than 5 times.
    assert rows.sum() == pytest.approx(5, abs=1e-9)


def test_large_leaves_keep_their_mean():
    rows = expected_rows(100, 150)
    assert rows.sum() == pytest.approx(100, abs=1)
    assert rows @ np.arange(1, 6) == pytest.approx(150, abs=3)


@pytest.mark.parametrize(
    "model",
    [
        RandomForestClassifier(5, random_state=3),
        RandomForestClassifier(5, max_samples=0.3, class_weight="balanced_subsample"),
        ExtraTreesClassifier(5, bootstrap=True),
        BaggingClassifier(n_estimators=5, max_features=0.5),
        BaggingClassifier(n_estimators=5, max_samples=0.4, bootstrap=False),
        make_pipeline(StandardScaler(), RandomForestClassifier(5, random_state=3)),
    ],
    ids=repr,
)
def test_draws_are_those_of_the_fit(model):
    model.fit(X, Y)
    ensemble = model[-1] if hasattr(model, "steps") else model
    drawn = [np.bincount(rows, minlength=300) for rows in ensemble.estimators_samples_]
    np.testing.assert_array_equal(replay_bootstrap(model).counts.T, drawn)


def test_models_without_draws_have_none():
    assert (
        replay_bootstrap(RandomForestClassifier(2, bootstrap=False).fit(X, Y)) is None
    )
    assert replay_bootstrap(KNeighborsClassifier().fit(X, Y)) is None


def test_removed_seeds_are_guessed_and_named():
    known = RandomForestClassifier(5, random_state=123).fit(X, Y)
    counts = replay_bootstrap(known).counts
    found = replay_bootstrap(without_seeds(known))
    assert found.seed == 123
    np.testing.assert_array_equal(found.counts, counts)


def test_seed_of_the_forest_is_tried_first_and_others_are_refused():
    model = RandomForestClassifier(5, random_state=987_654).fit(X, Y)
    for tree in model.estimators_:
        tree.random_state = None
    assert replay_bootstrap(model).seed == 987_654
    without_seeds(model)
    assert replay_bootstrap(model) is None
    assert replay_bootstrap(model, 987_654).seed == 987_654
    assert replay_bootstrap(model, 987_655) is None


def test_false_seeds_are_not_believed():
    model = RandomForestClassifier(5, random_state=42).fit(X, Y)
    for seed, tree in enumerate(model.estimators_):
        tree.random_state = seed
    assert replay_bootstrap(model).seed == 42


def test_sum_over_trees_is_the_slow_sum():
    counts = RNG.integers(0, 4, size=(7, 6))
    ratio = RNG.normal(size=(6, 9, LARGEST_COUNT)).astype(np.float32)
    draws = Draws(counts, 7, (counts > 0).mean(axis=0), True)
    slow = np.zeros((9, 7))
    for r, i, t in product(range(9), range(7), range(6)):
        if counts[i, t]:
            slow[r, i] += ratio[t, r, counts[i, t] - 1]
    rows = replay_rows(ratio, draws)
    np.testing.assert_allclose(
        rows.score, np.log(np.exp(slow).mean(axis=1)), rtol=1e-4, atol=1e-4
    )
    np.testing.assert_array_equal(rows.row, slow.argmax(axis=1))
    ranked = np.sort(slow, axis=1)
    np.testing.assert_allclose(rows.margin, ranked[:, -1] - ranked[:, -2], atol=1e-4)
    others = [np.delete(slow[:, i], r).max() for r, i in enumerate(rows.row)]
    np.testing.assert_allclose(rows.lead, ranked[:, -1] - others, atol=1e-4)


@pytest.mark.parametrize("recipe", [RandomForestClassifier, RandomForestRegressor])
def test_members_are_taken_for_their_own_row(recipe):
    model = recipe(50, random_state=0).fit(X[:150], Y[:150] + 0.0)
    records = np.column_stack([X, Y])
    attack = BootstrapReplayAttack(FrozenEstimator(model)).fit(records)
    right = attack.row_[:150] == np.arange(150)
    # By chance 1 of 150 is right; 15 of 150 are not reached in 10^10 tries.
    assert right.mean() > 0.6
    np.testing.assert_array_equal(attack.find_row(records[:9]), attack.row_[:9])


def test_records_that_were_not_candidates_are_found_by_the_leaves():
    model = RandomForestClassifier(50, random_state=0).fit(X[:150], Y[:150])
    records = np.column_stack([X, Y])
    attack = BootstrapReplayAttack(FrozenEstimator(model)).fit(records[75:225])
    others = np.r_[0:75, 225:300]
    assert attack.score(records[others], np.repeat([1, 0], 75)) > 0.8
    alone = attack.decision_function(records[:1])
    np.testing.assert_allclose(alone, attack.decision_function(records[:9])[:1], 1e-5)


@pytest.mark.power
def test_nobody_among_the_candidates_is_chance():
    # 20 forests of other people. The mean AUC of 20 times 50 against 50 has a standard
    # error of sqrt(101 / (12 * 50 * 50) / 20) = 0.013; four of them: 1 in 16,000.
    aucs = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        Z = rng.normal(size=(200, 5))
        z = (Z[:, 0] + rng.normal(size=200) > 0).astype(int)
        model = RandomForestClassifier(20, random_state=seed).fit(Z[:100], z[:100])
        strangers = np.column_stack([Z, z])[100:]
        attack = BootstrapReplayAttack(FrozenEstimator(model)).fit(strangers)
        aucs.append(attack.score(strangers, np.repeat([1, 0], 50)))
    assert abs(np.mean(aucs) - 0.5) < 4 * 0.013


def test_a_model_that_draws_nothing_is_refused():
    model = RandomForestClassifier(2, bootstrap=False).fit(X, Y)
    with pytest.raises(ValueError, match="can't be drawn again"):
        BootstrapReplayAttack(FrozenEstimator(model)).fit(np.column_stack([X, Y]))


def test_bagging_of_other_models_is_refused():
    model = BaggingClassifier(KNeighborsClassifier()).fit(X, Y)
    with pytest.raises(TypeError, match="must hold decision trees"):
        BootstrapReplayAttack(FrozenEstimator(model)).fit(np.column_stack([X, Y]))
