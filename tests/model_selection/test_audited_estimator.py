"""An estimator that is attacked when it is fitted, and the scorer that reads it."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from skprivacy.membership import LiRA, ThresholdAttack
from skprivacy.model_selection import (
    AuditedEstimator,
    least_leak_refit,
    privacy_scorer,
)
from skprivacy.targets import BlackBox

X, Y = make_classification(200, n_features=5, flip_y=0.3, random_state=0)
DEEP = DecisionTreeClassifier(random_state=0)
STUMP = DecisionTreeClassifier(max_depth=1, random_state=0)
SEEN = []


class Witness(DecisionTreeClassifier):
    """Writes down the rows that it is trained on, by their first column."""

    def fit(self, X, y, sample_weight=None, check_input=True):
        SEEN.append((set(np.asarray(X)[:, 0]), sample_weight))
        return super().fit(X, y, sample_weight, check_input)


@pytest.fixture
def seen():
    SEEN.clear()
    return SEEN


def audited(estimator=DEEP, **params):
    params = {"metrics": ["auc"], "n_models": 4, "random_state": 0} | params
    return AuditedEstimator(estimator, **params)


@pytest.mark.parametrize("holdout", [None, 0.5])
@pytest.mark.parametrize("attack", ["rmia", "lira", ThresholdAttack(None)])
def test_a_tree_that_knows_its_records_leaks_and_a_stump_does_not(attack, holdout):
    deep, stump = (
        audited(tree, attack=attack, holdout=holdout).fit(X, Y).leaks_["auc"]
        for tree in (DEEP, STUMP)
    )
    assert deep.value > 0.6 > stump.value
    assert deep.n_targets == (4 if holdout is None else 1)


def test_it_answers_as_the_estimator_trained_on_all_records():
    model = audited().fit(X, Y)
    alone = clone(DEEP).fit(X, Y)
    np.testing.assert_array_equal(model.predict(X), alone.predict(X))
    np.testing.assert_array_equal(model.predict_proba(X), alone.predict_proba(X))
    assert model.score(X, Y) == 1.0
    assert not hasattr(model, "decision_function")
    assert BlackBox(model).response_ == "proba"
    assert model.privacy_guarantee_ is None
    again = pickle.loads(pickle.dumps(model))
    assert again.leaks_ == model.leaks_


def test_each_half_is_met_by_its_complement_and_fits_are_counted(seen):
    model = audited(Witness(random_state=0)).fit(X, Y)
    assert len(seen) == model.n_fits_ == 5
    rows = [rows for rows, _ in seen]
    assert [len(part) for part in rows] == [200, 100, 100, 100, 100]
    assert not rows[1] & rows[2] and not rows[3] & rows[4]


def test_the_holdout_is_not_trained_on(seen):
    model = audited(Witness(random_state=0), holdout=0.25).fit(X, Y)
    assert len(seen[0][0]) == 150
    leak = model.leaks_["auc"]
    assert (leak.n_members, leak.n_non_members) == (150, 50)


def test_copies_of_members_are_members():
    twice, labels = np.vstack([X, X]), np.append(Y, Y)
    leak = audited(holdout=0.25).fit(twice, labels).leaks_["auc"]
    # About a quarter of a quarter of all pairs has both in the holdout.
    assert leak.n_non_members < 50
    with pytest.raises(ValueError, match="leaves no non-member among 20 records"):
        audited(holdout=0.2).fit(np.zeros((20, 1)), np.zeros(20, dtype=int))


def test_weights_are_cut_down_to_the_halves(seen):
    weight = np.where(X[:, 0] > 0, 1.0, 2.0)
    audited(Witness(random_state=0), holdout=0.5).fit(X, Y, sample_weight=weight)
    of_row = dict(zip(X[:, 0], weight, strict=True))
    for rows, weights in seen:
        assert len(rows) == len(weights) == 100
        assert sum(of_row[row] for row in rows) == weights.sum()


def test_nothing_from_outside_the_fold_is_trained_on(seen):
    search = GridSearchCV(
        audited(Witness(random_state=0)),
        {"estimator__max_depth": [1, None]},
        scoring={"accuracy": "accuracy", "leak": privacy_scorer("auc")},
        refit=least_leak_refit(0.5),
        cv=2,
    )
    # scikit-learn says of scorers that they do not use the weights.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        search.fit(X, Y, sample_weight=np.ones(len(Y)))
    assert len(seen) == 2 * 2 * 5 + 5
    for fit in range(4):
        of_model, *of_shadows = [rows for rows, _ in seen[5 * fit :][:5]]
        assert all(rows < of_model for rows in of_shadows)
    assert search.best_params_ == {"estimator__max_depth": 1}
    results = search.cv_results_
    assert results["mean_test_leak"][0] > results["mean_test_leak"][1]


def test_the_scorer_reads_what_was_measured():
    model = audited(metrics=("tpr@0.1", "auc")).fit(X, Y)
    assert privacy_scorer("auc")(model, X, Y) == -model.leaks_["auc"].value
    assert privacy_scorer("tpr@0.1")(model, X[:3], Y[:3]) == -model.leak_
    assert model.leak_error_ == model.leaks_["tpr@0.1"].standard_error
    inside = make_pipeline(StandardScaler(), audited()).fit(X, Y)
    assert privacy_scorer("auc")(inside, X, Y) == -inside[-1].leak_
    with pytest.raises(ValueError, match=r"'tpr@0.1' was not measured.*\['auc'\]"):
        privacy_scorer("tpr@0.1")(audited().fit(X, Y), X, Y)


def test_of_a_plain_estimator_the_scorer_measures_the_recipe(seen):
    model = Witness(random_state=0).fit(X[:100], Y[:100])
    scorer = pickle.loads(pickle.dumps(privacy_scorer("auc", n_models=4)))
    leak = scorer(model, X[100:], Y[100:])
    assert leak < -0.6
    assert len(seen) == 5
    # Of the records it is given alone.
    assert all(rows < set(X[100:, 0]) for rows, _ in seen[1:])
    assert leak == scorer(model, X[100:], Y[100:])
    stump = clone(STUMP).fit(X[:100], Y[:100])
    assert scorer(stump, X[100:], Y[100:]) > leak


def test_tables_with_texts_and_labels_that_are_texts():
    table = pd.DataFrame({"label": X[:, 0], "kind": np.where(X[:, 1] > 0, "a", "b")})
    model = make_pipeline(OneHotEncoder(handle_unknown="ignore"), LogisticRegression())
    fitted = audited(model).fit(table, np.where(Y == 1, "yes", "no"))
    assert set(fitted.predict(table)) == {"yes", "no"}
    # One column for each value of the first: every record is known by heart.
    assert fitted.leak_ > 0.6
    assert list(fitted.feature_names_in_) == ["label", "kind"]
    numbered = audited().fit(pd.DataFrame(X), pd.Series(Y, name="y"))
    assert numbered.leak_ == audited().fit(X, Y).leak_


def test_regressors():
    rng = np.random.default_rng(0)
    target = X[:, 0] + rng.normal(size=len(X))
    deep = audited(DecisionTreeRegressor(random_state=0)).fit(X, target)
    line = audited(LinearRegression()).fit(X, target)
    assert deep.leak_ > 0.7 > 0.6 > line.leak_
    assert deep.score(X, target) == 1.0


@pytest.mark.parametrize(
    ("params", "error", "message"),
    [
        ({"n_models": 5}, ValueError, "n_models must be even and at least 4"),
        ({"n_models": 2}, ValueError, "n_models must be even and at least 4"),
        ({"attack": "best"}, ValueError, r"attack must be one of \['lira', 'rmia'\]"),
        ({"attack": DEEP}, TypeError, "attack must be one of"),
        ({"attack": LiRA(BlackBox(len))}, ValueError, "must have target=None"),
        ({"metrics": ["accuracy"]}, ValueError, "metric must be"),
        ({"metrics": []}, ValueError, "at least one metric"),
        ({"holdout": 1.0}, ValueError, "'holdout' parameter"),
        ({"estimator": StandardScaler()}, ValueError, "'estimator' parameter"),
    ],
)
def test_bad_input(params, error, message):
    with pytest.raises(error, match=message):
        audited().set_params(**params).fit(X, Y)
