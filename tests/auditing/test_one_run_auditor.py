"""Audits by one run with many canaries."""

import pickle

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtr, ndtri
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import RidgeClassifier
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import check_random_state

from skprivacy.auditing import (
    OneRunAuditor,
    epsilon_one_run,
    epsilon_one_run_gaussian,
    one_run_p_value,
)
from skprivacy.auditing._one_run_canaries import plant_canaries
from skprivacy.auditing._one_run_gaussian import curve_p_value, rejects_curve
from skprivacy.auditing._one_run_score import (
    count_right,
    guess_extremes,
    subtract_references,
)
from skprivacy.dp import DPGaussianNB, DPLogisticRegression, PrivacyGuarantee
from skprivacy.records import hash_records

RNG = np.random.RandomState(0)
X = RNG.normal(size=(200, 3)).clip(-3, 3)
Y = (X[:, 0] + RNG.normal(size=200) > 0).astype(int)
TREE = DecisionTreeClassifier(random_state=0)


def audit(estimator, X=X, y=Y, **params):
    params = {"n_canaries": 100, "n_references": 2, "random_state": 0} | params
    return OneRunAuditor(estimator, **params).fit(X, y)


def planted(canaries="mislabeled", adjacency="replace", X=X, y=Y, n=50):
    return plant_canaries(X, y, canaries, n, adjacency, np.random.RandomState(0))


class Responder(ClassifierMixin, BaseEstimator):
    """Keeps each label by a coin: exactly an epsilon, with respect to each label."""

    def __init__(self, epsilon=1.0, adjacency="replace", random_state=None):
        self.epsilon = epsilon
        self.adjacency = adjacency
        self.random_state = random_state

    def fit(self, X, y):
        rng = check_random_state(self.random_state)
        self.classes_ = np.array([0, 1])
        true = rng.uniform(size=len(y)) < 1 / (1 + np.exp(-self.epsilon))
        told = np.where(true, y, 1 - y)
        self.told_ = dict(zip(hash_records(X).tolist(), told.tolist(), strict=True))
        self.n_records_ = len(y)
        self.privacy_guarantee_ = PrivacyGuarantee.pure(self.epsilon, self.adjacency)
        return self

    def predict_proba(self, X):
        told = [self.told_[record] for record in hash_records(X).tolist()]
        return np.eye(2)[told]

    def predict(self, X):
        return self.predict_proba(X).argmax(axis=1)


# Scores and guesses


def test_guesses_are_of_both_kinds_and_fixed_in_number():
    scores = np.random.RandomState(0).normal(size=100)
    guesses = guess_extremes(scores, 0.2, np.arange(100))
    assert ((guesses == 1).sum(), (guesses == -1).sum()) == (10, 10)
    assert scores[guesses == 1].min() > scores[guesses == 0].max()
    assert scores[guesses == -1].max() < scores[guesses == 0].min()
    assert np.count_nonzero(guess_extremes(scores, 0.001, np.arange(100))) == 2


def test_equal_scores_are_guessed_by_the_order_that_is_given():
    guesses = guess_extremes(np.zeros(4), 1.0, np.array([3, 0, 2, 1]))
    assert guesses.tolist() == [1, -1, 1, -1]
    assert count_right(guesses, np.array([True, True, False, False])) == 2


def test_references_take_out_what_their_own_coins_did():
    base = np.array([0.0, 10.0, -10.0, 5.0])
    included = np.array([[True, True, False, False], [False, True, False, True]])
    usual = base + 3.0 * included
    # The effect is the difference of means, here not only that of the coins: known.
    effect = usual[included].mean() - usual[~included].mean()
    expected = (usual - effect * (included - 0.5)).mean(axis=0)
    assert subtract_references(base, usual, included) == pytest.approx(base - expected)
    # Coins that all fell the same can't tell their effect.
    same = np.ones((1, 4), dtype=bool)
    assert subtract_references(base, base[None], same).tolist() == [0.0] * 4


