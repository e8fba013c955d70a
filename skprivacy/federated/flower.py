"""Federated estimators whose clients run on machines of their own, by Flower.

Needs the extra ``federated``; Flower (``flwr``) is imported when it is used.
"""

import math
import os
from numbers import Integral, Real
from pathlib import Path

import numpy as np
from sklearn.base import clone
from sklearn.utils import check_random_state

from skprivacy.federated._extra import load
from skprivacy.federated._federated_base import BaseFederated, _first_step
from skprivacy.federated._flower_client import FlowerClient
from skprivacy.federated._flower_engine import RECORD, FlowerEngine
from skprivacy.federated._flower_told import run_fit
from skprivacy.federated._learning import takes_tables
from skprivacy.federated._plan import SECURITY, check_id

__all__ = ["client_app", "fit_on_grid", "server_app"]


def client_app(model, load_rows, *, security="active", keys=None, folder=None):
    """Make the app that an organization runs beside its records.

    Parameters
    ----------
    model : FederatedClassifier, FederatedRegressor or FederatedTransformer
        What all parties agreed on, with ``engine="flower"``. The server has the same.

    load_rows : callable
        ``load_rows(node_config)`` returns X and y, or X and None. It is called again
        in each round and must return the same records.

    security : {"active", "semi_honest"}, default="active"
        Against which server, as in :class:`~skprivacy.federated.SumPlan`. The server
        must have the same.

    keys : callable or None, default=None
        ``keys(node_config)`` returns this client's Ed25519 private key, and a dict of
        the public keys of all clients by name. Needed where `security` is "active" and
        the sum secure.

    folder : path or None, default=None
        Where the client notes, by empty files, which stages it has answered: two
        processes at once must not answer one. All processes of a client must share it.
        None: ``skprivacy`` in Flower's own folder, ``$FLWR_HOME`` or ``~/.flwr``.

    Returns
    -------
    app : flwr.clientapp.ClientApp

    Raises
    ------
    ImportError
        If Flower is not installed.
    ValueError, TypeError
        If the model can't be fitted so, or keys are missing.

    See Also
    --------
    server_app : The other side.

    Notes
    -----
    A client's name is ``client`` of its SuperNode's `--node-config`, else its node id.
    It says nothing of its records but the vectors of sums, the names of its columns and
    which of them hold numbers, and, as in :class:`FederatedClassifier`, labels and
    categories where the model does not give them.
    """
    _check(model, security)
    for name, value in (("load_rows", load_rows), ("keys", keys)):
        if not callable(value) and not (name == "keys" and value is None):
            raise TypeError(f"{name} must be callable; got {value!r}.")
    if security == "active" and model.aggregation == "secure" and keys is None:
        raise ValueError(
            'security="active" needs keys: a callable that returns the signing key of '
            "this client and the public keys of all."
        )
    app = load("flwr.clientapp").ClientApp()
    records = load("flwr.app")

    @app.query()
    def reply(message, context):
        config = context.node_config
        signing_key, peers = (None, None) if keys is None else keys(config)
        client = FlowerClient(
            model,
            lambda: load_rows(config),
            check_id(config.get("client", str(context.node_id))),
            security=security,
            signing_key=signing_key,
            peers=peers,
            folder=_claims(folder),
        )
        state = dict(context.state[RECORD]) if RECORD in context.state else {}
        answer = client.reply(message.content[RECORD]["bytes"], state)
        context.state[RECORD] = records.ConfigRecord(state)
        content = records.RecordDict({RECORD: records.ConfigRecord({"bytes": answer})})
        return records.Message(content, reply_to=message)

    return app


def server_app(model, done, **options):
    """Make the app that fits a model by asking the clients.

    Parameters
    ----------
    model : FederatedClassifier, FederatedRegressor or FederatedTransformer
        What all parties agreed on, with ``engine="flower"``.

    done : callable
        ``done(fitted)`` is called with the fitted model at the end, to store it.

    **options
        As in :func:`fit_on_grid`.

    Returns
    -------
    app : flwr.serverapp.ServerApp

    Raises
    ------
    ImportError
        If Flower is not installed.
    ValueError, TypeError
        If the model can't be fitted so.

    See Also
    --------
    client_app : The other side.
    """
    options = _checked_options(model, **options)
    if not callable(done):
        raise TypeError(f"done must be callable; got {done!r}.")
    app = load("flwr.serverapp").ServerApp()

    @app.main()
    def main(grid, context):
        done(fit_on_grid(model, grid, **options))

    return app


