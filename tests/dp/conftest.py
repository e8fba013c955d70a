"""What the tests of private estimators share."""

import types

import numpy as np
import pytest

from skprivacy.dp import _noise


@pytest.fixture(autouse=True)
def same_noise_every_time(monkeypatch):
    """Let what the operating system draws be the same in every run of a test.

    A test of what is learned in spite of noise passes or fails once and for all.
    """
    rng = np.random.RandomState(0)
    monkeypatch.setattr(_noise, "os", types.SimpleNamespace(urandom=rng.bytes))
