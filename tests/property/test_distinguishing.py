import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import FunctionTransformer

from skprivacy.property import DistinguishingAttack, ModelFeatures, PropertyWorlds
from skprivacy.targets import BlackBox


def make_records(n, seed):
    """Make records in which the label depends on x for one group alone."""
    rng = np.random.RandomState(seed)
    group = rng.randint(2, size=n)
    x = rng.normal(size=n)
    label = np.where(group, x, rng.normal(size=n)) + 0.3 * rng.normal(size=n) > 0
    return pd.DataFrame({"group": group, "x": x, "label": label.astype(int)})


def make_worlds(records, **options):
    options = {"ratios": (0.2, 0.8), "n_models": 40, "random_state": 0} | options
    return PropertyWorlds(
        LogisticRegression(), ("group", 1), size=100, label="label", **options
    ).fit(records)


@pytest.fixture(scope="module")
def own():
    return make_worlds(make_records(1500, 0), queries=200)


@pytest.fixture(scope="module")
def targets():
    return make_worlds(make_records(1500, 1))


@pytest.fixture(scope="module")
def features(own):
    return ModelFeatures("queries", queries=own.queries_)


@pytest.mark.parametrize("method", ["likelihood", "kl"])
def test_answers_tell_worlds_apart(own, targets, features, method):
    attack = DistinguishingAttack(features, method).fit(own.models_, own.ratios_)
    scores = attack.decision_function(targets.models_)
    # A larger score stands for the larger share. 40 targets at chance reach .8 with
    # a probability below 1e-4.
    assert roc_auc_score(targets.ratios_ > 0.5, scores) > 0.9
    assert attack.score(targets.models_, targets.ratios_) > 0.8
    proba = attack.predict_proba(targets.models_)
    assert proba.sum(axis=1) == pytest.approx(1)
    assert ((proba[:, 1] > 0.5) == (scores > 0)).all()


@pytest.mark.parametrize("method", ["threshold", "loss", "likelihood"])
def test_losses_tell_worlds_apart(own, targets, method):
    attack = DistinguishingAttack(
        method=method,
        test_records=make_records(1000, 2),
        property=("group", 1),
        label="label",
    ).fit(own.models_, own.ratios_)
    scores = attack.decision_function(targets.models_)
    assert roc_auc_score(targets.ratios_ > 0.5, scores) > 0.8
    assert hasattr(attack, "predict_proba") == (method == "likelihood")
    assert set(attack.predict(targets.models_)) <= {0.2, 0.8}


def test_threshold_is_that_of_the_better_test_set(own):
    attack = DistinguishingAttack(method="threshold")
    losses = np.array([[1.0, 0.1], [4.0, 0.2], [2.0, 0.8], [3.0, 0.9]])
    attack.fit(losses, [0.3, 0.3, 0.7, 0.7])
    assert attack.test_world_ == 0.7
    assert attack.threshold_ == 0.5
    assert attack.predict([[9.0, 0.4], [0.0, 0.6]]).tolist() == [0.3, 0.7]


def test_loss_takes_the_test_set_of_the_least_loss():
    attack = DistinguishingAttack(method="loss").fit(
        np.ones((12, 3)), [0.1, 0.5, 0.9] * 4
    )
    assert attack.predict([[0.3, 0.2, 0.4], [0.1, 0.2, 0.4]]).tolist() == [0.5, 0.1]


@pytest.mark.parametrize("method", ["likelihood", "kl"])
def test_three_worlds(method):
    rng = np.random.RandomState(0)
    worlds = np.tile([0.1, 0.5, 0.9], 20)
    numbers = 4 * worlds[:, None] - 2 + 0.3 * rng.normal(size=(60, 30))
    attack = DistinguishingAttack(method=method).fit(numbers[:30], worlds[:30])
    assert attack.decision_function(numbers).shape == (60, 3)
    # 10 models a world at chance: above .8 with a probability below 1e-6.
    assert attack.score(numbers[30:], worlds[30:]) > 0.9


@pytest.mark.parametrize("method", ["likelihood", "kl"])
def test_two_worlds_of_one_share_stay_undecided(method):
    right, sure = [], []
    for seed in range(5):
        rng = np.random.RandomState(seed)
        numbers, worlds = rng.normal(size=(160, 100)), np.tile([0, 1], 80)
        attack = DistinguishingAttack(method=method).fit(numbers[:60], worlds[:60])
        right.append(attack.score(numbers[60:], worlds[60:]))
        sure.append(attack.predict_proba(numbers[60:]).max(axis=1).mean())
    # Four standard errors about a half, 500 models: 6e-5.
    assert abs(np.mean(right) - 0.5) < 4 / np.sqrt(4 * 500)
    # 60 shadow models seem to tell something by chance; the average of five does not.
    assert np.mean(sure) < 0.68


