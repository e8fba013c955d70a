"""Looking for a number between the steps of its grid."""

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LinearRegression
from sklearn.tree import DecisionTreeClassifier

from skprivacy.attribute import (
    BayesAttack,
    ConfidenceAttack,
    ImputationBaseline,
    InversionAttack,
    LearnedAttack,
    MarginalPriorAttack,
    MembershipOracleAttack,
    Posterior,
    TreeAttack,
)
from skprivacy.attribute._candidates import Candidates, candidates_of
from skprivacy.attribute._steps import PER_STEP, StepValues
from skprivacy.membership import ThresholdAttack
from skprivacy.shadow import ShadowModels
from skprivacy.targets import BlackBox


def column(values):
    return np.asarray(values, dtype=float)[:, None]


@pytest.fixture
def steps():
    # Step 0 stands for 8, 10 and 12, step 1 for itself alone.
    grid = Candidates(column([10, 100]), numeric=True)
    return StepValues(column([8, 10, 12, 100]), grid)


class TestStepValues:
    def test_values_of_the_own_records_lie_within_the_steps(self, steps):
        assert steps.values.tolist() == [8, 12]
        assert steps.step.tolist() == [0, 0]
        # Eight quantiles: three are 8, two 10 and three 12; and the grid counts itself.
        assert steps.share.tolist() == [3, 3]
        assert steps.grid_share.tolist() == [1 + 2, 1 + PER_STEP]

    def test_a_step_has_no_more_values_than_are_asked_about(self):
        secret = column(np.random.default_rng(0).normal(size=5000))
        found = StepValues(secret, candidates_of(secret, "numeric"))
        assert np.bincount(found.step).max() <= PER_STEP
        assert np.isin(found.values, secret).all()

    def test_the_likeliest_steps_are_looked_into_first(self):
        grid = Candidates(column([10, 100]), numeric=True)
        found = StepValues(column([9, 10, 11, 99, 100, 101]), grid)
        chances = np.array([[0.9, 0.1], [0.1, 0.9]])
        picked = found.around(chances, n_most=3)
        assert found.values[picked].tolist() == [[9, 11, 99], [99, 101, 9]]
        assert found.around(chances, n_most=0).shape == (2, 0)
        assert found.around(chances, n_most=-5).shape == (2, 0)

    def test_the_chance_of_a_step_is_divided_among_its_values(self, steps):
        picked = np.array([[0, 1]])
        scores = np.log([[0.5, 0.5, 0.5, 0.5]])
        posterior = steps.spread(scores, picked)
        assert posterior.values.tolist() == [[10, 100, 8, 12]]
        np.testing.assert_allclose(posterior.chances, [[1 / 6, 1 / 2, 1 / 6, 1 / 6]])
        # What a value says counts for what it stands for.
        posterior = steps.spread(np.log([[1e-9, 0.5, 1e-9, 0.5]]), picked)
        np.testing.assert_allclose(posterior.chances[0, 3], (1 / 3) / (1 + 1 / 3))

    def test_a_step_that_is_not_looked_into_keeps_its_chance(self, steps):
        posterior = steps.spread(np.log([[0.3, 0.7]]), np.empty((1, 0), dtype=int))
        np.testing.assert_allclose(posterior.chances, [[0.3, 0.7]])

    def test_truths_stand_for_their_step_among_others_that_are_drawn(self, steps):
        secret = column([12, 100] * 40)
        drawn = steps.draw(secret, np.random.RandomState(0))
        assert drawn.shape == (2, 80, 1)
        assert (drawn[0, ::2, 0] == 12).all() and (drawn[1, 1::2, 0] == 100).all()
        assert set(drawn[0, 1::2, 0]) == {8, 10, 12}


class TestPosterior:
    values = np.array([[3.0, 1.0, 2.0, 9.0]])
    chances = np.array([[0.2, 0.2, 0.2, 0.4]])

    def test_mean(self):
        assert Posterior(self.values, self.chances).mean() == pytest.approx([4.8])
        center = np.array([5.0])
        assert Posterior(self.values, self.chances, center).mean() == center

    @pytest.mark.parametrize(("tolerance", "guess"), [(0, 9), (0.5, 9), (1, 2), (6, 3)])
    def test_likeliest_within_a_tolerance(self, tolerance, guess):
        posterior = Posterior(self.values, self.chances)
        assert posterior.likeliest(tolerance).tolist() == [guess]


