"""Audits by one run with many canaries."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.tree import DecisionTreeClassifier

from skprivacy.auditing import (
    OneRunAuditor,
    epsilon_one_run,
    epsilon_one_run_gaussian,
    one_run_p_value,
)
from skprivacy.auditing._one_run_auditor import guess_extremes
from skprivacy.dp import DPGaussianNB, PrivacyGuarantee

RNG = np.random.RandomState(0)
X = RNG.normal(size=(200, 3)).clip(-3, 3)
Y = (X[:, 0] + RNG.normal(size=200) > 0).astype(int)
TREE = DecisionTreeClassifier(random_state=0)


def audit(estimator, X=X, y=Y, **params):
    params = {"n_canaries": 100, "random_state": 0} | params
    return OneRunAuditor(estimator, **params).fit(X, y)


def test_a_tree_is_caught_and_the_bound_is_that_of_its_counts():
    auditor = audit(TREE, claimed=1.0)
    assert auditor.n_guesses_ == 10
    assert auditor.violated_ == (auditor.epsilon_lower_bound_ > 1)
    counts = auditor.n_correct_, 10, 100
    assert auditor.n_correct_ == 10
    assert auditor.epsilon_lower_bound_ == epsilon_one_run(*counts, delta=1e-5)
    assert auditor.p_value_ == one_run_p_value(*counts, 1.0, delta=1e-5)
    assert audit(TREE, guess_fraction=0.5, claimed=1.0).violated_


def test_the_whole_curve():
    auditor = audit(TREE, method="fdp", guess_fraction=0.4)
    expected = epsilon_one_run_gaussian(auditor.n_correct_, 40, 100, delta=1e-5)
    assert auditor.epsilon_lower_bound_ == expected > 1
    assert auditor.violated_ is None


def test_coins_are_independent_and_not_one_half():
    shares = {audit(TREE, random_state=seed).included_.sum() for seed in range(8)}
    assert len(shares) > 1


def test_guesses_are_of_both_kinds_and_fixed_in_number():
    scores = np.random.RandomState(0).normal(size=100)
    guesses = guess_extremes(scores, 0.2, np.arange(100))
    assert ((guesses == 1).sum(), (guesses == -1).sum()) == (10, 10)
    assert scores[guesses == 1].min() > scores[guesses == 0].max()
    assert scores[guesses == -1].max() < scores[guesses == 0].min()
    assert np.count_nonzero(guess_extremes(scores, 0.001, np.arange(100))) == 2


def test_a_private_model_is_not_accused():
    model = DPGaussianNB(0.5, bounds=(-3, 3), classes=[0, 1], random_state=0)
    for seed in range(3):
        auditor = audit(model, guess_fraction=0.5, random_state=seed, delta=None)
        assert auditor.violated_ is False
        assert auditor.claimed_epsilon_ == pytest.approx(0.5)
        assert auditor.p_value_ > 0.01


def test_how_many_records_there_are_follows_the_claim():
    seen = []

    def signal(model, X, y):
        seen.append(model.n_records_)
        return np.zeros(len(y))

    class Counting(LogisticRegression):
        def fit(self, X, y):
            self.n_records_ = len(X)
            return super().fit(X, y)

    for adjacency in ("replace", "add_remove"):
        guarantee = PrivacyGuarantee.pure(1.0, adjacency=adjacency)
        auditor = audit(Counting(), claimed=guarantee, signal=signal)
        assert not auditor.violated_
    # The model and its reference: the same number where one becomes another.
    assert seen[:2] == [300, 300]
    assert seen[2:] == [200 + auditor.included_.sum(), 200]


def test_own_canaries_and_no_reference():
    far = np.full((20, 3), 50.0) + np.arange(20)[:, None]
    canaries = (far, np.arange(20) % 2)
    auditor = audit(TREE, canaries=canaries, n_references=0, guess_fraction=1.0)
    assert auditor.n_canaries_ == 20
    assert auditor.n_fits_ == 2
    assert auditor.model_.tree_.n_node_samples[0] == 200 + auditor.included_.sum()


def test_texts_tables_and_regressors():
    table = pd.DataFrame({"city": list("abcde") * 20, "color": list("rg") * 50})
    table["town"] = np.repeat(list("vwxyz"), 20)
    labels = np.array(["yes", "no", "no", "yes"] * 25)
    model = make_pipeline(OneHotEncoder(handle_unknown="ignore"), TREE)
    classifier = audit(model, table, labels, canaries="outlier", n_canaries=2)
    assert list(classifier.feature_names_in_) == ["city", "color", "town"]
    neighbors = KNeighborsRegressor(1)
    regressor = audit(neighbors, X, X[:, 1] + X[:, 2], guess_fraction=0.5)
    assert regressor.n_correct_ > 40


def test_the_same_seed_gives_the_same():
    first, second = audit(TREE), audit(TREE)
    assert np.array_equal(first.scores_, second.scores_)
    assert np.array_equal(first.included_, second.included_)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"canaries": (X[:5], Y[:5], 1)}, "a pair"),
        ({"canaries": (X[:5, :2], Y[:5])}, "same kind and columns"),
        ({"canaries": (X[:5], Y[:4])}, "one label each"),
        ({"canaries": "rare"}, "canaries"),
        ({"guess_fraction": 0.0}, "guess_fraction"),
        ({"method": "best"}, "method"),
        ({"method": "fdp", "delta": 0.0}, "delta must be above 0"),
        ({"signal": lambda model, X, y: 1.0}, "signal must return one number"),
        ({"adjacency": "swap"}, "adjacency"),
    ],
)
def test_what_can_not_be_is_refused(params, message):
    with pytest.raises(ValueError, match=message):
        audit(TREE, **params)


def test_labels_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="one label for each of 200 records"):
        audit(TREE, X, Y[:5])
