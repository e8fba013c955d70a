"""An audit that is killed goes on to the same result."""

import os
import signal

import numpy as np
import pytest
from sklearn.tree import DecisionTreeClassifier

from skprivacy import audit
from skprivacy.shadow import _memory

RNG = np.random.default_rng(0)
X = RNG.normal(size=(120, 3))
Y = (X[:, 0] + RNG.normal(size=120) > 0).astype(int)
MODEL = DecisionTreeClassifier(random_state=0).fit(X[:60], Y[:60])


def scores(memory=None):
    result = audit(
        MODEL,
        X[:60],
        Y[:60],
        X[60:],
        Y[60:],
        effort="fast",
        attacks=["RMIA"],
        memory=memory,
        random_state=0,
    )
    return result.attacks[0].scores


def killed_at(moment, n_replaced, memory):
    """Run an audit in a process that is killed; ``benchmarks/kill_resume.py`` does it
    at moments of the clock, and with processes that are new."""
    child = os.fork()
    if child:
        return os.WTERMSIG(os.waitpid(child, 0)[1])
    try:
        replace, done = os.replace, []

        def replace_and_die(*paths):
            if moment == "before" and len(done) == n_replaced:
                os.kill(os.getpid(), signal.SIGKILL)
            replace(*paths)
            done.append(paths)
            if moment == "after" and len(done) == n_replaced:
                os.kill(os.getpid(), signal.SIGKILL)

        _memory.os.replace = replace_and_die
        scores(memory)
    finally:
        os._exit(1)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_killed_audit_goes_on_to_the_same_result(tmp_path):
    whole = scores()
    # Half-written, just written, and among the last.
    for moment, n in (("before", 2), ("after", 7), ("before", 6)):
        assert killed_at(moment, n, tmp_path) == signal.SIGKILL
    assert len(list(tmp_path.glob("*.result"))) == 15
    assert len(list(tmp_path.glob("*.part"))) == 2
    np.testing.assert_array_equal(scores(tmp_path), whole)
    assert len(list(tmp_path.glob("*.result"))) == 16
