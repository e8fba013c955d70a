"""Defenses against copying: what a copy still reaches, and what honest users lose.

Run from the repository's root::

    python benchmarks/extraction_defenses.py --markdown figures.md

Targets are trained on 8,000 records of Adult; the attacker holds 12,000 others without
labels, and 8,000 more judge. Fidelity is that to the model without its defense, which
is what the attacker wants.
"""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, log_loss
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier
from threadpoolctl import threadpool_limits

from skprivacy.datasets import load_adult
from skprivacy.defenses import ProtectedOutput
from skprivacy.extraction import (
    EquationSolvingAttack,
    LowdMeekAttack,
    PathFindingAttack,
    QueryMonitor,
    SurrogateAttack,
    ThresholdSearchAttack,
)
from skprivacy.targets import BlackBox, QueryBudgetExceeded

N_TRAINED, N_HELD, N_JUDGES = 8_000, 12_000, 8_000
#: Queries that the monitor looks at, as many as it counts false alarms over.
N_WATCHED = 500

DEFENSES = {
    "none": {},
    "2 decimals": {"method": "round", "decimals": 2},
    "1 decimal": {"method": "round", "decimals": 1},
    "labels alone": {"method": "label"},
    "noise .5": {"method": "noise", "scale": 0.5},
    "noise 1": {"method": "noise", "scale": 1.0},
}
SCALED = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
STUMPS = GradientBoostingClassifier(max_depth=1, random_state=0)
# Target, whether its table is encoded, attack, the one for labels, budgets.
TARGETS = {
    "logistic": (
        SCALED,
        True,
        EquationSolvingAttack,
        LowdMeekAttack,
        (150, 2_500, 10_000),
    ),
    "tree": (
        DecisionTreeClassifier(max_leaf_nodes=100, random_state=0),
        True,
        PathFindingAttack,
        PathFindingAttack,
        (2_500, 10_000, 50_000),
    ),
    "stumps": (STUMPS, True, ThresholdSearchAttack, None, (600, 2_500)),
    "forest": (RandomForestClassifier(random_state=0), False, None, None, (500, 2_000)),
    "boosting": (
        HistGradientBoostingClassifier(random_state=0),
        False,
        None,
        None,
        (500, 2_000),
    ),
}


#: What a surrogate is made of: the default, or one model of random records' answers.
SURROGATES = {
    "auto": "auto",
    "boosting": HistGradientBoostingRegressor(random_state=0),
    "forest": RandomForestRegressor(min_samples_leaf=2, random_state=0),
}


class Recorder:
    """A model as a function that keeps what it was asked."""

    def __init__(self, model):
        self.asked = []
        self.response = "proba" if hasattr(model, "predict_proba") else "label"
        self._ask = getattr(model, "predict_proba", model.predict)

    def __call__(self, X):
        self.asked.append(X)
        return self._ask(X)

    def first(self, n):
        """Return the first queries, as one table."""
        if isinstance(self.asked[0], pd.DataFrame):
            return pd.concat(self.asked, ignore_index=True)[:n]
        return np.concatenate(self.asked)[:n]


def tables(encoded):
    """Records to train on, to attack with and to judge, and the labels of two."""
    X, y = load_adult(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(X))
    X, y = X.iloc[order].reset_index(drop=True), np.asarray(y)[order]
    if encoded:
        X = pd.get_dummies(X, dtype=float).astype(float).to_numpy()
    ends = np.cumsum([N_TRAINED, N_HELD, N_JUDGES])
    trained, held, judges = (X[a:b] for a, b in zip([0, *ends[:-1]], ends, strict=True))
    return trained, y[: ends[0]], held, judges, y[ends[1] : ends[2]]


def trained_model(model, encoded, X, y):
    """Train a target; tables with texts are encoded inside."""
    if not encoded:
        texts = make_column_selector(dtype_exclude="number")
        codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
        columns = make_column_transformer((codes, texts), remainder="passthrough")
        model = make_pipeline(columns, model)
    return model.fit(X, y)


