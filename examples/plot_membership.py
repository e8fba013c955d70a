"""
Was this person in the training set?
====================================

A membership attack is a classifier of records: members were in the model's training
set, non-members were not. The simplest one says "member" where the model is sure of the
right label. It mistakes every easy record for a member.

:class:`~skprivacy.membership.LiRA` asks how sure a model is of *this* record where it
was trained on it, and where it was not. It trains shadow models, clones of the target,
to find out. None of the two is told who was a member.
"""

# %%
# A bank trains a random forest on 1,000 clients. The attacker holds a list of 2,000,
# and knows no more than that half of them are in it.
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split

from skprivacy.datasets import load_credit_default
from skprivacy.records import make_membership_records

credit = load_credit_default()
X_train, X_other, y_train, y_other = train_test_split(
    credit.data, credit.target, train_size=1000, test_size=1000, random_state=0
)
forest = RandomForestClassifier(30, random_state=0).fit(X_train, y_train)
records, is_member = make_membership_records(
    X_train, y_train, X_other, y_other, random_state=0
)

# %%
# ``BlackBox`` is what the attacker reaches: the probabilities that the forest
# answers.
from skprivacy.membership import LiRA, ThresholdAttack
from skprivacy.shadow import ShadowModels
from skprivacy.targets import BlackBox

label = credit.target.name
target = BlackBox(forest)
threshold = ThresholdAttack(target, label=label).fit(records)
lira = LiRA(target, shadow=ShadowModels(n_models=16), label=label, random_state=0)
lira.fit(records)

# %%
# Both are judged where it hurts: at few false accusations. Hence the logarithmic
# axes.
import matplotlib.pyplot as plt

from skprivacy.metrics import MembershipRocDisplay, tpr_at_fpr

_, ax = plt.subplots(figsize=(6, 5), layout="constrained")
for name, attack, style in [("threshold", threshold, "--"), ("LiRA", lira, "-")]:
    MembershipRocDisplay.from_estimator(
        attack, records, is_member, name=name, linestyle=style, ax=ax
    )
found = tpr_at_fpr(is_member, lira.decision_function(records), 0.01)
simple = tpr_at_fpr(is_member, threshold.decision_function(records), 0.01)
ax.set_title(
    f"At 1% false alarms LiRA finds {found:.0%} of the members,\n"
    f"the threshold {simple:.0%}"
)

# %%
# The bands are 95% intervals for other records drawn as these were. With 1,000
# non-members the curve says nothing below a false positive rate of 0.1%. Nor is it
# the most that can be found: attacks that read the forest itself reach more.
