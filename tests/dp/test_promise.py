import numpy as np
import pytest
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from skprivacy.dp import DPGaussianNB, DPStandardScaler
from skprivacy.dp._promise import promise_of

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(60, 3)), np.arange(60) % 2
PRIVATE = DPGaussianNB(2.0, bounds=(-4, 4), classes=[0, 1])


def test_steps_of_a_pipeline_add_up():
    scaler = DPStandardScaler(1.0, bounds=(-4, 4))
    model = make_pipeline(FunctionTransformer(), scaler, PRIVATE).fit(X, Y)
    promise = promise_of(FrozenEstimator(model))
    assert promise.uncovered == ()
    steps = [model[1].privacy_guarantee_, model[2].privacy_guarantee_]
    together = steps[0].compose(steps[1])
    assert promise.guarantee.epsilon() == pytest.approx(together.epsilon())
    assert promise.guarantee.epsilon() > steps[1].epsilon()


def test_what_has_no_guarantee():
    assert promise_of(LogisticRegression().fit(X, Y)) is None
    behind = make_pipeline(DPStandardScaler(bounds=(-4, 4)), LogisticRegression())
    assert promise_of(behind.fit(X, Y)) is None
    nested = make_pipeline(make_pipeline(StandardScaler()), PRIVATE).fit(X, Y)
    assert promise_of(nested).uncovered == ("standardscaler",)
