"""Two reports beside each other."""

import json
from pathlib import Path

import pytest

from skprivacy._report import compare_reports, differences_of_audits, load_report


def interval(low, estimate, high):
    return {"estimate": estimate, "low": low, "high": high}


def report(auc, tpr=None, name="LiRA", **more):
    attack = {
        "name": name,
        "access": "black box",
        "roc_auc": auc,
        "tpr_at_fpr": [] if tpr is None else [{"fpr": 0.01, **tpr}],
    }
    return {
        "schema": "skprivacy.audit",
        "schema_version": "1.0",
        "attacks": [attack],
        "data": {"n_train": 100},
        "settings": {"effort": "fast"},
        **more,
    }


def test_only_intervals_that_do_not_overlap_are_told_apart():
    before = report(interval(0.6, 0.65, 0.7), interval(0.1, 0.2, 0.3))
    after = report(interval(0.5, 0.52, 0.59), interval(0.2, 0.3, 0.4))
    auc, tpr = compare_reports(before, after)
    assert (auc.figure, auc.direction) == ("AUC", "less")
    assert (tpr.figure, tpr.direction) == ("TPR at 1% FPR", "unclear")
    auc, _ = compare_reports(after, before)
    assert auc.direction == "more"


def test_what_one_report_lacks_is_shown_and_not_judged():
    before = report(interval(0.6, 0.65, 0.7), name="LiRA")
    after = report(interval(None, None, None), name="RMIA")
    changes = compare_reports(before, after)
    assert [(one.attack, one.direction) for one in changes] == [
        ("LiRA", "unclear"),
        ("RMIA", "unclear"),
    ]
    assert changes[0].after is None and changes[1].before is None


def test_unknown_rates_are_unclear():
    unknown = interval(None, None, None)
    changes = compare_reports(report(unknown), report(unknown))
    assert changes[0].direction == "unclear"


def test_other_data_and_other_effort_are_told():
    before = report(interval(0, 0, 1))
    after = report(
        interval(0, 0, 1), data={"n_train": 90}, settings={"effort": "standard"}
    )
    assert differences_of_audits(before, before) == []
    assert differences_of_audits(before, after) == [
        "n_train is 100 before and 90 after",
        "effort is fast before and standard after",
    ]


def test_older_reports_of_the_same_part_are_read(tmp_path):
    path = tmp_path / "old.json"
    path.write_text(json.dumps(report(interval(0.5, 0.5, 0.5))))
    assert load_report(path)["schema_version"] == "1.0"


@pytest.mark.parametrize("version", ["1.6"])
def test_stored_reports_are_read(version):
    path = Path(__file__).parents[1] / "data" / f"audit_{version}.json"
    stored = load_report(path)
    assert stored["schema_version"] == version
    changes = compare_reports(stored, stored)
    assert "LiRA" in {change.attack for change in changes}
    assert {change.direction for change in changes} == {"unclear"}


@pytest.mark.parametrize(
    "text, match",
    [
        ("{", "is not JSON"),
        ("[]", "is not the report of an audit: its schema is None"),
        ('{"schema": "skprivacy.scan"}', "its schema is 'skprivacy.scan'"),
        (
            '{"schema": "skprivacy.audit", "schema_version": "2.0"}',
            "has the schema_version '2.0'; this release reads 1.x",
        ),
    ],
)
def test_what_is_no_report(tmp_path, text, match):
    path = tmp_path / "report.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=match):
        load_report(path, "BEFORE")


def test_an_absent_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="BEFORE: there is no file"):
        load_report(tmp_path / "none.json", "BEFORE")
