"""What a monitor makes of the queries of a copy."""

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyClassifier, DummyRegressor

from skprivacy._audit._extraction_watch import watch_queries
from skprivacy.targets import BlackBox

RNG = np.random.default_rng(0)
NATURAL = RNG.normal(size=(300, 3))
JUDGES = RNG.normal(size=(100, 3))
# Crowded in one place, as a search along a line is.
LINE = np.linspace(0, 1, 60)[:, None] ** 4 * np.ones(3)


def answers(X, number=False):
    return X[:, :1] if number else np.eye(2)[(np.asarray(X)[:, 0] > 0).astype(int)]


def watched(asked, natural=NATURAL, number=False, as_frame=False):
    model = (DummyRegressor if number else DummyClassifier)().fit(JUDGES, [0, 1] * 50)
    told = [answers(X, number) for X in asked]
    sides = answers(natural, number), answers(JUDGES, number)
    if as_frame:
        model.fit(pd.DataFrame(JUDGES, columns=[*"abc"]), [0, 1] * 50)
    to_table = (lambda X: pd.DataFrame(X, columns=[*"abc"])) if as_frame else np.asarray
    return watch_queries(
        [to_table(X) for X in asked],
        told,
        to_table(natural),
        sides[0],
        to_table(JUDGES),
        sides[1],
        BlackBox(model),
        0,
    )


@pytest.mark.parametrize("as_frame", [True, False])
@pytest.mark.parametrize("number", [True, False])
def test_a_search_along_a_line_is_noticed(number, as_frame):
    watch = watched([LINE[:20], LINE[20:]], number=number, as_frame=as_frame)
    # A sixth of the 300 records make a stream, and half of it passes before a look.
    assert (watch.n_stream, watch.least, watch.n_watched) == (50, 25, 50)
    assert watch.first_alarm in (25, 37)
    assert watch.false_alarms.n_members == 100


def test_records_are_not():
    watch = watched([RNG.normal(size=(60, 3))])
    assert watch.first_alarm is None
    # At a rate of 1 in 100 for the owner's records, and more for those of others.
    assert watch.false_alarms.estimate < 0.2


def test_missing_values_are_no_obstacle():
    natural = NATURAL.copy()
    natural[::5, 2] = np.nan
    assert watched([LINE], natural=natural).first_alarm is not None


def test_there_is_none_of_few_records_or_without_queries():
    assert watched([LINE], natural=NATURAL[:119]) is None
    assert watched([]) is None
