"""Rules for trees, and for the seeds that let the training be replayed."""

from collections.abc import Iterator

import numpy as np
from sklearn.tree._tree import Tree

from skprivacy.inspection._leak_kinds import Known, Leak
from skprivacy.inspection._object_walk import (
    Item,
    attributes_of,
    is_a,
    is_number,
    package_of,
    plain_array,
    type_name,
)

__all__ = ["generators", "histogram_trees", "seeds", "trees"]

#: A mean of two numbers of single precision ends in this many zeros at least, a number
#: that was drawn at random with a probability of 2**-16.
_ZEROS_OF_A_MIDPOINT = 16
_MANTISSA = np.uint64((1 << 52) - 1)


def trees(item: Item, known: Known) -> Iterator[Leak]:
    """Look into a tree of scikit-learn: leaves, thresholds, counts."""
    if not is_a(item.value, Tree):
        return
    # By the descriptors of the class, whatever a subclass makes of the names.
    feature, threshold, left, n_samples, weight = (
        np.asarray(getattr(Tree, name).__get__(item.value))
        for name in (
            "feature",
            "threshold",
            "children_left",
            "n_node_samples",
            "weighted_n_node_samples",
        )
    )
    leaf = left < 0
    counted = not _one_for_all(n_samples)
    n_single = int(np.sum(n_samples[leaf] == 1)) if counted else 0
    if n_single:
        severity = "critical" if _answers_with_labels(item) else None
        yield Leak(
            "single_record_leaves", n_single, n_single, severity, ".n_node_samples"
        )
    exact = ~leaf & (_trailing_zeros(threshold) >= _ZEROS_OF_A_MIDPOINT)
    if exact.any():
        n_rows = _fewest_rows(feature[exact], threshold[exact])
        yield Leak("exact_thresholds", n_rows, int(exact.sum()), at=".threshold")
    if counted and np.any(n_samples > 0):
        drawn_again = np.any(weight != n_samples) and np.all(weight == np.round(weight))
        severity = "warning" if drawn_again else None
        at = ".weighted_n_node_samples" if drawn_again else ".n_node_samples"
        yield Leak("node_counts", int(n_samples[0]), len(leaf), severity, at)


def histogram_trees(item: Item, known: Known) -> Iterator[Leak]:
    """Look into the nodes of a tree of histogram gradient boosting."""
    nodes = plain_array(item.value)
    names = None if nodes is None else nodes.dtype.names
    if not names or not {"count", "is_leaf"} <= set(names) or not len(nodes):
        return
    if _one_for_all(nodes["count"]):
        return
    n_single = int(np.sum((nodes["count"] == 1) & (nodes["is_leaf"] != 0)))
    if n_single:
        yield Leak("single_record_leaves", n_single, n_single)
    yield Leak("node_counts", int(nodes["count"][0]), len(nodes))


def _one_for_all(counts):
    """Whether all nodes have the same count: that of no training set."""
    return len(counts) > 1 and bool(np.all(counts == counts[0]))


def seeds(item: Item, known: Known) -> Iterator[Leak]:
    """Look at seeds: what they replay depends on the model that holds them."""
    if item.name not in ("random_state", "_random_seed", "_seeds", "seed"):
        return
    array = plain_array(item.value)
    if not is_number(item.value) and array is None:
        return
    n_seeds = 1 if array is None else array.size
    kind = _what_it_replays(item)
    n_rows = None if kind == "seed" else known.n_train
    yield Leak(kind, n_rows, n_seeds)


def generators(item: Item, known: Known) -> Iterator[Leak]:
    """Look for random generators."""
    if is_a(item.value, np.random.RandomState, np.random.Generator):
        yield Leak("random_generator", None, 1)


def _what_it_replays(item):
    if any(package_of(owner) == "diffprivlib" for owner in item.owners):
        return "noise_seed"
    if item.name == "_seeds":
        return "bootstrap_seed"
    own = attributes_of(item.owner)
    if len(item.owners) > 1 and _draws_rows(attributes_of(item.owners[-2])):
        # Bagging keeps the seeds of the draws apart from those of its members.
        around = attributes_of(item.owners[-2])
        return "seed" if "_seeds" in around else "bootstrap_seed"
    if _draws_rows(own):
        return "bootstrap_seed"
    return "split_seed" if _holds_rows_out(own) else "seed"


def _draws_rows(attributes):
    drawn = attributes.get("bootstrap") is True or "_seeds" in attributes
    return drawn and "estimators_" in attributes


def _holds_rows_out(attributes):
    if attributes.get("do_early_stopping_", attributes.get("early_stopping")) is True:
        return attributes.get("validation_fraction") is not None
    subsample = attributes.get("subsample", 1.0)
    part = is_number(subsample) and subsample < 1
    return (
        part
        or attributes.get("n_iter_no_change") is not None
        and ("estimators_" in attributes)
    )


def _answers_with_labels(item):
    """Whether a leaf of one record answers with that record's label, a number."""
    names = [type_name(owner) for owner in item.owners]
    return names[-1].endswith("Regressor") and not any(
        word in name
        for name in names
        for word in ("Gradient", "Isolation", "Embedding")
    )


def _trailing_zeros(numbers):
    """Binary zeros at the end of each number's fraction, of 52."""
    bits = np.asarray(numbers, dtype=np.float64).view(np.uint64) & _MANTISSA
    lowest = bits & (~bits + np.uint64(1))
    return np.where(bits == 0, 52, np.log2(np.maximum(lowest, 1).astype(float)))


def _fewest_rows(feature, threshold):
    """Fewest rows that different thresholds can lie between."""
    different = np.unique(np.column_stack([feature, threshold]), axis=0)
    return int(np.unique(different[:, 0], return_counts=True)[1].max()) + 1
