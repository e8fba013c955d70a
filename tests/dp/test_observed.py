"""What an observer sees of a release, and what it changes."""

import threading

import numpy as np
import pytest

from skprivacy.dp._noise import NoiseSource
from skprivacy.dp._observed import observed_hidden, observer, observing
from skprivacy.dp._private_prediction import noisy_winner
from skprivacy.dp._randomize import randomize_codes, randomize_numbers
from skprivacy.dp._release import release_gaussian, release_laplace


class Sees:
    """Answers with the value itself."""

    def __init__(self):
        self.generator = np.random.RandomState(0)
        self.seen = []

    def release(self, release, draw, noise):
        self.seen.append(release)
        return release.value

    def hidden(self, draw, noise):
        return "hidden"


def test_an_observer_sees_value_and_noise():
    one = Sees()
    with observing(one):
        noise = NoiseSource()
        told = release_gaussian([3.0, 4.0], 2.0, 0.5, noise)
        release_laplace([1.0], 2.0, 0.5, noise)
        randomize_numbers(np.ones(2), 2.0, 0.5, noise)
        randomize_codes(np.array([0, 2]), 3, np.log(4), noise)
        noisy_winner(np.array([[5, 1]]), 0.5, noise)
        assert observed_hidden(lambda: 1, noise) == "hidden"
    assert told.tolist() == [3.0, 4.0]
    assert [release.law for release in one.seen] == [
        "gaussian",
        "laplace",
        "laplace",
        "randomized_response",
        "choice",
    ]
    # Scales are 2 / 0.5, and what rounding to a grid takes; odds of 4 to 1 and 1.
    scales = [release.scale for release in one.seen]
    assert scales == pytest.approx([4.0, 4.0, 4.0, np.log(4), 4.0], rel=1e-5)
    assert [release.sensitivity for release in one.seen] == [2.0, 2.0, 2.0, 1.0, 1.0]


@pytest.mark.filterwarnings("ignore:random_state makes the noise")
def test_noise_is_the_same_where_nobody_looks_on():
    draws = [
        release_gaussian(np.zeros(3), 1.0, 1.0, NoiseSource(0)),
        randomize_codes(np.zeros(5, dtype=int), 3, 0.1, NoiseSource(0)),
    ]
    noise = NoiseSource(0)
    again = noise.normal((3,))
    assert draws[0] == pytest.approx(again, abs=1e-5)
    assert set(draws[1]) <= {0, 1, 2}
    assert len(set(draws[1])) > 1


def test_sources_draw_from_the_observer_and_stay_secure_in_name():
    with observing(Sees()):
        first = NoiseSource()
        assert first.is_secure
    with observing(Sees()):
        assert NoiseSource().uniform() == first.uniform()
    assert NoiseSource().uniform() != NoiseSource().uniform()


def test_other_threads_are_not_looked_at():
    found = []
    with observing(Sees()):
        thread = threading.Thread(target=lambda: found.append(observer()))
        thread.start()
        thread.join()
        assert observer() is not None
    assert found == [None]
    assert observer() is None


def test_an_observer_is_gone_after_an_error():
    with pytest.raises(RuntimeError), observing(Sees()):
        raise RuntimeError
    assert observer() is None
