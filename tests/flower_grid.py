"""A Flower grid in one process; all that touches Flower's inside is here."""

from flwr.app import Context, RecordDict
from flwr.serverapp import Grid
from flwr.supercore.task_identity import TaskIdentity

__all__ = ["OneProcessGrid"]


class OneProcessGrid(Grid):
    """Calls client apps as a SuperNode would.

    Parameters
    ----------
    apps : dict of {str: ClientApp}
        By the name of the client.

    lost : callable, optional
        ``lost(name, position)`` says whether the answer to the message of a position is
        lost on its way, of those that the client gets.

    change : callable, optional
        ``change(name, position, state)`` may change a client's stored bytes.

    forge : callable, optional
        ``forge(name, position, answer)`` returns the bytes that arrive.
    """

    def __init__(self, apps, lost=None, change=None, forge=None):
        # Messages name the process that makes them; 0 is the server.
        TaskIdentity.task_id = TaskIdentity.run_id = TaskIdentity.node_id = 0
        self._lost, self._change, self._forge = lost, change, forge
        self._names = dict(enumerate(apps, start=1))
        self._apps = apps
        self._contexts = {
            node: Context(0, node, {"client": name}, RecordDict(), {})
            for node, name in self._names.items()
        }
        self._n_messages = dict.fromkeys(apps, 0)
        self.sent = []
        self.received = []

    def set_run(self, run):
        """Do nothing."""

    @property
    def run(self):
        """No run."""
        return None

    def create_message(self, *args, **kwargs):
        """Not used."""
        raise NotImplementedError

    push_messages = pull_messages = create_message

    def get_node_ids(self):
        """Numbers from one."""
        return [*self._names]

    def send_and_receive(self, messages, *, timeout=None):
        """Call each app; answers that are lost are just not there."""
        replies = []
        for message in messages:
            node = message.metadata.dst_node_id
            name = self._names[node]
            position = self._n_messages[name]
            self._n_messages[name] += 1
            self.sent.append((name, message.content["skprivacy"]["bytes"]))
            if self._change is not None:
                self._change(name, position, self._contexts[node].state)
            reply = self._apps[name](message, self._contexts[node])
            if self._forge is not None:
                record = reply.content["skprivacy"]
                record["bytes"] = self._forge(name, position, record["bytes"])
            self.received.append((name, reply.content["skprivacy"]["bytes"]))
            if self._lost is None or not self._lost(name, position):
                replies.append(reply)
        return replies
