"""The one picture of an audit."""

from dataclasses import replace

import matplotlib.pyplot as plt
import pytest

from skprivacy._audit._access import WHITE_BOX
from skprivacy._report._words import percent


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_the_title_says_what_the_best_attack_finds(make_result):
    result = make_result()
    ax = result.plot()
    title = ax.get_title(loc="left").replace("\n", " ")
    best = result.best.tpr[0.01]
    assert title.startswith(result.judgment.headline)
    assert f"names {percent(best.estimate)} (" in title and "1% of the others" in title


def test_the_best_stands_on_top_with_its_interval(make_result):
    result = make_result()
    ax = result.plot()
    assert [text.get_text() for text in ax.get_yticklabels()] == [
        attack.name for attack in result.ranked[::-1]
    ]
    interval, point = ax.lines[-3:-1]
    best = result.best.tpr[0.01]
    assert list(interval.get_xdata()) == [best.low, best.high]
    assert list(point.get_xdata()) == [best.estimate]
    assert set(point.get_ydata()) == {len(result.attacks) - 1}


def test_few_non_members_leave_the_auc(make_result):
    result = make_result(n=50)
    ax = result.plot()
    assert "has an AUC of" in ax.get_title(loc="left")
    assert ax.get_xlabel().startswith("AUC")


def test_kinds_of_access_have_markers_of_their_own(make_result):
    result = make_result()
    held = replace(result.attacks[0], access=WHITE_BOX)
    _, ax = plt.subplots()
    assert replace(result, attacks=(held, *result.attacks[1:])).plot(ax) is ax
    markers = {line.get_marker() for line in ax.lines} - {"None"}
    assert markers == {"o", "s"}
    assert len(ax.get_legend().get_texts()) == 2
