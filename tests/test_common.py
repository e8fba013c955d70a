"""scikit-learn's own checks, on every public estimator."""

import re
from functools import cache

import numpy as np
import pytest
import sklearn
from sklearn.base import clone, is_classifier
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestRegressor,
)
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import check_array
from sklearn.utils.estimator_checks import parametrize_with_checks
from sklearn.utils.fixes import parse_version

from skprivacy.attribute import (
    BaseAttributeAttack,
    BaseTargetAttack,
    BayesAttack,
    ConfidenceAttack,
    ImputationBaseline,
    InversionAttack,
    LeafEquationAttack,
    LearnedAttack,
    MarginalPriorAttack,
    MembershipOracleAttack,
    ReconstructionAttack,
    ReleasedAnswerAttack,
    TreeAttack,
)
from skprivacy.defenses import (
    AdversarialRegularizationClassifier,
    AdversarialTrainingClassifier,
    DataMinimizer,
    HighEntropyClassifier,
    KAnonymizer,
    MixupClassifier,
    PropertyResampler,
    ProtectedOutput,
    RelaxLossClassifier,
    ResampledClassifier,
    ResampledRegressor,
)
from skprivacy.extraction import (
    AutoExtraction,
    BaseExtractionAttack,
    EquationSolvingAttack,
    FamilyDetector,
    HyperparameterAttack,
    LowdMeekAttack,
    NeuralExtractionAttack,
    PathFindingAttack,
    QueryMonitor,
    SurrogateAttack,
    ThresholdSearchAttack,
)
from skprivacy.membership import (
    RMIA,
    BASEAttack,
    BootstrapReplayAttack,
    CalibratedAttack,
    LabelOnlyAttack,
    LeaveOneOutAttack,
    LiRA,
    NeighborhoodAttack,
    PopulationAttack,
    QuantileAttack,
    RangeAttack,
    ShadowModelAttack,
    SplitPointAttack,
    StackedAttack,
    ThresholdAttack,
    WhiteBoxForestAttack,
)
from skprivacy.property import (
    BasePropertyAttack,
    DirectReadout,
    DistinguishingAttack,
    ModelFeatures,
    PoisonedPropertyAttack,
    PopulationBaseline,
    PresenceAttack,
    PropertyMetaClassifier,
    PropertyWorlds,
    RatioRegressor,
    SizeAttack,
    UsageAttack,
)
from skprivacy.records import as_numbers
from skprivacy.shadow import ShadowModels
from skprivacy.signals import TargetSignals
from skprivacy.targets import BlackBox

NEW_ENOUGH = parse_version(sklearn.__version__) >= parse_version("1.7.1")


def row_mean(X):
    """A target for tables of any width: scikit-learn's checks bring their own."""
    return np.asarray(X, dtype=float).mean(axis=1)


def first_column_step(X):
    """Tell numbers of tables of any width, as a tree of two leaves does."""
    return np.where(np.asarray(X, dtype=float)[:, 0] > 0.5, 1.0, -1.0)


def row_mean_sign(X):
    """Tell labels of tables of any width, by a line through their usual values."""
    return (row_mean(X) > 0.5).astype(int)


def row_mean_of_any(X):
    """Do the same for tables with texts, which the checks take as secrets too."""
    return np.nan_to_num(as_numbers(X)).mean(axis=1)


def row_mean_of_any_column(X):
    """Bring any table of any width down to one column."""
    return row_mean_of_any(X)[:, None]


def row_mean_column(X):
    """Bring a table of any width down to one column."""
    return row_mean(X)[:, None]


def finite_row_mean(X):
    """Do the same, and refuse what is not finite, as trees would not."""
    return row_mean_column(check_array(X))


class KeptForest(RandomForestRegressor):
    """A forest whose copies have the same hash.

    The nodes of a tree have bytes between their fields which a copy leaves unset.
    """

    def __deepcopy__(self, memo):
        return self


