"""
What does a defense cost, and what does it protect?
===================================================

A defense is worth its price in accuracy only if it protects those who are hardest to
protect. :class:`~skprivacy.defenses.CanaryEvaluation` plants such records, with a wrong
label, in half of the models, and attacks each model with the others. The attacker knows
the defense: the shadow models have it, too.

Beside the defenses stands a model with differential privacy, at an epsilon so large
that it promises next to nothing. A defense that is worse in both respects isn't needed.
"""

# %%
from sklearn.ensemble import RandomForestClassifier

from skprivacy.datasets import load_credit_default
from skprivacy.defenses import CanaryEvaluation, ProtectedOutput

X, y = load_credit_default(return_X_y=True)
X = X.select_dtypes("number")[:1500]
forest = RandomForestClassifier(10)
evaluation = CanaryEvaluation(
    {
        "none": forest,
        "labels alone": ProtectedOutput(forest, "label"),
        "leaves of 20": RandomForestClassifier(10, min_samples_leaf=20),
    },
    canaries=["mislabeled"],
    n_canaries=40,
    n_models=8,
    dp_baseline=[30],
    fpr=[0.05],
    random_state=0,
).fit(X, y[:1500])
table = evaluation.summary()
table

# %%
import matplotlib.pyplot as plt

from skprivacy.defenses import DefenseTradeoffDisplay

_, ax = plt.subplots(figsize=(6.5, 4.8), layout="constrained")
DefenseTradeoffDisplay.from_estimator(evaluation, ax=ax)

# %%
# Right is more leakage, on a logarithmic axis; the bars are 95% intervals. So few
# models and canaries leave them wide, and a figure to trust takes the defaults. A
# defense that stands to the right of the private model, and not above it, is not
# needed: private training does better on both counts. Only canaries with a wrong
# label were planted here, which is the hardest case for models that learn by heart.
