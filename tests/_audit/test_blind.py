"""Telling membership without the model."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from skprivacy._audit._blind import blind_scores, telling_columns


@pytest.fixture
def is_member():
    return np.repeat([1, 0], 300)


def test_same_population_is_chance(is_member):
    # Standard error sqrt(601 / (12 * 300 * 300)) = 0.0236; four: 1 alarm in 16,000.
    records = np.random.default_rng(0).normal(size=(600, 5))
    auc = roc_auc_score(is_member, blind_scores(records, is_member, 0))
    assert abs(auc - 0.5) < 4 * 0.0236


def test_a_text_that_differs_is_found(is_member):
    rng = np.random.default_rng(0)
    source = np.where(rng.random(600) < 0.2 + 0.6 * is_member, "north", "south")
    records = pd.DataFrame({"age": rng.normal(size=600), "source": source})
    records.loc[::7, "source"] = None
    assert roc_auc_score(is_member, blind_scores(records, is_member, 0)) > 0.7
    assert telling_columns(records, is_member)[0] == "source"


def test_no_column_tells_where_none_differs(is_member):
    records = np.random.default_rng(1).normal(size=(600, 5))
    assert telling_columns(records, is_member) == ()


def test_a_column_without_any_value_tells_nothing(is_member):
    records = np.full((600, 1), np.nan)
    assert telling_columns(records, is_member) == ()


def test_a_column_that_is_nearly_always_missing_does_no_harm(is_member):
    records = np.random.default_rng(0).normal(size=(600, 3))
    records[1:, 0] = np.nan
    records[:, 1] = np.nan
    assert np.isfinite(blind_scores(records, is_member, 0)).all()
