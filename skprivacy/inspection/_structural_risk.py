"""Groups of training records that a model can't tell apart, and its parameters."""

from dataclasses import dataclass
from numbers import Integral

import numpy as np
import pandas as pd
from scipy.sparse import issparse
from sklearn.base import is_regressor
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.utils._param_validation import Interval, validate_params

from skprivacy._validation import as_table
from skprivacy.inspection._read_trees import read_trees
from skprivacy.inspection._walk import leaf_of
from skprivacy.records import as_model_input

__all__ = ["StructuralRisk", "count_parameters", "structural_risk"]

#: From here on two answers are different ones, and a probability is not zero.
_DIGITS = 9
_MIX = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, eq=False)
class StructuralRisk:
    """What `structural_risk` found.

    Parameters
    ----------
    records : DataFrame
        One row a training record, in its order: ``group``, the number of its group;
        ``k``, the size of the group; ``class_disclosure``, whether the model rules out
        a class for the group; ``small_group``, whether a class has fewer than
        `threshold` records in the group, but more than none; ``one_label``, whether
        all records of the group have the same label. The two in the middle are missing
        for regressors.

    groups : {"leaves", "answers"}
        What makes a group: the same leaf in each tree, or the same answer.

    threshold : int
        Smallest group that counts as safe.

    n_parameters : int or None
        Numbers that the training set was free to choose; None where this is not known
        for the kind of model.

    dof_threshold : int
        Fewest residual degrees of freedom that count as safe.
    """

    records: pd.DataFrame
    groups: str
    threshold: int
    n_parameters: int | None
    dof_threshold: int

    @property
    def k_anonymity(self) -> int:
        """Size of the smallest group."""
        return int(self.records["k"].min())

    @property
    def n_groups(self) -> int:
        """Number of groups."""
        return int(self.records["group"].nunique())

    @property
    def n_below(self) -> int:
        """Records in groups that are smaller than the threshold."""
        return int((self.records["k"] < self.threshold).sum())

    @property
    def residual_dof(self) -> int | None:
        """Training records less parameters; None where these are not known."""
        if self.n_parameters is None:
            return None
        return len(self.records) - self.n_parameters

    @property
    def risks(self) -> dict:
        """Which rules are broken: a bool each, None where a rule can't be checked."""
        return {
            "k_anonymity": self.k_anonymity < self.threshold,
            "class_disclosure": _any_or_none(self.records["class_disclosure"]),
            "small_group": _any_or_none(self.records["small_group"]),
            "degrees_of_freedom": self.too_few_dof,
        }

    @property
    def too_few_dof(self) -> bool | None:
        """Whether the residual degrees of freedom are below the threshold."""
        dof = self.residual_dof
        return None if dof is None else dof < self.dof_threshold


def _any_or_none(column):
    return None if column.isna().all() else bool(column.any())


