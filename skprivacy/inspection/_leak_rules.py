"""The rules of the leak scan: what is known of the attributes of fitted objects.

A rule takes an item of the walk and yields what leaks there. Of the rules in `RULES`,
the first that has something to say of an item is heard.
"""

import functools
import re
import types
from collections.abc import Iterator
from contextlib import suppress

import numpy as np
from sklearn.neighbors import BallTree, KDTree
from sklearn.tree._tree import Tree

from skprivacy.inspection._leak_kinds import Known, Leak
from skprivacy.inspection._mean_leak_rules import group_shares, target_encodings
from skprivacy.inspection._object_walk import (
    Item,
    attributes_of,
    is_a,
    is_number,
    is_scalar,
    is_table,
    package_of,
    plain_array,
    shape_of,
    type_name,
)
from skprivacy.inspection._tree_leak_rules import (
    generators,
    histogram_trees,
    seeds,
    trees,
)

__all__ = ["RULES", "leaks_of", "what_is_known"]

#: Attributes by what they hold. Names that mean different things in different models
#: have rules of their own below.
NAMES = {
    "training_rows": "support_vectors_ _fit_X X_train_ X_fit_ X_ X _X X_train _X_train",
    "training_labels": "y_train_ y_train _y_train y_",
    "per_record": "dual_coef_ _dual_coef_ oob_decision_function_ oob_prediction_ "
    "embedding_ labels_ transduction_ label_distributions_ negative_outlier_factor_ "
    "_lrd _distances_fit_X_ dist_ dist_matrix_ affinity_matrix_ x_scores_ y_scores_ "
    "_x_scores _y_scores _sample_weight sample_weight_",
    "row_numbers": "inlier_mask_ outliers_ raw_support_ core_sample_indices_ "
    "component_indices_ cluster_centers_indices_ medoid_indices_",
    "extreme_values": "data_min_ data_max_ max_abs_ X_min_ X_max_",
    "column_values": "quantiles_ bin_edges_ bin_thresholds_ X_thresholds_",
    "statistics": "mean_ var_ theta_ centroids_ means_ xbar_ covariance_ covariances_ "
    "location_ raw_location_ raw_covariance_ center_ statistics_ target_mean_ "
    "cluster_centers_ y_thresholds_ _x_mean _y_mean X_offset_ _y_train_mean "
    "_y_train_std feature_log_prob_ deviations_ constant_",
    "counts": "class_count_ category_count_ feature_count_ class_prior_ "
    "class_log_prior_ priors_ _baseline_prediction n_samples_seen_ n_samples_fit_ "
    "n_samples_ _n_samples shape_fit_",
    "scores": "loss_curve_ train_score_ validation_score_ validation_scores_ "
    "oob_scores_ oob_improvement_ estimator_errors_ cv_results_ cv_values_ mse_path_ "
    "_evals_result evals_result_",
    "categories": "categories_ known_categories pandas_categorical vocabulary_",
    "rare_categories": "_infrequent_indices",
}
_KIND_OF = {name: kind for kind, names in NAMES.items() for name in names.split()}
_MAY_BE_SCALAR = {"counts", "extreme_values"}
_FEW_ROWS = {"training_rows", "training_labels", "per_record", "row_numbers"}
#: From this length on, an array as long as the training set is no coincidence.
_LONG = 20
#: Evenly spaced numbers.
_LONG_BUT_EMPTY = {"references_"}
_LOOKS_LIKE_A_VALUE = re.compile(r"@|\d{4}-\d{2}-\d{2}|\d{5,}|=")
_SIZES = {"_n_samples", "n_samples_", "n_samples_fit_", "n_samples_seen_", "shape_fit_"}


def leaks_of(item: Item, known: Known) -> list[Leak]:
    """Ask the rules about a part of an object.

    Parameters
    ----------
    item : Item
        The part.

    known : Known
        What is known of the training set.

    Returns
    -------
    leaks : list of Leak
        What the first rule says that has something to say; often nothing.
    """
    for rule in RULES:
        leaks = list(rule(item, known))
        if leaks:
            return leaks
    return []


def what_is_known(items, n_train=None) -> Known:
    """Gather how many records and features the parts of an object tell of.

    Parameters
    ----------
    items : sequence of Item
        All parts.

    n_train : int or None
        Size of the training set, where the caller knows it.

    Returns
    -------
    known : Known
    """
    sizes, widths = set(), set()
    for item in items:
        with suppress(Exception):  # an attribute that is not what its name says
            sizes.update(_told_sizes(item))
        if item.name in ("n_features_in_", "n_features_"):
            widths.update(_whole_numbers(item.value))
    sizes = {size for size in sizes if size > 0}
    if n_train is None:
        n_train = max(sizes, default=None)
    else:
        sizes.add(n_train)
    return Known(n_train, frozenset(sizes), frozenset(widths))


