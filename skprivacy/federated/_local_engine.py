"""All clients in one process, for studies."""

import warnings
from contextlib import contextmanager
from numbers import Integral

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.utils import check_array

from skprivacy._validation import encode_labels
from skprivacy.federated._errors import CohortTooSmall, TooManyDropouts
from skprivacy.federated._fixed_point import FixedPoint
from skprivacy.federated._learners._encoders import own_categories
from skprivacy.federated._simulation import secure_sum
from skprivacy.federated._wire import STAGES

__all__ = [
    "CLIENT_ERRORS",
    "ClientRows",
    "LocalEngine",
    "answer",
    "check_dropouts",
    "is_known",
    "public_facts",
    "words_for",
]

WORD = 64
#: What can be wrong with a client's records, rather than with the code.
CLIENT_ERRORS = (ValueError, TypeError, ArithmeticError, np.linalg.LinAlgError)
#: Who vanishes up to this stage is not in the sum.
LAST_WITHOUT = STAGES.index("masked_input")
#: Values may use this share of the range, so that rounding can't reach its end.
MARGIN = 1 - 2.0**-20


def is_known(y):
    """Say of which records the label or number is not missing, or infinite."""
    return np.isfinite(y) if y.dtype.kind == "f" else ~pd.isna(y)


class ClientRows:
    """One client's records; they never leave it.

    Parameters
    ----------
    X : ndarray of shape (n_records, n_features)
        Features.

    y : ndarray of shape (n_records,) or None
        Labels or numbers.

    bounds, y_bounds : pair of ndarray or None
        Between which the values must lie.

    is_table : bool, default=False
        Whether columns may hold texts, of which the first step makes numbers.

    is_private : bool, default=False
        Whether what is missing or beyond the bounds is mended, as no client may fail
        for what is in a record.

    Raises
    ------
    ValueError
        If values are missing, infinite or beyond the bounds.
    """

    def __init__(
        self,
        X,
        y=None,
        *,
        bounds=None,
        y_bounds=None,
        is_table=False,
        is_private=False,
    ):
        if is_private:
            X = within(X, bounds)
            if y_bounds is not None:
                y = within(np.asarray(y, dtype=float)[:, None], y_bounds)[:, 0]
        self.X = X if is_table else check_array(X, dtype=np.float64, input_name="X")
        self.y = y
        if y is not None and not is_private and not is_known(y).all():
            raise ValueError("Input y contains NaN or infinity.")
        _check_within(self.X, bounds, "bounds")
        if y_bounds is not None:
            _check_within(y[:, None], y_bounds, "y_bounds")

    def target(self, kind, public):
        """Return labels by position, numbers, or None.

        Raises
        ------
        ValueError
            If a label is none of the public ones.
        """
        if kind is None:
            return None
        if kind == "numbers":
            return self.y.astype(float)
        codes = encode_labels(self.y, public["classes"])
        if (codes < 0).any() and public.get("privacy") is None:
            raise ValueError(
                f"the label {self.y[codes < 0][0]!r} is not among the classes "
                f"{public['classes'].tolist()}."
            )
        return codes


def answer(client, rows, phase, estimator, target, public):
    """Compute a client's vector: all that it sends of its records.

    Parameters
    ----------
    client : int or str
        Its name.

    rows : ClientRows
        Its records.

    phase : Phase
        What is asked.

    estimator : estimator
        What is fitted.

    target : {"classes", "numbers", None}
        What the phase takes for `y`.

    public : dict
        What all parties know.

    Returns
    -------
    vector : ndarray of shape (n_values,)

    Raises
    ------
    ValueError
        If it is not finite, or the records are not what they should be.
    """
    X = check_array(rows.X, dtype=np.float64, input_name="X")
    y = rows.target(target, public)
    public = {**public, "client": client}
    privacy = public.get("privacy")
    if privacy is not None and target == "classes":
        # A label that there is not adds nothing, as if its record were not there.
        X, y = X[y >= 0], y[y >= 0]
    with np.errstate(over="ignore", invalid="ignore"):
        vector = np.asarray(phase.vector(estimator, X, y, public), dtype=float)
    if privacy is not None:
        vector = privacy.noisy(vector, phase.record_norm(estimator, public))
    if not np.isfinite(vector).all():
        raise ValueError(
            "what it would send is infinite: values in X or y are too large."
        )
    return vector


def words_for(n_clients, fraction_bits):
    """Return words in which no sum of so many clients overflows."""
    bound = MARGIN * 2.0 ** (WORD - 1 - fraction_bits) / n_clients
    return FixedPoint(bound, fraction_bits, WORD, "error")


