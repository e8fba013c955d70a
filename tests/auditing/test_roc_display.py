"""Pictures of audits."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from sklearn.datasets import load_iris
from sklearn.tree import DecisionTreeClassifier

from skprivacy.auditing import (
    AuditRocDisplay,
    MechanismAuditor,
    OneRunAuditor,
    epsilon_clopper_pearson,
)
from skprivacy.auditing._thresholds import bound_from_scores
from skprivacy.dp import PrivacyGuarantee

RNG = np.random.RandomState(0)
SCORES = RNG.laplace(2.0, size=1000), RNG.laplace(0.0, size=1000)


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def draw(scores=SCORES, **kwargs):
    return AuditRocDisplay.from_scores(*scores, **kwargs)


def legend(display):
    return [text.get_text() for text in display.ax_.get_legend().get_texts()]


def noisy(X, random_state):
    return np.sum(X) + np.random.RandomState(random_state).laplace(scale=0.5)


@pytest.fixture
def one_run():
    tree = DecisionTreeClassifier(random_state=0)
    auditor = OneRunAuditor(
        tree, guess_fraction=0.4, n_references=1, claimed=1.0, random_state=0
    )
    return auditor.fit(*load_iris(return_X_y=True))


def test_the_title_is_the_finding():
    display = draw(claimed=1.0)
    test = bound_from_scores(*SCORES, threshold="bonferroni")
    expected = f"Epsilon is at least {test.epsilon:.2f} (95%); claimed 1: refuted"
    assert display.title == expected
    assert display.ax_.get_title() == expected.replace("; ", "\n")
    assert draw(claimed=4.0).title.endswith("claimed 4: not refuted")
    assert draw().title == expected.split(";")[0]
    assert "95%, if Gaussian" in draw(bound="gdp", delta=1e-5).title


def test_the_region_is_what_the_claim_allows():
    display = draw(claimed=1.0, delta=0.01, scale="linear")
    vertices = display.region_.get_paths()[0].vertices
    highest = {fpr: tpr for fpr, tpr in sorted(map(tuple, vertices))}
    for fpr, tpr in highest.items():
        if 0 < fpr < 1:
            upper = min(np.e * fpr + 0.01, 1 - (1 - 0.01 - fpr) / np.e, 1.0)
            assert tpr == pytest.approx(upper, abs=1e-6)
    lowest = {fpr: tpr for fpr, tpr in sorted(map(tuple, vertices), reverse=True)}
    # The region is its own image where the worlds change their names.
    assert lowest[0.5] == pytest.approx(1 - highest[0.5])
    assert display.claimed_line_ is not None
    rates, tpr = display.claimed_line_.get_data()
    assert (tpr <= np.interp(rates, list(highest), list(highest.values())) + 1e-6).all()


def test_what_is_not_there_is_not_drawn():
    display = draw((SCORES[0], SCORES[0] + 0.01))
    assert display.epsilon_lower_bound == 0
    assert display.region_ is display.claimed_line_ is display.found_line_ is None
    assert draw(claimed=1.0).claimed_line_ is None
    nothing = PrivacyGuarantee.approximate(1.0, 1e-3)
    assert draw(claimed=nothing).region_ is None
    assert draw(claimed=0.0, delta=1e-5).claimed_line_ is None


def test_the_point_is_the_test_that_the_bound_is_from():
    display = draw(threshold="split", random_state=0)
    [[fpr, tpr]] = display.points
    counts = round(500 * tpr), round(500 * fpr), 500, 500
    assert epsilon_clopper_pearson(*counts) == display.epsilon_lower_bound
    assert display.points_.get_data()[0] == [fpr]


def test_axes_of_either_scale():
    for scale, low in (("log", 0.5 / 1000), ("linear", 0.0)):
        ax = draw(scale=scale).ax_
        assert (ax.get_xscale(), ax.get_yscale(), ax.get_aspect()) == (scale, scale, 1)
        assert ax.get_xlim() == ax.get_ylim() == (low, 1.0)
    # A test without false positives is seen on a logarithmic axis, at its edge.
    far = (np.arange(100.0) + 200, np.arange(100.0))
    display = draw(far, threshold="split", random_state=0)
    assert display.points[0, 0] == 0
    assert display.points_.get_data()[0] == [0.5 / 100]


def test_lines_differ_in_gray():
    display = draw(claimed=1.0, delta=1e-5)
    lines = [display.line_, display.claimed_line_, display.found_line_]
    assert len({line.get_linestyle() for line in lines}) == 3
    assert draw(color="black").line_.get_color() == "black"
    face = display.region_.get_facecolor()[0]
    assert to_rgb(face) == to_rgb(display.ax_.xaxis.label.get_color())


def test_of_one_run(one_run):
    _, ax = plt.subplots()
    display = AuditRocDisplay.from_auditor(one_run, ax=ax)
    assert display.ax_ is ax
    assert display.violated is True
    assert "claimed 1: refuted" in display.title
    # All 30 guesses are right: of both kinds, half.
    n_in, n_out = one_run.included_.sum(), (~one_run.included_).sum()
    expected = [[0, 15 / n_in], [1 - 15 / n_out, 1]]
    assert display.points == pytest.approx(np.array(expected))
    assert f"audit ({n_in} and {n_out} canaries)" in legend(display)
    assert "canaries" in ax.get_xlabel()


def test_of_many_runs():
    auditor = MechanismAuditor(
        noisy,
        neighbors=([[1.0]], [[0.0]]),
        score=float,
        n_runs=200,
        claimed=1.0,
        random_state=0,
    ).fit()
    display = AuditRocDisplay.from_auditor(auditor, scale="linear")
    assert display.epsilon_lower_bound == auditor.epsilon_lower_bound_
    test = auditor.test_
    expected = [test.false_positives / test.n_out, test.true_positives / test.n_in]
    assert display.points.tolist() == [expected]
    assert "audit (200 and 200 runs)" in legend(display)


def test_stored_data_can_be_drawn_again():
    display = draw(claimed=1.0)
    data = {key: value for key, value in vars(display).items() if key[-1] != "_"}
    again = AuditRocDisplay(**data).plot()
    assert again.title == display.title
    assert again.figure_ is not display.figure_
    assert legend(again) == legend(display)


def test_what_can_not_be_is_refused():
    with pytest.raises(TypeError, match="OneRunAuditor has no roc_"):
        AuditRocDisplay.from_auditor(OneRunAuditor(DecisionTreeClassifier()))
    with pytest.raises(ValueError, match="scores_out must be at least two numbers"):
        draw((SCORES[0], [1.0, np.nan]))
    with pytest.raises(ValueError, match="scale"):
        draw(scale="sqrt")
    with pytest.raises(ValueError, match="claimed must be"):
        draw(claimed=-1.0)
