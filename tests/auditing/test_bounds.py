"""Lower bounds on epsilon from the errors of one test."""

import numpy as np
import pytest
from scipy.stats import beta, norm

from skprivacy.auditing import (
    epsilon_bayes,
    epsilon_clopper_pearson,
    epsilon_gaussian,
    epsilon_joint,
)
from skprivacy.auditing._bayes import posterior_mass
from skprivacy.auditing._clopper_pearson import upper_limit
from skprivacy.auditing._gaussian_bound import mu_bound
from skprivacy.dp._gaussian import gaussian_epsilon

ALL = [epsilon_clopper_pearson, epsilon_joint, epsilon_gaussian, epsilon_bayes]


def test_upper_limit_is_the_quantile_of_clopper_and_pearson():
    assert upper_limit(0, 1000, 0.025) == pytest.approx(1 - 0.025**0.001)
    assert upper_limit(7, 50, 0.05) == pytest.approx(beta.ppf(0.95, 8, 43))
    assert upper_limit([3, 50], 50, 0.05)[1] == 1.0


def test_a_test_without_errors_shows_what_the_runs_can():
    limit = 1 - 0.025 ** (1 / 1000)
    expected = np.log((1 - 1e-3 - limit) / limit)
    found = epsilon_clopper_pearson(1000, 0, 1000, 1000, delta=1e-3)
    assert found == pytest.approx(expected)


def test_both_inequalities_count():
    named = epsilon_clopper_pearson(300, 0, 1000, 1000)
    spared = epsilon_clopper_pearson(1000, 700, 1000, 1000)
    assert named == pytest.approx(spared)
    assert named > 4


def test_counts_may_be_arrays():
    found = epsilon_clopper_pearson([900, 500], [100, 500], 1000, 1000)
    assert found[0] == epsilon_clopper_pearson(900, 100, 1000, 1000)
    assert found[1] == 0


def test_gaussian_bound_is_exact_in_the_limit():
    mu, n = 1.3, 10**7
    tp, fp = int(n * norm.sf(0.4 - mu)), int(n * norm.sf(0.4))
    assert mu_bound(tp, fp, n, n, 0.95) == pytest.approx(mu, abs=3e-3)
    found = epsilon_gaussian(tp, fp, n, n, delta=1e-5)
    assert found == pytest.approx(gaussian_epsilon(1e-5, mu), abs=0.03)


def test_posterior_mass_is_that_of_the_region():
    rng = np.random.default_rng(0)
    fpr = rng.beta(40.5, 160.5, 100_000)
    fnr = rng.beta(90.5, 110.5, 100_000)
    epsilon, delta = 0.6, 0.02
    power = np.exp(epsilon)
    allowed = (fnr + power * fpr >= 1 - delta) & (fpr + power * fnr >= 1 - delta)
    tpr, tnr = 1 - fnr, 1 - fpr
    allowed &= (tpr + power * tnr >= 1 - delta) & (tnr + power * tpr >= 1 - delta)
    found = posterior_mass(epsilon, 110, 40, 200, 200, delta)
    # Five standard errors of the draws.
    assert found == pytest.approx(allowed.mean(), abs=5 * 0.5 / np.sqrt(100_000))


def test_posterior_bound_is_tighter_and_ends_in_the_same():
    few = [
        bound(90, 10, 100, 100) for bound in (epsilon_bayes, epsilon_clopper_pearson)
    ]
    assert few[0] > few[1]
    many = epsilon_bayes(900_000, 100_000, 10**6, 10**6)
    assert many == pytest.approx(np.log(9), abs=0.02)


@pytest.mark.parametrize("bound", ALL)
def test_more_of_the_same_shows_more_and_guessing_nothing(bound):
    found = [bound(8 * n, 2 * n, 10 * n, 10 * n, delta=1e-5) for n in (10, 100, 1000)]
    assert found == sorted(found)
    assert found[0] < found[-1]
    # A posterior of rates has no mass where both worlds are exactly alike.
    assert bound(500, 500, 1000, 1000, delta=1e-5) < 0.01


@pytest.mark.parametrize("bound", ALL)
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"true_positives": 11}, "true_positives must be from 0 to 10"),
        ({"false_positives": -1}, "false_positives must be"),
        ({"n_in": 0, "true_positives": 0}, "n_in must be at least 1"),
        ({"delta": 1.0}, "delta must be"),
        ({"confidence": 1.0}, "confidence must be"),
    ],
)
def test_what_can_not_be_is_refused(bound, change, message):
    good = {"true_positives": 5, "false_positives": 2, "n_in": 10, "n_out": 10}
    with pytest.raises(ValueError, match=message):
        bound(**(good | {"delta": 1e-5} | change))


@pytest.mark.parametrize("bound", ALL)
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"true_positives": 5.5}, ValueError, "true_positives must be a whole number"),
        ({"false_positives": np.nan}, ValueError, "false_positives must be a whole"),
        ({"n_in": np.inf}, ValueError, "n_in must be a whole number; got inf"),
        ({"n_out": "10"}, TypeError, "n_out must be an int; got '10'"),
        ({"true_positives": None}, TypeError, "true_positives must be an int"),
        ({"delta": "1"}, TypeError, "delta must be a float; got '1'"),
        ({"confidence": None}, TypeError, "confidence must be a float; got None"),
    ],
)
def test_what_is_no_count_or_level_is_refused(bound, change, error, message):
    given = {"true_positives": 9, "false_positives": 1, "n_in": 10, "n_out": 10}
    with pytest.raises(error, match=message):
        bound(**{**given, "delta": 1e-5, **change})


@pytest.mark.parametrize("bound", ALL[1:])
def test_arrays_are_refused_where_one_test_is_meant(bound):
    with pytest.raises(TypeError, match="true_positives must be an int; got"):
        bound([8, 9], 1, 10, 10, delta=1e-5)


def test_gaussian_bound_needs_a_delta():
    with pytest.raises(ValueError, match="delta must be above 0"):
        epsilon_gaussian(5, 2, 10, 10, delta=0.0)


def test_clopper_pearson_holds_as_often_as_it_says():
    epsilon, n = 1.0, 200
    keep = np.exp(epsilon) / (1 + np.exp(epsilon))
    rng = np.random.default_rng(0)
    tp = rng.binomial(n, keep, 4000)
    fp = rng.binomial(n, 1 - keep, 4000)
    wrong = epsilon_clopper_pearson(tp, fp, n, n) > epsilon
    # 5% at most; a chance of 1e-4 to be above, if it were 5%.
    assert wrong.mean() < 0.05 + 3.7 * np.sqrt(0.05 * 0.95 / 4000)


@pytest.mark.filterwarnings("error")
def test_everyone_accused_proves_nothing():
    assert epsilon_gaussian(15, 15, 15, 15, delta=0.1) == 0
    assert epsilon_gaussian(0, 0, 15, 15, delta=0.1) == 0


@pytest.mark.parametrize("bound", [epsilon_clopper_pearson, epsilon_gaussian])
def test_counts_that_no_one_could_run_are_refused(bound):
    with pytest.raises(ValueError, match="n_in must be at most 1,000,000,000"):
        bound(5, 5, 10**30, 10, delta=0.1)
    with pytest.raises(TypeError, match="true_positives must be an int"):
        bound(True, 0, 1, 1, delta=0.1)
