"""Membership by formula."""

import numpy as np
import pandas as pd
import pytest
from membership_scenes import Scene
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import (
    LinearRegression,
    LogisticRegression,
    Ridge,
    RidgeClassifier,
)
from sklearn.metrics import roc_auc_score
from sklearn.naive_bayes import BernoulliNB, CategoricalNB, GaussianNB, MultinomialNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    OneHotEncoder,
    StandardScaler,
)

from skprivacy.inspection._known_means import known_means
from skprivacy.membership import LeaveOneOutAttack, ThresholdAttack
from skprivacy.membership._leave_one_out import mean_shift_log_ratio
from skprivacy.targets import BlackBox

BINS = KBinsDiscretizer(5, encode="ordinal", quantile_method="averaged_inverted_cdf")
LINEAR = [
    LinearRegression(),
    LinearRegression(fit_intercept=False),
    Ridge(7.0),
]
LOGISTIC = [
    RidgeClassifier(3.0),
    LogisticRegression(C=0.1, tol=1e-10),
    LogisticRegression(C=0.1, tol=1e-10, solver="liblinear"),
]
BAYES = [
    GaussianNB(),
    GaussianNB(var_smoothing=0.1),
    make_pipeline(BINS, MultinomialNB()),
    make_pipeline(BINS, CategoricalNB()),
    BernoulliNB(),
]


def attacked(model, records, **settings):
    attack = LeaveOneOutAttack(FrozenEstimator(model), **settings)
    return attack.fit(records)


def test_ratio_is_that_of_two_gaussians():
    # Mean of n = 10 records: around m = 1 with variance V / n, or around m + c / n.
    rng = np.random.default_rng(0)
    statistic, mean, n = rng.normal(size=(5, 3)), rng.normal(size=3), 10
    covariance = np.cov(rng.normal(size=(3, 20)))
    precision = np.linalg.inv(covariance)

    def log_density(center):
        apart = mean - center
        return -0.5 * n * apart @ precision @ apart

    expected = [
        log_density(1 + (row - 1) / n) - log_density(np.ones(3)) for row in statistic
    ]
    ratio = mean_shift_log_ratio(statistic, np.ones(3), precision, mean, n)
    np.testing.assert_allclose(ratio, expected)


@pytest.mark.parametrize("model", [*LINEAR, *LOGISTIC, *BAYES], ids=repr)
@pytest.mark.parametrize("n_classes", [2, 3])
def test_means_are_those_of_the_training_set(model, n_classes):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 3))
    y = X[:, 0] if model in LINEAR else rng.integers(0, n_classes, size=60)
    if n_classes == 3 and getattr(model, "solver", None) == "liblinear":
        pytest.skip("liblinear takes two classes.")
    model = clone(model).fit(X, y)
    Z, last = (model[:-1].transform(X), model[-1]) if model in BAYES else (X, model)
    if hasattr(model, "steps"):
        Z, last = model[:-1].transform(X), model[-1]
    for known in known_means(last, Z, y):
        rows = known.statistic[known.counts]
        total = rows.sum(axis=0) if known.size is None else rows.mean(axis=0)
        np.testing.assert_allclose(total, known.mean, atol=1e-5)
        assert known.size in (None, len(rows))
        assert known.possible[known.counts].all()


def test_more_outputs_than_one_block_holds():
    # 30 classes and 40 columns: every class has equations of its own.
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(90, 40)), np.arange(90) % 30
    model = RidgeClassifier(2.0).fit(X, y)
    means = known_means(model, X, y)
    assert len(means) == 30
    for code, known in enumerate(means):
        np.testing.assert_allclose(known.statistic.sum(axis=0), known.mean, atol=1e-8)
        np.testing.assert_array_equal(known.judges, y == code)


RECIPES = [
    KNeighborsClassifier(3),
    KNeighborsClassifier(7, weights="distance"),
    make_pipeline(StandardScaler(), KNeighborsClassifier()),
    GaussianNB(),
    RidgeClassifier(),
    LogisticRegression(),
    make_pipeline(BINS, CategoricalNB()),
]


@pytest.mark.parametrize("recipe", RECIPES, ids=repr)
def test_stronger_than_the_threshold(recipe):
    # Over 8 draws, since the steady ones among these leak little.
    ours, threshold = [], []
    for seed in range(8):
        scene = Scene(clone(recipe), seed=seed)
        ours.append(
            attacked(scene.model, scene.records).score(scene.records, scene.is_member)
        )
        plain = ThresholdAttack(scene.box).fit(scene.records)
        threshold.append(plain.score(scene.records, scene.is_member))
    assert np.mean(ours) > max(0.52, np.mean(threshold))


def test_least_squares_on_strangers():
    # The reference is of other people, and the size of the training set is told.
    aucs = []
    for seed in range(5):
        rng = np.random.default_rng(seed)
        X = rng.normal(size=(1500, 40))
        y = X[:, 0] + rng.normal(size=1500)
        table = np.column_stack([X, y])
        model = LinearRegression().fit(X[:200], y[:200])
        attack = attacked(model, table[400:], n_train=200)
        score = attack.decision_function(table[:400])
        aucs.append(roc_auc_score(np.repeat([1, 0], 200), score))
        called = score > 0
        assert called[:200].mean() > called[200:].mean()
    # The mean shift of 41 values behind 200 records: sqrt(41 / 200) standard
    # deviations apart, an AUC of 0.626. The mean of 5 has a standard error of 0.0124.
    assert np.mean(aucs) == pytest.approx(0.626, abs=0.05)


