"""The server of a fit over Flower: asks, waits, and goes on with who answered."""

import os
import time
import warnings
from collections import Counter

import numpy as np

from skprivacy.federated._errors import (
    CohortTooSmall,
    ProtocolError,
    TooManyDropouts,
)
from skprivacy.federated._extra import load
from skprivacy.federated._flower_told import (
    FLOATS,
    ToldEngine,
    united_categories,
    united_labels,
)
from skprivacy.federated._local_engine import words_for
from skprivacy.federated._plan import SumPlan, check_id
from skprivacy.federated._server import SecureSumServer
from skprivacy.federated._wire import pack, unpack

__all__ = ["RECORD", "FlowerEngine", "sum_plan"]

#: Under which name the bytes are in Flower's messages and states.
RECORD = "skprivacy"
VERSION = 1


def sum_plan(model, n_values, n_clients, round_id, security):
    """Return the plan of a sum, which server and clients make alike.

    Parameters
    ----------
    model : FederatedClassifier, FederatedRegressor or FederatedTransformer
        What all parties agreed on.

    n_values : int
        Length of the vectors.

    n_clients : int
        Clients that are asked.

    round_id : bytes
        Drawn by the server.

    security : {"active", "semi_honest"}
        As in :class:`SumPlan`.
    """
    return SumPlan(
        n_values=n_values,
        n_clients=n_clients,
        fixed_point=words_for(n_clients, model.fraction_bits),
        security=security,
        min_clients=model.min_clients,
        round_id=round_id,
    )


