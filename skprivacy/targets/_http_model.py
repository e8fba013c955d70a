"""A model behind a web address."""

import json
import threading
import time
import warnings
import zlib
from collections import Counter
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, Request, build_opener

import numpy as np
import pandas as pd

from skprivacy.records import hash_records

__all__ = ["HTTPModel", "HTTPModelError"]

#: Answers of a server that will be able to answer later.
BUSY = (408, 425, 429, 500, 502, 503, 504)
#: Seconds before the first repetition where the server does not say; then doubled.
FIRST_WAIT = 0.5


class HTTPModelError(ConnectionError):
    """Raised when a server does not answer, or not as it should.

    What it answered before is kept, and is not asked again.
    """


class HTTPModel:
    """A model behind HTTP that is asked in JSON; a function for a `BlackBox`.

    Records are sent by POST as ``{"instances": [...]}``, each an object of column and
    value, or a list of values where the table is an array. The answer is a list, one
    item a record, or an object that has this list under ``"predictions"``.

    Answers are kept in the order in which they came. After a failure, and after a
    restart with the same `memory`, they are given once more before anything new is
    asked; a record that is asked twice, on purpose, costs two answers.

    Parameters
    ----------
    url : str
        Address, ``http://`` or ``https://``.

    batch_size : int, default=100
        Records sent at once.

    timeout : float, default=10.0
        Seconds to wait for an answer.

    retries : int, default=5
        How often a request is repeated that was not answered, or refused for the time
        being (429 Too Many Requests, 503 and the like).

    max_wait : float, default=60.0
        Longest pause in seconds before a repetition. A server that asks for more, by
        ``Retry-After``, is given up.

    headers : dict of str to str or None, default=None
        Sent along, such as a key.

    send, receive : str, default="instances", "predictions"
        Names of the lists of records and of answers.

    memory : str, path-like or None, default=None
        Folder in which answers are kept as soon as they are there, one folder a model.
        None: they are kept as long as this object.

    Attributes
    ----------
    n_asked : int
        Records that the server has answered to in this process.

    n_requests : int
        Requests in this process, repetitions too.

    Raises
    ------
    ValueError
        If `url` is not one of HTTP, or a number is not positive.
    HTTPModelError
        If the server does not answer, or not with one answer a record.

    See Also
    --------
    BlackBox : Says what comes out of it, and counts.

    Examples
    --------
    >>> from skprivacy.targets import BlackBox, HTTPModel
    >>> model = HTTPModel("http://127.0.0.1:8000/predict", timeout=2)
    >>> box = BlackBox(model, classes=["no", "yes"], budget=1000)
    >>> box.response_
    'proba'
    """

    def __init__(
        self,
        url,
        *,
        batch_size=100,
        timeout=10.0,
        retries=5,
        max_wait=60.0,
        headers=None,
        send="instances",
        receive="predictions",
        memory=None,
    ):
        parts = urlsplit(str(url))
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"url must begin with http:// or https://; got {url!r}.")
        for name, value, least in (
            ("batch_size", batch_size, 1),
            ("retries", retries, 0),
            ("max_wait", max_wait, 0),
        ):
            if not value >= least:
                raise ValueError(f"{name} must be at least {least}; got {value!r}.")
        if not timeout > 0:
            raise ValueError(f"timeout must be positive; got {timeout!r}.")
        self.url = str(url)
        self.batch_size = batch_size
        self.timeout = timeout
        self.retries = retries
        self.max_wait = max_wait
        self.headers = dict(headers or {})
        self.send, self.receive = send, receive
        self.memory = None if memory is None else Path(memory)
        self.n_asked = self.n_requests = 0
        self._answers, self._told = _load(self.memory), Counter()
        self._lock = threading.Lock()

    def __call__(self, X):
        """Ask the server about records.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Features.

        Returns
        -------
        answers : ndarray of shape (n_records,) or (n_records, n_columns)
        """
        if not isinstance(X, pd.DataFrame):
            X = np.asarray(X)
        hashes = hash_records(X).tolist()
        with self._lock:
            try:
                answers = self._recall_or_ask(X, hashes)
            except BaseException:
                self.replay()
                raise
        try:
            return np.array(answers)
        except ValueError as error:
            raise HTTPModelError(
                f"{self.url} answered with lists of different lengths."
            ) from error

    def replay(self):
        """Begin anew: give all answers that are kept once more, and ask what is new."""
        self._told.clear()

    @property
    def n_kept(self):
        """Answers that are kept."""
        return sum(map(len, self._answers.values()))

    def _recall_or_ask(self, X, hashes):
        answers, new = [None] * len(hashes), []
        for i, key in enumerate(hashes):
            known = self._answers.get(key, ())
            if self._told[key] < len(known):
                answers[i] = known[self._told[key]]
            else:
                new.append(i)
            self._told[key] += 1
        for start in range(0, len(new), self.batch_size):
            rows = new[start : start + self.batch_size]
            told = self._ask(_records(X, rows))
            self._keep([hashes[i] for i in rows], told)
            for i, answer in zip(rows, told, strict=True):
                answers[i] = answer
        return answers

    def _keep(self, keys, answers):
        for key, answer in zip(keys, answers, strict=True):
            self._answers.setdefault(key, []).append(answer)
        self.n_asked += len(keys)
        if self.memory is not None:
            self.memory.mkdir(parents=True, exist_ok=True)
            lines = (
                json.dumps([key, answer, _seal(key, answer)]) + "\n"
                for key, answer in zip(keys, answers, strict=True)
            )
            with open(self.memory / "answers.jsonl", "a", encoding="utf-8") as file:
                file.writelines(lines)

    def _ask(self, records):
        body = json.dumps({self.send: records}).encode()
        headers = {"Content-Type": "application/json", **self.headers}
        for attempt in range(self.retries + 1):
            request = Request(self.url, body, headers, method="POST")
            wait = FIRST_WAIT * 2**attempt
            self.n_requests += 1
            try:
                with self._opener().open(request, timeout=self.timeout) as response:
                    return self._read(response.read(), len(records))
            except HTTPModelError:
                raise
            except HTTPError as error:
                why = f"{error.code} {error.reason}"
                if error.code not in BUSY:
                    raise self._failed(why) from error
                wait = _retry_after(error.headers.get("Retry-After"), wait)
                error.close()
            except (URLError, OSError) as error:
                why = str(getattr(error, "reason", error)) or type(error).__name__
            if attempt == self.retries or wait > self.max_wait:
                break
            time.sleep(wait)
        if wait > self.max_wait:
            why += f", and asks to wait {wait:,.0f} seconds"
        raise self._failed(f"{why} ({attempt + 1} times)")

    def _opener(self):
        # What runs on this machine is not to be sought through a proxy.
        local = urlsplit(self.url).hostname in ("localhost", "127.0.0.1", "::1")
        return build_opener(ProxyHandler({})) if local else build_opener()

    def _read(self, body, n_records):
        try:
            told = json.loads(body)
        except ValueError:
            raise self._failed("its answer is not JSON") from None
        if isinstance(told, dict):
            told = told.get(self.receive)
        if not isinstance(told, list) or len(told) != n_records:
            raise self._failed(
                f"its answer holds no list {self.receive!r} of {n_records} answers"
            )
        return told

    def _failed(self, why):
        where = f" in {self.memory}" if self.memory is not None else ""
        return HTTPModelError(
            f"{self.url} gave no answer: {why}. {self.n_kept:,} answers are kept"
            f"{where} and not asked for again."
        )

    def __getstate__(self):
        return {k: v for k, v in self.__dict__.items() if k != "_lock"}

    def __setstate__(self, state):
        self.__dict__.update(state)
        self._lock = threading.Lock()

    def __repr__(self):
        # Headers may hold a key.
        return f"HTTPModel({self.url!r})"


