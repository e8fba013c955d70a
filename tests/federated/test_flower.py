import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler

from skprivacy.federated import (
    CohortTooSmall,
    FederatedClassifier,
    FederatedRegressor,
    FederatedTransformer,
    RecordPrivacy,
    new_signing_key,
    verify_key,
)
from skprivacy.federated import _extra as extra
from skprivacy.federated.flower import client_app, fit_on_grid, server_app

NAMES = ("north", "south", "east", "west", "center")
X, Y = load_breast_cancer(return_X_y=True)
X, Y = X[:200, :4], np.where(Y[:200], "benign", "malign")
OWNER = np.arange(len(X)) % len(NAMES)
BOUNDS = (0.0, 3000.0)


def rows_of(name, X=X, y=Y):
    mine = OWNER[: len(X)] == NAMES.index(name)
    return X[mine], None if y is None else y[mine]


def make_grid(model, names=NAMES, load=rows_of, keys=None, security=None, **grid):
    from flower_grid import OneProcessGrid

    security = security or ("semi_honest" if keys is None else "active")
    app = client_app(
        model, lambda config: load(config["client"]), security=security, keys=keys
    )
    return OneProcessGrid(dict.fromkeys(names, app), **grid)


def keys_of(names):
    signing = {name: new_signing_key() for name in names}
    peers = {name: verify_key(key) for name, key in signing.items()}
    return (lambda config: (signing[config["client"]], peers)), peers


def naive_bayes(**params):
    params = {"bounds": BOUNDS, "engine": "flower", **params}
    return FederatedClassifier(GaussianNB(), **params)


@pytest.fixture(autouse=True)
def _flower(request, monkeypatch, tmp_path):
    monkeypatch.setenv("FLWR_HOME", str(tmp_path))
    if "without" not in request.node.name:
        pytest.importorskip("flwr")


def test_signed_sums_give_the_pooled_fit():
    keys, peers = keys_of(NAMES)
    model = naive_bayes()
    grid = make_grid(model, keys=keys)
    fitted = fit_on_grid(model, grid, n_clients=5, peers=peers)
    pooled = GaussianNB().fit(X, Y)
    np.testing.assert_allclose(fitted.estimator_.theta_, pooled.theta_, rtol=1e-7)
    np.testing.assert_allclose(fitted.estimator_.var_, pooled.var_, rtol=1e-6)
    assert fitted.classes_.tolist() == ["benign", "malign"]
    assert fitted.clients_ == NAMES
    assert fitted.failed_clients_ == {}
    assert fitted.bytes_sent_ == sum(len(data) for _, data in grid.received)
    assert not hasattr(model, "estimator_")


def test_records_are_private_where_clients_add_noise():
    rows = X.copy()
    rows[0, 0] = np.nan  # no client fails for it
    bounds = (np.zeros(4), np.array([30.0, 40.0, 200.0, 2500.0]))
    params = {"classes": ["benign", "malign"], "bounds": bounds, "fraction_bits": 40}
    fits = []
    for epsilon in (1e9, 1.0):
        model = naive_bayes(privacy=RecordPrivacy(epsilon), **params)
        grid = make_grid(model, load=lambda name: rows_of(name, rows))
        fits.append(fit_on_grid(model, grid, n_clients=5, security="semi_honest"))
    mended = np.where(np.isnan(rows), 15.0, rows)
    pooled = GaussianNB().fit(mended, Y)
    np.testing.assert_allclose(fits[0].estimator_.theta_, pooled.theta_, rtol=1e-3)
    assert (fits[1].estimator_.theta_ != fits[0].estimator_.theta_).all()
    assert fits[1].privacy_guarantee_.epsilon(1e-5) == pytest.approx(1.0, rel=1e-4)
    assert fits[1].n_rounds_ == 1


def test_privacy_without_what_it_needs_is_refused_before_anything_is_sent():
    with pytest.raises(ValueError, match="classes must be given"):
        client_app(naive_bayes(privacy=RecordPrivacy(1.0)), rows_of)


def test_what_is_sent_depends_on_sums_alone():
    # Two clients swap their records: sums and cohort stay, so no other client is told
    # anything else but keys and shares.
    model = naive_bayes(classes=["benign", "malign"])
    swap = {"north": "south", "south": "north"}
    fits = [
        fit_on_grid(
            model,
            make_grid(model, load=load),
            n_clients=5,
            security="semi_honest",
        )
        for load in (rows_of, lambda name: rows_of(swap.get(name, name)))
    ]
    first, second = (one.estimator_ for one in fits)
    np.testing.assert_array_equal(first.theta_, second.theta_)
    np.testing.assert_array_equal(first.var_, second.var_)


