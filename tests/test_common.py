"""scikit-learn's own checks, on every public estimator."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.utils.estimator_checks import parametrize_with_checks

from skprivacy.membership import (
    RMIA,
    CalibratedAttack,
    LiRA,
    PopulationAttack,
    ThresholdAttack,
)
from skprivacy.shadow import ShadowModels
from skprivacy.signals import TargetSignals
from skprivacy.targets import BlackBox


def row_mean(X):
    """A target for tables of any width: scikit-learn's checks bring their own."""
    return np.asarray(X, dtype=float).mean(axis=1)


def every_estimator():
    """One of each public estimator, with a target that takes any table of numbers."""
    target = BlackBox(row_mean)
    shadow = ShadowModels(Ridge(), n_models=4)
    return [
        ThresholdAttack(target),
        PopulationAttack(target),
        CalibratedAttack(target, shadow=shadow),
        LiRA(target, shadow=shadow),
        RMIA(target, shadow=shadow),
        ShadowModels(Ridge(), n_models=4, random_state=0),
        TargetSignals(target),
    ]


@parametrize_with_checks(every_estimator())
def test_scikit_learn_contract(estimator, check):
    check(estimator)
