"""A network trained on mixed records, smooth labels, and not for long."""

from numbers import Integral, Real

import numpy as np
from scipy.special import log_softmax
from sklearn.utils._param_validation import Interval

from skprivacy.defenses._network_classifier import (
    BaseNetworkClassifier,
    Objective,
    hold_out,
)

__all__ = ["MixupClassifier", "mix_records"]


def mix_records(X, targets, weight, partner, share):
    """Mix each record of a batch, and its label, with another one.

    Parameters
    ----------
    X : ndarray of shape (n_batch, n_features)
        Records.

    targets : ndarray of shape (n_batch, n_classes)
        Probabilities that are aimed at.

    weight : ndarray of shape (n_batch,)
        Weights.

    partner : ndarray of int of shape (n_batch,)
        With which record each is mixed.

    share : float
        Share of the record itself.

    Returns
    -------
    X, targets, weight : ndarray
        Labels are mixed by share and weight, so that the cross-entropy is that of both.

    Examples
    --------
    >>> X, own = np.array([[0.0], [4.0]]), np.eye(2)
    >>> X, targets, weight = mix_records(X, own, np.ones(2), np.array([1, 0]), 0.75)
    >>> X.ravel(), targets
    (array([1., 3.]), array([[0.75, 0.25],
           [0.25, 0.75]]))
    """
    first, second = share * weight, (1 - share) * weight[partner]
    total = first + second
    mixed = first[:, None] * targets + second[:, None] * targets[partner]
    X = share * X + (1 - share) * X[partner]
    return X, mixed / total[:, None], total


class _Mixup(Objective):
    """Mixes pairs of a batch, and stops where others get worse."""

    def __init__(self, mixup, patience, validation):
        self.mixup = mixup
        self.patience = patience
        self.validation = validation
        self.best_loss, self.best_values, self.waited = np.inf, None, 0

    def prepare(self, network, X, targets, weight, random):
        if not self.mixup:
            return X, targets, weight
        share = random.beta(self.mixup, self.mixup)
        partner = random.permutation(len(X))
        return mix_records(X, targets, weight, partner, share)

    def is_over(self, network):
        if self.validation is None:
            return False
        X, targets, weight = self.validation
        logs = log_softmax(network.scores(X), axis=1)
        loss = -np.average((logs * targets).sum(axis=1), weights=weight)
        if loss < self.best_loss:
            self.best_loss, self.waited = loss, 0
            self.best_values = network.values.copy()
        else:
            self.waited += 1
        return self.waited >= self.patience

    def restore(self, network):
        if self.best_values is not None:
            network.values[:] = self.best_values


