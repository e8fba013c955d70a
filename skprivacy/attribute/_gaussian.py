"""Numbers that hang on known columns: their mean, and how far they are off it."""

import numpy as np
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import KFold
from sklearn.utils import check_random_state

from skprivacy.attribute._imputation import Imputer
from skprivacy.records import ColumnCodes, take_rows

__all__ = ["ConditionalGaussian", "Flat", "RidgeGuess"]

#: More values than this are no categories to a ridge regression.
MOST_CATEGORIES = 50
N_FOLDS = 5
PENALTIES = np.logspace(-2, 4, 13)
#: Boosting with leaves of 20 records has nothing to split in fewer than this.
LEAST_BOOSTED = 40


class ConditionalGaussian:
    """Mean of some columns given others, and the covariance of what is left.

    Parameters
    ----------
    table : DataFrame or ndarray of shape (n_records, n_known)
        What is known of the attacker's own records; may have no column.

    secret : ndarray of shape (n_records, n_secrets)
        Numbers.

    estimator : regressor or None, default=None
        Guesses the mean of each secret. None: boosting or ridge regression, whichever
        is nearer to records that were held out.

    random_state : int, RandomState instance or None, default=None
        For boosting and the folds.

    Attributes
    ----------
    covariance_ : ndarray of shape (n_secrets, n_secrets)
        Of the secrets given the known columns, from records that were held out.

    basis_ : ndarray of shape (n_secrets, n_secrets)
        Principal directions of the covariance, as long as the standard deviation; the
        longest first.

    held_out_ : ndarray of shape (n_records, n_secrets)
        Means for the records themselves, each one held out.

    Examples
    --------
    >>> known = np.arange(50.0)[:, None]
    >>> gaussian = ConditionalGaussian(known, 2 * known + 1, random_state=0)
    >>> gaussian.mean(np.array([[10.0]])).round()
    array([[21.]])
    """

    def __init__(self, table, secret, estimator=None, random_state=None):
        # One seed for all columns and folds, and that which imputation draws, so that
        # the mean is the yardstick's guess.
        if not isinstance(random_state, int | np.integer):
            random_state = check_random_state(random_state).randint(2**31 - 1)

        def boosted(table, secret):
            imputer = Imputer(estimator, None, random_state, as_number=True)
            return imputer.fit(table, secret)

        if estimator is not None:
            kinds = [boosted]
        elif not table.shape[1] or len(secret) < LEAST_BOOSTED:
            kinds = [RidgeGuess]
        else:
            kinds = [RidgeGuess, boosted]
        self._guesses = []
        self.held_out_ = np.empty_like(secret)
        for j in range(secret.shape[1]):
            column = secret[:, [j]]
            told = [_held_out(kind, table, column, random_state) for kind in kinds]
            errors = [np.mean((column[:, 0] - t) ** 2) for t in told]
            best = int(np.argmin(errors))
            self.held_out_[:, j] = told[best]
            self._guesses.append(kinds[best](table, column))
        left = secret - self.held_out_
        # Nothing is known so well that it could not be a little off.
        least = np.diag(1e-4 * spread_of(secret) ** 2)
        self.covariance_ = left.T @ left / len(left) + least
        self._precision = np.linalg.inv(self.covariance_)
        sizes, directions = np.linalg.eigh(self.covariance_)
        self.basis_ = (directions * np.sqrt(sizes))[:, ::-1]

    def mean(self, table):
        """Mean of the secrets given what is known.

        Parameters
        ----------
        table : DataFrame or ndarray of shape (n_records, n_known)
            What is known.

        Returns
        -------
        mean : ndarray of shape (n_records, n_secrets)
        """
        return np.column_stack([guess.values(table) for guess in self._guesses])

    def log_density(self, left):
        """Log-density at a distance from the mean, less that of the mean itself.

        Parameters
        ----------
        left : ndarray of shape (..., n_secrets)
            Secrets less their mean.

        Returns
        -------
        log_density : ndarray of shape (...,)

        gradient : ndarray of shape (..., n_secrets)
        """
        pull = -left @ self._precision
        return 0.5 * (left * pull).sum(axis=-1), pull


