"""What the file of a tree model gives away, before and after it is sanitized.

Run from the repository's root::

    python benchmarks/white_box.py
    python benchmarks/white_box.py --tables breast_cancer --targets rf hgb

2,000 members and 2,000 non-members (half of a smaller table each), raw columns, texts
one-hot encoded inside the model's pipeline. The control is a model of other people:
nobody in the list is a member, and the first half of it is judged against the second.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
from _rows import rates
from sklearn.base import clone
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import (
    BaggingClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.tree import DecisionTreeClassifier
from threadpoolctl import threadpool_limits

from skprivacy.datasets import load_adult, load_credit_default, load_rand_health
from skprivacy.defenses import sanitize
from skprivacy.membership import (
    BootstrapReplayAttack,
    SplitPointAttack,
    ThresholdAttack,
    WhiteBoxForestAttack,
)
from skprivacy.records import join_records
from skprivacy.targets import BlackBox

N_MEMBERS = 2_000
ATTACKS = {
    "confidence alone": lambda model: ThresholdAttack(
        BlackBox(model), signal="logit", label="y"
    ),
    "split points": lambda model: SplitPointAttack(FrozenEstimator(model), label="y"),
    "bootstrap replay": lambda model: BootstrapReplayAttack(
        FrozenEstimator(model), label="y"
    ),
    "white-box forest": lambda model: WhiteBoxForestAttack(
        FrozenEstimator(model), label="y", random_state=0
    ),
}


#: Columns of the table.
STATES = ("as fitted", "sanitized", "sanitized, public", "of other people")


def forest(**options):
    """Make the recipe of a forest of 100 trees."""
    return lambda seed: RandomForestClassifier(100, random_state=seed, **options)


TARGETS = {
    "rf": forest(),
    "rf, leaf 5": forest(min_samples_leaf=5),
    "rf, leaf 20": forest(min_samples_leaf=20),
    "rf, depth 6": forest(max_depth=6),
    "extra trees": lambda seed: ExtraTreesClassifier(100, random_state=seed),
    "tree": lambda seed: DecisionTreeClassifier(random_state=seed),
    "bagging": lambda seed: BaggingClassifier(
        DecisionTreeClassifier(min_samples_leaf=5), 50, random_state=seed
    ),
    "gb": lambda seed: GradientBoostingClassifier(random_state=seed),
    "hgb": lambda seed: HistGradientBoostingClassifier(random_state=seed),
}


def _rand_health():
    data = load_rand_health(target="binexp")
    first = ~data.groups.duplicated().to_numpy()
    return data.data[first], data.target[first]


#: Features and labels of each table.
TABLES = {
    "credit_default": lambda: load_credit_default(return_X_y=True),
    "adult": lambda: load_adult(return_X_y=True),
    "adult without fnlwgt": lambda: _without(load_adult(return_X_y=True), "fnlwgt"),
    "rand_health": _rand_health,
    "breast_cancer": lambda: load_breast_cancer(return_X_y=True, as_frame=True),
}


def _without(table, column):
    X, y = table
    return X.drop(columns=column), y


@dataclass(frozen=True)
class Case:
    """Records of one draw, the members first, and as many of other people."""

    records: pd.DataFrame
    is_member: np.ndarray
    others: pd.DataFrame

    @property
    def members(self):
        """Features and labels of the members."""
        return _split(self.records[self.is_member == 1])


def draw(table, seed):
    """Draw members, non-members and other people from a table without duplicates."""
    X, y = table
    records = join_records(X, np.unique(y, return_inverse=True)[1], "y")
    records = records.drop_duplicates(ignore_index=True)
    n = min(N_MEMBERS, len(records) // 2)
    rows = np.random.default_rng(seed).permutation(len(records))
    drawn = records.iloc[rows[: 2 * n]].reset_index(drop=True)
    others = records.iloc[rows[2 * n : 3 * n]].reset_index(drop=True)
    return Case(drawn, np.repeat([1, 0], n), others)


def recipe_for(model, X):
    """Put the one-hot encoder of text columns before a model, where there are any."""
    texts = make_column_selector(dtype_exclude="number")
    if not texts(X):
        return model
    columns = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), texts),
        remainder="passthrough",
    )
    return make_pipeline(columns, model)


def run(table_name, target_name, seed):
    """Attack one model, the same model sanitized, and a model of other people."""
    case = draw(TABLES[table_name](), seed)
    X, y = case.members
    recipe = recipe_for(TARGETS[target_name](seed), X)
    model = clone(recipe).fit(X, y)
    models = {
        "as fitted": model,
        "sanitized": sanitize(model, X_train=X, random_state=seed),
        # To the quantiles of other people's records, in place of the training set's.
        "sanitized, public": sanitize(
            model, case.others.drop(columns="y"), random_state=seed
        )
        if len(case.others)
        else model,
    }
    if len(case.others) > N_MEMBERS // 2:
        models["of other people"] = clone(recipe).fit(*_split(case.others))
    where = {"table": table_name, "target": target_name, "seed": seed}
    for state, attacked in models.items():
        for name, make in ATTACKS.items():
            row = where | {"model": state, "attack": name}
            yield row | judge(make(attacked), case)


def judge(attack, case):
    """Return the figures of one attack, or why it can't attack this model."""
    began = time.perf_counter()
    try:
        scores = attack.fit(case.records).decision_function(case.records)
    except (TypeError, ValueError) as error:
        return {"note": str(error).split(";")[0][:80]}
    seconds = time.perf_counter() - began
    return rates(case.is_member, scores) | {"seconds": seconds, "note": ""}


def _split(records):
    return records.drop(columns="y"), records["y"]


def as_markdown(rows):
    """One table: a row an attack and target, the states of the model side by side."""
    lines = [
        "| table | target | attack | as fitted | sanitized | sanitized, public "
        "| other people | s |",
        "|---|---|---|---|---|---|---|---:|",
    ]
    frame = pd.DataFrame(rows)
    for key, part in frame.groupby(["table", "target", "attack"], sort=False):
        states = {state: _figures(p) for state, p in part.groupby("model")}
        cells = [states.get(state, "") for state in STATES]
        fitted = part[part["model"] == "as fitted"]
        seconds = fitted.get("seconds", pd.Series([np.nan])).mean()
        cells.append("" if np.isnan(seconds) else f"{seconds:.1f}")
        lines.append("| " + " | ".join([*key, *cells]) + " |")
    return "\n".join(lines)


def _figures(part):
    names = ["roc_auc", "tpr_0.01", "tpr_0.001"]
    if "roc_auc" not in part or part["roc_auc"].isna().all():
        return part["note"].iloc[0]
    return " / ".join(f"{part[name].mean():.3f}" for name in names)


def main(argv=None):
    """Run the benchmark and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", nargs="+", default=list(TABLES), choices=TABLES)
    parser.add_argument("--targets", nargs="+", default=list(TARGETS), choices=TARGETS)
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument("--json", help="write every figure of every seed here")
    options = parser.parse_args(argv)
    warnings.filterwarnings("ignore", module="sklearn")
    with threadpool_limits(1):
        rows = [
            row
            for table in options.tables
            for target in options.targets
            for seed in options.seeds
            for row in run(table, target, seed)
        ]
    print(as_markdown(rows))
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(rows, file, indent=1)


if __name__ == "__main__":
    main()
