import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from skprivacy.dp import (
    DPGaussianNB,
    DPLogisticRegression,
    DPStandardScaler,
    PrivacyGuarantee,
    PrivacyLedger,
)
from skprivacy.dp._noise import NoiseSource
from skprivacy.dp._private_runs import (
    check_no_weaker,
    epsilon_name,
    fit_unbooked,
    guarantee_of,
    noisy_score,
    scores_of_records,
    seeded,
)

RNG = np.random.RandomState(0)
X, Y = RNG.uniform(-1, 1, size=(80, 2)), RNG.randint(2, size=80)
MODEL = DPLogisticRegression(2.0, data_norm=9.0, classes=[0, 1], n_iter=2)


def test_no_fit_is_booked():
    with PrivacyLedger() as ledger:
        fit_unbooked(seeded(MODEL, {}, NoiseSource()), X, Y)
        assert len(ledger) == 0
        MODEL.fit(X, Y)
        assert len(ledger) == 1


def test_a_pipeline_promises_what_all_its_steps_do():
    scaler = DPStandardScaler(1.0, bounds=(-1, 1))
    both = make_pipeline(FunctionTransformer(), scaler, MODEL).fit(X, Y)
    mu = np.hypot(*(step.privacy_guarantee_.mu for _, step in both.steps[1:]))
    assert guarantee_of(both).mu == pytest.approx(mu)


@pytest.mark.parametrize(
    "estimator",
    [LogisticRegression(), make_pipeline(StandardScaler(), MODEL)],
)
def test_a_step_that_promises_nothing_is_refused(estimator):
    with pytest.raises(TypeError, match="must promise differential privacy"):
        guarantee_of(estimator.fit(X, Y))


def test_a_record_more_or_less_is_refused():
    model = DPLogisticRegression(
        30.0, data_norm=1.5, classes=[0, 1], n_iter=2, sampling_rate=0.5, n_records=80
    )
    with pytest.raises(ValueError, match="adjacency='add_remove'"):
        guarantee_of(model.fit(X, Y))


@pytest.mark.parametrize(
    ("weaker", "base"),
    [
        (PrivacyGuarantee.gaussian(1.1), PrivacyGuarantee.gaussian(1.0)),
        (PrivacyGuarantee.pure(0.1), PrivacyGuarantee.gaussian(1.0)),
        (PrivacyGuarantee.gaussian(0.1), PrivacyGuarantee.pure(1.0)),
        (PrivacyGuarantee.approximate(0.5, 1e-9), PrivacyGuarantee.pure(1.0)),
        (PrivacyGuarantee.gaussian(1.1), PrivacyGuarantee.zcdp(0.5)),
    ],
)
def test_weaker_runs_are_refused(weaker, base):
    with pytest.raises(ValueError, match="must not weaken the guarantee"):
        check_no_weaker(weaker, base, {})


def test_runs_that_promise_more_are_not():
    check_no_weaker(PrivacyGuarantee.pure(0.5), PrivacyGuarantee.pure(1.0), {})
    check_no_weaker(PrivacyGuarantee.gaussian(1.0), PrivacyGuarantee.zcdp(0.5), {})


@pytest.mark.parametrize("name", ["ledger", "random_state"])
def test_runs_share_neither_ledger_nor_noise(name):
    value = PrivacyLedger() if name == "ledger" else 0
    with pytest.raises(ValueError, match=f"must have no {name}"):
        seeded(MODEL, {name: value}, NoiseSource())


@pytest.mark.filterwarnings("ignore:random_state makes")
def test_seeds_differ_from_run_to_run():
    noise = NoiseSource(0)
    seeds = {seeded(MODEL, {}, noise).random_state for _ in range(5)}
    assert len(seeds) == 5


def test_the_parameter_to_set_must_be_the_only_one():
    assert epsilon_name(make_pipeline(FunctionTransformer(), MODEL)).endswith("epsilon")
    with pytest.raises(ValueError, match="not one parameter epsilon"):
        epsilon_name(make_pipeline(DPStandardScaler(), MODEL))


def test_scores_are_of_records_and_from_0_to_1():
    model = DPGaussianNB(bounds=(-1, 1), classes=[0, 1]).fit(X, Y)
    right = scores_of_records(None, model, X, Y)
    assert right.mean() == model.score(X, Y)
    odd = scores_of_records(lambda m, X, y: X[:, 0] * 1e9, model, X, Y)
    np.testing.assert_array_equal(odd, X[:, 0] > 0)
    with pytest.raises(ValueError, match="one score for each record"):
        scores_of_records(lambda m, X, y: m.score(X, y), model, X, Y)
    with pytest.raises(ValueError, match="scoring must be given"):
        scores_of_records(None, DPStandardScaler(), X, Y)


@pytest.mark.parametrize(
    ("guarantee", "deviation"),
    [
        (PrivacyGuarantee.gaussian(0.5), 1 / 50 / 0.5),
        (PrivacyGuarantee.zcdp(0.125), 1 / 50 / 0.5),
        # A scale of 1 has a deviation of the root of 2.
        (PrivacyGuarantee.pure(0.5), np.sqrt(2) / 50 / 0.5),
    ],
)
def test_a_score_has_the_noise_of_the_fit(guarantee, deviation):
    noise, scores = NoiseSource(), np.full(50, 0.5)
    drawn = [noisy_score(scores, guarantee, noise) for _ in range(500)]
    # Five deviations of what 500 draws say of a deviation, Laplace at that.
    assert np.std(drawn) == pytest.approx(deviation, rel=5 * 1.12 / np.sqrt(500))
    assert np.mean(drawn) == pytest.approx(0.5, abs=5 * deviation / np.sqrt(500))