@validate_params(
    {
        "threshold": [Interval(Integral, 1, None, closed="left")],
        "dof_threshold": [Integral],
    },
    prefer_skip_nested_validation=True,
)
def structural_risk(
    model, X_train, y_train, *, threshold: int = 10, dof_threshold: int = 10
) -> StructuralRisk:
    """Apply the rules of output checkers for tables to a model.

    A model lays its training records into groups that it can't tell apart. To give out
    the model is to give out a table with a cell for each group, and small cells, empty
    cells and more parameters than records are what output checkers look for.

    Parameters
    ----------
    model : fitted estimator or FrozenEstimator
        A classifier or regressor, or a pipeline that ends in one.

    X_train : DataFrame or array-like of shape (n_records, n_features)
        Features that the model was trained on.

    y_train : array-like of shape (n_records,)
        Their labels.

    threshold : int, default=10
        Smallest group, and smallest number of records of a class in a group, that
        counts as safe.

    dof_threshold : int, default=10
        Fewest residual degrees of freedom that count as safe.

    Returns
    -------
    risk : StructuralRisk

    Raises
    ------
    ValueError
        If the model is not fitted, or the tables are not those that it takes.

    See Also
    --------
    leak_scan : What the object holds of its training set.

    Notes
    -----
    *k-anonymity*: for models of trees, a group is all records that share a leaf in each
    of the trees; for all others, all records with equal answers (probabilities,
    decision values or predictions, to 9 decimals). A linear model answers each
    different record differently, so that its groups are of one record and say little.
    *Class disclosure*: the model gives some class a probability of zero. *Small group*:
    probability times size of the group is between 0 and `threshold`. A model without
    probabilities is judged by the shares of the labels in the group.
    *Degrees of freedom*: records less parameters.

    These are the definitions of SACRO-ML's structural attack (release 2; co-leaf groups
    as in its safe random forest), and the thresholds are the defaults of ACRO. Groups
    are found by hashing a record's leaves, tree after tree: time grows with
    records times trees, memory with the records. Kinds of models whose parameters can't
    be counted have `n_parameters` None, and are not called safe.

    The rules do not measure what an attacker achieves: a forest can keep all of them
    and leak, or break them and not.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skprivacy.inspection import structural_risk
    >>> X, y = load_iris(return_X_y=True)
    >>> model = DecisionTreeClassifier(random_state=0).fit(X, y)
    >>> risk = structural_risk(model, X, y)
    >>> risk.k_anonymity, risk.n_below, risk.residual_dof
    (1, 10, 116)
    >>> risk.risks["class_disclosure"]
    True
    """
    X, y = _check(model, X_train, y_train)
    try:
        hashes, kind = _hashes_of_groups(model, X)
    except NotFittedError as error:
        raise ValueError(f"model must be fitted; got {model!r}.") from error
    _, first, group, sizes = np.unique(
        hashes, return_index=True, return_inverse=True, return_counts=True
    )
    k = sizes[group]
    codes, labels = pd.factorize(y)
    lowest, highest = np.full(len(sizes), len(labels)), np.full(len(sizes), -1)
    np.minimum.at(lowest, group, codes)
    np.maximum.at(highest, group, codes)
    shares = _shares(model, X, first, group, codes, len(labels))
    records = pd.DataFrame(
        {
            "group": group,
            "k": k,
            "class_disclosure": pd.array([pd.NA] * len(k), dtype="boolean"),
            "small_group": pd.array([pd.NA] * len(k), dtype="boolean"),
            "one_label": (lowest == highest)[group],
        },
        index=X.index if isinstance(X, pd.DataFrame) else None,
    )
    if shares is not None:
        expected = shares * sizes[:, None]
        none = shares < 10.0**-_DIGITS
        small = (~none & (expected < threshold)).any(axis=1)
        records["class_disclosure"] = pd.array(none.any(axis=1)[group], "boolean")
        records["small_group"] = pd.array(small[group], "boolean")
    return StructuralRisk(
        records, kind, threshold, count_parameters(model), dof_threshold
    )


def _check(model, X, y):
    if not hasattr(model, "predict") or isinstance(model, type):
        raise TypeError(f"model must be a fitted model; got {model!r}.")
    X = as_table(X, "X_train")
    y = np.asarray(y)
    if y.ndim != 1 or len(y) != len(X):
        raise ValueError(
            f"y_train must hold one label for each of the {len(X)} rows of X_train; "
            f"got an array of shape {y.shape}."
        )
    try:
        return as_model_input(X, model), y
    except ValueError as error:
        raise ValueError(f"X_train: {error}") from error


def _hashes_of_groups(model, X):
    """Return a number for each record, equal within a group, and what groups are."""
    try:
        ensemble = read_trees(model)
    except (TypeError, NotFittedError):  # some models never look fitted
        return _hash_rows(np.round(_answers(model, X), _DIGITS).T), "answers"
    values = ensemble.transform(X)
    leaves = (
        leaf_of(nodes, ensemble.tree_values(nodes, values)) for nodes in ensemble.trees
    )
    return _hash_rows(leaves), "leaves"


