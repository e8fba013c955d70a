"""What each kind of leak means, and what can be done: all sentences in one place."""

from typing import NamedTuple

__all__ = ["KINDS", "SEVERITIES", "Kind", "Known", "Leak"]

#: The gravest first.
SEVERITIES = ("critical", "warning", "info")

_OUTPUTS_ONLY = (
    "Give out the model's answers and not the object, or choose a model that keeps no "
    "rows, such as those of skprivacy.dp."
)
_SANITIZE = (
    "Pass the model through skprivacy.defenses.sanitize before it is given out, or "
    "train with SanitizedClassifier."
)
_DELETE = "Delete the attribute before the model is given out: predict does not use it."
_ANY_RELEASE = (
    "Harmless for most uses. Do not give out the same model with and without a person."
)


class Kind(NamedTuple):
    """A kind of leak.

    Parameters
    ----------
    severity : {"critical", "warning", "info"}
        Unless the rule that found it says otherwise.

    meaning : str
        One sentence; ``{n_rows}``, ``{n_values}`` and ``{n_objects}`` are filled in.

    remedy : str
        What to do.
    """

    severity: str
    meaning: str
    remedy: str


class Leak(NamedTuple):
    """What a rule found in one part of an object.

    Parameters
    ----------
    kind : str
        A key of `KINDS`.

    n_rows : int or None
        Training rows that are affected; None where that can't be told.

    n_values : int
        Values, leaves, thresholds, ... that were found.

    severity : str or None
        None for that of the kind.

    at : str
        What to add to the path of the part.
    """

    kind: str
    n_rows: int | None
    n_values: int
    severity: str | None = None
    at: str = ""


class Known(NamedTuple):
    """What is known of the training set before the rules are asked.

    Parameters
    ----------
    n_train : int or None
        Its size.

    sizes : frozenset of int
        Sizes of it and of the parts of it that members were trained on.

    widths : frozenset of int
        Numbers of features.
    """

    n_train: int | None = None
    sizes: frozenset = frozenset()
    widths: frozenset = frozenset()


