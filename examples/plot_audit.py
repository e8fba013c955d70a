"""
A whole audit, and its one picture
==================================

:func:`~skprivacy.audit` takes a fitted model, what it was trained on, and a holdout
that it has never seen. It runs all attacks that fit the model, on shared shadow models,
and says what was found in words, in a table and in a report.

The holdout must be like the training set: drawn from the same source at the same time.
The audit checks this, too, by a baseline that never asks the model.
"""

# %%
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import train_test_split

from skprivacy import audit
from skprivacy.datasets import load_credit_default

credit = load_credit_default()
X_train, X_holdout, y_train, y_holdout = train_test_split(
    credit.data, credit.target, train_size=700, test_size=700, random_state=0
)
model = HistGradientBoostingClassifier(max_iter=30, random_state=0)
model.fit(X_train, y_train)

# %%
# ``effort`` is the number of shadow models: 16 here, 64 unless you say otherwise.
# Naming attacks keeps this example short; by default all that fit are run.
result = audit(
    model,
    X_train,
    y_train,
    X_holdout,
    y_holdout,
    effort="fast",
    attacks=["ThresholdAttack", "CalibratedAttack", "RMIA", "LiRA", "SplitPointAttack"],
    random_state=0,
)
print(result.verdict)
result.summary()

# %%
import matplotlib.pyplot as plt

_, ax = plt.subplots(figsize=(7, 6), layout="constrained")
result.plot_roc(ax)
held, asked = result.best_of("white box"), result.best_of("black box")
ax.set_title(
    f"AUC of membership: {held.roc_auc.estimate:.2f} for whoever holds the file "
    f"({held.name}),\n{asked.roc_auc.estimate:.2f} for whoever only asks ({asked.name})"
)

# %%
# The same as the one picture for a slide:
result.plot()

# %%
# A curve above the dotted line is leakage; at its left end it is of single persons
# who can be named with hardly a doubt. With 700 outsiders nothing can be said of
# rates below one in a hundred or so; a figure to decide by needs thousands.
# ``result.to_html("report.html")`` writes all of this for those who must decide.
