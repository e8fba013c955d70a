"""What anyone could guess of the secret without the model."""

import numpy as np
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)
from sklearn.model_selection import KFold
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import HasMethods
from sklearn.utils.validation import check_is_fitted

from skprivacy.attribute._base import BaseAttributeAttack
from skprivacy.attribute._density import ForestDensity
from skprivacy.records import ColumnCodes

__all__ = ["Imputer", "ImputationBaseline"]

#: Chance of a value that the imputer never saw or is sure of not being.
LEAST_CHANCE = 1e-4
N_FOLDS = 5
#: More values than this are no categories for the histograms of boosting.
MOST_CATEGORIES = 250


class ImputationBaseline(BaseAttributeAttack):
    """The best guess of the secret without the model: the yardstick.

    Whatever the other columns say of the secret, they say to anyone. An attack on the
    model gives something away only in so far as it is better than this, with the same
    knowledge.

    Parameters
    ----------
    sensitive : str, int or list
        Sensitive column: its name, or its position among the target's features; or
        several.

    values : {"auto", "classes", "numeric"} or array-like, default="auto"
        What the secret may be. "classes": one of the values that `y` has. "numeric": a
        number. "auto": numbers of more than 20 different values, or with fractions,
        are numbers. Or the candidates themselves.

    label : str, int or None, default=-1
        The label's column in ``X``; None where there is none.

    label_known : bool, default=True
        Whether the label of the records under attack is known. If not, it is not used.

    estimator : estimator or None, default=None
        Classifier, or regressor for a numeric secret. It is given numbers: texts and
        categories as their position among the values that ``fit`` saw, missing and new
        ones as NaN. None: gradient boosting.

    random_state : int, RandomState instance or None, default=None
        For the default estimator.

    Attributes
    ----------
    estimator_ : estimator
        The fitted estimator.

    classes_ : ndarray
        Candidate values; not for a numeric secret.

    grid_ : ndarray of shape (n_candidates,)
        Steps of the number line, between which numbers are then looked for; for a
        numeric secret.

    n_features_in_ : int
        Columns that are known.

    See Also
    --------
    BayesAttack : The same guess, weighed against the target's answers.

    Notes
    -----
    Assumes that the attacker holds complete records of the same population, and knows
    nothing of the model.

    Of a number boosting tells the mean, and a forest how likely each value is, which
    ``predict_posterior`` returns.

    References
    ----------
    B. Jayaraman, D. Evans. "Are attribute inference attacks just imputation?". ACM CCS
    2022.

    Examples
    --------
    >>> import numpy as np
    >>> from skprivacy.attribute import ImputationBaseline
    >>> rng = np.random.default_rng(0)
    >>> known = rng.normal(size=(300, 3))
    >>> secret = (known[:, 0] > 0).astype(int)
    >>> baseline = ImputationBaseline(sensitive=0, random_state=0).fit(known, secret)
    >>> baseline.score(known, secret) > 0.9
    True
    """

    _parameter_constraints: dict = {
        **BaseAttributeAttack._parameter_constraints,
        "estimator": [HasMethods(["fit", "predict"]), None],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        sensitive,
        *,
        values="auto",
        label=-1,
        label_known=True,
        estimator=None,
        random_state=None,
    ):
        self.sensitive = sensitive
        self.values = values
        self.label = label
        self.label_known = label_known
        self.estimator = estimator
        self.random_state = random_state

    def _fit(self, known, secret):
        numeric = self._candidates.numeric
        if self.estimator is not None and not (is_regressor, is_classifier)[
            not numeric
        ](self.estimator):
            kind = "regressor for a numeric secret" if numeric else "classifier"
            raise ValueError(f"estimator must be a {kind}; got {self.estimator!r}.")
        known = self._completer.as_attacked(known)
        self._guess = Imputer(
            self.estimator, self._candidates, self.random_state, as_number=numeric
        ).fit(known.table(), secret)
        self.estimator_ = self._guess.estimator_
        self._density = self._guess
        if numeric and self.estimator is None:
            # Its mean is worse than that of boosting, which does not tell chances.
            self._density = Imputer(None, self._candidates, self.random_state)
            self._density.fit(known.table(), secret)

    def predict(self, X):
        """Guess the secret of records.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_known)
            What is known of the records.

        Returns
        -------
        secret : ndarray of shape (n_records,) or (n_records, n_secrets)
            The likeliest value; of a number the estimator's prediction.
        """
        check_is_fitted(self)
        if not self._candidates.numeric:
            return super().predict(X)
        return self._guess.values(self._known(X).table())

    def _log_chances(self, known):
        return self._density.log_chances(known.table())

    def _posterior(self, known):
        scores = self._log_chances(known)
        picked = self._steps.around(scores)
        scores = np.take_along_axis(scores, self._steps.steps_of(picked), axis=1)
        posterior = self._steps.spread(scores, picked)
        return posterior._replace(center=self._guess.values(known.table()))


