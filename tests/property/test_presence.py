import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from sklearn.tree import DecisionTreeClassifier

from skprivacy.property import (
    ModelFeatures,
    PresenceAttack,
    PropertyWorlds,
    flip_column,
)
from skprivacy.property._presence import upper_limit


def make_records(n, seed):
    """Make records whose rare group has labels of its own."""
    rng = np.random.RandomState(seed)
    rare, x = rng.rand(n) < 0.2, rng.normal(size=n)
    label = np.where(rare, x < 0, x > 0)
    return pd.DataFrame({"rare": rare * 1, "x": x, "label": label * 1})


def make_worlds(seed, **options):
    return PropertyWorlds(
        DecisionTreeClassifier(max_features=1, min_samples_leaf=5),
        ("rare", 1),
        ratios=(0, 0.04),
        n_models=40,
        size=200,
        label="label",
        random_state=seed,
        **options,
    ).fit(make_records(1500, seed))


def test_a_rare_group_is_noticed():
    own, targets = make_worlds(0, queries=200), make_worlds(1)
    rare = own.queries_[own.queries_["rare"] == 1]
    features = ModelFeatures(
        "queries", queries=rare, flipped=flip_column(rare, "rare", (1, 0))
    )
    attack = PresenceAttack(features).fit(own.models_, own.ratios_)
    # 40 models at chance reach .75 with a probability of 0.3 percent.
    assert attack.score(targets.models_, targets.ratios_) > 0.8
    said = attack.predict(targets.models_)
    # Larger scores stand for presence, and few alarms are false.
    assert (said[targets.ratios_ > 0] > 0).mean() > 0.3
    # More than 6 of 20 at 5 percent: 3e-5.
    assert (said[targets.ratios_ == 0] > 0).sum() <= 6


def test_false_alarms_are_as_rare_as_stated():
    rng = np.random.RandomState(0)
    worlds = np.tile([0, 0.1], 40)
    numbers = (worlds > 0)[:, None] * 0.3 + rng.normal(size=(80, 40))
    attack = PresenceAttack(false_alarm=0.1).fit(numbers, worlds)
    others = rng.normal(size=(1000, 40))
    # 40 shadow models leave the threshold uncertain by a third of the rate.
    assert np.mean(attack.predict(others) > 0) == pytest.approx(0.1, abs=0.06)
    alarms = attack.p_value(others) < 0.1
    assert (alarms == (attack.predict(others) > 0)).all()


def test_limit_is_a_prediction_interval_of_the_upper_half():
    scores = np.array([-90.0, -1.0, 0.0, 1.0, 2.0])
    # Above the median of 0 are 1 and 2; t of one degree of freedom is 6.3138.
    error = np.sqrt((1 + 4) / 2) * np.sqrt(1 + np.pi / 2 / 5)
    assert upper_limit(scores, 0.05) == pytest.approx(6.313752 * error)
    many = np.random.RandomState(0).normal(size=100_000)
    assert upper_limit(many, 0.05) == pytest.approx(norm.isf(0.05), abs=0.03)


def test_scores_far_below_do_not_move_the_limit():
    scores = np.random.RandomState(0).normal(size=41)
    lowered = np.where(scores < np.median(scores), 100 * scores - 100, scores)
    assert upper_limit(lowered, 0.05) == upper_limit(scores, 0.05)


def test_fewer_alarms_need_larger_scores():
    rng = np.random.RandomState(0)
    worlds = np.tile([0, 0.1], 20)
    numbers = worlds[:, None] + rng.normal(size=(40, 5))
    strict = PresenceAttack(false_alarm=0.001).fit(numbers, worlds)
    loose = PresenceAttack(false_alarm=0.2).fit(numbers, worlds)
    assert strict.threshold_ > loose.threshold_


def test_three_shares_are_refused():
    with pytest.raises(ValueError, match="0 and one share"):
        PresenceAttack().fit(np.ones((12, 1)), [0, 1, 2] * 4)


def test_one_model_of_a_world_is_not_enough():
    with pytest.raises(ValueError, match="at least two models of each class"):
        PresenceAttack().fit(np.ones((3, 1)), [0, 1, 1])


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_rates_outside_are_refused(rate):
    with pytest.raises(ValueError, match="false_alarm"):
        PresenceAttack(false_alarm=rate).fit(np.ones((4, 1)), [0, 0, 1, 1])
