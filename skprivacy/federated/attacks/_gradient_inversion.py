"""Records from the gradient of a first layer."""

from numbers import Integral, Real

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, _fit_context
from sklearn.utils import check_array, check_random_state
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from skprivacy.federated.attacks._network import DenseNetwork
from skprivacy.federated.attacks._server_view import SOURCES, check_view

__all__ = ["GradientInversionAttack", "marginal_rows", "rows_recovered", "unit_rows"]

#: Units whose bias gradient is smaller than this share of the largest saw no record.
SILENT = 1e-9


def unit_rows(weights, biases, tolerance=1e-6):
    """Divide the weight gradient of each unit by its bias gradient.

    A unit that one record alone moved gives that record; one that several moved, a
    mix of them.

    Parameters
    ----------
    weights : ndarray of shape (n_features, n_units)
        Gradient of the weights.

    biases : ndarray of shape (n_units,)
        Gradient of the biases.

    tolerance : float, default=1e-6
        Rows are the same where no value differs by more.

    Returns
    -------
    rows : ndarray of shape (n_rows, n_features)
        Different ones, those of most units first.

    n_units : ndarray of shape (n_rows,)
        Units that gave each.
    """
    size = np.abs(biases)
    moved = size > SILENT * size.max(initial=0)
    rows = (weights[:, moved] / biases[moved]).T
    # Equal rows are neighbors in any direction.
    along = rows @ np.random.RandomState(0).normal(size=rows.shape[1])
    rows = rows[np.argsort(along, kind="stable")]
    new = np.ones(len(rows), dtype=bool)
    new[1:] = np.abs(np.diff(rows, axis=0)).max(axis=1, initial=0) > tolerance
    firsts = np.flatnonzero(new)
    n_units = np.diff(np.append(firsts, len(rows)))
    order = np.argsort(-n_units, kind="stable")
    return rows[firsts][order], n_units[order]


def rows_recovered(rows, X, tolerance=1e-3):
    """Tell which records are among the rows, every value of them.

    Parameters
    ----------
    rows : ndarray of shape (n_rows, n_features)
        What an attack found.

    X : ndarray of shape (n_records, n_features)
        The records.

    tolerance : float, default=1e-3
        The largest error of a value.

    Returns
    -------
    recovered : ndarray of shape (n_records,) of bool
    """
    return np.array(
        [bool((np.abs(rows - x).max(axis=1) <= tolerance).any()) for x in X],
        dtype=bool,
    )


def marginal_rows(X, n_rows, random_state=None):
    """Draw rows each value of which is drawn from its column, by itself.

    Parameters
    ----------
    X : ndarray of shape (n_records, n_features)
        Records of the same population.

    n_rows : int
        How many to draw.

    random_state : int, RandomState or None, default=None
        What draws them.

    Returns
    -------
    rows : ndarray of shape (n_rows, n_features)
    """
    draw = check_random_state(random_state)
    picks = draw.randint(len(X), size=(n_rows, X.shape[1]))
    return np.take_along_axis(X, picks, axis=0)


