"""The picture of accuracy against leakage."""

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.exceptions import NotFittedError
from sklearn.tree import DecisionTreeClassifier

from skprivacy.defenses import CanaryEvaluation, DefenseTradeoffDisplay
from skprivacy.defenses._defense_tradeoff_display import _overlap
from skprivacy.metrics import Interval

plt = pytest.importorskip("matplotlib.pyplot")


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def interval(estimate):
    return Interval(estimate, max(estimate - 0.02, 0), estimate + 0.02, 0.95, 90, 90)


def display(accuracy, leak, is_baseline, fpr=0.01):
    return DefenseTradeoffDisplay(
        names=[f"model {i}" for i in range(len(accuracy))],
        accuracy=[interval(a) for a in accuracy],
        leak=[interval(rate) for rate in leak],
        is_baseline=is_baseline,
        fpr=fpr,
        title="what is found",
    )


@pytest.fixture(scope="module")
def evaluation():
    X, y = load_iris(return_X_y=True)
    tree = {"tree": DecisionTreeClassifier()}
    options = {"canaries": ["mislabeled"], "n_canaries": 15, "n_models": 4}
    options |= {"dp_baseline": [100], "fpr": [0.05, 0.2], "random_state": 0}
    return CanaryEvaluation(tree, **options).fit(X, y)


def test_points_stand_where_the_figures_are(evaluation):
    shown = DefenseTradeoffDisplay.from_estimator(evaluation)
    (x, y), *_ = [container[0].get_data() for container in [shown.defenses_]]
    assert x.tolist() == [evaluation.tpr_["tree"]["worst"][0.05].estimate]
    assert y.tolist() == [evaluation.accuracy_["tree"].estimate]
    assert [text.get_text() for text in shown.ax_.texts] != []
    assert {text.get_text() for text in shown.ax_.texts} == set(evaluation.names_)


def test_the_title_is_the_finding(evaluation):
    shown = evaluation.plot()
    assert evaluation.beaten_by("tree") == "DP epsilon=100"
    title = shown.ax_.get_title(loc="left")
    assert title == "Private models of comparable accuracy leak less than 1 of 1 model"


def test_without_a_private_model_the_title_names_the_best():
    X, y = load_iris(return_X_y=True)
    trees = {
        "tree": DecisionTreeClassifier(),
        "stump": DecisionTreeClassifier(max_depth=1),
    }
    options = {"canaries": ["mislabeled"], "n_canaries": 15, "n_models": 4}
    options |= {"dp_baseline": False, "fpr": [0.1], "random_state": 0}
    shown = CanaryEvaluation(trees, **options).fit(X, y).plot()
    assert shown.ax_.get_title(loc="left").startswith("'stump' leaks least of 2 models")
    assert shown.baselines_ is None


def test_other_rates_and_given_axes(evaluation):
    _, ax = plt.subplots()
    shown = DefenseTradeoffDisplay.from_estimator(evaluation, fpr=0.2, ax=ax)
    assert shown.ax_ is ax and shown.figure_ is ax.figure
    assert "20% false positives" in ax.get_xlabel()
    with pytest.raises(ValueError, match=r"fpr must be one of \[0.05, 0.2\]; got 0.5"):
        DefenseTradeoffDisplay.from_estimator(evaluation, fpr=0.5)


def test_an_evaluation_must_be_fitted():
    with pytest.raises(NotFittedError):
        CanaryEvaluation(DecisionTreeClassifier()).plot()


def test_kinds_are_told_apart_without_color():
    shown = display([0.8, 0.7], [0.5, 0.02], [False, True]).plot()
    looks = [
        (c[0].get_marker(), c[0].get_markerfacecolor())
        for c in (shown.defenses_, shown.baselines_)
    ]
    assert looks[0][0] != looks[1][0] and looks[1][1] == "none"


def test_less_than_guessing_is_shown_as_guessing():
    shown = display([0.8], [0.0], [False]).plot()
    assert shown.defenses_[0].get_xdata().tolist() == [0.01]
    assert shown.ax_.get_xlim()[0] < 0.01


@pytest.mark.parametrize("style", ["default", "dark_background"])
def test_names_cover_neither_points_nor_each_other(style):
    rng = np.random.default_rng(0)
    accuracy, leak = rng.uniform(0.6, 0.9, size=8), np.geomspace(0.01, 1, 8)
    with plt.style.context(style):
        shown = display(accuracy, leak, [False] * 4 + [True] * 4).plot()
    ax = shown.ax_
    points = ax.transData.transform(np.column_stack([leak, accuracy]))
    boxes = [text.get_window_extent() for text in ax.texts]
    frame = ax.get_window_extent()
    for i, box in enumerate(boxes):
        assert _overlap(box, frame, boxes[:i], np.empty((0, 2))) == 0
        inside = (points > [box.x0, box.y0]) & (points < [box.x1, box.y1])
        assert not inside.all(axis=1).any()
