"""Privacy as a score of a grid search."""

from dataclasses import dataclass
from numbers import Integral

from sklearn.base import clone
from sklearn.pipeline import Pipeline
from sklearn.utils._param_validation import validate_params

from skprivacy.model_selection._attack import (
    as_attack,
    attack_recipe,
    check_data,
    check_n_models,
    records_of,
    train_shadow,
)
from skprivacy.model_selection._audited_estimator import AuditedEstimator
from skprivacy.model_selection._inner_answers import check_task
from skprivacy.model_selection._leak import check_metric, leak_of

__all__ = ["privacy_scorer"]


@validate_params(
    {
        "attack": "no_validation",
        "metric": [str],
        "n_models": [Integral],
        "n_jobs": [Integral, None],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def privacy_scorer(
    metric="tpr@0.01", *, attack="rmia", n_models=8, n_jobs=None, random_state=0
):
    """Scorer of how little an attack finds, for ``scoring=`` of grid searches.

    The score is **minus** the leak, as greater must be better.

    Parameters
    ----------
    metric : str, default="tpr@0.01"
        "auc", "advantage", or "tpr@" and a false positive rate.

    attack : {"rmia", "lira"} or membership attack, default="rmia"
        An attack without a target, such as ``LiRA(None)``. Not used on an
        :class:`AuditedEstimator`, which has been attacked.

    n_models : int, default=8
        Shadow models for a plain estimator; even, and at least 4.

    n_jobs : int or None, default=None
        Shadow models trained at the same time.

    random_state : int, RandomState instance or None, default=0
        Decides the halves and the randomness of shadow models. With an int, all
        settings are judged on the same halves.

    Returns
    -------
    scorer : callable
        ``scorer(estimator, X, y)`` gives minus the leak, at no cost for an
        :class:`AuditedEstimator`, or a pipeline that ends in one.

        Any other fitted estimator is not looked at but for its recipe: `n_models`
        clones are trained on halves of the records given, the test fold in a grid
        search, and each is attacked with the others. So the recipe is measured and not
        the model, and with far fewer records than the model has: fewer records leak
        more.

    Raises
    ------
    ValueError
        If the metric is not known, `n_models` is odd or below 4; when it is called, if
        the estimator was audited without this metric.

    See Also
    --------
    AuditedEstimator : Attacks on the training fold, once for all metrics.
    least_leak_refit : Picks a setting by such scores.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.model_selection import GridSearchCV
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skprivacy.model_selection import AuditedEstimator, privacy_scorer
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> tree = DecisionTreeClassifier(random_state=0)
    >>> search = GridSearchCV(
    ...     AuditedEstimator(tree, metrics=["auc"], n_models=4, random_state=0),
    ...     {"estimator__max_depth": [1, None]},
    ...     scoring={"accuracy": "accuracy", "leak": privacy_scorer("auc")},
    ...     refit="leak",
    ...     cv=3,
    ... ).fit(X, y)
    >>> search.best_params_
    {'estimator__max_depth': 1}
    """
    return _PrivacyScorer(
        metric=check_metric(metric),
        attack=as_attack(attack),
        n_models=check_n_models(n_models),
        n_jobs=n_jobs,
        random_state=random_state,
    )


@dataclass(frozen=True)
class _PrivacyScorer:
    """Minus the leak of an estimator."""

    metric: str
    attack: object
    n_models: int
    n_jobs: int | None
    random_state: object

    def __call__(self, estimator, X, y):
        audited = estimator[-1] if isinstance(estimator, Pipeline) else estimator
        if not isinstance(audited, AuditedEstimator):
            return -self._leak_of_recipe(estimator, X, y)
        if self.metric not in audited.leaks_:
            raise ValueError(
                f"metric={self.metric!r} was not measured: the AuditedEstimator has "
                f"{list(audited.leaks_)}. Name it there: metrics=[{self.metric!r}, "
                "...]."
            )
        return -audited.leaks_[self.metric].value

    def _leak_of_recipe(self, estimator, X, y):
        check_task(estimator)
        X, y = check_data(X, y, estimator)
        records, label = records_of(X, y)
        shadow = train_shadow(
            clone(estimator),
            records,
            label,
            self.n_models,
            self.random_state,
            self.n_jobs,
        )
        attacked = attack_recipe(self.attack, shadow, records)
        return leak_of(self.metric, *attacked).value

    def _accept_sample_weight(self):
        """Tell grid searches of scikit-learn 1.9, which ask each scorer of several."""
        return False
