"""Models that MLflow keeps; a stand-in plays MLflow where it is not installed."""

import json
import sys
from types import SimpleNamespace

import pytest
from sklearn.linear_model import LogisticRegression
from skops.io import dump

from skprivacy._cli._errors import BadInput
from skprivacy._cli._mlflow import fetch_model_file

MODEL = LogisticRegression().fit([[0.0], [1.0]] * 10, [0, 1] * 10)


@pytest.fixture
def stand_in(monkeypatch):
    """Play the two functions of MLflow that are called."""

    def download_artifacts(artifact_uri):
        if artifact_uri.startswith("models:/"):
            raise OSError("no such model")
        return artifact_uri

    def load(folder):
        flavors = json.loads(open(f"{folder}/MLmodel").read())
        return SimpleNamespace(flavors=flavors)

    modules = {
        "mlflow": SimpleNamespace(),
        "mlflow.artifacts": SimpleNamespace(download_artifacts=download_artifacts),
        "mlflow.models": SimpleNamespace(Model=SimpleNamespace(load=load)),
    }
    for name, module in modules.items():
        monkeypatch.setitem(sys.modules, name, module)


def kept(folder, flavors, name="model.skops"):
    dump(MODEL, folder / name)
    (folder / "MLmodel").write_text(json.dumps(flavors))
    return str(folder)


def test_the_file_is_found(stand_in, tmp_path):
    uri = kept(tmp_path, {"sklearn": {"pickled_model": "model.skops"}})
    assert fetch_model_file(uri) == tmp_path.resolve() / "model.skops"


@pytest.mark.parametrize(
    "flavors, message",
    [
        ({"xgboost": {}}, "must be a model of scikit-learn; its flavors are xgboost"),
        ({"sklearn": {"pickled_model": "../other.skops"}}, "outside of its folder"),
        ({"sklearn": {"pickled_model": "none.skops"}}, "has no file none.skops"),
    ],
)
def test_what_is_no_model_is_refused(stand_in, tmp_path, flavors, message):
    with pytest.raises(BadInput, match=message):
        fetch_model_file(kept(tmp_path, flavors))


def test_a_store_that_fails_is_named(stand_in):
    with pytest.raises(BadInput, match="models:/credit/1.*no such model"):
        fetch_model_file("models:/credit/1")


def test_without_mlflow_the_extra_is_named(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "mlflow.artifacts", None)
    with pytest.raises(BadInput, match=r"skprivacy\[mlflow\]"):
        fetch_model_file(str(tmp_path))


def test_scan_of_a_kept_model(stand_in, tmp_path, run, assert_bad_input):
    uri = kept(tmp_path, {"sklearn": {"pickled_model": "model.skops"}})
    assert run("scan", "--mlflow", uri).exit_code == 0
    assert_bad_input(run("scan"))
    assert_bad_input(run("scan", str(tmp_path / "model.skops"), "--mlflow", uri))


def test_with_mlflow_itself(tmp_path, run):
    sklearn = pytest.importorskip("mlflow.sklearn")
    uri = str(tmp_path / "kept")
    sklearn.save_model(MODEL, uri)
    result = run("scan", "--mlflow", uri, "--allow-pickle")
    assert result.exit_code == 0, result.output
