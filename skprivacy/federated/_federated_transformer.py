"""A transformer that several parties fit together."""

from sklearn.base import TransformerMixin, _fit_context
from sklearn.utils import get_tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from skprivacy.federated._federated_base import BaseFederated, has

__all__ = ["FederatedTransformer"]


class FederatedTransformer(TransformerMixin, BaseFederated):
    """A transformer that clients fit together, none of whom shows its records.

    Parameters
    ----------
    estimator : estimator
        One of KMeans, LinearDiscriminantAnalysis, MaxAbsScaler, MinMaxScaler,
        OneHotEncoder, OrdinalEncoder, PCA, StandardScaler, or a Pipeline or
        ColumnTransformer of these. Of encoders whose categories are not given, each
        client tells in the clear which it has.

    n_rounds, aggregation, engine, min_clients, fraction_bits
        As in :class:`FederatedClassifier`.

    bounds, dropouts, random_state
        As in :class:`FederatedClassifier`. KMeans draws its first centers with
        `random_state` from a normal distribution that has the columns' means and
        deviations, unless its `init` is an array.

    privacy : RecordPrivacy or None, default=None
        As in :class:`FederatedClassifier`; for PCA and StandardScaler. It needs
        `bounds`.

    Attributes
    ----------
    estimator_ : estimator
        The fitted transformer: an ordinary one of scikit-learn. KMeans has no
        `labels_`: those are the clients'.

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
        self.fraction_bits = fraction_bits
        self.dropouts = dropouts
        self.privacy = privacy
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

    @available_if(has("inverse_transform"))
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

    @available_if(has("predict"))
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
