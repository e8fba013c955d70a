"""Several unknown columns of a person, completed at once from a model's trees."""

from numbers import Integral, Real

import numpy as np
import pandas as pd
from sklearn.base import _fit_context
from sklearn.model_selection import KFold
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import HasMethods, Interval
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from skprivacy.attribute._base import BaseShadowAttack, check_secret
from skprivacy.attribute._beam import (
    beam_search,
    choice_weights,
    likeliest_cells,
    with_neighbors,
)
from skprivacy.attribute._chain import Chain, certified_values, kinds_of, pool_of
from skprivacy.attribute._completion import Completer, as_columns
from skprivacy.attribute._completion_evidence import completion_evidence
from skprivacy.attribute._tree_evidence import TreeReader
from skprivacy.inspection import read_trees
from skprivacy.records import take_rows
from skprivacy.targets import check_target, check_white_box

__all__ = ["ReconstructionAttack"]

N_FOLDS = 3
#: Completions drawn for each own record, to learn from.
N_DRAWS = 24
#: Records that are completed in one go.
BLOCK = 1000


class ReconstructionAttack(BaseShadowAttack):
    r"""Complete several unknown columns of a person at once.

    Where more than one column is not known, most completions are wrong in more than one
    place, and there are too many to try. A beam search settles one column after the
    other. Each beginning, filled up by imputation, is followed through the trees of the
    model: does it look like one of the rows that they were trained on?

    Parameters
    ----------
    target : FrozenEstimator
        The model under attack: a model whose trees can be read, or a pipeline that ends
        in one.

    sensitive : str, int or list
        Columns that are not known: names, or positions among the target's features. In
        this order they are settled.

    shadow : ShadowModels, FrozenEstimator or None, default=None
        Shadow models, trained on the attacker's own records; fitted ones inside
        :class:`~sklearn.frozen.FrozenEstimator` are used as they are, and must have
        been trained with ``keep_models=True``. None: 8 of them.

    member_prior : float, default=0.5
        How likely the attacker takes a record to be a member.

    beam_width : int, default=16
        Beginnings that are kept for each record.

    n_judged : int, default=64
        Beginnings that are followed through the trees for each column.

    n_varied : int, default=4
        Completions of which, in the end, each column is tried with all its values, in
        case the beam has lost what begins badly.

    tolerance : float, default=0.1
        How far a number may be off, in standard deviations of the attacker's own
        records, to count as right.

    imputer : classifier or None, default=None
        Guesses each column from what is known and the columns before it; of a number
        its step on the grid. None: gradient boosting.

    values : {"auto", "classes", "numeric"} or list of them, default="auto"
        What the columns are, all of them or each: classes, of which one is chosen, or
        numbers. "auto": numbers of more than 20 different values, or with fractions,
        are numbers.

    label : str, int or None, default=-1
        The label's column in ``X``.

    label_known : bool, default=True
        Whether the label of the records under attack is known.

    random_state : int, RandomState instance or None, default=None
        For the imputers, and for shadow models that have none of their own.

    Attributes
    ----------
    shadow_ : ShadowModels
        The fitted shadow models.

    values_ : list of ndarray
        For each column, the values that it is completed with.

    weights_ : ndarray of shape (5,)
        How much each kind of evidence counts: imputation, the likelihood of rows, the
        density of leaves, the label's share in them, and that no tree contradicts.

    n_features_in_ : int
        Columns that are known.

    See Also
    --------
    TreeAttack : The same evidence, of a single column or a few combinations.
    skprivacy.inspection.recover_training_values : Values that a model certifies.

    Notes
    -----
    Assumes that the attacker holds the model itself, knows how it was trained, holds
    complete records of the same population, and knows all but some columns of a person.

    A completion v of a record k is scored by

    .. math::

        w_0 \sum_j \log P(v_j \mid k, v_1, \dots, v_{j-1})
        + w_1 \log(1 - m + m e^{s(v)}) + \dots

    with the evidence s of :class:`TreeAttack`, m = `member_prior`, and further terms
    for leaf density, label share and contradictions. The weights are those under which
    the truth is the likeliest choice among completions of the attacker's own records,
    drawn by imputation and seen by shadow models. Of all whole completions that were
    judged, each cell is given the value that has most of the chance, those within
    `tolerance` of each other taken together.

    References
    ----------
    An addition of this package.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from sklearn.frozen import FrozenEstimator
    >>> from skprivacy.attribute import ReconstructionAttack
    >>> from skprivacy.shadow import ShadowModels
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(600, 5))
    >>> X[:, :2] = rng.integers(2, size=(600, 2))  # the secrets
    >>> y = rng.integers(2, size=600)
    >>> model = RandomForestClassifier(20, random_state=0).fit(X[:300], y[:300])
    >>> known, secret = np.column_stack([X[:, 2:], y]), X[:, :2]
    >>> shadow = ShadowModels(n_models=2)
    >>> attack = ReconstructionAttack(
    ...     FrozenEstimator(model), sensitive=[0, 1], shadow=shadow, random_state=0
    ... )
    >>> attack.fit(known[300:], secret[300:]).score(known[:300], secret[:300]) > 0.7
    True
    """

    _parameter_constraints: dict = {
        **BaseShadowAttack._parameter_constraints,
        "member_prior": [Interval(Real, 0, 1, closed="both")],
        "beam_width": [Interval(Integral, 1, None, closed="left")],
        "n_judged": [Interval(Integral, 2, None, closed="left")],
        "n_varied": [Interval(Integral, 0, None, closed="left")],
        "tolerance": [Interval(Real, 0, None, closed="left")],
        "imputer": [HasMethods(["fit", "predict_proba"]), None],
    }
    _estimator_type_ = None
    _reads_shadow = True

    def __init__(
        self,
        target,
        *,
        sensitive,
        shadow=None,
        member_prior=0.5,
        beam_width=16,
        n_judged=64,
        n_varied=4,
        tolerance=0.1,
        imputer=None,
        values="auto",
        label=-1,
        label_known=True,
        random_state=None,
    ):
        self.target = target
        self.sensitive = sensitive
        self.shadow = shadow
        self.member_prior = member_prior
        self.beam_width = beam_width
        self.n_judged = n_judged
        self.n_varied = n_varied
        self.tolerance = tolerance
        self.imputer = imputer
        self.values = values
        self.label = label
        self.label_known = label_known
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y):
        """Learn from the attacker's own complete records.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_known)
            The attacker's own records without the sensitive columns, the label among
            their columns.

        y : DataFrame or array-like of shape (n_records, n_secrets)
            The sensitive columns of the same records.

        Returns
        -------
        self : object
            The fitted attack.
        """
        columns = as_columns(self.sensitive)
        kinds = kinds_of(self.values, len(columns))
        model = check_white_box(self.target)
        read_trees(model)
        self._box = check_target(self.target)
        X = self._check_known(X, reset=True)
        secret = check_secret(X, _as_frame(y), columns)
        parts = X, secret, columns, self.label, self.label_known, self._box
        self._completer = Completer(*parts)
        known = self._completer.own(X)
        self._check_label(known)
        own_values = [secret.iloc[:, j].to_numpy() for j in range(len(columns))]
        certified = certified_values(model, columns)
        self._pools = [
            pool_of(*parts) for parts in zip(own_values, kinds, certified, strict=True)
        ]
        self.values_ = [pool.values for pool in self._pools]
        self._room = [
            self.tolerance * np.std(column.astype(float)) if pool.steps.numeric else 0.0
            for pool, column in zip(self._pools, own_values, strict=True)
        ]
        self._seed = check_random_state(self.random_state).randint(2**31 - 1)
        self.shadow_ = self._train_shadow(known, secret.to_numpy())
        own = self._completer.as_attacked(known)
        self.weights_ = self._learn(own, known, own_values, secret.to_numpy())
        self._chain = self._new_chain().fit(own.table(), own_values)
        X = self._completer.complete(known.features, secret.to_numpy())
        self._reader = TreeReader(model, X, known.y, np.ones(len(known), dtype=bool))
        return self

    def predict(self, X):
        """Complete records.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_known)
            What is known of the records.

        Returns
        -------
        secret : ndarray of shape (n_records, n_secrets)
            Numbers if all columns are; otherwise objects.
        """
        check_is_fitted(self)
        known = self._completer.known(self._check_known(X, reset=False))
        self._check_label(known)
        found = [
            self._complete(known.take(slice(start, start + BLOCK)))
            for start in range(0, len(known), BLOCK)
        ]
        return self._decode(np.concatenate(found))

    def score(self, X, y, sample_weight=None):
        """Share of the cells that are right.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_known)
            What is known of the records.

        y : DataFrame or array-like of shape (n_records, n_secrets)
            The truth.

        sample_weight : array-like of shape (n_records,) or None, default=None
            Weights.

        Returns
        -------
        score : float
            Mean over columns; a number within `tolerance` is right.
        """
        right = self.cells_right(X, y).mean(axis=1)
        return float(np.average(right, weights=sample_weight))

    def cells_right(self, X, y):
        """Tell which cells are completed rightly.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_known)
            What is known of the records.

        y : DataFrame or array-like of shape (n_records, n_secrets)
            The truth.

        Returns
        -------
        right : ndarray of bool of shape (n_records, n_secrets)
        """
        found = self.predict(X)
        check_consistent_length(X, y)
        truth = _as_frame(y)
        if truth.shape[1] != found.shape[1]:
            raise ValueError(
                f"y must have a column for each of the {found.shape[1]} sensitive "
                f"columns; got {truth.shape[1]}."
            )
        right = np.empty(found.shape, dtype=bool)
        for j, pool in enumerate(self._pools):
            column = truth.iloc[:, j].to_numpy()
            if pool.steps.numeric:
                gap = np.abs(found[:, j].astype(float) - column.astype(float))
                right[:, j] = gap <= self._room[j]
            else:
                right[:, j] = found[:, j] == column
        return right

    def _complete(self, known):
        table = known.table()

        def judge(codes, log_chance):
            filled = self._chain.fill(table, codes)
            evidence = self._evidence(self._reader, known, filled, log_chance)
            return evidence @ self.weights_

        def judge_whole(codes):
            log_chance = self._chain.log_chance(table, codes)
            possible = np.isfinite(log_chance)
            found = judge(codes, np.where(possible, log_chance, 0.0))
            return np.where(possible, found, -np.inf)

        codes, score = self._search(table, judge)
        n_values = [len(pool) for pool in self._pools]
        if self.n_varied and np.prod(n_values, dtype=float) > codes.shape[1]:
            codes, score = with_neighbors(
                codes, score, judge_whole, n_values, self.n_varied
            )
        alike = [
            pool.alike(room) for pool, room in zip(self._pools, self._room, strict=True)
        ]
        return likeliest_cells(codes, score, alike)

    def _search(self, table, judge):
        def propose(codes):
            return self._chain.propose(table, codes)

        size = len(table), len(self._pools)
        return beam_search(*size, propose, judge, self.beam_width, self.n_judged)

    def _evidence(self, reader, known, codes, log_chance, own=False):
        slots = [
            self._completer.complete(known.features, self._decode(codes[:, s]))
            for s in range(codes.shape[1])
        ]
        read = reader.evidence(slots, known.y, own=own)
        return completion_evidence(log_chance, read, self.member_prior)

    def _learn(self, own, with_label, own_values, secret):
        """Weights under which the truth is the likeliest of the own completions."""
        codes, log_chance = self._own_completions(own, own_values)
        X = self._completer.complete(with_label.features, secret)
        membership = self._shadow_membership(with_label, secret)
        evidence, weight = [], []
        for model, inside in zip(self.shadow_.models_, membership, strict=True):
            reader = TreeReader(model, X, with_label.y, ~inside)
            evidence.append(self._evidence(reader, own, codes, log_chance, own=True))
            weight.append(np.where(inside, self.member_prior, 1 - self.member_prior))
        return choice_weights(
            np.concatenate(evidence), np.concatenate(weight), drawn_by=0
        )

    def _own_completions(self, own, own_values):
        """Draw completions of own records from imputers that did not see them.

        Returns
        -------
        codes : ndarray of int of shape (n_records, n_slots, n_secrets)
            The truth in the first slot.

        log_chance : ndarray of shape (n_records, n_slots)
        """
        table = own.table()
        n = len(own)
        right = np.column_stack(
            [
                pool.steps.encode(column[:, None])
                for pool, column in zip(self._pools, own_values, strict=True)
            ]
        )
        n_slots = N_DRAWS + 1
        codes = np.empty((n, n_slots, len(self._pools)), dtype=int)
        log_chance = np.empty((n, n_slots))
        rng = check_random_state(self._seed)
        folds = KFold(min(N_FOLDS, n), shuffle=True, random_state=self._seed)
        for rest, held in folds.split(right):
            values = [column[rest] for column in own_values]
            chain = self._new_chain().fit(take_rows(table, rest), values)
            part = take_rows(table, held)
            drawn = chain.draw(part, N_DRAWS, rng)
            codes[held] = np.concatenate([right[held][:, None], drawn], axis=1)
            log_chance[held] = chain.log_chance(part, codes[held])
        return codes, log_chance

    def _new_chain(self):
        return Chain(self._pools, self.imputer, self._seed)

    def _decode(self, codes):
        columns = [pool.values[codes[:, j]] for j, pool in enumerate(self._pools)]
        if all(column.dtype.kind in "biuf" for column in columns):
            return np.column_stack(columns)
        return np.column_stack([column.astype(object) for column in columns])

    @property
    def predict_proba(self):
        """Not there: the completions of two records have no list in common."""
        raise AttributeError(f"{type(self).__name__} has no predict_proba")

    def __sklearn_is_fitted__(self):
        return hasattr(self, "weights_")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.single_output = False
        tags.target_tags.multi_output = True
        return tags


def _as_frame(y):
    """Columns of which each has a kind of its own."""
    if y is None or isinstance(y, pd.DataFrame):
        return y
    if isinstance(y, pd.Series):
        return y.to_frame()
    y = np.asarray(y)
    return pd.DataFrame(y).infer_objects() if y.ndim in (1, 2) else y
