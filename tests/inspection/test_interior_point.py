"""Least squares between 0 and 1."""

import numpy as np
import pytest
from scipy import sparse
from scipy.optimize import lsq_linear

from skprivacy.inspection import _equations, _interior_point
from skprivacy.inspection._equations import Equations, membership_shares
from skprivacy.inspection._interior_point import gram_matrix, solve_between


def some_equations(n_equations=40, n_unknowns=30, seed=0):
    rng = np.random.default_rng(seed)
    dense = rng.normal(size=(n_equations, n_unknowns))
    dense[rng.random(dense.shape) < 0.5] = 0
    truth = (rng.random(n_unknowns) < 0.5).astype(float)
    near = np.clip(truth + rng.normal(size=n_unknowns), 0.05, 0.95)
    return sparse.csr_array(dense), dense @ truth, near


def test_minimum_is_that_of_a_general_solver():
    coefficient, total, near = some_equations(n_equations=12)
    pull, noise = 1 / (near * (1 - near)), 0.3
    found = solve_between(
        coefficient, total, gram_matrix(coefficient), near, pull, noise
    )
    # The same problem as plain least squares: the pull is one more line a number.
    lines = np.vstack([coefficient.toarray() / noise, np.diag(np.sqrt(pull))])
    right = np.concatenate([total / noise, np.sqrt(pull) * near])
    best = lsq_linear(lines, right, bounds=(0, 1), tol=1e-12)

    def value(z):
        return np.sum((lines @ z - right) ** 2) / 2

    assert value(best.x) <= value(found) < 1.02 * value(best.x)
    assert np.abs(found - best.x).max() < 0.05


@pytest.mark.parametrize("work", [0, np.inf])
def test_gram_matrix_is_that_of_all_columns(monkeypatch, work):
    monkeypatch.setattr(_interior_point, "SPARSE_WORK", work)
    monkeypatch.setattr(_interior_point, "BLOCK", 7)
    coefficient, _, _ = some_equations()
    gram = coefficient.toarray().T @ coefficient.toarray()
    assert np.allclose(np.tril(gram_matrix(coefficient)), np.tril(gram), atol=1e-4)


def test_many_candidates_are_solved_by_first_order_steps(monkeypatch):
    coefficient, total, near = some_equations()
    equations = Equations(coefficient, total)
    exact, noise = membership_shares(equations, near)
    monkeypatch.setattr(_equations, "MOST_EXACT", 0)
    stepped, stepped_noise = membership_shares(equations, near)
    assert noise == stepped_noise
    assert np.abs(exact - stepped).max() < 0.05


def test_totals_that_cannot_be_met_say_how_large_the_error_is():
    # Two candidates in 20 leaves of their own each that hold 3 rows: two short.
    leaves = sparse.csr_array(np.tile(np.eye(2), (20, 1)))
    _, noise = membership_shares(Equations(leaves, np.full(40, 3.0)), np.full(2, 0.5))
    assert noise == pytest.approx(2, abs=0.05)
