"""Private models with their defaults, the library beside them, and plain ones."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from _peer_runs import run_script
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB

from skprivacy.dp import (
    DiffprivlibEstimator,
    DPGaussianNB,
    DPHistGradientBoostingClassifier,
    DPLogisticRegression,
    DPRandomForestClassifier,
    OutputPerturbation,
    PATEClassifier,
)

DELTA = 1e-5


@dataclass(frozen=True)
class Model:
    """A model of the benchmark.

    Attributes
    ----------
    family : str
        Models of one family are compared.
    package : str
        Whose it is; "plain" is without privacy.
    make : callable or None
        Takes epsilon, what is public and a seed. None: DP-EBM, in its environment.
    scaled : bool
        Whether it takes scaled columns, with the longest record as public norm.
    """

    family: str
    package: str
    make: object
    scaled: bool = False


def _norm(private):
    return lambda epsilon, public, seed: private(
        epsilon=epsilon,
        delta=DELTA,
        data_norm=public["norm"],
        classes=public["classes"],
        random_state=seed,
    )


def _bounds(private):
    return lambda epsilon, public, seed: private(
        epsilon=epsilon,
        delta=DELTA,
        bounds=public["bounds"],
        classes=public["classes"],
        random_state=seed,
    )


def _library(name, *keys):
    # Its proof is of the minimum, which the default of 100 steps may not reach.
    more = {"max_iter": 1000} if name == "LogisticRegression" else {}
    names = {"norm": "data_norm"}
    return lambda epsilon, public, seed: DiffprivlibEstimator(
        name,
        epsilon=epsilon,
        params={names.get(key, key): public[key] for key in keys} | more,
        sound="as_is",
        random_state=seed,
    )


def _plain(model, **settings):
    return lambda epsilon, public, seed: model(**settings)


MODELS = {
    "LogisticRegression": Model(
        "linear", "plain", _plain(LogisticRegression, max_iter=5000), True
    ),
    "DPLogisticRegression": Model(
        "linear", "skprivacy", _norm(DPLogisticRegression), True
    ),
    "OutputPerturbation": Model("linear", "skprivacy", _norm(OutputPerturbation), True),
    "diffprivlib LogisticRegression": Model(
        "linear", "diffprivlib", _library("LogisticRegression", "norm"), True
    ),
    "GaussianNB": Model("naive Bayes", "plain", _plain(GaussianNB)),
    "DPGaussianNB": Model("naive Bayes", "skprivacy", _bounds(DPGaussianNB)),
    "diffprivlib GaussianNB": Model(
        "naive Bayes", "diffprivlib", _library("GaussianNB", "bounds")
    ),
    "RandomForestClassifier": Model(
        "forest", "plain", _plain(RandomForestClassifier, random_state=0)
    ),
    "DPRandomForestClassifier": Model(
        "forest", "skprivacy", _bounds(DPRandomForestClassifier)
    ),
    "diffprivlib RandomForestClassifier": Model(
        "forest", "diffprivlib", _library("RandomForestClassifier", "bounds", "classes")
    ),
    "HistGradientBoostingClassifier": Model(
        "boosting", "plain", _plain(HistGradientBoostingClassifier)
    ),
    "DPHistGradientBoostingClassifier": Model(
        "boosting", "skprivacy", _bounds(DPHistGradientBoostingClassifier)
    ),
    "DP-EBM": Model("boosting", "interpret-core", None),
    "PATEClassifier": Model("teachers", "skprivacy", _bounds(PATEClassifier)),
}


def answers_of(name, epsilon, table, train, test, seed, python=None):
    """Train a model on some rows, and ask it for others.

    Parameters
    ----------
    name : str
        One of ``MODELS``.
    epsilon : float
        Of the guarantee or the claim.
    table : Table
        The table.
    train, test : ndarray of int
        Rows.
    seed : int
        Of the noise.
    python : str or None, default=None
        Interpreter of the environment of DP-EBM.

    Returns
    -------
    predicted : ndarray of shape (n_test,)
    """
    model = MODELS[name]
    if model.make is None:
        return _dp_ebm(python, epsilon, table, train, test, seed)
    X = table.scaled if model.scaled else table.X
    public = {
        "classes": table.classes,
        "bounds": (table.lower, table.upper),
        "norm": float(np.linalg.norm(X, axis=1).max()),
    }
    fitted = model.make(epsilon, public, seed).fit(X[train], table.y[train])
    return fitted.predict(X[test])


def _dp_ebm(python, epsilon, table, train, test, seed):
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        np.savez(
            folder / "task.npz",
            X=table.X[train],
            y=table.y[train],
            X_test=table.X[test],
            lower=table.lower,
            upper=table.upper,
            nominal=table.nominal,
            epsilon=epsilon,
            delta=DELTA,
            seed=seed,
        )
        [(_, predicted)] = run_script(python, "run_dp_ebm.py", folder)
    return predicted.astype(int)
