"""The audit on small real models."""

import warnings

import numpy as np
import pandas as pd
import pytest
from joblib import parallel_config
from scipy import sparse
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeClassifier

from skprivacy import audit
from skprivacy._audit._findings import number_of_models
from skprivacy.membership import LiRA, ThresholdAttack
from skprivacy.shadow import ShadowModels
from skprivacy.signals import TargetSignals
from skprivacy.targets import BlackBox, QueryBudgetExceeded


def split(flip=0.2, seed=0, frame=False):
    """Breast cancer with some labels flipped, so that there is something to learn."""
    X, y = load_breast_cancer(return_X_y=True, as_frame=frame)
    flipped = np.random.default_rng(seed).random(len(y)) < flip
    y = y.where(~flipped, 1 - y) if frame else np.where(flipped, 1 - y, y)
    X_train, X_holdout, y_train, y_holdout = train_test_split(
        X, y, test_size=0.5, random_state=seed
    )
    return X_train, y_train, X_holdout, y_holdout


TABLES = split()
#: For what does not hang on how much is learned.
SMALL = tuple(part[:120, :6] if part.ndim == 2 else part[:120] for part in TABLES)
#: For what is found in the tables, whichever attacks are run.
QUICK = ["ThresholdAttack"]


@pytest.fixture(scope="module")
def forest():
    return RandomForestClassifier(20, random_state=0).fit(*TABLES[:2])


@pytest.fixture(scope="module")
def small_forest():
    return RandomForestClassifier(20, random_state=0).fit(*SMALL[:2])


@pytest.fixture(scope="module")
def result_and_warnings(forest):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = audit(forest, *TABLES, effort="fast", random_state=0)
    return result, caught


@pytest.fixture(scope="module")
def result(result_and_warnings):
    return result_and_warnings[0]


def test_every_attack_is_run_and_the_strong_ones_win(result):
    names = result.summary()["attack"].tolist()
    assert {
        "LiRA",
        "RMIA",
        "Difficulty calibration",
        "Population",
        "Loss threshold",
    } <= set(names)
    auc = {a.name: a.roc_auc for a in result.attacks}
    assert auc["LiRA"].estimate > 0.85 and auc["RMIA"].estimate > 0.85
    assert all(i.low < i.estimate < i.high for i in auc.values())


def test_all_intervals_share_one_confidence(result):
    # Three for each attack, and the blind baseline.
    assert result.settings["n_comparisons"] == 3 * len(result.attacks) + 1
    single = result.attacks[0].roc_auc
    assert single.high - single.low > 0.05


def test_same_seed_same_figures(small_forest):
    # Threads are there at once, where processes take seconds to start.
    with parallel_config("threading"):
        ours, theirs = (
            audit(small_forest, *SMALL, effort="fast", random_state=0, n_jobs=n_jobs)
            .summary()
            .drop(columns="seconds")
            .to_dict("list")
            for n_jobs in (None, 2)
        )
    np.testing.assert_equal(ours, theirs)


def test_overfit_forest_is_found_out(result):
    kinds = {finding.kind for finding in result.findings}
    assert "overfit" in kinds and "few_non_members" in kinds
    assert "split_leaks" not in kinds and "near_chance" not in kinds
    assert result.train_score > 0.95 > result.holdout_score


def test_record_ids_lead_back_to_the_training_table(result):
    risk = result.record_risk()
    assert sorted(risk["record"]) == list(range(len(TABLES[0])))


def test_frame_keeps_its_index_and_its_label():
    X_train, y_train, X_holdout, y_holdout = split(frame=True)
    model = DecisionTreeClassifier(random_state=0).fit(X_train, y_train)
    result = audit(
        model,
        X_train,
        y_train,
        X_holdout,
        y_holdout,
        effort="fast",
        attacks=["LiRA"],
        random_state=0,
    )
    assert result.data["label"] == "target"
    assert set(result.record_risk()["record"]) == set(X_train.index)


