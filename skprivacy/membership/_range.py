"""Membership of a person of whom not everything is known."""

from numbers import Integral, Real

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from skprivacy.membership._base import BaseMembershipAttack
from skprivacy.membership._completions import NearestDonors
from skprivacy.targets import allows_nan

__all__ = ["RangeAttack", "upper_trimmed_mean"]


class RangeAttack(BaseMembershipAttack):
    """Ask whether *any* record in a range was in the training set.

    The attacker does not know the whole record: some columns are unknown, or known to a
    tolerance. The record is completed in many ways, from the attacker's own records
    that are most like it; a membership attack scores each completion, and the record's
    score is the mean of the larger ones.

    Parameters
    ----------
    attack : membership attack, or FrozenEstimator around a fitted one
        What scores the completions. It is cloned and fitted on the records of ``fit``;
        inside :class:`~sklearn.frozen.FrozenEstimator` it is used as it is. The target
        and the label's column are its own.

    n_completions : int, default=16
        Completions of a record that is not complete.

    tolerance : dict or None, default=None
        For columns that are known only about: from the column (its name, or its
        position in an array) to the half-width of the interval around the stated value.

    aggregate : {"trimmed_mean", "mean", "max"}, default="trimmed_mean"
        How the scores of the completions become one.

    trim : float, default=0.5
        Share of the completions that "trimmed_mean" leaves out, those with the lowest
        scores: most completions of a member are no members.

    random_state : int, RandomState instance or None, default=None
        Decides the values within tolerances.

    Attributes
    ----------
    attack_ : membership attack
        The fitted attack.

    classes_ : ndarray of shape (2,)
        Non-member, member.

    n_features_in_ : int
        Columns of the records, the label included.

    See Also
    --------
    LiRA : An attack on complete records.

    Notes
    -----
    Assumes what the inner attack assumes, except that parts of the record under attack
    are unknown to the attacker: NaN or None in the records that are scored. The records
    of ``fit`` are the attacker's own, and must be complete; incomplete ones are left
    out, unless the target itself takes missing values, which are then values as others.

    A complete record, without `tolerance`, scores as by the inner attack.

    All completions are scored by one call of the inner attack. For shadow attacks they
    are new records: ``ShadowModels(keep_models=True)`` asks the shadow models that are
    kept, and without it each is trained once more at every call.

    References
    ----------
    J. Tao, R. Shokri. "Range membership inference attacks". SaTML 2025. Completing a
    table from its nearest records is how this package samples the range.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from sklearn.model_selection import train_test_split
    >>> from skprivacy.membership import QuantileAttack, RangeAttack
    >>> from skprivacy.records import join_records, make_membership_records
    >>> from skprivacy.targets import BlackBox
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> X_train, X_holdout, y_train, y_holdout = train_test_split(
    ...     X, y, test_size=0.7, random_state=0
    ... )
    >>> model = RandomForestClassifier(random_state=0).fit(X_train, y_train)
    >>> records, is_member = make_membership_records(
    ...     X_train, y_train, X_holdout[:170], y_holdout[:170], random_state=0
    ... )
    >>> records[:, [0, 20]] = np.nan
    >>> own = join_records(X_holdout[170:], y_holdout[170:])
    >>> attack = RangeAttack(QuantileAttack(BlackBox(model), random_state=0)).fit(own)
    >>> round(attack.score(records, is_member), 1)
    0.6
    """

    _parameter_constraints: dict = {
        "attack": [HasMethods(["fit", "decision_function"])],
        "n_completions": [Interval(Integral, 1, None, closed="left")],
        "tolerance": [dict, None],
        "aggregate": [StrOptions({"trimmed_mean", "mean", "max"})],
        "trim": [Interval(Real, 0, 1, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        attack,
        *,
        n_completions=16,
        tolerance=None,
        aggregate="trimmed_mean",
        trim=0.5,
        random_state=None,
    ):
        self.attack = attack
        self.n_completions = n_completions
        self.tolerance = tolerance
        self.aggregate = aggregate
        self.trim = trim
        self.random_state = random_state

    @property
    def target(self):
        """The inner attack's target."""
        return self._inner().target

    @property
    def label(self):
        """The inner attack's label column."""
        return self._inner().label

    def _fit(self, records):
        if not allows_nan(self.target):
            records = _complete_ones(records)
        rng = check_random_state(self.random_state)
        seed = int(rng.randint(np.iinfo(np.int32).max))
        self._donors = NearestDonors(
            records, self.n_completions, self._positions(records), seed
        )
        if isinstance(self.attack, FrozenEstimator):
            check_is_fitted(self.attack.estimator)
            self.attack_ = self.attack.estimator
        else:
            self.attack_ = clone(self.attack).fit(records)

    def _decide(self, records):
        scores = self._donors.complete(records).scores(self.attack_.decision_function)
        trim = {"mean": 0.0, "max": 1.0}.get(self.aggregate, self.trim)
        return np.array([upper_trimmed_mean(s, trim) for s in scores])

    def _inner(self):
        attack = self.attack
        attack = attack.estimator if isinstance(attack, FrozenEstimator) else attack
        if not isinstance(attack, BaseMembershipAttack):
            raise TypeError(
                "attack must be a membership attack, or FrozenEstimator around a "
                f"fitted one; got {self.attack!r}."
            )
        return attack

    def _positions(self, records):
        """Widths by position of the column."""
        n_columns = records.shape[1]
        columns = records.columns if isinstance(records, pd.DataFrame) else None
        positions = {}
        for column, width in (self.tolerance or {}).items():
            if columns is not None and column in columns:
                position = columns.get_loc(column)
            elif isinstance(column, Integral) and -n_columns <= column < n_columns:
                position = int(column) % n_columns
            else:
                raise ValueError(
                    f"tolerance names {column!r}, which is not a column of the records."
                )
            if not isinstance(width, Real) or not width >= 0:
                raise ValueError(
                    f"tolerance of {column!r} must be a number of at least 0; got "
                    f"{width!r}."
                )
            positions[position] = float(width)
        return positions

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        # What is missing is what the attacker does not know.
        tags.input_tags.allow_nan = True
        return tags


def upper_trimmed_mean(scores, trim):
    """Mean of what is left when the lowest scores are dropped.

    Parameters
    ----------
    scores : ndarray of shape (n_completions,)
        Scores of the completions of one record.

    trim : float
        Share that is dropped; at least the largest score stays.

    Returns
    -------
    mean : float

    References
    ----------
    Tao and Shokri 2025, the trimmed mean of the scores of a range.

    Examples
    --------
    >>> import numpy as np
    >>> upper_trimmed_mean(np.array([0.0, 4.0, 2.0, 1.0]), 0.5)
    3.0
    """
    n_kept = max(len(scores) - int(trim * len(scores)), 1)
    return float(np.mean(np.sort(scores)[-n_kept:]))


def _complete_ones(records):
    complete = ~pd.isna(pd.DataFrame(records)).to_numpy().any(axis=1)
    if not complete.any():
        raise ValueError(
            "records given to fit must be complete: they fill in what is unknown of "
            "others; got none without a missing value."
        )
    return records[complete]