class FlowerEngine(ToldEngine):
    """Asks clients by the messages of a Flower grid.

    A client that does not answer in time, or answers what it must not, takes no further
    part. A sum that too many leave is asked again of the rest, where they are enough:
    what was sent for the first one reveals nothing.

    Parameters
    ----------
    model : FederatedClassifier, FederatedRegressor or FederatedTransformer
        What all parties agreed on.

    grid : flwr.serverapp.Grid
        Carries the messages.

    n_clients : int
        Nodes to wait for.

    wait : float
        Seconds to wait for them, and at least for their first answers.

    timeout : float
        Seconds to wait for answers.

    security, peers
        As in :class:`SecureSumServer` and its plan.

    seed : int
        For what is drawn at the server.
    """

    def __init__(self, model, grid, *, n_clients, wait, timeout, security, peers, seed):
        super().__init__(model)
        self.grid, self.timeout = grid, timeout
        self._first_timeout = max(wait, timeout)
        self.security, self.peers = security, peers
        self.failed = {}
        self.n_rounds = self.bytes_sent = 0
        self._events = [["seed", seed]]
        self._seed = seed
        #: Node of each client; how many events each node has.
        self.clients = {}
        self._n_known = {}
        self._nodes = self._wait_for(n_clients, wait)

    def told(self, kind, *question):
        """Ask for the next event, and write it down."""
        if kind == "seed":
            return self._seed
        value = getattr(self, f"_ask_{kind}")()
        self._events.append([kind, value])
        return value

    def _wait_for(self, n_clients, wait):
        end = time.monotonic() + wait
        while True:
            nodes = sorted(self.grid.get_node_ids())
            if len(nodes) >= n_clients or time.monotonic() >= end:
                return nodes
            time.sleep(min(1.0, max(wait / 10, 0.01)))

    def _ask_describe(self):
        if not self.clients:
            told = self._enter()
        else:
            told = self._ask("describe", self.clients)
        told = self._well_formed(told, _is_description)
        counts = Counter(pack(one) for one in told.values())
        if not counts:
            self._check_cohort()
        common = counts.most_common(1)[0][0]
        for client, one in told.items():
            if pack(one) != common:
                self._fail(client, "its columns are not those of the others")
        self._check_cohort()
        return unpack(common)

    def _enter(self):
        """Ask all nodes at first, which tell their names too."""
        questions = dict.fromkeys(self._nodes, self._question("describe"))
        # The first answer takes longest: nodes fetch the app before.
        replies = self._send(questions, self._first_timeout)
        told = {}
        for node, (client, value, error) in replies.items():
            if error is not None:
                self._fail(node if client is None else client, error)
            elif client in self.clients:
                self._fail(node, f"it has the name of another one, {client!r}")
            else:
                self.clients[client] = node
                self._n_known[client] = len(self._events)
                told[client] = value
        for node in self._nodes:
            if node not in replies:
                self._fail(node, "it did not answer in time")
        return told

    def _ask_clients(self):
        return len(self.clients)

    def _ask_labels(self):
        told = self._well_formed(self._ask("labels", self.clients), _are_labels)
        kinds = {client: isinstance(one[0], str) for client, one in told.items()}
        are_texts = self._common(kinds, "its labels are not of the others' kind")
        told = {one: told[one] for one in told if kinds[one] == are_texts}
        self._check_cohort()
        return united_labels([*told.values()])

    def _ask_categories(self):
        told = self._ask("categories", self.clients)
        told = self._well_formed(
            told, lambda one: _are_lists(one) and len(one) == self.n_features
        )
        self._check_cohort()
        return united_categories([*told.values()])

    def _ask_sum(self):
        self.n_rounds += 1
        if self.model.aggregation == "plain":
            return self._plain_sum().astype(FLOATS).tobytes()
        while True:
            before = len(self.clients)
            try:
                total = self._secure_sum()
            except TooManyDropouts:
                self._check_cohort()
                if len(self.clients) == before:
                    raise
            else:
                return total.astype(FLOATS).tobytes()

    def _plain_sum(self):
        told = self._ask("sum", self.clients)
        vectors = {}
        for client, one in told.items():
            try:
                vectors[client] = np.frombuffer(one, FLOATS)
            except (TypeError, ValueError):
                self._fail(client, "what it sent is no vector")
        length = self._common({one: len(v) for one, v in vectors.items()})
        self._check_cohort()
        return np.sum([v for v in vectors.values() if len(v) == length], axis=0)

    def _secure_sum(self):
        round_id, n_clients = os.urandom(16), len(self.clients)
        told = self._ask("sum", self.clients, [round_id, n_clients])
        told = self._well_formed(told, _is_beginning)
        n_values = self._common({client: one[0] for client, one in told.items()})
        self._check_cohort()
        plan = sum_plan(self.model, n_values, n_clients, round_id, self.security)
        server = SecureSumServer(plan, peers=self.peers)
        messages = {client: one[1] for client, one in told.items()}
        while True:
            for client, message in messages.items():
                if client not in self.clients:
                    continue
                try:
                    server.receive(message, sender=client)
                except (ProtocolError, TypeError) as error:
                    self._fail(client, str(error))
            try:
                to_send = server.advance()
            except CohortTooSmall:
                self._check_cohort()
                raise
            if server.stage == "done":
                return server.result_.sum_
            messages = self._ask("stage", to_send, None, to_send)

    def _well_formed(self, told, is_right):
        """Return the answers that have the form they must have; others fail."""
        wrong = [client for client, one in told.items() if not is_right(one)]
        for client in wrong:
            self._fail(client, "its answer has not the form that it must have")
        return {client: one for client, one in told.items() if client not in wrong}

    def _common(self, values, reason="its vector has another length than the others'"):
        """Return what most told; others fail."""
        if not values:
            self._check_cohort()
        common = Counter(values.values()).most_common(1)[0][0]
        for client, value in values.items():
            if value != common:
                self._fail(client, reason)
        return common

    def _ask(self, kind, clients, body=None, bodies=None):
        """Send a question to clients, and return the answers that came in time."""
        whom = [client for client in clients if client in self.clients]
        names = {self.clients[client]: client for client in whom}
        questions = {
            node: self._question(
                kind,
                self._n_known[client] if kind != "stage" else len(self._events),
                bodies[client] if bodies is not None else body,
            )
            for node, client in names.items()
        }
        replies = self._send(questions, self.timeout)
        answers = {}
        for node, client in names.items():
            name, value, error = replies.get(
                node, (client, None, "it did not answer in time")
            )
            if error is None and name != client:
                error = f"it calls itself {name!r} now"
            if error is not None:
                self._fail(client, error)
                continue
            if kind != "stage":
                self._n_known[client] = len(self._events)
            answers[client] = value
        return answers

    def _question(self, kind, start=0, body=None):
        return pack([VERSION, kind, start, self._events[start:], body])

    def _send(self, questions, timeout):
        """Return name, answer and error of each node that answered."""
        app = load("flwr.app")
        messages = [
            app.Message(
                app.RecordDict({RECORD: app.ConfigRecord({"bytes": question})}),
                dst_node_id=node,
                message_type="query",
                # Nothing is kept for a node much longer than one waits for it.
                ttl=timeout + 60,
            )
            for node, question in questions.items()
        ]
        replies = {}
        for reply in self.grid.send_and_receive(messages, timeout=timeout):
            node = reply.metadata.src_node_id
            replies[node] = self._read(reply)
        return replies

    def _read(self, reply):
        if reply.has_error():
            return None, None, f"Flower says: {reply.error.reason}"
        try:
            data = reply.content[RECORD]["bytes"]
            self.bytes_sent += len(data)
            version, client, value, error = unpack(data)
            if version != VERSION:
                raise ValueError
            return check_id(client), value, error
        except (KeyError, TypeError, ValueError, ProtocolError):
            return None, None, "its answer can't be read"

    def _fail(self, client, reason):
        self.clients.pop(client, None)
        self.failed[client] = reason
        warnings.warn(
            f"client {client!r} takes no part: {reason}", UserWarning, stacklevel=2
        )

    def _check_cohort(self):
        least = self.model.min_clients
        if len(self.clients) < least:
            reasons = "".join(
                f" Client {client!r} failed: {reason}"
                for client, reason in [*self.failed.items()][:3]
            )
            raise CohortTooSmall(
                f"{len(self.clients)} clients are left, and min_clients={least} must "
                f"be.{reasons}"
            )


def _is_list(value):
    return isinstance(value, list)


def _are_labels(value):
    return (
        _is_list(value)
        and len(value) > 0
        and (
            all(isinstance(one, str) for one in value)
            or all(isinstance(one, int | float) for one in value)
        )
    )


def _are_lists(value):
    return _is_list(value) and all(map(_is_list, value))


def _is_description(value):
    if not _is_list(value) or len(value) != 2 or not _is_list(value[1]):
        return False
    names, is_number = value
    return all(type(one) is bool for one in is_number) and (
        names is None
        or (
            _is_list(names)
            and len(names) == len(is_number)
            and all(isinstance(name, str) for name in names)
        )
    )


def _is_beginning(value):
    return (
        _is_list(value)
        and len(value) == 2
        and type(value[0]) is int
        and value[0] > 0
        and isinstance(value[1], bytes)
    )
