import numpy as np
import pytest
from scipy.stats import binom
from sklearn.dummy import DummyClassifier

from skprivacy.property import PopulationBaseline
from skprivacy.property._population import binomial_log_likelihood

MODELS = [DummyClassifier().fit([[0], [1]], [0, 1])] * 5
RATIOS = np.array([0.3, 0.3, 0.7, 0.3, 0.7])


def test_the_most_frequent_world():
    baseline = PopulationBaseline().fit(MODELS, RATIOS)
    assert baseline.predict(MODELS[:2]).tolist() == [0.3, 0.3]
    assert baseline.predict_proba(MODELS[:1]) == pytest.approx(np.array([[0.6, 0.4]]))
    assert baseline.score(MODELS, RATIOS) == pytest.approx(0.6)


def test_own_records_weigh_the_worlds():
    own = np.array([[1]] * 12 + [[0]] * 8)
    baseline = PopulationBaseline(records=own, property=(0, 1)).fit(MODELS, RATIOS)
    chances = np.array([0.6, 0.4]) * binom.pmf(12, 20, [0.3, 0.7])
    assert baseline.prior_ == pytest.approx(chances / chances.sum())
    assert baseline.base_rate_.estimate == 0.6
    # Wilson's interval of 12 in 20.
    assert baseline.base_rate_.low == pytest.approx(0.3866, abs=1e-4)
    assert baseline.base_rate_.high == pytest.approx(0.7812, abs=1e-4)


def test_a_share_is_guessed_by_the_mean_or_the_base_rate():
    baseline = PopulationBaseline("numeric").fit(MODELS, RATIOS)
    assert baseline.predict(MODELS[:1])[0] == pytest.approx(0.46)
    assert baseline.score(MODELS, RATIOS) == pytest.approx(0)
    own = np.array([[1], [0], [0], [0]])
    baseline = PopulationBaseline("numeric", records=own, property=(0, 1))
    assert baseline.fit(MODELS, RATIOS).guess_ == 0.25
    assert not hasattr(baseline, "predict_proba")


def test_a_world_that_own_records_rule_out():
    shares = np.array([0.0, 0.5])
    got = binomial_log_likelihood(shares, np.array([True, False]))
    assert got[0] == -np.inf
    assert got[1] == pytest.approx(np.log(0.25))


def test_records_need_a_property():
    with pytest.raises(ValueError, match="records need property"):
        PopulationBaseline(records=[[1]]).fit(MODELS, RATIOS)


def test_worlds_that_are_no_shares_can_not_be_compared():
    baseline = PopulationBaseline(records=[[1], [0]], property=(0, 1))
    with pytest.raises(ValueError, match="shares of the property from 0 to 1"):
        baseline.fit(MODELS, ["a", "a", "b", "a", "b"])


def test_y_of_another_length():
    with pytest.raises(ValueError, match="inconsistent numbers"):
        PopulationBaseline().fit(MODELS, RATIOS[:-1])
