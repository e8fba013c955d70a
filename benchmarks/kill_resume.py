"""Kill an audit with memory= at random moments, and see that it resumes to the same.

    python benchmarks/kill_resume.py --kills 30

Each round starts an audit, ends it by SIGKILL after a random part of the time that a
whole one takes, and starts it again on the same folder until it ends. All figures, but
times, must be those of an audit that was never ended. With ``--same-folder`` all rounds
kill in one folder until it is full. With ``--worker`` a process of joblib that trains
shadow models is ended instead, once.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from sklearn.ensemble import RandomForestClassifier

from skprivacy import audit

#: A recipe that ends the process of joblib that trains it, once a result is stored.
DYING = """
import os, signal
from pathlib import Path
from sklearn.dummy import DummyClassifier

class Dying(DummyClassifier):
    def __init__(self, parent=None, memory=None):
        super().__init__()
        self.parent, self.memory = parent, memory

    def fit(self, X, y):
        if os.getpid() != self.parent and list(Path(self.memory).glob("*.result")):
            os.kill(os.getpid(), signal.SIGKILL)
        return super().fit(X, y)
"""
DYING_RUN = """
import os, sys
import joblib
import numpy as np
from dying import Dying
from skprivacy.shadow import ShadowModels
from skprivacy.shadow._parallel import WorkerDiedError

records = np.column_stack([np.arange(40.0), np.arange(40) % 2])

def answers(**options):
    recipe = Dying(os.getpid(), sys.argv[1])
    shadow = ShadowModels(recipe, n_models=4, random_state=0, **options)
    return shadow.fit(records).answers_

try:
    with joblib.parallel_config("loky"):
        answers(n_jobs=2, memory=sys.argv[1])
except WorkerDiedError as error:
    print("Worker:", error)
same = np.array_equal(answers(memory=sys.argv[1]), answers())
print("After it: the same result." if same else "After it: ANOTHER result.")
sys.exit(not same)
"""
#: What differs between two equal audits.
TIMES = {"seconds", "shadow_seconds", "created"}


def plain(value):
    """Leave out times."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items() if k not in TIMES}
    return [plain(item) for item in value] if isinstance(value, list) else value


def start(memory, out, attacks):
    """Start an audit in a process of its own, and return its number."""
    child = os.fork()
    if child:
        return child
    try:
        rng = np.random.default_rng(0)
        X = rng.normal(size=(240, 4))
        y = (X[:, 0] + rng.normal(size=240) > 0).astype(int)
        model = RandomForestClassifier(100, random_state=0).fit(X[:120], y[:120])
        result = audit(
            *(model, X[:120], y[:120], X[120:], y[120:]),
            effort="fast",
            attacks=attacks,
            memory=memory,
            random_state=0,
        )
        result.to_json(out)
        os._exit(0)
    finally:
        os._exit(1)


def finish(memory, out, attacks):
    """Run an audit to its end; return its figures and its seconds."""
    began = time.perf_counter()
    status = os.waitpid(start(memory, out, attacks), 0)[1]
    if status != 0:
        raise RuntimeError(f"the audit on {memory} ended with status {status}.")
    return plain(json.loads(Path(out).read_text())), time.perf_counter() - began


def kill(memory, out, attacks, after):
    """Start an audit and end it after so many seconds; return whether it still ran."""
    child = start(memory, out, attacks)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1] == signal.SIGKILL


def run(n_kills, attacks, seed=0, same_folder=False, tell=print):
    """Kill so often; return how many audits were ended, and how many came out wrong."""
    rng = np.random.default_rng(seed)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        expected, seconds = finish(folder / "whole", folder / "whole.json", attacks)
        n_ended = n_wrong = 0
        for number in range(n_kills):
            memory = folder / ("memory" if same_folder else f"memory{number}")
            after = rng.uniform(0, seconds)
            ended = kill(memory, folder / "killed.json", attacks, after)
            n_kept = len(list(memory.glob("*.result"))) if memory.exists() else 0
            same = same_folder
            if not same_folder or number == n_kills - 1:
                same = finish(memory, folder / "out.json", attacks)[0] == expected
            n_ended, n_wrong = n_ended + ended, n_wrong + (not same)
            tell(
                f"{number + 1}: after {after:.2f} s, {'ended' if ended else 'was done'}"
                f", {n_kept} results kept, {'same' if same else 'ANOTHER'} result"
            )
    return n_ended, n_wrong


def end_worker():
    """End a process of joblib while it trains a model; return whether all is well."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "dying.py").write_text(DYING)
        Path(folder, "run.py").write_text(DYING_RUN)
        command = [sys.executable, "run.py", "memory"]
        return subprocess.run(command, cwd=folder, timeout=300).returncode == 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--attacks", nargs="*", default=["LiRA", "RMIA"])
    parser.add_argument("--same-folder", action="store_true")
    parser.add_argument("--worker", action="store_true")
    given = parser.parse_args()
    if given.worker:
        sys.exit(not end_worker())
    n_ended, n_wrong = run(given.kills, given.attacks, given.seed, given.same_folder)
    print(
        f"{n_ended} of {given.kills} audits were ended, {n_wrong} resumed to another."
    )
    sys.exit(n_wrong > 0)
