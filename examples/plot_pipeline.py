"""
How much of the leak comes from one column?
===========================================

The target may be any estimator, also a ``Pipeline`` with a ``ColumnTransformer`` that
takes a table of numbers and text. The attack sees the table as it is, and its shadow
models are clones of the whole pipeline: what the steps learn from the training data is
part of the leak.

The census table has a column, ``fnlwgt``, that is nearly a number for each person and
says next to nothing about the income. What does it cost to leave it in?
"""

# %%
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from skprivacy.datasets import load_adult

people = load_adult().frame
people = people.drop_duplicates(people.columns.drop("fnlwgt"))
X_train, X_rest, y_train, y_rest = train_test_split(
    people.drop(columns="income"), people["income"], train_size=1000, random_state=0
)
X_other, y_other = X_rest[:1000], y_rest[:1000]
X_test, y_test = X_rest[1000:6000], y_rest[1000:6000]
recipe = make_pipeline(
    make_column_transformer(
        (
            OneHotEncoder(handle_unknown="ignore", min_frequency=10),
            make_column_selector(dtype_include="category"),
        ),
        remainder="passthrough",
    ),
    RandomForestClassifier(20, random_state=0),
)

# %%
# The same pipeline with the column and without it, attacked in the same way.
from sklearn.base import clone

from skprivacy.membership import LiRA
from skprivacy.records import make_membership_records
from skprivacy.shadow import ShadowModels
from skprivacy.targets import BlackBox

found = {}
for name, hidden in {"with fnlwgt": [], "without": ["fnlwgt"]}.items():
    member, other, test = (
        side.drop(columns=hidden) for side in (X_train, X_other, X_test)
    )
    model = clone(recipe).fit(member, y_train)
    records, is_member = make_membership_records(
        member, y_train, other, y_other, random_state=0
    )
    attack = LiRA(
        BlackBox(model),
        shadow=ShadowModels(n_models=12),
        label="income",
        random_state=0,
    ).fit(records)
    score = attack.decision_function(records)
    found[name] = (is_member, score, model.score(test, y_test))

# %%
import matplotlib.pyplot as plt

from skprivacy.metrics import MembershipRocDisplay, tpr_at_fpr

_, ax = plt.subplots(figsize=(6, 5), layout="constrained")
for (name, (truth, score, _)), style in zip(found.items(), ("-", "--")):
    MembershipRocDisplay.from_predictions(
        truth, score, name=name, linestyle=style, ax=ax
    )
rates = [tpr_at_fpr(truth, score, 0.01) for truth, score, _ in found.values()]
accuracies = [accuracy for _, _, accuracy in found.values()]
ax.set_title(
    f"Without fnlwgt {rates[1]:.0%} instead of {rates[0]:.0%} of members are found\n"
    f"at 1% false alarms; accuracy {accuracies[0]:.3f} becomes {accuracies[1]:.3f}"
)

# %%
# A column that is different for everybody is the first suspect, and dropping it is
# the cheapest defense there is. But a dozen ordinary columns together are different
# for nearly everybody, too: look at both curves before relying on it. People who
# differ in nothing but this column were left out from the start.
