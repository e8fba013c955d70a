"""The methods of an audit of a guarantee, each as an outcome in words."""

import time
import warnings
from dataclasses import dataclass, replace

import numpy as np
from sklearn.base import is_classifier, is_regressor

from skprivacy.auditing._canary_auditor import CanaryAuditor
from skprivacy.auditing._guarantee_audit import MethodOutcome
from skprivacy.auditing._mechanism_auditor import MechanismAuditor
from skprivacy.auditing._neighbor_search import NeighborSearch
from skprivacy.auditing._one_run_auditor import OneRunAuditor
from skprivacy.auditing._replay_auditor import ReplayAuditor
from skprivacy.inspection import leak_scan
from skprivacy.records import take_rows

__all__ = ["METHODS", "Settings", "run_method"]

#: Of a larger table, so many records are a data set as good as any to fit thousands of
#: models on. One record weighs more in a small one.
N_RECORDS = 200
#: Canaries of the audit by one run: at most, and as a share of the table.
MOST_CANARIES, CANARY_SHARE = 1000, 0.5


@dataclass(frozen=True)
class Settings:
    """How much is run.

    Parameters
    ----------
    n_runs : int
        Runs on each of both data sets.

    search_fits : int
        Fits that the search for neighbors may take.

    confidence : float
        Of each bound.

    n_jobs : int or None
        Processes.

    seed : int
        Decides all that the auditors draw.
    """

    n_runs: int
    search_fits: int
    confidence: float
    n_jobs: int | None
    seed: int


def run_method(name, claim, settings) -> MethodOutcome:
    """Run one method, and say what it found.

    Parameters
    ----------
    name : str
        One of `METHODS`.

    claim : AuditedClaim
    settings : Settings

    Returns
    -------
    outcome : MethodOutcome
        Where the method can't be run on the model, the reason.
    """
    title, method = METHODS[name]
    began = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        try:
            outcome = method(claim, settings)
        except (ValueError, TypeError, AttributeError, NotImplementedError) as error:
            # That one method can't be run must not cost what the others found.
            said = f"It could not be run: {' '.join(str(error).split())}"
            outcome = MethodOutcome(title, "not applicable", said=said)
    return replace(outcome, method=title, seconds=time.perf_counter() - began)


def _scan(claim, settings):
    """Look for what is in the released model, and no noise hides."""
    found = leak_scan(claim.fitted, n_train=len(claim.X))
    grave = found[found["severity"] == "critical"]
    if grave.empty:
        return MethodOutcome(
            "", "not refuted", said="Nothing in the model is known to leak."
        )
    first = grave.iloc[0]
    return MethodOutcome(
        "", "proof broken", said=f"{first['where']}: {first['meaning']}"
    )


def _replay(claim, settings):
    X, y = _small(claim, settings.seed)
    auditor = ReplayAuditor(
        claim.estimator, claimed=claim.guarantee, random_state=settings.seed
    ).fit(X, y)
    worst = auditor.pairs_["epsilon"].fillna(-1.0).idxmax()
    epsilon = auditor.epsilon_lower_bound_
    return MethodOutcome(
        "",
        "proof broken" if auditor.violated_ else "not refuted",
        epsilon=None if np.isnan(epsilon) else epsilon,
        neighbors=auditor.pairs_["kind"][worst],
        n_fits=auditor.n_fits_,
        said=_what_replays_showed(auditor),
    )


