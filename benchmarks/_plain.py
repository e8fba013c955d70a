"""The attacks in plain numpy and a plain loop: the floor that ours must reach.

Nothing here is shared with the package, so that an error in the package cannot hide
in its own yardstick.
"""

from __future__ import annotations

import numpy as np
from _rows import Outcome, stopwatch
from sklearn.base import clone

CLIP = 1e-3
VARIANCE_FLOOR = 0.1
OFFLINE_A = (0.0, 0.33, 0.7, 1.0)


def run_plain(recipe, model, records, n_shadow_models, seed):
    """Run every plain attack on shadow models of its own.

    Parameters
    ----------
    recipe : estimator
        Unfitted target.
    model : estimator
        Fitted target.
    records : Records
        Records to score.
    n_shadow_models, seed : int
        Number of shadow models and seed of the halves.

    Returns
    -------
    list of Outcome
    """
    halves = complementary_halves(n_shadow_models, len(records.y), seed)
    with stopwatch() as shadow_seconds:
        models = train_shadows(recipe, records.X, records.y, halves)
        shadows = np.array([own_probability(m, records.X, records.y) for m in models])
    target = own_probability(model, records.X, records.y)
    outcomes = []
    for name, attack in plain_attacks().items():
        with stopwatch() as attack_seconds:
            scores = attack(target, shadows, halves)
        outcomes.append(
            Outcome("plain", name, scores, shadow_seconds[0], attack_seconds[0])
        )
    return outcomes


def plain_attacks():
    """Return the attacks by name, each a function of target, shadows and halves."""
    return {
        "LiRA online, variance per record": lambda *a: lira(*a, variance_floor=0.0),
        "LiRA online, variance per record + 0.1": lira,
        **{
            f"RMIA offline, a = {a:g}": lambda *args, a=a: rmia_offline(*args, a)
            for a in OFFLINE_A
        },
        "RMIA online": rmia_online,
    }


def complementary_halves(n_models, n_records, seed):
    """Draw pairs of complementary halves.

    Parameters
    ----------
    n_models, n_records : int
        Number of shadow models (even) and of records.
    seed : int
        Seed of the draw.

    Returns
    -------
    ndarray of bool of shape (n_models, n_records)
        Each record is True in exactly half of the rows.
    """
    rng = np.random.default_rng(seed)
    halves = np.zeros((n_models, n_records), dtype=bool)
    for i in range(0, n_models, 2):
        halves[i, rng.permutation(n_records)[: n_records // 2]] = True
        halves[i + 1] = ~halves[i]
    return halves


def train_shadows(recipe, X, y, halves):
    """Train one clone of `recipe` on each half, with a seed of its own."""
    models = []
    for i, half in enumerate(halves):
        model = clone(recipe)
        if "random_state" in model.get_params():
            model.set_params(random_state=10_000 + i)
        models.append(model.fit(X[half], y[half]))
    return models


def own_probability(model, X, y):
    """Return the probability of each record's own class, 0 for an unseen class."""
    columns = np.full(max(y.max(), model.classes_.max()) + 1, -1)
    columns[model.classes_] = np.arange(len(model.classes_))
    proba = model.predict_proba(X)[np.arange(len(y)), columns[y]]
    return np.where(columns[y] < 0, 0.0, proba)


def lira(target, shadows, halves, *, variance_floor=VARIANCE_FLOOR):
    """Return the log-likelihood ratio of Carlini et al. (2022), online.

    Mean and variance of the logit for each record, among the shadow models with it
    and without it; `variance_floor` is added to the variances (0 in the paper).
    """
    target, shadows = _logit(target), _logit(shadows)
    inside = _log_normal(target, *_moments(shadows, halves, variance_floor))
    outside = _log_normal(target, *_moments(shadows, ~halves, variance_floor))
    return inside - outside


def rmia_offline(target, shadows, halves, a):
    """Return the probability ratio of RMIA (Zarifzadeh et al. 2024), offline.

    With gamma = 1 and one population for all records the pairwise rate grows with
    this ratio, so that both have the same ROC curve.
    """
    mean_out = _mean(shadows, ~halves)
    return target / np.maximum(((1 + a) * mean_out + 1 - a) / 2, 1e-12)


def rmia_online(target, shadows, halves):
    """Return the ratio of RMIA with shadow models of both kinds."""
    mean = (_mean(shadows, halves) + _mean(shadows, ~halves)) / 2
    return target / np.maximum(mean, 1e-12)


def _logit(probability):
    p = np.clip(probability, CLIP, 1 - CLIP)
    return np.log(p) - np.log1p(-p)


def _mean(values, where):
    return np.sum(values * where, axis=0) / where.sum(axis=0)


def _moments(values, where, variance_floor):
    mean = _mean(values, where)
    # 1e-30 only keeps a variance of exactly 0 out of the logarithm.
    return mean, _mean((values - mean) ** 2, where) + variance_floor + 1e-30


def _log_normal(x, mean, variance):
    return -((x - mean) ** 2) / (2 * variance) - np.log(variance) / 2