def test_each_record_is_asked_once(small_forest):
    box = BlackBox(small_forest, budget=len(SMALL[0]) + len(SMALL[2]))
    result = audit(box, *SMALL, effort="fast", random_state=0)
    assert box.n_queries_ == len(SMALL[0]) + len(SMALL[2])
    assert {a.n_queries for a in result.attacks} == {box.n_queries_}


def test_budget_that_does_not_reach_is_said(forest):
    with pytest.raises(QueryBudgetExceeded):
        audit(BlackBox(forest, budget=10), *TABLES, effort="fast")


def test_regressor():
    X_train, _, X_holdout, _ = SMALL
    rng = np.random.default_rng(0)
    y_train, y_holdout = (X[:, 0] + 3 * rng.normal(size=len(X)) for X in SMALL[::2])
    model = RandomForestRegressor(20, random_state=0).fit(X_train, y_train)
    result = audit(
        model, X_train, y_train, X_holdout, y_holdout, effort="fast", random_state=0
    )
    assert result.score_name == "R^2" and result.model["task"] == "regression"
    assert result.best.roc_auc.estimate > 0.8


@pytest.mark.power
def test_control_is_said_to_be_near_chance():
    X_train, y_train, X_holdout, y_holdout = split(flip=0.0)
    model = make_pipeline(LogisticRegression(C=0.01, max_iter=5000))
    model.fit(X_train, y_train)
    result = audit(
        model, X_train, y_train, X_holdout, y_holdout, effort="fast", random_state=0
    )
    assert "near_chance" in {finding.kind for finding in result.findings}
    assert result.best.roc_auc.low < 0.5


def test_split_by_time_is_found_out_and_its_column_named(forest):
    X_train, y_train, X_holdout, y_holdout = TABLES
    rng = np.random.default_rng(0)
    X_train = np.column_stack([X_train, rng.normal(0.0, 1, len(X_train))])
    X_holdout = np.column_stack([X_holdout, rng.normal(1.5, 1, len(X_holdout))])
    model = DecisionTreeClassifier(random_state=0).fit(X_train, y_train)
    result = audit(
        model, X_train, y_train, X_holdout, y_holdout, attacks=QUICK, random_state=0
    )
    leak = next(f for f in result.findings if f.kind == "split_leaks")
    assert leak.severity == "critical" and leak.columns[0] == "column 30"
    assert result.blind.low > 0.7


def test_identifier_is_named():
    X_train, y_train, X_holdout, y_holdout = split(frame=True)
    X_train = X_train.assign(person=np.arange(len(X_train)))
    X_holdout = X_holdout.assign(person=1000 + np.arange(len(X_holdout)))
    model = DecisionTreeClassifier(random_state=0).fit(X_train, y_train)
    result = audit(
        model, X_train, y_train, X_holdout, y_holdout, attacks=QUICK, random_state=0
    )
    found = next(f for f in result.findings if f.kind == "identifier")
    assert found.columns == ("person",)


def test_duplicates_are_left_out_and_said(forest):
    X_train, y_train, X_holdout, y_holdout = TABLES
    result = audit(
        forest,
        X_train,
        y_train,
        np.vstack([X_holdout, X_train[:7]]),
        np.r_[y_holdout, y_train[:7]],
        attacks=QUICK,
        random_state=0,
    )
    assert result.data["n_dropped_holdout"] == 7
    assert any("holdout: 7 of its records" in f.message for f in result.findings)


def test_function_gets_the_attacks_that_need_no_recipe(small_forest):
    box = BlackBox(small_forest.predict_proba, classes=[0, 1])
    result = audit(box, *SMALL, random_state=0)
    assert not any(a.n_shadow_models for a in result.attacks)
    assert {a.estimator for a in result.attacks} >= {
        "ThresholdAttack",
        "PopulationAttack",
        "QuantileAttack",
    }
    assert "weak_attacks" in {f.kind for f in result.findings}
    recipe = RandomForestClassifier(20)
    strong = audit(box, *SMALL, recipe=recipe, effort="fast", random_state=0)
    assert {"LiRA", "RMIA"} <= {a.estimator for a in strong.attacks}


