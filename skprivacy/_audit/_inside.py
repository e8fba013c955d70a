"""What an attacker who holds the model finds in it."""

import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError

from skprivacy._audit._result import Finding
from skprivacy.inspection import leak_scan, read_trees, structural_risk
from skprivacy.inspection._training_values import certified_share
from skprivacy.targets import BlackBox

__all__ = ["look_inside"]


def look_inside(model, inner, X_train, y_train):
    """Scan a model, unless it is behind a box.

    Parameters
    ----------
    model : estimator, FrozenEstimator or BlackBox
        The model as it was given to the audit.

    inner : estimator
        The model itself.

    X_train, y_train : table and array
        Its training set.

    Returns
    -------
    leaks : DataFrame
        As `skprivacy.inspection.leak_scan` returns it; empty behind a box.

    findings : tuple of Finding
        At most two: that the model breaks rules of output checkers, and that its trees
        certify values of the training set.
    """
    if isinstance(model, BlackBox) or not isinstance(inner, BaseEstimator):
        return pd.DataFrame(), ()
    leaks = leak_scan(inner, n_train=len(X_train))
    findings = (
        structural_finding(structural_risk(inner, X_train, y_train)),
        _training_values(inner, X_train),
    )
    return leaks, tuple(finding for finding in findings if finding is not None)


#: Inner nodes that are read: about a second's worth.
_MAX_SPLITS = 30_000


def _training_values(model, X_train):
    try:
        n_trees = len(read_trees(model).trees)
    except (TypeError, NotFittedError):  # no trees that can be read
        return None
    return values_finding(
        certified_share(model, X_train, max_splits=_MAX_SPLITS), n_trees
    )


def values_finding(counts, n_trees) -> Finding | None:
    """Say how many training values the thresholds of a model certify.

    Parameters
    ----------
    counts : DataFrame
        From `certified_share`.

    n_trees : int
        Trees that the model has.

    Returns
    -------
    finding : Finding or None
        Counts and names of columns, never a value.

    Examples
    --------
    >>> import pandas as pd
    >>> names = ["feature", "n_values", "n_from_file", "n_from_list"]
    >>> rows = [["age", 60, 40, 55], ["pay", 900, 0, 200]]
    >>> counts = pd.DataFrame(rows, columns=names)
    >>> counts.attrs["n_trees"] = 10
    >>> finding = values_finding(counts, 10)
    >>> finding.severity, finding.columns
    ('warning', ('age', 'pay'))
    >>> print(finding.message)
    The thresholds of the trees certify values of the training set. Of 960 different \
values in its numeric columns, the model file alone certifies 40, for whoever knows \
that the columns hold whole or decimal numbers; with a list of possible values, up to \
255. Most in age: 55 of 60, pay: 200 of 900.
    """
    most = counts[["n_from_file", "n_from_list"]].max(axis=1)
    if not most.sum():
        return None
    total, n_file, n_list = counts[["n_values", "n_from_file", "n_from_list"]].sum()
    order = (most / counts["n_values"].clip(lower=1)).sort_values(ascending=False)
    top = [j for j in order.index[:3] if most[j]]
    named = ", ".join(
        f"{counts.at[j, 'feature']}: {most[j]:,} of {counts.at[j, 'n_values']:,}"
        for j in top
    )
    n_read = counts.attrs["n_trees"]
    part = "" if n_read >= n_trees else f" ({n_read:,} of {n_trees:,} trees were read.)"
    return Finding(
        "training_values",
        "warning",
        "The thresholds of the trees certify values of the training set. Of "
        f"{total:,} different values in its numeric columns, the model file alone "
        f"certifies {n_file:,}, for whoever knows that the columns hold whole or "
        f"decimal numbers; with a list of possible values, up to {n_list:,}. Most in "
        f"{named}.{part}",
        tuple(counts.loc[top, "feature"]),
    )


def structural_finding(risk) -> Finding | None:
    """Say in one finding which rules a model breaks.

    Groups are judged for models of trees alone: others answer each different record
    differently, which is no risk by itself.

    Examples
    --------
    >>> import pandas as pd
    >>> from skprivacy.inspection import StructuralRisk
    >>> records = pd.DataFrame({"k": [1, 12], "class_disclosure": [False, False]})
    >>> structural_finding(StructuralRisk(records, "answers", 10, 9, -10)) is None
    True
    >>> structural_finding(StructuralRisk(records, "leaves", 10, 9, -10)).message
    'Rules of output checkers that the model breaks: 1 of 2 training records share \
their leaves with fewer than 9 others.'
    """
    broken, n_records = [], len(risk.records)
    if risk.groups == "leaves":
        if risk.n_below:
            broken.append(
                f"{risk.n_below:,} of {n_records:,} training records share their "
                f"leaves with fewer than {risk.threshold - 1} others"
            )
        n_disclosed = int(risk.records["class_disclosure"].sum())
        if n_disclosed:
            broken.append(f"a class is ruled out for {n_disclosed:,} of them")
    if risk.too_few_dof:
        broken.append(
            f"the model has {risk.n_parameters:,} parameters for {n_records:,} records"
        )
    if not broken:
        return None
    return Finding(
        "structural",
        "info",
        f"Rules of output checkers that the model breaks: {'; '.join(broken)}.",
    )