def every_estimator():
    """One of each public estimator, with a target that takes any table of numbers."""
    target = BlackBox(row_mean)
    shadow = ShadowModels(Ridge(), n_models=4)
    any_width = FunctionTransformer(row_mean_column)
    line = make_pipeline(any_width, LinearRegression())
    line[-1].fit([[0.0], [1.0], [2.0]], [0.0, 2.0, 1.0])
    trees = KeptForest(2, random_state=0).fit(np.eye(9)[:, :1], np.ones(9))
    quantiles = HistGradientBoostingRegressor(loss="quantile", max_iter=2)
    few_steps = HistGradientBoostingClassifier(max_iter=2, early_stopping=False)
    finite = FunctionTransformer(finite_row_mean)
    forest = FrozenEstimator(make_pipeline(finite, trees))
    return [
        ThresholdAttack(target),
        PopulationAttack(target),
        NeighborhoodAttack(target),
        NeighborhoodAttack(target, neighbors="records"),
        QuantileAttack(target, regressor=quantiles),
        RangeAttack(ThresholdAttack(target)),
        CalibratedAttack(target, shadow=shadow),
        LeaveOneOutAttack(FrozenEstimator(line)),
        SplitPointAttack(forest, random_state=0),
        LabelOnlyAttack(target, shadow=shadow),
        LabelOnlyAttack(target, method="boundary"),
        BootstrapReplayAttack(forest),
        WhiteBoxForestAttack(forest, n_models=1, random_state=0),
        LiRA(target, shadow=shadow),
        RMIA(target, shadow=shadow),
        BASEAttack(target, shadow=shadow),
        ShadowModelAttack(target, shadow=shadow, attack_model=few_steps),
        StackedAttack(target, shadow=shadow, final_estimator=LogisticRegression()),
        *attribute_attacks(),
        *property_attacks(),
        EquationSolvingAttack(target),
        NeuralExtractionAttack(target),
        ThresholdSearchAttack(BlackBox(first_column_step)),
        PathFindingAttack(BlackBox(first_column_step)),
        LowdMeekAttack(BlackBox(row_mean_sign, classes=[0, 1], response="label")),
        FamilyDetector(target, n_lines=2),
        HyperparameterAttack(FrozenEstimator(line)),
        QueryMonitor(least=2, n_queries=10, n_streams=10),
        AutoExtraction(target, surrogate=quick_surrogate()),
        SurrogateAttack(
            BlackBox(row_mean_of_any), estimator=Ridge(), budget=20, batch_size=20
        ),
        DataMinimizer(
            DecisionTreeClassifier(max_depth=1, random_state=0),
            features=[0],
            random_state=0,
        ),
        KAnonymizer(k=2, random_state=0),
        ProtectedOutput(LogisticRegression()),
        ProtectedOutput(LogisticRegression(), "noise", random_state=0),
        ProtectedOutput(LogisticRegression(), "label"),
        half_resampler(),
        ResampledClassifier(LogisticRegression(), half_resampler()),
        ResampledRegressor(Ridge(), half_resampler()),
        ProtectedOutput(LogisticRegression(), "reverse_sigmoid"),
        ProtectedOutput(LogisticRegression(), "memguard", cv=2, random_state=0),
        ProtectedOutput(LogisticRegression(), "hamp", random_state=0),
        ProtectedOutput(Ridge()),
        ProtectedOutput(Ridge(), "noise", scale=0.1, random_state=0),
        *network_defenses(),
        ShadowModels(Ridge(), n_models=4, random_state=0),
        TargetSignals(target),
    ]


def network_defenses():
    """Every classifier that trains a network, for a short time."""
    quick = {"max_iter": 20, "learning_rate": 0.02, "random_state": 0}
    return [
        RelaxLossClassifier(**quick),
        MixupClassifier(**quick),
        HighEntropyClassifier(**quick),
        AdversarialRegularizationClassifier(**quick),
        AdversarialTrainingClassifier(n_steps=2, **quick),
    ]


def half_of_any_table(X):
    """Give every other record a property, whatever the table."""
    return np.arange(len(X)) % 2 == 1


def half_resampler():
    """Leave that half its share."""
    return PropertyResampler(half_of_any_table, random_state=0)


def property_attacks():
    """Every property attack, on numbers in the place of models."""
    recipe = make_pipeline(FunctionTransformer(row_mean_column), Ridge())
    return [
        PropertyWorlds(
            recipe, half_of_any_table, ratios=(0.4, 0.6), n_models=2, random_state=0
        ),
        PropertyMetaClassifier(),
        RatioRegressor(),
        # Of these, which take models alone, there is little that can be checked.
        DirectReadout(0, 1),
        ModelFeatures("structure"),
        DistinguishingAttack(),
        DistinguishingAttack(method="kl"),
        DistinguishingAttack(method="threshold"),
        PoisonedPropertyAttack(),
        PresenceAttack(),
        PopulationBaseline(),
        PopulationBaseline("numeric"),
        SizeAttack(),
        UsageAttack(),
    ]


def quick_surrogate():
    """What stands in where there is no exact attack."""
    return SurrogateAttack(None, estimator=Ridge(), strategy="records", batch_size=2000)


