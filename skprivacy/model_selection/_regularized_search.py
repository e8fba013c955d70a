"""A search for the setting that leaks least within a stated loss of accuracy."""

import time
from numbers import Integral, Real
from typing import NamedTuple

import numpy as np
from scipy.stats import rankdata
from sklearn.base import _fit_context, clone, is_classifier
from sklearn.metrics import check_scoring
from sklearn.model_selection import ParameterGrid, check_cv, cross_val_score
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import check_is_fitted

from skprivacy.model_selection._attack import (
    as_attack,
    attack_recipe,
    check_data,
    check_n_models,
    records_of,
    scores_outside,
    train_shadow,
)
from skprivacy.model_selection._auto_grid import auto_grid
from skprivacy.model_selection._inner_answers import InnerAnswers, check_task
from skprivacy.model_selection._leak import Leak, check_metric, leak_of
from skprivacy.model_selection._least_leak_refit import least_leak_index

__all__ = ["RegularizedSearchCV"]


class RegularizedSearchCV(InnerAnswers):
    """Search an estimator's regularization for the least leak at a stated loss.

    Of each setting, shadow models are trained on random halves of the records. They
    say how good the setting is, on the half that each has not seen, and how much it
    leaks, each being the target of an attack once. Of all settings at most `max_loss`
    below the best score, the one that leaks least is trained on all records.

    Parameters
    ----------
    estimator : estimator
        A classifier or a regressor.

    param_grid : "auto", dict or list of dict, default="auto"
        Settings to try, as for :class:`~sklearn.model_selection.GridSearchCV`. "auto"
        takes the estimator as it is, and its own regularization parameters: leaf size,
        depth, iterations, early stopping, penalty, neighbors. It knows the usual
        estimators of scikit-learn, in pipelines and wrappers too.

    attack : {"rmia", "lira"} or membership attack, default="rmia"
        An attack of :mod:`skprivacy.membership` without a target, such as
        ``LiRA(None)``.

    metric : str, default="tpr@0.01"
        What is to be small: "auc", "advantage" (the largest true minus false positive
        rate), or "tpr@" and a false positive rate.

    max_loss : float or "1se", default=0.01
        How far below the best mean score a setting may be: a number in the units of
        the score, or one standard error of the best.

    scoring : str, callable or None, default=None
        The score, one. None: the estimator's own, accuracy or R2.

    cv : int, cross-validation generator, iterable or None, default=None
        None takes the score from the shadow models, at no cost. Anything else trains
        more models for it, on the splits as scikit-learn makes them. The leak is
        measured with shadow models in either case.

    n_models : int, default=8
        Shadow models for each setting; even, and at least 4.

    n_jobs : int or None, default=None
        Settings tried at the same time. The result does not depend on it.

    random_state : int, RandomState instance or None, default=None
        Decides the halves, the same for all settings, and the randomness of shadow
        models.

    Attributes
    ----------
    best_estimator_ : estimator
        The chosen setting, trained on all records.

    best_params_ : dict
        What was chosen; empty where it is the estimator as it was given.

    best_index_ : int
        Its place in `cv_results_`.

    best_score_ : float
        Its mean score.

    best_leak_ : Leak
        Its leak, with the standard error. The least of several noisy figures is too low
        on average: attack the final model on records of its own.

    cv_results_ : dict of ndarray
        As of :class:`~sklearn.model_selection.GridSearchCV`, with the score as
        "mean_test_score" and minus the leak as "mean_test_leak"; then "leak" and
        "leak_error", its standard error. Without `cv`, a split is a shadow model and
        the half that it has not seen.

    scorer_ : callable
        The score.

    n_splits_ : int
        Splits of the score.

    n_fits_ : int
        Models that were trained: for each setting `n_models`, and with `cv` one a
        split; and the last.

    privacy_guarantee_ : None
        There is none.

    Raises
    ------
    ValueError
        If `estimator` is neither classifier nor regressor, there is no grid for it,
        `n_models` is odd or below 4, or the metric is not known.

    See Also
    --------
    AuditedEstimator : Puts the leak into any grid search.
    least_leak_refit : The rule alone.

    Notes
    -----
    Halves have fewer records than the final model, and models of fewer records mostly
    leak more and want more regularization. The figures rank settings; they are not
    those of the final model.

    Regularization is no guarantee, and the figure is that of the average record. Of
    mislabeled canaries in 2,000 records of Adult, LiRA with 32 shadow models found .91
    at .1% false positives in a forest without limits, still .42 with leaves of at least
    5, and .02 with leaves of at least 20. More of it is not always less leak: a smaller
    `C` of logistic regression can make the attack stronger, as models without a record
    agree more; so it is measured.

    `sample_weight` is passed to each fit; scores and leaks are not weighted.

    References
    ----------
    S. Zarifzadeh, P. Liu, R. Shokri. "Low-cost high-power membership inference
    attacks". ICML 2024, for the attack. M. Aerni, J. Zhang, F. Tramer. "Evaluations of
    machine learning privacy defenses are misleading". 2024, arXiv 2404.17399, for why
    the average record is not enough.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skprivacy.model_selection import RegularizedSearchCV
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> search = RegularizedSearchCV(
    ...     DecisionTreeClassifier(random_state=0),
    ...     {"min_samples_leaf": [1, 10, 200]},
    ...     metric="auc",
    ...     max_loss=0.02,
    ...     random_state=0,
    ... ).fit(X, y)
    >>> search.best_params_, search.n_fits_
    ({'min_samples_leaf': 10}, 25)
    """

    _parameter_constraints = {
        "estimator": [HasMethods(["fit", "predict"])],
        "param_grid": [StrOptions({"auto"}), dict, list],
        "attack": "no_validation",
        "metric": [str],
        "max_loss": [StrOptions({"1se"}), Interval(Real, 0, None, closed="left")],
        "scoring": [str, callable, None],
        "cv": ["cv_object"],
        "n_models": [Integral],
        "n_jobs": [Integral, None],
        "random_state": ["random_state"],
    }

    _inner = "best_estimator_"

    def __init__(
        self,
        estimator,
        param_grid="auto",
        *,
        attack="rmia",
        metric="tpr@0.01",
        max_loss=0.01,
        scoring=None,
        cv=None,
        n_models=8,
        n_jobs=None,
        random_state=None,
    ):
        self.estimator = estimator
        self.param_grid = param_grid
        self.attack = attack
        self.metric = metric
        self.max_loss = max_loss
        self.scoring = scoring
        self.cv = cv
        self.n_models = n_models
        self.n_jobs = n_jobs
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y, **fit_params):
        """Try all settings, and train the chosen one.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Features.

        y : array-like of shape (n_records,)
            Labels.

        **fit_params : dict
            Passed to each fit, `sample_weight` among them; what has a row for each
            record is cut down to a model's own.

        Returns
        -------
        self : object
        """
        check_task(self.estimator)
        check_metric(self.metric)
        check_n_models(self.n_models)
        attack = as_attack(self.attack)
        X, y = check_data(X, y, self)
        self.scorer_ = check_scoring(self.estimator, self.scoring)
        splits = self._splits(X, y)
        seed = check_random_state(self.random_state).randint(2**31 - 1)
        settings = list(ParameterGrid(self._grid(len(y))))
        data = _Data(X, y, *records_of(X, y), fit_params, splits)
        tried = Parallel(n_jobs=self.n_jobs)(
            delayed(_try)(
                clone(self.estimator).set_params(**clone(setting, safe=False)),
                data,
                clone(attack),
                self.metric,
                self.scorer_,
                self.n_models,
                seed,
            )
            for setting in settings
        )
        self.cv_results_ = _results(settings, tried)
        self.best_index_ = least_leak_index(
            self.cv_results_, max_loss=self.max_loss, score="score", leak="leak"
        )
        self.best_params_ = settings[self.best_index_]
        self.best_score_ = self.cv_results_["mean_test_score"][self.best_index_]
        self.best_leak_ = tried[self.best_index_].leak
        self.n_splits_ = len(tried[0].scores)
        n_splits = 0 if splits is None else len(splits)
        self.n_fits_ = len(settings) * (self.n_models + n_splits) + 1
        start = time.perf_counter()
        self.best_estimator_ = clone(self.estimator).set_params(
            **clone(self.best_params_, safe=False)
        )
        self.best_estimator_.fit(X, y, **fit_params)
        self.refit_time_ = time.perf_counter() - start
        self.privacy_guarantee_ = None
        return self

    def _grid(self, n_records):
        if isinstance(self.param_grid, str):
            return auto_grid(self.estimator, n_records)
        return self.param_grid

    def _splits(self, X, y):
        """Return the same splits for all settings; None for those of shadow models."""
        if self.cv is None:
            return None
        cv = check_cv(self.cv, y, classifier=is_classifier(self.estimator))
        return list(cv.split(X, y))

    def score(self, X, y):
        """Score of the chosen model, as `scoring` has it.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Features.

        y : array-like of shape (n_records,)
            Truth.

        Returns
        -------
        score : float
        """
        check_is_fitted(self)
        return self.scorer_(self.best_estimator_, X, y)

    def __sklearn_is_fitted__(self):
        return hasattr(self, "best_estimator_")


