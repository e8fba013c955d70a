"""What does a server find in updates, in their sum, and in masked vectors?

Prints the share of records that are recovered, and of cells of records (matching), the
AUC of membership, the accuracy of a property of which half is right by chance, and the
share of clients whose vector is found: on single updates, on secure sums of 10 and of
50 clients, on the masked vectors of single clients, and on a secure sum of 10 with
noise of the clients (epsilon 8 of a client's whole update, delta 1e-5, updates clipped
to norm 1). Chance of matching is the likeliest value of each cell; "cells drawn" are
rows drawn cell by cell. The exit code is 1 where an attack on plain updates is below
its floor, or one on masked vectors is further from chance than three standard errors.

    python benchmarks/federated_attacks.py --repeats 10
"""

import argparse
import json
import os
import sys
import time
import warnings

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.datasets import load_digits
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skprivacy.datasets import load_adult
from skprivacy.federated import DistributedGaussian, FixedPoint
from skprivacy.federated.attacks import (
    DenseNetwork,
    DifferencingAttack,
    GradientInversionAttack,
    GradientMatchingAttack,
    ImprintAttack,
    ServerView,
    SybilAttack,
    UpdateMembershipAttack,
    UpdatePropertyAttack,
    shadow_updates,
)

N_ADULT = 6_000
N_REFERENCE = 600
#: Of the steps of clients that make several.
LOCAL_RATE = 0.1
VIEWS = ("plain", "sum of 10", "sum of 50", "masked", "10, noise")
N_CLIENTS = dict(zip(VIEWS, (10, 10, 50, 10, 10), strict=True))
SOURCES = dict(zip(VIEWS, ("updates", "sum", "sum", "masked", "sum"), strict=True))
#: Least figures, of an attack and a view.
FLOORS = {
    ("inversion, softmax, Adult, batch 1", "plain"): 1.0,
    ("inversion, MLP 1,000, Adult, batch 1", "plain"): 1.0,
    ("inversion, MLP 1,000, Adult, batch 1", "sum of 10"): 0.90,
    ("inversion, MLP 1,000, Adult, batch 4", "plain"): 1.0,
    ("inversion, MLP 1,000, Adult, batch 8", "plain"): 0.95,
    ("inversion, MLP 1,000, Adult, batch 32", "plain"): 0.30,
    ("inversion, MLP 1,000, digits, batch 1", "plain"): 1.0,
    ("inversion, MLP 1,000, digits, batch 8", "plain"): 0.98,
    ("inversion, MLP 1,000, digits, batch 32", "plain"): 0.55,
    ("matching, softmax, Adult, batch 1", "plain"): 1.0,
    ("matching, MLP 100-100, Adult, batch 1", "plain"): 1.0,
    ("membership, softmax, 20 rows", "plain"): 0.81,
    ("membership, softmax, 20 rows", "sum of 10"): 0.52,
    ("property, softmax, 20 rows", "plain"): 0.83,
    ("property, MLP 16, 20 rows", "plain"): 0.93,
    ("imprint, 1,024 units, 8 rows", "sum of 10"): 0.90,
    ("imprint, 1,024 units, 8 rows", "sum of 50"): 0.60,
    ("differencing", "sum of 10"): 1.0,
    ("sybils", "sum of 10"): 1.0,
}


def load_tables():
    """Encode tables: records, classes, and who is a woman."""
    X, y = load_adult(return_X_y=True)
    X = X.sample(N_ADULT, random_state=0)
    encode = make_column_transformer(
        (StandardScaler(), make_column_selector(dtype_include="number")),
        (
            OneHotEncoder(sparse_output=False),
            make_column_selector(dtype_exclude="number"),
        ),
    )
    adult = encode.fit_transform(X), (y[X.index] == ">50K").to_numpy(int)
    digits, classes = load_digits(return_X_y=True)
    return {
        "Adult": (*adult, (X["gender"] == "Female").to_numpy()),
        "digits": (digits / 16, classes, None),
    }, one_hot_columns(encode)


def one_hot_columns(encode):
    """Return the columns of each category, behind those of numbers."""
    (_, _, numbers), (_, one_hot, _) = encode.transformers_[:2]
    groups, start = [], len(numbers)
    for values in one_hot.categories_:
        groups.append(np.arange(start, start + len(values)))
        start += len(values)
    return groups