def attribute_attacks():
    """Every attribute attack: on classes, on a number, and undecided."""
    target = BlackBox(row_mean_of_any)
    recipe = make_pipeline(FunctionTransformer(row_mean_of_any_column), Ridge())
    shadow = ShadowModels(recipe, n_models=2)
    quick = DecisionTreeClassifier(max_depth=2, random_state=0)
    any_width = FunctionTransformer(row_mean_of_any_column)
    trees = KeptForest(2, random_state=0).fit(np.eye(9)[:, :1], np.ones(9))
    whole = KeptForest(2, bootstrap=False, random_state=0).fit(
        np.eye(9)[:, :1], np.eye(9)[0]
    )
    attacks = [
        ImputationBaseline(sensitive=0, label=None),
        LearnedAttack(
            target, sensitive=0, shadow=shadow, final_estimator=quick, imputer=quick
        ),
        BayesAttack(target, sensitive=0, shadow=shadow, imputer=quick),
        MarginalPriorAttack(target, sensitive=0),
        MembershipOracleAttack(ThresholdAttack(target), sensitive=0, imputer=quick),
        ConfidenceAttack(target, sensitive=0, imputer=quick),
        ReleasedAnswerAttack(target, sensitive=0, answer=-1, label=None, imputer=quick),
        TreeAttack(
            FrozenEstimator(make_pipeline(any_width, trees)),
            sensitive=0,
            shadow=ShadowModels(n_models=2),
            final_estimator=quick,
            imputer=quick,
        ),
        LeafEquationAttack(
            FrozenEstimator(make_pipeline(any_width, whole)),
            sensitive=0,
            imputer=quick,
        ),
    ]
    return [
        InversionAttack(target, sensitive=0, prior=Ridge(), n_grid=4),
        ReconstructionAttack(
            FrozenEstimator(make_pipeline(any_width, trees)),
            sensitive=[0],
            shadow=ShadowModels(n_models=2),
            imputer=quick,
        ),
        *(
            clone(attack).set_params(values=values)
            for attack in attacks
            for values in ("classes", "numeric", "auto")
        ),
    ]


WHOLE_NUMBERS = "the check has whole numbers alone, between which nothing can be asked"
EXTRACTION_FAILURES = {
    **dict.fromkeys(
        [
            "check_classifiers_one_label",
            "check_classifiers_classes",
            "check_classifiers_train",
            "check_classifiers_regression_target",
        ],
        "the classes are the target's; y, which the check has classes in, is ignored",
    ),
    **dict.fromkeys(
        ["check_estimators_dtypes", "check_classifier_data_not_an_array"],
        WHOLE_NUMBERS,
    ),
}


RANDOM_BATCHES = (
    "what is drawn for a batch (pairs, places, records of the attack) depends on how "
    "many records there are; the expectation over draws is the same"
)


def expected_failures(estimator):
    """Name the checks that fail, with a reason that is not ours."""
    drawn = MixupClassifier | AdversarialRegularizationClassifier
    if isinstance(estimator, drawn | AdversarialTrainingClassifier):
        return {"check_sample_weight_equivalence_on_dense_data": RANDOM_BATCHES}
    if isinstance(estimator, BaseTargetAttack):
        return {
            "check_estimators_pickle": "the check takes values out of all columns, the "
            "label among them, without which there is nothing to compare answers with"
        }
    if isinstance(estimator, BaseExtractionAttack) and is_classifier(estimator):
        return EXTRACTION_FAILURES
    if isinstance(estimator, NeuralExtractionAttack):
        return {"check_estimators_dtypes": WHOLE_NUMBERS}
    # What wraps an attack, or numbers columns itself, is not given that table.
    own = RangeAttack | BaseAttributeAttack | BaseExtractionAttack
    numbers = FamilyDetector | HyperparameterAttack | PopulationBaseline
    numbers |= BasePropertyAttack | ProtectedOutput
    numbers |= PropertyResampler | ResampledClassifier | ResampledRegressor
    # Of those that take missing values, too, the table is of floats.
    numbers |= DataMinimizer | KAnonymizer | RelaxLossClassifier
    numbers |= HighEntropyClassifier
    is_mixed = isinstance(estimator, SurrogateAttack | AutoExtraction)
    if NEW_ENOUGH or (isinstance(estimator, own | numbers) and not is_mixed):
        return {}
    return {
        "check_positive_only_tag_during_fit": "the check itself subtracts a float in "
        "place from the table of integers that it makes for estimators with categories"
    }


CHECKS = parametrize_with_checks(
    every_estimator(), expected_failed_checks=expected_failures
)


# An estimator has dozens of checks, and writing it out is slow.
@cache
def name_of(parameter):
    """Name a test without the addresses of functions, which differ by process."""
    return re.sub("at0x[0-9a-f]+", "", CHECKS.kwargs["ids"](parameter))


# They ask what is returned for what, and nothing of how well it guesses.
@pytest.mark.usefixtures("few_trees")
@pytest.mark.parametrize(*CHECKS.args, ids=name_of)
def test_scikit_learn_contract(estimator, check):
    check(estimator)
