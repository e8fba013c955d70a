"""What a fitted object holds of its training set."""

from numbers import Integral

import pandas as pd
from sklearn.utils._param_validation import Interval, validate_params

from skprivacy.inspection._leak_kinds import KINDS, SEVERITIES, Leak
from skprivacy.inspection._leak_rules import leaks_of, what_is_known
from skprivacy.inspection._object_walk import Step, walk_object, written

__all__ = ["leak_scan"]

COLUMNS = [
    *("severity", "where", "kind", "n_rows", "n_values", "n_objects"),
    *("meaning", "remedy"),
]


@validate_params(
    {"n_train": [Interval(Integral, 1, None, closed="left"), None]},
    prefer_skip_nested_validation=True,
)
def leak_scan(model, *, n_train: int | None = None) -> pd.DataFrame:
    """Look for what a fitted object holds of its training set.

    Reads the object as whoever gets its file can, without asking it a question:
    training rows, labels, out-of-bag answers, seeds, extremes, categories, tables left
    behind.

    Parameters
    ----------
    model : object
        A fitted estimator, a pipeline, or anything else that is saved with it.

    n_train : int or None, default=None
        Number of training records. None: what the object tells. With it, any array of
        that length is found, whatever its name.

    Returns
    -------
    findings : DataFrame
        One row a finding, the gravest first:

        - ``severity``: "critical", "warning" or "info";
        - ``where``: the way to it from the object; ``[*]`` stands for all members in
          which the same was found, ``[key 0]`` for the first entry of a dict;
        - ``kind``: what it is, for programs;
        - ``n_rows``: training rows that are affected; of several members the one with
          most is taken, so that it is "at least"; missing where it can't be told;
        - ``n_values``: how many values, leaves, thresholds, ... were found;
        - ``n_objects``: in how many members;
        - ``meaning``, ``remedy``: in words.

        No value of the training set is in it.

    See Also
    --------
    structural_risk : What the groups of records that a model can't tell apart give
        away.
    skprivacy.audit : Attacks on the model.

    Notes
    -----
    No code of the object is run: no property and no method is called, only instance
    dictionaries, slots, containers, closures and the arrays of scikit-learn's trees are
    read. A strange object ends the scan of that part and nothing else. (To load a
    pickle does run code, before any scan can begin.)

    A short list is no proof: what the parameters of a model tell by themselves, the
    scan can't know. Attacks measure that.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.neighbors import KNeighborsClassifier
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import MinMaxScaler
    >>> from skprivacy.inspection import leak_scan
    >>> X, y = load_iris(return_X_y=True)
    >>> model = make_pipeline(MinMaxScaler(), KNeighborsClassifier()).fit(X, y)
    >>> leak_scan(model)[["severity", "where", "n_rows"]].head(4)
       severity                   where  n_rows
    0  critical          steps[1][1]._y     150
    1  critical      steps[1][1]._fit_X     150
    2  critical  steps[1][1]._tree.data     150
    3   warning   steps[0][1].data_min_       4
    """
    items = list(walk_object(model))
    known = what_is_known(items, n_train)
    groups: dict[tuple, list] = {}
    for item in items:
        for leak in _ask(item, known):
            severity = leak.severity or KINDS[leak.kind].severity
            path = (*item.path, Step(leak.at)) if leak.at else item.path
            alike = tuple("[*]" if step.alike else step.text for step in path)
            groups.setdefault((alike, leak.kind, severity), []).append((path, leak))
    rows = [_row(kind, how, found) for (_, kind, how), found in groups.items()]
    rows.sort(key=lambda row: SEVERITIES.index(row["severity"]))
    return pd.DataFrame(rows, columns=COLUMNS).astype({"n_rows": "Int64"})


def _ask(item, known):
    try:
        return leaks_of(item, known)
    except Exception:  # an attribute that is not what its name says
        return [Leak("not_scanned", None, 1)]


def _row(kind, severity, found):
    """Make one finding of what is alike in several members."""
    paths = [path for path, _ in found]
    rows = [leak.n_rows for _, leak in found if leak.n_rows is not None]
    numbers = {
        "n_rows": max(rows, default=None),
        "n_values": sum(leak.n_values for _, leak in found),
        "n_objects": len(found),
    }
    told = {
        name: "an unknown number of" if number is None else f"{number:,}"
        for name, number in numbers.items()
    }
    return {
        "severity": severity,
        "where": written(_common(paths)),
        "kind": kind,
        **numbers,
        "meaning": KINDS[kind].meaning.format(**told),
        "remedy": KINDS[kind].remedy,
    }


def _common(paths):
    """Write a star where paths differ."""
    return [
        steps[0] if len(set(steps)) == 1 else Step("[*]")
        for steps in zip(*paths, strict=True)
    ]