def make_view(view, rounds, model):
    """Run rounds of clients' vectors as the view says."""
    models = [model] * len(rounds)
    if view == "plain":
        return ServerView.plain(rounds, parameters=models)
    if view != "10, noise":
        return ServerView.secure(rounds, parameters=models)
    rounds = [
        {who: one / max(1, np.linalg.norm(one)) for who, one in vectors.items()}
        for vectors in rounds
    ]
    fixed = FixedPoint(bound=1.0, fraction_bits=20, word=32)
    noise = DistributedGaussian.calibrate(
        8.0,
        delta=1e-5,
        clip_norm=1.0,
        n_noisy=6,
        n_values=len(model),
        fixed_point=fixed,
    )
    return ServerView.secure(rounds, parameters=models, noise=noise, fixed_point=fixed)


def draw_clients(n_records, n_clients, size, draw):
    return draw.permutation(n_records)[: n_clients * size].reshape(n_clients, size)


def local_update(network, model, X, y, n_steps):
    """Return the change of the model by steps of a client."""
    after = model
    for _ in range(n_steps):
        after = after - LOCAL_RATE * network.gradient(after, X, y)
    return after - model


def updates(network, model, X, y, clients, n_steps=1):
    """Return what clients send: gradients, or changes by several steps."""

    def update(X, y):
        if n_steps == 1:
            return network.gradient(model, X, y)
        return local_update(network, model, X, y, n_steps)

    return {who: update(X[rows], y[rows]) for who, rows in enumerate(clients)}


def invert(table, hidden, batch):
    X, y, _ = table
    network = DenseNetwork((X.shape[1], *hidden, y.max() + 1))

    def run(view, draw):
        model = network.initial(draw.randint(2**31))
        clients = draw_clients(len(X), N_CLIENTS[view], batch, draw)
        seen = make_view(view, [updates(network, model, X, y, clients)], model)
        attack = GradientInversionAttack(network, source=SOURCES[view]).fit(seen)
        records = X[clients.ravel()]
        tolerance = 1e-6 if batch == 1 and view == "plain" else 1e-3
        base = attack.baseline_score(records, X[-N_REFERENCE:], random_state=0)
        return attack.score(records, tolerance), base, 0

    return run


def match(table, categories, hidden, batch, n_steps=1, drawn=False):
    X, y, _ = table
    network = DenseNetwork((X.shape[1], *hidden, y.max() + 1))

    def run(view, draw):
        if view == "sum of 50" or (n_steps > 1 and SOURCES[view] == "sum"):
            return np.nan, np.nan, np.nan
        model = network.initial(draw.randint(2**31))
        clients = draw_clients(len(X) - N_REFERENCE, N_CLIENTS[view], batch, draw)
        sent = updates(network, model, X, y, clients, n_steps)
        attack = GradientMatchingAttack(
            network,
            n_records=batch,
            categories=categories,
            client=0,
            source=SOURCES[view],
            learning_rate=LOCAL_RATE if n_steps > 1 else None,
            n_steps=n_steps,
            n_restarts=3,
            max_iter=1 if drawn else 500,
            random_state=draw.randint(2**31),
        ).fit(make_view(view, [sent], model), X[-N_REFERENCE:])
        rows = clients.ravel() if SOURCES[view] == "sum" else clients[0]
        records = X[rows]
        base = attack.baseline_score(records)
        if drawn:
            scores = [
                attack.baseline_score(records, method="drawn", random_state=draw)
                for _ in range(10)
            ]
            return np.mean(scores), base, np.inf
        # Half of the cells, each by itself, if nothing is known of them.
        n_cells = len(rows) * (len(categories) + 6)
        return attack.score(records), base, 0.5 / np.sqrt(n_cells)

    return run


def imprint(table, n_units, batch):
    X, y, _ = table
    network = DenseNetwork((X.shape[1], n_units, y.max() + 1))

    def run(view, draw):
        attack = ImprintAttack(
            network, source=SOURCES[view], random_state=draw.randint(2**31)
        )
        inside = 2 * len(X) // 3
        model = attack.plant(X[inside:])
        clients = draw_clients(inside, N_CLIENTS[view], batch, draw)
        seen = make_view(view, [updates(network, model, X, y, clients)], model)
        records = X[clients.ravel()]
        attack.fit(seen)
        base = attack.baseline_score(records, X[-N_REFERENCE:], random_state=0)
        return attack.score(records), base, 0

    return run


