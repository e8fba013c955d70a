"""What an attack achieves beyond imputation: the figures and what is said of them."""

import numpy as np
import pytest
from attribute_scenes import LABEL, SECRET, SETTINGS, baseline, fitted, known, scene
from sklearn.linear_model import Ridge, RidgeClassifier
from sklearn.metrics import balanced_accuracy_score, r2_score, roc_auc_score
from sklearn.model_selection import GridSearchCV

from skprivacy.attribute import (
    AttributeInferenceResult,
    BayesAttack,
    ImputationBaseline,
)
from skprivacy.attribute._guesses import Guesses, guesses_of
from skprivacy.metrics import paired_difference_interval, share_interval
from skprivacy.targets import BlackBox

# Ten members, of whom the secret is 0 seven times: the attack is right about 8 of them,
# imputation, which always says 0, about 7. The attack alone is right about two.
SECRET_10 = np.array([0] * 7 + [1] * 3)
ATTACK_10 = np.array([0] * 6 + [1] + [1, 1, 0])
ALWAYS_0 = np.zeros(10, dtype=int)
# Ten others: both are wrong about four.
OTHERS_10 = np.array([0] * 6 + [1] * 4)


def chances_of(guess, n_values=2):
    return 0.6 * np.eye(n_values)[guess] + 0.4 / n_values


def guesses(secret, attack, imputation):
    secret, attack, imputation = map(np.asarray, (secret, attack, imputation))
    n_values = 1 + max(values.max() for values in (secret, attack, imputation))
    chances = (chances_of(guess, n_values) for guess in (attack, imputation))
    return Guesses(secret, attack, imputation, *chances)


def result_of_10(**settings):
    members = guesses(SECRET_10, ATTACK_10, ALWAYS_0)
    others = guesses(OTHERS_10, ALWAYS_0, ALWAYS_0)
    settings = {"classes": np.array(["no", "yes"]), "sensitive": "sick"} | settings
    return AttributeInferenceResult(members, others, **settings)


def numbers(attack_error, imputation_error, n=40, seed=0):
    rng = np.random.default_rng(seed)
    secret, one, other = rng.normal(size=(3, n))
    return Guesses(
        secret, secret + attack_error * one, secret + imputation_error * other
    )


def of_estimators(attack, imputation, **settings):
    where = scene()
    return AttributeInferenceResult.from_estimators(
        attack, imputation, *known(where.members), *known(where.others), **settings
    )


def test_accuracy_by_hand():
    accuracy, _ = result_of_10().gains_
    assert accuracy.measure == "accuracy"
    assert accuracy.score == share_interval([True] * 8 + [False] * 2)
    assert accuracy.imputation_score == share_interval([True] * 7 + [False] * 3)
    assert accuracy.advantage == paired_difference_interval(
        ATTACK_10 == SECRET_10, ALWAYS_0 == SECRET_10
    )
    assert accuracy.advantage.estimate == pytest.approx(0.1)
    assert accuracy.score_on_others.estimate == pytest.approx(0.6)
    assert accuracy.advantage_on_others.estimate == 0
    assert accuracy.member_gap.estimate == pytest.approx(0.1)
    # Independent of each other: the reaches of both add like the sides of a triangle.
    one, two = accuracy.advantage, accuracy.advantage_on_others
    below = np.hypot(one.estimate - one.low, two.high - two.estimate)
    assert accuracy.member_gap.low == pytest.approx(0.1 - below)


def test_records_behind_a_figure_are_counted_on_their_side():
    gain = result_of_10().gains_[0]
    assert (gain.score.n_members, gain.score.n_non_members) == (10, 0)
    on_others = gain.score_on_others
    assert (on_others.n_members, on_others.n_non_members) == (0, 10)
    assert (gain.member_gap.n_members, gain.member_gap.n_non_members) == (10, 10)


def test_balanced_accuracy_is_that_of_scikit_learn():
    balanced = result_of_10().gains_[1]
    assert balanced.measure == "balanced accuracy"
    expected = balanced_accuracy_score(SECRET_10, ATTACK_10)
    assert balanced.score.estimate == pytest.approx(expected)
    assert balanced.imputation_score.estimate == pytest.approx(0.5)
    assert balanced.advantage.estimate == pytest.approx(expected - 0.5)
    assert balanced.score_on_others.estimate == pytest.approx(0.5)


