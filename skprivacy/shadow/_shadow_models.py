"""Models of which the attacker knows what they were trained on."""

from dataclasses import replace
from numbers import Integral, Real
from typing import NamedTuple

import joblib
import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin, _fit_context, is_classifier
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted, validate_data

from skprivacy._progress import tell_progress
from skprivacy._sklearn_compat import CallbackSupportMixin, FitProgress, with_callbacks
from skprivacy._validation import as_table
from skprivacy.records import (
    as_model_input,
    find_records,
    hash_records,
    split_records,
    take_rows,
)
from skprivacy.shadow._growth import MAX_MODELS, Watch, train_in_batches
from skprivacy.shadow._memory import as_memory
from skprivacy.shadow._order import similar_together, waits_for_memory
from skprivacy.shadow._sampling import draw_memberships
from skprivacy.shadow._store import in_one_array, is_whole_pool, read_only
from skprivacy.shadow._train import (
    ShadowTask,
    answers_file,
    ask_shadow,
    data_key,
)
from skprivacy.shadow.engines._registry import engine_for
from skprivacy.shadow.engines._run import run_tasks
from skprivacy.signals import truth_of
from skprivacy.targets import BlackBox, allows_nan, check_target, recipe_of

__all__ = ["ShadowAnswers", "ShadowModels"]


class ShadowAnswers(NamedTuple):
    """What the shadow models answer to records.

    Parameters
    ----------
    answers : ndarray of shape (n_models, n_records, n_columns)
        Answers, laid out as the target's.

    membership : ndarray of bool of shape (n_models, n_records)
        Which model was trained on which record.

    truth : ndarray of shape (n_records,)
        Position of each record's label among the classes, or its true value.
    """

    answers: np.ndarray
    membership: np.ndarray
    truth: np.ndarray


