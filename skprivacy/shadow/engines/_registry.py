"""Which engines there are."""

from skprivacy.shadow.engines._engine import Engine

__all__ = ["engine_for", "engines", "register_engine"]

_ENGINES: dict[str, Engine] = {}


def register_engine(engine):
    """Let ``ShadowModels`` train with an engine.

    Parameters
    ----------
    engine : Engine
        In the place of one with the same name, if there is one. The last that was
        registered is asked first whether it handles a recipe.

    Returns
    -------
    engine : Engine
        The same.

    Raises
    ------
    TypeError
        If it is no engine.

    ValueError
        If it is called "auto" or "generic".
    """
    if not isinstance(engine, Engine):
        raise TypeError(f"engine must be an Engine; got {engine!r}.")
    if engine.name in ("auto", "generic"):
        raise ValueError(f"engine.name must not be {engine.name!r}.")
    _ENGINES.pop(engine.name, None)
    _ENGINES[engine.name] = engine
    return engine


def engines() -> dict[str, Engine]:
    """Return the engines by name.

    Examples
    --------
    >>> "gaussian_nb" in engines()
    True
    """
    return dict(_ENGINES)


def engine_for(name, task) -> Engine | None:
    """Choose how to train.

    Parameters
    ----------
    name : str
        "generic", "auto" or the name of an engine.

    task : ShadowTask
        One of those to be done.

    Returns
    -------
    engine : Engine or None
        None: clone and fit, as any recipe can be trained. "auto" takes exact engines
        alone.

    Raises
    ------
    ValueError
        If there is none of that name, or it can't train the recipe.
    """
    if name == "generic":
        return None
    if name == "auto":
        candidates = (one for one in reversed(_ENGINES.values()) if one.is_exact)
        return next((one for one in candidates if one.handles(task)), None)
    if name not in _ENGINES:
        allowed = ["auto", "generic", *_ENGINES]
        raise ValueError(f"engine must be one of {allowed}; got {name!r}.")
    if not _ENGINES[name].handles(task):
        raise ValueError(
            f"engine={name!r} can't train {task.recipe!r} on these records; "
            'engine="auto" takes one that can.'
        )
    return _ENGINES[name]
