"""What is stored is read again only if it is whole, and a fault costs no result."""

import errno
import os
import pickle
import shutil
import threading
import time
import warnings

import joblib
import numpy as np
import pytest
from joblib.externals.loky.process_executor import TerminatedWorkerError
from sklearn.dummy import DummyClassifier
from sklearn.tree import DecisionTreeClassifier

from skprivacy.shadow import ShadowModels, report_progress
from skprivacy.shadow._memory import SUFFIX, as_memory, recall, recalled, store
from skprivacy.shadow._parallel import WorkerDiedError

RNG = np.random.default_rng(0)
RECORDS = np.column_stack([RNG.normal(size=(40, 2)), np.arange(40) % 2])
KEY = ("shadow", "abc")


class CountingTree(DecisionTreeClassifier):
    """Counts how often it is trained."""

    fits = 0

    def fit(self, X, y):
        type(self).fits += 1
        return super().fit(X, y)


def shadow(memory):
    CountingTree.fits = 0
    return ShadowModels(
        CountingTree(), n_models=4, random_state=0, memory=memory, engine="generic"
    ).fit(RECORDS)


@pytest.fixture(scope="module")
def whole():
    return shadow(None).answers_


def cut(data):
    return data[: len(data) // 2]


def flipped(data):
    # Within the numbers, where no unpickler would notice.
    place = data.index(np.float64(1.0).tobytes())
    return data[: place + 6] + bytes([data[place + 6] ^ 0x40]) + data[place + 7 :]


def wrong_pickle(data):
    return pickle.dumps(np.zeros(3))


@pytest.mark.parametrize("fault", [cut, flipped, wrong_pickle, lambda data: b""])
def test_an_altered_file_is_computed_again(fault, whole, tmp_path):
    shadow(tmp_path)
    file = sorted(tmp_path.glob(f"*{SUFFIX}"))[2]
    file.write_bytes(fault(file.read_bytes()))
    with pytest.warns(UserWarning, match=r"result of shadow model \d can't be read"):
        again = shadow(tmp_path)
    np.testing.assert_array_equal(again.answers_, whole)
    assert CountingTree.fits == 1
    shadow(tmp_path)
    assert CountingTree.fits == 0


def test_all_bytes_are_sealed(tmp_path):
    store({"a": np.arange(3.0)}, KEY, tmp_path)
    (file,) = tmp_path.iterdir()
    data = file.read_bytes()
    for place in range(0, len(data), 3):
        altered = bytearray(data)
        altered[place] ^= 1 << place % 8
        file.write_bytes(altered)
        with pytest.warns(UserWarning, match="can't be read"):
            assert recall(KEY, tmp_path) == (False, None)


def test_a_result_under_the_name_of_another_is_not_taken(tmp_path):
    store("mine", KEY, tmp_path)
    (file,) = tmp_path.iterdir()
    store("other's", ("subset", "abc"), tmp_path)
    (other,) = set(tmp_path.iterdir()) - {file}
    os.replace(other, file)
    with pytest.warns(UserWarning, match="is that of something else"):
        assert not recall(KEY, tmp_path)[0]


def test_altered_code_does_not_run(tmp_path):
    class Trap:
        def __reduce__(self):
            return (tmp_path.joinpath("sprung").touch, ())

    store("mine", KEY, tmp_path)
    (file,) = tmp_path.iterdir()
    file.write_bytes(pickle.dumps(Trap()))
    with pytest.warns(UserWarning, match="can't be read"):
        recall(KEY, tmp_path)
    assert not (tmp_path / "sprung").exists()


def test_a_full_disk_costs_no_result(whole, tmp_path, monkeypatch):
    first = shadow(tmp_path).answers_
    for file in sorted(tmp_path.iterdir())[:2]:
        file.unlink()

    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.warns(UserWarning, match="No space left on device.*Make room") as told:
        again = shadow(tmp_path)
    assert CountingTree.fits == 2
    assert len({str(one.message) for one in told}) == 1
    np.testing.assert_array_equal(again.answers_, first)
    assert len(list(tmp_path.iterdir())) == 2  # nothing half-written takes room
    monkeypatch.undo()
    np.testing.assert_array_equal(shadow(tmp_path).answers_, whole)
    assert CountingTree.fits == 2


def test_a_read_only_folder_is_read_and_not_written(whole, tmp_path, monkeypatch):
    shadow(tmp_path)
    sorted(tmp_path.iterdir())[0].unlink()

    def refuse(*args, **kwargs):
        raise PermissionError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("tempfile.mkstemp", refuse)
    with pytest.warns(UserWarning, match="Read-only file system"):
        again = shadow(tmp_path)
    assert CountingTree.fits == 1
    np.testing.assert_array_equal(again.answers_, whole)


def test_a_folder_that_cannot_be_made_is_said_before_anything_is_trained(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match="memory: there is no folder .*file/deeper"):
        shadow(tmp_path / "file" / "deeper")
    assert CountingTree.fits == 0


def test_what_cannot_be_pickled_is_still_returned(tmp_path):
    with pytest.warns(UserWarning, match="can't be stored"):
        assert callable(store(lambda: 1, KEY, tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_deleted_meanwhile_is_made_again(whole, tmp_path):
    folder = tmp_path / "memory"

    def delete(done, total):
        if done == 2:
            shutil.rmtree(folder)

    with report_progress(delete):
        fitted = shadow(folder)
    np.testing.assert_array_equal(fitted.answers_, whole)
    assert len(list(folder.iterdir())) == 2


def test_clocks_do_not_matter(whole, tmp_path, monkeypatch):
    shadow(tmp_path)
    for number, file in enumerate(sorted(tmp_path.iterdir())):
        os.utime(file, (0, 2**33) if number % 2 else (2**33, 0))
    ticks = iter(range(10**6, 0, -1))
    monkeypatch.setattr(time, "time", lambda: float(next(ticks)))
    np.testing.assert_array_equal(shadow(tmp_path).answers_, whole)
    assert CountingTree.fits == 0


def test_several_write_the_same_result_at_the_same_time(tmp_path):
    result, begin = np.arange(20_000.0), threading.Barrier(4)
    wrong = []

    def work():
        begin.wait()
        for _ in range(5):
            store(result, KEY, tmp_path)
            found, read = recall(KEY, tmp_path)
            if not found or not np.array_equal(read, result):
                wrong.append(read)

    threads = [threading.Thread(target=work) for _ in range(4)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == [] and len(list(tmp_path.iterdir())) == 1


@pytest.mark.filterwarnings("ignore:`sklearn.utils.parallel.delayed`")
def test_a_worker_that_is_ended_costs_only_what_it_was_at(whole, tmp_path, monkeypatch):
    # By a stand-in for joblib; benchmarks/kill_resume.py ends real ones.
    class Broken:
        def __init__(self, **options):
            pass

        def __call__(self, calls):
            for _, (function, args, kwargs) in zip(range(3), calls, strict=False):
                yield function(*args, **kwargs)
            raise TerminatedWorkerError("A worker process was terminated")

    monkeypatch.setattr("skprivacy.shadow._parallel.Parallel", Broken)
    with pytest.raises(WorkerDiedError, match="smaller n_jobs.*memory="):
        shadow(tmp_path)
    monkeypatch.undo()
    np.testing.assert_array_equal(shadow(tmp_path).answers_, whole)
    assert CountingTree.fits == 1


def test_a_recipe_without_a_lasting_name_is_said(tmp_path):
    class Local(DummyClassifier):
        pass

    params = {"n_models": 2, "random_state": 0}
    with pytest.raises(ValueError, match="memory: .*can't be pickled.*memory=None"):
        ShadowModels(Local(), memory=tmp_path, **params).fit(RECORDS)
    ShadowModels(Local(), **params).fit(RECORDS)


def test_memories_of_joblib(tmp_path):
    assert as_memory(joblib.Memory(None)) is None
    folder = as_memory(joblib.Memory(tmp_path / "a", verbose=0))
    assert folder == tmp_path / "a"
    assert recalled(lambda: 3, KEY, folder) == 3
    assert recalled(lambda: 4, KEY, as_memory(tmp_path / "a")) == 3
    with pytest.raises(TypeError, match="memory must be a folder"):
        as_memory(5)
