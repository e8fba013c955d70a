"""Training sets in which a group has a public share, whatever share it had before."""

import warnings
from numbers import Integral, Real

import numpy as np
from sklearn.base import BaseEstimator, _fit_context
from sklearn.utils import (
    _safe_indexing,
    check_consistent_length,
    check_random_state,
    column_or_1d,
)
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import validate_data

from skprivacy._validation import as_table
from skprivacy.records import has_property, join_records

__all__ = ["PropertyResampler", "draw_group", "group_sizes"]


def group_sizes(n_without, n_with, ratio, strategy="under", size=None) -> tuple:
    """Return how many records of each group a training set has.

    Parameters
    ----------
    n_without, n_with : int
        Records outside and inside of the group.

    ratio : float
        Share of the group in the training set.

    strategy : {"under", "over", "mixed"}, default="under"
        As of :class:`PropertyResampler`.

    size : int or None, default=None
        Records in the training set.

    Returns
    -------
    n_without, n_with : int

    Raises
    ------
    ValueError
        If ``strategy="under"`` does not leave `size` records, or a group none.

    Examples
    --------
    >>> group_sizes(70, 30, 0.5), group_sizes(70, 30, 0.5, "over")
    ((30, 30), (70, 70))
    >>> group_sizes(70, 30, 0.5, "mixed"), group_sizes(70, 30, 0.25, size=40)
    ((50, 50), (30, 10))
    """
    totals = n_without / (1 - ratio), n_with / ratio
    # A whole number may come out a rounding error off.
    most, all_of_both = int(min(totals) + 1e-9), int(np.ceil(max(totals) - 1e-9))
    if size is None:
        whole = n_without + n_with
        total = {"under": most, "over": all_of_both, "mixed": whole}[strategy]
    elif strategy == "under" and size > most:
        raise ValueError(
            f'size={size} is more than strategy="under" leaves: {n_with} records of '
            f"the group and {n_without} others make {most} with a share of {ratio:g}. "
            'strategy="mixed" repeats records.'
        )
    else:
        total = size
    drawn = round(ratio * total)
    if not 0 < drawn < total:
        raise ValueError(
            f"target_ratio={ratio:g} leaves {drawn} records of the group and "
            f"{total - drawn} others; both groups must stay. The table has {n_with} "
            f"and {n_without}."
        )
    return total - drawn, drawn


def draw_group(codes, size, rng) -> np.ndarray:
    """Draw records of one group, of each class its share.

    Parameters
    ----------
    codes : ndarray of int of shape (n_records,)
        Class of each record of the group.

    size : int
        Records to draw.

    rng : RandomState
        Source of randomness.

    Returns
    -------
    places : ndarray of int of shape (size,)
        Places in the group. All records of a class are drawn equally often, up to one.

    Examples
    --------
    >>> drawn = draw_group(np.array([0, 1, 1, 1]), 8, np.random.RandomState(0))
    >>> np.bincount(drawn)
    array([2, 2, 2, 2])
    """
    classes, codes, counts = np.unique(codes, return_inverse=True, return_counts=True)
    exact = size * counts / len(codes)
    wanted = np.floor(exact + 1e-9).astype(int)
    # The largest remainders are rounded up; among equal ones chance decides.
    order = rng.permutation(len(classes))
    missing = size - wanted.sum()
    up = order[np.argsort((wanted - exact)[order].round(9), kind="stable")[:missing]]
    wanted[up] += 1
    drawn = []
    for code in range(len(classes)):
        places = np.flatnonzero(codes == code)
        times, rest = divmod(wanted[code], len(places))
        drawn += [np.tile(places, times), rng.permutation(places)[:rest]]
    return np.concatenate(drawn).astype(int)


