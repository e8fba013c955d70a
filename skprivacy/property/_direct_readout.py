"""The share of a group, read from one released model."""

from numbers import Real

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils._param_validation import Interval

from skprivacy.property._label_readings import label_readings
from skprivacy.property._models import check_models, inside
from skprivacy.property._opened import input_names
from skprivacy.property._readings import column_readings

__all__ = ["DirectReadout"]


class DirectReadout(RegressorMixin, BaseEstimator):
    """Read the share of a group, or of a class, where a model tells it as it is.

    No shadow models, no records and no training: the model's own numbers are counts of
    its training set, or follow from them. What an attacker does first who holds the
    model.

    Parameters
    ----------
    column : str, int or None, default=None
        Column of the records: its name, or its position where the model was trained on
        an array. None: the label.

    value : object, default=None
        The value whose share is read, as the records hold it; of the label, a class.

    default : float or None, default=None
        Answer for models that do not tell the share. None: an error.

    See Also
    --------
    RatioRegressor : Learns on shadow models what else tells the share.
    skprivacy.inspection.leak_scan : What a model's file holds.

    Notes
    -----
    Exact are: means of scalers, of imputers and of PCA over a column of two values;
    unsmoothed target encodings of one; counts of naive Bayes; means of classes of
    Gaussian naive Bayes and discriminant analysis; stored records of nearest neighbors;
    the first guess of boosting; nodes of trees grown on all records, where the way
    decides the value in every leaf.

    An estimate is: all other trees. A split on the column tells the share in its node,
    not in the training set. It is carried to the root by what splits on other columns
    on the way do to it, which is learned over all nodes of all trees; where each tree
    saw all records, leaves in which the value is decided bound it from both sides.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from skprivacy.property import DirectReadout
    >>> rng = np.random.RandomState(0)
    >>> group, x = rng.binomial(1, 0.3, size=1000), rng.normal(size=1000)
    >>> y = x + group + rng.normal(size=1000) > 0
    >>> forest = RandomForestClassifier(20, random_state=0).fit(np.c_[group, x], y)
    >>> group.mean().round(2), DirectReadout(0, 1).predict([forest]).round(2)
    (np.float64(0.29), array([0.29]))
    """

    _parameter_constraints = {
        "column": "no_validation",
        "value": "no_validation",
        "default": [Interval(Real, 0, 1, closed="both"), None],
    }

    def __init__(self, column=None, value=None, *, default=None):
        self.column = column
        self.value = value
        self.default = default

    def fit(self, X=None, y=None):
        """Do nothing: there is nothing to learn.

        Parameters
        ----------
        X : object
            Ignored.

        y : object
            Ignored.

        Returns
        -------
        self : DirectReadout
        """
        self._validate_params()
        return self

    def predict(self, X):
        """Read the share in the training set of each model.

        Parameters
        ----------
        X : sequence of fitted models
            Models under attack.

        Returns
        -------
        share : ndarray of shape (n_models,)

        Raises
        ------
        ValueError
            If a model does not tell the share and there is no `default`, or does not
            have the column.
        """
        return np.array([reading[0] for reading in self._best(X)])

    def predict_interval(self, X):
        """Bounds of the share: exact ones, or at 95 % as the trees tell it.

        Parameters
        ----------
        X : sequence of fitted models
            Models under attack.

        Returns
        -------
        interval : ndarray of shape (n_models, 2)
            Lower and upper end; both the share itself where it was counted.
        """
        return np.array([reading[1:3] for reading in self._best(X)])

    def readings(self, X) -> pd.DataFrame:
        """List everything that tells the share.

        Parameters
        ----------
        X : sequence of fitted models
            Models under attack.

        Returns
        -------
        readings : DataFrame
            ``model`` (position in X), ``share``, ``low``, ``high``, ``exact``,
            ``where``; of each model the best first, which is what `predict` answers.
        """
        rows = [
            (i, *reading)
            for i, model in enumerate(self._models(X))
            for reading in self._read(model)
        ]
        columns = ["model", "share", "low", "high", "exact", "where"]
        return pd.DataFrame(rows, columns=columns)

    def _best(self, X):
        best = []
        for i, model in enumerate(self._models(X)):
            readings = self._read(model)
            if not readings and self.default is None:
                raise ValueError(
                    f"X[{i}] does not tell the share of {self._asked()}: no scaler, "
                    "imputer or encoder, no count, no stored record and no split of a "
                    f"tree in {type(model).__name__} does. default= answers in its "
                    "place; RatioRegressor learns from shadow models."
                )
            best.append(readings[0] if readings else (self.default, 0.0, 1.0))
        return best

    def _models(self, X):
        self._validate_params()
        return [inside(model) for model in check_models(X)]

    def _read(self, model):
        if self.column is None:
            readings = label_readings(model, self._class_of(model))
        else:
            names = input_names(model)
            place = self._place(model, names)
            readings = column_readings(model, len(names), place, self.value)
        # Sorting is stable: of equals the first in the model's own order.
        return sorted(
            readings, key=lambda found: (not found.exact, found.high - found.low)
        )

    def _class_of(self, model):
        classes = getattr(model, "classes_", None)
        if classes is None:
            raise ValueError(
                "column=None reads the share of a class, and needs classifiers; got "
                f"{type(model).__name__}. For a feature give column."
            )
        if self.value not in list(classes):
            raise ValueError(
                f"value must be one of the classes {list(classes)}; got {self.value!r}."
            )
        return self.value

    def _place(self, model, names):
        known = getattr(model, "feature_names_in_", None)
        if isinstance(self.column, str):
            if self.column not in names:
                raise ValueError(
                    f"column={self.column!r} is no feature of the model; it has "
                    f"{names}"
                    + (
                        "."
                        if known is not None
                        else ", as it was trained on an array: give a position."
                    )
                )
            return names.index(self.column)
        if not isinstance(self.column, int | np.integer) or isinstance(
            self.column, bool
        ):
            raise ValueError(
                "column must be a name, a position or None for the label; got "
                f"{self.column!r}."
            )
        if not 0 <= self.column < len(names):
            raise ValueError(
                f"column must be a position from 0 to {len(names) - 1}; got "
                f"{self.column}."
            )
        return int(self.column)

    def _asked(self):
        if self.column is None:
            return f"the class {self.value!r}"
        return f"{self.column!r} = {self.value!r}"

    def __sklearn_is_fitted__(self):
        return True

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        # Rows of X are fitted models, no numbers.
        tags.input_tags.two_d_array = False
        tags.target_tags.required = False
        tags.requires_fit = False
        return tags
