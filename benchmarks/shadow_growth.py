"""How many shadow models are enough, and does ``n_models="auto"`` tell?

Attacks one target of each kind and data set with `LiRA`, by 64 shadow models and by as
many as "auto" takes, and prints the number, ROC AUC, true positive rate at 1% false
positives, and seconds of training and looking.

    python benchmarks/shadow_growth.py --members 2000 --seeds 0 1
"""

import argparse
import time
import warnings

from sklearn.base import clone
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from skprivacy.datasets import load_adult, load_credit_default
from skprivacy.membership import LiRA
from skprivacy.metrics import tpr_at_fpr
from skprivacy.shadow import ShadowModels
from skprivacy.targets import BlackBox

MODELS = {
    "decision tree": DecisionTreeClassifier(),
    "logistic regression": LogisticRegression(max_iter=1000),
    "gradient boosting": HistGradientBoostingClassifier(max_iter=50),
}
DATA = {"Adult": load_adult, "Credit default": load_credit_default}


def pipeline(model):
    columns = make_column_transformer(
        (StandardScaler(), make_column_selector(dtype_include="number")),
        remainder=OneHotEncoder(handle_unknown="ignore", sparse_output=False),
    )
    return make_pipeline(columns, clone(model))


def attack(target, records, is_member, label, seed, n_models):
    began = time.perf_counter()
    shadow = ShadowModels(
        target=target, n_models=n_models, label=label, random_state=seed
    ).fit(records)
    seconds = time.perf_counter() - began
    lira = LiRA(target, shadow=FrozenEstimator(shadow), label=label).fit(records)
    score = lira.decision_function(records)
    auc, tpr = roc_auc_score(is_member, score), tpr_at_fpr(is_member, score, 0.01)
    return shadow, auc, tpr, seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=2000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--data", nargs="+", default=list(DATA))
    parser.add_argument("--models", nargs="+", default=list(MODELS))
    parser.add_argument("--looks", action="store_true")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    print("| data | target | seed | models | ROC AUC | TPR at 1% FPR | seconds |")
    print("|---|---|---|---|---|---|---|")
    for data in args.data:
        bunch = DATA[data]()
        label = bunch.target_names[0]
        for name in args.models:
            for seed in args.seeds:
                records = bunch.frame.sample(2 * args.members, random_state=seed)
                records = records.reset_index(drop=True)
                is_member = records.index < args.members
                model = pipeline(MODELS[name])
                inside = records[is_member]
                model.fit(inside.drop(columns=label), inside[label])
                cells = [
                    attack(BlackBox(model), records, is_member, label, seed, n)
                    for n in ("auto", 64)
                ]
                shadow = cells[0][0]
                row = [
                    data,
                    name,
                    seed,
                    f"{shadow.n_models_} ({shadow.stopped_by_}) / 64",
                    " / ".join(f"{cell[1]:.3f}" for cell in cells),
                    " / ".join(f"{cell[2]:.3f}" for cell in cells),
                    " / ".join(f"{cell[3]:.1f}" for cell in cells),
                ]
                print("|", " | ".join(map(str, row)), "|", flush=True)
                if args.looks:
                    print(*shadow.growth_, sep="\n", flush=True)


if __name__ == "__main__":
    main()
