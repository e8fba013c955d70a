"""Attribute inference by solving what the leaves of a model hold, for all people."""

import numpy as np
from scipy.special import logsumexp
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import HasMethods

from skprivacy._validation import as_table
from skprivacy.attribute._base import BaseTargetAttack
from skprivacy.attribute._imputation import Imputer
from skprivacy.attribute._joint_chances import solve_chances, tilted
from skprivacy.inspection import read_trees
from skprivacy.inspection._bootstrap import tells_classes
from skprivacy.inspection._edge_ratio import edge_log_ratio
from skprivacy.inspection._leaf_equations import (
    has_equations,
    leaf_equations,
    put_together,
)
from skprivacy.inspection._split_points import share_of_middles
from skprivacy.inspection._split_ratio import split_log_ratios
from skprivacy.records import find_records, hash_records, stack_tables
from skprivacy.signals import truth_of
from skprivacy.targets import check_white_box

__all__ = ["LeafEquationAttack"]

#: Completions times trees that are solved at once: some 500 MB.
MOST_VISITS = 10_000_000

#: Thresholds speak for nobody more than this, in nats: leaves have the last word.
LARGEST = 12.0

#: Share of thresholds in the middle of people's values from which they are read. It is
#: 1, unless training rows are missing or somebody moved the thresholds.
MIDDLES = 0.95

#: Log-chance of a value that somebody is known not to have.
NEVER = -50.0


