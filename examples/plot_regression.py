"""
Does a regression model tell who was in its study?
==================================================

A regressor gives no probabilities, only numbers; what it remembers shows in its
residuals. Here it predicts how many dollars were spent for a person's health in a year
of the RAND Health Insurance Experiment.

People took part for several years. A split by rows would put other years of the same
person on the other side, and the attack would measure the split. So it is by person.
"""

# %%
# A row for each year; ``groups`` says whose it is.
from sklearn.ensemble import RandomForestRegressor
from sklearn.model_selection import GroupShuffleSplit

from skprivacy.datasets import load_rand_health
from skprivacy.records import make_membership_records

rand = load_rand_health(target="meddol")
split = GroupShuffleSplit(1, train_size=0.05, test_size=0.05, random_state=0)
train, other = next(split.split(rand.data, groups=rand.groups))
X, y, person = rand.data.fillna(rand.data.median()), rand.target, rand.groups
forest = RandomForestRegressor(20, min_samples_leaf=3, random_state=0)
forest.fit(X.iloc[train], y.iloc[train])
records, is_member = make_membership_records(
    X.iloc[train],
    y.iloc[train],
    X.iloc[other],
    y.iloc[other],
    groups_train=person.iloc[train],
    groups_holdout=person.iloc[other],
    random_state=0,
)

# %%
from skprivacy.membership import LiRA, ThresholdAttack
from skprivacy.shadow import ShadowModels
from skprivacy.targets import BlackBox

target = BlackBox(forest)
threshold = ThresholdAttack(target, label=y.name).fit(records)
lira = LiRA(target, shadow=ShadowModels(n_models=12), label=y.name, random_state=0)
lira.fit(records)

# %%
import matplotlib.pyplot as plt

from skprivacy.metrics import MembershipRocDisplay, roc_auc_interval, tpr_at_fpr

_, ax = plt.subplots(figsize=(6, 5), layout="constrained")
for name, attack, style in [("residual", threshold, "--"), ("LiRA", lira, "-")]:
    MembershipRocDisplay.from_estimator(
        attack, records, is_member, name=name, linestyle=style, ax=ax
    )
areas, rates = [], []
for attack in (threshold, lira):
    score = attack.decision_function(records)
    areas.append(roc_auc_interval(is_member, score).estimate)
    rates.append(tpr_at_fpr(is_member, score, 0.01))
ax.set_title(
    f"AUC: {areas[0]:.2f} by residuals, {areas[1]:.2f} by LiRA. Members found\n"
    f"at 1% false alarms: {rates[0]:.1%} and {rates[1]:.1%}"
)

# %%
# A few persons cost a fortune in a year, and only a model that was trained on them
# says so: those show in plain residuals. All others show only beside models that were
# trained without them. Which attack is the best depends on how many false alarms one
# accepts; an audit runs both. The figures are of rows: a person with five years in
# the study is asked about five times.
