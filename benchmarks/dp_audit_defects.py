"""Do audits find what is known to be wrong, and nothing in what is not?

Defects of diffprivlib 0.6.6 and errors that were planted, all at a claimed epsilon of 1
(or the claim of a Gaussian release that the table says). Each is audited, and so is the
sound counterpart, in just the same way. The exit code is 1 when a bound stays below its
floor, or when one that is sound is accused.

    python benchmarks/dp_audit_defects.py
    python benchmarks/dp_audit_defects.py --only stored_seeds diagonal
"""

import argparse
import sys
import time
import warnings
from pathlib import Path

import numpy as np
from sklearn.base import clone
from sklearn.model_selection import cross_val_score
from sklearn.naive_bayes import GaussianNB

from skprivacy import auditing
from skprivacy.auditing import MechanismAuditor
from skprivacy.dp import (
    DiffprivlibLinearRegression,
    DiffprivlibPCA,
    DPGaussianNB,
    PrivacyLedger,
)
from skprivacy.dp._diffprivlib_compat import library_model, load_diffprivlib

# What is audited here is audited in the tests as well, with fewer runs.
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from auditing_defects import DEFECTS
from auditing_violations import VIOLATIONS

COLUMNS = (
    "defect",
    "auditor",
    "neighbors",
    "fits",
    "seconds",
    "lower bound (95%)",
    "claim",
    "found",
    "the same without it",
)
#: Runs on each data set of planted errors; the first is twice the claim, and no more.
PLANTED_RUNS = (2500, 300, 300, 300)


def print_row(values):
    print("| " + " | ".join(str(value) for value in values) + " |", flush=True)


def audit(mechanism, neighbors, **params):
    """Audit, and say how long it took."""
    start = time.process_time()
    auditor = MechanismAuditor(
        mechanism, neighbors=neighbors, threshold="bonferroni", **params
    ).fit()
    return auditor, time.process_time() - start


def audit_defect(make, random_state, sound_runs=None):
    """Audit one defect and its sound counterpart.

    Returns
    -------
    row : list
        Of the table.
    passed : bool
        Whether the defect was found, and its counterpart not accused.
    """
    defect = make()
    params = {"n_runs": defect.n_runs, "claimed": 1.0, "random_state": random_state}
    found, seconds = audit(
        defect.mechanism(), defect.neighbors, score=defect.score, **params
    )
    # A score that replays the defect has nothing to say of what is without.
    params["n_runs"] = min(defect.n_runs, sound_runs or defect.n_runs)
    sound, _ = audit(defect.sound(), defect.neighbors, delta=defect.delta, **params)
    score = "learned" if defect.score == "auto" else type(defect.score).__name__
    return [
        defect.what,
        f"MechanismAuditor, score {score}",
        defect.apart,
        found.n_fits_,
        f"{seconds:.0f}",
        f"{found.epsilon_lower_bound_:.2f}",
        "1",
        "yes" if found.epsilon_lower_bound_ >= defect.floor else "no",
        f"{sound.epsilon_lower_bound_:.2f}",
    ], found.epsilon_lower_bound_ >= defect.floor and not sound.violated_


def audit_planted(violation, n_runs, random_state):
    """Audit a planted error, and the estimator without it."""
    what, wrong, right, worlds = violation
    params = {"n_runs": n_runs, "delta": None, "random_state": random_state}
    found, seconds = audit(wrong(random_state=0), worlds(), **params)
    sound, _ = audit(right(random_state=0), worlds(), **params)
    return [
        f"planted: {what}",
        "MechanismAuditor, score learned",
        "a record is replaced",
        found.n_fits_,
        f"{seconds:.0f}",
        f"{found.epsilon_lower_bound_:.2f}",
        f"{found.claimed_epsilon_:.2f}",
        "yes" if found.violated_ else "no",
        f"{sound.epsilon_lower_bound_:.2f}",
    ], found.violated_ and not sound.violated_


def small_table(random_state=0):
    rng = np.random.RandomState(random_state)
    X = rng.uniform(size=(40, 3))
    return X, X @ np.ones(3) / 3


def largest_loss(auditor):
    """Epsilon of the worst pair."""
    return auditor.epsilon_lower_bound_


def spent(auditor):
    """Epsilon of all releases of a fit together."""
    releases = auditor.releases_
    return round(float((releases["sensitivity"] / releases["scale"]).sum()), 6)


def overwrites(auditor):
    """Infinite where a fit changes the caller's array: no epsilon tells of it."""
    return float("inf") if auditor.overwrites_input_ else 0.0


