"""Models from files."""

import pickle

import joblib
import numpy as np
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from skprivacy._cli._errors import BadInput
from skprivacy._cli._models import load_model


def double(X):
    return np.multiply(2, X)


@pytest.fixture
def model():
    return make_pipeline(StandardScaler(), LogisticRegression()).fit([[0], [1]], [0, 1])


def test_skops_file(model, tmp_path):
    skops.io.dump(model, tmp_path / "model.skops")
    assert load_model(tmp_path / "model.skops").predict([[1]]) == 1


def test_unknown_types_are_listed_and_can_be_trusted(tmp_path):
    path = tmp_path / "model.skops"
    model = make_pipeline(FunctionTransformer(double), LogisticRegression())
    skops.io.dump(model.fit([[0], [1]], [0, 1]), path)
    unknown = skops.io.get_untrusted_types(file=path)
    with pytest.raises(BadInput, match="add: --trust") as error:
        load_model(path)
    assert all(f"--trust {name}" in error.value.message for name in unknown)
    assert load_model(path, trust=unknown).predict([[1]]) == 1


@pytest.mark.parametrize("suffix", [".pkl", ".pickle", ".joblib"])
def test_pickles_need_leave_and_warn(model, tmp_path, suffix, capsys):
    path = tmp_path / f"model{suffix}"
    joblib.dump(model, path)
    with pytest.raises(BadInput, match="runs whatever code it holds.*--allow-pickle"):
        load_model(path)
    assert load_model(path, allow_pickle=True).predict([[1]]) == 1
    assert "runs the code that it holds" in capsys.readouterr().err


def test_plain_pickles_load_too(model, tmp_path):
    path = tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps(model))
    assert load_model(path, allow_pickle=True).predict([[1]]) == 1


def test_a_refused_pickle_is_not_opened(tmp_path):
    class Trap:
        def __reduce__(self):
            return (tmp_path.joinpath("sprung").touch, ())

    path = tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps(Trap()))
    with pytest.raises(BadInput):
        load_model(path)
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("name", ["model.skops", "model.pkl", "model.joblib"])
@pytest.mark.parametrize("content", [b"", b"nonsense", b"\x80\x04garbage"])
def test_a_broken_file_is_said(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(BadInput, match=name):
        load_model(path, allow_pickle=True)


def test_another_suffix_is_refused(tmp_path):
    with pytest.raises(BadInput, match=r"must be a .skops file"):
        load_model(tmp_path / "model.onnx")


def test_what_cannot_predict_is_no_model(tmp_path):
    skops.io.dump({"model": 1}, tmp_path / "model.skops")
    with pytest.raises(BadInput, match="holds a dict, which has no predict"):
        load_model(tmp_path / "model.skops")
