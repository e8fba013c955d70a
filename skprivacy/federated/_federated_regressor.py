"""A regressor that several parties fit together."""

from sklearn.base import RegressorMixin, _fit_context, is_regressor

from skprivacy.federated._federated_base import BaseFederated

__all__ = ["FederatedRegressor"]


class FederatedRegressor(RegressorMixin, BaseFederated):
    """A regressor that clients fit together, none of whom shows its records.

    Parameters
    ----------
    estimator : estimator
        One of ExtraTreesRegressor, HistGradientBoostingRegressor, LinearRegression,
        MLPRegressor, RandomForestRegressor, Ridge, SGDRegressor; or a Pipeline of these
        behind transformers that :class:`FederatedTransformer` takes.

    n_rounds, aggregation, engine, min_clients, fraction_bits, dropouts, random_state
        As in :class:`FederatedClassifier`.

    privacy : RecordPrivacy or None, default=None
        As in :class:`FederatedClassifier`; for LinearRegression and Ridge. It needs
        `bounds` and `y_bounds`.

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

    privacy_guarantee_ : PrivacyGuarantee or None
        What the fit promises each record; None without `privacy`.

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
        **BaseFederated._parameter_constraints,
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
        dropouts=None,
        privacy=None,
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
        self.dropouts = dropouts
        self.privacy = privacy
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