def replays():
    """What is replayed: a name, what is wrong, what is not, and what is looked at.

    The library's own PCA: the wrapper with ``sound="as_is"`` gives it a copy.
    """
    public = {"bounds_X": (0, 1), "bounds_y": (0, 1)}
    sound = DiffprivlibLinearRegression(bounds=(0, 1), y_bounds=(0, 1))
    return (
        (
            "LinearRegression releases sums of squares without noise",
            library_model("LinearRegression", fit_intercept=False, **public),
            sound,
            largest_loss,
        ),
        (
            "LinearRegression spends twice for the intercept",
            library_model("LinearRegression", **public),
            sound,
            spent,
        ),
        (
            "PCA overwrites the array that it is given",
            library_model("PCA", n_components=1, data_norm=2.0, bounds=(0, 1)),
            DiffprivlibPCA(1, bounds=(0, 1)),
            overwrites,
        ),
    )


def replay(what, wrong, right, measure, random_state):
    """Replay one of :func:`replays`, where ReplayAuditor is there."""
    X, y = small_table()
    start = time.process_time()
    found, sound = (
        auditing.ReplayAuditor(
            model, neighbors="replace", claimed=1.0, random_state=random_state
        ).fit(X.copy(), y.copy())
        for model in (wrong, right)
    )
    return [
        what,
        f"ReplayAuditor, {measure.__name__}",
        "a record is replaced, 25 pairs",
        found.n_fits_,
        f"{time.process_time() - start:.0f}",
        f"{measure(found):.2f}",
        "1",
        "yes" if measure(found) > 1 else "no",
        f"{measure(sound):.2f}",
    ], measure(found) > 1 >= measure(sound)


def exact_checks():
    """Defects that no epsilon measures: a name, and whether each side has it."""
    X = np.random.RandomState(0).uniform(size=(60, 3))
    y = np.arange(60) % 2
    account = load_diffprivlib().BudgetAccountant(epsilon=1.0)
    model = library_model("GaussianNB", epsilon=1.0, bounds=(0, 1))
    scores = cross_val_score(model.set_params(accountant=account), X, y, cv=5)
    unbooked = len(scores) == 5 and account.total()[0] == 0
    ledger = PrivacyLedger(epsilon=10.0, delta=1e-4)
    ours = DPGaussianNB(1.0, bounds=(0, 1), classes=[0, 1], ledger=ledger)
    cross_val_score(ours, X, y, cv=5)
    ours_unbooked = ledger.epsilon_spent() == 0
    changed = []
    for pca in (
        library_model("PCA", n_components=1, data_norm=2.0, bounds=(0, 1)),
        DiffprivlibPCA(1, bounds=(0, 1)),
    ):
        given = X.copy()
        clone(pca).fit(given)
        changed.append(not np.array_equal(given, X))
    return (
        (
            "clone() copies the account: of five fits none is booked",
            unbooked,
            ours_unbooked,
        ),
        ("PCA overwrites the array that it is given", *changed),
    )


def print_speed(random_state):
    """Seconds of processor for 4,001 fits of a naive Bayes."""
    rng = np.random.RandomState(random_state)
    X, y = rng.uniform(-1, 1, (100, 4)), np.arange(100) % 2
    changed = X.copy()
    changed[0] = 1
    for model, params in (
        (DPGaussianNB(1.0, bounds=(-1, 1), classes=[0, 1]), {"delta": None}),
        (library_model("GaussianNB", bounds=(-1, 1)), {"claimed": 1.0}),
        (GaussianNB(), {"claimed": 1.0}),
    ):
        name = f"{type(model).__module__.split('.')[0]} {type(model).__name__}"
        _, seconds = audit(
            model, ((X, y), (changed, y)), random_state=random_state, **params
        )
        print(f"{name}: {seconds:.1f} s of processor for 4,001 fits", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", help="names of the functions of defects")
    parser.add_argument("--sound-runs", type=int, help="fewer runs of what is sound")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--speed", action="store_true", help="time 4,001 fits alone")
    args = parser.parse_args()
    # Of models that stop early, of accounts and of audits without randomness.
    warnings.simplefilter("ignore")
    if args.speed:
        return print_speed(args.seed)
    names = [make.__name__ for make in DEFECTS]
    if unknown := set(args.only or ()) - set(names):
        parser.error(f"no such defect: {sorted(unknown)}; there are {names}")
    chosen = [make for make in DEFECTS if make.__name__ in (args.only or names)]
    print_row(COLUMNS)
    print("|---" * len(COLUMNS) + "|")
    all_passed = True
    for make in chosen:
        row, passed = audit_defect(make, args.seed, args.sound_runs)
        print_row(row)
        all_passed &= passed
    if args.only:
        return int(not all_passed)
    for violation, n_runs in zip(VIOLATIONS, PLANTED_RUNS, strict=True):
        row, passed = audit_planted(violation, n_runs, args.seed)
        print_row(row)
        all_passed &= passed
    for one in replays() if hasattr(auditing, "ReplayAuditor") else ():
        row, passed = replay(*one, args.seed)
        print_row(row)
        all_passed &= passed
    for what, wrong, ours in exact_checks():
        found, other = ("yes" if one else "no" for one in (wrong, ours))
        print_row([what, "a look", "", "", "", "", "", found, other])
        all_passed &= wrong and not ours
    return int(not all_passed)


if __name__ == "__main__":
    sys.exit(main())
