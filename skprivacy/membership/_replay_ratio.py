"""Log-likelihood ratios of "this record is that row" from the leaves of an ensemble.

For each tree and each number k of times that a row was drawn for it, how much likelier
a leaf looks if the record is a row drawn k times than if it is nobody's row. Since the
draws are known for each row, the sum over trees is one product of matrices.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from skprivacy.inspection._bootstrap import tells_classes
from skprivacy.inspection._draws import (
    class_units,
    expected_by_count,
    rows_by_count,
)
from skprivacy.inspection._leaf_equations import STAGES
from skprivacy.inspection._multiplicity import LARGEST_COUNT
from skprivacy.inspection._split_points import Ranks, node_values, split_pairs
from skprivacy.inspection._split_ratio import node_log_ratio
from skprivacy.inspection._walk import last_node, leaf_of, walk_tree

__all__ = [
    "TreeRatios",
    "replay_rows",
    "split_again",
    "tree_ratios",
]

#: What a leaf in which the record can't be counts for, in nats.
LEAST = -12.0

#: Largest and smallest evidence of the thresholds of one tree, in nats.
LARGEST_SPLIT = 30.0

#: Numbers in one block of records times rows.
BLOCK = 20_000_000


class TreeRatios(NamedTuple):
    """Evidence of all trees.

    Parameters
    ----------
    leaf : ndarray of float32 of shape (n_trees, n_records, n_counts)
        Log-likelihood ratio of "drawn k times" over "not in this tree", from leaves;
        of "drawn" alone where the draws are not known.

    split : ndarray of float32 of shape (n_trees, n_records)
        The same of "drawn", from thresholds.

    tables : list of tuple
        What the thresholds were read from, for another reading; empty without them.
    """

    leaf: np.ndarray
    split: np.ndarray
    tables: list


def tree_ratios(
    ensemble, values, label, draws, splits=True, n_candidates=None
) -> TreeRatios:
    """Read the evidence of each tree for each candidate.

    Parameters
    ----------
    ensemble : TreeEnsemble
        The trees.

    values : ndarray of shape (n_records, n_columns)
        Candidates as the ensemble compares them.

    label : ndarray of shape (n_records,)
        Position of each label among the classes, or the true value.

    draws : Draws
        What is known of the rows of each tree.

    splits : bool, default=True
        Whether to read thresholds.

    n_candidates : int or None, default=None
        The first so many records are the candidates; each further one is compared with
        them alone. None: all are.

    Returns
    -------
    ratios : TreeRatios
    """
    classes = tells_classes(ensemble.model)
    n_records = len(values)
    n_candidates = n_records if n_candidates is None else n_candidates
    n_counts = LARGEST_COUNT if draws.known else 1
    leaf = np.zeros((len(ensemble.trees), n_records, n_counts), dtype=np.float32)
    split = np.zeros((len(ensemble.trees), n_records), dtype=np.float32)
    unit = class_units(ensemble) if classes else None
    # The answers of boosting are no means of labels.
    means = not isinstance(ensemble.model, STAGES)
    splits, tables = splits and ensemble.splits == "midpoint", []
    shared = Ranks(values) if splits else None
    codes = shared.of(values) if shared is not None else None
    for t, nodes in enumerate(ensemble.trees):
        seen = ensemble.tree_values(nodes, values)
        if splits:
            passages = walk_tree(nodes, seen)
            at = last_node(passages, n_records)
        else:
            at = leaf_of(nodes, seen)
        n_drawn = rows_by_count(draws, t)
        if classes:
            ratio = _class_ratio(nodes, at, label, unit, n_drawn, draws, n_candidates)
        else:
            plain = nodes if means else replace(nodes, impurity=None)
            ratio = _value_ratio(plain, at, label, n_drawn, draws, n_candidates)
        leaf[t] = ratio[:, :n_counts]
        if splits:
            same = nodes.columns is None and not nodes.steps
            ranks = shared if same and shared is not None else Ranks(seen)
            table = node_values(nodes, seen, passages, ranks, codes if same else None)
            pairs = split_pairs(nodes, table, ranks)
            prior = _prior(draws, t, n_records, leaf[t])
            split[t] = _split_ratio(nodes, table, pairs, prior)
            tables.append((nodes, table, pairs))
    return TreeRatios(leaf, split, tables)


def split_again(ratios, inside) -> TreeRatios:
    """Read the thresholds once more, now that it is known better who was there.

    Parameters
    ----------
    ratios : TreeRatios
        Of the first reading.

    inside : ndarray of shape (n_trees, n_records)
        Probability, by what the other trees say, that each tree has each record.

    Returns
    -------
    ratios : TreeRatios
    """
    split = ratios.split.copy()
    for t, (nodes, table, pairs) in enumerate(ratios.tables):
        split[t] = _split_ratio(nodes, table, pairs, inside[t])
    return ratios._replace(split=split)


def _class_ratio(nodes, at, label, unit, n_drawn, draws, n_candidates):
    n_classes = nodes.value.shape[1]
    known = (label >= 0) & (label < n_classes)
    code = np.where(known, label, 0).astype(int)
    weight = nodes.value * nodes.weight[:, None] / unit
    own = np.rint(weight[at, code]).astype(int)
    total = np.rint(weight.sum(axis=1)).astype(int)[at]
    expected = expected_by_count(nodes.n_samples[at], own, total - own, draws.known)
    cell = at * n_classes + code
    there = _company(cell, known, len(nodes.feature) * n_classes, n_candidates)
    ratio = _log_ratio(expected, n_drawn, there, n_candidates)
    ratio[~known] = LEAST
    return ratio


def _value_ratio(nodes, at, label, n_drawn, draws, n_candidates):
    """For trees that answer with a number: who can't have that mean is not there."""
    weight = np.rint(nodes.weight).astype(int)[at]
    n_rows = nodes.n_samples[at]
    expected = expected_by_count(n_rows, weight, np.zeros_like(weight), draws.known)
    spread = np.zeros(len(nodes.feature)) if nodes.impurity is None else nodes.impurity
    gap = (label - nodes.value[at, 0]) ** 2
    told = nodes.impurity is not None and nodes.value.shape[1] == 1
    k = np.arange(1, LARGEST_COUNT + 1)
    slack = 1e-6 * (np.var(label) + 1e-12)
    # The others must pull the mean back: k d^2 w / (w - k) is at most w s^2.
    with np.errstate(divide="ignore", invalid="ignore"):
        room = spread[at][:, None] * (weight[:, None] / k - 1)
    fits = gap[:, None] <= np.maximum(room, 0) * (1 + 1e-6) + slack
    if not told:
        fits[:] = True
    there = np.empty(fits.shape)
    for j in range(LARGEST_COUNT):
        there[:, j] = _company(at, fits[:, j], len(nodes.feature), n_candidates)
    ratio = _log_ratio(expected, n_drawn, there.T, n_candidates)
    return np.where(fits, ratio, LEAST)


