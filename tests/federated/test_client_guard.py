import numpy as np
import pytest

from skprivacy.federated import ClientGuard, ProtocolError, UnsafeModel
from skprivacy.federated._client_guard import nested_share, parallel_share

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 10))
OUT = (RNG.normal(size=(60, 2)), np.zeros(2))
HONEST = [(RNG.normal(size=(10, 60)), RNG.normal(size=60)), OUT]


def test_parallel_units_by_hand():
    weights = np.array([[1.0, -2.0, 1.0, 0.0], [0.0, 0.0, 1.0, 0.0]])
    # Two of the three units that are not zero.
    assert parallel_share(weights) == pytest.approx(2 / 3)
    assert parallel_share(weights[:, :1]) == 0


def test_parallel_units_far_apart_are_found():
    weights = RNG.normal(size=(10, 1200))
    weights[:, 1100] = -3 * weights[:, 5]
    assert parallel_share(weights) == pytest.approx(2 / 1200)


def test_nested_sets_by_hand():
    chain = np.tri(4, 4, dtype=bool)
    assert nested_share(chain) == 1
    crossed = np.array([[1, 0, 1], [0, 1, 1], [0, 0, 0]], dtype=bool)
    # The first two have no record in common; both are in the third.
    assert nested_share(crossed) == pytest.approx(2 / 3)
    assert nested_share(np.ones((3, 5), dtype=bool)) == 0


def test_drawn_layers_pass():
    ClientGuard([(10, 60), (60, 2)]).check(HONEST, X)
    report = ClientGuard().inspect(HONEST, X)
    assert report["parallel"][0] == 0 and report["nested"][0] < 0.5
    assert report.loc[1].isna().all()


@pytest.mark.parametrize("hidden", [False, True])
def test_thresholds_on_one_direction_are_refused(hidden):
    # Weights of columns that are always 0 hide it from cosines, not from activity.
    direction = RNG.normal(size=(10, 1)).repeat(60, axis=1)
    biases = -np.quantile(X @ direction[:, 0], np.arange(60) / 60)
    empty = 99 * hidden * RNG.normal(size=(6, 60))
    layers = [(np.vstack([direction, empty]), biases), OUT]
    table = np.hstack([X, np.zeros((40, 6))])
    with pytest.raises(UnsafeModel, match="nested" if hidden else "measure"):
        ClientGuard().check(layers, table)
    if hidden:
        # Too few records to tell.
        ClientGuard().check(layers, table[:5])


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ([], "no layer"),
        (HONEST[:1], "agreed were"),
        ([HONEST[0], (np.zeros((60, 2)), np.zeros(3))], "do not fit"),
        ([(HONEST[0][0], np.full(60, np.inf)), OUT], "finite"),
    ],
)
def test_other_models_are_refused(layers, message):
    with pytest.raises(ProtocolError, match=message):
        ClientGuard([(10, 60), (60, 2)]).check(layers)


def test_limits_are_shares():
    with pytest.raises(ValueError, match="max_nested"):
        ClientGuard(max_nested=2)
