"""Records of a batch by an optimizer that matches its gradient."""

from numbers import Integral, Real

import numpy as np
from scipy.special import softmax
from sklearn.base import BaseEstimator, _fit_context
from sklearn.utils import check_array, check_random_state
from sklearn.utils._param_validation import Interval, StrOptions

from skprivacy.federated.attacks._adam import descend
from skprivacy.federated.attacks._cells import (
    Cells,
    check_categories,
    pool,
    slopes_by_logits,
)
from skprivacy.federated.attacks._gradient_inversion import candidate_rows
from skprivacy.federated.attacks._gradient_matching import matching_loss
from skprivacy.federated.attacks._network import DenseNetwork, chances
from skprivacy.federated.attacks._recovered_cells import RecoveredCellsMixin
from skprivacy.federated.attacks._server_view import SOURCES, check_view, mean_vector
from skprivacy.federated.attacks._view_attack import ViewAttackMixin

__all__ = ["GradientMatchingAttack"]

#: Logits are held within this.
MOST_LOGIT = 30.0


class GradientMatchingAttack(RecoveredCellsMixin, ViewAttackMixin, BaseEstimator):
    r"""Search for a batch of records whose gradient is the one that was seen.

    As TabLeak [1]_ does for tables of numbers and categories:

    - A category is the softmax of free logits, so that all cells can be moved a little;
      here chances of the classes are moved too, as labels are not known.
    - An optimizer (Adam, then L-BFGS) moves a drawn batch until its update is the one
      seen. It is restarted from several drawn batches.
    - Batches have no order, so those of all restarts are put in the order of the best
      one, and pooled: means of categories, medians of numbers.
    - A cell on which restarts agree is more often right: `agreement_`.

    Other than there, restarts count with the inverse of the loss that they ended at;
    each starts with those rows that :class:`GradientInversionAttack` has and that can
    be records; numbers stay in the range of the reference records; and of batches with
    the same gradient the likelier one is taken, by the shares of single values.

    Where the best batch explains less than `min_explained` of what was seen, it is no
    record's, and the guess is what who knows the columns would say.

    Parameters
    ----------
    network : DenseNetwork
        The model.

    n_records : int
        Records of each client, which servers are told where updates are weighed by
        them.

    categories : list of array-like of int, default=()
        Columns of each one-hot category; all others are numbers.

    client : id or None, default=None
        Whose update to match, in the first round that has it. None: the sum.

    source : {"auto", "updates", "sum", "masked"}, default="auto"
        "auto" takes the client's update where the server sees it, else the sum, which
        is one batch of the records of all clients.

    loss : {"squared", "cosine"}, default="squared"
        Distance of updates; the cosine does not look at their length.

    learning_rate : float or None, default=None
        None: vectors are mean gradients. Else they are the change of a model by
        `n_steps` steps of this rate.

    n_steps : int, default=1
        Steps that a client makes in a round, each by all its records. More than one
        can be searched for in a single client's update alone.

    n_restarts : int, default=5
        Batches to start from.

    max_iter : int, default=1000
        Steps of Adam from each, and at most as many of L-BFGS.

    prior_weight : float, default=1e-3
        Of how unlikely the cells are by themselves, beside the loss.

    min_explained : float, default=0.5
        Least share of the squares of what was seen.

    tolerance : float, default=0.319
        Numbers are right that are off by no more, in standard deviations; the value
        of [1]_.

    random_state : int, RandomState or None, default=None
        What draws batches.

    Attributes
    ----------
    rows_ : ndarray of shape (n_rows, n_features)
        The batch, categories decided.

    labels_ : ndarray of shape (n_rows,)
        The class of each.

    agreement_ : ndarray of shape (n_rows, n_cells)
        Share of restarts that agree with each cell, categories first and then numbers.

    losses_ : ndarray of shape (n_restarts,)
        What the optimizer ended at, with the prior.

    explained_ : float
        Share of the squares of what was seen that the best batch explains.

    n_features_in_ : int
        Features of the model.

    References
    ----------
    .. [1] Vero, M., Balunović, M., Dimitrov, D. I. and Vechev, M. (2023). TabLeak:
       Tabular data leakage in federated learning. International Conference on Machine
       Learning.

    Examples
    --------
    >>> import numpy as np
    >>> from skprivacy.federated.attacks import (
    ...     DenseNetwork, GradientMatchingAttack, ServerView)
    >>> rng = np.random.default_rng(0)
    >>> X = np.hstack([rng.normal(size=(200, 2)), np.eye(3)[rng.integers(3, size=200)]])
    >>> y = rng.integers(2, size=200)
    >>> network = DenseNetwork((5, 50, 2))
    >>> model = network.initial(0)
    >>> update = network.gradient(model, X[:4], y[:4])
    >>> view = ServerView.plain([[update]], parameters=[model])
    >>> attack = GradientMatchingAttack(
    ...     network, n_records=4, categories=[[2, 3, 4]], client=0, max_iter=200,
    ...     random_state=0)
    >>> attack.fit(view, X[100:]).score(X[:4])
    1.0
    """

    _parameter_constraints = {
        "network": [DenseNetwork],
        "n_records": [Interval(Integral, 1, None, closed="left")],
        "categories": ["array-like"],
        "client": [str, Integral, None],
        "source": [StrOptions(set(SOURCES))],
        "loss": [StrOptions({"squared", "cosine"})],
        "learning_rate": [Interval(Real, 0, None, closed="neither"), None],
        "n_steps": [Interval(Integral, 1, None, closed="left")],
        "n_restarts": [Interval(Integral, 1, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "prior_weight": [Interval(Real, 0, None, closed="left")],
        "min_explained": [Interval(Real, 0, 1, closed="both")],
        "tolerance": [Interval(Real, 0, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        network,
        *,
        n_records,
        categories=(),
        client=None,
        source="auto",
        loss="squared",
        learning_rate=None,
        n_steps=1,
        n_restarts=5,
        max_iter=1000,
        prior_weight=1e-3,
        min_explained=0.5,
        tolerance=0.319,
        random_state=None,
    ):
        self.network = network
        self.n_records = n_records
        self.categories = categories
        self.client = client
        self.source = source
        self.loss = loss
        self.learning_rate = learning_rate
        self.n_steps = n_steps
        self.n_restarts = n_restarts
        self.max_iter = max_iter
        self.prior_weight = prior_weight
        self.min_explained = min_explained
        self.tolerance = tolerance
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, view, X):
        """Search for the batch.

        Parameters
        ----------
        view : ServerView
            What a run left at the server, with the model of the round.

        X : array-like of shape (n_reference, n_features)
            Other records of the population.

        Returns
        -------
        self : GradientMatchingAttack

        Raises
        ------
        ValueError
            If the model of the round or the client's vector is missing, groups of
            columns overlap or are not one-hot in X, or several steps are searched for
            in a sum.
        """
        check_view(view)
        X = check_array(X, dtype=float)
        self.n_features_in_ = self.network.sizes[0]
        if X.shape[1] != self.n_features_in_:
            raise ValueError(
                f"X must have the {self.n_features_in_} features of the network; got "
                f"{X.shape[1]}."
            )
        self._cells = Cells(check_categories(self.categories, X), X)
        model, vector, n_clients = self._seen(view)
        n_rows = self.n_records * n_clients
        draw = check_random_state(self.random_state)
        batches, losses = [], []
        for _ in range(self.n_restarts):
            start = self._start(model, vector, n_rows, draw)
            batch, loss = self._search(model, vector, start)
            batches.append(batch)
            losses.append(loss)
        self.losses_ = np.array(losses)
        self.rows_, self.labels_, ordered = pool(
            self._cells, batches, self.losses_, self.tolerance
        )
        best = batches[self.losses_.argmin()]
        self.explained_ = self._explained(model, vector, *best)
        if self.explained_ < self.min_explained:
            self.rows_ = self._likeliest(n_rows)
        self.agreement_ = self._cells.equal(ordered, self.rows_, self.tolerance).mean(0)
        return self

    def _seen(self, view):
        """Model of the round, sum of gradients of the steps, and clients in it."""
        if self.n_steps > 1 and self.learning_rate is None:
            raise ValueError("n_steps above 1 needs the learning_rate of the steps.")
        for one in view.rounds:
            if self.client is None or self.client in one.clients:
                break
        else:
            raise ValueError(f"client {self.client!r} is in no round.")
        vector, n_clients = mean_vector(one, self.client, self.source)
        if self.n_steps > 1 and n_clients > 1:
            raise ValueError(
                "n_steps above 1 can be searched for in a single client's update "
                f"alone; got a sum of {n_clients}."
            )
        self.network.layers(vector)
        if not vector.any():
            raise ValueError("what was seen is 0: there is nothing to match.")
        if self.learning_rate is not None:
            vector = vector / -self.learning_rate
        return one.parameters, vector, n_clients

    def _start(self, model, vector, n_rows, draw):
        """Draw a batch and chances of its classes, as variables of the optimizer."""
        records = self._cells.draw(n_rows, draw)
        known = self._candidates(model, vector)[:n_rows]
        records[: len(known)] = self._cells.encode(known)
        # The gradient of the last biases is the mean of chances less that of classes.
        scores = self.network.layers(vector / self.n_steps)[-1][1]
        layers, values = self.network.layers(model), self._cells.X
        for weights, biases in layers[:-1]:
            values = np.maximum(values @ weights + biases, 0)
        mean = chances(values @ layers[-1][0] + layers[-1][1]).mean(axis=0)
        if len(scores) == 1:
            scores = np.append(-scores, scores)
        shares = np.clip(mean - scores, 0.02, 1)
        labels = np.log(shares / shares.sum()) + draw.normal(size=(n_rows, len(shares)))
        return records, labels

    def _candidates(self, model, vector):
        """Rows of the closed form that can be records."""
        if self.n_steps > 1 or not self._cells.categories:
            return np.empty((0, self.n_features_in_))
        rows, _ = candidate_rows(self.network, vector, model)
        rows = rows[self._cells.valid(rows)]
        _, firsts = np.unique(np.round(rows, 6), axis=0, return_index=True)
        return rows[np.sort(firsts)]

    def _search(self, model, vector, start):
        """Return the soft rows and chances where the optimizer ends, and the loss."""
        cells = self._cells
        n_rows, n_features = start[0].shape
        split = n_rows * n_features

        def unpack(values):
            records = values[:split].reshape(n_rows, n_features)
            return cells.decode(records), softmax(
                values[split:].reshape(n_rows, -1), axis=1
            )

        def objective(values):
            rows, labels = unpack(values)
            value, by_rows, by_labels = self._loss(model, vector, rows, labels)
            prior, by_prior = cells.surprise(rows)
            value += self.prior_weight * prior
            by_rows = by_rows + self.prior_weight * by_prior
            moved = cells.pull_back(rows, by_rows)
            return value, np.append(moved, slopes_by_logits(labels, by_labels))

        low = np.full((n_rows, n_features), -MOST_LOGIT)
        high = -low
        low[:, cells.numbers], high[:, cells.numbers] = cells.low, cells.high
        free = np.full(start[1].size, MOST_LOGIT)
        bounds = np.append(low, -free), np.append(high, free)
        found, value = descend(objective, np.append(*start), bounds, self.max_iter)
        return unpack(found), value

    def _loss(self, model, vector, rows, labels):
        return matching_loss(
            self.network,
            model,
            vector,
            rows,
            labels,
            loss=self.loss,
            learning_rate=self.learning_rate or 1.0,
            n_steps=self.n_steps,
        )

    def _explained(self, model, vector, rows, labels):
        """Share of the squares of what was seen."""
        left = self._loss(model, vector, rows, labels)[0]
        # The cosine leaves the length of the update open.
        return 1 - left if self.loss == "squared" else max(0.0, 1 - left) ** 2
