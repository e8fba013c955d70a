"""Why a record may be exposed: what the models keep of it, and what makes it rare."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.ensemble import IsolationForest

from skprivacy._audit._blind import columns_of
from skprivacy.inspection import memorization_scores, supports_leave_one_out
from skprivacy.records import as_model_input, split_records
from skprivacy.shadow import moments
from skprivacy.shadow._store import in_blocks
from skprivacy.signals import compute_signal, decision_probabilities, residual_scale

__all__ = [
    "Exposure",
    "contradicts_its_label",
    "exact_memorization",
    "memorization",
    "outlier_score",
    "rare_categories",
    "study",
]

#: Share of all records that are called outliers.
OUTLIERS = 0.05
#: A value that fewer records have is rare.
RARE = 10
#: A column of which more of the records hold rare values has no categories.
_MOST_RARE = 0.1
#: Another label must be so many times as likely for a label to be doubted.
DOUBT = 4.0
#: Or the value so many standard deviations away.
_FAR = 3.0


@dataclass(frozen=True, eq=False)
class Exposure:
    """What may explain that a record is exposed; nothing of it needs the truth.

    Parameters
    ----------
    outlier : ndarray of bool of shape (n_records,)
        Whether the record is among the 5% whose features are most unusual.

    rare : ndarray of bool of shape (n_records, n_columns)
        Whether it holds a value that fewer than 10 records have.

    rare_columns : tuple of str
        The columns of `rare`.

    memorization : ndarray of shape (n_records,) or None
        How much the models' answers to the record depend on its being trained on.

    mislabeled : ndarray of bool of shape (n_records,) or None
        Whether models without the record find another label much likelier.
    """

    outlier: np.ndarray
    rare: np.ndarray
    rare_columns: tuple[str, ...]
    memorization: np.ndarray | None = None
    mislabeled: np.ndarray | None = None

    def reasons(self) -> np.ndarray:
        """Say for each record what makes it stand out; empty where nothing does.

        Returns
        -------
        reasons : ndarray of str of shape (n_records,)
        """
        rare = np.array([f"rare {name}" for name in self.rare_columns], dtype=object)
        texts = []
        for i, outlier in enumerate(self.outlier):
            found = ["outlier"] if outlier else []
            found += rare[self.rare[i]].tolist()
            if self.mislabeled is not None and self.mislabeled[i]:
                found.append("mislabeled")
            texts.append(", ".join(found))
        return np.array(texts, dtype=object)


def study(subject, shadow, seed) -> Exposure:
    """Look for what may explain that records are exposed.

    Parameters
    ----------
    subject : Subject
        What is audited.

    shadow : ShadowModels or None
        Shadow models that were trained on halves of the subject's records.

    seed : int
        Decides the trees of the outlier score.

    Returns
    -------
    exposure : Exposure
        Of the records without the canaries.
    """
    kept = ~subject.is_canary
    features = subject.without_canaries().records
    is_frame = isinstance(features, pd.DataFrame)
    features = features.iloc[:, :-1] if is_frame else features[:, :-1]
    score = outlier_score(features, seed)
    rare, rare_columns = rare_categories(features)
    found = {}
    if shadow is not None:
        told = _told_by_models(subject.box.response_, shadow, kept)
        found["memorization"], found["mislabeled"] = (part[kept] for part in told)
    exact = exact_memorization(subject)
    if exact is not None:
        found["memorization"] = exact[kept]
    return Exposure(
        outlier=score > np.quantile(score, 1 - OUTLIERS),
        rare=rare,
        rare_columns=rare_columns,
        **found,
    )


def _told_by_models(response, shadow, kept):
    """Memorization of each record, and whether models contradict its label."""
    scale = None
    if response == "value":
        residual = shadow.answers_[..., 0] - shadow.truth_
        scale = _scale_outside(residual[:, kept], shadow.membership_[:, kept])

    def of_block(rows):
        shown = (
            response,
            shadow.answers_[:, rows],
            shadow.truth_[rows],
            shadow.membership_[:, rows],
            scale,
        )
        return memorization(*shown), contradicts_its_label(*shown)

    return in_blocks(of_block, *shadow.membership_.shape)


def _scale_outside(residual, membership):
    """Spread of the residuals of models without the record."""
    outside = ~membership
    return residual_scale(residual[outside]) if outside.any() else 1.0


def exact_memorization(subject) -> np.ndarray | None:
    """Compute the memorization of members by formula, where there is one.

    Parameters
    ----------
    subject : Subject
        What is audited.

    Returns
    -------
    score : ndarray of shape (n_records,) or None
        As :func:`memorization`, but for the very training set, with one record left
        out. NaN for non-members. None where there is no formula for the model, it is
        hidden in a box, or the training set is not all of what it was trained on.
    """
    if subject.held is None or not supports_leave_one_out(subject.held):
        return None
    member = subject.is_member == 1
    X, y = split_records(subject.records, subject.label)
    X = as_model_input(X, subject.box)
    try:
        found = memorization_scores(subject.held, X[member], y[member])
    except ValueError:
        return None
    if subject.box.response_ == "value":
        answers = subject.box.query(X)[:, 0]
        found = found / residual_scale((answers - y.astype(float))[~member])
    score = np.full(len(member), np.nan)
    score[member] = found
    return score


def memorization(response, answers, truth, membership, scale=None) -> np.ndarray:
    """How much better models answer to a record if they were trained on it.

    The mean probability of the record's own label over models with it, minus the mean
    over models without it; for labels, the share of models that are right; for a
    regressor, by how many standard deviations the prediction is nearer to the truth.

    Parameters
    ----------
    response : str
        Kind of answer.

    answers : ndarray of shape (n_models, n_records, n_columns)
        Answers of shadow models.

    truth : ndarray of shape (n_records,)
        Labels as attacks read them.

    membership : ndarray of bool of shape (n_models, n_records)
        Which model was trained on which record.

    scale : float or None, default=None
        Of a regressor: the standard deviation; None: that of these records' residuals.

    Returns
    -------
    score : ndarray of shape (n_records,)
        From -1 to 1 for classifiers; NaN where no model has, or none lacks, the record.

    References
    ----------
    V. Feldman, C. Zhang. "What neural networks memorize and why: discovering the long
    tail via influence estimation". NeurIPS 2020: the subsampled memorization score. It
    compares how often models predict the label; the mean probability that is compared
    here varies less with the number of models.

    Examples
    --------
    Two models with the record give its label 0.9, two without it 0.5 and 0.3.

    >>> import numpy as np
    >>> own = np.array([0.9, 0.9, 0.5, 0.3]).reshape(4, 1, 1)
    >>> answers = np.concatenate([own, 1 - own], axis=-1)
    >>> inside = np.array([[True], [True], [False], [False]])
    >>> memorization("proba", answers, np.array([0]), inside).round(3)
    array([0.5])
    """
    if response == "value":
        residual = answers[..., 0] - truth
        scale = _scale_outside(residual, membership) if scale is None else scale
        signal = -np.abs(residual) / scale
    else:
        name = "correctness" if response == "label" else "confidence"
        signal = compute_signal(name, answers, truth, response)
    return moments(signal, membership).mean - moments(signal, ~membership).mean


def contradicts_its_label(
    response, answers, truth, membership, scale=None
) -> np.ndarray:
    """Whether models that do not know a record find another label much likelier.

    Parameters
    ----------
    response, answers, truth, membership, scale
        As :func:`memorization` takes them.

    Returns
    -------
    mislabeled : ndarray of bool of shape (n_records,)
        Another label is at least 4 times as likely, on the average over models without
        the record; for a regressor, their mean prediction is more than 3 standard
        deviations away. False where all models have the record.

    Examples
    --------
    Without the record, its label has 0.2 and 0.1 on average 0.15; the other has 0.85.

    >>> import numpy as np
    >>> answers = np.array([[[0.2, 0.8]], [[0.1, 0.9]]])
    >>> outside = np.array([[False], [False]])
    >>> contradicts_its_label("proba", answers, np.array([0]), outside)
    array([ True])
    """
    known = (~membership).any(axis=0)
    if response == "value":
        residual = answers[..., 0] - truth
        scale = _scale_outside(residual, membership) if scale is None else scale
        mean = np.where(known, moments(residual, ~membership).mean, 0.0)
        return np.abs(mean) > _FAR * scale
    if response == "decision":
        answers = decision_probabilities(answers)
    n_outside = np.maximum((~membership).sum(axis=0), 1)
    mean = np.einsum("ijk,ij->jk", answers, (~membership).astype(float))
    mean /= n_outside[:, None]
    rows = np.arange(len(truth))
    own = np.where(truth >= 0, mean[rows, np.maximum(truth, 0)], 0.0)
    mean[rows[truth >= 0], truth[truth >= 0]] = 0.0
    return known & (mean.max(axis=1) >= DOUBT * own)


def outlier_score(features, seed) -> np.ndarray:
    """Score how unusual each record is among all: how quickly it can be isolated.

    Parameters
    ----------
    features : DataFrame or ndarray of shape (n_records, n_features)
        Features. A category counts by how many records have it, a missing number as
        the median.

    seed : int
        Decides the trees.

    Returns
    -------
    score : ndarray of shape (n_records,)
        Larger is more unusual.

    References
    ----------
    F. T. Liu, K. M. Ting, Z.-H. Zhou. "Isolation forest". ICDM 2008.

    Examples
    --------
    >>> import numpy as np
    >>> int(outlier_score(np.array([[1.0], [1.1], [0.9], [9.0]]), 0).argmax())
    3
    """
    columns = [_as_commonness(column) for column in _columns(features)]
    forest = IsolationForest(random_state=seed)
    table = np.column_stack(columns)
    return -forest.fit(table).score_samples(table)


def rare_categories(features) -> tuple[np.ndarray, tuple[str, ...]]:
    """Find values that hardly any record has, in columns of categories.

    Parameters
    ----------
    features : DataFrame or ndarray of shape (n_records, n_features)
        Features. Columns of texts, categories or truth values have categories, unless
        more than 10% of the records hold rare values: those have names or numbers.

    Returns
    -------
    rare : ndarray of bool of shape (n_records, n_columns)
        Whether fewer than 10 records have the record's value.

    columns : tuple of str
        The columns with categories.

    Examples
    --------
    >>> import pandas as pd
    >>> rare, columns = rare_categories(pd.DataFrame({"sex": ["m", "f"] * 50 + ["x"]}))
    >>> columns, int(rare.argmax())
    (('sex',), 100)
    """
    masks, names = [], []
    for name, column in zip(columns_of(features), _columns(features), strict=True):
        if _is_number(column):
            continue
        mask = _count_of_own_value(column) < RARE
        if mask.mean() <= _MOST_RARE:
            masks.append(mask)
            names.append(name)
    if not masks:
        return np.zeros((len(features), 0), dtype=bool), ()
    return np.column_stack(masks), tuple(names)


def _columns(features):
    if not isinstance(features, pd.DataFrame):
        features = pd.DataFrame(np.asarray(features)).infer_objects()
    return [features.iloc[:, j] for j in range(features.shape[1])]


def _as_commonness(column):
    if not _is_number(column):
        return _count_of_own_value(column).astype(float)
    values = column.to_numpy(dtype=float, na_value=np.nan)
    known = values[~np.isnan(values)]
    return np.where(np.isnan(values), np.median(known) if len(known) else 0.0, values)


def _count_of_own_value(column):
    codes, _ = pd.factorize(column, use_na_sentinel=False)
    return np.bincount(codes)[codes]


def _is_number(column):
    dtype = column.dtype
    return pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_bool_dtype(
        dtype
    )
