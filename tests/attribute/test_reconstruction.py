"""Several unknown columns, completed at once from inside of trees."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.tree import DecisionTreeClassifier

from skprivacy.attribute import ReconstructionAttack
from skprivacy.attribute._beam import (
    beam_search,
    best_slots,
    choice_weights,
    likeliest_cells,
    with_neighbors,
)
from skprivacy.attribute._chain import Chain, certified_values, pool_of
from skprivacy.attribute._completion_evidence import completion_evidence
from skprivacy.attribute._tree_evidence import TREE_EVIDENCE
from skprivacy.shadow import ShadowModels
from skprivacy.targets import BlackBox

N = 250
LABEL = "income"
SECRETS = ["town", "sex", "age"]
QUICK = HistGradientBoostingClassifier(
    max_iter=10, max_leaf_nodes=4, early_stopping=False, random_state=0
)


def people(seed=0, regression=False):
    """Members, others and own records; the label hangs on nothing."""
    rng = np.random.default_rng(seed)
    n = 3 * N
    table = pd.DataFrame(rng.normal(size=(n, 3)), columns=[*"abc"])
    table.insert(1, "sex", (table["a"] + 2 * rng.normal(size=n) > 0).astype(int))
    table["town"] = rng.choice(["Bath", "Hull", "York"], size=n)
    table["age"] = rng.integers(18, 80, size=n)
    table[LABEL] = rng.normal(size=n) if regression else rng.integers(2, size=n)
    return [table[i * N : (i + 1) * N] for i in range(3)]


def pipeline(model):
    columns = ColumnTransformer(
        [("town", OneHotEncoder(), ["town"])], remainder="passthrough"
    )
    return make_pipeline(columns, model)


def split(table, secrets=SECRETS):
    return table.drop(columns=secrets), table[secrets]


def attack_on(model, secrets=SECRETS, **options):
    settings = {
        "sensitive": secrets,
        "imputer": QUICK,
        "label": LABEL,
        "shadow": ShadowModels(n_models=2),
        "n_judged": 24,
        "beam_width": 6,
        "n_varied": 1,
        "random_state": 0,
    }
    return ReconstructionAttack(FrozenEstimator(model), **(settings | options))


def trained(model, members):
    return pipeline(model).fit(members.drop(columns=LABEL), members[LABEL])


@pytest.fixture(scope="module")
def tables():
    return people()


@pytest.fixture(scope="module")
def forest(tables):
    return trained(RandomForestClassifier(25, random_state=0), tables[0])


@pytest.fixture(scope="module")
def fitted(forest, tables):
    return attack_on(forest).fit(*split(tables[2]))


# Beam search


def test_beam_search_of_two_columns_by_hand():
    # Two values each, of chances 0.6 and 0.4. The judge likes 1 in the second column
    # by 3, and nothing else: (0, 1) wins, with log 0.6 + log 0.4 + 3.
    chances = np.log([0.6, 0.4])

    def propose(codes):
        return np.broadcast_to(chances, (*codes.shape[:2], 2))

    def judge(codes, log_chance):
        second = codes[..., 1] if codes.shape[2] > 1 else np.zeros(codes.shape[:2])
        return log_chance + 3 * (second == 1)

    codes, score = beam_search(1, 2, propose, judge, width=2, n_judged=4)
    assert codes.shape == (1, 4, 2)
    best = score[0].argmax()
    assert codes[0, best].tolist() == [0, 1]
    np.testing.assert_allclose(score[0, best], chances.sum() + 3)


def test_a_narrow_beam_misses_what_begins_badly():
    def propose(codes):
        return np.log(np.broadcast_to([0.6, 0.4], (*codes.shape[:2], 2)))

    def judge(codes, log_chance):
        # Only both together look like a row of the training set.
        return log_chance + 9 * ((codes == 1).all(axis=2) & (codes.shape[2] == 2))

    found = [beam_search(1, 2, propose, judge, width, n_judged=4) for width in (1, 2)]
    best = [codes[0, score[0].argmax()].tolist() for codes, score in found]
    assert best == [[0, 0], [1, 1]]


def test_values_that_are_not_tried_are_never_chosen():
    def propose(codes):
        step = np.array([np.log(1.0), -np.inf, -np.inf])
        return np.broadcast_to(step, (*codes.shape[:2], 3))

    codes, score = beam_search(
        2, 2, propose, lambda codes, _: 9.0 * codes.sum(axis=2), width=3, n_judged=9
    )
    assert np.isfinite(score).sum(axis=1).tolist() == [1, 1]
    assert codes[np.isfinite(score)].tolist() == [[0, 0], [0, 0]]


def test_neighbors_bring_back_what_the_beam_lost():
    def judge(codes):
        return 9.0 * (codes == [1, 1]).all(axis=2) + (codes == [0, 1]).all(axis=2)

    codes, score = np.array([[[0, 0], [0, 1]]]), np.array([[0.5, 1.0]])
    codes, score = with_neighbors(codes, score, judge, [2, 2], n_best=1)
    assert codes[0, score[0].argmax()].tolist() == [1, 1]
    # Each completion counts once.
    kept = codes[0, np.isfinite(score[0])].tolist()
    assert sorted(kept) == [[0, 0], [0, 1], [1, 0], [1, 1]]


def test_best_slots_are_stable():
    score = np.array([[0.0, 2.0, 1.0, 2.0]])
    assert best_slots(score, 3).tolist() == [[1, 3, 2]]
    assert best_slots(score, 9).shape == (1, 4)


def test_evidence_against_the_truth_counts_nothing():
    told = np.zeros((50, 2, 3))
    told[:, 0, 0] = 1.0
    told[:, 1, 1] = 1.0
    weights = choice_weights(told, np.ones(50))
    assert weights[0] > 1 and weights[1:].tolist() == [0, 0]


def test_cells_are_chosen_by_their_own_chance():
    # The likeliest completion is (0, 0), but most of the chance has 1 in the first.
    codes = np.array([[[0, 0], [1, 0], [1, 1]]])
    score = np.log([[0.4, 0.3, 0.3]])
    alike = [np.eye(2, dtype=bool)] * 2
    assert likeliest_cells(codes, score, alike).tolist() == [[1, 0]]


def test_completion_evidence_by_hand():
    read = np.zeros((1, 1, len(TREE_EVIDENCE)))
    for name, value in (("row", np.log(5)), ("density", 0.1), ("contradictions", 2)):
        read[..., TREE_EVIDENCE.index(name)] = value
    found = completion_evidence(np.array([[-1.0]]), read, 0.5)
    # A member by half a chance: 1/2 + 5/2.
    np.testing.assert_allclose(found, [[[-1.0, np.log(3), 0.1, 0.0, -2.0]]])
    certain = completion_evidence(np.array([[-1.0]]), read, 1)
    np.testing.assert_allclose(certain[0, 0, 1], np.log(5))
    assert completion_evidence(np.array([[-1.0]]), read, 0)[0, 0, 1] == 0


def test_what_was_drawn_by_its_chance_counts_once_more():
    # Of two values the first has a chance of 3/4. Each record holds its truth and one
    # draw; nothing but the chance tells them apart, so that it counts just once.
    rng = np.random.default_rng(0)
    first = rng.random((4000, 2)) < 0.75
    evidence = np.log(np.where(first, 0.75, 0.25))[:, :, None]
    weights = choice_weights(evidence, np.ones(4000), drawn_by=0)
    np.testing.assert_allclose(weights, 1, atol=0.1)


# Values


def test_certified_values_join_the_pool():
    ages = np.array([[31], [32], [34], [35]])
    tree = DecisionTreeClassifier().fit(ages, [0, 1, 0, 1])
    (certified,) = certified_values(tree, [0])
    assert set(certified) <= {31, 32, 34, 35} and len(certified)
    classes = pool_of(np.array([31, 50, 50]), "classes", certified)
    assert set(certified) <= set(classes.values)
    own = np.linspace(0, 90, 40) + 0.5
    numbers = pool_of(own, "numeric", certified)
    assert set(certified) <= set(numbers.values)
    assert len(numbers.steps) == 32 < len(numbers)


def test_a_step_shares_its_chance_with_certified_values():
    pool = pool_of(
        np.array([0.0, 10.0, 20.0, 30.0, 40.0, 50.0]), "numeric", np.array([11.0])
    )
    assert pool.step.tolist() == [0, 1, 2, 3, 4, 5, 1]
    chance = np.log([[0.1, 0.5, 0.1, 0.1, 0.1, 0.1]])
    found = np.exp(pool.log_chances(chance))[0]
    np.testing.assert_allclose(found[[0, 1, 6]], [0.1, 0.25, 0.25])
    # Not tried where the step is unlikely.
    chance = np.log([[0.3, 0.01, 0.3, 0.3, 0.06, 0.03]])
    assert np.exp(pool.log_chances(chance))[0, 6] == 0


def test_the_chain_knows_what_is_settled():
    rng = np.random.default_rng(0)
    first = rng.integers(2, size=400)
    table = rng.normal(size=(400, 1))
    none = np.zeros(0)
    pools = [pool_of(first, "classes", none)] * 2
    chain = Chain(pools, None, 0).fit(table, [first, 1 - first])
    settled = np.array([[[0], [1]]])
    step = chain.propose(table[:1], settled)
    assert step[0].argmax(axis=1).tolist() == [1, 0]
    filled = chain.fill(table[:1], settled)
    assert filled.tolist() == [[[0, 1], [1, 0]]]
    total = chain.log_chance(table[:1], np.array([[[0, 1]]]))
    first_step = chain.propose(table[:1], np.zeros((1, 1, 0), dtype=int))
    np.testing.assert_allclose(total, [[first_step[0, 0, 0] + step[0, 0, 1]]])
    drawn = chain.draw(table[:200], 5, np.random.RandomState(0))
    assert drawn.shape == (200, 5, 2)
    assert (drawn[..., 0] != drawn[..., 1]).mean() > 0.95
    assert abs(drawn[..., 0].mean() - first.mean()) < 0.1


# The attack


def test_members_are_completed_better_than_others(fitted, tables):
    inside, outside = (fitted.cells_right(*split(t)) for t in tables[:2])
    assert inside.shape == (N, 3)
    assert (inside.mean(axis=0)[:2] > outside.mean(axis=0)[:2] + 0.1).all()
    assert inside.all(axis=1).mean() > 2 * outside.all(axis=1).mean()
    assert fitted.score(*split(tables[0])) == pytest.approx(inside.mean())


@pytest.mark.power
def test_nobody_is_given_away_by_a_model_of_others(tables):
    elsewhere = people(seed=1)[0]
    model = trained(RandomForestClassifier(25, random_state=0), elsewhere)
    attack = attack_on(model).fit(*split(tables[2]))
    inside, outside = (attack.score(*split(t)) for t in tables[:2])
    # Cells of 250 records: four standard errors of the difference of two shares.
    assert abs(inside - outside) < 4 * 0.045


def test_columns_of_several_kinds_come_as_objects(fitted, tables):
    found = fitted.predict(split(tables[0])[0])
    assert found.shape == (N, 3) and found.dtype == object
    assert set(found[:, 0]) <= {"Bath", "Hull", "York"} and set(found[:, 1]) <= {0, 1}
    assert [len(values) for values in fitted.values_[:2]] == [3, 2]


def test_numbers_come_as_numbers(forest, tables):
    secrets = ["sex", "age"]
    attack = attack_on(forest, secrets).fit(*split(tables[2], secrets))
    found = attack.predict(split(tables[0], secrets)[0])
    assert found.dtype.kind == "f" and found.shape == (N, 2)
    room = 0.1 * tables[2]["age"].std(ddof=0)
    near = np.abs(found[:, 1] - tables[0]["age"]) <= room
    right = attack.cells_right(*split(tables[0], secrets))
    np.testing.assert_array_equal(right[:, 1], near)


def test_tolerance_decides_which_numbers_are_right(fitted, tables):
    wide = clone(fitted).set_params(tolerance=9.0).fit(*split(tables[2]))
    assert wide.cells_right(*split(tables[0]))[:, 2].all()


def test_the_same_seed_gives_the_same_answer(forest, fitted, tables):
    X = split(tables[0])[0]
    again = attack_on(forest).fit(*split(tables[2]))
    np.testing.assert_array_equal(again.predict(X), fitted.predict(X))


def test_answer_does_not_depend_on_company(fitted, tables):
    X = split(tables[0])[0]
    np.testing.assert_array_equal(fitted.predict(X)[:9], fitted.predict(X[:9]))


def test_arrays_are_attacked_like_frames():
    members, _, own = (t.drop(columns="town") for t in people())
    model = RandomForestClassifier(25, random_state=0)
    secrets = ["sex", "age"]
    model.fit(members.drop(columns=LABEL), members[LABEL])
    named = attack_on(model, secrets, values=["classes", "numeric"])
    named.fit(*split(own, secrets))
    bare = clone(model).fit(
        members.drop(columns=LABEL).to_numpy(), members[LABEL].to_numpy()
    )
    places = [members.columns.get_loc(c) for c in secrets]
    plain = attack_on(bare, places, label=-1, values=["classes", "numeric"])
    plain.fit(*(part.to_numpy() for part in split(own, secrets)))
    X = split(members, secrets)[0]
    np.testing.assert_allclose(plain.predict(X.to_numpy()), named.predict(X))


@pytest.mark.parametrize(
    "model",
    [
        DecisionTreeClassifier(random_state=0),
        ExtraTreesClassifier(10, random_state=0),
        GradientBoostingClassifier(n_estimators=10, random_state=0),
    ],
)
def test_other_trees_are_read_too(model, tables):
    attack = attack_on(trained(model, tables[0])).fit(*split(tables[2]))
    assert np.isfinite(attack.weights_).all()
    assert attack.score(*split(tables[0])) > 0.2


def test_a_regression_target_is_attacked():
    members, others, own = people(regression=True)
    model = trained(RandomForestRegressor(25, random_state=0), members)
    attack = attack_on(model, ["town", "sex"]).fit(*split(own, ["town", "sex"]))
    inside, outside = (
        attack.score(*split(t, ["town", "sex"])) for t in (members, others)
    )
    assert inside > outside + 0.1


def test_the_label_need_not_be_known(forest, tables):
    attack = attack_on(forest, label_known=False).fit(*split(tables[2]))
    X, secret = split(tables[0])
    assert attack.score(X.drop(columns=LABEL), secret) > 0.3


def test_a_missing_cell_is_no_obstacle(fitted, tables):
    X = split(tables[0])[0].copy()
    X.iloc[0, 0] = np.nan
    assert not pd.isna(fitted.predict(X)).any()


def test_one_column_is_completed_as_well(forest, tables):
    attack = attack_on(forest, "sex").fit(*split(tables[2], "sex"))
    X, secret = split(tables[0], "sex")
    assert attack.predict(X).shape == (N, 1)
    assert attack.score(X, secret) > 0.6


def test_weights_of_records_count(fitted, tables):
    X, secret = split(tables[0])
    weight = np.arange(N)
    right = fitted.cells_right(X, secret).mean(axis=1)
    expected = np.average(right, weights=weight)
    assert fitted.score(X, secret, sample_weight=weight) == pytest.approx(expected)


def test_a_black_box_is_refused(forest, tables):
    attack = attack_on(forest).set_params(target=BlackBox(forest))
    with pytest.raises(TypeError, match="target must be FrozenEstimator"):
        attack.fit(*split(tables[2]))


def test_a_model_without_trees_is_refused(tables):
    model = trained(LogisticRegression(max_iter=999), tables[0])
    with pytest.raises(TypeError, match="LogisticRegression"):
        attack_on(model).fit(*split(tables[2]))


@pytest.mark.parametrize("values", ["number", ["classes"], ["auto", "auto", 3], None])
def test_kinds_of_columns_are_checked(forest, tables, values):
    with pytest.raises(ValueError, match="values must be one of"):
        attack_on(forest, values=values).fit(*split(tables[2]))


def test_a_secret_with_holes_is_refused(forest, tables):
    X, secret = split(tables[2])
    secret = secret.astype({"age": float})
    secret.iloc[3, 2] = np.nan
    with pytest.raises(ValueError, match="1 of 250 records have no secret"):
        attack_on(forest).fit(X, secret)


def test_the_number_of_columns_must_fit(forest, fitted, tables):
    X, secret = split(tables[2])
    with pytest.raises(ValueError, match="3 sensitive columns; got 2"):
        attack_on(forest).fit(X, secret.iloc[:, :2])
    with pytest.raises(ValueError, match="3 sensitive columns; got 1"):
        fitted.score(X, secret.iloc[:, :1])


def test_one_value_is_no_secret(forest, tables):
    X, secret = split(tables[2])
    with pytest.raises(ValueError, match="at least two values"):
        attack_on(forest).fit(X, secret.assign(sex=0))


def test_there_is_no_list_of_chances(fitted):
    assert not hasattr(fitted, "predict_proba")
