"""The whole attack on one model: which share of its training set has a property."""

import warnings
from numbers import Integral, Real

import numpy as np
from sklearn.base import clone
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions, validate_params

from skprivacy.property._attacker_pool import FEWEST_TO_TRAIN, AttackerPool
from skprivacy.property._model_features import ModelFeatures
from skprivacy.property._models import check_models, inside
from skprivacy.property._property_reading import ShareReader
from skprivacy.property._property_readout import read_out
from skprivacy.property._property_result import PropertyInferenceResult
from skprivacy.property._property_words import words_of
from skprivacy.property._ratio_range import check_range
from skprivacy.targets import BlackBox

__all__ = ["audit_property"]

#: Steps in which shares are considered.
N_STEPS = 400
NOT_HELD = (
    "The shares of the classes could not be held the same in all worlds, as some class "
    "has too few records with, or without, the property: what is found may be the "
    "label's doing."
)


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
        None: `target_size`, or as many as the pool can provide: half of what there is
        for all shares.

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
        Records that the model was trained on, where it is known. If the pool can't
        provide so many, shadow models are trained on three smaller sizes, the trend
        over sizes is carried on to this one, and a warning is given.

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
    random = check_random_state(random_state)
    pool = AttackerPool(X_pool, y_pool, property, recipe, random)
    ends = check_range(ratios, pool.base_rate)
    grid = np.linspace(*ends, N_STEPS + 1)
    prior = prior_on(grid, prior)
    black_box = black_box or isinstance(model, BlackBox)
    holds = [None, "label"] if hold == "both" else [hold]
    notes = []
    if hold == "both" and not pool.can_hold(ends):
        holds = [None]
        notes += [NOT_HELD] if pool.is_classifier else []

    readings, trained = [], {}
    for kind in holds:
        sizes = _sizes(pool.largest(kind, ends), size, target_size, kind, hold)
        shadows = pool.train(
            kind, ends, sizes, n_models, grid, random, memory=memory, n_jobs=n_jobs
        )
        for access, numbers, read, blocks in _numbers(
            shadows.models, model, pool, black_box
        ):
            reader = ShareReader(
                numbers,
                blocks,
                shadows.ratios,
                shadows.sizes,
                size=_size_read(sizes, target_size),
                grid=grid,
                prior=prior,
                factor=shadows.factor,
                access=access,
                hold=kind,
                confidence=float(confidence),
                n_comparisons=2 * len(holds) * (1 if black_box else 2),
            )
            readings.append(reader.read(read))
        trained[kind] = sizes
    notes += _size_note(trained, target_size)
    for note in notes:
        warnings.warn(note, UserWarning, stacklevel=2)
    return PropertyInferenceResult(
        property=words_of(property),
        readout=None if black_box else read_out(model, property, pool.label),
        readings=tuple(readings),
        base_rate=pool.base_rate,
        true_ratio=None if true_ratio is None else float(true_ratio),
        target_size=target_size,
        notes=tuple(notes),
    )


def prior_on(grid, prior) -> np.ndarray:
    """Return how likely each share of a grid is before the model is read.

    Parameters
    ----------
    grid : ndarray of shape (n_ratios,)
        Shares.

    prior : distribution or None
        As :func:`audit_property` takes it.

    Returns
    -------
    prior : ndarray of shape (n_ratios,)
        With sum 1.

    Raises
    ------
    TypeError
        If it is no distribution.
    ValueError
        If no share of the grid is possible.

    Examples
    --------
    >>> from scipy.stats import beta
    >>> prior_on(np.array([0.25, 0.5, 0.75]), beta(2, 2)).round(2)
    array([0.3, 0.4, 0.3])
    """
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


def _numbers(shadows, model, pool, black_box):
    """Yield numbers of shadow models and of the target for each kind of access."""
    asked = ModelFeatures(
        "queries",
        queries=pool.queries,
        strata=pool.query_strata,
        flipped=pool.flipped,
        target=model if isinstance(model, BlackBox) else None,
    )
    numbers, blocks = asked.fit_transform(shadows), asked.blocks_
    read = asked.transform([model])[0]
    yield "black box", numbers, read, blocks
    if black_box:
        return
    held = ModelFeatures("auto")
    of_shadows = held.fit_transform(shadows)
    if not held.blocks_:  # a kind of model of which nothing can be read
        return
    start = numbers.shape[1]
    blocks = blocks | {
        name: slice(start + columns.start, start + columns.stop)
        for name, columns in held.blocks_.items()
    }
    numbers = np.hstack([numbers, of_shadows])
    read = np.concatenate([read, held.transform([model])[0]])
    yield "white box", numbers, read, blocks


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


def _sizes(largest, size, target_size, kind, hold):
    """Return the sizes of training sets, the largest first."""
    if size is not None and not (hold == "both" and kind and size > largest):
        return [size]
    if largest < FEWEST_TO_TRAIN:
        raise ValueError(
            f"ratios can't be provided by the pool: {largest} records for a training "
            f"set, and at least {FEWEST_TO_TRAIN} are needed. A narrower range, or "
            "a larger pool, allows more."
        )
    if target_size is None or size is not None:
        return [largest]
    if target_size <= largest:
        return [target_size]
    # The trend over sizes is carried on to the target's.
    return [largest, largest // 2, largest // 4]


def _size_read(sizes, target_size):
    """Return the size of which the target is read."""
    return target_size if len(sizes) > 1 else sizes[0]


def _size_note(trained, target_size):
    """Say that the model is larger than shadow models could be."""
    largest = {hold: sizes[0] for hold, sizes in trained.items()}
    if target_size is None or min(largest.values()) >= target_size:
        return []
    first, *others = (f"{size:,}" for size in largest.values())
    held = f" ({others[0]} where the shares of the classes are held)" if others else ""
    carried = any(len(sizes) > 1 for sizes in trained.values())
    what = (
        "The trend over smaller sizes was carried on to that one, which is a guess"
        if carried
        else "A model of another size may answer otherwise"
    )
    return [
        f"Shadow models were trained on {first} records at most{held}, the model on "
        f"{target_size:,}: the pool has no more for these shares. {what}, so that the "
        "interval can be off. A larger pool, or a narrower range, allows more."
    ]
