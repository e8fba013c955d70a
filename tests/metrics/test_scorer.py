import pickle

import numpy as np
import pytest
from sklearn import config_context
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_score
from sklearn.naive_bayes import GaussianNB

from skprivacy.metrics import tpr_at_fpr, tpr_at_fpr_scorer


class ToyAttack(ClassifierMixin, BaseEstimator):
    """Looks at one column and never at the truth."""

    def __init__(self, column=0):
        self.column = column

    def fit(self, X, y=None):
        self.classes_ = np.array([0, 1])
        return self

    def decision_function(self, X):
        return np.asarray(X)[:, self.column]

    def predict_proba(self, X):
        raise AssertionError("decision_function comes first")


@pytest.fixture
def records():
    y = np.repeat([0, 1], 400)
    noise = np.random.default_rng(0).normal(size=(800, 3))
    noise[:, 1] += 2 * y
    return noise, y


@pytest.mark.parametrize("dtype", [int, bool, float])
def test_grid_search_finds_the_column_that_tells(records, dtype):
    X, y = records
    search = GridSearchCV(
        ToyAttack(),
        {"column": [0, 1, 2]},
        cv=StratifiedKFold(4),
        scoring=tpr_at_fpr_scorer(0.01),
    ).fit(X, y.astype(dtype))
    assert search.best_params_ == {"column": 1}
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_score_is_the_metric_of_the_decision_values(records):
    X, y = records
    attack = ToyAttack(column=1).fit(X)
    expected = tpr_at_fpr(y, X[:, 1], 0.05)
    assert tpr_at_fpr_scorer(0.05)(attack, X, y) == expected
    assert tpr_at_fpr_scorer(0.05)(attack, X, y.astype(bool)) == expected


def test_probabilities_serve_where_there_is_no_decision_function(records):
    X, y = records
    model = GaussianNB().fit(X, y)
    expected = tpr_at_fpr(y, model.predict_proba(X)[:, 1], 0.05)
    assert tpr_at_fpr_scorer(0.05)(model, X, y) == expected


def test_string_labels_agree_with_the_classes(records):
    X, y = records
    words = np.where(y == 1, "out", "in")
    model = LogisticRegression().fit(X, words)
    expected = tpr_at_fpr(words, model.decision_function(X), 0.05)
    assert tpr_at_fpr_scorer(0.05)(model, X, words) == expected


def test_fold_with_too_few_non_members_scores_nan(records):
    X, y = records
    with pytest.warns(UserWarning, match="100 non-members; it takes at least 1,000"):
        scores = cross_val_score(
            ToyAttack(), X, y, cv=StratifiedKFold(4), scoring=tpr_at_fpr_scorer(0.001)
        )
    assert np.isnan(scores).all()


def test_scorer_survives_pickle_and_clone(records):
    X, y = records
    scorer = tpr_at_fpr_scorer(0.1)
    search = clone(GridSearchCV(ToyAttack(), {"column": [1]}, scoring=scorer))
    for copy in (pickle.loads(pickle.dumps(scorer)), search.scoring):
        attack = ToyAttack(column=1).fit(X)
        assert copy(attack, X, y) == scorer(attack, X, y)
    assert "tpr_at_fpr" in repr(scorer) and "fpr=0.1" in repr(scorer)


def test_scorer_works_with_metadata_routing(records):
    X, y = records
    with config_context(enable_metadata_routing=True):
        scores = cross_val_score(
            ToyAttack(column=1), X, y, scoring=tpr_at_fpr_scorer(0.1)
        )
    assert (scores > 0.3).all()


@pytest.mark.parametrize("fpr", [0, 1.5, None])
def test_bad_fpr_is_named(fpr):
    with pytest.raises(ValueError, match="'fpr' parameter"):
        tpr_at_fpr_scorer(fpr)
