"""What a run leaves at the server."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from skprivacy.federated._simulation import secure_sum
from skprivacy.federated._wire import unpack

__all__ = ["SOURCES", "ServerRound", "ServerView", "check_view", "mean_vector"]

SOURCES = ("auto", "updates", "sum", "masked")


@dataclass(frozen=True)
class ServerRound:
    """What one round leaves at the server.

    Attributes
    ----------
    clients : tuple of id
        Clients whose vectors are in the sum.

    sum : ndarray of shape (n_values,)
        Sum of their vectors.

    updates : dict of {id: ndarray of shape (n_values,)} or None
        The vector of each client; None where the server does not see it.

    masked : dict of {id: ndarray of shape (n_values,)} or None
        Words that each client sent, of an unsigned type; None of a plain round.

    parameters : ndarray or None
        The model that the server sent out before the round.
    """

    clients: tuple
    sum: np.ndarray
    updates: dict | None = None
    masked: dict | None = None
    parameters: np.ndarray | None = None


@dataclass(frozen=True)
class ServerView:
    """What a run leaves at the server, round by round: the target of its attacks.

    Make one by :meth:`plain` or :meth:`secure`.

    Attributes
    ----------
    rounds : tuple of ServerRound
        In their order.

    Examples
    --------
    >>> from skprivacy.federated.attacks import ServerView
    >>> updates = {name: [1.0, 0.5] for name in "abcde"}
    >>> ServerView.plain([updates]).rounds[0].updates["a"]
    array([1. , 0.5])
    >>> masked = ServerView.secure([updates])
    >>> masked.rounds[0].updates is None, masked.rounds[0].sum
    (True, array([5. , 2.5]))
    >>> masked.rounds[0].masked["a"].dtype
    dtype('uint64')
    """

    rounds: tuple

    def __post_init__(self):
        rounds = tuple(self.rounds)
        if not rounds or not all(isinstance(one, ServerRound) for one in rounds):
            raise TypeError(
                "rounds must be one ServerRound at least, and nothing else; got "
                f"{self.rounds!r}."
            )
        object.__setattr__(self, "rounds", rounds)

    @classmethod
    def plain(cls, rounds, *, parameters=None):
        """Return what is seen without secure aggregation: everything.

        Parameters
        ----------
        rounds : iterable of dict of {id: array-like} or array-like of shape \
(n_clients, n_values)
            Vectors of the clients in each round. Without ids, clients are numbered
            from 0.

        parameters : iterable of array-like or None, default=None
            The model that was sent out before each round.

        Returns
        -------
        view : ServerView
        """
        found = []
        for vectors, model in _with_parameters(rounds, parameters):
            total = np.sum(list(vectors.values()), axis=0)
            found.append(ServerRound(tuple(vectors), total, vectors, None, model))
        return cls(tuple(found))

    @classmethod
    def secure(cls, rounds, *, parameters=None, **options):
        """Run a secure sum each round, and return what the server gets.

        Parameters
        ----------
        rounds, parameters
            As in :meth:`plain`.

        **options
            Of :func:`~skprivacy.federated.secure_sum`: dropouts, noise, and others.

        Returns
        -------
        view : ServerView

        Raises
        ------
        ValueError
            If `options` have a `record`, which this method needs.
        """
        if "record" in options:
            raise ValueError("record is taken by the view itself.")
        found = []
        for vectors, model in _with_parameters(rounds, parameters):
            sent = {}

            def keep(stage, client, message, sent=sent):
                if stage == "masked_input":
                    sent[client] = unpack(message)[4][0]

            result = secure_sum(vectors, record=keep, **options)
            n_values = len(result.sum_)
            masked = {
                client: np.frombuffer(data, f"<u{len(data) // n_values}")
                for client, data in sent.items()
            }
            found.append(
                ServerRound(result.survivors_, result.sum_, None, masked, model)
            )
        return cls(tuple(found))

    def vectors(self, source="auto"):
        """Return the vectors that an attack looks at.

        Parameters
        ----------
        source : {"auto", "updates", "sum", "masked"}, default="auto"
            "auto" takes single updates where the server sees them, else the sum.
            "masked" takes the words of single clients as fractions from -1/2 to 1/2.

        Returns
        -------
        vectors : list of (int, id or None, ndarray of shape (n_values,))
            Number of the round, client (None for a sum), and what is seen.

        Raises
        ------
        ValueError
            If a round does not have the source.
        """
        if source not in SOURCES:
            raise ValueError(f"source must be one of {SOURCES}; got {source!r}.")
        found = []
        for number, one in enumerate(self.rounds):
            kind = source
            if source == "auto":
                kind = "sum" if one.updates is None else "updates"
            if kind == "sum":
                found.append((number, None, one.sum))
                continue
            if getattr(one, kind) is None:
                raise ValueError(f"round {number} left no {kind!r} at the server.")
            for client, vector in getattr(one, kind).items():
                if kind == "masked":
                    bits = 8 * vector.dtype.itemsize
                    vector = vector.view(f"i{bits // 8}") / 2.0**bits
                found.append((number, client, vector))
        return found


def _with_parameters(rounds, parameters):
    rounds = [_named(one) for one in rounds]
    models = [None] * len(rounds)
    if parameters is not None:
        models = [np.asarray(one, dtype=float) for one in parameters]
    if len(models) != len(rounds):
        raise ValueError(
            f"parameters must be of each of the {len(rounds)} rounds; got "
            f"{len(models)}."
        )
    return list(zip(rounds, models, strict=True))


def _named(vectors):
    items = vectors.items() if isinstance(vectors, Mapping) else enumerate(vectors)
    found = {client: np.asarray(vector, dtype=float) for client, vector in items}
    shapes = {vector.shape for vector in found.values()}
    if len(shapes) != 1 or len(next(iter(shapes))) != 1:
        raise ValueError(
            "a round must be one row of numbers a client, all of one length; got "
            f"shapes {sorted(shapes)}."
        )
    if not all(np.isfinite(vector).all() for vector in found.values()):
        raise ValueError("updates must be finite; got NaN or infinity.")
    return found


def check_view(view):
    """Refuse what is no view."""
    if not isinstance(view, ServerView):
        raise TypeError(f"view must be a ServerView; got {type(view).__name__}.")


def mean_vector(one, client, source):
    """Return what is seen of a client in a round, as a mean.

    Parameters
    ----------
    one : ServerRound
        With the client in it.

    client : id or None
        None: all clients.

    source : {"auto", "updates", "sum", "masked"}
        "auto" takes the client's update where the server sees it, else the sum.

    Returns
    -------
    vector : ndarray of shape (n_values,)
        Of the client, or the mean of the sum.

    n_clients : int
        Clients in it.

    Raises
    ------
    ValueError
        If the source is of single clients and none is named, or the round has no such
        source, or no model.
    """
    if client is None and source in ("updates", "masked"):
        raise ValueError(f"source={source!r} is of single clients: name one by client.")
    if one.parameters is None:
        raise ValueError("a round has no parameters of its model.")
    kind = source
    if kind == "auto":
        alone = client is not None and one.updates is not None
        kind = "updates" if alone else "sum"
    if kind == "sum":
        return one.sum / len(one.clients), len(one.clients)
    return {who: its for _, who, its in ServerView([one]).vectors(kind)}[client], 1
