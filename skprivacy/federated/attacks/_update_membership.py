"""Whether a record was in the data that an update was made of."""

from numbers import Integral, Real

import numpy as np
from sklearn.base import BaseEstimator, _fit_context
from sklearn.metrics import roc_auc_score
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from skprivacy.federated.attacks._network import DenseNetwork
from skprivacy.federated.attacks._server_view import check_view, mean_vector
from skprivacy.federated.attacks._view_attack import ViewAttackMixin

__all__ = ["GradientLaw", "UpdateMembershipAttack", "cosines"]

#: How far the loss is followed along an update.
STEP = 0.5


def cosines(gradients, update):
    """Return the cosine of each record's gradient with the update.

    Parameters
    ----------
    gradients : ndarray of shape (n_records, n_values)
        Gradient of each record's loss.

    update : ndarray of shape (n_values,)
        Mean gradient that the server sees.

    Returns
    -------
    cosines : ndarray of shape (n_records,)
        0 where one of them is 0.
    """
    size = np.linalg.norm(gradients, axis=1) * np.linalg.norm(update)
    dots = gradients @ update
    return np.divide(dots, size, out=np.zeros_like(dots), where=size > 0)


class GradientLaw:
    """A normal law of the gradients of records, from other records.

    Parameters
    ----------
    gradients : ndarray of shape (n_reference, n_values)
        Gradient of each reference record's loss.

    ridge : float
        Added to the variance in every direction, as a share of the mean variance.
    """

    def __init__(self, gradients, ridge):
        self.mean = gradients.mean(axis=0)
        centered = (gradients - self.mean) / np.sqrt(len(gradients))
        # Directions of the reference records; in all others the ridge alone is left.
        _, spread, self.directions = np.linalg.svd(centered, full_matrices=False)
        self.floor = ridge * (spread**2).sum() / gradients.shape[1] or 1.0
        self.variances = spread**2 + self.floor

    def product(self, a, b):
        """Return inner products of rows in which all directions vary alike."""
        a_in, b_in = a @ self.directions.T, b @ self.directions.T
        a_out, b_out = a - a_in @ self.directions, b - b_in @ self.directions
        inside = (a_in * b_in / self.variances).sum(axis=-1)
        return inside + (a_out * b_out).sum(axis=-1) / self.floor

    def scores(self, gradients, update, n_records=None):
        """Return log likelihood ratios of "in the mean" over "not in it".

        Parameters
        ----------
        gradients : ndarray of shape (n_candidates, n_values)
            Gradient of each candidate's loss.

        update : ndarray of shape (n_values,)
            Mean gradient of the records.

        n_records : int or None, default=None
            How many the mean is of. None: the cosine of whitened vectors instead.

        Returns
        -------
        scores : ndarray of shape (n_candidates,)
        """
        gradients, update = gradients - self.mean, update - self.mean
        aligned = self.product(gradients, update)
        size = self.product(gradients, gradients)
        if n_records is not None:
            return aligned - size / (2 * n_records)
        length = np.sqrt(size * self.product(update, update))
        return np.divide(aligned, length, out=np.zeros_like(aligned), where=length > 0)


