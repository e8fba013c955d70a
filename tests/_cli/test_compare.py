"""``skprivacy compare`` and ``--junit``."""

import json
from xml.etree import ElementTree

import pytest


@pytest.fixture
def reports(make_result, tmp_path):
    """Write two reports, the second with less leak."""
    result = make_result()
    before, after = tmp_path / "before.json", tmp_path / "after.json"
    result.to_json(before)
    document = json.loads(before.read_text())
    for attack in document["attacks"]:
        attack["roc_auc"].update(estimate=0.01, low=0.0, high=0.02)
    after.write_text(json.dumps(document))
    return before, after


def test_figures_are_side_by_side(run, reports):
    done = run("compare", *reports)
    assert done.exit_code == 0
    assert "0.000 to 0.020" in done.stdout
    assert "show less leak and 0 more" in done.stdout
    assert "warning" not in done.stdout


def test_more_leak_is_code_3(run, reports):
    before, after = reports
    assert run("compare", before, after, "--fail-if-more").exit_code == 0
    assert run("compare", after, before, "--fail-if-more").exit_code == 3
    assert run("compare", after, before).exit_code == 0


def test_other_data_is_warned_of(run, reports):
    before, after = reports
    document = json.loads(after.read_text())
    document["data"]["n_train"] += 1
    after.write_text(json.dumps(document))
    assert "warning: n_train is" in run("compare", before, after).stdout


def test_no_report(run, assert_bad_input, tmp_path, reports):
    other = tmp_path / "other.json"
    other.write_text("{}")
    assert_bad_input(run("compare", reports[0], other), "AFTER", "skprivacy.audit")


def test_conditions_are_written_for_build_servers(run, case, fake_audit, tmp_path):
    path = tmp_path / "junit.xml"
    done = run(*case, "--fail-if", "auc>0.01", "--junit", path)
    assert done.exit_code == 3
    suite = ElementTree.parse(path).getroot()
    assert suite.get("failures") == "1"


def test_junit_without_conditions_is_refused(
    run, case, fake_audit, assert_bad_input, tmp_path
):
    done = run(*case, "--junit", tmp_path / "junit.xml")
    assert_bad_input(done, "--junit", "--fail-if")
