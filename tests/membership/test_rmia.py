"""The robust membership inference attack."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator

from skprivacy.membership import RMIA
from skprivacy.membership._rmia import OFFLINE_A, membership_ratio
from skprivacy.shadow import ShadowModels


def test_ratio_of_a_hand_computed_case():
    # Online: 0.6 / ((0.9 + (0.2 + 0.4) / 2) / 2) = 0.6 / 0.6 = 1.
    # Offline, a = 0.2: p_out = 0.5, p_in = 0.2 * 0.5 + 0.8 = 0.9: 0.7 / 0.7 = 1.
    # In every model: 0.8 / 0.4 = 2.
    shadow = np.array([[0.9, 0.5, 0.4], [0.2, 0.5, 0.4], [0.4, 0.5, 0.4]])
    inside = np.array([[True, False, True], [False, False, True], [False, False, True]])
    ratio = membership_ratio(np.array([0.6, 0.7, 0.8]), shadow, inside, 0.2)
    np.testing.assert_allclose(ratio, [1.0, 1.0, 2.0])


@pytest.mark.parametrize("gamma", [1.0, 1.5])
def test_decision_is_the_rate_of_all_pairs(overfit, gamma):
    attack = RMIA(overfit.box, shadow=overfit.shadow, gamma=gamma)
    attack.fit(overfit.records)
    ratio = attack._ratio(overfit.records)
    slow = (ratio[:, None] >= gamma * ratio[None, :]).mean(axis=1)
    decision = attack.decision_function(overfit.records)
    # Ties are broken by less than a thousandth of a record.
    np.testing.assert_allclose(decision + 0.5, slow, atol=1e-3 / len(ratio))


def test_population_of_ones_own(overfit):
    attack = RMIA(overfit.box, shadow=overfit.shadow, population=overfit.strangers)
    attack.fit(overfit.records)
    assert len(attack.population_ratio_) == 300
    assert attack.score(overfit.records, overfit.is_member) > 0.85


def test_offline_a_is_chosen_from_the_grid_and_not_by_the_truth(overfit):
    attack = RMIA(overfit.box, shadow=overfit.shadow)
    truth = overfit.is_member
    a = clone(attack).fit(overfit.records, truth).offline_a_
    b = clone(attack).fit(overfit.records, 1 - truth).offline_a_
    assert a == b and a in OFFLINE_A


@pytest.mark.power
def test_offline_a_chosen_is_near_the_best(overfit):
    shadow = ShadowModels(
        target=overfit.box, n_models=16, keep_models=True, random_state=0
    ).fit(overfit.strangers)
    attack = RMIA(overfit.box, shadow=FrozenEstimator(shadow))

    def auc(a):
        fitted = clone(attack).set_params(offline_a=a).fit(overfit.records)
        return fitted.score(overfit.records, overfit.is_member)

    assert auc("auto") > max(auc(a) for a in (0.0, 0.3, 0.6, 1.0)) - 0.03


def test_covered_records_use_both_kinds_of_shadow(overfit):
    attack = RMIA(overfit.box, shadow=overfit.shadow)
    low = clone(attack).set_params(offline_a=0.0).fit(overfit.records)
    high = clone(attack).set_params(offline_a=1.0).fit(overfit.records)
    np.testing.assert_allclose(low.population_ratio_, high.population_ratio_)


@pytest.mark.parametrize("params", [{"offline_a": 1.5}, {"gamma": 0.5}])
def test_bad_parameters_are_named(overfit, params):
    attack = RMIA(overfit.box, shadow=overfit.shadow, **params)
    with pytest.raises(ValueError, match=next(iter(params))):
        attack.fit(overfit.records)
