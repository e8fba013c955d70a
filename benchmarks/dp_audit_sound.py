"""Is any private estimator of this package accused of breaking its promise?

Every private estimator, and every sound wrapper of diffprivlib, is audited on pairs of
neighboring data sets that are the worst by what its sensitivity is made of. The first
pass looks at all kinds of neighbors; the second runs the kind that told most once more,
afresh and longer. The third is a control: the same with noise for half the sensitivity.

No bound may be above the claim. All bounds of one table together are wrong with a
chance of 5% at most, however many there are: each has its share of it. Results are
kept in a file, line by line, and what is there is not run again.

    python benchmarks/dp_audit_sound.py --results /tmp/sound.jsonl
"""

import argparse
import json
import sys
import time
import warnings
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np
from _dp_sound_pairs import pairs_of
from sklearn.base import clone
from sklearn.metrics import roc_auc_score
from sklearn.tree import DecisionTreeClassifier

from skprivacy import dp
from skprivacy.auditing import MechanismAuditor
from skprivacy.auditing._bounds import BOUNDS, Bound
from skprivacy.auditing._joint_test import (
    SHARE_OF_LIMITS,
    ApproximateTradeoff,
    GaussianTradeoff,
    exact_p_value,
)
from skprivacy.auditing._thresholds import bound_from_scores
from skprivacy.dp._gaussian import GaussianDP, gaussian_epsilon, gaussian_mu

EPSILONS = (0.5, 1.0, 4.0)
DELTA = 1e-5
#: Chance that anything is accused wrongly in a pass: 5% in both together. The control
#: is judged as the second pass is.
PASS_ERRORS = {"first": 0.01, "second": 0.04, "control": 0.04}
#: A claim with a delta is looked at where its epsilon is this part, too.
SMALL_SHARE = 0.1
ENDS = {"bounds": (-1, 1)}
NORM = {"data_norm": 2**0.5}
CLASSES = {"classes": [0, 1]}
SEED = {"random_state": 0}
#: Below this epsilon, half of the noise is not found in so few runs, whatever is done.
LEAST_CONTROLLED = 4.0


class Answers:
    """Fits a model, and releases what it says of some records and nothing else."""

    def __init__(self, model, method, rows):
        self.model, self.method, self.rows = model, method, rows

    def __call__(self, X, y=None, random_state=0):
        model = clone(self.model).set_params(random_state=random_state)
        rows = X[:1] if self.rows is None else self.rows
        return getattr(model.fit(X, y), self.method)(rows)


def model_of(name, epsilon):
    """Return a private estimator; without a name, the names of all."""
    gaussian = {"epsilon": epsilon, "delta": DELTA, **SEED}
    pure = {"epsilon": epsilon, **SEED}
    descent = {**NORM, **CLASSES, "n_iter": 5}
    corner = np.array([[1.0, 1.0]])
    tree = DecisionTreeClassifier(random_state=0)
    makers = {
        "DPLogisticRegression": lambda: dp.DPLogisticRegression(**gaussian, **descent),
        "DPLogisticRegression, amp": lambda: dp.DPLogisticRegression(
            **gaussian, **NORM, **CLASSES, solver="amp"
        ),
        "DPLogisticRegression, samples": lambda: dp.DPLogisticRegression(
            **gaussian, **descent, sampling_rate=0.5, n_records=24
        ),
        "DPGaussianNB": lambda: dp.DPGaussianNB(**gaussian, **ENDS, **CLASSES),
        "DPRandomForestClassifier": lambda: dp.DPRandomForestClassifier(
            **gaussian, **ENDS, **CLASSES, n_estimators=2, max_depth=2
        ),
        "DPRandomForestRegressor": lambda: dp.DPRandomForestRegressor(
            **gaussian, **ENDS, y_bounds=(0, 1), n_estimators=2, max_depth=2
        ),
        "DPHistGradientBoostingClassifier": (
            lambda: dp.DPHistGradientBoostingClassifier(
                **gaussian, **ENDS, **CLASSES, max_iter=3, max_depth=1
            )
        ),
        "DPRidge": lambda: dp.DPRidge(**gaussian, **NORM, y_bounds=(0, 1)),
        "DPPCA": lambda: dp.DPPCA(**gaussian, **NORM),
        "DPStandardScaler": lambda: dp.DPStandardScaler(**gaussian, **ENDS),
        "DPKMeans": lambda: dp.DPKMeans(2, **gaussian, **ENDS, n_iter=1),
        "OutputPerturbation": lambda: dp.OutputPerturbation(
            **gaussian, **NORM, **CLASSES
        ),
        "PATEClassifier": lambda: dp.PATEClassifier(
            tree, n_teachers=2, **gaussian, **CLASSES, X_public=corner, n_answers=1
        ),
        "PrivatePredictionClassifier": lambda: dp.PrivatePredictionClassifier(
            tree, 2, epsilon, 1, **CLASSES, **SEED
        ),
        "LocalRandomizer, numbers": lambda: dp.LocalRandomizer(**pure, **ENDS),
        "LocalRandomizer, Gaussian": lambda: dp.LocalRandomizer(
            **gaussian, **ENDS, mechanism="gaussian"
        ),
        "LocalRandomizer, categories": lambda: dp.LocalRandomizer(
            **pure, categories={"a": ["x", "y", "z"], "b": ["x", "y"]}
        ),
        "DPSearchCV": lambda: dp.DPSearchCV(
            dp.DPGaussianNB(epsilon, DELTA, **ENDS, **CLASSES),
            {"bounds": [(-1, 1), (-2, 2)]},
            expected_trials=1.5,
            epsilon=epsilon,
            delta=DELTA,
            **SEED,
        ),
        "DiffprivlibGaussianNB": lambda: dp.DiffprivlibGaussianNB(
            **pure, **ENDS, **CLASSES
        ),
        "DiffprivlibKMeans": lambda: dp.DiffprivlibKMeans(2, **pure, **ENDS),
        "DiffprivlibLinearRegression": lambda: dp.DiffprivlibLinearRegression(
            **pure, **ENDS, y_bounds=(0, 1)
        ),
        "DiffprivlibLogisticRegression": lambda: dp.DiffprivlibLogisticRegression(
            **pure, **NORM, **CLASSES
        ),
        "DiffprivlibPCA": lambda: dp.DiffprivlibPCA(**pure, **ENDS),
        "DiffprivlibStandardScaler": lambda: dp.DiffprivlibStandardScaler(
            **pure, **ENDS
        ),
    }
    return makers[name]() if name else list(makers)


