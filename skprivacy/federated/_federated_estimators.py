"""Estimators that several parties fit together."""

from numbers import Integral

import numpy as np
import pandas as pd
from sklearn.base import (
    BaseEstimator,
    ClassifierMixin,
    MetaEstimatorMixin,
    RegressorMixin,
    TransformerMixin,
    _fit_context,
    is_classifier,
    is_regressor,
)
from sklearn.pipeline import Pipeline
from sklearn.utils import (
    _safe_indexing,
    check_consistent_length,
    check_random_state,
    get_tags,
)
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data

from skprivacy._validation import as_table
from skprivacy.dp._public import public_bounds
from skprivacy.federated._fixed_point import MOST_FRACTION_BITS
from skprivacy.federated._learning import (
    check_learnable,
    learn,
    takes_tables,
    target_of,
)
from skprivacy.federated._local_engine import LocalEngine, is_known
from skprivacy.federated._plan import check_id

__all__ = ["FederatedClassifier", "FederatedRegressor", "FederatedTransformer"]

#: Below, a secure sum hides nothing.
FEWEST_SECURE = 3


def _has(method):
    return lambda self: hasattr(getattr(self, "estimator_", self.estimator), method)


class _Federated(MetaEstimatorMixin, BaseEstimator):
    """Split the records by client, and learn by sums over the clients."""

    # The groups of a fit are the clients: a grid search hands them on.
    __metadata_request__fit = {"groups": True}

    _parameter_constraints = {
        "estimator": [HasMethods(["fit"])],
        "n_rounds": [
            StrOptions({"auto"}),
            Interval(Integral, 1, None, closed="left"),
        ],
        "aggregation": [StrOptions({"secure", "plain"})],
        "engine": [StrOptions({"local"})],
        "min_clients": [Interval(Integral, 1, None, closed="left")],
        "fraction_bits": [Interval(Integral, 8, MOST_FRACTION_BITS, closed="both")],
        "bounds": "no_validation",
        "random_state": ["random_state"],
    }

    def _fit(self, X, y, groups, *, classes=None, y_bounds=None):
        self._check_estimator()
        check_learnable(self.estimator)
        self._check_min_clients()
        X, y = self._check_records(X, y, groups)
        self.n_rounds_ = self.bytes_sent_ = 0
        if self.bounds is not None and takes_tables(self.estimator):
            raise ValueError(
                "bounds must be None where columns may hold texts: the first step of "
                f"{self.estimator!r} takes such."
            )
        bounds = _checked_bounds(self.bounds, X)
        if y_bounds is not None:
            y_bounds = _checked_bounds(y_bounds, y[:, None], "y_bounds")
        engine = LocalEngine(
            _split(X, y, groups),
            aggregation=self.aggregation,
            fraction_bits=self.fraction_bits,
            min_clients=self.min_clients,
            bounds=bounds,
            y_bounds=y_bounds,
            is_table=takes_tables(self.estimator),
        )
        self.estimator_ = learn(
            self.estimator,
            engine,
            classes=classes,
            bounds=bounds,
            y_bounds=y_bounds,
            max_rounds=None if self.n_rounds == "auto" else int(self.n_rounds),
            seed=int(check_random_state(self.random_state).randint(2**31 - 1)),
        )
        # Those that take tables have names already.
        if hasattr(self, "feature_names_in_") and not takes_tables(self.estimator):
            _first_step(self.estimator_).feature_names_in_ = self.feature_names_in_
        self.clients_ = tuple(engine.clients)
        self.failed_clients_ = engine.failed
        self.n_rounds_, self.bytes_sent_ = engine.n_rounds, engine.bytes_sent
        self.privacy_guarantee_ = None
        return self

    def _check_min_clients(self):
        if self.aggregation == "secure" and self.min_clients < FEWEST_SECURE:
            raise ValueError(
                f"min_clients must be {FEWEST_SECURE} at least for "
                f"aggregation='secure': the sum of fewer hides nothing; got "
                f"{self.min_clients}."
            )

    def _check_records(self, X, y, groups):
        """Return records whose values each client checks for itself."""
        if groups is None:
            if self.aggregation == "secure" or self.min_clients > 1:
                raise ValueError(
                    "groups must say which client holds each record: an array of ids. "
                    "Without, all are of one client, which needs aggregation='plain' "
                    f"and min_clients=1; got groups=None, aggregation="
                    f"{self.aggregation!r}, min_clients={self.min_clients}."
                )
            if takes_tables(self.estimator):
                X = self._check_table(X)
            elif y is None and target_of(self.estimator) is None:
                return validate_data(self, X, dtype=np.float64), None
            else:
                X, y = validate_data(
                    self, X, y, dtype=np.float64, y_numeric=is_regressor(self)
                )
        elif takes_tables(self.estimator):
            X = self._check_table(X)
        else:
            X = validate_data(self, X, dtype=np.float64, ensure_all_finite=False)
        target = target_of(self.estimator)
        if target is None:
            return X, None
        if y is None:
            raise ValueError(
                f"y must be given: {type(self.estimator).__name__} requires y to be "
                "passed, but the target y is None."
            )
        y = column_or_1d(y, warn=True)
        check_consistent_length(X, y)
        if target == "numbers":
            return X, np.asarray(y, dtype=np.float64)
        # Of a missing label the client is told, who fails.
        check_classification_targets(y[is_known(y)])
        return X, y

    def _check_table(self, X, *, reset=True):
        """Return a table that may hold texts, its values untouched."""
        X = as_table(X)
        validate_data(self, X, skip_check_array=True, reset=reset)
        return X

    def predict(self, X):
        """Predict as the fitted model does.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Records.

        Returns
        -------
        y : ndarray of shape (n_records,)
        """
        check_is_fitted(self)
        return self.estimator_.predict(self._as_fitted(X))

    def _as_fitted(self, X):
        """Return finite float64 records, named as those of the fit; or a table."""
        if takes_tables(self.estimator):
            return self._check_table(X, reset=False)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        names = getattr(self, "feature_names_in_", None)
        return X if names is None else pd.DataFrame(X, columns=names)

    def __sklearn_is_fitted__(self):
        return hasattr(self, "estimator_")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        inner = get_tags(self.estimator)
        tags.input_tags.positive_only = inner.input_tags.positive_only
        tags.input_tags.categorical = inner.input_tags.categorical
        tags.non_deterministic = inner.non_deterministic
        return tags


