"""Files of strangers: refused before any of their code runs."""

import json
import pickle
import sys
import zipfile

import pytest
import skops.io
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skprivacy.shadow._memory import recalled


@pytest.fixture
def sprung(tmp_path, monkeypatch):
    """Return a file that is made when the code of a stranger runs or is imported."""
    file = tmp_path / "sprung"
    (tmp_path / "strange_module.py").write_text(
        f"open({str(file)!r}, 'w').close()\ndef function(X): return X\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    yield file
    sys.modules.pop("strange_module", None)


def commands(case, model):
    return ["scan", model], [case[0], model, *case[2:]]


@pytest.mark.parametrize("name", ["model.pkl", "model.joblib", "model.skops"])
def test_a_pickle_is_refused(run, case, tmp_path, sprung, name):
    class Trap:
        def __reduce__(self):
            return (sprung.touch, ())

    path = tmp_path / name
    path.write_bytes(pickle.dumps(Trap()))
    for command in commands(case, path):
        done = run(*command)
        assert done.exit_code == 2 and "model" in done.stderr
    # Trusting types of a .skops file gives pickles no leave.
    assert run(*commands(case, path)[0], "--trust", "posix.system").exit_code == 2
    assert not sprung.exists()


def test_a_skops_file_with_strange_code_is_refused(run, case, tmp_path, sprung):
    model = make_pipeline(FunctionTransformer(json.dumps), LogisticRegression())
    skops.io.dump(model, tmp_path / "plain.skops")
    path = tmp_path / "evil.skops"
    with (
        zipfile.ZipFile(tmp_path / "plain.skops") as old,
        zipfile.ZipFile(path, "w") as new,
    ):
        for name in old.namelist():
            text = old.read(name).decode()
            assert '"dumps"' in text and '"json"' in text
            text = text.replace('"dumps"', '"function"')
            new.writestr(name, text.replace('"json"', '"strange_module"'))
    for command in commands(case, path):
        done = run(*command)
        assert done.exit_code == 2 and "strange_module.function" in done.stderr
    assert not sprung.exists()
    # The trap works: who trusts the type imports its module.
    run("scan", path, "--trust", "strange_module.function")
    assert sprung.exists()


def test_a_path_that_leads_to_no_folder_is_refused_and_nothing_is_made(
    run, case, tmp_path
):
    before = sorted(tmp_path.rglob("*"))
    out = tmp_path / "no" / ".." / ".." / "report.html"
    for option in ("--report", "--json"):
        done = run(*case, option, out)
        assert done.exit_code == 2 and "cannot write" in done.stderr
    assert sorted(tmp_path.rglob("*")) == before


def test_names_of_results_are_no_paths(tmp_path):
    folder = tmp_path / "memory"
    folder.mkdir()
    recalled(lambda: 1, ("../../escaped", "/etc/escaped"), folder)
    (file,) = (path for path in tmp_path.rglob("*") if path.is_file())
    assert file.parent == folder
