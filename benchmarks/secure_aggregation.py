"""What does a secure sum cost, in CPU time and bytes?

Runs whole rounds in one process and adds up the CPU time of single clients and of the
server. Beside each figure stands its ratio to the time of the AES-CTR masks that the
protocol can't do without, measured in the same run: a ratio is the same on a loaded
machine and on another one. The exit code is 1 where a ratio is above its floor.

    python benchmarks/secure_aggregation.py --clients 50 100 --values 10000 100000

Where ``flwr`` is installed, the time of a client in the SecAgg+ stages of Flower stands
beside it, with the same number of neighbors.
"""

import argparse
import json
import os
import sys
import time
from contextlib import contextmanager
from importlib.util import find_spec

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from skprivacy.federated import FixedPoint, SumPlan, _masks, graph_parameters
from skprivacy.federated._simulation import _parties

GRAPHS = ("full", "semi_honest", "active_graph", "active")
#: Clients whose time is measured.
N_MEASURED = 5
#: Above so many masked values, clients that are not measured don't mask theirs.
MOST_VALUES = 2e9
#: What a plain version took, in milliseconds at 10% dropouts, and its time for a mask
#: of 100,000 values: the floors are twice its ratios.
REFERENCE_MASK = 0.067
REFERENCE = {
    ("full", 100, 10_000): (11, 59),
    ("full", 100, 100_000): (15, 114),
    ("full", 100, 1_000_000): (68, 650),
    ("full", 500, 100_000): (75, 3170),
    ("semi_honest", 100, 10_000): (4, 24),
    ("semi_honest", 100, 100_000): (5.7, 47),
    ("semi_honest", 100, 1_000_000): (26, 290),
    ("semi_honest", 500, 100_000): (13, 480),
}
#: Neighbors of that version.
REFERENCE_NEIGHBORS = {("full", 100): 99, ("full", 500): 499}
REFERENCE_NEIGHBORS |= {("semi_honest", 100): 36, ("semi_honest", 500): 86}
#: Times that a client of Flower takes of one of ours, at least.
LEAST_TIMES_FASTER = 10


