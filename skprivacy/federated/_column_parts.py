"""Parts of a table that are learned apart, and categories.

What is told of categories is told in the clear. Fitted parts are put together by a fit
to one made-up row.
"""

import numpy as np
import pandas as pd
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.utils import get_tags

from skprivacy.federated._learners._encoders import ENCODERS, fit_encoder, united

__all__ = [
    "is_active",
    "learn_columns",
    "learn_encoder",
    "made_up_row",
    "names_of",
    "needs_fit",
]


def is_active(step) -> bool:
    """Whether a step of a pipeline, or a part of columns, is an estimator."""
    return step is not None and not isinstance(step, str)


def needs_fit(step) -> bool:
    """Whether a step must be fitted; others are the same wherever they are."""
    return get_tags(step).requires_fit


def made_up_row(schema, values=None):
    """Return one row that is no record, of ones where no values are given.

    Parameters
    ----------
    schema : DataFrame
        Its columns.

    values : list or None, default=None
        One a column.

    Returns
    -------
    row : DataFrame or ndarray of shape (1, n_columns)
        An array unless columns have names.
    """
    values = [1.0] * schema.shape[1] if values is None else values
    row = pd.DataFrame([values], columns=schema.columns).infer_objects()
    return row.to_numpy() if names_of(schema) is None else row


def learn_columns(transformer, engine, learn):
    """Learn each part of a ColumnTransformer from its own columns.

    Parameters
    ----------
    transformer : ColumnTransformer
        Fitted in place.

    engine : LocalEngine
        Who asks the clients.

    learn : callable
        ``learn(part)`` returns a part that is fitted by the engine's clients.

    Returns
    -------
    transformer : ColumnTransformer

    Raises
    ------
    ValueError
        If the remainder is to be learned: its columns have no list of their own.
    """
    schema = engine.schema
    blank = np.full(schema.shape[1], 1.0, dtype=object)
    if is_active(transformer.remainder):
        raise ValueError(
            'the remainder of a ColumnTransformer must be "drop" or "passthrough"; got '
            f"{transformer.remainder!r}."
        )
    fitted = []
    for name, part, columns in transformer.transformers:
        chosen = columns(schema) if callable(columns) else columns
        at = _positions(schema, chosen)
        if is_active(part) and needs_fit(part) and len(at):
            with engine.columns(at):
                part = learn(part)
            blank[at] = _first_values(part, len(at))
        fitted.append((name, part, chosen))
    return _assembled(transformer, fitted, blank, schema)


def _assembled(transformer, fitted, blank, schema):
    """Return a fitted ColumnTransformer of fitted parts."""
    frozen = [
        (name, FrozenEstimator(part), columns)
        if is_active(part) and needs_fit(part)
        else (name, part, columns)
        for name, part, columns in fitted
    ]
    given = transformer.transformers
    transformer.set_params(transformers=frozen)
    transformer.fit(made_up_row(schema, blank.tolist()))
    transformer.set_params(transformers=given)
    transformer.transformers_ = [
        (name, part.estimator if isinstance(part, FrozenEstimator) else part, columns)
        for name, part, columns in transformer.transformers_
    ]
    return transformer


def _first_values(part, n_columns) -> list:
    """Return values that a fitted part takes: one for each of its columns."""
    while isinstance(part, Pipeline):
        part = next((step for _, step in part.steps if is_active(step)), None)
    if isinstance(part, ENCODERS):
        return [categories[0] for categories in part.categories_]
    return [1.0] * n_columns


def _positions(schema, columns):
    """Return the positions of columns given by name, position, slice or mask."""
    index = pd.Series(range(schema.shape[1]), index=schema.columns)
    if isinstance(columns, str):
        return np.array([index[columns]])
    if isinstance(columns, slice) and isinstance(columns.start or columns.stop, str):
        return index.loc[columns].to_numpy()
    if not isinstance(columns, slice) and all(isinstance(c, str) for c in columns):
        return index[[*columns]].to_numpy(dtype=int)
    return np.atleast_1d(np.arange(len(index))[columns])


def learn_encoder(encoder, engine):
    """Fit an encoder to the categories that clients told, or that were given.

    Parameters
    ----------
    encoder : OneHotEncoder or OrdinalEncoder
        Fitted in place.

    engine : LocalEngine
        Who asks the clients.

    Returns
    -------
    encoder : OneHotEncoder or OrdinalEncoder
    """
    names = engine.schema.columns
    categories = encoder.categories
    if isinstance(categories, str):
        categories = united(engine.categories())
    else:
        categories = [np.asarray(one, dtype=_kind(one)) for one in categories]
        if len(categories) != len(names):
            raise ValueError(
                f"categories must be given for {len(names)} columns; got "
                f"{len(categories)}."
            )
    return fit_encoder(encoder, categories, names_of(engine.schema))


def names_of(schema):
    """Return the names of columns as scikit-learn keeps them.

    Parameters
    ----------
    schema : DataFrame
        Its columns.

    Returns
    -------
    names : list of str or None
        None unless all are texts.
    """
    named = all(isinstance(name, str) for name in schema.columns)
    return [*schema.columns] if named else None


def _kind(values):
    return object if any(isinstance(value, str) for value in values) else None
