import numpy as np
import pytest
from scipy import sparse

from skprivacy.attribute._joint_chances import solve_chances, tilted
from skprivacy.inspection._equations import Equations


def test_one_row_of_two_people_by_hand():
    # Person 0 with the first or the second value, or person 1 with the second: with
    # u = 0.4 exp(multiplier), u / (0.6 + u) + u / (0.2 + u) = 1, so that u^2 = 0.12.
    rows = sparse.csr_array([[1.0, 0, 0, 1], [0, 1, 0, 0]])
    prior = np.log([[0.2, 0.4, 0.4], [0.2, 0.4, 0.4]])
    found = solve_chances(Equations(rows, np.array([1.0, 0.0])), prior)
    u = np.sqrt(0.12)
    expected = [
        [0.2 / (0.6 + u), u / (0.6 + u), 0.4 / (0.6 + u)],
        [0.2 / (0.2 + u), 0, u / (0.2 + u)],
    ]
    np.testing.assert_allclose(np.exp(found.log_chance), expected, atol=2e-3)
    assert found.multiplier[0] == pytest.approx(np.log(u / 0.4), abs=0.02)
    assert found.noise < 0.01


def test_equations_that_nobody_is_in_change_nothing():
    prior = np.log([[0.2, 0.3, 0.5]])
    found = solve_chances(Equations(sparse.csr_array((1, 2)), np.array([7.0])), prior)
    np.testing.assert_allclose(found.log_chance, prior)
    assert found.multiplier.tolist() == [0.0]


def test_many_equations_name_everyone():
    rng = np.random.default_rng(0)
    n, n_values = 40, 3
    truth = rng.integers(0, n_values + 1, n)  # 0: was not in training
    inside = (truth == np.arange(1, n_values + 1)[:, None]).ravel()
    rows = sparse.csr_array(rng.normal(size=(80, n * n_values)))
    prior = np.full((n, n_values + 1), np.log(1 / (n_values + 1)))
    found = solve_chances(Equations(rows, rows @ inside), prior)
    assert (found.log_chance.argmax(axis=1) == truth).all()
    # A person who was not in the list, and would add the same, is judged alike.
    again, _ = tilted(prior, rows, found.multiplier)
    np.testing.assert_allclose(again, found.log_chance)


def test_what_cannot_be_met_is_not_insisted_on():
    # 5 people cannot be 200 rows.
    rows = sparse.csr_array(np.ones((1, 5)))
    prior = np.log(np.full((5, 2), 0.5))
    found = solve_chances(Equations(rows, np.array([200.0])), prior)
    assert found.noise > 100
    assert np.isfinite(found.log_chance).all()
