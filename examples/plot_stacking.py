"""
Are several attacks together stronger than the best of them?
============================================================

Attacks make different mistakes. :class:`~skprivacy.membership.LiRA` compares a record
with shadow models that had it and that had not, :class:`~skprivacy.membership.RMIA`
with other records, and a threshold with nothing. Scikit-learn's ``StackingClassifier``
learns from some records, of which the truth is known, how to weigh their scores.

Is the stack better than the best of its parts, on records that it has not learned from?
"""

# %%
# A support vector machine tells who will see a doctor more than twice a year: one row
# for each person of the RAND Health Insurance Experiment. All attacks share the same
# twelve shadow models.
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import QuantileTransformer, StandardScaler
from sklearn.svm import SVC

from skprivacy.datasets import load_rand_health
from skprivacy.membership import RMIA, LiRA, ThresholdAttack
from skprivacy.records import make_membership_records
from skprivacy.shadow import ShadowModels
from skprivacy.targets import BlackBox

rand = load_rand_health()
people = rand.frame.groupby(rand.groups).first().dropna(axis=1).drop_duplicates()
X, y = people.drop(columns="mdvis"), (people["mdvis"] > 2).astype(int)
X_train, X_other, y_train, y_other = train_test_split(
    X, y, train_size=1000, test_size=1000, random_state=0
)
machine = make_pipeline(StandardScaler(), SVC(C=10)).fit(X_train, y_train)
records, is_member = make_membership_records(
    X_train, y_train, X_other, y_other, random_state=0
)

label, target = "mdvis", BlackBox(machine)
shadow = ShadowModels(target=target, n_models=12, label=label, random_state=0)
shadow = FrozenEstimator(shadow.fit(records))
attacks = [
    ("threshold", ThresholdAttack(target, label=label).fit(records)),
    ("RMIA", RMIA(target, shadow=shadow, label=label, random_state=0).fit(records)),
    ("LiRA", LiRA(target, shadow=shadow, label=label).fit(records)),
]

# %%
# None of them has seen the truth, so they are handed over as they are (``prefit``).
# The stack learns from one half of the records and is judged on the other.
from sklearn.ensemble import StackingClassifier
from sklearn.linear_model import LogisticRegression

known, asked, member_known, member_asked = train_test_split(
    records, is_member, train_size=0.5, stratify=is_member, random_state=0
)
stack = StackingClassifier(
    attacks,
    make_pipeline(QuantileTransformer(n_quantiles=200), LogisticRegression()),
    stack_method="decision_function",
    cv="prefit",
).fit(known, member_known)

# %%
# :class:`~skprivacy.membership.StackedAttack` needs no truth: each shadow model plays
# the target in turn, of which it is known who was in. It also looks at a record's
# neighbors.
from skprivacy.membership import StackedAttack

learned = StackedAttack(target, shadow=shadow, label=label, n_pretend=4, random_state=0)
learned.fit(records)

# %%
import matplotlib.pyplot as plt

from skprivacy.metrics import roc_auc_interval

contestants = [*attacks, ("StackingClassifier", stack), ("StackedAttack", learned)]
areas = {
    name: roc_auc_interval(member_asked, attack.decision_function(asked))
    for name, attack in contestants
}
_, ax = plt.subplots(figsize=(7, 3.5), layout="constrained")
for place, area in enumerate(areas.values()):
    ax.plot([area.low, area.high], [place, place], color="C0", linewidth=2)
    ax.plot(area.estimate, place, "o", color="C0", markersize=8)
    ax.annotate(f"{area.estimate:.3f}", (area.estimate, place + 0.18), ha="center")
ax.set_yticks(range(len(areas)), areas)
ax.set(xlabel="AUC of membership, with 95% intervals", ylim=(-0.5, len(areas) - 0.3))
best = max(areas[name].estimate for name, _ in attacks)
gains = [
    areas[name].estimate - best for name in ("StackingClassifier", "StackedAttack")
]
ax.set_title(
    f"The best single AUC is {best:.3f}. Three scores weighed: {gains[0]:+.3f};\n"
    f"evidence learned on shadow models: {gains[1]:+.3f}"
)

# %%
# Three scores that look at the same answer hardly differ in what they see; other
# evidence does more than weighing them. On other models it may be the other way
# round. The intervals are of single attacks: all were asked about the same records,
# so that differences are more certain than the overlap of two of them suggests. A
# ``StackingClassifier`` needs records with known membership, which an auditor has and
# an outsider has not.
