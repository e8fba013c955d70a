"""What the server and the clients of a fit over messages both go through.

Both run the same :func:`learn`. The server writes down what it was told, as events: the
names of the columns, how many clients there are, sums. A client that is asked runs the
fit over these events up to the question. So neither code nor objects are sent, and what
a client computes with is what it made of the sums itself.
"""

from contextlib import contextmanager

import numpy as np
import pandas as pd

from skprivacy.federated._errors import ProtocolError
from skprivacy.federated._federated_base import _checked_bounds
from skprivacy.federated._learners._encoders import united
from skprivacy.federated._learning import learn, takes_tables
from skprivacy.federated._local_engine import LocalEngine, answer, public_facts

__all__ = [
    "FLOATS",
    "Asked",
    "ReplayEngine",
    "ToldEngine",
    "describe",
    "run_fit",
    "united_categories",
    "united_labels",
]

#: Numbers as they are sent.
FLOATS = np.dtype("<f8")


def run_fit(model, engine):
    """Fit the estimator of a federated one by an engine.

    Parameters
    ----------
    model : FederatedClassifier, FederatedRegressor or FederatedTransformer
        What all parties agreed on.

    engine : ToldEngine
        Who asks, or who is asked.

    Returns
    -------
    fitted : estimator
    """
    seed = engine.told("seed")
    n_features = engine.n_features
    classes = getattr(model, "classes", None)
    y_bounds = getattr(model, "y_bounds", None)
    return learn(
        model.estimator,
        engine,
        classes=None if classes is None else np.unique(classes),
        bounds=_checked_bounds(model.bounds, np.zeros((1, n_features))),
        y_bounds=_checked_bounds(y_bounds, np.zeros((1, 1)), "y_bounds"),
        max_rounds=None if model.n_rounds == "auto" else int(model.n_rounds),
        privacy=model._noise_plan(),
        seed=seed,
    )


def describe(X, is_table) -> list:
    """Return what a client tells of its columns: names, and which hold numbers.

    Parameters
    ----------
    X : DataFrame or array-like of shape (n_records, n_features)
        Its records.

    is_table : bool
        Whether columns may hold texts.
    """
    table = pd.DataFrame(X)
    named = all(isinstance(name, str) for name in table.columns)
    is_number = [pd.api.types.is_numeric_dtype(table[one]) for one in table.columns]
    return [
        [*table.columns] if named and len(table.columns) else None,
        is_number if is_table else [True] * table.shape[1],
    ]


class ToldEngine:
    """An engine whose every answer is an event.

    Parameters
    ----------
    model : FederatedClassifier, FederatedRegressor or FederatedTransformer
        What all parties agreed on.

    Attributes
    ----------
    names : list of str or None
        Names of the columns at the start.

    n_features_in : int
        How many there are at the start.
    """

    def __init__(self, model):
        self.model = model
        self.is_table = takes_tables(model.estimator)
        self.names = self.n_features_in = None
        self._schema = None
        self._is_start = True

    def told(self, kind, *question):
        """Return the next event, which must be of a kind."""
        raise NotImplementedError

    @property
    def schema(self):
        """Names and types of the columns: a table without rows."""
        if self._schema is None:
            names, is_number = self.told("describe")
            if self._is_start:
                self.names, self.n_features_in = names, len(is_number)
                self._is_start = False
            # Without texts, records are arrays, which have no names.
            columns = names if self.is_table and names else range(len(is_number))
            kinds = [float if one else object for one in is_number]
            table = pd.DataFrame(np.zeros((0, len(kinds))), columns=columns)
            self._schema = table.astype(dict(zip(columns, kinds, strict=True)))
        return self._schema

    @property
    def n_features(self):
        """Columns that the clients hold now."""
        return self.schema.shape[1]

    @property
    def facts(self):
        """Number of columns, and the rounding of sums."""
        n_features, n_clients = self.n_features, self.told("clients")
        model = self.model
        return public_facts(
            n_features, n_clients, model.aggregation, model.fraction_bits
        )

    def labels(self):
        """Return the labels that occur anywhere."""
        return np.unique(np.array([*self.told("labels")]))

    def categories(self):
        """Return what occurs in each column, of all clients as of one."""
        return [self.told("categories")]

    @contextmanager
    def columns(self, positions):
        """Let clients use some of their columns."""
        before = self.schema
        self._schema = before.iloc[:, positions]
        yield
        self._schema = before

    def transform(self, step):
        """Let each client apply a fitted step of a pipeline to its records."""
        self._schema = None

    def add(self, phase, estimator, target, public):
        """Return the sum of what clients answer."""
        total = self.told("sum", phase, estimator, target, public)
        return np.frombuffer(total, FLOATS).copy()


class Asked(Exception):  # noqa: N818 - no error
    """The events end here: this is what is asked.

    Parameters
    ----------
    kind : str
        Kind of the event that is wanted.

    question : tuple
        Phase, estimator, target and what is public, of a sum.
    """

    def __init__(self, kind, question):
        super().__init__(kind)
        self.kind, self.question = kind, question


class ReplayEngine(ToldEngine):
    """A client's side: goes through the events, and stops at the question.

    Parameters
    ----------
    model : FederatedClassifier, FederatedRegressor or FederatedTransformer
        What all parties agreed on.

    X, y
        The client's records.

    events : list of [str, object]
        Kind and content of each.

    client : int or str, default=0
        The client's name.
    """

    def __init__(self, model, X, y, events, client=0):
        super().__init__(model)
        self.client = client
        n_features = np.shape(X)[1]
        y_bounds = getattr(model, "y_bounds", None)
        # The only client of this engine: what is wrong with its records is raised.
        self.own = LocalEngine(
            {client: (X, y)},
            aggregation="plain",
            min_clients=1,
            bounds=_checked_bounds(model.bounds, np.zeros((1, n_features))),
            y_bounds=_checked_bounds(y_bounds, np.zeros((1, 1)), "y_bounds"),
            is_table=self.is_table,
            is_private=model.privacy is not None,
        )
        self._first = describe(X, self.is_table)
        self._events = iter(events)

    def told(self, kind, *question):
        """Return the next event, or stop where there is none."""
        event = next(self._events, None)
        if event is None:
            raise Asked(kind, question)
        if event[0] != kind:
            raise ProtocolError(f"the server told {event[0]!r} where {kind!r} is due.")
        return event[1]

    def answer(self, asked):
        """Return what a client tells in the clear, or its vector.

        Parameters
        ----------
        asked : Asked
            Where the events ended.
        """
        if asked.kind == "describe":
            if self._is_start:
                return self._first
            return describe(self.own.clients[self.client].X, False)
        if asked.kind == "labels":
            return self.own.labels().tolist()
        if asked.kind == "categories":
            return self.own.categories()[0]
        if asked.kind == "sum":
            return answer(self.client, self.own.clients[self.client], *asked.question)
        raise ProtocolError(f"{asked.kind!r} is nothing that clients know.")

    @contextmanager
    def columns(self, positions):
        """Use some of the columns."""
        with super().columns(positions), self.own.columns(positions):
            yield

    def transform(self, step):
        """Apply a fitted step to the records."""
        super().transform(step)
        self.own.transform(step)


def united_labels(told) -> list:
    """Return the labels of all clients, as they are sent."""
    return np.unique(np.concatenate([np.array(one) for one in told])).tolist()


def united_categories(told) -> list:
    """Return the categories of all clients in each column, as they are sent."""
    return [column.tolist() for column in united(told)]
