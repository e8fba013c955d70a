"""The report for machines."""

import json
import re
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier

from skprivacy._audit import WorstCase
from skprivacy._report import render_json
from skprivacy.inspection import leak_scan

DOCS = Path(__file__).parents[2] / "docs"
SCHEMA_PAGE = DOCS / "report_schema.md"
SCHEMA = json.loads((DOCS / "_static" / "report-1.schema.json").read_text("utf-8"))
#: What later 1.x added; before them, reports were without.
LATER = ("access", "groups", "leaks", "sensitive", "properties", "extraction")


def keys_of(value):
    match value:
        case dict():
            return set(value).union(*map(keys_of, value.values()))
        case list():
            return set().union(*map(keys_of, value))
    return set()


def everything(result):
    """Add an attack on the file, canaries and groups to a result."""
    n = len(result.is_member)
    best = result.attacks[0]
    worst = WorstCase(best.roc_auc, best.tpr)
    attacks = (
        replace(best, access="white box", worst_case=worst),
        *result.attacks[1:],
    )
    town = np.where(np.arange(n) % 100 == 0, "Thule", "Rome").astype(object)
    town[:3] = "hermitage"
    return replace(
        result,
        attacks=attacks,
        records=pd.DataFrame({"town": town, "y": 0}),
        groups=("town",),
    )


@pytest.fixture
def document(make_result, split_leaks, tmp_path):
    result = everything(make_result(n=600, blind=0.6, findings=[split_leaks]))
    return json.loads(result.to_json(tmp_path / "report.json").read_text("utf-8"))


def test_version_and_verdict(document):
    assert document["schema"] == "skprivacy.audit"
    assert document["schema_version"] == "1.7"
    assert document["verdict"]["level"] == "unclear"
    assert "split leaks" in document["verdict"]["headline"]


def test_the_published_schema_takes_it_and_older_ones(document):
    check = jsonschema.Draft202012Validator(SCHEMA).validate
    check(document)
    older = {key: value for key, value in document.items() if key not in LATER}
    older["attacks"] = [
        {k: v for k, v in attack.items() if k not in ("access", "worst_case")}
        for attack in document["attacks"]
    ]
    older["settings"].pop("shadow_stopped_by", None)
    del older["remedies"], older["guarantee"]
    check(older | {"schema_version": "1.0"})


@pytest.mark.parametrize(
    "change",
    [
        {"schema_version": "2.0"},
        {"verdict": None},
        {"attacks": []},
        {
            "findings": [
                {"kind": "x", "severity": "fatal", "message": "", "columns": []}
            ]
        },
    ],
)
def test_the_published_schema_refuses_what_is_no_report(document, change):
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(SCHEMA).validate(document | change)


def test_every_number_has_its_interval(document, make_result):
    result = make_result(n=600, blind=0.6)
    attack = document["attacks"][0]
    assert document["best_attack"] == attack["name"] == result.best.name
    expected = result.best.roc_auc
    assert attack["roc_auc"] == {
        "estimate": expected.estimate,
        "low": expected.low,
        "high": expected.high,
        "confidence": 0.95,
        "n_members": 600,
        "n_non_members": 600,
    }
    assert [rate["fpr"] for rate in attack["tpr_at_fpr"]] == [0.01, 0.001]
    assert document["blind_baseline"]["roc_auc"]["low"] == pytest.approx(0.587)


def test_access_of_attacks_and_how_much_leaks_to_whom(document):
    accesses = {attack["name"]: attack["access"] for attack in document["attacks"]}
    assert accesses.pop("RMIA") == "white box"
    assert set(accesses.values()) == {"black box"}
    assert document["access"] == [
        {
            "access": "black box",
            "level": "unclear",
            "best_attack": "LiRA (record variance)",
        },
        {"access": "white box", "level": "unclear", "best_attack": "RMIA"},
    ]


def test_worst_case_is_beside_the_figures_of_each_attack(document):
    worst = {attack["name"]: attack["worst_case"] for attack in document["attacks"]}
    assert worst["RMIA"]["roc_auc"]["n_members"] == 600
    assert [rate["fpr"] for rate in worst["RMIA"]["tpr_at_fpr"]] == [0.01, 0.001]
    assert worst["Loss threshold"] is None


def test_groups_are_named_where_enough_records_bear_the_name(document):
    [group] = document["groups"]
    assert group["attack"] == document["best_attack"]
    assert (group["column"], group["n_left_out"]) == ("town", 2)
    assert [row["group"] for row in group["rows"]] == ["(all)", "Rome"]
    assert group["rows"][0]["roc_auc"]["estimate"] > 0.7
    assert "hermitage" not in json.dumps(document)


def test_without_groups_no_value_is_in_the_document(make_result):
    result = replace(everything(make_result(n=100)), groups=())
    text = json.dumps(result.to_dict())
    assert "Rome" not in text and "Thule" not in text


def test_unknown_numbers_are_null(document):
    rate = document["attacks"][0]["tpr_at_fpr"][1]
    assert rate["estimate"] is rate["low"] is rate["high"] is None


def test_findings_settings_model_and_data(document):
    assert document["findings"][0]["columns"] == ["year", "source"]
    assert document["settings"]["effort"] == "standard"
    assert document["model"]["classes"] == ["<=50K", ">50K"]
    assert document["data"]["n_dropped_holdout"] == 9
    assert document["overfitting"]["gap"] == pytest.approx(0.1485)


def test_every_key_is_documented(document):
    page = SCHEMA_PAGE.read_text("utf-8")
    documented = set(re.findall(r"`([a-z_]+)`", page))
    assert keys_of(document) <= documented


def test_leaks_are_documented_too(make_result):
    leaks = leak_scan(RandomForestClassifier(3).fit([[0], [1], [2]], [0, 1, 1]))
    document = json.loads(render_json(make_result(n=50, leaks=leaks)))
    assert len(document["leaks"]) == len(leaks) > 3
    unknown = [leak["n_rows"] for leak in document["leaks"]]
    assert all(isinstance(rows, int | None) for rows in unknown)
    documented = set(re.findall(r"`([a-z_]+)`", SCHEMA_PAGE.read_text("utf-8")))
    assert keys_of(document) <= documented


def test_no_record_is_in_the_document(make_result):
    ids = np.array([f"patient-{number}" for number in range(200)], dtype=object)
    assert "patient-" not in json.dumps(make_result(n=100, record_ids=ids).to_dict())


def test_numpy_values_and_what_json_cannot_hold_are_made_plain(make_result):
    model = {
        "type": "M",
        "repr": "M()",
        "task": "classification",
        "classes": np.array([0, 1]),
        "n_features": np.int64(3),
        "regular": np.bool_(True),
        "memory": Path("folder"),
        "ratio": np.float32("inf"),
    }
    plain = make_result(n=50, model=model).to_dict()["model"]
    assert plain["classes"] == [0, 1]
    assert plain["n_features"] == 3
    assert plain["regular"] is True
    assert plain["memory"] == "folder"
    assert plain["ratio"] is None