@pytest.mark.parametrize("stage", range(4))
def test_a_lost_answer_in_a_sum_ends_with_the_sum_of_the_rest(stage):
    # Messages 0 and on: the columns; then four of each sum, the last one of this fit.
    model = naive_bayes(classes=["benign", "malign"])
    whole = make_grid(model)
    options = {"n_clients": 5, "security": "semi_honest"}
    fit_on_grid(model, whole, **options)
    n_messages = sum(name == "west" for name, _ in whole.sent)
    lost_at = n_messages - 4 + stage
    grid = make_grid(model, lost=lambda *at: at == ("west", lost_at))
    with pytest.warns(UserWarning, match="'west' takes no part: it did not answer"):
        fitted = fit_on_grid(model, grid, **options)
    assert "west" in fitted.failed_clients_
    # Who vanishes after its vector came is in the sum.
    stays = np.ones(len(X), dtype=bool)
    if stage < 3:
        stays = OWNER != NAMES.index("west")
    pooled = GaussianNB().fit(X[stays], Y[stays])
    np.testing.assert_array_equal(fitted.estimator_.class_count_, pooled.class_count_)
    np.testing.assert_allclose(fitted.estimator_.theta_, pooled.theta_, rtol=1e-7)
    # It is asked nothing more.
    assert sum(name == "west" for name, _ in grid.sent) == lost_at + 1


def test_a_sum_that_too_many_leave_is_asked_again_of_the_rest():
    model = naive_bayes(classes=["benign", "malign"])
    # Of five, two vanish after they shared keys: four must stay to open the sum.
    gone = ("west", "center")
    grid = make_grid(model, lost=lambda name, at: name in gone and at == 2)
    with pytest.warns(UserWarning, match="takes no part"):
        fitted = fit_on_grid(model, grid, n_clients=5, security="semi_honest")
    stays = ~np.isin(OWNER, [NAMES.index(name) for name in gone])
    pooled = GaussianNB().fit(X[stays], Y[stays])
    np.testing.assert_allclose(fitted.estimator_.theta_, pooled.theta_, rtol=1e-7)


def test_too_few_clients_end_the_fit():
    model = naive_bayes(min_clients=5)
    grid = make_grid(model, lost=lambda name, at: name == "west" and at == 1)
    with (
        pytest.warns(UserWarning, match="takes no part"),
        pytest.raises(CohortTooSmall, match="'west' failed: it did not answer"),
    ):
        fit_on_grid(model, grid, security="semi_honest")


def test_nodes_that_never_come_end_the_fit():
    model = naive_bayes()
    grid = make_grid(model, names=NAMES[:2])
    with pytest.raises(CohortTooSmall, match="2 clients are left"):
        fit_on_grid(model, grid, wait=0.01, security="semi_honest")


def test_errors_tell_the_server_no_value():
    def load(name):
        mine, y = rows_of(name)
        if name == "west":
            y = y.astype(object)
            y[0] = "secret diagnosis"
        return mine, y

    model = naive_bayes(classes=["benign", "malign"])
    grid = make_grid(model, load=load)
    with pytest.warns(UserWarning, match="'west' takes no part: ValueError in its"):
        fitted = fit_on_grid(model, grid, n_clients=5, security="semi_honest")
    assert fitted.clients_ == ("north", "south", "east", "center")
    assert not any(b"secret" in data for _, data in [*grid.sent, *grid.received])


def test_other_columns_are_left_out():
    def load(name):
        mine, y = rows_of(name)
        return (mine[:, :3] if name == "west" else mine), y

    model = naive_bayes()
    grid = make_grid(model, load=load)
    with pytest.warns(UserWarning, match="its columns are not those of the others"):
        fitted = fit_on_grid(model, grid, n_clients=5, security="semi_honest")
    assert set(fitted.failed_clients_) == {"west"}


def test_two_clients_of_one_name():
    model = naive_bayes()
    grid = make_grid(model, load=lambda name: rows_of("north"))
    for context in grid._contexts.values():
        if context.node_id > 4:
            context.node_config["client"] = "north"
    with pytest.warns(UserWarning, match="it has the name of another one, 'north'"):
        fitted = fit_on_grid(model, grid, n_clients=5, security="semi_honest")
    assert fitted.clients_ == NAMES[:4]


def test_a_client_that_lost_its_state_is_out():
    def change(name, position, state):
        if (name, position) == ("west", 6):
            state.pop("skprivacy", None)

    model = naive_bayes()
    grid = make_grid(model, change=change)
    with pytest.warns(UserWarning, match="'west' takes no part: ProtocolError"):
        fitted = fit_on_grid(model, grid, n_clients=5, security="semi_honest")
    assert set(fitted.failed_clients_) == {"west"}


