"""
Which share of the training set are women?
==========================================

Not a person's secret but the owner's: what the training set is like as a whole. The
attacker trains models on records of their own, in which the share is known, and learns
from their answers how models with many women differ from models with few.

Models with different shares answer differently even where they were trained on entirely
other people. So the models that are attacked here come from records that the attacker
does not have.
"""

# %%
# The attacker and the owners of the models have 6,000 records each.
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skprivacy.datasets import load_adult

columns = ["age", "educational-num", "hours-per-week", "capital-gain", "gender"]
adult = load_adult().frame[[*columns, "income"]].sample(12000, random_state=0)
adult["gender"] = (adult["gender"] == "Female").astype(int)
own, theirs = adult[:6000], adult[6000:]
recipe = make_pipeline(StandardScaler(), GaussianNB())

# %%
# ``PropertyWorlds`` trains models with known shares: 60 by the attacker, and 42 that
# play the owners' models. All have 1,000 records.
import numpy as np

from skprivacy.property import ModelFeatures, PropertyWorlds, RatioRegressor

options = dict(size=1000, hold=None, label="income", queries=200)
shares = np.linspace(0.1, 0.6, 6)
worlds = PropertyWorlds(
    recipe, "gender == 1", ratios=shares, n_models=60, random_state=0, **options
).fit(own)
owners = PropertyWorlds(
    recipe, "gender == 1", ratios=shares, n_models=42, random_state=1, **options
).fit(theirs)

# %%
# What the attacker sees of a model: its answers to some records.
features = ModelFeatures(
    "queries", queries=worlds.queries_, strata=worlds.query_strata_
)
attack = RatioRegressor(features).fit(worlds.models_, worlds.ratios_)
guess = attack.predict(owners.models_)

# %%
import matplotlib.pyplot as plt

error = np.abs(guess - owners.ratios_).mean()
blind = np.abs(worlds.ratios_.mean() - owners.ratios_).mean()
_, ax = plt.subplots(figsize=(5.5, 5), layout="constrained")
ax.plot([0, 0.7], [0, 0.7], color="0.6", linestyle="--", label="the truth")
ax.plot(owners.ratios_, guess, "o", alpha=0.6, label="a model of other people")
ax.set(
    xlabel="share of women in the training set", ylabel="share that the attack tells"
)
ax.legend(loc="upper left")
ax.set_title(
    f"The attack is off by {100 * error:.0f} points on average,\n"
    f"the middle of the range by {100 * blind:.0f}"
)

# %%
# The attacker only asks. Whoever holds the model need not guess: the mean that the
# scaler keeps of the column *is* the share, and
# :class:`~skprivacy.property.DirectReadout` reads it. The attacker here knew the
# recipe and the size of the training set; whoever has them wrong finds less. And what
# is told is the share in the training set, of nobody in it.
