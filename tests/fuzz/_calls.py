"""How each public function is called, and which public classes need no call."""

import importlib.util
import sys
from functools import cache
from pathlib import Path

import numpy as np
from fuzz._tables import (
    any_table,
    any_values,
    anything,
    arrays,
    numbers,
    scores,
    tables,
    true_labels,
)
from hypothesis import strategies as st
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from skprivacy.defenses import (
    DistilledClassifier,
    SanitizedClassifier,
    SanitizedRegressor,
    SelfDistillationClassifier,
    StackedPartitionClassifier,
)
from skprivacy.targets import BlackBox

__all__ = [
    "CALLS",
    "FORMULAS",
    "NAN_IS_AN_ANSWER",
    "NOT_CALLED",
    "estimators",
    "public",
    "public_names",
]

TESTS = Path(__file__).parents[1]
#: Where estimators are listed, for scikit-learn's own checks.
LISTS = [
    (".", "every_estimator"),
    ("auditing", "auditors"),
    ("dp", "private_estimators"),
    ("federated", "every_estimator"),
    ("model_selection", "every_estimator"),
]


def public_names():
    """Every public name, with its module."""
    return (TESTS / "public_api.txt").read_text().split()


def public(name):
    """What has this name: a function, a class, or a class's method."""
    module, _, attribute = name.rpartition(".")
    try:
        return getattr(importlib.import_module(module), attribute)
    except ModuleNotFoundError:
        return getattr(public(module), attribute)


@cache
def estimators():
    """One of each estimator that scikit-learn's checks are run on, by a name."""
    found = {}
    for folder, function in LISTS:
        path = TESTS / folder / "test_common.py"
        name = f"listed_{path.parent.name}"
        spec = importlib.util.spec_from_file_location(name, path)
        module = importlib.util.module_from_spec(spec)
        # Where workers and hashes look for its functions.
        sys.modules[name] = module
        spec.loader.exec_module(module)
        for estimator in getattr(module, function)():
            kind = type(estimator).__name__
            number = sum(key.split("-")[0] == kind for key in found)
            found[f"{kind}-{number}" if number else kind] = estimator
    for estimator in others():
        found[type(estimator).__name__] = estimator
    return found


def others():
    """Those that scikit-learn's checks are run on elsewhere."""
    tree = DecisionTreeClassifier(max_depth=2, random_state=0)
    few = {"random_state": 0}
    return [
        DistilledClassifier(tree, **few),
        SanitizedClassifier(tree, **few),
        SanitizedRegressor(DecisionTreeRegressor(max_depth=2, random_state=0), **few),
        SelfDistillationClassifier(tree, n_submodels=3, n_excluding=1, **few),
        StackedPartitionClassifier(tree),
    ]


