"""The wrappers of diffprivlib: what each promises is true, and nothing else is lost."""

import pickle
import subprocess
import sys
import warnings

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import beta
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.model_selection import cross_val_score

from skprivacy.dp import (
    DiffprivlibEstimator,
    DiffprivlibGaussianNB,
    DiffprivlibKMeans,
    DiffprivlibLinearRegression,
    DiffprivlibLogisticRegression,
    DiffprivlibPCA,
    DiffprivlibStandardScaler,
    PrivacyBudgetExceeded,
    PrivacyLeakError,
    PrivacyLedger,
)
from skprivacy.dp._diffprivlib_compat import load_diffprivlib
from skprivacy.dp._diffprivlib_gaussian_nb import PART
from skprivacy.dp._diffprivlib_kmeans import budget_of_step
from skprivacy.dp._diffprivlib_linear_regression import noisy_terms
from skprivacy.dp._diffprivlib_logistic_regression import logistic_loss, with_constant
from skprivacy.dp._diffprivlib_pca import draw_bingham
from skprivacy.dp._noise import NoiseSource

X, Y = load_iris(return_X_y=True)
BOUNDS = {"bounds": (0, 8)}
CLASSES = {"classes": [0, 1, 2]}
WRAPPERS = [
    DiffprivlibGaussianNB(**BOUNDS, **CLASSES),
    DiffprivlibKMeans(3, **BOUNDS),
    DiffprivlibLinearRegression(**BOUNDS, y_bounds=(0, 2)),
    DiffprivlibLogisticRegression(data_norm=12.0, **CLASSES),
    DiffprivlibPCA(2, **BOUNDS),
    DiffprivlibStandardScaler(**BOUNDS),
]
each = pytest.mark.parametrize("model", WRAPPERS, ids=lambda m: type(m).__name__)


@each
def test_a_fit_is_booked_and_nothing_is_written(model):
    ledger = PrivacyLedger(epsilon=1.5)
    model = clone(model).set_params(ledger=ledger)
    params, before = repr(model.get_params()), X.copy()
    model.fit(X, Y)
    np.testing.assert_array_equal(X, before)
    assert repr(model.get_params()) == params
    assert ledger.total().epsilon() == model.privacy_guarantee_.epsilon(0.0) == 1.0
    assert model.privacy_guarantee_.adjacency == "replace"
    assert not model.reproducible_
    with pytest.raises(PrivacyBudgetExceeded, match=type(model).__name__):
        clone(model).fit(X, Y)


@each
def test_what_is_not_public_is_refused(model):
    public = [n for n in ("bounds", "y_bounds", "classes") if hasattr(model, n)]
    if isinstance(model, DiffprivlibLogisticRegression):
        public.append("data_norm")
    for name in public:
        with pytest.raises(PrivacyLeakError, match=name):
            clone(model).set_params(**{name: None}).fit(X, Y)


@each
def test_a_pickle_holds_no_record_and_no_account(model):
    again = pickle.loads(pickle.dumps(clone(model).fit(X, Y)))
    sizes = [np.size(value) for value in vars(again).values()]
    # Counts, means and directions: nothing is as long as the data.
    assert max(sizes) < len(X)
    assert again.privacy_guarantee_.epsilon() == 1.0


def loss_of_output(coef, here, there, epsilon, regularized):
    """Log of the ratio of densities of an output, by the bijection with the noise."""
    logs = []
    for records, signs in (here, there):
        slope = logistic_loss(coef, records, signs, 0.0)[1] * len(records)
        noise = slope + regularized * coef
        weights = expit(records @ coef) * expit(-records @ coef)
        curvature = (records.T * weights) @ records + np.diag(regularized)
        logs.append(np.linalg.slogdet(curvature)[1] - np.linalg.norm(noise) * epsilon)
    return logs[0] - logs[1]


@pytest.mark.parametrize("C", [0.3, 1.0, 30.0])
def test_no_output_of_logistic_regression_gives_away_more_than_epsilon(C):
    # The noise of norm r has density exp(-r * rate): Chaudhuri's epsilon' / 2.
    rng = np.random.RandomState(0)
    strength = 1 / C
    left = 1.0 - 2 * np.log1p(0.25 / strength)
    more = 0.0 if left > 0 else 0.25 / np.expm1(0.25) - strength
    rate = (left if left > 0 else 0.5) / 2
    worst = 0.0
    for _ in range(2000):
        ends = rng.choice([-1.0, 1.0], size=(3, 1))
        signs = rng.choice([-1.0, 1.0], size=3)
        records = with_constant(ends, 1.0)
        coef = rng.normal(scale=rng.choice([1.0, 5.0, 20.0]), size=2)
        pairs = [(records[[0, i]], signs[[0, i]]) for i in (1, 2)]
        kept = np.full(2, strength + more)
        worst = max(worst, abs(loss_of_output(coef, *pairs, rate, kept)))
    assert 0.3 < worst <= 1.0 + 1e-9


