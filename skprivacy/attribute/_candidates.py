"""The values that a secret may have."""

from numbers import Real

import numpy as np
import pandas as pd
from sklearn.utils.multiclass import type_of_target

__all__ = ["Candidates", "candidates_of", "kind_of_secret", "numeric_secrets"]

#: Most values of a secret that is told by its classes.
MOST_CLASSES = 200
#: A numeric secret with more values than this is inferred as a number.
MOST_NUMBERS = 20
#: Steps of the grid of quantiles on which a number is looked for.
GRID = 32
#: What `values` may be in words.
KINDS = ("auto", "classes", "numeric")


class Candidates:
    """The values between which an attack chooses.

    Parameters
    ----------
    values : ndarray of shape (n_candidates, n_secrets)
        One candidate a row: a value for each sensitive column.

    numeric : bool
        Whether the values are steps of a grid on a number line, in ascending order,
        and not classes.

    Examples
    --------
    >>> two = Candidates(np.array([["f"], ["m"]], dtype=object), numeric=False)
    >>> two.encode(np.array([["m"], ["f"], ["x"]], dtype=object))
    array([ 1,  0, -1])
    """

    def __init__(self, values, numeric):
        self.values = values
        self.numeric = numeric
        try:
            self._position = {tuple(v): i for i, v in enumerate(values.tolist())}
        except TypeError as error:
            raise TypeError(
                f"y must hold one value for each record: {error}."
            ) from error

    def __len__(self):
        return len(self.values)

    @property
    def classes(self):
        """The values as ``classes_`` shows them: flat where there is one secret."""
        return self.values[:, 0] if self.values.shape[1] == 1 else self.values

    def encode(self, secret):
        """Position of each record's secret among the candidates.

        Parameters
        ----------
        secret : ndarray of shape (n_records, n_secrets)
            True values.

        Returns
        -------
        codes : ndarray of int of shape (n_records,)
            -1 for a value that is no candidate. On a number line the nearest step.
        """
        if not self.numeric:
            rows = map(tuple, secret.tolist())
            return np.array([self._position.get(row, -1) for row in rows], dtype=int)
        grid = self.values[:, 0].astype(float)
        middles = (grid[1:] + grid[:-1]) / 2
        return np.searchsorted(middles, secret[:, 0].astype(float))


def kind_of_secret(secret, values):
    """Tell whether a secret is inferred as one of some classes, or as a number.

    Parameters
    ----------
    secret : ndarray of shape (n_records, n_secrets)
        Values of the attacker's own records.

    values : {"auto", "classes", "numeric"} or array-like
        As the attacks take it.

    Returns
    -------
    kind : {"classes", "numeric"}

    Raises
    ------
    ValueError
        If `values` is another word, or numbers are asked for and the secret has none,
        or is more than one.

    Examples
    --------
    >>> kind_of_secret(np.array([["a"], ["b"]], dtype=object), "auto")
    'classes'
    >>> kind_of_secret(np.linspace(0, 1, 99)[:, None], "auto")
    'numeric'
    """
    if not isinstance(values, str):
        return "classes"
    if values not in KINDS:
        raise ValueError(
            f"values must be one of {list(KINDS)} or the candidates themselves; got "
            f"{values!r}."
        )
    if values == "numeric":
        if secret.shape[1] > 1:
            raise ValueError(
                "values='numeric' infers one secret; got "
                f"{secret.shape[1]} sensitive columns. Give their candidates as rows "
                "of values=, or infer them one at a time."
            )
        _check_numbers(secret[:, 0])
        return "numeric"
    if values == "auto" and secret.shape[1] == 1 and _looks_numeric(secret[:, 0]):
        return "numeric"
    return "classes"


