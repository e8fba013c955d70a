"""What classifiers answer with, made of their log-probabilities."""

import numpy as np
from scipy.special import log_softmax
from sklearn.utils.validation import check_is_fitted, validate_data

__all__ = ["ClassAnswersMixin", "GaussianAnswersMixin"]


class ClassAnswersMixin:
    """Probabilities and classes; a classifier has ``_log_scores`` of checked records.

    They are logarithms of probabilities, but for a constant of each record.
    """

    def predict_log_proba(self, X):
        """Log of the probability of each class.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            Records.

        Returns
        -------
        logs : ndarray of shape (n_records, n_classes)
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype=float, reset=False)
        return log_softmax(self._log_scores(X), axis=1)

    def predict_proba(self, X):
        """Probability of each class.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            Records.

        Returns
        -------
        proba : ndarray of shape (n_records, n_classes)
        """
        return np.exp(self.predict_log_proba(X))

    def predict(self, X):
        """Return the likeliest class.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            Records.

        Returns
        -------
        y : ndarray of shape (n_records,)
        """
        best = self.predict_log_proba(X).argmax(axis=1)
        return self.classes_[best]


class GaussianAnswersMixin(ClassAnswersMixin):
    """Answers of naive Bayes with ``theta_``, ``var_`` and ``class_prior_``."""

    def predict_joint_log_proba(self, X):
        """Log of the joint density of records and classes.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            Records.

        Returns
        -------
        logs : ndarray of shape (n_records, n_classes)
        """
        check_is_fitted(self)
        return self._log_scores(validate_data(self, X, dtype=float, reset=False))

    def _log_scores(self, X):
        away = (X[:, None] - self.theta_) ** 2 / self.var_
        logs = -0.5 * (away + np.log(2 * np.pi * self.var_)).sum(axis=2)
        return logs + np.log(self.class_prior_)
