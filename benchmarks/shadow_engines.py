"""How much sooner do shadow models that are trained together come, and how equal?

Trains the shadow models of each recipe one by one and by the engine that
``engine="auto"`` takes, on one core, and prints CPU seconds and how far the answers are
apart: the largest difference, and the root mean square relative to the spread of the
answers between shadow models, which is what attacks look at.

    python benchmarks/shadow_engines.py --sizes 2000 20000 --models 64 --seed 0
"""

import argparse
import time
import warnings

import numpy as np
import pandas as pd
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.datasets import make_classification
from sklearn.discriminant_analysis import (
    LinearDiscriminantAnalysis,
    QuadraticDiscriminantAnalysis,
)
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.naive_bayes import BernoulliNB, ComplementNB, GaussianNB, MultinomialNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import LinearSVC
from threadpoolctl import threadpool_limits

from skprivacy.shadow import ShadowModels

WIDTH = 50


def numbers(n, seed, n_classes=2):
    X, y = make_classification(
        n,
        WIDTH,
        n_informative=10,
        n_redundant=0,
        n_classes=n_classes,
        random_state=seed,
    )
    return np.column_stack([X, y])


def three_classes(n, seed):
    return numbers(n, seed, 3)


def targets(n, seed):
    pool = numbers(n, seed)
    noise = np.random.default_rng(seed).normal(size=n)
    pool[:, -1] = pool[:, :5].sum(axis=1) + noise
    return pool


def counts(n, seed):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, n)
    rates = 1 + 0.3 * y[:, None] * rng.random(WIDTH)
    return np.column_stack([rng.poisson(rates), y])


def mixed(n, seed):
    """Forty-five columns of numbers with gaps, five of texts."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(numbers(n, seed)).rename(columns=str)
    table = table.mask(rng.random(table.shape) < [*[0.02] * WIDTH, 0])
    texts = np.array(["red", "green", "blue", "white", "black", "grey"])
    for name in map(str, range(WIDTH - 5, WIDTH)):
        table[name] = texts[rng.integers(0, len(texts), n)]
    return table


def encoded(n, seed):
    """Six columns of numbers, and 100 of eight texts with a few common values each."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 6))
    weights = 1 / np.arange(1, 14) ** 2
    codes = rng.choice(13, (n, 8), p=weights / weights.sum())
    categories = (codes[:, :, None] == np.arange(13)).reshape(n, -1)[:, :100]
    score = X[:, :3].sum(axis=1) + (codes[:, :3] == 0).sum(axis=1)
    y = score + rng.normal(size=n) > np.median(score)
    return np.column_stack([X, categories, y])


def columns():
    return make_column_transformer(
        (
            make_pipeline(SimpleImputer(), StandardScaler()),
            make_column_selector(dtype_include=float),
        ),
        (
            OneHotEncoder(handle_unknown="ignore"),
            make_column_selector(dtype_exclude=float),
        ),
    )


RECIPES = {
    "logistic regression": (LogisticRegression(), numbers),
    "logistic regression, 3 classes": (LogisticRegression(), three_classes),
    "scaler, logistic regression": (
        make_pipeline(StandardScaler(), LogisticRegression()),
        numbers,
    ),
    "mixed columns, logistic regression": (
        make_pipeline(columns(), LogisticRegression()),
        mixed,
    ),
    "scaler, linear SVC": (make_pipeline(StandardScaler(), LinearSVC()), numbers),
    "ridge": (Ridge(), targets),
    "linear regression": (LinearRegression(), targets),
    "LDA": (LinearDiscriminantAnalysis(), numbers),
    "QDA": (QuadraticDiscriminantAnalysis(), numbers),
    "Gaussian naive Bayes": (GaussianNB(), numbers),
    "multinomial naive Bayes": (MultinomialNB(), counts),
    "Bernoulli naive Bayes": (BernoulliNB(), counts),
    "complement naive Bayes": (ComplementNB(), counts),
    "gradient boosting": (HistGradientBoostingClassifier(), encoded),
    "gradient boosting, regression": (HistGradientBoostingRegressor(), encoded),
    "5 neighbors": (KNeighborsClassifier(), numbers),
    "5 neighbors, by distance": (KNeighborsClassifier(weights="distance"), numbers),
    "5 neighbors, regression": (KNeighborsRegressor(), targets),
}


def trained(recipe, pool, engine, n_models, seed):
    start = time.process_time()
    shadow = ShadowModels(recipe, n_models=n_models, engine=engine, random_state=seed)
    shadow.fit(pool)
    return shadow, time.process_time() - start


def row(name, n, n_models, seed):
    recipe, make = RECIPES[name]
    pool = make(n, seed)
    slow, slow_seconds = trained(recipe, pool, "generic", n_models, seed)
    fast, fast_seconds = trained(recipe, pool, "auto", n_models, seed)
    apart = fast.answers_ - slow.answers_
    spread = np.sqrt(slow.answers_.var(axis=0).mean())
    return {
        "recipe": name,
        "engine": fast.engine_,
        "n": n,
        "one by one": f"{slow_seconds:.2f}",
        "engine's": f"{fast_seconds:.2f}",
        "times": f"{slow_seconds / fast_seconds:.1f}",
        "largest difference": f"{np.abs(apart).max():.0e}",
        "of the spread": f"{np.sqrt((apart**2).mean()) / spread:.1%}",
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--recipes", nargs="+", choices=RECIPES, default=[*RECIPES])
    parser.add_argument("--sizes", nargs="+", type=int, default=[2000, 20000])
    parser.add_argument("--models", type=int, default=64)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    heading = None
    with threadpool_limits(1):
        for name in options.recipes:
            for n in options.sizes:
                cells = row(name, n, options.models, options.seed)
                if heading is None:
                    heading = f"| {' | '.join(cells)} |\n|{'---|' * len(cells)}"
                    print(heading)
                print(f"| {' | '.join(map(str, cells.values()))} |", flush=True)


if __name__ == "__main__":
    main()
