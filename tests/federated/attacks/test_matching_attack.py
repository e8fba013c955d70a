import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from skprivacy.federated.attacks import (
    DenseNetwork,
    GradientMatchingAttack,
    ServerView,
)

RNG = np.random.default_rng(0)
KINDS = [[2, 3, 4], [5, 6, 7, 8]]
SHARES = [[0.6, 0.2, 0.2], [0.6, 0.2, 0.1, 0.1]]
X = np.hstack(
    [RNG.normal(size=(400, 2))]
    + [np.eye(len(one))[RNG.choice(len(one), 400, p=one)] for one in SHARES]
)
Y = RNG.integers(2, size=400)
REFERENCE = X[200:]
SOFTMAX = DenseNetwork((9, 2))
MLP = DenseNetwork((9, 80, 40, 2))


def sent(network, n_clients, size, n_steps=0, rate=0.1):
    """Gradients of clients, or changes of the model by steps."""
    model = after = network.initial(1)
    found = []
    for rows in np.arange(n_clients * size).reshape(n_clients, size):
        if not n_steps:
            found.append(network.gradient(model, X[rows], Y[rows]))
            continue
        after = model
        for _ in range(n_steps):
            after = after - rate * network.gradient(after, X[rows], Y[rows])
        found.append(after - model)
    return model, found


def attack_on(network, size, **options):
    options = {"client": 0, "n_restarts": 3, "max_iter": 200, **options}
    return GradientMatchingAttack(
        network, n_records=size, categories=KINDS, random_state=0, **options
    )


def plain(network, n_clients, size, **options):
    model, updates = sent(network, n_clients, size, **options)
    return ServerView.plain([updates], parameters=[model])


@pytest.mark.parametrize("network", [SOFTMAX, MLP], ids=["softmax", "mlp"])
@pytest.mark.parametrize("loss", ["squared", "cosine"])
def test_one_record_is_found_whole(network, loss):
    attack = attack_on(network, 1, loss=loss, max_iter=100).fit(
        plain(network, 1, 1), REFERENCE
    )
    assert attack.score(X[:1]) == 1 and attack.explained_ > 0.99
    assert attack.labels_.tolist() == Y[:1].tolist()
    assert attack.agreement_.shape == (1, 4) and attack.losses_.shape == (3,)


@pytest.mark.parametrize("n_outputs", [1, 3])
def test_numbers_alone_and_any_number_of_classes(n_outputs):
    network = DenseNetwork((9, n_outputs))
    attack = attack_on(network, 1, max_iter=100).set_params(categories=())
    attack.fit(plain(network, 1, 1), REFERENCE)
    np.testing.assert_allclose(attack.rows_, X[:1], atol=0.1)
    assert attack.agreement_.shape == (1, 9) and attack.labels_[0] == Y[0]


def test_a_batch_is_found_that_the_columns_do_not_give():
    attack = attack_on(MLP, 4, max_iter=100).fit(plain(MLP, 1, 4), REFERENCE)
    known = [
        attack.baseline_score(X[:4], method=method, random_state=0)
        for method in ("likeliest", "drawn")
    ]
    assert attack.score(X[:4]) > max(known) + 0.1
    # In whatever order.
    assert attack.score(X[[2, 0, 3, 1]]) == attack.score(X[:4])


@pytest.mark.parametrize("network", [SOFTMAX, MLP], ids=["softmax", "mlp"])
def test_steps_of_a_client_are_followed(network):
    view = plain(network, 1, 1, n_steps=4, rate=0.3)
    steps = {"learning_rate": 0.3, "n_steps": 4, "max_iter": 40}
    attack = attack_on(network, 1, **steps).fit(view, REFERENCE)
    assert attack.score(X[:1]) == 1 and attack.explained_ > 0.99
    # Taken for one step, they do not fit.
    one = clone(attack).set_params(n_steps=1).fit(view, REFERENCE)
    assert one.losses_.min() > attack.losses_.min()


