import numpy as np
import pytest
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from skprivacy.property._weighing import BelievingClassifier, fit_weights


def as_scores(columns):
    return np.asarray(columns)[:, :, None] * [-0.5, 0.5]


def test_one_score_is_weighed_as_by_logistic_regression():
    rng = np.random.RandomState(0)
    worlds = np.arange(60) % 2
    score = worlds + rng.normal(size=60)
    standard = (score - score.mean()) / score.std()
    known = LogisticRegression().fit(standard[:, None], worlds)
    weights, offsets = fit_weights(as_scores(score[:, None]), worlds)
    assert weights[0] * score.std() == pytest.approx(known.coef_[0, 0], rel=1e-3)
    found = BelievingClassifier().fit(score[:, None], worlds)
    np.testing.assert_allclose(
        found.decision_function(score[:, None]),
        known.decision_function(standard[:, None]),
        atol=1e-2,
    )


def test_what_goes_wrong_is_not_turned_around():
    rng = np.random.RandomState(0)
    worlds = np.arange(100) % 2
    right = 2.0 * worlds + rng.normal(size=100)
    wrong = -2.0 * worlds + rng.normal(size=100)
    learned = BelievingClassifier().fit(np.column_stack([right, wrong]), worlds)
    assert learned.weights_[0] > 0
    assert learned.weights_[1] == 0


def test_scores_that_are_all_wrong_leave_the_prior():
    worlds = np.arange(40) % 2
    learned = BelievingClassifier().fit(-1.0 * worlds[:, None], worlds)
    np.testing.assert_allclose(learned.predict_proba([[-3.0], [5.0]]), 0.5, atol=1e-3)


def test_a_constant_score_is_no_error():
    worlds = np.arange(40) % 2
    columns = np.column_stack([np.ones(40), worlds])
    learned = BelievingClassifier().fit(columns, worlds)
    assert np.isfinite(learned.predict_proba(columns)).all()
    np.testing.assert_array_equal(learned.predict(columns), worlds)


def test_probabilities_belong_to_decisions():
    worlds = np.arange(40) % 2
    columns = np.random.RandomState(0).normal(size=(40, 2)) + worlds[:, None]
    learned = BelievingClassifier().fit(columns, worlds)
    np.testing.assert_allclose(
        learned.predict_proba(columns)[:, 1], expit(learned.decision_function(columns))
    )


def test_three_worlds():
    rng = np.random.RandomState(0)
    worlds = np.arange(90) % 3
    right = 3 * np.eye(3)[worlds] + rng.normal(size=(90, 3))
    wrong = -3 * np.eye(3)[worlds] + rng.normal(size=(90, 3))
    columns = np.hstack([right, wrong])
    names = np.array(["a", "b", "c"])
    learned = BelievingClassifier().fit(columns, names[worlds])
    assert learned.weights_[1] == 0 < learned.weights_[0]
    assert learned.decision_function(columns).shape == (90, 3)
    # The largest of three normal scores, 3 apart, is right in 97% of cases.
    assert np.mean(learned.predict(columns) == names[worlds]) > 0.85
