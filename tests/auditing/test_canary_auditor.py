"""Audits by one record, the canary."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, clone
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from skprivacy.auditing import CanaryAuditor, MechanismAuditor
from skprivacy.auditing._canary_evidence import Canary, GaussianRatio
from skprivacy.auditing._canary_record import as_label, as_row
from skprivacy.dp import DPGaussianNB, PrivacyGuarantee
from skprivacy.membership import LiRA, ThresholdAttack
from skprivacy.shadow import ShadowModels

RNG = np.random.RandomState(0)
X = RNG.uniform(size=(12, 2))
Y = np.arange(12) % 2


class NoisyMemory(ClassifierMixin, BaseEstimator):
    """Answers 1 with log-odds of the labels at the same place, noise added.

    Many numbers that say nothing lie beside it.
    """

    def __init__(self, strength=3.0, adjacency="replace", random_state=None):
        self.strength = strength
        self.adjacency = adjacency
        self.random_state = random_state

    def fit(self, X, y):
        rng = np.random.RandomState(self.random_state)
        self.classes_ = np.array([0, 1])
        held = {x.tobytes(): 2.0 * label - 1 for x, label in zip(X, y, strict=True)}
        self.memory_ = _Hidden(held)
        self.noise_ = rng.logistic()
        self.chaff_ = rng.normal(size=300)
        self.privacy_guarantee_ = PrivacyGuarantee.pure(1.0, adjacency=self.adjacency)
        return self

    def predict_proba(self, X):
        told = [self.memory_.held.get(row.tobytes(), 0.0) for row in np.asarray(X)]
        log_odds = self.strength * np.array(told) + self.noise_
        positive = 1 / (1 + np.exp(-log_odds))
        return np.column_stack([1 - positive, positive])

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


class _Hidden:
    __slots__ = ("held",)

    def __init__(self, held):
        self.held = held


class NoisyMean(RegressorMixin, BaseEstimator):
    """Answers with the mean, far too little noise added."""

    def __init__(self, random_state=None):
        self.random_state = random_state

    def fit(self, X, y):
        noise = np.random.RandomState(self.random_state).normal(scale=0.05)
        self.mean_ = np.mean(y) + noise
        return self

    def predict(self, X):
        return np.full(len(X), self.mean_)


def audit(estimator, X=X, y=Y, **params):
    params = {"n_runs": 60, "random_state": 0} | params
    return CanaryAuditor(estimator, **params).fit(X, y)


@pytest.mark.parametrize("attack", ["auto", "likelihood_ratio", "learned"])
def test_a_model_that_remembers_is_found(attack):
    auditor = audit(NoisyMemory(random_state=0), attack=attack)
    assert auditor.violated_
    assert auditor.claimed_epsilon_ == 1
    n_apart = 30 if attack == "likelihood_ratio" else 0
    assert auditor.n_fits_ == 2 * 60 + n_apart + 2
    assert auditor.scores_in_.mean() > auditor.scores_out_.mean()


def test_one_answer_tells_more_than_all_that_a_model_holds():
    model = NoisyMemory(strength=2.0, random_state=0)
    auditor = audit(model, n_runs=40)
    # A quarter of the runs is too few to learn which of 300 numbers matters.
    whole = MechanismAuditor(
        model, neighbors=auditor.neighbors_, n_runs=40, random_state=0
    ).fit()
    assert auditor.epsilon_lower_bound_ > whole.epsilon_lower_bound_ + 0.5


def test_what_forgets_is_not_accused():
    assert audit(NoisyMemory(strength=0.0, random_state=0)).violated_ is False
    private = DPGaussianNB(1.0, bounds=(0, 1), classes=[0, 1], random_state=0)
    auditor = audit(private, delta=None)
    assert auditor.violated_ is False
    assert auditor.delta_ == 1e-5
    assert auditor.epsilon_interval_.low == auditor.epsilon_lower_bound_


@pytest.mark.parametrize(
    "attack",
    [
        ThresholdAttack(None),
        LiRA(None, shadow=ShadowModels(n_models=4), smoothing=1e-3, random_state=0),
    ],
    ids=["threshold", "lira"],
)
@pytest.mark.filterwarnings("ignore")
def test_attacks_of_the_membership_family(attack):
    auditor = audit(NoisyMemory(random_state=0), attack=attack)
    assert auditor.violated_
    assert attack.target is None


def test_the_canary_takes_the_place_of_the_farthest_record():
    auditor = audit(NoisyMemory(random_state=0), n_runs=20)
    (first, labels), (second, others) = auditor.neighbors_
    assert np.array_equal(first, second)
    assert np.flatnonzero(labels != others).tolist() == [11]
    farthest = np.argmax(np.linalg.norm((X - X.mean(axis=0)) / X.std(axis=0), axis=1))
    assert np.array_equal(auditor.canary_[0], X[[farthest]])
    assert auditor.canary_[1] == 1 - Y[farthest]


def test_the_canary_is_added_where_the_claim_is_of_a_record_more():
    auditor = audit(NoisyMemory(adjacency="add_remove", random_state=0))
    (first, _), (second, _) = auditor.neighbors_
    assert np.array_equal(first[:-1], second)
    assert np.array_equal(second, X)
    assert auditor.violated_


def test_canaries_that_are_given():
    far = [5.0, 5.0]
    auditor = audit(NoisyMemory(random_state=0), canary=(far, 1), n_runs=20)
    assert auditor.canary_[0].tolist() == [far]
    assert auditor.canary_[1].tolist() == [1]
    # It replaces the last record.
    assert np.array_equal(auditor.neighbors_[0][0][:-1], X[:-1])
    assert np.array_equal(auditor.neighbors_[1][0], X)
    # Without a label: another one than that of the record at the same place.
    auditor = audit(NoisyMemory(random_state=0), canary=X[4], n_runs=20)
    assert auditor.canary_[1].tolist() == [1]


def test_regressors():
    y = np.append(np.zeros(11), 1.0)
    auditor = audit(NoisyMean(random_state=0), y=y, canary=([0.5, 0.5], 9.0))
    assert auditor.epsilon_lower_bound_ > 1
    assert auditor.violated_ is None
    assert auditor.scores_in_.max() <= 0
    auditor = audit(NoisyMean(random_state=0), y=y, n_runs=20)
    assert auditor.canary_[1] in (0.0, 1.0)


@pytest.mark.filterwarnings("ignore:every run on a data set ended the same")
def test_tables_with_texts():
    table = pd.DataFrame({"city": ["Rome", "Oslo", "Bern"] * 4})
    labels = pd.Series(["yes", "no"] * 6, name="answer")
    model = make_pipeline(
        OneHotEncoder(handle_unknown="ignore"), LogisticRegression(C=100.0)
    )
    for canary in (["Rome"], (pd.Series({"city": "Nice"}), "no")):
        auditor = audit(model, table, labels, canary=canary, n_runs=20)
        first, target = auditor.neighbors_[0]
        assert first.dtypes.equals(table.dtypes)
        assert target.name == "answer"
        assert auditor.epsilon_lower_bound_ > 0.5


def test_fits_that_fail_with_the_canary_alone_are_evidence():
    class Afraid(NoisyMemory):
        def fit(self, X, y):
            if np.max(X) > 2:
                raise OverflowError("too far")
            return super().fit(X, y)

    for attack in ("loss", "likelihood_ratio"):
        with pytest.warns(UserWarning, match="too far"):
            auditor = audit(
                Afraid(random_state=0), canary=([9.0, 9.0], 1), attack=attack
            )
        assert auditor.n_failed_ == (60, 0)
        assert auditor.violated_


@pytest.mark.filterwarnings("ignore:every run on a data set ended the same")
def test_a_label_that_a_model_has_never_seen():
    auditor = audit(
        LogisticRegression(), canary=([9.0, 9.0], 2), n_runs=20, attack="loss"
    )
    assert (auditor.scores_in_ > auditor.scores_out_).all()


def test_signals_of_a_model():
    model = NoisyMemory(random_state=0).fit(X, Y)
    signals = Canary(X[[1]], np.array([1])).signals(model)
    assert signals == pytest.approx([3.0 + model.noise_])
    more = Canary(X[[1]], np.array([1])).signals(model, all_of_them=True)
    assert more[0] == signals[0]
    assert more[-2:] == pytest.approx(model.predict_proba(X[[1]])[0])


def test_gaussian_ratio_by_hand():
    ratio = GaussianRatio(np.array([0.0, 4.0]), np.array([-1.0, 1.0]))
    # Means 2 and 0, deviations 2 and 1.
    assert ratio.of(2.0) == pytest.approx(-np.log(2) + 2)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"canary": [1.0, 2.0, 3.0]}, "one record of 2 features"),
        ({"canary": ([1.0, 2.0], 1, 1)}, "a tuple of 3"),
        ({"canary": "far"}, "canary"),
        ({"canary": ([1.0, 2.0], [1])}, "one label, of the kind of y"),
        ({"canary": ([1.0, 2.0], 0.5)}, "one label, of the kind of y"),
        ({"canary": ([1.0, 2.0], "yes")}, "one label, of the kind of y"),
        ({"canary": (["a", "b"], 1)}, "columns and types of X"),
        ({"canary": ([0.5, 2.0], 1), "X": np.eye(12, 2, dtype=int)}, "0.5 would be 0"),
        ({"attack": "guess"}, "attack"),
        ({"n_runs": 3}, "n_runs"),
        ({"y": np.zeros(12, dtype=int)}, "no other label"),
        ({"X": X[:2], "y": Y[:2]}, "at least 3 records"),
        ({"delta": 0.0, "bound": "gdp"}, "delta must be above 0"),
    ],
)
def test_what_can_not_be_is_refused(params, message):
    with pytest.raises(ValueError, match=message):
        audit(NoisyMemory(random_state=0), **({"n_runs": 20} | params))


def test_seeds_are_named_as_the_estimator_names_them():
    said = audit(NoisyMemory(random_state=0), n_runs=20).assumptions_
    assert len(said) == 5
    assert any("in place of the given random_state;" in one for one in said)


def test_no_value_of_a_canary_is_changed():
    frame = pd.DataFrame(
        {"a": pd.Categorical(["u", "v"] * 6), "b": np.arange(12, dtype=np.float32)}
    )
    row = as_row(["v", 0.1], frame)
    assert row["a"].tolist() == ["v"]
    assert row["b"].dtype == np.float32
    with pytest.raises(ValueError, match="'w' is none of"):
        as_row(["w", 0.1], frame)
    assert as_label("rare", np.array(["a", "b"])).tolist() == ["rare"]


def test_clone_pickle_and_the_same_audit_twice():
    auditor = audit(NoisyMemory(random_state=0), n_runs=20)
    again = pickle.loads(pickle.dumps(auditor))
    assert again.epsilon_lower_bound_ == auditor.epsilon_lower_bound_
    again = clone(auditor).fit(X, Y)
    assert np.array_equal(again.scores_in_, auditor.scores_in_)
    assert again.n_features_in_ == 2


def test_a_regressor_of_scikit_learn_is_told_apart_without_doubt():
    with pytest.warns(UserWarning, match="ended the same"):
        auditor = audit(Ridge(), y=X[:, 0], n_runs=40)
    assert auditor.epsilon_lower_bound_ > 1


def test_dates_are_no_numbers_for_a_regressor():
    X, y = np.arange(6.0)[:, None], np.arange("2020", "2026", dtype="M8[Y]")
    with pytest.raises((TypeError, ValueError), match="y must hold numbers"):
        CanaryAuditor(Ridge(), n_runs=20).fit(X, y)
