"""Answers that were paid for survive a target that goes down."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier
from sklearn.tree import DecisionTreeClassifier

from skprivacy.extraction import (
    AutoExtraction,
    EquationSolvingAttack,
    LowdMeekAttack,
    NeuralExtractionAttack,
    PathFindingAttack,
    SurrogateAttack,
    ThresholdSearchAttack,
)
from skprivacy.extraction._answer_store import BLOCK, AnswerStore
from skprivacy.targets import BlackBox

X, Y = load_iris(return_X_y=True)
LOGISTIC = LogisticRegression(max_iter=1000).fit(X, Y)
TREE = DecisionTreeClassifier(max_depth=3, random_state=0).fit(X, Y)
STUMPS = GradientBoostingClassifier(n_estimators=5, max_depth=1, random_state=0)
NETWORK = MLPClassifier(5, max_iter=3000, random_state=0)
QUICK = SurrogateAttack(None, estimator=Ridge(), strategy="records", batch_size=500)


class Flaky:
    """A target that counts what it answers, and goes down once."""

    def __init__(self, model, response="proba", fails_after=None):
        self.model, self.response, self.fails_after = model, response, fails_after
        self.n_answered = 0

    def __call__(self, table):
        if self.fails_after is not None and self.n_answered >= self.fails_after:
            self.fails_after = None
            raise ConnectionError("503")
        self.n_answered += len(table)
        if self.response == "label":
            return self.model.predict(table)
        return self.model.predict_proba(table)

    def box(self, budget=None):
        return BlackBox(
            self, response=self.response, classes=self.model.classes_, budget=budget
        )


@pytest.mark.parametrize(
    "attack, model, response",
    [
        (EquationSolvingAttack, LOGISTIC, "proba"),
        (LowdMeekAttack, LOGISTIC, "label"),
        (PathFindingAttack, TREE, "proba"),
        (ThresholdSearchAttack, STUMPS.fit(X, Y), "proba"),
        (NeuralExtractionAttack, NETWORK.fit(X, Y), "proba"),
        (AutoExtraction, LOGISTIC, "proba"),
        (partial(AutoExtraction, surrogate=QUICK, budget=400), TREE, "proba"),
    ],
)
def test_a_second_fit_pays_only_for_what_is_new(attack, model, response, tmp_path):
    undisturbed = Flaky(model, response)
    whole = attack(undisturbed.box(), random_state=0).fit(X)
    assert undisturbed.n_answered == whole.n_queries_

    half = undisturbed.n_answered // 2
    flaky = Flaky(model, response, half)
    copy = attack(flaky.box(), memory=tmp_path, random_state=0)
    with pytest.raises(ConnectionError) as caught:
        copy.fit(X)
    assert any(str(tmp_path) in note for note in caught.value.__notes__)
    n_before = flaky.n_answered
    assert half <= n_before < undisturbed.n_answered
    copy.fit(X)
    assert flaky.n_answered == undisturbed.n_answered
    assert copy.n_queries_ == flaky.n_answered - n_before
    np.testing.assert_allclose(copy._answers(X), whole._answers(X), atol=1e-9)
    # Once more costs nothing.
    assert copy.fit(X).n_queries_ == 0
    assert flaky.n_answered == undisturbed.n_answered


def test_answers_that_are_there_count_in_no_budget(tmp_path):
    first = Flaky(LOGISTIC)
    attack = EquationSolvingAttack(first.box(), memory=tmp_path).fit(X)
    # Eight answers are needed, and none is left to buy.
    again = EquationSolvingAttack(first.box(budget=0), memory=tmp_path).fit(X)
    assert attack.n_queries_ == 8 and again.n_queries_ == 0
    np.testing.assert_array_equal(attack.coef_, again.coef_)
    with pytest.raises(ValueError, match="needs 8 queries.* of 0 only 0 are left"):
        EquationSolvingAttack(first.box(budget=0)).fit(X)


def test_one_folder_serves_several_attacks(tmp_path):
    flaky = Flaky(TREE)
    with pytest.raises(ValueError, match="no linear"):
        EquationSolvingAttack(flaky.box(), memory=tmp_path).fit(X)
    n_before = flaky.n_answered
    surrogate = SurrogateAttack(
        flaky.box(),
        estimator=DecisionTreeClassifier(random_state=0),
        strategy="records",
        budget=100,
        batch_size=100,
        memory=tmp_path,
        random_state=0,
    ).fit(X)
    assert surrogate.n_answers_ == 100
    # Records that the other has asked are not asked again.
    assert surrogate.n_queries_ == flaky.n_answered - n_before < 100


def test_noisy_answers_come_back_in_their_order(tmp_path):
    table = np.array([[1.0, 2.0], [3.0, 4.0], [1.0, 2.0]])
    told = iter(range(100))
    first = AnswerStore(tmp_path)

    def ask(points):
        return np.array([[float(next(told))] for _ in points])

    assert first.answer(table, ask).ravel().tolist() == [0, 1, 2]
    assert first.answer(table[:1], ask).tolist() == [[3]]
    again = AnswerStore(tmp_path, 1)
    assert (len(again), again.n_unused, again.n_replayed) == (2, 4, 0)
    assert again.answer(table[:1], ask).tolist() == [[0]]
    assert again.answer(table[::-1], ask).ravel().tolist() == [2, 1, 3]
    assert (again.n_unused, again.n_replayed) == (0, 4)
    assert again.answer(table[:1], ask).tolist() == [[4]]
    assert again.lookup(table)[1].tolist() == [1]


def test_what_was_cut_off_is_asked_again(tmp_path):
    store = AnswerStore(tmp_path)
    store.add(np.eye(3), np.eye(3)[:, :2])
    path = tmp_path / "answers-2.rows"
    path.write_bytes(path.read_bytes()[:-5])
    store = AnswerStore(tmp_path, 2)
    assert len(store) == 2
    store.add(np.eye(3)[2:], np.array([[7.0, 8.0]]))
    found = AnswerStore(tmp_path).lookup(np.eye(3))
    assert [answer.tolist() for answer in found] == [[1, 0], [0, 1], [7, 8]]


def test_many_points_are_asked_in_blocks_and_tables_keep_their_columns(tmp_path):
    sizes = []

    def ask(table):
        assert list(table.columns) == ["a"]
        sizes.append(len(table))
        return table.to_numpy(dtype=float)

    table = pd.DataFrame({"a": np.arange(BLOCK + 1)})
    answers = AnswerStore(tmp_path).answer(table, ask)
    assert sizes == [BLOCK, 1]
    assert answers.ravel().tolist() == table["a"].tolist()


def test_memory_must_be_a_folder():
    with pytest.raises(ValueError, match="'memory' parameter"):
        EquationSolvingAttack(BlackBox(LOGISTIC), memory=3).fit(X)


def test_altered_answers_are_left_out_and_said(tmp_path):
    answers = np.array([[0.25, 0.75], [1.0, 0.0], [0.5, 0.5]])
    AnswerStore(tmp_path).add(X[[0, 50, 100]], answers)
    path = tmp_path / "answers-2.rows"
    data, size = path.read_bytes(), path.stat().st_size // 3
    for place in range(size, 2 * size):  # any byte of the second row
        altered = bytearray(data)
        altered[place] ^= 4
        path.write_bytes(altered)
        with pytest.warns(UserWarning, match="memory: 1 of 3 answers .* altered"):
            store = AnswerStore(tmp_path)
        first, second, third = store.lookup(X[[0, 50, 100]])
        assert second is None
        np.testing.assert_array_equal([first, third], answers[[0, 2]])
