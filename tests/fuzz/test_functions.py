"""Every public function, with arguments of every kind."""

import matplotlib.pyplot as plt
import pytest
from fuzz._calls import CALLS, FORMULAS, NAN_IS_AN_ANSWER, public
from fuzz._outcome import arguments_of, bounded, call_and_judge
from fuzz._tables import formula_arrays
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize("name", CALLS)
@bounded(10)
@given(data=st.data())
def test_answers_or_refuses(name, data):
    try_function(name, data)


def try_function(name, data):
    function = public(name)
    given = data.draw(st.fixed_dictionaries(CALLS[name]))
    # What may be given any number of.
    several = [given.pop("*")] if "*" in given else []
    call_and_judge(
        lambda: function(*several, **given),
        arguments_of(function),
        may_be_nan=name in NAN_IS_AN_ANSWER,
    )
    plt.close("all")


@pytest.mark.parametrize("name", FORMULAS)
@bounded(10)
@given(arrays=formula_arrays())
def test_formula_answers(name, arrays):
    call_and_judge(lambda: FORMULAS[name](arrays, public(name)))
