"""What each threshold of a tree tells about the records whose path it is on.

A tree of scikit-learn puts a threshold in the middle between two neighboring training
values of the node, to the last bit. Two candidates that reach the node and whose values
have that middle may be the two; a candidate strictly between them was not there.
"""

from typing import NamedTuple

import numpy as np

from skprivacy.inspection._trees import TreeNodes
from skprivacy.inspection._walk import Passages, walk_tree

__all__ = [
    "NodeValues",
    "Ranks",
    "SplitPairs",
    "node_values",
    "share_of_middles",
    "shared_ranks",
    "split_evidence",
    "split_pairs",
]


class Ranks:
    """Distinct values of each column, so that values compare as integers.

    Parameters
    ----------
    values : ndarray of shape (n_records, n_columns)
        The candidates.
    """

    def __init__(self, values):
        self.distinct = [np.unique(column) for column in values.T.astype(float)]
        self.distinct = [known[~np.isnan(known)] for known in self.distinct]
        #: Codes of one column lie below it.
        self.size = 2 * max([len(known) for known in self.distinct], default=0) + 2

    def of(self, values):
        """Codes of values: odd for a candidate's value, even between two of them.

        Parameters
        ----------
        values : ndarray of shape (n_records, n_columns)
            Any values; NaN gets a code of no meaning.

        Returns
        -------
        codes : ndarray of int of shape (n_records, n_columns)
        """
        codes = np.zeros(values.shape, dtype=np.int64)
        for j in range(len(self.distinct)):
            codes[:, j] = self.of_column(j, values[:, j].astype(float))
        return codes

    def of_column(self, column, value):
        """Codes of values of one column.

        Parameters
        ----------
        column : int
            The column.

        value : ndarray of float of shape (n_values,)
            Values.

        Returns
        -------
        code : ndarray of int of shape (n_values,)
        """
        known = self.distinct[column]
        if not len(known):
            return np.zeros(len(value), dtype=np.int64)
        at = np.searchsorted(known, value)
        return 2 * at + (known[np.minimum(at, len(known) - 1)] == value)


def shared_ranks(ensemble, values):
    """Rank the candidates once, where all trees compare the same values.

    Parameters
    ----------
    ensemble : TreeEnsemble
        From :func:`read_trees`.

    values : ndarray of shape (n_records, n_columns)
        Candidates, as ``ensemble.transform`` returns them.

    Returns
    -------
    ranked : tuple of Ranks and ndarray, or None
        The ranks, and the codes of the candidates; None where the trees have columns
        or steps of their own.
    """
    if any(nodes.columns is not None or nodes.steps for nodes in ensemble.trees):
        return None
    ranks = Ranks(values)
    return ranks, ranks.of(values)


class NodeValues(NamedTuple):
    """The values that meet at each inner node, sorted within the node.

    Parameters
    ----------
    record, group : ndarray of int of shape (n_passages,)
        Passages through inner nodes, sorted by node and value, none with a missing
        value: the record, and which distinct value of the node it has there.

    node : ndarray of int of shape (n_groups,)
        Node of each distinct value.

    value : ndarray of float of shape (n_groups,)
        The value itself; ascending within a node.

    key : ndarray of int of shape (n_groups,)
        Node and code of the value in one number; ascending.

    start : ndarray of int of shape (n_groups,)
        First passage of each distinct value.
    """

    record: np.ndarray
    group: np.ndarray
    node: np.ndarray
    value: np.ndarray
    key: np.ndarray
    start: np.ndarray


class SplitPairs(NamedTuple):
    """Pairs of distinct values with the threshold exactly in their middle.

    Parameters
    ----------
    node : ndarray of int of shape (n_pairs,)
        Node of each pair, ascending; the pairs of a node are nested, the innermost
        first.

    low, high : ndarray of int of shape (n_pairs,)
        The two distinct values, as groups of :class:`NodeValues`.
    """

    node: np.ndarray
    low: np.ndarray
    high: np.ndarray


