"""Copying a model from the command line: a web address, or a file."""

import os
import tempfile
from pathlib import Path

from skprivacy._cli._errors import BadInput, say
from skprivacy._cli._models import load_model
from skprivacy._cli._tables import features_for, load_table

__all__ = ["extract_copy", "load_records", "open_target", "tell", "write_copy"]


def open_target(
    target, records, *, classes, response, headers, trust, allow_pickle, **http
):
    """Put what is to be copied behind a box.

    Parameters
    ----------
    target : str
        Address or file of the model.

    records : DataFrame
        The attacker's records, to ask one of them what answers look like.

    classes : str or None
        Names of the classes, parted by commas, in the order of the answers.

    response : str
        What the target answers with, or "auto".

    headers : sequence of str
        As ``"Name: value"``.

    trust, allow_pickle
        For models from files.

    **http : dict
        For `HTTPModel`.

    Returns
    -------
    box : BlackBox
    records : DataFrame or ndarray
        As the model takes them.
    """
    import numpy as np

    from skprivacy.targets import BlackBox, HTTPModel

    if not str(target).startswith(("http://", "https://")):
        if not Path(target).is_file():
            raise BadInput(
                f"TARGET {str(target)!r} is neither a file nor an http(s) address."
            )
        model = load_model(target, trust=trust, allow_pickle=allow_pickle)
        return BlackBox(model, response=response), features_for(
            model, records, "--records"
        )
    model = HTTPModel(target, headers=_as_headers(headers), **http)
    names = None if classes is None else [c.strip() for c in classes.split(",")]
    if names is None and response in ("label", "proba", "decision", "auto"):
        first = np.asarray(model(records[:1]))
        model.replay()  # the attack gets this answer too, it is paid for
        if first.dtype.kind not in "fiu":
            raise BadInput(
                f"TARGET answers with {first[0]!r}: --classes must name the labels, "
                "with --response label."
            )
        if first.ndim > 1 and first.shape[1] > 1:
            names = list(range(first.shape[1]))
        elif response != "auto":
            raise BadInput(f"--response {response} needs --classes.")
    if response == "auto":
        response = "value" if names is None else "proba"
    return BlackBox(model, response=response, classes=names), records


def extract_copy(box, records, *, budget, n_judges, random_state):
    """Copy a target, and judge the copy on records that were not learned from.

    Parameters
    ----------
    box : BlackBox
        The target.

    records : DataFrame or ndarray
        The attacker's records.

    budget : int
        Answers for the copy.

    n_judges : int
        Answers for the judgment besides, at most half of the records.

    random_state : int
        Decides all draws.

    Returns
    -------
    copy : AutoExtraction
        Without its target.
    fidelity : float
    n_judges : int
    """
    import numpy as np
    from threadpoolctl import threadpool_limits

    from skprivacy.extraction import AutoExtraction
    from skprivacy.records import take_rows

    order = np.random.RandomState(random_state).permutation(len(records))
    n_judges = min(n_judges, len(records) // 2)
    pool = take_rows(records, order[n_judges:])
    judges = take_rows(records, order[:n_judges])
    with threadpool_limits(1, user_api="openmp"):
        copy = AutoExtraction(box, budget=budget, random_state=random_state).fit(pool)
    fidelity = copy.score(judges, box.predict(judges))
    # The target may hold a key, and is of no use to whoever has the copy.
    copy.target = copy.attack_.target = None
    return copy, fidelity, n_judges


def write_copy(copy, path):
    """Write a copy with joblib, whole or not at all.

    Parameters
    ----------
    copy : estimator

    path : Path
        The file.
    """
    import joblib

    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    os.close(handle)
    try:
        joblib.dump(copy, name)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def load_records(path, ignore):
    """Load the attacker's records without columns that are not sent.

    Parameters
    ----------
    path : str
        CSV or parquet file.

    ignore : sequence of str
        Columns to leave out.

    Returns
    -------
    records : DataFrame
    """
    table = load_table(path, "--records")
    absent = [name for name in ignore if name not in table.columns]
    if absent:
        raise BadInput(f"--ignore: {absent} are no columns of --records.")
    table = table.drop(columns=list(ignore))
    if len(table) < 20:
        raise BadInput(f"--records must have at least 20 rows, it has {len(table)}.")
    return table


def tell(copy, fidelity, n_judges, box):
    """Print what the copy is worth."""
    import click

    number = box.response_ == "value"
    reached = f"R2 {fidelity:.3f}" if number else f"{fidelity:.1%}"
    kind = "exact" if copy.is_exact_ else "not exact"
    click.echo(
        f"{type(copy.attack_).__name__} ({kind}): {copy.n_queries_:,} queries, "
        f"fidelity {reached} on {n_judges:,} other records."
    )
    if copy.reason_:
        say("note", copy.reason_)


def _as_headers(lines):
    pairs = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name.strip():
            raise BadInput("--header must be 'Name: value'.")
        pairs[name.strip()] = value.strip()
    return pairs
