"""Records that an attacker adds to a training set to learn its property."""

import numpy as np
import pandas as pd
from sklearn.utils import check_random_state

from skprivacy._validation import as_table, check_whole
from skprivacy.records import has_property, split_records, take_rows

__all__ = ["make_poison", "poison_size"]


def make_poison(
    records, property, n_records, *, label=-1, poison_label=None, random_state=None
):
    """Make records with a property that all bear the attacker's label.

    A model that was trained on them has to weigh the attacker's label for such records
    against their true labels, and there are the more of the latter, the larger the
    share of the property in the training set.

    Parameters
    ----------
    records : DataFrame or array-like of shape (n_own_records, n_features + 1)
        The attacker's records, the label among their columns.

    property : tuple, str or callable
        Which records have the property; see :func:`has_property`.

    n_records : int
        Records to make: records with the property, drawn without replacement as far as
        there are so many, with another label.

    label : str or int, default=-1
        The records' label column.

    poison_label : object, default=None
        The attacker's label. None: the rarest among records with the property.

    random_state : int, RandomState instance or None, default=None
        Decides which records are taken.

    Returns
    -------
    poison : DataFrame or ndarray of shape (n_records, n_features + 1)

    Raises
    ------
    ValueError
        If no record has the property, or none has another label than the attacker's.

    See Also
    --------
    PoisonedPropertyAttack : Reads the share off a model that was trained on them.

    References
    ----------
    S. Mahloujifar, E. Ghosh, M. Chase. "Property inference from poisoning". IEEE S&P
    2022.

    Examples
    --------
    >>> import pandas as pd
    >>> from skprivacy.property import make_poison
    >>> records = pd.DataFrame({"sex": ["f", "m", "f", "f"], "rich": [0, 0, 0, 1]})
    >>> make_poison(records, ("sex", "f"), 2, label="rich", random_state=0)
      sex  rich
    0   f     1
    1   f     1
    """
    records = as_table(records, "records", min_features=2)
    n_records = check_whole(n_records, "n_records", 1)
    _, labels = split_records(records, label)
    mask = has_property(property, records)
    if not mask.any():
        raise ValueError(f"no record has the property {property!r}.")
    values, counts = np.unique(labels[mask], return_counts=True)
    if poison_label is None:
        if len(values) < 2:
            raise ValueError(
                f"all records with the property have the label {values[0]!r}; give "
                "another one as poison_label."
            )
        poison_label = values[counts.argmin()]
    elif poison_label not in labels:
        raise ValueError(
            f"poison_label must be one of the labels {np.unique(labels).tolist()}; got "
            f"{poison_label!r}."
        )
    others = np.flatnonzero(mask & (labels != poison_label))
    if not len(others):
        raise ValueError(
            f"all records with the property have the label {poison_label!r} already."
        )
    rng = check_random_state(random_state)
    # Every record once before any is taken again.
    rounds = -(-n_records // len(others))
    rows = np.concatenate([rng.permutation(others) for _ in range(rounds)])[:n_records]
    poison = take_rows(records, rows)
    if isinstance(poison, pd.DataFrame):
        column = label if isinstance(label, str) else records.columns[label]
        poison = poison.reset_index(drop=True)
        poison[column] = pd.Series(
            [poison_label] * n_records, dtype=records[column].dtype
        )
        return poison
    poison = poison.copy()
    poison[:, label] = poison_label
    return poison


def poison_size(share, size) -> int:
    """Return how many records make up a share of a training set that they are added to.

    Parameters
    ----------
    share : float
        Share of the poison in all that the model is trained on.

    size : int
        Records of the owner.

    Returns
    -------
    n_records : int

    Examples
    --------
    >>> poison_size(0.05, 1900)
    100
    """
    if not 0 <= share < 1:
        raise ValueError(f"share must be at least 0 and less than 1; got {share!r}.")
    return round(size * share / (1 - share))
