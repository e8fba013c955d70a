"""A layer that sorts records into bins, and gives each back."""

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, _fit_context
from sklearn.utils import check_array, check_random_state
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.validation import check_is_fitted

from skprivacy.federated.attacks._network import DenseNetwork
from skprivacy.federated.attacks._recovered_rows import RecoveredRowsMixin
from skprivacy.federated.attacks._server_view import SOURCES, check_view
from skprivacy.federated.attacks._view_attack import ViewAttackMixin

__all__ = ["ImprintAttack", "bin_rows", "imprint_layers"]

#: Bins whose bias gradient is smaller than this share of the largest caught no record.
EMPTY = 1e-7
#: Largest score of an output that the planted layer makes: all classes stay likely.
LARGEST_SCORE = 0.5


def imprint_layers(X, n_units, n_outputs, random_state=None):
    """Return a layer that sorts records by a random direction, and one after it.

    Parameters
    ----------
    X : ndarray of shape (n_reference, n_features)
        Records of the same population.

    n_units : int
        Bins.

    n_outputs : int
        Units of the next layer.

    random_state : int, RandomState or None, default=None
        What draws the direction.

    Returns
    -------
    layers : list of two (ndarray, ndarray)
        Weights and biases. Unit j of the first is active for records beyond the j-th
        quantile; all of them lead to the next layer by the same weights.
    """
    draw = check_random_state(random_state)
    # Every column counts alike, also one of a rare category.
    spread = X.std(axis=0)
    direction = draw.normal(size=X.shape[1]) / np.where(spread > 0, spread, 1)
    along = X @ direction
    edges = np.quantile(along, np.arange(n_units) / n_units)
    # The first unit is active for all, also beyond the reference records.
    width = np.ptp(along) or 1.0
    edges[0] = along.min() - width
    first = np.repeat(direction[:, None], n_units, axis=1) / width
    outputs = np.linspace(-1, 1, n_outputs) if n_outputs > 1 else np.ones(1)
    scale = LARGEST_SCORE / n_units
    return [
        (first, -edges / width),
        (scale * np.repeat(outputs[None, :], n_units, axis=0), np.zeros(n_outputs)),
    ]


def bin_rows(weights, biases):
    """Divide the differences of neighboring units' gradients.

    Parameters
    ----------
    weights : ndarray of shape (n_features, n_units)
        Gradient of the planted weights.

    biases : ndarray of shape (n_units,)
        Gradient of the planted biases.

    Returns
    -------
    rows : ndarray of shape (n_rows, n_features)
        The record of each bin that caught one; of a bin that caught several, a mix.

    bins : ndarray of shape (n_rows,)
        Number of each.
    """
    last = np.zeros((len(weights), 1))
    by_weights = np.hstack([weights, last])
    by_weights = by_weights[:, :-1] - by_weights[:, 1:]
    by_biases = biases - np.append(biases[1:], 0)
    size = np.abs(by_biases)
    bins = np.flatnonzero(size > EMPTY * size.max(initial=0))
    return (by_weights[:, bins] / by_biases[bins]).T, bins


class ImprintAttack(ViewAttackMixin, RecoveredRowsMixin, BaseEstimator):
    r"""Plant a layer whose units each catch one record.

    A server that lies sends a model whose first layer measures one direction of the
    records, with the quantiles of reference records as thresholds [1]_: unit j is
    active beyond the j-th. All units lead on by the same weights, so that

    .. math:: \frac{\partial_{w_j} L - \partial_{w_{j+1}} L}
        {\partial_{b_j} L - \partial_{b_{j+1}} L}

    is the record between the two thresholds, if there is one alone. Nothing changes in
    a sum over many clients but the number of records; of m of them and b units about
    :math:`(1 - 1/b)^{m-1}` are alone.

    Parameters
    ----------
    network : DenseNetwork
        The model, with one hidden layer at least.

    source : {"auto", "updates", "sum", "masked"}, default="auto"
        What to read: see :meth:`ServerView.vectors`.

    random_state : int, RandomState or None, default=None
        What draws the direction and the layers that follow.

    Attributes
    ----------
    parameters_ : ndarray of shape (n_values,)
        The planted model.

    rows_ : ndarray of shape (n_rows, n_features)
        What may be records.

    origins_ : DataFrame of shape (n_rows, 3)
        Columns ``round``, ``client`` (None for a sum) and ``bin``.

    n_features_in_ : int
        Features of the model.

    See Also
    --------
    skprivacy.federated.ClientGuard : Refuses such layers.

    References
    ----------
    .. [1] Fowl, L., Geiping, J., Czaja, W., Goldblum, M. and Goldstein, T. (2022).
       Robbing the Fed: directly obtaining private data in federated learning with
       modified models. International Conference on Learning Representations.

    Examples
    --------
    >>> import numpy as np
    >>> from skprivacy.federated.attacks import DenseNetwork, ImprintAttack, ServerView
    >>> X = np.random.default_rng(0).normal(size=(540, 6))
    >>> network = DenseNetwork((6, 200, 2))
    >>> attack = ImprintAttack(network, random_state=0)
    >>> model = attack.plant(X[40:])
    >>> updates = [network.gradient(model, X[i : i + 4], [0, 1, 0, 1])
    ...            for i in range(0, 40, 4)]
    >>> attack.fit(ServerView.secure([updates])).score(X[:40]) > 0.7
    True
    """

    _parameter_constraints = {
        "network": [DenseNetwork],
        "source": [StrOptions(set(SOURCES))],
        "random_state": ["random_state"],
    }

    def __init__(self, network, *, source="auto", random_state=None):
        self.network = network
        self.source = source
        self.random_state = random_state

    def plant(self, X):
        """Make the model that is sent out.

        Parameters
        ----------
        X : array-like of shape (n_reference, n_features)
            Records of the same population.

        Returns
        -------
        parameters : ndarray of shape (n_values,)

        Raises
        ------
        ValueError
            If the network has no hidden layer, or records other features.
        """
        self._validate_params()
        X = check_array(X, dtype=float)
        n_features, *hidden, _ = self.network.sizes
        if not hidden:
            raise ValueError("the network needs a hidden layer to plant; it has none.")
        if X.shape[1] != n_features:
            raise ValueError(
                f"records must have the {n_features} features of the network; got "
                f"{X.shape[1]}."
            )
        draw = check_random_state(self.random_state)
        layers = self.network.layers(self.network.initial(draw))
        layers[:2] = imprint_layers(X, hidden[0], self.network.sizes[2], draw)
        self.parameters_ = self.network.pack(layers)
        return self.parameters_

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, view):
        """Read what the planted layer caught.

        Parameters
        ----------
        view : ServerView
            Rounds that started from the planted model.

        Returns
        -------
        self : ImprintAttack

        Raises
        ------
        NotFittedError
            If nothing was planted.
        ValueError
            If a round started from another model.
        """
        check_view(view)
        check_is_fitted(self, "parameters_")
        for number, one in enumerate(view.rounds):
            if one.parameters is not None and not np.array_equal(
                one.parameters, self.parameters_
            ):
                raise ValueError(f"round {number} started from another model.")
        rows, origins = [], []
        for number, client, vector in view.vectors(self.source):
            found, bins = bin_rows(*self.network.layers(vector)[0])
            rows.append(found)
            origins += [(number, client, int(one)) for one in bins]
        self.rows_ = np.concatenate(rows)
        self.origins_ = pd.DataFrame(origins, columns=["round", "client", "bin"])
        self.n_features_in_ = self.network.sizes[0]
        return self