def scene(n=300):
    """Members and others; the label hangs on nothing, the number on one column."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(3 * n, 4))
    X[:, 1] += X[:, 0]
    y = rng.integers(2, size=3 * n)
    parts = [slice(i * n, (i + 1) * n) for i in range(3)]
    known = np.column_stack([np.delete(X, 1, axis=1), y])
    return X, y, known, X[:, 1], parts


SETTINGS = {"sensitive": 1, "values": "numeric"}
ATTACKS = {
    "LearnedAttack": lambda model: LearnedAttack(
        BlackBox(model), shadow=ShadowModels(n_models=2), random_state=0, **SETTINGS
    ),
    "BayesAttack": lambda model: BayesAttack(
        BlackBox(model), weight=10, random_state=0, **SETTINGS
    ),
    "TreeAttack": lambda model: TreeAttack(
        FrozenEstimator(model),
        shadow=ShadowModels(n_models=2),
        random_state=0,
        **SETTINGS,
    ),
    "MembershipOracleAttack": lambda model: MembershipOracleAttack(
        ThresholdAttack(BlackBox(model)), random_state=0, **SETTINGS
    ),
    "ConfidenceAttack": lambda model: ConfidenceAttack(
        BlackBox(model), random_state=0, **SETTINGS
    ),
    "MarginalPriorAttack": lambda model: MarginalPriorAttack(
        BlackBox(model), **SETTINGS
    ),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_every_attack_looks_beside_its_grid(name):
    X, y, known, secret, (members, _, own) = scene()
    model = RandomForestClassifier(5, random_state=0).fit(X[members], y[members])
    attack = ATTACKS[name](model).fit(known[own], secret[own])
    asked = known[members][:50]
    posterior = attack.predict_posterior(asked)
    np.testing.assert_allclose(posterior.chances.sum(axis=1), 1)
    assert not np.isin(posterior.values, attack.grid_).all()
    assert np.isin(posterior.values, secret[own]).all()
    guess = posterior.likeliest(0.05)
    assert not np.isin(guess, attack.grid_).all()
    np.testing.assert_allclose(attack.predict(asked), posterior.mean())


def test_values_between_the_steps_come_nearer():
    # The answer tells the number but for a little.
    rng = np.random.default_rng(0)
    X = rng.normal(size=(900, 2))
    y = X @ [1.0, 3.0] + 1e-3 * rng.normal(size=900)
    known = np.column_stack([X[:, 0], y])
    model = LinearRegression().fit(X[:300], y[:300])
    attack = BayesAttack(BlackBox(model), weight=1, random_state=0, **SETTINGS)
    attack.fit(known[300:600], X[300:600, 1])
    found = attack.predict_posterior(known[600:]).likeliest(0.05)
    truth = X[600:, 1]
    on_grid = attack.grid_[attack._candidates.encode(truth[:, None])]
    # Eight values stand for a step; the nearest one is nearer than the step's own.
    assert np.abs(found - truth).mean() < 0.5 * np.abs(on_grid - truth).mean()


@pytest.mark.parametrize(("budget", "n_values"), [(None, 64), (32 * 20 + 70, 35)])
def test_a_budget_limits_how_many_values_are_tried(budget, n_values):
    X, y, known, secret, (members, _, own) = scene()
    model = DecisionTreeClassifier(random_state=0).fit(X[members], y[members])
    box = BlackBox(model, budget=budget)
    attack = BayesAttack(box, weight=1, random_state=0, **SETTINGS)
    attack.fit(known[own], secret[own])
    posterior = attack.predict_posterior(known[members][:20])
    assert posterior.values.shape == (20, n_values)


def test_a_model_that_says_nothing_leaves_what_was_likely():
    X, y, known, secret, (members, others, own) = scene()
    blind = DecisionTreeClassifier(max_depth=1, random_state=0)
    X_blind = X * [1, 0, 1, 1]
    blind.fit(X_blind[members], y[members])
    attack = LearnedAttack(
        BlackBox(blind), shadow=ShadowModels(n_models=4), random_state=0, **SETTINGS
    ).fit(known[own], secret[own])
    baseline = ImputationBaseline(random_state=0, **SETTINGS)
    baseline.fit(known[own], secret[own])
    apart = baseline.predict_posterior(known[others])
    plain = (apart.values * apart.chances).sum(axis=1)
    assert np.corrcoef(attack.predict(known[others]), plain)[0, 1] > 0.9


def test_only_numbers_have_a_posterior():
    X, y, known, secret, (members, _, own) = scene()
    model = DecisionTreeClassifier(random_state=0).fit(X[members], y[members])
    attack = BayesAttack(BlackBox(model), sensitive=1, weight=1, random_state=0)
    assert not hasattr(attack, "predict_posterior")
    attack.fit(known[own], secret[own] > 0)
    assert not hasattr(attack, "predict_posterior")
    inversion = InversionAttack(BlackBox(model), sensitive=1, random_state=0)
    assert not hasattr(inversion, "predict_posterior")


def test_whole_numbers_that_are_all_on_the_grid_need_no_second_look():
    X, y, known, _, (members, _, own) = scene()
    secret = np.arange(len(X)) % 5
    X[:, 1] = secret
    model = DecisionTreeClassifier(random_state=0).fit(X[members], y[members])
    attack = BayesAttack(BlackBox(model), weight=1, random_state=0, **SETTINGS)
    attack.fit(known[own], secret[own])
    posterior = attack.predict_posterior(known[members][:7])
    np.testing.assert_array_equal(posterior.values, np.tile(np.arange(5), (7, 1)))
