import pickle

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB

from skprivacy.dp import (
    DPGaussianNB,
    PrivacyBudgetExceeded,
    PrivacyLeakError,
    PrivacyLedger,
)
from skprivacy.dp._gaussian_nb import naive_bayes_sums, sums_sensitivity

X, Y = load_breast_cancer(return_X_y=True)
BOUNDS = (X.min(axis=0), X.max(axis=0))
PUBLIC = {"bounds": BOUNDS, "classes": [0, 1]}


@pytest.mark.parametrize("n_features", [1, 3])
def test_no_neighbors_are_farther_apart(n_features):
    rng = np.random.RandomState(0)
    ends = rng.choice([-1.0, 0.0, 1.0], size=(500, 2, n_features))
    codes = rng.randint(2, size=(500, 2))
    apart = [
        np.linalg.norm(
            naive_bayes_sums(pair[:1], own[:1], 2)
            - naive_bayes_sums(pair[1:], own[1:], 2)
        )
        for pair, own in zip(ends, codes, strict=True)
    ]
    largest = sums_sensitivity(n_features)
    assert max(apart) <= largest + 1e-9
    # It is reached: the noise is no larger than it must be.
    assert max(apart) == pytest.approx(largest)


def test_with_next_to_no_noise_it_is_naive_bayes():
    model = DPGaussianNB(1e6, 0.5, **PUBLIC).fit(X, Y)
    plain = GaussianNB().fit(X, Y)
    np.testing.assert_allclose(model.theta_, plain.theta_, rtol=1e-2)
    np.testing.assert_allclose(model.class_prior_, plain.class_prior_, rtol=1e-2)
    assert (model.predict(X) == plain.predict(X)).mean() > 0.95


def test_a_promise_is_kept_and_no_better_one_made():
    guarantee = DPGaussianNB(0.7, 1e-6, **PUBLIC).fit(X, Y).privacy_guarantee_
    assert guarantee.epsilon(1e-6) == pytest.approx(0.7, rel=1e-6)
    assert guarantee.adjacency == "replace"


def test_two_fits_differ_unless_there_is_a_seed():
    one, other = (DPGaussianNB(**PUBLIC).fit(X, Y) for _ in range(2))
    assert not np.array_equal(one.theta_, other.theta_)
    assert not one.reproducible_
    with pytest.warns(UserWarning, match="random_state makes the noise"):
        one, other = (DPGaussianNB(random_state=0, **PUBLIC).fit(X, Y) for _ in "ab")
    np.testing.assert_array_equal(one.theta_, other.theta_)
    assert one.reproducible_


def test_learns():
    scores = [DPGaussianNB(10.0, **PUBLIC).fit(X, Y).score(X, Y) for _ in range(5)]
    # Without noise .94; with it .93 with a deviation of .01.
    assert np.mean(scores) > 0.88


def test_a_class_without_records_is_no_secret():
    model = DPGaussianNB(bounds=BOUNDS, classes=[0, 1, 2]).fit(X, Y)
    assert model.predict_proba(X[:3]).shape == (3, 3)
    assert np.isfinite(model.predict_proba(X)).all()


def test_what_is_not_public_is_refused():
    with pytest.raises(PrivacyLeakError, match="bounds"):
        DPGaussianNB(classes=[0, 1]).fit(X, Y)
    with pytest.raises(PrivacyLeakError, match="classes"):
        DPGaussianNB(bounds=BOUNDS).fit(X, Y)


def test_nothing_is_released_without_budget():
    ledger = PrivacyLedger(epsilon=1.2, delta=1e-5)
    model = DPGaussianNB(ledger=ledger, **PUBLIC).fit(X, Y)
    refused = DPGaussianNB(ledger=ledger, **PUBLIC)
    with pytest.raises(PrivacyBudgetExceeded, match="DPGaussianNB.fit"):
        refused.fit(X, Y)
    assert not hasattr(refused, "theta_")
    assert ledger.total().mu == pytest.approx(model.privacy_guarantee_.mu)


def test_a_grid_search_is_booked():
    with PrivacyLedger(delta=1e-5) as ledger:
        GridSearchCV(DPGaussianNB(**PUBLIC), {"epsilon": [0.5, 1.0]}, cv=3).fit(X, Y)
    assert len(ledger) == 7
    assert ledger.to_frame()["times"].sum() == 7


def test_a_pickle_holds_the_promise_and_no_record():
    model = DPGaussianNB(**PUBLIC).fit(X, Y)
    again = pickle.loads(pickle.dumps(model))
    assert again.privacy_guarantee_ == model.privacy_guarantee_
    fitted = {name for name in vars(model) if name.endswith("_")}
    public = {"classes_", "n_features_in_", "privacy_guarantee_", "reproducible_"}
    assert fitted - public == {"class_prior_", "theta_", "var_"}
    np.testing.assert_array_equal(again.predict(X), model.predict(X))


@pytest.mark.parametrize("epsilon", [0, -1.0, np.inf, np.nan])
def test_refuses_epsilon(epsilon):
    with pytest.raises(ValueError, match="epsilon"):
        DPGaussianNB(epsilon, **PUBLIC).fit(X, Y)


def test_bounds_whose_variance_is_infinite_are_refused():
    model = DPGaussianNB(bounds=(-1e300, 1e300), classes=[0, 1])
    with pytest.raises(ValueError, match="bounds must be at most"):
        model.fit([[0.0], [1.0]], [0, 1])