def _company(cell, counted, n_cells, n_candidates):
    """Candidates in the cell of each record, itself among them."""
    first = slice(n_candidates)
    there = np.bincount(cell[first], counted[first], minlength=n_cells)[cell]
    there[n_candidates:] += 1
    return there


def _log_ratio(expected, n_drawn, there, n_records):
    """Chance of the leaf for a row drawn k times, over that for nobody's row."""
    there = np.broadcast_to(np.asarray(there, dtype=float), expected.T.shape).T
    inside = expected.sum(axis=1, keepdims=True)
    # Candidates in the leaf who are not among its rows, never less than a few: the
    # list may lack some of the rows.
    outside = np.maximum(there - inside, FEWEST * np.maximum(there, 1))
    share_out = outside / max(n_records - n_drawn.sum(), FEWEST * n_records)
    with np.errstate(divide="ignore"):
        ratio = np.log(expected / np.maximum(n_drawn, 1)) - np.log(share_out)
    return np.maximum(ratio, LEAST)


#: Least share of the candidates of a leaf who are taken to be strangers.
FEWEST = 0.1


def _prior(draws, t, n_records, leaf):
    """Probability that a tree has each candidate, from its own leaf alone."""
    share = np.clip(draws.inside[t] * draws.n_rows / n_records, 1e-3, 0.9)
    chances = _chances(draws, t)[: leaf.shape[1]]
    odds = np.exp(leaf.astype(float)) @ chances * share / (1 - share)
    return np.clip(odds / (1 + odds), 1e-9, 1 - 1e-9)


def _chances(draws, t):
    n_drawn = rows_by_count(draws, t).astype(float)
    return n_drawn / max(n_drawn.sum(), 1e-12)


def _split_ratio(nodes, table, pairs, inside):
    prior = np.clip(inside.astype(float), 1e-6, 1 - 1e-6)
    message = node_log_ratio(table, pairs, prior[table.record], len(nodes.feature))
    total = np.bincount(table.record, message, minlength=len(inside))
    return np.clip(total, -LARGEST_SPLIT, LARGEST_SPLIT)


class ReplayedRows(NamedTuple):
    """What the draws of all rows say of each record.

    Parameters
    ----------
    score : ndarray of shape (n_records,)
        Log of the mean likelihood ratio over the rows.

    row : ndarray of int of shape (n_records,)
        The row that the record fits best; -1 where rows can't be told apart.

    margin : ndarray of shape (n_records,) or None
        How much better than the next.

    lead : ndarray of shape (n_records,) or None
        How much better the record fits the row than the best of the other records.

    inside : ndarray of shape (n_trees, n_records) or None
        Probability that each tree has the record, by what the other trees say.
    """

    score: np.ndarray
    row: np.ndarray
    margin: np.ndarray | None
    lead: np.ndarray | None
    inside: np.ndarray | None


