import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skprivacy.dp import (
    DPLogisticRegression,
    DPRidge,
    DPSearchCV,
    DPStandardScaler,
    PrivacyBudgetExceeded,
    PrivacyGuarantee,
    PrivacyLedger,
)
from skprivacy.dp import _dp_search as module
from skprivacy.dp._random_stopping import selected_guarantee

RNG = np.random.RandomState(0)
X = RNG.uniform(-1, 1, size=(400, 3))
Y = np.where(X[:, 0] + 0.2 * RNG.normal(size=400) > 0, "yes", "no")
MODEL = DPLogisticRegression(5.0, data_norm=2.0, classes=["no", "yes"], n_iter=5)
# Steps of the least number that there is are rounded to none: one class is predicted.
STEPS = {"learning_rate": [5e-324, 8.0]}


def runs_are(monkeypatch, number):
    monkeypatch.setattr(module, "draw_runs", lambda *law: number)


def test_finds_what_works_and_promises_the_total(monkeypatch):
    runs_are(monkeypatch, 12)
    search = DPSearchCV(MODEL, STEPS, expected_trials=12).fit(X, Y)
    # All of 12 are the useless one with a chance of 1 / 4096.
    assert search.best_params_ == {"learning_rate": 8.0}
    assert search.score(X, Y) > 0.85
    assert abs(search.best_score_ - search.score(X, Y)) < 0.15
    one = PrivacyGuarantee.gaussian(search.best_estimator_.privacy_guarantee_.mu)
    total = selected_guarantee(one, 12, 1.0, 1e-5)
    assert search.privacy_guarantee_.epsilon(1e-5) == total.epsilon(1e-5)
    assert total.epsilon(1e-5) > 5.0


@pytest.mark.parametrize("law", ["geometric", "logarithmic", "poisson"])
def test_all_of_a_given_epsilon_is_spent_and_no_more(law):
    search = DPSearchCV(MODEL, STEPS, expected_trials=3, epsilon=2.0, distribution=law)
    search.fit(X, Y)
    assert 1.97 < search.privacy_guarantee_.epsilon(1e-5) <= 2.0
    assert search.best_estimator_.epsilon < 2.0
    assert search.estimator.epsilon == 5.0


def test_nothing_tells_how_many_runs_there_were(monkeypatch):
    told = []
    for number in (1, 7):
        runs_are(monkeypatch, number)
        search = DPSearchCV(MODEL, {"learning_rate": [8.0]}).fit(X, Y)
        told.append({**vars(search), "best_score_": 0, "best_estimator_": 0})
        assert search.best_estimator_.coef_.shape == (1, 3)
    assert list(told[0]) == list(told[1])
    assert str(told[0]) == str(told[1])


def test_one_entry_is_booked_whatever_is_run(monkeypatch):
    runs_are(monkeypatch, 4)
    ledger = PrivacyLedger(epsilon=30.0, delta=1e-5)
    search = DPSearchCV(MODEL, STEPS, ledger=ledger).fit(X, Y)
    assert ledger.to_frame()["what"].tolist() == ["DPSearchCV.fit"]
    assert ledger.epsilon_spent() == search.privacy_guarantee_.epsilon(1e-5)
    with PrivacyLedger(epsilon=1.0, delta=1e-5) as small:
        again = clone(search).set_params(ledger=None)
        with pytest.raises(PrivacyBudgetExceeded):
            again.fit(X, Y)
    assert len(small) == 0
    assert not hasattr(again, "best_estimator_")


def test_a_record_is_learned_from_or_scored_by(monkeypatch):
    runs_are(monkeypatch, 3)
    seen = []

    def correct(model, X, y):
        seen.append(set(X[:, 0]))
        return (model.predict(X) == y).astype(float)

    learned, fit = [], module.fit_unbooked

    def watched(estimator, X, y):
        learned.append(set(X[:, 0]))
        return fit(estimator, X, y)

    monkeypatch.setattr(module, "fit_unbooked", watched)
    DPSearchCV(MODEL, STEPS, scoring=correct, validation_size=0.3).fit(X, Y)
    # The first fit only tells what is promised.
    assert len(learned) == 4
    for one, other in zip(learned[1:], seen, strict=True):
        assert len(other) == 120
        assert one | other == set(X[:, 0])
        assert not one & other


def test_no_run_is_an_answer_too(monkeypatch):
    runs_are(monkeypatch, 0)
    ledger = PrivacyLedger()
    with pytest.raises(RuntimeError, match="No run was drawn"):
        DPSearchCV(MODEL, STEPS, distribution="poisson", ledger=ledger).fit(X, Y)
    assert len(ledger) == 1


def test_tables_pipelines_and_pickles():
    table = pd.DataFrame(X, columns=["a", "b", "c"])
    model = make_pipeline(FunctionTransformer(), MODEL)
    steps = {"dplogisticregression__n_iter": [4, 5]}
    search = DPSearchCV(model, steps, expected_trials=2, epsilon=3.0).fit(table, Y)
    assert search.feature_names_in_.tolist() == ["a", "b", "c"]
    assert search.classes_.tolist() == ["no", "yes"]
    again = pickle.loads(pickle.dumps(search))
    np.testing.assert_array_equal(again.predict(table), search.predict(table))
    with pytest.raises(ValueError, match="feature names"):
        search.predict(table[["c", "a", "b"]])


def test_regressors_and_transformers_bring_their_own_score():
    def close(model, X, y):
        return 1 - np.abs(model.predict(X) - y) / 2

    ridge = DPRidge(5.0, data_norm=2.0, y_bounds=(-1, 1))
    search = DPSearchCV(ridge, {"fit_intercept": [True, False]}, scoring=close)
    assert search.fit(X, X[:, 0]).predict(X).shape == (400,)
    scaler = DPStandardScaler(5.0, bounds=(-1, 1))
    search = DPSearchCV(scaler, {}, scoring=lambda model, X, y: np.ones(len(X)))
    assert search.fit(X).transform(X).shape == X.shape
    assert not hasattr(search, "predict")


@pytest.mark.filterwarnings("ignore:random_state makes")
def test_a_seed_draws_it_all_again():
    first, second = (
        DPSearchCV(MODEL, STEPS, random_state=3).fit(X, Y) for _ in range(2)
    )
    assert first.reproducible_
    assert first.best_score_ == second.best_score_
    np.testing.assert_array_equal(
        first.best_estimator_.coef_, second.best_estimator_.coef_
    )


@pytest.mark.parametrize(
    ("estimator", "steps", "settings", "error", "message"),
    [
        (LogisticRegression(), {}, {}, TypeError, "must promise differential"),
        (MODEL, {"epsilon": [9.0]}, {}, ValueError, "must not weaken"),
        (MODEL, {"n_itre": [1]}, {}, ValueError, "n_itre"),
        (MODEL, STEPS, {"expected_trials": 1}, ValueError, "expected_trials"),
        (MODEL, STEPS, {"distribution": "binomial"}, ValueError, "distribution"),
        (MODEL, STEPS, {"epsilon": 0.0}, ValueError, "epsilon"),
        (MODEL, STEPS, {"validation_size": 1.0}, ValueError, "validation_size"),
        (DPStandardScaler(bounds=(-1, 1)), {}, {}, ValueError, "scoring must be"),
    ],
)
def test_refuses(estimator, steps, settings, error, message):
    with pytest.raises(error, match=message):
        DPSearchCV(estimator, steps, **settings).fit(X, Y)
