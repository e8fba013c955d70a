"""The package's copies by training, and plain code that shares nothing with it."""

from __future__ import annotations

import numpy as np
import pandas as pd
from _rows import stopwatch
from scipy.special import expit, logit
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestRegressor

from skprivacy.extraction import AutoExtraction, SurrogateAttack
from skprivacy.targets import BlackBox

#: Added to probabilities of 0 and 1 before their log-odds are taken.
EPS = 0.005


def surrogate(case, budget):
    """The package's default."""
    attack = SurrogateAttack(
        BlackBox(case.model, budget=budget), budget=budget, random_state=case.seed
    )
    return _fitted(attack, case)


def auto_extraction(case, budget):
    """Tell what the target is first."""
    attack = AutoExtraction(
        BlackBox(case.model, budget=budget), budget=budget, random_state=case.seed
    )
    answers, n_queries, note = _fitted(attack, case)
    used = type(attack.attack_).__name__
    return answers, n_queries, f"{attack.family_}, {used}"


def plain_forest(case, budget):
    """A forest that learns the probabilities of random records."""
    asked, answers, judged = _plain_task(case, budget)
    model = RandomForestRegressor(200, random_state=case.seed).fit(asked, answers)
    return model.predict(judged), budget, ""


def plain_boosting(case, budget):
    """Boosting that learns the log-odds of random records."""
    asked, answers, judged = _plain_task(case, budget)
    model = HistGradientBoostingRegressor(random_state=case.seed)
    model.fit(asked, logit(np.clip(answers, EPS, 1 - EPS)))
    return expit(model.predict(judged)), budget, ""


def run_attack(name, case, budget):
    """Run one attack of `ATTACKS`.

    Parameters
    ----------
    name : str
        Its name.
    case : Case
        Target and records.
    budget : int
        Queries.

    Returns
    -------
    (dict, ndarray of shape (n_judged,))
        What there is to say of it, and the copy's probabilities of class 1.
    """
    case.model  # noqa: B018  trained before the watch starts
    with stopwatch() as seconds:
        answers, n_queries, note = ATTACKS[name](case, budget)
    about = {"attack": name, "n_queries": int(n_queries), "note": note}
    return about | {"seconds": seconds[0]}, answers


def _fitted(attack, case):
    attack.fit(case.pool)
    note = ""
    if hasattr(attack, "weights_"):
        weights = sorted(attack.weights_.items(), key=lambda item: -item[1])
        note = ", ".join(f"{name} {w:.2f}" for name, w in weights if w > 0)
    return attack.predict_proba(case.judged)[:, 1], attack.n_queries_, note


def _plain_task(case, budget):
    asked = case.pool[:budget]
    coded = pd.get_dummies(pd.concat([asked, case.judged]), dtype=float).to_numpy()
    return coded[: len(asked)], case.answers(asked), coded[len(asked) :]


PACKAGE = "skprivacy"
#: Name of each attack, and how it is run.
ATTACKS = {
    "SurrogateAttack": surrogate,
    "AutoExtraction": auto_extraction,
    "forest on probabilities": plain_forest,
    "boosting on log-odds": plain_boosting,
}
PLAIN = ("forest on probabilities", "boosting on log-odds")
