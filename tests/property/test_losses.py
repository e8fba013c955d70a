import numpy as np
import pytest
from sklearn.dummy import DummyClassifier, DummyRegressor

from skprivacy.property._losses import best_threshold, group_losses, world_losses
from skprivacy.targets import BlackBox

# Two records without the property (first column 0), two with it; the label is last.
RECORDS = np.array([[0.0, 0], [0, 0], [1, 1], [1, 0]])


def test_losses_of_each_group():
    model = DummyClassifier(strategy="prior").fit([[0]] * 4, [0, 0, 0, 1])
    got = group_losses([model], RECORDS, (0, 1))
    without, with_it = -np.log(0.75), -(np.log(0.25) + np.log(0.75)) / 2
    assert got == pytest.approx(np.array([[without, with_it]]))


def test_labels_alone_give_shares_of_wrong_ones():
    model = DummyClassifier(strategy="prior").fit([[0]] * 4, [0, 0, 0, 1])
    box = BlackBox(model, response="label")
    assert group_losses([box], RECORDS, (0, 1)) == pytest.approx(np.array([[0, 0.5]]))


def test_regressors_give_squared_errors():
    model = DummyRegressor().fit([[0]], [0.5])
    assert group_losses([model], RECORDS, (0, 1)) == pytest.approx(0.25)


def test_a_sure_mistake_is_no_infinite_loss():
    model = DummyClassifier(strategy="constant", constant=1).fit([[0]] * 2, [0, 1])
    got = group_losses([model], RECORDS, (0, 1))
    assert got[0, 0] == pytest.approx(-np.log(1e-3))


def test_a_test_set_without_one_of_the_groups_is_refused():
    model = DummyClassifier().fit([[0]] * 2, [0, 1])
    with pytest.raises(ValueError, match="0 of 4 have it"):
        group_losses([model], RECORDS, (0, 7))


def test_test_sets_of_worlds_are_mixtures():
    got = world_losses(np.array([[1.0, 3.0]]), np.array([0.0, 0.5, 1.0]))
    assert got == pytest.approx(np.array([[1, 2, 3]]))


def test_threshold_takes_the_set_that_tells_more_and_its_direction():
    worlds = np.array([0, 0, 1, 1])
    losses = np.array([[1.0, 0.1], [4.0, 0.2], [2.0, 0.8], [3.0, 0.9]])
    assert best_threshold(losses, worlds) == (1, 0.5, 1)
    assert best_threshold(-losses, worlds) == (1, -0.5, -1)


def test_threshold_weighs_worlds_alike():
    worlds = np.array([0, 0, 0, 0, 0, 1])
    losses = np.array([[1.0], [2.0], [3.0], [4.0], [6.0], [5.0]])
    # Shares below 4.5 are 4/5 and 0: better than calling every model world 0.
    assert best_threshold(losses, worlds) == (0, 4.5, 1)


def test_threshold_lies_between_different_losses():
    worlds = np.array([0, 1, 0, 1])
    assert best_threshold(np.ones((4, 2)), worlds)[1] == 1.0