def test_two_processes_with_one_state_do_not_both_answer():
    # As where a server sends two messages of a stage, and both find the same state.
    kept = {}

    def change(name, position, state):
        if name == "west" and position == 3:
            kept["state"] = dict(state["skprivacy"])
        if name == "west" and position == 4:
            state["skprivacy"] = ConfigRecord(kept["state"])

    from flwr.app import ConfigRecord

    model = naive_bayes()
    grid = make_grid(model, change=change)
    with pytest.warns(UserWarning, match="a state is used once"):
        fitted = fit_on_grid(model, grid, n_clients=5, security="semi_honest")
    assert set(fitted.failed_clients_) == {"west"}


@pytest.mark.parametrize("position", range(1, 4))
@pytest.mark.parametrize("value", [7, [], [[], b""], [3, 4], "text"])
def test_an_answer_of_another_form_costs_its_client_alone(position, value):
    from skprivacy.federated._wire import pack, unpack

    def forge(name, at, answer):
        if name != "west" or at != position - 1:
            return answer
        return pack([*unpack(answer)[:2], value, None])

    # The columns, the labels (which are texts), and the beginning of a sum.
    model = naive_bayes()
    grid = make_grid(model, forge=forge)
    with pytest.warns(UserWarning, match="'west' takes no part"):
        fitted = fit_on_grid(model, grid, n_clients=5, security="semi_honest")
    assert fitted.clients_ == ("north", "south", "east", "center")


def test_parties_of_different_security_do_not_understand_each_other():
    model = naive_bayes()
    keys, _ = keys_of(NAMES)
    with (
        pytest.warns(UserWarning, match="another plan"),
        pytest.raises(CohortTooSmall),
    ):
        fit_on_grid(model, make_grid(model, keys=keys), security="semi_honest")


def test_a_question_out_of_turn_is_refused(tmp_path):
    from skprivacy.federated._flower_client import FlowerClient
    from skprivacy.federated._wire import pack, unpack

    client = FlowerClient(
        naive_bayes(),
        lambda: rows_of("north"),
        "north",
        security="semi_honest",
        signing_key=None,
        peers=None,
        folder=tmp_path,
    )
    state = {}
    for question in (
        [1, "sum", 0, [["seed", 1]], [b"0" * 16, 5]],
        [1, "describe", 7, [], None],
        [1, "stage", 0, [], b""],
        [2, "describe", 0, [["seed", 1]], None],
        "describe",
    ):
        _, _, value, error = unpack(client.reply(pack(question), state))
        assert value is None
        assert error.startswith("ProtocolError")


def test_a_sum_of_too_few_is_refused_by_the_client():
    model = naive_bayes(min_clients=4, classes=["benign", "malign"])
    app_side = naive_bayes(min_clients=5, classes=["benign", "malign"])
    grid = make_grid(app_side, names=NAMES[:4])
    with (
        pytest.warns(UserWarning, match="takes no part"),
        pytest.raises(CohortTooSmall),
    ):
        fit_on_grid(model, grid, security="semi_honest")


def test_plain_sums():
    model = naive_bayes(aggregation="plain", min_clients=1)
    fitted = fit_on_grid(model, make_grid(model), n_clients=5)
    pooled = GaussianNB().fit(X, Y)
    np.testing.assert_allclose(fitted.estimator_.theta_, pooled.theta_, rtol=1e-12)


@pytest.mark.parametrize("aggregation", ["plain", "secure"])
def test_it_is_the_fit_of_the_local_engine(aggregation):
    estimator = make_pipeline(StandardScaler(), LogisticRegression())
    local = FederatedClassifier(estimator, aggregation=aggregation, random_state=0)
    local.fit(X[:, :2], Y, groups=OWNER)
    model = FederatedClassifier(
        estimator, aggregation=aggregation, engine="flower", random_state=0
    )
    grid = make_grid(model, load=lambda name: rows_of(name, X[:, :2]))
    fitted = fit_on_grid(model, grid, n_clients=5, security="semi_honest")
    inner, expected = fitted.estimator_[-1], local.estimator_[-1]
    np.testing.assert_allclose(inner.coef_, expected.coef_, rtol=1e-12)
    assert fitted.n_rounds_ == local.n_rounds_


