"""Targets on which every membership attack is tried."""

from functools import cache

import pytest
from membership_scenes import FORESTS, TRIALS, Scene
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression


@cache
def scene(recipe, **settings):
    return Scene(clone(recipe), **settings)


def targets_of(request):
    """Targets of the attack that a test is about; forests where it is about none."""
    params = request.node.callspec.params if hasattr(request.node, "callspec") else {}
    return TRIALS[params["name"]].targets if params.get("name") in TRIALS else FORESTS


@pytest.fixture
def overfit(request):
    return scene(targets_of(request)[0])


@pytest.fixture
def overfit_regressor(request):
    return scene(targets_of(request)[1], regression=True)


@pytest.fixture
def nobody(request):
    return scene(targets_of(request)[0], nobody=True)


@pytest.fixture(scope="session")
def steady():
    return Scene(LogisticRegression())
