"""Columns that models share, though each scales and fills them by its own records."""

from dataclasses import dataclass, replace

import numpy as np

__all__ = ["SharedDesign"]


@dataclass
class SharedDesign:
    """The features of many linear models, each with a scaling of its own.

    Column ``j`` of model ``k`` is ``(base[:, j] + fill[k, j] * missing[:, j] -
    center[k, j]) / scale[k, j]``. A linear model of such columns is one of ``base`` and
    ``missing``, which all models share, with another penalty on its coefficients; what
    is taken off a column goes into the intercept.

    Parameters
    ----------
    base : ndarray of shape (n_records, n_columns)
        Zero where a value is missing.

    missing : ndarray of shape (n_records, n_gaps)
        Where values are missing, for the columns `gaps`.

    gaps : ndarray of int of shape (n_gaps,)
        Columns with missing values.

    fill : ndarray of shape (n_models, n_gaps)
        What each model puts there.

    scale : ndarray of shape (n_models, n_columns)
        What each model divides by.

    intercept : bool
        Whether the models have one; it is the last coefficient.
    """

    base: np.ndarray
    missing: np.ndarray
    gaps: np.ndarray
    fill: np.ndarray
    scale: np.ndarray
    intercept: bool

    def __post_init__(self):
        if self.intercept or len(self.gaps):
            ones = np.ones((len(self.base), int(self.intercept)))
            self._all = np.hstack([self.base, ones, self.missing])
        else:
            self._all = self.base
        self._width = self.base.shape[1] + int(self.intercept)

    @property
    def penalty(self):
        """Weight of each squared coefficient, shape (n_models, n_parameters)."""
        return np.hstack(
            [self.scale**2, np.zeros((len(self.scale), int(self.intercept)))]
        )

    def of_models(self, models):
        """Return the same columns, for some of the models."""
        return replace(self, fill=self.fill[models], scale=self.scale[models])

    def scores(self, coefs, models, rows=slice(None)):
        """Return ``features @ coef`` of some models.

        Parameters
        ----------
        coefs : ndarray of shape (n_models, n_scores, n_parameters)
            Their coefficients.

        models : ndarray of int of shape (n_models,)
            Which models they are.

        rows : slice, default=slice(None)
            Records.

        Returns
        -------
        scores : ndarray of shape (n_models, n_scores, n_records)
        """
        filled = coefs[:, :, self.gaps] * self.fill[models, None]
        weights = np.concatenate([coefs, filled], axis=2)
        scores = weights.reshape(-1, weights.shape[2]) @ self._all[rows].T
        return scores.reshape(*coefs.shape[:2], -1)

    def slopes(self, residuals, models, rows=slice(None)):
        """Return ``features.T @ residuals``, in the shape of the coefficients."""
        shape = *residuals.shape[:2], -1
        full = residuals.reshape(-1, residuals.shape[2]) @ self._all[rows]
        full = full.reshape(shape)
        slopes = full[:, :, : self._width]
        slopes[:, :, self.gaps] += full[:, :, self._width :] * self.fill[models, None]
        return slopes

    def mean_columns(self):
        """Return the features with what the models put into gaps on the average."""
        return self._filled(self._all, self.fill.mean(axis=0))

    def own_columns(self, model, rows):
        """Return the features of one model, and some records."""
        return self._filled(self._all[rows], self.fill[model])

    def _filled(self, columns, fill):
        features = columns[:, : self._width]
        if len(self.gaps):
            features = features.copy()
            features[:, self.gaps] += columns[:, self._width :] * fill
        return features
