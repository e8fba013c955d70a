"""
Do updates of a model give away the records behind them?
========================================================

In federated learning records stay where they are, and only updates of a model travel to
a server. But the gradient of a single record is, up to a factor, the record itself.
Secure aggregation hides the updates: the server sees words that look random, and their
sum.

The attack is the same on both: it looks at what the server sees, and tells records.
"""

# %%
# Ten clinics hold 1 to 32 records each of a study on health. The model is a softmax
# regression: does a person see a doctor this year?
import numpy as np
from sklearn.preprocessing import StandardScaler

from skprivacy.datasets import load_rand_health

rand = load_rand_health()
X = StandardScaler().fit_transform(rand.data.dropna(axis=1))
y = (rand.target > 0).astype(int).to_numpy()
order = np.random.default_rng(0).permutation(len(X))

# %%
# ``ServerView`` holds what one round leaves at the server, with and without secure
# aggregation.
from skprivacy.federated.attacks import (
    DenseNetwork,
    GradientInversionAttack,
    ServerView,
)

network = DenseNetwork((X.shape[1], 100, 2))
model = network.initial(0)
sizes = [1, 2, 4, 8, 16, 32]
views = ("updates", "the sum alone")
found = {view: [] for view in views}
for size in sizes:
    clients = [order[i * size : (i + 1) * size] for i in range(10)]
    updates = [network.gradient(model, X[own], y[own]) for own in clients]
    seen = [
        ServerView.plain([updates], parameters=[model]),
        ServerView.secure([updates], parameters=[model]),
    ]
    for view, server in zip(views, seen):
        attack = GradientInversionAttack(network).fit(server)
        found[view].append(attack.score(X[np.concatenate(clients)]))

# %%
import matplotlib.pyplot as plt

_, ax = plt.subplots(figsize=(6, 4.5), layout="constrained")
for view, style in zip(views, ("o-", "s--")):
    ax.plot(sizes, found[view], style, label=f"server sees {view}")
ax.set(xscale="log", xlabel="records a clinic", ylabel="share of records found")
ax.set_xticks(sizes, sizes)
ax.minorticks_off()
ax.set_ylim(-0.03, 1.03)
ax.legend()
ax.set_title(
    f"Of {sizes[2]} records a clinic the server reads {found[views[0]][2]:.0%}\n"
    f"in updates, {found[views[1]][2]:.0%} in their sum"
)

# %%
# Found means to the last digit. A sum over ten clinics is an update of ten times the
# records, and no more than that: a large network, or few clinics, still give records
# away, and noise in the sum is the answer to it. Averages over many steps are harder
# to invert than the single gradients here.
