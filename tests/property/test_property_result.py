"""Figures, words and pictures of what was read off a model."""

from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from skprivacy.property import PropertyInferenceResult, PropertyPosteriorDisplay
from skprivacy.property._posterior import learn_law, posterior_of
from skprivacy.property._property_reading import PropertyReading, missed_by_trend
from skprivacy.property._property_readout import PropertyReadout, read_out
from skprivacy.property._property_words import column_and_value, words_of

GRID = np.linspace(0.2, 0.8, 121)
FLAT = np.full(121, 1 / 121)


def make_reading(noise=0.05, statistic=0.4, access="black box", hold=None, seed=0):
    """Read by a statistic that is the share itself, and noise."""
    rng = np.random.default_rng(seed)
    ends = np.resize([0.2, 0.8], 40)
    ratios = np.concatenate([ends, rng.uniform(0.25, 0.75, 40)])
    statistics = ratios + noise * rng.normal(size=80)
    law = learn_law(ratios, statistics)
    return PropertyReading(
        access=access,
        hold=hold,
        statistic=statistic,
        grid=GRID,
        prior=FLAT,
        posterior=posterior_of(law, statistic, GRID, FLAT),
        shadow_ratios=ratios,
        shadow_statistics=statistics,
        law=law,
        factor=np.ones(121),
        size=500,
        confidence=0.9,
    )


def make_result(*readings, **changes):
    fields = {"property": "sex == 'f'", "base_rate": 0.5} | changes
    return PropertyInferenceResult(readings=readings or (make_reading(),), **fields)


def test_a_reading_has_its_figures():
    reading = make_reading()
    assert reading.ratio == pytest.approx(0.4, abs=0.02)
    # 1.645 deviations of 0.05 on both sides
    assert reading.interval.high - reading.interval.low == pytest.approx(0.17, abs=0.04)
    assert reading.narrowing == pytest.approx(1 - 0.17 / 0.54, abs=0.08)
    low, high = reading.worlds
    assert len(low) == len(high) == 20
    assert reading.roc_auc.estimate == reading.accuracy.estimate == 1.0
    # A normal's mean absolute deviation is 0.8 of the standard one.
    assert reading.error == pytest.approx(0.04, abs=0.012)
    assert reading.error_of_guess == pytest.approx(0.225, abs=0.02)


def test_a_threshold_is_not_learned_from_the_model_that_it_tells():
    reading = make_reading()
    # Each world is one value and one model beyond it, by which a mean is moved.
    ratios = np.array([0.2, 0.2, 0.8, 0.8])
    odd = replace(
        reading, shadow_ratios=ratios, shadow_statistics=np.array([0.0, 0.9, 1.0, 1.2])
    )
    # Without 0.9 the threshold is (0 + 1.1) / 2: it is taken for one of the others.
    assert odd.accuracy.estimate == 0.75


def test_the_best_is_the_one_that_errs_least_with_the_label_free():
    rough, fine = make_reading(0.2), make_reading(0.02, access="white box")
    held = make_reading(0.001, access="white box", hold="label")
    result = make_result(rough, fine, held)
    assert result.best is fine
    assert result.reading("black box") is rough
    assert result.reading(hold="label") is held
    assert make_result(held).best is held
    with pytest.raises(ValueError, match="no reading with access='magic'"):
        result.reading("magic")


def test_attributes_are_those_of_the_best():
    result = make_result(true_ratio=0.42)
    assert result.ratio_ == result.best.ratio
    assert result.interval_ is result.best.interval
    assert result.statistic_ == 0.4
    assert result.posterior_.sum() == pytest.approx(1)
    assert result.posterior_.index.name == "ratio"
    assert result.baseline_.estimate == 0.5
    assert result.baseline_.high - result.baseline_.low == pytest.approx(0.54, abs=0.01)


def test_tables_have_a_row_for_each():
    result = make_result(make_reading(), make_reading(hold="label"), true_ratio=0.42)
    summary = result.summary()
    assert summary["label"].tolist() == ["free", "held"]
    assert summary["true_ratio"].tolist() == [0.42, 0.42]
    assert (summary["ratio_low"] <= summary["ratio"]).all()
    assert not summary.isna().any(axis=None)
    models = result.to_frame()
    assert len(models) == 2 * 81
    assert models["target"].sum() == 2
    assert models.loc[models["target"], "ratio"].tolist() == [0.42, 0.42]


def test_a_result_without_a_reading_is_refused():
    with pytest.raises(ValueError, match="at least one reading"):
        PropertyInferenceResult("x", (), 0.5)


# Verdict


@pytest.mark.parametrize(
    ("noise", "level"),
    [(0.03, "strong"), (0.12, "some"), (0.4, "unclear"), (5.0, "none")],
)
def test_levels(noise, level):
    assert make_result(make_reading(noise)).verdict.level == level


