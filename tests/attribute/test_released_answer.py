"""The answer to the true record that was released."""

import numpy as np
import pandas as pd
import pytest
from attribute_scenes import LABEL, SECRET, known, scene
from sklearn.base import clone
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.tree import DecisionTreeClassifier

from skprivacy.attribute import (
    AttributeInferenceResult,
    ImputationBaseline,
    ReleasedAnswerAttack,
)
from skprivacy.targets import BlackBox

ANSWER = "score"
QUICK = DecisionTreeClassifier(max_depth=2, random_state=0)
SETTINGS = {
    "sensitive": SECRET,
    "answer": ANSWER,
    "label": LABEL,
    "values": "classes",
    "imputer": QUICK,
    "random_state": 0,
}
# Chance of label 1 for secret 0, 1, 2 (columns) where the known column is the row.
CHANCES = np.array([[0.9, 0.2, 0.3], [0.5, 0.5, 0.1], [0.4, 0.4, 0.4]])


def box(**settings):
    def answer(X):
        return CHANCES[X[:, 1].astype(int), X[:, 0].astype(int)]

    return BlackBox(answer, classes=[0, 1], **settings)


def own(decimals=None):
    """Records of which the secret is 1 more often than 0, and 2 most often."""
    secret = np.array([0, 1, 1, 2, 2, 2] * 5)
    column = np.repeat(np.arange(3), 10)
    answer = CHANCES[column, secret]
    if decimals is not None:
        answer = answer.round(decimals)
    return np.column_stack([column, answer, np.arange(30) % 2]), secret


def by_hand(**settings):
    return ReleasedAnswerAttack(
        box(), sensitive=0, answer=1, random_state=0, **settings
    )


def released(records, where=None):
    """Return what is known of the records of a scene, the score of each among it."""
    where = scene() if where is None else where
    X, secret = known(records)
    score = where.model.predict_proba(records.drop(columns=LABEL))[:, 1]
    return X.assign(**{ANSWER: score}), secret