def test_a_value_that_one_side_lacks_is_no_part_of_balanced_accuracy():
    # Found among members alone, the value 2 would look like a gap.
    members = guesses([0, 0, 1, 1, 2], [0, 0, 1, 0, 2], [0] * 5)
    others = guesses([0, 0, 1, 1, 1], [0, 0, 1, 0, 2], [0] * 5)
    result = AttributeInferenceResult(members, others, classes=np.arange(3))
    balanced = result.gains_[1]
    assert balanced.score.estimate == pytest.approx((1 + 1 / 2) / 2)
    assert balanced.score_on_others.estimate == pytest.approx((1 + 1 / 3) / 2)
    assert result.by_value()["value"].tolist() == [0, 1]


def test_sides_that_share_no_value_have_no_balanced_accuracy():
    members, others = guesses([0], [0], [0]), guesses([1], [0], [0])
    result = AttributeInferenceResult(members, others, classes=np.arange(2))
    assert np.isnan(result.gains_[1].score.estimate)
    assert result.gains_[0].score.estimate == 1
    assert result.verdict.level == "none"
    assert result.by_value().empty


def test_the_first_measure_gives_the_attributes():
    result = result_of_10()
    assert result.advantage_over_imputation_ == result.gains_[0].advantage
    assert result.advantage_on_others_ == result.gains_[0].advantage_on_others
    assert result.member_gap_ == result.gains_[0].member_gap
    assert result.tolerance_ is None


def test_inferred_are_those_whom_the_attack_alone_names():
    expected = [False] * 7 + [True, True, False]
    assert result_of_10().inferred_.tolist() == expected


def test_numbers_are_measured_by_r2_and_by_the_share_within_the_tolerance():
    members, others = numbers(0.01, 1.0), numbers(1.0, 1.0, seed=1)
    result = AttributeInferenceResult(members, others, tolerance=0.1)
    r2, within = result.gains_
    assert (r2.measure, within.measure) == ("R2", "within tolerance")
    assert r2.score.estimate == pytest.approx(r2_score(members.secret, members.attack))
    near = np.abs(members.imputation - members.secret) <= 0.1
    assert within.score.estimate == 1
    assert within.imputation_score.estimate == pytest.approx(near.mean())
    np.testing.assert_array_equal(result.inferred_, ~near)
    assert result.advantage_over_imputation_ == r2.advantage


def test_tolerance_is_a_tenth_of_the_deviation_of_all():
    members, others = numbers(0.01, 1.0), numbers(1.0, 1.0, seed=1)
    result = AttributeInferenceResult(members, others)
    both = np.append(members.secret, others.secret)
    assert result.tolerance_ == pytest.approx(both.std() / 10)


def big(n, right_by_attack, right_by_imputation):
    """Of n records with two values, so many guessed right; the attack's come last."""
    secret = np.arange(n) % 2
    right = np.arange(n) >= n - right_by_attack
    guessed = np.arange(n) < right_by_imputation
    return guesses(
        secret,
        np.where(right, secret, 1 - secret),
        np.where(guessed, secret, 1 - secret),
    )


LEVELS = {
    "none": ((205, 200), (195, 200)),
    "statistical": ((300, 200), (300, 200)),
    "breach": ((300, 200), (200, 200)),
    "unclear": ((200, 200), (80, 200)),
}


@pytest.mark.parametrize("level", LEVELS)
def test_verdict(level):
    sides = [big(400, *rights) for rights in LEVELS[level]]
    result = AttributeInferenceResult(*sides, classes=np.arange(2), sensitive="sick")
    verdict = result.verdict
    assert verdict.level == level
    gain = result.gains_[0]
    for figure in (gain.score, gain.imputation_score):
        assert f"{100 * figure.estimate:.1f}%" in verdict.text
    assert f"{100 * gain.member_gap.estimate:+.1f} points" in verdict.text
    assert "sick is inferred with an accuracy of" in verdict.text
    assert str(verdict) == f"{verdict.headline} {verdict.text}"


def test_r2_is_not_told_in_percent():
    result = AttributeInferenceResult(numbers(0.1, 1, 400), numbers(1, 1, 400, seed=1))
    verdict, gain = result.verdict, result.gains_[0]
    assert verdict.level == "breach"
    assert f"an R² of {gain.score.estimate:.3f}, by imputation" in verdict.text
    assert f"The gap, {gain.member_gap.estimate:+.3f} (" in verdict.text
    assert "points" not in verdict.text


def test_an_advantage_on_others_alone_is_statistical():
    sides = big(400, 200, 200), big(400, 300, 200)
    result = AttributeInferenceResult(*sides, classes=np.arange(2))
    assert result.verdict.level == "statistical"


