import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.preprocessing import minmax_scale

from skprivacy.dp import (
    OutputPerturbation,
    PrivacyBudgetExceeded,
    PrivacyLeakError,
    PrivacyLedger,
)
from skprivacy.dp._output_perturbation import optimum_sensitivity, penalized_optimum

X, Y = load_breast_cancer(return_X_y=True)
X = minmax_scale(X, (-1, 1))
PUBLIC = {"data_norm": 5.0, "classes": [0, 1]}


@pytest.mark.parametrize("n_classes", [2, 3])
def test_no_neighbors_are_farther_apart(n_classes):
    rng = np.random.RandomState(0)
    apart = []
    for _ in range(150):
        n = rng.randint(1, 4)
        C = rng.choice([0.01, 0.3, 10.0])
        records = rng.choice([-1.0, 1.0], size=(n, 1))
        codes = rng.randint(n_classes, size=n)
        other, other_codes = records.copy(), codes.copy()
        other[0], other_codes[0] = -records[0], rng.randint(n_classes)
        found = [
            penalized_optimum(table, own, n_classes, C, 1.0)
            for table, own in ((records, codes), (other, other_codes))
        ]
        largest = optimum_sensitivity(1.0, n_classes, C)
        apart.append(np.linalg.norm(found[0] - found[1]) / largest)
    assert max(apart) <= 1
    # At the start, with a large penalty, a record has half of its longest gradient.
    assert max(apart) > 0.4


@pytest.mark.parametrize("n_classes", [2, 3])
def test_optimum_is_that_of_the_plain_one(n_classes):
    records, codes = load_iris(return_X_y=True)
    records, codes = records[codes < n_classes], codes[codes < n_classes]
    found = penalized_optimum(records, codes, n_classes, 0.1, 10.0)
    plain = LogisticRegression(C=0.1, fit_intercept=False, tol=1e-8, max_iter=5000)
    expected = plain.fit(records, codes).coef_
    # As near as the gradient that is allowed: C times the slack times the longest.
    away = np.linalg.norm(found.T - expected)
    assert away <= 0.1 * 1e-3 * 10 * np.sqrt(2) + 1e-4


def test_noise_is_as_large_as_the_promise_needs():
    # All records at 0, without a constant: the optimum is 0, and the rest is noise.
    plain = LogisticRegression(C=0.5, fit_intercept=False)
    model = OutputPerturbation(plain, epsilon=5.0, data_norm=2.0, classes=[0, 1])
    drawn = [
        model.fit(np.zeros((4, 20)), [0, 1, 0, 1]).estimator_.coef_ for _ in range(40)
    ]
    # 2 L C, of gradients as long as a record of 2.
    expected = 2 * 2.0 * 0.5 * 1.001 / model.privacy_guarantee_.mu
    # 800 numbers: their deviation is off by 10% once in 16,000 runs.
    assert np.std(drawn) == pytest.approx(expected, rel=0.1)


def test_C_is_that_of_records_as_they_are():
    # The constant is a column of data_norm: only so are both scaled alike.
    plain = LogisticRegression(C=0.3)
    settings = {"epsilon": 1e6, "delta": 0.5, "data_norm": 5.0, "classes": [0, 1]}
    model = OutputPerturbation(plain, **settings).fit(X, Y)
    wide = np.column_stack([X, np.full(len(X), 5.0)])
    expected = LogisticRegression(C=0.3, fit_intercept=False, tol=1e-8).fit(wide, Y)
    np.testing.assert_allclose(
        model.estimator_.coef_[0], expected.coef_[0, :-1], atol=0.1
    )
    assert model.C_ == pytest.approx(0.3)
    assert plain.C == 0.3
    assert not hasattr(plain, "coef_")


def test_learns():
    model = OutputPerturbation(epsilon=10.0, **PUBLIC)
    scores = [model.fit(X, Y).score(X, Y) for _ in range(9)]
    # .87 with a deviation of .05 in the median of runs; .63 is the commonest class.
    assert np.median(scores) > 0.75


def test_three_classes_and_one_without_records():
    records, codes = load_iris(return_X_y=True)
    settings = {"epsilon": 1e6, "delta": 0.5, "data_norm": 12.0}
    model = OutputPerturbation(
        LogisticRegression(C=1.0), classes=[0, 1, 2, 3], **settings
    ).fit(records, codes)
    proba = model.predict_proba(records)
    assert proba.shape == (150, 4)
    np.testing.assert_allclose(proba.sum(axis=1), 1)
    np.testing.assert_array_equal(
        model.predict(records), model.decision_function(records).argmax(axis=1)
    )
    assert model.score(records, codes) > 0.8


def test_a_promise_is_kept_and_no_better_one_made():
    model = OutputPerturbation(epsilon=0.7, delta=1e-6, **PUBLIC).fit(X, Y)
    assert model.privacy_guarantee_.epsilon(1e-6) == pytest.approx(0.7, rel=1e-6)
    assert model.privacy_guarantee_.adjacency == "replace"


def test_the_penalty_follows_from_what_is_public():
    one = OutputPerturbation(**PUBLIC).fit(X, Y).C_
    assert one == OutputPerturbation(**PUBLIC).fit(-X[:50], Y[:50]).C_
    assert one < OutputPerturbation(epsilon=10.0, **PUBLIC).fit(X, Y).C_


def test_holds_nothing_but_what_was_released():
    model = OutputPerturbation(**PUBLIC).fit(X, Y)
    fitted = {name for name in vars(model) if name.endswith("_")}
    public = {"classes_", "n_features_in_", "privacy_guarantee_", "reproducible_", "C_"}
    assert fitted - public == {"estimator_"}
    inner = {name for name in vars(model.estimator_) if name.endswith("_")}
    assert inner == {"classes_", "n_features_in_", "coef_", "intercept_"}


def test_what_is_not_public_is_refused():
    with pytest.raises(PrivacyLeakError, match="data_norm must be given"):
        OutputPerturbation(classes=[0, 1]).fit(X, Y)
    with pytest.raises(PrivacyLeakError, match="classes must be given"):
        OutputPerturbation(data_norm=5.0).fit(X, Y)


def test_nothing_is_released_without_budget():
    model = OutputPerturbation(ledger=PrivacyLedger(epsilon=0.5), **PUBLIC)
    with pytest.raises(PrivacyBudgetExceeded, match=r"OutputPerturbation\.fit"):
        model.fit(X, Y)
    assert not hasattr(model, "estimator_")


@pytest.mark.parametrize(
    ("estimator", "error", "message"),
    [
        (Ridge(), TypeError, "must be a LogisticRegression or None.*got Ridge"),
        (LogisticRegression(C=np.inf), ValueError, "C above 0 and finite"),
        (LogisticRegression(class_weight="balanced"), ValueError, "not weigh classes"),
        (LogisticRegression(solver="liblinear"), ValueError, "liblinear"),
        (LogisticRegression(l1_ratio=0.5), ValueError, "l1_ratio=0; got 0.5"),
        (LogisticRegression(penalty="l1"), ValueError, "square penalty.*'l1'"),
    ],
)
def test_refuses_what_has_no_bound(estimator, error, message):
    with pytest.raises(error, match=message):
        OutputPerturbation(estimator, **PUBLIC).fit(X, Y)


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"epsilon": 0.0}, "epsilon"), ({"data_norm": 0.0}, "data_norm")],
)
def test_refuses(settings, message):
    with pytest.raises(ValueError, match=message):
        OutputPerturbation(**PUBLIC | settings).fit(X, Y)