def mechanism_of(name, epsilon):
    """Return what is run, and read."""
    model = model_of(name, epsilon)
    if name == "PrivatePredictionClassifier":
        return Answers(model, "predict", np.array([[1.0, 1.0]]))
    if name.startswith("LocalRandomizer"):
        return Answers(model, "transform", None)
    return model


def kinds_of(name):
    """Return the family of neighbors that the claim is about."""
    if name.endswith("categories"):
        return "categories"
    if name.endswith("samples"):
        return "add_remove"
    if name.startswith(("PATE", "PrivatePrediction")):
        return "votes"
    no_labels = ("PCA", "Scaler", "KMeans", "LocalRandomizer")
    return "records" if any(part in name for part in no_labels) else "labels"


def claim_of(name, epsilon):
    """Return what a fitted one promises."""
    worlds = next(iter(pairs_of(kinds_of(name)).values()))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return clone(model_of(name, epsilon)).fit(*worlds[0]).privacy_guarantee_


def leaky_epsilon(claim, epsilon):
    """Return the epsilon of the same noise over half of the sensitivity."""
    if isinstance(claim.curve, GaussianDP):
        return gaussian_epsilon(DELTA, 2 * gaussian_mu(epsilon, DELTA))
    return 2 * epsilon


def run(name, epsilon, kind, n_runs, seed, leaky=False):
    """Return the scores of the runs of either world."""
    claim = claim_of(name, epsilon)
    used = leaky_epsilon(claim, epsilon) if leaky else epsilon
    auditor = MechanismAuditor(
        mechanism_of(name, used),
        neighbors=pairs_of(kinds_of(name))[kind],
        n_runs=n_runs,
        threshold="bonferroni",
        delta=None,
        claimed=claim,
        random_state=seed,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        auditor.fit()
    scores = auditor.scores_in_, auditor.scores_out_
    return [np.round(own, 6).tolist() for own in scores]


class Results:
    """What was run, in a file that is written line by line."""

    def __init__(self, path):
        self.path, self.found = Path(path), {}
        if self.path.exists():
            for line in self.path.read_text().splitlines():
                one = json.loads(line)
                self.found[tuple(one["key"])] = one["scores"]

    def get(self, key, make):
        if key not in self.found:
            start = time.perf_counter()
            self.found[key] = make()
            line = json.dumps({"key": key, "scores": self.found[key]})
            with self.path.open("a") as file:
                file.write(line + "\n")
            seconds = time.perf_counter() - start
            auc = separation(self.found[key])
            print(*key, f"AUC .5 +- {auc:.3f}, {seconds:.1f} s", flush=True)
        return [np.array(own) for own in self.found[key]]


def separation(scores):
    """How well worlds are told apart."""
    truth = np.repeat([1, 0], [len(own) for own in scores])
    return float(roc_auc_score(truth, np.concatenate(scores)) - 0.5)


#: Runs of each world where a fit takes longer than others, as a share.
SLOW = {"DPSearchCV": 0.4, "DPLogisticRegression, amp": 0.5, "DiffprivlibKMeans": 0.5}


def runs_of(name, n_runs):
    return max(int(SLOW.get(name, 1.0) * n_runs), 40)


def all_runs(args, results):
    """Run what is not there yet; return the kind that told most of each."""
    told = {name: {} for name in args.models}
    # Of the largest epsilon: of a small one what kinds tell is next to nothing.
    for epsilon, name in product(sorted(args.epsilons), args.models):
        for kind in pairs_of(kinds_of(name)):
            n_runs = runs_of(name, args.first)
            make = partial(run, name, epsilon, kind, n_runs, args.seed)
            key = ("first", name, epsilon, kind)
            told[name][kind] = separation(results.get(key, make))
    kinds = {name: max(by_kind, key=by_kind.get) for name, by_kind in told.items()}
    passes = ("second", "control")
    for epsilon in sorted(args.epsilons, reverse=True):
        for passing, (name, kind) in product(passes, kinds.items()):
            if passing == "control" and epsilon < LEAST_CONTROLLED:
                continue
            settings = runs_of(name, args.second), args.seed + 1, passing == "control"
            make = partial(run, name, epsilon, kind, *settings)
            results.get((passing, name, epsilon, kind), make)
    return kinds


def looks_of(claim, epsilon):
    """Curves that a claim says are true: which bound looks, with which delta."""
    delta = claim.stated_delta
    looks = [("joint", delta, ApproximateTradeoff(claim.epsilon(delta), delta))]
    if isinstance(claim.curve, GaussianDP):
        # The whole curve is claimed: nothing is assumed where it is refuted.
        return [*looks, ("gdp", delta, GaussianTradeoff(claim.curve.mu))]
    if delta > 0:
        # The same claim, where few runs see more of it.
        delta = claim.delta(SMALL_SHARE * epsilon)
        looks.append(
            ("joint", delta, ApproximateTradeoff(SMALL_SHARE * epsilon, delta))
        )
    return looks


def is_refuted(scores, look, alpha):
    """Whether scores refute a curve, without working out a bound."""
    name, delta, curve = look

    def verdict(tp, fp, n_in, n_out, *, delta, confidence, ordered=False):
        alpha = 1 - confidence
        gamma = SHARE_OF_LIMITS * alpha
        p = exact_p_value(tp, fp, n_in, n_out, curve, gamma, ordered)
        return float(p < alpha)

    of_order = partial(verdict, ordered=True)
    BOUNDS["verdict"] = Bound(verdict, BOUNDS[name].criterion, "", of_order=of_order)
    return bound_of(scores, "verdict", delta, 1 - alpha) > 0


def bound_of(scores, name, delta, confidence=0.95):
    return bound_from_scores(
        *(np.array(own) for own in scores),
        bound=name,
        threshold="bonferroni",
        delta=delta,
        confidence=confidence,
        random_state=0,
    ).epsilon


def judge(results, claims):
    """Return for each audit whether it refutes its claim, the whole table paid for."""
    looks = {
        key: looks_of(claims[key[1:3]], key[2])
        for key in results.found
        if key[1:3] in claims
    }
    verdicts = {}
    for passing, share in PASS_ERRORS.items():
        own = {key: looks[key] for key in looks if key[0] == passing}
        n_looks = sum(map(len, own.values()))
        for key, these in own.items():
            scores, alpha = results.found[key], share / n_looks
            verdicts[key] = any(is_refuted(scores, look, alpha) for look in these)
        print(
            f"{passing} pass: {len(own)} audits, {n_looks} looks, {share:.0%} in all, "
            f"refuted: {sum(verdicts[key] for key in own)}"
        )
    return verdicts


def print_table(results, claims, kinds, verdicts, epsilons):
    columns = [f"epsilon {epsilon:g}" for epsilon in epsilons]
    head = ["model", "kinds", "told most by", *columns, "with half of the noise"]
    print("\n| " + " | ".join(head) + " |")
    print("|---" * len(head) + "|")
    for name, kind in kinds.items():
        row = [name, str(len(pairs_of(kinds_of(name)))), kind]
        for epsilon in epsilons:
            row.append(told(results, claims, ("second", name, epsilon, kind)))
        control = "control", name, 4.0, kind
        found = "-"
        if control in results.found:
            found = told(results, claims, control)
            found += ", found" if verdicts[control] else ", not found"
        print("| " + " | ".join([*row, found]) + " |", flush=True)


def told(results, claims, key):
    """Largest bound at 95%, each by itself."""
    if key not in results.found:
        return "-"
    name, delta, _ = looks_of(claims[key[1:3]], key[2])[-1]
    bound = "gdp" if name == "gdp" else "joint"
    delta = claims[key[1:3]].stated_delta if bound == "joint" else delta
    return f"{bound_of(results.found[key], bound, delta):.2f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--results", default="dp_audit_sound.jsonl")
    parser.add_argument("--epsilons", type=float, nargs="+", default=EPSILONS)
    parser.add_argument("--models", nargs="+", default=model_of(None, 1.0))
    parser.add_argument("--first", type=int, default=100)
    parser.add_argument("--second", type=int, default=400)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    results = Results(args.results)
    kinds = all_runs(args, results)
    pairs = product(args.models, args.epsilons)
    claims = {pair: claim_of(*pair) for pair in pairs}
    verdicts = judge(results, claims)
    print_table(results, claims, kinds, verdicts, args.epsilons)
    accused = [key for key in verdicts if verdicts[key] and key[0] != "control"]
    for key in accused:
        print("REFUTED:", *key)
    return int(bool(accused))


if __name__ == "__main__":
    sys.exit(main())
