import numpy as np
import pytest
from scipy.stats import hypergeom

from skprivacy.federated import graph_parameters
from skprivacy.federated._graph import (
    _tail_log2,
    all_neighbors,
    neighbors,
    ring_order,
)


@pytest.mark.parametrize(
    "security, expected",
    [
        ("active", {50: 36, 100: 71, 500: 295}),
        ("semi_honest", {50: 22, 100: 36, 500: 87}),
    ],
)
def test_neighbors_for_a_tenth_corrupt_and_three_tenths_dropping(security, expected):
    found = {n: graph_parameters(n, security=security).n_neighbors for n in expected}
    assert found == expected


@pytest.mark.parametrize("n", [50, 100, 501])
def test_what_is_found_is_safe_by_scipys_tails_and_the_next_is_not(n):
    graph = graph_parameters(n)
    n_corrupt, n_dropped = -(-n // 10), -(-3 * n // 10)

    def is_safe(k, t):
        corrupt = hypergeom.sf(2 * t - k - 1, n - 1, n_corrupt, k) <= 2.0**-41 / n
        stay = hypergeom.cdf(t - 1, n - 1, n - 1 - n_dropped, k) <= 2.0**-30 / n
        return corrupt and stay and 2 * t > k

    k = graph.n_neighbors
    assert is_safe(k, graph.threshold)
    step = 1 + n % 2
    assert not any(is_safe(k - step, t) for t in range(1, k))


@pytest.mark.parametrize("n", [3, 4, 5, 9, 20, 47, 100])
def test_corrupt_neighbors_and_two_lists_never_open_both_secrets(n):
    graph = graph_parameters(n, n_neighbors="all")
    n_corrupt = min(-(-n // 10), n - 1)
    honest = n - 1 - n_corrupt
    # Each honest neighbor gives one kind of share, and each corrupt one both.
    assert honest + 2 * n_corrupt < 2 * graph.threshold
    # No two lists have a quorum each.
    assert n - n_corrupt + 2 * n_corrupt < 2 * graph.quorum


def is_connected(rows, kept):
    reached, fresh = set(), [kept[0]]
    while fresh:
        reached.update(fresh)
        near = set(rows[fresh].ravel().tolist()) & set(kept)
        fresh = sorted(near - reached)
    return len(reached) == len(kept)


@pytest.mark.parametrize("n", [50, 100, 200, 600])
def test_no_dropouts_that_a_server_picks_cut_the_others_off(n):
    """Two arcs of the ring: corrupt clients, and as many as a quorum can lack."""
    graph = graph_parameters(n)
    rows = all_neighbors(np.arange(n), graph.n_neighbors)
    n_removed = n - graph.quorum + -(-n // 10)
    half = n_removed // 2
    for gap in range(1, n - n_removed, 7):
        removed = {*range(half), *range(half + gap, gap + n_removed)}
        kept = [one for one in range(n) if one not in removed]
        assert is_connected(rows, kept)
    few = all_neighbors(np.arange(n), 2 * (n_removed // 4))
    removed = {*range(half), *range(half + 5, 5 + n_removed)}
    assert not is_connected(few, [one for one in range(n) if one not in removed])


def test_tails_are_those_of_scipy():
    found = 2.0 ** _tail_log2(99, 30, 71)
    assert found == pytest.approx(
        hypergeom.sf(np.arange(-1, 72), 99, 30, 71), abs=1e-12
    )


@pytest.mark.parametrize("n, k", [(8, 3), (9, 4), (10, 9), (50, 36), (100, 71)])
def test_neighbors_are_mutual_and_as_many_as_told(n, k):
    order = ring_order(b"x" * 32, n)
    rows = all_neighbors(order, k)
    assert rows.shape == (n, k)
    for position, row in enumerate(rows):
        assert (row == neighbors(order, position, k)).all()
        assert (np.diff(row) > 0).all() and position not in row
        assert all(position in rows[other] for other in row)


def test_the_seed_draws_the_ring():
    orders = {tuple(ring_order(bytes([seed]) * 32, 20)) for seed in range(30)}
    assert len(orders) == 30
    assert all(sorted(order) == list(range(20)) for order in orders)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"threshold": 9}, "threshold must be from 11 to 19"),
        ({"threshold": 20}, "threshold must be from 11 to 19"),
        ({"threshold": 2, "security": "semi_honest"}, "from 3 to 19"),
        ({"n_neighbors": 20}, "n_neighbors must be from 1 to 19"),
        ({"n_neighbors": 4}, "n_neighbors=4 is too few"),
        ({"max_corrupt": 0.95}, "no threshold is safe"),
    ],
)
def test_what_is_not_safe_for_twenty_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        graph_parameters(20, **arguments)


def test_two_clients_hide_nothing():
    with pytest.raises(ValueError, match="a sum of 2"):
        graph_parameters(2)


@pytest.mark.parametrize(
    "given, message",
    [
        ({"n_clients": 10**30}, "n_clients must be at most 65,520"),
        ({"n_clients": "9"}, "n_clients must be a whole number"),
        ({"n_clients": [9]}, "n_clients must be a whole number"),
        ({"max_corrupt": -1}, "max_corrupt must be from 0 to 1"),
        ({"max_dropout": np.nan}, "max_dropout must be from 0 to 1"),
        ({"security": "none"}, "security must be 'active' or 'semi_honest'"),
        ({"n_neighbors": 2.5}, "n_neighbors must be a whole number"),
        ({"threshold": 1j}, "threshold must be a whole number"),
    ],
)
def test_what_is_no_number_of_clients_or_share_is_refused(given, message):
    with pytest.raises((TypeError, ValueError), match=message):
        graph_parameters(**{"n_clients": 9} | given)
