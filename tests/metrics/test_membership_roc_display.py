import matplotlib.pyplot as plt
import numpy as np
import pytest

from skprivacy.metrics import MembershipRocDisplay, tpr_at_fpr, tpr_at_fpr_interval
from skprivacy.metrics._style import CURVE_COLORS

Y = np.repeat([0, 1], 500)
SCORE = np.random.default_rng(0).normal(1.5 * Y)


def draw(score=SCORE, y=Y, **kwargs):
    return MembershipRocDisplay.from_predictions(y, score, **kwargs)


def legend(display):
    return [text.get_text() for text in display.ax_.get_legend().get_texts()]


def test_axes_are_logarithmic_and_square():
    ax = draw().ax_
    assert (ax.get_xscale(), ax.get_yscale(), ax.get_aspect()) == ("log", "log", 1.0)
    assert ax.get_xlim() == ax.get_ylim() == (0.5 / 500, 1.0)


def test_curve_begins_where_one_non_member_stands_behind_it():
    display = draw()
    fpr, tpr = display.line_.get_data()
    assert fpr[0] == 1 / 500
    assert tpr[0] == tpr_at_fpr(Y, SCORE, 1 / 500)
    assert (fpr[-1], tpr[-1]) == (1.0, 1.0)
    assert any("500" in text.get_text() for text in display.ax_.texts)


@pytest.mark.parametrize("fpr", [0.01, 0.05, 0.5])
def test_curve_is_tpr_at_fpr(fpr):
    display = draw(SCORE.round(1))
    at = np.searchsorted(display.fpr, fpr + 1e-9) - 1
    assert display.tpr[at] == tpr_at_fpr(Y, SCORE.round(1), fpr)


def test_band_is_the_interval():
    display = draw(confidence=0.9)
    for i in (5, 15, 25):
        rate = display.band_fpr[i]
        interval = tpr_at_fpr_interval(Y, SCORE, rate, confidence=0.9)
        assert (display.band_low[i], display.band_high[i]) == pytest.approx(
            (interval.low, interval.high)
        )
    assert "90% interval at each rate" in legend(display)


def test_parts_can_be_left_out():
    display = draw(plot_band=False, plot_chance_level=False)
    assert display.band_ is None and display.chance_level_ is None
    assert len(legend(display)) == 1


def test_line_takes_matplotlibs_words():
    display = draw(color="black", lw=3, ls=":")
    assert display.line_.get_color() == "black"
    assert (display.line_.get_linewidth(), display.line_.get_linestyle()) == (3, ":")


def test_attacks_share_axes_and_what_is_common_is_drawn_once():
    _, ax = plt.subplots()
    displays = [draw(SCORE + i, name=f"attack {i}", ax=ax) for i in range(6)]
    lines = [display.line_ for display in displays]
    assert [line.get_color() for line in lines[:5]] == list(CURVE_COLORS)
    assert len({(line.get_color(), line.get_linestyle()) for line in lines}) == 6
    assert [display.chance_level_ is None for display in displays] == [False] + 5 * [1]
    assert legend(displays[-1])[:6] == [f"attack {i} (AUC 0.86)" for i in range(6)]
    assert legend(displays[-1])[6:] == ["95% interval at each rate", "guessing"]
    assert len(ax.texts) == 1


def test_axes_reach_as_far_as_the_longest_curve():
    display = draw()
    y = np.repeat([0, 1], [2000, 100])
    longer = draw(np.random.default_rng(0).normal(y), y, ax=display.ax_)
    assert longer.ax_.get_xlim()[0] == 0.5 / 2000
    assert draw(ax=display.ax_).ax_.get_xlim()[0] == 0.5 / 2000


def test_bad_confidence_is_named():
    with pytest.raises(ValueError, match="confidence must be between 0 and 1; got 95"):
        draw(confidence=95)
