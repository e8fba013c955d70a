"""The BASE attack."""

import numpy as np
import pytest
from scipy.stats import rankdata

from skprivacy.membership import RMIA, BASEAttack
from skprivacy.membership._base_score import (
    OFFLINE_SCALES,
    base_score,
    log_mean_exp,
    tempered_log_confidence,
)
from skprivacy.membership._rmia import membership_ratio
from skprivacy.shadow import ShadowModels


def test_formula_on_a_hand_computed_case():
    # With and without: log 0.6 - log((0.9 + (0.2 + 0.4) / 2) / 2) = log(0.6 / 0.6) = 0.
    # Without alone, scale 0.5: log 0.7 - log(0.49) / 2 = 0.
    # With alone: log 0.8 - log 0.4 = log 2.
    shadow = np.log([[0.9, 0.49, 0.4], [0.2, 0.49, 0.4], [0.4, 0.49, 0.4]])
    inside = np.array([[True, False, True], [False, False, True], [False, False, True]])
    score = base_score(np.log([0.6, 0.7, 0.8]), shadow, inside, 0.5)
    np.testing.assert_allclose(score, [0, 0, np.log(2)], atol=1e-12)


def test_log_mean_exp_survives_what_a_plain_mean_does_not():
    # exp(-2000) is 0 in doubles; the mean of two equal values is that value.
    values = np.full((2, 1), -2000.0)
    assert log_mean_exp(values, np.ones((2, 1), bool))[0] == pytest.approx(-2000)


def test_temperature_divides_logits():
    # Probabilities and the decision values that they are the softmax of agree.
    decision = np.random.default_rng(0).normal(size=(5, 4, 3))
    proba = np.exp(decision) / np.exp(decision).sum(axis=-1, keepdims=True)
    truth = np.array([0, 1, 2, 1])
    for temperature in (0.5, 1.0, 3.0):
        np.testing.assert_allclose(
            tempered_log_confidence(proba, truth, "proba", temperature),
            tempered_log_confidence(decision, truth, "decision", temperature),
        )
    # An error of 3 standard deviations of 2: -0.5 * 9 / 3 at temperature 3.
    value = np.array([[7.0]])
    assert tempered_log_confidence(value, np.ones(1), "value", 3.0, 2.0) == -1.5


def test_order_is_that_of_rmia_at_temperature_1(overfit):
    base = BASEAttack(overfit.box, shadow=overfit.shadow).fit(overfit.records)
    rmia = RMIA(overfit.box, shadow=overfit.shadow).fit(overfit.records)
    score = base.decision_function(overfit.records)
    asked, shadow = base._ask(overfit.records), overfit.shadow.estimator
    # Straight from the formula of RMIA, with the average over both kinds of models.
    ratio = membership_ratio(
        rmia._probability(asked.answers, asked.truth),
        rmia._probability(shadow.answers_, shadow.truth_),
        shadow.membership_,
        offline_a=0.5,
    )
    np.testing.assert_allclose(score, np.log(ratio), rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(
        rankdata(score.round(9), "min"), rankdata(np.log(ratio).round(9), "min")
    )
    assert len(np.unique(score.round(9))) > 100


def test_mean_in_pairs_is_the_plain_mean_over_all_models(overfit):
    attack = BASEAttack(overfit.box, shadow=overfit.shadow).fit(overfit.records)
    asked, shadow = attack._ask(overfit.records), overfit.shadow.estimator
    own = attack._log_confidence(asked.answers, asked.truth)
    others = attack._log_confidence(shadow.answers_, shadow.truth_)
    slow = own - np.log(np.exp(others).mean(axis=0))
    np.testing.assert_allclose(
        attack.decision_function(overfit.records), slow, rtol=1e-9, atol=1e-12
    )


@pytest.mark.parametrize("n_models", [2, 4])
def test_two_shadow_models_do(overfit, n_models):
    shadow = ShadowModels(n_models=n_models)
    attack = BASEAttack(overfit.box, shadow=shadow, random_state=0).fit(overfit.records)
    assert attack.score(overfit.records, overfit.is_member) > 0.9


@pytest.mark.power
def test_offline_scale_is_chosen_on_shadow_models_for_strangers(overfit):
    shadow = ShadowModels(n_models=16)
    attack = BASEAttack(overfit.box, shadow=shadow, random_state=0)
    attack.fit(overfit.strangers)
    assert attack.offline_scale_ in OFFLINE_SCALES
    decision = attack.decision_function(overfit.records)
    assert np.isfinite(decision).all()
    assert attack.score(overfit.records, overfit.is_member) > 0.85


@pytest.mark.parametrize("temperature", [0, -1.0, "hot"])
def test_temperature_that_is_not_positive_is_refused(overfit, temperature):
    attack = BASEAttack(overfit.box, temperature=temperature)
    with pytest.raises(ValueError, match="'temperature' parameter of BASEAttack"):
        attack.fit(overfit.records)
