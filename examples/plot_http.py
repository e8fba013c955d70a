"""
Can a model be attacked through its API, with few questions?
============================================================

Whoever audits a model often has an address and no model. ``BlackBox`` takes any
function that answers a table with probabilities, and counts. ``HTTPModel`` is such a
function: here it asks a web server on this machine, which rounds its answers to two
digits.

The attack needs one answer a record. So a budget of questions limits how many persons
can be asked about, and not how sure the attacker is of each.
"""

# %%
# The service: a random forest behind an HTTP server. It takes and gives JSON.
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split

from skprivacy.datasets import load_credit_default

credit = load_credit_default()
X, y = credit.data.astype(float), credit.target
X_train, X_other, y_train, y_other = train_test_split(
    X, y, train_size=600, test_size=600, random_state=0
)
service = RandomForestClassifier(20, random_state=1).fit(X_train, y_train)


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        rows = pd.DataFrame(sent["instances"])
        answer = {"predictions": service.predict_proba(rows).round(2).tolist()}
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *args):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()

# %%
# The attacker's side: an address, and a budget. The service does not say how its
# model was trained, so shadow models need a recipe: the attacker's guess, here of
# fewer trees.
from skprivacy.membership import LiRA
from skprivacy.records import make_membership_records
from skprivacy.shadow import ShadowModels
from skprivacy.targets import BlackBox, HTTPModel, QueryBudgetExceeded

api = HTTPModel(f"http://127.0.0.1:{server.server_port}/predict")
target = BlackBox(api, classes=[0, 1], budget=800)
guess = RandomForestClassifier(15)
records, is_member = make_membership_records(
    X_train, y_train, X_other, y_other, random_state=0
)
attack = LiRA(target, shadow=ShadowModels(guess, n_models=16), label=y.name)
attack.set_params(random_state=0).fit(records)

# %%
# The attacker asks about 100 persons at a time, in random order, until the service
# refuses.
order = np.random.default_rng(0).permutation(len(records))
scores = []
try:
    for start in range(0, len(records), 100):
        batch = records.iloc[order[start : start + 100]]
        scores.extend(attack.decision_function(batch))
except QueryBudgetExceeded as refused:
    print(refused)
finally:
    server.shutdown()
    server.server_close()

# %%
import matplotlib.pyplot as plt

from skprivacy.metrics import SignalHistogramDisplay, roc_auc_interval

asked = is_member[order[: len(scores)]]
area = roc_auc_interval(asked, scores)
_, ax = plt.subplots(figsize=(6.5, 4), layout="constrained")
SignalHistogramDisplay.from_predictions(asked, scores, bins=40, name="LiRA", ax=ax)
ax.set_title(
    f"{target.n_queries_} questions score {len(scores)} of {len(records):,} persons,\n"
    f"with an AUC of {area.estimate:.2f} ({area.low:.2f} to {area.high:.2f})"
)

# %%
# The right tail are members that hardly anybody else is mistaken for. A limit of
# questions protects those who weren't asked about, until the attacker opens another
# account. Rounding to two digits did not help much; an audit without it would tell
# how much.