def candidates_of(secret, values):
    """Settle the candidates from the attacker's own records, or as given.

    Parameters
    ----------
    secret : ndarray of shape (n_records, n_secrets)
        Values of the attacker's own records.

    values : {"auto", "classes", "numeric"} or array-like
        As the attacks take it.

    Returns
    -------
    candidates : Candidates

    Raises
    ------
    ValueError
        If the secret has one value, too many, or one that is not among those given, or
        one of those given is missing.
    """
    if kind_of_secret(secret, values) == "numeric":
        grid = _quantile_grid(secret[:, 0])
        _check_several(grid, secret)
        return Candidates(grid[:, None], numeric=True)
    if isinstance(values, str):
        found = unique_rows(secret)
        _check_several(found, secret)
        if len(found) > MOST_CLASSES:
            raise ValueError(
                f"y, the secret, has {len(found)} distinct values among {len(secret)} "
                f"records; at most {MOST_CLASSES} are told apart. Group them, give the "
                "candidates as values=, or use values='numeric' for a number."
            )
        return Candidates(found, numeric=False)
    given = _as_rows(values, secret.shape[1])
    candidates = Candidates(unique_rows(given), numeric=False)
    _check_several(candidates.values, given, name="values")
    missing = candidates.encode(secret) < 0
    if missing.any():
        lacking = [_shown(v) for v in unique_rows(secret[missing])[:5]]
        raise ValueError(
            f"values lacks {', '.join(lacking)}, which the attacker's own records have."
        )
    return candidates


def numeric_secrets(secret):
    """Check that secrets are numbers, for an attack that looks between them.

    Parameters
    ----------
    secret : DataFrame of shape (n_records, n_secrets)
        Values of the attacker's own records.

    Returns
    -------
    numbers : DataFrame of float of shape (n_records, n_secrets)

    Raises
    ------
    ValueError
        If a column is not of numbers, or has one value.
    """
    try:
        numbers = secret.astype(float)
    except (TypeError, ValueError) as error:
        raise ValueError(
            "y, the secret, must be numbers; got "
            f"{_shown(secret.iloc[0].to_numpy())} and others. LearnedAttack and "
            "BayesAttack infer classes."
        ) from error
    for name, column in numbers.items():
        found = column.unique()
        _check_several(found, secret, name=f"y, the secret, in its column {name!r}")
    return numbers


def unique_rows(rows):
    """Distinct rows, sorted; of any values that can be compared with their like."""
    if rows.shape[1] == 1:
        return _sorted_values(rows[:, 0])[:, None]
    distinct = list(dict.fromkeys(map(tuple, rows.tolist())))
    distinct.sort(key=lambda row: [(str(type(v)), v) for v in row])
    found = np.empty((len(distinct), rows.shape[1]), dtype=rows.dtype)
    found[:] = distinct
    return found


def _sorted_values(values):
    try:
        return np.unique(values)
    except TypeError:  # texts beside numbers
        distinct = pd.unique(values)
        return np.array(sorted(distinct, key=lambda v: (str(type(v)), v)), dtype=object)


def _looks_numeric(secret):
    try:
        numbers = secret.astype(float)
    except (TypeError, ValueError):
        return False
    if secret.dtype.kind in "OUSb":
        return False
    return type_of_target(secret).startswith("continuous") or (
        len(np.unique(numbers)) > MOST_NUMBERS
    )


def _check_numbers(secret):
    """Refuse texts, those of digits too: they have no order that a model would see."""
    bad = [v for v in secret.tolist() if not isinstance(v, Real)][:1]
    if bad:
        raise ValueError(
            f"values='numeric' needs a secret of numbers; got {bad[0]!r} and others."
        )


def _quantile_grid(secret):
    """Take steps of equal frequency, each of them a value that occurs."""
    distinct = np.unique(secret)
    if len(distinct) <= GRID:
        return distinct
    # The middle of each of GRID shares.
    at = (np.arange(GRID) + 0.5) / GRID
    return np.unique(np.quantile(secret, at, method="nearest"))


def _as_rows(values, n_secrets):
    rows = np.asarray(values)
    if rows.dtype.kind in "US":
        # Numbers beside texts must not become texts.
        rows = np.asarray(values, dtype=object)
    rows = rows[:, None] if rows.ndim == 1 else rows
    if rows.ndim != 2 or rows.shape[1] != n_secrets:
        raise ValueError(
            f"values must be 'auto', 'classes', 'numeric', or candidates with a value "
            f"for each of the {n_secrets} sensitive columns; got shape {rows.shape}."
        )
    if pd.isna(rows).any():
        raise ValueError(
            "values must not be missing (NaN): give what is missing a value of its own."
        )
    return rows


def _check_several(found, secret, name="y, the secret,"):
    if len(found) < 2:
        raise ValueError(
            f"{name} must have at least two values, as there is nothing to infer "
            f"otherwise (1 class); got {_shown(found[0]) if len(found) else 'none'} in "
            f"all {len(secret)} records."
        )


def _shown(value):
    value = np.atleast_1d(value).tolist()
    return repr(value[0]) if len(value) == 1 else repr(tuple(value))
