"""The order in which models are asked about many records."""

import numpy as np
import pandas as pd
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import BaggingClassifier, HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from skprivacy.dp import DPLogisticRegression
from skprivacy.shadow._order import similar_together, waits_for_memory


def test_is_a_permutation_of_any_table():
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "age": rng.integers(20, 60, 50),
            "income": np.where(rng.random(50) < 0.2, np.nan, np.inf),
            "city": rng.choice(["a", "b", None], 50),
        }
    )
    order = similar_together(table, rng.integers(0, 3, 50))
    np.testing.assert_array_equal(np.sort(order), np.arange(50))


def test_equal_records_become_neighbors():
    X = np.random.default_rng(0).normal(size=(40, 3))
    twice = np.vstack([X, X])
    order = similar_together(twice, twice[:, 0])
    distance = np.abs(np.argsort(order)[:40] - np.argsort(order)[40:])
    assert distance.max() <= 10


@pytest.mark.parametrize(
    "recipe, expected",
    [
        (make_pipeline(StandardScaler(), LogisticRegression()), False),
        (CalibratedClassifierCV(GaussianNB()), False),
        (CalibratedClassifierCV(DecisionTreeClassifier()), True),
        (make_pipeline(StandardScaler(), HistGradientBoostingClassifier()), True),
        (BaggingClassifier(), True),
        (DPLogisticRegression(), True),
    ],
    ids=lambda value: type(value).__name__,
)
def test_trees_and_what_is_unknown_are_asked_in_order(recipe, expected):
    assert waits_for_memory(recipe) == expected
