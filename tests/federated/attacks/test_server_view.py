import pickle

import numpy as np
import pytest

from skprivacy.federated.attacks import ServerRound, ServerView

UPDATES = {name: [float(number), -0.5] for number, name in enumerate("abcde")}


def test_a_plain_run_leaves_everything():
    view = ServerView.plain([UPDATES, UPDATES], parameters=[[0.0, 0.0], [1.0, 1.0]])
    assert view.rounds[1].sum.tolist() == [10.0, -2.5]
    assert view.rounds[1].parameters.tolist() == [1.0, 1.0]
    seen = view.vectors()
    assert [one[:2] for one in seen[4:6]] == [(0, "e"), (1, "a")]
    assert seen[4][2].tolist() == [4.0, -0.5]
    assert [one[:2] for one in view.vectors("sum")] == [(0, None), (1, None)]
    assert pickle.loads(pickle.dumps(view)).rounds[0].clients == tuple("abcde")


def test_a_secure_run_leaves_the_sum_and_words():
    view = ServerView.secure([UPDATES], dropouts={"b": "masked_input"})
    only = view.rounds[0]
    assert only.clients == tuple("acde") and only.updates is None
    np.testing.assert_allclose(only.sum, [9.0, -2.0], atol=1e-9)
    assert set(only.masked) == set("acde")
    assert [one[1] for one in view.vectors()] == [None]
    words = [vector for *_, vector in view.vectors("masked")]
    assert np.abs(words).max() <= 0.5


def test_words_of_equal_updates_are_unrelated():
    view = ServerView.secure([np.ones((5, 2000))])
    words = np.array([vector for *_, vector in view.vectors("masked")])
    # Uniform from -1/2 to 1/2; five standard errors.
    assert np.abs(words.mean(axis=1)).max() < 5 / np.sqrt(12 * 2000)
    assert np.abs(np.corrcoef(words)[np.triu_indices(5, 1)]).max() < 5 / np.sqrt(2000)


@pytest.mark.parametrize("source", ["updates", "masked", "mean"])
def test_what_was_not_seen_is_refused(source):
    view = ServerView.secure([UPDATES])
    if source == "masked":
        view = ServerView.plain([UPDATES])
    with pytest.raises(ValueError, match=source):
        view.vectors(source)


@pytest.mark.parametrize(
    ("rounds", "message"),
    [
        ([[[1.0], [1.0, 2.0]]], "one length"),
        ([np.full((2, 2), np.nan)], "finite"),
        ([{}], "one row"),
    ],
)
def test_other_updates_are_refused(rounds, message):
    with pytest.raises(ValueError, match=message):
        ServerView.plain(rounds)


def test_rounds_models_and_records_are_checked():
    with pytest.raises(ValueError, match="each of the 1 rounds"):
        ServerView.plain([UPDATES], parameters=[])
    with pytest.raises(ValueError, match="record"):
        ServerView.secure([UPDATES], record=print)
    with pytest.raises(TypeError, match="ServerRound"):
        ServerView(())
    assert ServerView([ServerRound((), np.zeros(1))]).rounds[0].masked is None
