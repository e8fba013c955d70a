"""Log-odds from classifiers."""

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.naive_bayes import GaussianNB

from skprivacy.membership._log_odds import LinearAndTrees, fitted_clone, log_odds


def test_certain_probabilities_stay_finite():
    X = np.array([[0.0], [1.0]] * 10)
    forest = RandomForestClassifier(5, random_state=0).fit(X, X[:, 0])
    decision = log_odds(forest, X)
    assert np.isfinite(decision).all()
    assert (decision[::2] < decision[1::2]).all()


def test_mean_is_that_of_both_learners():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(1000, 2))
    learner = LinearAndTrees(random_state=0).fit(X, X[:, 0] * X[:, 1] > 0)
    linear, trees = (e.decision_function(X) for e in learner.estimators_)
    np.testing.assert_allclose(learner.decision_function(X), (linear + trees) / 2)
    assert not np.allclose(linear, trees)


def test_clone_is_seeded_only_where_nobody_has_set_the_seed():
    X, y = np.arange(6.0)[:, None], np.array([0, 1] * 3)
    assert fitted_clone(RandomForestClassifier(2), X, y, 5).random_state == 5
    own = RandomForestClassifier(2, random_state=9)
    assert fitted_clone(own, X, y, 5).random_state == 9
    assert not hasattr(fitted_clone(GaussianNB(), X, y, 5), "random_state")