class Imputer:
    """Guesses the secret from what is known, as all attacks do before they ask.

    Parameters
    ----------
    estimator : estimator or None
        Unfitted; None is gradient boosting.

    candidates : Candidates
        Values between which it chooses.

    random_state : int, RandomState instance or None
        For the default estimator and the folds.

    as_number : bool, default=False
        Predict the number itself, and not the steps of its grid.

    Attributes
    ----------
    estimator_ : estimator
        The fitted estimator.

    seed : int
        Drawn from `random_state`.
    """

    def __init__(self, estimator, candidates, random_state, as_number=False):
        self.estimator = estimator
        self.candidates = candidates
        self.random_state = random_state
        self.as_number = as_number

    def fit(self, table, secret):
        """Learn from complete records.

        Parameters
        ----------
        table : DataFrame or ndarray of shape (n_records, n_known)
            What is known.

        secret : ndarray of shape (n_records, n_secrets)
            Truth.

        Returns
        -------
        self : Imputer
        """
        self._codes = ColumnCodes(table)
        self._kept = np.ones(table.shape[1], dtype=bool)
        numbers = self._codes(table)
        # A column without any value says nothing, and not every estimator takes it.
        self._kept = ~np.isnan(numbers).all(axis=0)
        self.seed = check_random_state(self.random_state).randint(2**31 - 1)
        if self.as_number:
            y = secret[:, 0].astype(float)
        else:
            y = self.candidates.encode(secret)
        self.estimator_ = self._fitted(numbers, y)
        return self

    def values(self, table):
        """Predicted numbers, shape (n_records,)."""
        return self.estimator_.predict(self._numbers(table))

    def log_chances(self, table):
        """Log of the chance of each candidate, shape (n_records, n_candidates)."""
        return self._log_chances_of(self.estimator_, self._codes(table))

    def out_of_fold(self, table, secret):
        """Do the same for the records that were learned from, each one held out.

        Parameters
        ----------
        table : DataFrame or ndarray of shape (n_records, n_known)
            The table that ``fit`` was given.

        secret : ndarray of shape (n_records, n_secrets)
            Truth.

        Returns
        -------
        log_chances : ndarray of shape (n_records, n_candidates)
        """
        if isinstance(self.estimator_, ForestDensity):
            return np.log(self.estimator_.oob_decision_function_ + LEAST_CHANCE)
        numbers, y = self._codes(table), self.candidates.encode(secret)
        found = np.empty((len(y), len(self.candidates)))
        n_folds = min(N_FOLDS, len(y))
        folds = KFold(n_folds, shuffle=True, random_state=self.seed)
        for rest, held in folds.split(numbers):
            if len(np.unique(y[rest])) < 2:
                # One value alone: nothing to learn, the prior is all there is.
                found[held] = self._log_chances_of(self.estimator_, numbers[held])
                continue
            part = self._fitted(numbers[rest], y[rest])
            found[held] = self._log_chances_of(part, numbers[held])
        return found

    def _fitted(self, numbers, y):
        estimator = clone(self.estimator) if self.estimator is not None else None
        if estimator is None:
            estimator = self._default()
        if not self._kept.any():
            return estimator.fit(np.zeros((len(y), 1)), y)
        return estimator.fit(numbers[:, self._kept], y)

    def _default(self):
        if not self.as_number and self.candidates.numeric:
            grid = self.candidates.classes.astype(float)
            return ForestDensity(grid, random_state=self.seed)
        categories = self._codes.is_category & (self._codes.n_values <= MOST_CATEGORIES)
        options = {
            "learning_rate": 0.05,
            "max_iter": 80,
            "max_leaf_nodes": 8,
            "l2_regularization": 5.0,
            "max_features": 0.5,
            "early_stopping": False,
            "categorical_features": categories[self._kept],
            "random_state": self.seed,
        }
        if self.as_number:
            # Regression has more to learn: shape, not only which side.
            options |= {"max_iter": 200, "max_leaf_nodes": 15}
            return HistGradientBoostingRegressor(**options)
        return HistGradientBoostingClassifier(**options)

    def _numbers(self, table):
        numbers = self._codes(table)
        return numbers[:, self._kept] if self._kept.any() else np.zeros((len(table), 1))

    def _log_chances_of(self, estimator, numbers):
        numbers = numbers[:, self._kept]
        if not self._kept.any():
            numbers = np.zeros((len(numbers), 1))
        chances = np.zeros((len(numbers), len(self.candidates)))
        if hasattr(estimator, "predict_proba"):
            chances[:, estimator.classes_.astype(int)] = estimator.predict_proba(
                numbers
            )
        elif self.as_number:
            nearest = self.candidates.encode(estimator.predict(numbers)[:, None])
            chances[np.arange(len(numbers)), nearest] = 1
        else:
            chances[np.arange(len(numbers)), estimator.predict(numbers).astype(int)] = 1
        return np.log(chances + LEAST_CHANCE)