def test_a_rare_value_that_is_found_is_a_breach_though_accuracy_is_not_higher():
    # 40 of 1,000 have the value. The attack names half of them, and as many wrongly.
    secret = np.repeat([1, 0], [40, 960])
    attack = np.repeat([1, 0, 1, 0], [20, 20, 20, 940])
    always_0 = np.zeros(1000, dtype=int)
    result = AttributeInferenceResult(
        guesses(secret, attack, always_0),
        guesses(secret, always_0, always_0),
        classes=np.arange(2),
    )
    assert result.advantage_over_imputation_.estimate == 0
    assert result.verdict.level == "breach"
    assert "a balanced accuracy of" in result.verdict.text


def test_intervals_shown_together_are_wider_and_say_less():
    sides = [big(400, *rights) for rights in ((230, 200), (200, 200))]
    one, many = (
        AttributeInferenceResult(*sides, classes=np.arange(2), n_comparisons=n)
        for n in (1, 10_000)
    )
    assert many.member_gap_.low < one.member_gap_.low
    less_sure = AttributeInferenceResult(*sides, classes=np.arange(2), confidence=0.5)
    assert less_sure.member_gap_.low > one.member_gap_.low
    assert "50% interval" in less_sure.verdict.text


def test_summary_has_a_row_for_each_measure():
    result = result_of_10()
    table = result.summary()
    assert table["measure"].tolist() == ["accuracy", "balanced accuracy"]
    gain = result.gains_[0]
    for column, interval in (
        ("score", gain.score),
        ("imputation", gain.imputation_score),
        ("advantage_on_others", gain.advantage_on_others),
        ("member_gap", gain.member_gap),
    ):
        found = table.loc[0, [column, f"{column}_low", f"{column}_high"]]
        expected = [interval.estimate, interval.low, interval.high]
        assert found.tolist() == expected


def test_by_value_by_hand():
    result = result_of_10()
    table = result.by_value().set_index("value")
    assert table.index.tolist() == ["no", "yes"]
    assert table["n_members"].tolist() == [7, 3]
    assert table["n_others"].tolist() == [6, 4]
    np.testing.assert_allclose(table["score"], [6 / 7, 2 / 3])
    np.testing.assert_allclose(table["imputation"], [1, 0])
    np.testing.assert_allclose(table["advantage"], [-1 / 7, 2 / 3])
    chance = result.members.attack_chances[:, 1]
    expected = roc_auc_score(SECRET_10, chance)
    assert table.loc["yes", "roc_auc"] == pytest.approx(expected)
    assert table.loc["yes", "imputation_roc_auc"] == pytest.approx(0.5)
    # Two rows hold together, with the seven figures and four curves of each.
    alone = share_interval(ATTACK_10[:7] == 0, n_comparisons=2 * 11)
    assert table.loc["no", "score_low"] == pytest.approx(alone.low)
    # Ten records bear no rate of one in a hundred.
    assert not any("tpr" in column for column in table)


def test_by_value_has_the_rate_where_enough_have_another_value():
    sides = big(400, 300, 200), big(400, 200, 200)
    table = AttributeInferenceResult(*sides, classes=np.arange(2)).by_value()
    for name in ("tpr_at_fpr_0.01", "imputation_tpr_at_fpr_0.01"):
        assert ((table[f"{name}_low"] <= table[name]) & (table[name] <= 1)).all()


def test_by_group_by_hand():
    members, others = np.array([*"aaaaabbbbb"]), np.array([*"aaaaaaabbc"])
    table = result_of_10().by_group(members, others).set_index("group")
    # Nobody of group c is a member.
    assert table.index.tolist() == ["a", "b"]
    assert table["n_members"].tolist() == [5, 5]
    assert table["n_others"].tolist() == [7, 2]
    np.testing.assert_allclose(table["score"], [1, 3 / 5])
    np.testing.assert_allclose(table["imputation"], [1, 2 / 5])
    np.testing.assert_allclose(table["member_gap"], [0, 1 / 5])
    alone = share_interval([True] * 5, n_comparisons=2 * 7)
    assert table.loc["a", "score_low"] == pytest.approx(alone.low)


def test_by_group_takes_texts_beside_numbers_and_measures_numbers_by_r2():
    members, others = numbers(0.1, 1.0), numbers(1.0, 1.0, seed=1)
    group = np.array([1] * 20 + ["x"] * 20, dtype=object)
    table = AttributeInferenceResult(members, others).by_group(group, group)
    assert table["group"].tolist() == [1, "x"]
    half = slice(20)
    expected = r2_score(members.secret[half], members.attack[half])
    assert table["score"][0] == pytest.approx(expected)