class UpdateMembershipAttack(ViewAttackMixin, BaseEstimator):
    r"""Tell whether a record was in the data of an update.

    The attacker has candidates with labels, knows the model of each round, and looks at
    what the server saw; it changes nothing (passive). Scores of several rounds are
    averaged, as in the longitudinal attack of [1]_, whose components are learned; here
    they are formulas.

    - ``"gaussian"``: the update of n records is the mean of their gradients. Let
      gradients of records have mean :math:`\mu` and covariance C over reference
      records. With g in it, the update u has mean :math:`\mu + (g - \mu) / n`, so that
      the likelihood ratio grows with

      .. math:: (g - \mu)^T C^{-1} (u - \mu) - (g - \mu)^T C^{-1} (g - \mu) / 2n

    - ``"cosine"``: of the record's gradient and the update.
    - ``"loss_drop"``: how far a step along the update lowers the record's loss.

    Parameters
    ----------
    network : DenseNetwork
        The model. All gradients of candidates and reference records are held in memory:
        as many numbers as records times `n_values`.

    method : {"gaussian", "cosine", "loss_drop"}, default="gaussian"
        How to score.

    client : id or None, default=None
        Whose records are looked for. None: those of any client, in the sum.

    source : {"auto", "updates", "sum", "masked"}, default="auto"
        "auto" takes the client's update where the server sees it, else the sum.

    n_records : int or None, default=None
        Records of each client, which servers are told where updates are weighed by
        them. None: "gaussian" takes the cosine of whitened vectors.

    learning_rate : float or None, default=None
        None: vectors are mean gradients. Else they are the change of a model by one
        step, that is ``-learning_rate`` times the mean gradient.

    ridge : float, default=1e-2
        Of the covariance, as a share of its mean variance.

    Attributes
    ----------
    n_rounds_ : int
        Rounds that the client was in.

    References
    ----------
    .. [1] Nasr, M., Shokri, R. and Houmansadr, A. (2019). Comprehensive privacy
       analysis of deep learning: passive and active white-box inference attacks against
       centralized and federated learning. IEEE Symposium on Security and Privacy.

    Examples
    --------
    >>> import numpy as np
    >>> from skprivacy.federated.attacks import (
    ...     DenseNetwork, ServerView, UpdateMembershipAttack)
    >>> rng = np.random.default_rng(0)
    >>> X, y = rng.normal(size=(400, 10)), rng.integers(2, size=400)
    >>> network = DenseNetwork((10, 20, 2))
    >>> model = network.initial(0)
    >>> updates = [network.gradient(model, X[:5], y[:5])]
    >>> view = ServerView.plain([updates], parameters=[model])
    >>> attack = UpdateMembershipAttack(network, client=0, n_records=5)
    >>> attack = attack.fit(view, X[200:], y[200:])
    >>> attack.score(X[:200], y[:200], np.arange(200) < 5) > 0.9
    True
    """

    _parameter_constraints = {
        "network": [DenseNetwork],
        "method": [StrOptions({"gaussian", "cosine", "loss_drop"})],
        "client": [str, Integral, None],
        "source": [StrOptions({"auto", "updates", "sum", "masked"})],
        "n_records": [Interval(Integral, 1, None, closed="left"), None],
        "learning_rate": [Interval(Real, 0, None, closed="neither"), None],
        "ridge": [Interval(Real, 0, None, closed="neither")],
    }

    def __init__(
        self,
        network,
        *,
        method="gaussian",
        client=None,
        source="auto",
        n_records=None,
        learning_rate=None,
        ridge=1e-2,
    ):
        self.network = network
        self.method = method
        self.client = client
        self.source = source
        self.n_records = n_records
        self.learning_rate = learning_rate
        self.ridge = ridge

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, view, X=None, y=None):
        """Take what the server saw, and learn how gradients of others vary.

        Parameters
        ----------
        view : ServerView
            What a run left at the server, with the model of each round.

        X : array-like of shape (n_reference, n_features) or None, default=None
            Reference records of the same population, for "gaussian" alone.

        y : array-like of shape (n_reference,) or None, default=None
            Their classes, from 0.

        Returns
        -------
        self : UpdateMembershipAttack

        Raises
        ------
        ValueError
            If models, reference records or vectors of the client are missing, or there
            are reference records that the method has no use for.
        """
        check_view(view)
        if (self.method == "gaussian") != (X is not None and y is not None):
            raise ValueError(
                'reference records X and y are needed by method="gaussian" and by no '
                f"other; got method={self.method!r} "
                f"{'without' if X is None or y is None else 'with'} them."
            )
        self._seen = self._vectors(view)
        self.n_rounds_ = len(self._seen)
        self._laws = [None] * self.n_rounds_
        if self.method == "gaussian":
            self._laws = [
                GradientLaw(self.network.record_gradients(model, X, y), self.ridge)
                for model, _, _ in self._seen
            ]
        return self

    def decision_function(self, X, y):
        """Score candidates; larger means more like a member.

        Parameters
        ----------
        X : array-like of shape (n_candidates, n_features)
            Records.

        y : array-like of shape (n_candidates,)
            Their classes.

        Returns
        -------
        scores : ndarray of shape (n_candidates,)
        """
        check_is_fitted(self)
        check_consistent_length(X, y)
        return np.mean(
            [
                self._scores(*seen, law, X, y)
                for seen, law in zip(self._seen, self._laws, strict=True)
            ],
            axis=0,
        )

    def score(self, X, y, is_member):
        """Return the AUC of the scores.

        Parameters
        ----------
        X, y
            As in :meth:`decision_function`.

        is_member : array-like of shape (n_candidates,) of bool
            Who was in the data.

        Returns
        -------
        auc : float
        """
        return float(roc_auc_score(is_member, self.decision_function(X, y)))

    def _scores(self, model, update, n_clients, law, X, y):
        if self.method == "loss_drop":
            after = np.asarray(model) - STEP * update
            return self.network.losses(model, X, y) - self.network.losses(after, X, y)
        gradients = self.network.record_gradients(model, X, y)
        if self.method == "cosine":
            return cosines(gradients, update)
        n = None if self.n_records is None else self.n_records * n_clients
        return law.scores(gradients, update, n)

    def _vectors(self, view):
        """Model, mean gradient and number of clients of each round."""
        found = []
        scale = 1 if self.learning_rate is None else -self.learning_rate
        for one in view.rounds:
            if self.client is not None and self.client not in one.clients:
                continue
            vector, n_clients = mean_vector(one, self.client, self.source)
            self.network.layers(vector)
            found.append((one.parameters, vector / scale, n_clients))
        if not found:
            raise ValueError(f"client {self.client!r} is in no round.")
        return found
