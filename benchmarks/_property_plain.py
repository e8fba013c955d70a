"""Property inference in a few lines of numpy: the floor that ours must reach.

Nothing here is shared with the package, so that an error in the package cannot hide
in its own yardstick.
"""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

CLIP = 1e-3
C = 1e-3


def logits(cell, role):
    """Return the logits of queries, and of queries with the property turned around.

    Parameters
    ----------
    cell : Cell
        Shadow models and targets.
    role : {"shadow", "target"}
        Which of them.

    Returns
    -------
    plain, flipped : ndarray of shape (n_models, n_queries)
    """
    kept = cell.shadow if role == "shadow" else cell.targets
    p = np.clip(kept["answers"].astype(float), CLIP, 1 - CLIP)
    return np.hsplit(np.log(p / (1 - p)), 2)


def logits_alone(cell, role):
    """Return the answers to group-balanced queries."""
    return logits(cell, role)[0]


def differences(cell, role):
    """Return what the property changes in each answer."""
    plain, flipped = logits(cell, role)
    return flipped - plain


def plain_scores(numbers, cell):
    """Tell two worlds apart by logistic regression on numbers.

    Parameters
    ----------
    numbers : callable
        ``numbers(cell, role)`` gives an array of shape (n_models, n_numbers).
    cell : Cell
        Shadow models and targets.

    Returns
    -------
    ndarray of shape (n_targets,)
        Above 0 stands for the second world.
    """
    model = make_pipeline(StandardScaler(), LogisticRegression(C=C, max_iter=5_000))
    model.fit(numbers(cell, "shadow"), np.arange(2 * cell.setting.n_shadow) % 2)
    return model.decision_function(numbers(cell, "target"))


def plain_ratios(cell):
    """Tell the share by ridge regression on answers."""
    model = make_pipeline(StandardScaler(), Ridge(1 / C))
    model.fit(logits_alone(cell, "shadow"), cell.shadow["ratios"])
    return model.predict(logits_alone(cell, "target"))


#: Name of each row, and the numbers that it learns from.
PLAIN = {"logits": logits_alone, "differences": differences}