def _told_sizes(item):
    value = item.value
    if is_a(value, Tree):
        return _whole_numbers(np.asarray(Tree.n_node_samples.__get__(value))[:1])
    if item.name in _SIZES:
        return _whole_numbers(value)[:1]
    shape = shape_of(value)
    if not shape:
        return []
    if item.name == "nodes":
        array = plain_array(value)
        if array is not None and "count" in (array.dtype.names or ()):
            return _whole_numbers(array["count"][:1])
    if item.name == "class_count_" and _is_numeric(value):
        return _whole_numbers(np.sum(plain_array(value)))
    kind = _KIND_OF.get(item.name)
    if kind in ("training_rows", "training_labels") and item.name[:7] != "support":
        return [shape[0]]
    return [shape[0]] if item.name.startswith("oob_") and len(shape) > 1 else []


def _whole_numbers(value):
    array = plain_array(value)
    values = [value] if array is None else array.ravel().tolist()
    return [
        int(number) for number in values if is_number(number) and number == number // 1
    ]


def parts_left_out(item: Item, known: Known) -> Iterator[Leak]:
    """Say that the walk did not see all."""
    if item.name == "..." and not item.path:
        yield Leak("not_scanned", None, item.value)


def memory_maps(item: Item, known: Known) -> Iterator[Leak]:
    """Look for arrays that are windows into files."""
    if item.name == "filename" and is_a(item.owner, np.memmap):
        if item.value is not None:
            yield Leak("memory_map", None, 1)


def search_trees(item: Item, known: Known) -> Iterator[Leak]:
    """Look into the trees of nearest neighbors, which are the rows themselves."""
    for kind in (KDTree, BallTree):
        if is_a(item.value, kind):
            data = np.asarray(kind.data.__get__(item.value))
            yield Leak("training_rows", len(data), data.size, at=".data")


def carried_by_functions(item: Item, known: Known) -> Iterator[Leak]:
    """Look at what functions carry along: closures, defaults, arguments kept."""
    functions = (types.FunctionType, types.MethodType, functools.partial)
    if not is_a(item.owner, *functions) and item.name not in ("kw_args", "inv_kw_args"):
        return
    shape = shape_of(item.value)
    n_values = int(np.prod(shape)) if shape else 0
    if is_table(item.value) or n_values >= _LONG:
        n_rows = shape[0] if shape else None
        severity = "critical" if n_rows in known.sizes else None
        yield Leak("closure", n_rows, n_values, severity)


def tables(item: Item, known: Known) -> Iterator[Leak]:
    """Look for tables of pandas and the like."""
    if is_table(item.value):
        shape = shape_of(item.value)
        n_rows = shape[0] if shape else None
        severity = "critical" if n_rows in known.sizes else None
        yield Leak("table", n_rows, int(np.prod(shape)) if shape else 0, severity)


def neighbors_labels(item: Item, known: Known) -> Iterator[Leak]:
    """Look for the labels beside stored rows, and what a Gaussian process makes of it.

    The names are too short to mean something anywhere else.
    """
    kinds = {"_y": ("_fit_X", "training_labels")}
    kinds |= {name: ("X_train_", "per_record") for name in _OF_GAUSSIAN_PROCESSES}
    beside, kind = kinds.get(item.name, (None, None))
    shape = shape_of(item.value)
    if kind and shape and beside in attributes_of(item.owner):
        yield Leak(kind, shape[0], int(np.prod(shape)))


_OF_GAUSSIAN_PROCESSES = ("alpha_", "L_", "pi_", "W_sr_", "f_cached")


def ambiguous_names(item: Item, known: Known) -> Iterator[Leak]:
    """Look at names that mean training rows in some models only."""
    where = (type_name(item.owner), item.name)
    shape = shape_of(item.value)
    if not shape or not np.prod(shape):
        return
    n_values = int(np.prod(shape))
    if where in _ROWS_HERE_ONLY:
        yield Leak("training_rows", shape[0], n_values)
    elif where == ("KernelPCA", "eigenvectors_"):
        yield Leak("per_record", shape[0], n_values)
    elif item.name == "support_" and (
        _is_whole(item.value) or shape[0] in known.sizes - known.widths
    ):
        yield Leak("row_numbers", shape[0], n_values)
    elif item.name == "cv_results_" and item.path[-1].text == ".cv_results_":
        # Of RidgeCV: the error on each training record.
        yield Leak("per_record", shape[0], n_values)
    elif item.name == "scores_":
        in_dict = item.path[-1].text != ".scores_"
        yield Leak("scores" if in_dict else "statistics", known.n_train, n_values)


