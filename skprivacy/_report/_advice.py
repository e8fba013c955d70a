"""What would help, depending on what was found."""

from typing import NamedTuple

__all__ = ["Advice", "advise"]

# A model that is so much better on its training set has learned some of it by heart.
LARGE_GAP = 0.05


class Advice(NamedTuple):
    """One thing to do: a title of a few words, and how."""

    title: str
    text: str


REGULARIZERS = {
    "forest": (
        ("Forest", "ExtraTrees", "Bagging"),
        "Raise min_samples_leaf (5 to 20 is a start) or limit max_depth, so that no "
        "leaf is about one record; train each tree on fewer records (max_samples).",
    ),
    "boosting": (
        ("GradientBoosting", "XGB", "LGBM", "CatBoost", "AdaBoost"),
        "Stop earlier (early_stopping, fewer iterations), learn in smaller steps, and "
        "raise min_samples_leaf and l2_regularization.",
    ),
    "tree": (
        ("DecisionTree", "ExtraTree"),
        "Raise min_samples_leaf, limit max_depth or prune with ccp_alpha, so that no "
        "leaf is about one record.",
    ),
    "neighbors": (
        ("KNeighbors", "RadiusNeighbors"),
        "A nearest-neighbors model keeps its training records and answers from them. "
        "Raise n_neighbors, never weight by distance, or choose another kind of model.",
    ),
    "kernel": (
        ("SVC", "SVR", "GaussianProcess", "KernelRidge"),
        "A kernel model keeps training records inside. Lower C (or raise alpha), use a "
        "wider kernel, or choose a linear model.",
    ),
    "network": (
        ("MLP", "Neural"),
        "Raise alpha, train for fewer epochs (early_stopping) and use fewer units.",
    ),
    "linear": (
        ("LogisticRegression", "Ridge", "Lasso", "ElasticNet", "SGD", "Linear"),
        "Lower C (or raise alpha), and drop rare categories, which let a linear model "
        "hold single records.",
    ),
}
ANY_MODEL = (
    "Choose a simpler model or regularize it more; compare the score outside the "
    "training set, which often hardly falls."
)


def advise(result) -> list[Advice]:
    """Say what would help.

    Parameters
    ----------
    result : AuditResult

    Returns
    -------
    advice : list of Advice
        The most important first; never empty.
    """
    advice = []
    if result.blind.low > 0.5:
        advice.append(MEND_THE_SPLIT)
    kinds = {finding.kind for finding in result.findings}
    if "identifier" in kinds:
        advice.append(DROP_IDENTIFIERS)
    if "few_non_members" in kinds:
        advice.append(MORE_OUTSIDERS)
    if not any(attack.n_shadow_models for attack in result.attacks):
        advice.append(USE_SHADOW_MODELS)
    if _file_gives_more_away(result):
        advice.append(KEEP_THE_FILE)
    if "property_strong" in kinds:
        advice.append(HIDE_THE_SHARE)
    if kinds & {"extraction_exact", "extraction_faithful"}:
        advice.append(COPIES_COST_MORE)
    if result.judgment.level in ("none", "slight"):
        return [*advice, NOTHING_URGENT, *_stronger_audit(result)]
    return [*advice, *_against_leakage(result, kinds)]


def _file_gives_more_away(result):
    best = result.best
    asking = result.best_of("black box")
    return best.access == "white box" and (
        asking is None or asking.roc_auc.high < best.roc_auc.low
    )


def _against_leakage(result, kinds):
    gap = result.train_score - result.holdout_score
    if gap > LARGE_GAP or "overfit" in kinds:
        yield Advice(
            "Let the model learn less by heart", how_to_regularize(result.model)
        )
    else:
        yield Advice(
            "Look at the exposed records",
            "The model is hardly better on its training set than outside it, so plain "
            "overfitting is not the cause. Look at the most exposed records: rare "
            "categories and extreme values can be grouped or clipped.",
        )
    if result.model.get("task") == "classification":
        yield COARSER_ANSWERS
    yield DIFFERENTIAL_PRIVACY
    yield AUDIT_AGAIN


