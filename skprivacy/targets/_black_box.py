"""What an attacker can reach of a model."""

import threading
from copy import deepcopy
from numbers import Integral, Real

import numpy as np
from sklearn.base import BaseEstimator, is_classifier
from sklearn.utils import get_tags
from sklearn.utils._param_validation import (
    Interval,
    StrOptions,
    validate_parameter_constraints,
)
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from skprivacy.targets._answers import align_to_classes, as_answers, restrict_answers
from skprivacy.targets._patience import KeptAnswers, persistently, within

__all__ = ["BlackBox", "QueryBudgetExceeded"]


class QueryBudgetExceeded(RuntimeError):
    """Raised before a query that would spend more than the budget.

    The query is not asked and nothing is spent, so every answer that was received
    before stays usable, and a smaller query may still be asked.

    Parameters
    ----------
    asked : int
        Records in the query that was refused.

    n_queries : int
        Records asked so far.

    budget : int
        Records that may be asked in all.
    """

    def __init__(self, asked, n_queries, budget):
        super().__init__(asked, n_queries, budget)
        # Asking again would change nothing.
        self.is_final = True
        self.asked, self.n_queries, self.budget = asked, n_queries, budget

    @property
    def remaining(self) -> int:
        """Records that may still be asked."""
        return self.budget - self.n_queries

    def __str__(self):
        return (
            f"a query for {self.asked} records was refused: {self.n_queries} of the "
            f"budget of {self.budget} are spent, {self.remaining} are left. Nothing "
            "was asked; the answers so far are usable."
        )


def _responds(*responses):
    def check(self):
        return self.response_ in responses

    return check