def _what_replays_showed(auditor):
    said = []
    spent, claimed = auditor.epsilon_lower_bound_, auditor.claimed_epsilon_
    if auditor.violated_ and np.isfinite(spent):
        said.append(
            f"Its releases spend {spent:.3g} together at a delta of "
            f"{auditor.delta_:g}, and not {claimed:.3g}."
        )
    if len(auditor.sensitivity_violations_):
        one = auditor.sensitivity_violations_.iloc[0]
        said.append(
            f"A release moved by {one['moved']:.3g}, and its sensitivity is "
            f"{one['sensitivity']:.3g}."
        )
    if len(auditor.diverged_):
        reason = auditor.diverged_["reason"].iloc[0]
        said.append(f"The data decided the course of a fit: {reason}.")
    if len(auditor.bypassed_):
        parts = ", ".join(auditor.bypassed_["part"].head(3))
        said.append(f"Without noise: {parts}.")
    if auditor.overwrites_input_:
        said.append("A fit overwrites the arrays that it is given.")
    n_releases, n_pairs = len(auditor.releases_), len(auditor.pairs_)
    kept = "1 release was" if n_releases == 1 else f"{n_releases:,} releases were"
    return " ".join(said) or f"{kept} compared on {n_pairs:,} pairs of data sets."


def _many_runs(claim, settings):
    X, y = _small(claim, settings.seed)
    auditor = MechanismAuditor(
        claim.estimator,
        neighbors=NeighborSearch(
            claim.estimator,
            max_fits=settings.search_fits,
            claimed=claim.guarantee,
            delta=claim.delta,
            n_jobs=settings.n_jobs,
        ),
        n_runs=settings.n_runs,
        delta=claim.delta,
        confidence=settings.confidence,
        bound="joint",
        claimed=claim.guarantee,
        n_jobs=settings.n_jobs,
        random_state=settings.seed,
    ).fit(X, y)
    return _statistical(auditor, auditor.search_.worst_kind_)


def _canary(claim, settings):
    _needs_labels(claim)
    X, y = _small(claim, settings.seed)
    auditor = CanaryAuditor(
        claim.estimator,
        n_runs=settings.n_runs,
        delta=claim.delta,
        confidence=settings.confidence,
        bound="joint",
        claimed=claim.guarantee,
        n_jobs=settings.n_jobs,
        random_state=settings.seed,
    ).fit(X, y)
    return _statistical(auditor, "a canary")


def _one_run(claim, settings):
    _needs_labels(claim)
    n_canaries = min(int(CANARY_SHARE * len(claim.X)), MOST_CANARIES)
    auditor = OneRunAuditor(
        claim.estimator,
        n_canaries=n_canaries,
        delta=claim.delta,
        confidence=settings.confidence,
        claimed=claim.guarantee,
        random_state=settings.seed,
    ).fit(claim.X, claim.y)
    return _statistical(auditor, f"{n_canaries:,} canaries")


def _statistical(auditor, neighbors):
    bound = auditor.epsilon_lower_bound_
    return MethodOutcome(
        "",
        "refuted" if auditor.violated_ else "not refuted",
        epsilon=bound,
        confidence=auditor.confidence,
        neighbors=neighbors,
        n_fits=auditor.n_fits_,
        said=f"So much of epsilon shows at a delta of {auditor.delta_:g}.",
    )


def _needs_labels(claim):
    if not (is_classifier(claim.estimator) or is_regressor(claim.estimator)):
        raise TypeError("its canaries need a classifier or a regressor.")


def _small(claim, seed):
    """Take some records, of each class one at least."""
    X, y = claim.X, claim.y
    if len(X) <= N_RECORDS:
        return X, y
    rng = np.random.RandomState(seed)
    order = rng.permutation(len(X))
    if is_classifier(claim.estimator):
        _, first = np.unique(np.asarray(y)[order], return_index=True)
        order = np.concatenate([order[first], np.delete(order, first)])
    rows = np.sort(order[:N_RECORDS])
    return take_rows(X, rows), None if y is None else take_rows(np.asarray(y), rows)


METHODS = {
    "scan": ("Leak scan", _scan),
    "replay": ("Replay", _replay),
    "many_runs": ("Many runs on the worst pair", _many_runs),
    "canary": ("One canary, many runs", _canary),
    "one_run": ("Many canaries, one run", _one_run),
}
