import numpy as np
import pytest

from skprivacy.federated.attacks import (
    DenseNetwork,
    ServerView,
    UpdateMembershipAttack,
)
from skprivacy.federated.attacks._update_membership import GradientLaw, cosines

RNG = np.random.default_rng(0)
X = RNG.normal(size=(900, 8))
Y = (X[:, 0] + RNG.normal(size=900) > 0).astype(int)
NETWORK = DenseNetwork((8, 4, 2))
REFERENCE = slice(600, None)
SIZE = 10


def run(n_clients, kind=ServerView.plain, n_rounds=1, factor=1.0):
    models = [NETWORK.initial(seed) for seed in range(n_rounds)]
    clients = [slice(SIZE * c, SIZE * (c + 1)) for c in range(n_clients)]
    return kind(
        [
            [factor * NETWORK.gradient(model, X[rows], Y[rows]) for rows in clients]
            for model in models
        ],
        parameters=models,
    )


def auc(view, method="gaussian", n_members=SIZE, **options):
    attack = UpdateMembershipAttack(NETWORK, method=method, n_records=SIZE, **options)
    reference = (X[REFERENCE], Y[REFERENCE]) if method == "gaussian" else ()
    attack.fit(view, *reference)
    rows = np.r_[0:n_members, 300:600]
    return attack.score(X[rows], Y[rows], rows < n_members)


def test_cosines_by_hand():
    gradients = np.array([[3.0, 4.0], [-4.0, 3.0], [0.0, 0.0]])
    np.testing.assert_allclose(cosines(gradients, np.array([6.0, 8.0])), [1, 0, 0])


def test_the_law_is_the_likelihood_ratio():
    reference = RNG.normal(size=(200, 3)) @ np.diag([1.0, 2.0, 3.0]) + 1
    law = GradientLaw(reference, ridge=1e-12)
    inverse = np.linalg.inv(np.cov(reference.T, bias=True))
    g, u = np.array([[2.0, 0.0, 1.0]]), np.array([1.5, 1.0, 0.5])
    a, b = g[0] - reference.mean(axis=0), u - reference.mean(axis=0)
    expected = a @ inverse @ b - a @ inverse @ a / 20
    assert law.scores(g, u, n_records=10)[0] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    ("method", "least"), [("gaussian", 0.9), ("cosine", 0.55), ("loss_drop", 0.55)]
)
def test_members_of_a_plain_update_are_told(method, least):
    assert auc(run(1, n_rounds=4), method, client=0) > least


def test_rounds_add_up():
    assert auc(run(1, n_rounds=6), client=0) > auc(run(1), client=0) + 0.02


def test_a_sum_hides_more_the_more_are_in_it():
    alone, ten = auc(run(1), client=0), auc(run(10), client=0, source="sum")
    assert alone > ten + 0.1


def test_the_sum_is_what_a_secure_run_leaves():
    plain = auc(run(5), client=0, source="sum")
    assert auc(run(5, ServerView.secure), client=0) == pytest.approx(plain, abs=1e-6)
    assert auc(run(5, ServerView.secure)) == pytest.approx(plain, abs=1e-6)


@pytest.mark.parametrize("method", ["gaussian", "cosine", "loss_drop"])
def test_masked_words_are_chance(method):
    # Masks are drawn anew in each run: records too, so that neither side is special.
    draw, aucs = np.random.default_rng(1), []
    reference = (X[REFERENCE], Y[REFERENCE]) if method == "gaussian" else ()
    for _ in range(8):
        rows = draw.permutation(600)
        model = NETWORK.initial(0)
        members = rows[: 5 * SIZE].reshape(5, SIZE)
        updates = [NETWORK.gradient(model, X[one], Y[one]) for one in members]
        view = ServerView.secure([updates], parameters=[model])
        for client, one in enumerate(members):
            attack = UpdateMembershipAttack(
                NETWORK, method=method, client=client, source="masked"
            ).fit(view, *reference)
            others = rows[100 * (client + 1) - 50 :][:50]
            looked = np.concatenate([one, others])
            aucs.append(attack.score(X[looked], Y[looked], np.arange(60) < SIZE))
    # 4.5 standard errors: a false alarm in about 150,000 runs.
    error = np.sqrt((SIZE + 50 + 1) / (12 * SIZE * 50 * len(aucs)))
    assert abs(np.mean(aucs) - 0.5) < 4.5 * error


def test_changes_of_the_model_are_gradients_times_the_rate():
    changes = auc(run(1, factor=-0.1), client=0, learning_rate=0.1)
    assert changes == pytest.approx(auc(run(1), client=0), abs=1e-9)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"client": 7}, "in no round"),
        ({"source": "masked"}, "name one by client"),
        ({"client": 0, "source": "masked"}, "no 'masked'"),
        ({"method": "cosine", "learning_rate": 0.0}, "learning_rate"),
    ],
)
def test_bad_input(options, message):
    with pytest.raises(ValueError, match=message):
        auc(run(1), **options)


def test_reference_records_where_they_are_of_use():
    view = run(1)
    with pytest.raises(ValueError, match="'gaussian' without"):
        UpdateMembershipAttack(NETWORK).fit(view)
    with pytest.raises(ValueError, match="'cosine' with"):
        UpdateMembershipAttack(NETWORK, method="cosine").fit(view, X, Y)
    with pytest.raises(ValueError, match="no parameters"):
        UpdateMembershipAttack(NETWORK, method="cosine").fit(
            ServerView.plain([[np.zeros(NETWORK.n_values)]])
        )
