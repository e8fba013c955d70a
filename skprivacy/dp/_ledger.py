"""An account of everything that was released about the same records."""

import threading
import uuid
import weakref
from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np
import pandas as pd

from skprivacy.dp._approximate import ApproximateDP
from skprivacy.dp._compose import as_renyi, compose_curves
from skprivacy.dp._errors import PrivacyBudgetExceeded
from skprivacy.dp._gaussian import GaussianDP
from skprivacy.dp._guarantee import ADJACENCIES, PrivacyGuarantee, check_delta
from skprivacy.dp._ledger_entries import LedgerEntry, LedgerFile
from skprivacy.dp._renyi import ORDERS, RenyiDP

__all__ = ["PrivacyLedger", "ledger_in_use"]

METHODS = ("pld", "gdp", "rdp", "basic")

#: Ledgers of this process: one that comes back from a pickle is the same again.
_LEDGERS: weakref.WeakValueDictionary = weakref.WeakValueDictionary()
_IN_USE = ContextVar("ledger", default=None)


class PrivacyLedger:
    """Books all releases about the same records, and refuses what is too much.

    A ledger is one and the same thing wherever it goes: `clone`, copies, pickles and
    grid searches hand on the ledger itself, so that every fit is booked. In another
    process it can't be, and books nothing: the fit is refused. With a `path` all
    processes write to the same file.

    Parameters
    ----------
    epsilon : float, default=inf
        What may be spent at `delta`, in all.

    delta : float, default=0.0
        From 0 to below 1. Gaussian noise needs one above 0.

    method : {"pld", "gdp", "rdp", "basic"}, default="pld"
        How releases add up. "pld": by the distributions of their privacy losses, the
        tightest; "gdp": Gaussian releases alone, exactly; "rdp": by Renyi divergences;
        "basic": epsilons and deltas are added.

    adjacency : {"replace", "add_remove"}, default="replace"
        Which data sets are neighbors; releases of the other kind are refused.

    path : str, path-like or None, default=None
        A file to keep it in, over processes and sessions.

    See Also
    --------
    PrivacyGuarantee : What is booked.

    Examples
    --------
    >>> from skprivacy.dp import PrivacyGuarantee, PrivacyLedger
    >>> ledger = PrivacyLedger(epsilon=2.0, delta=1e-5)
    >>> ledger.spend(PrivacyGuarantee.gaussian(0.25), "a mean")
    >>> ledger.spend(PrivacyGuarantee.gaussian(0.25), "another")
    >>> round(ledger.epsilon_spent(), 2)
    1.36
    >>> ledger.spend(PrivacyGuarantee.gaussian(1.0), "too much")
    Traceback (most recent call last):
        ...
    skprivacy.dp._errors.PrivacyBudgetExceeded: "too much" would make it epsilon=4.69 \
at delta=1e-05, of 2 that may be spent. Nothing was released.
    >>> ledger.to_frame()["what"].tolist()
    ['a mean', 'another']
    """

    def __init__(
        self,
        epsilon=np.inf,
        delta=0.0,
        *,
        method="pld",
        adjacency="replace",
        path=None,
    ):
        if method not in METHODS:
            raise ValueError(f"method must be one of {METHODS}; got {method!r}.")
        if adjacency not in ADJACENCIES:
            raise ValueError(
                f"adjacency must be one of {ADJACENCIES}; got {adjacency!r}."
            )
        if not epsilon > 0:
            raise ValueError(f"epsilon must be above 0; got {epsilon}.")
        self.epsilon, self.delta = float(epsilon), check_delta(delta)
        self.method, self.adjacency, self.path = method, adjacency, path
        self._entries = []
        self._enter_process(uuid.uuid4().hex)

    def spend(self, guarantee, what="release", times=1):
        """Book a release that is about to be made.

        Parameters
        ----------
        guarantee : PrivacyGuarantee
            Of one release.

        what : str, default="release"
            What is released.

        times : int, default=1
            How many such releases.

        Raises
        ------
        PrivacyBudgetExceeded
            If it is too much. Nothing is booked then, and nothing must be released.
        """
        entry = LedgerEntry(str(what), self._checked(guarantee), int(times))
        with self._alone():
            self._refuse_too_much(entry)
            self._book(entry)

    def check(self, guarantee, what="release", times=1):
        """Raise as :meth:`spend` would, and book nothing.

        Parameters
        ----------
        guarantee, what, times
            As in `spend`.
        """
        with self._alone():
            self._refuse_too_much(
                LedgerEntry(str(what), self._checked(guarantee), int(times))
            )

    def total(self):
        """Return the guarantee of everything that was released.

        Returns
        -------
        guarantee : PrivacyGuarantee
        """
        return self._total(self._read())

    def epsilon_spent(self, delta=None) -> float:
        """Return the epsilon of everything that was released.

        Parameters
        ----------
        delta : float or None, default=None
            None: that of the ledger.

        Returns
        -------
        epsilon : float
        """
        return self.total().epsilon(self.delta if delta is None else delta)

    def to_frame(self) -> pd.DataFrame:
        """Return a table of what was released.

        Returns
        -------
        table : DataFrame
            Columns "what", "times", "guarantee", and "epsilon" of one release at the
            ledger's delta.
        """
        rows = [
            {
                "what": entry.what,
                "times": entry.times,
                "guarantee": str(entry.guarantee),
                "epsilon": entry.guarantee.epsilon(self.delta),
            }
            for entry in self._read()
        ]
        return pd.DataFrame(rows, columns=["what", "times", "guarantee", "epsilon"])

    def __len__(self):
        return sum(entry.times for entry in self._read())

    def __repr__(self):
        return (
            f"PrivacyLedger(epsilon={self.epsilon:g}, delta={self.delta:g}, "
            f"method={self.method!r}, adjacency={self.adjacency!r})"
        )

    # One ledger, whoever copies what it is in.
    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self

    def __sklearn_clone__(self):
        return self

    def __reduce__(self):
        state = {
            k: v
            for k, v in vars(self).items()
            if k not in ("_lock", "_is_here", "_tokens")
        }
        return _reopened, (self._name, state)

    def __enter__(self):
        """Make it the ledger of all fits in the block that have none of their own."""
        self._tokens.append(_IN_USE.set(self))
        return self

    def __exit__(self, *error):
        _IN_USE.reset(self._tokens.pop())

    def _enter_process(self, name):
        self._name, self._lock, self._is_here = name, threading.RLock(), True
        self._tokens = []
        _LEDGERS[name] = self

    @contextmanager
    def _alone(self):
        if self.path is not None:
            with self._lock, LedgerFile(self.path).locked():
                yield
            return
        if not self._is_here:
            raise PrivacyBudgetExceeded(
                "the ledger was sent to another process, where what is spent would be "
                "lost. Nothing was released. Use n_jobs=1 or threads, or "
                "PrivacyLedger(path=...), to which all processes write."
            )
        with self._lock:
            yield

    def _read(self):
        if self.path is not None:
            return LedgerFile(self.path).read()
        return list(self._entries)

    def _book(self, entry):
        if self.path is not None:
            LedgerFile(self.path).append(entry)
            return
        last = self._entries[-1] if self._entries else None
        if last and (last.what, last.guarantee) == (entry.what, entry.guarantee):
            self._entries[-1] = last.more(entry.times)
        else:
            self._entries.append(entry)

    def _checked(self, guarantee):
        if not isinstance(guarantee, PrivacyGuarantee):
            raise TypeError(f"guarantee must be a PrivacyGuarantee; got {guarantee!r}.")
        if guarantee.adjacency != self.adjacency:
            raise ValueError(
                f"the ledger counts by adjacency={self.adjacency!r}; got a guarantee "
                f"by {guarantee.adjacency!r}."
            )
        return guarantee

    def _refuse_too_much(self, entry):
        spent = self._total([*self._read(), entry])
        epsilon = spent.epsilon(self.delta)
        # Rounding in the sum is no overspending.
        if epsilon > self.epsilon * (1 + 1e-9):
            raise PrivacyBudgetExceeded(
                f'"{entry.what}" would make it epsilon={epsilon:.3g} at '
                f"delta={self.delta:.3g}, of {self.epsilon:.3g} that may be spent. "
                "Nothing was released."
            )

    def _total(self, entries):
        curves = [
            entry.guarantee.curve for entry in entries for _ in range(entry.times)
        ]
        assumptions = dict.fromkeys(
            one for entry in entries for one in entry.guarantee.assumptions
        )
        if not curves:
            curve = ApproximateDP(0.0)
        elif self.method == "basic":
            curve = _added_up(entries)
        elif self.method == "rdp":
            sums = sum(as_renyi(curve, ORDERS) for curve in curves)
            curve = RenyiDP(ORDERS, tuple(sums.tolist()))
        else:
            curve = self._composed(curves)
        return PrivacyGuarantee(curve, self.adjacency, tuple(assumptions), self.delta)

    def _composed(self, curves):
        if self.method == "gdp":
            other = [curve for curve in curves if not isinstance(curve, GaussianDP)]
            if other:
                raise ValueError(
                    f'method="gdp" adds up Gaussian releases alone; got {other[0]}. '
                    'Use method="pld".'
                )
        return compose_curves(curves)


def ledger_in_use(ledger=None):
    """Return the ledger that a fit books in: its own, or that of the block around it.

    Parameters
    ----------
    ledger : PrivacyLedger or None
        Its own.

    Returns
    -------
    ledger : PrivacyLedger or None
    """
    return _IN_USE.get() if ledger is None else ledger


def _reopened(name, state):
    """Return a ledger from a pickle: the one of this process, if it is there."""
    there = _LEDGERS.get(name)
    if there is not None:
        return there
    ledger = PrivacyLedger.__new__(PrivacyLedger)
    vars(ledger).update(state)
    ledger._enter_process(name)
    ledger._is_here = False
    return ledger


def _added_up(entries):
    deltas = [entry.guarantee.stated_delta for entry in entries]
    epsilon = sum(entry.times * entry.guarantee.epsilon() for entry in entries)
    total = sum(entry.times * d for entry, d in zip(entries, deltas, strict=True))
    return ApproximateDP(float(epsilon), min(float(total), 1.0))