def make_plan(graph, n_clients, n_values):
    """Plan of a round: all neighbors, the fewest, or those that are safe if it lies."""
    arguments = {"security": "semi_honest"}
    if graph == "full":
        arguments |= {"n_neighbors": "all", "threshold": 2 * n_clients // 3 + 1}
    elif graph == "active_graph":
        safe = graph_parameters(n_clients)
        arguments |= {"n_neighbors": safe.n_neighbors, "threshold": safe.threshold}
    elif graph == "active":
        arguments = {}
    fixed = FixedPoint.for_clients(n_clients)
    return SumPlan(n_values, n_clients, fixed, **arguments)


def mask_milliseconds(n_values):
    """CPU time to draw one AES-CTR mask and add it, without any of our code."""
    n_masks = max(20, 5_000_000 // n_values)
    words = np.zeros(n_values, dtype="<u4")
    stretch = 32 * 1024
    buffer = bytearray(4 * stretch + 16)
    zeros = bytes(4 * stretch)
    start = time.process_time()
    for _ in range(n_masks):
        cipher = Cipher(algorithms.AES(os.urandom(32)), modes.CTR(bytes(16)))
        stream = cipher.encryptor()
        for first in range(0, n_values, stretch):
            part = words[first : first + stretch]
            stream.update_into(zeros[: part.nbytes], buffer)
            np.add(part, np.frombuffer(buffer, "<u4", count=len(part)), out=part)
    return 1e3 * (time.process_time() - start) / n_masks


@contextmanager
def masks_left_out(left_out):
    """Let a client send its vector without masks: its time is not looked at."""
    kept = _masks.add_masks
    if left_out:
        _masks.add_masks = lambda words, masks: None
    try:
        yield
    finally:
        _masks.add_masks = kept


def one_round(graph, n_clients, n_values, dropout):
    """Measure one round, and return a row of the table."""
    plan = make_plan(graph, n_clients, n_values)
    clients, server = _parties(plan, dict.fromkeys(range(n_clients)))
    dropped = set(range(round(dropout * n_clients)))
    measured = range(n_clients - N_MEASURED, n_clients)
    n_neighbors = plan.graph(n_clients).n_neighbors
    is_exact = n_clients * n_neighbors * n_values <= MOST_VALUES
    vector = np.random.default_rng(0).uniform(-1, 1, n_values)
    clock = time.process_time
    in_clients, in_server, n_bytes = 0.0, 0.0, 0
    mask = mask_milliseconds(n_values)
    messages = dict.fromkeys(clients)
    while server.stage != "done":
        stage = server.stage
        for client, message in messages.items():
            if client in dropped and stage not in ("advertise_keys", "share_keys"):
                continue
            party, is_measured = clients[client], client in measured
            with masks_left_out(not (is_exact or is_measured)):
                start = clock()
                if message is None:
                    reply = party.advertise_keys()
                else:
                    reply = party.reply(message, vector)
                if is_measured:
                    in_clients += clock() - start
                    n_bytes += len(reply)
            start = clock()
            server.receive(reply)
            in_server += clock() - start
        start = clock()
        messages = server.advance()
        in_server += clock() - start
    result = server.result_
    if is_exact:
        error = np.abs(result.sum_ - len(result.survivors_) * vector).max()
        assert error <= result.quantization_error_ + 1e-9
    # The mean of two measurements: the load of the machine changes.
    mask = (mask + mask_milliseconds(n_values)) / 2
    cohort = server._cohort
    near = cohort.all_neighbors[sorted(dropped)]
    n_left = len(result.survivors_) + int((near >= len(dropped)).sum())
    in_clients, in_server = 1e3 * in_clients / N_MEASURED, 1e3 * in_server
    return {
        "graph": graph,
        "n": n_clients,
        "d": n_values,
        "dropout": dropout,
        "k": n_neighbors,
        "t": plan.graph(n_clients).threshold,
        "client_ms": in_clients,
        "server_ms": in_server,
        "bytes": n_bytes / N_MEASURED / (4 * n_values),
        "mask_ms": mask,
        "client_ratio": in_clients / (mask * (n_neighbors + 1)),
        "server_ratio": in_server / (mask * n_left),
        "sum_checked": is_exact,
    }


def floors(row):
    """Largest ratios of a client and of the server, or None where there are none."""
    graph = "full" if row["graph"] == "full" else "semi_honest"
    key = (graph, row["n"], row["d"])
    if key not in REFERENCE or row["dropout"] != 0.1:
        return None
    client, server = REFERENCE[key]
    k = REFERENCE_NEIGHBORS[key[:2]]
    mask = REFERENCE_MASK * row["d"] / 100_000
    n_dropped = round(0.1 * row["n"])
    n_left = row["n"] - n_dropped
    n_masks = n_left + n_dropped * k * n_left / row["n"]
    return 2 * client / (mask * (k + 1)), 2 * server / (mask * n_masks)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, nargs="+", default=[50, 100])
    parser.add_argument("--values", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--dropouts", type=float, nargs="+", default=[0.0, 0.1, 0.3])
    parser.add_argument("--graphs", nargs="+", default=GRAPHS, choices=GRAPHS)
    parser.add_argument("--json", help="file for the figures")
    told = parser.parse_args(arguments)
    flower = None
    if find_spec("flwr") is not None:
        from _secure_sum_flower import flower_client as flower
    print(
        f"{'graph':>12} {'n':>4} {'d':>8} drop   k   t  client   server  bytes", end=""
    )
    print("   mask  client/AES  server/AES  floors         Flower's client, bytes")
    rows, failed = [], []
    for n_clients in told.clients:
        for n_values in told.values:
            for graph in told.graphs:
                for dropout in told.dropouts:
                    row = one_round(graph, n_clients, n_values, dropout)
                    if flower is not None and dropout == 0.1:
                        row["flower_ms"], row["flower_bytes"] = flower(
                            row["k"], row["t"], n_values, dropout
                        )
                    row["floors"] = floors(row)
                    rows.append(row)
                    failed += too_slow(row)
                    print(line(row), flush=True)
    if told.json:
        with open(told.json, "w", encoding="utf-8") as file:
            json.dump(rows, file, indent=1)
    for one in failed:
        print("ABOVE ITS FLOOR:", one)
    return 1 if failed else 0


def too_slow(row):
    """Say what is above its floor; signatures, which the reference lacks, have none."""
    found, name = [], f"{row['graph']}, n={row['n']}, d={row['d']}"
    if row["floors"] is not None and row["graph"] != "active":
        for who, floor in zip(("client", "server"), row["floors"], strict=True):
            if row[f"{who}_ratio"] > floor:
                found.append(
                    f"{who} of {name}: {row[f'{who}_ratio']:.2f} > {floor:.2f}"
                )
    if row.get("flower_ms", np.inf) < LEAST_TIMES_FASTER * row["client_ms"]:
        times = row["flower_ms"] / row["client_ms"]
        found.append(f"client of {name}: {times:.1f} times faster than Flower's")
    return found


def line(row):
    told = (
        f"{row['graph']:>12} {row['n']:4} {row['d']:8} {row['dropout']:4.0%} "
        f"{row['k']:3} {row['t']:3} {row['client_ms']:7.1f} {row['server_ms']:8.1f} "
        f"{row['bytes']:6.3f} {row['mask_ms']:6.3f} {row['client_ratio']:11.2f} "
        f"{row['server_ratio']:11.2f}"
    )
    if row["floors"] is not None:
        told += "  {:5.2f} {:5.2f}".format(*row["floors"])
    if "flower_ms" in row:
        told += f"  {row['flower_ms']:10.1f} {row['flower_bytes']:.2f}"
    return told


if __name__ == "__main__":
    sys.exit(main())