def test_without_regularized_intercept_there_are_such_outputs():
    # As the library does it by default: data_norm 1, C 1, two records.
    here = np.array([[1.0, 1.0], [1.0, 1.0]]), np.array([1.0, -1.0])
    there = np.array([[1.0, 1.0], [-1.0, 1.0]]), np.array([1.0, -1.0])
    norm = np.sqrt(2)
    left = 1.0 - 2 * np.log1p(0.25 * norm)
    rate = left / (2 * norm)
    coef = np.array([3.0, 3.0])
    loss = loss_of_output(coef, here, there, rate, np.array([1.0, 0.0]))
    assert abs(loss) > 1.5


def test_runs_of_logistic_regression_show_no_evidence():
    # An event that leans to one of the two. Limits of 99.9% each: a sound model fails
    # with at most 4 of 1,000 seeds, and not with these.
    pair = [np.array([[1.0], [1.0]]), np.array([[1.0], [-1.0]])]
    hits = []
    for seed, records in enumerate(pair):
        rng, count = np.random.RandomState(seed), 0
        for _ in range(300):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                model = DiffprivlibLogisticRegression(
                    data_norm=1.0, classes=[0, 1], random_state=rng
                ).fit(records, [1, 0])
            count += model.coef_[0, 0] * model.intercept_[0] > 0
        hits.append(count)
    for one, other in (hits, hits[::-1]):
        least = beta.ppf(0.001, one, 301 - one)
        most = beta.ppf(0.999, other + 1, 300 - other)
        assert least <= np.e * most


def test_a_class_that_vanishes_does_not_show():
    classes = {"classes": [0, 1, 2, 3]}
    one, other = (DiffprivlibGaussianNB(**BOUNDS, **classes).fit(X, Y) for _ in "ab")
    assert one.theta_.shape == (4, 4) and (one.class_prior_ > 0).all()
    assert (one.var_[3] != other.var_[3]).any()
    linear = DiffprivlibLogisticRegression(data_norm=12.0, **classes).fit(X, Y)
    assert linear.coef_.shape == (4, 4) and (linear.coef_ != 0).all()


def test_a_cluster_without_records_moves():
    # All records in one corner: most of the 8 clusters are empty in every step.
    model = DiffprivlibKMeans(bounds=(-1, 1))
    with pytest.warns(UserWarning, match="random_state"):
        first = clone(model).set_params(random_state=0).fit(np.ones((50, 2)))
    library = load_diffprivlib().models.KMeans(8, bounds=(-1, 1))
    library.bounds = (-np.ones(2), np.ones(2))
    seed = np.random.RandomState(NoiseSource(np.random.RandomState(0)).seed())
    start = library._init_centers(2, seed)
    assert (np.abs(first.cluster_centers_ - start).min(axis=1) > 0).all()


@pytest.mark.parametrize("n_features", [2, 30])
def test_steps_of_clusters_cost_what_is_booked(n_features):
    library = load_diffprivlib().models.KMeans(epsilon=0.5)
    of_count, of_column = budget_of_step(library, n_features, 7)
    # A record leaves one cluster and joins another one.
    assert 2 * 7 * (of_count + n_features * of_column) == pytest.approx(1.0)


def test_all_sums_of_a_regression_have_noise():
    records, target = np.ones((50, 2)), np.ones((50, 1))
    products, squares = noisy_terms(records, target, 1.0)
    assert (products != 50).all() and (squares != 50).all()


def test_a_change_of_class_costs_bayes_what_is_booked():
    # Two counts and two variances, a third of epsilon each; and one sum, or two halves.
    assert PART * (2 / 3 + 1 / 3 + 2 / 3) == pytest.approx(1.0)


@pytest.mark.parametrize("lift", [2.0, 8.0])
def test_directions_have_the_distribution_of_the_proof(lift):
    angles = np.linspace(0, 2 * np.pi, 10001)[1:]
    weights = np.exp(lift * np.cos(angles) ** 2)
    expected = np.average(np.cos(angles) ** 2, weights=weights)
    with pytest.warns(UserWarning):
        noise = NoiseSource(0)
    drawn = [draw_bingham(np.diag([lift, 0.0]), noise)[0] ** 2 for _ in range(2000)]
    # Five standard errors: a false alarm in one of a million seeds.
    assert abs(np.mean(drawn) - expected) < 5 * np.std(drawn) / np.sqrt(2000)


