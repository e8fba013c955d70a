"""Bars of attacks beside imputation."""

import numpy as np
import pytest
from attribute_scenes import baseline, fitted, known, scene
from matplotlib import pyplot as plt

from skprivacy.attribute import AttributeGainDisplay, AttributeInferenceResult
from skprivacy.attribute._guesses import Guesses
from skprivacy.metrics import Interval

pytestmark = pytest.mark.usefixtures("no_window")


def guesses(n_attack, n_imputation, n=100):
    """So many of the guesses are right."""
    secret = np.arange(n) % 2
    attack, imputation = (
        np.where(np.arange(n) < right, secret, 1 - secret)
        for right in (n_attack, n_imputation)
    )
    return Guesses(secret, attack, imputation)


def result_of(n_attack, name="attack", sensitive="sick", **settings):
    return AttributeInferenceResult(
        guesses(n_attack, 50),
        guesses(60, 40),
        classes=np.arange(2),
        name=name,
        sensitive=sensitive,
        **settings,
    )


def lengths(bars):
    return [bar.get_width() for bar in bars]


def names_of(ax):
    return [tick.get_text() for tick in ax.get_yticklabels()]


def test_bars_are_as_long_as_the_scores():
    display = AttributeGainDisplay.from_results(result_of(80))
    members, others = display.bars_
    np.testing.assert_allclose(lengths(members), [0.5, 0.8])
    np.testing.assert_allclose(lengths(others), [0.4, 0.6])
    assert names_of(display.ax_) == ["Imputation", "attack"]
    assert display.ax_.get_xlabel() == "accuracy of sick"
    legend = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert legend == ["Training records", "Others"]


def test_members_are_drawn_above_others_and_the_first_row_on_top():
    display = AttributeGainDisplay.from_results(result_of(80))
    members, others = ([bar.get_y() for bar in bars] for bars in display.bars_)
    assert display.ax_.yaxis_inverted()
    assert members[0] < others[0] < members[1] < others[1]
    heights = [bar.get_height() for bars in display.bars_ for bar in bars]
    assert members[0] + heights[0] <= others[0]


def test_error_bars_are_the_intervals():
    result = result_of(80)
    display = AttributeGainDisplay.from_results(result)
    gain = result.gains_[0]
    expected = [
        [gain.imputation_score, gain.score],
        [gain.imputation_score_on_others, gain.score_on_others],
    ]
    for bars, intervals in zip(display.bars_, expected, strict=True):
        (lines,) = bars.errorbar.lines[2]
        for segment, interval in zip(lines.get_segments(), intervals, strict=True):
            np.testing.assert_allclose(segment[:, 0], [interval.low, interval.high])


def test_a_line_marks_imputation():
    display = AttributeGainDisplay.from_results(result_of(80))
    (line,) = [x for x in display.ax_.lines if x.get_linestyle() == ":"]
    np.testing.assert_allclose(line.get_xdata(), 0.5)


def test_attacks_share_one_row_of_imputation():
    results = [result_of(80, "strong"), result_of(55, "weak")]
    display = AttributeGainDisplay.from_results(results)
    assert names_of(display.ax_) == ["Imputation", "strong", "weak"]
    np.testing.assert_allclose(lengths(display.bars_[0]), [0.5, 0.8, 0.55])


def test_results_may_be_any_iterable():
    display = AttributeGainDisplay.from_results(result_of(n) for n in (60, 80))
    assert len(display.bars_[0]) == 3


def test_another_measure():
    display = AttributeGainDisplay.from_results(
        result_of(81), measure="balanced accuracy"
    )
    assert display.ax_.get_xlabel() == "balanced accuracy of sick"
    # 41 of 50 and 40 of 50.
    np.testing.assert_allclose(lengths(display.bars_[0]), [0.5, 0.81])


def test_given_axes_are_drawn_on():
    figure, ax = plt.subplots()
    display = AttributeGainDisplay.from_results(result_of(80), ax=ax)
    assert display.ax_ is ax and display.figure_ is figure
    assert plt.get_fignums() == [figure.number]


def test_estimators_are_asked():
    where = scene()
    attack = fitted("LearnedAttack")
    sides = *known(where.members), *known(where.others)
    display = AttributeGainDisplay.from_estimators(
        attack, baseline(), *sides, name="learned"
    )
    assert names_of(display.ax_) == ["Imputation", "learned"]
    scores = [e.score(*sides[:2]) for e in (baseline(), attack)]
    np.testing.assert_allclose(lengths(display.bars_[0]), scores)


def test_an_interval_that_is_not_known_is_left_out():
    known_, not_known = (
        Interval(0.5, *ends, 0.95, 5, 0) for ends in ((0.3, 0.7), (np.nan, np.nan))
    )
    display = AttributeGainDisplay(
        names=["Imputation", "attack"],
        members=[known_, not_known],
        others=[not_known, not_known],
        measure="R2",
        sensitive="age",
    ).plot()
    np.testing.assert_allclose(lengths(display.bars_[0]), 0.5)


def test_plot_returns_the_display():
    display = AttributeGainDisplay.from_results(result_of(80))
    assert display.plot() is display


def test_there_must_be_a_result():
    with pytest.raises(ValueError, match="results must hold at least one result"):
        AttributeGainDisplay.from_results([])


def test_results_are_of_one_column():
    results = [result_of(80), result_of(80, sensitive="race")]
    match = r"one sensitive column; got \['race', 'sick'\]"
    with pytest.raises(ValueError, match=match):
        AttributeGainDisplay.from_results(results)


def test_measure_must_be_one_of_the_results():
    match = r"measure must be one of \['accuracy', 'balanced accuracy'\].*got 'R2'"
    with pytest.raises(ValueError, match=match):
        AttributeGainDisplay.from_results(result_of(80), measure="R2")


def test_results_are_on_the_same_records():
    # Imputation is drawn once, so it must be the same for all.
    other = AttributeInferenceResult(
        guesses(80, 70), guesses(60, 40), classes=np.arange(2), sensitive="sick"
    )
    with pytest.raises(ValueError, match="results must be on the same records"):
        AttributeGainDisplay.from_results([result_of(80), other])


def test_results_are_of_one_kind():
    secret = np.linspace(0, 1, 100)
    number = AttributeInferenceResult(
        *[Guesses(secret, secret, secret)] * 2, sensitive="sick"
    )
    with pytest.raises(ValueError, match=r"one measure; got \['R2', 'accuracy'\]"):
        AttributeGainDisplay.from_results([result_of(80), number])
