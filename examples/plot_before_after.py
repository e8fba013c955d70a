"""
Did the defense help? Before and after
======================================

A random forest gives away who was in its training set. Distillation is a defense:
models trained on parts of the data answer for the records that they have not seen, and
a student learns those answers in place of the labels.

Two audits by the same attack, on the same records. ``BlackBox`` knows how its model was
trained, so the shadow models of the second audit are distilled as well: an attacker who
does not know of a defense makes it look better than it is.
"""

# %%
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split

from skprivacy.datasets import load_credit_default
from skprivacy.defenses import DistilledClassifier
from skprivacy.records import make_membership_records

credit = load_credit_default()
X, y = credit.data.drop_duplicates(), credit.target
X_train, X_rest, y_train, y_rest = train_test_split(
    X, y[X.index], train_size=1000, test_size=4000, random_state=0
)
X_other, y_other, X_test, y_test = (
    X_rest[:1000],
    y_rest[:1000],
    X_rest[1000:],
    y_rest[1000:],
)
forest = RandomForestClassifier(15, random_state=0)
models = {
    "before": forest.fit(X_train, y_train),
    "after": DistilledClassifier(forest, random_state=0).fit(X_train, y_train),
}

# %%
from skprivacy.membership import LiRA
from skprivacy.shadow import ShadowModels
from skprivacy.targets import BlackBox

records, is_member = make_membership_records(
    X_train, y_train, X_other, y_other, random_state=0
)
scores = {}
for name, model in models.items():
    attack = LiRA(
        BlackBox(model),
        shadow=ShadowModels(n_models=8),
        label=credit.target.name,
        random_state=0,
    )
    scores[name] = attack.fit(records).decision_function(records)

# %%
import matplotlib.pyplot as plt

from skprivacy.metrics import MembershipRocDisplay, roc_auc_interval

_, ax = plt.subplots(figsize=(6, 5), layout="constrained")
for (name, score), style in zip(scores.items(), ("-", "--")):
    MembershipRocDisplay.from_predictions(
        is_member, score, name=name, linestyle=style, ax=ax
    )
areas = [roc_auc_interval(is_member, score).estimate for score in scores.values()]
accuracies = [model.score(X_test, y_test) for model in models.values()]
ax.set_title(
    f"Distillation brings the AUC from {areas[0]:.2f} to {areas[1]:.2f},\n"
    f"and the accuracy from {accuracies[0]:.3f} to {accuracies[1]:.3f}"
)

# %%
# Where the bands at a rate do not overlap, the defense changed something. It has no
# proof: another attack may find more, and the figures are averages. Whether those who
# are hardest to protect are better off is the question of
# :class:`~skprivacy.defenses.CanaryEvaluation`.