def public_facts(n_features, n_clients, aggregation, fraction_bits) -> dict:
    """Return the number of columns, and how sums are rounded."""
    step = 2.0**-fraction_bits if aggregation == "secure" else 0.0
    return {
        "n_features": n_features,
        "n_clients": n_clients,
        "resolution": n_clients * step / 2,
        "stop_below": 64 * step,
    }


def check_dropouts(dropouts, clients) -> dict:
    """Return who vanishes when, in a simulation.

    Parameters
    ----------
    dropouts : dict of {id: (round, stage)} or None
        Clients, the sum in which they vanish, counted from 1, and the stage of it that
        they don't answer: one of those of :func:`secure_sum`.

    clients : collection of id
        Who there is.

    Returns
    -------
    dropouts : dict of {id: (int, str)}

    Raises
    ------
    TypeError, ValueError
        If it is something else, or names nobody.
    """
    if dropouts is None:
        return {}
    if not isinstance(dropouts, dict):
        raise TypeError(
            f"dropouts must be a dict of {{id: (round, stage)}} or None; got "
            f"{dropouts!r}."
        )
    for client, when in dropouts.items():
        if client not in clients:
            raise ValueError(f"dropouts names {client!r}, which is no client.")
        if (
            not isinstance(when, tuple)
            or len(when) != 2
            or not isinstance(when[0], Integral)
            or when[0] < 1
            or when[1] not in STAGES
        ):
            raise ValueError(
                f"dropouts[{client!r}] must be a round from 1 and a stage of {STAGES}; "
                f"got {when!r}."
            )
    return dict(dropouts)


