"""What a record may change is bounded, and noise hides it."""

from math import sqrt

import numpy as np
import pytest
from scipy.stats import chi2
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.naive_bayes import BernoulliNB, ComplementNB, GaussianNB, MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skprivacy.federated import (
    FederatedClassifier,
    FederatedRegressor,
    FederatedTransformer,
    RecordPrivacy,
)
from skprivacy.federated._learners import find_learner
from skprivacy.federated._learning import bounds_after, n_private_sums
from skprivacy.federated._local_engine import within

LOWER, UPPER = np.array([0.0, 1.0, 0.0]), np.array([2.0, 4.0, 1.0])
CLASSIFIERS = [
    GaussianNB(),
    MultinomialNB(),
    ComplementNB(),
    BernoulliNB(binarize=0.5),
    LinearDiscriminantAnalysis(),
    make_pipeline(StandardScaler(), GaussianNB()),
    make_pipeline(PCA(2), GaussianNB()),
]
EXACT = 1e9


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    y = rng.integers(2, size=400)
    X = (rng.normal(size=(400, 3)) / 4 + y[:, None] / 2).clip(-1, 1)
    return (X + 1) / 2 * (UPPER - LOWER) + LOWER, y, np.arange(400) % 4


def asked_of(estimator):
    """Return the phase that is asked, and what is public before it."""
    learner = find_learner(estimator)
    (phase,) = learner.private_phases
    public = {
        "privacy": RecordPrivacy(1.0).plan(1, 3, 32),
        "bounds": (LOWER, UPPER),
        "y_bounds": (np.array([-1.0]), np.array([1.0])),
        "classes": np.array([0, 1]),
        "n_features": 3,
    }
    for one in learner.phases:
        if one is not phase:
            public |= one.known(estimator, public)
    return phase, public


@pytest.mark.parametrize(
    "estimator",
    [*CLASSIFIERS[:5], LinearRegression(), Ridge(), PCA(2), StandardScaler()],
    ids=lambda one: type(one).__name__,
)
def test_no_record_adds_more_than_the_norm_and_one_adds_as_much(estimator):
    phase, public = asked_of(estimator)
    norm = phase.record_norm(estimator, public)
    rng = np.random.default_rng(0)
    X = rng.uniform(LOWER, UPPER, size=(200, 3))
    X[:8] = np.array(np.meshgrid(*zip(LOWER, UPPER, strict=True))).reshape(3, 8).T
    y = np.arange(200) % 2
    if isinstance(estimator, LinearRegression | Ridge):
        y = np.where(y, 1.0, -1.0)
    each = [phase.vector(estimator, X[[i]], y[[i]], public) for i in range(200)]
    np.testing.assert_allclose(
        phase.vector(estimator, X, y, public), np.sum(each, axis=0)
    )
    sizes = np.linalg.norm(each, axis=1)
    assert sizes.max() <= norm * (1 + 1e-12)
    assert sizes.max() == pytest.approx(norm)


@pytest.mark.parametrize("n_sums, epsilon", [(1, 0.5), (3, 4.0)])
def test_the_epsilon_is_that_of_another_accountant(n_sums, epsilon):
    dp_accounting = pytest.importorskip("dp_accounting")
    plan = RecordPrivacy(epsilon, delta=1e-6).plan(n_sums, 3, 32)
    accountant = dp_accounting.rdp.RdpAccountant()
    accountant.compose(dp_accounting.GaussianDpEvent(plan.multiplier), n_sums)
    assert accountant.get_epsilon(1e-6) == pytest.approx(epsilon, rel=0.02)
    assert plan.guarantee().epsilon(1e-6) <= epsilon
    assert plan.guarantee().epsilon(1e-6) == pytest.approx(epsilon, rel=1e-4)


def test_gaussian_noise_keeps_no_epsilon_without_a_delta():
    with pytest.raises(ValueError, match="no noise keeps epsilon=1.0 at delta=0.0"):
        RecordPrivacy(1.0, delta=0.0).plan(1, 3, 32)


