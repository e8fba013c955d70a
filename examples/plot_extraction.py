"""
How many answers does it take to copy a model?
==============================================

Whoever may ask a model can train another on its answers, and then need not ask any
more. A linear model is copied exactly: each probability is an equation in its
coefficients, and as many answers as there are coefficients solve them. Other models are
learned, as from any labels, only that here labels come for free.

What counts is fidelity: on which share of fresh records the copy says what the target
says, right or wrong.
"""

# %%
# Two models of who fails to pay: a logistic regression and a random forest. The
# attacker has other records of the same kind, without labels.
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skprivacy.datasets import load_credit_default

X, y = load_credit_default(return_X_y=True)
X = X.select_dtypes("number").astype(float)
X_train, X_rest, y_train, _ = train_test_split(X, y, train_size=2000, random_state=0)
own, fresh = X_rest[:2000], X_rest[2000:4000]
logistic = make_pipeline(StandardScaler(), LogisticRegression()).fit(X_train, y_train)
forest = RandomForestClassifier(30, min_samples_leaf=5, random_state=0)
forest.fit(X_train, y_train)

# %%
# The budget is kept by ``BlackBox``: a question too many is an error.
from skprivacy.extraction import EquationSolvingAttack, SurrogateAttack
from skprivacy.targets import BlackBox

solved = EquationSolvingAttack(BlackBox(logistic, budget=200), random_state=0).fit(own)
exact = solved.score(fresh)

budgets = [50, 150, 500]
close = []
for budget in budgets:
    copy = SurrogateAttack(
        BlackBox(forest, budget=budget),
        estimator=RandomForestRegressor(10, min_samples_leaf=2, random_state=0),
        strategy="records",
        budget=budget,
        random_state=0,
    )
    close.append(copy.fit(own).score(fresh))

# %%
import matplotlib.pyplot as plt

usual = (forest.predict(fresh) == y_train.mode()[0]).mean()
_, ax = plt.subplots(figsize=(6, 4.5), layout="constrained")
ax.plot(budgets, close, "o-", label="random forest, learned")
ax.plot(
    solved.n_queries_, exact, "k*", markersize=14, label="logistic regression, solved"
)
ax.axhline(usual, color="0.5", linestyle=":", label="always the commoner answer")
ax.set(xlabel="answers bought", ylabel="fidelity on fresh records", xlim=(0, 520))
ax.legend(loc="upper right")
ax.set_title(
    f"{solved.n_queries_} answers copy the logistic regression to {exact:.1%},\n"
    f"{budgets[-1]} the forest to {close[-1]:.1%}"
)

# %%
# The horizontal line is what no answer at all would reach: most people pay. A copy
# that agrees on nearly all records isn't as good as the target on the rare ones for
# which it was built, and not a copy of its training data: that is what membership
# attacks are for.