class GradientInversionAttack(BaseEstimator):
    r"""Read records off the gradient of a model's first layer.

    Of one record x the gradient by the weights of unit j is :math:`\delta_j x`, and by
    its bias :math:`\delta_j`: their ratio is the record [1]_. Of a batch it is a mix of
    those records that the unit is active for, so that units that are active for one
    alone still give it. An update by gradient steps is divided in the same way, its
    rate and sign cancel; after several local steps the ratio is a mix.

    Parameters
    ----------
    network : DenseNetwork
        The model; only the first layer is looked at.

    source : {"auto", "updates", "sum", "masked"}, default="auto"
        What to invert: see :meth:`ServerView.vectors`.

    n_records : int or None, default=None
        How many rows to keep of each vector, those that most units agree on. None: all.

    tolerance : float, default=1e-6
        Units agree where no value of their rows differs by more.

    Attributes
    ----------
    rows_ : ndarray of shape (n_rows, n_features)
        What may be records.

    origins_ : DataFrame of shape (n_rows, 3)
        Columns ``round``, ``client`` (None for a sum) and ``n_units``, the units that
        gave the row.

    n_features_in_ : int
        Features of the model.

    Notes
    -----
    A row is a candidate. With one record in a vector all units agree; in batches most
    candidates are mixes, and :meth:`score` counts records that are among them. With two
    classes, units that are active for the same records agree on their mix.

    References
    ----------
    .. [1] Geiping, J., Bauermeister, H., Dröge, H. and Moeller, M. (2020). Inverting
       gradients - how easy is it to break privacy in federated learning? Advances in
       Neural Information Processing Systems.

    Examples
    --------
    >>> import numpy as np
    >>> from skprivacy.federated.attacks import (
    ...     DenseNetwork, GradientInversionAttack, ServerView)
    >>> network = DenseNetwork((4, 3))
    >>> X = np.random.default_rng(0).normal(size=(5, 4))
    >>> model = network.initial(0)
    >>> updates = [network.gradient(model, X[[i]], [i % 3]) for i in range(5)]
    >>> attack = GradientInversionAttack(network)
    >>> attack.fit(ServerView.plain([updates])).score(X)
    1.0
    >>> attack.fit(ServerView.secure([updates])).score(X)
    0.0
    """

    _parameter_constraints = {
        "network": [DenseNetwork],
        "source": [StrOptions(set(SOURCES))],
        "n_records": [Interval(Integral, 1, None, closed="left"), None],
        "tolerance": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(self, network, *, source="auto", n_records=None, tolerance=1e-6):
        self.network = network
        self.source = source
        self.n_records = n_records
        self.tolerance = tolerance

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, view):
        """Divide what the server sees.

        Parameters
        ----------
        view : ServerView
            What a run left at the server.

        Returns
        -------
        self : GradientInversionAttack

        Raises
        ------
        ValueError
            If vectors are not of the network, or the view has no such source.
        """
        check_view(view)
        rows, origins = [], []
        for number, client, vector in view.vectors(self.source):
            found, n_units = unit_rows(
                *self.network.layers(vector)[0], tolerance=self.tolerance
            )
            keep = slice(self.n_records)
            rows.append(found[keep])
            origins += [(number, client, int(n)) for n in n_units[keep]]
        self.rows_ = np.concatenate(rows)
        self.origins_ = pd.DataFrame(origins, columns=["round", "client", "n_units"])
        self.n_features_in_ = self.network.sizes[0]
        return self

    def recovered(self, X, tolerance=1e-3):
        """Tell which records were found, every value of them.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            What the clients trained on.

        tolerance : float, default=1e-3
            The largest error of a value.

        Returns
        -------
        recovered : ndarray of shape (n_records,) of bool
        """
        return rows_recovered(self.rows_, self._checked(X), tolerance)

    def score(self, X, tolerance=1e-3):
        """Return the share of records that were found.

        Parameters
        ----------
        X, tolerance
            As in :meth:`recovered`.

        Returns
        -------
        share : float
        """
        return float(self.recovered(X, tolerance).mean())

    def baseline_score(self, X, X_reference, *, tolerance=1e-3, random_state=None):
        """Return the share that who knows the columns alone would find.

        As many rows as the attack has are drawn, each value from its column.

        Parameters
        ----------
        X, tolerance
            As in :meth:`recovered`.

        X_reference : array-like of shape (n_reference, n_features)
            Other records of the population.

        random_state : int, RandomState or None, default=None
            What draws.

        Returns
        -------
        share : float
        """
        X, X_reference = self._checked(X), self._checked(X_reference)
        rows = marginal_rows(X_reference, len(self.rows_), random_state)
        return float(rows_recovered(rows, X, tolerance).mean())

    def _checked(self, X):
        check_is_fitted(self)
        X = check_array(X, dtype=float)
        if X.shape[1] != self.n_features_in_:
            raise ValueError(
                f"records must have the {self.n_features_in_} features of the network; "
                f"got {X.shape[1]}."
            )
        return X