def test_a_change_of_the_model_is_a_gradient_times_the_rate():
    change = plain(SOFTMAX, 1, 2, n_steps=1, rate=0.1)
    found = attack_on(SOFTMAX, 2, learning_rate=0.1, max_iter=50).fit(change, REFERENCE)
    same = attack_on(SOFTMAX, 2, max_iter=50).fit(plain(SOFTMAX, 1, 2), REFERENCE)
    np.testing.assert_allclose(found.rows_, same.rows_, atol=0.02)


def test_a_secure_sum_is_one_batch():
    model, updates = sent(MLP, 4, 1)
    whole = attack_on(MLP, 1, max_iter=100).fit(
        ServerView.secure([updates], parameters=[model]), REFERENCE
    )
    assert len(whole.rows_) == 4 and whole.explained_ > 0.9
    assert whole.score(X[:4]) > whole.baseline_score(X[:4]) + 0.1


def test_masked_words_give_what_the_columns_give():
    model, updates = sent(MLP, 5, 4)
    view = ServerView.secure([updates], parameters=[model])
    attack = attack_on(MLP, 4, source="masked", n_restarts=1, max_iter=40).fit(
        view, REFERENCE
    )
    assert attack.explained_ < 0.5
    assert attack.score(X[:4]) == attack.baseline_score(X[:4])
    # Nor is there more in what was matched.
    forced = clone(attack).set_params(min_explained=0).fit(view, REFERENCE)
    assert forced.score(X[:4]) < 0.8


def test_cells_on_which_restarts_agree_are_more_often_right():
    attack = attack_on(MLP, 16, n_restarts=4, max_iter=80)
    attack.fit(plain(MLP, 1, 16), REFERENCE)
    # Rows in the order of the records that they stand for.
    picks = attack._cells.match(attack.rows_, X[:16], attack.tolerance)
    agree, right = attack.agreement_[picks], attack.cells_recovered(X[:16])
    assert right[agree == 1].mean() > right[agree < 1].mean()


def test_it_is_reproducible_and_pickled():
    view = plain(MLP, 1, 3)
    table = pd.DataFrame(REFERENCE)
    attack = attack_on(MLP, 3, max_iter=5).fit(view, table)
    again = pickle.loads(pickle.dumps(clone(attack).fit(view, table)))
    np.testing.assert_array_equal(attack.rows_, again.rows_)
    assert again.score(X[:3]) == attack.score(X[:3])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"client": 7}, "in no round"),
        ({"client": None, "source": "masked"}, "name one by client"),
        ({"n_steps": 2}, "needs the learning_rate"),
        ({"n_steps": 2, "learning_rate": 0.1, "client": None}, "a sum of 2"),
        ({"categories": [[2, 3], [3, 4]]}, "groups of different columns"),
        ({"categories": [[2, 99]]}, "from 0 to 8"),
        ({"categories": [[]]}, "groups of different columns"),
        ({"categories": [[2, 3]]}, r"those of \[2, 3\] have not"),
        ({"n_restarts": 0}, "n_restarts"),
    ],
)
def test_bad_options(options, message):
    attack = attack_on(SOFTMAX, 2).set_params(**options)
    with pytest.raises(ValueError, match=message):
        attack.fit(plain(SOFTMAX, 2, 2), REFERENCE)


def test_bad_input():
    attack = attack_on(SOFTMAX, 2, max_iter=1)
    view = plain(SOFTMAX, 1, 2)
    with pytest.raises(ValueError, match="9 features"):
        attack.fit(view, REFERENCE[:, :5])
    with pytest.raises(ValueError, match="no parameters"):
        attack.fit(ServerView.plain([[np.ones(20)]]), REFERENCE)
    with pytest.raises(ValueError, match="nothing to match"):
        zero = ServerView.plain([[np.zeros(20)]], parameters=[np.zeros(20)])
        attack.fit(zero, REFERENCE)
    attack.fit(view, REFERENCE)
    with pytest.raises(ValueError, match="at most 2"):
        attack.score(X[:3])
    with pytest.raises(ValueError, match="'likeliest' or 'drawn'"):
        attack.baseline_score(X[:2], method="median")
