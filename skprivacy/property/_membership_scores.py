"""How much each record of a known set looks like a member of each model."""

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin, _fit_context, clone
from sklearn.frozen import FrozenEstimator

from skprivacy._validation import as_table
from skprivacy.membership import BaseMembershipAttack
from skprivacy.property._models import check_models
from skprivacy.targets import BlackBox

__all__ = ["MembershipScores"]


class MembershipScores(TransformerMixin, BaseEstimator):
    """Attack each model with a membership attack on the same records.

    Parameters
    ----------
    attack : membership attack
        Unfitted; each model takes the place of its target, which may be None. Shadow
        models are trained once where they are given fitted:
        ``shadow=FrozenEstimator(shadow)``.

    records : DataFrame or array-like of shape (n_records, n_features + 1)
        The known set, the label among its columns.

    reference : DataFrame or array-like of shape (n_reference, n_features + 1)
        Other records of the same population, which are in no training set: the attack
        is fitted on them. On the known set itself it would take for usual what becomes
        usual by training on it, and a larger share would look like a smaller one.

    See Also
    --------
    UsageAttack : Tells which share of the records was used.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skprivacy.membership import ThresholdAttack
    >>> from skprivacy.property import MembershipScores
    >>> records = np.array([[0.0, 1], [1.0, 0], [2.0, 1], [3.0, 0]])
    >>> model = DecisionTreeClassifier().fit(records[:2, :1], records[:2, 1])
    >>> others = np.array([[0.5, 1], [2.5, 0]])
    >>> scores = MembershipScores(ThresholdAttack(None), records, others).fit([model])
    >>> scores.transform([model]).shape
    (1, 4)
    """

    _parameter_constraints = {
        "attack": "no_validation",
        "records": "no_validation",
        "reference": "no_validation",
    }

    def __init__(self, attack, records=None, reference=None):
        self.attack = attack
        self.records = records
        self.reference = reference

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        """Check the arguments; there is nothing to learn.

        Parameters
        ----------
        X : sequence of fitted models
            Models.

        y : object
            Ignored.

        Returns
        -------
        self : MembershipScores
        """
        if not isinstance(self.attack, BaseMembershipAttack):
            raise TypeError(
                "attack must be an attack of skprivacy.membership, such as "
                f"ThresholdAttack(None); got {self.attack!r}."
            )
        check_models(X)
        for name in ("records", "reference"):
            if getattr(self, name) is None:
                raise ValueError(
                    f"{name} must be given: the known set as records, and as reference "
                    "others that are in no training set, to fit the attack on."
                )
            as_table(getattr(self, name), name, min_features=2)
        return self

    def transform(self, X):
        """Score the records under each model.

        Parameters
        ----------
        X : sequence of fitted models
            Models.

        Returns
        -------
        scores : ndarray of shape (n_models, n_records)
            Less the median score of the reference records. Larger means more like a
            member.
        """
        return np.stack([self._scores_of(model) for model in check_models(X)])

    def _scores_of(self, model):
        if not isinstance(model, BlackBox | FrozenEstimator):
            model = FrozenEstimator(model)
        attack = clone(self.attack).set_params(target=model)
        attack.fit(self.reference)
        # Whatever moves all scores of a model alike cancels, its threshold above all.
        usual = np.median(attack.decision_function(self.reference))
        return attack.decision_function(self.records) - usual

    def __sklearn_is_fitted__(self):
        return True

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        # Rows of X are fitted models, no numbers.
        tags.input_tags.two_d_array = False
        tags.requires_fit = False
        return tags
