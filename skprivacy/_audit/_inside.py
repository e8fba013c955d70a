"""What an attacker who holds the model finds in it."""

import pandas as pd
from sklearn.base import BaseEstimator

from skprivacy._audit._result import Finding
from skprivacy.inspection import leak_scan, structural_risk
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
        At most one: that the model breaks rules of output checkers.
    """
    if isinstance(model, BlackBox) or not isinstance(inner, BaseEstimator):
        return pd.DataFrame(), ()
    leaks = leak_scan(inner, n_train=len(X_train))
    finding = structural_finding(structural_risk(inner, X_train, y_train))
    return leaks, () if finding is None else (finding,)


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
