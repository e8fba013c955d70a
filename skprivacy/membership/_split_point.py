"""Membership read off the thresholds and leaf counts of a model's trees."""

from numbers import Integral

import numpy as np
from sklearn.base import clone, is_classifier
from sklearn.linear_model import LogisticRegression
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval

from skprivacy.inspection import read_trees
from skprivacy.inspection._bootstrap import tells_classes
from skprivacy.inspection._edge_ratio import edge_log_ratio
from skprivacy.inspection._leaf_equations import has_equations
from skprivacy.inspection._split_points import share_of_middles, shared_ranks
from skprivacy.inspection._split_ratio import stranger_log_ratios, tree_log_ratios
from skprivacy.inspection._walk import with_usual_counts
from skprivacy.membership._base import BaseMembershipAttack
from skprivacy.membership._forest_evidence import solve_leaves
from skprivacy.records import find_records, hash_records, take_rows
from skprivacy.shadow import attack_power, with_random_states
from skprivacy.targets import check_white_box

__all__ = ["SplitPointAttack"]

#: Weights of the leaves' evidence beside the thresholds' to choose from.
LEAF_WEIGHTS = (0.5, 0.0, 0.1, 0.25, 1.0)


class SplitPointAttack(BaseMembershipAttack):
    """Find the training rows between whose values the thresholds of trees lie.

    Parameters
    ----------
    target : FrozenEstimator
        The model under attack: trees of scikit-learn, LightGBM or XGBoost, or a
        pipeline that ends in them.

    n_models : int, default=1
        Models that are trained on known halves of the candidates, to weigh the counts
        of the leaves against the thresholds, and to turn the sum into log-odds. 0: half
        as much, and the plain sum.

    label : str or int, default=-1
        The records' label column.

    random_state : int, RandomState instance or None, default=None
        For the halves and their models.

    Attributes
    ----------
    leaf_weight_ : float or None
        Weight of the leaves' evidence; None where the leaves are solved as equations,
        and no model is trained.

    classes_ : ndarray of shape (2,)
        Non-member, member.

    reads_thresholds_ : bool
        Whether the thresholds were taken for middles of training values. False where
        they fit the candidates no better than a model's fit strangers: someone has
        moved them.

    n_features_in_ : int
        Columns of the records, the label included.

    See Also
    --------
    ThresholdAttack : What the answers alone give away.
    skprivacy.inspection.read_trees : The trees as arrays.

    Notes
    -----
    Assumes that the attacker holds the model itself, and a list of candidates, given to
    ``fit``, among whom the training rows are, unmarked. Another record is scored as if
    it were added to the list, one at a time; but for the candidates of its leaf, whose
    own chances are left as they are, this is what it would get as one of the list.
    Where every tree saw all training rows once (boosting without subsamples, extra
    trees, single trees), each leaf is an equation: so many of the candidates in it were
    in. In boosting each answer is another one, made of the candidates' gradients. The
    equations of all trees are solved together.
    Random thresholds (extra trees, isolation
    forests) tell nothing: their leaf counts alone are used.

    References
    ----------
    J. Ferry, R. Fukasawa, T. Pascal, T. Vidal. "Trained random forests completely
    reveal your dataset". ICML 2024. They rebuild the training set from the trees'
    structure and counts, by constraint programming; here the records are known, and
    their membership is not. The attack itself is an addition of this package.

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

    _parameter_constraints: dict = {
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
        self._X, self._y = self._features_and_truth(records)
        self._hashes = hash_records(records)
        self._solved, self.leaf_weight_ = None, None
        self.reads_thresholds_ = True
        if has_equations(ensemble):
            told = _splits_alone(_evidence(self._model, self._X, self._y))
            values = ensemble.transform(self._X)
            self._solved = solve_leaves(ensemble, values, self._y, told)
            self._score = self._solved.score
            return
        self.leaf_weight_, self._odds = self._choose_weight()
        evidence = self._told(self._model)
        self._score = self._odds(_combine(evidence, self.leaf_weight_))

    def _told(self, model, strangers=None):
        """Evidence of a model's trees, without thresholds that were moved."""
        thresholds = self.reads_thresholds_
        return _evidence(model, self._X, self._y, strangers, thresholds)

    def _decide(self, records):
        position = find_records(self._hashes, hash_records(records))
        score = self._score[position]
        new = np.flatnonzero(position < 0)
        if len(new):
            X, y = self._features_and_truth(records)
            strangers = take_rows(X, new), y[new]
            evidence = self._told(self._model, strangers)
            if self._solved is None:
                score[new] = self._odds(_combine(evidence, self.leaf_weight_))
            else:
                values = read_trees(self._model).transform(strangers[0])
                score[new] = self._solved.score_others(
                    values, strangers[1], _splits_alone(evidence)
                )
        return score

    def _are_middles(self, own):
        """Whether the target's thresholds fit the candidates better than by chance.

        By chance is how a model's thresholds fit candidates that it never saw. A model
        whose thresholds were moved tells by its leaves alone.
        """
        ensemble = read_trees(self._model)
        if ensemble.splits != "midpoint" or not own:
            return True
        share = share_of_middles(ensemble, ensemble.transform(self._X))
        by_chance = [
            share_of_middles(trees, trees.transform(self._X)[~inside])
            for trees, inside in ((read_trees(model), inside) for model, inside in own)
        ]
        return share > np.mean(by_chance)

    def _choose_weight(self):
        """Weigh the leaves on own models, and see where their members begin."""
        rng = check_random_state(self.random_state)
        power = np.zeros(len(LEAF_WEIGHTS))
        n_candidates = len(self._X)
        y = self._box.classes_[self._y] if is_classifier(self._model) else self._y
        own, scores = [], []
        for _ in range(self.n_models):
            inside = rng.permutation(n_candidates) < n_candidates // 2
            model = with_random_states(clone(self._model), rng)
            model.fit(take_rows(self._X, np.flatnonzero(inside)), y[inside])
            own.append((model, inside))
        self.reads_thresholds_ = self._are_middles(own)
        for model, inside in own:
            evidence = self._told(model)
            scores.append([_combine(evidence, weight) for weight in LEAF_WEIGHTS])
            power += [attack_power(inside, score) for score in scores[-1]]
        best = int(np.argmax(power))
        known = [inside for _, inside in own]
        return LEAF_WEIGHTS[best], _LogOdds([score[best] for score in scores], known)


