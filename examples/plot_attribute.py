"""
Does the model give away what a person did not tell?
====================================================

Somebody knows all of a record but one column, and asks the model with each value that
the column may have. Often the right value is the one that fits the label best. That can
be guessed without the model, too: people differ in many columns at once.

So every attribute attack stands beside an imputation, which has the same records and
never asks. Only what the attack finds beyond it is the model's doing. And what it finds
for strangers as for members is what the model learned of people in general.
"""

# %%
# The marital status of census records is hidden, in three groups.
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

from skprivacy.datasets import load_adult

adult = load_adult().frame.dropna()
columns = ["age", "education", "occupation", "hours-per-week", "race", "marital-status"]
people = adult[[*columns, "income"]].sample(2500, random_state=0)
groups = people["marital-status"].astype(str).str.split("-").str[0]
people["marital-status"] = groups.where(groups.isin(["Never", "Married"]), "Formerly")
members, rest = train_test_split(people, train_size=1000, random_state=0)
strangers, own = train_test_split(rest, train_size=500, random_state=0)

model = make_pipeline(
    OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1),
    RandomForestClassifier(20, random_state=0),
).fit(members[columns], members["income"])

# %%
# Both learn from the attacker's own records, in which the status is known. The attack
# also trains shadow models on them, to learn how a model answers about its own
# training records.
from skprivacy.attribute import ImputationBaseline, LearnedAttack
from skprivacy.shadow import ShadowModels
from skprivacy.targets import BlackBox

secret = "marital-status"
options = dict(sensitive=secret, label="income", random_state=0)
attacks = {
    "imputation": ImputationBaseline(**options),
    "asking the model": LearnedAttack(
        BlackBox(model), shadow=ShadowModels(n_models=4), **options
    ),
}
right = {}
for name, attack in attacks.items():
    attack.fit(own.drop(columns=secret), own[secret])
    right[name] = [
        attack.score(side.drop(columns=secret), side[secret])
        for side in (members, strangers)
    ]
right

# %%
import matplotlib.pyplot as plt
import numpy as np

_, ax = plt.subplots(figsize=(6, 4), layout="constrained")
place = np.arange(2)
for shift, color, (name, shares) in zip((-0.2, 0.2), ("0.75", "C0"), right.items()):
    bars = ax.bar(place + shift, shares, width=0.38, color=color, label=name)
    ax.bar_label(bars, fmt="{:.0%}")
ax.set(xticks=place, xticklabels=["members", "strangers"], ylim=(0, 1.05))
ax.set_ylabel("marital status right")
ax.legend(loc="upper right")
gain = right["asking the model"][0] - right["imputation"][0]
ax.set_title(f"Asking the model adds {100 * gain:+.0f} points for members")

# %%
# What is found for members beyond strangers is what the model remembers of its
# training records. About strangers it says nothing that other people's records don't.
# And the imputation alone finds the status of most people: no change of the model
# will stop that.
