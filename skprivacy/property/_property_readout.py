"""What the model's own numbers tell of a share, before any shadow model is trained."""

from typing import NamedTuple

from skprivacy.property._direct_readout import DirectReadout
from skprivacy.property._property_words import column_and_value

__all__ = ["PropertyReadout", "read_out"]


class PropertyReadout(NamedTuple):
    """A share that stands in a model, or follows from what does.

    Parameters
    ----------
    share : float
        Share of the training set.

    low, high : float
        Its interval; where it is exact, the share itself.

    exact : bool
        Whether it is a count, and no estimate.

    where : str
        What told it.
    """

    share: float
    low: float
    high: float
    exact: bool
    where: str


def read_out(model, property, label) -> PropertyReadout | None:
    """Read the share of a property that is a column's value, where a model tells it.

    Parameters
    ----------
    model : fitted estimator or FrozenEstimator
        The model.

    property : tuple, str or callable
        As :func:`audit_property` takes it.

    label : str or int
        The label's column.

    Returns
    -------
    readout : PropertyReadout or None
        None if the property is something else, or the model does not tell.
    """
    found = column_and_value(property)
    if found is None:
        return None
    column, value = found
    try:
        table = DirectReadout(None if column == label else column, value).readings(
            [model]
        )
    except (TypeError, ValueError):  # no feature, no classifier, nothing to be read
        return None
    if table.empty:
        return None
    best = table.iloc[0]
    return PropertyReadout(
        float(best["share"]),
        float(best["low"]),
        float(best["high"]),
        bool(best["exact"]),
        str(best["where"]),
    )