class _LogOdds:
    """Turn sums of evidence into log-odds, as on models whose members are known.

    Trees are no independent witnesses, so the sum is too sure, and its zero off.
    """

    def __init__(self, scores, known):
        self._line = None
        if not known:
            return
        score, inside = np.concatenate(scores), np.concatenate(known)
        if inside.all() or not inside.any():
            return
        line = LogisticRegression().fit(_pulled_in(score)[:, None], inside)
        # Who has more evidence is never less likely a member.
        if line.coef_[0, 0] > 0:
            self._line = line.coef_[0, 0], line.intercept_[0]

    def __call__(self, score):
        if self._line is None:
            return score
        slope, start = self._line
        return slope * _pulled_in(score) + start


def _pulled_in(score):
    return np.sign(score) * np.log1p(np.abs(score))


def _splits_alone(evidence):
    return sum(split for _, split, _ in evidence)


def _evidence(model, X, y, strangers=None, thresholds=True):
    """Leaf and split ratios of each tree, and the share of a training set it had.

    Of the candidates, or, where they are given, of strangers to be added to them; from
    the leaves alone where the thresholds are not to be read.
    """
    ensemble = read_trees(model)
    values = ensemble.transform(X)
    if not ensemble.tells_counts:
        ensemble = with_usual_counts(ensemble, values, 0.5)
    new_values = None if strangers is None else ensemble.transform(strangers[0])
    n_drawn = max(nodes.weight[0] for nodes in ensemble.trees)
    n_train = getattr(ensemble.model, "_n_samples", n_drawn)
    n_labels = ensemble.trees[0].value.shape[1] if tells_classes(ensemble.model) else 1
    midpoints = thresholds and ensemble.splits == "midpoint"
    ranked = shared_ranks(ensemble, values) if midpoints else None
    found = []
    for nodes in ensemble.trees:
        bag = min(nodes.n_samples[0] / max(n_train, 1), 1.0)
        share = np.clip(nodes.n_samples[0] / len(values), 1e-3, 0.9)
        seen = ensemble.tree_values(nodes, values)
        known = nodes, seen, _column_of(y, n_labels), n_labels, share
        if strangers is None:
            ratios = tree_log_ratios(*known, midpoints, ranked)
        else:
            new = ensemble.tree_values(nodes, new_values)
            labels = _column_of(strangers[1], n_labels)
            ratios = stranger_log_ratios(*known, new, labels, midpoints)
        found.append((*ratios, bag))
    if ensemble.edges is not None:
        edges = _edge_evidence(ensemble.edges, values, new_values, share)
        found.append((np.zeros(len(edges)), edges, 1.0))
    return found


def _edge_evidence(edges, values, strangers, share):
    """Ratios from the edges of bins; each stranger is added to the list alone."""
    if strangers is None:
        return edge_log_ratio(edges, values, share)
    return np.array(
        [edge_log_ratio(edges, np.vstack([values, x]), share)[-1] for x in strangers]
    )


def _column_of(y, n_labels):
    """Column of the nodes' answers that belongs to each label."""
    if n_labels == 1:
        return np.zeros(len(y), dtype=int)
    return np.clip(y, 0, n_labels - 1).astype(int)


def _combine(evidence, leaf_weight):
    """Sum over trees: a record that a bootstrap left out says little by that."""
    total = 0.0
    for leaf, split, bag in evidence:
        out = np.log1p(-bag) if bag < 1 else -np.inf
        total = total + np.logaddexp(np.log(bag) + leaf_weight * leaf + split, out)
    return total
