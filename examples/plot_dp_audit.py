"""
Is a promised epsilon kept?
===========================

A model with differential privacy promises that no test tells two training sets apart
that differ in one record, beyond what its epsilon allows. A promise can be tested: fit
the model many times on both, and look at how well the fits are told apart. If better
than allowed, the promise is broken, whatever the proof says.

diffprivlib 0.6.6 made private scikit-learn models easy. Its naive Bayes reads off the
data which classes there are, and no noise hides that. The wrapper in
:mod:`skprivacy.dp` takes the classes as an argument, and releases all of them. Are both
what they claim to be?
"""

# %%
# Two neighbors: the only record of the third class gets another label.
import numpy as np

X = np.linspace(0, 1, 9)[:, None]
y = np.array([2, 0, 1, 0, 1, 0, 1, 0, 1])
changed = np.array([0, 0, 1, 0, 1, 0, 1, 0, 1])

# %%
# Both claim an epsilon of 1. The auditor does not know where to look: a classifier
# learns from a quarter of the fits how those on the one table differ from those on
# the other.
from skprivacy.auditing import MechanismAuditor
from skprivacy.dp import DiffprivlibEstimator

audits = {}
for sound in ("as_is", "strict"):
    params = {"bounds": (0, 1)}
    if sound == "strict":
        params["classes"] = [0, 1, 2]
    audits[sound] = MechanismAuditor(
        DiffprivlibEstimator("GaussianNB", epsilon=1.0, params=params, sound=sound),
        neighbors=((X, y), (X, changed)),
        claimed=1.0,
        n_runs=150,
        random_state=0,
    ).fit()

# %%
import matplotlib.pyplot as plt

from skprivacy.auditing import AuditRocDisplay

names = {"as_is": "the library's own", "strict": "the wrapper"}
_, axes = plt.subplots(1, 2, figsize=(9, 4.8), layout="constrained")
for ax, (sound, auditor) in zip(axes, audits.items()):
    AuditRocDisplay.from_auditor(auditor, ax=ax)
    ax.set_title(f"{names[sound]}: {ax.get_title()}")

# %%
# What is beyond the line of the claim no model with that epsilon can do, but for an
# error of 5%. The audit that finds nothing is no proof: it says that this test, on
# these two tables, with so many fits, did not tell them apart.
