"""What the inside of a model of trees says of the completions of a record."""

import numpy as np
import pandas as pd
from scipy.special import logsumexp
from sklearn.ensemble import (
    BaseEnsemble,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
)
from sklearn.frozen import FrozenEstimator
from sklearn.tree import BaseDecisionTree

from skprivacy.attribute._evidence import on_the_grid, over_the_rest
from skprivacy.inspection import read_trees, replay_bootstrap
from skprivacy.inspection._bootstrap import tells_classes
from skprivacy.inspection._draws import (
    class_units,
    draws_of,
    expected_by_count,
    rows_by_count,
)
from skprivacy.inspection._multiplicity import LARGEST_COUNT
from skprivacy.inspection._walk import leaf_of
from skprivacy.records import as_model_input
from skprivacy.signals import truth_of
from skprivacy.targets import check_target

__all__ = ["TREE_EVIDENCE", "TreeReader", "tree_evidence"]

#: Names of the columns of :meth:`TreeReader.evidence`.
TREE_EVIDENCE = (
    "row",
    "row, over the rest",
    "row, the largest",
    "purity",
    "purity, over the rest",
    "density",
    "density, over the rest",
    "contradictions",
    "contradictions, over the rest",
    "trees that tell",
)

#: What a leaf in which the record can't be counts for, in nats.
LEAST = -12.0

#: Evidence below which a tree contradicts, in nats.
CONTRADICTS = -6.0

#: Strangers that are added to each leaf, so that none is impossible.
FEWEST = 0.5

#: Numbers in one block of records times rows.
BLOCK = 20_000_000


