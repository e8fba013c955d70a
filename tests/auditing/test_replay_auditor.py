"""What replays show: against hand-computed toys, known defects, and sound models."""

import pickle
import threading

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, clone
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeClassifier

from skprivacy.auditing import ReplayAuditor
from skprivacy.dp import (
    DPPCA,
    DiffprivlibEstimator,
    DiffprivlibGaussianNB,
    DiffprivlibKMeans,
    DiffprivlibLinearRegression,
    DiffprivlibLogisticRegression,
    DiffprivlibPCA,
    DiffprivlibStandardScaler,
    DPGaussianNB,
    DPHistGradientBoostingClassifier,
    DPKMeans,
    DPLogisticRegression,
    DPRandomForestClassifier,
    DPRandomForestRegressor,
    DPRidge,
    DPSearchCV,
    DPStandardScaler,
    LocalRandomizer,
    OutputPerturbation,
    PATEClassifier,
    PrivacyGuarantee,
    PrivacyLedger,
    PrivatePredictionClassifier,
)
from skprivacy.dp._diffprivlib_compat import load_diffprivlib
from skprivacy.dp._noise import NoiseSource
from skprivacy.dp._release import release_gaussian, release_laplace

RNG = np.random.RandomState(0)
N = 60
X = RNG.uniform(size=(N, 3))
TWO, THREE = RNG.randint(2, size=N), RNG.randint(3, size=N)
NUMBERS = X @ [0.5, 0.3, 0.2]
BOUNDS = {"bounds": (0, 1)}
CLASSES = {"classes": [0, 1, 2]}
MODELS = load_diffprivlib().models


def audit(estimator, table=X, y=None, **settings):
    settings = {"n_pairs": 8, "random_state": 0} | settings
    return ReplayAuditor(estimator, **settings).fit(table, y)


class NoisySums(BaseEstimator):
    """Sums of columns from 0 to 1, with noise; and what goes wrong with it."""

    def __init__(
        self, scale=4.0, law="laplace", defect=None, bounds=(0, 1), ledger=None
    ):
        self.scale = scale
        self.law = law
        self.defect = defect
        self.bounds = bounds
        self.ledger = ledger

    def fit(self, X, y=None):
        noise = NoiseSource()
        values, sensitivity = X.sum(axis=0), float(X.shape[1])
        epsilon = sensitivity / self.scale
        if self.defect == "half the sensitivity":
            sensitivity, epsilon = sensitivity / 2, epsilon / 2
        if self.defect == "scale of the data":
            sensitivity = sensitivity * X.max()
        release = release_laplace if self.law == "laplace" else release_gaussian
        if self.defect == "a course of its own" and X[:, 0].sum() > len(X) / 2:
            release(values, sensitivity, epsilon, noise)
        self.sums_ = release(values, sensitivity, epsilon, noise)
        if self.defect == "keeps the largest":
            self.largest_ = X.max()
        if self.defect == "overwrites":
            X -= 0.5
        if self.defect == "draws by itself":
            self.order_ = np.random.RandomState().permutation(50)
        self.privacy_guarantee_ = PrivacyGuarantee.pure(X.shape[1] / self.scale)
        if self.law == "gaussian":
            mu = np.sqrt(X.shape[1]) / self.scale
            self.privacy_guarantee_ = PrivacyGuarantee.gaussian(mu)
        return self


