"""What does a replay find in models that claim an epsilon of 1, and in how long?

Each model is fitted on 200 records of three columns (unless its name says otherwise),
and what it releases is repeated on neighbors of each kind. A cell has the largest
epsilon of the releases that were compared; "course" where the fit took another course
on some neighbor, which is an epsilon without end; "-" where the claim is not about such
neighbors; "sens." where sensitivities alone are compared, and kept. What left a fit
without noise, and whether it overwrote its input, is told beside it.

The exit code is 1 if a private model of this package, or a wrapper that keeps what it
claims, is accused.

    python benchmarks/dp_audit_replay.py --pairs 25
"""

import argparse
import sys
import time
import warnings

import numpy as np

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
    PrivatePredictionClassifier,
)
from skprivacy.dp._diffprivlib_compat import load_diffprivlib

N = 200
KINDS = ("replace x", "replace x, y", "flip", "remove")
BOUNDS = {"bounds": (0, 1)}
CLASSES = {"classes": [0, 1, 2]}


def tables():
    """Records of three columns, two and three classes, and numbers."""
    rng = np.random.RandomState(0)
    X = rng.uniform(size=(N, 3))
    two, three = rng.randint(2, size=N), rng.randint(3, size=N)
    numbers = np.clip(X @ [0.5, 0.3, 0.2] + 0.05 * rng.normal(size=N), 0, 1)
    return X, two, three, numbers


def own_models():
    """Name, model, table and labels of what should keep its claim."""
    X, two, three, numbers = tables()
    norm = {"data_norm": 2.0}
    sampled = {"sampling_rate": 0.1, "n_records": N, "n_iter": 30}
    ends = {**BOUNDS, "y_bounds": (0, 1)}
    search = DPSearchCV(
        DPGaussianNB(**BOUNDS, **CLASSES), {"on_leak": ["raise"]}, expected_trials=3
    )
    boosting = DPHistGradientBoostingClassifier(**BOUNDS, classes=[0, 1])
    answers = PrivatePredictionClassifier(n_partitions=10, **CLASSES)
    return [
        ("DPGaussianNB", DPGaussianNB(**BOUNDS, **CLASSES), X, three),
        ("DPHistGradientBoostingClassifier", boosting, X, two),
        ("DPKMeans", DPKMeans(3, **BOUNDS), X, None),
        ("DPLogisticRegression", DPLogisticRegression(**norm, **CLASSES), X, three),
        (
            'DPLogisticRegression(solver="amp")',
            DPLogisticRegression(solver="amp", **norm, **CLASSES),
            X,
            three,
        ),
        (
            "DPLogisticRegression(sampling_rate=0.1)",
            DPLogisticRegression(**norm, **sampled, **CLASSES),
            X,
            three,
        ),
        ("DPPCA", DPPCA(2, **norm), X, None),
        (
            "DPRandomForestClassifier",
            DPRandomForestClassifier(**BOUNDS, **CLASSES),
            X,
            three,
        ),
        ("DPRandomForestRegressor", DPRandomForestRegressor(**ends), X, numbers),
        ("DPRidge", DPRidge(**norm, y_bounds=(0, 1)), X, numbers),
        ("DPSearchCV(DPGaussianNB)", search, X, three),
        ("DPStandardScaler", DPStandardScaler(**BOUNDS), X, None),
        ("LocalRandomizer", LocalRandomizer(**BOUNDS), X, None),
        ("OutputPerturbation", OutputPerturbation(**norm, **CLASSES), X, three),
        (
            "PATEClassifier",
            PATEClassifier(n_teachers=10, **BOUNDS, **CLASSES),
            X,
            three,
        ),
        ("PrivatePredictionClassifier", answers, X, three),
        ("DiffprivlibGaussianNB", DiffprivlibGaussianNB(**BOUNDS, **CLASSES), X, three),
        ("DiffprivlibKMeans", DiffprivlibKMeans(3, **BOUNDS), X, None),
        (
            "DiffprivlibLinearRegression",
            DiffprivlibLinearRegression(**ends),
            X,
            numbers,
        ),
        (
            "DiffprivlibLogisticRegression",
            DiffprivlibLogisticRegression(**norm, **CLASSES),
            X,
            three,
        ),
        ("DiffprivlibPCA", DiffprivlibPCA(2, **BOUNDS), X, None),
        ("DiffprivlibStandardScaler", DiffprivlibStandardScaler(**BOUNDS), X, None),
    ]


