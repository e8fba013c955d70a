import numpy as np
import pytest
from scipy.stats import geom, logser

from skprivacy.dp import PrivacyGuarantee
from skprivacy.dp._random_stopping import (
    MANY_ORDERS,
    SHAPES,
    draw_runs,
    mean_runs,
    selected_guarantee,
    selected_renyi,
    stopping_for_mean,
)


class Levels:
    """Uniform numbers, one after the other."""

    def __init__(self, n):
        self.levels = iter((np.arange(n) + 0.5) / n)

    def uniform(self):
        return next(self.levels)


def chance_of_the_better(p, mean, shape):
    """Chance that the best of the runs is 1, where each is with chance p."""
    if np.isinf(shape):
        return 1 - np.exp(-mean * p)
    stopping = stopping_for_mean(mean, shape)
    on = (1 - stopping) * (1 - p)
    # One less the generating function at 1 - p.
    if shape == 0:
        return 1 - np.log1p(-on) / np.log(stopping)
    return 1 - ((1 - on) ** -shape - 1) / (stopping**-shape - 1)


@pytest.mark.parametrize("shape", [0.0, 0.5, 1.0, 3.0])
def test_stopping_is_the_inverse_of_the_mean(shape):
    for mean in (1.01, 4.0, 500.0):
        assert mean_runs(stopping_for_mean(mean, shape), shape) == pytest.approx(mean)


def test_runs_follow_their_laws():
    n = 2000
    laws = {
        "geometric": geom(stopping_for_mean(4.0, 1.0)),
        "logarithmic": logser(1 - stopping_for_mean(4.0, 0.0)),
    }
    for name, law in laws.items():
        levels = Levels(n)
        drawn = np.array([draw_runs(4.0, SHAPES[name], levels) for _ in range(n)])
        for k in (1, 2, 3, 10):
            assert (drawn <= k).mean() == pytest.approx(law.cdf(k), abs=2e-3)
    levels = Levels(n)
    drawn = [draw_runs(4.0, np.inf, levels) for _ in range(n)]
    assert np.mean(np.equal(drawn, 0)) == pytest.approx(np.exp(-4), abs=2e-3)
    assert np.mean(drawn) == pytest.approx(4.0, abs=0.02)


@pytest.mark.parametrize(("name", "factor"), [("geometric", 3), ("logarithmic", 2)])
def test_the_best_answer_of_many_is_as_private_as_promised(name, factor):
    # A run answers 1 with a chance between those of randomized response.
    epsilon, worst = 0.5, 0.0
    promised = selected_guarantee(
        PrivacyGuarantee.pure(epsilon), 20.0, SHAPES[name], 0.0
    )
    assert promised.epsilon() == pytest.approx(factor * epsilon)
    for p in np.geomspace(1e-4, 0.37, 60):
        more = min(p * np.exp(epsilon), 1 - (1 - p) * np.exp(-epsilon))
        chances = [chance_of_the_better(one, 20.0, SHAPES[name]) for one in (p, more)]
        losses = np.log([chances[1] / chances[0], (1 - chances[0]) / (1 - chances[1])])
        worst = max(worst, losses.max())
    # More than of one run: the cost of choosing is real.
    assert 1.2 * epsilon < worst <= factor * epsilon


@pytest.mark.parametrize("name", list(SHAPES))
def test_divergences_of_the_best_answer_are_within_the_bound(name):
    orders, epsilon = np.array(MANY_ORDERS), 0.5
    curve = PrivacyGuarantee.pure(epsilon).curve
    one = np.minimum(epsilon, orders * epsilon**2 / 2)
    bound = selected_renyi(orders, one, 8.0, SHAPES[name], curve)
    for p in (0.01, 0.1, 0.37):
        chances = [
            chance_of_the_better(q, 8.0, SHAPES[name]) for q in (p, p * np.e**0.5)
        ]
        for b, a in (chances, chances[::-1]):
            # As logarithms, as powers overflow.
            terms = orders * np.log([[a], [1 - a]])
            terms = terms + (1 - orders) * np.log([[b], [1 - b]])
            assert (np.logaddexp(*terms) / (orders - 1) <= bound + 1e-9).all()


@pytest.mark.parametrize("name", list(SHAPES))
@pytest.mark.parametrize(("mu", "mean"), [(0.1, 3.0), (1.0, 30.0)])
def test_agrees_with_dp_accounting(name, mu, mean):
    pytest.importorskip("dp_accounting")
    from dp_accounting import dp_event
    from dp_accounting.rdp import RdpAccountant

    one = PrivacyGuarantee.gaussian(mu)
    ours = selected_guarantee(one, mean, SHAPES[name], 1e-5)
    event = dp_event.GaussianDpEvent(1 / mu)
    theirs = RdpAccountant(list(MANY_ORDERS))
    theirs.compose(dp_event.RepeatAndSelectDpEvent(event, mean, SHAPES[name]))
    if name == "poisson":
        # Ours takes the exact delta of a run, theirs that of its divergences.
        assert ours.epsilon(1e-5) <= theirs.get_epsilon(1e-5)
        assert ours.epsilon(1e-5) > one.epsilon(1e-5)
    else:
        assert ours.epsilon(1e-5) == pytest.approx(theirs.get_epsilon(1e-5), rel=1e-6)


def test_what_has_no_divergences_is_refused():
    with pytest.raises(ValueError, match="no Renyi divergences"):
        selected_guarantee(PrivacyGuarantee.approximate(1.0, 1e-6), 5.0, 1.0, 1e-5)
