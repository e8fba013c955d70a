import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
)
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from skprivacy.attribute import LeafEquationAttack
from skprivacy.defenses import sanitize

N = 120
BOOSTING = {"max_iter": 60, "min_samples_leaf": 5, "random_state": 0}


def table(rng, n_values=2):
    """Members, others and own records; nobody can guess the secret, column 1."""
    X = rng.normal(size=(3 * N, 4))
    X[:, 1] = rng.integers(n_values, size=3 * N)
    return X, rng.integers(2, size=3 * N)


def attack_on(model, X, y, pool=slice(2 * N), **settings):
    known = np.column_stack([np.delete(X, 1, axis=1), y])
    quick = DecisionTreeClassifier(max_depth=1, random_state=0)
    attack = LeafEquationAttack(
        FrozenEstimator(model),
        sensitive=1,
        pool=None if pool is None else known[pool],
        imputer=quick,
        **settings,
    )
    attack.fit(known[2 * N :], X[2 * N :, 1])
    return attack, known


@pytest.mark.parametrize(
    "model",
    [
        HistGradientBoostingClassifier(**BOOSTING),
        HistGradientBoostingRegressor(**BOOSTING),
        GradientBoostingRegressor(n_estimators=50, max_depth=6, random_state=0),
        ExtraTreesClassifier(min_samples_leaf=2, random_state=0),
    ],
    ids=lambda model: type(model).__name__,
)
def test_leaves_tell_the_secret_of_members_alone(model):
    X, y = table(np.random.default_rng(0))
    attack, known = attack_on(model.fit(X[:N], y[:N]), X, y)
    member = attack.predict(known[:N]) == X[:N, 1]
    other = attack.predict(known[N : 2 * N]) == X[N : 2 * N, 1]
    assert member.mean() > 0.8
    # A coin that is right in half of 120 cases is outside of this 1 time in 1,000.
    assert abs(other.mean() - 0.5) < 0.16


def test_a_tree_of_two_rows_by_hand():
    # Trained on (secret 0, label 0) and (secret 1, label 1). The third and the fourth
    # person are alike but for what they were: the first of them cannot be told apart.
    model = DecisionTreeClassifier().fit([[0, 0], [0, 1]], [0, 1])
    own = np.array([[0, 0], [0, 1], [0, 0], [0, 1]])
    attack = LeafEquationAttack(
        FrozenEstimator(model),
        sensitive=1,
        pool=np.array([[0, 0], [0, 1]]),
        imputer=DecisionTreeClassifier(max_depth=1),
    ).fit(own, [0, 0, 1, 1])
    np.testing.assert_allclose(
        attack.predict_proba([[0, 0], [0, 1]]), [[1, 0], [0, 1]], atol=0.02
    )


def test_several_values_and_text():
    rng = np.random.default_rng(1)
    X, y = table(rng, n_values=3)
    frame = pd.DataFrame(X, columns=list("abcd"))
    frame["b"] = np.array(["low", "mid", "high"], dtype=object)[X[:, 1].astype(int)]
    encode = make_column_transformer(
        (OneHotEncoder(sparse_output=False), ["b"]), remainder="passthrough"
    )
    model = make_pipeline(encode, HistGradientBoostingClassifier(**BOOSTING))
    model.fit(frame[:N], y[:N])
    known = frame.drop(columns="b").assign(label=y)
    attack = LeafEquationAttack(
        FrozenEstimator(model),
        sensitive="b",
        pool=known[: 2 * N],
        label="label",
        random_state=0,
    ).fit(known[2 * N :], frame["b"][2 * N :])
    assert attack.score(known[:N], frame["b"][:N]) > 0.7
    # Guessing right 1 in 3 times of 120: above this 1 time in 1,000.
    assert attack.score(known[N : 2 * N], frame["b"][N : 2 * N]) < 0.48


def test_a_number_is_found_on_its_grid():
    rng = np.random.default_rng(0)
    X, y = table(rng)
    X[:, 1] = rng.choice([0.5, 1.5, 4.0, 8.0], 3 * N)
    model = HistGradientBoostingClassifier(**BOOSTING).fit(X[:N], y[:N])
    attack, known = attack_on(model, X, y, values="numeric")
    assert attack.score(known[:N], X[:N, 1]) > 0.4
    assert attack.grid_.tolist() == [0.5, 1.5, 4.0, 8.0]


