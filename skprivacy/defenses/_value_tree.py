"""A tree over columns of any kind, whose splits can be read."""

from copy import copy
from dataclasses import dataclass
from math import ceil, floor, log10

import numpy as np
import pandas as pd
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

__all__ = [
    "ColumnValues",
    "Ranges",
    "ValueTree",
    "as_frame",
    "column_positions",
    "roundest",
]

#: Digits after which two floats are the same.
MOST_DIGITS = 17


def as_frame(X) -> pd.DataFrame:
    """Return a table as a DataFrame whose columns have types of their own.

    Parameters
    ----------
    X : DataFrame or ndarray of shape (n_records, n_features)
        Table.

    Returns
    -------
    frame : DataFrame of shape (n_records, n_features)
    """
    return X if isinstance(X, pd.DataFrame) else pd.DataFrame(X).infer_objects()


def column_positions(X, columns, name) -> np.ndarray:
    """Positions of columns given by name or position; None: of all.

    Parameters
    ----------
    X : DataFrame or ndarray of shape (n_records, n_features)
        Table.

    columns : list of str or int, or None
        Columns.

    name : str
        The argument's name, for error messages.

    Returns
    -------
    positions : ndarray of int
        In the order of the table.

    Raises
    ------
    ValueError
        If there is no such column, or none is given.

    Examples
    --------
    >>> table = pd.DataFrame({"age": [1], "sex": ["f"], "zip": [2]})
    >>> column_positions(table, ["zip", 0], "quasi_identifiers")
    array([0, 2])
    """
    n_columns = X.shape[1]
    if columns is None:
        return np.arange(n_columns)
    names = list(X.columns) if isinstance(X, pd.DataFrame) else []
    found = set()
    for column in columns:
        is_position = isinstance(column, int | np.integer)
        if column in names:
            found.add(names.index(column))
        elif is_position and -n_columns <= column < n_columns:
            found.add(int(column) % n_columns)
        else:
            allowed = names or f"positions 0 to {n_columns - 1}"
            raise ValueError(
                f"{name}: {column!r} is not a column of X; columns are {allowed}."
            )
    if not found:
        raise ValueError(f"{name} must name one column of X at least; got {columns!r}.")
    return np.array(sorted(found))


def roundest(low, high) -> float:
    """Return the number from `low` up to, but without, `high` that has fewest digits.

    Parameters
    ----------
    low, high : float
        Ends of the interval; ``low < high``.

    Returns
    -------
    number : float
        Of those with as few digits, the one nearest to the middle.

    Examples
    --------
    >>> roundest(4386, 4508), roundest(34, 35), roundest(0.21, 0.24), roundest(-3, 8)
    (4500.0, 34.0, 0.22, 0.0)
    """
    if low <= 0 < high:
        return 0.0
    middle = low + (high - low) / 2
    # Beyond these exponents there are no floats.
    first = min(ceil(log10(max(abs(low), abs(high)))), 308)
    for exponent in range(first, max(first - MOST_DIGITS, -300), -1):
        for factor in (1, 0.5):
            step = factor * 10.0**exponent
            for count in (round(middle / step), floor(middle / step)):
                number = round(count * step, 1 - exponent)
                if low <= number < high:
                    return float(number)
    return float(low)


class ColumnValues:
    """Turn columns into numbers of which an order can be asked for.

    Numbers stay as they are; dates become days. Booleans, texts and categories become
    their position in an order: their own if they have one, otherwise by the mean
    outcome of the records that have the value. What is missing, or was not there, is
    NaN.

    Parameters
    ----------
    X : DataFrame of shape (n_records, n_features)
        Table that the order is learned from.

    outcome : ndarray of shape (n_records,) or (n_records, n_outcomes)
        Numbers. With several, the order is that along their first principal component.

    Attributes
    ----------
    values : list of Index or None
        The values of each column in their order; None for numbers.

    is_date : list of bool
        Which columns are dates.

    Examples
    --------
    >>> table = pd.DataFrame({"age": [30, 40, 50], "job": ["b", "a", "b"]})
    >>> coding = ColumnValues(table, np.array([1.0, 0.0, 1.0]))
    >>> coding(table)
    array([[30.,  1.],
           [40.,  0.],
           [50.,  1.]])
    """

    def __init__(self, X, outcome):
        columns = [X.iloc[:, j] for j in range(X.shape[1])]
        self.is_date = [pd.api.types.is_datetime64_any_dtype(c) for c in columns]
        self.values = [
            None if _is_number(column) else _ordered_values(column, outcome)
            for column in columns
        ]

    def __call__(self, X) -> np.ndarray:
        """Return the columns of a table as numbers.

        Parameters
        ----------
        X : DataFrame of shape (n_records, n_features)
            Table with the columns of the first.

        Returns
        -------
        codes : ndarray of float of shape (n_records, n_features)
        """
        codes = np.empty(X.shape)
        for j, values in enumerate(self.values):
            column = X.iloc[:, j]
            if values is None:
                codes[:, j] = _floats(column)
            else:
                at = values.get_indexer(column.astype(object))
                codes[:, j] = np.where(at >= 0, at, np.nan)
        return codes

    def take(self, columns) -> "ColumnValues":
        """Return the same for some of the columns.

        Parameters
        ----------
        columns : list of int
            Their positions.

        Returns
        -------
        coding : ColumnValues
        """
        taken = copy(self)
        taken.values = [self.values[j] for j in columns]
        taken.is_date = [self.is_date[j] for j in columns]
        return taken


