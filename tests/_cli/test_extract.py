"""``skprivacy extract`` against a server on this machine, and against a file."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import joblib
import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.linear_model import LinearRegression, LogisticRegression


class Server:
    """Serves a model; every third request is one too many, and it can go down."""

    def __init__(self, model, limit=3):
        self.n_requests = self.n_answered = 0
        self.down_after, self.limit = None, limit
        self.keys = set()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.keys.add(self.headers["X-Key"])
                outer.n_requests += 1
                if outer.down_after is not None and (
                    outer.n_answered >= outer.down_after
                ):
                    return self.reply(500, {})
                if outer.limit and outer.n_requests % outer.limit == 0:
                    return self.reply(429, {"Retry-After": "0"})
                X = pd.DataFrame(json.loads(body)["instances"])
                outer.n_answered += len(X)
                ask = getattr(model, "predict_proba", model.predict)
                return self.reply(200, {}, {"predictions": ask(X).tolist()})

            def reply(self, status, headers, told=None):
                body = b"" if told is None else json.dumps(told).encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/predict"
        threading.Thread(target=self.server.serve_forever, args=(0.01,)).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(scope="module")
def records():
    rng = np.random.default_rng(0)
    return pd.DataFrame(rng.normal(size=(200, 2)), columns=["age", "hours"])


@pytest.fixture(scope="module")
def model(records):
    label = np.where(records["age"] + records["hours"] > 0, "yes", "no")
    return LogisticRegression().fit(records, label)


@pytest.fixture
def server(model):
    server = Server(model)
    yield server
    server.close()


@pytest.fixture
def files(tmp_path, records):
    records.assign(id=range(len(records))).to_csv(tmp_path / "pool.csv", index=False)
    return {
        "pool": tmp_path / "pool.csv",
        "copy": tmp_path / "copy.joblib",
        "memory": tmp_path / "kept",
    }


@pytest.fixture
def extract(run, files):
    def invoke(target, *more):
        how = ["--records", files["pool"], "--ignore", "id", "--out", files["copy"]]
        return run("extract", target, *how, *more)

    return invoke


def test_a_server_with_a_rate_limit_is_copied(server, extract, files, records, model):
    how = ["--classes", "no,yes", "--header", "X-Key: secret"]
    result = extract(server.url, *how)
    assert result.exit_code == 0, result.output
    assert "EquationSolvingAttack (exact)" in result.output
    assert "fidelity 100.0% on 100 other records" in result.output
    copy = joblib.load(files["copy"])
    difference = copy.predict_proba(records) - model.predict_proba(records)
    assert abs(difference).max() < 1e-9
    assert copy.predict(records).tolist() == model.predict(records).tolist()
    # Every answer was paid for once: those of the copy, and those that judged it.
    assert server.n_answered == copy.n_queries_ + 100
    # Refused requests were made again, and the key is not given away with the copy.
    assert server.n_requests > server.n_answered / 100
    assert server.keys == {"secret"}
    assert b"secret" not in files["copy"].read_bytes()


def test_a_run_that_broke_off_goes_on(server, extract, files):
    how = ["--classes", "no,yes", "--memory", files["memory"], "--retries", "0"]
    how = [*how, "--batch-size", "20"]
    server.down_after, server.limit = 10, None
    result = extract(server.url, *how)
    assert result.exit_code == 2
    assert "500" in result.stderr and "are kept in" in result.stderr
    assert "Traceback" not in result.output
    assert not files["copy"].exists()
    kept = server.n_answered
    assert kept >= 10
    server.down_after = None
    result = extract(server.url, *how)
    assert result.exit_code == 0, result.output
    # What was kept is counted, and was not asked again.
    assert server.n_answered == joblib.load(files["copy"]).n_queries_ + 100


def test_a_regressor_needs_no_classes(extract, files, records):
    model = LinearRegression().fit(records, records["age"] * 3 + 1)
    server = Server(model, limit=None)
    try:
        result = extract(server.url, "--judges", "50")
    finally:
        server.close()
    assert result.exit_code == 0, result.output
    assert "fidelity R2 1.000 on 50 other records" in result.output


def test_a_file_is_copied(extract, files, model, tmp_path, records):
    skops.io.dump(model, tmp_path / "model.skops")
    result = extract(tmp_path / "model.skops")
    assert result.exit_code == 0, result.output
    copy = joblib.load(files["copy"])
    assert copy.score(records, model.predict(records)) == 1.0


@pytest.mark.parametrize(
    ("target", "more", "words"),
    [
        ("nowhere.skops", [], ["neither a file nor an http(s) address"]),
        ("http://127.0.0.1:9/", ["--retries", "0"], ["gave no answer", "0 answers"]),
        ("http://127.0.0.1:9/", ["--header", "secret"], ["--header must be"]),
        ("http://127.0.0.1:9/", ["--ignore", "sex"], ["--ignore", "sex"]),
    ],
)
def test_bad_input_is_one_line(extract, assert_bad_input, target, more, words):
    assert_bad_input(extract(target, *more), *words)


def test_labels_need_their_names(server, extract, assert_bad_input, monkeypatch):
    monkeypatch.setattr(
        "skprivacy.targets.HTTPModel.__call__", lambda self, X: np.array(["yes"])
    )
    assert_bad_input(extract(server.url), "--classes must name the labels")