def test_the_noise_of_a_client_by_hand():
    privacy = RecordPrivacy(2.0, n_corrupt=1)
    plan = privacy.plan(1, 5, 16)
    # A replaced record moves the sum by two norms, and rounding by a step a value.
    moved = 2 * 3.0 + sqrt(4) * 2.0**-16
    assert plan.n_noisy == 4
    assert plan.deviation(3.0, 4) == pytest.approx(plan.multiplier * moved / 2)
    left_out = RecordPrivacy(2.0, n_corrupt=1, adjacency="add_remove").plan(1, 5, 16)
    assert left_out.deviation(3.0, 4) == pytest.approx(
        plan.multiplier * (moved - 3.0) / 2
    )


def test_noise_is_as_wide_as_stated_and_whole_steps():
    plan = RecordPrivacy(1.0).plan(1, 3, 16)
    noisy = plan.noisy(np.full(20_000, 0.3), 1.0)
    np.testing.assert_array_equal(noisy * 2**16, np.rint(noisy * 2**16))
    # A false alarm in 10 ** 9 runs: the noise is not seeded.
    z = ((noisy - 0.3) / plan.deviation(1.0, 20_000)) ** 2
    low, high = chi2.ppf([5e-10, 1 - 5e-10], 20_000)
    assert low < z.sum() < high


@pytest.mark.parametrize("bits, match", [(2, "too few"), (52, "too many")])
def test_words_that_do_not_hold_the_noise(bits, match):
    plan = RecordPrivacy(1.0).plan(1, 3, 32)
    plan = type(plan)(plan.privacy, 1, 3, bits, plan.multiplier / 4)
    with pytest.raises(ValueError, match=f"fraction_bits={bits} is {match}"):
        plan.noisy(np.full(4, 3.0), 1.0)


@pytest.mark.parametrize("estimator", CLASSIFIERS, ids=lambda one: type(one).__name__)
def test_with_a_large_epsilon_the_model_is_nearly_that_without(estimator, table):
    X, y, groups = table
    private = FederatedClassifier(
        estimator,
        privacy=RecordPrivacy(EXACT),
        classes=[0, 1],
        bounds=(LOWER, UPPER),
        fraction_bits=40,
    ).fit(X, y, groups=groups)
    plain = FederatedClassifier(estimator, classes=[0, 1]).fit(X, y, groups=groups)
    np.testing.assert_allclose(
        private.predict_proba(X), plain.predict_proba(X), atol=0.02
    )
    assert private.n_rounds_ == n_private_sums(estimator)
    assert private.privacy_guarantee_.epsilon(1e-5) == pytest.approx(EXACT, rel=1e-3)
    assert plain.privacy_guarantee_ is None


@pytest.mark.parametrize("estimator", [LinearRegression(), Ridge()])
def test_regressors(estimator, table):
    X, _, groups = table
    y = X @ [0.2, 0.1, -0.3] + 0.1
    model = FederatedRegressor(
        estimator, privacy=RecordPrivacy(EXACT), bounds=(LOWER, UPPER), y_bounds=(0, 1)
    ).fit(X, y, groups=groups)
    np.testing.assert_allclose(
        model.predict(X), estimator.fit(X, y).predict(X), atol=1e-2
    )
    noisy = FederatedRegressor(
        estimator, privacy=RecordPrivacy(1.0), bounds=(LOWER, UPPER), y_bounds=(0, 1)
    ).fit(X, y, groups=groups)
    assert np.isfinite(noisy.predict(X)).all()


@pytest.mark.parametrize("estimator", [*CLASSIFIERS, LinearRegression(), Ridge()])
def test_noise_that_drowns_all_gives_a_model_without_nan(estimator):
    rng = np.random.default_rng(0)
    X, y, groups = rng.uniform(LOWER, UPPER, (9, 3)), np.arange(9) % 2, np.arange(9) % 3
    is_classifier = estimator in CLASSIFIERS
    kind = FederatedClassifier if is_classifier else FederatedRegressor
    target = {"classes": [0, 1]} if is_classifier else {"y_bounds": (0, 1)}
    for _ in range(5):
        model = kind(
            estimator, privacy=RecordPrivacy(0.05), bounds=(LOWER, UPPER), **target
        ).fit(X, y, groups=groups)
        answers = model.predict_proba(X) if is_classifier else model.predict(X)
        assert np.isfinite(answers).all()


