"""Shares of the training set in an audit."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.naive_bayes import GaussianNB

from skprivacy import audit
from skprivacy._audit import _property
from skprivacy._cli._console import print_result
from skprivacy.property import _property_reading
from skprivacy.targets import BlackBox

N = 240


def people(seed=0, n=3 * N):
    """Records of whom a third, in the training set, and half, outside it, are women."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(rng.normal(size=(n, 3)).round(3), columns=[*"abc"])
    women = np.arange(n) % 2
    women[:N] = np.arange(N) % 3 == 0
    table["female"] = women
    label = (table["a"] + 1.5 * women + rng.normal(size=n) > 0.75).astype(int)
    return table, label.rename("income")


TABLE, LABEL = people()


def run(property, model=None, **options):
    model = GaussianNB().fit(TABLE[:N], LABEL[:N]) if model is None else model
    sides = TABLE[:N], LABEL[:N], TABLE[N:], LABEL[N:]
    options = {"attacks": ["ThresholdAttack"], "effort": "fast"} | options
    return audit(model, *sides, property=property, random_state=0, **options)


@pytest.fixture(scope="module", autouse=True)
def few_models():
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(_property.N_MODELS, "fast", 16)
        patch.setattr(_property_reading, "N_FOLDS", 2)
        yield


@pytest.fixture(scope="module")
def result():
    return run("female == 1")


def test_the_share_is_told_beside_the_truth(result):
    (told,) = result.properties
    assert told.property == "female == 1"
    assert told.true_ratio == pytest.approx(1 / 3)
    assert told.base_rate == pytest.approx(0.5, abs=0.02)
    assert told.target_size == N
    assert told.interval_.confidence == 0.95
    assert {r.access for r in told.readings} == {"black box", "white box"}


def test_a_share_that_stands_in_the_model_is_found_and_advised_on(result):
    (found,) = [f for f in result.findings if f.kind == "property_strong"]
    assert found.severity == "warning"
    assert "holds the share of female == 1 itself, 33.3%" in found.message
    assert "The true share is 33.3%." in found.message


def test_notes_are_findings(result):
    (found,) = [f for f in result.findings if f.kind == "property_worlds"]
    assert found.severity == "info"
    assert "the model on 240: the pool has no more" in found.message


def test_the_reports_tell_it(result, tmp_path, capsys):
    document = json.loads(result.to_json(tmp_path / "x.json").read_text("utf-8"))
    assert document["schema_version"] == "1.7"
    (told,) = document["properties"]
    assert told["property"] == "female == 1"
    assert told["readout"]["exact"] is True
    assert told["true_ratio"] == pytest.approx(1 / 3)
    assert {(r["access"], r["label"]) for r in told["readings"]} == {
        ("black box", "free"),
        ("white box", "free"),
        ("black box", "held"),
        ("white box", "held"),
    }
    assert told["readings"][0]["ratio"].keys() == {
        "estimate", "low", "high", "confidence"
    }  # fmt: skip
    page = result.to_html(tmp_path / "x.html").read_text("utf-8")
    assert "What the model says of its training set as a whole" in page
    assert "female == 1" in page
    assert "read without shadow models" in page
    assert 'id="worlds0-title"' in page and 'id="posterior0-title"' in page
    assert "make-up of the training set" in page
    print_result(result)
    text = capsys.readouterr().out
    assert "As the model" in text and "In truth" in text
    assert "33.3%" in text


def test_without_a_property_nothing_is_said(result, tmp_path):
    plain = run(None)
    assert plain.properties == ()
    page = plain.to_html(tmp_path / "x.html").read_text("utf-8")
    assert "training set as a whole" not in page


def test_a_model_behind_a_box_is_only_asked():
    model = BlackBox(GaussianNB().fit(TABLE[:N], LABEL[:N]))
    (told,) = run("female == 1", model=model).properties
    assert {r.access for r in told.readings} == {"black box"}
    assert told.readout is None


def test_several_may_be_asked_for():
    results = run(["female == 1", ("income", 1)]).properties
    assert [told.property for told in results] == ["female == 1", "income == 1"]
    assert results[1].true_ratio == pytest.approx(LABEL[:N].mean())


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("wealth > 3", "can't be evaluated"),
        ("a > 100", "the holdout has 0 records with it"),
        ("a < 100", "the holdout has 0 records without it"),
        (("sex", 1), "names the column 'sex'"),
    ],
)
def test_what_can_not_be_studied_is_refused_before_any_work(asked, message):
    with pytest.raises(ValueError, match=message):
        run(asked)


def test_a_function_without_a_recipe_is_refused():
    def answer(X):
        return np.full((len(X), 2), 0.5)

    box = BlackBox(answer, response="proba", classes=[0, 1])
    with pytest.raises(ValueError, match="unfitted model as recipe"):
        run("female == 1", model=box)
