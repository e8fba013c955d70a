"""How well the runs of two worlds are told apart, threshold by threshold."""

from dataclasses import dataclass

import numpy as np

__all__ = ["AuditRoc", "audit_roc"]


@dataclass(frozen=True)
class AuditRoc:
    """Operating points of a score that tells two worlds apart.

    Parameters
    ----------
    fpr, tpr : ndarray of shape (n_points,)
        How often it names the first world in the second, and in the first.

    n_in, n_out : int
        Runs in the first and in the second world.

    Examples
    --------
    >>> from skprivacy.auditing import AuditRoc
    >>> AuditRoc(fpr=[0.0, 1.0], tpr=[0.5, 1.0], n_in=2, n_out=2).n_in
    2
    """

    fpr: np.ndarray
    tpr: np.ndarray
    n_in: int
    n_out: int


def audit_roc(scores_in, scores_out) -> AuditRoc:
    """Operating points of all thresholds.

    Parameters
    ----------
    scores_in, scores_out : ndarray
        Scores of the runs in either world.

    Returns
    -------
    roc : AuditRoc
        From (0, 0) to (1, 1).

    Examples
    --------
    >>> roc = audit_roc(np.array([2.0, 0.0]), np.array([1.0]))
    >>> roc.fpr.tolist(), roc.tpr.tolist()
    ([0.0, 0.0, 1.0, 1.0], [0.0, 0.5, 0.5, 1.0])
    """
    scores_in, scores_out = np.sort(scores_in), np.sort(scores_out)
    thresholds = np.unique(np.concatenate([scores_in, scores_out]))[::-1]
    n_in, n_out = len(scores_in), len(scores_out)
    true_positives = n_in - np.searchsorted(scores_in, thresholds)
    false_positives = n_out - np.searchsorted(scores_out, thresholds)
    return AuditRoc(
        # Coins may all fall the same: there is then nothing to have a share of.
        fpr=np.append(0.0, false_positives / max(n_out, 1)),
        tpr=np.append(0.0, true_positives / max(n_in, 1)),
        n_in=n_in,
        n_out=n_out,
    )
