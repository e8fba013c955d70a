"""Parties of a round that tests of several files take through its stages."""

from skprivacy.federated import (
    SecureSumClient,
    SecureSumServer,
    SumPlan,
    new_signing_key,
    verify_key,
)


class Round:
    """Clients and a server, and the messages that are on the way."""

    def __init__(self, n_clients=5, n_values=3, *, value=0.5, peers=True, **plan):
        self.plan = SumPlan(n_values=n_values, n_clients=n_clients, **plan)
        self.values = {client: [value] * n_values for client in range(n_clients)}
        self.signing = {}
        if self.plan.security == "active":
            self.signing = {client: new_signing_key() for client in self.values}
        self.peers = {one: verify_key(key) for one, key in self.signing.items()}
        self.clients = {client: self.make_client(client) for client in self.values}
        self.server = SecureSumServer(self.plan, peers=self.peers if peers else None)
        self.messages = dict.fromkeys(self.clients)

    def make_client(self, client):
        return SecureSumClient(
            client,
            self.plan,
            signing_key=self.signing.get(client),
            peers=self.peers or None,
        )

    def reply(self, client):
        """Let a client answer what was sent to it."""
        message = self.messages[client]
        if message is None:
            return self.clients[client].advertise_keys()
        return self.clients[client].reply(message, self.values[client])

    def step(self, absent=()):
        """Take one stage, without the clients that are absent."""
        for client in self.messages:
            if client not in absent:
                self.server.receive(self.reply(client))
        self.messages = self.server.advance()

    def until(self, stage, absent=()):
        """Take all stages before one; its messages to the clients are on the way."""
        while self.server.stage != stage:
            self.step(absent)
        return self

    def finish(self):
        while self.server.stage != "done":
            self.step()
        return self.server.result_