class TreeReader:
    """Follows completed records through the trees of a model.

    Parameters
    ----------
    model : fitted estimator
        A model whose trees can be read.

    X : DataFrame or ndarray of shape (n_own, n_features)
        The attacker's own complete records.

    y : ndarray of shape (n_own,)
        Their labels.

    stranger : ndarray of bool of shape (n_own,)
        Which of them the model was not trained on.

    replayed : bool, default=True
        Whether to draw the bootstrap samples again, if that can be done.

    Attributes
    ----------
    draws : Draws
        Who was in which tree, as far as it is known.
    """

    def __init__(self, model, X, y, stranger, replayed=True):
        self._box = check_target(FrozenEstimator(model))
        self._ensemble = read_trees(model)
        replay = replay_bootstrap(model) if replayed else None
        self.draws = draws_of(self._ensemble, replay)
        values = self._ensemble.transform(as_model_input(X, self._box))
        self._own_truth = truth_of(y, self._box)
        self._n_strangers = stranger.sum()
        self._stranger = stranger
        self._kind = _kind_of(self._ensemble)
        unit = class_units(self._ensemble) if self._kind == "classes" else None
        self._slack = 0.0
        if self._kind == "means":
            self._slack = 1e-6 * (np.var(self._own_truth) + 1e-12)
        self._tables = []
        for t, nodes in enumerate(self._ensemble.trees):
            at = leaf_of(nodes, self._ensemble.tree_values(nodes, values))
            n_drawn = np.maximum(rows_by_count(self.draws, t), 1)
            self._tables.append(self._read(nodes, at, n_drawn, unit))

    def evidence(self, completions, y, own=False):
        """Lay out what speaks for each completion, as :func:`tree_evidence` does.

        Parameters
        ----------
        completions, y, own
            As :meth:`read` takes them.

        Returns
        -------
        evidence : ndarray of shape (n_records, n_candidates, n_columns)
            Columns as in `TREE_EVIDENCE`.
        """
        return tree_evidence(self.read(completions, y, own))

    def read(self, completions, y, own=False):
        """Read what speaks for each completion.

        Parameters
        ----------
        completions : list of DataFrame or ndarray of shape (n_records, n_features)
            The records, completed with each candidate value.

        y : ndarray of shape (n_records,) or None
            Their labels, if they are known.

        own : bool, default=False
            Whether they are the own records, in their order; each of them is left out
            of the strangers that it is compared with.

        Returns
        -------
        read : ndarray of shape (n_records, n_candidates, n_columns)
            What :func:`tree_evidence` takes.
        """
        truth = None if y is None else truth_of(y, self._box)
        n_records, n_candidates = len(completions[0]), len(completions)
        # All at once: a pipeline takes its time for each table, however short.
        stacked = as_model_input(_stacked(completions), self._box)
        values = np.split(self._ensemble.transform(stacked), n_candidates)
        shape = n_records, n_candidates
        row = np.empty(shape)
        density, purity, against = np.empty(shape), np.empty(shape), np.empty(shape)
        tells = np.zeros(n_records)
        n_trees = len(self._ensemble.trees)
        step = max(1, BLOCK // (n_candidates * n_trees * LARGEST_COUNT))
        for start in range(0, n_records, step):
            part = slice(start, min(start + step, n_records))
            block = [v[part] for v in values]
            of = None if truth is None else truth[part]
            ratio, log_share, differs = self._follow(block, of, own, part)
            purity[part], tells[part] = log_share.mean(axis=0), differs.mean(axis=0)
            density[part] = self._density(ratio)
            for c in range(n_candidates):
                found = row_score(ratio[:, :, c], self.draws)
                row[part, c], against[part, c] = found
        tells = np.broadcast_to(tells[:, None], shape)
        return np.stack([row, purity, density, against, tells], axis=-1)

    def _follow(self, values, truth, own, part):
        """Evidence of each tree, (n_trees, n_records, n_candidates, LARGEST_COUNT)."""
        n_trees, n_records = len(self._tables), len(values[0])
        shape = n_trees, n_records, len(values)
        ratio = np.empty((*shape, LARGEST_COUNT), dtype=np.float32)
        log_share = np.empty(shape, dtype=np.float32)
        differs = np.empty((n_trees, n_records), dtype=bool)
        stacked = np.concatenate(values)
        label = None if truth is None else np.tile(truth, len(values))
        for t, (nodes, table) in enumerate(
            zip(self._ensemble.trees, self._tables, strict=True)
        ):
            at = leaf_of(nodes, self._ensemble.tree_values(nodes, stacked))
            itself = None
            if own:
                here = np.tile(table.at[part], len(values)) == at
                itself = here & np.tile(self._stranger[part], len(values))
            found, share = self._look_up(nodes, table, at, label, itself)
            ratio[t] = found.reshape(len(values), n_records, -1).swapaxes(0, 1)
            log_share[t] = share.reshape(len(values), n_records).T
            at = at.reshape(len(values), n_records)
            differs[t] = (at != at[0]).any(axis=0)
        return ratio, log_share, differs

    def _look_up(self, nodes, table, at, label, itself):
        if self._kind == "means" and label is not None:
            return self._look_up_mean(nodes, table, at, label, itself)
        n_columns = table.inside.shape[1]
        code = np.full(len(at), n_columns - 1)
        known = np.ones(len(at), dtype=bool)
        if self._kind == "classes" and label is not None:
            known = (label >= 0) & (label < n_columns - 1)
            code = np.where(known, label, 0).astype(int)
        there = table.strangers[at, code].astype(float)
        if itself is not None:
            there -= itself
        ratio = self._ratio(table.inside[at, code], there[:, None])
        ratio[~known] = LEAST
        return ratio, table.log_share[at, code]

    def _look_up_mean(self, nodes, table, at, label, itself):
        fits = self._fits(nodes, at, label)
        there = table.fitting[at].astype(float)
        if itself is not None:
            there -= itself[:, None] & fits
        ratio = self._ratio(table.inside[at, 0], there)
        spread = table.spread[at]
        gap = (label - nodes.value[at, 0]) ** 2
        log_share = -0.5 * (gap / spread + np.log(spread))
        return np.where(fits, ratio, LEAST), log_share

    def _ratio(self, inside, there):
        """Log-chance of the leaf for a row, over that for a stranger."""
        n = max(self._n_strangers, 1)
        with np.errstate(divide="ignore"):
            ratio = np.log(inside) - np.log((np.maximum(there, 0) + FEWEST) / n)
        return np.maximum(ratio, LEAST)

    def _read(self, nodes, at, n_drawn, unit):
        n_nodes = len(nodes.feature)
        stranger = self._stranger
        known = self.draws.known
        total = np.rint(nodes.weight).astype(int)
        if self._kind == "classes":
            n_classes = nodes.value.shape[1]
            weight = nodes.value * nodes.weight[:, None] / unit
            by_class = np.rint(weight).astype(int)
            total = by_class.sum(axis=1)
            owns = [*by_class.T, total]
            share = np.column_stack(owns) + 0.5
            log_share = np.log(share / share[:, -1:])
            code = self._own_truth
            usual = (code >= 0) & (code < n_classes)
        else:
            owns, log_share = [total], np.zeros((n_nodes, 1))
            code, usual = np.zeros(len(at), dtype=int), np.zeros(len(at), dtype=bool)
        inside = np.stack(
            [expected_by_count(nodes.n_samples, w, total - w, known) for w in owns],
            axis=1,
        )
        strangers = np.zeros((n_nodes, len(owns)), dtype=np.int32)
        np.add.at(strangers, (at[stranger & usual], code[stranger & usual]), 1)
        strangers[:, -1] = np.bincount(at[stranger], minlength=n_nodes)
        fitting = spread = None
        if self._kind == "means":
            fits = self._fits(nodes, at, self._own_truth) & stranger[:, None]
            fitting = np.zeros((n_nodes, LARGEST_COUNT), dtype=np.int32)
            np.add.at(fitting, at, fits)
            least = 0.01 * np.var(self._own_truth) + 1e-12
            known_spread = 0.0 if nodes.impurity is None else nodes.impurity
            spread = np.zeros(n_nodes) + known_spread + least
        return _Table(
            at,
            (inside / n_drawn).astype(np.float32),
            strangers,
            log_share,
            fitting,
            spread,
        )

    def _fits(self, nodes, at, label):
        """Whether a record of this label, drawn k times, can be in each leaf."""
        k = np.arange(1, LARGEST_COUNT + 1)
        if nodes.impurity is None:
            return np.ones((len(at), LARGEST_COUNT), dtype=bool)
        weight = np.rint(nodes.weight)[at]
        gap = (label - nodes.value[at, 0]) ** 2
        # The others must pull the mean back: k d^2 w / (w - k) is at most w s^2.
        room = nodes.impurity[at][:, None] * (weight[:, None] / k - 1)
        return gap[:, None] <= np.maximum(room, 0) * (1 + 1e-6) + self._slack

    def _density(self, ratio):
        """Mean over trees of how much likelier a row is to be there than a stranger."""
        inside = self.draws.inside[:, None, None]
        with np.errstate(divide="ignore"):
            out = np.log1p(-inside)
        return np.logaddexp(np.log(inside) + ratio.max(axis=-1), out).mean(axis=0)


def tree_evidence(read, steps=None):
    """Lay out what speaks for each completion, beside the record's others.

    Parameters
    ----------
    read : ndarray of shape (n_records, n_candidates, 5)
        From :meth:`TreeReader.read`: for the best row, purity, density, contradictions,
        and how many trees tell the candidates apart.

    steps : ndarray of int of shape (n_records, n_candidates) or None, default=None
        Step of each candidate, where several stand for a step of a grid.

    Returns
    -------
    evidence : ndarray of shape (n_records, n_candidates, n_columns)
        Columns as in `TREE_EVIDENCE`.
    """
    row, purity, density, against, tells = np.moveaxis(read, -1, 0)
    largest = logsumexp(on_the_grid(row, steps), axis=1, keepdims=True)
    columns = [
        row,
        over_the_rest(row, steps),
        np.broadcast_to(largest, row.shape),
        purity,
        over_the_rest(purity, steps),
        density,
        over_the_rest(density, steps),
        against,
        over_the_rest(-against, steps),
        np.broadcast_to(on_the_grid(tells, steps)[:, :1], row.shape),
    ]
    return np.stack(columns, axis=-1)


def _stacked(tables):
    if isinstance(tables[0], pd.DataFrame):
        return pd.concat(tables, ignore_index=True)
    return np.concatenate(tables)


class _Table:
    """What is counted once of the nodes of a tree."""

    def __init__(self, at, inside, strangers, log_share, fitting, spread):
        self.at, self.inside, self.strangers = at, inside, strangers
        self.log_share, self.fitting, self.spread = log_share, fitting, spread


def row_score(ratio, draws):
    """Compare a completion with each training row.

    Parameters
    ----------
    ratio : ndarray of shape (n_trees, n_records, LARGEST_COUNT)
        Log-likelihood ratio of each tree, by how often the row was drawn.

    draws : Draws
        How often each was.

    Returns
    -------
    score : ndarray of shape (n_records,)
        Log of the mean likelihood ratio over the rows.

    against : ndarray of shape (n_records,)
        How many of the trees that drew the row of best fit contradict.
    """
    n_trees, n_records, _ = ratio.shape
    if not draws.known:
        log_in = np.log(draws.inside)[:, None]
        with np.errstate(divide="ignore"):
            log_out = np.log1p(-draws.inside)[:, None]
        each = np.logaddexp(log_in + ratio[..., 0], log_out)
        return each.sum(axis=0), (ratio[..., 0] < CONTRADICTS).sum(axis=0)
    drawn = draws.counts[:, :, None] == np.arange(1, LARGEST_COUNT + 1)
    drawn = drawn.reshape(draws.n_rows, -1).astype(np.float32)
    flat = np.ascontiguousarray(ratio.transpose(1, 0, 2)).reshape(n_records, -1)
    score, against = np.empty(n_records), np.empty(n_records)
    step = max(1, BLOCK // draws.n_rows)
    for start in range(0, n_records, step):
        part = slice(start, start + step)
        total = flat[part] @ drawn.T
        best = total.argmax(axis=1)
        top = total.max(axis=1, keepdims=True)
        score[part] = top[:, 0] + np.log(np.exp(total - top).sum(axis=1))
        bad = flat[part] < CONTRADICTS
        against[part] = (bad * drawn[best]).sum(axis=1)
    return score - np.log(draws.n_rows), against


def _kind_of(ensemble):
    """Whether leaves hold shares of classes, means of labels, or steps of boosting."""
    model, value = ensemble.model, ensemble.trees[0].value
    if tells_classes(model):
        shares = value.shape[1] > 1 and np.allclose(value.sum(axis=1), 1)
        return "classes" if shares else "steps"
    averages = getattr(model, "criterion", "squared_error") in MEAN_CRITERIA
    boosted = isinstance(model, BOOSTED) or not isinstance(
        model, BaseEnsemble | BaseDecisionTree
    )
    # The trees of a model of a transformed target average what is not the label.
    plain = averages and not boosted and not hasattr(ensemble.outer, "regressor_")
    return "means" if plain and value.shape[1] == 1 else "steps"


#: Criteria under which a leaf keeps the mean and the variance of its labels.
MEAN_CRITERIA = ("squared_error", "friedman_mse")

#: Models whose trees are trained on something else than the labels.
BOOSTED = (GradientBoostingClassifier, GradientBoostingRegressor)
