import numpy as np
import pandas as pd
import pytest
from scipy.stats import ks_2samp, shapiro

from skprivacy.extraction import QueryMonitor
from skprivacy.extraction._query_monitor import (
    largest_gap,
    normality,
    successive_distances,
)

RNG = np.random.default_rng(0)
NATURAL = RNG.normal(size=(1200, 4))
QUICK = {"n_queries": 100, "least": 40, "step": 20, "n_streams": 120, "random_state": 0}


@pytest.mark.parametrize("statistic", ["distribution", "normality"])
def test_alarms_on_lines_and_not_on_records(statistic):
    monitor = QueryMonitor(statistic=statistic, **QUICK).fit(NATURAL)
    line = np.linspace(0, 1, 100)[:, None] ** 4 * np.ones(4)
    assert monitor.first_alarm(line) == 40
    fresh = np.random.default_rng(1).normal(size=(100, 4))
    assert monitor.first_alarm(fresh) is None
    # 40 streams at a rate of 1/41: eight or more are less likely than 1e-5.
    assert monitor.false_alarm_rate_ < 8 / 40


def test_uniform_points_of_a_mixed_table():
    table = pd.DataFrame(NATURAL[:600], columns=list("abcd"))
    table["kind"] = np.where(table["a"] > 0, "u", "v")
    labels = table["b"] > 0
    monitor = QueryMonitor(**QUICK).fit(table, labels)
    crafted = pd.DataFrame(RNG.uniform(-4, 4, (100, 4)), columns=list("abcd"))
    crafted["kind"] = "u"
    assert monitor.first_alarm(crafted, crafted["b"] > 0) == 40
    strays = monitor.stray(crafted, crafted["b"] > 0)
    assert len(strays) == 4 and (strays > monitor.threshold_).all()


def test_too_few_queries_to_look():
    monitor = QueryMonitor(**QUICK).fit(NATURAL[:200])
    assert monitor.first_alarm(np.zeros((39, 4))) is None
    assert len(monitor.stray(np.zeros((39, 4)))) == 0


def test_distances_by_hand():
    points = np.array([[0.0, 0.0], [3.0, 4.0], [3.0, 5.0], [0.0, 1.0]])
    one = successive_distances(points, np.zeros(4))
    np.testing.assert_allclose(one, [np.nan, 5, 1, 1])
    two = successive_distances(points, np.array([0, 1, 0, 1]))
    np.testing.assert_allclose(two, [np.nan, np.nan, np.sqrt(34), np.sqrt(18)])


def test_distances_of_a_long_stream_are_those_of_plain_code():
    rng = np.random.default_rng(3)
    points, labels = rng.normal(size=(1100, 3)), rng.integers(3, size=1100)
    found = successive_distances(points, labels)
    for i in (499, 500, 501, 1099):
        before = points[:i][labels[:i] == labels[i]]
        nearest = np.linalg.norm(before - points[i], axis=1).min()
        assert found[i] == pytest.approx(nearest)
    assert len(successive_distances(points[:0], labels[:0])) == 0


@pytest.mark.parametrize("decimals", [0, 1, 6])
def test_largest_gap_is_that_of_kolmogorov_and_smirnov(decimals):
    rng = np.random.default_rng(4)
    values, reference = rng.normal(0.2, 1, 37), rng.normal(size=90)
    values, reference = values.round(decimals), np.sort(reference.round(decimals))
    expected = ks_2samp(values, reference).statistic
    assert largest_gap(values, reference) == pytest.approx(expected)


def test_normality_leaves_out_what_is_far():
    values = np.random.default_rng(2).normal(size=200)
    inside = values[np.abs(values - values.mean()) <= 3 * values.std()]
    assert normality(values) == pytest.approx(shapiro(inside).statistic)
    assert normality(np.ones(10)) == 0
    assert normality(np.array([np.nan, 1.0])) == 1


def test_too_few_natural_queries():
    with pytest.raises(ValueError, match=r"at least 4 \* least = 400 .* got 399"):
        QueryMonitor().fit(NATURAL[:399])
