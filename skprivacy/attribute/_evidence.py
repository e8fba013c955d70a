"""What speaks for each candidate value of each record."""

import numpy as np

__all__ = [
    "EVIDENCE",
    "best_of_the_rest",
    "candidate_evidence",
    "on_the_grid",
    "out_reference",
    "over_the_rest",
]

#: Names of the columns of :func:`candidate_evidence`.
EVIDENCE = (
    "imputer",
    "imputer, over the rest",
    "signal",
    "signal, over the mean",
    "signal, over the rest",
    "calibrated",
    "calibrated, over the mean",
    "calibrated, over the rest",
    "standardized",
    "standardized, over the rest",
    "reference",
    "largest signal",
    "largest calibrated",
)


def over_the_rest(evidence, steps=None):
    """How far each candidate lies above the best of the others.

    Parameters
    ----------
    evidence : ndarray of shape (n_records, n_candidates)
        Evidence, larger is likelier.

    steps : ndarray of int of shape (n_records, n_candidates) or None, default=None
        Step of each candidate, where several stand for a step of a grid: first the
        grid, and then the others, each of which is held against the grid's other
        steps. None: each candidate stands for itself.

    Returns
    -------
    lead : ndarray of shape (n_records, n_candidates)
        Positive for the best candidate alone; 0 for those that share the first place.

    Examples
    --------
    >>> over_the_rest(np.array([[1.0, 3.0, 2.0]]))
    array([[-2.,  1., -1.]])
    """
    return evidence - best_of_the_rest(evidence, steps)


def best_of_the_rest(evidence, steps=None):
    """Return the largest evidence of the other steps, as :func:`over_the_rest` does.

    Parameters
    ----------
    evidence, steps : ndarray of shape (n_records, n_candidates)
        As there.

    Returns
    -------
    best : ndarray of shape (n_records, n_candidates)

    Examples
    --------
    The third value stands for the second step, as another does already:

    >>> best_of_the_rest(np.array([[1.0, 3.0, 4.0]]), np.array([[0, 1, 1]]))
    array([[3., 1., 1.]])
    """
    if steps is None:
        steps = np.broadcast_to(np.arange(evidence.shape[1]), evidence.shape)
    grid = on_the_grid(evidence, steps)
    at = grid.argmax(axis=1)[:, None]
    second, first = np.sort(grid, axis=1)[:, -2:].T[:, :, None]
    return np.where(steps == at, second, first)


def on_the_grid(evidence, steps):
    """Return the evidence of the first candidate of each step."""
    return evidence if steps is None else evidence[:, : steps.max() + 1]


def out_reference(signals, membership):
    """Mean and standard deviation of each signal over models without the record.

    Parameters
    ----------
    signals : ndarray of shape (n_models, n_records, n_candidates)
        Signals of shadow models.

    membership : ndarray of bool of shape (n_models, n_records)
        Which model was trained on the record.

    Returns
    -------
    mean, deviation : ndarray of shape (n_records, n_candidates)
        A record that is in every model has the mean and deviation of the others'
        candidates as its reference: what is usual for the value.

    Examples
    --------
    >>> signals = np.array([[[1.0]], [[3.0]], [[9.0]]])
    >>> out_reference(signals, np.array([[False], [False], [True]]))[0]
    array([[2.]])
    """
    out = (~membership)[:, :, None]
    n_out = out.sum(axis=0)
    mean = (signals * out).sum(axis=0) / np.maximum(n_out, 1)
    square = ((signals - mean) ** 2 * out).sum(axis=0)
    known, several = n_out[:, 0] > 0, n_out[:, 0] > 1
    deviation = np.sqrt(square / np.maximum(n_out - 1, 1))
    usual = mean[known].mean(axis=0) if known.any() else signals.mean(axis=(0, 1))
    mean[~known] = usual
    deviation[~several] = deviation[several].mean(axis=0) if several.any() else 0.0
    return mean, deviation


def candidate_evidence(log_chances, signal, mean, deviation, steps=None):
    """Columns of evidence for each record and candidate.

    Parameters
    ----------
    log_chances : ndarray of shape (n_records, n_candidates)
        Log of the imputer's chances.

    signal : ndarray of shape (n_records, n_candidates)
        How well the target's answer to the completed record fits the label.

    mean, deviation : ndarray of shape (n_records, n_candidates)
        The same for models that were not trained on the record.

    steps : ndarray of int of shape (n_records, n_candidates) or None, default=None
        Step of each candidate, as :func:`over_the_rest` takes it.

    Returns
    -------
    evidence : ndarray of shape (n_records, n_candidates, n_columns)
        Columns as in `EVIDENCE`.

    Examples
    --------
    >>> zeros = np.zeros((2, 3))
    >>> candidate_evidence(zeros, zeros, zeros, zeros).shape
    (2, 3, 13)
    """
    calibrated = signal - mean
    # Few models say little of the deviation: never less than a third of a unit.
    standardized = calibrated / (deviation + 0.3)
    columns = [
        log_chances,
        over_the_rest(log_chances, steps),
        signal,
        signal - on_the_grid(signal, steps).mean(axis=1, keepdims=True),
        over_the_rest(signal, steps),
        calibrated,
        calibrated - on_the_grid(calibrated, steps).mean(axis=1, keepdims=True),
        over_the_rest(calibrated, steps),
        standardized,
        over_the_rest(standardized, steps),
        mean,
        np.maximum(signal, best_of_the_rest(signal, steps)),
        np.maximum(calibrated, best_of_the_rest(calibrated, steps)),
    ]
    return np.stack(columns, axis=-1)
