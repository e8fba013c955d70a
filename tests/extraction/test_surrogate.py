import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from skprivacy.extraction import SurrogateAttack, fidelity_score
from skprivacy.extraction._answer_store import AnswerStore
from skprivacy.extraction._strategies import STRATEGIES, draw_by_weight, margin
from skprivacy.extraction._surrogate_features import SurrogateFeatures
from skprivacy.extraction._surrogate_scale import AnswerScale, finest_probability
from skprivacy.extraction._surrogate_stack import fit_weights
from skprivacy.extraction._table_space import TableSpace
from skprivacy.targets import BlackBox

CANCER = load_breast_cancer(return_X_y=True)
FOREST = RandomForestClassifier(30, random_state=0).fit(CANCER[0][::2], CANCER[1][::2])
TABLE = pd.DataFrame(
    {
        "age": np.arange(20, 60),
        "size": np.linspace(0, 1, 40),
        "kind": pd.Categorical(["a", "b", "c", None] * 10),
        "text": ["u", "v"] * 20,
        "gap": [np.nan, 1.0, 2.0, 3.0] * 10,
    }
)


def mixed_target(X):
    """Answer to the mixed table, and to nothing that it could not hold."""
    assert X["age"].between(20, 59).all() and X["age"].dtype == TABLE["age"].dtype
    assert X["kind"].dtype == TABLE["kind"].dtype
    assert X["text"].isin(["u", "v"]).all()
    assert (X["gap"].isna() | X["gap"].between(1, 3)).all()
    return np.where(X["kind"] == "a", 0.9, 0.2) * (0.5 + 0.5 * (X["age"] > 40))


@pytest.mark.power
def test_copies_a_forest_better_than_one_forest_of_answers():
    X = CANCER[0][1::2]
    box = BlackBox(FOREST)
    copy = SurrogateAttack(box, budget=120, batch_size=90, random_state=0).fit(X[:200])
    plain = RandomForestRegressor(random_state=0).fit(
        X[:120], FOREST.predict_proba(X[:120])
    )
    ours = copy.predict_proba(X[200:])
    theirs = FOREST.predict_proba(X[200:])
    assert copy.n_queries_ == box.n_queries_ == copy.n_answers_ == 120
    assert np.abs(ours - theirs).mean() < np.abs(plain.predict(X[200:]) - theirs).mean()
    assert copy.score(X[200:]) > 0.9
    np.testing.assert_allclose(ours.sum(axis=1), 1)
    assert sum(copy.weights_.values()) == pytest.approx(1)
    assert copy.learning_curve_["n_queries"] == [30, 120]


@pytest.mark.usefixtures("few_steps")
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_strategies_on_a_mixed_table(strategy):
    box = BlackBox(mixed_target, classes=["no", "yes"])
    tree = DecisionTreeRegressor(random_state=0)
    attack = SurrogateAttack(
        box, estimator=tree, strategy=strategy, budget=60, batch_size=30, random_state=0
    )
    copy = attack.fit(TABLE)
    # More than there are records: what is missing is crafted.
    assert copy.n_queries_ == 60
    assert copy.score(TABLE) > 0.9


@pytest.mark.usefixtures("few_steps")
def test_a_regressor_learns_log_odds_exactly():
    X, y = load_iris(return_X_y=True)
    box = BlackBox(LogisticRegression(max_iter=1000).fit(X, y))
    attack = SurrogateAttack(box, estimator=Ridge(alpha=1e-9), budget=40, batch_size=40)
    copy = attack.set_params(random_state=0).fit(X)
    assert fidelity_score(box, copy, X, metric="max_difference") < 1e-4
    assert copy.weights_["Ridge of log-odds"] > 0.99


@pytest.mark.usefixtures("few_steps")
@pytest.mark.parametrize("response", ["label", "decision"])
def test_other_answers(response):
    X, y = load_iris(return_X_y=True)
    box = BlackBox(SVC().fit(X, y), response=response)
    attack = SurrogateAttack(box, budget=60, batch_size=60, random_state=0)
    copy = attack.fit(X[::2])
    assert copy.score(X[1::2]) > 0.9
    assert hasattr(copy, "decision_function") == (response == "decision")
    assert not hasattr(copy, "predict_proba")


@pytest.mark.usefixtures("few_steps")
def test_numbers():
    X, y = load_diabetes(return_X_y=True)
    box = BlackBox(Ridge().fit(X, y))
    attack = SurrogateAttack(box, budget=60, batch_size=60, random_state=0)
    copy = attack.fit(X)
    assert copy.score(X) > 0.999
    assert copy.weights_["linear"] > 0.9


@pytest.mark.usefixtures("few_steps")
def test_labels_alone_are_learned_where_asked():
    X = CANCER[0]
    tree = DecisionTreeClassifier(random_state=0)
    attack = SurrogateAttack(
        BlackBox(FOREST), estimator=tree, label_response="label", budget=60
    )
    copy = attack.set_params(batch_size=60, random_state=0).fit(X)
    assert set(np.unique(copy.predict_proba(X))) <= {0.0, 1.0}


@pytest.mark.usefixtures("few_steps")
def test_failing_target_is_asked_nothing_twice(tmp_path):
    X = CANCER[0]
    asked = []

    def flaky(table):
        if len(asked) == 2:
            asked.append(None)
            raise ConnectionError("gone")
        asked.append(np.asarray(table))
        return FOREST.predict_proba(table)

    box = BlackBox(flaky, classes=[0, 1])
    attack = SurrogateAttack(
        box, estimator=Ridge(), budget=80, batch_size=20, memory=tmp_path
    )
    attack.set_params(random_state=0)
    with pytest.raises(ConnectionError) as caught:
        attack.fit(X)
    assert any("40 answers were there" in note for note in caught.value.__notes__)
    copy = attack.fit(X)
    assert copy.n_queries_ == 40 and copy.n_answers_ == 80
    rows = np.vstack([part for part in asked if part is not None])
    assert len(np.unique(rows, axis=0)) == len(rows) == 80
    again = attack.fit(X)
    assert again.n_queries_ == 0
    whole = SurrogateAttack(
        BlackBox(FOREST), estimator=Ridge(), budget=80, batch_size=20, random_state=0
    ).fit(X)
    np.testing.assert_allclose(again.predict_proba(X), whole.predict_proba(X))