@cache
def models():
    """Fitted models, on two columns of numbers."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(30, 2)), np.arange(30) % 2
    return [
        LogisticRegression().fit(X, y),
        LinearRegression().fit(X, X[:, 0]),
        GaussianNB().fit(X, y),
        DecisionTreeClassifier(max_depth=2, random_state=0).fit(X, y),
        RandomForestClassifier(3, max_depth=2, random_state=0).fit(X, y),
        RandomForestRegressor(3, max_depth=2, random_state=0).fit(X, X[:, 0]),
    ]


def model():
    """A fitted model, or something else."""
    fitted = st.deferred(lambda: st.sampled_from(models()))
    return fitted | fitted | st.just(LogisticRegression()) | anything()


def target():
    """A model as attacks take it, or something else."""
    frozen = model().filter(lambda m: hasattr(m, "n_features_in_"))
    return frozen.map(FrozenEstimator) | frozen.map(BlackBox) | model()


X = any_table() | tables()
Y = any_values()
RATE = numbers() | st.just(0.1)
PART = st.sampled_from([0.1, 0.5, 0.95])
COUNT = numbers() | st.integers(0, 20)
LABEL = st.sampled_from([-1, 0, "c0", "label", None, 7, 1.5])
PROPERTY = st.sampled_from(
    [(0, 1), ("c0", 1), lambda X: np.arange(len(X)) % 2, "c0", 3]
)
SEED = st.just(0)

SCORED = {"y": true_labels() | Y, "score": scores() | Y}
DRAWN = {"y_true": true_labels() | Y, "y_score": scores() | Y}
HITS = scores() | Y
INTERVAL = {"confidence": st.just(0.95) | numbers(), "n_comparisons": COUNT}
GUESSES = {"n_correct": COUNT, "n_guesses": COUNT, "n_canaries": COUNT}
COUNTS = {"true_positives": COUNT, "false_positives": COUNT}
COUNTS |= {"n_in": COUNT, "n_out": COUNT}

#: Strategies for the arguments of each function.
CALLS = {
    "attribute.redundant_columns": {"X": X, "y": Y},
    "attribute.secret_influence": {
        "target": target(),
        "X": X,
        "y": Y,
        "sensitive": LABEL,
    },
    "auditing.audit_guarantee": {
        "model": st.just(LogisticRegression()) | anything(),
        "X": X,
        "y": Y,
        "effort": st.just("quick"),
        "n_runs": st.just(20),
        "claimed": st.just(1.0),
    },
    "auditing.epsilon_bayes": COUNTS | {"delta": RATE, "confidence": PART},
    "auditing.epsilon_clopper_pearson": COUNTS | {"delta": RATE, "confidence": RATE},
    "auditing.epsilon_gaussian": COUNTS | {"delta": RATE, "confidence": PART},
    "auditing.epsilon_joint": COUNTS | {"delta": RATE, "confidence": PART},
    "auditing.epsilon_one_run": GUESSES | {"delta": RATE, "confidence": RATE},
    "auditing.epsilon_one_run_gaussian": GUESSES | {"delta": RATE, "confidence": PART},
    "auditing.one_run_p_value": GUESSES | {"epsilon": RATE, "delta": RATE},
    "defenses.sanitize": {"model": model(), "X_public": X, "X_train": st.none() | X},
    "dp.calibrate_noise": {
        "epsilon": RATE,
        "delta": RATE,
        "n_releases": COUNT,
        "sampling_rate": RATE,
    },
    "extraction.evasion_transfer": {"target": target(), "copy": model(), "X": X},
    "extraction.fidelity_score": {"target": target(), "copy": model(), "X": X},
    "extraction.membership_transfer": {
        "attack": anything(),
        "copy": model(),
        "X": X,
        "y": Y,
        "fpr": RATE,
    },
    "federated.graph_parameters": {
        "n_clients": COUNT,
        "max_corrupt": RATE,
        "max_dropout": RATE,
    },
    "federated.secure_sum": {
        "vectors": X
        | st.lists(arrays(1), max_size=4)
        | st.dictionaries(st.sampled_from("abcd"), arrays(1)),
        "threshold": st.none() | COUNT,
        "min_clients": COUNT,
    },
    "federated.verify_key": {"signing_key": anything()},
    "federated.attacks.shadow_updates": {
        "network": anything(),
        "parameters": arrays(1),
        "X": X,
        "y": Y,
        "has_property": Y,
        "shares": arrays(1),
        "n_records": COUNT,
    },
    "inspection.count_parameters": {"model": model()},
    "inspection.leak_scan": {"model": model(), "n_train": st.none() | COUNT},
    "inspection.leave_one_out_answers": {"model": model(), "X": X, "y": Y},
    "inspection.memorization_scores": {"model": model(), "X": X, "y": Y},
    "inspection.read_trees": {"model": model()},
    "inspection.recover_training_values": {
        "model": model(),
        "X_candidates": st.none() | X,
        "feature_names": anything(),
    },
    "inspection.replay_bootstrap": {"model": model(), "seed": st.just("auto") | COUNT},
    "inspection.structural_risk": {"model": model(), "X_train": X, "y_train": Y},
    "inspection.supports_leave_one_out": {"model": model()},
    "metrics.combined_interval": {"intervals": anything(), "weights": anything()},
    "metrics.epsilon_from_roc": SCORED | {"delta": RATE, "min_errors": COUNT},
    "metrics.epsilon_from_roc_interval": SCORED | INTERVAL | {"min_errors": COUNT},
    "metrics.membership_advantage": SCORED | {"pos_label": st.none() | numbers()},
    "metrics.paired_difference_interval": {"hits": HITS, "baseline_hits": HITS}
    | INTERVAL,
    "metrics.r2_gain_interval": {"y": HITS, "predicted": HITS, "baseline": HITS}
    | INTERVAL,
    "metrics.r2_interval": {"y": HITS, "predicted": HITS} | INTERVAL,
    "metrics.roc_auc_interval": SCORED | INTERVAL,
    "metrics.share_interval": {"hits": HITS} | INTERVAL,
    "metrics.tpr_at_fpr": SCORED | {"fpr": RATE},
    "metrics.tpr_at_fpr_interval": SCORED | INTERVAL | {"fpr": RATE},
    "metrics.tpr_at_fpr_scorer": {"fpr": RATE},
    "metrics.MembershipRocDisplay.from_predictions": DRAWN,
    "metrics.SignalHistogramDisplay.from_predictions": DRAWN,
    "model_selection.least_leak_refit": {"max_loss": RATE},
    "model_selection.privacy_scorer": {"metric": anything(), "n_models": COUNT},
    "property.audit_property": {
        "model": model(),
        "X_pool": X,
        "y_pool": Y,
        "property": PROPERTY,
        "n_models": st.just(4),
    },
    "property.flip_column": {
        "records": X,
        "column": LABEL,
        "values": st.none() | anything(),
    },
    "property.has_property": {"property": PROPERTY, "records": X},
    "property.make_poison": {
        "records": X,
        "property": PROPERTY,
        "n_records": COUNT,
        "label": LABEL,
    },
    "property.n_leaked": {"accuracy": RATE, "ratios": arrays(1) | anything()},
    "records.as_model_input": {"X": X, "model": model()},
    "records.as_numbers": {"records": X},
    "records.has_property": {"property": PROPERTY, "records": X},
    "records.hash_records": {"records": X},
    "records.join_records": {"X": X, "y": Y, "label": LABEL},
    "records.keep_strangers": {"train": X, "holdout": X},
    "records.lay_together": {
        "X_train": X,
        "y_train": Y,
        "X_holdout": X,
        "y_holdout": Y,
    },
    "records.make_canaries": {
        "X": X,
        "y": Y,
        "n": COUNT,
        "kind": st.sampled_from(["mislabeled", "outlier", "clean", "duplicate", 3]),
    },
    "records.make_membership_records": {
        "X_train": X,
        "y_train": Y,
        "X_holdout": X,
        "y_holdout": Y,
    },
    "records.split_records": {"records": X, "label": LABEL},
    "records.ColumnCodes": {"table": X},
    "records.Coordinates": {"X": X},
    "records.Perturber": {"table": X, "label": LABEL},
    "shadow.fit_on_subsets": {
        "recipe": st.just(GaussianNB()) | anything(),
        "X": X,
        "y": Y,
        "subsets": arrays(2) | anything(),
        "seeds": arrays(1) | anything(),
    },
    "shadow.fitted_shadow": {
        "shadow": anything(),
        "records": X,
        "target": target(),
        "label": LABEL,
        "random_state": SEED,
    },
    "shadow.with_random_states": {"model": model(), "seed": COUNT},
    "signals.ask": {"box": target(), "records": X, "label": LABEL},
    "signals.available_signals": {"response": anything()},
    "signals.check_signal": {"name": anything(), "response": anything()},
    "signals.truth_of": {"y": Y, "box": target()},
    "targets.allows_nan": {"*": model()},
    "targets.check_target": {"target": target()},
    "targets.check_white_box": {"target": target()},
    "targets.recipe_of": {"target": target()},
}
#: Formulas, on arrays that are what they say: the package calls them in loops, and they
#: check nothing.
FORMULAS = {
    "records.find_records": lambda a, f: f(a["label"], a["label"][::-1]),
    "records.stack_tables": lambda a, f: f([a["proba"], a["proba"]]),
    "records.take_rows": lambda a, f: f(a["proba"], a["label"] >= 0),
    "shadow.attack_power": lambda a, f: f(np.eye(4)[0] > 0, a["scores"]),
    "shadow.moments": lambda a, f: f(a["models"], a["membership"]).n,
    "shadow.pretend_targets": lambda a, f: list(f(a["membership"])),
    "signals.compute_signal": lambda a, f: f("loss", a["proba"], a["label"], "proba"),
    "signals.confidence": lambda a, f: f(a["proba"], a["label"]),
    "signals.correctness": lambda a, f: f(a["decision"], a["label"]),
    "signals.decision_log_odds": lambda a, f: f(a["decision"], a["label"]),
    "signals.decision_probabilities": lambda a, f: f(a["decision"]),
    "signals.gaussian_log_likelihood": lambda a, f: f(a["value"], a["y"], 0.5),
    "signals.label_log_odds": lambda a, f: f(a["proba"], a["label"]),
    "signals.label_mass": lambda a, f: f(a["proba"], a["label"]),
    "signals.margin": lambda a, f: f(a["decision"], a["label"]),
    "signals.negative_absolute_residual": lambda a, f: f(a["value"], a["y"]),
    "signals.negative_entropy": lambda a, f: f(a["proba"], a["label"]),
    "signals.negative_log_loss": lambda a, f: f(a["proba"], a["label"]),
    "signals.negative_modified_entropy": lambda a, f: f(a["proba"], a["label"]),
    "signals.negative_squared_residual": lambda a, f: f(a["value"], a["y"]),
    "signals.residual_scale": lambda a, f: f(a["value"]),
    "targets.align_to_classes": lambda a, f: f(a["proba"], [3, 1], [1, 2, 3], "proba"),
}
FORMULAS = {f"skprivacy.{name}": call for name, call in FORMULAS.items()}
#: Public names that are not called with tables, and why.
NOT_CALLED = {
    "holds the target in every call": ["targets.BlackBox"],
    "made by the package, which has checked what it is made of": [
        "AuditResult",
        "attribute.AttributeInferenceResult",
        "attribute.Posterior",
        "auditing.AuditRoc",
        "auditing.GuaranteeAudit",
        "auditing.MethodOutcome",
        "dp.PrivacyGuarantee",
        "extraction.EvasionTransfer",
        "extraction.MembershipTransfer",
        "federated.SecureSumResult",
        "federated.SumGraph",
        "federated.attacks.ServerRound",
        "federated.attacks.ServerView",
        "inspection.BootstrapCounts",
        "inspection.StructuralRisk",
        "inspection.TreeEnsemble",
        "inspection.TreeNodes",
        "metrics.Interval",
        "model_selection.Leak",
        "property.PropertyInferenceResult",
        "property.PropertyReading",
        "records.Together",
        "shadow.Moments",
        "shadow.ShadowAnswers",
        "shadow.engines.ShadowResult",
        "shadow.engines.ShadowTask",
        "signals.Asked",
    ],
    "draws what the package made": [
        "attribute.AttributeGainDisplay",
        "auditing.AuditRocDisplay",
        "defenses.DefenseTradeoffDisplay",
        "extraction.FidelityCurveDisplay",
        "metrics.MembershipRocDisplay",
        "metrics.SignalHistogramDisplay",
        "property.PropertyPosteriorDisplay",
    ],
    "an error or a warning": [
        "dp.PrivacyBudgetExceeded",
        "dp.PrivacyLeakError",
        "dp.PrivacyLeakWarning",
        "dp.PrivateFitWarning",
        "federated.CohortTooSmall",
        "federated.ProtocolError",
        "federated.TooManyDropouts",
        "federated.UnsafeModel",
        "shadow.ShadowFitError",
        "targets.HTTPModelError",
        "targets.QueryBudgetExceeded",
    ],
    "abstract": [
        "attribute.BaseAttributeAttack",
        "attribute.BaseShadowAttack",
        "attribute.BaseTargetAttack",
        "extraction.BaseExtractionAttack",
        "membership.BaseMembershipAttack",
        "membership.BaseShadowAttack",
        "property.BasePropertyAttack",
    ],
    "takes no table, and its parameters are tried in its own tests": [
        "__version__",
        "datasets.load_adult",
        "datasets.load_credit_default",
        "datasets.load_rand_health",
        "dp.PrivacyLedger",
        "federated.ClientGuard",
        "federated.DistributedGaussian",
        "federated.FixedPoint",
        "federated.Phase",
        "federated.RecordPrivacy",
        "federated.SecureSumClient",
        "federated.SecureSumServer",
        "federated.SumLearner",
        "federated.SumPlan",
        "federated.attacks.DenseNetwork",
        "federated.new_signing_key",
        "federated.register_learner",
        "shadow.TransductiveKFold",
        "shadow.engines.Engine",
        "shadow.engines.engines",
        "shadow.engines.register_engine",
        "shadow.report_progress",
        "targets.HTTPModel",
    ],
    "takes what goes between server and clients, or between workers, and no table": [
        "federated.attacks.DifferencingAttack",
        "federated.attacks.GradientInversionAttack",
        "federated.attacks.GradientMatchingAttack",
        "federated.attacks.ImprintAttack",
        "federated.attacks.SybilAttack",
        "federated.attacks.UpdateMembershipAttack",
        "federated.attacks.UpdatePropertyAttack",
        "federated.flower.client_app",
        "federated.flower.fit_on_grid",
        "federated.flower.server_app",
        "property.MembershipScores",
        "shadow.best_on_pretend_targets",
        "shadow.engines.drawn_records",
        "shadow.engines.restored",
        "shadow.engines.run_shadow",
        "shadow.engines.shown",
    ],
    "fits many models: its pieces are called here one by one": [
        "audit",
        "defenses.CanaryEvaluation",
    ],
}
NOT_CALLED = {
    f"skprivacy.{name}": why for why, names in NOT_CALLED.items() for name in names
}
#: Of what has NaN where the table has it, or where nothing can be said.
NAN_IS_AN_ANSWER = {
    "skprivacy.metrics.paired_difference_interval",
    "skprivacy.metrics.r2_gain_interval",
    "skprivacy.metrics.r2_interval",
    "skprivacy.metrics.share_interval",
    "skprivacy.metrics.combined_interval",
    "skprivacy.property.flip_column",
    "skprivacy.property.make_poison",
    "skprivacy.records.as_model_input",
    "skprivacy.records.as_numbers",
    "skprivacy.records.join_records",
    "skprivacy.records.lay_together",
    "skprivacy.records.make_canaries",
    "skprivacy.records.make_membership_records",
    "skprivacy.records.split_records",
}
CALLS = {f"skprivacy.{name}": given for name, given in CALLS.items()}
