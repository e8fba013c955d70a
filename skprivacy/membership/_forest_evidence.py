"""All that the inside of a model of trees says of records, one column a piece."""

from dataclasses import replace

import numpy as np
from sklearn.frozen import FrozenEstimator

from skprivacy.inspection import read_trees
from skprivacy.inspection._bootstrap import replay_bootstrap, tells_classes
from skprivacy.inspection._draws import draws_of
from skprivacy.inspection._edge_ratio import edge_log_ratio
from skprivacy.inspection._leaf_equations import has_equations
from skprivacy.inspection._walk import with_usual_counts
from skprivacy.membership._equation_score import SolvedMembership
from skprivacy.membership._replay_ratio import (
    replay_rows,
    split_again,
    tree_ratios,
)
from skprivacy.records import as_model_input, join_records
from skprivacy.shadow._store import in_blocks
from skprivacy.signals import ask, compute_signal
from skprivacy.targets import check_target

__all__ = ["EVIDENCE", "Candidates", "forest_evidence"]

#: Names of the columns.
EVIDENCE = (
    "replay",
    "replay_split",
    "leaf",
    "split",
    "margin",
    "lead",
    "supported",
    "contradicted",
    "density",
    "edges",
    "solved",
    "logit",
)


class Candidates:
    """A list of records compared with the inside of a model.

    Parameters
    ----------
    model : fitted estimator
        A model that holds trees.

    X : DataFrame or ndarray of shape (n_records, n_features)
        Features of the candidates.

    truth : ndarray of shape (n_records,)
        Position of each label among the classes, or the true value.

    replay : BootstrapCounts or None, default=None
        Who was drawn for each tree, where it is known.

    splits : bool, default=True
        Whether to read thresholds.

    counts : bool, default=True
        Whether to read the counts of the nodes, where they are told.
    """

    def __init__(self, model, X, truth, replay=None, splits=True, counts=True):
        read = ensemble = read_trees(model)
        self.values, self.truth = ensemble.transform(X), truth
        self.tells_counts = counts and ensemble.tells_counts
        if not self.tells_counts:
            read = without_counts(ensemble)
            ensemble = with_usual_counts(ensemble, self.values, USUAL_SHARE)
        self.ensemble = ensemble
        self.draws = draws_of(self.ensemble, replay)
        self.share = np.clip(self.draws.n_rows / max(len(truth), 1), 0.01, 0.5)
        ratios = tree_ratios(self.ensemble, self.values, truth, self.draws, splits)
        told = ratios.split.sum(axis=0)
        n_passes = PASSES if ratios.tables else 0
        self.alone = self._replay(ratios.leaf, rivals=not n_passes)
        self.rows = self.alone
        for i in range(n_passes):
            if i:
                ratios = split_again(ratios, self.rows.inside)
            last = i == n_passes - 1
            both = ratios.leaf + ratios.split[..., None]
            self.rows = self._replay(both, inside=not last, rivals=last)
        self.leaf, self.split = ratios.leaf, ratios.split
        self.edges = np.zeros(len(truth))
        if splits and self.ensemble.edges is not None:
            edges = self.ensemble.edges
            self.edges = edge_log_ratio(edges, self.values, self.share)
        self._solved = None
        if has_equations(read):
            self._solved = solve_leaves(read, self.values, truth, told + self.edges)

    def _replay(self, ratio, inside=False, rivals=True):
        return replay_rows(ratio, self.draws, self.share, inside=inside, rivals=rivals)

    @property
    def has_equations(self):
        """Whether the leaves were solved as equations."""
        return self._solved is not None

    def further(self, X, truth):
        """Compare other records with the candidates, by the counts of the leaves.

        Parameters
        ----------
        X : DataFrame or ndarray of shape (n_records, n_features)
            Features.

        truth : ndarray of shape (n_records,)
            As for the candidates.

        Returns
        -------
        leaf : ndarray of shape (n_trees, n_records, n_counts)
            Evidence of the leaves.

        rows : ReplayedRows
        """
        n = len(self.truth)
        values = np.concatenate([self.values, self.ensemble.transform(X)])
        label = np.concatenate([self.truth, truth])
        leaf = tree_ratios(
            self.ensemble, values, label, self.draws, splits=False, n_candidates=n
        ).leaf[:, n:]
        return leaf, self._replay(leaf)

    def columns(self):
        """Evidence on the candidates, all of :data:`EVIDENCE` but the logit.

        Returns
        -------
        columns : ndarray of shape (n_records, n_columns)
        """
        solved = (
            np.zeros(len(self.truth)) if self._solved is None else self._solved.score
        )
        evidence = self.leaf, self.split, self.alone, self.rows
        return self._columns(*evidence, self.edges, solved)

    def further_columns(self, X, truth):
        """Evidence on other records, as :meth:`columns`.

        Parameters
        ----------
        X, truth : table and array
            As for :meth:`further`.

        Returns
        -------
        columns : ndarray of shape (n_records, n_columns)
        """
        leaf, rows = self.further(X, truth)
        no_split, nothing = np.zeros(leaf.shape[:2]), np.zeros(len(truth))
        solved = nothing
        if self._solved is not None:
            values, label = self.ensemble.transform(X), _known_labels(truth)
            solved = self._solved.score_others(values, label, nothing)
        return self._columns(leaf, no_split, rows, rows, nothing, solved)

    def _columns(self, leaf, split, alone, rows, edges, solved):
        inside = self.draws.inside[:, None]
        with np.errstate(divide="ignore"):
            out = np.log1p(-inside)

        def over_trees(part):
            # Mass of each multiplicity is all on one draw where the draws are unknown.
            best, cut = leaf[:, part].max(axis=2), split[:, part]
            each = np.logaddexp(np.log(inside) + best + cut, out)
            return (
                each.mean(axis=0),
                np.clip(cut, -2, 2).mean(axis=0),
                (cut > 0.5).mean(axis=0),
                (cut < -2).mean(axis=0),
                best.mean(axis=0),
            )

        told = in_blocks(over_trees, *split.shape)
        each, cut, supported, contradicted, density = told
        return np.column_stack(
            [
                alone.score,
                rows.score,
                each,
                cut,
                rows.margin,
                rows.lead,
                supported,
                contradicted,
                density,
                edges,
                solved,
            ]
        )


