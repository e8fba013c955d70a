"""What thresholds tell, on cases worked out by hand."""

import numpy as np
from sklearn.tree import DecisionTreeClassifier

from skprivacy.inspection import read_trees
from skprivacy.inspection._split_points import split_evidence
from skprivacy.inspection._split_ratio import tree_log_ratios

CANDIDATES = np.array([[1.0], [2.0], [4.0], [9.0]])


def stump():
    return read_trees(DecisionTreeClassifier().fit([[1], [4]], [0, 1])).trees[0]


def test_only_the_pair_with_the_threshold_in_its_middle_is_supported():
    # The threshold is 2.5 = (1 + 4) / 2; 2 lies between, 9 has no partner (-4).
    supported, contradicted = split_evidence(stump(), CANDIDATES)
    assert supported.tolist() == [1, 0, 1, 0]
    assert contradicted.tolist() == [0, 1, 0, 0]


def test_two_holders_share_the_support():
    supported, _ = split_evidence(stump(), np.vstack([CANDIDATES, [[4.0]]]))
    assert supported.tolist() == [1, 0, 0.5, 0, 0.5]


def test_ratios_name_the_pair_and_exclude_what_lies_between():
    _, split = tree_log_ratios(stump(), CANDIDATES, np.zeros(4, int), 1, 0.5)
    assert split[0] > 5 and split[2] > 5
    assert split[1] < -5
    assert abs(split[3]) < 1e-6
