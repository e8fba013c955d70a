import numpy as np
import pytest

from skprivacy.federated import DistributedGaussian, FixedPoint
from skprivacy.federated.attacks import (
    DenseNetwork,
    GradientInversionAttack,
    ServerView,
    SybilAttack,
)

NETWORK = DenseNetwork((4, 3))
X = np.random.default_rng(0).normal(size=(8, 4))
UPDATES = {
    client: NETWORK.gradient(NETWORK.initial(0), X[[client]], [client % 3])
    for client in range(8)
}


def sybil_scene(n_honest, **options):
    honest = {client: UPDATES[client] for client in range(n_honest)}
    own = {f"own {i}": np.full(NETWORK.n_values, 0.25) for i in range(8 - n_honest)}
    view = ServerView.secure([{**honest, **own}], **options)
    sybils = {client: [vector] for client, vector in own.items()}
    return SybilAttack(sybils).fit(view), honest


def test_a_client_alone_among_the_servers_own_is_open():
    attack, honest = sybil_scene(1)
    assert attack.n_honest_ == (1,) and attack.clients_ == (0,)
    assert attack.score(honest) == 1
    inversion = GradientInversionAttack(NETWORK).fit(attack.view_)
    assert inversion.score(X[[0]], tolerance=1e-6) == 1


def test_of_two_honest_clients_the_sum_is_left():
    attack, honest = sybil_scene(2)
    assert attack.clients_ == () and attack.score(honest) == 0
    np.testing.assert_allclose(
        attack.view_.rounds[0].sum, honest[0] + honest[1], atol=1e-9
    )


def test_noise_of_the_clients_stops_the_server_with_its_own():
    fixed = FixedPoint(bound=8.0, fraction_bits=16)
    noise = DistributedGaussian.calibrate(
        1.0,
        delta=1e-5,
        clip_norm=8.0,
        n_noisy=1,
        n_values=NETWORK.n_values,
        fixed_point=fixed,
    )
    attack, honest = sybil_scene(1, noise=noise, fixed_point=fixed)
    assert attack.score(honest) == 0
    inversion = GradientInversionAttack(NETWORK).fit(attack.view_)
    assert inversion.score(X[[0]], tolerance=0.1) == 0


@pytest.mark.parametrize(
    ("sybils", "message"),
    [
        ({1: [np.zeros(3)]}, "shape"),
        ({client: [vector] for client, vector in UPDATES.items()}, "no round"),
    ],
)
def test_other_sybils_are_refused(sybils, message):
    with pytest.raises(ValueError, match=message):
        SybilAttack(sybils).fit(ServerView.plain([UPDATES]))
