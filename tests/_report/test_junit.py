"""Conditions as test cases of a build server."""

from xml.etree import ElementTree

from skprivacy._cli._conditions import parse_condition
from skprivacy._report import render_junit


def test_a_condition_that_holds_is_a_failure(make_result):
    result = make_result()
    conditions = [parse_condition(text) for text in ("auc > 0.01", "auc > 0.9999")]
    suite = ElementTree.fromstring(render_junit(result, conditions))
    assert suite.tag == "testsuite"
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    first, second = suite.findall("testcase")
    assert first.get("name") == "auc > 0.01"
    assert first.find("failure").text == result.verdict
    assert second.find("failure") is None


def test_characters_that_xml_can_not_hold(make_result, monkeypatch):
    result = make_result()
    monkeypatch.setattr(type(result), "verdict", property(lambda _: "a\x00\x1b]]>&<b"))
    suite = ElementTree.fromstring(render_junit(result, [parse_condition("auc > 0")]))
    assert suite.find("testcase/failure").text == "a??]]>&<b"