class MixupClassifier(BaseNetworkClassifier):
    r"""A network with three common brakes on learning by heart.

    Each can be had alone: records are trained on in mixtures of two (`mixup`), labels
    are less than sure (`label_smoothing`), and training stops where records that are
    held out no longer gain (`early_stopping`). With all of them off it is the ordinary
    network that the other network defenses are to be compared with.

    Parameters
    ----------
    mixup : float, default=0.2
        The share of the first record of a pair is drawn from a Beta distribution with
        both parameters equal to this: below 1 mostly near 0 or 1, above 1 mostly near
        a half. At 0 nothing is mixed.

    label_smoothing : float, default=0.0
        Share of each label that is spread evenly over all classes.

    early_stopping : bool, default=False
        Whether to hold out records, stop where their loss has not fallen for
        `n_iter_no_change` epochs, and keep the weights with which it was lowest.

    validation_fraction : float, default=0.1
        Share of the records of each class that is held out, rounded down.

    n_iter_no_change : int, default=10
        Epochs without a gain.

    hidden_layer_sizes : int or array-like of int, default=(64,)
        Units of each hidden layer; ``()`` for none, which is softmax regression.

    max_iter : int, default=100
        Epochs, at the most with `early_stopping`.

    learning_rate : float, default=0.001
        Length of a step.

    batch_size : int, default=64
        Records of a batch.

    alpha : float, default=1e-4
        Half of it times the sum of the squared weights is added to the mean loss.

    solver : {"adam", "sgd"}, default="adam"
        Adam, or gradient descent with a momentum of 0.9.

    random_state : int, RandomState instance or None, default=None
        First weights, order of the records, pairs, and what is held out.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Classes.

    coefs_ : list of ndarray of shape (n_in, n_out)
        Weights of each layer.

    intercepts_ : list of ndarray of shape (n_out,)
        Constants of each layer.

    n_iter_ : int
        Epochs that were made.

    privacy_guarantee_ : None
        There is none.

    n_features_in_ : int
        Columns.

    Raises
    ------
    ValueError
        If there are too few records of each class to hold any out.

    See Also
    --------
    RelaxLossClassifier : Holds the training loss at a level.

    Notes
    -----
    A pair :math:`(x, y), (x', y')` of a batch is trained on as :math:`\lambda x + (1 -
    \lambda) x'` with the label :math:`\lambda y + (1 - \lambda) y'`, one
    :math:`\lambda` a batch. Of columns that code categories, mixtures are values that
    no record has.

    What is left: of 500 records of scikit-learn's digits 5% of which are mislabeled,
    LiRA with 16 shadow models finds 84% of the mislabeled ones at 1% false positives
    with `mixup` alone, 94% with ``label_smoothing=0.1`` alone, 38% with
    `early_stopping` alone, and 90% with none of them. Smooth labels make rightly
    labeled records easier to find as well.

    References
    ----------
    H. Zhang, M. Cissé, Y. N. Dauphin, D. Lopez-Paz. "mixup: beyond empirical risk
    minimization". ICLR 2018. Label smoothing: C. Szegedy, V. Vanhoucke, S. Ioffe, J.
    Shlens, Z. Wojna. "Rethinking the Inception architecture for computer vision". CVPR
    2016, section 7.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.preprocessing import scale
    >>> from skprivacy.defenses import MixupClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> model = MixupClassifier(early_stopping=True, random_state=0).fit(scale(X), y)
    >>> model.score(scale(X), y) > 0.9, model.n_iter_ <= 100
    (True, True)
    """

    _parameter_constraints = {
        **BaseNetworkClassifier._parameter_constraints,
        "mixup": [Interval(Real, 0, None, closed="left")],
        "label_smoothing": [Interval(Real, 0, 1, closed="left")],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
        "n_iter_no_change": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(
        self,
        mixup=0.2,
        *,
        label_smoothing=0.0,
        early_stopping=False,
        validation_fraction=0.1,
        n_iter_no_change=10,
        hidden_layer_sizes=(64,),
        max_iter=100,
        learning_rate=0.001,
        batch_size=64,
        alpha=1e-4,
        solver="adam",
        random_state=None,
    ):
        self.mixup = mixup
        self.label_smoothing = label_smoothing
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.hidden_layer_sizes = hidden_layer_sizes
        self.max_iter = max_iter
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.alpha = alpha
        self.solver = solver
        self.random_state = random_state

    def _train(self, network, X, codes, weight, random):
        own = self._one_hot(codes)
        smooth = self.label_smoothing
        targets = (1 - smooth) * own + smooth / own.shape[1]
        if not self.early_stopping:
            objective = _Mixup(self.mixup, self.n_iter_no_change, None)
            return self._run(network, objective, X, targets, weight, random)
        is_out = hold_out(codes, self.validation_fraction, random)
        if not is_out.any():
            raise ValueError(
                f"validation_fraction={self.validation_fraction!r} of "
                f"n_samples={len(X)} holds out no record of any class: take a larger "
                "one, or early_stopping=False."
            )
        validation = X[is_out], own[is_out], weight[is_out]
        objective = _Mixup(self.mixup, self.n_iter_no_change, validation)
        used = ~is_out
        weight = weight[used] / weight[used].mean()
        n_iter = self._run(network, objective, X[used], targets[used], weight, random)
        objective.restore(network)
        return n_iter
