"""What is noted comes out again, and all else is drawn as it was."""

import numpy as np
import pytest

from skprivacy.auditing._recorder import Recorder, Repeater
from skprivacy.dp._noise import NoiseSource
from skprivacy.dp._observed import observed_hidden, observing
from skprivacy.dp._release import release_gaussian, release_laplace


def run(observer, value, n=3, scale=1.0):
    """Draw public chance, n releases, something hidden, and public chance again."""
    with observing(observer):
        noise = NoiseSource()
        drawn = [noise.uniform()]
        released = [
            release_laplace(np.full(2, value), 1.0, 1 / scale, noise) for _ in range(n)
        ]
        sample = observed_hidden(lambda: noise.uniform(5) < 0.5, noise)
        drawn.append(noise.uniform())
    return drawn, np.array(released), sample


def test_releases_are_frozen_and_public_chance_is_the_same():
    recorder = Recorder(0)
    drawn, released, sample = run(recorder, 0.0)
    repeater = Repeater(0, recorder)
    again = run(repeater, 7.0)
    repeater.finish()
    assert again[0] == drawn
    assert np.array_equal(again[1], released)
    assert np.array_equal(again[2], sample)
    assert repeater.divergence == ""
    assert [one.value[0] for one in repeater.releases] == [7.0] * 3
    assert [one.release.value[0] for one in recorder.noted] == [0.0] * 3


def test_releases_differ_from_each_other_and_between_seeds():
    values = [run(Recorder(seed), 0.0)[1] for seed in (0, 1)]
    assert len(np.unique(values)) == 12


def test_a_hidden_sample_is_without_the_record_that_is_missing():
    recorder = Recorder(0)
    sample = run(recorder, 0.0)[2]
    assert np.array_equal(
        run(Repeater(0, recorder, removed=1), 0.0)[2], np.delete(sample, 1)
    )


@pytest.mark.parametrize(
    ("n", "scale", "message"),
    [
        (4, 1.0, "there are more releases"),
        (2, 1.0, "there are fewer releases"),
        (3, 1.1, "the noise has another scale"),
    ],
)
def test_other_courses(n, scale, message):
    recorder = Recorder(0)
    run(recorder, 0.0)
    repeater = Repeater(0, recorder)
    run(repeater, 0.0, n, scale)
    repeater.finish()
    assert repeater.divergence == message


def test_other_laws_and_shapes():
    recorder = Recorder(0)
    run(recorder, 0.0, n=1)
    for release, size, message in (
        (release_gaussian, 2, "a release is gaussian instead of laplace"),
        (release_laplace, 3, r"a release has the shape (3,) instead of (2,)"),
    ):
        repeater = Repeater(0, recorder)
        with observing(repeater):
            noise = NoiseSource()
            release(np.zeros(size), 1.0, 1.0, noise)
        assert repeater.divergence == message


def test_what_is_changed_afterwards_is_noted_as_it_was():
    recorder = Recorder(0)
    values = np.zeros(2)
    with observing(recorder):
        noise = NoiseSource()
        released = release_laplace(values, 1.0, 1.0, noise)
    kept = released.copy()
    values += 1
    released += 1
    assert recorder.noted[0].release.value.tolist() == [0.0, 0.0]
    assert np.array_equal(recorder.noted[0].released, kept)