def test_a_group_that_is_missing_is_no_group():
    group = np.array(["a"] * 5 + [None] * 5, dtype=object)
    assert result_of_10().by_group(group, group)["group"].tolist() == ["a"]


@pytest.mark.parametrize("name", ["groups_members", "groups_others"])
def test_there_is_a_group_for_each_record(name):
    groups = {"groups_members": ["a"] * 10, "groups_others": ["a"] * 10}
    match = rf"{name} must hold a group for each of the 10 records.*\(3,\)"
    with pytest.raises(ValueError, match=match):
        result_of_10().by_group(**groups | {name: ["a"] * 3})


def test_numbers_have_no_rows_by_value():
    result = AttributeInferenceResult(numbers(1, 1), numbers(1, 1), sensitive="age")
    with pytest.raises(ValueError, match=r"age was inferred as a number.*by_group"):
        result.by_value()


def test_fitted_estimators_are_asked():
    attack, imputation = fitted("LearnedAttack"), baseline()
    result = of_estimators(attack, imputation)
    X, secret = known(scene().members)
    gain = result.gains_[0]
    assert gain.score.estimate == pytest.approx(attack.score(X, secret))
    assert gain.imputation_score.estimate == pytest.approx(imputation.score(X, secret))
    assert (result.name, result.sensitive) == ("LearnedAttack", SECRET)
    assert result.verdict.level == "breach"
    assert "'sex', 'LearnedAttack', advantage_over_imputation_=" in repr(result)
    np.testing.assert_array_equal(
        result.members.attack_chances.argmax(axis=1), [*attack.predict(X)]
    )


def test_imputation_has_no_advantage_over_itself():
    result = of_estimators(baseline(), baseline(), name="the same", sensitive="Sex")
    assert result.advantage_over_imputation_.estimate == 0
    assert result.verdict.level == "none"
    assert not result.inferred_.any()
    assert (result.name, result.sensitive) == ("the same", "Sex")


def test_a_search_over_an_attack_is_an_attack():
    where = scene()
    attack = BayesAttack(where.box, random_state=0, **SETTINGS)
    search = GridSearchCV(attack, {"weight": [0, 20]}, cv=2).fit(*known(where.own))
    result = of_estimators(search, baseline())
    assert (result.name, result.sensitive) == ("BayesAttack", SECRET)


def test_a_model_that_infers_classes_alone_has_no_chances():
    where = scene()
    guess = RidgeClassifier().fit(*known(where.own))
    with pytest.raises(TypeError, match="attack must have predict_proba"):
        of_estimators(guess, baseline())


def test_several_secrets_count_where_all_are_right():
    where = scene()
    secrets = [SECRET, "b"]
    settings = {"sensitive": secrets, "label": LABEL, "random_state": 0}

    def known_of(records):
        records = records.assign(b=np.where(records["b"] > 0, 1.0, -1.0))
        return records.drop(columns=secrets), records[secrets]

    attack = BayesAttack(where.box, weight=5, **settings).fit(*known_of(where.own))
    imputation = ImputationBaseline(**settings).fit(*known_of(where.own))
    X, secret = known_of(where.members)
    result = AttributeInferenceResult.from_estimators(
        attack, imputation, X, secret, *known_of(where.others)
    )
    assert result.sensitive == "sex, b"
    assert result.classes.shape == (4, 2)
    expected = (attack.predict(X) == secret.to_numpy()).all(axis=1).mean()
    assert result.gains_[0].score.estimate == pytest.approx(expected)
    assert result.by_value()["value"].tolist() == [(0, -1), (0, 1), (1, -1), (1, 1)]


def test_numbers_are_asked_of_regressors():
    where = scene()
    settings = {"sensitive": "a", "label": LABEL, "values": "numeric"}
    sides = [
        (records.drop(columns="a"), records["a"])
        for records in (where.own, where.members, where.others)
    ]
    attack = BayesAttack(where.box, weight=5, random_state=0, **settings)
    imputation = ImputationBaseline(random_state=0, **settings)
    result = AttributeInferenceResult.from_estimators(
        attack.fit(*sides[0]), imputation.fit(*sides[0]), *sides[1], *sides[2]
    )
    assert result.classes is None
    r2 = result.gains_[0]
    assert r2.score.estimate == pytest.approx(attack.score(*sides[1]))
    assert r2.imputation_score.estimate == pytest.approx(imputation.score(*sides[1]))
    assert "an R² of" in result.verdict.text


