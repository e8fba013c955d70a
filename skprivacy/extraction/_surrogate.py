"""Models trained on what the target answers."""

import warnings
from numbers import Integral

import numpy as np
import pandas as pd
from sklearn.base import is_classifier
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.validation import check_is_fitted, validate_data

from skprivacy._validation import as_table
from skprivacy.extraction._answer_store import AnswerStore
from skprivacy.extraction._base import FEWEST_LEFT, N_REPEATS, BaseExtractionAttack
from skprivacy.extraction._fidelity import (
    answer_distance,
    label_agreement,
    r2_of_answers,
)
from skprivacy.extraction._query_plan import QueryPlan
from skprivacy.extraction._strategies import STRATEGIES
from skprivacy.extraction._surrogate_families import families, families_of
from skprivacy.extraction._surrogate_features import SurrogateFeatures
from skprivacy.extraction._surrogate_stack import SurrogateStack
from skprivacy.extraction._table_space import TableSpace
from skprivacy.targets import allows_nan

__all__ = ["SurrogateAttack"]

#: Fewest answers that a race can be held on.
FEWEST = 10
#: Parts into which few answers, and many, are split for the race.
N_FOLDS = 5, 3
#: From how many on they are many.
MANY = 1000


class SurrogateAttack(BaseExtractionAttack):
    """Trains models on the target's answers, and chooses what to ask.

    The answers are bought in rounds. In each, a quick committee learns what is known so
    far and says where the next answers tell the most. In the end several families of
    models race on answers that they have not seen, and the copy is their best mixture.
    Any table will do: categories are asked with values that exist, and missing values
    in columns that have some.

    Parameters
    ----------
    target : BlackBox or FrozenEstimator
        The model under attack.

    estimator : "auto" or estimator, default="auto"
        What is trained: any classifier or regressor. It is given numbers: categories as
        one column a value, missing numbers as the median with a column that says so. A
        regressor learns probabilities as they are or as log-odds, whichever suits
        answers that it has not seen; a classifier learns labels. "auto": linear models,
        trees, boosting, kernels and networks, mixed with the weights that suit answers
        which they have not seen.

    strategy : {"records", "uniform", "marginal", "mixup", "uncertainty", "committee", \
"kcenter", "boundary", "bandit", "jacobian", "adaptive"}, default="adaptive"
        What is asked:

        - "records": records of ``X`` at random, and "mixup" when there are no more;
        - "uniform": points drawn evenly from the space;
        - "marginal": each column drawn by itself from ``X``;
        - "mixup": points between two records;
        - "uncertainty": records that the committee is the least sure of;
        - "committee": records on which its models are farthest apart;
        - "kcenter": records that are the farthest from all that were asked;
        - "boundary": points between records of different labels where the committee
          sees the boundary;
        - "bandit": records of groups (clusters of ``X``) whose answers were worth more,
          as a gradient bandit learns: certain, unlike others, not foreseen;
        - "jacobian": points that were asked, moved along the sign of the derivative of
          the committee's answer, up and down by turns;
        - "adaptive": records drawn at random, likelier where the committee is unsure.

        The last seven begin with a quarter of the budget on random records.

    budget : int, default=1000
        Answers in all; fewer if the target's own budget is smaller.

    batch_size : int or None, default=None
        Answers in a round. None: an eighth of the budget.

    label_response : {"auto", "logit", "label"}, default="auto"
        What is learned of probabilities: log-odds ("logit"), labels alone ("label"), or
        what the family does best ("auto").

    memory : str, path-like or None, default=None
        Folder in which answers are kept as soon as they are there. A fit that breaks
        off, or one with a larger budget, goes on where the last one ended. One folder a
        target.

    bounds : array-like of shape (n_features, 2) or None, default=None
        Lower and upper end of each column of numbers, between which points are crafted.
        None: the range in the ``X`` of `fit`.

    random_state : int, RandomState instance or None, default=None
        What is asked, and how models are trained.

    Attributes
    ----------
    weights_ : dict of str to float
        Weight of each family in the copy.

    errors_ : dict of str to float
        Mean squared error of each on answers that it has not seen; of those that were
        far behind, on the first of them.

    learning_curve_ : dict of str to list
        "n_queries", and what a copy reached with so many answers, on natural records
        that it has not seen: "fidelity" (agreement of labels, of numbers R2) and
        "distance" (half the mean summed difference of the answers). All but the last
        are those of the quick committee.

    n_answers_ : int
        Answers that were learned from, those that `memory` had among them.

    classes_ : ndarray of shape (n_classes,)
        The target's classes; only where it is a classifier.

    is_deterministic_ : bool or None
        Whether the first three points got the same answers twice; with labels, or a
        budget below 200, they are not asked again, and it is None.

    n_queries_ : int
        Points that were asked.

    n_features_in_ : int
        Features that the target takes.

    Raises
    ------
    ValueError
        If the budget allows for fewer than ten answers, or a classifier is to learn
        numbers.

    See Also
    --------
    EquationSolvingAttack : Exact copies of linear models.
    PathFindingAttack : Exact copies of trees.
    FidelityCurveDisplay : Draws the learning curve.

    References
    ----------
    F. Tramèr, F. Zhang, A. Juels, M. K. Reiter, T. Ristenpart. "Stealing machine
    learning models via prediction APIs". USENIX Security 2016.

    T. Orekondy, B. Schiele, M. Fritz. "Knockoff nets: stealing functionality of
    black-box models". CVPR 2019.

    N. Papernot, P. McDaniel, I. Goodfellow, S. Jha, Z. B. Celik, A. Swami. "Practical
    black-box attacks against machine learning". ASIA CCS 2017.

    S. Pal, Y. Gupta, A. Shukla, A. Kanade, S. Shevade, V. Ganapathy. "A framework for
    the extraction of deep neural networks by leveraging public data". arXiv:1905.09165,
    2019.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from skprivacy.extraction import SurrogateAttack
    >>> from skprivacy.targets import BlackBox
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> model = RandomForestClassifier(random_state=0).fit(X[::2], y[::2])
    >>> attack = SurrogateAttack(BlackBox(model), budget=80, random_state=0)
    >>> copy = attack.fit(X[1::2][:200])
    >>> copy.n_queries_, copy.score(X[1::2][200:]) > 0.9
    (80, True)
    """

    _asks_twice = True

    _parameter_constraints = {
        **BaseExtractionAttack._parameter_constraints,
        "estimator": [StrOptions({"auto"}), HasMethods(["fit", "predict"])],
        "strategy": [StrOptions(set(STRATEGIES))],
        "budget": [Interval(Integral, 1, None, closed="left")],
        "batch_size": [Interval(Integral, 1, None, closed="left"), None],
        "label_response": [StrOptions({"auto", "logit", "label"})],
        "memory": "no_validation",
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        target,
        *,
        estimator="auto",
        strategy="adaptive",
        budget=1000,
        batch_size=None,
        label_response="auto",
        memory=None,
        bounds=None,
        random_state=None,
    ):
        self.target = target
        self.estimator = estimator
        self.strategy = strategy
        self.budget = budget
        self.batch_size = batch_size
        self.label_response = label_response
        self.memory = memory
        self.bounds = bounds
        self.random_state = random_state

    #: Points whose answers are known before the first is asked, and these answers.
    _given = None

    def _fit_from(self, X, given):
        """Fit as `fit` does, beginning with answers that are there already.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            What queries look like.

        given : tuple of (table, answers) or None
            Points that were asked, shape (n_points, n_features), and the answers of
            `BlackBox.query` to them, shape (n_points, n_columns). They count in
            `budget`.

        Returns
        -------
        self : object
            The fitted attack.
        """
        self._given = given
        try:
            return self.fit(X)
        finally:
            del self._given

    def _fit(self, oracle, space):
        response = oracle.response
        self._check_kinds(response)
        n_columns = 1 if response == "value" else len(oracle.box.classes_)
        store = AnswerStore(self.memory, n_columns)
        n_given = 0 if self._given is None else len(self._given[1])
        budget = int(min(self.budget, oracle.left + len(store) + n_given))
        if n_given or len(store) or budget < FEWEST_LEFT:
            oracle.watch = None
        if oracle.watch is not None:
            budget -= N_REPEATS
        if budget < FEWEST:
            raise ValueError(
                f"budget, and the target's own, must allow for {FEWEST} answers, from "
                f"which a surrogate can be learned; got {budget}."
            )
        rng = check_random_state(self.random_state)
        self._space, self._features = space, SurrogateFeatures(space)
        plan = QueryPlan(
            space, self._features, self.strategy, response, self.label_response, rng
        )
        seed = int(rng.randint(2**31 - 1))
        if n_given:
            plan.start(space.encode(self._given[0]), self._given[1])
        curve = []
        batch = self.batch_size or max(1, -(-budget // 8))
        n_next = min(budget - n_given, max(FEWEST, budget // 4 - n_given))
        while n_next:
            codes = plan.choose(n_next)
            plan.add(codes, self._ask(oracle, store, codes, batch))
            n_next = min(batch, budget - len(plan))
            if n_next:
                told = plan.learn(seed)
                curve.append((len(plan), *self._reached(plan, told)))
        learned = self._as_learned(plan.answers)
        stack = SurrogateStack(
            self._families(response, budget), self._learned_as(response), seed
        )
        features = self._features(plan.codes)
        self._stack = stack.fit(
            features, learned, plan.folds(N_FOLDS[len(plan) >= MANY])
        )
        self.weights_, self.errors_ = stack.weights, stack.errors
        curve.append((len(plan), *self._reached(plan, stack.told)))
        names = ("n_queries", "fidelity", "distance")
        columns = zip(*curve, strict=True)
        self.learning_curve_ = {
            name: list(column) for name, column in zip(names, columns, strict=True)
        }
        self.n_answers_ = len(plan)

    def _found_noise(self, gap):
        warnings.warn(
            "the target answers the same question differently when asked again, by up "
            f"to {gap:.2g}; the surrogate learns what it answers on average.",
            UserWarning,
            stacklevel=6,
        )

    def _check_kinds(self, response):
        if response in ("value", "decision") and self.label_response == "label":
            raise ValueError(
                "label_response='label' needs a target with probabilities or labels; "
                f"the target gives response={response!r}."
            )
        if self.strategy == "boundary" and response == "value":
            raise ValueError(
                "strategy='boundary' needs classes; the target answers with numbers."
            )
        if self.estimator == "auto":
            return
        if is_classifier(self.estimator) and (
            response in ("value", "decision") or self.label_response == "logit"
        ):
            raise ValueError(
                "estimator must be a regressor to learn numbers (the target gives "
                f"response={response!r}, label_response={self.label_response!r}); got "
                f"the classifier {self.estimator!r}."
            )

    def _families(self, response, n_points):
        if self.estimator == "auto":
            return families(response, n_points, self.label_response)
        return families_of(self.estimator, response, self.label_response)

    def _learned_as(self, response):
        return "label" if self.label_response == "label" else response

    def _as_learned(self, answers):
        if self.label_response != "label":
            return answers
        return np.eye(answers.shape[1])[answers.argmax(axis=1)]

    def _ask(self, oracle, store, codes, batch):
        """Ask what is not known yet, a batch at a time, each kept at once."""
        parts = []
        for start in range(0, len(codes), batch):
            part = codes[start : start + batch]
            table = oracle.space.table(part, oracle.box)
            known = store.lookup(table)
            new = np.array([answer is None for answer in known])
            if new.any():
                try:
                    answers = oracle.ask(part[new])
                except Exception as error:
                    if store.folder is not None:
                        kept = f"are kept in {store.folder}, and fit goes on from there"
                        error.add_note(f"{len(store)} answers were there; they {kept}.")
                    elif not any("are kept in" in note for note in error.__notes__):
                        # Nor does an attack keep them of which this one is a part.
                        kept = "memory= would keep them"
                        error.add_note(f"{len(store)} answers were there; {kept}.")
                    raise
                rows = np.flatnonzero(new)
                asked = (
                    table.iloc[rows] if isinstance(table, pd.DataFrame) else table[rows]
                )
                store.add(asked, answers)
                for row, answer in zip(rows, answers, strict=True):
                    known[row] = answer
            parts.append(np.array(known))
        return np.concatenate(parts)

    def _reached(self, plan, told):
        """Fidelity and distance of a copy on natural records, seen by none of it."""
        rows = plan.natural if plan.natural.sum() >= FEWEST else slice(None)
        answers, told = plan.answers[rows], told[rows]
        measure = r2_of_answers if self._shown == "value" else label_agreement
        return measure(answers, told), answer_distance(answers, told)

    def _answers(self, codes):
        return self._stack.answers(self._features(codes))

    def _space_of(self, table):
        return TableSpace(table, self.bounds)

    def _store_of(self, box):
        # Known answers count in its budget, so that it looks them up itself.
        return None

    def _checked(self, X):
        check_is_fitted(self)
        table = self._check_table(X, reset=False)
        return self._space.encode(table)

    def _check_table(self, X, reset):
        """Check a table of any columns."""
        if not isinstance(X, pd.DataFrame):
            missing = "allow-nan" if allows_nan(self.target) else True
            validate_data(self, X, reset=reset, dtype=None, ensure_all_finite=missing)
        table = as_table(X)
        validate_data(self, X, reset=reset, skip_check_array=True)
        if reset and len(table) < 2:
            raise ValueError(
                f"X: Found array with 1 sample (shape={table.shape}) while a minimum "
                "of 2 is required, to see what changes between records."
            )
        return table

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = allows_nan(self.target)
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        return tags
