"""The command that audits a guarantee."""

import json

import numpy as np
import pandas as pd
import pytest
import skops.io

from skprivacy.dp import DiffprivlibEstimator, DPGaussianNB, PrivacyGuarantee

DP = "skprivacy.dp._"
TRUST = {
    "private": [
        f"{DP}gaussian.GaussianDP",
        f"{DP}gaussian_nb.DPGaussianNB",
        f"{DP}guarantee.PrivacyGuarantee",
    ],
    "library": [
        "diffprivlib.accountant.BudgetAccountant",
        "diffprivlib.models.naive_bayes.GaussianNB",
        f"{DP}approximate.ApproximateDP",
        f"{DP}diffprivlib_compat.LoadsLibrary",
        f"{DP}diffprivlib_estimator.DiffprivlibEstimator",
        f"{DP}guarantee.PrivacyGuarantee",
    ],
}
MODELS = {
    "private": DPGaussianNB(1.0, bounds=(-3, 3), classes=[0, 1]),
    "library": DiffprivlibEstimator(
        "GaussianNB", params={"bounds": (-3, 3)}, sound="as_is"
    ),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Give a folder with two models, and the table that they were trained on."""
    folder = tmp_path_factory.mktemp("audit_dp")
    X = np.random.RandomState(0).normal(size=(20, 2)).clip(-3, 3)
    table = pd.DataFrame(X, columns=["a", "b"]).assign(label=np.arange(20) % 2)
    table.to_csv(folder / "train.csv", index=False)
    for name, model in MODELS.items():
        model.fit(table[["a", "b"]], table["label"])
        skops.io.dump(model, folder / f"{name}.skops")
    return folder


@pytest.fixture
def audit(run, folder):
    """Return a function that audits a model, fast."""

    def command(name, *options, label=("--label", "label")):
        trusted = [part for one in TRUST[name] for part in ("--trust", one)]
        own = ("--train", folder / "train.csv", "--effort", "fast", "--n-jobs", 1)
        model = folder / f"{name}.skops"
        return run("audit-dp", model, *own, *label, *trusted, *options)

    return command


def test_what_passes_is_told_with_what_that_does_not_prove(audit):
    result = audit("private", "--fail-if-refuted")
    assert result.exit_code == 0, result.output
    text = " ".join(result.stdout.split())
    assert "Leak scan not refuted – 0" in text
    assert "1 release was compared on 50 pairs" in text
    assert "Nothing refutes that DPGaussianNB keeps epsilon=1" in text
    assert text.endswith("That does not prove it: an audit can only refute.")


def test_what_is_refuted_is_written_and_fails(audit, tmp_path):
    result = audit("library", "--json", tmp_path / "found.json", "--fail-if-refuted")
    assert result.exit_code == 3, result.output
    assert "--fail-if-refuted: the claim, or its proof" in result.stderr
    found = json.loads((tmp_path / "found.json").read_text())
    assert found["violated"] is True
    assert found["summary"].startswith("The proof is broken that DiffprivlibEstimator")
    assert [one["method"] for one in found["outcomes"]] == ["Leak scan", "Replay"]
    assert found["outcomes"][1]["epsilon"] > 1.2


def test_the_library_is_loaded_before_its_models(audit, monkeypatch):
    told = []
    where = "skprivacy.dp._diffprivlib_compat.load_diffprivlib"
    monkeypatch.setattr(where, lambda: told.append("loaded"))
    monkeypatch.setattr("skops.io.load", lambda *_, **__: told.append("model"))
    audit("library")
    assert told == ["loaded", "model"]


def test_a_claim_that_is_too_small_is_told_why(audit):
    result = audit("private", "--claimed-epsilon", 0.1, "--delta", 0.01)
    assert result.exit_code == 0, result.output
    text = " ".join(result.stdout.split())
    assert "at a delta of 0.01, and not 0.1." in text


@pytest.mark.parametrize(
    ("options", "label", "message"),
    [
        (
            ["--adjacency", "add-remove"],
            True,
            "--adjacency says what --claimed-epsilon",
        ),
        ([], False, "DPGaussianNB can't be fitted on X without labels"),
        (["--claimed-epsilon", "nan"], True, "epsilon must be finite"),
        (["--delta", "1"], True, "Invalid value for '--delta'"),
        (["--effort", "slow"], True, "'slow' is not one of"),
        (["--json", "/no/such/folder.json"], True, "make it first"),
        (["--random-state", "-1"], True, "Invalid value for '--random-state'"),
    ],
)
def test_bad_options_are_told_in_one_line(audit, options, label, message):
    result = audit("private", *options, label=["--label", "label"] if label else [])
    assert result.exit_code == 2, result.output
    errors = [line for line in result.stderr.splitlines() if ": note: " not in line]
    assert len(errors) == 1
    assert errors[0].startswith("skprivacy: error: ")
    assert message in errors[0]


def test_options_reach_the_audit(audit, monkeypatch):
    given = {}

    def fake(model, X, y, **options):
        given.update(options, columns=list(X.columns), y=list(y))
        raise ValueError("no further.")

    monkeypatch.setattr("skprivacy.auditing.audit_guarantee", fake)
    options = ("--claimed-epsilon", 2, "--adjacency", "add-remove", "--memory", "kept")
    assert audit("private", *options).exit_code == 2
    assert given["claimed"] == PrivacyGuarantee.pure(2.0, "add_remove")
    assert given["columns"] == ["a", "b"] and len(given["y"]) == 20
    assert (given["effort"], given["random_state"]) == ("fast", 0)
    assert str(given["memory"]) == "kept"


@pytest.mark.parametrize(
    ("memory", "message"),
    [((), "nothing is kept"), (("--memory", "kept"), "finished are kept in kept")],
    ids=["without", "with"],
)
def test_an_interruption_tells_what_is_kept(audit, monkeypatch, memory, message):
    def interrupted(*args, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("skprivacy.auditing.audit_guarantee", interrupted)
    result = audit("private", *memory)
    assert result.exit_code == 130
    assert message in result.stderr
