"""Neighboring data sets that are the worst by what sensitivities are made of.

Columns are from -1 to 1 and classes 0 and 1; the record that differs is the first.
"""

import numpy as np
import pandas as pd

__all__ = ["pairs_of"]

N_RECORDS = 24
#: Of the committees, whose teachers learn from half of them each.
N_VOTERS = 8
CORNER, OPPOSITE, NEXT = (1.0, 1.0), (-1.0, -1.0), (1.0, -1.0)


def pairs_of(family):
    """Pairs by the kind of their difference.

    Parameters
    ----------
    family : {"labels", "records", "votes", "categories", "add_remove"}
        "labels": records with labels, of which one is another. "records": without.
        "votes": the same few records with labels. "categories": texts. "add_remove":
        one record more.

    Returns
    -------
    pairs : dict of str to ((X, y), (X, y))
    """
    if family == "categories":
        return _categories()
    if family == "add_remove":
        return {
            "one more": _with_and_without(_middle(), CORNER, 1),
            "one more, alone of its class": _with_and_without(_one_class(), CORNER, 1),
            "one more, far from all": _with_and_without(_far(), CORNER, 0),
        }
    rest = _middle(N_VOTERS if family == "votes" else N_RECORDS)
    records = {
        "record": _replaced(rest, (CORNER, 1), (OPPOSITE, 1)),
        "next corner": _replaced(rest, (CORNER, 1), (NEXT, 0)),
        "lone far record": _replaced(_far(len(rest[0])), (CORNER, 0), (OPPOSITE, 0)),
    }
    if family == "records":
        return records
    return records | {
        "record and label": _replaced(rest, (CORNER, 1), (OPPOSITE, 0)),
        "label": _replaced(rest, (CORNER, 1), (CORNER, 0)),
        "class vanishes": _replaced(_one_class(len(rest[0])), (CORNER, 1), (CORNER, 0)),
    }


def _middle(n=N_RECORDS):
    X = np.random.RandomState(0).uniform(-0.3, 0.3, (n, 2))
    return X, np.arange(n) % 2


def _one_class(n=N_RECORDS):
    return _middle(n)[0], np.zeros(n, dtype=int)


def _far(n=N_RECORDS):
    return np.full((n, 2), -1.0), np.zeros(n, dtype=int)


def _replaced(rest, first, second):
    worlds = []
    for x, label in (first, second):
        X, y = rest[0].copy(), rest[1].copy()
        X[0], y[0] = x, label
        worlds.append((X, y))
    return tuple(worlds)


def _with_and_without(rest, x, label):
    X, y = rest
    return (np.vstack([X, [x]]), np.append(y, label)), rest


def _categories():
    rest = [("z", "y")] * 3
    tables = {
        "one column": ([("x", "x")], [("y", "x")]),
        "both columns": ([("x", "x")], [("y", "y")]),
    }
    return {
        kind: tuple(
            (pd.DataFrame([*own, *rest], columns=["a", "b"]),) for own in worlds
        )
        for kind, worlds in tables.items()
    }