def test_memory_of_another_target(tmp_path):
    AnswerStore(tmp_path).add(np.eye(3), np.ones((3, 3)))
    assert len(AnswerStore(tmp_path)) == 3
    with pytest.raises(ValueError, match="memory: .* 3 columns, .* gives 2"):
        SurrogateAttack(BlackBox(FOREST), memory=tmp_path).fit(CANCER[0])


@pytest.mark.usefixtures("few_steps")
def test_the_target_s_budget_counts():
    box = BlackBox(FOREST, budget=25)
    attack = SurrogateAttack(box, estimator=Ridge(), budget=1000, random_state=0)
    assert attack.fit(CANCER[0]).n_queries_ == 25
    with pytest.raises(ValueError, match="must allow for 10 answers.*got 0"):
        attack.fit(CANCER[0])


def test_constant_target():
    X, y = CANCER
    box = BlackBox(DummyClassifier().fit(X, y))
    copy = SurrogateAttack(box, budget=30, batch_size=30, random_state=0).fit(X)
    np.testing.assert_allclose(copy.predict_proba(X), box.predict_proba(X))


@pytest.mark.parametrize(
    "params, match",
    [
        ({"estimator": LogisticRegression(), "label_response": "logit"}, "regressor"),
        ({"strategy": "best"}, "'strategy' parameter"),
        ({"budget": 0}, "'budget' parameter"),
    ],
)
def test_parameters_that_do_not_fit(params, match):
    with pytest.raises(ValueError, match=match):
        SurrogateAttack(BlackBox(FOREST), **params).fit(CANCER[0])


def test_numbers_have_no_boundary_and_no_labels():
    X, y = load_diabetes(return_X_y=True)
    box = BlackBox(Ridge().fit(X, y))
    with pytest.raises(ValueError, match="'boundary' needs classes"):
        SurrogateAttack(box, strategy="boundary").fit(X)
    with pytest.raises(ValueError, match="'label' needs a target with prob"):
        SurrogateAttack(box, label_response="label").fit(X)


@pytest.mark.parametrize("is_logit", [True, False])
@pytest.mark.parametrize("n_classes", [2, 4])
def test_scale_there_and_back(is_logit, n_classes):
    rng = np.random.default_rng(0)
    proba = rng.dirichlet(np.ones(n_classes), 50)
    proba[0] = np.eye(n_classes)[0]
    scale = AnswerScale("proba", is_logit, 0.005)
    learned = scale.forward(proba)
    assert learned.shape[1] == (1 if n_classes == 2 else n_classes)
    np.testing.assert_allclose(scale.backward(learned), proba, atol=1e-12)


def test_log_odds_by_hand():
    learned = AnswerScale("proba", True, 0.0).forward(np.array([[0.2, 0.8]]))
    np.testing.assert_allclose(learned, [[np.log(4)]])
    assert finest_probability(np.array([[0.3, 0.7]]), 1e-4) == 1e-4
    assert finest_probability(np.array([[0.0, 1.0], [0.1, 0.9]]), 1e-4) == 0.05


def test_weights_by_hand():
    answers = np.array([[0.0], [1.0], [0.5]])
    error = np.array([[0.1], [0.1], [-0.3]])
    # Errors of opposite sign in the ratio 1 to 3 cancel at 3/4 and 1/4.
    told = np.stack([answers + error, answers - 3 * error])
    np.testing.assert_allclose(fit_weights(told, answers), [0.75, 0.25], atol=1e-4)
    # Families that say the same share what one would have.
    same = fit_weights(np.stack([told[0], told[0], told[1]]), answers)
    np.testing.assert_allclose(same[:2].sum(), 0.75, atol=1e-4)


def test_draws_follow_weights():
    rng = np.random.RandomState(0)
    drawn = [draw_by_weight(np.array([1.0, 3.0]), 1, rng)[0] for _ in range(1000)]
    # Five standard deviations around 750: false alarms below 1e-6.
    assert abs(np.sum(drawn) - 750) < 5 * np.sqrt(1000 * 0.25 * 0.75)
    assert sorted(draw_by_weight(np.ones(4), 9, rng)) == [0, 1, 2, 3]
    np.testing.assert_allclose(margin(np.array([[0.2, 0.5, 0.3]])), [0.2])


def test_codes_and_back():
    space = TableSpace(TABLE)
    pd.testing.assert_frame_equal(space.decode(space.records), TABLE)
    objects = TABLE[["text", "age"]].to_numpy()
    back = TableSpace(objects).decode(TableSpace(objects).records)
    np.testing.assert_array_equal(back, objects)
    rng = np.random.RandomState(0)
    for points in (space.uniform(50, rng), space.mixup(50, rng)):
        assert (space.encode(space.decode(points))[:, 3] == points[:, 3]).all()
    assert SurrogateFeatures(space)(space.records).shape == (40, 3 + 3 + 2 + 1)


def test_bounds_are_kept():
    rng = np.random.RandomState(0)
    space = TableSpace(TABLE[["age", "text"]], bounds=[[30, 35], [0, 0]])
    ages = space.decode(space.uniform(100, rng))["age"]
    assert ages.between(30, 35).all() and ages.nunique() == 6
