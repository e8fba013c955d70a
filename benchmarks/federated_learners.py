"""How far is what clients learn by secure sums from the fit on all records?

Splits a table among clients with skewed labels, fits each estimator by secure sums, and
prints the largest difference of its fitted attributes and of what it answers from those
of the same estimator fitted to all records, each relative to the largest entry. Boosted
trees have bins of their own: they are compared with a fit of one client that has all
records, by their raw scores, and forests without bootstrap likewise. Then how accurate
trees are beside scikit-learn's, and models that are private for each record.

    python benchmarks/federated_learners.py --tables breast_cancer adult --clients 20

The exit code is 1 where a difference of the attributes is above its floor, which is for
32 fraction bits.
"""

import argparse
import json
import os
import sys
import time
import warnings

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.cluster import KMeans
from sklearn.datasets import load_breast_cancer
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import (
    BernoulliNB,
    CategoricalNB,
    ComplementNB,
    GaussianNB,
    MultinomialNB,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from skprivacy.datasets import load_adult
from skprivacy.federated import (
    FederatedClassifier,
    FederatedRegressor,
    FederatedTransformer,
    RecordPrivacy,
)

NEWTON = {"solver": "newton-cholesky", "tol": 1e-13, "max_iter": 1000}
#: Recipe, attributes of its last step, and the largest difference that is allowed.
RECIPES = {
    "StandardScaler": (StandardScaler(), ["mean_", "var_", "scale_"], 2e-11),
    "MinMaxScaler": (MinMaxScaler(), ["data_min_", "data_max_"], 2e-11),
    "GaussianNB": (GaussianNB(), ["theta_", "var_", "class_prior_"], 2e-11),
    "MultinomialNB": (MultinomialNB(), ["feature_log_prob_"], 2e-11),
    "BernoulliNB": (BernoulliNB(), ["feature_log_prob_"], 2e-11),
    "ComplementNB": (ComplementNB(), ["feature_log_prob_"], 2e-11),
    "CategoricalNB": (CategoricalNB(), ["class_count_"], 2e-11),
    "PCA": (PCA(5), ["components_", "explained_variance_"], 2e-11),
    "LinearDiscriminantAnalysis": (
        LinearDiscriminantAnalysis(),
        ["coef_", "intercept_"],
        4e-8,
    ),
    "LinearRegression": (LinearRegression(), ["coef_", "intercept_"], 4e-8),
    "Ridge": (Ridge(), ["coef_", "intercept_"], 4e-9),
    "LogisticRegression": (LogisticRegression(**NEWTON), ["coef_", "intercept_"], 4e-9),
    "HistGradientBoostingClassifier": (
        HistGradientBoostingClassifier(max_iter=10),
        ["_baseline_prediction"],
        3e-9,
    ),
    "RandomForestClassifier": (
        RandomForestClassifier(10, max_depth=6, bootstrap=False, random_state=0),
        ["feature_importances_"],
        3e-9,
    ),
    "KMeans": (KMeans(3, n_init=1), ["cluster_centers_", "inertia_"], 2e-11),
}
#: What is fitted behind a StandardScaler, also by sums.
SCALED = {"PCA", "LinearDiscriminantAnalysis", "LinearRegression", "Ridge"}
SCALED |= {"LogisticRegression", "KMeans"}
OWN_BINS = {"HistGradientBoostingClassifier", "RandomForestClassifier"}
#: Compared with scikit-learn's own, on records that were held out.
TREES = {
    "HistGradientBoostingClassifier(max_iter=20)": HistGradientBoostingClassifier(
        max_iter=20, early_stopping=False, random_state=0
    ),
    "RandomForestClassifier(30, max_depth=8)": RandomForestClassifier(
        30, max_depth=8, random_state=0
    ),
}
PRIVATE = {
    "GaussianNB": GaussianNB(),
    "MultinomialNB": MultinomialNB(),
    "LinearDiscriminantAnalysis": LinearDiscriminantAnalysis(),
    "PCA(3), GaussianNB": make_pipeline(PCA(3), GaussianNB()),
}
EPSILONS = (1.0, 3.0, 10.0)
SPLITS = 5


def breast_cancer():
    X, y = load_breast_cancer(return_X_y=True)
    return X, y, X[:, 0]


def adult():
    """All of Adult: numbers as they are, categories as columns of 0 and 1."""
    X, y = load_adult(return_X_y=True)
    X = X.drop(columns="fnlwgt", errors="ignore")
    # One column of each that follows from the others is left out.
    table = pd.get_dummies(X, drop_first=True, dtype=float)
    table = table.loc[:, table.var() > 0].drop(columns="education-num", errors="ignore")
    table = table.fillna(table.median())
    return table.to_numpy(float), pd.factorize(y)[0], table.iloc[:, 0].to_numpy(float)


TABLES = {"breast_cancer": breast_cancer, "adult": adult}


def skewed_clients(y, n_clients, rng):
    """Clients of 10 to 90% of the first class, and of very different size."""
    preference = rng.uniform(0.1, 0.9, n_clients)
    size = rng.dirichlet(np.full(n_clients, 2.0))
    weights = np.where(y[:, None] == 0, preference, 1 - preference) * size
    chance = np.cumsum(weights / weights.sum(axis=1, keepdims=True), axis=1)
    drawn = (rng.uniform(size=(len(y), 1)) > chance).sum(axis=1)
    drawn[:n_clients] = np.arange(n_clients)
    return np.minimum(drawn, n_clients - 1)


def relative(ours, pooled):
    ours, pooled = np.asarray(ours, dtype=float), np.asarray(pooled, dtype=float)
    return float(np.abs(ours - pooled).max() / max(np.abs(pooled).max(), 1e-300))


def answers(model, X):
    names = ["predict_proba", "transform", "predict"]
    if isinstance(model, HistGradientBoostingClassifier):
        names = ["decision_function"]
    return next(getattr(model, name)(X) for name in names if hasattr(model, name))


def measure(name, X, y, target, clients, fraction_bits):
    """One row of the table."""
    recipe, attributes, floor = RECIPES[name]
    if name in SCALED:
        recipe = make_pipeline(StandardScaler(), recipe)
    if name in ("MultinomialNB", "ComplementNB"):
        # They are for counts.
        X = np.rint(np.abs(X))
    if name == "CategoricalNB":
        X = np.clip(np.rint(X), 0, 20)
    wrapper = FederatedTransformer
    if is_regressor(recipe):
        # The target is a column, which the features are then without.
        wrapper, y, X = FederatedRegressor, target, X[:, 1:]
    elif is_classifier(recipe):
        wrapper = FederatedClassifier
    if name == "KMeans":
        # The same start for both: records of the first client, as if public.
        start = StandardScaler().fit_transform(X)[:3]
        recipe.set_params(kmeans__init=start)
    if name in OWN_BINS:
        alone = wrapper(recipe, aggregation="plain", min_clients=1)
        pooled = alone.fit(X, y).estimator_
    else:
        pooled = clone(recipe).fit(X, y)
    begin = time.process_time()
    ours = wrapper(recipe, fraction_bits=fraction_bits).fit(X, y, groups=clients)
    seconds = time.process_time() - begin
    last, last_pooled = ours.estimator_, pooled
    if name in SCALED:
        last, last_pooled = last[-1], last_pooled[-1]
    off = max(relative(getattr(last, a), getattr(last_pooled, a)) for a in attributes)
    return {
        "attributes": off,
        "answers": relative(answers(ours.estimator_, X), answers(pooled, X)),
        "rounds": ours.n_rounds_,
        "MB a client": ours.bytes_sent_ / len(ours.clients_) / 1e6,
        "seconds": seconds,
        "floor": floor,
    }


def held_out(X, y, clients, seed):
    """Split off a quarter, and a table of at most 16,000 records before."""
    rows = np.random.default_rng(seed).permutation(len(X))[:16_000]
    train, test = train_test_split(rows, stratify=y[rows], random_state=seed)
    return X[train], y[train], clients[train], X[test], y[test]


def print_trees(X, y, clients):
    print("\n| estimator | by sums | scikit-learn | rounds | MB a client |")
    print("|---|---|---|---|---|")
    for name, recipe in TREES.items():
        X_train, y_train, owner, X_test, y_test = held_out(X, y, clients, 0)
        ours = FederatedClassifier(recipe, random_state=0)
        ours.fit(X_train, y_train, groups=owner)
        own = clone(recipe).fit(X_train, y_train)
        sent = ours.bytes_sent_ / len(ours.clients_) / 1e6
        print(
            f"| {name} | {ours.score(X_test, y_test):.3f} | "
            f"{own.score(X_test, y_test):.3f} | {ours.n_rounds_} | {sent:.1f} |",
            flush=True,
        )


def print_private(X, y, clients):
    n_clients = len(np.unique(clients))
    print("\n| estimator | exact | " + " | ".join(map("{:g}".format, EPSILONS)) + " |")
    print("|---|---|" + "---|" * len(EPSILONS))
    for name, recipe in PRIVATE.items():
        cells = []
        for epsilon in (None, *EPSILONS):
            scores = []
            for seed in range(SPLITS):
                X_train, y_train, owner, X_test, y_test = held_out(X, y, clients, seed)
                ours = FederatedClassifier(
                    recipe,
                    privacy=None if epsilon is None else RecordPrivacy(epsilon),
                    classes=np.unique(y),
                    # As if they were public.
                    bounds=(X.min(axis=0), X.max(axis=0)),
                    min_clients=n_clients,
                ).fit(X_train, y_train, groups=owner)
                scores.append(ours.score(X_test, y_test))
            error = np.std(scores, ddof=1) / np.sqrt(SPLITS)
            cells.append(f"{np.mean(scores):.2f} ({error:.2f})")
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", nargs="+", choices=TABLES, default=[*TABLES])
    parser.add_argument("--models", nargs="+", choices=RECIPES, default=[*RECIPES])
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--fraction-bits", type=int, default=32)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", help="file for the figures")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    figures, above = {}, []
    for table in arguments.tables:
        X, y, target = TABLES[table]()
        rng = np.random.default_rng(arguments.seed)
        clients = skewed_clients(y, arguments.clients, rng)
        sizes = np.bincount(clients)
        print(
            f"\n{table}: {X.shape[0]} records, {X.shape[1]} columns, "
            f"{arguments.clients} clients of {sizes.min()} to {sizes.max()}\n"
            "| estimator | attributes | answers | rounds | MB a client | seconds |\n"
            "|---|---|---|---|---|---|"
        )
        for name in arguments.models:
            row = measure(name, X, y, target, clients, arguments.fraction_bits)
            figures[f"{table} {name}"] = row
            print(
                f"| {name} | {row['attributes']:.0e} | {row['answers']:.0e} | "
                f"{row['rounds']} | {row['MB a client']:.2f} | {row['seconds']:.1f} |",
                flush=True,
            )
            if row["attributes"] > row["floor"]:
                above.append(f"{table} {name}: {row['attributes']:.1e}")
        if "RandomForestClassifier" in arguments.models:
            print_trees(X, y, clients)
            print_private(X, y, clients)
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump(figures, file, indent=1)
    if above:
        print("above the floor:", "; ".join(above), file=sys.stderr)
    return int(bool(above))


if __name__ == "__main__":
    sys.exit(main())
