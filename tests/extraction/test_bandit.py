import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

from skprivacy.extraction import SurrogateAttack
from skprivacy.extraction._bandit import (
    draw_actions,
    make_actions,
    policy,
    rewards,
    update_preferences,
)
from skprivacy.targets import BlackBox


def test_rewards_by_hand():
    answers = np.array([[0.7, 0.2, 0.1], [0.5, 0.5, 0.0]])
    told = np.array([[0.5, 0.25, 0.25], [1.0, 0.0, 0.0]])
    mean = np.array([0.6, 0.2, 0.2])
    found = rewards(answers, told, "proba", mean)
    loss = [
        -0.7 * np.log(0.5) - 0.3 * np.log(0.25),
        # A probability of 0 counts as one in a million.
        -0.5 * np.log(1e-6),
    ]
    np.testing.assert_allclose(found[:, 0], [0.5, 0.0])
    np.testing.assert_allclose(found[:, 1], [0.1, 0.3])
    np.testing.assert_allclose(found[:, 2], loss)


def test_rewards_of_numbers():
    answers, told = np.array([[3.0], [-1.0]]), np.array([[2.0], [1.0]])
    found = rewards(answers, told, "value", np.array([1.0]))
    assert found.tolist() == [[0, 2, 1], [0, 2, 4]]
    decisions = rewards(
        np.array([[0.0, 2.0]]), np.zeros((1, 2)), "decision", np.ones(2)
    )
    assert decisions.tolist() == [[2, 1, 4]]


def test_policy_is_a_softmax_that_does_not_overflow():
    np.testing.assert_allclose(policy(np.log([1.0, 3.0])), [0.25, 0.75])
    assert policy(np.array([0.0, 1e4])).tolist() == [0, 1]


def test_preferences_by_hand():
    preferences, counts = np.zeros(2), np.array([0, 3])
    # Mean of four rewards: (3 * 0.2 + 1) / 4 = 0.4. It was never taken: a step of 1.
    baseline = update_preferences(preferences, counts, 0.2, np.array([0]), [1.0])
    assert baseline == pytest.approx(0.4)
    np.testing.assert_allclose(preferences, [0.6 * 0.5, -0.6 * 0.5])
    assert counts.tolist() == [1, 3]


def test_the_better_action_is_preferred():
    rng = np.random.default_rng(0)
    preferences, counts, baseline = np.zeros(3), np.zeros(3, dtype=int), 0.0
    for _ in range(30):
        actions = rng.choice(3, size=10, p=policy(preferences))
        earned = np.where(actions == 2, 1.0, 0.2)
        baseline = update_preferences(preferences, counts, baseline, actions, earned)
    assert policy(preferences)[2] > 0.5


def test_no_action_gives_more_than_it_has():
    rng = np.random.RandomState(0)
    n_free = np.array([2, 0, 50])
    n_each = draw_actions(np.array([0.9, 0.1, 0.0]), n_free, 10, rng)
    assert n_each.tolist() == [2, 0, 8]
    assert draw_actions(np.ones(3) / 3, n_free, 99, rng).tolist() == [2, 0, 50]


def test_actions_are_groups_of_like_records():
    points = np.repeat([[0.0, 0.0], [9.0, 9.0]], 20, axis=0)
    labels = make_actions(points, 0).predict(points)
    assert len(set(labels[:20])) == len(set(labels[20:])) == 1
    assert labels[0] != labels[20]
    assert make_actions(points[:5], 0).n_clusters == 1


def test_it_asks_where_answers_are_worth_more():
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"x": rng.uniform(size=2000), "place": ["a", "b"] * 1000})
    asked = []

    def function(queries):
        asked.append(queries)
        # Nothing to be learned at place a.
        wave = np.sin(40 * queries["x"].to_numpy())
        return np.where(queries["place"] == "b", 10 * wave, 0.0)

    attack = SurrogateAttack(
        BlackBox(function),
        estimator=LinearRegression(),
        strategy="bandit",
        budget=400,
        batch_size=100,
        random_state=0,
    )
    attack.fit(table)
    later = pd.concat(asked[2:])["place"]
    # Half by chance; 200 draws have a standard deviation of .035.
    assert (later == "b").mean() > 0.6
