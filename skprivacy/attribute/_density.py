"""How likely each step of a number line is, given what is known."""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import RandomForestRegressor

__all__ = ["ForestDensity"]

#: Share of the marginal in each density: no forest knows all that can be.
MARGINAL = 0.05


class ForestDensity(ClassifierMixin, BaseEstimator):
    """Density of a number by the company that a record has in the leaves of a forest.

    Each tree of a regression forest says which records are alike; how often each step
    occurs among them, on average over the trees, is the density. One forest learns all
    steps at once, and of the records that it learned from, those that a tree did not
    draw are strangers to it, so that nothing needs to be held out.

    Parameters
    ----------
    grid : ndarray of shape (n_steps,)
        Numbers that the steps stand for.

    n_estimators : int, default=200
        Trees.

    leaf_sizes : tuple of int, default=(5, 20)
        How many records are alike at least: the size is taken under which those that
        trees did not draw are likeliest.

    random_state : int, RandomState instance or None, default=None
        For the forest.

    Attributes
    ----------
    classes_ : ndarray of int of shape (n_steps,)
        Positions on the grid.

    forest_ : RandomForestRegressor
        The fitted forest.

    min_samples_leaf_ : int
        The size that was taken.

    oob_decision_function_ : ndarray of shape (n_records, n_steps)
        Chances of the records that were learned from, by the trees that did not draw
        them.

    References
    ----------
    N. Meinshausen. "Quantile regression forests". JMLR 7, 2006.

    Examples
    --------
    >>> X = np.repeat([[0.0], [1.0]], 50, axis=0)
    >>> steps = np.repeat([0, 1], 50)
    >>> density = ForestDensity(np.array([10.0, 20.0]), random_state=0).fit(X, steps)
    >>> density.predict_proba([[1.0]]).round(3)
    array([[0.025, 0.975]])
    """

    def __init__(self, grid, n_estimators=200, leaf_sizes=(5, 20), random_state=None):
        self.grid = grid
        self.n_estimators = n_estimators
        self.leaf_sizes = leaf_sizes
        self.random_state = random_state

    def fit(self, X, y):
        """Learn which records are alike.

        Parameters
        ----------
        X : ndarray of shape (n_records, n_columns)
            Numbers; NaN where one is missing.

        y : ndarray of int of shape (n_records,)
            Step of each record.

        Returns
        -------
        self : ForestDensity
        """
        self.classes_ = np.arange(len(self.grid))
        self._marginal = np.bincount(y, minlength=len(self.grid)) / len(y)
        fits = []
        for size in self.leaf_sizes:
            forest = RandomForestRegressor(
                self.n_estimators,
                min_samples_leaf=size,
                max_features=0.5,
                random_state=self.random_state,
            ).fit(X, self.grid[y])
            shares, chances = self._count(forest, X, y)
            likelihood = np.log(chances[np.arange(len(y)), y]).mean()
            fits.append((likelihood, -size, forest, shares, chances))
        best = max(fits, key=lambda fit: fit[:2])
        self.min_samples_leaf_ = -best[1]
        self.forest_, self._shares, self.oob_decision_function_ = best[2:]
        return self

    def _count(self, forest, X, y):
        """Shares of the steps in each leaf, and the chances of records out of bag."""
        n_records, n_steps = len(y), len(self.grid)
        shares = []
        total, n_out = np.zeros((n_records, n_steps)), np.zeros((n_records, 1))
        leaves, drawn = forest.apply(X).T, forest.estimators_samples_
        for leaf, rows in zip(leaves, drawn, strict=True):
            share = np.zeros((leaf.max() + 1, n_steps))
            np.add.at(share, (leaf[rows], y[rows]), 1)
            share /= np.maximum(share.sum(axis=1, keepdims=True), 1)
            shares.append(share)
            out = np.ones(n_records, dtype=bool)
            out[rows] = False
            total[out] += share[leaf[out]]
            n_out[out] += 1
        alone = n_out[:, 0] == 0
        total[alone], n_out[alone] = self._marginal, 1
        return shares, self._with_marginal(total / n_out)

    def predict_proba(self, X):
        """How likely each step is.

        Parameters
        ----------
        X : ndarray of shape (n_records, n_columns)
            Numbers.

        Returns
        -------
        chances : ndarray of shape (n_records, n_steps)
        """
        leaves = self.forest_.apply(X).T
        total = np.zeros((leaves.shape[1], len(self.grid)))
        for leaf, share in zip(leaves, self._shares, strict=True):
            total += share[leaf]
        return self._with_marginal(total / len(self._shares))

    def predict(self, X):
        """Likeliest step.

        Parameters
        ----------
        X : ndarray of shape (n_records, n_columns)
            Numbers.

        Returns
        -------
        step : ndarray of int of shape (n_records,)
        """
        return self.predict_proba(X).argmax(axis=1)

    def _with_marginal(self, chances):
        return (1 - MARGINAL) * chances + MARGINAL * self._marginal