class _Data(NamedTuple):
    """What all settings are tried on."""

    X: object
    y: np.ndarray
    records: object
    label: object
    fit_params: dict
    splits: list | None


class _Tried(NamedTuple):
    """What was found of a setting."""

    scores: np.ndarray
    leak: Leak
    seconds: float


def _try(recipe, data, attack, metric, scorer, n_models, seed):
    start = time.perf_counter()
    shadow = train_shadow(
        recipe, data.records, data.label, n_models, seed, fit_params=data.fit_params
    )
    seconds = time.perf_counter() - start
    leak = leak_of(metric, *attack_recipe(attack, shadow, data.records))
    if data.splits is not None:
        scores = cross_val_score(
            recipe,
            data.X,
            data.y,
            scoring=scorer,
            cv=data.splits,
            params=data.fit_params or None,
            error_score="raise",
        )
        return _Tried(scores, leak, seconds)
    return _Tried(scores_outside(shadow, data.records, scorer), leak, seconds)


def _results(settings, tried):
    """Lay out what was found as ``cv_results_`` of a grid search."""
    scores = np.array([one.scores for one in tried])
    leak = np.array([one.leak.value for one in tried])
    means = scores.mean(axis=1)
    results = {"mean_fit_time": np.array([one.seconds for one in tried])}
    for name in sorted({name for setting in settings for name in setting}):
        values = np.ma.masked_all(len(settings), dtype=object)
        for i, setting in enumerate(settings):
            if name in setting:
                values[i] = setting[name]
        results[f"param_{name}"] = values
    results["params"] = settings
    results |= {f"split{i}_test_score": column for i, column in enumerate(scores.T)}
    results["mean_test_score"] = means
    results["std_test_score"] = scores.std(axis=1)
    results["rank_test_score"] = rankdata(-means, method="min").astype(np.int32)
    results["mean_test_leak"] = -leak
    results["rank_test_leak"] = rankdata(leak, method="min").astype(np.int32)
    results["leak"] = leak
    results["leak_error"] = np.array([one.leak.standard_error for one in tried])
    return results
