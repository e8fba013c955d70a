"""A SuperLink and SuperNodes as processes of this machine."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

from skprivacy.federated import new_signing_key, verify_key

NAMES = ("north", "south", "east", "west")
PYPROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "hospitals"
version = "1.0.0"
license = "Apache-2.0"
dependencies = []
[tool.hatch.build.targets.wheel]
packages = ["."]
[tool.flwr.app]
publisher = "test"
[tool.flwr.app.components]
serverapp = "hospitals.server:app"
clientapp = "hospitals.client:app"
"""
TASK = """
import numpy as np
from sklearn.preprocessing import StandardScaler
from skprivacy.federated import FederatedTransformer

model = FederatedTransformer(StandardScaler(), engine="flower", bounds=(-8.0, 8.0))

def rows_of(name):
    rng = np.random.default_rng(["north", "south", "east", "west"].index(name))
    return rng.normal(size=(30, 3)).clip(-8, 8), None
"""
# West hangs when its vector of the second sum is due: the columns are message 1, the
# five stages of the first sum 2 to 6, keys and shares of the second 7 and 8.
CLIENT = """
import json, pathlib, time
from skprivacy.federated.flower import client_app
from hospitals.task import model, rows_of

def keys(config):
    folder = pathlib.Path(config["folder"])
    calls = folder / (config["client"] + ".calls")
    with calls.open("a") as file:
        file.write(f"{time.time()}\\n")
    if config["client"] == "west" and len(calls.read_text().split()) == 9:
        (folder / "west_hangs").touch()
        time.sleep(600)
    found = json.loads((folder / (config["client"] + ".json")).read_text())
    peers = {name: bytes.fromhex(key) for name, key in found["peers"].items()}
    return bytes.fromhex(found["key"]), peers

app = client_app(model, lambda config: rows_of(config["client"]), keys=keys)
"""
SERVER = """
import json, os, pathlib
from skprivacy.federated.flower import server_app
from hospitals.task import model

def done(fitted):
    found = {
        "mean": fitted.estimator_.mean_.tolist(),
        "var": fitted.estimator_.var_.tolist(),
        "n": int(fitted.estimator_.n_samples_seen_),
        "clients": sorted(fitted.clients_),
        "failed": fitted.failed_clients_,
    }
    target = pathlib.Path(os.environ["SKPRIVACY_TEST_FOLDER"])
    (target / "new").write_text(json.dumps(found))
    (target / "new").rename(target / "result.json")

app = server_app(model, done, n_clients=4, wait=120, timeout=45)
"""


def write_app(folder):
    app = folder / "app"
    (app / "hospitals").mkdir(parents=True)
    (app / "pyproject.toml").write_text(PYPROJECT)
    for name, text in (
        ("__init__", ""),
        ("task", TASK),
        ("client", CLIENT),
        ("server", SERVER),
    ):
        (app / "hospitals" / f"{name}.py").write_text(text)
    signing = {name: new_signing_key() for name in NAMES}
    peers = {name: verify_key(key).hex() for name, key in signing.items()}
    for name, key in signing.items():
        told = {"key": key.hex(), "peers": peers}
        (folder / f"{name}.json").write_text(json.dumps(told))
    return app


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Processes:
    """Starts commands, and ends them with all that they started."""

    def __init__(self, folder):
        self.folder = folder
        self.running = {}
        home = folder / "flwr"
        home.mkdir()
        self.env = {
            **os.environ,
            "FLWR_HOME": str(home),
            "FLWR_TELEMETRY_ENABLED": "0",
            "SKPRIVACY_TEST_FOLDER": str(folder),
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "OMP_NUM_THREADS": "1",
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }

    def start(self, name, *command):
        with (self.folder / f"{name}.log").open("wb") as log:
            self.running[name] = subprocess.Popen(
                [Path(sys.executable).with_name(command[0]), *command[1:]],
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self.env,
                cwd=self.folder,
                start_new_session=True,
            )

    def kill(self, name):
        process = self.running.pop(name)
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()

    def wait_for(self, file, seconds):
        end = time.monotonic() + seconds
        while not (self.folder / file).exists():
            if time.monotonic() > end:
                logs = "".join(
                    f"\n--- {log.name}\n{log.read_text()[-3000:]}"
                    for log in self.folder.glob("*.log")
                )
                pytest.fail(f"no {file} after {seconds} s.{logs}")
            time.sleep(0.2)


@pytest.fixture
def processes(tmp_path):
    pytest.importorskip("flwr")
    started = Processes(tmp_path)
    yield started
    for name in [*started.running]:
        started.kill(name)


@pytest.mark.processes
def test_a_killed_supernode_drops_out_of_the_sum(processes, tmp_path):
    app = write_app(tmp_path)
    port = free_port()
    link = f"127.0.0.1:{port}"
    (tmp_path / "flwr" / "config.toml").write_text(
        f'[superlink.local]\naddress = "{link}"\ninsecure = true\n'
    )
    processes.start(
        "superlink",
        *("flower-superlink", "--insecure", "--port", str(port)),
        "--disable-runtime-dependency-installation",
    )
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.2)
    for name in NAMES:
        processes.start(
            name,
            *("flower-supernode", "--insecure", "--superlink", link),
            *("--port", str(free_port()), "--node-config"),
            f'client="{name}" folder="{tmp_path}"',
        )
    processes.start("run", "flwr", "run", str(app), "local", "--stream")
    processes.wait_for("west_hangs", 240)
    processes.kill("west")
    processes.wait_for("result.json", 240)
    found = json.loads((tmp_path / "result.json").read_text())
    assert found["clients"] == ["east", "north", "south"]
    assert found["failed"]["west"]
    names = {}
    exec(TASK, names)
    X = np.concatenate([names["rows_of"](name)[0] for name in NAMES[:3]])
    pooled = StandardScaler().fit(X)
    assert found["n"] == 90
    np.testing.assert_allclose(found["mean"], pooled.mean_, atol=1e-8)
    np.testing.assert_allclose(found["var"], pooled.var_, atol=1e-8)