class Flat:
    """All numbers alike: the same methods, for those who believe the model alone.

    Parameters
    ----------
    secret : ndarray of shape (n_records, n_secrets)
        Numbers, of which the median is where a search begins.

    Attributes
    ----------
    covariance_, basis_, held_out_ : ndarray
        As of :class:`ConditionalGaussian`, of columns that have nothing to do with each
        other.

    Examples
    --------
    >>> Flat(np.array([[1.0], [2.0], [6.0]])).mean(np.zeros((2, 3)))
    array([[2.],
           [2.]])
    """

    def __init__(self, secret):
        self._middle = np.median(secret, axis=0)
        self.covariance_ = np.diag(secret.var(axis=0))
        self.basis_ = np.eye(secret.shape[1])
        self.held_out_ = np.tile(self._middle, (len(secret), 1))

    def mean(self, table):
        """Medians, shape (n_records, n_secrets)."""
        return np.tile(self._middle, (len(table), 1))

    def log_density(self, left):
        """Log-density, which is 0, and its gradient, which is 0 too."""
        return np.zeros(left.shape[:-1]), np.zeros_like(left)


class RidgeGuess:
    """Ridge regression on numbers and indicators of categories.

    Parameters
    ----------
    table : DataFrame or ndarray of shape (n_records, n_known)
        What is known; may have no column. What is missing counts as usual.

    secret : ndarray of shape (n_records, 1)
        Numbers.

    Examples
    --------
    >>> guess = RidgeGuess(np.arange(50.0)[:, None], np.arange(50.0)[:, None])
    >>> guess.values(np.array([[10.0], [np.nan]])).round(1)
    array([10. , 24.5])
    """

    def __init__(self, table, secret):
        self._usual = float(secret.mean())
        self._codes = ColumnCodes(table)
        columns = self._columns(table)
        there = ~np.isnan(columns)
        n_there = np.maximum(there.sum(axis=0), 1)
        self._shift = np.nansum(columns, axis=0) / n_there
        square = np.nansum((columns - self._shift) ** 2, axis=0)
        deviation = np.sqrt(square / n_there)
        self._scale = np.where(deviation > 0, deviation, 1.0)
        self._ridge = None
        if columns.shape[1] and len(secret) > 2:
            self._ridge = RidgeCV(PENALTIES).fit(self._numbers(columns), secret[:, 0])

    def values(self, table):
        """Predicted numbers, shape (n_records,)."""
        if self._ridge is None:
            return np.full(len(table), self._usual)
        return self._ridge.predict(self._numbers(self._columns(table)))

    def _columns(self, table):
        if not table.shape[1]:
            return np.empty((len(table), 0))
        codes = self._codes(table)
        parts = []
        for j in range(codes.shape[1]):
            column, n_values = codes[:, [j]], self._codes.n_values[j]
            if self._codes.is_category[j] and n_values <= MOST_CATEGORIES:
                column = (column == np.arange(n_values)).astype(float)
            parts.append(column)
        return np.hstack(parts)

    def _numbers(self, columns):
        return np.nan_to_num((columns - self._shift) / self._scale)


def spread_of(secret):
    """Return the standard deviation of each column; 1 where it has none."""
    spread = secret.std(axis=0)
    return np.where(spread > 0, spread, 1.0)


def _held_out(kind, table, secret, seed):
    """Guesses for each record by what the others tell."""
    found = np.empty(len(secret))
    folds = KFold(min(N_FOLDS, len(secret)), shuffle=True, random_state=seed)
    for rest, held in folds.split(found):
        guess = kind(take_rows(table, rest), secret[rest])
        found[held] = guess.values(take_rows(table, held))
    return found