class TestToys:
    def test_laplace_is_the_difference_over_the_scale(self):
        auditor = audit(NoisySums())
        # All three columns from 0 to 1: 3 / 4.
        assert auditor.epsilon_lower_bound_ == pytest.approx(0.75, rel=1e-5)
        assert auditor.claimed_epsilon_ == 0.75
        assert auditor.delta_ == 0.0
        assert auditor.violated_ is False
        assert auditor.releases_.loc[0, "law"] == "laplace"
        assert auditor.releases_.loc[0, "n_values"] == 3
        assert auditor.releases_.loc[0, "most_moved"] == pytest.approx(3.0)

    def test_gaussian_is_converted_at_the_delta_of_the_claim(self):
        auditor = audit(NoisySums(law="gaussian"))
        expected = PrivacyGuarantee.gaussian(np.sqrt(3) / 4).epsilon(1e-5)
        assert auditor.delta_ == 1e-5
        assert auditor.epsilon_lower_bound_ == pytest.approx(expected, rel=1e-4)
        assert not auditor.violated_

    def test_sensitivity(self):
        auditor = audit(
            NoisySums(scale=2.0, defect="half the sensitivity"), claimed=1.0
        )
        assert auditor.violated_
        found = auditor.sensitivity_violations_
        assert (found["moved"] > found["sensitivity"]).all()
        assert found["moved"].max() == pytest.approx(3.0)
        assert auditor.pairs_["sensitivity_violations"].sum() == len(found) > 0

    def test_noise_that_depends_on_the_data(self):
        auditor = audit(NoisySums(defect="scale of the data"))
        assert set(auditor.diverged_["reason"]) == {"the noise has another scale"}
        assert auditor.epsilon_lower_bound_ == np.inf

    def test_a_course_that_depends_on_the_data(self):
        table = np.linspace(0.0, 1.0, 6).reshape(6, 1)
        auditor = audit(NoisySums(defect="a course of its own"), table)
        assert auditor.pairs_["diverged"].sum() == len(auditor.diverged_) > 0
        assert auditor.violated_

    def test_an_error_is_another_course(self):
        class Refuses(NoisySums):
            def fit(self, X, y=None):
                if X.max() > 0.9:
                    raise RuntimeError("too large")
                return super().fit(X)

        auditor = audit(Refuses(), X / 2)
        assert "an error: RuntimeError: too large" in set(auditor.diverged_["reason"])

    def test_what_has_no_noise(self):
        auditor = audit(NoisySums(defect="keeps the largest"))
        assert auditor.bypassed_["part"].tolist() == ["largest_"]
        assert (
            auditor.bypassed_["n_pairs"][0] == (auditor.pairs_["bypassed"] == 1).sum()
        )
        assert auditor.epsilon_lower_bound_ == np.inf

    def test_a_model_without_noise(self):
        auditor = audit(LinearRegression(), y=NUMBERS, claimed=1.0)
        assert "coef_" in set(auditor.bypassed_["part"])
        assert auditor.violated_
        assert len(auditor.releases_) == 0

    def test_arrays_of_the_caller(self):
        table = X.copy()
        assert audit(NoisySums(defect="overwrites"), table).overwrites_input_
        assert np.array_equal(table, X)
        assert not audit(NoisySums()).overwrites_input_

    def test_randomness_without_a_seed_is_told_apart(self):
        auditor = audit(NoisySums(defect="draws by itself"))
        assert len(auditor.bypassed_) == 0
        assert any("order_" in said for said in auditor.assumptions_)

    def test_nothing_is_booked(self):
        ledger = PrivacyLedger(epsilon=10.0)
        with ledger:
            audit(DPStandardScaler(**BOUNDS, ledger=ledger), n_pairs=1)
        assert len(ledger) == 0

    def test_seeds_do_not_matter(self):
        found = {
            audit(
                DPKMeans(2, **BOUNDS, random_state=seed), n_pairs=4
            ).epsilon_lower_bound_
            for seed in (None, 1, np.random.RandomState(2))
        }
        assert len(found) == 1

    def test_threads_do_not_see_each_other(self):
        expected = audit(DPStandardScaler(**BOUNDS)).pairs_
        found = []
        threads = [
            threading.Thread(
                target=lambda: found.append(audit(DPStandardScaler(**BOUNDS)).pairs_)
            )
            for _ in range(2)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert all(one.equals(expected) for one in found)
        assert len(found) == 2


class TestDiffprivlib:
    """Each at an epsilon of 1, that it claims."""

    def kinds(self, model, table=X, y=None, **settings):
        self.auditor = audit(model, table, y, claimed=1.0, **settings)
        return self.auditor.pairs_.groupby("kind")["epsilon"].max()

    def test_gaussian_nb_and_a_label(self):
        found = self.kinds(MODELS.GaussianNB(**BOUNDS), y=TWO, neighbors="flip")
        # Two counts, two sums and two sums of squares, of which one each is paid for.
        assert 1.3 < found["flip"] <= 2.0

    def test_gaussian_nb_far_from_zero(self):
        model = MODELS.GaussianNB(bounds=(100, 101))
        found = self.kinds(model, X + 100, TWO, neighbors="flip")
        # 1/3 for counts, and 101 * 2/3 or so for sums whose sensitivity is 1.
        assert 60 < found["flip"] < 70
        assert len(self.auditor.sensitivity_violations_) > 0

    def test_linear_regression_has_no_noise_on_squares(self):
        bounds = {"bounds_X": (0, 1), "bounds_y": (0, 1), "fit_intercept": False}
        found = self.kinds(MODELS.LinearRegression(**bounds), y=NUMBERS)
        assert found["replace x"] == np.inf
        moved = self.auditor.sensitivity_violations_
        assert (moved["sensitivity"] == 0).all()

    def test_linear_regression_pays_for_one_intercept(self):
        bounds = {"bounds_X": (-1, 1), "bounds_y": (-1, 1)}
        # So many that means, which are taken away, have little noise.
        table = np.random.RandomState(0).uniform(size=(500, 3))
        model = MODELS.LinearRegression(**bounds)
        self.kinds(model, table, table.mean(axis=1), neighbors="replace")
        # All that is released is paid for; twice for means.
        assert len(self.auditor.sensitivity_violations_) == 0
        assert 1.0 < self.auditor.epsilon_lower_bound_ <= 1.25

    def test_kmeans_with_many_columns(self):
        table = np.random.RandomState(0).uniform(size=(40, 30))
        model = MODELS.KMeans(2, **BOUNDS)
        self.kinds(model, table, neighbors="replace", n_pairs=4)
        assert 1.0 < self.auditor.pairs_["loss"].max() < 2.0
        assert set(self.auditor.bypassed_["part"]) == {"labels_", "inertia_"}

    def test_forest_and_a_label(self):
        model = MODELS.RandomForestClassifier(4, **BOUNDS, classes=[0, 1], max_depth=3)
        found = self.kinds(model, y=TWO, neighbors="flip", n_pairs=4)
        assert found["flip"] == pytest.approx(2.0, abs=1e-3)

    def test_forest_without_a_record(self):
        model = MODELS.RandomForestClassifier(4, **BOUNDS, classes=[0, 1])
        found = self.kinds(model, y=TWO, neighbors="remove", n_pairs=4)
        assert found["remove"] == np.inf
        assert len(self.auditor.diverged_) > 0

    def test_pca_overwrites_its_input(self):
        model = MODELS.PCA(2, **BOUNDS, data_norm=2)
        found = self.kinds(model, neighbors="replace", n_pairs=2)
        assert self.auditor.overwrites_input_
        assert found["replace x"] <= 1.0

    def test_a_class_that_vanishes(self):
        self.kinds(MODELS.GaussianNB(**BOUNDS), y=THREE, neighbors="flip", n_pairs=1)
        assert self.auditor.diverged_["reason"].tolist() == [
            "a release is truncated_laplace instead of geometric"
        ]

    @pytest.mark.parametrize("norm", [100.0, 1.0], ids=["norm 100", "intercept"])
    def test_logistic_regression(self, norm):
        """The noise is too small for long records, and for the intercept."""
        table = np.array([[1, 0], [0, 1], [0.5, 0.5], [1, 1]]) * norm / 2
        params = {"data_norm": norm, "fit_intercept": norm == 1.0}
        model = DiffprivlibEstimator("LogisticRegression", params=params, sound="as_is")
        self.kinds(model, table, np.array([0, 1, 0, 1]), n_pairs=6)
        assert self.auditor.epsilon_lower_bound_ > 1.8
        again = pickle.loads(pickle.dumps(self.auditor))
        assert again.pairs_.equals(self.auditor.pairs_)

    def test_processes_are_one(self):
        """In others nothing would be seen."""
        params = {"data_norm": 2.0, "n_jobs": 2}
        model = DiffprivlibEstimator("LogisticRegression", params=params, sound="as_is")
        self.kinds(model, y=THREE, neighbors="flip", n_pairs=2)
        assert self.auditor.releases_["law"].tolist() == ["vector"] * 3


SOUND = [
    (DPGaussianNB(**BOUNDS, **CLASSES), THREE),
    (DPHistGradientBoostingClassifier(**BOUNDS, classes=[0, 1], max_iter=20), TWO),
    (DPKMeans(3, **BOUNDS), None),
    (DPLogisticRegression(data_norm=1.5, n_iter=20, **CLASSES), THREE),
    (DPLogisticRegression(solver="amp", data_norm=1.5, classes=[0, 1]), TWO),
    (DPPCA(2, data_norm=1.5), None),
    (DPRandomForestClassifier(**BOUNDS, **CLASSES, n_estimators=10), THREE),
    (DPRandomForestRegressor(**BOUNDS, y_bounds=(0, 1), n_estimators=10), NUMBERS),
    (DPRidge(data_norm=1.5, y_bounds=(0, 1)), NUMBERS),
    (DPStandardScaler(**BOUNDS), None),
    (LocalRandomizer(**BOUNDS), None),
    (LocalRandomizer(**BOUNDS, delta=1e-3, mechanism="gaussian"), None),
    (OutputPerturbation(data_norm=1.5, **CLASSES), THREE),
    (PATEClassifier(n_teachers=3, **BOUNDS, **CLASSES), THREE),
    (PrivatePredictionClassifier(n_partitions=3, **CLASSES), THREE),
    (DiffprivlibGaussianNB(**BOUNDS, **CLASSES), THREE),
    (DiffprivlibKMeans(3, **BOUNDS), None),
    (DiffprivlibLinearRegression(**BOUNDS, y_bounds=(0, 1)), NUMBERS),
    (DiffprivlibLogisticRegression(data_norm=1.5, **CLASSES), THREE),
    (DiffprivlibPCA(2, **BOUNDS), None),
    (DiffprivlibStandardScaler(**BOUNDS), None),
    (DiffprivlibEstimator("GaussianNB", params={**BOUNDS, **CLASSES}), THREE),
    (make_pipeline(DPStandardScaler(**BOUNDS), DPKMeans(2, bounds=(-3, 3))), None),
]
#: Those of which the loss of all releases is not the epsilon of the claim.
COUNTS_ON_SECRETS = [
    (
        DPLogisticRegression(
            data_norm=1.5, sampling_rate=0.2, n_records=N, n_iter=5, **CLASSES
        ),
        THREE,
    ),
    (
        DPSearchCV(
            DPGaussianNB(**BOUNDS, **CLASSES), {"on_leak": ["raise"]}, expected_trials=2
        ),
        THREE,
    ),
]


def name_of(value):
    return type(value).__name__ if isinstance(value, BaseEstimator) else ""


@pytest.mark.parametrize(("model", "y"), SOUND, ids=name_of)
def test_sound_models_are_not_accused(model, y):
    auditor = audit(clone(model), y=y, n_pairs=4)
    assert auditor.violated_ is False
    assert len(auditor.sensitivity_violations_) == 0
    assert len(auditor.diverged_) == 0
    assert auditor.bypassed_["part"].tolist() == []
    assert not auditor.overwrites_input_
    # Something was released, and something of it moved.
    assert auditor.releases_["most_moved"].max() > 0


@pytest.mark.parametrize(("model", "y"), COUNTS_ON_SECRETS, ids=name_of)
def test_without_secrets_no_epsilon_is_named(model, y):
    auditor = audit(model, y=y, n_pairs=4)
    assert np.isnan(auditor.epsilon_lower_bound_)
    assert auditor.violated_ is False
    assert auditor.releases_["most_moved"].max() > 0
    assert any("nobody knows" in said for said in auditor.assumptions_)
    assert len(auditor.diverged_) == len(auditor.bypassed_) == 0


def test_a_sample_is_without_the_record_that_is_missing():
    """Sums move by one gradient, where other samples would move them by many."""
    model = DPLogisticRegression(
        data_norm=1.5, sampling_rate=0.5, n_records=N, n_iter=5, **CLASSES
    )
    moved = audit(model, y=THREE).releases_["most_moved"]
    assert 0 < moved.max() <= 1 + 1e-9


def test_tables_and_texts():
    table = pd.DataFrame(X, columns=list("abc"))
    labels = np.array(["no", "yes"])[TWO]
    model = DPGaussianNB(**BOUNDS, classes=["no", "yes"])
    auditor = audit(model, table, pd.Series(labels))
    assert auditor.violated_ is False
    assert auditor.feature_names_in_.tolist() == ["a", "b", "c"]
    table = pd.DataFrame(
        {"color": ["red", "blue", "green"] * 4, "x": np.linspace(0, 1, 12)}
    )
    model = LocalRandomizer(
        2.0, categories={"color": ["red", "blue", "green"]}, bounds={"x": (0, 1)}
    )
    auditor = audit(model, table, n_pairs=16)
    # A half of epsilon for either column.
    assert auditor.epsilon_lower_bound_ == pytest.approx(2.0, rel=1e-5)


def test_kinds_follow_from_the_claim():
    kinds = audit(DPGaussianNB(**BOUNDS, **CLASSES), y=THREE, n_pairs=4).pairs_["kind"]
    assert set(kinds) == {"replace x", "replace x, y", "flip"}
    claim = PrivacyGuarantee.pure(1.0, "add_remove")
    assert set(audit(NoisySums(), claimed=claim).pairs_["kind"]) == {"remove"}
    assert set(audit(NoisySums(), claimed=1.0).pairs_["kind"]) == {
        "replace x",
        "remove",
    }


def test_without_a_claim_nothing_is_violated():
    auditor = audit(LinearRegression(), y=NUMBERS, n_pairs=1)
    assert auditor.claimed_epsilon_ is None
    assert auditor.violated_ is None
    assert auditor.epsilon_lower_bound_ == np.inf


def test_fits_are_counted():
    class Counts(NoisySums):
        n = 0

        def fit(self, X, y=None):
            Counts.n += 1
            return super().fit(X)

    assert audit(Counts()).n_fits_ == Counts.n


def test_a_seed_repeats_the_audit():
    one, other = (audit(DPKMeans(2, **BOUNDS)) for _ in range(2))
    assert one.pairs_.equals(other.pairs_)
    assert not one.pairs_.equals(audit(DPKMeans(2, **BOUNDS), random_state=1).pairs_)


@pytest.mark.parametrize(
    ("settings", "y", "message"),
    [
        ({"neighbors": "flip"}, None, "needs labels"),
        ({"neighbors": "remove"}, None, "is about neighbors of the kinds"),
        ({"neighbors": "swap"}, None, "neighbors"),
        ({"n_pairs": 0}, None, "n_pairs"),
        ({"claimed": -1.0}, None, "claimed"),
    ],
)
def test_bad_input(settings, y, message):
    with pytest.raises(ValueError, match=message):
        audit(DPStandardScaler(**BOUNDS), y=y, **settings)


def test_one_record_has_no_neighbors():
    with pytest.raises(ValueError, match="at least two records"):
        audit(NoisySums(), X[:1])


def test_noise_that_is_not_seen_is_no_leak():
    class OwnNoise(BaseEstimator):
        def __init__(self, random_state=None):
            self.random_state = random_state

        def fit(self, X, y=None):
            rng = np.random.RandomState(self.random_state)
            self.sums_ = X.sum(axis=0) + rng.laplace(size=3)
            return self

    with pytest.raises(
        ValueError, match="Audit what comes out, with a MechanismAuditor"
    ):
        audit(OwnNoise(), claimed=1.0)


def test_parts_without_a_seed_are_named():
    teacher = DecisionTreeClassifier(splitter="random", max_features=1)
    model = PATEClassifier(teacher, n_teachers=5, **BOUNDS, **CLASSES)
    with pytest.raises(ValueError, match="random_state of all its parts"):
        audit(model, y=THREE)
