"""Fixtures that several folders of tests share."""

import os

# The tests run on all cores already; a worker's own threads would only fight for them.
for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.metrics import roc_auc_score

from skprivacy._audit import AttackResult, AuditResult, Finding
from skprivacy.attribute import _imputation, _learned
from skprivacy.extraction import _surrogate_families
from skprivacy.metrics import Interval

ATTACKS = {
    "RMIA": (1.0, "Zarifzadeh et al. 2024"),
    "LiRA (record variance)": (0.9, "Carlini et al. 2022"),
    "LiRA (global variance)": (0.8, "Carlini et al. 2022"),
    "Calibrated loss": (0.6, "Watson et al. 2022"),
    "Population attack": (0.35, "Ye et al. 2022"),
    "Loss threshold": (0.3, "Yeom et al. 2018"),
}
#: Of the network among the surrogates.
EPOCHS = {"mlpregressor__max_iter": 30}


def empirical_tpr(is_member, scores, fpr):
    outside = np.sort(scores[is_member == 0])
    threshold = outside[len(outside) - int(fpr * len(outside)) - 1]
    return float(np.mean(scores[is_member == 1] > threshold))


def interval_around(estimate, half_width, n_members, n_outside):
    """Make an interval as wide as told; the tests need no right coverage."""
    low, high = max(0.0, estimate - half_width), min(1.0, estimate + half_width)
    return Interval(estimate, low, high, 0.95, n_members, n_outside)


def attack_result(name, strength, reference, is_member, scores):
    n_in, n_out = int(is_member.sum()), int((1 - is_member).sum())
    tpr = {}
    for fpr in (0.01, 0.001):
        if n_out * fpr < 1:
            tpr[fpr] = Interval(np.nan, np.nan, np.nan, 0.95, n_in, n_out)
        else:
            estimate = empirical_tpr(is_member, scores, fpr)
            half = 2.6 * np.sqrt(max(estimate, fpr) / n_in) + fpr
            tpr[fpr] = interval_around(estimate, half, n_in, n_out)
    auc = float(roc_auc_score(is_member, scores))
    return AttackResult(
        name=name,
        estimator=name.split()[0],
        assumes="Knows the record and its label, and has other records of the same "
        "kind to train shadow models on. Sees the probabilities that the model gives.",
        method="Compares the model's answer with the answers of shadow models that "
        "were, and were not, trained on the record.",
        reference=reference,
        scores=scores,
        roc_auc=interval_around(auc, 1.2 / np.sqrt(n_in), n_in, n_out),
        tpr=tpr,
        seconds=4.2 * strength,
        n_queries=n_in + n_out,
        n_shadow_models=32,
    )


@pytest.fixture(scope="session")
def make_result():
    """Return a function that makes an AuditResult from synthetic scores."""
    return make_audit_result


def make_audit_result(
    *, effect=1.8, n=4000, blind=0.5, findings=(), seed=0, attacks=ATTACKS, **changes
):
    """Make the result of an audit; ``effect`` 0 is a model that leaks nothing."""
    rng = np.random.default_rng(seed)
    is_member = np.repeat([1, 0], n)
    hidden = rng.standard_normal(2 * n) + effect * is_member * (rng.random(2 * n) < 0.6)
    results = []
    for name, (strength, reference) in attacks.items():
        noise = rng.standard_normal(2 * n)
        scores = strength * hidden + (1 - strength) * noise
        results.append(attack_result(name, strength, reference, is_member, scores))
    settings = {
        "effort": "standard",
        "n_shadow_models": 32,
        "random_state": 0,
        "confidence": 0.95,
        "n_comparisons": 3 * len(attacks),
        "sklearn": "1.9.1",
        "skprivacy": "0.1.0",
        "python": "3.11.2",
        "created": "2026-01-02T03:04:05+00:00",
        "seconds": 21.4,
    }
    fields = {
        "attacks": tuple(results),
        "is_member": is_member,
        "record_ids": np.concatenate([np.arange(n), np.arange(n)]),
        "signal": 2 * hidden + rng.standard_normal(2 * n),
        "signal_name": "Log-odds of the record's own label",
        "blind": interval_around(blind, 0.013, n, n),
        "findings": tuple(findings),
        "train_score": 0.9995 if effect else 0.853,
        "holdout_score": 0.851,
        "score_name": "accuracy",
        "model": {
            "repr": "Pipeline(steps=[('columns', ColumnTransformer(...)),\n"
            "                ('forest', RandomForestClassifier(random_state=0))])",
            "type": "RandomForestClassifier",
            "task": "classification",
            "n_features": 3,
            "classes": ["<=50K", ">50K"],
        },
        "data": {
            "n_train": n,
            "n_holdout": n + 9,
            "n_dropped_holdout": 9,
            "label": "income",
            "features": ["age", "workclass", "education"],
        },
        "settings": settings,
    }
    return AuditResult(**(fields | changes))


@pytest.fixture
def split_leaks():
    """Give the finding of a split that leaks."""
    return Finding(
        "split_leaks",
        "critical",
        "Members can be told from non-members by the records alone.",
        ("year", "source"),
    )


class FewTrees(_imputation.ForestDensity):
    """What tells the chances of a number, at a twentieth of the work."""

    def __init__(self, grid, n_estimators=10, leaf_sizes=(5, 20), random_state=None):
        super().__init__(grid, n_estimators, leaf_sizes, random_state)


@pytest.fixture
def few_trees(monkeypatch):
    """Take few trees where it does not matter how well a number is guessed."""
    monkeypatch.setattr(_imputation, "ForestDensity", FewTrees)


@pytest.fixture(scope="module")
def few_rounds():
    """Let attribute attacks learn in a third of the rounds, and with few bins.

    For a whole module: attacks are fitted once, and shared by its tests.
    """
    imputer, final = _imputation.Imputer._default, _learned.plain_final_estimator

    def quick(estimator):
        if not hasattr(estimator, "max_iter"):
            return estimator
        steps, rate = estimator.max_iter // 3, 3 * estimator.learning_rate
        # With weights, the cost of bins exceeds that of trees.
        return estimator.set_params(max_iter=steps, learning_rate=rate, max_bins=32)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            _imputation.Imputer, "_default", lambda self: quick(imputer(self))
        )
        patch.setattr(_learned, "plain_final_estimator", lambda: quick(final()))
        yield


@pytest.fixture
def few_steps(monkeypatch):
    """Let surrogates learn in few large steps, where it does not matter how well."""
    steps, answers = _surrogate_families._steps, _surrogate_families._answer_families

    def few(*args, **kwargs):
        return steps(*args, **kwargs) | {"max_iter": 20, "learning_rate": 0.3}

    def one_start(n_points):
        found = (family._replace(n_starts=1) for family in answers(n_points))
        return [
            family._replace(estimator=clone(family.estimator).set_params(**EPOCHS))
            if family.name == "network"
            else family
            for family in found
        ]

    monkeypatch.setattr(_surrogate_families, "_steps", few)
    monkeypatch.setattr(_surrogate_families, "_answer_families", one_start)
