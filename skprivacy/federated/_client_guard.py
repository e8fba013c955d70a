"""What a client looks at before it computes anything for a server."""

from numbers import Real

import numpy as np
import pandas as pd

from skprivacy.federated._errors import UnsafeModel

__all__ = ["ClientGuard", "nested_share", "parallel_share"]

#: Units whose weights have a larger cosine measure the same thing.
PARALLEL = 0.999
#: In fewer dimensions, drawn weights are parallel by chance.
LEAST_INPUTS = 6
#: With fewer records, sets of them are nested by chance.
LEAST_RECORDS = 12
#: Units that are compared with each other.
MOST_UNITS = 512


def parallel_share(weights):
    """Return the share of units whose weights are parallel to those of another.

    Parameters
    ----------
    weights : ndarray of shape (n_inputs, n_units)
        Of one layer.

    Returns
    -------
    share : float
        From 0 to 1.
    """
    size = np.linalg.norm(weights, axis=0)
    units = weights[:, size > 0] / size[size > 0]
    if units.shape[1] < 2:
        return 0.0
    most = np.zeros(units.shape[1])
    for start in range(0, units.shape[1], MOST_UNITS):
        rows = slice(start, start + MOST_UNITS)
        cosines = np.abs(units[:, rows].T @ units)
        cosines[np.arange(len(cosines)), np.arange(start, start + len(cosines))] = 0
        most[rows] = cosines.max(axis=1)
    return float((most > PARALLEL).mean())


def nested_share(active):
    """Return the share of pairs of units one of which is active wherever the other is.

    Units that are active for the same records are taken as one.

    Parameters
    ----------
    active : ndarray of shape (n_records, n_units) of bool
        Which unit is active for which record.

    Returns
    -------
    share : float
        From 0 to 1; 0 where fewer than three different units are active for some
        records and not for others.
    """
    sets = np.unique(active.T, axis=0)
    sets = sets[sets.any(axis=1) & ~sets.all(axis=1)][:MOST_UNITS].astype(float)
    if len(sets) < 3:
        return 0.0
    both = sets @ sets.T
    sizes = sets.sum(axis=1)
    nested = both == np.minimum(sizes[:, None], sizes)
    return float(nested[np.triu_indices(len(sets), 1)].mean())


class ClientGuard:
    """Refuse models whose layers sort records instead of learning from them.

    A client calls :meth:`check` with the model that it got, before it computes an
    update. Refused are

    - layers of other shapes than agreed,
    - numbers that are not finite,
    - layers in which too many units measure the same direction,
    - hidden layers whose units are active for nested sets of the client's records, as
      those of a threshold on one direction are, however it is hidden in the weights.

    Parameters
    ----------
    shapes : list of (int, int) or None, default=None
        Agreed inputs and units of each layer. None: any.

    max_parallel : float, default=0.1
        Largest share of units that are parallel to another (cosine above 0.999). Not
        looked at where a layer has fewer than 6 inputs.

    max_nested : float, default=0.6
        Largest share of pairs of units, of a hidden layer of ReLU, one of which is
        active wherever the other is. Not looked at with fewer than 12 records.

    Notes
    -----
    It knows these layers and no others: weights can be chosen so that single units
    catch single records in other ways, and a wide network does so by itself in small
    batches. What does not depend on the weights is noise.

    Examples
    --------
    >>> import numpy as np
    >>> from skprivacy.federated import ClientGuard
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(30, 8))
    >>> honest = [(rng.normal(size=(8, 50)), np.zeros(50)),
    ...           (rng.normal(size=(50, 2)), np.zeros(2))]
    >>> ClientGuard().check(honest, X)
    >>> planted = [(np.ones((8, 50)), np.linspace(-9, 9, 50)), honest[1]]
    >>> ClientGuard().check(planted, X)
    Traceback (most recent call last):
    ...
    skprivacy.federated._errors.UnsafeModel: layer 0: 100% of its units measure...
    """

    def __init__(self, shapes=None, *, max_parallel=0.1, max_nested=0.6):
        for name, value in (("max_parallel", max_parallel), ("max_nested", max_nested)):
            if not isinstance(value, Real) or not 0 <= value <= 1:
                raise ValueError(f"{name} must be from 0 to 1; got {value!r}.")
        self.shapes = shapes
        self.max_parallel = max_parallel
        self.max_nested = max_nested

    def inspect(self, layers, X=None):
        """Measure what :meth:`check` judges.

        Parameters
        ----------
        layers : list of (array-like of shape (n_inputs, n_units), array-like of \
(n_units,))
            Weights and biases.

        X : array-like of shape (n_records, n_features) or None, default=None
            The client's records. None: what is active is not looked at.

        Returns
        -------
        layers : DataFrame of shape (n_layers, 2)
            Columns ``parallel`` and ``nested``, NaN where it is not looked at.

        Raises
        ------
        UnsafeModel
            If shapes are not those agreed, or don't fit each other, or a number is not
            finite.
        """
        layers = self._checked(layers)
        values = None if X is None else np.asarray(X, dtype=float)
        if values is not None and len(values) < LEAST_RECORDS:
            values = None
        rows = []
        for number, (weights, biases) in enumerate(layers):
            row = {"parallel": np.nan, "nested": np.nan}
            if len(weights) >= LEAST_INPUTS and number < len(layers) - 1:
                row["parallel"] = parallel_share(weights)
            if values is not None and number < len(layers) - 1:
                values = np.maximum(values @ weights + biases, 0)
                row["nested"] = nested_share(values > 0)
            rows.append(row)
        return pd.DataFrame(rows)

    def check(self, layers, X=None):
        """Refuse a model that is not safe.

        Parameters
        ----------
        layers, X
            As in :meth:`inspect`.

        Raises
        ------
        UnsafeModel
            With the layer, what was measured and the limit.
        """
        for number, row in self.inspect(layers, X).iterrows():
            if row["parallel"] > self.max_parallel:
                raise UnsafeModel(
                    f"layer {number}: {row['parallel']:.0%} of its units measure the "
                    f"direction of another; at most {self.max_parallel:.0%} may."
                )
            if row["nested"] > self.max_nested:
                raise UnsafeModel(
                    f"layer {number}: {row['nested']:.0%} of its units are active for "
                    f"nested sets of records; at most {self.max_nested:.0%} may be."
                )

    def _checked(self, layers):
        layers = [(np.asarray(w, float), np.asarray(b, float)) for w, b in layers]
        if not layers:
            raise UnsafeModel("the model has no layer.")
        shapes = [weights.shape for weights, _ in layers]
        agreed = shapes if self.shapes is None else [tuple(one) for one in self.shapes]
        if shapes != agreed:
            raise UnsafeModel(f"layers have shapes {shapes}; agreed were {agreed}.")
        n_inputs = shapes[0][0] if shapes[0] else None
        for number, (weights, biases) in enumerate(layers):
            if weights.ndim != 2 or weights.shape != (n_inputs, len(biases)):
                raise UnsafeModel(
                    f"layer {number}: weights of shape {weights.shape} and biases of "
                    f"{biases.shape} do not fit each other or the layer before."
                )
            n_inputs = len(biases)
            if not (np.isfinite(weights).all() and np.isfinite(biases).all()):
                raise UnsafeModel(f"layer {number}: not all of it is finite.")
        return layers
