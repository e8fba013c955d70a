"""Records of which the secret is missing, and how a value is put into its place."""

from numbers import Integral
from typing import NamedTuple

import numpy as np
import pandas as pd

from skprivacy.attribute._answer_columns import AnswerColumns
from skprivacy.records import as_model_input, join_records, split_records, take_rows
from skprivacy.targets import allows_nan

__all__ = ["Completer", "Known", "as_columns"]


class Known(NamedTuple):
    """What the attacker knows of some records.

    Parameters
    ----------
    features : DataFrame or ndarray of shape (n_records, n_known)
        Features without the sensitive columns and the label.

    y : ndarray of shape (n_records,) or None
        Labels; None where they are not known.

    answer : DataFrame or ndarray of shape (n_records, n_answer_columns) or None
        What the target answers to the true record, where that is known.
    """

    features: pd.DataFrame | np.ndarray
    y: np.ndarray | None
    answer: pd.DataFrame | np.ndarray | None = None

    def __len__(self):
        return len(self.features)

    def take(self, rows):
        """Return what is known of some of the records.

        Parameters
        ----------
        rows : ndarray of int or bool, or slice
            Which.

        Returns
        -------
        known : Known
        """
        y = None if self.y is None else self.y[rows]
        answer = None if self.answer is None else take_rows(self.answer, rows)
        return Known(take_rows(self.features, rows), y, answer)

    def table(self):
        """Return features and label as one table."""
        if self.y is None:
            return self.features
        if isinstance(self.features, pd.DataFrame):
            name = _name_beside(self.features.columns)
            return self.features.assign(**{name: self.y})
        if not self.features.shape[1]:
            return np.asarray(self.y)[:, None]
        return join_records(self.features, self.y)


