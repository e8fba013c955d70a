"""What a model is learned from, where nobody sees more than sums."""

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Phase", "SumLearner"]


class Phase:
    """One question that all clients answer with a vector, once or repeatedly.

    A phase holds nothing of a fit: what a client needs is in its own records and in
    ``public``, a dict of numbers and arrays that the server sends to all of them. The
    same code runs in one process and between machines.
    """

    #: Whether public bounds alone make it known where records are to be private.
    is_known_by_bounds = False
    #: ``record_norm(estimator, public)``: the largest Euclidean norm of what one record
    #: within ``public["bounds"]`` adds to the vector. None: there is no such bound.
    record_norm = None

    def known(self, estimator, public):
        """Return what the phase would find, where that is known already.

        Parameters
        ----------
        estimator : estimator
            What is to be fitted; all parties know its parameters.

        public : dict
            What all parties know so far.

        Returns
        -------
        news : dict or None
            None: the clients must be asked.
        """
        return None

    def vector(self, estimator, X, y, public):
        """Compute a client's answer from its own records.

        Parameters
        ----------
        estimator : estimator
            What is to be fitted.

        X : ndarray of shape (n_records, n_features)
            The client's records: finite numbers.

        y : ndarray of shape (n_records,) or None
            Positions of its labels in ``public["classes"]``, numbers, or None.

        public : dict
            What all parties know so far; and ``client``, the name of this client.

        Returns
        -------
        vector : ndarray of shape (n_values,)
            As long for each client.

        Raises
        ------
        ValueError
            If the records can't be what they should. The client takes no part then.
        """
        raise NotImplementedError

    def update(self, estimator, total, public) -> dict:
        """Make of the sum what all may know.

        Parameters
        ----------
        estimator : estimator
            What is to be fitted.

        total : ndarray of shape (n_values,)
            Sum of the clients' vectors.

        public : dict
            What all parties know so far.

        Returns
        -------
        news : dict
            What is added to ``public``.
        """
        raise NotImplementedError

    def is_finished(self, estimator, public) -> bool:
        """Whether the phase is over, or the clients must be asked again.

        Parameters
        ----------
        estimator : estimator
            What is to be fitted.

        public : dict
            What all parties know so far.
        """
        return True


def accept(estimator):
    """Take any parameters."""


@dataclass(frozen=True)
class SumLearner:
    """How estimators of one type are fitted by sums.

    Parameters
    ----------
    phases : tuple of Phase
        Asked one after the other.

    finish : callable
        ``finish(estimator, public)`` sets the fitted attributes of the estimator. What
        it uses should be of the last phase alone: clients may have failed in between.

    target : {"classes", "numbers", None}, default=None
        What ``y`` is.

    check : callable, optional
        ``check(estimator)`` raises ValueError for parameters that sums can't serve.

    min_classes : int, default=1
        Fewest classes, where the target is classes.
    """

    phases: tuple
    finish: Callable
    target: str | None = None
    check: Callable = accept
    min_classes: int = 1

    @property
    def private_phases(self) -> tuple:
        """Phases that must be asked where bounds are public."""
        return tuple(one for one in self.phases if not one.is_known_by_bounds)

    @property
    def can_be_private(self) -> bool:
        """Whether each sum changes by a known amount with a record, and comes once."""
        return all(one.record_norm is not None for one in self.private_phases)
