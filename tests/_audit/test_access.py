"""Attacks on what the model holds, beside attacks that only ask it."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.datasets import load_breast_cancer
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeClassifier

from skprivacy import audit, membership
from skprivacy._audit._catalog import PLAN
from skprivacy._audit._plan import planned_attacks, that_can_run
from skprivacy._audit._planned import PlannedAttack
from skprivacy.membership import BaseMembershipAttack, LiRA, ThresholdAttack
from skprivacy.records import split_records
from skprivacy.signals import TargetSignals
from skprivacy.targets import BlackBox, check_white_box

X, Y = load_breast_cancer(return_X_y=True)
X_TRAIN, X_HOLDOUT, Y_TRAIN, Y_HOLDOUT = train_test_split(
    X, Y, test_size=0.5, random_state=0
)
TABLES = X_TRAIN, Y_TRAIN, X_HOLDOUT, Y_HOLDOUT
#: For which attacks are run, whatever they find.
SMALL = X_TRAIN[:100, :5], Y_TRAIN[:100], X_HOLDOUT[:100, :5], Y_HOLDOUT[:100]


class StoredRows(BaseMembershipAttack):
    """A nearest-neighbors model keeps its training records: look whether one is there.

    Parameters
    ----------
    target : FrozenEstimator

    label : str or int, default=-1
    """

    def __init__(self, target, *, label=-1):
        self.target = target
        self.label = label

    def _fit(self, records):
        self.stored_ = check_white_box(self.target)._fit_X

    def _decide(self, records):
        X, _ = split_records(records, self.label)
        return 1e-6 - cdist(X, self.stored_).min(axis=1)


def stores_rows(subject):
    return hasattr(subject.held.estimator, "_fit_X")


@pytest.fixture(autouse=True)
def one_entry_more(monkeypatch):
    entry = PlannedAttack(
        name="Stored rows",
        make=lambda target, label: StoredRows(target, label=label),
        assumes="Holds the model file.",
        method="The score is minus the distance to the nearest stored row.",
        reference="this test",
        access="white box",
        applies=stores_rows,
        needs="a model that stores its training rows",
        in_auto=lambda subject, effort: effort != "standard",
    )
    monkeypatch.setitem(PLAN, "StoredRows", entry)


@pytest.fixture(scope="module")
def neighbors():
    return KNeighborsClassifier(25).fit(X_TRAIN, Y_TRAIN)


QUICK = ["ThresholdAttack", "StoredRows"]


def names(result):
    return [attack.name for attack in result.attacks]


@pytest.mark.parametrize("wrap", [lambda model: model, FrozenEstimator])
def test_an_attack_on_the_file_finds_every_row(neighbors, wrap):
    result = audit(wrap(neighbors), *TABLES, attacks=QUICK, random_state=0)
    asking, inside = result.attacks
    assert (asking.access, inside.access) == ("black box", "white box")
    assert inside.roc_auc.estimate == 1.0 > 0.7 > asking.roc_auc.estimate
    assert inside.n_queries == 0
    assert result.best is inside
    assert result.best_of("black box") is asking
    assert result.best_of("white box") is inside
    assert result.levels == {"black box": "none", "white box": "strong"}
    assert result.summary()["access"].tolist() == ["white box", "black box"]


def test_both_figures_are_in_the_verdict(neighbors):
    verdict = audit(neighbors, *TABLES, attacks=QUICK, random_state=0).verdict
    assert "an attacker who holds the model file picks the right one in 100" in verdict
    assert "One who can only ask the model, as behind an API, picks" in verdict


def test_no_attack_looks_behind_a_box(neighbors):
    box = BlackBox(KNeighborsClassifier(25).fit(*SMALL[:2]))
    result = audit(box, *SMALL, effort="fast", random_state=0)
    assert {attack.access for attack in result.attacks} == {"black box"}
    assert result.best_of("white box") is None
    assert list(result.levels) == ["black box"]
    with pytest.raises(ValueError, match="'Stored rows', which reads what the model"):
        audit(BlackBox(neighbors), *TABLES, attacks=QUICK)


@pytest.mark.parametrize(
    "model, effort, runs",
    [
        (KNeighborsClassifier(), "fast", True),
        (KNeighborsClassifier(), "standard", False),
        (LogisticRegression(), "fast", False),
    ],
)
def test_auto_leaves_out_what_does_not_apply_or_costs_too_much(model, effort, runs):
    held = FrozenEstimator(model.fit([[0.0], [1.0]] * 5, [0, 1] * 5))
    subject = SimpleNamespace(held=held)
    plan = PLAN["StoredRows"]
    assert that_can_run([plan], subject, "auto", effort) == ([plan] if runs else [])


def test_what_was_asked_for_is_run_whatever_it_costs(neighbors):
    result = audit(neighbors, *TABLES, attacks=QUICK, effort="standard")
    assert "Stored rows" in names(result)


def test_what_was_asked_for_and_does_not_apply_is_refused():
    model = LogisticRegression(max_iter=5000).fit(X_TRAIN, Y_TRAIN)
    with pytest.raises(ValueError, match="needs a model that stores its training rows"):
        audit(model, *TABLES, attacks=QUICK)


def test_a_name_that_is_not_known_lists_it():
    with pytest.raises(ValueError, match="StoredRows"):
        planned_attacks(["Nothing"], True)


class Renamed(StoredRows):
    """An attack that no plan knows, of a class that one knows."""


class Own(BaseMembershipAttack):
    """An attack that no plan knows.

    Parameters
    ----------
    target : FrozenEstimator
    """

    def __init__(self, target):
        self.target = target


@pytest.mark.parametrize(
    "attack, access",
    [
        (lambda m: Renamed(FrozenEstimator(m)), "white box"),
        (lambda m: Own(FrozenEstimator(m)), "white box"),
        (lambda m: Own(BlackBox(m)), "black box"),
        (lambda m: LiRA(FrozenEstimator(m)), "black box"),
        (
            lambda m: make_pipeline(
                TargetSignals(FrozenEstimator(m)), LogisticRegression()
            ),
            "black box",
        ),
    ],
)
def test_access_of_an_attack_that_was_set_up(neighbors, attack, access):
    [plan] = planned_attacks([attack(neighbors)], True)
    assert plan.access == access


def test_levels_of_a_holder_are_those_of_all(neighbors):
    attacks = [ThresholdAttack(BlackBox(neighbors))]
    result = audit(neighbors, *TABLES, attacks=attacks, random_state=0)
    assert list(result.levels) == ["black box"]
    with pytest.raises(ValueError, match="access must be"):
        result.best_of("grey box")


def test_scores_of_the_file_do_not_depend_on_the_box(neighbors):
    result = audit(neighbors, *TABLES, attacks=["StoredRows"], random_state=0)
    records = np.column_stack([np.vstack(TABLES[::2]), np.hstack(TABLES[1::2])])
    attack = StoredRows(FrozenEstimator(neighbors)).fit(records)
    np.testing.assert_array_equal(
        result.attacks[0].scores, attack.decision_function(records)
    )
    assert not [f for f in result.findings if f.kind == "weak_attacks"]


NAMED = {**PLAN}


@pytest.mark.parametrize("name", list(NAMED))
def test_every_attack_of_the_plan_says_what_it_is(name):
    plan = NAMED[name]
    assert hasattr(membership, name)
    assert plan.access in ("black box", "white box")
    assert plan.fits_on in ("all", "non_members", "non_members_crossed", "truth")
    for text in (plan.assumes, plan.method):
        assert text.endswith(".") and "  " not in text
    assert ("model file" in plan.assumes) == (plan.access == "white box")


def test_a_plan_knows_which_models_have_a_formula():
    def has_formula(model):
        return "Leave one out" in names(
            audit(model.fit(*SMALL[:2]), *SMALL, effort="fast", random_state=0)
        )

    assert has_formula(GaussianNB())
    assert not has_formula(DecisionTreeClassifier(random_state=0))
