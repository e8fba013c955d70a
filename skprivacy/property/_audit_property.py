"""The whole attack on one model: which share of its training set has a property."""

import ast
import warnings
from numbers import Integral, Real

import numpy as np
import pandas as pd
from sklearn.base import clone, is_classifier
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions, validate_params

from skprivacy.property._model_features import ModelFeatures
from skprivacy.property._models import check_models, inside
from skprivacy.property._property_reading import read_share
from skprivacy.property._property_result import PropertyInferenceResult
from skprivacy.property._queries import flip_column
from skprivacy.property._ratio_range import SpreadShares, check_range, pool_factor
from skprivacy.property._sampling import largest_size, strata_of
from skprivacy.property._worlds import PropertyWorlds, checked_property
from skprivacy.records import join_records, split_records
from skprivacy.targets import BlackBox

__all__ = ["audit_property"]

#: Most records that the model is asked about, and the part of the rarer group that
#: goes there: what is asked about is in no training set.
MOST_QUERIES, PART_FOR_QUERIES = 1000, 0.2
#: Fewest records with, and without, the property; fewest for a training set.
FEWEST_OF_EACH, FEWEST_TO_TRAIN = 20, 20
#: Steps in which shares are considered.
N_STEPS = 400


@validate_params(
    {
        "ratios": "no_validation",
        "n_models": [Interval(Integral, 16, None, closed="left")],
        "size": [Interval(Integral, 2, None, closed="left"), None],
        "hold": [StrOptions({"both", "label"}), None],
        "black_box": ["boolean"],
        "prior": "no_validation",
        "true_ratio": [Interval(Real, 0, 1, closed="both"), None],
        "target_size": [Interval(Integral, 1, None, closed="left"), None],
        "confidence": [Interval(Real, 0, 1, closed="neither")],
        "n_jobs": [Integral, None],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def audit_property(
    model,
    X_pool,
    y_pool,
    *,
    property,
    ratios=None,
    n_models=128,
    size=None,
    hold="both",
    black_box=False,
    prior=None,
    recipe=None,
    true_ratio=None,
    target_size=None,
    confidence=0.95,
    memory=None,
    n_jobs=None,
    random_state=None,
) -> PropertyInferenceResult:
    """Say which share of a model's training set has a property, as an attacker could.

    The attacker holds records of the same population, none of which the model was
    trained on, and knows how it was trained. They train shadow models on resamples in
    which the share is known, learn what it changes in a model, and read the target.

    Parameters
    ----------
    model : fitted estimator, FrozenEstimator or BlackBox
        The model under attack.

    X_pool : DataFrame or array-like of shape (n_pool, n_features)
        The attacker's records: features.

    y_pool : array-like of shape (n_pool,)
        Their labels.

    property : tuple, str or callable
        Which records have the property: ``(column, value)``, a query such as
        ``"sex == 'Female'"``, or a function of the records with the label as the last
        column; see :func:`has_property`. Where it is that a feature has a value, the
        model is also asked about records with another one.

    ratios : pair of float or None, default=None
        Between which shares the target's is looked for. The ends are the two worlds
        whose models are compared. None: from a fourth to four times the odds of the
        share in the pool.

    n_models : int, default=128
        Shadow models of each kind of worlds: half of them at both ends of the range,
        half between.

    size : int or None, default=None
        Records that each is trained on; best as many as the target was trained on.
        None: half of what the pool can provide for all shares.

    hold : {"both", "label"} or None, default="both"
        None: the label moves with the property, as it does in life. "label": the
        shares of the classes are the same in all worlds, so that only the property
        itself differs. "both": both are studied, with shadow models for each; of a
        regressor only the first.

    black_box : bool, default=False
        Only ask the model. Otherwise what it holds is read as well.

    prior : distribution or None, default=None
        How likely each share is without the model: a frozen distribution of
        :mod:`scipy.stats` (anything with ``pdf``). None: all of the range alike.

    recipe : estimator or None, default=None
        Unfitted model for the shadow models. None: a clone of `model`.

    true_ratio : float or None, default=None
        The true share, where it is known; it is shown beside the interval.

    target_size : int or None, default=None
        Records that the model was trained on, where it is known. A warning is given if
        shadow models are trained on fewer.

    confidence : float, default=0.95
        Of the intervals.

    memory : str, path-like, joblib.Memory or None, default=None
        Where shadow models are stored as they finish. It needs an int as
        `random_state`.

    n_jobs : int or None, default=None
        Models trained at the same time.

    random_state : int, RandomState instance or None, default=None
        Decides all draws.

    Returns
    -------
    result : PropertyInferenceResult

    Raises
    ------
    ValueError
        If the property can't be told of the records, is too rare in them, or they can't
        provide the shares.
    ShadowFitError
        If a shadow model can't be trained.

    See Also
    --------
    PropertyWorlds : Trains the shadow models.
    RatioRegressor : Reads the share off a model.
    PropertyPosteriorDisplay : Draws the result.

    Notes
    -----
    A regression is learned on the shadow models; what it says of models that it had
    not seen, in folds, shows how its answer is distributed at each share: a parabola
    with Student errors whose spread may move with the share. The density of its answer
    for the target, as a function of the share, times the prior is the posterior. As
    training sets of shadow models come from one pool, and the target's from elsewhere,
    the variance is enlarged accordingly.

    The interval holds for targets whose share is within the range, that were trained
    on as many records as the shadow models, of the same population.

    References
    ----------
    G. Ateniese, L. V. Mancini, A. Spognardi, A. Villani, D. Vitali, G. Felici. "Hacking
    smart machines with smarter ones: How to extract meaningful data from machine
    learning classifiers". International Journal of Security and Networks, 2015.

    A. Suri, D. Evans. "Formalizing and estimating distribution inference risks".
    PoPETs 2022.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from skprivacy.property import audit_property
    >>> rng = np.random.default_rng(0)
    >>> def people(n, share):
    ...     group, x = rng.random(n) < share, rng.normal(size=n)
    ...     return np.column_stack([group, x]), x + group + rng.normal(size=n) > 1
    >>> model = GaussianNB().fit(*people(500, share=0.3))
    >>> result = audit_property(
    ...     model, *people(2000, share=0.5), property=(0, 1), hold=None, n_models=32,
    ...     black_box=True, random_state=0,
    ... )
    >>> result.interval_.low < 0.3 < result.interval_.high
    True
    """
    (model,) = check_models([model], "model")
    recipe = _recipe_of(model, recipe)
    records = join_records(X_pool, y_pool)
    label = records.columns[-1] if isinstance(records, pd.DataFrame) else -1
    mask = checked_property(property, records)
    _check_groups(mask)
    ends = check_range(ratios, mask.mean())
    grid = np.linspace(*ends, N_STEPS + 1)
    prior = _prior_on(grid, prior)
    random = check_random_state(random_state)
    seeds = random.randint(np.iinfo(np.int32).max, size=2)
    black_box = black_box or isinstance(model, BlackBox)

    holds, notes = _kinds_of_worlds(hold, recipe, mask, records, label, ends, size)
    n_readings = len(holds) * (1 if black_box else 2)
    readings = []
    for (kind, of_size), seed in zip(holds, seeds, strict=False):
        worlds = PropertyWorlds(
            recipe,
            property,
            ratios=SpreadShares(*ends),
            n_models=n_models,
            size=of_size,
            hold=kind,
            queries=_n_queries(mask),
            label=label,
            memory=memory,
            n_jobs=n_jobs,
            random_state=int(seed),
        ).fit(records)
        factor = _factor(worlds, records, label, mask, kind, grid)
        for access, numbers, read, blocks in _numbers(
            worlds, model, property, black_box
        ):
            readings.append(
                read_share(
                    numbers,
                    worlds.ratios_,
                    read,
                    blocks,
                    grid=grid,
                    prior=prior,
                    factor=factor,
                    access=access,
                    hold=kind,
                    size=worlds.size_,
                    confidence=float(confidence),
                    n_comparisons=2 * n_readings,
                )
            )
        notes += _size_note(worlds.size_, target_size, kind)
    for note in notes:
        warnings.warn(note, UserWarning, stacklevel=2)
    return PropertyInferenceResult(
        property=words_of(property),
        readings=tuple(readings),
        base_rate=float(mask.mean()),
        true_ratio=None if true_ratio is None else float(true_ratio),
        target_size=target_size,
        notes=tuple(notes),
    )


def words_of(property) -> str:
    """Write a property as a person would.

    Parameters
    ----------
    property : tuple, str or callable
        As :func:`audit_property` takes it.

    Returns
    -------
    words : str

    Examples
    --------
    >>> words_of(("sex", "f")), words_of("age > 60"), words_of(len)
    ("sex == 'f'", 'age > 60', 'len')
    """
    if isinstance(property, str):
        return property
    if isinstance(property, tuple):
        column, value = property
        name = column if isinstance(column, str) else f"column {column}"
        return f"{name} == {value!r}"
    return getattr(property, "__name__", repr(property))


def column_and_value(property):
    """Return the column and the value that a property is about.

    Parameters
    ----------
    property : tuple, str or callable
        As :func:`audit_property` takes it.

    Returns
    -------
    found : tuple or None
        None if it is anything else than that a column has a value.

    Examples
    --------
    >>> column_and_value("sex == 'f'"), column_and_value("`marital status` == 2")
    (('sex', 'f'), ('marital status', 2))
    >>> column_and_value("sex == 'f' and age > 3") is None
    True
    """
    if isinstance(property, tuple):
        return property
    if not isinstance(property, str):
        return None
    text, quoted = property, None
    if text.lstrip().startswith("`") and text.count("`") == 2:
        _, quoted, text = text.split("`")
        text = "column" + text
    try:
        match ast.parse(text.strip(), mode="eval").body:
            case ast.Compare(
                left=ast.Name(id=name),
                ops=[ast.Eq()],
                comparators=[ast.Constant(value=value)],
            ):
                return (name if quoted is None else quoted), value
    except SyntaxError:
        pass
    return None


def _numbers(worlds, model, property, black_box):
    """Yield the numbers of shadow models and target for each kind of access."""
    shadows = worlds.models_
    box = model if isinstance(model, BlackBox) else None
    asked = ModelFeatures(
        "queries",
        queries=worlds.queries_,
        strata=worlds.query_strata_,
        flipped=_flipped(worlds.queries_, property),
        target=box,
    )
    numbers, blocks = _rounded(asked.fit_transform(shadows)), asked.blocks_
    read = _rounded(asked.transform([model])[0])
    yield "black box", numbers, read, blocks
    if black_box:
        return
    held = ModelFeatures("auto").fit(shadows)
    if not held.blocks_:  # a kind of model of which nothing can be read
        return
    start = numbers.shape[1]
    blocks = blocks | {
        name: slice(start + columns.start, start + columns.stop)
        for name, columns in held.blocks_.items()
    }
    numbers = np.hstack([numbers, _rounded(held.fit_transform(shadows))])
    read = np.concatenate([read, _rounded(held.transform([model])[0])])
    yield "white box", numbers, read, blocks


def _rounded(numbers):
    """Round errors of computing away: scaled to unit variance, they would matter."""
    return np.round(numbers, 9)


def _flipped(queries, property):
    """Return the queries with the property turned round, if it is a feature's value."""
    found = column_and_value(property)
    if found is None:
        return None
    column, value = found
    if isinstance(queries, pd.DataFrame):
        if column not in queries.columns:  # the label
            return None
        values = queries[column]
    else:
        column = column % (queries.shape[1] + 1)
        if column == queries.shape[1]:
            return None
        values = pd.Series(queries[:, column])
    others = values[values != value].dropna()
    if others.empty:
        return None
    return flip_column(queries, column, (value, others.mode().iloc[0]))


def _factor(worlds, records, label, mask, hold, grid):
    """Say how much more the target may vary, at each share of the grid."""
    classes = None
    if hold == "label":
        classes = np.unique(split_records(records, label)[1], return_inverse=True)[1]
    strata = strata_of(mask, classes)
    counts = np.bincount(strata)
    aside = worlds.query_strata_ if hold == "label" else worlds.query_strata_ % 2
    counts -= np.bincount(aside, minlength=len(counts))
    return pool_factor(np.repeat(np.arange(len(counts)), counts), grid, worlds.size_)


def _recipe_of(model, recipe):
    if recipe is not None:
        return recipe
    held = model.model if isinstance(model, BlackBox) else model
    held = inside(held)
    if not hasattr(held, "fit"):
        raise ValueError(
            "recipe must be given where the model is a plain function: it says how "
            "shadow models are trained."
        )
    return clone(held)


def _check_groups(mask):
    for name, n in (("with", mask.sum()), ("without", (~mask).sum())):
        if n < FEWEST_OF_EACH:
            raise ValueError(
                f"property: the pool has {int(n)} records {name} it; at least "
                f"{FEWEST_OF_EACH} are needed."
            )


def _n_queries(mask):
    rarer = min(mask.sum(), (~mask).sum())
    return int(min(MOST_QUERIES, 2 * int(PART_FOR_QUERIES * rarer)))


def _prior_on(grid, prior):
    if prior is None:
        return np.full(len(grid), 1 / len(grid))
    if not hasattr(prior, "pdf"):
        raise TypeError(
            "prior must be a distribution with pdf, such as scipy.stats.beta(2, 2), or "
            f"None; got {prior!r}."
        )
    density = np.asarray(prior.pdf(grid), dtype=float)
    # Some densities are infinite at 0 and 1.
    density[np.isposinf(density)] = density[np.isfinite(density)].max(initial=1.0)
    if np.isnan(density).any() or (density < 0).any() or not density.sum() > 0:
        raise ValueError(
            f"prior must have a positive density in the range of shares, {grid[0]:g} "
            f"to {grid[-1]:g}; got {prior!r}."
        )
    return density / density.sum()


def _kinds_of_worlds(hold, recipe, mask, records, label, ends, size):
    """Return the kinds of worlds to study with their sizes; and why one is left out."""
    if hold != "both":
        return [(hold, size)], []
    if not is_classifier(recipe):
        return [(None, size)], []
    classes = np.unique(split_records(records, label)[1], return_inverse=True)[1]
    possible = largest_size(strata_of(mask, classes), ends)
    if possible // 2 >= FEWEST_TO_TRAIN:
        # What is asked for may be too much where the classes are held.
        held = None if size is None or size > possible // 2 else size
        return [(None, size), ("label", held)], []
    return [(None, size)], [
        "The shares of the classes could not be held the same in all worlds, as some "
        "class has too few records with, or without, the property: what is found may be "
        "the label's doing."
    ]


def _size_note(size, target_size, hold):
    if target_size is None or size >= target_size:
        return []
    where = " where the shares of the classes are held" if hold else ""
    return [
        f"Shadow models were trained on {size:,} records{where}, the model on "
        f"{target_size:,}: the pool has no more for these shares. A model of another "
        "size may answer otherwise, so that the interval can be off. A larger pool, or "
        "a narrower range of shares, allows more."
    ]
