"""What the audit found, in words."""

from dataclasses import replace

import numpy as np
import pytest

from skprivacy._audit._verdict import LEVELS, judge, leakage_level
from skprivacy.metrics import Interval


def interval(estimate, low, high):
    return Interval(estimate, low, high, 0.95, 4000, 4000)


UNKNOWN = interval(np.nan, np.nan, np.nan)
AT_CHANCE = interval(0.5, 0.48, 0.52)


@pytest.fixture
def attack(make_result):
    """Return a function that makes an attack with given intervals."""
    template = make_result(n=50).best

    def make(auc=AT_CHANCE, tpr_1=UNKNOWN, tpr_01=UNKNOWN, name="RMIA"):
        return replace(
            template, name=name, roc_auc=auc, tpr={0.01: tpr_1, 0.001: tpr_01}
        )

    return make


def judged(*attacks, blind=AT_CHANCE):
    return judge(attacks, attacks[0], blind)


@pytest.mark.parametrize(
    ("figures", "level"),
    [
        ({}, "none"),
        ({"tpr_1": interval(0.02, 0.009, 0.03)}, "none"),
        ({"auc": interval(0.53, 0.51, 0.55)}, "slight"),
        ({"tpr_1": interval(0.02, 0.011, 0.03)}, "slight"),
        ({"auc": interval(0.6, 0.56, 0.64)}, "some"),
        ({"tpr_01": interval(0.01, 0.005, 0.02)}, "some"),
        ({"auc": interval(0.8, 0.71, 0.84)}, "strong"),
        ({"tpr_1": interval(0.1, 0.06, 0.15)}, "strong"),
        ({"tpr_01": interval(0.12, 0.09, 0.15)}, "strong"),
    ],
)
def test_level_follows_the_low_ends(attack, figures, level):
    assert leakage_level([attack(**figures)]) == level
    assert level in LEVELS


def test_any_attack_counts_as_the_intervals_hold_together(attack):
    attacks = attack(), attack(tpr_1=interval(0.1, 0.06, 0.15), name="other")
    verdict = judged(*attacks)
    assert verdict.level == "strong"
    assert "10% of the training records" in verdict.text


def test_the_lowest_rate_that_is_above_chance_is_told(attack):
    verdict = judged(
        attack(tpr_1=interval(0.3, 0.27, 0.33), tpr_01=interval(0.12, 0.09, 0.15))
    )
    assert str(verdict) == (
        "Strong leakage. An attacker who wrongly accuses 1 in 1,000 outside records "
        "names 12% of the training records (95% interval 9% to 15%); guessing would "
        "name 0.1%."
    )


def test_an_unknown_rate_falls_back_to_the_next(attack):
    verdict = judged(attack(tpr_1=interval(0.3, 0.27, 0.33)))
    assert "1 in 100 outside records names 30%" in verdict.text


def test_without_any_rate_the_auc_is_told(attack):
    verdict = judged(attack(auc=interval(0.8, 0.75, 0.85)))
    assert "picks the right one in 80% of cases" in verdict.text
    assert "guessing gets 50%" in verdict.text


@pytest.mark.parametrize("auc", [AT_CHANCE, interval(0.53, 0.51, 0.55)])
def test_near_chance_is_said_and_what_it_does_not_prove(attack, auc):
    verdict = judged(attack(auc=auc, tpr_1=interval(0.011, 0.006, 0.018)))
    assert "Near chance" in str(verdict)
    assert "Stronger attacks may exist" in verdict.text


def test_no_evidence_says_how_large_a_leak_could_be(attack):
    verdict = judged(attack(tpr_1=interval(0.011, 0.006, 0.018)))
    assert "1.1% of the training records (95% interval 0.6% to 1.8%)" in verdict.text
    assert "a leak below the upper end of the interval" in verdict.text


def test_a_leaking_split_makes_it_unclear(attack):
    strong = attack(tpr_01=interval(0.12, 0.09, 0.15))
    verdict = judged(strong, blind=interval(0.7, 0.68, 0.72))
    assert verdict.level == "unclear"
    assert "AUC 0.70, 95% interval 0.68 to 0.72" in verdict.text
    assert "not to be blamed on the model" in verdict.text


def test_a_leaking_split_that_no_attack_uses_stays_without_evidence(attack):
    assert judged(attack(), blind=interval(0.7, 0.68, 0.72)).level == "none"


def test_a_lower_rate_of_zero_does_not_hide_a_leak_at_the_higher(attack):
    verdict = judged(
        attack(tpr_1=interval(0.024, 0.015, 0.03), tpr_01=interval(0.0, 0.0, 0.002))
    )
    assert "1 in 100 outside records names 2.4%" in verdict.text