def test_a_curve_is_refuted_by_whatever_family_it_is_from():
    gaussian = PrivacyGuarantee.gaussian(0.5)
    p = curve_p_value(38, 40, 200, gaussian)
    assert 0 < p < 0.05

    def inverse(x):
        return float(ndtr(ndtri(x) - 0.5)) if x < 1 else 1.0

    assert rejects_curve(38, 40, 200, inverse, 1.02 * p)
    assert not rejects_curve(38, 40, 200, inverse, 0.98 * p)
    # Of pure guarantees the test of Steinke et al. is the exact one.
    exact = one_run_p_value(39, 40, 200, 2.0)
    assert exact < curve_p_value(39, 40, 200, PrivacyGuarantee.pure(2.0)) < 1.1 * exact
    assert curve_p_value(38, 40, 200, PrivacyGuarantee.pure(6.0)) == 1.0
    assert curve_p_value(0, 40, 200, gaussian) == 1.0
    assert curve_p_value(100, 100, 100, PrivacyGuarantee.pure(0.0)) == 1e-9


# What is planted


def test_a_coin_changes_one_row_and_moves_none():
    for canaries in ("mislabeled", "outlier", (X[:50] + 9.0, Y[:50])):
        one = planted(canaries)
        coins = np.random.RandomState(0).uniform(size=50) < 0.5
        other = coins.copy()
        other[7] = ~other[7]
        (rows, labels), (rows_2, labels_2) = one.world(coins), one.world(other)
        differs = (rows != rows_2).any(axis=1) | (labels != labels_2)
        assert differs.sum() == 1


def test_the_number_of_records_stays_where_one_replaces_another():
    n_rows = {
        adjacency: {
            len(planted("mislabeled", adjacency).world(np.arange(50) < k)[1])
            for k in (0, 20, 50)
        }
        for adjacency in ("replace", "add_remove")
    }
    assert n_rows == {"replace": {200}, "add_remove": {200, 220, 250}}
    rows, labels = planted("mislabeled").world(np.zeros(50, dtype=bool))
    order, given = np.lexsort(rows.T), np.lexsort(X.T)
    assert np.array_equal(rows[order], X[given])
    assert np.array_equal(labels[order], Y[given])


def test_no_true_record_stands_beside_its_mislabeled_twin():
    twice = np.vstack([X, X[:20]]), np.concatenate([Y, Y[:20]])
    one = planted("mislabeled", X=twice[0], y=twice[1], n=80)
    assert not np.isin(hash_records(one.X), hash_records(one.X_canaries)).any()
    assert np.array_equal(one.X_canaries, one.X_others)
    assert (one.y_canaries != one.y_others).all()


def test_canaries_that_are_left_out_leave_the_true_records_where_they_are():
    # So more is found.
    one = planted("mislabeled", "add_remove", n=80)
    assert one.X is X
    without = ~np.isin(hash_records(X), hash_records(one.X_canaries))
    given = (one.X_canaries, one.y_canaries)
    options = {"guess_fraction": 1.0, "adjacency": "add_remove", "n_canaries": 80}
    beside = audit(TREE, **options)
    alone = audit(TREE, X[without], Y[without], canaries=given, **options)
    assert beside.n_correct_ == 80
    assert alone.n_correct_ < 70


def test_outliers_stay_within_the_columns_and_have_two_labels():
    one = planted("outlier", n=100)
    assert (one.X_canaries >= X.min(axis=0)).all()
    assert (one.X_canaries <= X.max(axis=0)).all()
    assert np.array_equal(one.X_canaries, one.X_others)
    assert (one.y_canaries != one.y_others).all()
    assert set(one.y_canaries) == {0, 1}


def test_a_record_that_stands_in_is_not_there_twice():
    one = planted((X[:50] + 9.0, Y[:50]))
    assert not one.is_pair
    assert not np.isin(hash_records(one.X_others), hash_records(one.X)).any()
    every = planted((X + 9.0, Y))
    assert len(every.y) == 0
    assert len(every.world(np.ones(200, dtype=bool))[1]) == 200


# Audits


