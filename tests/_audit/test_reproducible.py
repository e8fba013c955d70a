"""The same seed gives the same report, however and wherever it is computed."""

import json
from pathlib import Path

import joblib
import numpy as np
import pytest
from sklearn.naive_bayes import GaussianNB

from skprivacy import audit

#: Written by `python tests/_audit/test_reproducible.py`. CI compares with it on the
#: oldest and on the newest releases.
STORED = Path(__file__).parents[1] / "data" / "audit_1.6.json"
#: What is of the run, not of the model.
OF_THE_RUN = {
    "seconds",
    "shadow_seconds",
    "created",
    "python",
    "sklearn",
    "skprivacy",
    "schema_version",
}


def tables():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(120, 8))
    y = (X[:, 0] + rng.normal(size=120) > 0).astype(int)
    return X[:60], y[:60], X[60:], y[60:]


def small_report(path, n_jobs=None, random_state=0):
    """Audit a model that is fitted in closed form: no solver stops a step earlier."""
    X, y, X_holdout, y_holdout = tables()
    model = GaussianNB().fit(X, y)
    result = audit(
        model,
        X,
        y,
        X_holdout,
        y_holdout,
        recipe=GaussianNB(),
        attacks=["ThresholdAttack", "PopulationAttack", "LiRA", "RMIA"],
        effort="fast",
        n_jobs=n_jobs,
        random_state=random_state,
    )
    return json.loads(Path(result.to_json(path)).read_text("utf-8"))


def leaves(value, at=""):
    """Return what stands at each place of a document."""
    if isinstance(value, dict):
        parts = [(k, v) for k, v in value.items() if k not in OF_THE_RUN]
    elif isinstance(value, list):
        parts = list(enumerate(value))
    else:
        return {at: value}
    found = {at: type(value).__name__}
    for key, part in parts:
        found |= leaves(part, f"{at}/{key}")
    return found


def differences(one, other, tolerance=0.0):
    """Return the places where two documents differ."""
    one, other = leaves(one), leaves(other)
    return {
        at: (one.get(at), other.get(at))
        for at in one.keys() | other.keys()
        if not is_same(one.get(at), other.get(at), tolerance)
    }


def is_same(one, other, tolerance):
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) <= tolerance
    return type(one) is type(other) and one == other


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    return small_report(tmp_path_factory.mktemp("reports") / "one.json")


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_same_report_with_two_workers(backend, report, tmp_path):
    with joblib.parallel_config(backend=backend):
        other = small_report(tmp_path / "two.json", n_jobs=2)
    assert differences(report, other) == {}


def test_another_seed_is_another_report(report, tmp_path):
    other = small_report(tmp_path / "other.json", random_state=1)
    assert "/attacks/0/roc_auc/estimate" in differences(report, other)


def test_same_report_on_every_release(report):
    stored = json.loads(STORED.read_text("utf-8"))
    assert differences(stored, report, tolerance=1e-6) == {}


if __name__ == "__main__":
    print(small_report(STORED)["schema_version"])
