import numpy as np
import pytest
from sklearn.svm import LinearSVC

from skprivacy.federated.attacks import (
    DenseNetwork,
    ServerView,
    UpdatePropertyAttack,
    shadow_updates,
)

RNG = np.random.default_rng(0)
X = RNG.normal(size=(600, 5))
Y = (X[:, 0] + RNG.normal(size=600) > 0).astype(int)
NETWORK = DenseNetwork((5, 2))
MODEL = NETWORK.initial(0)
SHARES = np.tile([0.2, 0.8], 60)


def updates(shares, seed):
    return shadow_updates(
        NETWORK, MODEL, X, Y, X[:, 0] > 0, shares, n_records=20, random_state=seed
    )


def test_a_shadow_client_has_the_share_that_it_was_given():
    # At zero scores, the gradient by the bias of class 1 is 1/2 less its share.
    network = DenseNetwork((1, 2))
    classes = np.tile([0, 1], 50)
    made = shadow_updates(
        network,
        np.zeros(4),
        np.zeros((100, 1)),
        classes,
        classes == 1,
        [0.0, 0.3, 1.0],
        n_records=10,
    )
    np.testing.assert_allclose(made[:, 3], [0.5, 0.2, -0.5])


@pytest.mark.parametrize("estimator", [None, LinearSVC(C=0.01)], ids=["own", "svc"])
def test_the_property_of_plain_updates_is_told(estimator):
    named = np.where(SHARES > 0.5, "many", "few")
    attack = UpdatePropertyAttack(estimator).fit(updates(SHARES, 1), named)
    assert attack.score(updates(SHARES, 2), named) > 0.8
    assert set(attack.predict(updates(SHARES, 3))) == {"few", "many"}


def test_masked_words_are_chance_and_a_sum_that_shares_it_is_not():
    rounds = updates(SHARES, 1).reshape(24, 5, -1)[:16]
    alike = np.concatenate(
        [
            updates(np.full(10, share), i)[None]
            for i, share in enumerate([0.2, 0.8] * 12)
        ]
    )
    shared = np.tile([False, True], 12)
    attack = UpdatePropertyAttack().fit(updates(SHARES, 1), SHARES > 0.5)
    assert attack.score(alike.mean(axis=1), shared) == 1
    view = ServerView.secure(rounds)
    words = np.array([vector for *_, vector in view.vectors("masked")])
    masked = UpdatePropertyAttack().fit(words[:40], SHARES[:40] > 0.5)
    # 4.5 standard errors of 40 tosses: a false alarm in about 150,000 runs.
    score = masked.score(words[40:], SHARES[40:80] > 0.5)
    assert abs(score - 0.5) < 4.5 * 0.5 / np.sqrt(40)


@pytest.mark.parametrize(
    ("shares", "n_records", "message"),
    [([1.2], 5, "from 0 to 1"), ([1.0], 400, "the pool has")],
)
def test_bad_input(shares, n_records, message):
    with pytest.raises(ValueError, match=message):
        shadow_updates(NETWORK, MODEL, X, Y, X[:, 0] > 0, shares, n_records=n_records)


def test_other_than_a_network_and_shares_are_refused():
    X, y, has = np.eye(2).repeat(5, axis=0), [0, 1] * 5, [True, False] * 5
    with pytest.raises(TypeError, match="network must be a DenseNetwork"):
        shadow_updates("net", [0.0], X, y, has, [0.5], n_records=2)
    with pytest.raises(ValueError, match="could not convert string to float"):
        shadow_updates(DenseNetwork((2, 2)), [0.0], X, y, has, ["a"], n_records=2)
