"""What all parties of a round agree on before it starts."""

import hashlib
import os
from dataclasses import dataclass, field
from numbers import Integral, Real

import numpy as np

from skprivacy.federated._distributed_noise import DistributedGaussian
from skprivacy.federated._fixed_point import FixedPoint
from skprivacy.federated._graph import (
    FEWEST_CLIENTS,
    MOST_CLIENTS,
    graph_parameters,
    n_at_most,
)
from skprivacy.federated._wire import pack, unpack

__all__ = ["SumPlan", "check_id"]

SECURITY = ("active", "semi_honest")
ROUND_BYTES = 16


@dataclass(frozen=True)
class SumPlan:
    """One round of a secure sum: what is added up, and against whom it is safe.

    Every message and key is bound to the plan, so that parties with different plans
    don't understand each other. A client takes part in a plan that it has read, and
    that asks for what it asks for itself: whoever makes the plan could ask for less.

    Parameters
    ----------
    n_values : int
        Length of the vectors.

    n_clients : int
        Most clients; sums of so many can't overflow.

    fixed_point : FixedPoint or None, default=None
        How values become words. None: within 1, as fine as fits.

    security : {"active", "semi_honest"}, default="active"
        "active": the server may lie; clients sign their keys and what they were told,
        and unmask only what enough others were told as well. "semi_honest": it follows
        the protocol, and looks at all that it gets.

    max_corrupt, max_dropout : float, default=0.1, 0.3
        Largest shares of clients that work with the server, and that drop out.

    n_neighbors, threshold
        As in :func:`~skprivacy.federated.graph_parameters`.

    min_clients : int, default=3
        Fewest clients of a sum.

    noise : DistributedGaussian or None, default=None
        Noise that clients add.

    round_id : bytes, optional
        16 bytes that no other round has; drawn where left out.

    Examples
    --------
    >>> from skprivacy.federated import SumPlan
    >>> plan = SumPlan(n_values=10, n_clients=100)
    >>> plan.fixed_point.fraction_bits, plan.graph(100).threshold
    (24, 41)
    >>> SumPlan.from_bytes(plan.to_bytes()) == plan
    True
    """

    n_values: int
    n_clients: int
    fixed_point: FixedPoint | None = None
    security: str = "active"
    max_corrupt: float = 0.1
    max_dropout: float = 0.3
    n_neighbors: int | str = "auto"
    threshold: int | None = None
    min_clients: int = FEWEST_CLIENTS
    noise: DistributedGaussian | None = None
    round_id: bytes = field(default_factory=lambda: os.urandom(ROUND_BYTES))

    def __post_init__(self):
        _check_number("n_values", self.n_values, 1)
        _check_number("min_clients", self.min_clients, FEWEST_CLIENTS, MOST_CLIENTS)
        _check_number("n_clients", self.n_clients, self.min_clients, MOST_CLIENTS)
        if self.threshold is not None:
            _check_number("threshold", self.threshold, 1)
        if self.n_neighbors not in ("auto", "all"):
            _check_number("n_neighbors", self.n_neighbors, 1)
        for name in ("max_corrupt", "max_dropout"):
            share = getattr(self, name)
            if not isinstance(share, Real) or isinstance(share, bool):
                raise TypeError(f"{name} must be a number; got {share!r}.")
            if not 0 <= share < 1:
                raise ValueError(f"{name} must be from 0 to below 1; got {share}.")
        if self.security not in SECURITY:
            raise ValueError(
                f"security must be one of {SECURITY}; got {self.security!r}."
            )
        if not isinstance(self.round_id, bytes) or len(self.round_id) != ROUND_BYTES:
            raise ValueError(f"round_id must be 16 bytes; got {self.round_id!r}.")
        if self.noise is not None and not isinstance(self.noise, DistributedGaussian):
            raise TypeError(
                f"noise must be a DistributedGaussian or None; got {self.noise!r}."
            )
        if self.fixed_point is None:
            object.__setattr__(self, "fixed_point", self._fit())
        if not isinstance(self.fixed_point, FixedPoint):
            raise TypeError(
                f"fixed_point must be a FixedPoint or None; got {self.fixed_point!r}."
            )
        if self.noise is not None and self.fixed_point.bound < self.noise.clip_norm:
            raise ValueError(
                f"fixed_point.bound={self.fixed_point.bound} is below "
                f"noise.clip_norm={self.noise.clip_norm}."
            )
        self.fixed_point.check_sum(self.n_clients, self._headroom(self.fixed_point))
        self.graph(self.n_clients)

    def graph(self, n_clients):
        """Neighbors and threshold of a cohort.

        Parameters
        ----------
        n_clients : int
            Clients that sent keys.

        Returns
        -------
        graph : SumGraph

        Raises
        ------
        ValueError
            If what the plan says is not safe for so many.
        """
        return graph_parameters(
            n_clients,
            security=self.security,
            max_corrupt=float(self.max_corrupt),
            max_dropout=float(self.max_dropout),
            n_neighbors=self.n_neighbors,
            threshold=self.threshold,
        )

    def encode(self, values):
        """Turn a client's vector into words, with its part of the noise.

        Parameters
        ----------
        values : array-like of shape (n_values,)
            Finite numbers.

        Returns
        -------
        words : ndarray of shape (n_values,)

        n_clipped : int
            Values that were moved to the bound; all where the vector was shortened.

        Raises
        ------
        ValueError
            If they are of another length, NaN or infinite; or too large where
            `fixed_point.clip` is "error".
        """
        shape = np.shape(values)
        if shape != (self.n_values,):
            raise ValueError(
                f"values must be one row of {self.n_values} numbers; got shape {shape}."
            )
        if self.noise is None:
            return self.fixed_point.encode(values)
        # Checked as they are: what shortens a vector can't bring it into bounds.
        self.fixed_point.round(np.asarray(values))
        values, is_longer = self.noise.shorten(values)
        if is_longer and self.fixed_point.clip == "error":
            raise ValueError(
                f"the vector is longer than clip_norm={self.noise.clip_norm}."
            )
        steps, _ = self.fixed_point.round(values)
        steps = steps + self.noise.draw(self.n_values, self.fixed_point)
        return self.fixed_point.words(steps), self.n_values * is_longer

    def guarantee(self, n_survivors, n_clients):
        """Promise of a sum, or None without noise.

        Parameters
        ----------
        n_survivors : int
            Clients in the sum.

        n_clients : int
            Clients of the cohort, of whom a share of `max_corrupt` may tell its noise.

        Returns
        -------
        guarantee : PrivacyGuarantee or None
        """
        if self.noise is None:
            return None
        n_noisy = n_survivors - n_at_most(self.max_corrupt, n_clients)
        return self.noise.guarantee(n_noisy, self.n_values, self.fixed_point)

    @property
    def digest(self) -> bytes:
        """32 bytes that no other plan has."""
        return hashlib.sha256(b"skprivacy.SumPlan" + self.to_bytes()).digest()

    def to_bytes(self) -> bytes:
        """Write the plan as bytes."""
        fixed, noise = self.fixed_point, self.noise
        assert fixed is not None  # a plan that was given none has fitted one
        return pack(
            [
                int(self.n_values),
                int(self.n_clients),
                [float(fixed.bound), fixed.fraction_bits, fixed.word, fixed.clip],
                self.security,
                float(self.max_corrupt),
                float(self.max_dropout),
                _plain(self.n_neighbors),
                _plain(self.threshold),
                int(self.min_clients),
                noise
                and [float(noise.clip_norm), float(noise.deviation), noise.adjacency],
                self.round_id,
            ]
        )

    @classmethod
    def from_bytes(cls, data):
        """Read a plan, and check it.

        Parameters
        ----------
        data : bytes
            What :meth:`to_bytes` wrote.

        Returns
        -------
        plan : SumPlan

        Raises
        ------
        ProtocolError, ValueError
            If it can't be read, or is no plan that could be made.
        """
        fields = unpack(data)
        if not isinstance(fields, list) or len(fields) != 11:
            raise ValueError("the bytes are no plan.")
        try:
            fields[2] = FixedPoint(*fields[2])
            fields[9] = fields[9] and DistributedGaussian(*fields[9])
            return cls(*fields)
        except TypeError as error:
            raise ValueError(f"the bytes are no plan: {error}") from error

    def _headroom(self, fixed_point):
        if self.noise is None:
            return 0
        return self.noise.headroom(self.n_clients, self.n_values, fixed_point)

    def _fit(self):
        """Words of 32 bits, as fine as fits."""
        bound = 1.0 if self.noise is None else float(self.noise.clip_norm)
        finest = FixedPoint.for_clients(self.n_clients, bound)
        for bits in range(finest.fraction_bits, -1, -1):
            found = FixedPoint(bound, bits)
            room = self._headroom(found)
            if found.largest_sum(self.n_clients, room) < 2 ** (found.word - 1):
                return found
        return finest


def check_id(client):
    """Return the id of a client as it is sent: a whole number or a text.

    Parameters
    ----------
    client : int or str
        From 0 to below 2 ** 63; or not empty, up to 255 bytes.

    Returns
    -------
    client : int or str

    Raises
    ------
    TypeError, ValueError
        If it is something else.
    """
    if isinstance(client, str):
        if not 0 < len(client.encode()) < 256:
            raise ValueError(f"client ids are of 1 to 255 bytes; got {client!r}.")
        return str(client)
    if isinstance(client, Integral) and not isinstance(client, bool | np.bool_):
        if not 0 <= client < 2**63:
            raise ValueError(f"client ids are from 0 to 2 ** 63 - 1; got {client}.")
        return int(client)
    raise TypeError(f"client ids are whole numbers or texts; got {client!r}.")


def _check_number(name, value, least, most=None):
    if not isinstance(value, Integral) or isinstance(value, bool):
        raise TypeError(f"{name} must be a whole number; got {value!r}.")
    if value < least or (most is not None and value > most):
        to = "" if most is None else f", at most {most}"
        raise ValueError(f"{name} must be at least {least}{to}; got {value}.")


def _plain(value):
    return int(value) if isinstance(value, Integral) else value