class PropertyResampler(BaseEstimator):
    r"""Draws a training set in which a group has a share that everybody may know.

    Against property inference, which asks a model which share of its training set has a
    property. Within the group, and outside of it, the classes keep their shares: who is
    in the group is then distributed as before, and only how many there are is not.

    Parameters
    ----------
    sensitive : tuple, str or callable
        Which records are of the group: a pair ``(column, value)``, a query such as
        ``"sex == 'Female'"``, or a function of the records, with the label as the last
        column; as :func:`skprivacy.property.has_property` takes it.

    target_ratio : float, default=0.5
        Public share of the group, above 0 and below 1. Choose it without a look at the
        data: a share that follows the true one tells of it.

    strategy : {"under", "over", "mixed"}, default="under"
        - "under": leaves records out;
        - "over": keeps all, and repeats those of the group that is too small;
        - "mixed": both, so that there are as many as before.

    size : int or None, default=None
        Records in the new training set. None: what `strategy` makes of the table, which
        follows from the true share.

    label : str or None, default=None
        What `sensitive` calls the label. None: the name of `y`, or "label".

    random_state : int, RandomState instance or None, default=None
        Decides what is drawn.

    Attributes
    ----------
    sample_indices_ : ndarray of int of shape (n_drawn,)
        Rows that were drawn, in random order. They tell the true share: keep them where
        the data are kept.

    n_features_in_ : int
        Columns of the table.

    privacy_guarantee_ : None
        There is none.

    Raises
    ------
    ValueError
        If nobody, or everybody, is of the group, or `size` can't be reached.

    See Also
    --------
    ResampledClassifier : Trains a classifier on the new table.
    ResampledRegressor : Trains a regressor on it.
    skprivacy.property.PropertyWorlds : The attacker's training sets.

    Notes
    -----
    With ``strategy="under"`` and a `size`, a training set is so many records of the
    group and so many others, drawn from each at random. Where the two groups themselves
    are as elsewhere, it is distributed alike whatever the true share was, and no attack
    on the model does better than a guess. Nothing is hidden of any other property, also
    none that depends on this one; nor of a group that differs from the attacker's.

    On models of 1,000 records of Adult, an attacker with 40 shadow models who knows of
    the defense told the share of women, made .5, of 200 targets from other people. By
    chance half are right:

    - "under" with ``size=400``, .2 or .5 before: a forest in 53% of cases, without a
      defense in 79%. Without a `size`, the number of records follows from the true
      share, and the model tells it: 81%.
    - "mixed" and "over", .3 or .7 before: a forest in 75% and 82%, without a defense in
      88%. Records of the group that is too small are repeated, and are seen to be. They
      are easier to find in the model, too: see the user guide.

    Labels that are numbers, not classes, keep their distribution up to chance. The
    share of each class in the whole table moves with the share of the group.

    References
    ----------
    A. Suri, D. Evans. "Formalizing and estimating distribution inference risks".
    Proceedings on Privacy Enhancing Technologies, 2022, for what property inference is.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from skprivacy.defenses import PropertyResampler
    >>> X = pd.DataFrame({"sex": ["f"] * 30 + ["m"] * 70, "age": np.arange(100)})
    >>> y = np.tile([0, 0, 0, 1, 1], 20)
    >>> resampler = PropertyResampler("sex == 'f'", 0.4, random_state=0)
    >>> X_new, y_new = resampler.fit_resample(X, y)
    >>> len(X_new), float((X_new["sex"] == "f").mean()), float(y_new.mean())
    (75, 0.4, 0.4)
    """

    _parameter_constraints = {
        "sensitive": "no_validation",
        "target_ratio": [Interval(Real, 0, 1, closed="neither")],
        "strategy": [StrOptions({"under", "over", "mixed"})],
        "size": [Interval(Integral, 2, None, closed="left"), None],
        "label": [str, None],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        sensitive,
        target_ratio=0.5,
        *,
        strategy="under",
        size=None,
        label=None,
        random_state=None,
    ):
        self.sensitive = sensitive
        self.target_ratio = target_ratio
        self.strategy = strategy
        self.size = size
        self.label = label
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y):
        """Draw rows.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Features.

        y : array-like of shape (n_records,)
            Labels.

        Returns
        -------
        self : PropertyResampler
        """
        table = as_table(X)
        validate_data(self, X, skip_check_array=True)
        if y is None:
            raise ValueError("requires y to be passed, but the target y is None")
        name = self.label or _label_name(y, table)
        y = column_or_1d(y, warn=True)
        check_consistent_length(table, y)
        records = join_records(table, y, name)
        mask = has_property(self.sensitive, records)
        n_with = int(mask.sum())
        if n_with in (0, len(mask)):
            raise ValueError(
                f"sensitive={self.sensitive!r} is true of {n_with} of n_samples="
                f"{len(mask)} records: there must be records of the group, and others."
            )
        sizes = group_sizes(
            len(mask) - n_with, n_with, self.target_ratio, self.strategy, self.size
        )
        rng = check_random_state(self.random_state)
        codes = _classes_of(y)
        drawn = []
        for is_of_group, size in zip((False, True), sizes, strict=True):
            rows = np.flatnonzero(mask == is_of_group)
            drawn.append(rows[draw_group(codes[rows], size, rng)])
        # An order by groups may matter to what is trained.
        self.sample_indices_ = rng.permutation(np.concatenate(drawn))
        lost = np.setdiff1d(codes, codes[self.sample_indices_])
        if len(lost):
            warnings.warn(
                f"{len(lost)} of the classes of y have too few records to be drawn: "
                f"{np.unique(y)[lost][:5].tolist()} are not in the new training set.",
                UserWarning,
                stacklevel=2,
            )
        self.privacy_guarantee_ = None
        return self

    def fit_resample(self, X, y, **arrays):
        """Draw a training set.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Features.

        y : array-like of shape (n_records,)
            Labels.

        **arrays : array-like of shape (n_records, ...)
            What else there is for each record, such as weights.

        Returns
        -------
        X, y : of shape (n_drawn, n_features) and (n_drawn,)
            The rows that were drawn, a row for each time.

        *arrays : of shape (n_drawn, ...)
            The same rows of the arrays, in the order in which they were given.
        """
        self.fit(X, y)
        check_consistent_length(y, *arrays.values())
        if not hasattr(y, "iloc"):
            y = np.asarray(y)
        return tuple(
            _safe_indexing(table, self.sample_indices_)
            for table in (as_table(X), y, *arrays.values())
        )

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        tags.non_deterministic = self.random_state is None
        return tags


def _label_name(y, table):
    """Return the name of the label, unless a feature has it already."""
    features = list(getattr(table, "columns", ()))
    name = getattr(y, "name", None)
    if isinstance(name, str) and name not in features:
        return name
    name = "label"
    while name in features:
        name += "_"
    return name


def _classes_of(y):
    """Return the class of each record; one for all where y is of numbers."""
    if type_of_target(y).startswith("continuous"):
        return np.zeros(len(y), dtype=int)
    return np.unique(y, return_inverse=True)[1]
