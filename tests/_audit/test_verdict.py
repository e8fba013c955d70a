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

    def make(
        auc=AT_CHANCE,
        tpr_1=UNKNOWN,
        tpr_01=UNKNOWN,
        name="RMIA",
        access="black box",
    ):
        tpr = {0.01: tpr_1, 0.001: tpr_01}
        return replace(template, name=name, roc_auc=auc, tpr=tpr, access=access)

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
        "Strong leakage. An attacker who can only ask the model and wrongly accuses 1 "
        "in 1,000 outside records names 12% of the training records (95% interval 9% "
        "to 15%); guessing would name 0.1%."
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


HALF = interval(0.5, 0.45, 0.55)
TENTH = interval(0.1, 0.06, 0.15)


def test_where_the_file_tells_most_the_figure_of_an_api_is_told_too(attack):
    verdict = judged(
        attack(tpr_1=HALF, access="white box", name="inside"), attack(tpr_1=TENTH)
    )
    assert verdict.text.startswith(
        "An attacker who holds the model file and wrongly accuses 1 in 100 outside "
        "records names 50% of the training records"
    )
    assert verdict.text.endswith(
        "One who can only ask the model, as behind an API, names 10% (95% interval 6% "
        "to 15%)."
    )


def test_an_api_that_gives_nothing_away_is_not_said_to(attack):
    nothing = interval(0.011, 0.006, 0.018)
    verdict = judged(
        attack(tpr_1=HALF, access="white box", name="inside"), attack(tpr_1=nothing)
    )
    assert "0.6% to 1.8%), not shown to be more than guessing." in verdict.text


def test_the_auc_is_compared_with_the_auc(attack):
    inside = attack(auc=interval(0.8, 0.75, 0.85), access="white box", name="inside")
    verdict = judged(inside, attack())
    assert "an attacker who holds the model file picks the right one" in verdict.text
    assert "picks the right one in 50% of cases (95% interval 48% to" in verdict.text


def test_a_file_that_tells_no_more_than_answers(attack):
    inside = attack(tpr_1=TENTH, access="white box", name="inside")
    verdict = judged(attack(tpr_1=HALF), inside)
    assert "An attacker who can only ask the model" in verdict.text
    assert "Reading the model file itself told an attacker no more." in verdict.text


def test_a_file_that_tells_more_at_the_rate_that_is_told(attack):
    asks = attack(tpr_1=HALF, tpr_01=interval(0.02, 0.01, 0.03))
    inside = attack(
        tpr_1=TENTH,
        tpr_01=interval(0.04, 0.02, 0.06),
        access="white box",
        name="inside",
    )
    assert "One who holds the model file names 4.0% (95%" in judged(asks, inside).text


def test_with_one_kind_of_access_nothing_is_said_of_the_other(attack):
    assert "model file" not in judged(attack(tpr_1=HALF)).text
    inside = attack(tpr_1=HALF, access="white box")
    assert "only ask" not in judged(inside).text


def test_a_stronger_attacker_is_not_named_who_was_tried(attack):
    without = judged(attack())
    assert "who sees the inside of the model" in without.text
    tried = judged(attack(), attack(access="white box", name="inside"))
    assert "who sees the inside" not in tried.text
