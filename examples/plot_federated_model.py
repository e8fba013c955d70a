"""
Can several hospitals train one model without showing a record?
===============================================================

Ridge regression needs sums over all records and nothing else: of products of the
columns. Each hospital adds up its own records, masks cancel in the sum over all
hospitals, and the server solves for the coefficients. It sees the total and no
hospital's part of it.

So the model should be the one that would have come of all records in one place, to the
last digit that matters; and better than what a hospital can learn alone.
"""

# %%
# Five sites of the RAND Health Insurance Experiment asked their people how they are.
# A few dozen persons are all that a site has to learn from here.
from sklearn.linear_model import Ridge
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skprivacy.datasets import load_rand_health

rand = load_rand_health()
columns = ["xage", "female", "educdec", "income", "disea", "mhi", "num"]
people = rand.frame.groupby(rand.groups).first().dropna(subset=[*columns, "ghindx"])
train, test = train_test_split(people, train_size=300, random_state=0)
recipe = make_pipeline(StandardScaler(), Ridge(1.0))

# %%
# ``groups`` says which site holds which record. All sites are simulated in this
# process, by the code that they would run on machines of their own.
from sklearn.base import clone

from skprivacy.federated import FederatedRegressor

together = FederatedRegressor(recipe, random_state=0)
together.fit(train[columns], train["ghindx"], groups=train["site"])
pooled = clone(recipe).fit(train[columns], train["ghindx"])
alone = {
    f"site {site} alone ({len(own)})": clone(recipe).fit(own[columns], own["ghindx"])
    for site, own in train.groupby("site")
}

# %%
import matplotlib.pyplot as plt
import numpy as np

models = alone | {"secure sums": together, "all records in one place": pooled}
scores = [model.score(test[columns], test["ghindx"]) for model in models.values()]
difference = np.abs(
    together.predict(test[columns]) - pooled.predict(test[columns])
).max()

_, ax = plt.subplots(figsize=(7, 4), layout="constrained")
colors = ["0.75"] * len(alone) + ["C0", "0.4"]
bars = ax.barh(list(models), scores, color=colors)
ax.bar_label(bars, fmt="{:.2f}", padding=3)
ax.axvline(0, color="black", linewidth=0.8)
ax.invert_yaxis()
ax.margins(x=0.12)
ax.set_xlabel(f"R² on {len(test):,} other people")
ax.set_title(
    "No prediction by secure sums differs from that of all records\n"
    f"by more than {difference:.0e}"
)

# %%
# Nobody saw a site's sums. But the total is exact, and the products of all columns
# are in it: two fits that differ by one site tell that site's sums, unless there is
# noise in them (``privacy=``). And the model itself can be attacked as any other.
