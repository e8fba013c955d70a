"""Growing sets of shadow models: when to stop, and what is then there."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.dummy import DummyClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.tree import DecisionTreeClassifier

from skprivacy.membership import LiRA
from skprivacy.shadow import ShadowModels, moments, report_progress
from skprivacy.shadow._growth import (
    LOOKS,
    Look,
    _evidence,
    _moments,
    _sums,
    look_at,
    train_in_batches,
)
from skprivacy.targets import BlackBox


@pytest.fixture
def records():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 3))
    return np.column_stack([X, X[:, 0] + 0.5 * rng.normal(size=60) > 0])


def paired_halves(n_models, n, rng):
    halves = [rng.permutation(n) < n // 2 for _ in range(n_models // 2)]
    return np.array([side for half in halves for side in (half, ~half)])


class Clock:
    """Moves on by what each model takes."""

    def __init__(self, seconds):
        self.seconds, self.now, self.batches = seconds, 0.0, []

    def __call__(self):
        return self.now

    def train(self, first, last):
        self.batches.append(last - first)
        for i in range(first, last):
            self.now += self.seconds(i)
            yield i


def test_a_model_and_its_complement_do_not_attack_each_other():
    # Signals without any leak but that the complements' signals are the opposite.
    rng = np.random.default_rng(0)
    membership = paired_halves(16, 400, rng)
    noise = np.repeat(rng.normal(size=(8, 400)), 2, axis=0)
    noise[1::2] *= -1
    look = look_at(noise, membership)
    # 16 targets of 400 records: standard error of the mean AUC below 0.0102, 4 of them.
    assert abs(look.auc - 0.5) < 0.041


def test_gain_is_what_all_others_have_over_half_of_them():
    rng = np.random.default_rng(0)
    membership = paired_halves(16, 200, rng)
    own = rng.normal(size=200) * 3
    signals = own + membership + rng.normal(size=membership.shape)
    look = look_at(signals, membership)
    assert look.auc > 0.6
    assert look.auc_gain[0] > 0  # records' own levels are known better from more models


def test_sums_give_the_moments_of_models():
    rng = np.random.default_rng(0)
    membership = paired_halves(8, 30, rng)
    signals = rng.normal(size=membership.shape)
    sums = _sums(signals, membership) - _sums(signals[:2], membership[:2])
    for side, mask in zip(sums, (membership[2:], ~membership[2:]), strict=True):
        for ours, theirs in zip(
            _moments(*side), moments(signals[2:], mask), strict=True
        ):
            np.testing.assert_allclose(ours, theirs, atol=1e-12)


def test_records_of_one_side_only_tell_nothing_and_break_nothing():
    membership = np.ones((6, 5), dtype=bool)
    membership[:, 0] = [True, False] * 3
    signals = np.random.default_rng(0).normal(size=membership.shape)
    assert np.isfinite(_evidence(signals[0], _sums(signals[2:], membership[2:]))).all()


def test_the_stopping_rule_needs_both_ends_of_both_intervals():
    inside = Look(16, 0.7, 0.1, (-0.004, 0.004), (-0.009, 0.009))
    assert inside.has_converged
    assert not inside._replace(auc_gain=(-0.006, 0.0)).has_converged
    assert not inside._replace(tpr_gain=(0.0, 0.011)).has_converged
    assert not look_at(np.zeros((6, 9)), np.eye(6, 9, dtype=bool)).has_converged


def test_a_lucky_mean_does_not_stop():
    # Few records, so that gains vary: their mean is near 0, their interval is wide.
    rng = np.random.default_rng(1)
    membership = paired_halves(16, 30, rng)
    look = look_at(rng.normal(size=membership.shape), membership)
    assert look.auc_gain[0] < 0 < look.auc_gain[1]
    assert not look.has_converged


@pytest.mark.parametrize("budget, n_expected", [(0.1, 2), (2, 2), (5, 4), (1000, 20)])
def test_batches_end_in_time_and_never_before_a_pair(budget, n_expected):
    clock = Clock(lambda i: 1.0)
    results, why = train_in_batches(clock.train, 20, time_budget=budget, clock=clock)
    assert results == list(range(n_expected))
    assert why == ("max_models" if n_expected == 20 else "time_budget")
    assert clock.now <= max(budget, 2)


def test_a_change_of_speed_is_noticed_after_a_batch_of_twice_the_size():
    # The first ten are recalled from a memory, the others are trained.
    clock = Clock(lambda i: 1e-3 if i < 10 else 1.0)
    results, why = train_in_batches(clock.train, 256, time_budget=4, clock=clock)
    assert clock.batches == [2, 4, 8] and why == "time_budget" and len(results) == 14


def test_first_batch_has_a_model_for_each_worker():
    clock = Clock(lambda i: 1.0)
    train_in_batches(clock.train, 20, time_budget=0.5, n_first=8, clock=clock)
    assert clock.batches == [8]


def test_models_that_know_next_to_nothing_of_records_converge_soon(records):
    shadow = ShadowModels(DummyClassifier(), n_models="auto", random_state=0)
    # All that they know is how many members have which label.
    table = np.repeat(records, 20, axis=0) + np.arange(1200)[:, None] * [1, 0, 0, 0]
    shadow.fit(table)
    assert shadow.stopped_by_ == "converged"
    assert shadow.n_models_ == len(shadow.answers_) <= 64
    looks = [look.n_models for look in shadow.growth_]
    assert looks == list(LOOKS[: len(looks)]) and looks[-1] == shadow.n_models_


def test_auto_has_the_first_models_of_the_largest_number(records):
    auto = ShadowModels(LogisticRegression(), n_models="auto", random_state=0)
    auto.set_params(time_budget=1e-9).fit(records)
    assert auto.n_models_ == 2 and auto.stopped_by_ == "time_budget"
    most = ShadowModels(LogisticRegression(), n_models=256, random_state=0)
    most.fit(records)
    assert most.n_models_ == 256 and most.stopped_by_ == "max_models"
    for name in ("membership_", "seeds_"):
        np.testing.assert_array_equal(getattr(auto, name), getattr(most, name)[:2])
    np.testing.assert_allclose(auto.answers_, most.answers_[:2], atol=1e-4)


def test_the_number_is_the_same_each_time(records):
    recipe = DecisionTreeClassifier(max_depth=2)
    auto = ShadowModels(recipe, n_models="auto", random_state=0).fit(records)
    again = clone(auto).fit(records)
    assert auto.growth_ == again.growth_ and auto.n_models_ == again.n_models_
    np.testing.assert_array_equal(auto.answers_, again.answers_)


def test_a_number_is_an_upper_bound_under_a_time_budget(records, tmp_path):
    trained = []
    with report_progress(lambda done, total: trained.append((done, total))):
        short = ShadowModels(Ridge(), n_models=8, time_budget=1e-9, random_state=0)
        short.set_params(memory=str(tmp_path)).fit(records)
    assert trained == [(1, 8), (2, 8)]
    assert not hasattr(short, "growth_") and short.stopped_by_ == "time_budget"
    enough = clone(short).set_params(time_budget=600).fit(records)
    assert enough.n_models_ == 8 and enough.stopped_by_ == "max_models"
    np.testing.assert_array_equal(short.answers_, enough.answers_[:2])


def test_strangers_and_kept_models_are_those_that_were_trained(records):
    shadow = ShadowModels(
        DecisionTreeClassifier(), n_models=8, time_budget=1e-9, random_state=0
    )
    kept = clone(shadow).set_params(keep_models=True).fit(records)
    strangers = records + [0, 9, 0, 0]
    answers = shadow.fit(records).query(strangers).answers
    assert len(kept.models_) == 2
    np.testing.assert_array_equal(answers, kept.query(strangers).answers)


@pytest.mark.parametrize("response", ["auto", "label", "decision"])
def test_in_an_attack_on_a_table(records, response):
    table = pd.DataFrame(records, columns=[*"abc", "income"])
    table["income"] = np.where(table["income"] > 0, "high", "low")
    model = LogisticRegression().fit(table[:30][[*"abc"]], table[:30]["income"])
    shadow = ShadowModels(n_models="auto", time_budget=0.2)
    box = BlackBox(model, response=response)
    attack = LiRA(box, shadow=shadow, label="income", random_state=0).fit(table)
    assert attack.shadow_.n_models_ == len(attack.shadow_.membership_) >= 2
    frozen = LiRA(box, shadow=FrozenEstimator(attack.shadow_), label="income")
    np.testing.assert_array_equal(
        frozen.fit(table).decision_function(table), attack.decision_function(table)
    )


@pytest.mark.parametrize(
    "params", [{"n_models": "many"}, {"time_budget": 0}, {"time_budget": "1h"}]
)
def test_bad_parameters_are_named(records, params):
    with pytest.raises(ValueError, match=next(iter(params))):
        ShadowModels(Ridge()).set_params(**params).fit(records)
