"""How an attack gets hold of its target."""

import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skprivacy.targets import BlackBox, allows_nan, check_target, recipe_of

MODEL = make_pipeline(StandardScaler(), LogisticRegression(C=3)).fit(
    [[0.0], [1.0], [2.0]], [0, 1, 1]
)


def test_a_box_is_taken_as_it_is():
    box = BlackBox(MODEL)
    assert check_target(box) is box


def test_a_frozen_model_is_asked_without_limits():
    box = check_target(FrozenEstimator(MODEL))
    assert box.model is MODEL and box.budget is None


def test_a_bare_model_is_refused_with_both_ways_to_wrap_it():
    with pytest.raises(TypeError, match=r"BlackBox\(model\).*FrozenEstimator\(model\)"):
        check_target(MODEL)


def test_an_unfitted_model_is_refused():
    for target in (
        FrozenEstimator(LogisticRegression()),
        BlackBox(LogisticRegression()),
    ):
        with pytest.raises(NotFittedError):
            check_target(target)


@pytest.mark.parametrize(
    "target",
    [BlackBox(MODEL), FrozenEstimator(MODEL), BlackBox(FrozenEstimator(MODEL))],
)
def test_the_recipe_is_the_whole_target_unfitted(target):
    recipe = recipe_of(target)
    assert recipe is not MODEL and recipe[-1].C == 3
    assert not hasattr(recipe[-1], "coef_")


def test_a_function_has_no_recipe():
    with pytest.raises(ValueError, match="recipe must be given"):
        recipe_of(BlackBox(len))


def test_missing_values_are_allowed_where_the_model_allows_them():
    assert allows_nan(BlackBox(HistGradientBoostingClassifier()))
    assert not allows_nan(None, BlackBox(LogisticRegression()))
    assert not allows_nan(len, HistGradientBoostingClassifier)


@pytest.mark.parametrize("target", [LogisticRegression(), "model", None])
def test_the_recipe_of_no_target_is_refused(target):
    with pytest.raises(TypeError, match=r"target must be BlackBox\(model\)"):
        recipe_of(target)