KINDS = {
    "training_rows": Kind(
        "critical",
        "Training records stand in the object as they are: {n_rows} rows.",
        _OUTPUTS_ONLY,
    ),
    "training_labels": Kind(
        "critical",
        "The labels of {n_rows} training records stand in the object.",
        _OUTPUTS_ONLY,
    ),
    "table": Kind(
        "warning",
        "A table of {n_rows} rows was left in the object.",
        "Delete the attribute, or keep what is needed of it as numbers.",
    ),
    "closure": Kind(
        "warning",
        "A function in the object carries {n_values} values along, {n_rows} rows of "
        "them, which are saved with it.",
        "Define the function at the top of a module, and give it what it needs by a "
        "parameter that holds no records.",
    ),
    "bootstrap_seed": Kind(
        "critical",
        "With the seeds left here, it can be drawn again which training rows each tree "
        "or member was given: whoever does so tells members from others far better "
        "than by the model's answers.",
        f"{_SANITIZE} Setting random_state=None is not enough: each member keeps a "
        "seed of its own.",
    ),
    "noise_seed": Kind(
        "critical",
        "The seed of the noise is in the object. Whoever has it can draw the noise "
        "again and take it away, so that no differential privacy is left.",
        "Train again with random_state=None. The noise of this model is spent.",
    ),
    "split_seed": Kind(
        "warning",
        "With this seed, the rows that were held out or left out while training can be "
        "named by their numbers.",
        "Train with random_state=None, or delete the seed before the model is given "
        "out.",
    ),
    "seed": Kind(
        "info",
        "A seed is in the object: the random choices of the training can be repeated, "
        "which makes it easier to check a guess of the training set.",
        "Set random_state to None before the model is given out.",
    ),
    "random_generator": Kind(
        "info",
        "A random generator is in the object as the training left it. Its state can "
        "be turned back to the draws that were made.",
        _DELETE,
    ),
    "single_record_leaves": Kind(
        "warning",
        "{n_values} leaves hold one training record each. What the model answers "
        "there is what it knows of a single person.",
        "Raise min_samples_leaf (5 to 20 is a start): "
        "skprivacy.model_selection.RegularizedSearchCV finds what it costs. The counts "
        "alone are rounded by skprivacy.defenses.sanitize.",
    ),
    "exact_thresholds": Kind(
        "warning",
        "{n_values} thresholds lie exactly in the middle of two training values: they "
        "certify which values were in the training set, and that none lies between.",
        f"{_SANITIZE} Coarser values or fewer bins (max_bins) certify less.",
    ),
    "node_counts": Kind(
        "info",
        "{n_values} nodes tell how many training rows, and of which label, they hold.",
        _SANITIZE,
    ),
    "column_values": Kind(
        "warning",
        "{n_values} values of single columns stand in the object as in the training "
        "set, or in the middle of two such values.",
        "Use fewer quantiles or bins than there are records by far, or fit this step "
        "on public records.",
    ),
    "extreme_values": Kind(
        "warning",
        "{n_values} smallest and largest values of columns: each is the value of a "
        "person, and often of one who is known for it.",
        "Clip the columns at public limits first, or scale by public bounds, as "
        "skprivacy.dp.DPStandardScaler does.",
    ),
    "target_encoding": Kind(
        "warning",
        "{n_values} mean labels of categories. Where a category has few records, its "
        "mean gives away their labels.",
        "Raise smooth, and group rare categories before.",
    ),
    "rare_categories": Kind(
        "warning",
        "{n_values} categories are marked as rare, with their names: somebody in the "
        "training set has each.",
        "Replace rare categories before the encoder sees them, as "
        "skprivacy.defenses.KAnonymizer does.",
    ),
    "categories": Kind(
        "info",
        "{n_values} categories or words are listed: each stood in some training "
        "record, however rare it is.",
        "Name the categories beforehand (categories=...) from a public list, or group "
        "rare ones before (skprivacy.defenses.KAnonymizer).",
    ),
    "feature_names": Kind(
        "warning",
        "{n_values} names of features look like values of people: mail addresses, "
        "dates, long numbers.",
        "Rename the columns.",
    ),
    "per_record": Kind(
        "warning",
        "One or more numbers for each of {n_rows} training records, in their order: "
        "they tell which rows were hard, and can be matched with a guess of the table.",
        f"{_DELETE} Where it does (dual_coef_), give out answers only.",
    ),
    "row_numbers": Kind(
        "info",
        "The numbers of {n_rows} training rows that played a part of their own.",
        _DELETE,
    ),
    "statistics": Kind(
        "info",
        "{n_values} means, variances or the like over the training records; with few "
        "records in a group they come near to single values.",
        _ANY_RELEASE,
    ),
    "group_shares": Kind(
        "info",
        "{n_values} columns hold only 0 and 1, as the variance beside the mean shows: "
        "the mean is the share of a group among the {n_rows} training records.",
        "Do not scale columns of 0 and 1, or train on a share that is no secret "
        "(skprivacy.defenses.PropertyResampler).",
    ),
    "counts": Kind(
        "info",
        "How many training records there were, or how many of each label or category "
        "(values: {n_values}).",
        _ANY_RELEASE,
    ),
    "scores": Kind(
        "info",
        "{n_values} scores or losses from the training, which show how far the model "
        "overfits.",
        _DELETE,
    ),
    "memory_map": Kind(
        "warning",
        "An array is a window into a file of this computer, whose path is saved along.",
        "Copy the array (numpy.array) before the model is saved, or load it without "
        "mmap_mode.",
    ),
    "not_visible": Kind(
        "info",
        "A part is kept in memory that Python objects do not show, such as the trees "
        "of LightGBM and XGBoost: it was not looked into.",
        "Judge it by attacks: skprivacy.audit.",
    ),
    "not_scanned": Kind(
        "warning",
        "The object is too deep or too large: {n_values} parts were not looked at.",
        "Scan its parts one by one.",
    ),
}