def _records(X, rows):
    if isinstance(X, pd.DataFrame):
        part = X.iloc[rows]
        names = [str(name) for name in X.columns]
        columns = [part.iloc[:, j].tolist() for j in range(X.shape[1])]
        return [
            dict(zip(names, map(_plain, record), strict=True))
            for record in zip(*columns, strict=True)
        ]
    return [[_plain(value) for value in record] for record in X[rows].tolist()]


def _plain(value):
    """Reduce a value to what JSON has; what is missing is null."""
    if value is None or value is pd.NA or value != value:
        return None
    if isinstance(value, bool | int | float | str):
        return value
    return value.item() if hasattr(value, "item") else str(value)


def _retry_after(header, otherwise):
    """Read for how long the server wants to be left alone: seconds, or a date."""
    if header is None:
        return otherwise
    try:
        return max(float(header), 0.0)
    except ValueError:
        pass
    try:
        return max(parsedate_to_datetime(header).timestamp() - time.time(), 0.0)
    except ValueError:
        return otherwise


def _load(folder):
    """Read the answers of earlier runs; a line that was cut off does not count."""
    answers = {}
    path = None if folder is None else folder / "answers.jsonl"
    if path is None or not path.exists():
        return answers
    text = path.read_text(encoding="utf-8", errors="replace")
    whole = text[: text.rfind("\n") + 1]
    if whole != text:
        path.write_text(whole, encoding="utf-8")
    n_altered = 0
    for line in whole.splitlines():
        try:
            key, answer, seal = json.loads(line)
            if seal != _seal(key, answer):
                raise ValueError
        except (ValueError, TypeError):
            n_altered += 1
        else:
            answers.setdefault(key, []).append(answer)
    if n_altered:
        warnings.warn(
            f"memory: {n_altered} answers in {str(path)!r} were altered; they are left "
            "out, and asked for again.",
            UserWarning,
            stacklevel=3,
        )
    return answers


def _seal(key, answer):
    """Return what tells that an answer is as it was written."""
    return zlib.crc32(json.dumps([key, answer]).encode())
