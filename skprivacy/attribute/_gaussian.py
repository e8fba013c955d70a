"""Numbers that hang on known columns, as a Gaussian."""

import numpy as np
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import KFold

from skprivacy.records import ColumnCodes

__all__ = ["ConditionalGaussian"]

#: More values than this are no categories.
MOST_CATEGORIES = 50
N_FOLDS = 5
PENALTIES = np.logspace(-2, 4, 13)


class ConditionalGaussian:
    """Mean of some columns given others, by ridge regression, and what is left.

    Parameters
    ----------
    table : DataFrame or ndarray of shape (n_records, n_known)
        What is known of the attacker's own records; may have no column.

    secret : ndarray of shape (n_records, n_secrets)
        Numbers.

    Attributes
    ----------
    covariance_ : ndarray of shape (n_secrets, n_secrets)
        Of the secrets given the known columns, from records that were held out.

    held_out_ : ndarray of shape (n_records, n_secrets)
        Means for the records themselves, each one held out.

    Examples
    --------
    >>> known = np.arange(50.0)[:, None]
    >>> gaussian = ConditionalGaussian(known, 2 * known + 1)
    >>> gaussian.mean(np.array([[10.0]])).round()
    array([[21.]])
    """

    def __init__(self, table, secret):
        self._secret_mean = secret.mean(axis=0)
        self._secret_spread = _spread(secret)
        standard = (secret - self._secret_mean) / self._secret_spread
        self._codes = ColumnCodes(table)
        columns = self._columns(table)
        self._shift, self._scale = np.zeros(columns.shape[1]), np.ones(columns.shape[1])
        if columns.shape[1]:
            with np.errstate(invalid="ignore"):
                n_there = np.maximum((~np.isnan(columns)).sum(axis=0), 1)
                self._shift = np.nansum(columns, axis=0) / n_there
                square = np.nansum((columns - self._shift) ** 2, axis=0)
            deviation = np.sqrt(square / n_there)
            self._scale = np.where(deviation > 0, deviation, 1.0)
        numbers = self._numbers(columns)
        self._ridge = _ridge(numbers, standard)
        self.held_out_ = self._restored(_held_out(numbers, standard))
        left = secret - self.held_out_
        covariance = left.T @ left / len(left)
        # Nothing is known so well that it could not be a little off.
        self.covariance_ = covariance + np.diag(1e-4 * self._secret_spread**2)

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
        numbers = self._numbers(self._columns(table))
        return self._restored(_told(self._ridge, numbers, len(self._secret_mean)))

    def _restored(self, standard):
        return standard * self._secret_spread + self._secret_mean

    def _columns(self, table):
        codes = self._codes(table) if table.shape[1] else np.empty((len(table), 0))
        parts = []
        for j in range(codes.shape[1]):
            column, n_values = codes[:, j], self._codes.n_values[j]
            if not self._codes.is_category[j] or n_values > MOST_CATEGORIES:
                parts.append(column[:, None])
            else:
                parts.append((column[:, None] == np.arange(n_values)).astype(float))
        return np.hstack(parts) if parts else codes

    def _numbers(self, columns):
        # What is missing is as usual.
        return np.nan_to_num((columns - self._shift) / self._scale)


def _ridge(numbers, secret):
    if not numbers.shape[1] or len(numbers) < 3:
        return None
    return RidgeCV(PENALTIES, alpha_per_target=True).fit(numbers, secret)


def _told(ridge, numbers, n_secrets):
    if ridge is None:
        return np.zeros((len(numbers), n_secrets))
    return ridge.predict(numbers).reshape(len(numbers), -1)


def _held_out(numbers, secret):
    found = np.zeros_like(secret)
    if len(secret) < 2:
        return found
    folds = KFold(min(N_FOLDS, len(secret)), shuffle=True, random_state=0)
    for rest, held in folds.split(numbers):
        ridge = _ridge(numbers[rest], secret[rest])
        found[held] = _told(ridge, numbers[held], secret.shape[1])
    return found


def _spread(secret):
    spread = secret.std(axis=0)
    return np.where(spread > 0, spread, 1.0)