class ShadowModels(CallbackSupportMixin, TransformerMixin, BaseEstimator):
    """Train models like the target on known random halves of the attacker's records.

    Each is a clone of the recipe: the target's own clone with all pipeline steps and
    defenses, unless another is given. How they answer to records that they were
    trained on, and to records that they were not, is what shadow attacks learn from.

    Parameters
    ----------
    recipe : estimator or None, default=None
        Unfitted model. None: the clone of `target`.

    target : BlackBox, FrozenEstimator or None, default=None
        The model under attack. It gives the recipe, the classes, and the kind and
        precision of the answers. None inside an attack: the attack's.

    n_models : int or "auto", default=64
        Shadow models; at least 2. "auto" adds models until an attack among themselves
        changes no more, or there are 256: see Notes.

    time_budget : float or None, default=None
        Seconds that training may take. Batches that would not end in time at the speed
        so far are not begun; one that was begun is ended, and the first one (a pair, or
        `n_jobs` models) is trained in any case. How many models there are then depends
        on the clock. None: no limit.

    subsample : float, default=0.5
        Share of the records that each model is trained on.

    paired : bool, default=True
        Draw complementary pairs, so that each record is in exactly half of the models.
        Needs ``subsample=0.5`` and an even `n_models`.

    keep_models : bool, default=False
        Keep the fitted models. Without them, asking about records that are not in the
        pool trains each model once more from its seed, with the same result.

    label : str, int or None, default=None
        The records' label column. None: the attack's, or the last column.

    memory : str, path-like, joblib.Memory or None, default=None
        Each shadow model's answers are stored here as it finishes. A run that was
        interrupted resumes with the missing ones, and equal shadow models are trained
        once for all attacks. It needs an int as `random_state`. With
        ``joblib.Memory(folder, mmap_mode="r")``, `answers_` is a map of a file there,
        not held in memory.

    n_jobs : int or None, default=None
        Shadow models trained at the same time, through joblib: trees by threads, others
        by processes, unless ``with joblib.parallel_config("dask")`` or the like says
        otherwise. The result does not depend on it.

    random_state : int, RandomState instance or None, default=None
        Decides the halves and the randomness of each model. None inside an attack: the
        attack's.

    engine : str, default="auto"
        How models are trained. "generic" clones and fits the recipe; "auto" takes an
        engine that trains all of them at once, with the same answers but for rounding
        and the tolerance of solvers, where there is one for the recipe. Otherwise the
        name of one of :func:`skprivacy.shadow.engines.engines`.

    Attributes
    ----------
    n_models_ : int
        Models that were trained. In the shapes here, `n_models` is this number.

    stopped_by_ : {"converged", "time_budget", "max_models"}
        Why there are no more: they would not help, there was no time, or all that
        `n_models` allows were trained.

    growth_ : list of Look
        Only with ``n_models="auto"``: at each number of models where it was decided
        whether to go on, ROC AUC (`auc`) and true positive rate at 1% (`tpr`) of the
        attack among shadow models, and intervals of what the last half of the models
        added to them (`auc_gain`, `tpr_gain`).

    membership_ : ndarray of bool of shape (n_models, n_records)
        Which model was trained on which record.

    answers_ : ndarray of shape (n_models, n_records, n_columns)
        What each model answers to each record of the pool: probabilities, decision
        values or the predicted class, one column a class; or one predicted value.

    classes_ : ndarray of shape (n_classes,)
        The target's classes, then those that only the records have; for classifiers.

    truth_ : ndarray of shape (n_records,)
        Position of each record's label in `classes_`; its value for regressors.

    seeds_ : ndarray of int of shape (n_models,)
        Seed of each model.

    models_ : list of estimators
        The fitted models; only with ``keep_models=True``.

    engine_ : str
        Name of the engine that trained them.

    n_features_in_ : int
        Columns of the records, the label included.

    Raises
    ------
    ShadowFitError
        If a model can't be trained; names its index, its seed and the cause.

    Notes
    -----
    With ``n_models="auto"``, up to 64 shadow models each play the target, at 16, 24,
    32, 48, 64, 96, 128, 192 and 256 models. The likelihood ratio attack by all others
    (but for its complement) is compared with that by half of them. Training stops when
    the 95% interval of the mean difference is within 0.005 of 0 for the ROC AUC, and
    within 0.01 for the true positive rate at 1% false positives. The members of the
    real target, and its answers, are not looked at. The models are the first
    `n_models_` of those of ``n_models=256`` with the same `random_state`, so that
    `memory` knows them; with a number and a `time_budget`, the first of that number.

    References
    ----------
    R. Shokri, M. Stronati, C. Song, V. Shmatikov. "Membership inference attacks against
    machine learning models". IEEE S&P 2017. The design with each record in half of the
    models: N. Carlini et al. "Membership inference attacks from first principles". IEEE
    S&P 2022.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skprivacy.shadow import ShadowModels
    >>> X, y = load_iris(return_X_y=True)
    >>> shadow = ShadowModels(
    ...     LogisticRegression(max_iter=1000), n_models=4, random_state=0
    ... )
    >>> shadow.fit(np.column_stack([X, y])).answers_.shape
    (4, 150, 3)
    >>> shadow.membership_.sum(axis=0)[:5]
    array([2, 2, 2, 2, 2])
    """

    _parameter_constraints = {
        "recipe": "no_validation",
        "target": "no_validation",
        "n_models": [StrOptions({"auto"}), Interval(Integral, 2, None, closed="left")],
        "time_budget": [Interval(Real, 0, None, closed="neither"), None],
        "subsample": [Interval(Real, 0, 1, closed="neither")],
        "paired": ["boolean"],
        "keep_models": ["boolean"],
        "label": "no_validation",
        "memory": "no_validation",
        "n_jobs": [Integral, None],
        "random_state": ["random_state"],
        "engine": [str],
    }

    def __init__(
        self,
        recipe=None,
        *,
        target=None,
        n_models=64,
        time_budget=None,
        subsample=0.5,
        paired=True,
        keep_models=False,
        label=None,
        memory=None,
        n_jobs=None,
        random_state=None,
        engine="auto",
    ):
        self.recipe = recipe
        self.target = target
        self.n_models = n_models
        self.time_budget = time_budget
        self.subsample = subsample
        self.paired = paired
        self.keep_models = keep_models
        self.label = label
        self.memory = memory
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.engine = engine

    # The recipe is the user's: its parameters are looked at too.
    @with_callbacks
    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y=None, **fit_params):
        """Train the shadow models.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features + 1)
            The attacker's records: the pool.

        y : object
            Ignored.

        **fit_params : dict
            Passed to the ``fit`` of each model, such as ``sample_weight``; what has a
            row for each record is cut down to the model's own.

        Returns
        -------
        self : ShadowModels
        """
        self._check_pairing()
        pool = self._check_records(X, reset=True)
        self._prepare(pool, fit_params)
        tasks, engine = self._set_out(self._tasks(self._X))
        progress = FitProgress(self, len(tasks))
        if self.n_models == "auto" or self.time_budget is not None:
            results = self._grow(tasks, engine, progress)
        else:
            self.stopped_by_ = "max_models"
            results = self._run(tasks, engine, progress)
        n_models = self.n_models_ = len(self.membership_)
        path = answers_file(self.memory, tasks[:n_models], self.engine)
        self.answers_, models = in_one_array(results, n_models, path)
        progress.end()
        if self.keep_models:
            self.models_ = models
        return self

    def query(self, X):
        """Ask all shadow models about any records.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features + 1)
            Records; those of the pool are recognized by their values.

        Returns
        -------
        result : ShadowAnswers
            Answers, which model was trained on which record, and the labels.
        """
        check_is_fitted(self)
        records = self._check_records(X, reset=False)
        position = find_records(self._hashes, hash_records(records))
        X, y = split_records(records, self._label())
        if is_whole_pool(position, len(self._hashes)):
            # As they are: of a large pool, a copy would not fit beside them.
            return ShadowAnswers(
                read_only(self.answers_),
                read_only(self.membership_),
                truth_of(y, self._layout()),
            )
        known = position >= 0
        # In the same order of memory as the whole pool: sums over models round alike.
        answers = np.take(self.answers_, position, axis=1)
        membership = np.take(self.membership_, position, axis=1) & known
        if not known.all():
            strangers = take_rows(as_model_input(X, self._access), ~known)
            answers[:, ~known] = self._answers_of_strangers(strangers)
        return ShadowAnswers(answers, membership, truth_of(y, self._layout()))

    def transform(self, X):
        """Answers of all shadow models as one table.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features + 1)
            Records.

        Returns
        -------
        answers : ndarray of shape (n_records, n_models * n_columns)
            The first model's columns, then the second's, and so on.
        """
        answers = self.query(X).answers
        return answers.transpose(1, 0, 2).reshape(answers.shape[1], -1)

    def get_feature_names_out(self, input_features=None):
        """Names of the columns of :meth:`transform`.

        Parameters
        ----------
        input_features : object
            Ignored.

        Returns
        -------
        names : ndarray of str
        """
        check_is_fitted(self)
        columns = getattr(self, "classes_", ["value"])
        return np.array(
            [f"shadow{i}_{c}" for i in range(len(self.answers_)) for c in columns],
            dtype=object,
        )

    def _prepare(self, pool, fit_params):
        """Settle everything that decides the result, before the first model."""
        X, y = split_records(pool, self._label())
        self._access = self._resolve_access()
        self._recipe = self._resolve_recipe()
        regression = self._access.response_ == "value"
        if not regression:
            self.classes_ = self._union_of_classes(y)
        self.truth_ = truth_of(y, self._layout())
        self._y = self.truth_ if regression else self.classes_[self.truth_]
        self._X = as_model_input(X, self._access)
        self._fit_params = fit_params
        self._hashes = hash_records(pool)
        n_models = MAX_MODELS if self.n_models == "auto" else self.n_models
        rng = check_random_state(self.random_state)
        self.membership_ = draw_memberships(
            self._hashes,
            None if regression else self.truth_,
            n_models,
            self.subsample,
            self.paired,
            rng,
        )
        self.seeds_ = rng.randint(np.iinfo(np.int32).max, size=n_models)

    def _tasks(self, X_asked):
        key = None
        if self.memory is not None:
            key = data_key(
                self._recipe,
                self._access,
                getattr(self, "classes_", None),
                self._X,
                self._y,
                X_asked,
                self._fit_params,
            )
        return [
            ShadowTask(
                index=i,
                seed=int(self.seeds_[i]),
                recipe=self._recipe,
                access=self._access_to_shadows(),
                classes=getattr(self, "classes_", None),
                X=self._X,
                y=self._y,
                rows=np.flatnonzero(self.membership_[i]),
                X_asked=X_asked,
                order=None,
                keep_model=self.keep_models,
                data_key=key,
                fit_params=self._fit_params,
            )
            for i in range(len(self.membership_))
        ]

    def _set_out(self, tasks):
        """Settle how models are trained, and in which order of records they answer."""
        engine = engine_for(self.engine, tasks[0])
        self.engine_ = "generic" if engine is None else engine.name
        if engine is None and waits_for_memory(self._recipe):
            order = similar_together(self._X, self.truth_)
            tasks = [replace(task, order=order) for task in tasks]
        return tasks, engine

    def _grow(self, tasks, engine, progress):
        """Train no more models than help, or than there is time for."""
        watch = None
        if self.n_models == "auto":
            watch = Watch(self.membership_, self.truth_, self._access.response_)
            self.growth_ = watch.looks
        n_together = joblib.effective_n_jobs(self.n_jobs)
        results, self.stopped_by_ = train_in_batches(
            lambda first, last: self._run(
                tasks[first:last], engine, progress, len(tasks)
            ),
            len(tasks),
            watch=watch,
            time_budget=self.time_budget,
            n_first=n_together + n_together % 2,
        )
        self.membership_ = self.membership_[: len(results)].copy()
        self.seeds_ = self.seeds_[: len(results)].copy()
        # Each is let go of once it was copied.
        return (results.pop(0) for _ in range(len(results)))

    def _run(self, tasks, engine, progress=None, n_most=None):
        results = run_tasks(tasks, engine, as_memory(self.memory), self.n_jobs)
        if progress is not None:
            results = progress.steps(results, "shadow model", len(tasks))
        for done, result in enumerate(results, start=tasks[0].index + 1):
            tell_progress(done, n_most or len(tasks))
            yield result

    def _answers_of_strangers(self, X):
        classes = getattr(self, "classes_", None)
        if hasattr(self, "models_"):
            access = self._access_to_shadows()
            return np.stack([ask_shadow(m, access, classes, X) for m in self.models_])
        tasks = self._tasks(X)
        engine = engine_for(self.engine, tasks[0])
        return in_one_array(self._run(tasks, engine), len(tasks))[0]

    def _resolve_access(self):
        recipe = self.recipe
        is_estimator = hasattr(recipe, "fit") and not isinstance(recipe, type)
        if recipe is not None and not is_estimator:
            raise TypeError(f"recipe must be an unfitted estimator; got {recipe!r}.")
        if self.target is not None:
            return check_target(self.target)
        if self.recipe is None:
            raise ValueError(
                "recipe and target are both None: ShadowModels needs one of them to "
                "know what to train."
            )
        return BlackBox(self.recipe)

    def _resolve_recipe(self):
        recipe = recipe_of(self.target) if self.recipe is None else self.recipe
        answers_with_classes = self._access.response_ != "value"
        if is_classifier(recipe) != answers_with_classes:
            kinds = ("classifier", "regressor")
            raise ValueError(
                f"recipe must be a {kinds[not answers_with_classes]}, as the target "
                f"answers with response={self._access.response_!r}; got {recipe!r}."
            )
        return recipe

    def _access_to_shadows(self):
        # Without the target itself, which need not travel to worker processes.
        return self._access.same_access_to(self._recipe)

    def _union_of_classes(self, y):
        """Classes of the target, then classes that only the records have."""
        labels = np.unique(y)
        if self.target is None:
            return labels
        codes = truth_of(labels, self._access)
        extra = labels[codes < 0]
        classes = self._access.classes_
        return np.concatenate([classes, extra]) if len(extra) else classes

    def _layout(self):
        """Return a box that has only the classes, to read labels by."""
        return BlackBox(
            len,
            response=self._access.response_,
            classes=getattr(self, "classes_", None),
        )

    def _label(self):
        return -1 if self.label is None else self.label

    def _check_pairing(self):
        if not self.paired:
            return
        if self.subsample != 0.5:
            raise ValueError(
                "paired=True makes complementary halves and needs subsample=0.5; got "
                f"subsample={self.subsample}. Set paired=False for another share."
            )
        if self.n_models != "auto" and self.n_models % 2:
            raise ValueError(
                "paired=True makes pairs and needs an even n_models; got "
                f"n_models={self.n_models}."
            )

    def _check_records(self, X, reset):
        table = as_table(X, min_features=2 if reset else 1)
        validate_data(self, X, reset=reset, skip_check_array=True)
        if reset and len(table) < 4:
            raise ValueError(
                f"records must be at least 4, so that halves can be trained on; got "
                f"n_samples={len(table)}."
            )
        return table

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = allows_nan(self.recipe, self.target)
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        tags.non_deterministic = False
        return tags
