"""What audits found in diffprivlib 0.6.6, each as a mechanism and two data sets.

Each claims an epsilon of 1. Beside it stands what is sound: the wrapper of this package
for the same model, or its own model where there is no wrapper.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from joblib import parallel_config
from sklearn.model_selection import cross_validate

from skprivacy.dp import (
    DiffprivlibEstimator,
    DiffprivlibStandardScaler,
    DPRandomForestClassifier,
    PrivacyBudgetExceeded,
    PrivacyLedger,
)
from skprivacy.dp._diffprivlib_compat import library_model, load_diffprivlib

CLASSES = {"classes": [0, 1]}


@dataclass(frozen=True)
class Defect:
    """A mechanism that claims more than it keeps, and data sets that show it.

    Attributes
    ----------
    what : str
        What is wrong.
    mechanism : callable
        Without an argument: what is audited.
    sound : callable
        The same without the defect.
    neighbors : tuple
        The two data sets.
    n_runs : int
        Runs on each.
    score : "auto" or callable
        Of :class:`MechanismAuditor`.
    floor : float
        What the bound must reach.
    apart : str
        In what the two data sets differ.
    delta : float
        Of what is claimed of `sound`.
    """

    what: str
    mechanism: Callable
    sound: Callable
    neighbors: tuple
    n_runs: int
    score: object = "auto"
    floor: float = 1.0
    apart: str = "a record is replaced"
    delta: float = 0.0


def library(model, **params):
    return DiffprivlibEstimator(model, params=params, sound="as_is", random_state=0)


def strict(model, **params):
    return DiffprivlibEstimator(model, params=params, random_state=0)


def column(*values):
    return np.array(values, dtype=float)[:, None]


class Centers:
    """The centers alone: clusters and inertia, which are exact, would give all away."""

    def __init__(self, make):
        self.make = make

    def __call__(self, X, random_state):
        model = self.make("KMeans", n_clusters=2, bounds=(-1, 1))
        return (
            model.set_params(random_state=random_state)
            .fit(X)
            .estimator_.cluster_centers_
        )


def empty_cluster():
    # All in a corner, so that the other cluster is empty; or one in the other corner.
    together = -np.ones((400, 7))
    apart = together.copy()
    apart[0] = 1.0
    return Defect(
        "KMeans leaves the center of an empty cluster where it is",
        lambda: Centers(library),
        lambda: Centers(strict),
        ((together,), (apart,)),
        n_runs=1200,
        floor=4.0,
        apart="a record in the other corner",
    )


def kept_clusters():
    params = {"n_clusters": 2, "bounds": (-1, 1)}
    first, second = column(*[-1.0] * 30), column(1.0, *[-1.0] * 29)
    return Defect(
        "KMeans keeps the exact cluster of each record, and the inertia",
        lambda: library("KMeans", **params),
        lambda: strict("KMeans", **params),
        ((first,), (second,)),
        n_runs=300,
        apart="a record in the other corner",
    )


def diagonal():
    y = np.array([0.5, 0.5, 0.5])
    return Defect(
        "LinearRegression releases sums of squares without noise",
        lambda: library(
            "LinearRegression", bounds_X=(0, 1), bounds_y=(0, 1), fit_intercept=False
        ),
        lambda: strict("LinearRegression", bounds=(0, 1), y_bounds=(0, 1)),
        ((column(1.0, 0.5, 0.5), y), (column(0.0, 0.5, 0.5), y)),
        n_runs=300,
    )


def intercept_not_regularized(C=1.0, n_runs=6000):
    y = np.array([1, 0])
    params = {"data_norm": 1.0, "C": C}
    return Defect(
        "LogisticRegression does not regularize the intercept",
        lambda: library("LogisticRegression", **params),
        lambda: strict("LogisticRegression", **params, **CLASSES),
        ((column(1.0, 1.0), y), (column(-1.0, 1.0), y)),
        n_runs=n_runs,
        floor=2.0,
    )


class CoefficientsIfAny:
    """The coefficients, or that no minimum was found."""

    def __call__(self, X, y, random_state):
        model = strict("LogisticRegression", data_norm=100.0, **CLASSES)
        try:
            model.set_params(random_state=random_state).fit(X, y)
        except RuntimeError:
            return {"failed": 1.0}
        return {"coef": model.estimator_.coef_, "b": model.estimator_.intercept_}


def long_records():
    y = np.array([1, 0])
    return Defect(
        "LogisticRegression adds too little noise for a data_norm of 100",
        lambda: library("LogisticRegression", data_norm=100.0, fit_intercept=False),
        CoefficientsIfAny,
        ((column(100.0, 0.0), y), (column(0.0, 0.0), y)),
        n_runs=3000,
        floor=1.8,
    )


class AllClasses:
    """Three classes, fitted in processes, which get the generator by its pickle."""

    def __init__(self, make, **params):
        self.make = make
        self.params = params

    def __call__(self, X, y, random_state):
        model = self.make("LogisticRegression", data_norm=1.0, **self.params)
        with parallel_config("multiprocessing"):
            model.set_params(random_state=random_state).fit(X, y)
        return model.estimator_.coef_


def same_noise():
    X = np.vstack([np.eye(3)] * 4)
    y = np.arange(12) % 3
    changed = X.copy()
    changed[0] = [-1.0, 0.0, 0.0]
    return Defect(
        "LogisticRegression with n_jobs=2 adds the same noise for each class",
        lambda: AllClasses(library, fit_intercept=False, n_jobs=2),
        lambda: AllClasses(strict, classes=[0, 1, 2]),
        ((X, y), (changed, y)),
        n_runs=250,
    )


def forest(**params):
    return library(
        "RandomForestClassifier", bounds=(0, 1), max_depth=1, **CLASSES, **params
    )


def our_forest(n_estimators):
    return DPRandomForestClassifier(
        1.0,
        delta=1e-5,
        n_estimators=n_estimators,
        max_depth=1,
        bounds=(0, 1),
        random_state=0,
        **CLASSES,
    )


def shifted_trees():
    # Each tree has one record; without the first all others move on by one.
    X, y = np.zeros((20, 1)), np.arange(20) % 2
    return Defect(
        "RandomForestClassifier moves all later records to other trees",
        lambda: forest(n_estimators=20),
        lambda: our_forest(20),
        ((X, y), (X[1:], y[1:])),
        n_runs=400,
        floor=3.0,
        apart="a record less",
        delta=1e-5,
    )


def flip_in_a_leaf(n_runs=12_000):
    X = np.zeros((2, 1))
    return Defect(
        "RandomForestClassifier counts a flipped label once, and it changes two counts",
        lambda: forest(n_estimators=1),
        lambda: our_forest(1),
        ((X, np.array([0, 0])), (X, np.array([0, 1]))),
        n_runs=n_runs,
        floor=1.8,
        apart="a label flips",
        delta=1e-5,
    )


def fit_again(model, X, y):
    """Leaves of a forest of one tree if these were the data, by the seed it keeps."""
    seed = model.estimator_.estimators_[0].random_state
    tree = library_model(
        "DecisionTreeClassifier", max_depth=1, epsilon=1.0, bounds=(0, 1), **CLASSES
    )
    return tree.set_params(random_state=seed).fit(X, y).tree_.value


class NamesTheWorld:
    """1 where the stored seed replays the noise on the first data set alone, -1 ..."""

    def __init__(self, first, second):
        self.worlds = first, second

    def __call__(self, model):
        kept = model.estimator_.estimators_[0].tree_.value
        first, second = (
            np.array_equal(fit_again(model, *world), kept) for world in self.worlds
        )
        return float(first) - float(second)


def stored_seeds():
    X = np.zeros((1, 1))
    neighbors = ((X, np.array([0])), (X, np.array([1])))
    return Defect(
        "RandomForestClassifier keeps the seeds of its noise",
        lambda: forest(n_estimators=1),
        lambda: our_forest(1),
        neighbors,
        n_runs=500,
        score=NamesTheWorld(*neighbors),
        apart="a label flips",
        delta=1e-5,
    )


def flip_far_from_zero(n_runs=4000):
    X = np.full((100, 1), 1000.5)
    y = np.arange(100) % 2
    flipped = y.copy()
    flipped[0] = 1
    return Defect(
        "GaussianNB takes a record that changes its class for one that stays",
        lambda: library("GaussianNB", bounds=(1000, 1001)),
        lambda: strict("GaussianNB", bounds=(1000, 1001), **CLASSES),
        ((X, y), (X, flipped)),
        n_runs=n_runs,
        floor=4.0,
        apart="a label flips",
    )


def vanishing_class():
    X = column(*np.linspace(0, 1, 9))
    y = np.array([2, 0, 1, 0, 1, 0, 1, 0, 1])
    gone = y.copy()
    gone[0] = 0
    return Defect(
        "GaussianNB reads its classes off the data",
        lambda: library("GaussianNB", bounds=(0, 1)),
        lambda: strict("GaussianNB", bounds=(0, 1), classes=[0, 1, 2]),
        ((X, y), (X, gone)),
        n_runs=300,
        apart="the only record of a class gets another",
    )


def no_score(model, X, y):
    return 0.0


class CrossValidated:
    """What a cross-validation lets out; its account allows an epsilon of 1."""

    def __init__(self, with_account, n_splits=16):
        self.with_account = with_account
        self.n_splits = n_splits

    def __call__(self, X, y, random_state):
        rng = np.random.RandomState(random_state)
        model = self.with_account()
        rows = np.arange(len(X))
        means = []
        for _ in range(self.n_splits):
            # One seed for all would be another defect.
            model.set_params(random_state=rng.randint(2**31 - 1))
            try:
                found = cross_validate(
                    model,
                    X,
                    y,
                    cv=[(rows, rows)],
                    scoring=no_score,
                    return_estimator=True,
                    error_score="raise",
                )
            except PrivacyBudgetExceeded:
                break
            means.append(found["estimator"][0].mean_)
        return means


def library_scaler():
    account = load_diffprivlib().BudgetAccountant(epsilon=1.0)
    return library_model("StandardScaler", epsilon=1.0, bounds=(0, 1)).set_params(
        accountant=account
    )


def strict_scaler():
    ledger = PrivacyLedger(epsilon=1.0)
    return DiffprivlibStandardScaler(1.0, bounds=(0, 1), ledger=ledger)


def lost_account():
    X, y = np.full((10, 1), 0.5), np.arange(10) % 2
    first, second = X.copy(), X.copy()
    first[0], second[0] = 0, 1
    return Defect(
        "clone() copies the account, so that a cross-validation is not booked",
        lambda: CrossValidated(library_scaler),
        lambda: CrossValidated(strict_scaler),
        ((first, y), (second, y)),
        n_runs=300,
    )


DEFECTS = (
    empty_cluster,
    kept_clusters,
    diagonal,
    intercept_not_regularized,
    long_records,
    same_noise,
    shifted_trees,
    flip_in_a_leaf,
    stored_seeds,
    flip_far_from_zero,
    vanishing_class,
    lost_account,
)
