"""Answers of all shadow models are held once."""

from typing import NamedTuple

import numpy as np
import pytest

from skprivacy.shadow._store import (
    in_blocks,
    in_one_array,
    is_whole_pool,
    read_only,
)
from skprivacy.shadow._train import ShadowResult


class Pair(NamedTuple):
    first: np.ndarray
    second: np.ndarray


def test_answers_come_one_by_one():
    taken = []

    def results():
        for i in range(3):
            taken.append(i)
            yield ShadowResult(np.full((4, 2), float(i)), f"model {i}")

    answers, models = in_one_array(results(), 3)
    np.testing.assert_array_equal(answers[:, 0, 0], [0, 1, 2])
    assert answers.shape == (3, 4, 2)
    assert models == ["model 0", "model 1", "model 2"]
    assert taken == [0, 1, 2]


@pytest.mark.parametrize(
    "position, whole",
    [([0, 1, 2], True), ([0, 1], False), ([0, 2, 1], False), ([0, 1, -1], False)],
)
def test_the_pool_itself(position, whole):
    assert is_whole_pool(np.array(position), 3) is whole


def test_what_is_shared_can_not_be_written_to():
    array = np.zeros(3)
    with pytest.raises(ValueError, match="read-only"):
        read_only(array)[0] = 1
    array[0] = 2  # its owner still can


def test_blocks_are_joined_in_their_order_and_type(monkeypatch):
    monkeypatch.setattr("skprivacy.shadow._store.BLOCK", 12)
    sizes = []

    def of_block(rows):
        sizes.append(rows.stop - rows.start)
        return Pair(np.arange(7)[rows], np.eye(7)[rows])

    found = in_blocks(of_block, n_models=4, n_records=7)
    assert sizes == [3, 3, 1]
    assert isinstance(found, Pair)
    np.testing.assert_array_equal(found.first, np.arange(7))
    np.testing.assert_array_equal(found.second, np.eye(7))
    alone = in_blocks(lambda rows: np.eye(7)[rows], n_models=4, n_records=7)
    np.testing.assert_array_equal(alone, np.eye(7))


def results_of(answers):
    return (ShadowResult(part, None) for part in answers)


def test_a_file_holds_the_answers(tmp_path):
    answers = np.random.default_rng(0).random((3, 5, 2)).astype(np.float32)
    path = tmp_path / "folder" / "answers"
    held, _ = in_one_array(results_of(answers), 3, path)
    np.testing.assert_array_equal(held, answers)
    assert str(held.filename) == str(path) and held.dtype == np.float32
    assert not held.flags.writeable
    # Another fit at the same time leaves alone what is mapped.
    again, _ = in_one_array(results_of(answers + 1), 3, path)
    np.testing.assert_array_equal(held, answers)
    np.testing.assert_array_equal(again, answers + 1)
    assert [file.name for file in path.parent.iterdir()] == ["answers"]


def test_a_run_that_ends_early_leaves_no_file_of_that_name(tmp_path):
    def results():
        yield ShadowResult(np.zeros((4, 1)), None)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        in_one_array(results(), 2, tmp_path / "answers")
    assert not (tmp_path / "answers").exists()


def test_a_full_disk_is_said_and_memory_holds_the_answers(tmp_path, monkeypatch):
    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("skprivacy.shadow._store.NamedTemporaryFile", full)
    with pytest.warns(UserWarning, match="No space left.*held in memory"):
        held, _ = in_one_array(results_of(np.ones((2, 3, 1))), 2, tmp_path / "answers")
    assert type(held) is np.ndarray and held.sum() == 6
