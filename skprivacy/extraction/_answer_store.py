"""Answers that were paid for, kept on disk."""

import os
import tempfile
from pathlib import Path

import numpy as np

from skprivacy.records import hash_records

__all__ = ["AnswerStore"]


class AnswerStore:
    """A folder of answers, one file for each batch that was asked.

    Parameters
    ----------
    folder : str, path-like or None
        Where they are kept; made if there is none. None: in memory.

    n_columns : int or None, default=None
        Columns that answers must have; None: any.

    Raises
    ------
    ValueError
        If the folder holds answers of another shape, which are of another target.
    """

    def __init__(self, folder=None, n_columns=None):
        self.folder = None if folder is None else Path(folder)
        self._known = {}
        if self.folder is None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        for path in sorted(self.folder.glob("answers-*.npz")):
            with np.load(path) as stored:
                hashes, answers = stored["hashes"], stored["answers"]
            if n_columns not in (None, answers.shape[1]):
                raise ValueError(
                    f"memory: {self.folder} holds answers of {answers.shape[1]} "
                    f"columns, and the target gives {n_columns}; they are of another "
                    "target."
                )
            self._known.update(zip(hashes.tolist(), answers, strict=True))

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
        return [self._known.get(key) for key in hash_records(table).tolist()]

    def add(self, table, answers):
        """Keep answers to records, on disk before this returns.

        Parameters
        ----------
        table : DataFrame or ndarray of shape (n_records, n_features)
            Records.

        answers : ndarray of shape (n_records, n_columns)
            Answers to them.
        """
        hashes = hash_records(table)
        self._known.update(zip(hashes.tolist(), answers, strict=True))
        if self.folder is None:
            return
        # Written under another name first: a file that is there is whole.
        handle, name = tempfile.mkstemp(dir=self.folder, suffix=".part")
        with os.fdopen(handle, "wb") as file:
            np.savez(file, hashes=hashes, answers=answers)
        number = len(list(self.folder.glob("answers-*.npz")))
        tag = f"{number:06d}-{int(hashes[0]):016x}"
        os.replace(name, self.folder / f"answers-{tag}.npz")