def smooth(response="auto", n=150, decimals=None):
    """Return a logistic target, and what is known of records with a numeric secret."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(2 * n, 3))
    y = (X @ [1.0, 1.0, -1.0] + rng.normal(size=2 * n) > 0).astype(int)
    target = BlackBox(LogisticRegression().fit(X[:n], y[:n]), response=response)
    answer = target.query(X)[:, 1]
    if decimals is not None:
        answer = answer.round(decimals)
    knows = np.column_stack([X[:, [0, 2]], answer, y])
    return target, (knows[:n], X[:n, 1]), (knows[n:], X[n:, 1])


def test_the_value_with_the_known_answer_is_taken():
    attack = by_hand().fit(*own())
    asked = [[0, 0.9, 1], [0, 0.2, 1], [0, 0.3, 0], [1, 0.1, 0]]
    assert attack.predict(asked).tolist() == [0, 1, 2, 2]
    assert (attack.predict_proba(asked).max(axis=1) > 0.999).all()


def test_level_answers_leave_the_imputer_to_decide_between_their_values():
    attack = by_hand().fit(*own())
    imputation = ImputationBaseline(sensitive=0, label=-1, random_state=0)
    X, secret = own()
    imputation.fit(np.delete(X, 1, axis=1), secret)
    guess = imputation.predict_proba([[1, 0], [2, 0]])
    found = attack.predict_proba([[1, 0.5, 0], [2, 0.4, 0]])
    # Of three values two are left, with the odds that they had; and all three.
    np.testing.assert_allclose(found[0, :2], guess[0, :2] / guess[0, :2].sum(), 1e-2)
    assert found[0, 2] < 1e-6
    np.testing.assert_allclose(found[1], guess[1], atol=1e-3)


def test_rounded_answers_are_level_within_the_rounding():
    # With no decimals 0.2, 0.3 are 0, and 0.9 is 1.
    attack = by_hand().fit(*own(decimals=0))
    assert 0.3 < attack.error_.width < 0.6
    found = attack.predict_proba([[0, 0.0, 1], [0, 1.0, 1]])
    assert found[0, 0] < 0.01 and found[0, 1] > 0.05 and found[0, 2] > 0.05
    assert found[1, 0] > 0.9


def test_an_answer_that_no_value_has_leads_to_the_nearest():
    found = by_hand().fit(*own()).predict_proba([[0, 0.8, 1]])
    assert np.isfinite(found).all() and found.argmax() == 0


def test_the_label_need_not_be_known():
    asked = [[0, 0.9], [0, 0.2]]
    attack = by_hand(label_known=False).fit(*own())
    with_label = [[*row, 1] for row in asked]
    assert attack.predict(asked).tolist() == [0, 1]
    np.testing.assert_array_equal(
        attack.predict_proba(asked), attack.predict_proba(with_label)
    )
    X, secret = own()
    none = by_hand(label=None).fit(X[:, :2], secret)
    assert none.predict(asked).tolist() == [0, 1]


@pytest.mark.parametrize("label", [0, -3])
def test_the_label_may_stand_before_the_answer(label):
    X, secret = own()
    attack = ReleasedAnswerAttack(
        box(), sensitive=0, answer=-1, label=label, label_known=False, random_state=0
    )
    attack.fit(X[:, [2, 0, 1]], secret)
    assert attack.predict([[1, 0, 0.9], [1, 0, 0.2]]).tolist() == [0, 1]
    # Without the label's column the answer stands one place further to the left.
    assert attack.predict([[0, 0.9], [0, 0.2]]).tolist() == [0, 1]


def test_strangers_are_told_as_well_as_members():
    where = scene()
    attack = ReleasedAnswerAttack(where.box, **SETTINGS).fit(*released(where.own))
    for records in (where.members, where.others):
        X, secret = released(records)
        # Of 20 trees' votes the secret changes those of most records; 4 of 5 is far
        # above the 0.63 or so of imputation.
        assert attack.score(X, secret) > 0.8
        imputation = ImputationBaseline(
            SECRET, label=LABEL, values="classes", random_state=0
        ).fit(*known(where.own))
        assert attack.score(X, secret) > imputation.score(*known(records)) + 0.1


def test_arrays_are_attacked_like_frames():
    where = scene()
    frames = ReleasedAnswerAttack(where.box, **SETTINGS).fit(*released(where.own))
    X, _ = released(where.members)
    model = clone(where.recipe).fit(
        where.members.drop(columns=LABEL).to_numpy(), where.members[LABEL].to_numpy()
    )
    arrays = ReleasedAnswerAttack(BlackBox(model), **SETTINGS)
    arrays.set_params(sensitive=1, answer=-1, label=-2)
    own_X, secret = released(where.own)
    arrays.fit(own_X.to_numpy(), secret.to_numpy())
    np.testing.assert_allclose(
        arrays.predict_proba(X.to_numpy()), frames.predict_proba(X), rtol=1e-9
    )


@pytest.mark.parametrize("response", ["proba", "decision"])
def test_a_number_is_solved_for(response):
    target, mine, theirs = smooth(response)
    attack = ReleasedAnswerAttack(target, sensitive=1, answer=-2, random_state=0)
    attack.fit(*mine)
    assert attack.score(*theirs) > 0.99999
    near = attack.predict_posterior(theirs[0]).likeliest(tolerance=1e-3)
    assert np.mean(np.abs(near - theirs[1]) < 1e-3) > 0.99


def test_rounding_to_two_decimals_leaves_most_of_a_number():
    target, mine, theirs = smooth(decimals=2)
    attack = ReleasedAnswerAttack(target, sensitive=1, answer=-2, random_state=0)
    assert 0.9 < attack.fit(*mine).score(*theirs) < 0.99999


def test_a_regressor_is_asked_for_its_value():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 3))
    model = LinearRegression().fit(X, X @ [1.0, 2.0, 3.0])
    knows = np.column_stack([X[:, [0, 2]], model.predict(X)])
    attack = ReleasedAnswerAttack(
        BlackBox(model), sensitive=1, answer=-1, label=None, random_state=0
    )
    assert attack.fit(knows[:100], X[:100, 1]).score(knows[100:], X[100:, 1]) > 0.99999


def test_the_budget_of_the_target_is_kept():
    _, mine, theirs = smooth()
    model = smooth()[0].model
    # 150 for the own records, 34 a record for the grid, and 6 more.
    target = BlackBox(model, budget=150 + 40 * 40)
    attack = ReleasedAnswerAttack(target, sensitive=1, answer=-2, random_state=0)
    attack.fit(*mine)
    assert np.isfinite(attack.predict(theirs[0][:40])).all()
    assert target.n_queries_ <= target.budget


def test_labels_alone_rule_values_out():
    target = box(response="label")

    def answer(X):
        return (CHANCES[X[:, 1].astype(int), X[:, 0].astype(int)] > 0.45).astype(int)

    target.set_params(model=answer)
    X, secret = own()
    X[:, 1] = answer(np.column_stack([secret, X[:, 0]]))
    attack = ReleasedAnswerAttack(target, sensitive=0, answer=1, random_state=0)
    found = attack.fit(X, secret).predict_proba([[0, 1, 0], [0, 0, 0]])
    assert found[0, 0] > 0.999 and found[1, 0] < 0.001


def test_a_column_for_each_of_three_classes_and_two_secrets_of_text():
    rng = np.random.default_rng(0)
    n = 300
    table = pd.DataFrame(rng.normal(size=(n, 2)), columns=["x", "z"])
    table["sex"], table["smoker"] = rng.integers(2, size=(2, n))
    y = np.array(["a", "b", "c"])[(table.sum(axis=1).to_numpy() * 2).astype(int) % 3]
    model = LogisticRegression().fit(table, y)
    scores = pd.DataFrame(model.predict_proba(table), columns=[*"abc"])
    secrets = ["smoker", "sex"]

    def answer(X):
        coded = X.assign(**{name: (X[name] == "yes").astype(int) for name in secrets})
        return model.predict_proba(coded[table.columns])

    target = BlackBox(answer, classes=model.classes_)
    X = pd.concat([table[["x", "z"]], scores], axis=1).assign(y=y)
    secret = pd.DataFrame({s: np.where(table[s], "yes", "no") for s in secrets})
    attack = ReleasedAnswerAttack(
        target,
        sensitive=secrets,
        answer=["a", "b", "c"],
        label="y",
        imputer=QUICK,
    )
    attack.fit(X[:200], secret[:200])
    assert attack.score(X[200:], secret[200:]) > 0.99


def test_the_result_gives_the_yardstick_the_same_columns():
    where = scene()
    attack = ReleasedAnswerAttack(where.box, **SETTINGS).fit(*released(where.own))
    baseline = ImputationBaseline(
        SECRET, label=LABEL, values="classes", random_state=0
    ).fit(*released(where.own))
    result = AttributeInferenceResult.from_estimators(
        attack, baseline, *released(where.members), *released(where.others)
    )
    assert result.advantage_over_imputation_.low > 0


def test_a_grid_search_and_a_clone_take_it():
    attack = ReleasedAnswerAttack(scene().box, **SETTINGS)
    search = GridSearchCV(attack, {"label_known": [True, False]}, cv=2)
    search.fit(*released(scene().own))
    assert search.best_score_ > 0.8
    assert clone(search.best_estimator_).answer == ANSWER


class TestBadInput:
    def fit(self, records=None, **changes):
        X, secret = released(scene().own)
        X = X if records is None else records(X)
        attack = ReleasedAnswerAttack(scene().box, **SETTINGS)
        return attack.set_params(**changes).fit(X, secret)

    def test_the_answer_must_be_there(self):
        with pytest.raises(ValueError, match=r"answer: \['score'\] are no columns"):
            self.fit(lambda X: X.drop(columns=ANSWER))

    def test_and_of_the_records_under_attack_too(self):
        attack = self.fit(label_known=False)
        X, _ = known(scene().others)
        with pytest.raises(ValueError, match=r"answer: \['score'\] are no columns"):
            attack.predict(X)

    def test_no_position_beyond_the_array(self):
        X, secret = own()
        with pytest.raises(ValueError, match=r"answer: \[7\] are no columns"):
            by_hand().set_params(answer=7).fit(X, secret)

    def test_a_feature_of_the_target_is_no_answer(self):
        with pytest.raises(ValueError, match=r"answer: \['b'\] are features"):
            self.fit(answer="b")

    def test_the_label_is_no_answer(self):
        with pytest.raises(ValueError, match="holds the label's column"):
            self.fit(answer=LABEL)

    @pytest.mark.parametrize("answer", [1.5, None, True, [None]])
    def test_a_column_has_a_name_or_a_position(self, answer):
        with pytest.raises(TypeError, match="answer must be the name of the column"):
            self.fit(answer=answer)

    @pytest.mark.parametrize("answer", [[], [ANSWER, ANSWER]])
    def test_one_column_or_different_ones(self, answer):
        with pytest.raises(ValueError, match="answer must name one column or several"):
            self.fit(answer=answer)

    def test_the_same_column_twice_by_name_and_position(self):
        with pytest.raises(ValueError, match="answer names a column twice"):
            self.fit(answer=[ANSWER, -1])

    def test_no_answer_may_be_missing(self):
        def holed(X):
            return X.assign(**{ANSWER: X[ANSWER].mask(np.arange(len(X)) < 3)})

        with pytest.raises(ValueError, match="3 of 300 records have no answer"):
            self.fit(holed)

    def test_an_answer_is_a_number(self):
        with pytest.raises(ValueError, match="answer must be numbers.*'high'"):
            self.fit(lambda X: X.assign(**{ANSWER: "high"}))

    def test_an_answer_is_finite(self):
        with pytest.raises(ValueError, match="must be finite"):
            self.fit(lambda X: X.assign(**{ANSWER: np.inf}))

    def test_as_many_columns_as_classes(self):
        with pytest.raises(ValueError, match="a column for each of its 2 classes.*3"):
            self.fit(lambda X: X.assign(s=0, t=0), answer=[ANSWER, "s", "t"])

    def test_a_label_is_one_of_the_target_s(self):
        target = BlackBox(scene().model, response="label")
        with pytest.raises(ValueError, match=r"\[7\] are no classes of the target"):
            self.fit(lambda X: X.assign(**{ANSWER: 7}), target=target)
