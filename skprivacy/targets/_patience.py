"""Ask a function that fails or hangs now and then, and lose no answer to it."""

import threading
import time
from collections import Counter

import numpy as np

from skprivacy.records import hash_records

__all__ = ["KeptAnswers", "persistently", "within"]


def within(seconds, function, X):
    """Call a function, and wait for its answer so long.

    Parameters
    ----------
    seconds : float or None
        None: as long as it takes. A call that is given up goes on in its thread.

    function : callable
        Takes ``X``.

    X : table
        Records.

    Returns
    -------
    answer : object

    Raises
    ------
    TimeoutError
        If there is none by then.

    Examples
    --------
    >>> within(5, sum, [1, 2])
    3
    """
    if seconds is None:
        return function(X)
    outcome = {}

    def work():
        try:
            outcome["answer"] = function(X)
        except BaseException as error:  # raised again by who waits
            outcome["error"] = error

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    if "error" in outcome:
        raise outcome["error"]
    if "answer" not in outcome:
        raise TimeoutError(f"no answer to {len(X)} records within {seconds:g} seconds")
    return outcome["answer"]


def persistently(call, retries, backoff):
    """Call again after a failure, with pauses that double.

    Parameters
    ----------
    call : callable
        Takes nothing.

    retries : int
        How often it is called again.

    backoff : float
        Seconds before the first repetition.

    Returns
    -------
    answer : object
    """
    for attempt in range(retries):
        try:
            return call()
        except Exception as error:
            if getattr(error, "is_final", False):
                raise
        time.sleep(backoff * 2**attempt)
    return call()


class KeptAnswers:
    """Answers that came, given once more after a failure before anything new is asked.

    A record that is asked twice, on purpose, costs two answers.
    """

    def __init__(self):
        self._answers, self._told = {}, Counter()
        self._lock = threading.Lock()

    def __len__(self):
        return sum(map(len, self._answers.values()))

    def answer(self, X, ask, batch_size=None, check=None):
        """Answer to records.

        Parameters
        ----------
        X : table of shape (n_records, n_features)
            Records.

        ask : callable
            Takes some of them, and returns an array with one row each.

        batch_size : int or None, default=None
            Records that it takes at once. None: all.

        check : callable or None, default=None
            Takes the number of records that are about to be asked; may raise.

        Returns
        -------
        answers : ndarray of shape (n_records, n_columns)
        """
        keys = hash_records(X).tolist()
        with self._lock:
            told = Counter(self._told)
            found, new = [None] * len(keys), []
            for i, key in enumerate(keys):
                known = self._answers.get(key, ())
                if told[key] < len(known):
                    found[i] = known[told[key]]
                else:
                    new.append(i)
                told[key] += 1
            if check is not None:
                check(len(new))
            try:
                for start in range(0, len(new), batch_size or max(len(new), 1)):
                    rows = new[start : start + (batch_size or len(new))]
                    part = X.iloc[rows] if hasattr(X, "iloc") else np.asarray(X)[rows]
                    for i, answer in zip(rows, ask(part), strict=True):
                        self._answers.setdefault(keys[i], []).append(answer)
                        found[i] = answer
            except BaseException:
                # Whoever begins anew is given all again.
                self._told.clear()
                raise
            self._told = told
        return np.array(found)