class FederatedClassifier(ClassifierMixin, _Federated):
    """A classifier that clients fit together, none of whom shows its records.

    What the model is learned from are sums over all records; each client adds up its
    own, and :func:`secure_sum` adds up the clients. The result is that of a fit on all
    records at once, up to rounding. Only MLPClassifier and SGDClassifier, which are
    trained by steps, become another model: by federated averaging.

    Parameters
    ----------
    estimator : estimator
        One of BernoulliNB, CategoricalNB, ComplementNB, GaussianNB,
        HistGradientBoostingClassifier, LinearDiscriminantAnalysis, LogisticRegression,
        MLPClassifier, MultinomialNB, SGDClassifier; or a Pipeline of these behind
        transformers that :class:`FederatedTransformer` takes.

    n_rounds : "auto" or int, default="auto"
        Most rounds of what is repeated: Newton's or Lloyd's steps, rounds in which
        trees grow, epochs. "auto": the estimator's `max_iter`; 30 epochs.

    aggregation : {"secure", "plain"}, default="secure"
        "secure": the server sees sums alone. "plain": it sees the vector of each
        client, and adds up floats.

    engine : {"local"}, default="local"
        "local": all clients are simulated in this process.

    min_clients : int, default=3
        Fewest clients of a sum; 3 at least where it is secure.

    classes : array-like of shape (n_classes,) or None, default=None
        All labels that there may be; a client with another label fails. None: each
        client tells the server which labels it has, in the clear.

    bounds : pair or None, default=None
        Lower and upper ends of the columns, numbers or one a column, that are public.
        A client with other values fails. None: sums tell between which powers of two
        each column lies, to four more bits, and how many clients have their smallest
        and largest values where.

    fraction_bits : int, default=32
        Bits after the point of the words of 64 bits that are added up. More are more
        exact, and leave less room for large sums.

    random_state : int, RandomState instance or None, default=None
        For what is drawn at the server.

    Attributes
    ----------
    estimator_ : estimator
        The fitted model: an ordinary one of scikit-learn.

    classes_ : ndarray of shape (n_classes,)
        Classes.

    clients_ : tuple
        Clients that took part to the end.

    failed_clients_ : dict of {id: str}
        Clients that did not, and why.

    n_rounds_ : int
        Sums.

    bytes_sent_ : int
        Bytes that all clients sent in them.

    n_features_in_ : int
        Columns.

    feature_names_in_ : ndarray of shape (n_features_in_,)
        Their names, where they are texts.

    privacy_guarantee_ : None
        There is none: the model tells what a model tells.

    Raises
    ------
    ValueError
        If `groups` is not given, or the estimator can't be learned by sums.
    CohortTooSmall
        If fewer than `min_clients` clients are left.

    See Also
    --------
    secure_sum : How vectors are added up.
    register_learner : Adds estimators to the list.

    Notes
    -----
    A client whose records hold NaN, infinite values, unknown labels or values beyond
    the bounds fails, and the others go on without it. Where no client fails in the
    middle, the model is that of the remaining clients' records together.

    The server sees every sum, not only the model: counts, means and products of
    columns, and each step of an iteration. See the user guide.

    References
    ----------
    H. B. McMahan, E. Moore, D. Ramage, S. Hampson, B. Agüera y Arcas.
    "Communication-efficient learning of deep networks from decentralized data".
    International Conference on Artificial Intelligence and Statistics, 2017.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from skprivacy.federated import FederatedClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> hospital = np.arange(len(X)) // 30
    >>> model = FederatedClassifier(GaussianNB()).fit(X, y, groups=hospital)
    >>> model.estimator_
    GaussianNB()
    >>> pooled = GaussianNB().fit(X, y)
    >>> bool(np.abs(model.predict_proba(X) - pooled.predict_proba(X)).max() < 1e-7)
    True
    """

    _parameter_constraints = {
        **_Federated._parameter_constraints,
        "classes": ["array-like", None],
    }

    def __init__(
        self,
        estimator,
        *,
        n_rounds="auto",
        aggregation="secure",
        engine="local",
        min_clients=3,
        classes=None,
        bounds=None,
        fraction_bits=32,
        random_state=None,
    ):
        self.estimator = estimator
        self.n_rounds = n_rounds
        self.aggregation = aggregation
        self.engine = engine
        self.min_clients = min_clients
        self.classes = classes
        self.bounds = bounds
        self.fraction_bits = fraction_bits
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y, groups=None):
        """Fit the model by sums over the clients.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Records of all clients: numbers, unless the first step is an encoder or a
            ColumnTransformer.

        y : array-like of shape (n_records,)
            Labels.

        groups : array-like of shape (n_records,) or None, default=None
            Which client holds each record: whole numbers or texts. None: all are of
            one client, for which `aggregation` must be "plain" and `min_clients` 1.

        Returns
        -------
        self : FederatedClassifier
        """
        classes = None if self.classes is None else np.unique(self.classes)
        return self._fit(X, y, groups, classes=classes)

    def _check_estimator(self):
        if not is_classifier(self.estimator):
            raise ValueError(
                f"estimator must be a classifier; got {self.estimator!r}. "
                "FederatedRegressor and FederatedTransformer take others."
            )

    @property
    def classes_(self):
        """Classes."""
        return self.estimator_.classes_

    @available_if(_has("predict_proba"))
    def predict_proba(self, X):
        """Probabilities of the classes.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Records.

        Returns
        -------
        proba : ndarray of shape (n_records, n_classes)
        """
        check_is_fitted(self)
        return self.estimator_.predict_proba(self._as_fitted(X))

    @available_if(_has("decision_function"))
    def decision_function(self, X):
        """Scores of the classes.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Records.

        Returns
        -------
        scores : ndarray of shape (n_records,) or (n_records, n_classes)
        """
        check_is_fitted(self)
        return self.estimator_.decision_function(self._as_fitted(X))