def copied(model, attack, for_labels, budget, held, is_label, estimator):
    """Copy a defended model with the attack for it, or with a surrogate."""
    exact = for_labels if is_label else attack
    for candidate in (exact, SurrogateAttack):
        if candidate is None:
            continue
        recorder = Recorder(model)
        box = BlackBox(
            recorder, response=recorder.response, classes=model.classes_, budget=budget
        )
        options = {}
        if candidate is SurrogateAttack:
            options = {"budget": budget, "estimator": SURROGATES[estimator]}
            if estimator != "auto":
                options |= {"strategy": "records", "batch_size": budget}
        try:
            return candidate(box, random_state=0, **options).fit(held), recorder
        except (ValueError, QueryBudgetExceeded) as error:
            print(f"  {candidate.__name__}: {error}"[:150], flush=True)
    raise RuntimeError("no attack made a copy")


def fidelity(model, copy, judges):
    """Agreement, and distance of probabilities, to the model without a defense."""
    same = np.mean(model.predict(judges) == copy.predict(judges))
    if not hasattr(copy, "predict_proba"):
        return f"{same:.3f}"
    off = np.abs(model.predict_proba(judges) - copy.predict_proba(judges))
    return f"{same:.3f} / {off.sum(axis=1).mean() / 2:.3f}"


def cost(model, defended, judges, y):
    """What honest users see: accuracy, log loss, agreement with the undefended."""
    same = np.mean(model.predict(judges) == defended.predict(judges))
    accuracy = accuracy_score(y, defended.predict(judges))
    loss = "–"
    if hasattr(defended, "predict_proba"):
        loss = f"{log_loss(y, np.clip(defended.predict_proba(judges), 0.005, 1)):.3f}"
    return f"{accuracy:.3f} / {loss} / {same:.3f}"


def main(argv=None):
    """Run every attack against every defense and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--targets", nargs="+", default=list(TARGETS), choices=TARGETS)
    parser.add_argument(
        "--defenses", nargs="+", default=list(DEFENSES), choices=DEFENSES
    )
    parser.add_argument("--surrogate", default="auto", choices=SURROGATES)
    parser.add_argument("--markdown")
    options = parser.parse_args(argv)
    warnings.filterwarnings("ignore")
    lines = []
    with threadpool_limits(1):
        for target in options.targets:
            lines += run(target, options.defenses, options.surrogate)
    if options.markdown:
        Path(options.markdown).write_text("\n".join(lines) + "\n", encoding="utf-8")


def run(target, defenses, surrogate):
    """All defenses of one target; its table."""
    recipe, encoded, attack, for_labels, budgets = TARGETS[target]
    X, y, held, judges, truth = tables(encoded)
    model = trained_model(recipe, encoded, X, y)
    monitor = QueryMonitor(n_queries=N_WATCHED, random_state=0)
    monitor.fit(held[:5000], model.predict(held[:5000]))
    lines = [
        f"\n{target}, false alarms {monitor.false_alarm_rate_:.2f}\n",
        "| defense | accuracy / log loss / same label | attack | "
        + " | ".join(f"{n:,}" for n in budgets)
        + " | first alarm |",
        "|---" * (len(budgets) + 4) + "|",
    ]
    print(*lines, sep="\n", flush=True)
    for name in defenses:
        options = DEFENSES[name]
        defended = model
        if options:
            defended = ProtectedOutput(FrozenEstimator(model), **options)
            defended.set_params(random_state=0).fit(X[:50], y[:50])
        cells, names = [], []
        for budget in budgets:
            copy, recorder = copied(
                defended,
                attack,
                for_labels,
                budget,
                held,
                name == "labels alone",
                surrogate,
            )
            short = type(copy).__name__.removesuffix("Attack")
            names.append(short)
            spent = "" if copy.n_queries_ == budget else f" ({copy.n_queries_:,})"
            cells.append(fidelity(model, copy, judges) + spent)
            print(f"  {name}, {budget}: {short} {cells[-1]}", flush=True)
        asked = recorder.first(N_WATCHED)
        alarm = monitor.first_alarm(asked, model.predict(asked))
        kinds = ", ".join(dict.fromkeys(names))
        lines.append(
            f"| {name} | {cost(model, defended, judges, truth)} | {kinds} | "
            + " | ".join(cells)
            + f" | {alarm or 'none'} |"
        )
        print(lines[-1], flush=True)
    return lines


if __name__ == "__main__":
    main()
