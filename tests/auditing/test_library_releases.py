"""How diffprivlib's mechanisms are watched, and that they are left as they were."""

import threading

import numpy as np
import pytest

from skprivacy.auditing._library_releases import (
    Objective,
    library_release,
    observed_library,
)
from skprivacy.auditing._recorder import Recorder
from skprivacy.dp._diffprivlib_compat import load_diffprivlib
from skprivacy.dp._diffprivlib_logistic_regression import logistic_loss
from skprivacy.dp._observed import observing

MECHANISMS = load_diffprivlib().mechanisms
METHODS = {
    name: vars(getattr(MECHANISMS, name)).get("randomise")
    for name in dir(MECHANISMS)
    if isinstance(getattr(MECHANISMS, name), type)
}


def methods_now():
    return {name: vars(getattr(MECHANISMS, name)).get("randomise") for name in METHODS}


@pytest.mark.parametrize(
    ("name", "settings", "value", "law", "scale"),
    [
        ("Laplace", {"sensitivity": 2.0}, 3.0, "laplace", 4.0),
        (
            "LaplaceTruncated",
            {"sensitivity": 2.0, "lower": 0, "upper": 9},
            3.0,
            "truncated_laplace",
            4.0,
        ),
        (
            "LaplaceFolded",
            {"sensitivity": 2.0, "lower": 0, "upper": 9},
            -3.0,
            "laplace",
            4.0,
        ),
        ("Geometric", {"sensitivity": 1}, 3, "geometric", 2.0),
        ("GeometricFolded", {"lower": 0.5, "upper": 9.5}, 0, "geometric", 2.0),
        ("GeometricTruncated", {"lower": 0, "upper": 9}, 3, "geometric", 2.0),
        ("GaussianAnalytic", {"delta": 0.1, "sensitivity": 1}, 3, "gaussian", None),
        ("Binary", {"value0": "a", "value1": "b"}, "a", "randomized_response", 0.5),
        ("Exponential", {"sensitivity": 1, "utility": [1, 2]}, None, "choice", 4.0),
        (
            "PermuteAndFlip",
            {"sensitivity": 1, "utility": [1, 2], "monotonic": True},
            None,
            "permute_and_flip",
            2.0,
        ),
        ("Bingham", {"sensitivity": 1.0}, np.eye(2), "bingham", 8.0),
        ("Staircase", {"sensitivity": 1.0}, 3.0, "?", np.nan),
    ],
)
def test_mechanisms_are_described(name, settings, value, law, scale):
    mechanism = getattr(MECHANISMS, name)(epsilon=0.5, **settings)
    release = library_release(mechanism, value)
    assert release.law == law
    expected = mechanism._scale if scale is None else scale
    assert release.scale == pytest.approx(expected, nan_ok=True)


def test_folding_comes_before_the_noise():
    """0 and 1 are alike where all below 1/2 is folded up."""
    mechanism = MECHANISMS.GeometricFolded(epsilon=1.0, lower=0.5, upper=float("inf"))
    values = [float(library_release(mechanism, v).value) for v in (0, 1, 2)]
    assert values == [1.0, 1.0, 2.0]


def test_releases_are_seen_and_methods_put_back():
    one = Recorder(0)
    mechanism = MECHANISMS.LaplaceTruncated(
        epsilon=1.0, sensitivity=1, lower=0, upper=9
    )
    with observed_library(), observing(one):
        told = mechanism.randomise(3.0)
    assert [(n.release.law, n.released) for n in one.noted] == [
        ("truncated_laplace", told)
    ]
    mechanism.randomise(3.0)
    assert len(one.noted) == 1
    assert methods_now() == METHODS


def test_methods_are_put_back_after_an_error_and_by_the_last():
    with observed_library():
        with pytest.raises(RuntimeError), observed_library():
            raise RuntimeError
        assert methods_now() != METHODS
    assert methods_now() == METHODS


def test_other_threads_are_not_recorded():
    one = Recorder(0)
    mechanism = MECHANISMS.Laplace(epsilon=1.0, sensitivity=1)
    with observed_library(), observing(one):
        thread = threading.Thread(target=mechanism.randomise, args=(0.0,))
        thread.start()
        thread.join()
    assert one.noted == []


def test_gradient_and_curvature_of_an_objective():
    records, signs = np.array([[1.0, 0.0], [0.0, 1.0]]), np.ones(2)
    one = Objective(logistic_loss, 2, penalty=0.5)
    one.data = (records, signs, 0.25)
    # Two records of slope -1/2; curvature 1/4 each, the penalties, times two records.
    assert one.gradient(np.zeros(2)) == pytest.approx([-0.5, -0.5])
    assert one.log_curvature(np.zeros(2)) == pytest.approx(2 * np.log(0.25 + 0.5 + 1))


def test_a_repeated_objective_has_its_minimum_where_it_was():
    one = Objective(logistic_loss, 2)
    function = one.repeated(np.array([3.0, 4.0]))
    assert function(np.array([3.0, 4.0]), "data")[0] == 0.0
    assert one.data == ("data",)
    assert function(np.zeros(2))[0] > 0
