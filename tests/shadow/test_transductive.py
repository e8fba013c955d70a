"""Cross-validation for attacks that do not look at the truth."""

import numpy as np
from sklearn.base import clone
from sklearn.model_selection import check_cv

from skprivacy.shadow import TransductiveKFold


def test_everyone_is_fitted_on_and_scored_once():
    y = np.repeat([0, 1], [30, 20])
    scored = []
    for fitted_on, fold in TransductiveKFold(5).split(np.zeros((50, 1)), y):
        np.testing.assert_array_equal(fitted_on, np.arange(50))
        assert y[fold].sum() == 4 and len(fold) == 10
        scored.append(fold)
    np.testing.assert_array_equal(np.sort(np.concatenate(scored)), np.arange(50))


def test_is_a_scikit_learn_splitter():
    cv = TransductiveKFold(3)
    assert check_cv(cv).get_n_splits() == 3
    assert "n_splits=3" in repr(clone(cv, safe=False))


def test_folds_without_shuffle_do_not_change():
    y = np.tile([0, 1], 10)
    cv = TransductiveKFold(2, shuffle=False, random_state=None)
    folds = [fold.tolist() for _, fold in cv.split(y, y)]
    assert folds == [fold.tolist() for _, fold in cv.split(y, y)]
    assert folds[0] == list(range(10))
