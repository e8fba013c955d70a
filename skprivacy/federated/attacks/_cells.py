"""Records as cells: numbers, and categories that are groups of one-hot columns."""

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.special import softmax

__all__ = ["Cells", "check_categories", "pool", "slopes_by_logits", "weighted_median"]

#: A loss below this is no better than another one.
EXACT = 1e-12

#: A reference column of numbers has its likeliest value at one of so many quantiles.
N_QUANTILES = 200


class Cells:
    """Which columns are one cell, and what others' records tell of each.

    Parameters
    ----------
    categories : list of ndarray of int
        Columns of each category; all others are numbers.

    X : ndarray of shape (n_reference, n_features)
        Records of the population.
    """

    def __init__(self, categories, X):
        self.categories = categories
        taken = np.concatenate([*categories, np.empty(0, int)]).astype(int)
        self.numbers = np.setdiff1d(np.arange(X.shape[1]), taken)
        self.spread = X[:, self.numbers].std(axis=0)
        # A column that does not vary is measured as it is.
        self.spread[self.spread == 0] = 1.0
        self.center = X[:, self.numbers].mean(axis=0)
        self.low, self.high = (
            (end(X[:, self.numbers], axis=0) - self.center) / self.spread
            for end in (np.min, np.max)
        )
        # One record more, shared by all values: none is impossible.
        self.shares = [
            (X[:, group].sum(axis=0) + 1 / len(group)) / (len(X) + 1)
            for group in categories
        ]
        self.X = X

    def decode(self, variables):
        """Return soft records: what an optimizer moves, as rows.

        Parameters
        ----------
        variables : ndarray of shape (n_records, n_features)
            Numbers in standard deviations, and logits of categories.

        Returns
        -------
        rows : ndarray of shape (n_records, n_features)
        """
        rows = np.empty_like(variables)
        rows[:, self.numbers] = variables[:, self.numbers] * self.spread + self.center
        for group in self.categories:
            rows[:, group] = softmax(variables[:, group], axis=1)
        return rows

    def pull_back(self, rows, slopes):
        """Return derivatives by variables, of derivatives by rows."""
        found = np.empty_like(slopes)
        found[:, self.numbers] = slopes[:, self.numbers] * self.spread
        for group in self.categories:
            found[:, group] = slopes_by_logits(rows[:, group], slopes[:, group])
        return found

    def surprise(self, rows):
        """Return the mean of how unlikely cells are by themselves, and its derivative.

        Minus the logarithm of the share of a category, and half the square of a number
        in standard deviations; the mean over records of the sum over cells.

        Parameters
        ----------
        rows : ndarray of shape (n_records, n_features)
            Soft records.

        Returns
        -------
        surprise : float

        by_rows : ndarray of shape (n_records, n_features)
        """
        by_rows = np.zeros_like(rows)
        scaled = (rows[:, self.numbers] - self.center) / self.spread
        total = (scaled**2).sum() / 2
        by_rows[:, self.numbers] = scaled / self.spread
        for group, shares in zip(self.categories, self.shares, strict=True):
            by_rows[:, group] = -np.log(shares)
            total -= (rows[:, group] @ np.log(shares)).sum()
        return total / len(rows), by_rows / len(rows)

    def encode(self, rows, sure=8.0):
        """Return variables of rows whose categories are decided."""
        variables = np.zeros_like(rows)
        variables[:, self.numbers] = np.clip(
            (rows[:, self.numbers] - self.center) / self.spread, self.low, self.high
        )
        for group in self.categories:
            variables[:, group] = sure * (rows[:, group] > 0.5)
        return variables

    def draw(self, n_records, draw):
        """Draw variables to start from: columns by themselves, categories unsure."""
        picks = draw.randint(len(self.X), size=(n_records, len(self.numbers)))
        rows = np.take_along_axis(self.X[:, self.numbers], picks, axis=0)
        variables = np.empty((n_records, self.X.shape[1]))
        variables[:, self.numbers] = (rows - self.center) / self.spread
        for group, shares in zip(self.categories, self.shares, strict=True):
            noise = draw.normal(size=(n_records, len(group)))
            variables[:, group] = np.log(shares) + noise
        return variables

    def drawn_rows(self, n_records, draw):
        """Draw rows: each cell from the reference records, by itself."""
        rows = np.empty((n_records, self.X.shape[1]))
        for cell in [*self.categories, *self.numbers[:, None]]:
            rows[:, cell] = self.X[draw.randint(len(self.X), size=n_records)][:, cell]
        return rows

    def likeliest_row(self, tolerance):
        """Return the row whose cells are each right most often."""
        row = np.zeros(self.X.shape[1])
        for group, shares in zip(self.categories, self.shares, strict=True):
            row[group[shares.argmax()]] = 1
        grid = np.linspace(0, 1, N_QUANTILES + 1)
        for column, spread in zip(self.numbers, self.spread, strict=True):
            values = self.X[:, column]
            guesses = np.quantile(values, grid)
            near = np.abs(values[:, None] - guesses) <= tolerance * spread
            row[column] = guesses[near.sum(axis=0).argmax()]
        return row

    def decided(self, rows):
        """Return rows whose categories are the likeliest ones."""
        rows = rows.copy()
        for group in self.categories:
            rows[:, group] = np.eye(len(group))[rows[:, group].argmax(axis=1)]
        return rows

    def equal(self, a, b, tolerance):
        """Tell which cells of rows are equal.

        Parameters
        ----------
        a, b : ndarray of shape (..., n_features)
            Rows, which broadcast.

        tolerance : float
            Of numbers, in standard deviations.

        Returns
        -------
        equal : ndarray of shape (..., n_cells) of bool
            Categories first, then numbers.
        """
        near = np.abs(a[..., self.numbers] - b[..., self.numbers])
        same = [
            a[..., group].argmax(axis=-1) == b[..., group].argmax(axis=-1)
            for group in self.categories
        ]
        near = near <= tolerance * self.spread
        return np.concatenate([np.stack(same, axis=-1), near], -1) if same else near

    def match(self, rows, X, tolerance):
        """Return which row stands for each record, such that most cells are equal.

        Parameters
        ----------
        rows : ndarray of shape (n_rows, n_features)
            Guesses.

        X : ndarray of shape (n_records, n_features)
            Records, at most as many.

        tolerance : float
            As in :meth:`equal`.

        Returns
        -------
        picks : ndarray of shape (n_records,)
        """
        wrong = np.array([(~self.equal(x, rows, tolerance)).sum(axis=1) for x in X])
        return linear_sum_assignment(wrong)[1]

    def valid(self, rows, tolerance=1e-6):
        """Tell which rows may be records: one 1 in each category, and zeros."""
        fine = np.isfinite(rows).all(axis=1)
        for group in self.categories:
            values = rows[:, group]
            whole = np.minimum(np.abs(values), np.abs(values - 1)) <= tolerance
            one = np.abs(values.sum(axis=1) - 1) <= tolerance * len(group)
            fine &= whole.all(axis=1) & one
        scaled = (rows[:, self.numbers] - self.center) / self.spread
        inside = (scaled >= self.low - 1) & (scaled <= self.high + 1)
        return fine & inside.all(axis=1)


