"""An estimator that is attacked when it is fitted."""

from collections.abc import Iterable
from numbers import Integral, Real

import numpy as np
from sklearn.base import _fit_context, clone, is_classifier
from sklearn.model_selection import train_test_split
from sklearn.utils import _safe_indexing, check_random_state
from sklearn.utils._param_validation import HasMethods, Interval
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from skprivacy.model_selection._attack import (
    as_attack,
    attack_model,
    attack_recipe,
    check_data,
    check_n_models,
    records_of,
    train_shadow,
)
from skprivacy.model_selection._inner_answers import InnerAnswers, check_task, inner_has
from skprivacy.model_selection._leak import check_metric, leaks_of
from skprivacy.records import hash_records, take_rows

__all__ = ["AuditedEstimator"]


class AuditedEstimator(InnerAnswers):
    """Train an estimator, and attack it with nothing but its own training records.

    A scorer of a grid search sees the fitted estimator and the test fold alone, but
    an attack on membership needs the members. Here it is ``fit`` that attacks, inside
    the fold that it is given; :func:`privacy_scorer` reads what was found. Answers are
    those of the estimator.

    Parameters
    ----------
    estimator : estimator
        A classifier or a regressor, with all its steps and defenses.

    attack : {"rmia", "lira"} or membership attack, default="rmia"
        An attack of :mod:`skprivacy.membership` without a target, such as
        ``LiRA(None, variance="global")``.

    metrics : tuple of str, default=("tpr@0.01", "auc", "advantage")
        What is measured: "auc", "advantage" (the largest true minus false positive
        rate), or "tpr@" and a false positive rate. The first is `leak_`.

    n_models : int, default=8
        Shadow models, trained on random halves; even, and at least 4.

    holdout : float or None, default=None
        None attacks the recipe: the estimator is trained on all records, and each
        shadow model is the target once. A number attacks the very model that answers:
        it is trained without this share of the records, who are the non-members.

    n_jobs : int or None, default=None
        Shadow models trained at the same time.

    random_state : int, RandomState instance or None, default=None
        Decides halves, holdout, and the randomness of shadow models, not that of the
        estimator. With an int, all settings of a grid are judged on the same halves.

    Attributes
    ----------
    estimator_ : estimator
        The fitted model.

    leaks_ : dict of str to Leak
        Each metric, with its standard error.

    leak_ : float
        The first metric; larger is worse.

    leak_error_ : float
        Its standard error.

    n_fits_ : int
        Models that were trained: `n_models` and one.

    privacy_guarantee_ : None
        There is none: a figure of an attack says how much was found, not how much
        there is.

    Raises
    ------
    ValueError
        If `estimator` is neither classifier nor regressor, `n_models` is odd or below
        4, or a metric is not known.

    See Also
    --------
    RegularizedSearchCV : Searches the estimator's own parameters, with fewer fits.
    skprivacy.audit : Attacks a model that is trained already, in many ways.

    Notes
    -----
    With ``holdout=None`` the targets have half of the records, and models of fewer
    records mostly leak more: the figure ranks settings, and is not that of the model
    itself.
    With a number the figure is of the model itself, which has fewer records to learn
    from, and rests on one target.

    A target is attacked with the shadow models that are neither it nor its complement.
    No record's score, and no shadow model, stays on the estimator.

    What is measured is the average record. Of mislabeled canaries in 2,000 records of
    Adult, LiRA with 32 shadow models found .91 at .1% false positives in a forest, and
    still .42 with leaves of at least 5.

    Preprocessing must be inside: ``AuditedEstimator(make_pipeline(...))``. What comes
    before it in a pipeline is fitted on members and non-members alike, and what that
    gives away is not seen.

    References
    ----------
    S. Zarifzadeh, P. Liu, R. Shokri. "Low-cost high-power membership inference
    attacks". ICML 2024, for the attack.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skprivacy.model_selection import AuditedEstimator
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> tree = DecisionTreeClassifier(random_state=0)
    >>> model = AuditedEstimator(tree, metrics=["auc"], random_state=0).fit(X, y)
    >>> round(model.leak_, 1)
    0.6
    """

    _parameter_constraints = {
        "estimator": [HasMethods(["fit", "predict"])],
        "attack": "no_validation",
        "metrics": [Iterable],
        "n_models": [Integral],
        "holdout": [Interval(Real, 0, 1, closed="neither"), None],
        "n_jobs": [Integral, None],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        estimator,
        *,
        attack="rmia",
        metrics=("tpr@0.01", "auc", "advantage"),
        n_models=8,
        holdout=None,
        n_jobs=None,
        random_state=None,
    ):
        self.estimator = estimator
        self.attack = attack
        self.metrics = metrics
        self.n_models = n_models
        self.holdout = holdout
        self.n_jobs = n_jobs
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y, **fit_params):
        """Train the estimator, train shadow models, attack.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Features.

        y : array-like of shape (n_records,)
            Labels.

        **fit_params : dict
            Passed to the fit of the estimator and of each shadow model, `sample_weight`
            among them; what has a row for each record is cut down to a model's own.

        Returns
        -------
        self : object
        """
        check_task(self.estimator)
        attack, metrics = as_attack(self.attack), self._checked_metrics()
        check_n_models(self.n_models)
        X, y = check_data(X, y, self)
        rng = check_random_state(self.random_state)
        records, label = records_of(X, y)
        is_member = self._draw_members(records, y, rng)
        # First, so that what it does not take is refused in its own words.
        rows = np.flatnonzero(is_member)
        self.estimator_ = clone(self.estimator).fit(
            take_rows(X, rows), y[rows], **_rows_of(fit_params, rows, len(y))
        )
        shadow = train_shadow(
            self.estimator, records, label, self.n_models, rng, self.n_jobs, fit_params
        )
        attacked = (
            attack_recipe(attack, shadow, records)
            if self.holdout is None
            else attack_model(attack, self.estimator_, is_member, shadow, records)
        )
        self.leaks_ = leaks_of(metrics, *attacked)
        self.leak_ = self.leaks_[metrics[0]].value
        self.leak_error_ = self.leaks_[metrics[0]].standard_error
        self.n_fits_ = self.n_models + 1
        self.privacy_guarantee_ = None
        return self

    def _checked_metrics(self):
        metrics = [self.metrics] if isinstance(self.metrics, str) else self.metrics
        metrics = [check_metric(metric) for metric in metrics]
        if not metrics:
            raise ValueError("metrics must name at least one metric; got none.")
        return metrics

    def _draw_members(self, records, y, rng):
        if self.holdout is None:
            return np.ones(len(y), dtype=bool)
        rare = (
            is_classifier(self.estimator)
            and np.unique(y, return_counts=True)[1].min() < 2
        )
        stratify = y if is_classifier(self.estimator) and not rare else None
        rows, _ = train_test_split(
            np.arange(len(y)),
            test_size=self.holdout,
            stratify=stratify,
            random_state=rng,
        )
        # A copy of a member is no non-member.
        hashes = hash_records(records)
        # By a table of so many bits as lie between them, numpy 2.0 overflows.
        is_member = np.isin(hashes, hashes[rows], kind="sort")
        if is_member.all():
            raise ValueError(
                f"holdout={self.holdout} leaves no non-member among {len(y)} records: "
                "all others are copies of members."
            )
        return is_member

    @available_if(inner_has("score"))
    def score(self, X, y, **params):
        """Score of the model: accuracy, or R2.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Features.

        y : array-like of shape (n_records,)
            Truth.

        **params : dict
            Passed on, `sample_weight` among them.

        Returns
        -------
        score : float
        """
        check_is_fitted(self)
        return self.estimator_.score(X, y, **params)

    def __sklearn_is_fitted__(self):
        return hasattr(self, "leaks_")


def _rows_of(fit_params, rows, n_records):
    return {
        name: (
            _safe_indexing(value, rows)
            if hasattr(value, "__len__")
            and not isinstance(value, str | dict)
            and len(value) == n_records
            else value
        )
        for name, value in fit_params.items()
    }
