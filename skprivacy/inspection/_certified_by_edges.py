"""What the edges of bins certify of a column."""

import numpy as np
import pandas as pd

from skprivacy.inspection._certified_by_splits import on_grid, step_of
from skprivacy.inspection._certified_part import Part, fill_up
from skprivacy.inspection._edge_values import first_values, values_from

__all__ = ["evidence_of_edges"]


def evidence_of_edges(ensemble, columns, X_candidates):
    """Read the bins of histogram-based boosting."""
    n_bins = int(getattr(ensemble.model, "max_bins", 255))
    values = None if X_candidates is None else ensemble.transform(X_candidates)
    columns = fill_up(columns, len(ensemble.edges))
    evidence = []
    for j, edges in enumerate(ensemble.edges):
        edges = np.asarray(edges, dtype=float)
        if not len(edges) or not np.isfinite(edges).all():
            continue
        low, high = first_values(edges)
        if len(edges) >= n_bins or not low < high:
            continue
        if values is None:
            found = _chains_on_grid(columns[j], edges, low, high, n_bins)
        else:
            known = np.unique(values[~np.isnan(values[:, j]), j].astype(float))
            found = _chains_of_candidates(columns[j], edges, low, high, known, n_bins)
        if found is not None:
            evidence.append(_part_of_edges(columns[j], edges, low, high, *found))
    return evidence


def _chains_of_candidates(column, edges, low, high, known, n_bins):
    """All values of the column: a row for each choice of the smallest that is left."""
    if len(known) > n_bins:
        return None  # the edges may be quantiles
    first = known[(known > low) & (known < high)]
    chains = np.array([values_from(edges, value) for value in first])
    chains = chains.reshape(len(first), len(edges) + 1)
    fits = np.ones(chains.shape, dtype=bool)
    if len(known):
        apart = np.abs(chains[:, :, None] - known)
        fits = (apart <= 1e-12 * (1 + np.abs(known))).any(axis=2)
    return column.to_user(chains[fits.all(axis=1)]), "candidates"


def _chains_on_grid(column, edges, low, high, n_bins):
    coded = column.kind in ("flag", "code")
    if coded:
        step = 1.0 if on_grid(column, edges, 1.0)[0] else None
    else:
        step = step_of(column, edges) if column.kind == "number" else None
    if step is None or not np.isfinite(low):
        return None
    sums = on_grid(column, edges, step)[1]
    # Quantiles are values themselves, and so their sums are even.
    middles = column.high - column.low < n_bins or np.mean(sums % 2) > 0.5
    if not middles:
        return None
    low, high = first_values(sums / 2)
    low, high = max(low, column.low / step - 1), min(high, column.high / step + 1)
    start = np.arange(np.floor(low) + 1, np.ceil(high))[:1000]
    chains = np.array([values_from(sums / 2, value) for value in start])
    chains = chains.reshape(len(start), len(edges) + 1)
    chains = chains[chains.max(axis=1, initial=-np.inf) * step <= column.high]
    return np.round(chains * step, 10), "encoding" if coded else f"steps of {step:g}"


def _part_of_edges(column, edges, low, high, chains, by):
    pinned = chains is not None and len(chains) == 1
    values = pd.DataFrame(columns=["value", "kind", "n_thresholds", "n_trees"])
    empty = pd.DataFrame(columns=["low", "high", "n_thresholds", "n_trees"])
    pairs = pd.DataFrame(
        columns=["low", "high", "middle", "n_pairs", "n_thresholds", "n_trees"]
    )
    if pinned:
        told = chains[0]
        values = pd.DataFrame({"value": told, "kind": "value", "n_trees": 0})
        values["n_thresholds"] = np.where(
            np.isin(np.arange(len(told)), [0, len(told) - 1]), 1, 2
        )
        if np.isfinite(column.imputed):
            values = values[~np.isclose(told, column.imputed, rtol=1e-6, atol=1e-9)]
        empty = pd.DataFrame(
            {"low": told[:-1], "high": told[1:], "n_thresholds": 1, "n_trees": 0}
        )
    else:
        ends = np.abs(edges - [values_from(edges, end)[:-1] for end in (low, high)])
        width = ends.max(axis=0) * column.scale
        middle = column.to_user(edges)
        number = np.nan if chains is None or not len(chains) else len(chains)
        pairs = pd.DataFrame(
            {
                "low": middle - width,
                "high": middle + width,
                "middle": middle,
                "n_pairs": number,
                "n_thresholds": 1,
                "n_trees": 0,
            }
        )
    return Part(column, by, "training set", values, pairs, empty)