class FederatedRegressor(RegressorMixin, _Federated):
    """A regressor that clients fit together, none of whom shows its records.

    Parameters
    ----------
    estimator : estimator
        One of HistGradientBoostingRegressor, LinearRegression, MLPRegressor, Ridge,
        SGDRegressor; or a Pipeline of these behind transformers that
        :class:`FederatedTransformer` takes.

    n_rounds, aggregation, engine, min_clients, fraction_bits, random_state
        As in :class:`FederatedClassifier`.

    bounds : pair or None, default=None
        As in :class:`FederatedClassifier`. A linear model without a step before it
        scales by them where `y_bounds` is given too.

    y_bounds : pair of float or None, default=None
        Lower and upper end of the target.

    Attributes
    ----------
    estimator_ : estimator
        The fitted model: an ordinary one of scikit-learn.

    clients_, failed_clients_, n_rounds_, bytes_sent_, n_features_in_, feature_names_in_
        As in :class:`FederatedClassifier`.

    privacy_guarantee_ : None
        There is none.

    Raises
    ------
    ValueError
        If `groups` is not given, or the estimator can't be learned by sums.
    CohortTooSmall
        If fewer than `min_clients` clients are left.

    See Also
    --------
    FederatedClassifier : The same for classes; says more.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.linear_model import Ridge
    >>> from skprivacy.federated import FederatedRegressor
    >>> X, y = load_diabetes(return_X_y=True)
    >>> model = FederatedRegressor(Ridge(0.1)).fit(X, y, groups=np.arange(len(X)) % 5)
    >>> bool(np.abs(model.predict(X) - Ridge(0.1).fit(X, y).predict(X)).max() < 1e-6)
    True
    """

    _parameter_constraints = {
        **_Federated._parameter_constraints,
        "y_bounds": "no_validation",
    }

    def __init__(
        self,
        estimator,
        *,
        n_rounds="auto",
        aggregation="secure",
        engine="local",
        min_clients=3,
        bounds=None,
        y_bounds=None,
        fraction_bits=32,
        random_state=None,
    ):
        self.estimator = estimator
        self.n_rounds = n_rounds
        self.aggregation = aggregation
        self.engine = engine
        self.min_clients = min_clients
        self.bounds = bounds
        self.y_bounds = y_bounds
        self.fraction_bits = fraction_bits
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y, groups=None):
        """Fit the model by sums over the clients.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Records of all clients: numbers, unless the first step is an encoder or a
            ColumnTransformer.

        y : array-like of shape (n_records,)
            Numbers.

        groups : array-like of shape (n_records,) or None, default=None
            As in :meth:`FederatedClassifier.fit`.

        Returns
        -------
        self : FederatedRegressor
        """
        return self._fit(X, y, groups, y_bounds=self.y_bounds)

    def _check_estimator(self):
        if not is_regressor(self.estimator):
            raise ValueError(
                f"estimator must be a regressor; got {self.estimator!r}. "
                "FederatedClassifier and FederatedTransformer take others."
            )