def test_the_text_says_what_was_found():
    held = make_reading(5.0, hold="label")
    verdict = make_result(make_reading(), held, true_ratio=0.42).verdict
    assert "sex == 'f'" in verdict.shares
    assert "all from 20% to 80% was taken for possible" in verdict.shares
    assert "told from those with 80% in 100% of cases" in verdict.worlds
    assert "only the property itself differs" in verdict.held
    assert verdict.truth == "The true share is 42%."
    assert str(verdict).startswith(verdict.headline)
    assert "no reading" not in verdict.text


def test_a_missed_truth_is_owned_up_to():
    verdict = make_result(true_ratio=0.75).verdict
    missed = "The true share is 75%, which the interval of the shadow models misses."
    assert verdict.truth == missed


def test_a_share_that_is_read_out_makes_the_level():
    exact = PropertyReadout(0.4, 0.4, 0.4, True, "mean_ of StandardScaler")
    verdict = make_result(make_reading(5.0), readout=exact).verdict
    assert verdict.level == "strong"
    assert "itself, 40%: mean_ of StandardScaler." in verdict.readout


def test_a_readout_that_says_little_is_not_put_in_words():
    rough = PropertyReadout(0.4, 0.0, 1.0, False, "counts of nodes")
    assert make_result(readout=rough).verdict.readout == ""
    fair = PropertyReadout(0.4, 0.3, 0.5, False, "counts of nodes")
    told = make_result(readout=fair).verdict
    assert told.readout.startswith("Of the training records, 40% (30% to 50%) have")
    # What is read off the model itself comes before what shadow models say.
    assert told.text.index(told.readout) < told.text.index("Shadow models say")
    assert told.level == "strong"


# Trend over sizes


def test_a_statistic_that_is_off_at_the_next_size_is_noticed():
    rng = np.random.default_rng(0)
    ratios = rng.uniform(0.2, 0.8, size=96)
    sizes = np.repeat([400, 200, 100], 32)
    numbers = ratios[:, None] + rng.normal(scale=0.01, size=(96, 3))
    blocks = {"numbers": slice(0, 3)}
    assert missed_by_trend(numbers, blocks, ratios, sizes) < 0.03
    numbers[sizes == 400] += 0.2
    assert missed_by_trend(numbers, blocks, ratios, sizes) == pytest.approx(
        0.2, abs=0.03
    )


# Words, and what is read without shadow models


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (("sex", "f"), ("sex", "f")),
        ("sex == 'f'", ("sex", "f")),
        (" age == 3 ", ("age", 3)),
        ("`marital status` == 'single'", ("marital status", "single")),
        ("age > 3", None),
        ("sex == 'f' and age > 3", None),
        ("3 == age", None),
        ("age ==", None),
        (len, None),
    ],
)
def test_a_column_and_its_value(asked, found):
    assert column_and_value(asked) == found


def test_words():
    assert words_of((2, 1.0)) == "column 2 == 1.0"
    assert words_of(("sex", "f")) == "sex == 'f'"
    assert words_of(make_reading) == "make_reading"


def test_what_a_model_does_not_tell_is_none():
    model = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    assert read_out(model, "age > 3", "y") is None
    assert read_out(model, (0, 1.0), -1) is None
    assert read_out(model, ("sex", "f"), -1) is None


# Display


@pytest.fixture(autouse=True)
def no_figures():
    yield
    plt.close("all")


def test_both_pictures_are_drawn():
    result = make_result(true_ratio=0.42)
    display = PropertyPosteriorDisplay.from_result(result)
    worlds, posterior = display.axes_
    assert worlds.get_xlabel() == "Statistic"
    assert posterior.get_xlabel() == "Share of sex == 'f'"
    labels = [text.get_text() for text in worlds.get_legend().get_texts()]
    assert labels == ["trained on 20%", "trained on 80%", "this model"]
    labels = [text.get_text() for text in posterior.get_legend().get_texts()]
    assert labels == ["with the model", "90% interval", "without", "truth"]
    # A density over shares: its area is 1.
    x, y = display.posterior_line_.get_data()
    assert np.trapezoid(y, x) == pytest.approx(1, abs=0.02)
    assert worlds.patches and sum(p.get_height() for p in worlds.patches) == 40


def test_a_reading_may_be_chosen_and_axes_given():
    rough = make_reading(0.2, statistic=0.7, hold="label")
    _, axes = plt.subplots(2)
    display = PropertyPosteriorDisplay.from_result(
        make_result(make_reading(), rough), hold="label", ax=axes
    )
    assert display.statistic == 0.7
    assert display.axes_.tolist() == list(axes)


def test_what_can_not_be_drawn_is_refused():
    with pytest.raises(TypeError, match="PropertyInferenceResult"):
        PropertyPosteriorDisplay.from_result(make_reading())
    _, ax = plt.subplots()
    with pytest.raises(ValueError, match="pair of axes"):
        PropertyPosteriorDisplay.from_result(make_result(), ax=ax)