def slopes_by_logits(chances, slopes):
    """Return derivatives by logits, of derivatives by their softmax, row by row."""
    mean = (chances * slopes).sum(axis=1, keepdims=True)
    return chances * (slopes - mean)


def check_categories(categories, X):
    """Return columns of each category, checked against reference records.

    Parameters
    ----------
    categories : list of array-like of int
        Columns of each one-hot category.

    X : ndarray of shape (n_reference, n_features)
        Reference records.

    Returns
    -------
    categories : list of ndarray of int

    Raises
    ------
    ValueError
        If groups of columns are empty or overlap, or are not one-hot in X.
    """
    groups = [np.asarray(group) for group in categories]
    every = np.concatenate([*map(np.ravel, groups), np.empty(0, int)])
    fine = all(one.ndim == 1 and one.size and one.dtype.kind in "iu" for one in groups)
    inside = np.isin(every, np.arange(X.shape[1])).all()
    if not fine or not inside or len(np.unique(every)) != len(every):
        raise ValueError(
            "categories must be groups of different columns, from 0 to "
            f"{X.shape[1] - 1}; got {categories!r}."
        )
    for group in groups:
        values = X[:, group]
        if not (np.isin(values, (0, 1)).all() and (values.sum(axis=1) == 1).all()):
            raise ValueError(
                "columns of a category must have one 1 and zeros in each record of X; "
                f"those of {group.tolist()} have not."
            )
    return groups


def pool(cells, batches, losses, tolerance):
    """Put batches in the order of the best one, and pool them.

    They count with the inverse of their loss: means of categories and classes, medians
    of numbers.

    Parameters
    ----------
    cells : Cells
        What is a cell.

    batches : list of (ndarray of shape (n_rows, n_features), ndarray)
        Soft rows and chances of their classes.

    losses : ndarray of shape (n_batches,)
        Of each.

    tolerance : float
        Of numbers that are equal, in standard deviations.

    Returns
    -------
    rows : ndarray of shape (n_rows, n_features)
        Categories decided.

    labels : ndarray of shape (n_rows,)
        The likeliest class of each.

    ordered : ndarray of shape (n_batches, n_rows, n_features)
        Soft rows of each batch, the best one first.
    """
    order = np.argsort(losses, kind="stable")
    weights = 1 / np.maximum(losses[order], EXACT)
    weights /= weights.sum()
    best = cells.decided(batches[order[0]][0])
    rows, chances = [], []
    for number in order:
        soft, classes = batches[number]
        picks = cells.match(cells.decided(soft), best, tolerance)
        rows.append(soft[picks])
        chances.append(classes[picks])
    rows = np.array(rows)
    pooled = np.einsum("i,ijk->jk", weights, rows)
    for column in cells.numbers:
        pooled[:, column] = weighted_median(rows[:, :, column], weights)
    labels = np.einsum("i,ijk->jk", weights, chances).argmax(axis=1)
    return cells.decided(pooled), labels, rows


def weighted_median(values, weights):
    """Return medians of columns, of rows that count with their weights.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_columns)
        Values.

    weights : ndarray of shape (n_rows,)
        They sum to 1.

    Returns
    -------
    medians : ndarray of shape (n_columns,)
    """
    order = np.argsort(values, axis=0, kind="stable")
    reached = np.cumsum(weights[order], axis=0) >= 0.5 - 1e-12
    first = reached.argmax(axis=0)
    return np.take_along_axis(values, order, axis=0)[first, np.arange(values.shape[1])]