class FederatedTransformer(TransformerMixin, _Federated):
    """A transformer that clients fit together, none of whom shows its records.

    Parameters
    ----------
    estimator : estimator
        One of KMeans, LinearDiscriminantAnalysis, MaxAbsScaler, MinMaxScaler,
        OneHotEncoder, OrdinalEncoder, PCA, StandardScaler, or a Pipeline or
        ColumnTransformer of these. Of encoders whose categories are not given, each
        client tells in the clear which it has.

    n_rounds, aggregation, engine, min_clients, fraction_bits, bounds, random_state
        As in :class:`FederatedClassifier`. KMeans draws its first centers with
        `random_state` from a normal distribution that has the columns' means and
        deviations, unless its `init` is an array.

    Attributes
    ----------
    estimator_ : estimator
        The fitted transformer: an ordinary one of scikit-learn. KMeans has no
        `labels_`: those are the clients'.

    clients_, failed_clients_, n_rounds_, bytes_sent_, n_features_in_, feature_names_in_
        As in :class:`FederatedClassifier`.

    privacy_guarantee_ : None
        There is none.

    Raises
    ------
    ValueError
        If `groups` is not given, or the estimator can't be learned by sums.
    CohortTooSmall
        If fewer than `min_clients` clients are left.

    See Also
    --------
    FederatedClassifier : The same for classes; says more.

    Notes
    -----
    MinMaxScaler and MaxAbsScaler search for the exact ends of the columns, eight bits a
    round: sums of marks, from which the server sees how many clients have their ends
    near those of all.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.preprocessing import MinMaxScaler
    >>> from skprivacy.federated import FederatedTransformer
    >>> X, _ = load_iris(return_X_y=True)
    >>> model = FederatedTransformer(MinMaxScaler()).fit(X, groups=np.arange(150) % 4)
    >>> model.estimator_.data_max_
    array([7.9, 4.4, 6.9, 2.5])
    """

    def __init__(
        self,
        estimator,
        *,
        n_rounds="auto",
        aggregation="secure",
        engine="local",
        min_clients=3,
        bounds=None,
        fraction_bits=32,
        random_state=None,
    ):
        self.estimator = estimator
        self.n_rounds = n_rounds
        self.aggregation = aggregation
        self.engine = engine
        self.min_clients = min_clients
        self.bounds = bounds
        self.fraction_bits = fraction_bits
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y=None, groups=None):
        """Fit the transformer by sums over the clients.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Records of all clients: numbers, unless the first step is an encoder or a
            ColumnTransformer.

        y : array-like of shape (n_records,) or None, default=None
            Labels, where the estimator learns from them.

        groups : array-like of shape (n_records,) or None, default=None
            As in :meth:`FederatedClassifier.fit`.

        Returns
        -------
        self : FederatedTransformer
        """
        return self._fit(X, y, groups)

    def transform(self, X):
        """Transform as the fitted transformer does.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Records.

        Returns
        -------
        X_new : ndarray of shape (n_records, n_features_out)
        """
        check_is_fitted(self)
        return self.estimator_.transform(self._as_fitted(X))

    @available_if(_has("inverse_transform"))
    def inverse_transform(self, X):
        """Undo what `transform` does.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features_out)
            Transformed records.

        Returns
        -------
        X_old : ndarray of shape (n_records, n_features)
        """
        check_is_fitted(self)
        return self.estimator_.inverse_transform(X)

    @available_if(_has("predict"))
    def predict(self, X):
        """Predict as the fitted estimator does: the nearest cluster, or the class.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Records.

        Returns
        -------
        y : ndarray of shape (n_records,)
        """
        return super().predict(X)

    def get_feature_names_out(self, input_features=None):
        """Names of the columns that come out.

        Parameters
        ----------
        input_features : array-like of str or None, default=None
            Names of those that go in.

        Returns
        -------
        names : ndarray of str
        """
        check_is_fitted(self)
        return self.estimator_.get_feature_names_out(input_features)

    def _check_estimator(self):
        if not hasattr(self.estimator, "transform"):
            raise ValueError(
                f"estimator must be a transformer; got {self.estimator!r}. "
                "FederatedClassifier and FederatedRegressor take models."
            )

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = get_tags(self.estimator).target_tags.required
        tags.transformer_tags.preserves_dtype = []
        return tags


def _checked_bounds(bounds, X, name="bounds"):
    return None if bounds is None else public_bounds(bounds, X, name=name)


def _split(X, y, groups):
    """Return the records of each client, in the order of the table."""
    if groups is None:
        return {0: (X, y)}
    groups = column_or_1d(groups)
    check_consistent_length(X, groups)
    ids, codes = np.unique(groups, return_inverse=True)
    parts = {}
    for position, client in enumerate(ids.tolist()):
        mine = np.flatnonzero(codes == position)
        own = (_safe_indexing(X, mine), None if y is None else y[mine])
        parts[check_id(client)] = own
    return parts


def _first_step(estimator):
    if not isinstance(estimator, Pipeline):
        return estimator
    steps = [step for _, step in estimator.steps]
    return next(step for step in steps if step is not None and step != "passthrough")