class Completer:
    """Splits what is known of records, and completes them for the target.

    Parameters
    ----------
    X : DataFrame or ndarray of shape (n_records, n_known + 1)
        The attacker's own records without the secret, the label among their columns.

    secret : DataFrame or ndarray of shape (n_records, n_secrets)
        What is missing of them.

    sensitive : tuple of str or int
        Sensitive columns: names, or positions among the target's features.

    label : str, int or None
        The label's column in ``X``; None where there is none.

    label_known : bool
        Whether the label of the records under attack is known.

    box : BlackBox or None
        The target, which says in which order it takes its features.

    takes_nan : bool or None, default=None
        Whether cells that are not known stay missing in completed records, and are not
        filled with what is usual. None: where the target takes missing values.

    answer : tuple of str or int, default=()
        Columns of ``X`` with the target's answer to the true record.

    Raises
    ------
    ValueError
        If a column is not there, or is there and should not be.
    """

    def __init__(
        self,
        X,
        secret,
        sensitive,
        label,
        label_known,
        box=None,
        takes_nan=None,
        answer=(),
    ):
        self.sensitive = sensitive
        self.label_known = label_known
        self._names = list(X.columns) if isinstance(X, pd.DataFrame) else None
        self._answer = AnswerColumns(X, answer, label, box) if answer else None
        if self._answer is not None:
            X, _ = self._answer.split(X)
            label = self._answer.label_beside
        self.label = _name_of_column(X, label)
        self._box = box
        self._is_frame = isinstance(X, pd.DataFrame)
        self._n_columns = X.shape[1]
        self._dtypes = (
            list(secret.dtypes)
            if isinstance(secret, pd.DataFrame)
            else [secret.dtype] * secret.shape[1]
        )
        if self._is_frame:
            self._check_names(X)
        features, _ = self._split(X)
        self._order, self.in_target = self._settle_order(features)
        self._fill = None
        if takes_nan is None:
            takes_nan = box is None or allows_nan(box)
        if not takes_nan:
            self._fill = _usual_values(features)

    def known(self, X):
        """Return what is known of records.

        Parameters
        ----------
        X : DataFrame or ndarray of shape (n_records, n_known + 1)
            Records without the secret; where the label is not known, its column is
            passed over, or may be left out.

        Returns
        -------
        known : Known
        """
        return self.as_attacked(self.own(X))

    def own(self, X):
        """Return the attacker's own records, of which the label is always known."""
        answer = None
        X = self._in_own_container(X)
        if self._answer is not None:
            X, answer = self._answer.split(X)
        return Known(*self._split(X), answer)

    def _in_own_container(self, X):
        """Return a DataFrame where the attacker's records are one, else an array."""
        if self._names is None:
            return X.to_numpy() if isinstance(X, pd.DataFrame) else X
        if isinstance(X, pd.DataFrame):
            return X
        names = self._names
        if not self.label_known and X.shape[1] == len(names) - 1:
            names = [name for name in names if name != self.label]
        if X.shape[1] != len(names):
            raise ValueError(
                f"X has {X.shape[1]} columns; the attack was fitted on {len(names)}: "
                f"{names}."
            )
        return pd.DataFrame(X, columns=names).infer_objects()

    def as_attacked(self, own):
        """Return own records as those under attack are known: maybe without label."""
        return own if self.label_known else Known(own.features, None, own.answer)

    def complete(self, features, values):
        """Put values into records, as the target takes them.

        Parameters
        ----------
        features : DataFrame or ndarray of shape (n_records, n_known)
            Known features.

        values : ndarray of shape (n_secrets,) or (n_records, n_secrets)
            The same value for all records, or one for each.

        Returns
        -------
        X : DataFrame or ndarray of shape (n_records, n_features)
        """
        features = self._filled(features)
        if not self.in_target:
            return as_model_input(features, self._box)
        values = np.broadcast_to(values, (len(features), len(self.sensitive)))
        if self._is_frame:
            parts = [features, *self._series(values, features.index)]
            X = pd.concat(parts, axis=1)[self._order]
        else:
            X = _side_by_side(features, values)[:, self._order]
        return X if self._box is None else as_model_input(X, self._box)

    def records(self, known, values):
        """Complete records with their label, the last column, for shadow models."""
        X = self.complete(known.features, values)
        return join_records(X, known.y, self.label if self._is_frame else None)

    @property
    def places(self):
        """Positions of the sensitive columns in what `complete` returns."""
        if self._is_frame:
            return [self._order.index(c) for c in self.sensitive]
        return [c % len(self._order) for c in self.sensitive]

    @property
    def record_label(self):
        """The label's column in what `records` returns."""
        return self.label if self._is_frame else -1

    def _split(self, X):
        if self.label is None:
            return X, None
        if isinstance(X, pd.DataFrame):
            if not self.label_known and self.label not in X.columns:
                return X, None
        elif not self.label_known and X.shape[1] == self._n_columns - 1:
            return X, None
        if X.shape[1] < 2:
            # The label alone is known.
            only = X.iloc[:, 0] if isinstance(X, pd.DataFrame) else X[:, 0]
            return X[:, :0] if not self._is_frame else X.iloc[:, :0], np.asarray(only)
        return split_records(X, self.label)

    def _check_names(self, X):
        if self.label in self.sensitive:
            raise ValueError(
                f"sensitive={self.label!r} is the label: the target answers with it. "
                "Name a feature."
            )
        there = [c for c in self.sensitive if c in X.columns]
        if there:
            raise ValueError(
                f"X must come without the sensitive columns; it holds {there}. Pass "
                "X.drop(columns=...) and the column itself as y."
            )

    def _settle_order(self, features):
        """In which order the target takes known and sensitive columns."""
        if self._is_frame:
            return self._order_of_names(list(features.columns))
        n_features = features.shape[1] + len(self.sensitive)
        names = [c for c in self.sensitive if isinstance(c, str)]
        if names:
            raise ValueError(
                f"sensitive={names[0]!r} is a name, but X is an array: give the "
                "column's position among the target's features."
            )
        out = [c for c in self.sensitive if not -n_features <= c < n_features]
        if out:
            raise ValueError(
                f"sensitive={out[0]} is no position among the target's "
                f"{n_features} features (0 to {n_features - 1})."
            )
        places = [c % n_features for c in self.sensitive]
        if len(set(places)) < len(places):
            raise ValueError(f"sensitive names a column twice: {self.sensitive}.")
        rest = iter(range(features.shape[1]))
        order = [
            features.shape[1] + places.index(j) if j in places else next(rest)
            for j in range(n_features)
        ]
        return order, True

    def _order_of_names(self, known):
        names = getattr(self._box, "feature_names_in_", None)
        both = known + list(self.sensitive)
        if names is None:
            if hasattr(self._box, "n_features_in_"):
                raise ValueError(
                    "the target was trained on an array, so that the place of "
                    f"sensitive={list(self.sensitive)} among its features is not "
                    "known: pass X as an array, and the position as sensitive."
                )
            return both, True
        absent = [c for c in self.sensitive if c not in set(names)]
        if absent and set(names) <= set(known):
            return known, False
        if absent:
            raise ValueError(
                f"sensitive: {absent} are no features of the target, which has "
                f"{list(names)}."
            )
        lacking = [c for c in names if c not in set(both)]
        extra = [c for c in both if c not in set(names)]
        if lacking or extra:
            raise ValueError(
                "X with the sensitive columns must hold the target's features: missing "
                f"{lacking}, not known to the target {extra}."
            )
        return list(names), True

    def _series(self, values, index):
        return [
            _as_type(pd.Series(values[:, j], index=index, name=name), dtype)
            for j, (name, dtype) in enumerate(
                zip(self.sensitive, self._dtypes, strict=True)
            )
        ]

    def _filled(self, features):
        if self._fill is None or not np.asarray(pd.isna(features)).any():
            return features
        if isinstance(features, pd.DataFrame):
            return features.fillna(dict(zip(features.columns, self._fill, strict=True)))
        return np.where(
            pd.isna(features), np.array(self._fill, features.dtype), features
        )


