"""Conditions of --fail-if."""

from dataclasses import replace

import pytest

from skprivacy._cli._conditions import parse_condition


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("auc>0.6", ("auc", None, "estimate", ">", 0.6)),
        ("auc.low >= .6", ("auc", None, "low", ">=", 0.6)),
        ("blind.low>0.5", ("blind", None, "low", ">", 0.5)),
        ("tpr@0.01>0.05", ("tpr", 0.01, "estimate", ">", 0.05)),
        ("tpr@1%>5%", ("tpr", 0.01, "estimate", ">", 0.05)),
        ("tpr@0.1%.high < 1e-2", ("tpr", 0.001, "high", "<", 0.01)),
        (" tpr@0.001.low  <=  2 ", ("tpr", 0.001, "low", "<=", 2.0)),
        ("tpr@1e-3>0", ("tpr", 0.001, "estimate", ">", 0.0)),
    ],
)
def test_grammar(text, expected):
    c = parse_condition(text)
    assert (c.metric, c.fpr, c.end, c.operator, c.bound) == expected
    assert c.text == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "auc",
        "auc>",
        "auc=0.6",
        "auc>>0.6",
        "auc>x",
        "auc>-1",
        "auc.mid>0.6",
        "accuracy>0.6",
        "tpr>0.6",
        "tpr@>0.6",
        "tpr@0.01>0.05 and auc>0.6",
        "0.05<tpr@0.01",
    ],
)
def test_bad_grammar_shows_the_right_one(text):
    with pytest.raises(ValueError, match=r"not of the form METRIC.*'tpr@0.01 > 0.05'"):
        parse_condition(text)


def test_a_rate_that_is_not_measured_is_refused():
    with pytest.raises(ValueError, match=r"at the FPR of 0.01 and 0.001 only"):
        parse_condition("tpr@0.05>0.1")


@pytest.mark.parametrize(
    ("metric", "interval"),
    [
        ("auc", lambda result: result.best.roc_auc),
        ("tpr@0.01", lambda result: result.best.tpr[0.01]),
        ("blind", lambda result: result.blind),
    ],
)
@pytest.mark.parametrize("end", ["", ".low", ".high"])
def test_holds_compares_the_asked_figure(make_result, metric, interval, end):
    result = make_result()
    value = getattr(interval(result), end[1:] or "estimate")
    assert parse_condition(f"{metric}{end}>={value - 1e-9:.12f}").holds(result)
    assert not parse_condition(f"{metric}{end}>{value + 1e-9:.12f}").holds(result)


def test_any_attack_counts(make_result):
    result = make_result()
    weak = replace(result.attacks[0], name="weak", roc_auc=result.blind)
    result = replace(result, attacks=(weak, *result.attacks))
    assert parse_condition("auc>0.6").holds(result)
    assert parse_condition("auc<0.55").holds(result)


def test_an_unknown_figure_is_no_success(make_result):
    with pytest.raises(ValueError, match="1,000 records from outside are needed"):
        parse_condition("tpr@0.001>0.5").holds(make_result(n=300))
