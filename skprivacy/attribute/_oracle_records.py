"""What a membership attack is given where it is to tell completions apart."""

import numpy as np
import pandas as pd
from sklearn.base import clone

from skprivacy.records import join_records
from skprivacy.shadow import ShadowModels

__all__ = ["as_oracle", "lay_out"]


def lay_out(X, y, attack, label):
    """Join features and label as a membership attack takes its records.

    Parameters
    ----------
    X : DataFrame or ndarray of shape (n_records, n_features)
        Completed features.

    y : ndarray of shape (n_records,)
        Labels.

    attack : membership attack
        It says where its label is and, if it was fitted on names, in which order the
        columns are.

    label : str or int
        The label's column as the attacker names it, for an attack that does not.

    Returns
    -------
    records : DataFrame or ndarray of shape (n_records, n_features + 1)

    Raises
    ------
    ValueError
        If the attack was fitted on other columns.
    """
    place = attack.label
    if not isinstance(X, pd.DataFrame):
        return _label_at(join_records(X, y), place)
    names = getattr(attack, "feature_names_in_", None)
    if isinstance(place, str):
        label = place
    elif names is not None and -len(names) <= place < len(names):
        label = names[place]
    elif not isinstance(label, str):
        # Names are texts, or none: a position beside them would be refused.
        label = "label"
        while label in X.columns:
            label += "_"
    records = join_records(X, y, label)
    if names is None:
        return _label_at(records, place)
    if set(names) != set(records.columns):
        missing = [c for c in names if c not in records.columns]
        extra = [c for c in records.columns if c not in set(names)]
        raise ValueError(
            "membership_attack was fitted on other columns than those of the target "
            f"and the label: missing {missing}, not known to it {extra}."
        )
    return records[list(names)]


def _label_at(records, place):
    """Move the label, which is last, to its place; a name is found wherever it is."""
    n_columns = records.shape[1]
    if isinstance(place, str) or not -n_columns <= place < n_columns:
        return records
    order = np.insert(np.arange(n_columns - 1), place % n_columns, n_columns - 1)
    if isinstance(records, pd.DataFrame):
        return records.iloc[:, order]
    return records[:, order]


def as_oracle(attack, seed):
    """Clone a membership attack that is to be asked about records out of its pool.

    Parameters
    ----------
    attack : membership attack
        Unfitted, or to be fitted anew.

    seed : int
        For an attack without a seed of its own.

    Returns
    -------
    attack : membership attack
        Its shadow models, if it trains any, are kept.
    """
    attack = clone(attack)
    for name, value in attack.get_params(deep=True).items():
        *outer, last = name.split("__")
        if set(outer) - {"attack"}:
            continue  # Not of the attack, nor of one inside of it.
        if last == "random_state" and value is None:
            attack.set_params(**{name: seed})
        elif last == "shadow" and value is None:
            attack.set_params(**{name: ShadowModels(keep_models=True)})
        elif last == "shadow" and isinstance(value, ShadowModels):
            attack.set_params(**{f"{name}__keep_models": True})
    return attack