def as_columns(sensitive):
    """Sensitive columns as a tuple of names or positions.

    Parameters
    ----------
    sensitive : str, int or list
        As the attacks take it.

    Returns
    -------
    columns : tuple of str or int

    Raises
    ------
    TypeError
        If a column is neither a name nor a position.
    ValueError
        If there is none, or one twice.

    Examples
    --------
    >>> as_columns("sex")
    ('sex',)
    """
    several = isinstance(sensitive, list | tuple)
    columns = tuple(sensitive) if several else (sensitive,)
    for column in columns:
        if isinstance(column, bool) or not isinstance(column, str | Integral):
            raise TypeError(
                "sensitive must be the name of a column, its position among the "
                f"target's features, or a list of them; got {column!r}."
            )
    if not columns or len(set(columns)) < len(columns):
        raise ValueError(
            f"sensitive must name one column or several different ones; got "
            f"{sensitive!r}."
        )
    return columns


def _name_of_column(X, label):
    """Name of the label's column, which other tables have wherever it stands."""
    is_position = isinstance(label, Integral) and isinstance(X, pd.DataFrame)
    if is_position and label not in X.columns and -X.shape[1] <= label < X.shape[1]:
        return X.columns[label]
    return label


def _as_type(column, dtype):
    """Values in the type that the attacker's records have, unless it changes them."""
    if isinstance(dtype, pd.CategoricalDtype):
        others = [v for v in column.unique() if v not in dtype.categories]
        categories = [*dtype.categories, *others] if others else dtype.categories
        return column.astype(pd.CategoricalDtype(categories, dtype.ordered))
    try:
        cast = column.astype(dtype)
    except (TypeError, ValueError, OverflowError):  # a text or too large a number
        return column.infer_objects()
    return cast if (cast == column).all() else column.infer_objects()


def _side_by_side(features, values):
    numeric = features.dtype.kind in "biuf" and values.dtype.kind in "biuf"
    if numeric:
        return np.hstack([features, values])
    return np.hstack([features.astype(object), values.astype(object)])


def _usual_values(features):
    """Median or most frequent value of each column, for cells that are not known."""
    frame = features
    if not isinstance(features, pd.DataFrame):
        frame = pd.DataFrame(features).infer_objects()
    usual = []
    for j in range(frame.shape[1]):
        column = frame.iloc[:, j].dropna()
        if not len(column):
            usual.append(0)
        elif pd.api.types.is_float_dtype(column):
            usual.append(float(column.median()))
        else:
            usual.append(column.mode().iloc[0])
    return usual


def _name_beside(columns):
    name = "label"
    while name in columns:
        name += "_"
    return name