def find_members(table, hidden, size, method="gaussian", n_steps=1):
    X, y, _ = table
    network = DenseNetwork((X.shape[1], *hidden, y.max() + 1))

    def run(view, draw):
        model = network.initial(draw.randint(2**31))
        inside = len(X) - 2 * N_REFERENCE
        clients = draw_clients(inside, N_CLIENTS[view], size, draw)
        sent = updates(network, model, X, y, clients, n_steps)
        attack = UpdateMembershipAttack(
            network,
            method=method,
            client=0,
            source=SOURCES[view],
            n_records=size,
            # Several steps are taken for one long one.
            learning_rate=LOCAL_RATE * n_steps if n_steps > 1 else None,
        )
        seen = make_view(view, [sent], model)
        reference = (X[-N_REFERENCE:], y[-N_REFERENCE:])
        attack.fit(seen, *(reference if method == "gaussian" else ()))
        out = np.arange(inside, inside + 200)
        rows = np.concatenate([clients[0], out])
        # Standard error of the AUC of scores that know nothing.
        error = np.sqrt((size + len(out) + 1) / (12 * size * len(out)))
        return attack.score(X[rows], y[rows], np.arange(len(rows)) < size), 0.5, error

    return run


def find_property(table, hidden, size, shared=False):
    X, y, woman = table
    network = DenseNetwork((X.shape[1], *hidden, y.max() + 1))
    half = len(X) // 2

    def run(view, draw):
        model = network.initial(draw.randint(2**31))

        def make(shares, rows):
            return shadow_updates(
                network,
                model,
                X[rows],
                y[rows],
                woman[rows],
                shares,
                n_records=size,
                random_state=draw,
            )

        n_clients = N_CLIENTS[view]
        shadow = draw.choice([0.2, 0.8], 400)
        learned = make(shadow, slice(0, half))
        attack = UpdatePropertyAttack().fit(learned, shadow > 0.5)
        shares = draw.choice([0.2, 0.8], (20, n_clients))
        if shared:
            shares[:] = shares[:, :1]
        sent = make(shares.ravel(), slice(half, None)).reshape(20, n_clients, -1)
        seen = make_view(view, [dict(enumerate(one)) for one in sent], model)
        if SOURCES[view] == "sum":
            # The others are taken for clients like those learned from.
            other = (1 if shared else n_clients) - 1
            looked = [one.sum - other * learned.mean(axis=0) for one in seen.rounds]
            looked = np.array(looked) / (n_clients if shared else 1)
        else:
            looked = [
                vector for _, who, vector in seen.vectors(SOURCES[view]) if who == 0
            ]
        error = 0.5 / np.sqrt(len(shares))
        return attack.score(np.array(looked), shares[:, 0] > 0.5), 0.5, error

    return run


def subtract(table, kind):
    X, y, _ = table
    network = DenseNetwork((X.shape[1], y.max() + 1))

    def run(view, draw):
        if view in ("plain", "masked"):
            return np.nan, np.nan, np.nan
        model = network.initial(draw.randint(2**31))
        clients = draw_clients(len(X), N_CLIENTS[view], 20, draw)
        sent = updates(network, model, X, y, clients)
        victim = {0: sent[0]}
        if view == "10, noise":
            victim = {0: sent[0] / max(1, np.linalg.norm(sent[0]))}
        if kind == "differencing":
            without = {who: one for who, one in sent.items() if who}
            attack = DifferencingAttack(tolerance=1e-4)
            return (
                attack.fit(make_view(view, [sent, without], model)).score(victim),
                0,
                0,
            )
        own = {who: np.zeros(network.n_values) for who in sent if who}
        attack = SybilAttack({who: one[None] for who, one in own.items()})
        attack.set_params(tolerance=1e-4)
        seen = make_view(view, [{0: sent[0], **own}], model)
        return attack.fit(seen).score(victim), 0, 0

    return run


