"""What all benchmarks of the suite share."""

import pytest
from threadpoolctl import threadpool_limits


@pytest.fixture(autouse=True)
def one_core():
    """Keep BLAS and OpenMP from starting threads."""
    with threadpool_limits(1):
        yield


@pytest.fixture
def measure(benchmark):
    """Time a call: three times, each with what it is given made anew."""

    def run(function, *args, rounds=3):
        return benchmark.pedantic(function, args, rounds=rounds, iterations=1)

    return run
