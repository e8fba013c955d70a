"""What the edges of bins tell, on cases worked out by hand."""

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingRegressor

from skprivacy.inspection import read_trees
from skprivacy.inspection._edge_ratio import edge_log_ratio, holder_log_ratio

CANDIDATES = np.array([[1.0], [2.0], [4.0], [9.0]])


def test_an_edge_that_is_a_value_names_its_holders():
    # 4 is an edge. One holder: as sure as can be. Two: odds of 3/4 against 1/4.
    one = edge_log_ratio((np.array([4.0]),), CANDIDATES, 0.5)
    assert one[2] > 5 and np.abs(one[[0, 1, 3]]).max() < 1e-9
    two = edge_log_ratio((np.array([4.0]),), np.vstack([CANDIDATES, [[4.0]]]), 0.5)
    assert two[2] == two[4] == pytest.approx(np.log(3))


def test_an_edge_in_the_middle_names_the_pair_and_excludes_what_lies_between():
    ratio = edge_log_ratio((np.array([2.5]),), CANDIDATES, 0.5)
    assert ratio[0] > 5 and ratio[2] > 5 and ratio[1] < -5
    assert abs(ratio[3]) < 1e-6


def test_an_edge_that_nobody_explains_says_nothing():
    ratio = edge_log_ratio((np.array([3.3]),), CANDIDATES, 0.5)
    np.testing.assert_allclose(ratio, 0, atol=1e-9)


def test_columns_without_edges_and_missing_values_say_nothing():
    assert edge_log_ratio((np.zeros(0),), CANDIDATES, 0.5).tolist() == [0, 0, 0, 0]
    missing = np.array([[1.0], [np.nan], [4.0]])
    assert edge_log_ratio((np.array([2.5]),), missing, 0.5)[1] == 0


def test_everybody_holds_a_coarse_value():
    # Of many holders one is sure, the others as anybody: next to nothing.
    assert holder_log_ratio(np.array([1000]), 0.5)[0] < 0.01


@pytest.mark.parametrize("n_members", [100, 400])
def test_members_of_a_fitted_model_are_named(n_members):
    # Few distinct values: edges between any two. Many: edges at quantiles.
    rng = np.random.default_rng(0)
    X = rng.normal(size=(2 * n_members, 3))
    model = HistGradientBoostingRegressor(max_iter=1)
    model.fit(X[:n_members], rng.normal(size=n_members))
    ensemble = read_trees(model)
    ratio = edge_log_ratio(ensemble.edges, ensemble.transform(X), 0.5)
    assert np.mean(ratio[:n_members] > 0) > 0.95
    assert np.mean(ratio[n_members:] > 0) < 0.1
