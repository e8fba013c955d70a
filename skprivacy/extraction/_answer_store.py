"""Answers that were paid for, kept on disk."""

import os
import warnings
import zlib
from collections import Counter
from pathlib import Path

import numpy as np

from skprivacy.records import hash_records

__all__ = ["MEMORY", "AnswerStore"]

#: What the parameter ``memory`` of attacks may be.
MEMORY = [str, os.PathLike, None]
#: Records in a query, so that a target which goes down takes few answers with it.
BLOCK = 200


class AnswerStore:
    """A folder of answers, in a file to which each is added as soon as it is there.

    Parameters
    ----------
    folder : str, path-like or None
        Where they are kept; made if there is none. None: in memory.

    n_columns : int or None, default=None
        Columns that answers must have; None: any.

    Attributes
    ----------
    n_unused : int
        Answers from the folder that `answer` has not given yet.

    n_replayed : int
        Answers from the folder that it has given.

    Raises
    ------
    ValueError
        If the folder holds answers of another shape, which are of another target.
    """

    def __init__(self, folder=None, n_columns=None):
        self.folder = None if folder is None else Path(folder)
        self._known, self._given = {}, Counter()
        self.n_unused = self.n_replayed = 0
        if self.folder is None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        for path in sorted(self.folder.glob("answers-*.rows")):
            found = int(path.stem.split("-")[1])
            if n_columns not in (None, found):
                raise ValueError(
                    f"memory: {self.folder} holds answers of {found} "
                    f"columns, and the target gives {n_columns}; they are of another "
                    "target."
                )
            self._keep(_whole_rows(path, found))
        self.n_unused = sum(len(answers) for answers in self._known.values())

    def __len__(self):
        return len(self._known)

    def lookup(self, table):
        """Find answers to records.

        Parameters
        ----------
        table : DataFrame or ndarray of shape (n_records, n_features)
            Records, as the target would get them.

        Returns
        -------
        answers : list of (ndarray of shape (n_columns,) or None)
            None where a record was not asked before.
        """
        found = [self._known.get(key) for key in hash_records(table).tolist()]
        return [None if answers is None else answers[0] for answers in found]

    def add(self, table, answers):
        """Keep answers to records, on disk before this returns.

        Parameters
        ----------
        table : DataFrame or ndarray of shape (n_records, n_features)
            Records.

        answers : ndarray of shape (n_records, n_columns)
            Answers to them.
        """
        rows = np.empty(len(table), dtype=_row_type(answers.shape[1]))
        rows["hash"], rows["answer"] = hash_records(table), answers
        rows["seal"] = _seals(rows)
        self._keep(rows)
        if self.folder is None:
            return
        path = self.folder / f"answers-{answers.shape[1]}.rows"
        with path.open("ab") as file:
            file.write(rows.tobytes())
            file.flush()
            os.fsync(file.fileno())

    def answer(self, table, ask):
        """Answer from the folder what it has, and ask and keep the rest.

        A record that is asked again within a fit, as to see whether the target
        contradicts itself, gets its second answer, and so on: what comes back is what
        came back in the fit that paid for it.

        Parameters
        ----------
        table : DataFrame or ndarray of shape (n_records, n_features)
            Records, as the target gets them.

        ask : callable
            Takes such a table and returns answers, shape (n_records, n_columns).

        Returns
        -------
        answers : ndarray of shape (n_records, n_columns)
        """
        keys = hash_records(table).tolist()
        found = [None] * len(keys)
        for i, key in enumerate(keys):
            answers = self._known.get(key, [])
            if self._given[key] < len(answers):
                found[i] = answers[self._given[key]]
                self.n_unused -= 1
                self.n_replayed += 1
            self._given[key] += 1
        new = np.flatnonzero([answer is None for answer in found])
        for start in range(0, len(new), BLOCK):
            rows = new[start : start + BLOCK]
            asked = table.iloc[rows] if hasattr(table, "iloc") else table[rows]
            try:
                answers = ask(asked)
            except Exception as error:
                error.add_note(f"All answers before are kept in {self.folder}.")
                raise
            self.add(asked, answers)
            for row, answer in zip(rows, answers, strict=True):
                found[row] = answer
        return np.array(found)

    def _keep(self, rows):
        for key, answer in zip(rows["hash"].tolist(), rows["answer"], strict=True):
            self._known.setdefault(key, []).append(answer)


def _row_type(n_columns):
    kinds = [("hash", "<u8"), ("answer", "<f8", (n_columns,)), ("seal", "<u4")]
    return np.dtype(kinds)


def _seals(rows):
    """Return what tells that a row is as it was written."""
    return [
        zlib.crc32(row["answer"].tobytes(), zlib.crc32(row["hash"].tobytes()))
        for row in rows
    ]


def _whole_rows(path, n_columns):
    """Read rows; what was cut off while it was written is taken away."""
    kind, size = _row_type(n_columns), path.stat().st_size
    if size % kind.itemsize:
        os.truncate(path, size - size % kind.itemsize)
    rows = np.fromfile(path, dtype=kind)
    whole = rows["seal"] == _seals(rows)
    if not whole.all():
        warnings.warn(
            f"memory: {(~whole).sum()} of {len(rows)} answers in {str(path)!r} were "
            "altered; they are left out, and asked for again.",
            UserWarning,
            stacklevel=4,
        )
    return rows[whole]
