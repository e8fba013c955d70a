"""A model behind a server of the standard library, on this machine."""

import json
import pickle
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pandas as pd
import pytest

from skprivacy.targets import BlackBox, HTTPModel, HTTPModelError
from skprivacy.targets._http_model import _retry_after


class Server:
    """Answers with the sum of the numbers of a record, and counts what it was asked.

    ``plan`` says how the next requests are answered instead: a status and headers, or
    bytes.
    """

    def __init__(self):
        self.asked, self.plan, self.headers = [], [], []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.headers.append(dict(self.headers))
                planned = outer.plan.pop(0) if outer.plan else None
                if isinstance(planned, tuple):
                    self.reply(planned[0], b"", planned[1])
                elif planned is not None:
                    self.reply(200, planned, {})
                else:
                    records = json.loads(body)["instances"]
                    outer.asked += records
                    told = [total(record) for record in records]
                    self.reply(200, json.dumps({"predictions": told}).encode(), {})

            def reply(self, status, body, headers):
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


def total(record):
    values = record.values() if isinstance(record, dict) else record
    return sum(v for v in values if isinstance(v, int | float))


@pytest.fixture
def server():
    server = Server()
    yield server
    server.close()


X = np.arange(12.0).reshape(6, 2)
SUMS = X.sum(axis=1)


def test_asks_in_batches(server):
    model = HTTPModel(server.url, batch_size=4)
    np.testing.assert_array_equal(model(X), SUMS)
    assert (model.n_requests, model.n_asked, model.n_kept) == (2, 6, 6)
    assert server.asked == X.tolist()


def test_a_frame_is_sent_by_names_with_what_is_missing_as_null(server):
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", None], "c": [np.nan, 0.5]})
    np.testing.assert_array_equal(HTTPModel(server.url)(frame), [1, 2.5])
    assert server.asked == [
        {"a": 1, "b": "x", "c": None},
        {"a": 2, "b": None, "c": 0.5},
    ]


def test_headers_are_sent_and_not_shown(server):
    model = HTTPModel(server.url, headers={"X-Key": "secret"})
    model(X)
    assert server.headers[0]["X-Key"] == "secret"
    assert "secret" not in repr(model)


def test_waits_as_long_as_the_server_asks_for(server, monkeypatch):
    waits = []
    monkeypatch.setattr("time.sleep", waits.append)
    server.plan = [(429, {"Retry-After": "7"}), (503, {}), None]
    np.testing.assert_array_equal(HTTPModel(server.url)(X), SUMS)
    assert waits == [7.0, 1.0]


def test_a_server_that_asks_for_more_than_max_wait_is_given_up(server):
    server.plan = [(429, {"Retry-After": "3600"})]
    with pytest.raises(HTTPModelError, match="asks to wait 3,600 seconds"):
        HTTPModel(server.url, max_wait=5)(X)


def test_what_was_answered_before_a_failure_is_not_asked_again(server):
    model = HTTPModel(server.url, batch_size=2)
    server.plan = [None, (400, {})]
    with pytest.raises(HTTPModelError, match="400 Bad Request.*2 answers are kept"):
        model(X)
    np.testing.assert_array_equal(model(X), SUMS)
    assert server.asked == X.tolist()


def test_memory_outlives_the_process(server, tmp_path):
    HTTPModel(server.url, memory=tmp_path / "kept")(X[:4])
    file = tmp_path / "kept" / "answers.jsonl"
    with file.open("a") as cut:
        cut.write("[123, 4")  # the process was killed while it wrote
    again = HTTPModel(server.url, memory=tmp_path / "kept")
    assert again.n_kept == 4
    np.testing.assert_array_equal(again(X), SUMS)
    assert again.n_asked == 2 and len(server.asked) == 6
    assert HTTPModel(server.url, memory=tmp_path / "kept").n_kept == 6


def test_altered_answers_are_asked_for_again(server, tmp_path):
    HTTPModel(server.url, memory=tmp_path)(X)
    file = tmp_path / "answers.jsonl"
    lines = file.read_bytes().splitlines()
    lines[1] = lines[1].replace(b", 5", b", 7", 1)  # another number
    lines[2] = b"nonsense"
    lines[3] = lines[3].replace(b"[", b"\xff", 1)  # no text
    file.write_bytes(b"\n".join(lines) + b"\n")
    with pytest.warns(UserWarning, match="memory: 3 answers .* altered"):
        again = HTTPModel(server.url, memory=tmp_path)
    np.testing.assert_array_equal(again(X), SUMS)
    assert (again.n_asked, again.n_kept) == (3, 6)


def test_a_record_that_is_asked_twice_costs_two_answers(server):
    model = HTTPModel(server.url)
    model(X[:1])
    model(X[:1])
    assert model.n_asked == 2
    model.replay()
    model(X[:1])
    model(X[:1])
    assert model.n_asked == 2


def test_nobody_there_is_told_after_the_retries(monkeypatch, server):
    waits = []
    monkeypatch.setattr("time.sleep", waits.append)
    server.close()
    model = HTTPModel(server.url, retries=2, timeout=0.5)
    with pytest.raises(HTTPModelError, match=r"\(3 times\)\. 0 answers are kept"):
        model(X)
    assert waits == [0.5, 1.0]


def test_an_answer_that_takes_too_long_is_asked_for_again(monkeypatch):
    """The first connection is never answered; the second finds the server."""
    import socket

    monkeypatch.setattr("time.sleep", lambda seconds: None)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        model = HTTPModel(url, timeout=0.05, retries=1)
        with pytest.raises(HTTPModelError, match=r"timed out \(2 times\)"):
            model(X)


@pytest.mark.parametrize(
    "body", [b"<html>", b"{}", b'{"predictions": [1]}', b'{"predictions": 3}']
)
def test_senseless_answers_are_refused(server, body):
    server.plan = [body]
    with pytest.raises(HTTPModelError, match="its answer"):
        HTTPModel(server.url)(X)


def test_a_bare_list_is_an_answer(server):
    server.plan = [json.dumps([[0.25, 0.75]] * 6).encode()]
    box = BlackBox(HTTPModel(server.url), classes=["no", "yes"])
    assert box.predict(X).tolist() == ["yes"] * 6
    assert box.n_queries_ == 6


def test_survives_a_pickle(server):
    model = HTTPModel(server.url)
    model(X)
    again = pickle.loads(pickle.dumps(model))
    again.replay()
    np.testing.assert_array_equal(again(X), SUMS)
    assert len(server.asked) == 6


@pytest.mark.parametrize(
    ("url", "options", "message"),
    [
        ("file:///etc/passwd", {}, "http:// or https://"),
        ("http://", {}, "http:// or https://"),
        ("http://a", {"batch_size": 0}, "batch_size must be at least 1; got 0"),
        ("http://a", {"retries": -1}, "retries must be at least 0; got -1"),
        ("http://a", {"timeout": 0}, "timeout must be positive; got 0"),
    ],
)
def test_senseless_parameters_are_refused(url, options, message):
    with pytest.raises(ValueError, match=message):
        HTTPModel(url, **options)


def test_retry_after_may_be_a_date():
    assert _retry_after("Wed, 21 Oct 2015 07:28:00 GMT", 3) == 0
    assert _retry_after("soon", 3) == 3