def test_a_tree_is_caught_and_the_bound_is_that_of_its_counts():
    auditor = audit(TREE, claimed=1.0)
    assert (auditor.n_guesses_, auditor.n_canaries_) == (10, 100)
    counts = auditor.n_correct_, 10, 100
    assert auditor.n_correct_ == 10
    assert auditor.epsilon_lower_bound_ == epsilon_one_run(*counts, delta=1e-5)
    assert auditor.p_value_ == one_run_p_value(*counts, 1.0, delta=1e-5)
    assert auditor.violated_ is (auditor.epsilon_lower_bound_ > 1)
    assert audit(TREE, guess_fraction=0.5, claimed=1.0).violated_
    assert auditor.n_fits_ == 3
    interval = auditor.epsilon_interval_
    assert interval.low == auditor.epsilon_lower_bound_ < interval.estimate
    assert (auditor.roc_.n_in, auditor.roc_.n_out) == (
        auditor.included_.sum(),
        100 - auditor.included_.sum(),
    )


def test_the_whole_curve():
    auditor = audit(TREE, method="fdp", guess_fraction=0.4)
    expected = epsilon_one_run_gaussian(auditor.n_correct_, 40, 100, delta=1e-5)
    assert auditor.epsilon_lower_bound_ == expected > 1
    assert auditor.violated_ is None
    gaussian = PrivacyGuarantee.gaussian(0.5)
    auditor = audit(TREE, method="fdp", guess_fraction=0.4, claimed=gaussian)
    assert auditor.violated_ is True
    assert auditor.p_value_ < 0.05


def test_the_whole_curve_does_not_accuse_what_is_not_gaussian():
    # Exactly epsilon 2 by the labels, and far more than that in the Gaussian model.
    params = {"guess_fraction": 1.0, "n_references": 0, "method": "fdp"}
    bounds = []
    for seed in range(5):
        auditor = audit(Responder(2.0, random_state=0), random_state=seed, **params)
        bounds.append(auditor.epsilon_lower_bound_)
        # A false alarm has 5% each; these seeds have none.
        assert auditor.violated_ is False
    assert max(bounds) > 2


def test_coins_are_independent_and_not_one_half():
    included = [
        audit(TREE, random_state=seed, n_references=0).included_ for seed in range(8)
    ]
    assert len({own.sum() for own in included}) > 1
    assert 0.4 < np.mean(included) < 0.6


def test_the_exact_epsilon_of_randomized_labels_is_found_and_not_exceeded():
    bounds, violated = [], 0
    for seed in range(12):
        auditor = audit(
            Responder(2.0, random_state=0),
            n_references=0,
            guess_fraction=1.0,
            random_state=seed,
        )
        bounds.append(auditor.epsilon_lower_bound_)
        violated += auditor.violated_
    # Each is above the truth with probability 5%, three or more of 12 with 2%.
    assert violated < 3
    assert np.mean(bounds) > 1.2


def test_a_false_claim_about_randomized_labels_is_refuted():
    auditor = audit(
        Responder(3.0, random_state=0), n_references=0, guess_fraction=1.0, claimed=1.0
    )
    assert auditor.violated_ is True
    assert auditor.p_value_ < 0.01


@pytest.mark.parametrize("canaries", ["mislabeled", "outlier"])
@pytest.mark.parametrize(
    "model",
    [
        DPGaussianNB(0.5, bounds=(-3, 3), classes=[0, 1]),
        # The corners of the columns are longer than any record: they are cut short.
        DPLogisticRegression(0.5, delta=1e-5, data_norm=1.0, classes=[0, 1]),
    ],
    ids=["naive Bayes", "logistic regression"],
)
def test_a_private_model_is_not_accused(model, canaries):
    auditor = audit(model, canaries=canaries, guess_fraction=0.5)
    assert auditor.violated_ is False
    assert auditor.claimed_epsilon_ == pytest.approx(0.5, rel=1e-4)
    assert auditor.p_value_ > 0.01
    assert auditor.adjacency_ == "replace"
    # One fit tells what is claimed.
    assert auditor.n_fits_ == 4