@pytest.mark.parametrize("name", ["RandomForestClassifier", "DecisionTreeClassifier"])
def test_trees_are_refused_or_marked(name):
    params = {**BOUNDS, **CLASSES}
    ledger = PrivacyLedger()
    strict = DiffprivlibEstimator(name, params=params, ledger=ledger)
    with pytest.raises(ValueError, match="refused: .* seed|refused: .* generator"):
        strict.fit(X, Y)
    assert len(ledger) == 0
    marked = clone(strict).set_params(sound="as_is").fit(X, Y)
    assumed = marked.privacy_guarantee_.assumptions
    assert all(one.startswith("claimed by the vendor, violated: ") for one in assumed)
    assert len(ledger) == 1
    assert marked.predict_proba(X).shape == (150, 3)
    again = pickle.loads(pickle.dumps(marked))
    np.testing.assert_array_equal(again.predict(X), marked.predict(X))


def test_a_name_gives_the_wrapper_or_the_library():
    model = DiffprivlibEstimator(params={"data_norm": 12.0, **CLASSES}).fit(X, Y)
    assert isinstance(model.estimator_, DiffprivlibLogisticRegression)
    assert model.privacy_guarantee_.assumptions[0].startswith("the number of records")
    as_is = DiffprivlibEstimator(params={"data_norm": 12.0}, sound="as_is").fit(X, Y)
    assert type(as_is.estimator_).__module__.startswith("diffprivlib")
    np.testing.assert_allclose(as_is.predict_proba(X).sum(axis=1), 1.0)
    assert "intercept" in as_is.privacy_guarantee_.assumptions[0]


def test_as_is_leaves_the_array_alone():
    records = X.copy()
    params = {"data_norm": 8.0, **BOUNDS}
    DiffprivlibEstimator("PCA", params=params, sound="as_is").fit(records)
    np.testing.assert_array_equal(records, X)


def test_learns_where_there_is_little_noise():
    assert clone(WRAPPERS[0]).set_params(epsilon=1e4).fit(X, Y).score(X, Y) > 0.9
    line = clone(WRAPPERS[2]).set_params(epsilon=1e6).fit(X, Y)
    assert line.score(X, Y) > 0.8
    linear = DiffprivlibLogisticRegression(1e4, data_norm=12.0, C=1e3, **CLASSES)
    assert linear.fit(X, Y).score(X, Y) > 0.8
    scaler = DiffprivlibStandardScaler(1e4, **BOUNDS).fit(X)
    np.testing.assert_allclose(scaler.var_, X.var(axis=0), rtol=0.05)
    pca = DiffprivlibPCA(2, epsilon=1e5, **BOUNDS).fit(X)
    top = np.linalg.eigh(np.cov(X.T))[1][:, -1]
    assert abs(pca.components_[0] @ top) > 0.99


def test_parallel_calls_work_beside_the_library():
    # In a process of its own: workers are started with its filters of warnings.
    code = (
        "import numpy as np\n"
        "from sklearn.model_selection import cross_val_score\n"
        "from sklearn.naive_bayes import GaussianNB\n"
        "from skprivacy.dp import DiffprivlibEstimator, DiffprivlibGaussianNB\n"
        "X, y = np.arange(40.0).reshape(-1, 1), np.repeat([0, 1], 20)\n"
        "public = {'bounds': (0, 40), 'classes': [0, 1]}\n"
        "ours = DiffprivlibGaussianNB(100.0, **public).fit(X, y)\n"
        "forest = DiffprivlibEstimator('RandomForestClassifier', params=public,\n"
        "                              sound='as_is').fit(X, y)\n"
        "for one in (GaussianNB(), ours, forest):\n"
        "    print(cross_val_score(one, X, y, cv=2, n_jobs=2).shape)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == ["(2,)"] * 3, done.stderr


def test_cross_validation_is_booked():
    with PrivacyLedger() as ledger:
        cross_val_score(WRAPPERS[0], X, Y, cv=3)
    assert ledger.to_frame()["times"].sum() == 3


def test_a_solver_that_does_not_end_is_no_model(monkeypatch):
    place = "skprivacy.dp._diffprivlib_logistic_regression.MAX_STEPS"
    monkeypatch.setattr(place, 1)
    model = DiffprivlibLogisticRegression(data_norm=12.0, **CLASSES)
    with pytest.raises(RuntimeError, match="no minimum was found in 1 steps"):
        model.fit(X, Y)
