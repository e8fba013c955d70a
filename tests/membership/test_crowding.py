"""Answers that many records share."""

import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.svm import SVC

from skprivacy.membership._crowding import FAR, NEAR, SMALLEST, crowding


def test_distances_by_hand():
    # On a grid of step 1 the neighbors of the middle lie at 1, 1, 2, 2, ...: the 8th at
    # 4, the 100th at 50, beside the record itself.
    near, relative = crowding(np.array([100.0]), np.arange(201.0))[0]
    assert near == pytest.approx(np.log(NEAR / 2))
    assert relative == pytest.approx(np.log(NEAR / FAR), abs=1e-6)


def test_shared_answers_are_nearest_of_all():
    pool = np.concatenate([np.full(NEAR + 1, 0.25), np.linspace(0, 1, 300)])
    near, relative = crowding(np.array([0.25, 0.7]), pool).T
    assert near[0] == pytest.approx(np.log(SMALLEST))
    assert relative[0] < relative[1] - 5


def test_few_records_are_enough():
    assert np.isfinite(crowding(np.array([0.0, 1.0]), np.array([0.0, 1.0]))).all()


def test_support_vectors_on_the_margin_are_crowded():
    X, y = make_classification(600, 20, flip_y=0.2, random_state=0)
    model = SVC(C=1.0).fit(X[:300], y[:300])
    value = model.decision_function(X) * np.where(y == 1, 1, -1)
    relative = crowding(value, value)[:, 1]
    on_margin = np.abs(value - 1) < 2e-3
    assert on_margin[:300].sum() > 20 > 5 * on_margin[300:].sum()
    assert np.median(relative[on_margin]) < np.median(relative[~on_margin]) - 0.5
