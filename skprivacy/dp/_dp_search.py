"""A search for parameters that is as private as what it releases."""

from dataclasses import replace
from numbers import Real

import numpy as np
from sklearn.base import BaseEstimator, MetaEstimatorMixin, _fit_context
from sklearn.model_selection import ParameterSampler
from sklearn.utils import get_tags
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import (
    _check_y,
    check_consistent_length,
    check_is_fitted,
)

from skprivacy.dp._base import PRIVACY_CONSTRAINTS, PrivateFitMixin
from skprivacy.dp._noise import NoiseSource
from skprivacy.dp._private_runs import (
    check_no_weaker,
    epsilon_name,
    fit_unbooked,
    guarantee_of,
    noisy_score,
    scores_of_records,
    seeded,
)
from skprivacy.dp._random_stopping import SHAPES, draw_runs, selected_guarantee
from skprivacy.dp._teachers import checked_table
from skprivacy.records import take_rows

__all__ = ["DPSearchCV"]

#: How close to the epsilon that is asked for, from below; and after how many fits.
CLOSE, MOST_PROBES = 0.99, 20


def _has(method):
    def has(search):
        getattr(getattr(search, "best_estimator_", search.estimator), method)
        return True

    return has


class DPSearchCV(PrivateFitMixin, MetaEstimatorMixin, BaseEstimator):
    r"""Search for parameters with differential privacy, by random stopping.

    Draws how many runs there are, and for each a candidate at random; trains it on a
    part of the records, scores it with noise on the others, and keeps the best. All
    runs together cost little more than two or three, whatever their number was: if
    nothing but the best of them is told.

    Parameters
    ----------
    estimator : estimator
        With differential privacy, or a `Pipeline` whose every step that learns has it.
        Its guarantee must be pure or have Rényi divergences, as all of this package
        that are of a fit have, but for samples; and no candidate may weaken it.

    param_distributions : dict or list of dict
        As in `RandomizedSearchCV`: lists, or distributions with ``rvs``. They must be
        chosen without the records.

    expected_trials : float, default=10
        Runs on average, above 1.

    distribution : {"geometric", "logarithmic", "poisson"}, default="geometric"
        Of the number of runs. "logarithmic" costs less than "geometric", and more
        often makes few of them; "poisson" makes about as many as expected, costs
        little for few and much for many, and with a chance of
        ``exp(-expected_trials)`` makes none: then `fit` raises.

    epsilon : float or None, default=None
        Of the whole search, at `delta`; the estimator's own parameter of that name is
        then set, to what leaves that much. None: the estimator's own stays, and
        `privacy_guarantee_` says what all of it amounts to.

    delta : float, default=1e-5
        At which the guarantee is stated; well below one over the number of records.

    scoring : callable or None, default=None
        Function of a fitted estimator, X and y that returns a score from 0 to 1 for
        each record; what is outside is moved there. A score must be of one record
        alone. None: 1 if the class is predicted, 0 if not.

    validation_size : float, default=0.2
        Share of the records to score by.

    ledger : PrivacyLedger or None, default=None
        Books the search, once, before the first run. None: that of the block around
        it, if any.

    random_state : int, RandomState instance or None, default=None
        None: noise that nobody can draw again. With a seed it hides nothing from who
        knows it.

    Attributes
    ----------
    privacy_guarantee_ : PrivacyGuarantee
        What the search promises, everything included.

    reproducible_ : bool
        Whether the noise can be drawn again.

    best_estimator_ : estimator
        The best run, of the records that it was trained on.

    best_params_ : dict
        Its parameters.

    best_score_ : float
        Its score, with noise: that of the best is too high.

    classes_ : ndarray of shape (n_classes,)
        Classes, if the estimator is a classifier.

    n_features_in_ : int
        Columns.

    Raises
    ------
    TypeError
        If the estimator promises nothing.
    ValueError
        If its guarantee is of another kind, or a candidate weakens it.
    PrivacyBudgetExceeded
        If the ledger has not enough left.
    RuntimeError
        If no run was drawn.

    See Also
    --------
    PrivacyLedger : Books each fit of an ordinary search.

    Notes
    -----
    Neighbors are data sets of which one record is another. Which records score is
    drawn without looking at them. A record is either learned from or scored by: a run,
    its score included, promises what the fit does, as the noise of the score is such
    that it promises no less. What all runs promise then follows for the best of a
    random number of them: with pure guarantees and shape :math:`\eta` of the law,
    :math:`(2 + \eta) \varepsilon`, with :math:`\eta = 0` of the logarithmic and 1 of
    the geometric law.

    Published may be the best estimator, its parameters and its score, all of them from
    the one run. *Not* the number of runs, nor any other run, its score or that it
    failed: none of it is kept. How long `fit` took tells about how many there were, so
    keep that, too. There is no fit on all records afterwards: it would cost once more.

    The estimator is fitted a few times before to learn what it promises; nothing else
    of these fits is used.

    References
    ----------
    N. Papernot, T. Steinke. "Hyperparameter tuning with Rényi differential privacy".
    ICLR 2022; J. Liu, K. Talwar. "Private selection from private candidates". STOC
    2019.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.preprocessing import minmax_scale
    >>> from skprivacy.dp import DPLogisticRegression, DPSearchCV
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> X = minmax_scale(X, (-1, 1))  # as if the ends were known to everybody
    >>> model = DPLogisticRegression(data_norm=5.0, classes=[0, 1], n_iter=20)
    >>> search = DPSearchCV(
    ...     model, {"data_norm": [1.0, 3.0, 5.0]}, expected_trials=3, epsilon=10.0
    ... ).fit(X, y)
    >>> bool(9.9 < search.privacy_guarantee_.epsilon(1e-5) <= 10.0)
    True
    >>> search.score(X, y) > 0.8
    True
    """

    _parameter_constraints = {
        **PRIVACY_CONSTRAINTS,
        "estimator": [HasMethods(["fit", "get_params", "set_params"])],
        "param_distributions": [dict, list],
        "expected_trials": [Interval(Real, 1, None, closed="neither")],
        "distribution": [StrOptions(set(SHAPES))],
        "epsilon": [Interval(Real, 0, None, closed="neither"), None],
        "scoring": [callable, None],
        "validation_size": [Interval(Real, 0, 1, closed="neither")],
    }
    _parameter_constraints.pop("on_leak")

    def __init__(
        self,
        estimator,
        param_distributions,
        *,
        expected_trials=10,
        distribution="geometric",
        epsilon=None,
        delta=1e-5,
        scoring=None,
        validation_size=0.2,
        ledger=None,
        random_state=None,
    ):
        self.estimator = estimator
        self.param_distributions = param_distributions
        self.expected_trials = expected_trials
        self.distribution = distribution
        self.epsilon = epsilon
        self.delta = delta
        self.scoring = scoring
        self.validation_size = validation_size
        self.ledger = ledger
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y=None):
        """Run a random number of candidates, and keep the best.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Records.

        y : array-like of shape (n_records,) or None, default=None
            What is to be predicted.

        Returns
        -------
        self : DPSearchCV
        """
        X = checked_table(self, X, reset=True)
        if y is not None:
            y = _check_y(y, estimator=self)
            check_consistent_length(X, y)
        n_scored = max(1, round(self.validation_size * len(X)))
        if len(X) - n_scored < 1:
            raise ValueError(
                f"validation_size={self.validation_size} must leave records to learn "
                f"from; got n_samples={len(X)}."
            )
        # What an estimator promises follows from how many records there are.
        rows = np.linspace(0, len(X) - 1, len(X) - n_scored).astype(int)
        estimator, base, total = self._promised(*_taken(X, y, rows))
        noise = self._start_private_fit(total)
        order = noise.permutation(len(X))
        scored, learned = np.sort(order[:n_scored]), np.sort(order[n_scored:])
        parts = _taken(X, y, learned), _taken(X, y, scored)
        self._keep_best(estimator, base, parts, noise)
        return self

    def _promised(self, X, y):
        """Return the estimator, what it promises, and what all of the search does."""
        estimator, probe = self.estimator, NoiseSource()
        base, total = self._told_by(seeded(estimator, {}, probe), X, y)
        if self.epsilon is None:
            return estimator, base, total
        name = epsilon_name(estimator)
        chosen = float(estimator.get_params()[name])
        for _ in range(MOST_PROBES):
            found = total.epsilon(self.delta)
            if CLOSE * self.epsilon <= found <= self.epsilon:
                run = seeded(estimator, {name: chosen}, probe)
                return run, base, total
            # All of it grows about as fast as what one run promises.
            chosen *= (1 + CLOSE) / 2 * self.epsilon / found
            run = seeded(estimator, {name: chosen}, probe)
            base, total = self._told_by(run, X, y)
        raise ValueError(
            f"epsilon={self.epsilon} of the whole search is not reached by setting "
            f"{name} of the estimator; got {total} with {chosen:.3g}."
        )

    def _told_by(self, run, X, y):
        base = guarantee_of(fit_unbooked(run, X, y))
        shape = SHAPES[self.distribution]
        total = selected_guarantee(base, self.expected_trials, shape, self.delta)
        words = "of the runs nothing is told but the best, and not how many there were"
        return base, replace(total, assumptions=(*total.assumptions, words))

    def _keep_best(self, estimator, base, parts, noise):
        n_runs = draw_runs(self.expected_trials, SHAPES[self.distribution], noise)
        words = (noise.uniform(8) * 2.0**32).astype(np.uint32)
        rng, best = np.random.RandomState(words), None
        for _ in range(n_runs):
            # One by one: more at once would be without replacement.
            params = next(
                iter(ParameterSampler(self.param_distributions, 1, random_state=rng))
            )
            run = fit_unbooked(seeded(estimator, params, noise), *parts[0])
            check_no_weaker(guarantee_of(run), base, params)
            scores = scores_of_records(self.scoring, run, *parts[1])
            score = noisy_score(scores, base, noise)
            if best is None or score > best[0]:
                best = score, run, params
        if best is None:
            raise RuntimeError(
                "No run was drawn, which a Poisson law allows: there is nothing to "
                "release. What it would have cost stays booked. Expect more trials."
            )
        self.best_score_, self.best_estimator_, self.best_params_ = best

    @property
    def classes_(self):
        """Classes of the best estimator."""
        return self.best_estimator_.classes_

    @available_if(_has("predict"))
    def predict(self, X):
        """Ask the best estimator.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Records.

        Returns
        -------
        y : ndarray of shape (n_records,)
        """
        return self._ask("predict", X)

    @available_if(_has("predict_proba"))
    def predict_proba(self, X):
        """Ask the best estimator for probabilities.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Records.

        Returns
        -------
        proba : ndarray of shape (n_records, n_classes)
        """
        return self._ask("predict_proba", X)

    @available_if(_has("predict_log_proba"))
    def predict_log_proba(self, X):
        """Ask the best estimator for logarithms of probabilities.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Records.

        Returns
        -------
        logs : ndarray of shape (n_records, n_classes)
        """
        return self._ask("predict_log_proba", X)

    @available_if(_has("decision_function"))
    def decision_function(self, X):
        """Ask the best estimator for its scores of classes.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Records.

        Returns
        -------
        scores : ndarray of shape (n_records,) or (n_records, n_classes)
        """
        return self._ask("decision_function", X)

    @available_if(_has("transform"))
    def transform(self, X):
        """Let the best estimator transform records.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Records.

        Returns
        -------
        transformed : ndarray of shape (n_records, n_columns)
        """
        return self._ask("transform", X)

    @available_if(_has("score"))
    def score(self, X, y=None):
        """Score by the best estimator's own measure.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Records.

        y : array-like of shape (n_records,) or None, default=None
            What is to be predicted.

        Returns
        -------
        score : float
        """
        check_is_fitted(self, "best_estimator_")
        return self.best_estimator_.score(checked_table(self, X), y)

    def _ask(self, method, X):
        check_is_fitted(self, "best_estimator_")
        return getattr(self.best_estimator_, method)(checked_table(self, X))

    def __sklearn_tags__(self):
        tags, inner = super().__sklearn_tags__(), get_tags(self.estimator)
        tags.estimator_type = inner.estimator_type
        tags.classifier_tags = inner.classifier_tags
        tags.regressor_tags = inner.regressor_tags
        tags.transformer_tags = inner.transformer_tags
        tags.target_tags, tags.input_tags = inner.target_tags, inner.input_tags
        tags.input_tags.sparse = False
        return tags


def _taken(X, y, rows):
    return take_rows(X, rows), None if y is None else y[rows]
