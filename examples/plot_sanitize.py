"""
What does the file of a forest hold, and what is left after ``sanitize``?
=========================================================================

A forest needs thresholds and leaves to answer. Its file holds more: thresholds that are
the middle between two training values, how many training rows are in each leaf, and the
seed by which bootstrap samples can be drawn again. Whoever has the file can read them.

``sanitize`` returns a copy that answers nearly the same and holds none of this. Here
attacks read both files, and one only asks.
"""

# %%
# The leaves of this forest hold ten rows or more, so that a record isn't alone in
# one.
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split

from skprivacy.datasets import load_credit_default
from skprivacy.defenses import sanitize
from skprivacy.records import make_membership_records

credit = load_credit_default()
X_train, X_other, y_train, y_other = train_test_split(
    credit.data, credit.target, train_size=600, test_size=600, random_state=0
)
forest = RandomForestClassifier(20, min_samples_leaf=10, random_state=0)
forest.fit(X_train, y_train)
safer = sanitize(forest, X_train=X_train, random_state=1)
records, is_member = make_membership_records(
    X_train, y_train, X_other, y_other, random_state=0
)

# %%
# ``FrozenEstimator`` gives an attack the model itself, ``BlackBox`` only its answers.
from sklearn.frozen import FrozenEstimator
from sklearn.metrics import roc_auc_score

from skprivacy.membership import SplitPointAttack, ThresholdAttack, WhiteBoxForestAttack
from skprivacy.targets import BlackBox

found = {}
for name, model in {"as trained": forest, "sanitized": safer}.items():
    options = dict(label=credit.target.name)
    attacks = {
        "confidence\n(only asks)": ThresholdAttack(BlackBox(model), **options),
        "split points": SplitPointAttack(FrozenEstimator(model), **options),
        "all evidence\nin the file": WhiteBoxForestAttack(
            FrozenEstimator(model), n_models=2, recipe=forest, random_state=0, **options
        ),
    }
    found[name] = [
        roc_auc_score(is_member, attack.fit(records).decision_function(records))
        for attack in attacks.values()
    ]

# %%
import matplotlib.pyplot as plt
import numpy as np

_, ax = plt.subplots(figsize=(6.5, 4.2), layout="constrained")
place = np.arange(len(attacks))
for shift, color, (name, areas) in zip((-0.2, 0.2), ("C0", "0.75"), found.items()):
    bars = ax.bar(place + shift, areas, width=0.38, color=color, label=name)
    ax.bar_label(bars, fmt="{:.2f}")
ax.axhline(0.5, color="black", linestyle=":", label="chance")
ax.set(xticks=place, xticklabels=attacks, ylabel="AUC of membership", ylim=(0.4, 1.08))
ax.legend(loc="upper left")
same = (forest.predict(X_other) == safer.predict(X_other)).mean()
before, after = max(found["as trained"]), max(found["sanitized"])
ax.set_title(
    f"Without what answers do not need, the best AUC falls from {before:.2f}\n"
    f"to {after:.2f}; {same:.1%} of the answers to strangers stay"
)

# %%
# What is left comes from the answers, and no change of the file takes it back. With
# leaves of a single record much more would be left: a fully grown forest must go on
# answering each of its training records.
