"""What kind of model answers."""

from numbers import Integral

import pandas as pd
from sklearn.base import BaseEstimator, _fit_context
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import validate_data

from skprivacy.extraction._family_smooth import SmoothLooks
from skprivacy.extraction._family_whole import WholeLooks
from skprivacy.extraction._links import LINKS
from skprivacy.extraction._oracle import Oracle
from skprivacy.extraction._space import QuerySpace
from skprivacy.targets import QueryBudgetExceeded, check_target

__all__ = ["FamilyDetector"]

#: Fewest queries from which anything can be told.
FEWEST = 20


class FamilyDetector(BaseEstimator):
    """Tells what kind of model a target is from what it answers.

    The cheapest question that may decide comes first. Do answers change when a record
    is moved by next to nothing? If so, lines between records tell: linear models are
    straight there as log-odds, naive Bayes and quadratic discriminants are parabolas,
    networks are straight in short pieces, kernels bend. If not, one step is closed in
    on: trees jump at single features, neighbors at slanted borders. Steps of boosted
    stumps add up over the features everywhere, two steps of a forest add up as
    probabilities, of boosting as log-odds, and of a single tree never.

    Parameters
    ----------
    target : BlackBox or FrozenEstimator
        The model under attack, with probabilities, decision values or numbers.

    n_lines : int, default=4
        Steps that are looked at beside the first, at most, where answers jump. Each
        costs about 30 queries; with one or two most models are told.

    bounds : array-like of shape (n_features, 2) or None, default=None
        Lower and upper end of each feature. None: the range in the ``X`` of `fit`.

    random_state : int, RandomState instance or None, default=None
        Which records are asked.

    Attributes
    ----------
    family_ : str
        What was found: "constant", "linear", "quadratic" (a quadratic discriminant),
        "naive_bayes", "one_vs_rest" (shares of sigmoids), "tree", "stumps"
        (boosting of trees of depth 1), "forest", "boosting", "ensemble" (a forest or
        boosting of numbers), "neighbors", "network", "kernel" (support vectors,
        Gaussian processes and whatever else is smooth), "rounded" and "noisy" (which
        hide the rest) or "unknown", also where the budget ran out.

    evidence_ : dict of str to float
        The signs: "noise", how much answers to the same question differ; "moves", the
        share of records whose answer changes with a touch; "bend" and "twist", distance
        from a straight line and from a parabola; "straight_pieces", the share of short
        pieces that are straight; "changes", the share of changes on the way from one
        record to another, feature by feature; "axis_parallel", how often a step stayed
        where other features were moved a little; "additive" and "additive_log_odds",
        the share of pairs of steps that add up; "multiple_of", n if all probabilities
        are whole multiples of 1 / n. Only those that were looked at.

    n_queries_ : int
        Points that were asked, most often 20 to 100.

    n_features_in_ : int
        Features that the target takes.

    Raises
    ------
    ValueError
        If the target answers with labels alone, or fewer than 20 queries are left.

    See Also
    --------
    AutoExtraction : Picks the attack by what was found.

    References
    ----------
    An addition of this package.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from skprivacy.extraction import FamilyDetector
    >>> from skprivacy.targets import BlackBox
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> model = RandomForestClassifier(random_state=0).fit(X, y)
    >>> FamilyDetector(BlackBox(model), random_state=0).fit(X).family_
    'forest'
    """

    _parameter_constraints = {
        "target": "no_validation",
        "n_lines": [Interval(Integral, 2, None, closed="left")],
        "bounds": ["array-like", None],
        "random_state": ["random_state"],
    }

    def __init__(self, target, *, n_lines=4, bounds=None, random_state=None):
        self.target = target
        self.n_lines = n_lines
        self.bounds = bounds
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        """Ask the target, and tell what it is.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            What queries look like, numbers throughout.

        y : object
            Ignored.

        Returns
        -------
        self : object
            The fitted detector.
        """
        box = check_target(self.target)
        checked = validate_data(self, X, dtype="numeric", ensure_min_samples=2)
        table = X if isinstance(X, pd.DataFrame) else checked
        space = QuerySpace(table, self.bounds)
        oracle = Oracle(box, space)
        if oracle.response not in LINKS:
            raise ValueError(
                f"target: families are told by probabilities or numbers; the target "
                f"gives response={oracle.response!r}."
            )
        oracle.need(FEWEST, "telling the family")
        rng = check_random_state(self.random_state)
        looks = _AllLooks(oracle, space, rng, self.n_lines)
        try:
            self.family_ = looks.tell()
        except QueryBudgetExceeded:
            self.family_ = "unknown"
        self.evidence_ = looks.evidence
        self.n_queries_ = oracle.n_queries
        return self


class _AllLooks(WholeLooks, SmoothLooks):
    """Asks the cheapest question that may decide first."""

    def tell(self):
        if not len(self.space.free):
            return "unknown"
        self.look_around()
        if self.is_constant():
            return "constant"
        if self.is_noisy():
            return "noisy"
        if self.space.integer[self.space.free].all():
            return self.tell_whole()
        return self.tell_smooth() if self.is_smooth() else self.tell_steps()
