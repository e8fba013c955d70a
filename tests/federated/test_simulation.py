import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skprivacy.dp import PrivacyGuarantee
from skprivacy.federated import (
    CohortTooSmall,
    DistributedGaussian,
    FixedPoint,
    ProtocolError,
    TooManyDropouts,
    graph_parameters,
    secure_sum,
)

STAGES = ["advertise_keys", "share_keys", "masked_input", "consistency", "unmask"]


def expected_end(n, dropouts, security, threshold):
    """Survivors of a round in which all are neighbors, or the error that ends it."""
    here = [set(range(n))]
    for stage in STAGES:
        here.append({one for one in here[-1] if dropouts.get(one) != stage})
    _, cohort, sharers, survivors, signers, answering = here
    if security == "semi_honest":
        # Who would not have signed is not asked to unmask at all.
        signers = survivors
        answering = {one for one in signers if dropouts.get(one) not in STAGES[3:]}
    if len(cohort) < 3:
        return CohortTooSmall
    graph = graph_parameters(
        len(cohort), security=security, n_neighbors="all", threshold=threshold
    )

    def openable(holders):
        return all(len(holders - {one}) >= graph.threshold for one in sharers)

    if sum(len(sharers - {one}) >= graph.threshold for one in sharers) < 3:
        return TooManyDropouts
    if len(survivors) < 3 or not openable(survivors) or not openable(answering):
        return TooManyDropouts
    if security == "active" and len(signers) < graph.quorum:
        return TooManyDropouts
    return survivors


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_the_sum_of_the_survivors_is_exact_or_the_round_aborts(data):
    n = data.draw(st.integers(3, 9), label="clients")
    security = data.draw(st.sampled_from(["active", "semi_honest"]))
    stages = st.sampled_from([None, None, None, *STAGES])
    drawn = data.draw(st.lists(stages, min_size=n, max_size=n), label="dropouts")
    dropouts = {client: stage for client, stage in enumerate(drawn) if stage}
    threshold = None
    if "advertise_keys" not in drawn:
        least = graph_parameters(n, security=security, n_neighbors="all").threshold
        threshold = data.draw(st.none() | st.integers(least, n - 1), label="threshold")
    vectors = np.random.default_rng(n).uniform(-9, 9, (n, 4))
    expected = expected_end(n, dropouts, security, threshold)
    arguments = {
        "dropouts": dropouts,
        "security": security,
        "threshold": threshold,
        "n_neighbors": "all",
    }
    if isinstance(expected, set):
        result = secure_sum(vectors, **arguments)
        assert set(result.survivors_) == expected
        assert set(result.dropouts_) == set(range(n)) - expected - {
            one for one, stage in dropouts.items() if stage == "advertise_keys"
        }
        true = vectors[sorted(expected)].sum(axis=0)
        assert np.abs(result.sum_ - true).max() <= result.quantization_error_ + 1e-12
        assert result.liars_ == ()
    else:
        with pytest.raises(expected):
            secure_sum(vectors, **arguments)


@pytest.mark.parametrize("security", ["active", "semi_honest"])
def test_a_round_in_which_not_all_are_neighbors(security):
    vectors = np.random.default_rng(0).normal(size=(27, 5))
    dropouts = {0: "share_keys", 1: "masked_input", 2: "masked_input", 3: "unmask"}
    dropouts |= {4: "advertise_keys", 5: "consistency"}
    assert graph_parameters(26, security=security).n_neighbors < 25
    result = secure_sum(vectors, dropouts=dropouts, security=security)
    assert result.survivors_ == (3, *range(5, 27))
    assert result.dropouts_ == (0, 1, 2)
    true = vectors[list(result.survivors_)].sum(axis=0)
    assert result.sum_ == pytest.approx(true, abs=1e-12)


def test_below_the_threshold_no_share_reaches_the_server():
    stages = []
    with pytest.raises(
        TooManyDropouts, match="3 neighbors of client 0 are left, and 5"
    ):
        secure_sum(
            np.ones((8, 2)),
            security="semi_honest",
            threshold=5,
            dropouts={client: "masked_input" for client in range(4, 8)},
            record=lambda stage, client, message: stages.append(stage),
        )
    # Shares of the second kind of message are sealed; none were opened.
    assert set(stages) == {"advertise_keys", "share_keys", "masked_input"}


