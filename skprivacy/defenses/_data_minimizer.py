"""Records that say no more than a model needs."""

from numbers import Integral, Real

import numpy as np
import pandas as pd
from sklearn.base import (
    BaseEstimator,
    MetaEstimatorMixin,
    OneToOneFeatureMixin,
    TransformerMixin,
    _fit_context,
    clone,
    is_regressor,
)
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.utils._param_validation import HasMethods, Interval
from sklearn.utils.validation import (
    _check_y,
    check_consistent_length,
    check_is_fitted,
    check_random_state,
    validate_data,
)

from skprivacy._validation import as_table
from skprivacy.defenses._generalization import (
    GeneralizationSearch,
    is_asked,
    readable,
)
from skprivacy.defenses._representatives import replace_columns
from skprivacy.defenses._value_tree import as_frame, column_positions
from skprivacy.records import take_rows
from skprivacy.targets import allows_nan

__all__ = ["DataMinimizer"]


class DataMinimizer(
    OneToOneFeatureMixin, MetaEstimatorMixin, TransformerMixin, BaseEstimator
):
    r"""Tell a model of people only what it needs to answer as it does.

    A decision tree learns the model's predictions. What it does not ask for need not be
    collected: of a number the range is enough, of a category the group, and of some
    columns nothing. `transform` puts the usual value of each range into its place, so
    that the model can be asked as ever.

    Parameters
    ----------
    estimator : estimator
        The model: a trained one inside :class:`~sklearn.frozen.FrozenEstimator`, or one
        of which a clone is trained on the records that are not held out.

    target_accuracy : float, default=0.98
        Share of held-out records to which the model must give the label that it gives
        to them in full; of a regressor R squared. The truth is not asked for.

    features : list of str or int, or None, default=None
        Columns that may be generalized, by name or position; others stay as they are.
        None: all.

    validation_fraction : float, default=0.3
        Share of the records that is held out, if `fit` is not given others.

    min_samples_leaf : int, default=1
        Records of a leaf of the tree, at least. With more of them ranges stay wider,
        and more columns may have to be exact.

    random_state : int, RandomState instance or None, default=None
        Decides which records are held out, and between splits that are as good.

    Attributes
    ----------
    generalizations_ : dict
        For each column that is collected in part: of a number the ranges, as
        :class:`pandas.Interval`; of a category the groups, as lists of values. None is
        a missing value. Any value of a range may stand for it.

    features_dropped_ : ndarray
        Columns that need not be collected at all, by name, or position in an array.

    features_exact_ : ndarray
        Columns that must be collected as they are: those not in `features`, and those
        whose ranges alone would miss the target.

    ncp_ : float
        What is told less, from 0 (nothing) to 1 (all): the mean over columns of the
        normalized certainty penalty, see Notes.

    accuracy_ : float
        The share of held-out records that get the same label, or R squared. The
        generalization was chosen by it, so that fresh records do a little worse.

    estimator_ : estimator
        The model.

    privacy_guarantee_ : None
        There is none.

    n_features_in_ : int
        Columns of the table.

    feature_names_in_ : ndarray of shape (n_features,)
        Their names, if all are texts.

    Raises
    ------
    TypeError
        If `estimator` is fitted and bare: it would be trained anew.

    ValueError
        If there are fewer than two records, or a column does not exist.

    See Also
    --------
    KAnonymizer : Generalizes what a model is trained on.

    Notes
    -----
    The tree is pruned as far as the target allows, by bisection over penalties for its
    leaves. If even the whole tree misses it, columns become exact one after the
    other, at each step the one that gains most accuracy for what it tells. Then trees
    without one column are tried, and kept if they reach the target and no more is told.

    What is collected of a column is which of its thresholds, in whatever node, a value
    exceeds. The usual value of a range is one that occurs: the most common one, for
    numbers that next to the median. Let :math:`g` be a range, :math:`n_g` its records
    and :math:`|g|` the width of their values (of categories: how many values they have,
    0 for one), by that of the whole column :math:`|A_j|`:

    .. math:: NCP = \frac{1}{n d} \sum_{j=1}^{d} \sum_{g} n_g \frac{|g_j|}{|A_j|}

    An exact column adds 0, a dropped one 1, unless all have the same value.

    It changes what people hand over at prediction time, and nothing about what the
    model has learned: every attack on the training set works as before, at its full
    strength. Answers say as much about the people asked for as ever. Thresholds and
    usual values come from the records of `fit`.

    References
    ----------
    A. Goldsteen, G. Ezov, R. Shmelkin, M. Moffie, A. Farkash. "Data minimization for
    GDPR compliance in machine learning models". AI and Ethics 2, 2022. Cost-complexity
    pruning in the place of whole levels, usual values of ranges in the place of those
    of leaves, round thresholds, and the search for columns to drop are choices of this
    package.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.frozen import FrozenEstimator
    >>> from sklearn.svm import SVC
    >>> from skprivacy.defenses import DataMinimizer
    >>> X, y = load_iris(return_X_y=True, as_frame=True)
    >>> model = SVC().fit(X, y)
    >>> minimizer = DataMinimizer(FrozenEstimator(model), 0.9, random_state=0)
    >>> X_told = minimizer.fit_transform(X)
    >>> for column, ranges in minimizer.generalizations_.items():
    ...     print(column, *ranges)
    petal length (cm) (-inf, 2.0] (2.0, 4.9] (4.9, inf]
    >>> minimizer.features_dropped_.tolist()
    ['sepal length (cm)', 'sepal width (cm)', 'petal width (cm)']
    >>> bool((model.predict(X_told) == model.predict(X)).mean() > 0.9)
    True
    """

    _parameter_constraints = {
        "estimator": [HasMethods(["fit", "predict"])],
        "target_accuracy": [Interval(Real, 0, 1, closed="right")],
        "features": ["array-like", None],
        "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
        "min_samples_leaf": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        estimator,
        target_accuracy=0.98,
        *,
        features=None,
        validation_fraction=0.3,
        min_samples_leaf=1,
        random_state=None,
    ):
        self.estimator = estimator
        self.target_accuracy = target_accuracy
        self.features = features
        self.validation_fraction = validation_fraction
        self.min_samples_leaf = min_samples_leaf
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y=None, X_val=None):
        """Find out what the model needs.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Records.

        y : array-like of shape (n_records,) or None, default=None
            Labels, for an estimator that is yet to be trained.

        X_val : DataFrame or array-like of shape (n_validation, n_features) or None
            Records that accuracy is measured on. None holds out some of `X`. For a
            model that was trained on `X`, give others.

        Returns
        -------
        self : object
        """
        table = as_table(X)
        validate_data(self, X, y, skip_check_array=True)
        rng = check_random_state(self.random_state)
        if y is not None:
            y = _check_y(y, estimator=self)
            check_consistent_length(table, y)
        general = column_positions(table, self.features, "features")
        X_val, table, y = self._hold_out(table, y, X_val, rng)
        self.estimator_ = self._model(table, y)
        search = GeneralizationSearch(
            self.estimator_.predict,
            table,
            X_val,
            is_regressor(self.estimator_),
            self.target_accuracy,
            min_samples_leaf=self.min_samples_leaf,
            random_state=rng.randint(2**31 - 1),
        )
        self._keep(search, search.run(general))
        self.privacy_guarantee_ = None
        return self

    def transform(self, X):
        """Put records into the place of others that the model answers to alike.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Records. A DataFrame may come without `features_dropped_`.

        Returns
        -------
        X : DataFrame or ndarray of shape (n_records, n_features)
            A copy, of all columns; generalized ones have the type that they had in
            `fit`.
        """
        check_is_fitted(self)
        X = self._with_dropped(X)
        table = as_table(X)
        validate_data(self, X, reset=False, skip_check_array=True)
        codes = self._coding(as_frame(table).iloc[:, self._general])
        rows = [
            asked(column) for asked, column in zip(self._ranges, codes.T, strict=True)
        ]
        return replace_columns(table, self._general, self._values, rows)

    def _hold_out(self, table, y, X_val, rng):
        if X_val is not None:
            X_val_table = as_table(X_val, "X_val")
            validate_data(self, X_val, reset=False, skip_check_array=True)
            return X_val_table, table, y
        if len(table) < 2:
            raise ValueError(
                "X needs a record to learn from and one to hold out at least; got "
                f"n_samples={len(table)}. X_val may be given."
            )
        order = rng.permutation(len(table))
        n_held = round(self.validation_fraction * len(table))
        n_held = min(max(n_held, 1), len(table) - 1)
        held, rest = np.sort(order[:n_held]), np.sort(order[n_held:])
        y = None if y is None else y[rest]
        return take_rows(table, held), take_rows(table, rest), y

    def _model(self, table, y):
        if isinstance(self.estimator, FrozenEstimator):
            check_is_fitted(self.estimator)
            return self.estimator
        if _is_fitted(self.estimator):
            raise TypeError(
                "estimator is fitted, and would be trained anew: "
                "FrozenEstimator(model) minimizes what is asked of this model, "
                f"clone(model) trains another; got {self.estimator!r}."
            )
        return clone(self.estimator).fit(table, y)

    def _keep(self, search, found):
        general = list(found.ranges)
        coding = search.tree.coding.take(general)
        self._general, self._coding = general, coding
        self._ranges = list(found.ranges.values())
        self._values = [search.values(j, rows) for j, rows in found.rows.items()]
        self.accuracy_, self.ncp_ = found.score, float(found.penalty.mean())
        is_frame = isinstance(search.X, pd.DataFrame)
        names = search.X.columns if is_frame else np.arange(search.X.shape[1])
        dropped = [j for j in general if not is_asked(found.ranges[j])]
        self.features_dropped_ = np.asarray(names[dropped])
        exact = [j for j in search.columns if j not in general]
        self.features_exact_ = np.asarray(names[exact])
        has_missing = np.isnan(search.codes).any(axis=0)
        self.generalizations_ = {
            names[j]: readable(ranges, values, is_date, has_missing[j])
            for j, ranges, values, is_date in zip(
                general, self._ranges, coding.values, coding.is_date, strict=True
            )
            if j not in dropped
        }

    def _with_dropped(self, X):
        names = getattr(self, "feature_names_in_", None)
        if names is None or not isinstance(X, pd.DataFrame):
            return X
        absent = [name for name in self.features_dropped_ if name not in X.columns]
        if not absent:
            return X
        # Whatever stands there is replaced.
        X = X.assign(**dict.fromkeys(absent, np.nan))
        is_whole = len(names) == X.shape[1] and set(names) == set(X.columns)
        return X[list(names)] if is_whole else X

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = not isinstance(self.estimator, FrozenEstimator)
        tags.input_tags.allow_nan = allows_nan(self.estimator)
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        return tags


def _is_fitted(estimator):
    try:
        check_is_fitted(estimator)
    except NotFittedError:
        return False
    return True
