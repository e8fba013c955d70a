"""Difficulty calibration."""

import numpy as np
import pytest

from skprivacy.membership import CalibratedAttack
from skprivacy.membership._calibrated import calibrated_difference


def test_formula_on_a_hand_computed_case():
    # First record: 5 - (1 + 3) / 2 = 3. Second: 0 - 4 = -4.
    shadow = np.array([[1.0, 4.0], [3.0, 9.0], [9.0, 9.0]])
    inside = np.array([[False, False], [False, True], [True, True]])
    difference = calibrated_difference(np.array([5.0, 0.0]), shadow, inside)
    np.testing.assert_array_equal(difference, [3.0, -4.0])


def test_threshold_is_the_mean_over_the_records(overfit):
    attack = CalibratedAttack(overfit.box, shadow=overfit.shadow).fit(overfit.records)
    assert attack.decision_function(overfit.records).mean() == pytest.approx(0)


@pytest.mark.parametrize("signal", ["loss", "logit", "confidence"])
def test_any_signal_of_the_target(overfit, signal):
    attack = CalibratedAttack(overfit.box, shadow=overfit.shadow, signal=signal)
    assert attack.fit(overfit.records).signal_ == signal
    assert attack.score(overfit.records, overfit.is_member) > 0.8


def test_unknown_signal_is_named(overfit):
    attack = CalibratedAttack(overfit.box, shadow=overfit.shadow, signal="luck")
    with pytest.raises(ValueError, match="signal='luck'"):
        attack.fit(overfit.records)
