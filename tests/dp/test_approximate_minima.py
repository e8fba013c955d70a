from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import approx_fprime
from sklearn.linear_model import LogisticRegression

from skprivacy.dp._approximate_minima import (
    MinimaNoise,
    _Problem,
    minima_noise,
    noisy_minimum,
)
from skprivacy.dp._noise import NoiseSource
from skprivacy.dp._perturbed_objective import PerturbedObjective

RNG = np.random.RandomState(0)
RECORDS = RNG.normal(size=(60, 3))
NO_NOISE = MinimaNoise(0.5, 0.0, 1e-6, PerturbedObjective(0.0, 0.0, 2, 1e6))


@pytest.mark.parametrize("n_classes", [2, 4])
def test_derivatives_are_those_of_the_objective(n_classes):
    shape = (3, 1 if n_classes == 2 else n_classes)
    codes, linear = RNG.randint(n_classes, size=60), RNG.normal(size=shape)
    problem = _Problem(RECORDS, codes, n_classes, 0.5, linear)
    flat, direction = RNG.normal(size=(2, linear.size))
    slope = approx_fprime(flat, lambda one: problem.value(one)[0])
    np.testing.assert_allclose(problem.value(flat)[1], slope, atol=1e-4)
    ends = [problem.value(flat + h * direction)[1] for h in (1e-6, -1e-6)]
    times = problem.hessian_times(flat, direction)
    np.testing.assert_allclose(times, (ends[0] - ends[1]) / 2e-6, atol=1e-5)


@pytest.mark.parametrize("n_classes", [2, 4])
def test_without_noise_it_is_logistic_regression(n_classes):
    codes = np.arange(60) % n_classes
    plain = LogisticRegression(C=2.0, fit_intercept=False, tol=1e-10)
    plain.fit(RECORDS, codes)
    weights = noisy_minimum(RECORDS, codes, n_classes, NO_NOISE, NoiseSource())
    np.testing.assert_allclose(weights.T, plain.coef_, atol=1e-4)


@pytest.mark.parametrize("n_classes", [2, 4])
def test_newton_gets_there_where_the_first_solver_gives_up(n_classes, monkeypatch):
    shape = (3, 1 if n_classes == 2 else n_classes)
    linear = 10 * RNG.normal(size=shape)
    problem = _Problem(RECORDS, np.arange(60) % n_classes, n_classes, 0.5, linear)
    found = problem.minimum(1e-6)
    away = np.full(linear.size, 3.0)
    for _ in range(30):
        away = problem._newton_step(away)
    assert np.linalg.norm(problem.value(away)[1]) < 1e-6
    np.testing.assert_allclose(away, found.ravel(), atol=1e-5)


def test_nothing_is_released_that_is_not_accounted_for():
    with pytest.raises(RuntimeError, match="Nothing is released"):
        noisy_minimum(
            RECORDS, np.arange(60) % 2, 2, replace(NO_NOISE, slack=0.0), NoiseSource()
        )


@pytest.mark.parametrize(("epsilon", "n_classes"), [(0.1, 2), (1.0, 10), (30.0, 3)])
def test_all_of_the_promise_is_spent_and_no_more(epsilon, n_classes):
    noise = minima_noise(epsilon, 1e-6, np.sqrt(2), n_classes)
    assert epsilon * (1 - 1e-6) < noise.curve.epsilon(1e-6) <= epsilon
    # What the noise in the objective moves, at most, where records say nothing.
    moved = noise.deviation * np.sqrt(2) / noise.penalty
    assert moved <= 8 / n_classes * (1 + 1e-9)


def test_noise_is_as_large_as_the_curve_says():
    noise = minima_noise(1.0, 1e-5, np.sqrt(2), 2)
    # Gradients are no longer than the record.
    assert 2 * np.sqrt(2) / noise.deviation == pytest.approx(noise.curve.shift)
    noise = minima_noise(1.0, 1e-5, np.sqrt(2), 5)
    assert 2 * 2.0 / noise.deviation == pytest.approx(noise.curve.shift)
    assert noise.curve.dimension == 8
