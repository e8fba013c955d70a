"""Membership read off the thresholds and leaf counts of a model's trees."""

from numbers import Integral

import numpy as np
from sklearn.base import clone, is_classifier
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval

from skprivacy.inspection import read_trees
from skprivacy.inspection._edge_ratio import edge_log_ratio
from skprivacy.inspection._split_points import Ranks
from skprivacy.inspection._split_ratio import tree_log_ratios
from skprivacy.inspection._walk import with_usual_counts
from skprivacy.membership._base import BaseMembershipAttack
from skprivacy.records import hash_records
from skprivacy.shadow._pretend import attack_power
from skprivacy.targets import check_white_box

__all__ = ["SplitPointAttack"]

#: Weights of the leaves' evidence beside the thresholds' to choose from.
LEAF_WEIGHTS = (0.5, 0.0, 0.1, 0.25, 1.0)


class SplitPointAttack(BaseMembershipAttack):
    """Find the training rows between whose values the thresholds of trees lie.

    Parameters
    ----------
    target : FrozenEstimator
        The model under attack: trees of scikit-learn, or a pipeline that ends in them.

    n_models : int, default=1
        Models that are trained on known halves of the candidates, to weigh the counts
        of the leaves against the thresholds. 0: half as much.

    label : str or int, default=-1
        The records' label column.

    random_state : int, RandomState instance or None, default=None
        For the halves and their models.

    Attributes
    ----------
    leaf_weight_ : float
        Weight of the leaves' evidence.

    classes_ : ndarray of shape (2,)
        Non-member, member.

    n_features_in_ : int
        Columns of the records, the label included.

    Notes
    -----
    Assumes that the attacker holds the model itself, and a list of candidates, given to
    ``fit``, among whom the training rows are, unmarked. Another record is scored as if
    it were added to the list, one at a time. Random thresholds (extra trees, isolation
    forests) tell nothing: their leaf counts alone are used.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from sklearn.frozen import FrozenEstimator
    >>> from sklearn.model_selection import train_test_split
    >>> from skprivacy.membership import SplitPointAttack
    >>> from skprivacy.records import make_membership_records
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> X_train, X_holdout, y_train, y_holdout = train_test_split(
    ...     X, y, test_size=0.5, random_state=0
    ... )
    >>> model = RandomForestClassifier(random_state=0).fit(X_train, y_train)
    >>> records, is_member = make_membership_records(
    ...     X_train, y_train, X_holdout, y_holdout, random_state=0
    ... )
    >>> attack = SplitPointAttack(FrozenEstimator(model), random_state=0).fit(records)
    >>> attack.score(records, is_member) > 0.9
    True
    """

    _parameter_constraints = {
        **BaseMembershipAttack._parameter_constraints,
        "n_models": [Interval(Integral, 0, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(self, target, *, n_models=1, label=-1, random_state=None):
        self.target = target
        self.n_models = n_models
        self.label = label
        self.random_state = random_state

    def _fit(self, records):
        self._model = check_white_box(self.target)
        ensemble = read_trees(self._model)
        X, self._y = self._features_and_truth(records)
        self._values = ensemble.transform(X)
        self._hashes = hash_records(records)
        self.leaf_weight_ = self._choose_weight(X)
        self._score = self._score_of(ensemble, self._values, self._y)

    def _decide(self, records):
        known = dict(zip(self._hashes, self._score, strict=True))
        X, y = self._features_and_truth(records)
        hashes = hash_records(records)
        strangers = [i for i, key in enumerate(hashes) if key not in known]
        score = np.array([known.get(key, 0.0) for key in hashes])
        if strangers:
            ensemble = read_trees(self._model)
            values = ensemble.transform(X)
            for i in strangers:
                together = np.vstack([self._values, values[i]])
                labels = np.append(self._y, y[i])
                score[i] = self._score_of(ensemble, together, labels)[-1]
        return score

    def _score_of(self, ensemble, values, y):
        return _combine(_evidence(ensemble, values, y), self.leaf_weight_)

    def _choose_weight(self, X):
        rng = check_random_state(self.random_state)
        power = np.zeros(len(LEAF_WEIGHTS))
        n_candidates = len(self._y)
        y = self._box.classes_[self._y] if is_classifier(self._model) else self._y
        for _ in range(self.n_models):
            inside = rng.permutation(n_candidates) < n_candidates // 2
            model = clone(self._model)
            _seed(model, rng.randint(np.iinfo(np.int32).max))
            model.fit(X.iloc[inside] if hasattr(X, "iloc") else X[inside], y[inside])
            ensemble = read_trees(model)
            evidence = _evidence(ensemble, ensemble.transform(X), self._y)
            for i, weight in enumerate(LEAF_WEIGHTS):
                power[i] += attack_power(inside, _combine(evidence, weight))
        return LEAF_WEIGHTS[int(np.argmax(power))]


def _seed(model, seed):
    names = [n for n in model.get_params() if n.split("__")[-1] == "random_state"]
    model.set_params(**dict.fromkeys(names, seed))


def _evidence(ensemble, values, y):
    """Leaf and split ratios of each tree, and the share of a training set it had."""
    if not ensemble.tells_counts:
        ensemble = with_usual_counts(ensemble, values, 0.5)
    n_drawn = max(nodes.weight[0] for nodes in ensemble.trees)
    n_train = getattr(ensemble.model, "_n_samples", n_drawn)
    shares_of_classes = hasattr(ensemble.trees[0], "value") and _has_classes(ensemble)
    n_labels = ensemble.trees[0].value.shape[1] if shares_of_classes else 1
    label = (
        np.clip(y, 0, n_labels - 1).astype(int)
        if n_labels > 1
        else np.zeros(len(y), dtype=int)
    )
    ranked = None
    if all(nodes.columns is None and not nodes.steps for nodes in ensemble.trees):
        ranks = Ranks(values)
        ranked = ranks, ranks.of(values)
    found = []
    for nodes in ensemble.trees:
        bag = min(nodes.n_samples[0] / max(n_train, 1), 1.0)
        share = np.clip(nodes.n_samples[0] / len(y), 1e-3, 0.9)
        ratios = tree_log_ratios(
            nodes,
            ensemble.tree_values(nodes, values),
            label,
            n_labels,
            share,
            ensemble.splits == "midpoint",
            ranked,
        )
        found.append((*ratios, bag))
    if ensemble.edges is not None:
        nothing = np.zeros(len(y))
        found.append((nothing, edge_log_ratio(ensemble.edges, values, share), 1.0))
    return found


def _has_classes(ensemble):
    member = np.asarray(
        getattr(ensemble.model, "estimators_", [ensemble.model]), dtype=object
    ).ravel()[0]
    return is_classifier(member)


def _combine(evidence, leaf_weight):
    """Sum over trees: a record that a bootstrap left out says little by that."""
    total = 0.0
    for leaf, split, bag in evidence:
        out = np.log1p(-bag) if bag < 1 else -np.inf
        total = total + np.logaddexp(np.log(bag) + leaf_weight * leaf + split, out)
    return total
