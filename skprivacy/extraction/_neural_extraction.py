"""Neural networks with one hidden layer, copied unit by unit."""

from numbers import Integral

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval

from skprivacy.extraction._answer_store import MEMORY
from skprivacy.extraction._base import BaseExtractionAttack
from skprivacy.extraction._forms import Frame
from skprivacy.extraction._links import LINKS, to_answers
from skprivacy.extraction._near import find_center
from skprivacy.extraction._unit_finder import N_RECORDS, UnitFinder, unit_terms

__all__ = ["NeuralExtractionAttack"]


class NeuralExtractionAttack(BaseExtractionAttack):
    """Finds the hidden units of a network of one layer of rectified linear units.

    Such a network is linear but for kinks, at the planes where a unit switches on. On a
    line, each kink is where the straight lines on both sides meet. How the gradient
    changes across it is the direction of the unit's weights. Once all planes are known,
    least squares finds what each unit adds, and the copy is the same function.

    Parameters
    ----------
    target : BlackBox or FrozenEstimator
        The model under attack: a multi-layer perceptron with one hidden layer and
        ``activation="relu"``, behind scalers or not, that answers with probabilities or
        numbers.

    n_lines : int, default=10
        Lines in a row that must show no new unit before the search ends. Each goes
        through the space between two points that are drawn from it, from its corners or
        from the records.

    max_queries : int, default=100_000
        Most queries.

    memory : str, path-like or None, default=None
        Folder in which answers are kept as soon as they are there. Where the target
        goes down, `fit` with the same `random_state`, a number, goes on where it ended,
        and pays for nothing twice. One folder a target, for any attacks.

    bounds : array-like of shape (n_features, 2) or None, default=None
        Lower and upper end of each feature, between which points are crafted. None: the
        range in the ``X`` of `fit`.

    random_state : int, RandomState instance or None, default=None
        Which lines are followed.

    Attributes
    ----------
    n_units_ : int
        Units that switch within the bounds. What others add is linear there.

    link_ : {"softmax", "identity"}
        The scale of the network's last layer: log-odds or the answers.

    classes_ : ndarray of shape (n_classes,)
        The target's classes; only where it is a classifier.

    is_deterministic_ : bool or None
        True where the first three points got the same answers twice; with labels, or
        fewer than 200 queries left, they are not asked again, and it is None.

    n_queries_ : int
        Points that were asked; without those whose answers `memory` had.

    n_features_in_ : int
        Features that the target takes.

    Raises
    ------
    ValueError
        If the target is no such network: if its answers are not made of straight
        lines, or the planes are bent, as those of deeper layers are.

    See Also
    --------
    EquationSolvingAttack : For linear models, which have no hidden units.

    Notes
    -----
    Probabilities that are all but 0 and 1 tell log-odds too roughly: lines end where
    they are so. Units that switch only beyond make no difference that shows.

    References
    ----------
    M. Jagielski, N. Carlini, D. Berthelot, A. Kurakin, N. Papernot. "High accuracy and
    high fidelity extraction of neural networks". USENIX Security 2020.

    N. Carlini, M. Jagielski, I. Mironov. "Cryptanalytic extraction of neural network
    models". CRYPTO 2020.

    They recover the sign of each unit too, which least squares on distances from the
    planes makes needless.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.neural_network import MLPClassifier
    >>> from skprivacy.extraction import NeuralExtractionAttack
    >>> from skprivacy.targets import BlackBox
    >>> X, y = load_iris(return_X_y=True)
    >>> model = MLPClassifier(5, max_iter=3000, random_state=0).fit(X, y)
    >>> copy = NeuralExtractionAttack(BlackBox(model), random_state=0).fit(X)
    >>> bool(abs(copy.predict_proba(X) - model.predict_proba(X)).max() < 1e-6)
    True
    """

    _asks_twice = True

    _parameter_constraints: dict = {
        **BaseExtractionAttack._parameter_constraints,
        "memory": MEMORY,
        "n_lines": [Interval(Integral, 1, None, closed="left")],
        "max_queries": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        target,
        *,
        n_lines=10,
        max_queries=100_000,
        memory=None,
        bounds=None,
        random_state=None,
    ):
        self.target = target
        self.n_lines = n_lines
        self.max_queries = max_queries
        self.memory = memory
        self.bounds = bounds
        self.random_state = random_state

    def _fit(self, oracle, space):
        self._refuse(
            oracle, tuple(LINKS), "Labels alone do not tell where a network bends."
        )
        if space.integer[space.free].any():
            raise ValueError(
                "X: between whole numbers nothing can be asked. Give all columns as "
                "floating-point numbers, if the target takes those."
            )
        n_records = min(N_RECORDS, len(space.records))
        least = n_records + 1 + 6 * self.n_lines
        oracle.need(least, f"a look along n_lines={self.n_lines} lines")
        self.link_ = LINKS[oracle.response][0]
        center, _ = find_center(oracle, space)
        self._frame = Frame(space, center)
        finder = UnitFinder(
            oracle,
            space,
            self._frame,
            self.link_,
            self.max_queries,
            check_random_state(self.random_state),
        )
        finder.run(self.n_lines)
        self._planes, self._coefficients = finder.planes, finder.coefficients
        self.n_units_ = len(self._planes)

    def _answers(self, X):
        scores = unit_terms(self._frame(X), self._planes) @ self._coefficients
        return np.asarray(to_answers(scores, self.link_))