def library_models():
    """The same of diffprivlib's own models."""
    models = load_diffprivlib().models
    X, two, three, numbers = tables()
    wide = np.random.RandomState(1).uniform(size=(N, 30))
    around = {"bounds_X": (-1, 1), "bounds_y": (-1, 1)}
    above = {"bounds_X": (0, 1), "bounds_y": (0, 1)}
    few = np.array([[1, 0], [0, 1], [0.5, 0.5], [1, 1]]) / 2, np.array([0, 1, 0, 1])

    def logistic(**params):
        return DiffprivlibEstimator("LogisticRegression", params=params, sound="as_is")

    def linear(bounds, fit_intercept=True):
        return models.LinearRegression(**bounds, fit_intercept=fit_intercept)

    forest = models.RandomForestClassifier(**BOUNDS, classes=[0, 1])
    tree = models.DecisionTreeClassifier(**BOUNDS, classes=[0, 1])
    plain = logistic(data_norm=100.0, fit_intercept=False)
    return [
        ("GaussianNB, 0 to 1", models.GaussianNB(**BOUNDS), X, two),
        ("GaussianNB, three classes", models.GaussianNB(**BOUNDS), X, three),
        ("GaussianNB, 100 to 101", models.GaussianNB(bounds=(100, 101)), X + 100, two),
        ("LinearRegression, 0 to 1", linear(above), X, numbers),
        ("LinearRegression, 0 to 1, no intercept", linear(above, False), X, numbers),
        ("LinearRegression, -1 to 1", linear(around), X, numbers),
        ("LinearRegression, -1 to 1, no intercept", linear(around, False), X, numbers),
        ("KMeans", models.KMeans(3, **BOUNDS), X, None),
        ("KMeans, 30 columns", models.KMeans(3, **BOUNDS), wide, None),
        ("RandomForestClassifier", forest, X, two),
        ("DecisionTreeClassifier", tree, X, two),
        ("PCA", models.PCA(2, **BOUNDS, data_norm=2), X, None),
        ("StandardScaler", models.StandardScaler(**BOUNDS), X, None),
        ("LogisticRegression", logistic(data_norm=2.0), X, two),
        ("LogisticRegression, 4 records", logistic(data_norm=1.0), *few),
        (
            "LogisticRegression, 4 records, norm 100, no intercept",
            plain,
            100 * few[0],
            few[1],
        ),
    ]


def cell(auditor, kind):
    """What was found on neighbors of a kind."""
    pairs = auditor.pairs_[auditor.pairs_["kind"] == kind]
    if len(pairs) == 0:
        return "-"
    courses = auditor.diverged_[auditor.diverged_["kind"] == kind]
    if courses["reason"].str.startswith("there are").any():
        # Releases of other pairs may be out of step, too.
        return "**course**"
    loss = pairs["loss"].max()
    if np.isnan(loss) and len(courses) == 0:
        return "sens." if pairs["sensitivity_violations"].sum() == 0 else "**sens.**"
    said = [] if np.isnan(loss) else [f"{loss:.2f}"]
    if loss > auditor.claimed_epsilon_ * (1 + 1e-6):
        said = [f"**{loss:.2f}**"]
    return ", ".join(said + ["**course**"] * bool(len(courses)))


def remark(auditor):
    """What else was found."""
    parts = auditor.bypassed_["part"]
    said = [f"{part} without noise" for part in parts if "." not in part]
    if auditor.overwrites_input_:
        said.append("overwrites its input")
    return ", ".join(said)


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--pairs", type=int, default=25, help="of each kind")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(argv)
    warnings.simplefilter("ignore")
    print("| model | claim |", " | ".join(KINDS), "| seconds | besides |")
    print("|---|---|" + "---|" * len(KINDS) + "---|---|")
    accused, total = [], 0.0
    tasks = [(*one, None) for one in own_models()]
    tasks += [(*one, 1.0) for one in library_models()]
    for name, model, X, y, claimed in tasks:
        started = time.process_time()
        auditor = ReplayAuditor(
            model, n_pairs=options.pairs, claimed=claimed, random_state=options.seed
        ).fit(X, y)
        seconds = time.process_time() - started
        total += seconds
        if claimed is None and auditor.violated_:
            accused.append(name)
        cells = " | ".join(cell(auditor, kind) for kind in KINDS)
        claim = f"{auditor.claimed_epsilon_:.3g}"
        print(f"| {name} | {claim} | {cells} | {seconds:.1f} | {remark(auditor)} |")
    print(f"\n{total:.1f} seconds of one processor.")
    if accused:
        print(f"Accused: {', '.join(accused)}")
    return 1 if accused else 0


if __name__ == "__main__":
    sys.exit(main())
