"""What is known to be wrong is found, and what is sound is not accused.

Those that take thousands of runs are in ``benchmarks/dp_audit_defects.py``.
"""

import auditing_defects as defects
import numpy as np
import pytest
from auditing_violations import VIOLATIONS
from sklearn.base import clone
from sklearn.model_selection import cross_val_score

from skprivacy.auditing import MechanismAuditor
from skprivacy.dp import DiffprivlibPCA, DPGaussianNB, PrivacyLedger
from skprivacy.dp._diffprivlib_compat import library_model, load_diffprivlib
from skprivacy.inspection import leak_scan

pytestmark = [
    pytest.mark.filterwarnings("ignore:random_state makes the noise"),
    pytest.mark.filterwarnings("ignore:scipy.optimize. The `disp`:DeprecationWarning"),
]

#: Each with so few runs that it is quick, and the bound that these allow.
QUICK = (
    (defects.diagonal, 40, 1.0),
    (defects.kept_clusters, 40, 1.0),
    (defects.long_records, 120, 1.8),
    (defects.shifted_trees, 50, 1.0),
    (defects.stored_seeds, 70, 1.0),
    (defects.vanishing_class, 40, 1.0),
)


def audit(mechanism, neighbors, **params):
    return MechanismAuditor(
        mechanism, neighbors=neighbors, threshold="bonferroni", random_state=0, **params
    ).fit()


@pytest.mark.parametrize(
    ("make", "n_runs", "floor"), [pytest.param(*q, id=q[0].__name__) for q in QUICK]
)
def test_a_defect_of_the_library_is_found(make, n_runs, floor):
    defect = make()
    auditor = audit(
        defect.mechanism(),
        defect.neighbors,
        score=defect.score,
        n_runs=n_runs,
        claimed=1.0,
    )
    assert auditor.violated_
    assert auditor.epsilon_lower_bound_ > floor


@pytest.mark.parametrize(
    ("make", "n_runs"), [pytest.param(*q[:2], id=q[0].__name__) for q in QUICK]
)
def test_the_same_audit_does_not_accuse_what_is_sound(make, n_runs):
    # At a confidence of 95% one in twenty may be accused: these seeds are none.
    defect = make()
    auditor = audit(
        defect.sound(),
        defect.neighbors,
        n_runs=n_runs,
        delta=defect.delta,
        claimed=1.0,
    )
    assert not auditor.violated_


@pytest.mark.filterwarnings("ignore:every run on a data set ended the same")
@pytest.mark.parametrize(
    ("violation", "n_runs"),
    [
        pytest.param(one, n_runs, id=one[1].__name__)
        for one, n_runs in zip(VIOLATIONS, (1000, 120, 60, 150), strict=True)
    ],
)
def test_a_planted_error_is_found_and_what_is_right_is_not_accused(violation, n_runs):
    _, wrong, right, worlds = violation
    params = {"n_runs": n_runs, "delta": None}
    with np.errstate(all="raise"):
        found = audit(wrong(random_state=0), worlds(), **params)
        params["n_runs"] = min(n_runs, 300)
        passed = audit(right(random_state=0), worlds(), **params)
    assert found.claimed_epsilon_ == passed.claimed_epsilon_ <= 1
    assert (found.violated_, passed.violated_) == (True, False)


def test_seeds_stay_in_the_forest_and_are_told():
    defect = defects.stored_seeds()
    (X, y), _ = defect.neighbors
    model = defect.mechanism().set_params(random_state=None).fit(X, y)
    leaks = leak_scan(model).set_index("where")
    assert leaks.loc["estimator_.estimators_[0].random_state", "kind"] == "noise_seed"
    # The noise is drawn again: what was kept is what these data give, every time.
    kept = model.estimator_.estimators_[0].tree_.value
    assert np.array_equal(defects.fit_again(model, X, y), kept)


def test_all_classes_get_the_same_noise_from_processes():
    defect = defects.same_noise()
    X, y = defect.neighbors[0]

    def apart(mechanism):
        coef = mechanism(X, y, random_state=0)
        # Column k in the models of the other two classes: what is in it is the noise.
        return max(abs(coef[k - 1, k] - coef[k - 2, k]) for k in range(3))

    assert apart(defect.mechanism()) < 1e-3
    assert apart(defect.sound()) > 0.1


@pytest.mark.parametrize("fit_intercept", [False, True])
def test_linear_regression_spends_more_than_it_books_for_an_intercept(
    fit_intercept, monkeypatch
):
    library = load_diffprivlib()
    spent = []

    class Recorder(library.BudgetAccountant):
        def spend(self, epsilon, delta):
            spent.append(epsilon)
            return super().spend(epsilon, delta)

    place = "diffprivlib.models.linear_regression"
    monkeypatch.setattr(f"{place}.BudgetAccountant", Recorder)
    shares = []
    construct = library.models.linear_regression._construct_regression_obj

    def recorded(*args, epsilon, **kwargs):
        shares.append(epsilon)
        return construct(*args, epsilon=epsilon, **kwargs)

    monkeypatch.setattr(f"{place}._construct_regression_obj", recorded)
    X = np.random.RandomState(0).uniform(size=(20, 3))
    model = library_model(
        "LinearRegression",
        bounds_X=(0, 1),
        bounds_y=(0, 1),
        fit_intercept=fit_intercept,
        random_state=0,
    ).fit(X, X[:, 0])
    assert model.accountant.total()[0] == 1
    # Three columns: a quarter each for their means and for that of the target.
    assert sum(spent) + sum(shares) == pytest.approx(1.25 if fit_intercept else 1.0)


def test_clone_loses_the_account_of_the_library_and_not_ours():
    X, y = np.random.RandomState(0).uniform(size=(60, 2)), np.arange(60) % 2
    account = load_diffprivlib().BudgetAccountant(epsilon=1.0)
    model = library_model("GaussianNB", bounds=(0, 1)).set_params(accountant=account)
    assert len(cross_val_score(model, X, y, cv=5)) == 5
    assert account.total() == (0, 0)
    ledger = PrivacyLedger(epsilon=10.0, delta=1e-4)
    ours = DPGaussianNB(1.0, bounds=(0, 1), classes=[0, 1], ledger=ledger)
    cross_val_score(ours, X, y, cv=5)
    assert ledger.epsilon_spent() > 1


def test_pca_of_the_library_overwrites_what_it_is_given_and_the_wrapper_does_not():
    X = np.random.RandomState(0).uniform(size=(30, 3))
    theirs = library_model("PCA", n_components=1, data_norm=2.0, bounds=(0, 1))
    for pca, changes in ((theirs, True), (DiffprivlibPCA(1, bounds=(0, 1)), False)):
        given = X.copy()
        clone(pca).fit(given)
        assert np.array_equal(given, X) is not changes
