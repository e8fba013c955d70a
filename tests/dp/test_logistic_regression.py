import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.preprocessing import minmax_scale

from skprivacy.dp import (
    DPLogisticRegression,
    PrivacyBudgetExceeded,
    PrivacyLeakError,
    PrivacyLedger,
)
from skprivacy.dp._logistic_regression import clipped_gradient

X, Y = load_breast_cancer(return_X_y=True)
X = minmax_scale(X, (-1, 1))
PUBLIC = {"data_norm": 5.0, "classes": [0, 1]}


def test_gradient_is_that_of_the_loss():
    rng = np.random.RandomState(0)
    records, own = rng.normal(size=(6, 3)), np.eye(4)[rng.randint(4, size=6)]
    weights = rng.normal(size=(3, 4))

    def loss(flat):
        scores = records @ flat.reshape(3, 4)
        return (np.log(np.exp(scores).sum(axis=1)) - (scores * own).sum(axis=1)).sum()

    numeric = [
        (loss(weights.ravel() + 1e-6 * e) - loss(weights.ravel() - 1e-6 * e)) / 2e-6
        for e in np.eye(12)
    ]
    found = clipped_gradient(records, own, weights, np.inf)
    np.testing.assert_allclose(found.ravel(), numeric, atol=1e-5)


def test_no_record_moves_the_sum_by_more_than_the_clip():
    rng = np.random.RandomState(0)
    own = np.eye(3)[rng.randint(3, size=50)]
    for record, one in zip(rng.normal(size=(50, 4)) * 10, own, strict=True):
        gradient = clipped_gradient(record[None], one[None], np.zeros((4, 3)), 0.7)
        assert np.linalg.norm(gradient) <= 0.7 + 1e-12


def test_with_next_to_no_noise_it_is_logistic_regression():
    settings = {"n_iter": 2000, "clip_norm": 3.0, "learning_rate": 8.0}
    model = DPLogisticRegression(1e6, 0.5, **settings, **PUBLIC).fit(X, Y)
    plain = LogisticRegression(C=1).fit(X, Y)
    assert (model.predict(X) == plain.predict(X)).mean() > 0.98
    losses = [log_loss(Y, one.predict_proba(X)) for one in (model, plain)]
    assert losses[0] < losses[1] + 0.02


def test_a_promise_is_kept_and_no_better_one_made():
    guarantee = DPLogisticRegression(0.7, 1e-6, **PUBLIC).fit(X, Y).privacy_guarantee_
    assert guarantee.epsilon(1e-6) == pytest.approx(0.7, rel=1e-6)


@pytest.mark.parametrize(
    ("mu", "n_iter", "clip_norm", "step"),
    [
        (1.0, 100, 1.0, 15.0),  # 1500 in all
        (4.0, 188, 1.0, 6000 / 188),  # 6000 in steps of 32
        (16.0, 400, 1.875, 32.0),  # 24000 / 12800
        (100.0, 400, 2.0, 32.0),
    ],
)
def test_small_noise_is_spent_on_more_steps_then_on_longer_gradients(
    mu, n_iter, clip_norm, step
):
    model = DPLogisticRegression()
    assert model._plan(mu, 1000) == pytest.approx(step)
    assert (model.n_iter_, model.clip_norm_) == (n_iter, clip_norm)


def test_what_is_given_is_kept():
    model = DPLogisticRegression(n_iter=7, clip_norm=3.0, learning_rate=0.5)
    assert model._plan(100.0, 1000) == 0.5
    assert (model.n_iter_, model.clip_norm_) == (7, 3.0)


def test_the_number_of_gradients_costs_nothing():
    few = DPLogisticRegression(n_iter=5, **PUBLIC).fit(X, Y)
    many = DPLogisticRegression(n_iter=50, **PUBLIC).fit(X, Y)
    assert few.privacy_guarantee_.mu == many.privacy_guarantee_.mu


def test_learns_two_classes_and_ten():
    scores = [DPLogisticRegression(5.0, **PUBLIC).fit(X, Y).score(X, Y) for _ in "abc"]
    # .95 with a deviation of .01.
    assert np.mean(scores) > 0.9
    digits, kinds = load_digits(return_X_y=True)
    model = DPLogisticRegression(5.0, data_norm=5.0, classes=range(10))
    model.fit(digits / 16, kinds)
    assert model.coef_.shape == (10, 64)
    # .90 with a deviation of .01.
    assert model.score(digits / 16, kinds) > 0.8


def test_answers_agree():
    model = DPLogisticRegression(5.0, **PUBLIC).fit(X, Y)
    odds = model.decision_function(X)
    proba = model.predict_proba(X)
    np.testing.assert_allclose(proba[:, 1], 1 / (1 + np.exp(-odds)))
    np.testing.assert_array_equal(model.predict(X), (odds > 0).astype(int))


def test_without_an_intercept():
    model = DPLogisticRegression(fit_intercept=False, **PUBLIC).fit(X, Y)
    assert model.intercept_.tolist() == [0.0]
    assert model.coef_.shape == (1, 30)


def test_what_is_not_public_is_refused():
    with pytest.raises(PrivacyLeakError, match="data_norm must be given"):
        DPLogisticRegression(classes=[0, 1]).fit(X, Y)
    with pytest.raises(PrivacyLeakError, match="classes must be given"):
        DPLogisticRegression(data_norm=5.0).fit(X, Y)


def test_long_records_are_shortened_and_counted():
    with pytest.warns(UserWarning, match="records are longer than data_norm=1"):
        DPLogisticRegression(data_norm=1.0, classes=[0, 1]).fit(X, Y)


def test_nothing_is_released_without_budget():
    ledger = PrivacyLedger(epsilon=0.5, delta=1e-5)
    model = DPLogisticRegression(ledger=ledger, **PUBLIC)
    with pytest.raises(PrivacyBudgetExceeded):
        model.fit(X, Y)
    assert len(ledger) == 0
    assert not hasattr(model, "coef_")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"epsilon": 0.0}, "epsilon"),
        ({"delta": 1.5}, "delta"),
        ({"data_norm": -1.0}, "data_norm"),
        ({"n_iter": 0}, "n_iter"),
        ({"learning_rate": "fast"}, "learning_rate"),
    ],
)
def test_refuses(settings, message):
    with pytest.raises(ValueError, match=message):
        DPLogisticRegression(**PUBLIC | settings).fit(X, Y)
