"""How far columns can be generalized before a model answers otherwise."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from skprivacy.defenses._representatives import (
    certainty_penalty,
    column_of,
    replace_columns,
    representative_rows,
)
from skprivacy.defenses._value_tree import Ranges, ValueTree, as_frame
from skprivacy.records import take_rows

__all__ = [
    "Generalization",
    "GeneralizationSearch",
    "is_asked",
    "readable",
    "relative_score",
]

#: Of a column that is not collected: one range with everything.
NOTHING = Ranges(np.empty(0), 0)


def relative_score(answers, reference, is_number) -> float:
    """How well answers agree with those that they are to be like.

    Parameters
    ----------
    answers, reference : array-like of shape (n_records,)
        Answers to generalized and to true records.

    is_number : bool
        Whether they are numbers.

    Returns
    -------
    score : float
        Share of equal labels; of numbers R squared.

    Examples
    --------
    >>> relative_score(["a", "b", "b", "a"], ["a", "b", "a", "a"], False)
    0.75
    >>> relative_score([1.0, 3.0], [1.0, 2.0], True)
    -1.0
    """
    answers, reference = np.asarray(answers), np.asarray(reference)
    if not is_number:
        return float(np.mean(answers == reference))
    missed = np.sum((answers - reference) ** 2)
    if missed == 0:
        return 1.0
    spread = np.sum((reference - reference.mean()) ** 2)
    return float(1 - missed / spread) if spread > 0 else -np.inf


@dataclass
class Generalization:
    """What is asked of each column, and how well that does.

    Parameters
    ----------
    columns : list of int
        The columns that may be asked for.

    ranges : dict of int to Ranges
        Those of each generalized column.

    rows : dict of int to ndarray of int of shape (n_ranges,)
        The record of each range whose value stands for it.

    score : float
        How well the model agrees with itself on generalized records.

    penalty : ndarray of float of shape (n_features,)
        Certainty penalty of each column.
    """

    columns: list
    ranges: dict
    rows: dict
    score: float
    penalty: np.ndarray


class GeneralizationSearch:
    """Find how far columns can be generalized.

    Parameters
    ----------
    predict : callable
        Predictions of the model for a table.

    X : DataFrame or ndarray of shape (n_records, n_features)
        Records that trees learn from.

    X_val : DataFrame or ndarray of shape (n_validation, n_features)
        Records on which they are judged.

    is_number : bool
        Whether the model predicts numbers.

    target : float
        Least score.

    **settings : dict
        Of the trees.
    """

    def __init__(self, predict, X, X_val, is_number, target, **settings):
        self.predict, self.X, self.X_val = predict, X, X_val
        self.is_number, self.target, self.settings = is_number, target, settings
        self.answers, self.reference = predict(X), predict(X_val)
        self.frame = as_frame(X)
        self.columns = list(range(X.shape[1]))
        self.tree = self._tree(self.columns)
        coding = self.tree.coding
        self.is_category = np.array([values is not None for values in coding.values])
        self.codes, self.codes_val = coding(self.frame), coding(as_frame(X_val))

    def run(self, general) -> Generalization:
        """Search.

        Parameters
        ----------
        general : list of int
            Columns that may be generalized.

        Returns
        -------
        found : Generalization
            That which tells least, of those that were tried and reach the target.
        """
        general = list(general)
        while (found := self._furthest(self.tree, self.columns, general)) is None:
            general.remove(self._most_missed(general))
        # What is asked for in the least detail is the first to go.
        for column in sorted(general, key=lambda j: -found.penalty[j]):
            rest = [j for j in found.columns if j != column]
            if not rest or not is_asked(found.ranges[column]):
                continue
            trial = self._furthest(self._tree(rest), rest, general)
            if trial is not None and trial.penalty.sum() >= found.penalty.sum():
                found = trial
        return found

    def _tree(self, columns):
        frame = self.frame.iloc[:, columns]
        return ValueTree(frame, self.answers, self.is_number, **self.settings)

    def _furthest(self, tree, columns, general):
        """Prune as far as the target allows; None if even the whole tree falls short.

        Scores need not fall as the tree is pruned, so that bisection may end before the
        smallest tree that would do. What it returns does reach the target.
        """
        found = self._judge(tree.prune(0.0), columns, general)
        if found.score < self.target:
            return None
        alphas = tree.pruning_path()
        below, above = 0, len(alphas)
        while below < above:
            middle = (below + above) // 2
            trial = self._judge(tree.prune(alphas[middle]), columns, general)
            if trial.score >= self.target:
                found, below = trial, middle + 1
            else:
                above = middle
        return found

    def _most_missed(self, general):
        """Find the column whose true values bring back most for what they tell."""
        tree = self.tree.prune(0.0)
        now = self._judge(tree, self.columns, general)

        def worth(column):
            fewer = [j for j in general if j != column]
            gain = self._judge(tree, self.columns, fewer).score - now.score
            told = now.penalty[column]
            return max(gain, 0) / max(told, 1e-9), -told

        return max(general, key=worth)

    def _judge(self, tree, columns, general):
        ranges, rows, told = {}, {}, []
        penalty = np.zeros(len(self.columns))
        for column in general:
            asked = NOTHING
            if column in columns:
                asked = tree.ranges(columns.index(column))
            codes, is_category = self.codes[:, [column]], self.is_category[[column]]
            groups = asked(codes[:, 0])
            ranges[column] = asked
            rows[column] = representative_rows(codes, is_category, groups)[:, 0]
            penalty[column] = certainty_penalty(codes, is_category, groups)[0]
            told.append(asked(self.codes_val[:, column]))
        score = 1.0
        if general:
            values = [self.values(column, rows[column]) for column in general]
            answers = self.predict(replace_columns(self.X_val, general, values, told))
            score = relative_score(answers, self.reference, self.is_number)
        return Generalization(columns, ranges, rows, score, penalty)

    def values(self, column, rows):
        """Return values of a column, in its own type."""
        return column_of(take_rows(self.X, rows), column)


def is_asked(ranges) -> bool:
    """Whether anything needs to be known of a column."""
    return len(ranges.edges) > 0 or ranges.of_missing > 0


def readable(ranges, values, is_date, has_missing) -> list:
    """Say which values of a column need not be told apart.

    Parameters
    ----------
    ranges : Ranges
        The ranges.

    values : Index or None
        Values of a category, in their order; None for numbers.

    is_date : bool
        Whether numbers are dates.

    has_missing : bool
        Whether values of the column are missing.

    Returns
    -------
    groups : list of Interval, or of list
        Of numbers and dates intervals, and None if missing values are told apart from
        all of them. Of categories lists of values, a missing one being None.

    Examples
    --------
    >>> readable(Ranges(np.array([0.0]), 1), pd.Index(["a", "b"]), False, True)
    [['a'], ['b', None]]
    """
    edges = ranges.edges
    is_apart = has_missing and ranges.of_missing > len(edges)
    if values is None:
        ends = [-np.inf, *edges.tolist(), np.inf]
        if is_date:
            dates = pd.to_datetime(edges, unit="D")
            ends = [pd.Timestamp.min, *dates, pd.Timestamp.max]
        groups = [pd.Interval(*pair) for pair in pairwise(ends)]
        return [*groups, None] if is_apart else groups
    groups = [[] for _ in range(len(edges) + 1 + is_apart)]
    for value, at in zip(values, ranges(np.arange(float(len(values)))), strict=True):
        groups[at].append(value)
    if has_missing:
        groups[ranges.of_missing].append(None)
    return groups
