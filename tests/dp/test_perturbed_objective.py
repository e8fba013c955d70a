import pickle

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import expit, ndtr

from skprivacy.dp import PrivacyGuarantee, PrivacyLedger
from skprivacy.dp._approximate_minima import log_curvature
from skprivacy.dp._perturbed_objective import PerturbedObjective

CURVE = PerturbedObjective(curvature=0.1, shift=0.2, dimension=2, mu=0.05)


def test_moments_are_those_of_a_rayleigh_law():
    orders = np.array([1.1, 2.0, 8.0, 64.0])
    tilt = 0.2 * (orders - 1)
    closed = 1 + tilt * np.sqrt(2 * np.pi) * np.exp(tilt**2 / 2) * ndtr(tilt)
    expected = np.log(closed) / (orders - 1) + 0.1 + 0.02 + orders * 0.05**2 / 2
    np.testing.assert_allclose(CURVE.renyi(orders), expected, rtol=1e-7)


def test_delta_is_an_expectation_over_lengths():
    curve = PerturbedObjective(0.1, 0.2, 2, mu=0.0)

    def told(length):
        loss = 0.1 + 0.2 * length + 0.02
        return -np.expm1(min(0.7 - loss, 0)) * length * np.exp(-(length**2) / 2)

    exact = quad(told, 2.9, 12.0)[0]
    # Lengths are rounded up.
    assert exact <= curve.delta(0.7) <= 1.05 * exact


@pytest.mark.parametrize("epsilon", [0.1, 0.5, 1.0, 3.0])
def test_the_constants_of_the_paper_are_never_less_private(epsilon):
    delta, share = 1e-5, 0.9
    out, in_objective = 0.01 * epsilon, 0.99 * epsilon
    for_noise = share * in_objective
    wide = 1 + np.sqrt(2 * np.log(1 / (0.99 * delta)))
    penalty = 2 * 0.25 / (in_objective - for_noise)
    # Theirs is the noise for one radius around the optimum, not for two.
    mu = out / (1 + np.sqrt(2 * np.log(1 / (0.01 * delta))))
    curvature = log_curvature(1.0, 2, penalty)
    curve = PerturbedObjective(curvature, for_noise / wide, 2, mu)
    assert curve.delta(epsilon) <= delta
    assert curve.delta(epsilon / 2) > delta


def test_a_mechanism_integrated_out_gives_away_less():
    # One record of 1, of the one class or the other; a weight and a penalty of 1 / 2.
    penalty, deviation = 0.5, 4.0
    weights = np.linspace(-120, 120, 480_001)
    slope = expit(weights) * expit(-weights)

    def density(y):
        term = -(expit(weights) - y + penalty * weights)
        normal = np.exp(-(term**2) / 2 / deviation**2) / np.sqrt(2 * np.pi) / deviation
        return normal * (slope + penalty)

    one, other = density(0), density(1)
    step = weights[1] - weights[0]
    assert one.sum() * step == pytest.approx(1.0)
    curve = PerturbedObjective(log_curvature(1.0, 2, penalty), 2 / deviation, 2, 0.0)
    for epsilon in (0.1, 0.5, 1.0):
        exact = np.maximum(one - np.exp(epsilon) * other, 0).sum() * step
        assert 0 < exact <= curve.delta(epsilon)


def test_no_probabilities_have_more_curvature():
    rng = np.random.RandomState(0)
    bound = log_curvature(1.5, 4, 0.3)
    found = []
    for proba in [*rng.dirichlet(np.ones(4), size=500), np.full(4, 0.25)]:
        hessian = 1.5**2 * (np.diag(proba) - np.outer(proba, proba))
        found.append(np.linalg.slogdet(np.eye(4) + hessian / 0.3)[1])
    assert max(found) <= bound + 1e-12
    assert found[-1] == pytest.approx(bound)


def test_epsilon_and_delta_are_each_others_inverse():
    epsilon = CURVE.epsilon(1e-5)
    assert CURVE.delta(epsilon) == pytest.approx(1e-5, rel=1e-6)
    assert CURVE.epsilon(0.5) == 0.0
    assert CURVE.epsilon(0.0) == np.inf


def test_composes_by_losses_and_by_divergences(tmp_path):
    exact = CURVE.epsilon(1e-5)
    assert exact <= CURVE.loss.epsilon(1e-5) <= exact * 1.001
    one = PrivacyGuarantee(CURVE, stated_delta=1e-5)
    both = one.compose(PrivacyGuarantee.gaussian(0.3)).epsilon(1e-5)
    assert exact < both < exact + PrivacyGuarantee.gaussian(0.3).epsilon(1e-5)
    ledgers = [
        PrivacyLedger(delta=1e-5, method="rdp"),
        PrivacyLedger(delta=1e-5, path=tmp_path / "ledger"),
    ]
    for ledger in ledgers:
        ledger.spend(one, times=2)
        assert exact < ledger.epsilon_spent() < 2 * exact


def test_a_pickle_holds_four_numbers():
    assert CURVE.loss.delta(0.0) > 0
    again = pickle.dumps(CURVE)
    assert len(again) < 500
    assert pickle.loads(again) == CURVE