class LocalEngine:
    """Asks clients that are simulated in this process.

    An engine for several machines has the same methods and attributes: `add`, `labels`,
    `categories`, `columns`, `transform`; `facts`, `schema`, `n_features`, `clients`,
    `failed`, `n_rounds`, `bytes_sent`.

    Parameters
    ----------
    clients : dict of {id: (X, y)}
        Records of each client.

    aggregation : {"secure", "plain"}
        Whether vectors are added up by the protocol, or by the server, who sees them.

    fraction_bits : int
        Bits after the point in a secure sum.

    min_clients : int
        Fewest clients of a sum.

    bounds, y_bounds : pair of ndarray or None
        Between which the values must lie.

    is_table : bool, default=False
        Whether columns may hold texts.

    dropouts : dict of {id: (round, stage)} or None, default=None
        Clients that vanish, as in `check_dropouts`.

    is_private : bool, default=False
        Whether values are brought between the bounds.
    """

    def __init__(
        self,
        clients,
        *,
        aggregation="secure",
        fraction_bits=32,
        min_clients=3,
        bounds=None,
        y_bounds=None,
        is_table=False,
        dropouts=None,
        is_private=False,
    ):
        self.dropouts = check_dropouts(dropouts, clients)
        self.aggregation = aggregation
        self.fraction_bits = fraction_bits
        self.min_clients = min_clients
        self.clients, self.failed = {}, {}
        self.n_rounds = self.bytes_sent = 0
        self._is_one = len(clients) == 1
        self._is_private = is_private
        for client, (X, y) in clients.items():
            try:
                self.clients[client] = ClientRows(
                    X,
                    y,
                    bounds=bounds,
                    y_bounds=y_bounds,
                    is_table=is_table,
                    is_private=is_private,
                )
            except CLIENT_ERRORS as error:
                self._fail(client, error)
        self._check_cohort()

    @property
    def n_features(self):
        """Columns that the clients hold now."""
        return next(iter(self.clients.values())).X.shape[1]

    @property
    def facts(self):
        """Number of columns, and the rounding of sums: public, as the plan tells."""
        return public_facts(
            self.n_features, len(self.clients), self.aggregation, self.fraction_bits
        )

    def labels(self):
        """Return the labels that occur anywhere; clients tell theirs in the clear."""
        told = [np.unique(rows.y) for rows in self.clients.values()]
        return np.unique(np.concatenate(told))

    @property
    def schema(self):
        """Names and types of the columns: a table without rows."""
        return pd.DataFrame(next(iter(self.clients.values())).X).iloc[:0]

    def categories(self):
        """Return what occurs in each column of each client, told in the clear."""
        return [own_categories(rows.X) for rows in self.clients.values()]

    @contextmanager
    def columns(self, positions):
        """Let clients use some of their columns; who fails in it is out after it."""
        before = self.clients
        self.clients = {}
        for client, rows in before.items():
            X = pd.DataFrame(rows.X).iloc[:, positions]
            try:
                self.clients[client] = ClientRows(X, rows.y, is_table=True)
            except CLIENT_ERRORS as error:
                self._fail(client, error)
        yield
        self.clients = {one: before[one] for one in self.clients}

    def transform(self, step):
        """Let each client apply a fitted step of a pipeline to its records."""
        for client, rows in [*self.clients.items()]:
            try:
                X = step.transform(rows.X)
                X = X.toarray() if sparse.issparse(X) else np.asarray(X)
                self.clients[client] = ClientRows(
                    X, rows.y, is_private=self._is_private
                )
            except CLIENT_ERRORS as error:
                del self.clients[client]
                self._fail(client, error)
        self._check_cohort()

    def add(self, phase, estimator, target, public):
        """Ask all clients, and add up what they answer.

        Parameters
        ----------
        phase, estimator, target, public
            As in `answer`.

        Returns
        -------
        total : ndarray of shape (n_values,)

        Raises
        ------
        CohortTooSmall
            If too few clients are left.
        """
        while True:
            words = None
            if self.aggregation == "secure":
                words = words_for(len(self.clients), self.fraction_bits)
            vectors = self._answers(words, phase, estimator, target, public)
            self._check_cohort()
            self.n_rounds += 1
            leaving = {
                client: stage
                for client, (round_, stage) in self.dropouts.items()
                if round_ == self.n_rounds and client in vectors
            }
            total, problem = None, None
            try:
                total = self._sum(vectors, words, leaving)
            except (CohortTooSmall, TooManyDropouts) as error:
                problem = error
            for client, stage in leaving.items():
                del self.clients[client]
                self._fail(client, f"it vanished in round {self.n_rounds}, at {stage}")
            self._check_cohort()
            if total is not None:
                return total
            # Of those that are left the same is asked again, as between machines.
            if not leaving:
                raise problem

    def _answers(self, words, *question):
        vectors = {}
        for client, rows in [*self.clients.items()]:
            try:
                vector = answer(client, rows, *question)
                if words is not None:
                    words.round(vector)
                vectors[client] = vector
            except CLIENT_ERRORS as error:
                del self.clients[client]
                self._fail(client, error)
        return vectors

    def _sum(self, vectors, words, leaving):
        """Add up the vectors of those who stay until theirs is in the sum."""
        if words is not None:
            result = secure_sum(
                vectors,
                dropouts=leaving,
                fixed_point=words,
                min_clients=self.min_clients,
                record=self._count_bytes,
            )
            return result.sum_
        sent = [
            vector
            for client, vector in vectors.items()
            if STAGES.index(leaving.get(client, STAGES[-1])) > LAST_WITHOUT
        ]
        if len(sent) < self.min_clients:
            raise CohortTooSmall(f"{len(sent)} clients sent a vector.")
        self.bytes_sent += sum(vector.nbytes for vector in sent)
        return np.sum(sent, axis=0)

    def _count_bytes(self, stage, client, message):
        self.bytes_sent += len(message)

    def _fail(self, client, error):
        if self._is_one:
            raise error
        self.failed[client] = str(error)
        warnings.warn(
            f"client {client!r} takes no part: {error}", UserWarning, stacklevel=2
        )

    def _check_cohort(self):
        if len(self.clients) < self.min_clients:
            reasons = "".join(
                f" Client {client!r} failed: {reason}"
                for client, reason in [*self.failed.items()][:3]
            )
            raise CohortTooSmall(
                f"{len(self.clients)} clients are left, and min_clients="
                f"{self.min_clients} must be.{reasons}"
            )


def within(values, bounds):
    """Clip values to bounds; missing ones become the middle.

    Examples
    --------
    >>> within([[5.0, np.nan]], (np.array([0.0, 2.0]), np.array([1.0, 4.0])))
    array([[1., 3.]])
    """
    values = np.asarray(values, dtype=float)
    if bounds is None:
        return values
    lower, upper = bounds
    middle = lower + (upper - lower) / 2
    return np.clip(np.where(np.isnan(values), middle, values), lower, upper)


def _check_within(values, bounds, name):
    if bounds is None:
        return
    lower, upper = bounds
    beyond = np.flatnonzero(((values < lower) | (values > upper)).any(axis=0))
    if len(beyond):
        raise ValueError(
            f"values are beyond {name} in the columns {beyond.tolist()[:10]}."
        )
