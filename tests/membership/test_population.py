"""Attack P: comparison with known non-members."""

import numpy as np
import pytest

from skprivacy.membership import PopulationAttack
from skprivacy.targets import BlackBox

BOX = BlackBox(lambda X: X[:, 0], classes=[0, 1])


def test_hand_computed_p_values():
    # Own-label probabilities of the non-members: 0.1, 0.3, 0.5, 0.7 (label 1).
    own = np.array([[0.1, 1.0], [0.3, 1.0], [0.5, 1.0], [0.7, 1.0]])
    attack = PopulationAttack(BOX, signal="confidence", alpha=0.3).fit(own)
    records = np.array([[0.9, 1.0], [0.5, 1.0], [0.05, 1.0], [0.4, 0.0]])
    # None, two, four and one (0.6 against 0.7) of them are at least as large.
    np.testing.assert_allclose(attack.p_value(records), [0.2, 0.6, 1.0, 0.4])
    np.testing.assert_array_equal(attack.predict(records), [1, 0, 0, 0])


def test_classes_with_enough_records_have_their_own_population():
    # Non-members of class 0 get 0.9, those of class 1 get 0.2: 0.6 is rare for a
    # record of class 1 and common for one of class 0.
    own = np.vstack([np.tile([0.1, 0.0], (30, 1)), np.tile([0.2, 1.0], (30, 1))])
    records = np.array([[0.4, 0.0], [0.6, 1.0]])
    per_class = PopulationAttack(BOX).fit(own)
    np.testing.assert_allclose(per_class.p_value(records), [1.0, 1 / 31])
    together = PopulationAttack(BOX, per_class=False).fit(own)
    np.testing.assert_allclose(together.p_value(records), [31 / 61, 31 / 61])
    few = PopulationAttack(BOX).fit(own[15:45])
    assert set(few.population_) == {None}


def test_false_positive_rate_is_what_was_asked_for(nobody):
    # Records and population are from one law: of 300 strangers 5% (15, standard
    # deviation 3.8) are called members. Four of them either side: 1 in 16,000.
    half = nobody.records[:300]
    rest = nobody.records[300:]
    called = PopulationAttack(nobody.box, per_class=False).fit(half).predict(rest)
    assert 0 <= called.sum() <= 15 + 4 * 5.4


def test_records_beyond_the_population_keep_their_order():
    own = np.array([[0.1, 1.0], [0.2, 1.0]])
    attack = PopulationAttack(BOX).fit(own)
    score = attack.decision_function(np.array([[0.7, 1.0], [0.9, 1.0], [0.8, 1.0]]))
    assert score[0] < score[2] < score[1]


def test_alpha_is_checked():
    with pytest.raises(ValueError, match="alpha"):
        PopulationAttack(BOX, alpha=0.0).fit(np.array([[0.1, 1.0], [0.2, 1.0]]))