def test_how_many_records_there_are_follows_the_claim():
    for adjacency in ("replace", "add_remove"):
        model = Responder(adjacency=adjacency, random_state=0)
        seen = []

        def signal(model, X, y, seen=seen):
            seen.append(model.n_records_)
            return np.zeros(len(y))

        auditor = audit(model, signal=signal, n_references=3)
        assert auditor.adjacency_ == adjacency
        assert not auditor.violated_
        n = auditor.included_.sum()
        assert seen[0] == (200 if adjacency == "replace" else 200 + n)
        assert (len(set(seen)) == 1) is (adjacency == "replace")


def test_an_epsilon_is_about_the_neighbors_that_are_asked_for():
    assert audit(TREE, claimed=1.0).adjacency_ == "replace"
    removing = audit(TREE, claimed=1.0, adjacency="add_remove", guess_fraction=0.5)
    assert removing.adjacency_ == "add_remove"
    assert removing.violated_


def test_own_canaries_and_no_reference():
    far = np.full((20, 3), 50.0) + np.arange(20)[:, None]
    canaries = (far, np.arange(20) % 2)
    options = {"n_references": 0, "guess_fraction": 1.0}
    auditor = audit(TREE, canaries=canaries, **options)
    assert auditor.n_canaries_ == 20
    assert auditor.n_fits_ == 2
    assert auditor.model_.tree_.n_node_samples[0] == 200
    removing = audit(TREE, canaries=canaries, adjacency="add_remove", **options)
    seen = removing.model_.tree_.n_node_samples[0]
    assert seen == 200 + removing.included_.sum()
    pairs = audit(TREE, canaries=(*canaries, far, 1 - canaries[1]), **options)
    assert pairs.n_correct_ == 20


@pytest.mark.parametrize(
    "model",
    [LinearSVC(C=1e3, max_iter=100), RidgeClassifier(), KNeighborsClassifier(1)],
    ids=lambda model: type(model).__name__,
)
def test_models_without_probabilities_are_told_apart(model):
    wide = np.random.RandomState(0).normal(size=(200, 60))
    if isinstance(model, KNeighborsClassifier):
        model = LabelOnly()
    auditor = audit(model, wide, Y, guess_fraction=0.5)
    assert auditor.n_correct_ >= 35


class LabelOnly(ClassifierMixin, BaseEstimator):
    """The label of the nearest neighbor, and nothing else."""

    def fit(self, X, y):
        self.inner_ = KNeighborsClassifier(1).fit(X, y)
        self.classes_, self.n_features_in_ = self.inner_.classes_, X.shape[1]
        return self

    def predict(self, X):
        return self.inner_.predict(X)


def test_regressors():
    target = X[:, 1] + X[:, 2]
    auditor = audit(KNeighborsRegressor(1), X, target, guess_fraction=0.5)
    assert auditor.n_correct_ == auditor.n_guesses_ == 50
    far = audit(
        KNeighborsRegressor(1), X, target, canaries="outlier", guess_fraction=0.5
    )
    assert far.n_correct_ >= 45


@pytest.mark.parametrize("canaries", ["mislabeled", "outlier"])
def test_tables_of_texts_and_labels_of_texts(canaries):
    rng = np.random.RandomState(0)
    table = pd.DataFrame(
        {name: rng.choice(list("abcdefgh"), size=120) for name in ("city", "town", 3)}
    ).rename(columns=str)
    table["kind"] = pd.Categorical(rng.choice(["x", "y"], size=120))
    labels = pd.Series(
        rng.choice(["yes", "no", "perhaps"], size=120), index=table.index
    )
    encoder = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), list(table.columns))
    )
    model = make_pipeline(encoder, TREE)
    auditor = audit(
        model,
        table.set_index(table.index[::-1]),
        labels,
        canaries=canaries,
        n_canaries=40,
        guess_fraction=0.5,
    )
    assert list(auditor.feature_names_in_) == ["city", "town", "3", "kind"]
    assert auditor.n_correct_ >= 18
    assert set(auditor.model_.classes_) == {"yes", "no", "perhaps"}