def node_values(
    nodes: TreeNodes, values: np.ndarray, passages: Passages, ranks: Ranks, codes=None
) -> NodeValues:
    """Sort the values that meet at each inner node.

    Parameters
    ----------
    nodes : TreeNodes
        The tree.

    values : ndarray of shape (n_records, n_columns)
        What the tree compares.

    passages : Passages
        Of the same records, from :func:`walk_tree`.

    ranks : Ranks
        Of the same records.

    codes : ndarray of int or None, default=None
        ``ranks.of(values)``, where it is known already.

    Returns
    -------
    table : NodeValues
    """
    codes = ranks.of(values) if codes is None else codes
    record, node = passages.record, passages.node
    inner = ~np.isnan(nodes.threshold)[node]
    record, node = record[inner], node[inner]
    column = nodes.feature[node]
    known = ~np.isnan(values[record, column])
    record, node, column = record[known], node[known], column[known]
    code = node * ranks.size + codes[record, column]
    # Sorting numbers is several times as fast as sorting their places.
    packed = np.sort(code * len(values) + record)
    # Dividing by one number is quick; np.divmod is not.
    key = packed // max(len(values), 1)
    record = packed - key * len(values)
    new = np.ones(len(key), dtype=bool)
    new[1:] = key[1:] != key[:-1]
    start = np.flatnonzero(new)
    node = key[start] // ranks.size
    value = values[record[start], nodes.feature[node]].astype(float)
    return NodeValues(record, np.cumsum(new) - 1, node, value, key[start], start)


def split_pairs(nodes: TreeNodes, table: NodeValues, ranks: Ranks) -> SplitPairs:
    """Find all pairs of distinct values whose middle is the threshold of their node.

    Parameters
    ----------
    nodes : TreeNodes
        The tree.

    table : NodeValues
        The values at its nodes.

    ranks : Ranks
        Of the same records.

    Returns
    -------
    pairs : SplitPairs
    """
    left = np.flatnonzero(table.value <= nodes.threshold[table.node])
    which, high = partners(nodes, table, ranks, table.node[left], table.value[left])
    low = left[which]
    order = np.lexsort((-low, table.node[low]))
    low, high = low[order], high[order]
    return SplitPairs(table.node[low], low, high)


def partners(nodes, table, ranks, node, value):
    """Find the candidates' values that have the threshold in the middle with a value.

    Parameters
    ----------
    nodes : TreeNodes
        The tree.

    table : NodeValues
        The candidates' values.

    ranks : Ranks
        Of the candidates.

    node : ndarray of int of shape (n_values,)
        An inner node.

    value : ndarray of float of shape (n_values,)
        A value at that node.

    Returns
    -------
    which : ndarray of int of shape (n_found,)
        Position of each value that has a partner.

    partner : ndarray of int of shape (n_found,)
        The partner, as a group of `table`.
    """
    found, keys = [], []
    column = nodes.feature[node]
    order = np.argsort(column, kind="stable")
    ends = np.searchsorted(column[order], np.arange(len(ranks.distinct) + 1))
    for j in np.unique(column):
        here, known = order[ends[j] : ends[j + 1]], ranks.distinct[j]
        if not len(known):
            continue
        x, threshold = value[here], nodes.threshold[node[here]]
        at = np.searchsorted(known, 2 * threshold - x)
        # Rounding may put the mirrored value one place off.
        for shift in (-1, 0):
            place = np.clip(at + shift, 0, len(known) - 1)
            fits = is_middle(x, known[place], threshold) & (place == at + shift)
            found.append(here[fits])
            keys.append(node[here[fits]] * ranks.size + 2 * place[fits] + 1)
    if not found:
        return np.zeros(0, dtype=int), np.zeros(0, dtype=int)
    which, key = np.concatenate(found), np.concatenate(keys)
    group = np.minimum(np.searchsorted(table.key, key), max(len(table.key) - 1, 0))
    there = table.key[group] == key
    return which[there], group[there]


def is_middle(a, b, threshold):
    """Whether a threshold was made from two values, one on each side.

    Parameters
    ----------
    a, b : ndarray of float
        Values.

    threshold : ndarray of float
        Their middle to the last bit, or the next larger number, where LightGBM puts it.

    Returns
    -------
    fits : ndarray of bool

    Examples
    --------
    >>> is_middle(np.array([1.0, 2.0]), np.array([4.0, 4.0]), np.array([2.5, 2.5]))
    array([ True, False])
    """
    middle = a / 2 + b / 2
    fits = (middle == threshold) | ((a + b) / 2 == threshold)
    fits |= np.nextafter(middle, np.inf) == threshold
    return fits & ((a <= threshold) != (b <= threshold))


