import numpy as np
import pytest

from skprivacy.metrics import SignalHistogramDisplay

draw = SignalHistogramDisplay.from_predictions


def test_shares_by_hand():
    # Members .1 .6 .7 .8: one of four in [0, .5), three in [.5, 1].
    display = draw([1, 1, 1, 1, 0, 0], [0.1, 0.6, 0.7, 0.8, 0.2, 1.0], bins=[0, 0.5, 1])
    assert display.members.tolist() == [0.25, 0.75]
    assert display.non_members.tolist() == [0.5, 0.5]
    assert display.n_beyond == 0


def test_records_beyond_are_counted_in_the_outermost_bins():
    y, score = [1, 1, 1, 0, 0], [-np.inf, 0.5, np.inf, 7.0, 0.2]
    display = draw(y, score, bins=[0, 0.4, 0.6, 1])
    assert display.members == pytest.approx([1 / 3, 1 / 3, 1 / 3])
    assert display.non_members.tolist() == [0.5, 0.0, 0.5]
    assert display.n_beyond == 3
    assert "include 3 records beyond" in display.ax_.get_xlabel()


def test_a_few_extreme_scores_do_not_squeeze_the_rest():
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], 1000)
    score = rng.normal(y)
    score[:3] = [-np.inf, np.inf, 1e12]
    display = draw(y, score)
    assert -4 < display.bin_edges[0] < display.bin_edges[-1] < 5
    assert display.members.sum() == pytest.approx(1)
    assert display.non_members.sum() == pytest.approx(1)


def test_nearly_constant_scores_keep_their_range():
    score = np.zeros(1000)
    score[-1] = 2.0
    assert draw(np.repeat([0, 1], 500), score).bin_edges[[0, -1]].tolist() == [0, 2]


def test_legend_says_how_many_records():
    display = draw(np.repeat([0, 1], [1500, 20]), np.arange(1520.0))
    labels = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert labels == ["20 members", "1,500 non-members"]
    assert [patch.get_label() for patch in display.line_] == labels


@pytest.mark.parametrize("bins", [0, [1], [1, 1], [2, 1]])
def test_bad_bins_are_named(bins):
    with pytest.raises(ValueError, match="bins must be"):
        draw([0, 1], [0.0, 1.0], bins=bins)