def how_to_regularize(model: dict) -> str:
    """Say how a model of this kind is regularized.

    Examples
    --------
    >>> how_to_regularize({"type": "MLPClassifier", "repr": "MLPClassifier()"})
    'Raise alpha, train for fewer epochs (early_stopping) and use fewer units.'
    """
    for where in (model.get("type", ""), model.get("repr", "")):
        for names, text in REGULARIZERS.values():
            if any(name in where for name in names):
                return text
    return ANY_MODEL


def _stronger_audit(result):
    if result.settings.get("effort") != "thorough":
        yield Advice(
            "Look harder before a release",
            'Run the audit with effort="thorough": more shadow models find weaker '
            "traces. More records from outside make the intervals narrower.",
        )


MEND_THE_SPLIT = Advice(
    "Mend the split, then audit again",
    "Draw the training set and the holdout at random from one pool: same period, same "
    "source, same cleaning. Keep all records of one person on one side, remove "
    "duplicates, and remove columns that tell when or where a record was collected.",
)
DROP_IDENTIFIERS = Advice(
    "Drop columns that identify people",
    "Names, numbers and exact dates are of no use to a model that is to generalize, "
    "and let it recognize single records. Train without them and audit again.",
)
MORE_OUTSIDERS = Advice(
    "Hold out more records",
    "A false positive rate of 1 in 1,000 can only be measured with at least 1,000 "
    "records from outside the training set; several thousand give useful intervals.",
)
USE_SHADOW_MODELS = Advice(
    "Attack with shadow models",
    "The strong attacks train models of their own as the target was trained. Give the "
    "unfitted model as recipe, and they can.",
)
KEEP_THE_FILE = Advice(
    "Do not give out the model file",
    "What the file holds gives more away than the model's answers do. Let others ask "
    "the model instead of handing it over, guard the file as you guard the data, and "
    "audit what is given out: BlackBox(model) as the target. If a model of trees must "
    "be given out, skprivacy.defenses.sanitize takes exact thresholds, counts and "
    "seeds out of it.",
)
HIDE_THE_SHARE = Advice(
    "Let the make-up of the training set tell nothing",
    "If the share of a group is a secret, train on a sample in which it is one that "
    "all may know: that of the population, or half and half (PropertyResampler of "
    "skprivacy.defenses, of a fixed size). Drop the column, with the scalers and "
    "encoders fitted on it, where the model can do without; give out its answers "
    "instead of the file. Less overfitting, and noise that protects single "
    "people, do not hide what is true of the whole training set.",
)
COPIES_COST_MORE = Advice(
    "Make copies of the model cost more",
    "Give each client a number of answers well below what a copy costs, and look at "
    "who comes near it or asks about records that nobody has. Answer with the label "
    "alone, or rounded probabilities, where that is enough; try what it changes with "
    "BlackBox(model, response=..., decimals=...) as the target. None of it stops an "
    "attacker with many accounts, and a copy can be asked without end.",
)
NOTHING_URGENT = Advice(
    "Nothing needs to change on account of these attacks",
    "They did no better, or hardly better, than guessing. That is not a proof: it says "
    "nothing of stronger attacks, of other secrets (such as a missing column of a "
    "known record), or of the model after it is trained again on other records. Only "
    "differential privacy gives a guarantee.",
)
COARSER_ANSWERS = Advice(
    "Answer less precisely",
    "If those who ask need only the decision, give the label without probabilities, or "
    "round them to one decimal. This weakens attacks but does not stop them, as labels "
    "leak too: audit what is really given out, with BlackBox(model, response=..., "
    "decimals=...) as the target.",
)
DIFFERENTIAL_PRIVACY = Advice(
    "Where a guarantee is needed: differential privacy",
    "Train with noise that bounds what any attack can learn of one record. It is the "
    "only measure that also holds against attacks nobody has thought of, and costs "
    "accuracy, the more the smaller the training set. skprivacy.dp has such models.",
)
AUDIT_AGAIN = Advice(
    "Audit again after each change",
    "Use the same records and the same seed, so that the figures can be compared.",
)
