"""What share of a client's records has a property, from its update."""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, _fit_context, clone
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import check_array, check_consistent_length, check_random_state
from sklearn.utils._param_validation import HasMethods
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from skprivacy._validation import check_whole
from skprivacy.federated.attacks._network import DenseNetwork

__all__ = ["UpdatePropertyAttack", "shadow_updates"]


def shadow_updates(
    network, parameters, X, y, has_property, shares, *, n_records, random_state=None
):
    """Make updates of clients of whose records a known share has a property.

    Parameters
    ----------
    network : DenseNetwork
        The model.

    parameters : array-like of shape (n_values,)
        What was sent out before the round.

    X : array-like of shape (n_pool, n_features)
        The attacker's records.

    y : array-like of shape (n_pool,)
        Their classes, from 0.

    has_property : array-like of shape (n_pool,) of bool
        Which of them have the property.

    shares : array-like of shape (n_updates,)
        Share of each client's records that have it, from 0 to 1.

    n_records : int
        Records of a client, drawn without replacement.

    random_state : int, RandomState or None, default=None
        What draws them.

    Returns
    -------
    updates : ndarray of shape (n_updates, n_values)
        Mean gradients.

    Raises
    ------
    ValueError
        If shares are out of range, or the pool has too few records of a kind.

    Examples
    --------
    >>> import numpy as np
    >>> from skprivacy.federated.attacks import DenseNetwork, shadow_updates
    >>> network = DenseNetwork((2, 2))
    >>> X, y = np.eye(2).repeat(5, axis=0), [0, 1] * 5
    >>> shadow_updates(network, network.initial(0), X, y, X[:, 0] > 0, [0.2, 0.8],
    ...                n_records=5, random_state=0).shape
    (2, 6)
    """
    if not isinstance(network, DenseNetwork):
        raise TypeError(f"network must be a DenseNetwork; got {network!r}.")
    n_records = check_whole(n_records, "n_records", 1)
    X, y = check_array(X, dtype=float), np.asarray(y)
    has_property = np.asarray(has_property, bool)
    shares = check_array(shares, dtype=float, ensure_2d=False, input_name="shares")
    check_consistent_length(X, y, has_property)
    if shares.ndim != 1 or not ((shares >= 0) & (shares <= 1)).all():
        raise ValueError(f"shares must be numbers from 0 to 1; got {shares}.")
    pools = [np.flatnonzero(has_property), np.flatnonzero(~has_property)]
    draw = check_random_state(random_state)
    updates = []
    for share in shares:
        n_with = round(share * n_records)
        sizes = n_with, n_records - n_with
        if any(size > len(pool) for size, pool in zip(sizes, pools, strict=True)):
            raise ValueError(
                f"a client of {n_records} records needs {sizes[0]} with the property "
                f"and {sizes[1]} without; the pool has {len(pools[0])} and "
                f"{len(pools[1])}."
            )
        rows = np.concatenate(
            [
                draw.choice(pool, size, replace=False)
                for pool, size in zip(pools, sizes, strict=True)
            ]
        )
        updates.append(network.gradient(parameters, X[rows], y[rows]))
    return np.array(updates)


class UpdatePropertyAttack(ClassifierMixin, BaseEstimator):
    """Learn from updates of shadow clients what their property looks like.

    A classifier of updates, as the passive attack of [1]_: the attacker makes updates
    of clients whose property it knows, from records of its own at the model that was
    sent out, and learns to tell them apart.

    Parameters
    ----------
    estimator : classifier or None, default=None
        What learns. None: logistic regression on standardized principal components.

    Attributes
    ----------
    estimator_ : classifier
        The fitted one.

    classes_ : ndarray of shape (n_classes,)
        Values of the property.

    n_features_in_ : int
        Values of an update.

    See Also
    --------
    shadow_updates : Makes updates to learn from.

    References
    ----------
    .. [1] Melis, L., Song, C., De Cristofaro, E. and Shmatikov, V. (2019). Exploiting
       unintended feature leakage in collaborative learning. IEEE Symposium on Security
       and Privacy.

    Examples
    --------
    >>> import numpy as np
    >>> from skprivacy.federated.attacks import (
    ...     DenseNetwork, UpdatePropertyAttack, shadow_updates)
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(500, 5))
    >>> y = (X[:, 0] + rng.normal(size=500) > 0).astype(int)
    >>> network, shares = DenseNetwork((5, 2)), np.repeat([0.2, 0.8], 100)
    >>> updates = shadow_updates(network, network.initial(0), X, y, X[:, 0] > 0,
    ...                          shares, n_records=40, random_state=0)
    >>> attack = UpdatePropertyAttack().fit(updates[::2], shares[::2] > 0.5)
    >>> attack.score(updates[1::2], shares[1::2] > 0.5) > 0.9
    True
    """

    _parameter_constraints = {"estimator": [HasMethods(["fit", "predict"]), None]}

    def __init__(self, estimator=None):
        self.estimator = estimator

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y):
        """Learn.

        Parameters
        ----------
        X : array-like of shape (n_updates, n_values)
            Updates of shadow clients.

        y : array-like of shape (n_updates,)
            Their property.

        Returns
        -------
        self : UpdatePropertyAttack
        """
        X, y = validate_data(self, X, y, dtype=float)
        check_classification_targets(y)
        if len(np.unique(y)) < 2:
            raise ValueError(f"y must have two classes at least; got one class: {y[0]}")
        estimator = self.estimator
        if estimator is None:
            most = max(min(X.shape[0] // 4, X.shape[1], 50), 1)
            estimator = make_pipeline(
                StandardScaler(),
                PCA(most, svd_solver="full"),
                StandardScaler(),
                LogisticRegression(C=0.1),
            )
        self.estimator_ = clone(estimator).fit(X, y)
        self.classes_ = self.estimator_.classes_
        return self

    def predict(self, X):
        """Tell the property of clients.

        Parameters
        ----------
        X : array-like of shape (n_updates, n_values)
            Updates, sums or whatever the attack learned from.

        Returns
        -------
        y : ndarray of shape (n_updates,)
        """
        check_is_fitted(self)
        return self.estimator_.predict(self._checked(X))

    def predict_proba(self, X):
        """Tell how likely each value of the property is.

        Parameters
        ----------
        X : array-like of shape (n_updates, n_values)
            As in :meth:`predict`.

        Returns
        -------
        chances : ndarray of shape (n_updates, n_classes)
        """
        check_is_fitted(self)
        return self.estimator_.predict_proba(self._checked(X))

    def _checked(self, X):
        return validate_data(self, X, dtype=float, reset=False)