def attacks(tables, categories):
    adult, digits = tables["Adult"], tables["digits"]
    found = {}
    for batch in (1, 4, 8, 32):
        found[f"inversion, softmax, Adult, batch {batch}"] = invert(adult, (), batch)
    for name, table in tables.items():
        for batch in (1, 4, 8, 32):
            found[f"inversion, MLP 1,000, {name}, batch {batch}"] = invert(
                table, (1000,), batch
            )
    for kind, hidden in (("softmax", ()), ("MLP 100-100", (100, 100))):
        for batch in (1, 4, 8, 16, 32):
            found[f"matching, {kind}, Adult, batch {batch}"] = match(
                adult, categories, hidden, batch
            )
    for batch in (1, 4, 8, 16, 32):
        found[f"cells drawn, batch {batch}"] = match(
            adult, categories, (), batch, drawn=True
        )
    for batch in (1, 4, 8):
        found[f"matching, MLP 100-100, Adult, batch {batch}, 5 local steps"] = match(
            adult, categories, (100, 100), batch, n_steps=5
        )
    for method in ("gaussian", "cosine", "loss_drop"):
        name = "" if method == "gaussian" else f" ({method})"
        found[f"membership, softmax, 20 rows{name}"] = find_members(
            adult, (), 20, method
        )
    found["membership, MLP 16, 20 rows"] = find_members(adult, (16,), 20)
    found["membership, softmax, 20 rows, 5 local steps"] = find_members(
        adult, (), 20, n_steps=5
    )
    found["property, softmax, 20 rows"] = find_property(adult, (), 20)
    found["property, MLP 16, 20 rows"] = find_property(adult, (16,), 20)
    found["property that all share, softmax"] = find_property(adult, (), 20, True)
    found["imprint, 1,024 units, 8 rows"] = imprint(adult, 1024, 8)
    found["imprint, 1,024 units, 8 rows, digits"] = imprint(digits, 1024, 8)
    found["differencing"] = subtract(adult, "differencing")
    found["sybils"] = subtract(adult, "sybils")
    return found


def measure(run, view, repeats, seed):
    """Return mean, its standard error, chance, and the error if there were no more."""
    rows = [run(view, np.random.RandomState(seed + i)) for i in range(repeats)]
    scores, chance, blind = np.transpose(rows)
    error = scores.std(ddof=1) / np.sqrt(repeats) if repeats > 1 else np.nan
    blind = np.sqrt(np.mean(blind**2) / repeats)
    return tuple(map(float, (scores.mean(), error, chance.mean(), blind)))


def wrong(name, view, mean, error, chance, blind):
    """Return what is wrong with a figure, or None."""
    floor = FLOORS.get((name, view))
    if floor is not None and not mean >= floor:
        return f"{name}, {view}: {mean:.3f} is below {floor}"
    if name.startswith("matching") and view == "plain" and not mean > chance:
        return f"{name}, {view}: {mean:.3f} is not above {chance:.3f}"
    if view == "masked" and abs(mean - chance) > 3 * blind:
        return f"{name}, {view}: {mean:.3f} is not {chance:.3f} +- 3 * {blind:.3f}"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="attacks whose name has this text")
    parser.add_argument("--views", nargs="+", choices=VIEWS, default=VIEWS)
    parser.add_argument("--json", help="file for the figures")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", RuntimeWarning)
    print("| attack | " + " | ".join(arguments.views) + " | chance | s |", flush=True)
    print("|---" * (len(arguments.views) + 3) + "|", flush=True)
    figures, faults = {}, []
    for name, run in attacks(*load_tables()).items():
        if arguments.only not in name:
            continue
        start, cells, chances = time.perf_counter(), [], []
        for view in arguments.views:
            found = measure(run, view, arguments.repeats, arguments.seed)
            figures[f"{name}, {view}"] = found
            mean, error, chance, _ = found
            cells.append("" if np.isnan(mean) else f"{mean:.2f} ({error:.2f})")
            chances.append(chance)
            faults.append(wrong(name, view, *found))
        seconds = time.perf_counter() - start
        chance = f"{np.nanmax(chances):.2f}"
        print("| " + " | ".join([name, *cells, chance, f"{seconds:.0f}"]) + " |")
        sys.stdout.flush()
    if arguments.json:
        with open(arguments.json, "w") as file:
            json.dump(figures, file, indent=1)
    faults = [fault for fault in faults if fault]
    print("\n".join(faults) or "nothing below its floor, masks at chance")
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
