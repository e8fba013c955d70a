import numpy as np
import pytest

from skprivacy.dp._descent import (
    clipped_gradient,
    momentum_of,
    plan_descent,
    private_descent,
    step_length,
)
from skprivacy.dp._noise import NoiseSource


def test_gradient_is_that_of_the_loss():
    rng = np.random.RandomState(0)
    records, own = rng.normal(size=(6, 3)), np.eye(4)[rng.randint(4, size=6)]
    weights = rng.normal(size=(3, 4))

    def loss(flat):
        scores = records @ flat.reshape(3, 4)
        return (np.log(np.exp(scores).sum(axis=1)) - (scores * own).sum(axis=1)).sum()

    numeric = [
        (loss(weights.ravel() + 1e-6 * e) - loss(weights.ravel() - 1e-6 * e)) / 2e-6
        for e in np.eye(12)
    ]
    found = clipped_gradient(records, own, weights, np.inf)
    np.testing.assert_allclose(found.ravel(), numeric, atol=1e-5)


def test_no_record_moves_the_sum_by_more_than_the_clip():
    rng = np.random.RandomState(0)
    own = np.eye(3)[rng.randint(3, size=50)]
    for record, one in zip(rng.normal(size=(50, 4)) * 10, own, strict=True):
        gradient = clipped_gradient(record[None], one[None], np.zeros((4, 3)), 0.7)
        assert np.linalg.norm(gradient) <= 0.7 + 1e-12


def test_with_a_rate_a_sum_is_of_so_many_records():
    records, own = np.ones((4000, 1)), np.tile([1.0, 0.0], (4000, 1))
    settings = {"sensitivity": 1.0, "mu": 1e6, "n_summed": 1000.0}
    weights = private_descent(
        records, own, NoiseSource(), 1, 9.0, 10.0, rate=0.25, **settings
    )
    # Momentum takes a tenth of the gradient of half a record each, for steps of 10.
    # 27 is the deviation of the number of records, of 1,000 on average.
    assert weights[0, 0] == pytest.approx(0.5, abs=0.5 * 5 * 0.027)


def test_noise_of_all_steps_moves_a_log_odds_by_three():
    step = step_length(50.0, 16, 100.0)
    assert step * 50.0 / 100.0 * np.sqrt(16) == pytest.approx(3.0)
    assert step_length(1e-3, 16, 100.0) == 32.0


def test_a_number_of_steps_that_is_given_keeps_them_short():
    assert plan_descent(100.0, 1000, 10, "auto", "auto")[2] == 32.0


@pytest.mark.parametrize("step", [1.0, 32.0, 64.0, 500.0])
def test_no_step_is_too_long_for_the_largest_curvature(step):
    momentum, weight, mean = momentum_of(step), 1.0, 0.0
    for _ in range(200_000):
        mean = momentum * mean + (1 - momentum) * weight
        weight -= step * mean
        if abs(weight) + abs(mean) < 1e-9:
            break
    assert abs(weight) < 1e-6
