"""Every public estimator, with tables and labels of every kind."""

import pytest
from fuzz._calls import estimators
from fuzz._outcome import arguments_of, bounded, call_and_judge
from fuzz._tables import any_table, any_values, tables, true_labels, whole_labels
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted

METHODS = ("predict", "predict_proba", "decision_function", "transform", "score")


@pytest.mark.parametrize("name", estimators())
@bounded(3)
@given(data=st.data())
def test_answers_or_refuses(name, data):
    try_estimator(estimators()[name], data)


def try_estimator(estimator, data):
    """Fit on one table, and ask about another."""
    estimator = clone(estimator)
    X = data.draw(tables() | tables(("normal", "whole")) | any_table())
    n = X.shape[0] if getattr(X, "shape", ()) else 12
    y = data.draw(true_labels(n) | whole_labels(n) | any_values(n))
    asked = data.draw(st.just(X) | any_table())
    method = data.draw(st.sampled_from(METHODS))
    names = arguments_of(type(estimator))
    fitted = call_and_judge(lambda: estimator.fit(X, y), names)
    if fitted is None:
        return
    assert fitted is estimator
    check_is_fitted(estimator)
    # A parameter may have the name of a method.
    if method not in names and hasattr(estimator, method):
        given = (asked, y) if method == "score" else (asked,)
        call_and_judge(lambda: getattr(estimator, method)(*given), names)
