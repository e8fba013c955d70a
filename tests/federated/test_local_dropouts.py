import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB

from skprivacy.federated import CohortTooSmall, FederatedClassifier

RNG = np.random.default_rng(0)
X = RNG.normal(size=(70, 3)) + np.arange(70)[:, None] % 2
Y = np.arange(70) % 2
CLIENTS = np.arange(70) // 10


def fitted(dropouts, estimator=None, **parameters):
    model = FederatedClassifier(
        GaussianNB() if estimator is None else estimator,
        bounds=(-9, 9),
        classes=[0, 1],
        dropouts=dropouts,
        **parameters,
    )
    with pytest.warns(UserWarning, match="vanished in round"):
        return model.fit(X, Y, groups=CLIENTS)


@pytest.mark.parametrize("aggregation", ["plain", "secure"])
@pytest.mark.parametrize("stage", ["advertise_keys", "share_keys", "masked_input"])
def test_who_vanishes_before_it_sent_its_vector_is_not_in_the_model(aggregation, stage):
    # Of three rounds, classes, deviations and the model's sums, in the last.
    model = fitted({5: (3, stage)}, aggregation=aggregation)
    rest = GaussianNB().fit(X[CLIENTS != 5], Y[CLIENTS != 5])
    np.testing.assert_allclose(model.estimator_.theta_, rest.theta_, atol=1e-8)
    np.testing.assert_allclose(model.estimator_.var_, rest.var_, atol=1e-8)
    assert model.estimator_.class_count_.sum() == 60
    assert model.clients_ == (0, 1, 2, 3, 4, 6)
    assert stage in model.failed_clients_[5]


@pytest.mark.parametrize("aggregation", ["plain", "secure"])
@pytest.mark.parametrize("stage", ["consistency", "unmask"])
def test_who_vanishes_after_it_sent_its_vector_is_in_the_model(aggregation, stage):
    model = fitted({5: (3, stage)}, aggregation=aggregation)
    pooled = GaussianNB().fit(X, Y)
    np.testing.assert_allclose(model.estimator_.theta_, pooled.theta_, atol=1e-8)
    assert 5 not in model.clients_
    # From the next round on it is not.
    model = fitted({5: (2, stage)}, aggregation=aggregation)
    rest = GaussianNB().fit(X[CLIENTS != 5], Y[CLIENTS != 5])
    np.testing.assert_allclose(model.estimator_.theta_, rest.theta_, atol=1e-8)


def test_steps_go_on_with_who_is_left():
    estimator = LogisticRegression(tol=1e-12, max_iter=1000)
    model = fitted({1: (4, "masked_input"), 2: (5, "unmask")}, estimator)
    kept = ~np.isin(CLIENTS, [1, 2])
    rest = estimator.fit(X[kept], Y[kept])
    np.testing.assert_allclose(model.estimator_.coef_, rest.coef_, rtol=1e-5)
    assert model.clients_ == (0, 3, 4, 5, 6)


@pytest.mark.parametrize(
    "estimator",
    [
        RandomForestClassifier(3, random_state=0),
        HistGradientBoostingClassifier(max_iter=3, min_samples_leaf=2),
    ],
    ids=["forest", "boosting"],
)
def test_trees_go_on_with_who_is_left(estimator):
    dropouts = {2: (4, "share_keys"), 3: (5, "consistency")}
    model = fitted(dropouts, estimator, aggregation="plain")
    assert model.score(X, Y) > 0.7
    assert len(model.clients_) == 5


def test_a_sum_that_too_many_leave_is_asked_again_of_the_rest():
    dropouts = {one: (3, "masked_input") for one in (0, 1, 2)}
    model = fitted(dropouts)
    rest = GaussianNB().fit(X[CLIENTS > 2], Y[CLIENTS > 2])
    np.testing.assert_allclose(model.estimator_.theta_, rest.theta_, atol=1e-8)
    # The third round, again, or at once where so many may leave.
    assert model.n_rounds_ in (3, 4)


def test_too_few_that_are_left_end_the_fit():
    dropouts = {one: (2, "masked_input") for one in range(5)}
    with pytest.raises(CohortTooSmall, match="2 clients are left.*vanished in round 2"):
        fitted(dropouts)


@pytest.mark.parametrize(
    "dropouts, message",
    [
        ({9: (1, "unmask")}, "9, which is no client"),
        ({1: (0, "unmask")}, "a round from 1"),
        ({1: (1, "unmasked")}, "a stage of"),
        ({1: "unmask"}, "a round from 1 and a stage"),
    ],
    ids=["client", "round", "stage", "no pair"],
)
def test_dropouts_that_can_not_be(dropouts, message):
    model = FederatedClassifier(GaussianNB(), dropouts=dropouts)
    with pytest.raises(ValueError, match=message):
        model.fit(X, Y, groups=CLIENTS)
