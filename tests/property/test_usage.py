import numpy as np
import pandas as pd
import pytest
from scipy.stats import uniform
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression

from skprivacy.membership import ThresholdAttack
from skprivacy.property import MembershipScores, PropertyWorlds, UsageAttack
from skprivacy.property._usage import debiased_share, fit_line


def test_share_is_corrected_for_both_errors():
    # Of 100 records 40 are members; 80 percent of them are named, and 25 percent of
    # the others: 32 + 15 in all.
    named = np.array([0.47])
    assert debiased_share(named, 0.25, 0.8 - 0.25) == pytest.approx(0.4)


def test_line_is_that_of_least_squares():
    rng = np.random.RandomState(0)
    x, y = rng.rand(9), rng.rand(9)
    offset, slope, scatter = fit_line(x, y)
    line = LinearRegression().fit(x[:, None], y)
    rest = y - line.predict(x[:, None])
    assert (offset, slope) == pytest.approx((line.intercept_, line.coef_[0]))
    assert scatter == pytest.approx(np.sqrt((rest**2).sum() / 7))


def make_scores(rng, shares, n_records=300, strength=1.0):
    members = rng.rand(len(shares), n_records) < shares[:, None]
    hard = np.linspace(-3, 3, n_records)
    return strength * members + hard + rng.normal(size=members.shape)


def test_intervals_cover_the_share():
    rng = np.random.RandomState(0)
    shares = rng.rand(440)
    scores = make_scores(rng, shares)
    attack = UsageAttack(clip=False).fit(scores[:40], shares[:40])
    found = attack.predict(scores[40:])
    assert np.abs(found - shares[40:]).mean() < 0.15
    # Unbiased: within four standard errors, and what 40 shadow models leave open.
    assert abs((found - shares[40:]).mean()) < 0.06
    low, high = attack.predict_interval(scores[40:]).T
    # 400 of one fit: the scatter is known to a ninth.
    assert np.mean((low <= shares[40:]) & (shares[40:] <= high)) > 0.88
    assert (low <= found).all()
    assert (found <= high).all()


def test_nothing_to_see_gives_the_whole_range():
    rng = np.random.RandomState(0)
    shares = rng.rand(60)
    scores = make_scores(rng, shares, strength=0.0)
    attack = UsageAttack().fit(scores[:30], shares[:30])
    width = np.diff(attack.predict_interval(scores[30:]))
    assert width.mean() > 0.7


def make_records(n, seed):
    rng = np.random.RandomState(seed)
    X = rng.normal(size=(n, 4))
    label = X[:, 0] + rng.normal(size=n) > 0
    return pd.DataFrame(X).add_prefix("x").assign(label=label.astype(int))


def test_share_of_a_known_set_in_a_forest():
    known, reference = make_records(150, 0), make_records(300, 1)
    pools = [make_records(600, seed) for seed in (2, 3)]

    def worlds(pool, n_models, seed):
        table = pd.concat([known, pool], ignore_index=True)
        return PropertyWorlds(
            RandomForestClassifier(10),
            lambda records: np.arange(len(records)) < len(known),
            ratios=uniform(0, 0.5),
            n_models=n_models,
            size=300,
            label="label",
            n_pools=1,
            paired=False,
            random_state=seed,
        ).fit(table)

    own, targets = worlds(pools[0], 20, 0), worlds(pools[1], 20, 1)
    features = MembershipScores(
        ThresholdAttack(None, signal="confidence", label="label"),
        records=known,
        reference=reference,
    )
    attack = UsageAttack(features).fit(own.models_, own.ratios_ * 2)
    assert attack.inside_ > attack.outside_
    found = attack.predict(targets.models_)
    assert np.abs(found - targets.ratios_ * 2).mean() < 0.1


def test_a_few_infinite_scores_do_not_drown_the_others():
    rng = np.random.RandomState(0)
    shares = np.linspace(0, 1, 20)
    scores = make_scores(rng, shares)
    scores[rng.randint(20, size=8), rng.randint(300, size=8)] = -1e6
    found = UsageAttack().fit(scores, shares).predict(scores)
    assert np.abs(found - shares).mean() < 0.15


@pytest.mark.parametrize("shares", [[0.5, 0.5, 0.5], [0.1, 0.9]])
def test_shares_that_draw_no_line(shares):
    with pytest.raises(ValueError, match="at least two different shares"):
        UsageAttack().fit(np.ones((len(shares), 2)), shares)


def test_shares_that_differ_by_next_to_nothing_are_refused():
    with pytest.raises(ValueError, match="y must hold at least two different shares"):
        UsageAttack().fit(np.eye(4), [1e-300, 0, 0, 0])