@dataclass(frozen=True)
class Ranges:
    """Which values of a column are not told apart.

    Parameters
    ----------
    edges : ndarray of float of shape (n_edges,)
        Upper ends of all ranges but the last, which has none.

    of_missing : int
        The range of missing values: one of the others, or one of its own, the last.

    Examples
    --------
    >>> Ranges(np.array([30.0, 40.0]), of_missing=3)([30.0, 30.5, 99.0, np.nan])
    array([0, 1, 2, 3])
    """

    edges: np.ndarray
    of_missing: int

    def __call__(self, codes) -> np.ndarray:
        """Return the range of each value."""
        found = np.searchsorted(self.edges, codes, side="left")
        return np.where(np.isnan(codes), self.of_missing, found)


class ValueTree:
    """A decision tree on columns of any kind.

    Its thresholds are the roundest numbers between the training values on both sides,
    so that they can be read and tell little of single values. No training value is
    kept.

    Parameters
    ----------
    X : DataFrame of shape (n_records, n_features)
        Table.

    outcome : ndarray of shape (n_records,)
        What leaves are to be alike in.

    is_number : bool
        Whether the outcome is a number; classes otherwise.

    min_samples_leaf : int, default=1
        Fewest records of a leaf.

    random_state : int or RandomState, default=None
        Decides between splits that are as good.

    Attributes
    ----------
    coding : ColumnValues
        The columns as numbers.

    feature : ndarray of int of shape (n_nodes,)
        Column of each node's split; -1 for a leaf.

    threshold : ndarray of float of shape (n_nodes,)
        What is not above it goes left; for categories, their position.

    left, right : ndarray of int of shape (n_nodes,)
        The nodes below.

    missing_left : ndarray of bool of shape (n_nodes,)
        Where missing and unknown values go.
    """

    def __init__(self, X, outcome, is_number, *, min_samples_leaf=1, random_state=None):
        self.coding = ColumnValues(X, _as_numbers(outcome, is_number))
        self._codes = self.coding(X)
        self._outcome = outcome
        tree_class = DecisionTreeRegressor if is_number else DecisionTreeClassifier
        self._recipe = tree_class(
            min_samples_leaf=min_samples_leaf, random_state=random_state
        )
        # A tree compares numbers of 32 bits; ranks are exact in them.
        self._ranks = _ranks(self._codes)
        self._read(self._recipe.fit(self._ranks, outcome).tree_)

    def pruning_path(self) -> np.ndarray:
        """Penalties for a leaf, of which each prunes the tree further.

        Returns
        -------
        alphas : ndarray of float
            From 0 to that which leaves nothing but the root.
        """
        path = self._recipe.cost_complexity_pruning_path(self._ranks, self._outcome)
        # Differences in the last digits come of rounding, some of them below 0.
        alphas = np.unique(np.maximum(path.ccp_alphas, 0).round(12))
        between = np.sqrt(alphas[:-1] * alphas[1:])
        return np.append(between, alphas[-1] + 1)

    def prune(self, alpha):
        """Prune the tree as far as a penalty for leaves says.

        Parameters
        ----------
        alpha : float
            Penalty for a leaf.

        Returns
        -------
        self : object
        """
        recipe = self._recipe.set_params(ccp_alpha=alpha)
        self._read(recipe.fit(self._ranks, self._outcome).tree_)
        return self

    def forget(self):
        """Drop the training table; the tree cannot be pruned afterwards.

        Returns
        -------
        self : object
        """
        del self._codes, self._ranks, self._outcome, self._recipe
        return self

    def apply(self, X) -> np.ndarray:
        """Return the leaf of each record.

        Parameters
        ----------
        X : DataFrame of shape (n_records, n_features)
            Records.

        Returns
        -------
        leaves : ndarray of int of shape (n_records,)
            Node numbers.
        """
        return self.apply_codes(self.coding(X))

    def apply_codes(self, codes) -> np.ndarray:
        """Do the same for records whose columns are numbers already."""
        node = np.zeros(len(codes), dtype=int)
        while (moving := np.flatnonzero(self.feature[node] >= 0)).size:
            at = node[moving]
            values = codes[moving, self.feature[at]]
            is_left = np.where(
                np.isnan(values), self.missing_left[at], values <= self.threshold[at]
            )
            node[moving] = np.where(is_left, self.left[at], self.right[at])
        return node

    def ranges(self, column) -> "Ranges":
        """Return what the tree asks of a column, at all of its nodes together.

        Parameters
        ----------
        column : int
            Position of the column.

        Returns
        -------
        ranges : Ranges
            Each has a value of the training table.
        """
        here, codes = self.feature == column, self._codes[:, column]
        edges = np.unique(self.threshold[here])
        edges = edges[np.isfinite(edges)]
        known = np.searchsorted(edges, codes[~np.isnan(codes)])
        counts = np.bincount(known, minlength=len(edges) + 1)
        # Two nodes may leave nothing between their thresholds.
        edges, counts = edges[counts[:-1] > 0], counts[counts > 0]
        if len(counts) == 0 or not np.isnan(codes).any():
            return Ranges(edges, int(counts.argmax()) if len(counts) else 0)
        thresholds = self.threshold[here, None]
        goes_left = np.append(edges, np.inf) <= thresholds
        alike = (goes_left == self.missing_left[here, None]).all(axis=0)
        of_missing = alike.argmax() if alike.any() else len(edges) + 1
        return Ranges(edges, int(of_missing))

    def _read(self, tree):
        is_split = tree.children_left >= 0
        self.feature = np.where(is_split, tree.feature, -1)
        self.left, self.right = tree.children_left, tree.children_right
        self.missing_left = tree.missing_go_to_left.astype(bool)
        self.threshold = np.full(tree.node_count, np.nan)
        rows = {0: np.arange(len(self._ranks))}
        for node in np.flatnonzero(is_split):
            # Nodes above have lower numbers.
            here, column = rows.pop(node), self.feature[node]
            ranks, codes = self._ranks[here, column], self._codes[here, column]
            below, above = ranks <= tree.threshold[node], ranks > tree.threshold[node]
            if not (above.any() and below.any()):
                # Missing ones alone are split off.
                self.threshold[node] = np.inf if below.any() else -np.inf
            elif self.coding.values[column] is not None:
                self.threshold[node] = codes[below].max()
            else:
                edge = roundest(codes[below].max(), codes[above].min())
                self.threshold[node] = edge
            is_left = np.where(np.isnan(ranks), self.missing_left[node], below)
            rows[self.left[node]] = here[is_left.astype(bool)]
            rows[self.right[node]] = here[~is_left.astype(bool)]


