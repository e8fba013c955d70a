"""Read a property off a model that was trained on the attacker's records too."""

from skprivacy.property._base import BasePropertyAttack
from skprivacy.property._likelihood import WorldStatistics
from skprivacy.property._rules import RuleAttack

__all__ = ["PoisonedPropertyAttack"]


class PoisonedPropertyAttack(RuleAttack):
    """Tell worlds apart by how far a model follows the attacker's label.

    The attacker has added records with the property to the training set, all with one
    label (:func:`make_poison`). Asked about records with the property, the model
    follows that label the less, the more records of the owner speak against it.

    Parameters
    ----------
    features : ModelFeatures, transformer or None, default=None
        Asks the models about records *with the property*. Labels alone are enough,
        where they change from world to world. None: the rows of X are answers already,
        log-odds or labels of two classes.

    Attributes
    ----------
    classes_ : ndarray of shape (n_worlds,)
        The worlds: the different values of `y`.

    shadow_scores_ : ndarray of shape (n_models, n_worlds)
        Scores of the shadow models, each from a fit on models of another pool; with
        four models a world and more.

    features_ : transformer
        The fitted `features`; only where they are given.

    blocks_ : dict of str to slice
        Columns of each kind of number.

    See Also
    --------
    make_poison : Makes the records.
    PropertyWorlds : Trains the models; give it the records as `poison`.

    Notes
    -----
    The mean answer over the queries is normal in each world, and the score is the
    log-likelihood of the world.

    References
    ----------
    S. Mahloujifar, E. Ghosh, M. Chase. "Property inference from poisoning". IEEE S&P
    2022. A normal law of the answers in each world: H. Chaudhari, J. Abascal, A. Oprea,
    M. Jagielski, F. Tramer, J. Ullman. "SNAP: Efficient extraction of private
    properties with poisoning". IEEE S&P 2023.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from skprivacy.property import (
    ...     ModelFeatures, PoisonedPropertyAttack, PropertyWorlds, make_poison
    ... )
    >>> rng = np.random.RandomState(0)
    >>> group, x = rng.randint(2, size=2000), rng.normal(size=2000)
    >>> records = np.column_stack([group, x, x + rng.normal(size=2000) > 1])
    >>> worlds = PropertyWorlds(
    ...     GaussianNB(), (0, 1), ratios=(0.3, 0.7), n_models=32, queries=100,
    ...     poison=make_poison(records, (0, 1), 20, random_state=0), random_state=0,
    ... ).fit(records)
    >>> asked = worlds.queries_[worlds.queries_[:, 0] == 1]
    >>> attack = PoisonedPropertyAttack(ModelFeatures("queries", queries=asked))
    >>> attack.fit(worlds.models_, worlds.ratios_).predict(worlds.models_[:2])
    array([0.3, 0.7])
    """

    _parameter_constraints = BasePropertyAttack._parameter_constraints

    def __init__(self, features=None):
        self.features = features

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        # The mean of the columns tells the classes of few tables apart.
        tags.classifier_tags.poor_score = True
        return tags

    def _heard(self, numbers):
        # One mean for each class but one: two classes have one.
        return self._answers(numbers).mean(axis=1)

    def _learn(self, numbers, worlds):
        return WorldStatistics(numbers, worlds, {"mean": slice(0, numbers.shape[1])})
