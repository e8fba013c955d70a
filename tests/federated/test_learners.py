"""What is learned by sums is what is learned from all records at once."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.cluster import KMeans
from sklearn.datasets import load_breast_cancer
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.naive_bayes import (
    BernoulliNB,
    CategoricalNB,
    ComplementNB,
    GaussianNB,
    MultinomialNB,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, StandardScaler

from skprivacy.federated import (
    FederatedClassifier,
    FederatedRegressor,
    FederatedTransformer,
)
from skprivacy.federated._learners._columns import (
    ColumnMoments,
    coordinates,
    unpack_symmetric,
    upper_triangle,
)
from skprivacy.federated._learners._linear import least_norm
from skprivacy.federated._learners._logistic import NewtonSums, logistic_sums

RAW, LABELS = load_breast_cancer(return_X_y=True)
TABLE = StandardScaler().fit_transform(RAW)[:, :8]
TARGET = RAW[:, 3]
COUNTS = np.rint(RAW[:, :4])
CODES = np.minimum(np.rint(RAW[:, :3] / 10), 9)
#: Of three classes, that no line parts.
THREE = LABELS + (TABLE[:, 5] + TABLE[:, 6] > 0.5)
#: Three clients; labels are skewed, and so are sizes.
CLIENTS = (np.argsort(np.argsort(TABLE[:, 0] + LABELS)) / len(TABLE)) ** 0.5 * 2.99
CLIENTS = CLIENTS.astype(int)
#: Ten times what was measured with 20 clients, relative to the largest entry.
FLOORS = {"nb": 2e-11, "pca": 2e-11, "ridge": 4e-9, "linear": 4e-8, "logistic": 4e-9}


def fit(model, X, y=None, **parameters):
    wrapper = FederatedTransformer
    if y is not None:
        wrapper = FederatedRegressor if y is TARGET else FederatedClassifier
    return wrapper(model, **parameters).fit(X, y, groups=CLIENTS)


def difference(model, other, attributes):
    """Largest difference, relative to the largest entry of each attribute."""
    found = 0.0
    for name in attributes:
        a, b = (np.asarray(getattr(m, name), dtype=float) for m in (model, other))
        assert a.shape == b.shape, name
        found = max(found, np.abs(a - b).max() / max(np.abs(b).max(), 1e-300))
    return found


NEWTON = {"solver": "newton-cholesky", "tol": 1e-13, "max_iter": 500}


@pytest.mark.parametrize(
    "model, table, y, attributes, floor",
    [
        (
            LinearDiscriminantAnalysis(store_covariance=True),
            TABLE,
            THREE,
            ["coef_", "intercept_", "means_", "covariance_", "priors_"],
            "linear",
        ),
        (GaussianNB(), RAW, LABELS, ["theta_", "var_", "epsilon_"], "nb"),
        (
            MultinomialNB(),
            COUNTS,
            LABELS,
            ["feature_count_", "feature_log_prob_", "class_log_prior_"],
            "nb",
        ),
        (
            ComplementNB(norm=True),
            COUNTS,
            LABELS,
            ["feature_log_prob_", "feature_all_"],
            "nb",
        ),
        (
            BernoulliNB(binarize=0.5),
            TABLE,
            LABELS,
            ["feature_log_prob_", "class_count_"],
            "nb",
        ),
        (LinearRegression(), TABLE, TARGET, ["coef_", "intercept_"], "linear"),
        (
            LinearRegression(fit_intercept=False),
            RAW[:, :3],
            TARGET,
            ["coef_", "singular_"],
            "linear",
        ),
        (Ridge(0.1), RAW[:, :3], TARGET, ["coef_", "intercept_"], "ridge"),
        (Ridge(2.0, fit_intercept=False), TABLE, TARGET, ["coef_"], "ridge"),
        (
            PCA(3, svd_solver="full"),
            TABLE,
            None,
            [
                "components_",
                "explained_variance_ratio_",
                "noise_variance_",
                "singular_values_",
            ],
            "pca",
        ),
        (LogisticRegression(**NEWTON), TABLE, LABELS, ["coef_"], "logistic"),
        (
            LogisticRegression(fit_intercept=False, **NEWTON),
            TABLE[:, :3],
            THREE,
            ["coef_", "intercept_"],
            "logistic",
        ),
        (
            LogisticRegression(C=0.1, **NEWTON),
            TABLE[:, :3],
            THREE,
            ["coef_", "intercept_"],
            "logistic",
        ),
        (MinMaxScaler(), RAW, None, ["data_min_", "scale_", "n_samples_seen_"], "nb"),
        (MaxAbsScaler(), RAW, None, ["max_abs_", "n_samples_seen_"], "nb"),
        (
            KMeans(2, init=TABLE[[0, -1]], n_init=1),
            TABLE,
            None,
            ["cluster_centers_", "n_iter_", "inertia_"],
            "nb",
        ),
    ],
    ids=lambda value: type(value).__name__ if hasattr(value, "fit") else "",
)
@pytest.mark.parametrize("aggregation", ["secure", "plain"])
def test_sums_learn_what_all_records_teach(
    model, table, y, attributes, floor, aggregation
):
    table = table[:, :8]
    pooled = clone(model).fit(table, y)
    ours = fit(model, table, y, aggregation=aggregation)
    assert difference(ours.estimator_, pooled, attributes) < FLOORS[floor]
    outputs = ours.transform(table) if y is None else ours.predict(table)
    expected = pooled.transform(table) if y is None else pooled.predict(table)
    np.testing.assert_allclose(outputs, expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("aggregation", ["secure", "plain"])
def test_standard_scaler_is_exact_in_every_column(aggregation):
    # Column by column, in units of its own: they are of very different size.
    table = np.column_stack([RAW, 1e9 + RAW[:, 0], np.full(len(RAW), 0.1)])
    scaler = fit(StandardScaler(), table, aggregation=aggregation).estimator_
    pooled = StandardScaler().fit(table)
    off = np.abs(scaler.mean_ - pooled.mean_) / pooled.scale_
    assert off[:30].max() < 2e-11
    assert (np.abs(scaler.scale_ / pooled.scale_ - 1)[:30]).max() < 2e-11
    # With 9 digits before it, the floats themselves lose some.
    assert off[30] < 1e-6
    assert abs(scaler.scale_[30] / pooled.scale_[30] - 1) < 1e-8
    assert (scaler.scale_[31], scaler.var_[31]) == (1.0, 0.0)
    assert scaler.n_samples_seen_ == len(table)


@pytest.mark.parametrize("with_mean, with_std", [(False, True), (False, False)])
def test_standard_scaler_sets_what_it_uses(with_mean, with_std):
    scaler = StandardScaler(with_mean=with_mean, with_std=with_std)
    ours = fit(scaler, TABLE, aggregation="plain").estimator_
    pooled = clone(scaler).fit(TABLE)
    for name in ("mean_", "var_", "scale_"):
        assert (getattr(ours, name) is None) == (getattr(pooled, name) is None)
    np.testing.assert_allclose(ours.transform(TABLE), pooled.transform(TABLE))


def test_a_category_that_one_client_knows_counts():
    codes = CODES.copy()
    codes[np.flatnonzero(CLIENTS == 2)[:2], 1] = 12
    model = fit(CategoricalNB(), codes, LABELS).estimator_
    pooled = CategoricalNB().fit(codes, LABELS)
    assert model.n_categories_.tolist() == pooled.n_categories_.tolist()
    for ours, theirs in zip(
        model.feature_log_prob_, pooled.feature_log_prob_, strict=True
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)
    np.testing.assert_allclose(model.class_log_prior_, pooled.class_log_prior_)


@pytest.mark.parametrize(
    "parameters", [{"fit_prior": False}, {"class_prior": [0.1, 0.9]}], ids=["no", "own"]
)
def test_categorical_priors(parameters):
    model = CategoricalNB(min_categories=15, alpha=0.5, **parameters)
    ours = fit(model, CODES, LABELS, aggregation="plain")
    pooled = clone(model).fit(CODES, LABELS)
    np.testing.assert_allclose(ours.predict_proba(CODES), pooled.predict_proba(CODES))


def test_dependent_columns_get_the_smallest_coefficients():
    table = np.column_stack([TABLE[:, :3], 10 * TABLE[:, 0], np.ones(len(TABLE))])
    ours = fit(LinearRegression(), table, TARGET).estimator_
    pooled = LinearRegression().fit(table, TARGET)
    assert ours.rank_ == pooled.rank_ == 3
    np.testing.assert_allclose(ours.coef_, pooled.coef_, atol=1e-8)


def test_least_norm_is_in_units():
    w, rank = least_norm(np.ones((2, 2)), np.ones(2), np.array([1.0, 2.0]), 1e-9)
    assert (w, rank) == (pytest.approx([0.2, 0.8]), 1)


def test_pca_keeps_a_share_of_the_variance():
    pooled = PCA(0.8).fit(TABLE)
    ours = fit(PCA(0.8), TABLE, aggregation="plain").estimator_
    assert ours.n_components_ == pooled.n_components_
    assert ours.noise_variance_ == pytest.approx(pooled.noise_variance_)


def test_lda_takes_priors():
    model = LinearDiscriminantAnalysis(priors=[0.2, 0.8])
    ours = fit(model, TABLE, LABELS, aggregation="plain")
    pooled = clone(model).fit(TABLE, LABELS)
    np.testing.assert_allclose(
        ours.decision_function(TABLE), pooled.decision_function(TABLE)
    )


@pytest.mark.parametrize(
    "labels, weight",
    [(LABELS, "balanced"), (THREE, "balanced"), (LABELS, {0: 3.0})],
    ids=["two", "three", "given"],
)
def test_classes_are_weighted(labels, weight):
    table = TABLE[:, :3]
    model = LogisticRegression(class_weight=weight, **NEWTON)
    ours = fit(model, table, labels, aggregation="plain").estimator_
    pooled = clone(model).fit(table, labels)
    assert difference(ours, pooled, ["coef_", "intercept_"]) < 1e-9
    plain = fit(clone(model).set_params(class_weight=None), table, labels)
    assert difference(ours, plain.estimator_, ["intercept_"]) > 0.01


def test_newton_derivatives_are_those_of_the_loss():
    rng = np.random.default_rng(0)
    Z, y, step = rng.normal(size=(20, 2)), np.arange(20) % 3, 1e-6
    for W, labels in ((rng.normal(size=(1, 2)), y % 2), (rng.normal(size=(3, 2)), y)):
        weights = np.array([1.0, 2.0, 0.5])
        _, gradient, hessian = logistic_sums(Z, labels, W, weights)
        for i in range(W.size):
            moved = W.ravel().copy()
            moved[i] += step
            up = logistic_sums(Z, labels, moved.reshape(W.shape), weights)
            moved[i] -= 2 * step
            down = logistic_sums(Z, labels, moved.reshape(W.shape), weights)
            assert (up[0] - down[0]) / 2 / step == pytest.approx(gradient[i], abs=1e-6)
            np.testing.assert_allclose(
                (up[1] - down[1]) / 2 / step, hessian[i], atol=1e-6
            )


def test_newton_halves_a_step_that_leads_up():
    model, phase = LogisticRegression(), NewtonSums()
    public = {"classes": [0, 1], "center": np.zeros(1), "scale": np.ones(1), "n": 4.0}
    public |= {"resolution": 0.0, "stop_below": 0.0, "max_rounds": None}
    public |= {"weights": np.zeros((1, 2)), "loss": 1.0, "step_size": 1.0}
    public |= {"step": np.ones((1, 2)), "trial": np.ones((1, 2))}
    news = phase.update(model, np.array([5.0, 0, 0, 1, 0, 1]), public)
    assert news["trial"].tolist() == [[0.5, 0.5]]
    assert news["step_size"] == 0.5
    assert not news["newton_done"]


def test_newton_stops_at_the_rounding_of_few_bits():
    model = LogisticRegression()
    coarse = fit(model, TABLE, LABELS, fraction_bits=16)
    fine = fit(model, TABLE, LABELS, aggregation="plain")
    assert coarse.n_rounds_ <= fine.n_rounds_
    off = difference(coarse.estimator_, fine.estimator_, ["coef_"])
    assert 1e-8 < off < 1e-2


def test_too_few_newton_rounds_are_told():
    with pytest.warns(ConvergenceWarning, match="did not converge in 2 rounds"):
        model = fit(
            LogisticRegression(), TABLE, LABELS, n_rounds=2, aggregation="plain"
        )
    assert model.estimator_.n_iter_.tolist() == [2]


def test_k_means_starts_at_drawn_centers():
    first, second = (
        fit(KMeans(3), TABLE, aggregation="plain", random_state=seed).estimator_
        for seed in (0, 0)
    )
    assert (first.cluster_centers_ == second.cluster_centers_).all()
    assert not hasattr(first, "labels_")
    assert first.inertia_ == pytest.approx(
        first.transform(TABLE).min(axis=1) @ first.transform(TABLE).min(axis=1)
    )


def test_an_empty_cluster_is_told():
    init = np.vstack([TABLE[:2], np.full(8, 1e6)])
    with pytest.warns(UserWarning, match="1 clusters are empty"):
        model = fit(KMeans(3, init=init, n_init=1), TABLE, aggregation="plain")
    assert model.estimator_.cluster_centers_[2].tolist() == [1e6] * 8


@pytest.mark.parametrize(
    "model, y, message",
    [
        (LinearRegression(positive=True), TARGET, "positive must be False"),
        (Ridge(alpha=[1.0, 2.0]), TARGET, "alpha must be one number"),
        (PCA("mle"), None, "mle"),
        (LinearDiscriminantAnalysis(solver="lsqr"), LABELS, "solver must be"),
        (LogisticRegression(solver="liblinear"), LABELS, "liblinear"),
        (
            LogisticRegression(solver="saga", l1_ratio=0.5, penalty="elasticnet"),
            LABELS,
            "penalty must be l2",
        ),
        (KMeans(init=lambda X, k, random_state: X[:k]), None, "init must not"),
        (KMeans(n_init=5), None, "n_init must be 1"),
        (KMeans(2, init=np.ones((2, 3)), n_init=1), None, "init must be of shape"),
        (KMeans(600, n_init=1), None, "should be >= n_clusters"),
        (PCA(9), None, "n_components=9 must be"),
        (GaussianNB(priors=[1.0]), LABELS, "Number of priors"),
        (GaussianNB(priors=[0.5, 0.6]), LABELS, "should be 1"),
        (GaussianNB(priors=[-1.0, 2.0]), LABELS, "non-negative"),
        (CategoricalNB(min_categories=1.5), LABELS, "min_categories"),
        (LinearDiscriminantAnalysis(n_components=2), LABELS, "n_components"),
    ],
    ids=lambda value: type(value).__name__ if hasattr(value, "fit") else "",
)
def test_what_sums_do_not_serve_is_refused(model, y, message):
    table = np.abs(np.rint(TABLE)) if isinstance(model, CategoricalNB) else TABLE
    with pytest.raises(ValueError, match=message):
        fit(model, table, y, aggregation="plain")


def test_a_pipeline_is_learned_step_by_step():
    recipe = make_pipeline(StandardScaler(), PCA(4), LogisticRegression(**NEWTON))
    pooled = clone(recipe).fit(RAW, LABELS)
    ours = fit(recipe, RAW, LABELS)
    np.testing.assert_allclose(
        ours.predict_proba(RAW), pooled.predict_proba(RAW), atol=1e-9
    )


def test_symmetric_matrices_travel_as_triangles():
    matrix = np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 5.0], [3.0, 5.0, 6.0]])
    assert upper_triangle(matrix).tolist() == [1, 2, 3, 4, 5, 6]
    assert (unpack_symmetric(upper_triangle(matrix), 3) == matrix).all()


def test_coordinates_have_mean_0_and_deviation_1():
    lower, upper = RAW.min(axis=0), RAW.max(axis=0)
    public = {"lower": lower, "upper": upper, "resolution": 0.0}
    phase = ColumnMoments()
    public |= phase.update(None, phase.vector(None, RAW, None, public), public)
    Z = coordinates(RAW, public)
    np.testing.assert_allclose(Z.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(Z.std(axis=0), 1, rtol=1e-9)