def constant_target(X):
    return np.zeros(len(X))


def test_texts_beside_numbers_and_values_that_nobody_saw():
    X = np.column_stack([np.arange(40) % 2, np.zeros(40)])
    secret = np.array([1, "x"] * 20, dtype=object)
    imputation = ImputationBaseline(sensitive=0, random_state=0).fit(X, secret)
    attack = BayesAttack(BlackBox(constant_target), sensitive=0, weight=1)
    attack.fit(X, secret)
    unseen = np.where(np.arange(40) < 10, "new", secret)
    result = AttributeInferenceResult.from_estimators(
        attack, imputation, X, secret, X, unseen
    )
    assert result.classes.tolist() == [1, "new", "x"]
    assert result.gains_[0].score.estimate == 1
    assert result.gains_[0].score_on_others.estimate == pytest.approx(0.75)
    assert result.sensitive == "column 0"


def test_a_table_of_one_column_is_one_secret():
    where = scene()
    (X, secret), others = known(where.members), known(where.others)
    one, table = (
        AttributeInferenceResult.from_estimators(
            baseline(), baseline(), X, y, *others
        ).gains_[0]
        for y in (secret, secret.to_frame())
    )
    assert one == table


@pytest.mark.parametrize("side", ["members", "others"])
def test_there_must_be_records(side):
    sides = {"members": numbers(1, 1), "others": numbers(1, 1)}
    sides[side] = sides[side][:0]
    with pytest.raises(ValueError, match=f"{side} must hold at least one record"):
        AttributeInferenceResult(**sides)


def test_classes_and_numbers_are_not_compared():
    where = scene()
    number = ImputationBaseline(sensitive=SECRET, label=LABEL, values="numeric")
    number.fit(*known(where.own))
    with pytest.raises(ValueError, match="got a classifier and a regressor"):
        of_estimators(baseline(), number)


def test_a_secret_that_is_missing_is_named():
    where = scene()
    X, secret = known(where.others)
    secret = secret.where(np.arange(len(secret)) > 1)
    with pytest.raises(ValueError, match="y_others: 2 of 300 records have no secret"):
        AttributeInferenceResult.from_estimators(
            baseline(), baseline(), *known(where.members), X, secret
        )


def test_there_is_a_secret_for_each_record():
    X, secret = known(scene().members)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        AttributeInferenceResult.from_estimators(
            baseline(), baseline(), X, secret[:-1], X, secret
        )


def test_several_numbers_are_judged_one_at_a_time():
    X = np.random.default_rng(0).normal(size=(30, 2))
    model = Ridge().fit(X, X)
    with pytest.raises(ValueError, match="one number for each record; got 2 columns"):
        AttributeInferenceResult.from_estimators(model, model, X, X, X, X)


def test_name_of_an_estimator_without_a_secret():
    X = np.random.default_rng(0).normal(size=(30, 2))
    model = Ridge().fit(X, X[:, 0])
    result = AttributeInferenceResult.from_estimators(
        model, model, X, X[:, 0], X, X[:, 0]
    )
    assert (result.sensitive, result.name) == ("the secret", "Ridge")


def test_the_tolerance_is_judged_by_the_likeliest_value_and_r2_by_the_mean():
    secret = np.arange(100.0)
    side = Guesses(secret, secret + 2, secret + 3, None, None, secret, secret + 9)
    result = AttributeInferenceResult(side, side, tolerance=1)
    r2, near = result.gains_
    assert r2.score.estimate == pytest.approx(r2_score(secret, secret + 2))
    assert (near.score.estimate, near.imputation_score.estimate) == (1, 0)
    assert result.inferred_.all()
    assert side[:3].near[1].tolist() == [9, 10, 11]


def test_imputation_has_the_same_chance_to_name_the_likeliest_value():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(120, 3))
    sides = {"members": (X[:60], X[:60, 0]), "others": (X[60:], X[60:, 0])}
    known = {name: (records[:, 1:], y) for name, (records, y) in sides.items()}
    plain = ImputationBaseline(0, values="numeric", random_state=0)
    plain.fit(*known["others"])
    (members, _), classes = guesses_of(plain, plain, known, tolerance=0.2)
    assert classes is None
    np.testing.assert_array_equal(members.attack_near, members.imputation_near)
    expected = plain.predict_posterior(known["members"][0]).likeliest(0.2)
    np.testing.assert_array_equal(members.attack_near, expected)
    np.testing.assert_array_equal(members.attack, plain.predict(known["members"][0]))