def test_attacks_of_ones_own(forest):
    frozen = FrozenEstimator(
        ShadowModels(RandomForestClassifier(20), n_models=8, random_state=0).fit(
            np.column_stack([np.vstack(TABLES[::2]), np.hstack(TABLES[1::2])])
        )
    )
    signals = make_pipeline(TargetSignals(BlackBox(forest)), LogisticRegression())
    result = audit(
        forest,
        *TABLES,
        attacks=[
            "ThresholdAttack",
            ThresholdAttack(BlackBox(forest), signal="entropy"),
            LiRA(BlackBox(forest), shadow=frozen),
            signals,
        ],
        random_state=0,
    )
    names = [a.name for a in result.attacks]
    assert names == ["Loss threshold", "Loss threshold (2)", "LiRA", "Pipeline"]
    assert result.settings["n_shadow_models"] == 0


def test_labels_of_any_kind():
    X_train, y_train, X_holdout, y_holdout = SMALL
    for names in (["no", "yes"], [False, True], [-1, 1]):
        names = np.array(names)
        model = DecisionTreeClassifier(random_state=0).fit(X_train, names[y_train])
        result = audit(
            model,
            X_train,
            names[y_train],
            X_holdout,
            names[y_holdout],
            effort="fast",
            random_state=0,
        )
        assert result.best.roc_auc.estimate > 0.6


def test_labels_that_the_model_does_not_know_are_counted(forest):
    X_train, y_train, X_holdout, y_holdout = TABLES
    y_holdout = y_holdout.copy()
    y_holdout[:4] = 7
    result = audit(
        forest,
        X_train,
        y_train,
        X_holdout,
        y_holdout,
        effort="fast",
        attacks=["ThresholdAttack", "RMIA"],
        random_state=0,
    )
    assert any(
        f.kind == "unseen_labels" and "4 of the rec" in f.message
        for f in result.findings
    )


def test_interrupted_audit_goes_on_from_memory(tmp_path, small_forest):
    class Interrupt(Exception):
        pass

    from skprivacy.shadow import report_progress

    def stop_after_five(done, total):
        if done == 5:
            raise Interrupt

    arguments = {"effort": "fast", "attacks": ["LiRA", "RMIA"], "random_state": 0}
    with pytest.raises(Interrupt), report_progress(stop_after_five):
        audit(small_forest, *SMALL, memory=tmp_path, **arguments)
    assert len(list(tmp_path.rglob("*.result"))) == 5
    resumed = audit(small_forest, *SMALL, memory=tmp_path, **arguments)
    assert len(list(tmp_path.rglob("*.result"))) == 16
    straight = audit(small_forest, *SMALL, **arguments)
    for a, b in zip(resumed.attacks, straight.attacks, strict=True):
        np.testing.assert_array_equal(a.scores, b.scores)


def changed(position, value):
    tables = list(TABLES)
    tables[position] = value(tables[position]) if callable(value) else value
    return tables


class PredictsNaN(DecisionTreeClassifier):
    """A model that has gone wrong."""

    def predict_proba(self, X):
        return np.full((len(X), 2), np.nan)


@pytest.mark.parametrize(
    "tables, message",
    [
        (changed(0, lambda X: X[:0]), "X_train"),
        (changed(2, lambda X: X[:3]), "X_holdout has 3 records"),
        (changed(0, lambda X: X[:, :4]), "X_train: .*4 features.*30 features"),
        (changed(2, lambda X: X[:, :4]), "X_holdout: .*4 features.*30 features"),
        (changed(1, lambda y: y[:-1]), "y_train must hold one label for each"),
        (changed(1, lambda y: np.zeros_like(y)), "y_train holds one class only"),
        (changed(3, lambda y: np.where(y == 1, np.nan, y)), "y_holdout has .* missing"),
        (changed(2, lambda X: np.full_like(X, np.inf)), "X_holdout contains infinity"),
        (
            changed(0, lambda X: sparse.csr_matrix(X)),
            "Sparse data was passed for X_train",
        ),
        (changed(2, lambda X: X[0]), "Expected 2D array"),
        ([*TABLES[:2], *TABLES[:2]], "nothing is left of X_holdout"),
        (changed(3, lambda y: np.array(["a", "b"])[y]), "none of the records' labels"),
        (changed(2, lambda X: pd.DataFrame(X)), "both be DataFrames or both be arrays"),
        (
            changed(2, lambda X: np.full(X.shape, "text", object)),
            "X_holdout, y_holdout",
        ),
    ],
)
def test_bad_tables_are_named(forest, tables, message):
    with pytest.raises((ValueError, TypeError), match=message):
        audit(forest, *tables, effort="fast")