def test_no_client_fails_for_what_is_in_a_record(table):
    X, y, groups = table
    X, y = X.copy(), y.copy()
    X[0, 0], X[1, 1], X[2, 2] = np.nan, np.inf, 1e9
    y[3] = 7
    model = FederatedClassifier(
        GaussianNB(),
        privacy=RecordPrivacy(EXACT),
        classes=[0, 1],
        bounds=(LOWER, UPPER),
        fraction_bits=40,
    ).fit(X, y, groups=groups)
    assert model.failed_clients_ == {}
    mended = within(X, (LOWER, UPPER))
    assert mended[0, 0] == 1.0 and mended[1, 1] == 4.0 and mended[2, 2] == 1.0
    pooled = GaussianNB().fit(np.delete(mended, 3, axis=0), np.delete(y, 3))
    np.testing.assert_allclose(model.estimator_.theta_, pooled.theta_, atol=1e-2)


def test_noise_differs_between_fits_and_no_seed_tells_it(table):
    X, _, groups = table
    model = FederatedTransformer(
        StandardScaler(),
        privacy=RecordPrivacy(1.0),
        bounds=(LOWER, UPPER),
        random_state=0,
    )
    means = [model.fit(X, groups=groups).estimator_.mean_ for _ in range(2)]
    assert (means[0] != means[1]).any()


def test_bounds_after_a_rotation_hold_all_records(table):
    step = PCA(2).fit(table[0])
    lower, upper = bounds_after(step, (LOWER, UPPER))
    corners = np.array(np.meshgrid(*zip(LOWER, UPPER, strict=True))).reshape(3, 8).T
    moved = step.transform(corners)
    np.testing.assert_allclose(moved.min(axis=0), lower)
    np.testing.assert_allclose(moved.max(axis=0), upper)


@pytest.mark.parametrize(
    "estimator, changed, match",
    [
        (GaussianNB(), {"bounds": None}, "bounds must be given"),
        (GaussianNB(), {"classes": None}, "classes must be given"),
        (LogisticRegression(), {}, "privacy must be None for LogisticRegression"),
        (GaussianNB(), {"privacy": 1.0}, "'privacy' parameter"),
        (MultinomialNB(), {"bounds": (-1, 4)}, "bounds must not be negative"),
        (
            GaussianNB(),
            {"privacy": RecordPrivacy(1.0, n_corrupt=3)},
            "n_corrupt must be below min_clients=3",
        ),
        (
            GaussianNB(),
            {"aggregation": "plain"},
            "privacy needs aggregation='secure'",
        ),
    ],
)
def test_what_is_refused(estimator, changed, match, table):
    X, y, groups = table
    given = {
        "privacy": RecordPrivacy(1.0),
        "bounds": (LOWER, UPPER),
        "classes": [0, 1],
        **changed,
    }
    with pytest.raises(ValueError, match=match):
        FederatedClassifier(estimator, **given).fit(X, y, groups=groups)


def test_the_target_of_a_regressor_needs_bounds(table):
    X, y, groups = table
    model = FederatedRegressor(
        Ridge(), privacy=RecordPrivacy(1.0), bounds=(LOWER, UPPER)
    )
    with pytest.raises(ValueError, match="y_bounds must be given"):
        model.fit(X, y, groups=groups)


@pytest.mark.parametrize(
    "given, error, match",
    [
        ({"epsilon": 0.0}, ValueError, "epsilon"),
        ({"epsilon": 1.0, "delta": 1.0}, ValueError, "delta"),
        ({"epsilon": 1.0, "n_corrupt": -1}, ValueError, "n_corrupt must be 0"),
        ({"epsilon": 1.0, "n_corrupt": 0.5}, TypeError, "n_corrupt must be a whole"),
        ({"epsilon": 1.0, "adjacency": "move"}, ValueError, "adjacency must be"),
    ],
)
def test_bad_arguments(given, error, match):
    with pytest.raises(error, match=match):
        RecordPrivacy(**given)
