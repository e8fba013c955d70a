"""What an attack on a sensitive column achieves beyond imputation."""

from functools import cached_property

import numpy as np
import pandas as pd
from sklearn.base import is_regressor

from skprivacy.attribute._completion import as_columns
from skprivacy.attribute._gain import MEASURES, gain_of
from skprivacy.attribute._gain_tables import figures_table, group_table, value_table
from skprivacy.attribute._gain_verdict import AttributeVerdict, judge_gain
from skprivacy.attribute._guesses import guesses_of, usual_tolerance

__all__ = ["AttributeInferenceResult"]


class AttributeInferenceResult:
    """An attack beside imputation, on members and on people who were never in.

    It is recommended to use :meth:`from_estimators`. Three figures belong together: the
    attack's own, that of the best guess without the model from the same knowledge, and
    both again on records that the model never saw.

    Parameters
    ----------
    members, others : Guesses
        What was guessed of both kinds of records.

    classes : ndarray or None, default=None
        Values that the guesses are positions of; None for a numeric secret.

    sensitive : str, default="the secret"
        Name of the sensitive column.

    name : str, default="attack"
        Name of the attack.

    tolerance : float or None, default=None
        How far a number may be off to count as inferred, in the unit of the secret.
        None: a tenth of its standard deviation.

    confidence : float, default=0.95
        Confidence of the intervals.

    n_comparisons : int, default=1
        Number of intervals that are shown together; each is widened so that all of
        them hold with probability `confidence` (Bonferroni).

    Attributes
    ----------
    advantage_over_imputation_ : Interval
        What the attack gains over imputation on members, paired: in accuracy, for a
        number in R2.

    advantage_on_others_ : Interval
        The same on people who were in no training set.

    member_gap_ : Interval
        The first minus the second: what training on the person gave away.

    gains_ : tuple of Gain
        All figures by measure: accuracy and balanced accuracy; for a number R2 of the
        predictions, and the share within the tolerance, of the guesses that are
        likeliest to be, where attack and imputation have a ``predict_posterior``.

    inferred_ : ndarray of bool of shape (n_members,)
        Members whose secret the attack names and imputation does not.

    See Also
    --------
    AttributeGainDisplay : Draws it.

    Notes
    -----
    An advantage that others have too is statistical inference: the model learned about
    the population, which says as much of people who were never in. Only the member gap
    is what training on a person did to that person. An attack that takes everybody for
    a member loses on others, which widens the gap; so nothing is called a breach
    without an advantage on members.

    Accuracy looks good where nearly all have the same value. Balanced accuracy, the
    mean over the values, does not.

    References
    ----------
    B. Jayaraman and D. Evans. "Are attribute inference attacks just imputation?".
    ACM CCS 2022.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from skprivacy.attribute import (
    ...     AttributeInferenceResult, BayesAttack, ImputationBaseline
    ... )
    >>> from skprivacy.targets import BlackBox
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(900, 4))
    >>> X[:, 1] = rng.integers(2, size=900)  # the secret
    >>> y = rng.integers(2, size=900)
    >>> model = RandomForestClassifier(20, random_state=0).fit(X[:300], y[:300])
    >>> known, secret = np.column_stack([np.delete(X, 1, axis=1), y]), X[:, 1]
    >>> members, others, own = slice(300), slice(300, 600), slice(600, 900)
    >>> attack = BayesAttack(BlackBox(model), sensitive=1, weight=10, random_state=0)
    >>> baseline = ImputationBaseline(sensitive=1, random_state=0)
    >>> result = AttributeInferenceResult.from_estimators(
    ...     attack.fit(known[own], secret[own]),
    ...     baseline.fit(known[own], secret[own]),
    ...     known[members], secret[members], known[others], secret[others],
    ... )
    >>> result.verdict.level
    'breach'
    """

    def __init__(
        self,
        members,
        others,
        *,
        classes=None,
        sensitive="the secret",
        name="attack",
        tolerance=None,
        confidence=0.95,
        n_comparisons=1,
    ):
        for side, guesses in (("members", members), ("others", others)):
            if not len(guesses):
                raise ValueError(f"{side} must hold at least one record; got none.")
        self.members = members
        self.others = others
        self.classes = classes
        self.sensitive = sensitive
        self.name = name
        self.tolerance = tolerance
        self.confidence = confidence
        self.n_comparisons = n_comparisons

    @classmethod
    def from_estimators(
        cls,
        attack,
        imputation,
        X_members,
        y_members,
        X_others,
        y_others,
        *,
        sensitive=None,
        name=None,
        tolerance=None,
        confidence=0.95,
        n_comparisons=1,
    ) -> "AttributeInferenceResult":
        """Let a fitted attack and fitted imputation guess, and compare them.

        Parameters
        ----------
        attack : estimator
            Fitted attribute attack; a classifier or regressor of one secret.

        imputation : estimator
            The fitted yardstick, :class:`~skprivacy.attribute.ImputationBaseline`,
            with the same knowledge.

        X_members : DataFrame or array-like of shape (n_members, n_known)
            Records that the target was trained on, without the secret.

        y_members : array-like of shape (n_members,)
            Their secret.

        X_others, y_others : tables like the first two
            Records that neither the target nor the attacker had.

        sensitive : str or None, default=None
            Name of the sensitive column; by default that of the attack.

        name : str or None, default=None
            Name of the attack; by default that of its class.

        tolerance : float or None, default=None
            How far a number may be off to count as inferred. None: a tenth of its
            standard deviation.

        confidence : float, default=0.95
            Confidence of the intervals.

        n_comparisons : int, default=1
            Number of intervals that are shown together.

        Returns
        -------
        result : AttributeInferenceResult

        Raises
        ------
        ValueError
            If one is a classifier and the other a regressor, there is no record, or
            the secret is missing in some.
        TypeError
            If a classifier has no ``predict_proba``.
        """
        kinds = [
            "regressor" if is_regressor(e) else "classifier"
            for e in (attack, imputation)
        ]
        if len(set(kinds)) > 1:
            raise ValueError(
                "attack and imputation must both infer classes or both infer numbers; "
                f"got a {kinds[0]} and a {kinds[1]}."
            )
        sides = {"members": (X_members, y_members), "others": (X_others, y_others)}
        guesses, classes = guesses_of(attack, imputation, sides, tolerance)
        # A search over attacks is named by the attack that it chose.
        chosen = getattr(attack, "best_estimator_", attack)
        if sensitive is None:
            sensitive = _name_of(chosen)
        return cls(
            *guesses,
            classes=classes,
            sensitive=sensitive,
            name=type(chosen).__name__ if name is None else name,
            tolerance=tolerance,
            confidence=confidence,
            n_comparisons=n_comparisons,
        )

    @cached_property
    def gains_(self):
        """All figures by measure, the main one first."""
        measures = MEASURES["numeric" if self.classes is None else "classes"]
        return tuple(
            gain_of(
                measure,
                self.members,
                self.others,
                tolerance=self.tolerance_,
                **self._judged,
            )
            for measure in measures
        )

    @property
    def advantage_over_imputation_(self):
        """Score of the attack minus that of imputation, on members."""
        return self.gains_[0].advantage

    @property
    def advantage_on_others_(self):
        """Score of the attack minus that of imputation, on others."""
        return self.gains_[0].advantage_on_others

    @property
    def member_gap_(self):
        """Advantage on members minus that on others."""
        return self.gains_[0].member_gap

    @property
    def tolerance_(self):
        """How far a number may be off; None for classes."""
        if self.classes is not None or self.tolerance is not None:
            return self.tolerance
        return usual_tolerance([self.members.secret, self.others.secret])

    @property
    def inferred_(self):
        """Members whose secret the attack names and imputation does not."""
        side = self.members
        if self.classes is not None:
            right, guessed = (g == side.secret for g in (side.attack, side.imputation))
        else:
            right, guessed = (
                np.abs(g - side.secret) <= self.tolerance_ for g in side.near
            )
        return right & ~guessed

    @property
    def verdict(self) -> AttributeVerdict:
        """Nothing, statistical inference or a privacy breach; with the figures."""
        return judge_gain(self.gains_, self.sensitive)

    def summary(self) -> pd.DataFrame:
        """All figures with their intervals.

        Returns
        -------
        summary : DataFrame
            One row a measure. Columns, each with ``..._low`` and ``..._high``:
            ``score``, ``imputation`` and ``advantage`` on members, the same with
            ``..._on_others``, and ``member_gap``.
        """
        return figures_table(self.gains_)

    def by_value(self) -> pd.DataFrame:
        """How well each value of the secret is found.

        Returns
        -------
        table : DataFrame
            One row a value that both members and others have, with the columns of
            :meth:`summary` for the share of its records that are found; and, among
            members, ``roc_auc`` and ``tpr_at_fpr_0.01`` of telling the value from the
            rest, of the attack and with ``imputation_...``. The rate is left out where
            fewer than 100 members have another value. All intervals of the table hold
            simultaneously.

        Raises
        ------
        ValueError
            If the secret is a number.
        """
        if self.classes is None:
            raise ValueError(
                f"{self.sensitive} was inferred as a number, which has no values to "
                "list. by_group compares subgroups of its records."
            )
        return value_table(self.members, self.others, self.classes, **self._judged)

    def by_group(self, groups_members, groups_others) -> pd.DataFrame:
        """How large the gain is in each subgroup.

        Parameters
        ----------
        groups_members : array-like of shape (n_members,)
            Group of each member.

        groups_others : array-like of shape (n_others,)
            Group of each other record.

        Returns
        -------
        table : DataFrame
            One row a group that both have, with the columns of :meth:`summary` for the
            main measure. All intervals of the table hold simultaneously. Records whose
            group is missing are left out.

        Raises
        ------
        ValueError
            If there is not one group for each record.
        """
        groups = []
        for name, values, side in (
            ("groups_members", groups_members, self.members),
            ("groups_others", groups_others, self.others),
        ):
            values = np.asarray(values)
            if values.shape != (len(side),):
                raise ValueError(
                    f"{name} must hold a group for each of the {len(side)} records; "
                    f"got an array of shape {values.shape}."
                )
            groups.append(values)
        return group_table(
            self.members,
            self.others,
            groups,
            self.gains_[0].measure,
            self.tolerance_,
            **self._judged,
        )

    @property
    def _judged(self):
        return {"confidence": self.confidence, "n_comparisons": self.n_comparisons}

    def __repr__(self):
        figures = ", ".join(
            f"{name}={getattr(self, name)}"
            for name in ("advantage_over_imputation_", "member_gap_")
        )
        return f"AttributeInferenceResult({self.sensitive!r}, {self.name!r}, {figures})"


def _name_of(attack):
    sensitive = getattr(attack, "sensitive", None)
    if sensitive is None:
        return "the secret"
    columns = as_columns(sensitive)
    return ", ".join(c if isinstance(c, str) else f"column {c}" for c in columns)
