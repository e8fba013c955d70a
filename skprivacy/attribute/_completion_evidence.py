"""What speaks for each of the completions of several columns."""

import numpy as np

from skprivacy.attribute._tree_evidence import TREE_EVIDENCE

__all__ = ["COMPLETION_EVIDENCE", "completion_evidence"]

#: Names of the columns of :func:`completion_evidence`.
COMPLETION_EVIDENCE = ("imputer", "row", "density", "purity", "contradictions")


def completion_evidence(log_chance, read, member_prior):
    """Lay out what speaks for each completion.

    Parameters
    ----------
    log_chance : ndarray of shape (n_records, n_slots)
        Log-chance of the completion, or of its beginning, by imputation.

    read : ndarray of shape (n_records, n_slots, n_columns)
        What the trees say: columns as in `TREE_EVIDENCE`.

    member_prior : float
        How likely the record is a member.

    Returns
    -------
    evidence : ndarray of shape (n_records, n_slots, 5)
        Columns as in `COMPLETION_EVIDENCE`. The likelihood ratio of rows counts as that
        of a member by the prior, and 1 otherwise.
    """
    row, density, purity, against = (
        read[..., TREE_EVIDENCE.index(name)]
        for name in ("row", "density", "purity", "contradictions")
    )
    with np.errstate(divide="ignore"):
        inside, outside = np.log(member_prior), np.log1p(-member_prior)
    row = np.logaddexp(inside + row, outside)
    return np.stack([log_chance, row, density, purity, -against], axis=-1)