class LeafEquationAttack(BaseTargetAttack):
    r"""Solve the leaves of a model for the secrets of all people at once.

    A leaf of a tree that saw all training rows says how many of them it holds, and a
    leaf of boosting answers with a step made of its rows' gradients. Each is an
    equation in what the people were trained with. Hundreds of trees make thousands of
    equations, and there are few ways to give each person a value, or none to those who
    were not in training, so that all of them hold.

    Parameters
    ----------
    target : FrozenEstimator
        The model under attack: a single tree, gradient boosting, histogram gradient
        boosting, extra trees, or boosting of LightGBM or XGBoost, each trained on all
        rows; or a pipeline that ends in one.

    sensitive : str, int or list
        Sensitive column: its name, or its position among the target's features; or
        several, which are inferred together.

    pool : DataFrame or array-like of shape (n_pool, n_known) or None, default=None
        People among whom those of the training set are, known but for the secret;
        columns as in ``fit``. What is said of each of them hangs on all. None: the
        attacker's own records, with their secrets.

    imputer : classifier or None, default=None
        Guesses the secret from what is known, as in
        :class:`~skprivacy.attribute.ImputationBaseline`; for a number its step on the
        grid. None: gradient boosting.

    values : {"auto", "classes", "numeric"} or array-like, default="auto"
        What the secret may be. "classes": one of the values that `y` has. "numeric": a
        number. "auto": numbers of more than 20 different values, or with fractions,
        are numbers. Or the candidates themselves.

    label : str, int, default=-1
        The label's column in ``X``.

    label_known : bool, default=True
        Whether the label of the records under attack is known; this attack needs it.

    random_state : int, RandomState instance or None, default=None
        For the imputer.

    Attributes
    ----------
    imputer_ : classifier
        The fitted imputer.

    n_equations_ : int
        Equations that the leaves of the target make.

    noise_ : float
        By how much the equations are missed, in rows. Above 1 where training rows are
        missing in the pool: then they say little.

    classes_ : ndarray
        Candidate values; not for a numeric secret.

    grid_ : ndarray of shape (n_candidates,)
        Steps of the number line; for a numeric secret.

    n_features_in_ : int
        Columns that are known.

    Raises
    ------
    TypeError
        If the target holds no trees that can be read.
    ValueError
        If its trees were not trained on all rows, each once; or if the label of the
        records under attack is not known.

    See Also
    --------
    TreeAttack : For forests; infers each record alone.
    skprivacy.membership.SplitPointAttack : Solves the same equations for membership.

    Notes
    -----
    Assumes that the attacker holds the model itself, holds complete records of the same
    population, and knows of a pool of people, among whom the training set's are,
    unmarked, all but the secret.

    With completion v of person i adding :math:`a_{iv}` to the equations, whose totals
    are b, and with the prior :math:`\pi` of thresholds, imputation and the share of the
    pool that was in training,

    .. math:: \min_p \sum_i \mathrm{KL}(p_i, \pi_i) + \frac{1}{2 \sigma^2}
              \bigl|\sum_{iv} p_{iv} a_{iv} - b\bigr|^2,

    where :math:`p_{i0}` is the chance that the person was not in training; the error
    :math:`\sigma` falls as long as the equations can be met. The answer is
    :math:`p_{iv} + p_{i0} \pi(v)`: of a person who was not in training imputation has
    the last word.

    A record outside of the pool is judged as if it were added to it, with the equations
    as they were solved: its company in ``predict`` does not matter.

    References
    ----------
    J. Ferry, R. Fukasawa, T. Pascal, T. Vidal. "Trained random forests completely
    reveal your dataset". ICML 2024. They rebuild the training set from trees and counts
    by constraint programming. Solving for one column of known people, by the chances
    next to imputation, is an addition of this package.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.ensemble import HistGradientBoostingClassifier
    >>> from sklearn.frozen import FrozenEstimator
    >>> from skprivacy.attribute import LeafEquationAttack
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(600, 4))
    >>> X[:, 1] = rng.integers(2, size=600)  # the secret
    >>> y = rng.integers(2, size=600)
    >>> model = HistGradientBoostingClassifier().fit(X[:200], y[:200])
    >>> known, secret = np.column_stack([np.delete(X, 1, axis=1), y]), X[:, 1]
    >>> attack = LeafEquationAttack(
    ...     FrozenEstimator(model), sensitive=1, pool=known[:400], random_state=0
    ... )
    >>> attack.fit(known[400:], secret[400:]).score(known[:200], secret[:200]) > 0.8
    True
    """

    _parameter_constraints: dict = {
        **BaseTargetAttack._parameter_constraints,
        "pool": "no_validation",
        "imputer": [HasMethods(["fit", "predict_proba"]), None],
        "random_state": ["random_state"],
    }
    _needs_label = True

    def __init__(
        self,
        target,
        *,
        sensitive,
        pool=None,
        imputer=None,
        values="auto",
        label=-1,
        label_known=True,
        random_state=None,
    ):
        self.target = target
        self.sensitive = sensitive
        self.pool = pool
        self.imputer = imputer
        self.values = values
        self.label = label
        self.label_known = label_known
        self.random_state = random_state

    def _fit(self, known, secret):
        self._ensemble = _ensemble_of(check_white_box(self.target))
        rng = check_random_state(self.random_state)
        self._imputer = Imputer(self.imputer, self._candidates, rng)
        self._imputer.fit(known.table(), secret)
        self.imputer_ = self._imputer.estimator_
        if self.pool is None:
            code = self._candidates.encode(secret)
            truth = code[:, None] == np.arange(len(self._candidates))
            self._solve(known, np.where(truth, 0.0, NEVER))
            return
        pool = self._completer.known(self._check_pool())
        self._check_label(pool)
        self._solve(pool, self._imputer.log_chances(pool.table()))

    def _check_pool(self):
        pool = as_table(self.pool)
        try:
            return self._check_known(pool, reset=False)
        except ValueError as error:
            raise ValueError(
                f"pool must have the columns that fit was given: {error}"
            ) from error

    def _solve(self, pool, log_imputed):
        log_imputed = log_imputed - logsumexp(log_imputed, axis=1, keepdims=True)
        values, truth = self._completions(pool)
        n_pool, n_visits = len(pool), len(values)
        ensemble = self._ensemble
        self._n_trees = max(1, min(len(ensemble.trees), MOST_VISITS // n_visits))
        n_rows = ensemble.trees[0].n_samples[0] if ensemble.tells_counts else n_pool / 2
        self._share = np.clip(n_rows / n_pool, 0.01, 0.99)
        told = np.zeros(n_visits)
        if ensemble.edges is not None:
            share = self._share / len(self._candidates)
            told = edge_log_ratio(ensemble.edges, values, share)
        self._scales = None
        counts, steps = self._equations(values, truth)
        self._scales = [part.scale for part in steps]
        self._told = _by_person(told, n_pool)
        log_prior = self._prior(log_imputed, self._told)
        found = self._solve_parts(counts, steps, log_prior)
        if _reads_thresholds(ensemble, values):
            # Who was at a threshold is clearer where the leaves have been solved.
            inside = np.exp(found.log_chance[:, 1:]).T.ravel()
            told = told + split_log_ratios(ensemble, values, inside)
            self._told = _by_person(told, n_pool)
            log_prior = self._prior(log_imputed, self._told)
            found = self._solve_parts(counts, steps, log_prior)
        self._multiplier = found.multiplier
        self.noise_, self.n_equations_ = found.noise, len(found.multiplier)
        self._hashes = hash_records(pool.table())

    def _solve_parts(self, counts, steps, log_prior):
        found = solve_chances(put_together(counts + steps), log_prior)
        self._counts_alone = not steps
        if counts and steps and found.noise > ENOUGH:
            # Rows may have had weights, which change the answers and not the counts.
            plain = solve_chances(put_together(counts), log_prior)
            if plain.noise < MUCH_LESS * found.noise:
                found, self._counts_alone = plain, True
        return found

    def _prior(self, log_imputed, told):
        log_in = np.log(self._share) + log_imputed + np.clip(told, -LARGEST, LARGEST)
        log_out = np.full((len(log_in), 1), np.log1p(-self._share))
        return np.hstack([log_out, log_in])

    def _log_chances(self, known):
        log_imputed = self._imputer.log_chances(known.table())
        log_imputed -= logsumexp(log_imputed, axis=1, keepdims=True)
        place = find_records(self._hashes, hash_records(known.table()))
        # Thresholds say nothing of people who were not weighed with the pool.
        told = np.where((place >= 0)[:, None], self._told[place], 0.0)
        counts, steps = self._equations(*self._completions(known))
        parts = counts if self._counts_alone else counts + steps
        coefficient = put_together(parts).coefficient
        log_prior = self._prior(log_imputed, told)
        log_chance, _ = tilted(log_prior, coefficient, self._multiplier)
        return np.logaddexp(log_chance[:, 1:], log_chance[:, :1] + log_imputed)

    def _posterior(self, known):
        """Stay on the grid: the equations were solved for its steps alone."""
        none_between = np.empty((len(known), 0), dtype=int)
        return self._steps.spread(self._log_chances(known), none_between)

    def _completions(self, known):
        """Return what trees compare of all completions, and their labels."""
        values = self._candidates.values
        X = [self._completer.complete(known.features, value) for value in values]
        truth = truth_of(known.y, self._box)
        if truth.dtype.kind in "iu":
            # A label that the model does not know is as good as its first one.
            truth = np.maximum(truth, 0)
        return self._ensemble.transform(stack_tables(X)), np.tile(truth, len(values))

    def _equations(self, values, truth):
        ensemble = self._ensemble
        classes = tells_classes(ensemble.model)
        n_labels = ensemble.trees[0].value.shape[1] if classes else 1
        known = n_labels, self._n_trees, self._scales
        return leaf_equations(ensemble, values, truth, *known)


#: Error of equations, in rows, up to which they are taken to hold.
ENOUGH = 0.3

#: Share of the error that is left when answers whose rows had weights are left out.
MUCH_LESS = 0.25


def _ensemble_of(model):
    ensemble = read_trees(model)
    if not has_equations(ensemble):
        raise ValueError(
            "target must be a model whose trees were all trained on all rows, each "
            f"once; {type(ensemble.model).__name__} as fitted drew rows, or no longer "
            "tells how many rows its leaves hold. TreeAttack reads forests."
        )
    return ensemble


def _reads_thresholds(ensemble, values):
    return ensemble.splits == "midpoint" and (
        share_of_middles(ensemble, values) >= MIDDLES
    )


def _by_person(of_completion, n_people):
    return of_completion.reshape(-1, n_people).T