def share_of_middles(ensemble, values: np.ndarray) -> float:
    """Share of all thresholds that lie in the middle of two candidates' values.

    It is 1 where all training rows are among the candidates and the thresholds are as
    training left them. Integer columns have such pairs by chance too.

    Parameters
    ----------
    ensemble : TreeEnsemble
        From :func:`read_trees`.

    values : ndarray of shape (n_records, n_columns)
        Candidates, as ``ensemble.transform`` returns them.

    Returns
    -------
    share : float
        0 for trees without a split.

    Examples
    --------
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skprivacy.inspection import read_trees
    >>> trees = read_trees(DecisionTreeClassifier().fit([[1], [4]], [0, 1]))
    >>> share_of_middles(trees, np.array([[1.0], [2.0], [4.0]]))
    1.0
    >>> share_of_middles(trees, np.array([[1.0], [2.0]]))
    0.0
    """
    n_fit = n_splits = 0
    shared = shared_ranks(ensemble, values)
    for nodes in ensemble.trees:
        seen = ensemble.tree_values(nodes, values)
        ranks, codes = (Ranks(seen), None) if shared is None else shared
        table = node_values(nodes, seen, walk_tree(nodes, seen), ranks, codes)
        n_fit += len(np.unique(split_pairs(nodes, table, ranks).node))
        n_splits += int(np.sum(~np.isnan(nodes.threshold)))
    return n_fit / n_splits if n_splits else 0.0


def split_evidence(
    nodes: TreeNodes, values: np.ndarray, passages: Passages | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Count what the thresholds of one tree say for and against each record.

    Parameters
    ----------
    nodes : TreeNodes
        The tree; its thresholds lie in the middle of two training values.

    values : ndarray of shape (n_records, n_columns)
        What the tree compares: candidates among whom the training rows are.

    passages : Passages or None, default=None
        Where the records go, if it is known already.

    Returns
    -------
    supported : ndarray of float of shape (n_records,)
        Sum over the thresholds on the record's path: the chance that the record gave
        one of the two values. A value that three candidates have counts a third, one
        of two possible pairs a half.

    contradicted : ndarray of int of shape (n_records,)
        Thresholds on the path between whose two training values the record strictly
        lies, whichever of the possible pairs they are.

    Examples
    --------
    The tree was trained on 1 and 4: its threshold is 2.5. Of the candidates 1, 2, 4
    and 9, only 1 and 4 have that middle, and 2 lies between them.

    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skprivacy.inspection import read_trees
    >>> tree = read_trees(DecisionTreeClassifier().fit([[1], [4]], [0, 1])).trees[0]
    >>> split_evidence(tree, np.array([[1.0], [2.0], [4.0], [9.0]]))
    (array([1., 0., 1., 0.]), array([0, 1, 0, 0]))
    """
    if passages is None:
        passages = walk_tree(nodes, values)
    ranks = Ranks(values)
    table = node_values(nodes, values, passages, ranks)
    pairs = split_pairs(nodes, table, ranks)
    n_pairs = np.bincount(pairs.node, minlength=len(nodes.feature))
    count = np.bincount(table.group, minlength=len(table.node))
    share = np.zeros(len(table.node))
    for end in (pairs.low, pairs.high):
        np.add.at(share, end, 1 / (n_pairs[pairs.node] * count[end]))
    innermost = np.ones(len(pairs.node), dtype=bool)
    innermost[1:] = pairs.node[1:] != pairs.node[:-1]
    step = np.zeros(len(table.node) + 1, dtype=int)
    np.add.at(step, pairs.low[innermost] + 1, 1)
    np.add.at(step, pairs.high[innermost], -1)
    inside = np.cumsum(step)[:-1]
    n_records = len(values)
    supported = np.bincount(table.record, share[table.group], minlength=n_records)
    contradicted = np.bincount(table.record, inside[table.group], minlength=n_records)
    return supported, contradicted.astype(int)
