"""Defenses judged by their most vulnerable records, beside a private model."""

import time
import warnings
from numbers import Integral, Real

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, _fit_context, is_classifier
from sklearn.utils import check_random_state, column_or_1d
from sklearn.utils._param_validation import Interval as Range
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import (
    check_consistent_length,
    check_is_fitted,
    validate_data,
)

from skprivacy._validation import as_table, encode_labels
from skprivacy.defenses._canary_rates import accuracy_interval, canary_tpr_intervals
from skprivacy.defenses._canary_scores import leave_one_out_scores
from skprivacy.defenses._canary_setting import KINDS, plan_canaries
from skprivacy.defenses._defense_tradeoff_display import DefenseTradeoffDisplay
from skprivacy.defenses._dp_baseline import EPSILONS, dp_baselines
from skprivacy.metrics import Interval
from skprivacy.records import as_model_input
from skprivacy.shadow import ShadowFitError, fit_on_subsets
from skprivacy.shadow._sampling import draw_memberships
from skprivacy.targets import BlackBox, allows_nan

__all__ = ["CanaryEvaluation"]


class CanaryEvaluation(BaseEstimator):
    """Judge defenses by the records that are hardest to protect.

    Canaries are put into the training set of half of the models of each defense. A
    likelihood ratio attack that knows the defense says which; what counts is how many
    it names at a low false positive rate, for the kind of canary that does worst. A
    private model with so large an epsilon that it promises next to nothing is judged in
    the same way: a defense that leaks more at no higher accuracy is not worth having.

    Parameters
    ----------
    defenses : dict of str to estimator, or estimator
        Unfitted classifiers by the names that they are to have, one without a defense
        among them for comparison.

    canaries : sequence of {"clean", "mislabeled", "outlier", "duplicate"}, \
            default=("clean", "mislabeled", "outlier", "duplicate")
        Kinds of canaries; see :func:`~skprivacy.records.make_canaries`.

        - "clean": records as they are, for comparison.
        - "mislabeled": records with another label in place of their own.
        - "outlier": values from the ends of their columns, all drawn by themselves.
        - "duplicate": the features of a record that all models have, with another
          label.

    n_canaries : int, default=100
        Canaries of each kind; at least 2.

    n_models : int, default=32
        Models of each defense; even, at least 4.

    dp_baseline : bool or sequence of float, default=True
        Epsilons of the private model: True takes 10, 30, 100 and 300.

    fpr : sequence of float, default=(0.001, 0.01)
        False positive rates; the first is the one that counts.

    test_size : float or int, default=0.3
        Share, or number, of the records that no model has. Accuracy is measured on
        them, and the private model takes the scales of columns from them.

    confidence : float, default=0.95
        Probability with which the intervals of all kinds of canaries of a defense hold.

    memory : str, path-like, joblib.Memory or None, default=None
        Models are stored here as they finish, and recalled. It needs an int as
        `random_state`.

    n_jobs : int or None, default=None
        Models trained at the same time; the result does not depend on it.

    random_state : int, RandomState instance or None, default=None
        Decides canaries, what each model is trained on, and its randomness.

    Attributes
    ----------
    names_ : list of str
        Defenses, then private models.

    baselines_ : list of str
        The private models.

    accuracy_ : dict of str to Interval
        Mean accuracy of the models.

    tpr_ : dict of str to dict of str to dict of float to Interval
        True positive rate of each defense, kind of canary and false positive rate;
        the kind "worst" is the worst of all.

    scores_ : dict of str to ndarray of shape (n_models, n_canaries * n_kinds)
        Log-likelihood ratios of each defense, in nats: how much likelier what a model
        answers is with the canary than without.

    membership_ : ndarray of bool of shape (n_models, n_canaries * n_kinds)
        Which model was trained on which canary; the same for all defenses.

    kind_ : ndarray of str of shape (n_canaries * n_kinds,)
        Kind of each canary.

    X_canaries_, y_canaries_ : table and ndarray
        The canaries.

    responses_ : dict of str to {"proba", "decision", "label"}
        What was asked of the models of each defense.

    seconds_ : dict of str to float
        Time that each defense took.

    classes_ : ndarray of shape (n_classes,)
        Classes.

    n_features_in_ : int
        Columns.

    Raises
    ------
    ValueError
        If there are too few records, a defense is no classifier, or there are too few
        models and canaries to measure a false positive rate.
    ShadowFitError
        If a model can't be trained; names the defense.

    See Also
    --------
    skprivacy.audit : Judges one model that is trained.

    Notes
    -----
    All but the canaries is the same in all models, and each canary is in half of them.
    Each model in turn is attacked with the others, of which is known what they have. A
    model that shows probabilities is attacked by the log-odds of the canary's label, or
    by the predicted label, whichever tells more of the other models; one that shows
    labels, by the counts of right answers with and without the canary. Both ask one
    question for each canary. An attack made for the defense may find more: what is
    found is a lower limit.

    Intervals come from a bootstrap over canaries and models, so that they say what
    other canaries of these kinds, on the same data, would give. They say nothing of
    other data.

    The private model is :class:`~skprivacy.dp.DPLogisticRegression`. Columns are cut
    off, centered and scaled by the records that are held out, which stand in for
    what is publicly known; their labels are not used. What that reveals of them is not
    covered, and none of them is a canary. Epsilons are not tuned on the training set:
    each is a row.

    References
    ----------
    M. Aerni, J. Zhang, F. Tramèr. "Evaluations of machine learning privacy defenses are
    misleading". ACM CCS 2024. In their experiments "outlier" are images of another
    source.

    N. Carlini, S. Chien, M. Nasr, S. Song, A. Terzis, F. Tramer. "Membership inference
    attacks from first principles". IEEE S&P 2022.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skprivacy.defenses import CanaryEvaluation, ProtectedOutput
    >>> X, y = load_iris(return_X_y=True)
    >>> tree = DecisionTreeClassifier()
    >>> evaluation = CanaryEvaluation(
    ...     {"none": tree, "labels alone": ProtectedOutput(tree, "label")},
    ...     canaries=["mislabeled"],
    ...     n_canaries=20,
    ...     n_models=8,
    ...     dp_baseline=[100],
    ...     fpr=[0.05],
    ...     random_state=0,
    ... )
    >>> evaluation.fit(X, y).summary()["tpr@0.05_worst"] > 0.5
    none               True
    labels alone       True
    DP epsilon=100    False
    Name: tpr@0.05_worst, dtype: bool
    """

    _parameter_constraints = {
        "defenses": "no_validation",
        "canaries": ["array-like"],
        "n_canaries": [Range(Integral, 2, None, closed="left")],
        "n_models": [Range(Integral, 4, None, closed="left")],
        "dp_baseline": ["boolean", "array-like"],
        "fpr": ["array-like"],
        "test_size": [
            Range(Real, 0, 1, closed="neither"),
            Range(Integral, 1, None, closed="left"),
        ],
        "confidence": [Range(Real, 0, 1, closed="neither")],
        "memory": "no_validation",
        "n_jobs": [Integral, None],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        defenses,
        *,
        canaries=KINDS,
        n_canaries=100,
        n_models=32,
        dp_baseline=True,
        fpr=(0.001, 0.01),
        test_size=0.3,
        confidence=0.95,
        memory=None,
        n_jobs=None,
        random_state=None,
    ):
        self.defenses = defenses
        self.canaries = canaries
        self.n_canaries = n_canaries
        self.n_models = n_models
        self.dp_baseline = dp_baseline
        self.fpr = fpr
        self.test_size = test_size
        self.confidence = confidence
        self.memory = memory
        self.n_jobs = n_jobs
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y):
        """Train the models of all defenses, and attack them.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Features.

        y : array-like of shape (n_records,)
            Classes.

        Returns
        -------
        self : CanaryEvaluation
        """
        defenses, kinds = self._check_defenses(), self._check_kinds()
        fprs, epsilons = self._check_fpr(), self._check_epsilons()
        X, y = self._check_records(X, y)
        rng = check_random_state(self.random_state)
        setting = plan_canaries(X, y, kinds, self.n_canaries, self.test_size, rng)
        self.kind_ = setting.kind
        self.X_canaries_, self.y_canaries_ = setting.X_canaries, setting.y_canaries
        self.membership_ = self._draw_memberships(rng)
        seeds = rng.randint(np.iinfo(np.int32).max, size=self.n_models)
        # Every defense gets the same draws, so that they are compared on equal terms.
        seed_of_draws = rng.randint(np.iinfo(np.int32).max)
        baselines = dp_baselines(epsilons, setting.X_test, self.classes_)
        taken = [name for name in baselines if name in defenses]
        if taken:
            raise ValueError(
                f"defenses must not be named as private models are; got {taken}."
            )
        self.baselines_ = list(baselines)
        self.names_ = [*defenses, *baselines]
        self._fprs = fprs
        self.accuracy_, self.tpr_, self.scores_ = {}, {}, {}
        self.responses_, self.seconds_ = {}, {}
        for name, recipe in {**defenses, **baselines}.items():
            start = time.perf_counter()
            share_right = self._judge(name, recipe, setting, seeds)
            self.accuracy_[name] = accuracy_interval(
                share_right, confidence=self.confidence
            )
            self.tpr_[name] = self._rates(self.scores_[name], seed_of_draws)
            self.seconds_[name] = time.perf_counter() - start
        return self

    def summary(self) -> pd.DataFrame:
        """Table of all defenses.

        Returns
        -------
        table : DataFrame
            One row a defense. Columns:

            - ``accuracy``, ``accuracy_low``, ``accuracy_high``;
            - ``tpr@<fpr>_<kind>`` with ``..._low`` and ``..._high`` for each false
              positive rate and kind of canary, and for ``worst``, the worst kind;
            - ``worst_kind``: which that is, at the first false positive rate;
            - ``is_baseline``: whether it is a private model of this evaluation;
            - ``beaten_by``: see :meth:`beaten_by`.
        """
        check_is_fitted(self)
        rows = {}
        for name in self.names_:
            row = _spread("accuracy", self.accuracy_[name])
            for fpr in self._fprs:
                for kind, rates in self.tpr_[name].items():
                    row |= _spread(f"tpr@{fpr:g}_{kind}", rates[fpr])
            row["worst_kind"] = self._worst_kind(name)
            row["is_baseline"] = name in self.baselines_
            rows[name] = row
        table = pd.DataFrame.from_dict(rows, orient="index")
        # As objects: a column of texts would turn None into NaN.
        beaten_by = [self.beaten_by(name) for name in self.names_]
        return table.assign(
            beaten_by=pd.Series(beaten_by, index=self.names_, dtype=object)
        )

    def beaten_by(self, name: str, fpr: float | None = None) -> str | None:
        """Name the private model that a defense should be replaced by.

        Parameters
        ----------
        name : str
            Name of a defense.

        fpr : float or None, default=None
            One of the false positive rates; None: the first.

        Returns
        -------
        baseline : str or None
            The private model of the lowest worst-case rate among those that are at most
            .01 less accurate, if that rate is below the interval of the defense's; None
            for private models, and where there is none.
        """
        check_is_fitted(self)
        if name not in self.names_:
            raise ValueError(f"name must be one of {self.names_}; got {name!r}.")
        if name in self.baselines_:
            return None
        fpr = self._fprs[0] if fpr is None else fpr
        leak = {n: self.tpr_[n]["worst"][fpr] for n in self.names_}
        at_least = self.accuracy_[name].estimate - COMPARABLE
        better = [
            other
            for other in self.baselines_
            if self.accuracy_[other].estimate >= at_least
            and leak[other].estimate < leak[name].low
        ]
        return min(better, key=lambda n: leak[n].estimate, default=None)

    def plot(self, ax=None) -> DefenseTradeoffDisplay:
        """Draw accuracy against what the worst kind of canary leaks.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.

        Returns
        -------
        display : DefenseTradeoffDisplay
        """
        check_is_fitted(self)
        return DefenseTradeoffDisplay.from_estimator(self, ax=ax)

    def _judge(self, name, recipe, setting, seeds):
        """Train and attack the models of a defense; return how often they are right."""
        subsets = [setting.rows(inside) for inside in self.membership_]
        answers, share_right = [], np.zeros(len(setting.y_test))
        with warnings.catch_warnings():
            if name in self.baselines_:
                # Nothing is released: that its noise can be drawn again is no news.
                warnings.filterwarnings("ignore", "random_state makes the noise")
            models = fit_on_subsets(
                recipe,
                setting.X,
                setting.y,
                subsets,
                seeds,
                memory=self.memory,
                n_jobs=self.n_jobs,
            )
            try:
                for model in models:
                    box = BlackBox(model, classes=self.classes_)
                    answers.append(box.query(as_model_input(setting.X_canaries, model)))
                    told = model.predict(as_model_input(setting.X_test, model))
                    share_right += np.asarray(told) == setting.y_test
            except ShadowFitError as error:
                raise ShadowFitError(f"defense {name!r}: {error}") from error
        self.responses_[name] = box.response_
        self.scores_[name] = self._attack(np.stack(answers), box.response_)
        return share_right / self.n_models

    def _attack(self, answers, response):
        truth = encode_labels(self.y_canaries_, self.classes_)
        scores = np.zeros(self.membership_.shape)
        for kind in np.unique(self.kind_):
            own = self.kind_ == kind
            scores[:, own] = leave_one_out_scores(
                answers[:, own], truth[own], self.membership_[:, own], response
            )
        return scores

    def _rates(self, scores, seed):
        kinds = [kind for kind in KINDS if kind in self.kind_]
        rates = {}
        for kind in kinds:
            own = self.kind_ == kind
            rates[kind] = canary_tpr_intervals(
                scores[:, own],
                self.membership_[:, own],
                self._fprs,
                confidence=self.confidence,
                n_comparisons=len(kinds),
                random_state=check_random_state(seed),
            )
        rates["worst"] = {
            fpr: _largest([rates[kind][fpr] for kind in kinds]) for fpr in self._fprs
        }
        return rates

    def _worst_kind(self, name):
        of_kinds = {k: r[self._fprs[0]] for k, r in self.tpr_[name].items()}
        del of_kinds["worst"]
        return max(of_kinds, key=lambda kind: of_kinds[kind].estimate)

    def _draw_memberships(self, rng):
        """Each canary in exactly half of the models, half of each kind in each."""
        of_kinds = [
            draw_memberships(
                np.arange((self.kind_ == kind).sum()),
                None,
                self.n_models,
                0.5,
                True,
                rng,
            )
            for kind in dict.fromkeys(self.kind_)
        ]
        return np.hstack(of_kinds)

    def _check_defenses(self):
        defenses = self.defenses
        if not isinstance(defenses, dict):
            defenses = {type(defenses).__name__: defenses}
        if not defenses:
            raise ValueError("defenses must hold at least one estimator; got none.")
        for name, recipe in defenses.items():
            if not hasattr(recipe, "fit") or isinstance(recipe, type):
                raise TypeError(
                    "defenses must be unfitted classifiers by name; got "
                    f"{name!r}: {recipe!r}."
                )
            if not is_classifier(recipe):
                raise ValueError(
                    f"defenses must be classifiers; got {name!r}: {recipe!r}."
                )
        return defenses

    def _check_kinds(self):
        kinds = [self.canaries] if isinstance(self.canaries, str) else self.canaries
        kinds = list(dict.fromkeys(kinds))
        if not kinds or not set(kinds) <= set(KINDS):
            raise ValueError(
                f"canaries must be one or more of {list(KINDS)}; got {self.canaries!r}."
            )
        if self.n_models % 2:
            raise ValueError(
                "n_models must be even, so that each canary is in half of them; got "
                f"{self.n_models}."
            )
        return kinds

    def _check_fpr(self):
        fprs = [float(fpr) for fpr in self.fpr]
        if not fprs or not all(0 < fpr < 1 for fpr in fprs):
            raise ValueError(
                f"fpr must be numbers between 0 and 1, at least one; got {self.fpr!r}."
            )
        n_outside = self.n_models * self.n_canaries // 2
        if min(fprs) * n_outside < 1:
            raise ValueError(
                f"fpr={min(fprs):g} can't be measured: n_models={self.n_models} and "
                f"n_canaries={self.n_canaries} make {n_outside} pairs of a model and a "
                f"canary that it has not, of which {int(np.ceil(1 / min(fprs)))} are "
                "needed. Ask for more of them, or for a higher rate."
            )
        return fprs

    def _check_epsilons(self):
        if isinstance(self.dp_baseline, bool | np.bool_):
            return EPSILONS if self.dp_baseline else ()
        epsilons = [float(epsilon) for epsilon in self.dp_baseline]
        if not all(0 < epsilon < np.inf for epsilon in epsilons):
            raise ValueError(
                "dp_baseline must be True, False or positive, finite epsilons; got "
                f"{self.dp_baseline!r}."
            )
        return epsilons

    def _check_records(self, X, y):
        table = as_table(X)
        validate_data(self, X, y, skip_check_array=True)
        y = column_or_1d(y, warn=True)
        check_consistent_length(table, y)
        check_classification_targets(y)
        self.classes_ = np.unique(y)
        if len(self.classes_) < 2:
            raise ValueError(
                f"y must hold at least two classes; got 1 class: {self.classes_[0]!r}."
            )
        return table, y

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        recipes = self.defenses
        recipes = recipes.values() if isinstance(recipes, dict) else [recipes]
        tags.input_tags.allow_nan = all(allows_nan(recipe) for recipe in recipes)
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        tags.target_tags.required = True
        return tags


def _spread(name, interval):
    """Three columns of a table."""
    return {
        name: interval.estimate,
        f"{name}_low": interval.low,
        f"{name}_high": interval.high,
    }


def _largest(intervals):
    """Interval of the largest of several rates whose intervals hold together."""
    worst = max(intervals, key=lambda interval: interval.estimate)
    return Interval(
        worst.estimate,
        max(i.low for i in intervals),
        max(i.high for i in intervals),
        worst.confidence,
        worst.n_members,
        worst.n_non_members,
    )


#: How much less accurate a private model may be and still stand in for a defense.
COMPARABLE = 0.01