def test_a_model_of_other_people_tells_nothing():
    X, y = table(np.random.default_rng(2))
    Z, z = table(np.random.default_rng(3))
    attack, known = attack_on(
        HistGradientBoostingClassifier(**BOOSTING).fit(Z, z), X, y
    )
    assert attack.noise_ > 1
    # A coin that is right in half of 240 cases is outside of this 1 time in 1,000.
    assert abs(attack.score(known[: 2 * N], X[: 2 * N, 1]) - 0.5) < 0.11


def test_company_in_predict_does_not_matter():
    X, y = table(np.random.default_rng(0))
    model = HistGradientBoostingClassifier(**BOOSTING).fit(X[:N], y[:N])
    attack, known = attack_on(model, X, y)
    together = attack.predict_proba(known)
    for rows in (slice(3), slice(N, N + 3), slice(2 * N, 2 * N + 3)):
        np.testing.assert_allclose(attack.predict_proba(known[rows]), together[rows])


def test_without_a_pool_own_records_are_it():
    X, y = table(np.random.default_rng(0))
    attack, known = attack_on(
        DecisionTreeClassifier(random_state=0).fit(X[:N], y[:N]), X, y, pool=None
    )
    assert np.isfinite(attack.predict_proba(known)).all()
    # Here the training rows are the attacker's own, so that the equations hold.
    model = DecisionTreeClassifier(random_state=0).fit(X[2 * N :], y[2 * N :])
    attack, known = attack_on(model, X, y, pool=None)
    assert attack.noise_ < 0.1


def test_weights_of_rows_leave_the_counts():
    X, y = table(np.random.default_rng(0))
    weight = np.random.default_rng(1).uniform(0.2, 3, N)
    model = HistGradientBoostingRegressor(max_iter=30, min_samples_leaf=5)
    model.fit(X[:N], y[:N], sample_weight=weight)
    attack, known = attack_on(model, X, y, pool=slice(N))
    assert attack._counts_alone
    assert attack.score(known[:N], X[:N, 1]) > 0.7


def test_thresholds_help_where_leaves_leave_a_choice():
    X, y = table(np.random.default_rng(0))
    model = DecisionTreeRegressor(min_samples_leaf=2, random_state=0)
    model.fit(X[:N], y[:N])
    attack, known = attack_on(model, X, y)
    assert np.abs(attack._told).max() > 1
    assert attack.score(known[:N], X[:N, 1]) > 0.52


def test_thresholds_that_were_moved_are_not_read():
    X, y = table(np.random.default_rng(0))
    model = DecisionTreeClassifier(random_state=0).fit(X[:N], y[:N])
    model.tree_.threshold[model.tree_.feature >= 0] += 1e-9
    attack, known = attack_on(model, X, y)
    assert not attack._told.any()
    # Its leaves still hold as many rows.
    assert attack.noise_ < 0.5


def test_who_cannot_be_attacked():
    X, y = table(np.random.default_rng(0))
    forest = RandomForestClassifier(2, random_state=0).fit(X, y)
    with pytest.raises(ValueError, match="RandomForestClassifier as fitted drew rows"):
        attack_on(forest, X, y)
    with pytest.raises(TypeError, match="must hold decision trees"):
        attack_on(LogisticRegression().fit(X, y), X, y)
    tree = DecisionTreeClassifier(random_state=0).fit(X, y)
    with pytest.raises(ValueError, match="no longer tells how many rows"):
        attack_on(sanitize(tree, X_train=X, max_change=0, random_state=0), X, y)
    with pytest.raises(ValueError, match="label_known"):
        attack_on(tree, X, y, label_known=False)


def test_a_pool_of_other_columns_is_refused():
    X, y = table(np.random.default_rng(0))
    tree = DecisionTreeClassifier(random_state=0).fit(X, y)
    attack, known = attack_on(tree, X, y)
    attack.set_params(pool=X[:, :2])
    with pytest.raises(ValueError, match="pool must have the columns that fit was"):
        attack.fit(known[2 * N :], X[2 * N :, 1])
