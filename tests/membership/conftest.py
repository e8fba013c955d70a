"""Targets on which every membership attack is tried."""

import pytest
from membership_scenes import Scene
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LogisticRegression


@pytest.fixture(scope="session")
def overfit():
    return Scene(RandomForestClassifier(30, random_state=0))


@pytest.fixture(scope="session")
def overfit_regressor():
    return Scene(RandomForestRegressor(30, random_state=0), regression=True)


@pytest.fixture(scope="session")
def nobody():
    return Scene(RandomForestClassifier(30, random_state=0), nobody=True)


@pytest.fixture(scope="session")
def steady():
    return Scene(LogisticRegression())