class BlackBox(BaseEstimator):
    """A fitted model, or any function, as an attacker can reach it.

    The box says which answer comes out, how precise it is, and how many questions may
    be asked. It is never fitted: :func:`sklearn.base.clone` gives back the same box, so
    that the target stays as it is and the queries of all attacks add up.

    Parameters
    ----------
    model : fitted estimator or callable
        The model under attack. A callable takes a table of features, shape
        (n_records, n_features), and returns one answer a record.

    response : {"auto", "proba", "decision", "label", "value"}, default="auto"
        What the attacker gets to see:

        - "proba": probabilities of all classes;
        - "decision": the values of ``decision_function``;
        - "label": the predicted class alone;
        - "value": a regressor's prediction.

        "auto" takes the first that the model has, in this order; for a callable it is
        "proba" where `classes` are given and "value" otherwise.

    decimals : int or None, default=None
        Probabilities and values are rounded to so many decimals.

    top_k : int or None, default=None
        Only the `top_k` largest probabilities are shown. What is left of the total is
        spread evenly over the classes that are not shown, which is all that an
        attacker knows of them.

    budget : int or None, default=None
        How many records may be asked in all. None: as many as one likes.

    classes : array-like of shape (n_classes,) or None, default=None
        The classes in the order of a callable's columns. Taken from the model where
        it is an estimator.

    timeout : float or None, default=None
        Seconds to wait for an answer to a batch. None: as long as it takes. A call that
        is given up goes on in a thread of its own, if it still runs.

    retries : int, default=0
        How often a batch is asked again for which the model raised an exception, or
        gave no answer in time. An answer that is no answer, such as NaN, is not asked
        for again.

    backoff : float, default=0.5
        Seconds before the first repetition; each further pause is twice as long.

    batch_size : int or None, default=None
        Records that the model is given at once. None: all of a query.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Classes; only for classifiers.

    response_ : str
        The response in force, never "auto".

    n_queries_ : int
        Records asked so far, by all who hold this box, as the model's owner would count
        them: a record that is asked again because an answer failed counts again, also
        in the budget. Counted in this process: queries of joblib's worker processes are
        not booked here.

    n_features_in_ : int
        Features that the model takes, where it says so.

    Raises
    ------
    QueryBudgetExceeded
        On a query for more records than are left of the budget.
    TimeoutError
        If the model gives no answer in time, however often it is asked.
    ValueError
        If its answer is not one number, or row of numbers, for each record, or its
        classes change while it is asked.

    Notes
    -----
    With `timeout`, `retries` or `batch_size`, answers are kept as long as the box.
    After a failure they are given once more, before anything new is asked, and at no
    cost: an attack that is fitted again asks only for the rest. Copies do not have
    them.

    See Also
    --------
    sklearn.frozen.FrozenEstimator : The white box: the attacker holds the model itself.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skprivacy.targets import BlackBox
    >>> X, y = load_iris(return_X_y=True)
    >>> model = LogisticRegression(max_iter=1000).fit(X, y)
    >>> box = BlackBox(model, decimals=1, budget=100)
    >>> box.predict_proba(X[:2])
    array([[1., 0., 0.],
           [1., 0., 0.]])
    >>> box.n_queries_
    2
    """

    _parameter_constraints = {
        "model": "no_validation",
        "response": [StrOptions({"auto", "proba", "decision", "label", "value"})],
        "decimals": [Interval(Integral, 0, None, closed="left"), None],
        "top_k": [Interval(Integral, 1, None, closed="left"), None],
        "budget": [Interval(Integral, 0, None, closed="left"), None],
        "classes": ["array-like", None],
        "timeout": [Interval(Real, 0, None, closed="neither"), None],
        "retries": [Interval(Integral, 0, None, closed="left")],
        "backoff": [Interval(Real, 0, None, closed="left")],
        "batch_size": [Interval(Integral, 1, None, closed="left"), None],
    }

    def __init__(
        self,
        model,
        *,
        response="auto",
        decimals=None,
        top_k=None,
        budget=None,
        classes=None,
        timeout=None,
        retries=0,
        backoff=0.5,
        batch_size=None,
    ):
        self.model = model
        self.response = response
        self.decimals = decimals
        self.top_k = top_k
        self.budget = budget
        self.classes = classes
        self.timeout = timeout
        self.retries = retries
        self.backoff = backoff
        self.batch_size = batch_size

    def fit(self, X=None, y=None, **fit_params):
        """Check the model; it is not trained.

        Parameters
        ----------
        X, y : object
            Ignored.

        **fit_params : dict
            Ignored.

        Returns
        -------
        self : BlackBox
        """
        self._check()
        return self

    def query(self, X):
        """Ask the model.

        Parameters
        ----------
        X : table of shape (n_records, n_features)
            Features, without the label.

        Returns
        -------
        answers : ndarray of shape (n_records, n_classes) or (n_records, 1)
            Probabilities; decision values, one column a class; the predicted class as
            a one among zeros; or the predicted value as a single column.

        Raises
        ------
        QueryBudgetExceeded
            If fewer records than in ``X`` are left of the budget.
        ValueError
            If the model's answer is not a number for each record.
        """
        self._check()
        response = self.response_
        if self.timeout is None and not self.retries and self.batch_size is None:
            answers = self._ask(X)
        else:
            answers = self._state("_kept_answers", KeptAnswers).answer(
                X, self._ask, self.batch_size, self._check_budget
            )
        known = self._model_classes()
        if known is not None:
            answers = align_to_classes(answers, known, self.classes_, response)
        return restrict_answers(answers, response, self.decimals, self.top_k)

    def same_access_to(self, model, classes=None):
        """Put another model behind the same kind of box, without a budget.

        Parameters
        ----------
        model : fitted estimator
            For instance a shadow model.

        classes : array-like or None, default=None
            Classes that its answers are laid out by.

        Returns
        -------
        box : BlackBox
        """
        return BlackBox(
            model,
            response=self.response_,
            decimals=self.decimals,
            top_k=self.top_k,
            classes=classes,
        )

    @available_if(_responds("proba"))
    def predict_proba(self, X):
        """Probabilities of all classes, as far as the box shows them.

        Parameters
        ----------
        X : table of shape (n_records, n_features)
            Features.

        Returns
        -------
        proba : ndarray of shape (n_records, n_classes)
        """
        return self.query(X)

    @available_if(_responds("decision"))
    def decision_function(self, X):
        """Decision values; one column, for the second class, where there are two.

        Parameters
        ----------
        X : table of shape (n_records, n_features)
            Features.

        Returns
        -------
        decision : ndarray of shape (n_records,) or (n_records, n_classes)
        """
        answers = self.query(X)
        return answers[:, 1] if answers.shape[1] == 2 else answers

    def predict(self, X):
        """Predicted class or value.

        Parameters
        ----------
        X : table of shape (n_records, n_features)
            Features.

        Returns
        -------
        y : ndarray of shape (n_records,)
        """
        answers = self.query(X)
        if self.response_ == "value":
            return answers[:, 0]
        return self.classes_[answers.argmax(axis=1)]

    @property
    def response_(self):
        """The response in force."""
        if self.response != "auto":
            return self.response
        if not hasattr(self.model, "predict"):
            return "value" if self.classes is None else "proba"
        if not is_classifier(self.model) and not hasattr(self.model, "classes_"):
            return "value"
        for method, response in _RESPONSE_METHODS.items():
            if hasattr(self.model, method):
                return response

    @property
    def classes_(self):
        """Classes in the order of the answers' columns."""
        if self.response_ == "value":
            raise AttributeError("a target that answers with values has no classes_.")
        return (
            self._model_classes() if self.classes is None else np.asarray(self.classes)
        )

    @property
    def n_queries_(self):
        """Records asked so far."""
        return self._counter().asked

    @property
    def n_features_in_(self):
        """Features that the model takes."""
        return self.model.n_features_in_

    @property
    def feature_names_in_(self):
        """Names of the features that the model takes."""
        return self.model.feature_names_in_

    def _asked_function(self, response):
        if not hasattr(self.model, "predict"):
            return self.model
        return getattr(self.model, _METHOD_OF[response])

    def _ask(self, X):
        function = self._asked_function(self.response_)

        def call():
            # Each time: the owner sees each attempt.
            self._counter().spend(len(X), self.budget)
            return within(self.timeout, function, X)

        try:
            raw = persistently(call, self.retries, self.backoff)
        except TimeoutError as error:
            raise TimeoutError(
                f"{self._name()}: {error}, asked {self.retries + 1} times. The answers "
                "before are kept: fit the attack again with the same box, which may "
                "have a longer timeout or more retries."
            ) from error
        known = self._model_classes()
        self._check_same_classes(known)
        try:
            return as_answers(raw, self.response_, known, n_records=len(X))
        except ValueError as error:
            raise ValueError(f"{self._name()}: {error}") from error

    def _check_same_classes(self, known):
        before = self._state("_classes_before", lambda: known)
        if known is not None and not np.array_equal(before, known):
            raise ValueError(
                f"{self._name()}: its classes changed while it was asked, from "
                f"{np.asarray(before).tolist()} to {known.tolist()}; a target must "
                "stay as it is."
            )

    def _check_budget(self, n):
        counter = self._counter()
        if self.budget is not None and counter.asked + n > self.budget:
            raise QueryBudgetExceeded(n, counter.asked, self.budget)

    def _name(self):
        return getattr(self.model, "__name__", None) or type(self.model).__name__

    def _counter(self):
        return self._state("_query_counter", _Counter)

    def _state(self, name, make):
        # Not set by the constructor, which only stores its arguments.
        with _COUNTER_LOCK:
            if name not in self.__dict__:
                self.__dict__[name] = make()
            return self.__dict__[name]

    def _model_classes(self):
        if self.response_ == "value":
            return None
        known = getattr(self.model, "classes_", self.classes)
        if known is None:
            raise ValueError(
                f"classes must be given for response={self.response_!r} when model is "
                "a plain function; got classes=None."
            )
        return np.asarray(known)

    def _check(self):
        validate_parameter_constraints(
            self._parameter_constraints, self.get_params(deep=False), "BlackBox"
        )
        if not hasattr(self.model, "predict"):
            if not callable(self.model):
                raise TypeError(
                    "model must be a fitted estimator or a function of a table; got "
                    f"{self.model!r}."
                )
        elif hasattr(self.model, "fit"):
            check_is_fitted(self.model)
        method = _METHOD_OF.get(self.response)
        if (
            method
            and hasattr(self.model, "predict")
            and not hasattr(self.model, method)
        ):
            raise ValueError(
                f"response={self.response!r} needs a model with {method}; "
                f"{type(self.model).__name__} has none."
            )
        self._model_classes()

    def get_params(self, deep=True):
        """Parameters of the box; the model's own are not among them.

        Parameters
        ----------
        deep : bool, default=True
            Ignored: a target is not to be changed through an attack.

        Returns
        -------
        params : dict
        """
        return super().get_params(deep=False)

    def __sklearn_clone__(self):
        return self

    def __sklearn_is_fitted__(self):
        return True

    def __getstate__(self):
        state = dict(super().__getstate__())
        counter = state.pop("_query_counter", None)
        state.pop("_kept_answers", None)
        state.pop("_classes_before", None)
        # Asking does not change the box, so that a copy of it is equal; but a copy of a
        # box with a budget must not be asked all over again.
        if counter is not None and self.budget is not None:
            state["_query_counter"] = counter.asked
        return state

    def __setstate__(self, state):
        state = dict(state)
        if "_query_counter" in state:
            state["_query_counter"] = _Counter(state["_query_counter"])
        super().__setstate__(state)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        if hasattr(self.model, "__sklearn_tags__"):
            tags.input_tags = deepcopy(get_tags(self.model).input_tags)
        # As FrozenEstimator: fit has no effect, so scikit-learn's checks do not apply.
        tags._skip_test = True
        return tags


_RESPONSE_METHODS = {
    "predict_proba": "proba",
    "decision_function": "decision",
    "predict": "label",
}
_METHOD_OF = {response: method for method, response in _RESPONSE_METHODS.items()}
_METHOD_OF["value"] = "predict"
_COUNTER_LOCK = threading.Lock()


class _Counter:
    """Counts queries; two threads never spend the same one."""

    def __init__(self, asked=0):
        self.asked = asked
        self._lock = threading.Lock()

    def spend(self, n, budget):
        with self._lock:
            if budget is not None and self.asked + n > budget:
                raise QueryBudgetExceeded(n, self.asked, budget)
            self.asked += n