def test_probabilities_are_as_sure_as_they_are_right():
    rng = np.random.RandomState(0)
    worlds = np.tile([0, 1], 1000)
    numbers = 0.15 * worlds[:, None] + rng.normal(size=(2000, 40))
    attack = DistinguishingAttack().fit(numbers[:120], worlds[:120])
    sure = attack.predict_proba(numbers[120:]).max(axis=1)
    right = attack.predict(numbers[120:]) == worlds[120:]
    # 120 shadow models leave the scale uncertain by about a third.
    assert sure.mean() == pytest.approx(right.mean(), abs=0.08)


def test_few_models_are_scored_without_calibration():
    attack = DistinguishingAttack().fit([[0.0], [0.1], [1.0], [1.1]], [0, 0, 1, 1])
    assert not hasattr(attack, "shadow_scores_")
    assert attack.predict([[0.2], [0.9]]).tolist() == [0, 1]


def test_shadow_scores_are_out_of_fold():
    rng = np.random.RandomState(0)
    numbers, worlds = rng.normal(size=(40, 500)), np.tile([0, 1], 20)
    attack = DistinguishingAttack().fit(numbers, worlds)
    apart = np.diff(attack.shadow_scores_)[:, 0]
    within = attack.decision_function(numbers)
    assert roc_auc_score(worlds, within) > 0.95
    assert roc_auc_score(worlds, apart) < 0.8


def test_divergence_takes_labels_alone(own, targets):
    boxes = [BlackBox(model, response="label") for model in own.models_]
    features = ModelFeatures("queries", queries=own.queries_)
    attack = DistinguishingAttack(features, "kl").fit(boxes, own.ratios_)
    others = [BlackBox(model, response="label") for model in targets.models_]
    scores = attack.decision_function(others)
    assert roc_auc_score(targets.ratios_ > 0.5, scores) > 0.8


@pytest.mark.parametrize(
    "options, message",
    [
        ({"method": "loss", "features": ModelFeatures("parameters")}, "losses alone"),
        (
            {"test_records": [[0, 1]], "property": (0, 1), "method": "kl"},
            "test_records are for",
        ),
        (
            {"test_records": [[0, 1]], "features": ModelFeatures("parameters")},
            "losses alone",
        ),
        ({"method": "loss", "test_records": [[0, 1]]}, "need property"),
    ],
)
def test_arguments_that_do_not_go_together(own, options, message):
    with pytest.raises(ValueError, match=message):
        DistinguishingAttack(**options).fit(own.models_, own.ratios_)


def test_divergence_needs_answers(own):
    features = FunctionTransformer(lambda models: np.ones((len(models), 1)))
    with pytest.raises(ValueError, match="looks at answers"):
        DistinguishingAttack(features, "kl").fit(own.models_, own.ratios_)


def test_divergence_needs_classifiers():
    models = [LinearRegression().fit([[0], [1]], [0, i]) for i in range(4)]
    features = ModelFeatures("queries", queries=[[0.5]])
    with pytest.raises(ValueError, match="needs classifiers"):
        DistinguishingAttack(features, "kl").fit(models, [0, 0, 1, 1])


def test_worlds_that_are_no_shares_have_no_test_sets(own):
    attack = DistinguishingAttack(
        method="loss",
        test_records=make_records(50, 2),
        property=("group", 1),
        label="label",
    )
    with pytest.raises(ValueError, match="shares of the property from 0 to 1"):
        attack.fit(own.models_, own.ratios_ * 10)


def test_one_loss_a_world():
    with pytest.raises(ValueError, match="2 worlds, and 3 columns"):
        DistinguishingAttack(method="loss").fit(np.eye(3), [0, 1, 1])


def test_threshold_tells_two_worlds_apart():
    with pytest.raises(ValueError, match="two worlds"):
        DistinguishingAttack(method="threshold").fit(np.eye(3), [0, 1, 2])


def test_y_of_another_length(own, features):
    with pytest.raises(ValueError, match="40 models"):
        DistinguishingAttack(features).fit(own.models_, own.ratios_[:-1])
