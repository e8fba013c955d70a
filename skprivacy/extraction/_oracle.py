"""The target as an extraction attack asks it."""

from functools import partial

import numpy as np

from skprivacy.extraction._answer_store import AnswerStore

__all__ = ["Oracle", "ask_finite"]

#: Answers that differ by less are the same.
SAME = 1e-6


class Oracle:
    """Asks a target about crafted points, and counts.

    Parameters
    ----------
    box : BlackBox
        The target.

    space : QuerySpace
        What may be asked.

    store : AnswerStore or None, default=None
        Answers that an earlier fit has paid for, and where new ones are kept.

    Attributes
    ----------
    n_queries : int
        Points that were answered through this oracle, from the store or not.
    """

    def __init__(self, box, space, store=None):
        self.box, self.space = box, space
        self.store = AnswerStore() if store is None else store
        self.n_queries = 0
        #: Told of points and answers until it returns False.
        self.watch = None

    @property
    def response(self):
        """What the target answers with."""
        return self.box.response_

    @property
    def left(self):
        """Points that may still be asked; infinite without a budget."""
        if self.box.budget is None:
            return np.inf
        # What was paid for already, a fit that goes on has not spent yet.
        return self.box.budget - self.box.n_queries_ + self.store.n_unused

    def need(self, n_points, what):
        """Refuse to begin what the budget cannot pay for.

        Parameters
        ----------
        n_points : int
            Queries that are needed.

        what : str
            What for, for the message.

        Raises
        ------
        ValueError
            If fewer are left; nothing was asked.
        """
        if self.left < n_points:
            raise ValueError(
                f"budget: {what} needs {n_points} queries, and of the target's budget "
                f"of {self.box.budget} only {self.left} are left."
            )

    def ask(self, points):
        """Ask about points.

        Parameters
        ----------
        points : ndarray of float of shape (n_points, n_features)
            Points within the space.

        Returns
        -------
        answers : ndarray of shape (n_points, n_columns)
            As :meth:`~skprivacy.targets.BlackBox.query` gives them.
        """
        table = self.space.table(points, self.box)
        try:
            if self.store.folder is None:
                answers = ask_finite(self.box, table)
            else:
                answers = self.store.answer(table, partial(ask_finite, self.box))
        except Exception as error:
            error.add_note(
                f"The target failed or refused after {self.n_queries} queries of "
                "this attack."
            )
            raise
        self.n_queries += len(points)
        if self.watch is not None and len(points):
            # Not while it asks itself.
            watch, self.watch = self.watch, None
            if watch(points, answers):
                self.watch = watch
        return answers

    def repeat(self, points, answers):
        """Ask again, to see whether the target contradicts itself.

        Parameters
        ----------
        points : ndarray of float of shape (n_points, n_features)
            Points that were asked.

        answers : ndarray of shape (n_points, n_columns)
            Answers to them.

        Returns
        -------
        gap : float
            Largest difference; 0 if it is one of computing, as the same sums come out
            otherwise in their last digits in tables of other sizes.
        """
        again = self.ask(points)
        if np.allclose(again, answers, rtol=SAME, atol=SAME):
            return 0.0
        return float(np.abs(again - answers).max())

    @property
    def n_paid(self):
        """Points that the target itself was asked."""
        return self.n_queries - self.store.n_replayed


def ask_finite(box, table):
    """Ask a target, of which infinite answers are none that a copy could give.

    Raises
    ------
    ValueError
        If some are infinite, or the box refuses them.
    """
    answers = box.query(table)
    n_bad = int((~np.isfinite(answers)).any(axis=1).sum())
    if n_bad:
        raise ValueError(
            f"the target answered infinity for {n_bad} of {len(answers)} records; "
            "extraction needs finite answers. bounds= keeps queries away from where it "
            "does so."
        )
    return answers