_ROWS_HERE_ONLY = {
    ("DBSCAN", "components_"),
    ("Nystroem", "components_"),
    ("AffinityPropagation", "cluster_centers_"),
    ("KMedoids", "cluster_centers_"),
}


def _is_whole(value):
    array = plain_array(value)
    return array is not None and array.dtype.kind in "iu"


def spline_knots(item: Item, known: Known) -> Iterator[Leak]:
    """Look for splines, whose outer knots are the extremes of a column."""
    if item.name == "bsplines_" and type_name(item.value) == "BSpline":
        yield Leak("extreme_values", 2, 2)


def feature_names(item: Item, known: Known) -> Iterator[Leak]:
    """Look for names of features that are values of somebody."""
    if item.name not in ("feature_names_in_", "_feature_names_out", "feature_name_"):
        return
    names = plain_array(item.value)
    if names is None:
        return
    alike = [
        name
        for name in names.ravel().tolist()
        if is_a(name, str) and _LOOKS_LIKE_A_VALUE.search(name)
    ]
    if alike:
        yield Leak("feature_names", None, len(alike))


def categories(item: Item, known: Known) -> Iterator[Leak]:
    """Look at lists of categories; nearly one a record is a list of identifiers."""
    if _KIND_OF.get(item.name) != "categories":
        return
    if item.name == "vocabulary_" and is_a(item.value, dict):
        n_values = dict.__len__(item.value)
    else:
        shape = shape_of(item.value)
        n_values = shape[0] if shape else 0
    if n_values:
        nearly_all = known.n_train is not None and 2 * n_values >= known.n_train
        severity = "warning" if nearly_all and n_values >= _LONG else None
        yield Leak("categories", known.n_train, n_values, severity)


def known_names(item: Item, known: Known) -> Iterator[Leak]:
    """Look at attributes whose name tells what they hold."""
    kind = _KIND_OF.get(item.name)
    if kind is None or item.name == "vocabulary_":
        return
    shape = shape_of(item.value)
    if not shape:
        if kind not in _MAY_BE_SCALAR or not is_number(item.value):
            return
    n_values = int(np.prod(shape))
    if not n_values or kind == "scores" and not _is_numeric(item.value):
        return
    # As many quantiles as records are the records' values, sorted.
    all_values = item.name == "quantiles_" and shape[0] == known.n_train
    severity = "critical" if all_values else None
    yield Leak(kind, _rows_behind(kind, shape, n_values, known), n_values, severity)


def _rows_behind(kind, shape, n_values, known):
    if kind in ("training_rows", "training_labels", "row_numbers"):
        return shape[0]
    if kind == "per_record":
        # Some have a column, some a row for each record.
        return max(shape)
    if kind in ("extreme_values", "column_values"):
        return n_values if known.n_train is None else min(n_values, known.n_train)
    return None if kind == "rare_categories" else known.n_train


def _is_numeric(value):
    array = plain_array(value)
    if array is None:
        return False
    if array.dtype == object:
        return all(is_number(value) for value in array.ravel()[:_LONG].tolist())
    return array.dtype.kind in "iuf"


def native_models(item: Item, known: Known) -> Iterator[Leak]:
    """Say what can't be looked into."""
    native = ("lightgbm", "xgboost", "catboost", "torch", "tensorflow", "keras")
    names = ("Booster", "_CatBoost", "Parameter", "Tensor", "EagerTensor")
    if package_of(item.value) in native and type_name(item.value) in names:
        yield Leak("not_visible", None, 1)


def as_long_as_the_training_set(item: Item, known: Known) -> Iterator[Leak]:
    """Look for any array with a row for each training record."""
    if is_scalar(item.value) or item.name in _LONG_BUT_EMPTY:
        return
    shape = shape_of(item.value)
    if not shape or shape[0] < _LONG or shape[0] not in known.sizes:
        return
    n_values = int(np.prod(shape))
    array = plain_array(item.value)
    is_mask = array is not None and array.dtype == bool
    if len(shape) == 2 and shape[1] in known.widths and not is_mask:
        yield Leak("training_rows", shape[0], n_values)
    elif shape[0] not in known.widths:
        yield Leak("per_record", shape[0], n_values)


#: In the order in which they are asked.
RULES = (
    parts_left_out,
    memory_maps,
    search_trees,
    trees,
    histogram_trees,
    seeds,
    generators,
    carried_by_functions,
    neighbors_labels,
    ambiguous_names,
    spline_knots,
    target_encodings,
    group_shares,
    categories,
    feature_names,
    known_names,
    tables,
    native_models,
    as_long_as_the_training_set,
)
