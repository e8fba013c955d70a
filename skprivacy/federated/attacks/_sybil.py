"""A server that brings clients of its own."""

from collections.abc import Mapping
from numbers import Real

import numpy as np
from sklearn.base import BaseEstimator, _fit_context
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import check_is_fitted

from skprivacy.federated.attacks._opened import share_opened
from skprivacy.federated.attacks._server_view import (
    ServerRound,
    ServerView,
    check_view,
)
from skprivacy.federated.attacks._view_attack import ViewAttackMixin

__all__ = ["SybilAttack"]


class SybilAttack(ViewAttackMixin, BaseEstimator):
    """Subtract the vectors of the server's own clients from the sum.

    With n - 1 clients of its own in a cohort of n, the server has the vector of the
    last one. No protocol that reveals the sum can stop it; what is left with more
    honest clients is a sum over those.

    Parameters
    ----------
    sybils : dict of {id: array-like of shape (n_rounds, n_values)}
        What each of the server's clients sent, a row a round.

    tolerance : float, default=1e-6
        The largest error of a value that :meth:`score` counts as found.

    Attributes
    ----------
    view_ : ServerView
        The rounds again, with the sum over honest clients alone, for other attacks. A
        client that is alone in a round has its vector in `updates`.

    clients_ : tuple of id
        Honest clients that were alone in a round.

    n_honest_ : tuple of int
        Honest clients in the sum of each round.

    Examples
    --------
    >>> from skprivacy.federated.attacks import ServerView, SybilAttack
    >>> cohort = {"hospital": [3.0, 4.0], **{f"own {i}": [0.0, 0.0] for i in range(4)}}
    >>> view = ServerView.secure([cohort])
    >>> sybils = {f"own {i}": [[0.0, 0.0]] for i in range(4)}
    >>> SybilAttack(sybils).fit(view).view_.rounds[0].updates
    {'hospital': array([3., 4.])}
    """

    _parameter_constraints = {
        "sybils": [Mapping],
        "tolerance": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(self, sybils, *, tolerance=1e-6):
        self.sybils = sybils
        self.tolerance = tolerance

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, view):
        """Subtract from what the server sees.

        Parameters
        ----------
        view : ServerView
            What a run left at the server; the sums alone are looked at.

        Returns
        -------
        self : SybilAttack

        Raises
        ------
        ValueError
            If the vectors of sybils are not of these rounds, or no round has an honest
            client.
        """
        check_view(view)
        sent = self._checked_sybils(view)
        rounds = []
        for number, one in enumerate(view.rounds):
            honest = tuple(client for client in one.clients if client not in sent)
            own = [sent[client][number] for client in one.clients if client in sent]
            total = one.sum - np.sum(own, axis=0) if own else one.sum
            updates = {honest[0]: total} if len(honest) == 1 else None
            rounds.append(
                ServerRound(honest, total, updates, parameters=one.parameters)
            )
        if not any(one.clients for one in rounds):
            raise ValueError("no round has a client that is not among the sybils.")
        self.view_ = ServerView(rounds)
        self.n_honest_ = tuple(len(one.clients) for one in rounds)
        alone = [one.clients[0] for one in rounds if len(one.clients) == 1]
        self.clients_ = tuple(dict.fromkeys(alone))
        return self

    def score(self, updates):
        """Return the share of clients whose vector was found.

        Parameters
        ----------
        updates : dict of {id: array-like of shape (n_values,)}
            What the honest clients sent; where they sent several, the one that is
            looked for.

        Returns
        -------
        share : float
        """
        check_is_fitted(self)
        found = [
            pair for one in self.view_.rounds for pair in (one.updates or {}).items()
        ]
        return share_opened(found, updates, self.tolerance)

    def _checked_sybils(self, view):
        shape = (len(view.rounds), len(view.rounds[0].sum))
        sent = {
            client: np.asarray(rows, dtype=float)
            for client, rows in self.sybils.items()
        }
        for client, rows in sent.items():
            if rows.shape != shape:
                raise ValueError(
                    f"sybils must have a row a round, in all shape {shape}; got "
                    f"{rows.shape} of client {client!r}."
                )
        return sent
