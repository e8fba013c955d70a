"""Records from the gradient of a first layer."""

from numbers import Integral, Real

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, _fit_context
from sklearn.utils._param_validation import Interval, StrOptions

from skprivacy.federated.attacks._network import DenseNetwork
from skprivacy.federated.attacks._pair_rows import pair_rows, unit_effects
from skprivacy.federated.attacks._recovered_rows import RecoveredRowsMixin
from skprivacy.federated.attacks._server_view import SOURCES, check_view
from skprivacy.federated.attacks._view_attack import ViewAttackMixin

__all__ = ["GradientInversionAttack", "candidate_rows", "unit_rows"]

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


def candidate_rows(network, vector, parameters, tolerance=1e-6):
    """Return rows of single units, behind those of pairs where there are any.

    Parameters
    ----------
    network : DenseNetwork
        The model.

    vector : ndarray of shape (n_values,)
        A gradient.

    parameters : ndarray of shape (n_values,) or None
        What was sent out.

    tolerance : float, default=1e-6
        As in :func:`unit_rows`.

    Returns
    -------
    rows : ndarray of shape (n_rows, n_features)

    n_units : ndarray of shape (n_rows,)
        Units, or pairs of units, that gave each.
    """
    gradient = network.layers(vector)[0]
    rows, votes = unit_rows(*gradient, tolerance=tolerance)
    effects = unit_effects(network, parameters)
    if effects is None or len(rows) < 2:
        # All units agree: there is one record.
        return rows, votes
    pairs, n_pairs = pair_rows(*gradient, effects)
    return np.concatenate([pairs, rows]), np.append(n_pairs, votes)


class GradientInversionAttack(ViewAttackMixin, RecoveredRowsMixin, BaseEstimator):
    r"""Read records off the gradient of a model's first layer.

    Of one record x the gradient by the weights of unit j is :math:`\delta_j x`, and by
    its bias :math:`\delta_j`: their ratio is the record [1]_. Of a batch it is a mix of
    those records that the unit is active for, so that units that are active for one
    alone still give it. An update by gradient steps is divided in the same way, its
    rate and sign cancel; after several local steps the ratio is a mix.

    Where the view has the model that was sent out, with one hidden layer and two
    classes, pairs of units tell more: divided by what a unit adds to the score, its
    gradient is a sum over the records that it is active for, and two units that one
    record tells apart differ by that record alone. As many pairs agree on it, few of
    these candidates are mixes, and they come first.

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
        Columns ``round``, ``client`` (None for a sum) and ``n_units``, the units or
        pairs of units that gave the row.

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
            found, n_units = candidate_rows(
                self.network, vector, view.rounds[number].parameters, self.tolerance
            )
            keep = slice(self.n_records)
            rows.append(found[keep])
            origins += [(number, client, int(n)) for n in n_units[keep]]
        self.rows_ = np.concatenate(rows)
        self.origins_ = pd.DataFrame(origins, columns=["round", "client", "n_units"])
        self.n_features_in_ = self.network.sizes[0]
        return self
