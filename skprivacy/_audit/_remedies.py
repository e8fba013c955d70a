"""What defenses would change, measured on the audit's own records."""

import numpy as np
import pandas as pd
from sklearn.base import clone, is_classifier
from sklearn.metrics import get_scorer
from sklearn.model_selection import ParameterGrid

from skprivacy.defenses import ProtectedOutput, StackedPartitionClassifier
from skprivacy.model_selection._attack import (
    as_attack,
    attack_recipe,
    scores_outside,
    train_shadow,
)
from skprivacy.model_selection._auto_grid import auto_grid
from skprivacy.model_selection._leak import leaks_of
from skprivacy.shadow import ShadowFitError

__all__ = ["AS_IT_IS", "REMEDIES", "candidates", "measure_remedies"]

#: Name of the row without a defense.
AS_IT_IS = "as it is"
#: Models that each defense is judged by, each in turn the target of the others.
N_MODELS = 16
#: Settings of the model's own regularization that are tried.
N_SETTINGS = 4
_METRICS = ("tpr@0.01", "auc")
#: Columns of the table.
REMEDIES = ["defense", "score", "change", "tpr", "tpr_error", "auc", "auc_error"]


def candidates(recipe, n_records) -> dict:
    """Defenses that can be put around a recipe without knowing more.

    Parameters
    ----------
    recipe : estimator
        Unfitted.

    n_records : int
        Records to train on.

    Returns
    -------
    defended : dict of str to estimator
        The recipe as it is first.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> list(candidates(LogisticRegression(), 1000))
    ['as it is', 'C=0.0001', 'C=0.001', 'C=0.01', 'C=1.0', \
'rounded to 1 decimal', 'stacked on 3 parts']
    """
    found = {AS_IT_IS: clone(recipe)}
    try:
        settings = list(ParameterGrid(auto_grid(recipe, n_records)))[1:]
    except ValueError:  # an estimator of which no parameter is known
        settings = []
    if len(settings) > N_SETTINGS:
        # From the mildest to the strongest of what each parameter offers.
        kept = np.linspace(0, len(settings) - 1, N_SETTINGS).astype(int)
        settings = [settings[i] for i in kept]
    for setting in settings:
        name = ", ".join(f"{k.split('__')[-1]}={v}" for k, v in setting.items())
        found[name] = clone(recipe).set_params(**clone(setting, safe=False))
    # Labels alone are left out: the attack asks once, and they leak to who asks more.
    if is_classifier(recipe) and hasattr(recipe, "predict_proba"):
        rounded = ProtectedOutput(clone(recipe), "round", decimals=1)
        found["rounded to 1 decimal"] = rounded
        found["stacked on 3 parts"] = StackedPartitionClassifier(clone(recipe))
    return found


def measure_remedies(recipe, subject, *, n_jobs, seed) -> pd.DataFrame:
    """Attack the recipe with each defense, by an attacker who knows of it.

    Parameters
    ----------
    recipe : estimator
        Unfitted.

    subject : Subject
        Whose records all are drawn from: members and others together.

    n_jobs : int or None
        Models trained at the same time.

    seed : int
        The same halves for all defenses, so that they are compared on equal terms.

    Returns
    -------
    remedies : DataFrame
        One row a defense, the least true positive rate first: ``defense``; ``score``,
        the mean score on records that a model was not trained on, and its ``change``;
        ``tpr`` at a false positive rate of 1% and ``auc`` of RMIA, with their standard
        errors. Defenses that can't be trained on these records are left out.
    """
    records, label = subject.records, subject.label
    scorer = get_scorer("accuracy" if is_classifier(recipe) else "r2")
    rows = []
    for name, defended in candidates(recipe, len(records)).items():
        try:
            shadow = train_shadow(defended, records, label, N_MODELS, seed, n_jobs)
        except ShadowFitError:
            if name == AS_IT_IS:
                raise
            continue
        leaks = leaks_of(_METRICS, *attack_recipe(as_attack("rmia"), shadow, records))
        tpr, auc = (leaks[metric] for metric in _METRICS)
        score = float(scores_outside(shadow, records, scorer).mean())
        row = {"defense": name, "score": score}
        rows.append(row)
        row |= {
            "change": score - rows[0]["score"],
            "tpr": tpr.value,
            "tpr_error": tpr.standard_error,
            "auc": auc.value,
            "auc_error": auc.standard_error,
        }
    table = pd.DataFrame(rows, columns=REMEDIES)
    return table.sort_values(["tpr", "auc"], ignore_index=True)
