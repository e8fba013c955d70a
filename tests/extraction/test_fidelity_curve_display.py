import pytest
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge

from skprivacy.extraction import (
    EquationSolvingAttack,
    FidelityCurveDisplay,
    SurrogateAttack,
)
from skprivacy.targets import BlackBox

plt = pytest.importorskip("matplotlib.pyplot")


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@pytest.mark.parametrize("measure", ["fidelity", "distance"])
def test_draws_the_curve_of_an_attack(measure):
    X, y = load_diabetes(return_X_y=True)
    attack = SurrogateAttack(
        BlackBox(Ridge().fit(X, y)), estimator=Ridge(), budget=40, batch_size=20
    )
    copy = attack.set_params(strategy="records", random_state=0).fit(X)
    display = FidelityCurveDisplay.from_estimators(copy, measure=measure)
    (line,) = display.lines_
    assert line.get_xdata().tolist() == [10, 30, 40]
    assert line.get_ydata().tolist() == copy.learning_curve_[measure]
    assert line.get_label() == "SurrogateAttack"


def test_many_curves_are_told_apart_on_given_axes():
    curves = {str(i): {"n_queries": [10, 20], "fidelity": [0.5, 0.6]} for i in range(7)}
    _, ax = plt.subplots()
    display = FidelityCurveDisplay(curves=curves).plot(ax=ax)
    assert display.ax_ is ax and display.figure_ is ax.figure
    looks = {(line.get_color(), line.get_linestyle()) for line in display.lines_}
    assert len(looks) == 7


def test_bad_input():
    X, y = load_diabetes(return_X_y=True)
    exact = EquationSolvingAttack(BlackBox(Ridge().fit(X, y))).fit(X)
    with pytest.raises(ValueError, match=r"learning_curve_.*\['exact'\]"):
        FidelityCurveDisplay.from_estimators({"exact": exact})
    with pytest.raises(ValueError, match="learning_curve_.*none given"):
        FidelityCurveDisplay.from_estimators({})
    with pytest.raises(ValueError, match="measure must be one of .*got 'speed'"):
        FidelityCurveDisplay(curves={}, measure="speed").plot()
