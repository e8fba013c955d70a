"""Audit a training procedure by one run with many canaries."""

from numbers import Integral, Real

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, _fit_context
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.validation import validate_data

from skprivacy._validation import as_table, encode_labels
from skprivacy.auditing._claims import as_guarantee
from skprivacy.auditing._one_run import epsilon_one_run, one_run_p_value
from skprivacy.auditing._one_run_gaussian import epsilon_one_run_gaussian
from skprivacy.auditing._runs import Mechanism, run_worlds
from skprivacy.dp import PrivacyGuarantee
from skprivacy.records import as_model_input, make_canaries, stack_tables, take_rows
from skprivacy.signals import compute_signal
from skprivacy.targets import BlackBox

__all__ = ["OneRunAuditor", "guess_extremes"]

ADJACENCIES = ("auto", "replace", "add_remove")


class OneRunAuditor(BaseEstimator):
    """Find out what epsilon a training procedure has at least, from one training run.

    Canaries are records that a model is likely to keep. A coin decides for each, by
    itself, whether it is trained on. The better it is guessed from the model which ones
    were, the larger epsilon must be. An audit that finds nothing proves nothing.

    Parameters
    ----------
    estimator : estimator
        Unfitted classifier or regressor.

    canaries : {"mislabeled", "outlier"} or pair, default="mislabeled"
        What :func:`~skprivacy.records.make_canaries` makes of the data, or
        ``(X_canaries, y_canaries)``.

    n_canaries : int, default=1000
        How many are made. Ignored where they are given.

    guess_fraction : float, default=0.1
        Share of the canaries that something is guessed of: the half of it with the
        highest scores was trained on, the half with the lowest was not. It is fixed
        before anybody looks.

    method : {"steinke", "fdp"}, default="steinke"
        Whether the guesses are held against an epsilon and a delta
        (:func:`epsilon_one_run`), or against the whole curve of a Gaussian release,
        under the assumption that the mechanism is one
        (:func:`epsilon_one_run_gaussian`).

    delta : float or None, default=1e-5
        Delta at which epsilon is bounded. None: that at which the claim is stated.

    signal : "auto" or callable, default="auto"
        ``signal(model, X_canaries, y_canaries)`` gives a number for each canary, larger
        where it looks more like one that was trained on. With "auto" it is the model's
        log-odds of the canary's label, or its loss.

    n_references : int, default=1
        Models that are trained on no canary. Their mean score is subtracted, as some
        canaries are likelier than others by themselves.

    adjacency : {"auto", "replace", "add_remove"}, default="auto"
        What becomes of a canary that is not trained on: a real record takes its place,
        or it is left out. It must be what the claim is about; "auto" takes it from the
        claim, and "add_remove" where there is none.

    confidence : float, default=0.95
        Probability with which the bound holds.

    claimed : PrivacyGuarantee, float or None, default=None
        What is claimed: a guarantee, or an epsilon at `delta`. None: the
        ``privacy_guarantee_`` of the fitted estimator, if it has one.

    random_state : int, RandomState instance or None, default=None
        Canaries, coins, and seeds of the estimator where it has one.

    Attributes
    ----------
    epsilon_lower_bound_ : float
        Epsilon is at least so large.

    p_value_ : float or None
        Chance of so many right guesses, if the claimed epsilon and delta were true
        (:func:`one_run_p_value`); None without a claim.

    violated_ : bool or None
        Whether the claim is refuted; None where there is none.

    claimed_epsilon_ : float or None
        Epsilon that is claimed at `delta_`.

    delta_ : float
        Delta of the bound.

    n_canaries_, n_guesses_, n_correct_ : int
        Canaries, guesses, and right guesses.

    included_ : ndarray of bool of shape (n_canaries,)
        Which canaries were trained on.

    guesses_ : ndarray of int of shape (n_canaries,)
        1: guessed to be trained on, -1: not, 0: no guess.

    scores_ : ndarray of shape (n_canaries,)
        Scores.

    model_ : estimator
        The model that was trained on the included canaries.

    n_fits_ : int
        Models that were trained.

    assumptions_ : tuple of str
        What must be true for the bound to hold.

    n_features_in_ : int
        Columns.

    feature_names_in_ : ndarray of shape (n_features_in_,)
        Their names, where they are strings.

    See Also
    --------
    MechanismAuditor : Many runs, and a tighter bound.

    Notes
    -----
    Canaries get in each other's way, so that the bound is often far below what one
    canary and many runs would show. A fixed number of included canaries would void the
    theorem: coins are independent.

    References
    ----------
    T. Steinke, M. Nasr and M. Jagielski, "Privacy Auditing with One (1) Training Run",
    Advances in Neural Information Processing Systems, 2023.

    S. Mahloujifar, L. Melis and K. Chaudhuri, "Auditing f-Differential Privacy in One
    Run", International Conference on Machine Learning, 2025.

    Examples
    --------
    A tree learns every record by heart:

    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skprivacy.auditing import OneRunAuditor
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> tree = DecisionTreeClassifier(random_state=0)
    >>> auditor = OneRunAuditor(tree, n_canaries=200, claimed=1.0, random_state=0)
    >>> auditor.fit(X, y).violated_, auditor.n_correct_, auditor.n_guesses_
    (True, 20, 20)
    """

    _parameter_constraints = {
        "estimator": [HasMethods(["fit"])],
        "canaries": [StrOptions({"mislabeled", "outlier"}), tuple, list],
        "n_canaries": [Interval(Integral, 2, None, closed="left")],
        "guess_fraction": [Interval(Real, 0, 1, closed="right")],
        "method": [StrOptions({"steinke", "fdp"})],
        "delta": [Interval(Real, 0, 1, closed="left"), None],
        "signal": [StrOptions({"auto"}), callable],
        "n_references": [Interval(Integral, 0, None, closed="left")],
        "adjacency": [StrOptions(set(ADJACENCIES))],
        "confidence": [Interval(Real, 0, 1, closed="neither")],
        "claimed": [PrivacyGuarantee, Interval(Real, 0, None, closed="left"), None],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        estimator,
        *,
        canaries="mislabeled",
        n_canaries=1000,
        guess_fraction=0.1,
        method="steinke",
        delta=1e-5,
        signal="auto",
        n_references=1,
        adjacency="auto",
        confidence=0.95,
        claimed=None,
        random_state=None,
    ):
        self.estimator = estimator
        self.canaries = canaries
        self.n_canaries = n_canaries
        self.guess_fraction = guess_fraction
        self.method = method
        self.delta = delta
        self.signal = signal
        self.n_references = n_references
        self.adjacency = adjacency
        self.confidence = confidence
        self.claimed = claimed
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y):
        """Train with canaries, guess which, and bound epsilon.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Records that are trained on beside the canaries.

        y : array-like of shape (n_records,)
            Their labels.

        Returns
        -------
        self : OneRunAuditor

        Raises
        ------
        ValueError
            If canaries can't be made, are not like the records, or are too few for
            one guess of each kind; or if the signal is not one number for each.
        """
        X, y = self._check_data(X, y)
        rng = check_random_state(self.random_state)
        X_canaries, y_canaries = self._make_canaries(X, y, rng)
        m = self.n_canaries_ = len(y_canaries)
        mechanism = Mechanism(self.estimator)
        adjacency = self._adjacency(mechanism, X, y, rng)
        self.included_ = rng.uniform(size=m) < 0.5
        # Stand-ins are drawn for all canaries: which are used tells nothing more.
        stand_ins = rng.randint(len(y), size=m) if adjacency == "replace" else None
        planted = (X, y, X_canaries, y_canaries, stand_ins)
        seeds = rng.randint(2**31 - 1, size=1 + self.n_references)
        order = rng.uniform(size=m)
        none = np.zeros(m, dtype=bool)
        self.model_ = _train(mechanism, _planted(*planted, self.included_), seeds[0])
        self.scores_ = self._scores(self.model_, X_canaries, y_canaries)
        if self.n_references:
            alone = _planted(*planted, none)
            usual = [
                self._scores(_train(mechanism, alone, seed), X_canaries, y_canaries)
                for seed in seeds[1:]
            ]
            self.scores_ = self.scores_ - np.mean(usual, axis=0)
        self.guesses_ = guess_extremes(self.scores_, self.guess_fraction, order)
        self.n_guesses_ = int(np.count_nonzero(self.guesses_))
        self.n_correct_ = int(
            (self.guesses_ == 1)[self.included_].sum()
            + (self.guesses_ == -1)[~self.included_].sum()
        )
        self._judge(mechanism, adjacency)
        return self

    def _check_data(self, X, y):
        X = as_table(X)
        if len(X) < 2:
            raise ValueError(
                "canaries are made of at least 2 records; got n_samples=1, of which "
                "nothing can be made."
            )
        validate_data(self, X, skip_check_array=True)
        if y is None:
            raise ValueError(
                f"{type(self).__name__} requires y to be passed, but the target y is "
                "None."
            )
        labels = np.asarray(y)
        if labels.ndim != 1 or len(labels) != len(X):
            raise ValueError(
                f"y must have one label for each of {len(X)} records; got an array of "
                f"shape {labels.shape}."
            )
        return X, labels

    def _make_canaries(self, X, y, rng):
        if isinstance(self.canaries, str):
            return make_canaries(
                X, y, kind=self.canaries, n=self.n_canaries, random_state=rng
            )
        if len(self.canaries) != 2:
            raise ValueError(
                "canaries must be a kind or a pair (X_canaries, y_canaries); got "
                f"{len(self.canaries)} things."
            )
        X_canaries = as_table(self.canaries[0], "canaries")
        y_canaries = np.asarray(self.canaries[1])
        like = isinstance(X_canaries, pd.DataFrame) == isinstance(X, pd.DataFrame)
        if not like or X_canaries.shape[1] != X.shape[1] or y_canaries.ndim != 1:
            raise ValueError(
                "canaries must be a table of the same kind and columns as X, and "
                f"their labels; got {type(X_canaries).__name__} of shape "
                f"{X_canaries.shape} beside {type(X).__name__} of shape {X.shape}."
            )
        if len(X_canaries) != len(y_canaries) or len(y_canaries) < 2:
            raise ValueError(
                "canaries must be at least 2, with one label each; got "
                f"{len(X_canaries)} with {len(y_canaries)} labels."
            )
        return X_canaries, y_canaries

    def _adjacency(self, mechanism, X, y, rng):
        if self.adjacency != "auto":
            return self.adjacency
        if isinstance(self.claimed, PrivacyGuarantee):
            return self.claimed.adjacency
        if self.claimed is not None:
            return "add_remove"
        # What it claims stands on a fitted one: one more fit, on the data alone.
        seed = rng.randint(2**31 - 1)
        guarantee = as_guarantee(None, _train(mechanism, (X, y), seed))
        return "add_remove" if guarantee is None else guarantee.adjacency

    def _scores(self, model, X, y):
        if self.signal == "auto":
            return _label_signal(model, X, y)
        scores = np.asarray(self.signal(model, X, y), dtype=float)
        if scores.shape != (len(y),) or np.isnan(scores).any():
            raise ValueError(
                f"signal must return one number for each of {len(y)} canaries, and not "
                f"NaN; got an array of shape {scores.shape}."
            )
        return scores

    def _judge(self, mechanism, adjacency):
        guarantee = as_guarantee(self.claimed, self.model_, self.delta or 0.0)
        self.delta_ = self.delta
        if self.delta is None:
            self.delta_ = 0.0 if guarantee is None else guarantee.stated_delta
        bound = (
            epsilon_one_run if self.method == "steinke" else epsilon_one_run_gaussian
        )
        counts = self.n_correct_, self.n_guesses_, self.n_canaries_
        self.epsilon_lower_bound_ = bound(
            *counts, delta=self.delta_, confidence=self.confidence
        )
        self.claimed_epsilon_ = self.p_value_ = self.violated_ = None
        if guarantee is not None:
            self.claimed_epsilon_ = guarantee.epsilon(self.delta_)
            self.p_value_ = one_run_p_value(
                *counts, self.claimed_epsilon_, delta=self.delta_
            )
            self.violated_ = bool(self.epsilon_lower_bound_ > self.claimed_epsilon_)
        looked = 1 if self.adjacency == "auto" and self.claimed is None else 0
        self.n_fits_ = 1 + self.n_references + looked
        absent = "a real record in its place" if adjacency == "replace" else "left out"
        self.assumptions_ = (
            f"the claim is about data sets that differ as a canary and {absent} do",
            "each canary was included by a coin of its own",
            mechanism.assumption,
            "nothing is assumed of the mechanism"
            if self.method == "steinke"
            else "the mechanism's trade-off is that of a Gaussian release",
        )

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.input_tags.string = tags.input_tags.categorical = True
        return tags


