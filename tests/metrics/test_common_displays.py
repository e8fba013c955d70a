"""What all displays share."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.svm import SVR

from skprivacy.metrics import MembershipRocDisplay, SignalHistogramDisplay
from skprivacy.metrics._style import CURVE_COLORS, MEMBER_COLOR, NON_MEMBER_COLOR


@pytest.fixture(params=[MembershipRocDisplay, SignalHistogramDisplay])
def Display(request):
    return request.param


@pytest.fixture(scope="module")
def fitted():
    X, y = make_classification(400, random_state=0)
    return LogisticRegression().fit(X, y), X, y


def data_of(display):
    return {
        name: value
        for name, value in vars(display).items()
        if not name.endswith("_") and name not in ("name", "pos_label")
    }


def assert_same_data(one, other):
    one, other = data_of(one), data_of(other)
    assert one.keys() == other.keys()
    for key, value in one.items():
        np.testing.assert_array_equal(value, other[key], err_msg=key)


def test_both_ways_lead_to_the_same_picture(Display, fitted):
    model, X, y = fitted
    by_estimator = Display.from_estimator(model, X, y)
    by_scores = Display.from_predictions(y, model.decision_function(X))
    assert_same_data(by_estimator, by_scores)
    for display in (by_estimator, by_scores):
        assert isinstance(display.ax_, plt.Axes)
        assert display.figure_ is display.ax_.figure
        assert display.line_ is not None


def test_probabilities_serve_where_there_is_no_decision_function(Display, fitted):
    _, X, y = fitted
    model = GaussianNB().fit(X, y)
    by_scores = Display.from_predictions(y, model.predict_proba(X)[:, 1])
    assert_same_data(Display.from_estimator(model, X, y), by_scores)


def test_pos_label_turns_the_sides(Display, fitted):
    model, X, y = fitted
    turned = Display.from_estimator(model, X, y, pos_label=0)
    by_hand = Display.from_predictions(1 - y, -model.decision_function(X))
    assert_same_data(turned, by_hand)
    assert turned.pos_label == 0


def test_stored_data_can_be_drawn_again(Display, fitted):
    model, X, y = fitted
    display = Display.from_estimator(model, X, y)
    again = Display(**data_of(display), name="again")
    _, ax = plt.subplots()
    assert again.plot(ax=ax) is again
    assert again.ax_ is ax
    assert_same_data(again, display)


def test_draws_where_it_is_told(Display, fitted):
    model, X, y = fitted
    _, ax = plt.subplots()
    assert Display.from_estimator(model, X, y, ax=ax).ax_ is ax
    assert plt.get_fignums() == [ax.figure.number]


def test_name_is_shown(Display, fitted):
    model, X, y = fitted

    def texts(display):
        legend = [text.get_text() for text in display.ax_.get_legend().get_texts()]
        return " ".join([display.ax_.get_xlabel(), *legend])

    assert "LogisticRegression" in texts(Display.from_estimator(model, X, y))
    display = Display.from_predictions(y, model.decision_function(X), name="stored")
    assert "stored" in texts(display)
    assert "given" in texts(display.plot(name="given"))


@pytest.mark.parametrize("labels", [["a", "b"], [False, True], [-1, 1]])
def test_any_two_labels(Display, fitted, labels):
    model, X, y = fitted
    score = model.decision_function(X)
    assert_same_data(
        Display.from_predictions(np.array(labels)[y], score),
        Display.from_predictions(y, score),
    )


@pytest.mark.parametrize("case", ["constant", "infinite", "four records", "unbalanced"])
@pytest.mark.parametrize("style", ["default", "dark_background"])
@pytest.mark.filterwarnings("error")
def test_odd_scores_are_drawn(Display, case, style):
    y = np.repeat([0, 1], 100)
    score = {
        "constant": np.ones(200),
        "infinite": np.where(y == 1, np.inf, -np.inf),
        "four records": np.arange(4.0),
        "unbalanced": np.arange(200.0),
    }[case]
    y = {"four records": [0, 1, 0, 1], "unbalanced": np.arange(200) == 7}.get(case, y)
    with plt.style.context(style):
        Display.from_predictions(y, score).figure_.canvas.draw()


@pytest.mark.parametrize(
    ("y_true", "y_score", "message"),
    [
        ([0, 1], [0.0, np.nan], "y_score must not hold NaN"),
        ([0, 1, 2], [0.0, 1, 2], "y_true must hold exactly two labels"),
        ([0, 1, 1], [0.0, 1], "y_true and y_score must be of the same length"),
    ],
)
def test_bad_input_is_named(Display, y_true, y_score, message):
    with pytest.raises(ValueError, match=message):
        Display.from_predictions(y_true, y_score)
    assert not plt.get_fignums()


def test_only_binary_classifiers_have_a_picture(Display, fitted):
    _, X, y = fitted
    with pytest.raises(ValueError, match="binary classifier"):
        Display.from_estimator(SVR().fit(X, y), X, y)


def luminance(color):
    parts = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


@pytest.mark.parametrize(
    "color", sorted({*CURVE_COLORS, MEMBER_COLOR, NON_MEMBER_COLOR})
)
@pytest.mark.parametrize("background", ["#FFFFFF", "#121212"])
def test_colors_are_legible_on_light_and_dark(color, background):
    # Contrast as WCAG 2 defines it; 3 is what it asks of graphics.
    low, high = sorted([luminance(color), luminance(background)])
    assert (high + 0.05) / (low + 0.05) >= 3
