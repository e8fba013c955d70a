"""Which share of a training set has the property."""

import numpy as np
import pytest
from property_scenes import make_people, numbers_of
from scipy import stats
from sklearn.linear_model import Ridge
from sklearn.naive_bayes import GaussianNB

from skprivacy.property import ModelFeatures, PropertyWorlds, RatioRegressor


def buyers(seed):
    """People of whom 80% of one group buy, and 20% of the other."""
    table = numbers_of(make_people(seed=seed))
    like_group = np.random.RandomState(seed).uniform(size=len(table)) < 0.8
    return table.assign(bought=(table["group"] == 1.0) == like_group)


def test_the_ratio_is_read_off_naive_bayes():
    """A constant guess is off by 0.2 on average; sampling 200 labels alone by 0.05."""
    settings = {"ratios": stats.uniform(0.1, 0.8), "size": 200, "label": "bought"}
    table, others = buyers(0), buyers(1)
    worlds = PropertyWorlds(
        GaussianNB(),
        ("group", 1.0),
        queries=60,
        random_state=0,
        n_models=60,
        **settings,
    ).fit(table)
    targets = PropertyWorlds(
        GaussianNB(), ("group", 1.0), random_state=1, n_models=40, **settings
    ).fit(others)
    features = ModelFeatures(
        "queries", queries=worlds.queries_, strata=worlds.query_strata_
    )
    attack = RatioRegressor(features).fit(worlds.models_, worlds.ratios_)
    off = np.abs(attack.predict(targets.models_) - targets.ratios_)
    assert off.mean() < 0.1
    assert attack.score(targets.models_, targets.ratios_) > 0.7


def test_answers_stay_within_what_was_seen():
    ratios = np.linspace(0.2, 0.6, 20)
    numbers = ratios[:, None]
    far = [[-5.0], [9.0]]
    kept = RatioRegressor(None, Ridge(alpha=1e-9)).fit(numbers, ratios)
    np.testing.assert_allclose(kept.predict(far), [0.2, 0.6])
    free = RatioRegressor(None, Ridge(alpha=1e-9), clip=False).fit(numbers, ratios)
    np.testing.assert_allclose(free.predict(far), [-5.0, 9.0], rtol=1e-4)


@pytest.mark.parametrize("y", [["a", "b", "a"], [], [1j, 1, 1]])
def test_shares_that_are_no_numbers_are_refused(y):
    with pytest.raises(ValueError):
        RatioRegressor().fit(np.eye(3), y)