@pytest.mark.parametrize(
    "model", [GaussianNB(), RidgeClassifier(), LogisticRegression(), BernoulliNB()]
)
def test_nobody_is_a_member_over_20_draws(model):
    aucs = []
    for seed in range(20):
        scene = Scene(clone(model), nobody=True, seed=seed)
        attack = attacked(scene.model, scene.records)
        aucs.append(attack.score(scene.records, scene.is_member))
    # The mean of 20 AUCs of 300 against 300 has a standard error of 0.0236 / sqrt(20) =
    # 0.0053; four of them: false alarm 1 in 16,000 for each model.
    assert abs(np.mean(aucs) - 0.5) < 4 * 0.0053


def test_neighbors_are_found_and_twins_too():
    X = np.array([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]])
    model = KNeighborsClassifier(1).fit(X, [0, 1, 1])
    records = np.array([[0.0, 1, 0], [0, 1, 1], [2, 3, 1], [2, 3.5, 1], [9, 9, 7]])
    score = attacked(model, records).decision_function(records)
    # The second has another label, the fourth another value, the last a new label.
    np.testing.assert_array_equal(score > 0, [1, 0, 1, 0, 0])
    assert score[3] > score[1] > score[4] == -1


def test_neighbors_of_a_regressor_need_the_same_value():
    X = np.array([[0.0], [2.0], [4.0]])
    model = KNeighborsRegressor(1).fit(X, [1.0, 5.0, 9.0])
    records = np.array([[0.0, 1.0], [0.0, 1.5], [4.0, 9.0]])
    score = attacked(model, records).decision_function(records)
    np.testing.assert_array_equal(score > 0, [1, 0, 1])


def test_text_columns_in_front_of_neighbors():
    frame = pd.DataFrame({"town": list("abcabc"), "y": [0, 1, 0, 1, 0, 1]})
    model = make_pipeline(OneHotEncoder(), KNeighborsClassifier(1))
    model.fit(frame[["town"]][:3], frame["y"][:3])
    attack = attacked(model, frame, label="y")
    np.testing.assert_array_equal(attack.predict(frame), [1, 1, 1, 0, 0, 0])


def test_what_naive_bayes_can_not_hold_is_certainly_none_of_it():
    rng = np.random.default_rng(0)
    X, y = rng.integers(0, 3, size=(100, 2)), np.arange(100) % 2
    X[:, 1] = np.minimum(X[:, 1], y)
    model = CategoricalNB(min_categories=3).fit(X, y)
    records = np.column_stack([X, y])
    # No record of class 0 has a 1 in the second column.
    impossible = np.array([[0, 1, 0]])
    attack = attacked(model, records)
    score = attack.decision_function(np.vstack([records, impossible]))
    assert score[-1] < -1e5 and (score[:-1] > -1e5).all()

    model = GaussianNB().fit(X, y)
    # 50 values with standard deviation 0.8: none is further than 0.8 * 7 from the mean.
    far = np.array([[9, 0, 0]])
    score = attacked(model, records).decision_function(np.vstack([records, far]))
    assert score[-1] < -1e5 and (score[:-1] > -1e5).all()


def test_class_with_one_record_gets_a_finite_score():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(20, 2)), np.arange(20) % 2
    y[3] = 2
    records = np.column_stack([X, y])
    for model in (GaussianNB(), KNeighborsClassifier(2), RidgeClassifier()):
        score = attacked(model.fit(X, y), records).decision_function(records)
        assert np.isfinite(score).all()


def test_box_is_refused():
    model = GaussianNB().fit([[0.0], [1.0]], [0, 1])
    with pytest.raises(TypeError, match="FrozenEstimator.*BlackBox"):
        LeaveOneOutAttack(BlackBox(model)).fit(np.array([[0.0, 0], [1, 1]]))


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (RandomForestClassifier(2), "got RandomForestClassifier"),
        (RidgeClassifier(class_weight="balanced"), "class_weight='balanced'"),
        (
            LogisticRegression(l1_ratio=1.0, solver="saga", max_iter=20),
            "l1 penalty",
        ),
        (LinearRegression(positive=True), "positive=True"),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_target_without_formula_is_refused(model, reason):
    records = np.random.default_rng(0).normal(size=(20, 3))
    records[:, -1] = np.arange(20) % 2
    model.fit(records[:, :-1], records[:, -1])
    with pytest.raises(TypeError, match=f"target must be linear.*{reason}"):
        attacked(model, records)


def test_size_must_be_positive():
    model = GaussianNB().fit([[0.0], [1.0]], [0, 1])
    with pytest.raises(ValueError, match="'n_train' parameter"):
        attacked(model, np.array([[0.0, 0], [1, 1]]), n_train=0)


def test_function_in_the_pipeline():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 2))
    model = make_pipeline(FunctionTransformer(np.exp), KNeighborsRegressor())
    model.fit(X[:30], X[:30, 0])
    records = np.column_stack([X, X[:, 0]])
    truth = np.repeat([1, 0], 30)
    assert attacked(model, records).score(records, truth) == 1