def _hash_rows(columns):
    """Hash rows that come column by column, to 64 bits."""
    hashes = np.uint64(0)
    with np.errstate(over="ignore"):
        for column in columns:
            # + 0.0 makes a zero of a negative zero.
            values = pd.util.hash_array(np.ascontiguousarray(column + 0.0))
            hashes = (hashes * np.uint64(3) + _MIX) ^ (values * _MIX)
            hashes ^= hashes >> np.uint64(29)
    return hashes


def _answers(model, X):
    for name in ("predict_proba", "decision_function"):
        if hasattr(model, name):
            return np.asarray(getattr(model, name)(X), float).reshape(len(X), -1)
    answers = np.asarray(model.predict(X)).reshape(len(X), -1)
    if answers.dtype.kind in "biuf":
        return answers.astype(float)
    codes = pd.factorize(answers.ravel())[0]
    return codes.reshape(answers.shape).astype(float)


def _shares(model, X, first, group, codes, n_classes):
    """Share of each class in each group: as the model tells it, or as it is."""
    if is_regressor(model):
        return None
    if hasattr(model, "predict_proba"):
        rows = X.iloc[first] if isinstance(X, pd.DataFrame) else X[first]
        return np.asarray(model.predict_proba(rows))
    cells = group * n_classes + codes
    counts = np.bincount(cells, minlength=len(first) * n_classes)
    counts = counts.reshape(len(first), n_classes)
    return counts / counts.sum(axis=1, keepdims=True)


def count_parameters(model) -> int | None:
    """Count the numbers in a fitted model that its training set chose.

    A tree has two for each split (feature and threshold) and, for each leaf, one less
    than classes, or one for a regressor. A linear model has its coefficients that are
    not zero, and intercepts; a network its weights and biases. An ensemble has those of
    its members, a pipeline those of its last step.

    Parameters
    ----------
    model : fitted estimator
        The model.

    Returns
    -------
    n_parameters : int or None
        None where this is not known for the kind of model.

    Examples
    --------
    >>> from sklearn.linear_model import LinearRegression
    >>> count_parameters(LinearRegression().fit([[1, 2], [2, 1], [3, 3]], [1, 2, 3]))
    3
    """
    if isinstance(model, FrozenEstimator):
        return count_parameters(model.estimator)
    if isinstance(model, Pipeline):
        return count_parameters(model.steps[-1][1])
    for name in ("best_estimator_", "regressor_"):
        if hasattr(model, name):
            return count_parameters(getattr(model, name))
    try:
        trees = read_trees(model).trees
    except (TypeError, NotFittedError):
        return _parameters_in_arrays(model)
    return sum(_of_a_tree(nodes) for nodes in trees)


def _of_a_tree(nodes):
    n_leaves = int(nodes.is_leaf.sum())
    # The trees of boosting answer with a number each, whatever the classes.
    in_a_leaf = max(nodes.value.shape[1] - 1, 1)
    return 2 * (len(nodes.left) - n_leaves) + n_leaves * in_a_leaf


def _parameters_in_arrays(model):
    if hasattr(model, "coefs_"):
        return sum(part.size for part in [*model.coefs_, *model.intercepts_])
    for weights in ("coef_", "dual_coef_"):
        if hasattr(model, weights):
            intercept = np.size(getattr(model, "intercept_", ()))
            return _n_not_zero(getattr(model, weights)) + intercept
    if hasattr(model, "theta_"):
        return model.theta_.size + model.var_.size + len(model.class_prior_) - 1
    members = [*_members(model)]
    counts = [count_parameters(member) for member in members]
    return sum(counts) if counts and None not in counts else None


def _n_not_zero(weights):
    return int(weights.nnz if issparse(weights) else np.count_nonzero(weights))


def _members(model):
    """Yield the fitted models inside an ensemble of models of any kind."""
    members = getattr(model, "estimators_", None)
    if members is not None:
        members = np.asarray(members, dtype=object).ravel()
        yield from (member for member in members if not isinstance(member, str))
    if hasattr(model, "final_estimator_"):
        yield model.final_estimator_
    for calibrated in getattr(model, "calibrated_classifiers_", ()):
        yield calibrated.estimator
