"""The command that scans a model file."""

import json

import joblib
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.preprocessing import MinMaxScaler
from sklearn.svm import SVC

from skprivacy.inspection import leak_scan

X, Y = [[20, 1], [30, 2], [40, 4], [50, 9]], [0, 1, 0, 1]


@pytest.fixture
def save(tmp_path):
    """Return a function that fits a model and writes it to a file."""

    def write(model, name="model.skops"):
        path = tmp_path / name
        skops.io.dump(model.fit(X, Y), path)
        return path

    return write


def test_the_table_names_places_meanings_and_remedies(run, save):
    result = run("scan", save(SVC()))
    assert result.exit_code == 0, result.output
    text = " ".join(result.stdout.split())
    assert "critical support_vectors_ 4" in text
    assert "Training records stand in the object as they are: 4 rows." in text
    assert "What would help training_rows: Give out the model's answers" in text
    assert result.stderr == ""


def test_values_of_records_are_not_printed(run, save):
    text = run("scan", save(MinMaxScaler())).stdout
    assert "data_max_" in text
    assert "50" not in text


def test_json(run, save, tmp_path):
    path = tmp_path / "leaks.json"
    result = run("scan", save(SVC()), "--json", path)
    assert f"Wrote {path}" in result.stdout.replace("\n", "")
    document = json.loads(path.read_text("utf-8"))
    assert (document["schema"], document["schema_version"]) == ("skprivacy.scan", "1.0")
    assert document["model"] == {"type": "SVC"}
    expected = leak_scan(SVC().fit(X, Y))
    assert [leak["where"] for leak in document["leaks"]] == expected["where"].tolist()
    assert document["leaks"][0]["n_rows"] == 4


@pytest.mark.parametrize(
    ("model", "fail_on", "code"),
    [
        (SVC(), "critical", 3),
        (SVC(), "warning", 3),
        (MinMaxScaler(), "critical", 0),
        (MinMaxScaler(), "warning", 3),
        (GaussianNB(), "warning", 0),
    ],
    ids=str,
)
def test_fail_on(run, save, model, fail_on, code):
    result = run("scan", save(model), "--fail-on", fail_on)
    assert result.exit_code == code
    assert ("skprivacy: failed: --fail-on" in result.stderr) == (code == 3)


def test_the_file_is_written_even_if_it_fails(run, save, tmp_path):
    path = tmp_path / "leaks.json"
    options = ["--json", path, "--fail-on", "critical"]
    assert run("scan", save(SVC()), *options).exit_code == 3
    assert path.exists()


def test_nothing_found(run, save):
    result = run("scan", save(LogisticRegression()))
    assert result.stdout == "Nothing was found that is known to leak.\n"


def test_pickles_need_leave(run, assert_bad_input, tmp_path):
    path = tmp_path / "model.joblib"
    joblib.dump(SVC().fit(X, Y), path)
    assert_bad_input(run("scan", path), "--allow-pickle")
    assert run("scan", path, "--allow-pickle").exit_code == 0


def test_bad_input_is_one_line(run, save, assert_bad_input, tmp_path):
    assert_bad_input(run("scan", tmp_path / "absent.skops"), "does not exist")
    path = tmp_path / "absent" / "leaks.json"
    assert_bad_input(run("scan", save(SVC()), "--json", path), "--json")


def test_help_names_the_exit_codes(run):
    text = " ".join(run("scan", "--help").stdout.split())
    assert "Exit codes: 0 done, 2 bad input, 3 --fail-on holds" in text
