"""Defenses judged by their most vulnerable records."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris, make_classification
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.estimator_checks import parametrize_with_checks

from skprivacy.defenses import CanaryEvaluation, ProtectedOutput
from skprivacy.shadow import ShadowFitError

TREE = DecisionTreeClassifier()
QUICK = {
    "canaries": ["clean", "mislabeled"],
    "n_canaries": 4,
    "n_models": 4,
    "dp_baseline": False,
    "fpr": [0.25],
    "random_state": 0,
}
IRIS = load_iris(return_X_y=True)


@pytest.fixture(scope="module")
def data():
    return make_classification(300, n_informative=4, class_sep=2, random_state=0)


@pytest.fixture(scope="module")
def judged(data):
    defenses = {
        "tree": TREE,
        "labels": ProtectedOutput(TREE, "label"),
        "constant": DummyClassifier(),
    }
    options = {"canaries": ["mislabeled", "clean"], "n_canaries": 20, "n_models": 8}
    options |= {"dp_baseline": [20], "fpr": [0.2, 0.05], "random_state": 0}
    return CanaryEvaluation(defenses, **options).fit(*data)


# Tables of the checks hold few different records, of which none can be taken out.
CHECKED = {**QUICK, "canaries": ["outlier"], "n_canaries": 2, "fpr": [0.5]}


@parametrize_with_checks(
    [CanaryEvaluation(DecisionTreeClassifier(max_depth=3), **CHECKED)]
)
def test_scikit_learn_contract(estimator, check):
    check(estimator)


class TestProtocol:
    def test_each_canary_is_in_half_of_the_models(self, judged):
        assert judged.membership_.shape == (8, 40)
        assert (judged.membership_.sum(axis=0) == 4).all()
        for kind in ("clean", "mislabeled"):
            of_kind = judged.membership_[:, judged.kind_ == kind]
            assert (of_kind.sum(axis=1) == 10).all()

    def test_what_learns_by_heart_is_found_out(self, judged):
        assert judged.tpr_["tree"]["mislabeled"][0.2].low > 0.5
        assert judged.summary().loc["tree", "worst_kind"] == "mislabeled"

    def test_labels_alone_do_not_hide_it(self, judged):
        assert judged.responses_["labels"] == "label"
        assert judged.responses_["tree"] == "proba"
        assert judged.tpr_["labels"]["worst"][0.2].low > 0.5

    def test_what_answers_alike_leaks_nothing(self, judged):
        # A constant's shares of classes vary with the canaries, and tell a little.
        assert judged.tpr_["constant"]["worst"][0.2].low <= 0.2

    def test_the_private_model_leaks_less(self, judged):
        private = judged.tpr_["DP epsilon=20"]["worst"][0.2]
        assert private.estimate < judged.tpr_["tree"]["worst"][0.2].low

    def test_only_a_private_model_of_comparable_accuracy_beats(self, judged):
        judged = pickle.loads(pickle.dumps(judged))
        judged.accuracy_["DP epsilon=20"] = judged.accuracy_["tree"]
        assert judged.beaten_by("tree") == "DP epsilon=20"
        assert judged.beaten_by("DP epsilon=20") is None
        beaten_by = judged.summary()["beaten_by"]
        assert beaten_by["tree"] == "DP epsilon=20"
        assert beaten_by["DP epsilon=20"] is None
        judged.accuracy_["DP epsilon=20"] = judged.accuracy_["constant"]
        assert judged.beaten_by("tree") is None

    def test_worst_is_the_worst_kind(self, judged):
        table = judged.summary()
        for name in judged.names_:
            kind = table.loc[name, "worst_kind"]
            kinds = [k for k in judged.tpr_[name] if k != "worst"]
            worst = judged.tpr_[name]["worst"][0.2]
            assert worst.estimate == judged.tpr_[name][kind][0.2].estimate
            assert worst.estimate == table.loc[name, "tpr@0.2_worst"]
            for end in ("low", "high"):
                of_kinds = [getattr(judged.tpr_[name][k][0.2], end) for k in kinds]
                assert getattr(worst, end) == max(of_kinds)

    def test_accuracy_is_measured_on_records_held_out(self, judged, data):
        _, y = data
        assert judged.accuracy_["tree"].n_members == 90
        assert judged.accuracy_["tree"].estimate > 0.7
        assert abs(judged.accuracy_["constant"].estimate - 0.5) < 0.05


class TestResult:
    def test_summary_has_a_row_for_each(self, judged):
        table = judged.summary()
        assert list(table.index) == ["tree", "labels", "constant", "DP epsilon=20"]
        assert table["is_baseline"].tolist() == [False, False, False, True]
        for measure in ("accuracy", "tpr@0.2_clean", "tpr@0.05_worst"):
            low, high = table[f"{measure}_low"], table[f"{measure}_high"]
            assert ((low <= table[measure]) & (table[measure] <= high)).all()

    def test_scores_of_every_canary_are_kept(self, judged):
        assert list(judged.scores_) == judged.names_
        for scores in judged.scores_.values():
            assert scores.shape == judged.membership_.shape
            assert np.isfinite(scores).all()
        assert len(judged.X_canaries_) == len(judged.y_canaries_) == 40

    def test_the_same_seed_gives_the_same(self):
        defenses = {"tree": TREE, "line": LogisticRegression(max_iter=200)}
        options = {**QUICK, "dp_baseline": [50]}
        one, other = (
            CanaryEvaluation(defenses, **options).fit(*IRIS) for _ in range(2)
        )
        pd.testing.assert_frame_equal(one.summary(), other.summary())
        for name in one.names_:
            np.testing.assert_array_equal(one.scores_[name], other.scores_[name])
        # A defense's figures do not depend on which others are judged.
        alone = CanaryEvaluation({"line": defenses["line"]}, **options).fit(*IRIS)
        np.testing.assert_array_equal(alone.scores_["line"], one.scores_["line"])

    def test_pickled(self, judged):
        again = pickle.loads(pickle.dumps(judged))
        pd.testing.assert_frame_equal(again.summary(), judged.summary())

    def test_a_clone_is_unfitted(self, judged):
        with pytest.raises(NotFittedError):
            clone(judged).summary()

    def test_models_are_recalled(self, tmp_path):
        options = {**QUICK, "memory": tmp_path}
        first = CanaryEvaluation(TREE, **options).fit(*IRIS)
        stored = len([*tmp_path.rglob("*.result")])
        again = CanaryEvaluation(TREE, **options).fit(*IRIS)
        assert stored == 4 == len([*tmp_path.rglob("*.result")])
        pd.testing.assert_frame_equal(first.summary(), again.summary())


class TestInput:
    def test_texts_categories_and_labels_of_text(self):
        rng = np.random.default_rng(0)
        X = pd.DataFrame({"size": rng.normal(size=120), "kind": list("abcd") * 30})
        X["kind"] = X["kind"].astype("category")
        X["word"] = np.where(X["size"] > 0.5, "large", "small")
        y = pd.Series(np.where(rng.random(120) > 0.5, "yes", "no"))
        model = make_pipeline(OneHotEncoder(handle_unknown="ignore"), TREE)
        options = {**QUICK, "canaries": ["clean", "outlier", "duplicate"]}
        judged = CanaryEvaluation(model, **{**options, "dp_baseline": [50]}).fit(X, y)
        assert judged.names_ == ["Pipeline", "DP epsilon=50"]
        assert judged.X_canaries_.dtypes.equals(X.dtypes)
        assert set(judged.y_canaries_) <= {"yes", "no"}

    def test_searches_and_decision_values(self):
        search = GridSearchCV(DecisionTreeClassifier(), {"max_depth": [1, 9]}, cv=2)
        line = ProtectedOutput(DecisionTreeClassifier(max_depth=2), "label")
        from_decision = LinearSVC()
        defenses = {"search": search, "labels": line, "decision": from_decision}
        judged = CanaryEvaluation(defenses, **QUICK).fit(*IRIS)
        assert list(judged.responses_.values()) == ["proba", "label", "decision"]

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"canaries": ["odd"]}, r"canaries must be one or more of .*got \['odd'\]"),
            ({"canaries": []}, "canaries must be one or more of"),
            ({"n_models": 5}, "n_models must be even.*got 5"),
            ({"fpr": [0.0]}, r"fpr must be numbers between 0 and 1.*got \[0.0\]"),
            ({"fpr": []}, "fpr must be numbers between 0 and 1"),
            ({"fpr": [0.001]}, "fpr=0.001 can't be measured: .* make 8 pairs"),
            ({"dp_baseline": [-1]}, r"dp_baseline must be .*got \[-1\]"),
            ({"dp_baseline": [np.inf]}, "dp_baseline must be True, False or positive"),
            ({"n_canaries": 40}, "n_canaries=40 of 2 kinds take 80"),
            ({"defenses": {}}, "defenses must hold at least one"),
            ({"defenses": LinearRegression()}, "defenses must be classifiers"),
            (
                {"defenses": {"DP epsilon=7": TREE}, "dp_baseline": [7]},
                "must not be named as private models are",
            ),
        ],
    )
    def test_bad_values_are_named(self, options, message):
        options = {"defenses": TREE, **QUICK, **options}
        with pytest.raises(ValueError, match=message):
            CanaryEvaluation(**options).fit(*IRIS)

    def test_what_is_no_estimator_is_refused(self):
        with pytest.raises(TypeError, match="defenses must be unfitted classifiers"):
            CanaryEvaluation({"tree": "a tree"}, **QUICK).fit(*IRIS)

    def test_one_class_is_refused(self):
        X, _ = IRIS
        with pytest.raises(ValueError, match=r"two classes; got 1 class"):
            CanaryEvaluation(TREE, **QUICK).fit(X, np.zeros(len(X)))

    def test_a_defense_that_fails_is_named(self):
        broken = {"fine": TREE, "broken": DecisionTreeClassifier(max_depth=-1)}
        with pytest.raises(ShadowFitError, match="defense 'broken': shadow model 0"):
            CanaryEvaluation(broken, **QUICK).fit(*IRIS)

    def test_unknown_names_are_refused(self, judged):
        with pytest.raises(ValueError, match="name must be one of"):
            judged.beaten_by("another")
