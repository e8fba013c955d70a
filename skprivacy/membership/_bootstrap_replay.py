"""Membership by which rows each tree was trained on, drawn again from its seed."""

from numbers import Integral

from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from skprivacy.inspection._bootstrap import replay_bootstrap
from skprivacy.membership._base import BaseMembershipAttack
from skprivacy.membership._forest_evidence import Candidates
from skprivacy.records import as_model_input, find_records, hash_records, split_records
from skprivacy.signals import truth_of
from skprivacy.targets import check_white_box

__all__ = ["BootstrapReplayAttack"]


class BootstrapReplayAttack(BaseMembershipAttack):
    r"""Draw the bootstrap samples of a forest again, and find the row of each record.

    The model's seeds say how often each training row was drawn for each tree. A member
    is one of the rows: in every tree that drew it, it must fit the leaf that it falls
    into. A stranger fits none.

    Parameters
    ----------
    target : FrozenEstimator
        The model under attack: a forest, bagging, or a pipeline that ends in one.

    seed : "auto" or int, default="auto"
        "auto": the seeds that the trees keep. Where they were removed, the ensemble's
        ``random_state``, then 0, 1, 42 and other numbers that people write are tried. A
        number: the ensemble's ``random_state``, if it is known from elsewhere.

    split_points : bool, default=True
        Whether to read the thresholds too.

    label : str or int, default=-1
        The records' label column.

    Attributes
    ----------
    row_ : ndarray of int of shape (n_records,)
        The training row, counted from 0, for which each record given to ``fit`` is
        taken.

    seed_ : int or None
        The ensemble's seed that was found; None where the trees keep their own.

    counts_ : ndarray of shape (n_rows, n_trees)
        How often each training row was drawn for each tree.

    classes_ : ndarray of shape (2,)
        Non-member, member.

    n_features_in_ : int
        Columns of the records, the label included.

    See Also
    --------
    SplitPointAttack : Reads thresholds alone, of models without a bootstrap too.
    WhiteBoxForestAttack : Learns how to weigh all the evidence.

    Notes
    -----
    Assumes that the attacker holds the model itself, with its seeds or with seeds that
    can be guessed, and candidates, given to ``fit``, among whom the training rows are,
    unmarked. Other records are compared with the candidates by the leaves alone.

    The score is the logarithm of the mean, over training rows, of how much likelier the
    leaves are if the record is that row than if it is nobody's,

    .. math:: \log \frac1N \sum_i \prod_t \frac{p_t(\ell_t \mid k_{it})}{q_t(\ell_t)}

    where :math:`k_{it}` is how often tree t drew row i. A leaf says how many rows it
    holds, and how many draws they are: the expected number of its rows that were drawn
    k times follows from all ways to deal the draws to the rows. A tree that did not
    draw the row says nothing. Regression trees tell more: who can't have been averaged
    to the leaf's mean, given its variance, is not in it.

    Bagging of other models is refused: they have no leaves. Who was in the bag of each
    part is known too, but how sure the parts are of a record hardly tells its row.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from sklearn.frozen import FrozenEstimator
    >>> from sklearn.model_selection import train_test_split
    >>> from skprivacy.membership import BootstrapReplayAttack
    >>> from skprivacy.records import make_membership_records
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> X_train, X_holdout, y_train, y_holdout = train_test_split(
    ...     X, y, test_size=0.5, random_state=0
    ... )
    >>> model = RandomForestClassifier(random_state=0).fit(X_train, y_train)
    >>> records, is_member = make_membership_records(
    ...     X_train, y_train, X_holdout, y_holdout, random_state=0
    ... )
    >>> attack = BootstrapReplayAttack(FrozenEstimator(model)).fit(records)
    >>> attack.score(records, is_member) > 0.9
    True
    """

    _parameter_constraints: dict = {
        **BaseMembershipAttack._parameter_constraints,
        "seed": [StrOptions({"auto"}), Interval(Integral, 0, 2**32 - 1, closed="both")],
        "split_points": ["boolean"],
    }

    def __init__(self, target, *, seed="auto", split_points=True, label=-1):
        self.target = target
        self.seed = seed
        self.split_points = split_points
        self.label = label

    def _fit(self, records):
        model = check_white_box(self.target)
        replay = replay_bootstrap(model, self.seed)
        if replay is None:
            raise ValueError(
                f"target: the samples of its {type(model).__name__} can't be drawn "
                "again: it takes no bootstrap samples, or its seeds were removed and "
                f"seed={self.seed!r} gives none that fit. SplitPointAttack and "
                "WhiteBoxForestAttack need no seeds."
            )
        self.seed_, self.counts_ = replay.seed, replay.counts
        X, truth = self._features(records)
        self._candidates = Candidates(model, X, truth, replay, self.split_points)
        self._hashes = hash_records(records)
        self.row_ = self._candidates.rows.row

    def find_row(self, X):
        """Name the training row for which each record is taken.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features + 1)
            Records.

        Returns
        -------
        row : ndarray of int of shape (n_records,)
        """
        check_is_fitted(self)
        return self._scored(self._check_records(X, reset=False))[1]

    def _decide(self, records):
        return self._scored(records)[0]

    def _scored(self, records):
        X, truth = self._features(records)
        place = find_records(self._hashes, hash_records(records))
        known = place >= 0
        rows = self._candidates.rows
        score, row = rows.score[place], rows.row[place]
        if not known.all():
            others = self._candidates.further(X[~known], truth[~known])[1]
            score[~known], row[~known] = others.score, others.row
        return score, row

    def _features(self, records):
        X, y = split_records(records, self.label)
        return as_model_input(X, self._box), truth_of(y, self._box)