def guess_extremes(scores, guess_fraction, order) -> np.ndarray:
    """Guess that the highest scores were trained on, and the lowest were not.

    Parameters
    ----------
    scores : ndarray of shape (n_canaries,)
        Scores.

    guess_fraction : float
        Share that something is guessed of, half of it on either side; at least one.

    order : ndarray of shape (n_canaries,)
        Which of equal scores comes first.

    Returns
    -------
    guesses : ndarray of int of shape (n_canaries,)
        1, -1, or 0 where nothing is guessed.

    Examples
    --------
    >>> guess_extremes(np.array([0.5, 9.0, -3.0, 1.0]), 0.5, np.arange(4))
    array([ 0,  1, -1,  0])
    """
    k = max(int(guess_fraction * len(scores) / 2), 1)
    ranked = np.lexsort((order, scores))
    guesses = np.zeros(len(scores), dtype=int)
    guesses[ranked[:k]], guesses[ranked[-k:]] = -1, 1
    return guesses


def _planted(X, y, X_canaries, y_canaries, stand_ins, included):
    """Training data: the records, the included canaries, and what stands in."""
    absent = np.zeros(0, dtype=int) if stand_ins is None else stand_ins[~included]
    table = stack_tables([X, take_rows(X_canaries, included), take_rows(X, absent)])
    labels = np.concatenate([y, y_canaries[included], y[absent]])
    return table, labels


def _train(mechanism, world, seed):
    (model,), _ = run_worlds(mechanism, [world, world], [[seed], []], _whole)
    return model


def _whole(output):
    return output


def _label_signal(model, X, y):
    """How well the model knows the label of each record."""
    box = BlackBox(model)
    answers = box.query(as_model_input(X, box))
    if box.response_ == "value":
        return compute_signal("loss", answers, np.asarray(y, dtype=float), "value")
    truth = encode_labels(y, box.classes_)
    name = "logit" if box.response_ in ("proba", "decision") else "loss"
    return compute_signal(name, answers, truth, box.response_)