def test_tables_with_texts():
    table = pd.DataFrame({"size": X[:, 0], "ward": np.array(["a", "b"])[OWNER % 2]})
    table.loc[3, "ward"] = "c"
    columns = ColumnTransformer(
        [("n", StandardScaler(), ["size"]), ("c", OneHotEncoder(), ["ward"])]
    )
    estimator = make_pipeline(columns, GaussianNB())
    model = FederatedClassifier(estimator, engine="flower", random_state=0)
    grid = make_grid(model, load=lambda name: rows_of(name, table))
    fitted = fit_on_grid(model, grid, n_clients=5, security="semi_honest")
    pooled = estimator.fit(table, Y)
    assert fitted.feature_names_in_.tolist() == ["size", "ward"]
    np.testing.assert_allclose(
        fitted.predict_proba(table), pooled.predict_proba(table), atol=1e-5
    )
    local = FederatedClassifier(estimator, random_state=0).fit(table, Y, groups=OWNER)
    np.testing.assert_allclose(
        fitted.predict_proba(table), local.predict_proba(table), rtol=1e-9
    )


def test_numbers_and_transformers():
    data, target = load_diabetes(return_X_y=True)
    data, target = data[:200], target[:200]
    model = FederatedRegressor(
        Ridge(), engine="flower", bounds=(-1, 1), y_bounds=(0, 400)
    )
    grid = make_grid(model, load=lambda name: rows_of(name, data, target))
    fitted = fit_on_grid(model, grid, n_clients=5, security="semi_honest")
    pooled = Ridge().fit(data, target)
    np.testing.assert_allclose(fitted.estimator_.coef_, pooled.coef_, rtol=1e-6)

    frame = pd.DataFrame(data[:, :2], columns=["age", "sex"])
    model = FederatedTransformer(MinMaxScaler(), engine="flower")
    grid = make_grid(model, load=lambda name: rows_of(name, frame, None))
    fitted = fit_on_grid(model, grid, n_clients=5, security="semi_honest")
    pooled = MinMaxScaler().fit(frame)
    np.testing.assert_array_equal(fitted.estimator_.data_max_, pooled.data_max_)
    assert fitted.feature_names_in_.tolist() == ["age", "sex"]
    assert fitted.estimator_.feature_names_in_.tolist() == ["age", "sex"]


def test_the_server_app_hands_on_the_fitted_model():
    from flwr.app import Context, RecordDict

    model = naive_bayes()
    found = []
    app = server_app(model, found.append, n_clients=5, security="semi_honest")
    app(make_grid(model), Context(0, 0, {}, RecordDict(), {}))
    assert found[0].clients_ == NAMES


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_clients": 2}, "n_clients must be a whole number from min_clients=3"),
        ({"timeout": 0}, "timeout must be a number of seconds; got 0"),
        ({"wait": "long"}, "wait must be a number of seconds; got 'long'"),
        ({"security": "none"}, "security must be one of"),
    ],
)
def test_bad_options_without_flower(options, message):
    with pytest.raises(ValueError, match=message):
        fit_on_grid(naive_bayes(), None, **options)


def test_bad_models_without_flower():
    with pytest.raises(TypeError, match="model must be a FederatedClassifier"):
        client_app(GaussianNB(), rows_of)
    with pytest.raises(ValueError, match="must have engine=\"flower\"; got 'local'"):
        client_app(naive_bayes(engine="local"), rows_of)
    with pytest.raises(ValueError, match="min_clients must be 3 at least"):
        client_app(naive_bayes(min_clients=2), rows_of)
    with pytest.raises(ValueError, match="needs keys"):
        client_app(naive_bayes(), rows_of)
    with pytest.raises(ValueError, match="bounds must be None where columns may hold"):
        client_app(
            FederatedTransformer(OneHotEncoder(), engine="flower", bounds=BOUNDS),
            rows_of,
        )
    with pytest.raises(TypeError, match="load_rows must be callable; got None"):
        client_app(naive_bayes(), None)
    with pytest.raises(TypeError, match="peers must be a dict or None; got 3"):
        fit_on_grid(naive_bayes(), None, peers=3)
    with pytest.raises(TypeError, match="done must be callable"):
        server_app(naive_bayes(), None)


def test_fit_without_flower_says_what_to_do():
    with pytest.raises(ValueError, match=r"flower\.client_app"):
        naive_bayes().fit(X, Y, groups=OWNER)


def test_a_clear_error_without_flower_installed(monkeypatch):
    monkeypatch.setitem(sys.modules, "flwr", None)
    monkeypatch.setitem(sys.modules, "flwr.clientapp", None)
    extra.load.cache_clear()
    with pytest.raises(ImportError, match=r"'flwr'.*skprivacy\[federated\]"):
        client_app(naive_bayes(), rows_of, security="semi_honest")
    extra.load.cache_clear()
