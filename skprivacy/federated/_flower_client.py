"""An organization's side of a fit over Flower: answers one question at a time."""

import hashlib
import logging
import warnings

import numpy as np
from sklearn.utils.validation import column_or_1d

from skprivacy.federated._client import SecureSumClient
from skprivacy.federated._errors import ProtocolError
from skprivacy.federated._flower_engine import VERSION, sum_plan
from skprivacy.federated._flower_told import FLOATS, Asked, ReplayEngine, run_fit
from skprivacy.federated._learning import target_of
from skprivacy.federated._local_engine import CLIENT_ERRORS
from skprivacy.federated._plan import SumPlan
from skprivacy.federated._wire import pack, unpack

__all__ = ["FlowerClient", "claim"]

LOG = logging.getLogger(__name__)


class FlowerClient:
    """Answers questions; between them all that it knows is a dict of bytes.

    Parameters
    ----------
    model : FederatedClassifier, FederatedRegressor or FederatedTransformer
        What all parties agreed on.

    load_rows : callable
        ``load_rows()`` returns X and y.

    client : int or str
        Its name.

    security : {"active", "semi_honest"}
        As in :class:`SumPlan`.

    signing_key, peers
        As in :class:`SecureSumClient`.

    folder : Path
        Where it is noted that a state was used.
    """

    def __init__(
        self, model, load_rows, client, *, security, signing_key, peers, folder
    ):
        self.model, self.load_rows, self.client = model, load_rows, client
        self.folder = folder
        self.security, self.signing_key, self.peers = security, signing_key, peers

    def reply(self, question, state):
        """Answer a question.

        What is wrong with the records is said in this client's log; the server is told
        the type of the error alone, as its text may show a value.

        Parameters
        ----------
        question : bytes
            From the server.

        state : dict of {str: bytes}
            What the last call left; changed in place.

        Returns
        -------
        answer : bytes
        """
        value = error = None
        try:
            value = self._answer(question, state)
        except (ProtocolError, *CLIENT_ERRORS) as problem:
            LOG.warning("This client takes no part.", exc_info=True)
            error = f"{type(problem).__name__} in its records; its log says more"
            if isinstance(problem, ProtocolError):
                error = f"{type(problem).__name__}: {problem}"
            # No secrets of a sum that it has left.
            for name in ("plan", "client", "vector"):
                state.pop(name, None)
        return pack([VERSION, self.client, value, error])

    def _answer(self, question, state):
        fields = unpack(question)
        if not isinstance(fields, list) or len(fields) != 5 or fields[0] != VERSION:
            raise ProtocolError("the question can't be read.")
        _, kind, start, news, body = fields
        if kind == "stage":
            return self._go_on(body, state)
        known = unpack(state["events"]) if "events" in state else []
        if not isinstance(start, int) or not 0 <= start <= len(known):
            raise ProtocolError("what the server told before is not there.")
        events = known[:start] + news
        engine, asked = self._replay(events)
        if asked.kind != kind:
            raise ProtocolError(f"{kind!r} is asked where {asked.kind!r} is due.")
        state["events"] = pack(events)
        answer = engine.answer(asked)
        if kind != "sum":
            return answer
        if self.model.aggregation == "plain":
            return answer.astype(FLOATS).tobytes()
        return self._begin(answer, body, state)

    def _replay(self, events):
        X, y = self.load_rows()
        if target_of(self.model.estimator) is None:
            y = None
        elif y is None:
            raise ValueError("load_rows must return y too.")
        else:
            y = column_or_1d(y)
            if target_of(self.model.estimator) == "numbers":
                y = np.asarray(y, dtype=np.float64)
        engine = ReplayEngine(self.model, X, y, events, self.client)
        with warnings.catch_warnings():
            # Those of past rounds were seen.
            warnings.simplefilter("ignore")
            try:
                run_fit(self.model, engine)
            except Asked as asked:
                return engine, asked
        raise ProtocolError("the fit is over: nothing is left to ask.")

    def _begin(self, vector, body, state):
        """Begin a secure sum: make its plan, and send keys."""
        if not isinstance(body, list) or len(body) != 2:
            raise ProtocolError("the question names no round.")
        round_id, n_clients = body
        plan = sum_plan(self.model, len(vector), n_clients, round_id, self.security)
        # What can't be sent is refused before any key is.
        plan.fixed_point.round(vector)
        client = SecureSumClient(
            self.client, plan, signing_key=self.signing_key, peers=self.peers
        )
        message = client.advertise_keys()
        state["plan"], state["client"] = plan.to_bytes(), client.to_bytes()
        state["vector"] = vector.astype(FLOATS).tobytes()
        return [len(vector), message]

    def _go_on(self, message, state):
        """Answer a message of the sum that has begun."""
        if "client" not in state:
            raise ProtocolError("no sum has begun.")
        claim(state["client"], self.folder)
        plan = SumPlan.from_bytes(state["plan"])
        client = SecureSumClient.from_bytes(
            state["client"], plan, signing_key=self.signing_key, peers=self.peers
        )
        vector = np.frombuffer(state["vector"], FLOATS)
        reply = client.reply(message, vector)
        state["client"] = client.to_bytes()
        if client.stage == "done":
            for name in ("plan", "client", "vector"):
                state.pop(name)
        return reply


def claim(state, folder):
    """Note that a state is used, and refuse one that was.

    Flower may run two processes at once that both got the same state; a server that
    sends both a request to unmask would get both kinds of share.

    Parameters
    ----------
    state : bytes
        What :meth:`SecureSumClient.to_bytes` wrote.

    folder : Path
        Holds an empty file for each state that was used.

    Raises
    ------
    ProtocolError
        If it was used before.
    """
    name = hashlib.sha256(b"skprivacy.claim" + state).hexdigest()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        (folder / name).open("xb").close()
    except FileExistsError:
        raise ProtocolError(
            "a message of this stage was answered already: a state is used once."
        ) from None
