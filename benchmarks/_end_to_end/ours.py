"""LiRA of skprivacy from records and target to rates with their intervals.

Usage: ``ours.py FOLDER OUT.npz ENGINE [TREES]``; with TREES, each shadow forest has
that many.
"""

from _case import run
from sklearn.base import clone

from skprivacy.membership import LiRA
from skprivacy.metrics import roc_auc_interval, tpr_at_fpr_interval
from skprivacy.records import join_records
from skprivacy.shadow import ShadowModels
from skprivacy.targets import BlackBox


def attack(case, engine, trees=None):
    recipe = clone(case.model)
    if trees is not None:
        recipe.set_params(n_estimators=int(trees))
    shadow = ShadowModels(
        recipe, n_models=case.n_shadow_models, engine=engine, random_state=case.seed
    )
    records = join_records(case.X, case.y)
    fitted = LiRA(BlackBox(case.model), shadow=shadow).fit(records)
    scores = fitted.decision_function(records)
    # Peers compute such figures as part of their attack.
    roc_auc_interval(case.is_member, scores)
    tpr_at_fpr_interval(case.is_member, scores, 0.01)
    return scores


if __name__ == "__main__":
    run(attack)
