"""A classifier that several parties fit together."""

import numpy as np
from sklearn.base import ClassifierMixin, _fit_context, is_classifier
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from skprivacy.federated._federated_base import BaseFederated, has

__all__ = ["FederatedClassifier"]


class FederatedClassifier(ClassifierMixin, BaseFederated):
    """A classifier that clients fit together, none of whom shows its records.

    What the model is learned from are sums over all records; each client adds up its
    own, and :func:`secure_sum` adds up the clients. The result is that of a fit on all
    records at once, up to rounding. Only MLPClassifier and SGDClassifier, which are
    trained by steps, become another model: by federated averaging.

    Parameters
    ----------
    estimator : estimator
        One of BernoulliNB, CategoricalNB, ComplementNB, ExtraTreesClassifier,
        GaussianNB, HistGradientBoostingClassifier, LinearDiscriminantAnalysis,
        LogisticRegression, MLPClassifier, MultinomialNB, RandomForestClassifier,
        SGDClassifier; or a Pipeline of these behind
        transformers that :class:`FederatedTransformer` takes.

    n_rounds : "auto" or int, default="auto"
        Most rounds of what is repeated: Newton's or Lloyd's steps, rounds in which
        trees grow, epochs. "auto": the estimator's `max_iter`; 30 epochs.

    aggregation : {"secure", "plain"}, default="secure"
        "secure": the server sees sums alone. "plain": it sees the vector of each
        client, and adds up floats.

    engine : {"local", "flower"}, default="local"
        "local": all clients are simulated in this process. "flower": clients run on
        machines of their own, by :func:`skprivacy.federated.flower.client_app` and
        :func:`skprivacy.federated.flower.server_app`; `fit` is not called.

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

    dropouts : dict of {id: (round, stage)} or None, default=None
        Clients that vanish in the simulation: in which sum, counted from 1, and which
        stage of it they don't answer, as in :func:`secure_sum`. From "consistency" on
        what they sent is in that sum still. For `engine="local"` alone.

    privacy : RecordPrivacy or None, default=None
        Noise that clients add, so that the model is differentially private for each
        record. It needs `classes`, and `bounds`, to which values are clipped; missing
        values become the middle. For BernoulliNB, ComplementNB, GaussianNB,
        LinearDiscriminantAnalysis, MultinomialNB, and these behind PCA and
        StandardScaler.

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

    feature_names_in_ : ndarray of shape (n_features,)
        Their names, where they are texts.

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
        **BaseFederated._parameter_constraints,
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
        dropouts=None,
        privacy=None,
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

    @available_if(has("predict_proba"))
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

    @available_if(has("decision_function"))
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
