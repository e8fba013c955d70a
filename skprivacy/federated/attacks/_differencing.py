"""Sums over different cohorts, subtracted."""

from numbers import Real

import numpy as np
from sklearn.base import BaseEstimator, _fit_context
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import check_is_fitted

from skprivacy.federated.attacks._opened import share_opened
from skprivacy.federated.attacks._server_view import ServerView, check_view
from skprivacy.federated.attacks._view_attack import ViewAttackMixin

__all__ = ["DifferencingAttack", "open_sums"]


def open_sums(cohorts, sums):
    """Solve sums over cohorts for the vectors of single clients.

    Parameters
    ----------
    cohorts : ndarray of shape (n_rounds, n_clients) of bool
        Who is in each sum.

    sums : ndarray of shape (n_rounds, n_values)
        The sums.

    Returns
    -------
    vectors : ndarray of shape (n_clients, n_values)
        The solution of least norm.

    is_open : ndarray of shape (n_clients,) of bool
        Whose vector the sums determine.
    """
    solve = np.linalg.pinv(np.asarray(cohorts, dtype=float))
    determined = np.diagonal(solve @ cohorts)
    return solve @ sums, determined > 1 - 1e-9


class DifferencingAttack(ViewAttackMixin, BaseEstimator):
    r"""Subtract sums over cohorts that differ by one client.

    A server adds up the vectors of a cohort, and later those of the same cohort without
    one client: the difference is that client's vector. More generally it opens each
    client whose unit vector is a combination of the rows of the 0-1 matrix of cohorts
    by rounds.

    It assumes that a client sends the same vector in each of these rounds, as for
    statistics of a table that did not change, or a gradient at the same model. Where
    the model moved between rounds, the difference has what the others changed as an
    error.

    Parameters
    ----------
    tolerance : float, default=1e-6
        The largest error of a value that :meth:`score` counts as found.

    Attributes
    ----------
    clients_ : tuple of id
        Whose vectors the sums determine.

    view_ : ServerView or None
        These vectors as those of a plain round, for other attacks; None where there
        are none.

    Examples
    --------
    >>> from skprivacy.federated.attacks import DifferencingAttack, ServerView
    >>> first = {name: [number, 1.0] for number, name in enumerate("abcdef")}
    >>> second = {name: first[name] for name in "abcde"}
    >>> attack = DifferencingAttack().fit(ServerView.secure([first, second]))
    >>> attack.clients_, attack.view_.rounds[0].updates["f"].round(6)
    (('f',), array([5., 1.]))
    """

    _parameter_constraints = {"tolerance": [Interval(Real, 0, None, closed="left")]}

    def __init__(self, *, tolerance=1e-6):
        self.tolerance = tolerance

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, view):
        """Subtract what the server sees.

        Parameters
        ----------
        view : ServerView
            What a run left at the server; the sums alone are looked at.

        Returns
        -------
        self : DifferencingAttack
        """
        check_view(view)
        clients = list(dict.fromkeys(c for one in view.rounds for c in one.clients))
        cohorts = np.array(
            [[client in one.clients for client in clients] for one in view.rounds]
        )
        vectors, is_open = open_sums(cohorts, [one.sum for one in view.rounds])
        found = {
            client: vector
            for client, vector, known in zip(clients, vectors, is_open, strict=True)
            if known
        }
        self.clients_ = tuple(found)
        self.view_ = ServerView.plain([found]) if found else None
        return self

    def score(self, updates):
        """Return the share of clients whose vector was found.

        Parameters
        ----------
        updates : dict of {id: array-like of shape (n_values,)}
            What the clients sent.

        Returns
        -------
        share : float
        """
        check_is_fitted(self)
        found = self.view_.rounds[0].updates.items() if self.view_ else ()
        return share_opened(found, updates, self.tolerance)
