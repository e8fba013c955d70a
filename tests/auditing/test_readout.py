"""What is read of a fitted model."""

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.naive_bayes import GaussianNB

from skprivacy.auditing._readout import read_output, stack_readouts


def part(output, name):
    layout, numbers = read_output(output)
    starts = np.cumsum([0, *(size for _, size in layout)])
    [found] = [i for i, (other, _) in enumerate(layout) if other == name]
    return numbers[starts[found] : starts[found + 1]].tolist()


def test_rows_of_a_matrix_are_read_by_length_as_well():
    centers = np.array([[3.0, -4.0], [1.0, 0.5]])
    for order in ([0, 1], [1, 0]):
        assert part({"centers": centers[order]}, ".centers by length") == [1.0, 4.0]
    assert part({"centers": centers}, ".centers") == [3.0, -4.0, 1.0, 0.5]


def test_summaries_do_not_depend_on_an_order():
    outputs = [[1, 1, 1, 5], [5, 1, 1, 1], [2, 2, 2, 2]]
    table = stack_readouts([read_output(np.array(one)) for one in outputs])
    assert table.shape == (3, 8)
    np.testing.assert_allclose(table[:2, 4:], [[1, 5, 2, np.sqrt(3)]] * 2)
    np.testing.assert_allclose(table[2, 4:], [2, 2, 2, 0])


def test_a_part_that_is_not_there_has_no_summary():
    table = stack_readouts([read_output({"a": [1.0]}), read_output({"b": np.eye(2)})])
    assert np.isnan(table[0]).sum() == table.shape[1] - 1
    assert not np.isnan(table[1, 1:]).any()


def test_parameters_are_no_output_and_attributes_of_all_parts_are():
    X, y = np.arange(8.0)[:, None], np.arange(8) % 2
    names = [name for name, _ in read_output(GaussianNB().fit(X, y), X[:2])[0]]
    assert ".theta_" in names
    assert "answer.predict_proba" in names
    assert not any("var_smoothing" in name for name in names)
    forest = RandomForestClassifier(2, random_state=0).fit(X, y)
    names = [name for name, _ in read_output(forest)[0]]
    # The seeds of trees are parameters of the trees, and in what is released.
    assert ".estimators_.1.random_state" in names
