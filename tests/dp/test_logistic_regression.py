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

X, Y = load_breast_cancer(return_X_y=True)
X = minmax_scale(X, (-1, 1))
PUBLIC = {"data_norm": 5.0, "classes": [0, 1]}


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
        (32.0, 750, 2.0, 32.0),  # 48000 / 64
        (60.0, 800, 2.0, 56.25),
        (100.0, 800, 2.0, 64.0),
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


def test_a_noisy_objective_learns_and_keeps_its_promise():
    model = DPLogisticRegression(5.0, solver="amp", **PUBLIC).fit(X, Y)
    guarantee = model.privacy_guarantee_
    assert guarantee.adjacency == "replace"
    assert guarantee.epsilon(1e-5) == pytest.approx(5.0, rel=1e-6)
    assert guarantee.epsilon(1e-5) <= 5.0
    # .94 with a deviation of .02.
    assert model.score(X, Y) > 0.85
    odds = model.decision_function(X)
    np.testing.assert_allclose(model.predict_proba(X)[:, 1], 1 / (1 + np.exp(-odds)))
    names = np.array(["well", "ill", "dead"])[Y + (np.arange(len(Y)) % 2) * Y]
    model = DPLogisticRegression(20.0, data_norm=5.0, classes=names, solver="amp")
    assert model.fit(X, names).coef_.shape == (3, 30)


def test_samples_promise_something_of_a_record_more_or_less():
    settings = {"sampling_rate": 0.3, "n_records": 600, "n_iter": 30}
    model = DPLogisticRegression(5.0, **settings, **PUBLIC).fit(X, Y)
    guarantee = model.privacy_guarantee_
    assert guarantee.adjacency == "add_remove"
    assert 4.9 < guarantee.epsilon(1e-5) <= 5.0
    assert any("n_records" in one for one in guarantee.assumptions)
    assert model.score(X, Y) > 0.85
    model.set_params(ledger=PrivacyLedger())
    with pytest.raises(ValueError, match="adjacency='replace'; got a guarantee"):
        model.fit(X, Y)


@pytest.mark.filterwarnings("ignore:random_state makes")
def test_of_how_many_records_there_are_a_sample_tells_nothing():
    # A record of zeros has no gradient: only their number differs.
    settings = {"sampling_rate": 1.0, "n_records": 500, "n_iter": 5, "random_state": 0}
    model = DPLogisticRegression(fit_intercept=False, **settings, **PUBLIC)
    first = model.fit(X, Y).coef_
    more = np.vstack([X, np.zeros((1, 30))]), np.append(Y, 1)
    np.testing.assert_array_equal(model.fit(*more).coef_, first)


def test_samples_need_a_public_number_of_records():
    with pytest.raises(PrivacyLeakError, match="n_records must be given"):
        DPLogisticRegression(sampling_rate=0.1, **PUBLIC).fit(X, Y)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"epsilon": 0.0}, "epsilon"),
        ({"delta": 1.5}, "delta"),
        ({"data_norm": -1.0}, "data_norm"),
        ({"n_iter": 0}, "n_iter"),
        ({"learning_rate": "fast"}, "learning_rate"),
        ({"sampling_rate": 0.0}, "sampling_rate"),
        ({"sampling_rate": 0.1, "solver": "amp"}, 'must be None with solver="amp"'),
        ({"solver": "sgd"}, "solver"),
        ({"delta": 1e-15, "solver": "amp"}, "delta must be at least 1e-13"),
    ],
)
def test_refuses(settings, message):
    with pytest.raises(ValueError, match=message):
        DPLogisticRegression(**PUBLIC | settings).fit(X, Y)