def replay_rows(ratio, draws, share=0.5, *, inside=True, rivals=True) -> ReplayedRows:
    """Compare each record with each training row.

    Parameters
    ----------
    ratio : ndarray of shape (n_trees, n_records, LARGEST_COUNT)
        Log-likelihood ratio of each tree, by how often the row was drawn.

    draws : Draws
        How often each was.

    share : float, default=0.5
        Share of the records that are taken to be members, for `inside`.

    inside, rivals : bool, default=True
        Whether to say who is in which tree, and to compare with the next best; what is
        left out is None.

    Returns
    -------
    rows : ReplayedRows
    """
    n_trees, n_records, _ = ratio.shape
    if not draws.known:
        return _unknown_rows(ratio, draws, share, inside)
    drawn = draws.counts[:, :, None] == np.arange(1, LARGEST_COUNT + 1)
    drawn = drawn.reshape(draws.n_rows, -1).astype(np.float32)
    flat = ratio.transpose(1, 0, 2).reshape(n_records, -1)
    step = max(1, BLOCK // max(draws.n_rows, 1))
    score, best = np.empty(n_records), np.empty(n_records)
    row = np.empty(n_records, dtype=int)
    margin = np.empty(n_records) if rivals else None
    shape = n_trees, n_records
    chance = np.empty(shape, dtype=np.float32) if inside else None
    leaders = _Leaders(draws.n_rows) if rivals else None
    odds = np.log(share / (1 - share)) - np.log(draws.n_rows)
    for start in range(0, n_records, step):
        part = slice(start, start + step)
        total = flat[part] @ drawn.T
        row[part] = total.argmax(axis=1)
        top = np.take_along_axis(total, row[part, None], axis=1)
        likely = np.exp(total - top)
        all_likely = likely.sum(axis=1, dtype=float)
        best[part] = top[:, 0]
        score[part] = best[part] + np.log(all_likely) - np.log(draws.n_rows)
        if chance is not None:
            mass = likely, all_likely, best[part] + odds
            chance[:, part] = _cavity(mass, flat[part], drawn, n_trees)
        if margin is not None and leaders is not None:
            margin[part] = best[part] - _next_best(total, row[part])
            leaders.add(total, start)
    lead = np.clip(best - leaders.rival(row), -1e3, 1e3) if leaders else None
    return ReplayedRows(score, row, margin, lead, chance)


def _next_best(total, row):
    """Second largest number of each line, given the place of the largest."""
    if total.shape[1] < 2:
        return total[:, 0]
    lines = np.arange(len(total))
    largest = total[lines, row]
    total[lines, row] = -np.inf
    second = total.max(axis=1)
    total[lines, row] = largest
    return second


class _Leaders:
    """The two records that fit each row best."""

    def __init__(self, n_rows):
        self._first = np.full(n_rows, -np.inf)
        self._second, self._who = self._first.copy(), np.full(n_rows, -1)

    def add(self, total, start):
        """Take in more records; `total` is spoiled."""
        rows = np.arange(total.shape[1])
        for _ in range(min(2, len(total))):
            name = total.argmax(axis=0)
            value = total[name, rows]
            total[name, rows] = -np.inf
            better = value > self._first
            second = np.maximum(self._second, value)
            self._second = np.where(better, self._first, second)
            self._who = np.where(better, name + start, self._who)
            self._first = np.where(better, value, self._first)

    def rival(self, row):
        """How well the best of the other records fits the row of each record."""
        own = self._who[row] == np.arange(len(row))
        return np.where(own, self._second[row], self._first[row])


def _cavity(mass, flat, drawn, n_trees):
    """Probability that a tree has each record, without that tree's own evidence.

    Parameters
    ----------
    mass : tuple of ndarray
        How likely the record is each row, over the best; the sum of that over the rows;
        the log-odds of the best.

    flat, drawn : ndarray
        Evidence and draws.

    n_trees : int
        Trees.

    Returns
    -------
    inside : ndarray of shape (n_trees, n_records)
    """
    likely, all_likely, best = mass
    # Next to nothing is nothing: numbers too small to be normal are very slow.
    likely[likely < SMALLEST] = 0
    shape = (len(flat), n_trees, LARGEST_COUNT)
    inside = (likely @ drawn).reshape(shape)
    out = np.maximum(all_likely[:, None] - inside.sum(axis=2), 0)
    out += np.exp(-np.clip(best, -80, None))[:, None]
    inside = inside * np.exp(-np.clip(flat.reshape(shape), LEAST, None))
    inside = inside.sum(axis=2, dtype=float)
    return np.clip(inside / (inside + out), 1e-9, 1 - 1e-9).T


#: Likelihood over that of the best row below which a row is left aside.
SMALLEST = 1e-15


def _unknown_rows(ratio, draws, share, inside):
    """Without draws: any row may be in any tree, with the same chance."""
    log_in = np.log(draws.inside)[:, None]
    with np.errstate(divide="ignore"):
        log_out = np.log1p(-draws.inside)[:, None]
    each = np.logaddexp(log_in + ratio[..., 0], log_out)
    score = each.sum(axis=0)
    n_records = ratio.shape[1]
    chance = None
    if inside:
        cavity = (score - each) + np.log(share / (1 - share))
        chance = draws.inside[:, None] / (1 + np.exp(-np.clip(cavity, -50, 50)))
        chance = np.clip(chance, 1e-9, 1 - 1e-9)
    nobody = np.full(n_records, -1)
    zeros = np.zeros(n_records)
    return ReplayedRows(score, nobody, zeros, zeros.copy(), chance)
