"""Shadow models whose training sets have a known share of a property."""

from numbers import Integral

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, _fit_context, clone, is_classifier
from sklearn.utils import assert_all_finite, check_random_state
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import validate_data

from skprivacy._sklearn_compat import CallbackSupportMixin, FitProgress, with_callbacks
from skprivacy._validation import as_table
from skprivacy.property._sampling import draw_world, largest_size, strata_of
from skprivacy.records import (
    find_records,
    has_property,
    hash_records,
    split_records,
    stack_tables,
    take_rows,
)
from skprivacy.shadow import fit_on_subsets
from skprivacy.targets import allows_nan

__all__ = ["PropertyWorlds"]


class PropertyWorlds(CallbackSupportMixin, BaseEstimator):
    """Train models on resamples in which a property has a known share.

    What an attacker does who knows the recipe and holds records of the same
    population: one world for each share, and in each world models of which the share
    is known. All else is as in the attacker's records: the size of the training sets
    is one and the same, so that it tells nothing.

    Parameters
    ----------
    recipe : estimator
        Unfitted model: how the target was trained, preprocessing and defenses
        included.

    property : tuple, str or callable
        Which records have the property; see :func:`has_property`.

    ratios : sequence of float or distribution, default=(0.3, 0.7)
        The share of the property in each world; or a frozen distribution of
        :mod:`scipy.stats` (anything with ``rvs``) from which a share is drawn for each
        model.

    n_models : int, default=128
        Models in all. Worlds take turns.

    size : int or None, default=None
        Records that each model is trained on. None: half of what a pool can provide
        for every ratio.

    paired : bool, default=True
        Models 2i and 2i + 1 (with as many worlds as there are, one of each) share as
        many training records as their ratios allow, so that they differ by the
        property more than by chance.

    hold : {"label"} or None, default=None
        "label": the shares of the classes are those of the attacker's records in every
        world, and the share of the property is the same in each class, so that only
        the property itself differs. None: the label moves with the property, as it
        does in life.

    n_pools : int or "auto", default="auto"
        The attacker's records are divided into so many pools, and the models of a turn
        (one of each world) draw from one of them. What tells worlds apart in one pool
        and not in the other is no property of the population, and will not hold for
        the target's owner, who has other records; the attacks weigh what they have
        learned by how well it carries over. "auto": two, or one where a half can't
        provide the ratios at that size.

    queries : int, table or None, default=None
        Records that are kept out of every training set. int: so many, half of them with
        the property, drawn at random; what the target is to be asked about. A table
        of features: records with equal features.

    poison : DataFrame or array-like of shape (n_records, n_features + 1), default=None
        Records that the attacker adds to every training set, such as those of
        :func:`make_poison`. They count neither for the ratio nor for the size.

    keep_models : bool, default=True
        Keep the fitted models in `models_`.

    features : ModelFeatures or None, default=None
        Turns each model into numbers as soon as it is trained, for runs that do not
        keep models. It is fitted on the first model.

    label : str or int, default=-1
        The records' label column.

    memory : str, path-like, joblib.Memory or None, default=None
        Each model is stored here as it finishes; an interrupted run resumes. It needs
        an int as `random_state`.

    n_jobs : int or None, default=None
        Models trained at the same time. The result does not depend on it.

    random_state : int, RandomState instance or None, default=None
        Decides the draws and the randomness of each model.

    Attributes
    ----------
    models_ : list of estimators
        The fitted models; only with ``keep_models=True``.

    ratios_ : ndarray of shape (n_models,)
        Share of the property in each training set, up to half a record: the attacks'
        `y`.

    features_ : ndarray of shape (n_models, n_features)
        What `features` makes of the models; only where it is given.

    training_rows_ : list of ndarray of int
        Records that each model was trained on, beside the poison.

    size_ : int
        Records in each training set.

    n_pools_ : int
        Pools that the attacker's records were divided into; turn ``t`` drew from pool
        ``t % n_pools_``.

    queries_ : DataFrame or ndarray of shape (n_queries, n_features)
        Features of the records that are in no training set; only with `queries`.

    query_strata_ : ndarray of int of shape (n_queries,)
        ``2 * class + has_property`` of each of them (one class for a regression); only
        where `queries` is an int.

    base_rate_ : float
        Share of the property in the attacker's records.

    n_features_in_ : int
        Columns of the records, the label included.

    Raises
    ------
    ShadowFitError
        If a model can't be trained; names its number, its seed and the cause.

    See Also
    --------
    ModelFeatures : Turns models into numbers.
    PropertyMetaClassifier : Learns from the models which world a target is from.

    References
    ----------
    G. Ateniese, L. V. Mancini, A. Spognardi, A. Villani, D. Vitali, G. Felici. "Hacking
    smart machines with smarter ones: How to extract meaningful data from machine
    learning classifiers". International Journal of Security and Networks, 2015.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skprivacy.property import PropertyWorlds
    >>> rng = np.random.RandomState(0)
    >>> group = rng.randint(2, size=400)
    >>> x = rng.normal(size=400)
    >>> records = np.column_stack([group, x, x + rng.normal(size=400) > 0])
    >>> worlds = PropertyWorlds(
    ...     LogisticRegression(), (0, 1), ratios=(0.3, 0.7), n_models=4, random_state=0
    ... ).fit(records)
    >>> worlds.ratios_, worlds.size_
    (array([0.3, 0.7, 0.3, 0.7]), 63)
    >>> len(worlds.models_)
    4
    """

    _parameter_constraints = {
        "recipe": "no_validation",
        "property": "no_validation",
        "ratios": "no_validation",
        "n_models": [Interval(Integral, 2, None, closed="left")],
        "size": [Interval(Integral, 2, None, closed="left"), None],
        "paired": ["boolean"],
        "hold": [StrOptions({"label"}), None],
        "n_pools": [Interval(Integral, 1, None, closed="left"), StrOptions({"auto"})],
        "queries": "no_validation",
        "poison": "no_validation",
        "keep_models": ["boolean"],
        "features": "no_validation",
        "label": "no_validation",
        "memory": "no_validation",
        "n_jobs": [Integral, None],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        recipe,
        property=None,
        *,
        ratios=(0.3, 0.7),
        n_models=128,
        size=None,
        paired=True,
        hold=None,
        n_pools="auto",
        queries=None,
        poison=None,
        keep_models=True,
        features=None,
        label=-1,
        memory=None,
        n_jobs=None,
        random_state=None,
    ):
        self.recipe = recipe
        self.property = property
        self.ratios = ratios
        self.n_models = n_models
        self.size = size
        self.paired = paired
        self.hold = hold
        self.n_pools = n_pools
        self.queries = queries
        self.poison = poison
        self.keep_models = keep_models
        self.features = features
        self.label = label
        self.memory = memory
        self.n_jobs = n_jobs
        self.random_state = random_state

    @with_callbacks
    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        """Train the models of all worlds.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features + 1)
            The attacker's records, the label among their columns.

        y : object
            Ignored.

        Returns
        -------
        self : PropertyWorlds
        """
        self._check_arguments()
        records = self._check_records(X)
        rng = check_random_state(self.random_state)
        mask = checked_property(self.property, records)
        self.base_rate_ = float(mask.mean())
        X, y = split_records(records, self.label)
        classes = self._classes(y)
        pool = self._set_queries_aside(X, strata_of(mask, classes), rng)
        strata = strata_of(mask, classes if self.hold == "label" else None)
        wanted = self._draw_ratios(rng)
        pools = self._divide(strata, pool, wanted, rng)
        self.size_ = self._settle_size([strata[part] for part in pools], wanted)
        self.training_rows_ = self._draw_rows(strata, pools, wanted, rng)
        self.ratios_ = wanted
        X, y, subsets = self._with_poison(X, y)
        self._train(
            X, y, subsets, rng.randint(np.iinfo(np.int32).max, size=self.n_models)
        )
        return self

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = allows_nan(self.recipe)
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        tags.non_deterministic = False
        return tags

    def _train(self, X, y, subsets, seeds):
        models = fit_on_subsets(
            self.recipe,
            X,
            y,
            subsets,
            seeds,
            memory=self.memory,
            n_jobs=self.n_jobs,
        )
        progress = FitProgress(self, self.n_models)
        kept, numbers, transformer = [], [], None
        for model in progress.steps(models, "model"):
            if self.keep_models:
                kept.append(model)
            if self.features is not None:
                if transformer is None:
                    transformer = clone(self.features).fit([model])
                numbers.append(transformer.transform([model])[0])
        progress.end()
        if self.keep_models:
            self.models_ = kept
        if self.features is not None:
            self.features_ = np.array(numbers)

    def _with_poison(self, X, y):
        """Return records and training sets, what the attacker adds to each included."""
        if self.poison is None:
            return X, y, self.training_rows_
        poison = as_table(self.poison, "poison", min_features=2)
        more, labels = split_records(poison, self.label)
        known = X.columns if isinstance(X, pd.DataFrame) else range(X.shape[1])
        given = more.columns if isinstance(more, pd.DataFrame) else range(more.shape[1])
        if set(known) != set(given):
            raise ValueError(
                f"poison must have the columns of the records, {list(known)} beside "
                f"the label; got {list(given)}."
            )
        added = len(X) + np.arange(len(labels))
        if isinstance(X, pd.DataFrame):
            more = more[list(known)]
        X = stack_tables([X, more])
        subsets = [np.concatenate([rows, added]) for rows in self.training_rows_]
        return X, np.concatenate([y, labels]), subsets

    def _set_queries_aside(self, X, strata, rng):
        """Return the records that training sets are drawn from."""
        everyone = np.arange(len(strata))
        if self.queries is None:
            return everyone
        if isinstance(self.queries, Integral):
            aside = balanced_rows(strata % 2, int(self.queries), rng)
            self.queries_ = take_rows(X, aside)
            self.query_strata_ = strata[aside]
            return np.setdiff1d(everyone, aside)
        self.queries_ = as_table(self.queries, "queries")
        if self.queries_.shape[1] != X.shape[1]:
            raise ValueError(
                f"queries must have the {X.shape[1]} features of the records; got "
                f"{self.queries_.shape[1]} columns."
            )
        if isinstance(X, pd.DataFrame) and isinstance(self.queries_, pd.DataFrame):
            self.queries_ = self.queries_[list(X.columns)]
        return everyone[find_records(hash_records(self.queries_), hash_records(X)) < 0]

    def _draw_ratios(self, rng):
        if hasattr(self.ratios, "rvs"):
            drawn = np.asarray(self.ratios.rvs(size=self.n_models, random_state=rng))
            return _check_ratios(drawn, "draws of ratios")
        worlds = _check_ratios(np.asarray(self.ratios, dtype=float), "ratios")
        if self.n_models < len(worlds):
            raise ValueError(
                f"n_models must be at least the number of worlds, {len(worlds)}; got "
                f"n_models={self.n_models}."
            )
        return np.resize(worlds, self.n_models)

    def _divide(self, strata, pool, ratios, rng):
        """Divide the attacker's records into pools."""
        order = pool[rng.permutation(len(pool))]
        self.n_pools_ = 2 if self.n_pools == "auto" else self.n_pools
        pools = [order[part :: self.n_pools_] for part in range(self.n_pools_)]
        # Without a size, half of what there is will be taken, and that be two.
        size = 4 if self.size is None else self.size
        too_small = (
            largest_size(strata[part], np.unique(ratios)) < size for part in pools
        )
        if self.n_pools == "auto" and any(too_small):
            self.n_pools_ = 1
            return [order]
        return pools

    def _settle_size(self, strata, ratios):
        if self.size is not None:
            return self.size
        worlds = np.unique(ratios)
        size = min(largest_size(part, worlds) for part in strata) // 2
        if size < 2:
            raise ValueError(
                f"ratios {worlds.tolist()} can't be provided by {len(strata[0])} "
                f"records, of which {int((strata[0] % 2).sum())} have the property."
            )
        return size

    def _draw_rows(self, strata, pools, ratios, rng):
        n_worlds = 2 if hasattr(self.ratios, "rvs") else len(self.ratios)
        rows, order = [], None
        for i, ratio in enumerate(ratios):
            if order is None or not self.paired or i % n_worlds == 0:
                pool = pools[i // n_worlds % len(pools)]
                order = pool[rng.permutation(len(pool))]
            drawn = draw_world(strata, ratio, self.size_, order)
            # The order of its records may matter to a recipe, but must not tell.
            rows.append(drawn[rng.permutation(len(drawn))])
        return rows

    def _classes(self, y):
        """Return the class of each record; one for all where the label is a value."""
        if not is_classifier(self.recipe):
            if self.hold == "label":
                raise ValueError(
                    'hold="label" holds the shares of classes and needs a classifier; '
                    f"got recipe={self.recipe!r}."
                )
            return np.zeros(len(y), dtype=int)
        return np.unique(y, return_inverse=True)[1]

    def _check_records(self, X):
        records = as_table(X, min_features=2)
        validate_data(self, X, skip_check_array=True)
        if len(records) < 4:
            raise ValueError(
                "records must be at least 4, so that worlds can be made of them; got "
                f"n_samples={len(records)}."
            )
        numbers = isinstance(records, np.ndarray) and records.dtype.kind == "f"
        if numbers and not allows_nan(self.recipe):
            # Those that are drawn would be refused by the recipe, the others not.
            assert_all_finite(records)
        return records

    def _check_arguments(self):
        if not hasattr(self.recipe, "fit") or isinstance(self.recipe, type):
            raise TypeError(
                f"recipe must be an unfitted estimator; got {self.recipe!r}."
            )
        if not self.keep_models and self.features is None:
            raise ValueError(
                "keep_models=False needs features=ModelFeatures(...): otherwise "
                "nothing is left of the models."
            )


def checked_property(property, records) -> np.ndarray:
    """Return which records have a property that some have and some do not."""
    mask = has_property(property, records)
    if mask.all() or not mask.any():
        raise ValueError(
            f"property is constant: {'all' if mask.all() else 'none'} of the "
            f"{len(mask)} records have it ({property!r}), so that no other share "
            "can be made of them."
        )
    return mask


def balanced_rows(mask, n, rng) -> np.ndarray:
    """Draw records, half of them with the property, as far as there are so many.

    Parameters
    ----------
    mask : ndarray of bool of shape (n_records,)
        Which records have the property.

    n : int
        Records to draw.

    rng : RandomState
        Source of randomness.

    Returns
    -------
    rows : ndarray of int of shape (n,)
        Without the property first.
    """
    if not 2 <= n <= len(mask) // 2:
        raise ValueError(
            f"queries must be from 2 to half of the {len(mask)} records; got {n}."
        )
    groups = [rng.permutation(np.flatnonzero(mask == value)) for value in (0, 1)]
    # No group gives more than half of itself, or nothing would be left to train on.
    n_with = min(n // 2, len(groups[1]) // 2)
    n_without = min(n - n_with, len(groups[0]) // 2)
    return np.concatenate([groups[0][:n_without], groups[1][:n_with]])


def _check_ratios(ratios, name):
    if ratios.ndim != 1 or not len(ratios):
        raise ValueError(
            f"{name} must be a list of shares such as (0.3, 0.7); got "
            f"{ratios.tolist()}."
        )
    outside = ratios[~((ratios >= 0) & (ratios <= 1))]
    if len(outside):
        raise ValueError(f"{name} must be shares from 0 to 1; got {outside[0]}.")
    return ratios