def without_counts(ensemble):
    """Return an ensemble whose nodes no longer tell how many rows they hold.

    Parameters
    ----------
    ensemble : TreeEnsemble
        The trees.

    Returns
    -------
    ensemble : TreeEnsemble
    """
    trees = [
        replace(nodes, n_samples=np.zeros_like(nodes.n_samples))
        for nodes in ensemble.trees
    ]
    return replace(ensemble, trees=tuple(trees))


def solve_leaves(ensemble, values, truth, told):
    """Solve the equations of all leaves, next to what the thresholds tell.

    Parameters
    ----------
    ensemble : TreeEnsemble
        A model that has equations.

    values : ndarray of shape (n_candidates, n_columns)
        What the trees compare.

    truth : ndarray of shape (n_candidates,)
        Number of the class, or the target.

    told : ndarray of shape (n_candidates,)
        Log-likelihood ratio from thresholds and edges.

    Returns
    -------
    solved : SolvedMembership
    """
    n = len(truth)
    n_rows = ensemble.trees[0].n_samples[0] if ensemble.tells_counts else n / 2
    share = np.clip(n_rows / n, 0.01, 0.9)
    n_labels = ensemble.trees[0].value.shape[1] if tells_classes(ensemble.model) else 1
    label = _known_labels(truth)
    return SolvedMembership(ensemble, values, label, told, share, n_labels)


def _known_labels(truth):
    """Take a label that the model does not know for its first one."""
    return np.maximum(truth, 0) if truth.dtype.kind in "iu" else truth


#: Share of the candidates that are taken to be members where nothing tells.
USUAL_SHARE = 0.5

#: Readings of the thresholds; a third changes nothing.
PASSES = 2


def forest_evidence(model, X, y, candidates=None, *, seed="auto"):
    """Lay out what the trees of a model say of records, for a classifier of members.

    Parameters
    ----------
    model : fitted estimator
        A model whose trees can be read.

    X : DataFrame or ndarray of shape (n_records, n_features)
        Features of the records.

    y : ndarray of shape (n_records,)
        Their labels.

    candidates : tuple (X, y) or None, default=None
        Records among whom the training rows are, with whom each record is compared by
        the counts of leaves. None: the records themselves.

    seed : "auto" or int, default="auto"
        For :func:`~skprivacy.inspection.replay_bootstrap`.

    Returns
    -------
    evidence : ndarray of shape (n_records, n_evidence)

    names : tuple of str
        Names of the columns.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> model = RandomForestClassifier(5, random_state=0).fit(X[::2], y[::2])
    >>> evidence, names = forest_evidence(model, X, y)
    >>> evidence.shape, names[:2]
    ((150, 12), ('replay', 'replay_split'))
    """
    box = check_target(FrozenEstimator(model))
    answers, truth = _answers(box, X, y)
    replay = replay_bootstrap(model, seed)
    if candidates is None:
        known = Candidates(model, as_model_input(X, box), truth, replay)
        columns = known.columns()
    else:
        first, first_truth = candidates[0], _answers(box, *candidates)[1]
        known = Candidates(model, as_model_input(first, box), first_truth, replay)
        columns = known.further_columns(as_model_input(X, box), truth)
    return np.column_stack([columns, logit_of(box, answers, truth)]), EVIDENCE


def _answers(box, X, y):
    asked = ask(box, join_records(X, np.asarray(y), "__label__"), -1)
    return asked.answers, asked.truth


def logit_of(box, answers, truth):
    """How sure the model is of a record's label, or how near to its value.

    Parameters
    ----------
    box : BlackBox
        The model.

    answers, truth : ndarray
        From :func:`~skprivacy.signals.ask`.

    Returns
    -------
    logit : ndarray of shape (n_records,)
    """
    response = box.response_
    if response == "value":
        return compute_signal("absolute_residual", answers, truth, response)
    name = "correctness" if response == "label" else "confidence"
    confidence = np.clip(compute_signal(name, answers, truth, response), 1e-3, 1 - 1e-3)
    return np.log(confidence / (1 - confidence))
