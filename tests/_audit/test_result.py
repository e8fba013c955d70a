"""The result of an audit."""

from dataclasses import FrozenInstanceError

import numpy as np
import pytest

FIGURES = ("roc_auc", "tpr_at_fpr_0.01", "tpr_at_fpr_0.001")


def test_summary_has_one_row_an_attack_the_best_first(make_result):
    result = make_result()
    summary = result.summary()
    assert summary.columns.tolist() == [
        "attack",
        "access",
        *(f"{name}{end}" for name in FIGURES for end in ("", "_low", "_high")),
        "n_members",
        "n_non_members",
        "seconds",
        "n_queries",
        "n_shadow_models",
    ]
    assert len(summary) == len(result.attacks)
    assert summary["attack"][0] == result.best.name
    assert summary["tpr_at_fpr_0.01"].is_monotonic_decreasing
    for name in FIGURES:
        assert (summary[f"{name}_low"] <= summary[name]).all()
        assert (summary[name] <= summary[f"{name}_high"]).all()


def test_best_goes_by_auc_where_the_rate_is_unknown(make_result):
    result = make_result(n=60)
    assert np.isnan(result.best.tpr[0.01].estimate)
    aucs = [attack.roc_auc.estimate for attack in result.attacks]
    assert result.best.roc_auc.estimate == max(aucs)


def test_repr_is_short_and_names_the_best(make_result):
    text = repr(make_result())
    assert text.startswith(
        "<AuditResult of RandomForestClassifier: 6 attacks, best RMIA (black box)"
    )
    assert "Strong leakage" in text
    assert len(text) < 250


def test_results_are_frozen(make_result):
    result = make_result(n=50)
    with pytest.raises(FrozenInstanceError):
        result.signal_name = "other"


def test_verdict_is_text(make_result):
    result = make_result()
    assert result.verdict == str(result.judgment)
    start = "An attacker who can only ask the model and wrongly accuses 1 in 1,000"
    assert start in result.verdict


def test_no_attack_is_refused(make_result):
    with pytest.raises(ValueError, match="attacks must hold at least one"):
        make_result(n=50, attacks={})


def test_two_attacks_of_one_name_are_refused(make_result):
    one = make_result(n=50)
    with pytest.raises(ValueError, match="different names"):
        type(one)(**(vars(one) | {"attacks": (one.best, one.best)}))


@pytest.mark.parametrize("field", ["record_ids", "signal"])
def test_columns_of_another_length_are_refused(make_result, field):
    with pytest.raises(ValueError, match=f"{field} must have one value for each"):
        make_result(n=50, **{field: np.zeros(99)})


def test_plot_roc_draws_every_attack_on_one_axes(make_result):
    result = make_result(n=200)
    ax = result.plot_roc()
    labels = " ".join(text.get_text() for text in ax.get_legend().get_texts())
    for attack in result.attacks:
        assert attack.name in labels
    assert ax.get_xscale() == ax.get_yscale() == "log"
    # Without colors, too, one is not taken for the next.
    assert {"-", "--", "-."} <= {line.get_linestyle() for line in ax.get_lines()}
    assert result.plot_roc(ax=ax) is ax


def test_to_html_and_to_json_return_the_path(make_result, tmp_path):
    result = make_result(n=200)
    html = result.to_html(tmp_path / "report.html")
    assert html == tmp_path / "report.html"
    assert html.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert result.to_json(str(tmp_path / "report.json")) == tmp_path / "report.json"


def test_shown_in_a_notebook_it_is_a_page_in_a_frame_of_its_own(make_result):
    html = make_result(n=200)._repr_html_()
    assert html.startswith("<iframe srcdoc=")
    assert html.count("<") == 2
    assert 'sandbox=""' in html