def test_texts_of_which_every_combination_is_there_allow_no_new_one():
    cells = np.array([[a, b] for a in "ab" for b in "cd"], dtype=object)
    table = pd.DataFrame(np.repeat(cells, 2, axis=0), columns=["a", "b"])
    labels = np.tile(["yes", "no"], 4)
    for canaries in ("outlier", "mislabeled"):
        with pytest.raises(ValueError, match="different new records can't be made"):
            planted(canaries, X=table, y=labels, n=2)


def test_half_of_the_records_are_mislabeled_at_most():
    assert audit(TREE, n_canaries=None, n_references=0).n_canaries_ == 100
    far = audit(TREE, n_canaries=None, n_references=0, canaries="outlier")
    assert far.n_canaries_ == 1000


def test_references_help_where_canaries_differ():
    forest = RandomForestClassifier(10, min_samples_leaf=8, random_state=0)
    found = [
        sum(
            audit(
                forest,
                n_references=n,
                random_state=seed,
                guess_fraction=1.0,
                canaries=(X[:60], 1 - Y[:60]),
                adjacency="add_remove",
            ).n_correct_
            for seed in range(3)
        )
        for n in (0, 4)
    ]
    assert found[1] > found[0] + 10


def test_the_same_seed_gives_the_same():
    first, second = audit(TREE), audit(TREE)
    assert np.array_equal(first.scores_, second.scores_)
    assert np.array_equal(first.included_, second.included_)
    again = pickle.loads(pickle.dumps(first))
    assert np.array_equal(again.guesses_, first.guesses_)
    assert clone(first).get_params()["random_state"] == 0


def test_the_delta_of_the_claim():
    guarantee = PrivacyGuarantee.approximate(1.0, 1e-3)
    assert audit(TREE, claimed=guarantee, delta=None).delta_ == 1e-3
    with pytest.warns(UserWarning, match="the claim says nothing"):
        auditor = audit(TREE, claimed=guarantee, guess_fraction=0.5)
    assert auditor.violated_ is False
    assert auditor.p_value_ == 1.0


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"canaries": (X[:5], Y[:5], X[:5])}, "got 3 things"),
        ({"canaries": (X[:5, :2], Y[:5])}, "same kind and columns"),
        ({"canaries": (X[:5], Y[:4])}, "one label each"),
        ({"canaries": (X[:5], Y[:5], X[:4], Y[:4])}, "one other each"),
        (
            {"canaries": (X[:5], Y[:5], X[:5], Y[:5]), "adjacency": "add_remove"},
            "'add_remove', which leaves them out",
        ),
        ({"canaries": (np.tile(X, (2, 1)), np.tile(Y, 2))}, "400 canaries and 200"),
        ({"canaries": "rare"}, "canaries"),
        ({"guess_fraction": 0.0}, "guess_fraction"),
        ({"method": "best"}, "method"),
        ({"method": "fdp", "delta": 0.0}, "delta must be above 0"),
        ({"method": "fdp", "delta": None}, "delta must be above 0"),
        ({"signal": lambda model, X, y: 1.0}, "signal must return one finite number"),
        (
            {"signal": lambda model, X, y: np.full(len(y), np.inf)},
            "100 that are not finite",
        ),
        ({"adjacency": "swap"}, "adjacency"),
        (
            {"adjacency": "add_remove", "claimed": PrivacyGuarantee.pure(1.0)},
            "can't refute it",
        ),
        ({"n_canaries": 201}, "n=201 different new records can't be made of 200"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_what_can_not_be_is_refused(params, message):
    with pytest.raises(ValueError, match=message):
        audit(TREE, **params)


def test_labels_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="one label for each of 200 records"):
        audit(TREE, X, Y[:5])
    frame = pd.DataFrame(X, columns=list("abc"))
    other = frame.rename(columns={"a": "d"})
    with pytest.raises(ValueError, match="same kind and columns"):
        audit(TREE, frame, Y, canaries=(other, Y))
