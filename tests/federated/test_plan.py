import pytest

from skprivacy.federated import (
    DistributedGaussian,
    FixedPoint,
    ProtocolError,
    SumPlan,
)
from skprivacy.federated._wire import pack


def test_a_plan_that_is_sent_is_the_same_plan():
    plan = SumPlan(
        n_values=7,
        n_clients=40,
        fixed_point=FixedPoint(2.0, 8, 64, "error"),
        security="semi_honest",
        n_neighbors=30,
        noise=DistributedGaussian(1.0, 0.5, "add_remove"),
    )
    again = SumPlan.from_bytes(plan.to_bytes())
    assert again == plan and again.digest == plan.digest


@pytest.mark.parametrize(
    "change",
    [
        {"n_values": 8},
        {"n_clients": 41},
        {"fixed_point": FixedPoint(2.0)},
        {"security": "semi_honest"},
        {"max_corrupt": 0.2},
        {"max_dropout": 0.2},
        {"n_neighbors": "all"},
        {"threshold": 25},
        {"min_clients": 4},
        {"noise": DistributedGaussian(1.0, 0.5)},
        {"round_id": b"2" * 16},
    ],
)
def test_plans_that_differ_do_not_understand_each_other(change):
    fields = {"n_values": 7, "n_clients": 40, "round_id": b"1" * 16}
    assert SumPlan(**fields).digest != SumPlan(**(fields | change)).digest


def test_each_round_has_an_id_of_its_own():
    assert SumPlan(1, 3).digest != SumPlan(1, 3).digest


@pytest.mark.parametrize(
    "change, error",
    [
        ({"n_values": 0}, ValueError),
        ({"n_values": 1.5}, TypeError),
        ({"n_clients": 2}, ValueError),
        ({"n_clients": 65521}, ValueError),
        ({"min_clients": 2}, ValueError),
        ({"min_clients": 41}, ValueError),
        ({"threshold": 0}, ValueError),
        ({"threshold": 40}, ValueError),
        ({"threshold": "half"}, TypeError),
        ({"n_neighbors": "some"}, TypeError),
        ({"max_corrupt": -0.1}, ValueError),
        ({"max_dropout": 1}, ValueError),
        ({"max_dropout": "few"}, TypeError),
        ({"security": "none"}, ValueError),
        ({"round_id": b"1"}, ValueError),
        ({"noise": 0.5}, TypeError),
        ({"fixed_point": 8}, TypeError),
    ],
)
def test_bad_plans(change, error):
    with pytest.raises(error):
        SumPlan(**({"n_values": 7, "n_clients": 40} | change))


@pytest.mark.parametrize(
    "fields, match",
    [
        ([], "no plan"),
        ("plan", "no plan"),
        ([None] * 11, "no plan"),
        ([1, 3, [1.0, 4, 32, "clip"], "none", 0, 0, "all", None, 3, None, b""], "sec"),
    ],
)
def test_bytes_that_are_no_plan(fields, match):
    with pytest.raises(ValueError, match=match):
        SumPlan.from_bytes(pack(fields))
    with pytest.raises(ProtocolError):
        SumPlan.from_bytes(pack(fields)[:-1])