def fit_on_grid(
    model,
    grid,
    *,
    n_clients=None,
    wait=120.0,
    timeout=60.0,
    security="active",
    peers=None,
):
    """Fit a model by messages of a Flower grid.

    Parameters
    ----------
    model : FederatedClassifier, FederatedRegressor or FederatedTransformer
        What all parties agreed on, with ``engine="flower"``.

    grid : flwr.serverapp.Grid
        As a ServerApp gets it.

    n_clients : int or None, default=None
        Nodes to wait for. None: `min_clients` of the model.

    wait : float, default=120.0
        Seconds to wait for them, after which it goes on with fewer; and so many, or
        `timeout` if that is more, to wait for the first answers, before which nodes
        fetch the app.

    timeout : float, default=60.0
        Seconds in which a client must answer. One that does not drops out: the sum that
        is under way ends without it, and later ones don't ask it.

    security : {"active", "semi_honest"}, default="active"
        As the clients have it.

    peers : dict of {id: bytes} or None, default=None
        Public keys of the clients. With them the server drops clients with wrong
        signatures, for which others would leave.

    Returns
    -------
    fitted : FederatedClassifier, FederatedRegressor or FederatedTransformer
        A fitted clone.

    Raises
    ------
    CohortTooSmall
        If fewer than `min_clients` clients are left.
    TooManyDropouts
        If so few are left in a sum that it can't be opened, nor asked again.
    ValueError, TypeError
        If an argument is not what it must be.
    """
    options = _checked_options(
        model,
        n_clients=n_clients,
        wait=wait,
        timeout=timeout,
        security=security,
        peers=peers,
    )
    fitted = clone(model)
    seed = int(check_random_state(model.random_state).randint(2**31 - 1))
    engine = FlowerEngine(fitted, grid, seed=seed, **options)
    fitted.estimator_ = run_fit(fitted, engine)
    fitted.n_features_in_ = engine.n_features_in
    if engine.names is not None:
        names = np.array(engine.names, dtype=object)
        fitted.feature_names_in_ = names
        if not takes_tables(fitted.estimator):
            _first_step(fitted.estimator_).feature_names_in_ = names
    fitted.clients_ = tuple(engine.clients)
    fitted.failed_clients_ = engine.failed
    fitted.n_rounds_, fitted.bytes_sent_ = engine.n_rounds, engine.bytes_sent
    plan = model._noise_plan()
    fitted.privacy_guarantee_ = None if plan is None else plan.guarantee()
    return fitted


def _claims(folder):
    """Return where it is noted which states were used."""
    if folder is not None:
        return Path(folder)
    return Path(os.environ.get("FLWR_HOME") or Path.home() / ".flwr") / "skprivacy"


def _check(model, security):
    if not isinstance(model, BaseFederated):
        raise TypeError(
            "model must be a FederatedClassifier, FederatedRegressor or "
            f"FederatedTransformer; got {model!r}."
        )
    if model.engine != "flower":
        raise ValueError(f'the model must have engine="flower"; got {model.engine!r}.')
    if model.dropouts is not None:
        raise ValueError(
            'dropouts must be None with engine="flower": they are of a simulation; got '
            f"{model.dropouts!r}."
        )
    model._validate_params()
    model._check_learnable()
    model._noise_plan()  # refuses what can't be private
    if security not in SECURITY:
        raise ValueError(f"security must be one of {SECURITY}; got {security!r}.")


def _checked_options(
    model, *, n_clients=None, wait=120.0, timeout=60.0, security="active", peers=None
):
    _check(model, security)
    n_clients = model.min_clients if n_clients is None else n_clients
    if not isinstance(n_clients, Integral) or n_clients < model.min_clients:
        raise ValueError(
            f"n_clients must be a whole number from min_clients={model.min_clients}; "
            f"got {n_clients!r}."
        )
    for name, value in (("wait", wait), ("timeout", timeout)):
        if not isinstance(value, Real) or not 0 < value < math.inf:
            raise ValueError(f"{name} must be a number of seconds; got {value!r}.")
    if peers is not None and not isinstance(peers, dict):
        raise TypeError(f"peers must be a dict or None; got {peers!r}.")
    return {
        "n_clients": int(n_clients),
        "wait": float(wait),
        "timeout": float(timeout),
        "security": security,
        "peers": peers,
    }
