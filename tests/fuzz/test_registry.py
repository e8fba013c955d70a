"""Each public name is called somewhere, or it is said why not."""

from fuzz._calls import CALLS, FORMULAS, NOT_CALLED, estimators, public, public_names


def test_every_public_name_is_called_or_excused():
    kinds = {type(estimator) for estimator in estimators().values()}
    open_names = {
        name
        for name in public_names()
        if name not in CALLS | FORMULAS | NOT_CALLED and public(name) not in kinds
    }
    assert not open_names


def test_no_excuse_outlives_its_name():
    listed = set(public_names())
    named = {name for name in CALLS if name.rpartition(".")[0] not in listed}
    assert (named | set(FORMULAS) | set(NOT_CALLED)) <= listed
    assert not set(NOT_CALLED) & set(CALLS | FORMULAS)
