"""One budget, and one memory, for several attacks on the same target."""

from functools import partial

import numpy as np

from skprivacy.extraction._oracle import ask_finite
from skprivacy.records import hash_records, stack_tables, take_rows
from skprivacy.targets import BlackBox, QueryBudgetExceeded

__all__ = ["Meter"]


class Meter:
    """The target within one budget that several attacks share.

    Parameters
    ----------
    box : BlackBox
        The target.

    store : AnswerStore
        Where answers are kept.

    budget : int
        Points that may be asked in all.

    Attributes
    ----------
    n_queries : int
        Points that were asked.
    """

    def __init__(self, box, store, budget):
        self._box, self._store, self.budget = box, store, budget
        self.n_queries = 0
        self._known = {}
        self._tables, self._answers = [], []

    @property
    def left(self):
        """Points that may still be asked."""
        return self.budget - self.n_queries

    def ask(self, X, reuse=True, limit=np.inf):
        """Ask what is not known yet.

        Parameters
        ----------
        X : DataFrame or ndarray of shape (n_points, n_features)
            Points, as the target gets them.

        reuse : bool, default=True
            Whether what is known is taken from memory.

        limit : float, default=infinity
            Points that may be asked for it.

        Returns
        -------
        answers : ndarray of shape (n_points, n_columns)

        n_asked : int
            Points that were asked for it.
        """
        keys = _keys(X)
        is_new = np.array([not reuse or key not in self._known for key in keys])
        # A point that comes twice in a table is asked once.
        first = {key: i for i, key in reversed(list(enumerate(keys)))}
        if reuse:
            is_new &= [first[key] == i for i, key in enumerate(keys)]
        rows = np.flatnonzero(is_new)
        if len(rows) > limit:
            raise QueryBudgetExceeded(len(rows), self.n_queries, self.budget)
        told = None
        if len(rows):
            asked = take_rows(X, rows)
            if self._store.folder is None:
                told = ask_finite(self._box, asked)
            else:
                told = self._store.answer(asked, partial(ask_finite, self._box))
            self.n_queries += len(rows)
            self._tables.append(asked)
            self._answers.append(told)
            for row, answer in zip(rows, told, strict=True):
                self._known[keys[row]] = answer
        if len(rows) == len(X):
            # Attacks may write over what they get.
            return told.copy(), len(rows)
        return np.stack([self._known[key] for key in keys]), len(rows)

    def knows(self, X):
        """Tell which records have answers that are known, shape (n_records,)."""
        return np.array([key in self._known for key in _keys(X)])

    def asked(self):
        """Return all points that were asked, once each, and their answers."""
        if not self._tables:
            return None
        table = stack_tables(self._tables)
        rows = list({key: i for i, key in enumerate(_keys(table))}.values())
        return take_rows(table, rows), np.concatenate(self._answers)[rows]

    def box(self, limit=None, reuse=True):
        """Put the target behind a box of its own.

        Parameters
        ----------
        limit : int or None, default=None
            Points that may be asked of the target through it; None: all that are left.

        reuse : bool, default=True
            Whether what is known already is answered from memory, at no cost.

        Returns
        -------
        box : BlackBox
        """
        response = self._box.response_
        box = _MeteredBox(
            self._box.query,
            response=response,
            classes=None if response == "value" else self._box.classes_,
            budget=self.left if limit is None else limit,
        )
        return box.on(self, reuse, self._box)


class _MeteredBox(BlackBox):
    """A box that pays for nothing that is known."""

    def on(self, meter, reuse, inner):
        self._meter, self._reuse, self._inner = meter, reuse, inner
        self._n_asked = 0
        return self

    def query(self, X):
        left = self.budget - self._n_asked
        answers, n_asked = self._meter.ask(X, self._reuse, left)
        self._n_asked += n_asked
        return answers

    @property
    def n_queries_(self):
        return self._n_asked

    def __sklearn_tags__(self):
        # What the target takes, missing values above all.
        return self._inner.__sklearn_tags__()


def _keys(X):
    """Tell points apart."""
    if isinstance(X, np.ndarray) and X.dtype.kind in "fiub":
        # Nothing but bits need be looked at; there are two zeros.
        return [row.tobytes() for row in np.asarray(X, dtype=float) + 0.0]
    return hash_records(X).tolist()