def _is_number(column):
    if pd.api.types.is_datetime64_any_dtype(column):
        return True
    is_bool = pd.api.types.is_bool_dtype(column)
    return pd.api.types.is_numeric_dtype(column) and not is_bool


def _floats(column):
    if pd.api.types.is_datetime64_any_dtype(column):
        start = pd.Timestamp(0, tz=column.dt.tz)
        return ((column - start) / pd.Timedelta(days=1)).to_numpy(dtype=float)
    if not pd.api.types.is_numeric_dtype(column):
        column = pd.to_numeric(column, errors="coerce")
    floats = column.to_numpy(dtype=float, na_value=np.nan)
    if np.isinf(floats).any():
        raise ValueError(f"X: column {column.name!r} holds infinity.")
    return floats


def _as_numbers(outcome, is_number):
    if is_number:
        return np.asarray(outcome, dtype=float)
    codes, classes = pd.factorize(outcome, sort=True)
    return np.eye(len(classes))[codes]


def _ordered_values(column, outcome):
    """Values of a column, those next to each other that have outcomes alike."""
    if isinstance(column.dtype, pd.CategoricalDtype) and column.cat.ordered:
        return pd.Index(column.cat.categories.astype(object))
    codes, values = pd.factorize(column.astype(object))
    values = pd.Index(values, dtype=object)
    known, numbers = codes >= 0, np.reshape(outcome, (len(outcome), -1))
    counts = np.bincount(codes[known], minlength=len(values))
    sums = np.zeros((len(values), numbers.shape[1]))
    np.add.at(sums, codes[known], numbers[known])
    means = sums / counts[:, None]
    place = _along_first_component(means - numbers.mean(axis=0), counts)
    # Ties are broken by what is written, whatever the order of the records.
    texts = np.array([str(value) for value in values], dtype=object)
    return values[np.lexsort((texts, place.round(12)))]


def _along_first_component(points, weights):
    if points.shape[1] == 1 or len(points) == 0:
        return points.sum(axis=1)
    weighted = np.sqrt(weights)[:, None] * points
    axis = np.linalg.svd(weighted, full_matrices=False)[2][0]
    return points @ (axis * np.sign(axis[np.abs(axis).argmax()]))


def _ranks(codes):
    ranks = np.full(codes.shape, np.nan)
    for j in range(codes.shape[1]):
        known = ~np.isnan(codes[:, j])
        ranks[known, j] = np.unique(codes[known, j], return_inverse=True)[1]
    return ranks