def test_whole_numbers_texts_as_ids_and_counts_of_clipped_values():
    fixed = FixedPoint(bound=3.0, fraction_bits=8)
    given = {"b": [2, -9], "long name": [3, 1], 5: [1, 9]}
    result = secure_sum(given, fixed_point=fixed)
    assert result.sum_.tolist() == [6.0, 1.0]
    assert result.n_clipped_ == {"b": 1, "long name": 0, 5: 1}
    assert result.survivors_ == ("b", "long name", 5)
    assert result.quantization_error_ == 3 * 2.0**-9
    assert result.privacy_guarantee_ is None


def test_noise_is_in_the_sum_and_dropouts_take_theirs_along():
    noise = DistributedGaussian(clip_norm=1.0, deviation=2.0)
    vectors = np.zeros((6, 400))
    vectors[0] = 9.0
    result = secure_sum(vectors, noise=noise, dropouts={5: "masked_input"})
    signal = 1 / 20  # shortened to a norm of 1
    # The standard deviation of 400 values is within 6 of its own errors.
    spread = (result.sum_ - signal).std() / (2 * np.sqrt(5))
    assert abs(spread - 1) < 6 / np.sqrt(800)
    assert result.n_clipped_[0] == 400 and result.n_clipped_[1] == 0
    guarantee = result.privacy_guarantee_
    assert isinstance(guarantee, PrivacyGuarantee)
    # Five survivors, one of whom may tell what it added.
    assert "the noise of 4 clients" in guarantee.assumptions[1]
    whole = secure_sum(vectors, noise=noise).privacy_guarantee_
    assert whole.epsilon() < guarantee.epsilon()


@pytest.mark.parametrize("vectors", [[], [[1.0]], [[1.0], [2.0]], {}])
def test_a_cohort_that_is_too_small(vectors):
    with pytest.raises(CohortTooSmall, match=f"3 clients at least; got {len(vectors)}"):
        secure_sum(vectors)
    assert issubclass(CohortTooSmall, ProtocolError)


@pytest.mark.parametrize(
    "vectors, arguments, message",
    [
        (3, {}, "vectors must be a dict"),
        ([[1.0], [1.0], [1.0, 2.0]], {}, "rows of one length"),
        ([[], [], []], {}, "one value at least"),
        ([1.0, 2.0, 3.0], {}, "rows of one length"),
        ([[1.0], ["a"], [1.0]], {}, "real numbers"),
        ([[1.0], [np.nan], [1.0]], {}, "finite"),
        ({True: [2.0], 3: [1.0], 4: [2.0]}, {}, "whole numbers or texts"),
        ({-1: [2.0], 3: [1.0], 4: [2.0]}, {}, "client ids are from 0"),
        (np.ones((4, 1)), {"threshold": 9}, "threshold must be from 3 to 3"),
        (np.ones((4, 1)), {"threshold": 0}, "threshold must be at least 1"),
        (np.ones((20, 1)), {"threshold": 9}, "threshold must be from 11 to 19"),
        (np.ones((4, 1)), {"dropouts": {7: "unmask"}}, "7, which is no client"),
        (np.ones((4, 1)), {"dropouts": {1: "lunch"}}, "stage is one of"),
        (np.ones((4, 1)), {"security": "none"}, "security must be one of"),
        (np.ones((4, 1)), {"min_clients": 2}, "min_clients must be at least 3"),
        (np.ones((4, 1)), {"max_dropout": 1.0}, "max_dropout must be from 0"),
        (
            [[1.0], [9.0], [1.0]],
            {"fixed_point": FixedPoint(clip="error")},
            "client 1: 1 of 1 values are beyond",
        ),
    ],
)
def test_what_is_refused_before_anything_is_sent(vectors, arguments, message):
    sent = []
    with pytest.raises((ValueError, TypeError), match=message):
        secure_sum(vectors, record=lambda *told: sent.append(told), **arguments)
    assert sent == []


@pytest.mark.parametrize("min_clients", [np.nan, "3", 3.5])
def test_other_than_a_number_of_clients_is_refused(min_clients):
    with pytest.raises((TypeError, ValueError), match="min_clients must be a whole"):
        secure_sum([], min_clients=min_clients)