def test_missing_values_where_the_model_takes_none():
    X_train, y_train, X_holdout, y_holdout = TABLES
    model = LogisticRegression(max_iter=5000).fit(X_train, y_train)
    X_holdout = X_holdout.copy()
    X_holdout[0, 0] = np.nan
    with pytest.raises(ValueError, match="X_holdout.*NaN"):
        audit(model, X_train, y_train, X_holdout, y_holdout)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"effort": "heroic"}, "effort"),
        ({"attacks": "all"}, "attacks must be 'auto'"),
        ({"attacks": []}, "attacks must hold at least one"),
        ({"attacks": ["Luck"]}, "'Luck', which is not known"),
        ({"attacks": [3]}, "attacks must hold names or attack estimators"),
        ({"random_state": "x"}, "random_state"),
        ({"n_shadow_models": 5}, "n_shadow_models must be even"),
        ({"n_shadow_models": 2}, "n_shadow_models"),
        ({"n_shadow_models": "many"}, "n_shadow_models"),
        ({"time_budget": 0}, "time_budget"),
    ],
)
def test_bad_arguments_are_named(forest, arguments, message):
    with pytest.raises((ValueError, TypeError), match=message):
        audit(forest, *TABLES, **arguments)


def test_model_that_can_not_be_audited():
    with pytest.raises(ValueError, match="model must be fitted"):
        audit(RandomForestClassifier(), *TABLES)
    with pytest.raises(TypeError, match="model must be"):
        audit("model.pkl", *TABLES)
    with pytest.raises(ValueError, match="the target answered NaN"):
        audit(PredictsNaN().fit(*TABLES[:2]), *TABLES)


def test_no_warning_on_a_plain_audit(result_and_warnings):
    assert [str(warning.message) for warning in result_and_warnings[1]] == []


@pytest.mark.parametrize(
    "arguments, n_models, stopped_by, kind",
    [
        ({"n_shadow_models": 6}, 6, None, None),
        ({"time_budget": 1e-6}, 2, "time_budget", "few_shadow_models"),
        ({"n_shadow_models": 4, "time_budget": 60}, 4, "max_models", None),
    ],
)
def test_number_of_shadow_models(small_forest, arguments, n_models, stopped_by, kind):
    result = audit(
        small_forest,
        *SMALL,
        attacks=["CalibratedAttack"],
        effort="fast",
        random_state=0,
        **arguments,
    )
    assert result.settings["n_shadow_models"] == n_models
    assert result.attacks[0].n_shadow_models == n_models
    assert result.settings["shadow_stopped_by"] == stopped_by
    found = {finding.kind for finding in result.findings}
    assert found & {"shadow_models", "few_shadow_models"} == ({kind} if kind else set())


@pytest.mark.parametrize(
    "stopped_by, kind, words",
    [
        ("converged", "shadow_models", "48 shadow models were trained. The last half"),
        ("max_models", "shadow_models", "had not settled yet"),
        ("time_budget", "few_shadow_models", "9 seconds, was spent after 48"),
    ],
)
def test_why_there_are_no_more_shadow_models_is_said(stopped_by, kind, words):
    shadow = ShadowModels(n_models="auto", time_budget=9)
    shadow.n_models_, shadow.stopped_by_ = 48, stopped_by
    (finding,) = number_of_models(shadow)
    assert finding.kind == kind and words in finding.message
